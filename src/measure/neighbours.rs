//! Who is near whom: precision, recall, density, coverage, and the nearest sample.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::features::{Features, products};

/// How two sets cover each other, each 0 to 1 but for the density.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// The share of generated samples that are among real ones: how real they look (Kynkäänniemi et al., 2019).
    pub precision: f64,
    /// The share of real samples that are among generated ones: how much of the data's variety is there (the same paper).
    pub recall: f64,
    /// How many real samples a generated one is among, over what is expected (Naeem et al., 2020); not moved by single odd samples. 1 is
    /// as dense as the real ones.
    pub density: f64,
    /// The share of real samples with a generated one among their neighbours (the same paper).
    pub coverage: f64,
}

/// Neighbours that make the ball around a sample; both papers' usual choice for some thousand samples.
pub const NEIGHBOURS: usize = 5;

/// Compares generated with real features; a sample's ball reaches to its [`NEIGHBOURS`]th neighbour in its own set. What is no number is
/// near nothing; where no generated sample is one, nor is any of the four. `None` where a set has no more samples than its neighbours.
pub fn coverage(real: &Features, generated: &Features) -> Option<Coverage> {
    if real.len() <= NEIGHBOURS || generated.len() <= NEIGHBOURS {
        return None;
    }
    if !generated.rows().any(|row| row.iter().all(|value| value.is_finite())) {
        return Some(Coverage { precision: f64::NAN, recall: f64::NAN, density: f64::NAN, coverage: f64::NAN });
    }
    let (real_radii, generated_radii) = (radii(real), radii(generated));
    let between = squared_distances(real, generated);
    let (rows, columns) = (real.len(), generated.len());
    let row = |index: usize| &between[index * columns..(index + 1) * columns];
    let mut balls = vec![0_usize; columns];
    let (mut recalled, mut covered) = (0_usize, 0_usize);
    for (index, &radius) in real_radii.iter().enumerate() {
        let distances = row(index);
        for (count, &distance) in balls.iter_mut().zip(distances) {
            *count += usize::from(distance < radius);
        }
        recalled += usize::from(distances.iter().zip(&generated_radii).any(|(distance, radius)| distance < radius));
        covered += usize::from(distances.iter().any(|&distance| distance < radius));
    }
    let share = |count: usize, of: usize| count as f64 / of as f64;
    Some(Coverage {
        precision: share(balls.iter().filter(|&&count| count > 0).count(), columns),
        recall: share(recalled, rows),
        density: share(balls.iter().sum(), columns * NEIGHBOURS),
        coverage: share(covered, rows),
    })
}

/// The squared distance of each sample to its [`NEIGHBOURS`]th neighbour in the same set; 0, a ball that holds nothing, where it has no such.
fn radii(features: &Features) -> Vec<f32> {
    let count = features.len();
    let mut distances = squared_distances(features, features);
    let rows = distances.par_chunks_exact_mut(count);
    // The sample itself, at distance 0, is the first.
    let radius = |row: &mut [f32]| *row.select_nth_unstable_by(NEIGHBOURS, f32::total_cmp).1;
    rows.map(radius).map(|radius| if radius < f32::INFINITY { radius } else { 0.0 }).collect()
}

/// `|x|^2 + |y|^2 - 2 x . y` for all pairs, row by row; infinite where that is no number.
fn squared_distances(a: &Features, b: &Features) -> Vec<f32> {
    let norm = |row: &[f32]| row.iter().map(|value| value * value).sum::<f32>();
    let (a_norms, b_norms): (Vec<f32>, Vec<f32>) = (a.rows().map(norm).collect(), b.rows().map(norm).collect());
    let mut distances = products(a, b);
    for (row, a_norm) in distances.chunks_exact_mut(b.len().max(1)).zip(a_norms) {
        for (distance, b_norm) in row.iter_mut().zip(&b_norms) {
            let squared = a_norm + b_norm - 2.0 * *distance;
            // The larger of 0 and what is no number would be 0: as near as can be.
            *distance = if squared.is_nan() { f32::INFINITY } else { squared.max(0.0) };
        }
    }
    distances
}

/// The nearest sample of a set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Its index in the set.
    pub index: usize,
    /// The root of the mean squared difference over all values.
    pub distance: f32,
}

/// Samples compared with all others at once.
const CHUNK: usize = 256;

/// For each sample of `of` the nearest in `among`, which holds at least one.
pub fn nearest(of: &Features, among: &Features) -> Vec<Neighbour> {
    nearest_but(of, among, |_| None)
}

