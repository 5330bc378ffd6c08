//! Where real samples come from: sources made in code, files, and the batches a run draws from them.

mod dataset;

pub use dataset::{DataError, Dataset, LoadProgress, LoadReport, Skipped, Values};
