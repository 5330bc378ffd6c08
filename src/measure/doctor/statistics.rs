//! What two small sets of numbers or samples say about each other.

use super::vitals::SampleVitals;

/// The probability that one of `high` is above one of `low`, ties shared: the area under the curve (Mann and Whitney, 1947). 0.5 where
/// one of them is empty.
pub fn above(high: &[f32], low: &[f32]) -> f32 {
    if high.is_empty() || low.is_empty() {
        return 0.5;
    }
    let wins = high.iter().map(|a| low.iter().map(|b| if a > b { 2_u64 } else { u64::from(a == b) }).sum::<u64>()).sum::<u64>();
    (wins as f64 / (2 * high.len() * low.len()) as f64) as f32
}

/// The mean of some numbers; 0 of none.
pub fn mean(values: &[f32]) -> f32 {
    (values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len().max(1) as f64) as f32
}

/// Samples as points of a space, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    values: Vec<f32>,
    size: usize,
}

/// Distances are over so many values of a sample at most: those of a picture are much alike.
const MOST: usize = 1024;

/// Which neighbour a real sample's ball reaches to; the usual choice.
const NEIGHBOUR: usize = 5;

/// A value further out than this share of its bound is near it.
const EXTREME: f32 = 0.99;

impl Points {
    /// Samples of `size` values each. Of large ones every so many values are kept.
    pub fn new(values: &[f32], size: usize) -> Self {
        let every = size.div_ceil(MOST).max(1);
        let kept = values.chunks_exact(size.max(1)).flat_map(|sample| sample.iter().step_by(every).copied()).collect();
        Self { values: kept, size: size.max(1).div_ceil(every) }
    }

    fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.size)
    }

    /// What is kept of all samples, one after the other.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Values of each.
    pub fn size(&self) -> usize {
        self.size
    }

    /// How many samples.
    pub fn count(&self) -> usize {
        self.values.len() / self.size
    }

    /// The first of them, at most so many.
    pub fn first(&self, count: usize) -> Self {
        Self { values: self.values[..count.min(self.count()) * self.size].to_vec(), size: self.size }
    }

    fn mean(&self) -> Vec<f32> {
        let mut mean = vec![0.0; self.size];
        for row in self.rows() {
            mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += value / self.count() as f32);
        }
        mean
    }

    /// All distances to samples of `other`, row by row.
    fn distances(&self, other: &Self) -> Vec<f32> {
        self.rows().flat_map(|a| other.rows().map(|b| distance(a, b))).collect()
    }

    /// The share of values that stand near -1 or 1.
    fn extreme(&self) -> f32 {
        let count = self.values.iter().filter(|value| value.abs() > EXTREME).count();
        count as f32 / self.values.len().max(1) as f32
    }
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    // Four sums at once: one would wait for itself.
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut sums = [0.0_f32; 4];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..4 {
            sums[lane] += (a[lane] - b[lane]).powi(2);
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| (a - b).powi(2)).sum();
    (sums.iter().sum::<f32>() + rest).sqrt()
}

/// The mean distance between two different ones of `count` samples.
fn mean_apart(distances: &[f32], count: usize) -> f64 {
    let sum: f64 = distances.iter().map(|&distance| f64::from(distance)).sum();
    sum / (count * count.saturating_sub(1)).max(1) as f64
}

/// Compares generated with real samples, and with what the same latents gave `before`. `bounded` samples are between -1 and 1.
pub fn compare(real: &Points, fake: &Points, before: Option<&Points>, bounded: bool) -> SampleVitals {
    let (within_real, within_fake, between) = (real.distances(real), fake.distances(fake), real.distances(fake));
    let (apart_real, apart_fake) = (mean_apart(&within_real, real.count()), mean_apart(&within_fake, fake.count()));
    let apart = between.iter().map(|&distance| f64::from(distance)).sum::<f64>() / between.len().max(1) as f64;
    let scale = apart_real.max(1e-12);
    let moved = before.filter(|before| before.size == fake.size).map(|before| before.first(fake.count())).map(|before| {
        let sum: f64 = before.rows().zip(fake.rows()).map(|(a, b)| f64::from(distance(a, b))).sum();
        (sum / fake.count().max(1) as f64, f64::from(distance(&before.mean(), &fake.mean())))
    });
    let (precision, coverage) = neighbours(&within_real, &between, real.count(), fake.count());
    SampleVitals {
        diversity: (apart_fake / scale) as f32,
        moved: moved.map(|(moved, _)| (moved / scale) as f32),
        drifted: moved.map(|(_, drifted)| (drifted / scale) as f32),
        difference: ((2.0 * apart - apart_real - apart_fake) / (2.0 * apart).max(1e-12)) as f32,
        precision,
        coverage,
        extreme: if bounded { [fake.extreme(), real.extreme()] } else { [0.0; 2] },
    }
}

