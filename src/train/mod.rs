//! Training: losses, optimisers, one step at a time, and the worker thread that runs it.

mod assess;
#[cfg(test)]
mod assess_tests;
mod augment;
mod bench;
mod checkpoint;
mod feed;
mod history;
mod keep;
mod landmarks;
mod losses;
mod message;
mod optimiser;
mod penalties;
#[cfg(test)]
mod penalty_tests;
#[cfg(test)]
mod preparation_tests;
mod reel;
#[cfg(test)]
mod reel_tests;
mod rehearsal;
#[cfg(test)]
mod restart_tests;
#[cfg(test)]
mod resume_tests;
mod self_check;
mod session;
#[cfg(test)]
mod settings_tests;
mod snapshot;
mod stage;
mod story;
pub mod telling;
mod trainer;
mod vitals;
mod worker;

pub use assess::{Assessed, Assessing};
pub use bench::{BenchReport, measure};
pub use checkpoint::Checkpoint;
pub use history::{CsvError, Extent, History, Metric, Place, Sample, StepRecord, Stretch};
pub use keep::{Autosave, Recovery, SaveTarget, States, states_for_file};
pub use landmarks::{Equilibrium, Landmark, landmarks};
pub use message::{Command, Event, Finish, Preparing, Progress, Show, Start, Task};
pub use optimiser::OptimiserState;
pub use reel::{FRAMES_BUDGET, Frame, LARGEST_REEL, MOST_FRAMES, POINTS_IN_FRAME, Reel, Still, latent_differences, pictures_in_frame};
pub use rehearsal::Unready;
pub use self_check::{TOLERANCE, check as self_check};
pub use session::{Session, SessionError};
pub use snapshot::{HeatMap, Pictures, Samples, Slot, Snapshot};
pub use stage::{SHOWN_POINTS, Stage};
pub use story::{LayerLesson, Lesson, Scores, Story};
pub use trainer::{StepNumbers, Trainer, TrainerError};
pub use vitals::{EVERY as SIGNS_EVERY, Signs};
pub use worker::{Worker, panic_text};
