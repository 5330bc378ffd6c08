//! Which real samples others are compared with, and which stand for a perfect generator.

use serde::{Deserialize, Serialize};

use crate::data::Dataset;

/// Fewer held-out samples than this say too little; then training samples stand for a perfect generator.
const FEWEST_HELD_OUT: usize = 200;

/// Which real samples the numbers beside those of generated ones are of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Floor {
    /// Held-out samples, beside training samples: neither the generator nor the classifier was trained on them.
    HeldOut,
    /// One half of the training samples, beside the other half, since too few are held out. The generator was trained on both, the
    /// classifier on the other half alone.
    Halves,
    /// A file of an earlier version does not say.
    #[default]
    Unsaid,
}

/// The real samples of a data set as they are measured with.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Those that others are compared with, and that the classifier learns: training samples.
    pub reference: &'a [u32],
    /// Those that stand for a perfect generator; none of them is in the reference. Empty where the data is a single sample.
    pub real: &'a [u32],
    /// What these are.
    pub floor: Floor,
}

impl<'a> Parts<'a> {
    /// Parts a data set of which at most `samples` samples are measured.
    pub fn of(dataset: &'a Dataset, samples: usize) -> Self {
        let (trained, held_out) = (dataset.train(), dataset.holdout());
        if held_out.len() >= FEWEST_HELD_OUT.min(samples) && !held_out.is_empty() {
            return Self { reference: trained, real: held_out, floor: Floor::HeldOut };
        }
        // The order was drawn once and is kept: both halves are fair draws.
        let (reference, real) = trained.split_at(trained.len().div_ceil(2));
        Self { reference, real, floor: Floor::Halves }
    }

    /// At most `count` samples to compare with.
    pub(super) fn compared(&self, count: usize) -> &'a [u32] {
        first(self.reference, count)
    }

    /// At most `count` samples that stand for a perfect generator; a single sample can only stand for itself.
    pub(super) fn standing_in(&self, count: usize) -> &'a [u32] {
        first(if self.real.is_empty() { self.reference } else { self.real }, count)
    }
}

fn first(indices: &[u32], count: usize) -> &[u32] {
    &indices[..indices.len().min(count)]
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::data::{LoadReport, Values};
    use crate::random::{self, Purpose};
    use crate::spec::Shape;

    /// Grey pictures of 8 x 8 in two classes, bright above or below and noisy; of the samples, this share is held out.
    pub(crate) fn pictures(count: usize, holdout: f32) -> Dataset {
        let labels: Vec<u16> = (0..count).map(|index| (index % 2) as u16).collect();
        let noise = random::normals(&mut random::stream(9, Purpose::Synthetic, 0), 64 * count);
        let byte = |(at, noise): (usize, &f32)| {
            let is_bright = (at % 64 < 32) == (labels[at / 64] == 0);
            (if is_bright { 180.0 } else { 70.0 } + 20.0 * noise) as u8
        };
        let bytes = noise.iter().enumerate().map(byte).collect();
        dataset(bytes, labels, holdout)
    }

    /// Pictures of 8 x 8 with these values and labels of two classes.
    pub(crate) fn dataset(bytes: Vec<u8>, labels: Vec<u16>, holdout: f32) -> Dataset {
        let names = vec!["above".to_owned(), "below".to_owned()];
        Dataset::new(Shape::new(1, 8, 8), Values::Pictures(bytes), Some(labels), names, LoadReport::default(), holdout, 3).unwrap()
    }

    #[test]
    fn held_out_samples_stand_for_a_perfect_generator_where_there_are_enough() {
        let dataset = pictures(2_000, 0.1);
        let parts = Parts::of(&dataset, 1_000);
        assert_eq!((parts.floor, parts.reference, parts.real), (Floor::HeldOut, dataset.train(), dataset.holdout()));
        assert_eq!((parts.compared(70).len(), parts.standing_in(1_000).len()), (70, 200));
        let few = pictures(600, 0.1);
        assert_eq!(Parts::of(&few, 60).floor, Floor::HeldOut, "60 are enough where 60 are measured");
    }

    #[test]
    fn otherwise_one_half_of_the_training_samples_stands_beside_the_other() {
        for holdout in [0.0, 0.1] {
            let dataset = pictures(301, holdout);
            let parts = Parts::of(&dataset, 1_000);
            assert_eq!(parts.floor, Floor::Halves);
            assert_eq!([parts.reference, parts.real].concat(), dataset.train(), "no sample is in both, and none is held out");
            assert!(parts.reference.len().abs_diff(parts.real.len()) < 2);
        }
        let single = pictures(1, 0.0);
        let parts = Parts::of(&single, 1_000);
        assert_eq!((parts.real.len(), parts.standing_in(5)), (0, parts.reference));
    }
}
