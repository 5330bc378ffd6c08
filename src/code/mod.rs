//! Reads the source of a GAN in Keras or PyTorch: the two networks, their optimisers and loss, as a project.
//!
//! The text is parsed ([`python`]) and followed without being run ([`eval`]): what it makes are paths of calls, which a table turns into
//! layers ([`layers`]). [`networks`] finds the generator and the discriminator among them, [`training`] the rest. Nothing is dropped in
//! silence: what cannot be read is a [`Layer::Gap`] in its stack, or a [`Remark`]. [`mod@write`] goes the other way.

mod data;
mod document;
mod eval;
mod file;
mod layers;
mod networks;
mod python;
mod read;
pub mod state;
#[cfg(test)]
mod tests;
mod training;
pub mod write;

use std::fmt;
use std::path::Path;

use crate::spec::{Layer, LayerId, Project, Role};

pub use document::MAX_BYTES;
pub use file::{ENDINGS, FileError, Source, is_source, looks_like_code, read_file};
pub use read::read;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A script.
    Python,
    /// A text with fenced blocks of code.
    Markdown,
    /// A Jupyter notebook.
    Notebook,
    /// Anything else, such as what was pasted: fenced blocks where there are any, else all of it.
    Text,
}

impl Format {
    /// By the ending of a path.
    pub fn of(path: &Path) -> Self {
        match path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).as_deref() {
            Some("py" | "pyw") => Self::Python,
            Some("md" | "markdown" | "mdx" | "rmd" | "qmd") => Self::Markdown,
            Some("ipynb") => Self::Notebook,
            _ => Self::Text,
        }
    }
}

/// The library that a script is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    /// Keras, by itself or as a part of TensorFlow.
    Keras,
    /// PyTorch.
    PyTorch,
}

impl Framework {
    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keras => "Keras",
            Self::PyTorch => "PyTorch",
        }
    }
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The cell of a notebook, counted from 1.
    pub cell: Option<usize>,
    /// The line, counted from 1; in a notebook, within the cell. 0 stands for the text as a whole.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cell {
            _ if self.line == 0 => write!(f, "the script"),
            Some(cell) => write!(f, "cell {cell}, line {}", self.line),
            None => write!(f, "line {}", self.line),
        }
    }
}

/// Where a layer was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Which stack.
    pub role: Role,
    /// Which layer.
    pub id: LayerId,
    /// Where it stands in the text.
    pub place: Place,
}

/// Something about a text that a person should know: what cannot be read or is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Where.
    pub place: Place,
    /// The code or the setting it is about.
    pub what: String,
    /// What is said of it, in words.
    pub why: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.what, self.why)
    }
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Import {
    /// The project. It may have faults, where the text has.
    pub project: Project,
    /// Where each layer was read from, the generator's first.
    pub origins: Vec<Origin>,
    /// In the order of the text.
    pub remarks: Vec<Remark>,
    /// The library it is written for.
    pub framework: Framework,
}

impl Import {
    /// Where a layer was read from.
    pub fn place(&self, role: Role, id: LayerId) -> Option<Place> {
        self.origins.iter().find(|origin| origin.role == role && origin.id == id).map(|origin| origin.place)
    }

    /// What could not be read and stands in the stacks as a gap: the code, the place, and why.
    pub fn gaps(&self) -> Vec<Remark> {
        let mut gaps = Vec::new();
        for role in Role::BOTH {
            for layer in &self.project.stack(role).layers {
                if let Layer::Gap { source, line, reason } = &layer.layer {
                    let place = self.place(role, layer.id).unwrap_or(Place { cell: None, line: *line });
                    gaps.push(Remark { place, what: source.clone(), why: reason.clone() });
                }
            }
        }
        gaps
    }
}

/// Why nothing could be read, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// More than a person writes.
    #[error("the text is too large to be the source of a network")]
    TooLarge,
    /// A text without code.
    #[error("there is no Python code in it")]
    NoBlocks,
    /// Not what its name says.
    #[error("this is no Jupyter notebook")]
    NoNotebook,
    /// Code without networks; what might be the reason follows.
    #[error("no network of Keras or PyTorch is in it{0}")]
    NoNetwork(String),
    /// The program itself is at fault.
    #[error("reading it failed because of a fault in the program itself")]
    Fault,
}
