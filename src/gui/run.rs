//! The window's side of a run: it listens to the worker and remembers what it said.

use std::sync::Arc;

use crate::data::{Dataset, LoadProgress};
use crate::train::{Checkpoint, Event, Finish, History, Progress, Show, Snapshot};

/// What a run is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    /// There is none.
    #[default]
    Idle,
    /// Its data is being loaded.
    Loading(LoadProgress),
    /// The device of this name is being opened, checked and prepared.
    Preparing(String),
    /// It trains.
    Running,
    /// It is held.
    Paused,
    /// It is over.
    Finished(Finish),
    /// It ended by a fault, in words.
    Failed(String),
}

impl Phase {
    /// Does a worker work on it?
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Loading(_) | Self::Preparing(_) | Self::Running)
    }

    /// Is there a run that can be held, or go on?
    pub fn is_live(&self) -> bool {
        self.is_busy() || *self == Self::Paused
    }
}

/// All the window knows about its run. Panels read it.
#[derive(Debug, Default)]
pub struct Run {
    /// What it is doing.
    pub phase: Phase,
    /// The device it runs on, by name.
    pub device: Option<String>,
    /// Step, epoch, speed; its records are in `history`.
    pub progress: Progress,
    /// The numbers of every step.
    pub history: History,
    /// The data, once loaded.
    pub dataset: Option<Arc<Dataset>>,
    /// The newest samples and generator.
    pub snapshot: Option<Arc<Snapshot>>,
    /// From where the run can go on: set when a project was opened, paused, stopped or failed.
    pub checkpoint: Option<Arc<Checkpoint>>,
    /// What is shown.
    pub show: Show,
}

impl Run {
    /// Takes in what the worker said, as far as it belongs here.
    pub fn hear(&mut self, event: &Event) {
        match event {
            Event::Loading(progress) => self.phase = Phase::Loading(*progress),
            Event::Loaded(dataset) => self.dataset = Some(Arc::clone(dataset)),
            Event::Preparing { device } => self.phase = Phase::Preparing(device.clone()),
            Event::Running { device } => {
                self.device = Some(device.clone());
                self.phase = Phase::Running;
            }
            Event::Progress(progress) => {
                self.history.extend(progress.records.iter().copied());
                self.progress = Progress { records: Vec::new(), ..progress.clone() };
            }
            Event::Paused => self.phase = Phase::Paused,
            Event::Finished(finish) => self.phase = Phase::Finished(*finish),
            Event::Failed(reason) => self.phase = Phase::Failed(reason.clone()),
            Event::Saved(_) | Event::SaveFailed(_) | Event::Warning(_) => {}
        }
    }
}
