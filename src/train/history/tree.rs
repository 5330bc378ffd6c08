//! The parts of a history: leaves full of records, and pairs of equal parts. They never change, so that histories share them.

use std::ops::Range;
use std::sync::Arc;

use super::stretch::{Extent, Gather, Place, Sample, Stretch};
use super::{Metric, StepRecord};

/// Records in a leaf. A place in it fits a byte.
pub(super) const LEAF: usize = 256;

/// The narrowest stretch whose extremes a leaf remembers; those of narrower ones are found by looking at the records.
const NARROWEST: usize = 32;

/// Stretches that a leaf remembers: 8 of 32 records, 4 of 64, 2 of 128, 1 of 256.
const KNOTS: usize = 2 * LEAF / NARROWEST - 1;

/// Records that follow each other: a leaf, or two parts of the same size.
#[derive(Clone)]
pub(super) enum Tree {
    Leaf(Arc<Leaf>),
    Pair(Arc<Pair>),
}

/// Two parts of the same size, one after the other.
pub(super) struct Pair {
    /// Records in both.
    len: usize,
    left: Tree,
    right: Tree,
    /// What they come to.
    all: Stretch,
}

impl From<Leaf> for Tree {
    fn from(leaf: Leaf) -> Self {
        Self::Leaf(Arc::new(leaf))
    }
}

impl Tree {
    pub(super) fn pair(left: Self, right: Self) -> Self {
        let mut all = left.all();
        all.join(&right.all());
        Self::Pair(Arc::new(Pair { len: left.len() + right.len(), left, right, all }))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Leaf(_) => LEAF,
            Self::Pair(pair) => pair.len,
        }
    }

    /// All of it as one stretch.
    fn all(&self) -> Stretch {
        match self {
            Self::Leaf(leaf) => leaf.stretch(0..LEAF),
            Self::Pair(pair) => pair.all,
        }
    }

    /// Where it ends.
    pub(super) fn last(&self) -> Place {
        match self {
            Self::Leaf(leaf) => leaf.place(LEAF - 1),
            Self::Pair(pair) => pair.all.last,
        }
    }

    /// The record with this number, which is in it.
    pub(super) fn record(&self, index: usize) -> StepRecord {
        match self {
            Self::Leaf(leaf) => leaf.record(index),
            Self::Pair(pair) if index < pair.len / 2 => pair.left.record(index),
            Self::Pair(pair) => pair.right.record(index - pair.len / 2),
        }
    }

    pub(super) fn partition_point(&self, before: &impl Fn(&Place) -> bool) -> usize {
        match self {
            Self::Leaf(leaf) => leaf.partition_point(before),
            Self::Pair(pair) if before(&pair.left.last()) => pair.len / 2 + pair.right.partition_point(before),
            Self::Pair(pair) => pair.left.partition_point(before),
        }
    }

    /// Its leaves, in order.
    pub(super) fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        let mut waiting = vec![self];
        std::iter::from_fn(move || {
            loop {
                match waiting.pop()? {
                    Self::Leaf(leaf) => return Some(&**leaf),
                    Self::Pair(pair) => waiting.extend([&pair.right, &pair.left]),
                }
            }
        })
    }

    /// The first `count` records: the largest trees that hold nothing else, and what is less than a leaf.
    pub(super) fn share(&self, count: usize, trees: &mut Vec<Self>, rest: &mut Vec<StepRecord>) {
        match self {
            _ if count == 0 => {}
            _ if count >= self.len() => trees.push(self.clone()),
            Self::Leaf(leaf) => rest.extend(leaf.records().take(count)),
            Self::Pair(pair) => {
                pair.left.share(count, trees, rest);
                pair.right.share(count.saturating_sub(pair.len / 2), trees, rest);
            }
        }
    }

    /// Hands the parts that `range` needs to `gather`. The tree begins at record `offset`, a multiple of its own size.
    pub(super) fn walk(&self, offset: usize, range: &Range<usize>, gather: &mut Gather<'_>) {
        let len = self.len();
        if range.end <= offset || offset + len <= range.start {
            return;
        }
        match self {
            _ if len <= gather.width => gather.take(&self.all(), len),
            Self::Leaf(leaf) => leaf.walk(range.start.saturating_sub(offset)..(range.end - offset).min(LEAF), gather),
            Self::Pair(pair) => {
                pair.left.walk(offset, range, gather);
                pair.right.walk(offset + len / 2, range, gather);
            }
        }
    }
}

/// The steps of a leaf's records.
enum Steps {
    /// Each is one more than the one before.
    From(u64),
    /// There are gaps: somebody took single steps of one network.
    Listed(Box<[u64; LEAF]>),
}

/// As many records as a leaf holds, and what stretches of them come to.
pub(super) struct Leaf {
    steps: Steps,
    secs: [f64; LEAF],
    /// By metric.
    values: [[f32; LEAF]; 4],
    /// What was added to the discriminator's loss, where anything was.
    penalties: Option<Box<[f32; LEAF]>>,
    /// Is every value a finite number? Only then are the knots of use.
    is_whole: bool,
    /// The widest stretch first, then its halves, and so on.
    knots: [Knot; KNOTS],
}

/// What a stretch of a leaf comes to: by metric, where its smallest and its largest value are, and its mean.
#[derive(Clone, Copy, Default)]
struct Knot {
    extremes: [[u8; 2]; 4],
    means: [f32; 4],
}

