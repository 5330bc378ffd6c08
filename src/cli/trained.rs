//! A project that was trained, for commands that look at what was learned.

use std::path::Path;
use std::sync::Arc;

use super::error::Failure;
use crate::project::ProjectFile;
use crate::spec::Project;
use crate::train::Checkpoint;

/// Which of what was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// The newest state.
    Newest,
    /// The same with its generator as it was measured to be at its best.
    Best,
}

impl Which {
    /// What `--best` stands for.
    pub fn best(flag: bool) -> Self {
        if flag { Self::Best } else { Self::Newest }
    }
}

/// A project as it was edited last, and what was learned in it.
///
/// # Errors
/// The file cannot be read, or it was never trained.
pub(super) fn trained_project(file: &Path) -> Result<(Project, Arc<Checkpoint>), Failure> {
    let ProjectFile { project, checkpoint, .. } = ProjectFile::load_newest(file)?;
    let newest = checkpoint.ok_or_else(|| {
        let file = file.display();
        Failure::failed(format!("this project has not been trained yet; train it with `ganvas train`: {file}"))
    })?;
    Ok((project, newest))
}

/// What was learned in a project.
///
/// # Errors
/// As [`trained_project`]; or it was never measured, and its best is wanted.
pub(super) fn trained(file: &Path, which: Which) -> Result<Arc<Checkpoint>, Failure> {
    let (_, newest) = trained_project(file)?;
    match which {
        Which::Newest => Ok(newest),
        Which::Best => at_best(&newest, file),
    }
}

/// What was learned in a file, with its generator as it was measured to be at its best, and what was known of the run then.
///
/// # Errors
/// It was never measured.
pub(super) fn at_best(newest: &Checkpoint, file: &Path) -> Result<Arc<Checkpoint>, Failure> {
    newest.at_best().map(Arc::new).ok_or_else(|| {
        let file = file.display();
        Failure::failed(format!(
            "this project was not measured while it trained, so that no best is known; `ganvas train --measure` does: {file}"
        ))
    })
}
