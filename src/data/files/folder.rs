//! Pictures in a folder, or one by itself.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::album::{Album, MAX_FILE_BYTES, Shelf, too_large};
use super::probe::Kind;
use super::{MAX_FILES, at, file_name, io_words, names, unreadable};
use crate::data::dataset::DataError;

/// What a folder holds.
pub(super) struct Files {
    /// Paths within the folder, parts separated by `/`, sorted.
    pub(super) names: Vec<String>,
    /// Are there more than could be looked at?
    pub(super) is_cut: bool,
}

/// All files in a folder and the folders in it, except hidden ones. Links to folders are not followed: they may lead round in circles.
pub(super) fn files(root: &Path, check: &dyn Fn() -> Result<(), DataError>) -> Result<Files, DataError> {
    let mut names = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        check()?;
        let path = root.join(&folder);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if folder.is_empty() => return Err(unreadable(&path, &error)),
            // A folder inside that may not be read takes nothing from the others.
            Err(error) => {
                log::warn!("a folder was left out, {}: {}", io_words(&error), path.display());
                continue;
            }
        };
        for entry in entries.flatten() {
            let file_name = entry.file_name().to_string_lossy().into_owned();
            if names::is_hidden(&file_name) {
                continue;
            }
            let name = format!("{folder}{file_name}");
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(name + "/"),
                Ok(kind) if kind.is_file() || (kind.is_symlink() && entry.path().is_file()) => names.push(name),
                _ => {}
            }
            if names.len() >= MAX_FILES {
                names.sort_unstable();
                return Ok(Files { names, is_cut: true });
            }
        }
    }
    names.sort_unstable();
    Ok(Files { names, is_cut: false })
}

/// The pictures among `files`.
pub(super) fn album(root: &Path, files: Files) -> Result<Album, DataError> {
    let names: Vec<String> = files.names.into_iter().filter(|name| names::may_be_picture(name)).collect();
    if names.is_empty() {
        return Err(at(root, "there is no picture (PNG, JPEG, BMP, GIF or WebP) in this folder; choose another"));
    }
    let (classes, labels) = names::classes(&names);
    let shelf = Folder { paths: names.iter().map(|name| root.join(name)).collect() };
    Ok(Album { kind: Kind::Folder, names, classes, labels, shelf: Box::new(shelf), is_cut: files.is_cut })
}

/// An album of one picture.
pub(super) fn single(path: &Path) -> Album {
    let name = file_name(path);
    let shelf = Folder { paths: vec![path.to_owned()] };
    Album { kind: Kind::Picture, names: vec![name], classes: Vec::new(), labels: None, shelf: Box::new(shelf), is_cut: false }
}

struct Folder {
    paths: Vec<PathBuf>,
}

impl Shelf for Folder {
    fn read(&self, index: usize) -> Result<Vec<u8>, String> {
        let path = self.paths.get(index).ok_or("it is not in the folder")?;
        let file = File::open(path).map_err(|error| io_words(&error))?;
        let len = file.metadata().map_or(0, |metadata| metadata.len());
        if len > MAX_FILE_BYTES {
            return Err(too_large(len));
        }
        let mut bytes = Vec::with_capacity(len as usize);
        file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(|error| io_words(&error))?;
        Ok(bytes)
    }
}