/// The same, where the sample of `among` that `but` names for each of `of` does not count; infinitely far where there is no other.
pub(super) fn nearest_but(of: &Features, among: &Features, but: impl Fn(usize) -> Option<usize> + Sync) -> Vec<Neighbour> {
    let dims = of.dims();
    let chunks = of.values().chunks(CHUNK * dims).enumerate().flat_map(|(chunk, values)| {
        let distances = squared_distances(&Features::new(values.to_vec(), dims), among);
        let row = |(row, distances): (usize, &[f32])| {
            let left_out = but(chunk * CHUNK + row);
            let others = distances.iter().copied().enumerate().filter(|(index, _)| Some(*index) != left_out);
            let (index, squared) = others.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, f32::INFINITY));
            Neighbour { index, distance: (squared / dims as f32).sqrt() }
        };
        distances.par_chunks_exact(among.len().max(1)).enumerate().map(row).collect::<Vec<_>>()
    });
    chunks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::table;

    #[derive(serde::Deserialize)]
    struct Entry {
        a: Vec<Vec<f32>>,
        b: Vec<Vec<f32>>,
        /// Precision, recall, density, coverage of `b` beside the real `a`.
        prdc: [f64; 4],
    }

    #[test]
    fn they_are_the_papers_definitions_computed_in_numpy() {
        let entries: Vec<Entry> = table(include_str!("../../tests/reference/distances.json"));
        for entry in entries {
            let features = |rows: &[Vec<f32>]| Features::new(rows.concat(), rows[0].len());
            let Coverage { precision, recall, density, coverage } = coverage(&features(&entry.a), &features(&entry.b)).unwrap();
            for (got, wanted) in [precision, recall, density, coverage].into_iter().zip(entry.prdc) {
                assert!((got - wanted).abs() < 1e-9, "{got} {wanted}");
            }
        }
    }

    #[test]
    fn what_is_far_away_is_neither_precise_nor_covers_anything() {
        let line = |from: f32| Features::new((0..20).map(|index| from + index as f32).collect(), 1);
        let apart = coverage(&line(0.0), &line(1000.0)).unwrap();
        assert_eq!(apart, Coverage { precision: 0.0, recall: 0.0, density: 0.0, coverage: 0.0 });
        let same = coverage(&line(0.0), &line(0.0)).unwrap();
        assert_eq!((same.precision, same.recall, same.coverage), (1.0, 1.0, 1.0));
    }

    #[test]
    fn what_is_no_number_is_near_nothing() {
        let line = |count: usize| (0..20).map(|index| if index < count { index as f32 } else { f32::NAN }).collect();
        let beside = |count: usize| coverage(&Features::new(line(20), 1), &Features::new(line(count), 1)).unwrap();
        // The ball around the last of them reaches to 5 on both sides, that of a real one inside the line to 3.
        let Coverage { precision, recall, coverage, .. } = beside(10);
        assert_eq!((precision, recall, coverage), (0.5, 0.7, 0.6));
        assert_eq!((beside(4).precision, beside(4).recall), (0.2, 0.0), "four have no five neighbours, and no balls");
        let Coverage { precision, recall, density, coverage } = beside(0);
        assert!([precision, recall, density, coverage].iter().all(|number| number.is_nan()), "of nothing there is nothing to say");
        let found = nearest(&Features::new(vec![f32::NAN, 2.0], 1), &Features::new(vec![7.0, 2.0], 1));
        assert_eq!((found[0].distance, found[1].index), (f32::INFINITY, 1));
    }

    #[test]
    fn the_nearest_is_found_with_its_distance() {
        let among = Features::new(vec![0.0, 0.0, 3.0, 4.0], 2);
        let found = nearest(&Features::new(vec![3.0, 3.0, 0.0, 1.0], 2), &among);
        assert_eq!(found[0], Neighbour { index: 1, distance: 0.5_f32.sqrt() });
        assert_eq!(found[1].index, 0);
    }

    #[test]
    fn what_does_not_count_is_passed_over() {
        let among = Features::new(vec![0.0, 1.0, 6.0], 1);
        let asked = Features::new((0..CHUNK + 2).map(|index| index as f32).collect(), 1);
        let found = nearest_but(&asked, &among, |row| (row < 2 || row == CHUNK).then_some(row.min(2)));
        let places: Vec<usize> = found.iter().map(|near| near.index).collect();
        assert_eq!(places[..6], [1, 0, 1, 1, 2, 2]);
        assert_eq!(places[CHUNK - 1..], [2, 1, 2], "of the second chunk, too");
        let alone = nearest_but(&Features::new(vec![2.0], 1), &Features::new(vec![2.0], 1), |_| Some(0));
        assert_eq!(alone[0].distance, f32::INFINITY, "there is no other");
    }
}
