//! What happened at each step, as numbers.
//!
//! A history grows with the run and is shared: the worker adds to it, every checkpoint holds it, and the window draws it. So it is a
//! tree whose parts never change once they are full. A clone shares them all, and copies only the few records since the last full leaf.
//! Each part knows its extremes and means, so that a chart of any stretch of any run costs as much as it has points.

mod csv;
mod stretch;
mod tree;

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use csv::CsvError;
pub use stretch::{Extent, Place, Sample, Stretch};

use self::stretch::Gather;
use self::tree::{Leaf, Tree};

/// The numbers of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Generator steps done, this one included.
    pub step: u64,
    /// Seconds of training up to here, pauses not counted.
    pub elapsed_secs: f64,
    /// The discriminator's loss.
    pub d_loss: f32,
    /// The generator's loss.
    pub g_loss: f32,
    /// The discriminator's mean verdict on real samples: a probability where the loss has one, else the score.
    pub d_real: f32,
    /// Its mean verdict on generated samples, likewise.
    pub d_fake: f32,
    /// What was added to its loss to keep it in bounds; 0 where nothing is.
    #[serde(default)]
    pub penalty: f32,
}

impl StepRecord {
    /// Where it stands in the run.
    pub fn place(&self) -> Place {
        Place { step: self.step, secs: self.elapsed_secs }
    }
}

/// A number of a step.
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

/// The records of a run, oldest first. Cheap to clone.
#[derive(Clone, Default)]
pub struct History {
    /// Full trees, the largest first: no two of the same size.
    trees: Vec<Tree>,
    /// What came after them: fewer records than a leaf holds.
    tail: Vec<StepRecord>,
    /// Where each metric was no finite number for the first time.
    broken: [Option<Place>; 4],
}

impl History {
    /// Adds a record at the end.
    pub fn push(&mut self, record: StepRecord) {
        for metric in Metric::ALL {
            if !metric.of(&record).is_finite() {
                self.broken[metric as usize].get_or_insert(record.place());
            }
        }
        self.tail.push(record);
        if let Some(leaf) = Leaf::of(&self.tail) {
            self.tail.clear();
            self.plant(Tree::from(leaf));
        }
    }

    /// Adds a tree at the end. Trees of the same size become one, as digits carry in a sum.
    fn plant(&mut self, mut tree: Tree) {
        while let Some(left) = self.trees.pop_if(|last| last.len() == tree.len()) {
            tree = Tree::pair(left, tree);
        }
        self.trees.push(tree);
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.trees.iter().map(Tree::len).sum::<usize>() + self.tail.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.trees.is_empty() && self.tail.is_empty()
    }

    /// The record with this number, counted from 0.
    pub fn get(&self, index: usize) -> Option<StepRecord> {
        let mut index = index;
        for tree in &self.trees {
            if index < tree.len() {
                return Some(tree.record(index));
            }
            index -= tree.len();
        }
        self.tail.get(index).copied()
    }

    /// The oldest record.
    pub fn first(&self) -> Option<StepRecord> {
        self.get(0)
    }

    /// The newest record.
    pub fn last(&self) -> Option<StepRecord> {
        self.tail.last().copied().or_else(|| self.trees.last().map(|tree| tree.record(tree.len() - 1)))
    }

    /// All records, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = StepRecord> {
        self.trees.iter().flat_map(Tree::leaves).flat_map(Leaf::records).chain(self.tail.iter().copied())
    }

    /// How many records come before the first whose place is not `before`; looks at few of them. As with a slice, the places that are
    /// come first.
    pub fn partition_point(&self, before: impl Fn(&Place) -> bool) -> usize {
        let mut passed = 0;
        for tree in &self.trees {
            if !before(&tree.last()) {
                return passed + tree.partition_point(&before);
            }
            passed += tree.len();
        }
        passed + self.tail.partition_point(|record| before(&record.place()))
    }

    /// The records up to a step. They share what they have in common.
    #[must_use]
    pub fn until(&self, step: u64) -> Self {
        let count = self.partition_point(|place| place.step <= step);
        let mut until = Self { broken: self.broken.map(|broken| broken.filter(|place| place.step <= step)), ..Self::default() };
        let mut left = count;
        for tree in &self.trees {
            tree.share(left, &mut until.trees, &mut until.tail);
            left = left.saturating_sub(tree.len());
        }
        until.tail.extend_from_slice(&self.tail[..left.min(self.tail.len())]);
        until
    }

    /// The stretches of `width` records, a power of two, that together hold `range`, in order. They begin at multiples of `width`; the
    /// last may be shorter. The work grows with the number of stretches, not with the number of records in them.
    pub fn stretches(&self, range: Range<usize>, width: usize, mut visit: impl FnMut(&Stretch)) {
        let width = width.max(1).next_power_of_two();
        let len = self.len();
        let range = range.start - range.start % width..range.end.min(len).next_multiple_of(width).min(len);
        let mut gather = Gather::new(width, &mut visit);
        let mut offset = 0;
        for tree in &self.trees {
            tree.walk(offset, &range, &mut gather);
            offset += tree.len();
        }
        let tail = range.start.saturating_sub(offset)..range.end.saturating_sub(offset);
        for record in self.tail.get(tail).unwrap_or_default() {
            gather.take(&Stretch::of(record), 1);
        }
        gather.finish();
    }

    /// Where a metric was no finite number for the first time, if it ever was.
    pub fn broken(&self, metric: Metric) -> Option<Place> {
        self.broken[metric as usize]
    }
}

impl Extend<StepRecord> for History {
    fn extend<I: IntoIterator<Item = StepRecord>>(&mut self, records: I) {
        records.into_iter().for_each(|record| self.push(record));
    }
}

impl FromIterator<StepRecord> for History {
    fn from_iter<I: IntoIterator<Item = StepRecord>>(records: I) -> Self {
        let mut history = Self::default();
        history.extend(records);
        history
    }
}

impl PartialEq for History {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").field("len", &self.len()).field("last", &self.last()).finish()
    }
}

#[cfg(test)]
mod tests;