impl Leaf {
    /// A leaf of these records, if they fill one.
    pub(super) fn of(records: &[StepRecord]) -> Option<Self> {
        let records: &[StepRecord; LEAF] = records.try_into().ok()?;
        let first = records[0].step;
        let is_counting = records.iter().zip(0..).all(|(record, index)| record.step.checked_sub(first) == Some(index));
        let steps =
            if is_counting { Steps::From(first) } else { Steps::Listed(Box::new(std::array::from_fn(|index| records[index].step))) };
        let values = Metric::ALL.map(|metric| std::array::from_fn(|index| metric.of(&records[index])));
        let mut leaf = Self {
            steps,
            secs: std::array::from_fn(|index| records[index].elapsed_secs),
            is_whole: values.as_flattened().iter().all(|value| value.is_finite()),
            values,
            penalties: records
                .iter()
                .any(|record| record.penalty != 0.0)
                .then(|| Box::new(std::array::from_fn(|index| records[index].penalty))),
            knots: [Knot::default(); KNOTS],
        };
        if leaf.is_whole {
            leaf.knots = std::array::from_fn(|number| leaf.tie(&span(number)));
        }
        Some(leaf)
    }

    fn tie(&self, span: &Range<usize>) -> Knot {
        let mut knot = Knot::default();
        for (metric, values) in self.values.iter().enumerate() {
            let (mut low, mut high, mut sum) = (span.start, span.start, 0.0);
            for index in span.clone() {
                low = if values[index] < values[low] { index } else { low };
                high = if values[index] > values[high] { index } else { high };
                sum += f64::from(values[index]);
            }
            knot.extremes[metric] = [low as u8, high as u8];
            knot.means[metric] = (sum / span.len() as f64) as f32;
        }
        knot
    }

    fn place(&self, index: usize) -> Place {
        let step = match &self.steps {
            Steps::From(first) => first + index as u64,
            Steps::Listed(steps) => steps[index],
        };
        Place { step, secs: self.secs[index] }
    }

    fn record(&self, index: usize) -> StepRecord {
        let Place { step, secs } = self.place(index);
        let [g_loss, d_loss, d_real, d_fake] = self.values.each_ref().map(|values| values[index]);
        let penalty = self.penalties.as_ref().map_or(0.0, |penalties| penalties[index]);
        StepRecord { step, elapsed_secs: secs, d_loss, g_loss, d_real, d_fake, penalty }
    }

    /// Its records, in order.
    pub(super) fn records(&self) -> impl Iterator<Item = StepRecord> {
        (0..LEAF).map(|index| self.record(index))
    }

    fn partition_point(&self, before: &impl Fn(&Place) -> bool) -> usize {
        let (mut low, mut high) = (0, LEAF);
        while low < high {
            let middle = usize::midpoint(low, high);
            if before(&self.place(middle)) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Hands the parts that `range` needs to `gather`, whose width is less than a leaf's.
    fn walk(&self, range: Range<usize>, gather: &mut Gather<'_>) {
        let step = if gather.width >= NARROWEST && self.is_whole { gather.width } else { 1 };
        for start in range.step_by(step) {
            gather.take(&self.stretch(start..start + step), step);
        }
    }

    /// What a part of it comes to: one record, or as many as a knot has, or everything.
    fn stretch(&self, span: Range<usize>) -> Stretch {
        if self.is_whole && span.len() >= NARROWEST {
            return self.known(&span);
        }
        let mut stretch = Stretch::of(&self.record(span.start));
        for index in span.skip(1) {
            stretch.join(&Stretch::of(&self.record(index)));
        }
        stretch
    }

    /// The stretch of a knot.
    fn known(&self, span: &Range<usize>) -> Stretch {
        let knot = &self.knots[number(span)];
        let extent = |metric: Metric| {
            let sample = |index: u8| {
                let Place { step, secs } = self.place(usize::from(index));
                Sample { step, secs, value: self.values[metric as usize][usize::from(index)] }
            };
            let [low, high] = knot.extremes[metric as usize].map(sample);
            Extent { low, high, mean: knot.means[metric as usize], count: span.len() as u32 }
        };
        Stretch { first: self.place(span.start), last: self.place(span.end - 1), extents: Metric::ALL.map(extent) }
    }
}

/// The records of a knot: number 0 holds all, 1 and 2 its halves, and so on.
fn span(number: usize) -> Range<usize> {
    let row = (number + 1).ilog2();
    let width = LEAF >> row;
    let start = (number + 1 - (1 << row)) * width;
    start..start + width
}

/// The number of the knot for these records.
fn number(span: &Range<usize>) -> usize {
    LEAF / span.len() - 1 + span.start / span.len()
}

#[cfg(test)]
impl Tree {
    /// Bytes on the heap of every part that is not in `seen` yet.
    pub(super) fn bytes(&self, seen: &mut std::collections::HashSet<usize>) -> usize {
        /// The counters of an `Arc`, and the allocator's head of a block.
        const BLOCK: usize = 32;
        let (address, size) = match self {
            Self::Leaf(leaf) => (Arc::as_ptr(leaf) as usize, size_of::<Leaf>()),
            Self::Pair(pair) => (Arc::as_ptr(pair) as usize, size_of::<Pair>()),
        };
        if !seen.insert(address) {
            return 0;
        }
        let within = match self {
            Self::Leaf(leaf) => {
                let steps = if matches!(leaf.steps, Steps::Listed(_)) { 8 * LEAF + BLOCK } else { 0 };
                steps + leaf.penalties.as_ref().map_or(0, |_| 4 * LEAF + BLOCK)
            }
            Self::Pair(pair) => pair.left.bytes(seen) + pair.right.bytes(seen),
        };
        BLOCK + size + within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_knot_has_its_records_and_every_span_its_knot() {
        for number_of_knot in 0..KNOTS {
            assert_eq!(number(&span(number_of_knot)), number_of_knot);
        }
        assert_eq!([span(0), span(2), span(KNOTS - 1)], [0..256, 128..256, 224..256]);
    }
}
