//! Records that follow each other, as one: where they begin and end, and the extremes and the mean of each number.

use super::{Metric, StepRecord};

/// Where a record stands in its run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    /// Generator steps done.
    pub step: u64,
    /// Seconds of training.
    pub secs: f64,
}

/// One value of a metric, and where it was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// Generator steps done.
    pub step: u64,
    /// Seconds of training.
    pub secs: f64,
    /// The value.
    pub value: f32,
}

impl Sample {
    /// Where it was measured.
    pub fn place(&self) -> Place {
        Place { step: self.step, secs: self.secs }
    }
}

/// What a metric's finite values come to over a stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extent {
    /// The smallest, the first of those where there are several.
    pub low: Sample,
    /// The largest, likewise.
    pub high: Sample,
    /// Their mean.
    pub mean: f32,
    /// How many there are.
    pub count: u32,
}

impl Extent {
    fn of(metric: Metric, record: &StepRecord) -> Self {
        let sample = Sample { step: record.step, secs: record.elapsed_secs, value: metric.of(record) };
        if sample.value.is_finite() { Self { low: sample, high: sample, mean: sample.value, count: 1 } } else { Self::default() }
    }

    /// Takes in what comes after.
    fn join(&mut self, after: &Self) {
        if self.count == 0 || after.count == 0 {
            if self.count == 0 {
                *self = *after;
            }
            return;
        }
        if after.low.value < self.low.value {
            self.low = after.low;
        }
        if after.high.value > self.high.value {
            self.high = after.high;
        }
        let count = self.count.saturating_add(after.count);
        let share = f64::from(after.count) / f64::from(count);
        self.mean = (f64::from(self.mean) * (1.0 - share) + f64::from(after.mean) * share) as f32;
        self.count = count;
    }
}

/// Records that follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Where they begin.
    pub first: Place,
    /// Where they end.
    pub last: Place,
    pub(super) extents: [Extent; 4],
}

impl Stretch {
    /// A single record.
    pub(super) fn of(record: &StepRecord) -> Self {
        Self { first: record.place(), last: record.place(), extents: Metric::ALL.map(|metric| Extent::of(metric, record)) }
    }

    /// Takes in what comes after.
    pub(super) fn join(&mut self, after: &Self) {
        self.last = after.last;
        for (own, after) in self.extents.iter_mut().zip(&after.extents) {
            own.join(after);
        }
    }

    /// What a metric comes to, if any of its values is finite.
    pub fn extent(&self, metric: Metric) -> Option<&Extent> {
        Some(&self.extents[metric as usize]).filter(|extent| extent.count > 0)
    }
}

/// Puts parts together until they are as wide as asked for.
pub(super) struct Gather<'a> {
    pub(super) width: usize,
    visit: &'a mut dyn FnMut(&Stretch),
    open: Option<Stretch>,
    /// Records in it.
    filled: usize,
}

impl<'a> Gather<'a> {
    pub(super) fn new(width: usize, visit: &'a mut dyn FnMut(&Stretch)) -> Self {
        Self { width, visit, open: None, filled: 0 }
    }

    /// The next part, of `len` records. Parts are no wider than the stretches and do not reach over their ends.
    pub(super) fn take(&mut self, part: &Stretch, len: usize) {
        match &mut self.open {
            Some(open) => open.join(part),
            None => self.open = Some(*part),
        }
        self.filled += len;
        if self.filled >= self.width {
            self.finish();
        }
    }

    /// There are no more.
    pub(super) fn finish(&mut self) {
        self.filled = 0;
        if let Some(stretch) = self.open.take() {
            (self.visit)(&stretch);
        }
    }
}
