//! Pictures in a `.zip`. Nothing is ever written to disk; sizes an archive claims are limits, not promises.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use zip::ZipArchive;
use zip::result::ZipError;

use super::album::{Album, MAX_FILE_BYTES, Shelf, too_large};
use super::probe::Kind;
use super::{MAX_FILES, at, idx, names, unreadable};
use crate::data::dataset::DataError;

/// The pictures in an archive.
pub(super) fn album(path: &Path, check: &dyn Fn() -> Result<(), DataError>) -> Result<Album, DataError> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let archive =
        ZipArchive::new(BufReader::new(file)).map_err(|error| at(path, format!("the .zip {}; fetch or make it again", words(&error))))?;
    check()?;
    let mut entries = entries(&archive);
    let is_cut = entries.len() > MAX_FILES;
    entries.truncate(MAX_FILES);
    entries.sort_unstable();
    let (names, indices): (Vec<String>, Vec<usize>) = entries.into_iter().filter(|(name, _)| names::may_be_picture(name)).unzip();
    if names.is_empty() {
        let holds_idx = archive.file_names_raw().any(|raw| idx::is_named_like_images(&String::from_utf8_lossy(raw)));
        return Err(at(path, if holds_idx { IDX_INSIDE } else { NO_PICTURE }));
    }
    let (classes, labels) = names::classes(&names);
    let shelf = Archive { archive: Mutex::new(archive), indices };
    Ok(Album { kind: Kind::Zip, names, classes, labels, shelf: Box::new(shelf), is_cut })
}

const IDX_INSIDE: &str = "the .zip holds IDX files, which are read from a folder; unpack it and open the folder";
const NO_PICTURE: &str = "there is no picture (PNG, JPEG, BMP, GIF or WebP) in this .zip; choose another";

/// Names and indices of the files in an archive, except hidden ones; parts of names are separated by `/`.
fn entries(archive: &ZipArchive<BufReader<File>>) -> Vec<(String, usize)> {
    let raw_names = archive.file_names_raw();
    let names = archive.file_names().zip(raw_names).map(|(name, raw)| match name {
        Ok(name) => name.replace('\\', "/"),
        Err(_) => String::from_utf8_lossy(raw).replace('\\', "/"),
    });
    let files = names.zip(0..).filter(|(name, _)| !name.ends_with('/') && !name.split('/').any(names::is_hidden));
    files.collect()
}

struct Archive {
    /// Unpacking takes turns: it is quick beside decoding, which does not.
    archive: Mutex<ZipArchive<BufReader<File>>>,
    /// Where each picture stands in the archive.
    indices: Vec<usize>,
}

impl Shelf for Archive {
    fn read(&self, index: usize) -> Result<Vec<u8>, String> {
        let &index = self.indices.get(index).ok_or("it is not in the .zip")?;
        let mut archive = self.archive.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = archive.by_index(index).map_err(|error| format!("it {}", words(&error)))?;
        if entry.size() > MAX_FILE_BYTES {
            return Err(too_large(entry.size()));
        }
        let mut bytes = Vec::new();
        // One byte more than allowed tells a file that is larger than it claims.
        entry.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| format!("it cannot be unpacked ({error})"))?;
        if bytes.len() as u64 > MAX_FILE_BYTES { Err(too_large(bytes.len() as u64)) } else { Ok(bytes) }
    }
}

/// What is wrong with an archive or a file in it, as the end of a sentence.
fn words(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => "is encrypted".to_owned(),
        ZipError::UnsupportedArchive(reason) => format!("is of a kind that cannot be read ({reason})"),
        ZipError::CompressionMethodNotSupported(method) => format!("is compressed in a way that cannot be read (method {method})"),
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => format!("cannot be read ({error})"),
        _ => "is damaged or incomplete".to_owned(),
    }
}
