//! Which samples a step trains on: the endless stream of shuffled epochs.

use std::sync::Arc;

use rand::seq::SliceRandom as _;

use super::dataset::Dataset;
use crate::random::{self, Purpose};

/// The order in which a run sees its training samples.
///
/// Think of one endless line: all training samples shuffled (epoch 0), then all of them shuffled anew (epoch 1), and so on. A batch is
/// a piece of that line, so every batch has the same size, may span the border between two epochs, and every sample is seen exactly
/// once an epoch. What stands at a place depends on `(seed, place)` alone: a run that goes on after a stop sees what it would have seen.
#[derive(Clone, Debug)]
pub struct Batches {
    train: Arc<[u32]>,
    seed: u64,
    /// The epoch shuffled last, kept because the next batch mostly lies in it.
    cached: Option<(u64, Vec<u32>)>,
}

impl Batches {
    /// Batches of the training part of `dataset`; never of what it holds out.
    pub fn new(dataset: &Dataset, seed: u64) -> Self {
        Self { train: dataset.train().into(), seed, cached: None }
    }

    /// Samples in an epoch.
    pub fn epoch_len(&self) -> usize {
        self.train.len()
    }

    /// How many passes over the training data `samples_seen` are, as a fraction.
    pub fn epoch(&self, samples_seen: u64) -> f64 {
        samples_seen as f64 / self.train.len().max(1) as f64
    }

    /// The next `count` samples of a run that has seen `samples_seen`: indices for [`Dataset::gather`].
    pub fn indices(&mut self, samples_seen: u64, count: usize) -> Vec<u32> {
        let epoch_len = self.train.len() as u64;
        let mut batch = Vec::with_capacity(count);
        while batch.len() < count && epoch_len > 0 {
            let place = samples_seen + batch.len() as u64;
            let missing = count - batch.len();
            let rest = &self.shuffled(place / epoch_len)[(place % epoch_len) as usize..];
            batch.extend(rest.iter().take(missing));
        }
        batch
    }

    /// All training samples in the order of one epoch.
    fn shuffled(&mut self, epoch: u64) -> &[u32] {
        let cached = self.cached.take().filter(|(cached, _)| *cached == epoch);
        let (_, order) = self.cached.insert(cached.unwrap_or_else(|| {
            let mut order = self.train.to_vec();
            order.shuffle(&mut random::stream(self.seed, Purpose::Shuffle, epoch));
            (epoch, order)
        }));
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{LoadReport, Values};
    use crate::spec::Shape;

    fn dataset(count: usize, holdout: f32) -> Dataset {
        let points = vec![[0.0, 0.0]; count];
        Dataset::new(Shape::vector(2), Values::Points(points), None, Vec::new(), LoadReport::default(), holdout, 5).unwrap()
    }

    #[test]
    fn every_sample_is_seen_once_an_epoch_and_a_held_out_one_never() {
        let dataset = dataset(103, 0.2);
        let mut batches = Batches::new(&dataset, 9);
        let mut expected = dataset.train().to_vec();
        expected.sort_unstable();
        assert_eq!(expected.len(), 82);
        let line: Vec<u32> = (0..41).flat_map(|step| batches.indices(step * 10, 10)).collect();
        for epoch in line.chunks_exact(82) {
            let mut seen = epoch.to_vec();
            seen.sort_unstable();
            assert_eq!(seen, expected);
        }
        assert!(line.iter().all(|index| !dataset.holdout().contains(index)));
    }

    #[test]
    fn epochs_are_in_different_orders_and_so_are_seeds() {
        let dataset = dataset(50, 0.0);
        let line = Batches::new(&dataset, 1).indices(0, 100);
        assert_ne!(line[..50], line[50..]);
        assert_ne!(line, Batches::new(&dataset, 2).indices(0, 100));
    }

    #[test]
    fn going_on_anywhere_sees_what_would_have_been_seen() {
        let dataset = dataset(37, 0.1);
        let line = Batches::new(&dataset, 3).indices(0, 500);
        let mut wandering = Batches::new(&dataset, 3);
        for start in [0, 1, 36, 33, 34, 400, 34, 7, 250] {
            assert_eq!(wandering.indices(start as u64, 90), line[start..start + 90], "from {start}");
            assert_eq!(Batches::new(&dataset, 3).indices(start as u64, 90), line[start..start + 90], "afresh from {start}");
        }
    }

    #[test]
    fn a_batch_larger_than_the_data_spans_several_epochs() {
        let mut batches = Batches::new(&dataset(3, 0.0), 3);
        let batch = batches.indices(2, 64);
        assert_eq!(batch.len(), 64);
        for index in 0..3 {
            // Places 2 to 65 hold the last of epoch 0 and epochs 1 to 21 in full.
            let seen = batch[1..].iter().filter(|&&other| other == index).count();
            assert_eq!(seen, 21, "sample {index}");
        }
    }

    #[test]
    fn one_sample_is_enough() {
        let mut batches = Batches::new(&dataset(1, 0.5), 3);
        assert_eq!(batches.indices(17, 5), [0; 5]);
        assert_eq!(batches.epoch(17), 17.0);
    }

    #[test]
    fn an_epoch_is_a_pass_over_the_training_part() {
        let batches = Batches::new(&dataset(100, 0.2), 3);
        assert_eq!(batches.epoch_len(), 80);
        assert_eq!(batches.epoch(40), 0.5);
        assert_eq!(batches.epoch(200), 2.5);
    }
}
