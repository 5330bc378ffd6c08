//! Sources in files: MNIST's IDX, folders of pictures, `.zip` archives, single pictures.
//!
//! What a path is follows from its content, never from its ending alone. Nothing a file claims is believed before it is checked
//! against what the file holds, and no allocation follows a claim.

mod album;
mod archive;
mod fit;
mod folder;
mod idx;
mod idx_load;
mod names;
mod picture;
mod probe;
mod resample;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

pub use probe::{Kind, Probe, probe, spec_for_path};

use super::dataset::{DataError, Dataset};
use super::monitor::Monitor;
use crate::spec::DataSpec;
use album::Album;
use idx::IdxFile;

/// So many files of a folder or archive are looked at; what comes after is left out, and said.
const MAX_FILES: usize = 1_000_000;

/// Loads the samples of a path.
pub(super) fn load(path: &Path, spec: &DataSpec, seed: u64, monitor: &mut Monitor) -> Result<Dataset, DataError> {
    match open(path, &|| monitor.check())? {
        Opened::Idx(files) => idx_load::load(files, spec, seed, monitor),
        Opened::Album(album) => album.load(path, spec, seed, monitor),
    }
}

/// What a path turned out to be.
enum Opened {
    Idx(Vec<IdxFile>),
    Album(Album),
}

/// Finds out what a path is and what it holds, without decoding a picture. `check` is called often and may end it.
fn open(path: &Path, check: &dyn Fn() -> Result<(), DataError>) -> Result<Opened, DataError> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if metadata.is_dir() {
        let files = folder::files(path, check)?;
        let images: Vec<PathBuf> = idx::image_files(&files.names).map(|name| path.join(name)).collect();
        return if images.is_empty() { folder::album(path, files).map(Opened::Album) } else { open_idx(&images) };
    }
    let start = beginning(path).map_err(|error| unreadable(path, &error))?;
    match start.as_slice() {
        [] => Err(at(path, "the file is empty; choose another")),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => archive::album(path, check).map(Opened::Album),
        [0x1f, 0x8b, ..] | [0, 0, _, 1..=8, ..] => open_idx(&[path.to_owned()]),
        _ if picture::is_known(&start) => Ok(Opened::Album(folder::single(path))),
        _ if idx::is_named_like_idx(&file_name(path)) => {
            Err(at(path, "the file does not begin as an IDX file does; it may be damaged: fetch it again"))
        }
        _ => Err(at(path, "the file is no picture (PNG, JPEG, BMP, GIF or WebP), no .zip and no IDX file; choose another")),
    }
}

fn open_idx(paths: &[PathBuf]) -> Result<Opened, DataError> {
    paths.iter().map(|path| IdxFile::open(path)).collect::<Result<_, _>>().map(Opened::Idx)
}

/// The first bytes of a file, as many as tell what it is.
fn beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(path)?.take(32).read_to_end(&mut start)?;
    Ok(start)
}

/// The last part of a path.
fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A sentence about a path, which comes last.
fn at(path: &Path, sentence: impl AsRef<str>) -> DataError {
    DataError(format!("{}: {}", sentence.as_ref(), path.display()))
}

/// Why a file cannot be read, in words.
fn io_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder; it may have been moved or renamed".to_owned(),
        io::ErrorKind::PermissionDenied => "it may not be read by you; change its permissions or choose another".to_owned(),
        _ => format!("it cannot be read ({error})"),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> DataError {
    at(path, io_words(error))
}

/// `count` of `total` indices, evenly spread and in order, so that every class keeps its share when only a part fits.
fn evenly(total: usize, count: usize) -> Vec<usize> {
    let count = count.min(total);
    (0..count).map(|index| (index as u128 * total as u128 / count as u128) as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_evenly_spread() {
        assert_eq!(evenly(10, 5), [0, 2, 4, 6, 8]);
        assert_eq!(evenly(10, 3), [0, 3, 6]);
        assert_eq!(evenly(3, 9), [0, 1, 2]);
        assert!(evenly(0, 9).is_empty());
        assert_eq!(evenly(usize::MAX, 2), [0, usize::MAX / 2]);
    }
}
