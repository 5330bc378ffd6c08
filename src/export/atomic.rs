//! Whole files or none, with errors for people.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use super::ExportError;
use crate::files::{Previous, write_atomic};

/// Writes `bytes` in place of what is at `path`; makes the folder where it is missing.
///
/// # Errors
/// The folder or the file cannot be written; what was at `path` stays.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    write_with(path, |file| file.write_all(bytes))
}

/// The same for what `write` writes.
///
/// # Errors
/// As [`write`].
pub(super) fn write_with(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), ExportError> {
    write_atomic(path, Previous::Replace, write).map_err(|error| ExportError::writing(path, &error))
}

/// Makes a folder and those above it, where they are missing.
///
/// # Errors
/// It cannot be made.
pub(super) fn create_folder(folder: &Path) -> Result<(), ExportError> {
    let say = |error| ExportError(format!("this folder cannot be made ({error}): {}", folder.display()));
    std::fs::create_dir_all(folder).map_err(say)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_is_said_with_the_path_last() {
        let folder = tempfile::tempdir().unwrap();
        let text = write(folder.path(), b"").unwrap_err().to_string();
        assert!(text.starts_with("this file cannot be written (") && text.ends_with(&folder.path().display().to_string()), "{text}");
    }
}
