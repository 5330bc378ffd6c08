//! Writes a project as source that runs by itself: both networks and what trains them, in PyTorch, Keras or Burn.
//!
//! A network becomes a [`Listing`], one [`Entry`] for each module of the library: [`torch`], [`keras`] and [`burn`] hold the tables from
//! layers to source. [`weights`] gives the numbers of a trained network the names and the order that the written modules have. What every
//! script writes anew (self-attention, residual blocks) stands as source beside the tables and is written only where it is used.

mod burn;
mod entry;
mod keras;
mod parts;
mod python;
mod script;
#[cfg(test)]
mod tests;
mod torch;
pub mod weights;

use crate::spec::{Fault, Layer, Project, Role};

pub use entry::{Entry, Holder, Listing, Transform};

/// What a project is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python with PyTorch.
    PyTorch,
    /// Python with Keras 3.
    Keras,
    /// Rust with Burn.
    Burn,
}

impl Language {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::PyTorch, Self::Keras, Self::Burn];

    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PyTorch => "PyTorch",
            Self::Keras => "Keras",
            Self::Burn => "Burn",
        }
    }
}

/// One file of what is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it belongs in the folder, with `/` between: `src/main.rs`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// What a script of Python is called.
const SCRIPT: &str = "gan.py";

/// Why a project cannot be written, in one sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WriteError(pub String);

/// The source of a project, ready to run: one script of Python, or a package of Rust.
///
/// # Errors
/// The project has a fault, or a layer that the language cannot say.
pub fn write(project: &Project, language: Language) -> Result<Vec<SourceFile>, WriteError> {
    check(project)?;
    let script = |text| vec![SourceFile { path: SCRIPT.to_owned(), text }];
    match language {
        Language::PyTorch => torch::write(project).map(script),
        Language::Keras => keras::write(project).map(script),
        Language::Burn => burn::write(project),
    }
}

/// The modules of one network.
///
/// # Errors
/// As [`write()`].
pub fn listing(project: &Project, role: Role, language: Language) -> Result<Listing, WriteError> {
    check(project)?;
    match language {
        Language::PyTorch => torch::listing(project, role),
        Language::Keras => keras::listing(project, role),
        Language::Burn => burn::listing(project, role),
    }
}

fn check(project: &Project) -> Result<(), WriteError> {
    let is_gap = |layer: &Layer| matches!(layer, Layer::Gap { .. });
    match project.faults().first() {
        Some(fault) => Err(WriteError(sentence(fault))),
        None if Role::BOTH.into_iter().any(|role| project.stack(role).active().any(|entry| is_gap(&entry.layer))) => {
            Err(WriteError("a line of code that was not read cannot be written: remove it".to_owned()))
        }
        None => Ok(()),
    }
}

fn sentence(fault: &Fault) -> String {
    format!("what cannot be trained cannot be written: {fault}")
}
