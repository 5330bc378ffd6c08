//! Source code from a file.

use std::fs;
use std::path::{Path, PathBuf};

use super::document::notebook_listing;
use super::{CodeError, Format, Import, MAX_BYTES, read};
use crate::spec::{Edit, EditError};

/// Why no project could be read from a file: in one sentence, with the path.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not there.
    #[error("there is no such file: {}", .0.display())]
    Missing(PathBuf),
    /// It is a folder.
    #[error("this is a folder; name the file that holds the networks: {}", .0.display())]
    Folder(PathBuf),
    /// The system does not let it be read.
    #[error("the file cannot be read ({}): {}", .1, .0.display())]
    Unreadable(PathBuf, std::io::Error),
    /// It holds something else than text.
    #[error("this is not a text file: {}", .0.display())]
    NoText(PathBuf),
    /// There is no network in the text.
    #[error("{}: {}", .1, .0.display())]
    Code(PathBuf, CodeError),
    /// The project does not take its name.
    #[error("{0}")]
    Name(#[from] EditError),
}

/// A text that holds source code, to be shown beside what is read of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The text. Of a notebook, the code of its cells.
    pub text: String,
    /// What it is.
    pub format: Format,
    /// The name of its file, where it has one.
    pub name: Option<String>,
}

impl Source {
    /// What was pasted or is going to be typed.
    pub fn pasted(text: impl Into<String>) -> Self {
        Self { text: text.into(), format: Format::Text, name: None }
    }

    /// What a file holds.
    ///
    /// # Errors
    /// The file cannot be read, is too large, is no text or no notebook.
    pub fn from_file(path: &Path) -> Result<Self, FileError> {
        let text = read_text(path)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        match Format::of(path) {
            Format::Notebook => {
                let text = notebook_listing(&text).map_err(|error| FileError::Code(path.to_owned(), error))?;
                Ok(Self { text, format: Format::Python, name })
            }
            format => Ok(Self { text, format, name }),
        }
    }

    /// Reads it; the project is named after the file.
    ///
    /// # Errors
    /// There is no code, or no network in it.
    pub fn read(&self) -> Result<Import, CodeError> {
        let mut import = read(&self.text, self.format)?;
        if let Some(stem) = self.name.as_ref().and_then(|name| Path::new(name).file_stem()) {
            import.project.name = stem.to_string_lossy().into_owned();
        }
        Ok(import)
    }
}

/// Does a text look like the code of networks?
pub fn looks_like_code(text: &str) -> bool {
    text.lines().nth(1).is_some()
        && ["nn.", "keras", "layers.", "Sequential(", "model.add(", "Dense("].iter().any(|sign| text.contains(sign))
}

/// The endings of files that hold source code, of which some are texts of other kinds as well.
pub const ENDINGS: [&str; 9] = ["py", "pyw", "ipynb", "md", "markdown", "mdx", "rmd", "qmd", "txt"];

/// Is this the path of source code, by its name?
pub fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Reads a GAN written in Keras or PyTorch; the project is named after the file.
///
/// # Errors
/// The file cannot be read, is too large or no text, or there is no network in it.
pub fn read_file(path: &Path) -> Result<Import, FileError> {
    let text = read_text(path)?;
    let mut import = read(&text, Format::of(path)).map_err(|error| FileError::Code(path.to_owned(), error))?;
    let name = path.file_stem().map_or_else(|| "imported".to_owned(), |stem| stem.to_string_lossy().into_owned());
    Edit::SetName(name).apply(&mut import.project)?;
    Ok(import)
}

fn read_text(path: &Path) -> Result<String, FileError> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => FileError::Missing(path.to_owned()),
        _ => FileError::Unreadable(path.to_owned(), error),
    };
    let size = fs::metadata(path).map_err(unreadable)?;
    if size.is_dir() {
        return Err(FileError::Folder(path.to_owned()));
    }
    if size.len() > MAX_BYTES as u64 {
        return Err(FileError::Code(path.to_owned(), CodeError::TooLarge));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let is_text = !bytes.contains(&0);
    String::from_utf8(bytes).ok().filter(|_| is_text).ok_or_else(|| FileError::NoText(path.to_owned()))
}
