//! Series of any length as few points: for each stretch its smallest and its largest value, or their mean. The work of a frame does not grow with
//! the length of the run.

use crate::train::StepRecord;

/// How many stretches a series is cut into at most. Each draws two points.
pub const MAX_BUCKETS: usize = 2_048;

/// A number of a step that can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// The generator's loss.
    GeneratorLoss,
    /// The discriminator's loss.
    DiscriminatorLoss,
    /// The mean verdict on real samples.
    Real,
    /// The mean verdict on generated samples.
    Fake,
}

impl Metric {
    /// All of them; each one's place is its `as usize`.
    pub const ALL: [Self; 4] = [Self::GeneratorLoss, Self::DiscriminatorLoss, Self::Real, Self::Fake];

    /// Its value in a record.
    pub fn of(self, record: &StepRecord) -> f32 {
        match self {
            Self::GeneratorLoss => record.g_loss,
            Self::DiscriminatorLoss => record.d_loss,
            Self::Real => record.d_real,
            Self::Fake => record.d_fake,
        }
    }
}

/// What the horizontal axis shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Along {
    /// Generator steps.
    #[default]
    Step,
    /// Seconds of training.
    Time,
}

impl Along {
    /// The place of a record.
    pub fn of(self, record: &StepRecord) -> f64 {
        match self {
            Self::Step => record.step as f64,
            Self::Time => record.elapsed_secs,
        }
    }
}

/// One value of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Generator steps done.
    pub step: u64,
    /// Seconds of training.
    pub secs: f64,
    /// The value, a finite number.
    pub value: f32,
}

impl Sample {
    /// The place on the axis.
    pub fn along(&self, along: Along) -> f64 {
        match along {
            Along::Step => self.step as f64,
            Along::Time => self.secs,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    low: Sample,
    high: Sample,
    /// Steps, seconds and values, added up.
    sums: [f64; 3],
    count: usize,
}

impl Bucket {
    fn new(sample: Sample) -> Self {
        Self { low: sample, high: sample, sums: [sample.step as f64, sample.secs, f64::from(sample.value)], count: 1 }
    }

    /// Takes in what comes after.
    fn join(&mut self, other: &Self) {
        if other.low.value < self.low.value {
            self.low = other.low;
        }
        if other.high.value > self.high.value {
            self.high = other.high;
        }
        for (sum, more) in self.sums.iter_mut().zip(other.sums) {
            *sum += more;
        }
        self.count += other.count;
    }

    fn mean(&self) -> Sample {
        let [step, secs, value] = self.sums.map(|sum| sum / self.count as f64);
        Sample { step: step.round() as u64, secs, value: value as f32 }
    }
}

/// A series as at most [`MAX_BUCKETS`] pairs of a smallest and a largest value.
#[derive(Clone, Debug)]
pub struct Decimated {
    buckets: Vec<Bucket>,
    /// Values in a full bucket: a power of two.
    width: usize,
    /// Values in the last bucket.
    filled: usize,
}

impl Default for Decimated {
    fn default() -> Self {
        Self { buckets: Vec::new(), width: 1, filled: 0 }
    }
}

impl Decimated {
    /// Adds a value at the end.
    pub fn push(&mut self, sample: Sample) {
        if self.filled == self.width && self.buckets.len() == MAX_BUCKETS {
            self.halve();
        }
        match self.buckets.last_mut() {
            Some(bucket) if self.filled < self.width => {
                bucket.join(&Bucket::new(sample));
                self.filled += 1;
            }
            _ => {
                self.buckets.push(Bucket::new(sample));
                self.filled = 1;
            }
        }
    }

    /// Puts neighbours together: half as many buckets, each twice as wide.
    fn halve(&mut self) {
        let half = self.buckets.len() / 2;
        for index in 0..half {
            let (mut first, second) = (self.buckets[2 * index], self.buckets[2 * index + 1]);
            first.join(&second);
            self.buckets[index] = first;
        }
        self.buckets.truncate(half);
        self.width *= 2;
        self.filled = self.width;
    }

    /// Is every value still there?
    pub fn is_complete(&self) -> bool {
        self.width == 1
    }

    /// The mean of each stretch, in order along the axis: the course of a series without its noise.
    pub fn means(&self) -> impl Iterator<Item = Sample> {
        self.buckets.iter().map(Bucket::mean)
    }

    /// The extremes of each stretch, in order along the axis.
    pub fn samples(&self) -> impl Iterator<Item = Sample> {
        self.buckets.iter().flat_map(|bucket| {
            let (first, second) = if bucket.low.step <= bucket.high.step { (bucket.low, bucket.high) } else { (bucket.high, bucket.low) };
            let second = (first.step != second.step).then_some(second);
            std::iter::once(first).chain(second)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_hold_the_extremes_of_their_stretch() {
        let mut series = Decimated::default();
        let count = 3 * MAX_BUCKETS as u64;
        for step in 0..count {
            series.push(Sample { step, secs: 0.0, value: if step % 2 == 0 { 1.0 } else { -1.0 } });
        }
        assert_eq!(series.width, 4);
        assert_eq!(series.buckets.len(), count as usize / 4);
        assert!(series.buckets.iter().all(|bucket| (bucket.low.value, bucket.high.value) == (-1.0, 1.0)));
        assert!(series.means().all(|sample| sample.value == 0.0));
        // The mean of steps 0 to 3 is 1.5, rounded up.
        assert_eq!(series.means().map(|sample| sample.step).take(3).collect::<Vec<_>>(), [2, 6, 10]);
    }
}
