//! The `.ganvas` file: one file that holds the project and, once trained, everything to go on from.
//!
//! It is a ZIP archive, so that its parts can be looked at with any tool and damage is noticed by their checksums:
//!
//! | entry | what |
//! |---|---|
//! | `project.json` | the project as it was edited last |
//! | `run.json` | counters of the run, and the project as it was trained |
//! | `weights.safetensors` | weights, running statistics, averaged weights, optimiser state; the samples that vital signs go on from |
//! | `history.csv` | the numbers of every step |
//! | `signs.json` | the vital signs that the doctor goes by |
//! | `quality.json` | once measured: the numbers of each time, and what the generator at its best was trained as |
//! | `best.safetensors` | its weights and running statistics, averaged where the run averages |
//! | `states.json` | earlier states of the run, to go back to: as `run.json`, one for each |
//! | `states/<step>.safetensors` | what each of them weighs: as `weights.safetensors` |
//! | `reel.safetensors` | what the generator made of the same latent vectors at so many steps: `steps`, `seconds`, and `pictures` or `points` |

mod copies;
mod quality;
mod read;
mod reel;
mod signs;
mod states;
mod upgrade;
mod write;

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use copies::{Found, RecoveryCopy, find_copies};

use crate::files::Previous;
use crate::spec::{Project, Stop};
use crate::train::{Checkpoint, Recovery, States, states_for_file};

/// What a project file holds.
#[derive(Clone, Debug)]
pub struct ProjectFile {
    /// What to train.
    pub project: Project,
    /// What was learned so far.
    pub checkpoint: Option<Arc<Checkpoint>>,
    /// Earlier states of the same run, oldest first, that can be gone back to.
    pub earlier: States,
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
const SIGNS: &str = "signs.json";
const STATES: &str = "states.json";

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
    #[serde(default)]
    recovery: Recovery,
}

impl From<Project> for ProjectFile {
    /// A project that was not trained yet.
    fn from(project: Project) -> Self {
        Self { project, checkpoint: None, earlier: States::new() }
    }
}

impl ProjectFile {
    /// A project and what was learned, without anything to go back to.
    pub fn trained(project: Project, checkpoint: Arc<Checkpoint>) -> Self {
        Self { project, checkpoint: Some(checkpoint), earlier: States::new() }
    }

    /// What is known of a run: of its states as many as a file has room for, and the best.
    pub fn of_run(
        project: Project,
        checkpoint: Option<Arc<Checkpoint>>,
        states: &[Arc<Checkpoint>],
        best: Option<&Arc<Checkpoint>>,
    ) -> Self {
        let earlier = checkpoint.as_deref().map(|newest| states_for_file(newest, states, best)).unwrap_or_default();
        Self { project, checkpoint, earlier }
    }

    /// Reads a project file. Nothing is changed by trying.
    ///
    /// # Errors
    /// The file is missing, damaged, newer than this program or no project at all; a sentence says which.
    pub fn load(path: &Path) -> Result<Self, FileError> {
        read::load(path).map_err(|message| FileError(format!("{message}: {}", path.display())))
    }

    /// The same without [`Self::earlier`]: enough to look at what was learned.
    ///
    /// # Errors
    /// As [`Self::load`]; damage to an earlier state is not noticed.
    pub fn load_newest(path: &Path) -> Result<Self, FileError> {
        read::load_newest(path).map_err(|message| FileError(format!("{message}: {}", path.display())))
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
