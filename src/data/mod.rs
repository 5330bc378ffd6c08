//! Where real samples come from: sources made in code, files, and the batches a run draws from them.
//!
//! [`load`] turns a [`DataSpec`](crate::spec::DataSpec) into a [`Dataset`] that stands in memory as bytes, and [`Batches`] says which of
//! its samples each step trains on.

mod batches;
mod dataset;
mod files;
mod load;
mod monitor;
mod synthetic;
mod words;

pub use batches::Batches;
pub use dataset::{DataError, Dataset, LoadProgress, LoadReport, Skipped, Values};
pub use files::{Kind, Probe, probe, spec_for_path};
pub use load::load;
pub use synthetic::modes;
