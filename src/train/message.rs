//! What goes to a worker and what comes back. Small things only; pictures and weights go through a [`super::Slot`].

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::checkpoint::Checkpoint;
use super::history::History;
use super::keep::{Autosave, States};
use super::story::Story;
use crate::data::{Dataset, LoadProgress};
use crate::device::DeviceChoice;
use crate::measure::doctor::Vitals;
use crate::spec::{Project, TrainSpec};

/// What a worker is told.
#[derive(Debug)]
pub enum Command {
    /// Begins a run, in place of the one there was.
    Start(Box<Start>),
    /// Holds the run before its next step.
    Pause,
    /// Goes on.
    Resume,
    /// One step of the discriminator alone; the run is held afterwards.
    StepD,
    /// One step of the generator alone; the run is held afterwards.
    StepG,
    /// One full step that is [told](Event::Told); the run is held afterwards.
    TellStep,
    /// Ends the run. What it learned stays in its last checkpoint.
    Stop,
    /// Changes what can be changed while running, from the next step on: loss, optimisers, batch, averaging, when to stop.
    Set(Box<TrainSpec>),
    /// Goes back to the newest kept state that is not after `step`; where there is none, to the oldest. The run goes on from there, or is
    /// held as it was. What it goes back from is kept until the run has passed it again.
    GoBack {
        /// Generator steps done.
        step: u64,
        /// With half of both learning rates?
        lower_rates: bool,
    },
    /// Writes a file every so often from now on, or no longer.
    Autosave(Option<Autosave>),
    /// Changes what is shown.
    Show(Show),
    /// Changes how often the run's generator is measured beside training: at most so often, or not at all, as at first.
    Measure(Option<Duration>),
    /// Makes a [`Checkpoint`] and writes it to a project file.
    Save {
        /// The project to write beside the weights: the window may have changed its name since the start.
        project: Box<Project>,
        /// Where to.
        path: PathBuf,
    },
}

/// How a run begins.
#[derive(Debug)]
pub struct Start {
    /// What to train. It has no faults.
    pub project: Project,
    /// On which device.
    pub device: DeviceChoice,
    /// Where to go on from, if not from the beginning. Layers whose weights are not in it, or of another shape, start afresh.
    pub checkpoint: Option<Arc<Checkpoint>>,
    /// The states before it that its file holds, to go back to. A worker that trained up to `checkpoint` has its own.
    pub earlier: States,
    /// The data, where it is loaded already.
    pub dataset: Option<Arc<Dataset>>,
    /// Held before the first step?
    pub paused: bool,
}

/// What a run shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Show {
    /// How many pictures the grid has; for points there are always enough to see the distribution.
    pub pictures: usize,
    /// Made by the averaged generator?
    pub averaged: bool,
}

impl Default for Show {
    fn default() -> Self {
        Self { pictures: 64, averaged: true }
    }
}

/// What a worker says.
#[derive(Clone, Debug)]
pub enum Event {
    /// A start was heard: what follows is about that run.
    Starting,
    /// Data is being loaded.
    Loading(LoadProgress),
    /// The data is there.
    Loaded(Arc<Dataset>),
    /// The device is being made ready. A graphics device is checked, and compiles and tunes its kernels, before the first step.
    Preparing {
        /// The device by name.
        device: String,
        /// How far it is.
        progress: Preparing,
    },
    /// The run begins or goes on.
    Running {
        /// The device it runs on, by name.
        device: String,
    },
    /// What happened since the last such event, a few times a second.
    Progress(Progress),
    /// The run went back to an earlier state, as it was told to.
    WentBack {
        /// From which step.
        from: u64,
        /// To which.
        to: u64,
    },
    /// The run went back to an earlier state and goes on with smaller learning rates: it broke, or was told to.
    Recovered {
        /// From which step.
        from: u64,
        /// To which.
        to: u64,
        /// The settings that it goes on with.
        train: Box<TrainSpec>,
        /// What was wrong, in words.
        reason: String,
    },
    /// The run's vital signs were taken.
    Vitals(Arc<Vitals>),
    /// What happened in a step that was to be told.
    Told(Arc<Story>),
    /// The run is held.
    Paused,
    /// The run is over.
    Finished(Finish),
    /// A project file was written.
    Saved {
        /// Where.
        path: PathBuf,
        /// The generator steps that the file holds.
        step: u64,
    },
    /// A project file could not be written, in words.
    SaveFailed(String),
    /// Something a person should know, in words; the run goes on.
    Warning(String),
    /// The run ended by a fault, in words. The last checkpoint is kept.
    Failed(String),
}

/// How far a device is with getting ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preparing {
    /// What is being done.
    pub task: Task,
    /// Parts that are done, of whatever task.
    pub done: usize,
    /// Parts in all; 0 while that is not known.
    pub total: usize,
}

impl Preparing {
    /// The device is being opened: the beginning.
    pub const OPENING: Self = Self { task: Task::Opening, done: 0, total: 0 };

    /// How much is done, from 0 to 1; nothing while that is not known.
    pub fn share(self) -> Option<f32> {
        (self.total > 0).then(|| self.done as f32 / self.total as f32)
    }
}

impl std::fmt::Display for Preparing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let task = match self.task {
            Task::Opening => "opening the device",
            Task::Checking => "checking its arithmetic",
            Task::Kernels => "preparing kernels",
        };
        write!(f, "{task}")?;
        if self.total > 0 { write!(f, ", part {} of {}", (self.done + 1).min(self.total), self.total) } else { Ok(()) }
    }
}

/// What is done to make a device ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// It is being opened.
    Opening,
    /// It computes a small training step that is compared with the CPU's.
    Checking,
    /// It compiles and tunes kernels for the networks: a part for each layer there and back, and one for the first step.
    Kernels,
}

/// Why a run is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// As many steps or epochs as were asked for.
    Complete,
    /// It was told to.
    Stopped,
}

/// The state of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Generator steps done.
    pub step: u64,
    /// Passes over the training data, as a fraction.
    pub epoch: f64,
    /// Real samples trained on a second, lately.
    pub images_per_s: f64,
    /// Seconds of training, pauses not counted.
    pub elapsed_secs: f64,
    /// The probability with which samples are augmented, where it adapts itself.
    pub augmentation: Option<f32>,
    /// The numbers of every step so far.
    pub history: History,
}