/// Precision and coverage.
fn neighbours(within_real: &[f32], between: &[f32], reals: usize, fakes: usize) -> (f32, f32) {
    if reals <= NEIGHBOUR || fakes == 0 {
        return (0.0, 0.0);
    }
    let mut is_among = vec![false; fakes];
    let mut covered = 0_usize;
    for (own, others) in within_real.chunks_exact(reals).zip(between.chunks_exact(fakes)) {
        let mut own = own.to_vec();
        // The sample itself, at distance 0, is the first.
        let radius = *own.select_nth_unstable_by(NEIGHBOUR, f32::total_cmp).1;
        is_among.iter_mut().zip(others).for_each(|(is_among, distance)| *is_among |= *distance <= radius);
        covered += usize::from(others.iter().any(|distance| *distance <= radius));
    }
    (is_among.iter().filter(|among| **among).count() as f32 / fakes as f32, covered as f32 / reals as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{self, Purpose};

    fn normal(seed: u64, count: usize, shift: f32) -> Points {
        let values = random::normals(&mut random::stream(seed, Purpose::Measure, 0), 2 * count);
        Points::new(&values.into_iter().map(|value| value + shift).collect::<Vec<_>>(), 2)
    }

    #[test]
    fn the_area_under_the_curve_counts_pairs() {
        assert_eq!(above(&[3.0, 2.0], &[1.0, 0.0]), 1.0);
        assert_eq!(above(&[1.0, 1.0], &[1.0]), 0.5);
        // Of (2, 1), (2, 3), (0, 1), (0, 3) one pair is won.
        assert_eq!(above(&[2.0, 0.0], &[1.0, 3.0]), 0.25);
        assert_eq!(above(&[], &[1.0]), 0.5);
    }

    #[test]
    fn two_sets_of_one_distribution_are_alike_and_two_far_apart_have_nothing_in_common() {
        let alike = compare(&normal(1, 128, 0.0), &normal(2, 128, 0.0), None, false);
        assert!((alike.diversity - 1.0).abs() < 0.1 && alike.difference.abs() < 0.02, "{alike:?}");
        assert!(alike.precision > 0.9 && alike.coverage > 0.9, "{alike:?}");
        let apart = compare(&normal(1, 128, 0.0), &normal(2, 128, 50.0), None, false);
        assert!(apart.difference > 0.95 && apart.precision == 0.0 && apart.coverage == 0.0, "{apart:?}");
    }

    #[test]
    fn samples_that_are_all_the_same_have_no_diversity_and_what_moves_is_told() {
        let real = normal(1, 64, 0.0);
        let [here, there] = [0.0, 3.0].map(|at| Points::new(&[at; 128], 2));
        let found = compare(&real, &there, Some(&here), false);
        // The mean distance of two points of a normal distribution in the plane is the root of pi.
        let wanted = 3.0 * 2.0_f32.sqrt() / std::f32::consts::PI.sqrt();
        assert_eq!(found.diversity, 0.0);
        assert!((found.moved.unwrap() - wanted).abs() < 0.25 && found.moved == found.drifted, "{found:?}");
    }

    #[test]
    fn values_near_their_bounds_are_counted() {
        let points = Points::new(&[1.0, -0.995, 0.5, 0.9, 0.0, -1.0, 1.0, 0.2], 4);
        assert_eq!(compare(&points, &points, None, true).extreme, [0.5, 0.5]);
        assert_eq!(compare(&points, &points, None, false).extreme, [0.0, 0.0], "samples that have no bounds");
    }

    #[test]
    fn large_samples_are_thinned() {
        assert_eq!(Points::new(&vec![1.0; 2 * 12_288], 12_288).size, 1024);
        assert_eq!(Points::new(&vec![1.0; 2 * 784], 784).count(), 2);
    }
}
