//! The doctor: from a run's vital signs to what is happening, in words, and what to do about it.

pub mod statistics;
#[cfg(test)]
mod trials;
mod vitals;

pub use vitals::{LayerVitals, SampleVitals, ScoreVitals, Series, Vitals};
