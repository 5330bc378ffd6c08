//! The `.ganvas` file: one file that holds the project and, once trained, everything to go on from.
//!
//! It is a ZIP archive, so that its parts can be looked at with any tool and damage is noticed by their checksums:
//!
//! | entry | what |
//! |---|---|
//! | `project.json` | the project as it was edited last |
//! | `run.json` | counters of the run, and the project as it was trained |
//! | `weights.safetensors` | weights, running statistics, averaged weights, optimiser state |
//! | `history.csv` | the numbers of every step |
//! | `quality.json` | once measured: the numbers of each time, and what the generator at its best was trained as |
//! | `best.safetensors` | its weights and running statistics, averaged where the run averages |
//! | `reel.safetensors` | what the generator made of the same latent vectors at so many steps: `steps`, `seconds`, and `pictures` or `points` |

mod copies;
mod quality;
mod read;
mod reel;
mod upgrade;
mod write;

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use copies::{Found, RecoveryCopy, find_copies};

use crate::files::Previous;
use crate::spec::{Project, Stop};
use crate::train::Checkpoint;

/// What a project file holds.
#[derive(Clone, Debug)]
pub struct ProjectFile {
    /// What to train.
    pub project: Project,
    /// What was learned so far.
    pub checkpoint: Option<Arc<Checkpoint>>,
}

/// What is told of a project file without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// The project's name.
    pub name: String,
    /// Generator steps done, where it was trained.
    pub step: Option<u64>,
}

/// Why a file cannot be read or written: what happened, and what to do; the path last.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FileError(pub String);

const PROJECT: &str = "project.json";
const RUN: &str = "run.json";
const WEIGHTS: &str = "weights.safetensors";
const HISTORY: &str = "history.csv";
const QUALITY: &str = "quality.json";
const BEST: &str = "best.safetensors";
const REEL: &str = "reel.safetensors";

/// What `run.json` holds.
#[derive(Debug, Serialize, Deserialize)]
struct RunState {
    project: Project,
    g_steps: u64,
    d_steps: u64,
    g_optimiser_steps: u64,
    d_optimiser_steps: u64,
    samples_seen: u64,
    elapsed_secs: f64,
    #[serde(default)]
    passed: Option<Stop>,
}

impl ProjectFile {
    /// Reads a project file. Nothing is changed by trying.
    ///
    /// # Errors
    /// The file is missing, damaged, newer than this program or no project at all; a sentence says which.
    pub fn load(path: &Path) -> Result<Self, FileError> {
        read::load(path).map_err(|message| FileError(format!("{message}: {}", path.display())))
    }

    /// Which project a file holds.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn glance(path: &Path) -> Result<Glance, FileError> {
        read::glance(path).map_err(|message| FileError(format!("{message}: {}", path.display())))
    }

    /// Writes the file: to a temporary one beside it, synced and renamed, the previous one kept as `.bak`.
    ///
    /// # Errors
    /// The file cannot be written; what was there stays.
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        self.save_with(path, Previous::KeepAsBackup)
    }

    /// The same, and keeps nothing of what was there.
    ///
    /// # Errors
    /// As [`Self::save`].
    pub fn save_over(&self, path: &Path) -> Result<(), FileError> {
        self.save_with(path, Previous::Replace)
    }

    fn save_with(&self, path: &Path, previous: Previous) -> Result<(), FileError> {
        let say = |error| FileError(format!("the project could not be saved ({error}): {}", path.display()));
        write::save(self, path, previous).map_err(say)
    }
}
