//! Source code as a project, for the commands that take it.

use std::fs;
use std::path::Path;

use super::error::Failure;
use crate::code::{self, Format, Import};
use crate::spec::Edit;

/// Reads a GAN written in Keras or PyTorch; the project is named after the file.
///
/// # Errors
/// The file cannot be opened, is too large or no text, or there is no network in it.
pub(super) fn read(path: &Path) -> Result<Import, Failure> {
    let text = read_text(path)?;
    let failed = |error: code::CodeError| Failure::failed(format!("{error}: {}", path.display()));
    let mut import = code::read(&text, Format::of(path)).map_err(failed)?;
    let name = path.file_stem().map_or_else(|| "imported".to_owned(), |stem| stem.to_string_lossy().into_owned());
    Edit::SetName(name).apply(&mut import.project)?;
    Ok(import)
}

/// The text of a file.
///
/// # Errors
/// It cannot be opened, is too large, or no text.
fn read_text(path: &Path) -> Result<String, Failure> {
    let failed = |why: &str| Failure::failed(format!("{why}: {}", path.display()));
    let size = fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => failed("there is no such file"),
        _ => failed(&format!("the file cannot be opened ({error})")),
    })?;
    if size.is_dir() {
        return Err(failed("this is a folder; name the file that holds the networks"));
    }
    if size.len() > code::MAX_BYTES as u64 {
        return Err(failed(&code::CodeError::TooLarge.to_string()));
    }
    let bytes = fs::read(path).map_err(|error| failed(&format!("the file cannot be read ({error})")))?;
    let is_text = !bytes.contains(&0);
    String::from_utf8(bytes).ok().filter(|_| is_text).ok_or_else(|| failed("this is not a text file"))
}
