//! The `.ganvas` file: one file that holds the project and, once trained, everything to go on from.

use std::path::Path;
use std::sync::Arc;

use crate::spec::Project;
use crate::train::Checkpoint;

/// What a project file holds.
#[derive(Clone, Debug)]
pub struct ProjectFile {
    /// What to train.
    pub project: Project,
    /// What was learned so far.
    pub checkpoint: Option<Arc<Checkpoint>>,
}

/// Why a file cannot be read or written: what happened, and what to do; the path last.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct FileError(pub String);

impl ProjectFile {
    /// Reads a project file. Nothing is changed by trying.
    ///
    /// # Errors
    /// The file is missing, damaged, newer than this program or no project at all; a sentence says which.
    pub fn load(path: &Path) -> Result<Self, FileError> {
        let _ = path;
        todo!()
    }

    /// Writes the file: to a temporary one beside it, synced and renamed, the previous one kept as `.bak`.
    ///
    /// # Errors
    /// The file cannot be written; what was there stays.
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        let _ = path;
        todo!()
    }
}
