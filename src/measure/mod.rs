//! How good the generated samples are, measured beside what real samples would reach.
//!
//! For points of a known mixture: how many of its modes are found, how many samples are near one, how evenly ([`ModeReport`]). For pictures: distances
//! between generated and real ones over the features of a small classifier that is trained here on the data's own classes, over the
//! pictures' Laplacian pyramids, and to the nearest picture of the training data ([`PictureReport`]). Every distance between two sets
//! depends on their sizes and on the features; each stands beside its floor, the same number for real samples that the classifier was
//! not trained on ([`Floor`]).

mod classifier;
mod copies;
pub mod doctor;
mod features;
mod frechet;
mod judge;
mod kernel;
mod modes;
mod neighbours;
mod pace;
mod parts;
mod quality;
mod real;
mod report;
mod series;
mod sliced;
mod words;

pub use classifier::{Classifier, ClassifierError, Tested};
pub use copies::{Pair, Search, Training};
pub use features::Features;
pub use frechet::frechet_distance;
pub use judge::{Examined, Judge, JudgeError, Scope};
pub use kernel::kernel_distance;
pub use modes::ModeReport;
pub use neighbours::{Coverage, Neighbour, coverage, nearest};
pub use pace::{Pace, Share};
pub use parts::{Floor, Parts};
pub use quality::{Best, Quality};
pub use report::{Measure, Measures, PictureReport, Report};
#[cfg(test)]
pub(crate) use series::tests::largest as largest_assessment;
pub use series::{Assessment, Series};
pub(crate) use series::{LARGEST as LARGEST_ASSESSMENT, MOST as MOST_ASSESSMENTS};
pub use sliced::{Pyramid, sliced_distances};
