//! A loaded source: all its samples in memory, split into a training and a held-out part.

use crate::random::{self, Purpose};
use crate::spec::Shape;

/// Why a source cannot be used, in one sentence for people: what happened, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DataError(pub String);

impl DataError {
    const CANCELLED: &str = "loading was cancelled";

    /// The one error that is nobody's fault: loading was asked to stop.
    pub fn cancelled() -> Self {
        Self(Self::CANCELLED.to_owned())
    }

    /// Was loading asked to stop?
    pub fn is_cancelled(&self) -> bool {
        self.0 == Self::CANCELLED
    }
}

/// How far loading is; sent a few times a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadProgress {
    /// Samples read.
    pub done: usize,
    /// Samples expected.
    pub total: usize,
}

/// A file that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its path, within the folder or archive.
    pub name: String,
    /// Why, in words.
    pub reason: String,
}

/// What loading found beside the samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// The source in a few words: `MNIST images (IDX), 10,000 pictures of 28 × 28`.
    pub description: String,
    /// Files that could not be used; at most [`LoadReport::MAX_NAMED`] of them are named.
    pub skipped: Vec<Skipped>,
    /// How many files could not be used.
    pub skipped_count: usize,
    /// Samples left out because the memory limit was reached.
    pub left_out: usize,
}

impl LoadReport {
    /// So many unusable files are named; the rest is only counted.
    pub const MAX_NAMED: usize = 100;

    /// Names a file that could not be used, or only counts it where enough are named.
    pub(super) fn skip(&mut self, name: impl Into<String>, reason: impl Into<String>) {
        self.skipped_count += 1;
        if self.skipped.len() < Self::MAX_NAMED {
            self.skipped.push(Skipped { name: name.into(), reason: reason.into() });
        }
    }
}

/// The samples themselves, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Pictures as bytes, each `channels x height x width`.
    Pictures(Vec<u8>),
    /// 2-D points in their own coordinates.
    Points(Vec<[f32; 2]>),
}

/// All samples of a source, in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    shape: Shape,
    values: Values,
    /// Class of each sample, where the source has classes.
    labels: Option<Vec<u16>>,
    class_names: Vec<String>,
    report: LoadReport,
    /// Indices to train on, then indices held out.
    order: Vec<u32>,
    train_len: usize,
}

impl Dataset {
    /// Puts samples of `shape` together; a share of `holdout` (chosen by `seed`) is never trained on, as long as one sample is left to train.
    ///
    /// # Errors
    /// There are no samples, or the parts do not fit each other.
    pub fn new(
        shape: Shape,
        values: Values,
        labels: Option<Vec<u16>>,
        class_names: Vec<String>,
        report: LoadReport,
        holdout: f32,
        seed: u64,
    ) -> Result<Self, DataError> {
        use rand::seq::SliceRandom as _;
        let (count, left_over) = match &values {
            Values::Pictures(bytes) => {
                let size = shape.values().max(1);
                (bytes.len() / size, bytes.len() % size)
            }
            Values::Points(points) => (points.len(), 0),
        };
        if count == 0 {
            return Err(DataError("the source has no samples".to_owned()));
        }
        if left_over > 0 {
            return Err(DataError(format!("the samples of the source are not of shape {shape}")));
        }
        let Ok(indices) = u32::try_from(count) else {
            return Err(DataError(format!("the source has {count} samples, more than can be counted: choose a part of it")));
        };
        if labels.as_ref().is_some_and(|labels| labels.len() != count) {
            return Err(DataError("the source has not as many labels as samples".to_owned()));
        }
        let mut order: Vec<u32> = (0..indices).collect();
        order.shuffle(&mut random::stream(seed, Purpose::Holdout, 0));
        let held = ((count as f64 * f64::from(holdout)).round() as usize).min(count - 1);
        Ok(Self { shape, values, labels, class_names, report, order, train_len: count - held })
    }

    /// The shape of one sample.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// All samples.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Never: a data set has at least one sample.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Indices of the samples to train on.
    pub fn train(&self) -> &[u32] {
        &self.order[..self.train_len]
    }

    /// Indices of the samples held out.
    pub fn holdout(&self) -> &[u32] {
        &self.order[self.train_len..]
    }

    /// What loading found.
    pub fn report(&self) -> &LoadReport {
        &self.report
    }

    /// The samples as they are kept.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The class of a sample, where the source has classes.
    pub fn label(&self, index: u32) -> Option<u16> {
        self.labels.as_ref()?.get(index as usize).copied()
    }

    /// The names of the classes; empty where the source has none.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// At most `count` of the points to train on, which are in random order; none where the samples are pictures.
    pub fn some_points(&self, count: usize) -> Vec<[f32; 2]> {
        match &self.values {
            Values::Points(points) => self.train().iter().take(count).filter_map(|&index| points.get(index as usize)).copied().collect(),
            Values::Pictures(_) => Vec::new(),
        }
    }

    /// The samples at `indices` as the networks see them: pictures in -1..1, points as they are; `[n, channels, height, width]` flat.
    pub fn gather(&self, indices: &[u32]) -> Vec<f32> {
        let size = self.shape.values();
        let mut out = Vec::with_capacity(indices.len() * size);
        match &self.values {
            Values::Pictures(bytes) => {
                for &index in indices {
                    let start = index as usize * size;
                    out.extend(bytes[start..start + size].iter().map(|&byte| f32::from(byte) / 127.5 - 1.0));
                }
            }
            Values::Points(points) => out.extend(indices.iter().flat_map(|&index| points[index as usize])),
        }
        out
    }
}
