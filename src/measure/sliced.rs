//! The sliced Wasserstein distance between the patches of two sets of pictures, scale by scale.
//!
//! As Karras et al. (2018, "Progressive growing", section 5) define it, with three differences, so that its numbers are not those of their
//! program: what a level adds to the next smaller one is taken over that one enlarged bilinearly, not with the kernel that made it
//! smaller; levels end where the next would be smaller than 14 pixels, not 16, so that 28 x 28 has two; and it is the mean over 256
//! directions, not 512.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::pace::Pace;
use crate::random::{self, Purpose};
use crate::spec::Shape;

/// Pixels of a patch's side.
const PATCH: usize = 7;
/// Directions that patches are projected on.
const DIRECTIONS: usize = 256;
/// Directions between two looks at the pace.
const DIRECTIONS_AT_ONCE: usize = 16;
/// No scale is smaller than this.
const SMALLEST: usize = 14;

/// Patches of pictures, drawn from the levels of their Laplacian pyramids, one list of normalised descriptors for each level, the
/// finest first.
#[derive(Clone, Debug)]
pub struct Pyramid {
    /// Of one picture.
    shape: Shape,
    levels: Vec<Descriptors>,
}

#[derive(Clone, Debug)]
struct Descriptors {
    /// Pixels of the level's longer side.
    size: usize,
    /// `[patches, dims]`.
    values: Vec<f32>,
    dims: usize,
}

impl Pyramid {
    /// Takes `patches` patches at each scale from each picture of `shape`, `[n, channels, height, width]` flat. The places are drawn from `seed`, the same for two sets
    /// with as many pictures. `None` where a picture is too small for a patch.
    pub fn of(pictures: &[f32], shape: Shape, patches: usize, seed: u64) -> Option<Self> {
        let count = pictures.len() / shape.values().max(1);
        if count == 0 || patches == 0 || shape.height.min(shape.width) < PATCH {
            return None;
        }
        let mut levels = Vec::new();
        let mut rest = Some((pictures.to_vec(), shape));
        while let Some((images, shape)) = rest {
            let (level, smaller) = split(images, shape);
            levels.push(Descriptors::of(&level, shape, patches, random::stream(seed, Purpose::Measure, levels.len() as u64)));
            rest = smaller;
        }
        Some(Self { shape, levels })
    }

    /// Pixels of the longer side of each level, the finest first.
    pub fn sizes(&self) -> Vec<usize> {
        self.levels.iter().map(|level| level.size).collect()
    }
}

/// The sliced Wasserstein distance of each level, times 1000 as the paper has it, the finest first. Both sets have as many pictures of the
/// same shape; otherwise there is no number.
pub fn sliced_distances(a: &Pyramid, b: &Pyramid, seed: u64) -> Option<Vec<f64>> {
    sliced_distances_at(a, b, seed, &AtomicBool::new(false))
}

/// The same at a pace; none where that says to stop.
pub(super) fn sliced_distances_at(a: &Pyramid, b: &Pyramid, seed: u64, pace: &dyn Pace) -> Option<Vec<f64>> {
    if a.shape != b.shape {
        return None;
    }
    let levels = a.levels.iter().zip(&b.levels).enumerate();
    levels.map(|(level, (a, b))| a.distance(b, seed, level as u64, pace).map(|distance| 1000.0 * distance)).collect()
}

impl Descriptors {
    fn of(images: &[f32], shape: Shape, patches: usize, mut rng: rand_chacha::ChaCha8Rng) -> Self {
        use rand::RngExt as _;
        let dims = shape.channels * PATCH * PATCH;
        let mut values = Vec::with_capacity(images.len() / shape.values() * patches * dims);
        for image in images.chunks_exact(shape.values()) {
            for _ in 0..patches {
                let (x, y) = (rng.random_range(0..=shape.width - PATCH), rng.random_range(0..=shape.height - PATCH));
                for channel in image.chunks_exact(shape.height * shape.width) {
                    for row in 0..PATCH {
                        let start = (y + row) * shape.width + x;
                        values.extend_from_slice(&channel[start..start + PATCH]);
                    }
                }
            }
        }
        let mut descriptors = Self { size: shape.height.max(shape.width), values, dims };
        descriptors.normalise(shape.channels);
        descriptors
    }

    /// Mean 0 and deviation 1 for each channel over all patches.
    fn normalise(&mut self, channels: usize) {
        let part = PATCH * PATCH;
        for channel in 0..channels {
            let of_channel =
                |values: &[f32]| values[channel * part..(channel + 1) * part].iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
            let all: Vec<f64> = self.values.chunks_exact(self.dims).flat_map(of_channel).collect();
            let mean = all.iter().sum::<f64>() / all.len() as f64;
            let deviation = (all.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / all.len() as f64).sqrt();
            // Patches without any contrast stay at zero.
            let scale = if deviation > 1e-12 { 1.0 / deviation } else { 0.0 };
            for patch in self.values.chunks_exact_mut(self.dims) {
                for value in &mut patch[channel * part..(channel + 1) * part] {
                    *value = ((f64::from(*value) - mean) * scale) as f32;
                }
            }
        }
    }

    /// The mean over directions of the mean distance between projections in order.
    fn distance(&self, other: &Self, seed: u64, level: u64, pace: &dyn Pace) -> Option<f64> {
        if self.values.len() != other.values.len() || self.dims != other.dims || self.values.is_empty() {
            return None;
        }
        let mut total = 0.0;
        for first in (0..DIRECTIONS).step_by(DIRECTIONS_AT_ONCE) {
            if !pace.go_on() {
                return None;
            }
            let directions = (first..DIRECTIONS.min(first + DIRECTIONS_AT_ONCE)).into_par_iter();
            total += directions.map(|index| self.distance_along(other, &self.direction(seed, level, index as u64))).sum::<f64>();
        }
        Some(total / DIRECTIONS as f64)
    }

    /// Drawn evenly from all directions, of length 1.
    fn direction(&self, seed: u64, level: u64, index: u64) -> Vec<f32> {
        let mut rng = random::stream(seed, Purpose::Measure, (level + 1) << 32 | index);
        unit(random::normals(&mut rng, self.dims))
    }

    /// The mean distance between projections on a direction in order.
    fn distance_along(&self, other: &Self, direction: &[f32]) -> f64 {
        let (a, b) = (self.projected(direction), other.projected(direction));
        a.iter().zip(&b).map(|(x, y)| f64::from((x - y).abs())).sum::<f64>() / a.len() as f64
    }

    /// The patches along a direction, in order.
    fn projected(&self, direction: &[f32]) -> Vec<f32> {
        let along = |patch: &[f32]| patch.iter().zip(direction).map(|(x, d)| x * d).sum::<f32>();
        let mut values: Vec<f32> = self.values.chunks_exact(self.dims).map(along).collect();
        values.sort_unstable_by(f32::total_cmp);
        values
    }
}

fn unit(mut direction: Vec<f32>) -> Vec<f32> {
    let length = direction.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    direction.iter_mut().for_each(|value| *value /= length);
    direction
}

/// Burt and Adelson's kernel.
const BLUR: [f32; 5] = [1.0 / 16.0, 4.0 / 16.0, 6.0 / 16.0, 4.0 / 16.0, 1.0 / 16.0];

/// Pictures with their shape.
type Images = (Vec<f32>, Shape);

/// The finest level of the pyramid, and the smaller pictures that the other levels are made of; the pictures themselves where there are none.
fn split(images: Vec<f32>, shape: Shape) -> (Vec<f32>, Option<Images>) {
    if shape.height.min(shape.width) / 2 < SMALLEST {
        return (images, None);
    }
    let (smaller, small) = halve(&images, shape);
    (difference(&images, shape, &smaller, small), Some((smaller, small)))
}

/// The pictures blurred and every other pixel of them.
fn halve(images: &[f32], shape: Shape) -> Images {
    let small = Shape { height: shape.height.div_ceil(2), width: shape.width.div_ceil(2), ..shape };
    let planes: Vec<Vec<f32>> =
        images.par_chunks_exact(shape.height * shape.width).map(|plane| halve_plane(plane, shape.height, shape.width)).collect();
    (planes.concat(), small)
}

fn halve_plane(plane: &[f32], height: usize, width: usize) -> Vec<f32> {
    let blurred = |at: &dyn Fn(usize) -> f32, centre: usize, len: usize| -> f32 {
        (0..5).map(|tap| BLUR[tap] * at(mirrored(centre as isize + tap as isize - 2, len))).sum()
    };
    let (small_height, small_width) = (height.div_ceil(2), width.div_ceil(2));
    let mut across = vec![0.0; height * small_width];
    for (y, row) in plane.chunks_exact(width).enumerate() {
        for x in 0..small_width {
            across[y * small_width + x] = blurred(&|index| row[index], 2 * x, width);
        }
    }
    let mut out = vec![0.0; small_height * small_width];
    for y in 0..small_height {
        for x in 0..small_width {
            out[y * small_width + x] = blurred(&|index| across[index * small_width + x], 2 * y, height);
        }
    }
    out
}

/// An index reflected into `0..len`, without repeating the edge.
fn mirrored(index: isize, len: usize) -> usize {
    let last = len as isize - 1;
    let index = if index < 0 { -index } else { index };
    let index = if index > last { 2 * last - index } else { index };
    index.clamp(0, last) as usize
}

/// What halving took away: the pictures less the smaller ones enlarged bilinearly.
fn difference(images: &[f32], shape: Shape, smaller: &[f32], small: Shape) -> Vec<f32> {
    let planes: Vec<Vec<f32>> = images
        .par_chunks_exact(shape.height * shape.width)
        .zip(smaller.par_chunks_exact(small.height * small.width))
        .map(|(plane, coarse)| {
            let at = |y: usize, x: usize| coarse[y.min(small.height - 1) * small.width + x.min(small.width - 1)];
            let enlarged = |y: usize, x: usize| {
                let (y0, x0) = (y / 2, x / 2);
                let (y1, x1) = (y0 + y % 2, x0 + x % 2);
                0.25 * (at(y0, x0) + at(y0, x1) + at(y1, x0) + at(y1, x1))
            };
            plane.iter().enumerate().map(|(index, value)| value - enlarged(index / shape.width, index % shape.width)).collect()
        })
        .collect();
    planes.concat()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::reference::assert_close;

    const SHAPE: Shape = Shape { channels: 1, height: 32, width: 32 };

    fn noise(counter: u64, count: usize) -> Vec<f32> {
        random::normals(&mut random::stream(9, Purpose::Measure, counter), count * SHAPE.values())
    }

    /// What `tests/reference/distances.py` computes of the pictures that [`pictures`] makes.
    #[derive(Deserialize)]
    struct Table {
        halvings: Vec<Halving>,
        pyramids: Vec<Levels>,
        descriptors: Normalised,
        along: Along,
        whole: Whole,
    }

    #[derive(Deserialize)]
    struct Halving {
        shape: [usize; 3],
        first: usize,
        smaller: Vec<f32>,
        level: Vec<f32>,
    }

    #[derive(Deserialize)]
    struct Levels {
        shape: [usize; 3],
        first: usize,
        levels: Vec<Level>,
    }

    /// Every [`STRIDE`]th value, and what stands for the others.
    #[derive(Deserialize)]
    struct Level {
        shape: [usize; 3],
        some: Vec<f32>,
        sum: f64,
        squares: f64,
    }

    #[derive(Deserialize)]
    struct Normalised {
        first: usize,
        count: usize,
        flat: f32,
        values: Vec<f32>,
    }

    #[derive(Deserialize)]
    struct Along {
        a: Vec<Vec<f32>>,
        b: Vec<Vec<f32>>,
        directions: Vec<Vec<f32>>,
        distances: Vec<f64>,
    }

    #[derive(Deserialize)]
    struct Whole {
        firsts: [usize; 2],
        count: usize,
        mean: f64,
        spread: f64,
    }

    const STRIDE: usize = 173;
    /// Some dozen roundings of 32-bit numbers below 2.
    const TOLERANCE: f32 = 2e-6;

    fn reference() -> Table {
        serde_json::from_str(include_str!("../../tests/reference/sliced.json")).unwrap()
    }

    fn shape([channels, height, width]: [usize; 3]) -> Shape {
        Shape { channels, height, width }
    }

    /// Eighths in -1..1 that are the same in Python.
    fn pictures(first: usize, count: usize, shape: Shape) -> Vec<f32> {
        let value = |index: usize| {
            let (x, y) = (index % shape.width, index / shape.width % shape.height);
            let (c, n) = (index / (shape.width * shape.height) % shape.channels, first + index / shape.values());
            let mixed = 3 * x * x + x * y + 2 * y * y + (4 * c + 3 * n) * (x + 2 * y) + 5 * c + 7 * n * n;
            ((mixed % 17) as f32 - 8.0) / 8.0
        };
        (0..count * shape.values()).map(value).collect()
    }

    #[test]
    fn a_halved_picture_and_what_it_takes_away_are_numpys() {
        for Halving { shape: sides, first, smaller, level } in reference().halvings {
            let shape = shape(sides);
            let picture = pictures(first, 1, shape);
            let (small, small_shape) = halve(&picture, shape);
            assert_close("smaller", &small, &smaller, TOLERANCE);
            assert_close("level", &difference(&picture, shape, &small, small_shape), &level, TOLERANCE);
        }
    }

    #[test]
    fn the_levels_of_a_pyramid_are_numpys() {
        for Levels { shape: sides, first, levels } in reference().pyramids {
            let mut rest = Some((pictures(first, 1, shape(sides)), shape(sides)));
            for wanted in levels {
                let (images, of) = rest.expect("it has as many levels");
                assert_eq!(of, shape(wanted.shape));
                let (level, smaller) = split(images, of);
                let some: Vec<f32> = level.iter().copied().step_by(STRIDE).collect();
                assert_close("level", &some, &wanted.some, TOLERANCE);
                let sum: f64 = level.iter().map(|&value| f64::from(value)).sum();
                let squares: f64 = level.iter().map(|&value| f64::from(value).powi(2)).sum();
                // As if all values were off by the most in one direction, which they are not.
                let bound = f64::from(TOLERANCE) * level.len() as f64;
                assert!((sum - wanted.sum).abs() < bound, "{of}: {sum} {}", wanted.sum);
                assert!((squares - wanted.squares).abs() < 2.0 * bound, "{of}: {squares} {}", wanted.squares);
                rest = smaller;
            }
            assert!(rest.is_none(), "and no more");
        }
    }

    #[test]
    fn descriptors_are_normalised_by_channel_as_in_numpy() {
        let Normalised { first, count, flat, values } = reference().descriptors;
        let shape = Shape { channels: 3, height: PATCH, width: PATCH };
        let mut patches = pictures(first, count, shape);
        patches.chunks_exact_mut(shape.values()).for_each(|patch| patch[2 * PATCH * PATCH..].fill(flat));
        // So small a picture is one patch, and its pyramid one level.
        let pyramid = Pyramid::of(&patches, shape, 1, 1).unwrap();
        assert_eq!(pyramid.sizes(), [PATCH]);
        assert_close("descriptors", &pyramid.levels[0].values, &values, TOLERANCE);
    }

    #[test]
    fn along_given_directions_it_is_numpys() {
        let Along { a, b, directions, distances } = reference().along;
        let [a, b] = [a, b].map(|rows| Descriptors { size: 1, dims: rows[0].len(), values: rows.concat() });
        assert!(!directions.is_empty() && directions.len() == distances.len());
        for (direction, wanted) in directions.iter().zip(distances) {
            let found = a.distance_along(&b, direction);
            assert!((found - wanted).abs() < f64::from(TOLERANCE), "{found} {wanted}");
        }
    }

    #[test]
    fn over_random_directions_it_is_numpys_mean() {
        let Whole { firsts, count, mean, spread } = reference().whole;
        let shape = Shape { channels: 3, height: PATCH, width: PATCH };
        let [a, b] = firsts.map(|first| Pyramid::of(&pictures(first, count, shape), shape, 1, 1).unwrap());
        let found = sliced_distances(&a, &b, 1).unwrap();
        // Five standard errors of a mean over so many directions.
        let bound = 5.0 * spread / (DIRECTIONS as f64).sqrt();
        assert!(found.len() == 1 && (found[0] - mean).abs() < bound, "{found:?}: {mean} within {bound}");
    }

    #[test]
    fn pictures_of_different_shapes_are_no_distance_apart() {
        let of = |sides| Pyramid::of(&pictures(0, 4, shape(sides)), shape(sides), 3, 1).unwrap();
        let small = of([1, 32, 32]);
        assert!(sliced_distances(&small, &of([1, 32, 32]), 1).is_some());
        for other in [[1, 64, 64], [1, 28, 32], [3, 32, 32]] {
            assert_eq!(sliced_distances(&small, &of(other), 1), None, "{other:?}");
        }
    }

    #[test]
    fn a_flat_picture_leaves_nothing_in_the_fine_levels() {
        let flat = vec![0.7; SHAPE.values()];
        let (small, small_shape) = halve(&flat, SHAPE);
        assert!(small.iter().all(|value| (value - 0.7).abs() < 1e-6) && small.len() == 256);
        assert!(difference(&flat, SHAPE, &small, small_shape).iter().all(|value| value.abs() < 1e-6));
    }

    #[test]
    fn a_set_is_no_distance_from_itself_and_farther_from_what_is_blurred() {
        let (a, b) = (noise(1, 64), noise(2, 64));
        let (small, small_shape) = halve(&b, SHAPE);
        let fine = difference(&b, SHAPE, &small, small_shape);
        let blurred: Vec<f32> = b.iter().zip(&fine).map(|(value, fine)| value - fine).collect();
        let pyramid = |values: &[f32]| Pyramid::of(values, SHAPE, 64, 1).unwrap();
        let distance = |x: &Pyramid, y: &Pyramid| sliced_distances(x, y, 1).unwrap();
        assert_eq!(pyramid(&a).sizes(), [32, 16]);
        assert!(distance(&pyramid(&a), &pyramid(&a)).iter().all(|&d| d == 0.0));
        let (alike, apart) = (distance(&pyramid(&a), &pyramid(&b)), distance(&pyramid(&a), &pyramid(&blurred)));
        assert!(apart[0] > 3.0 * alike[0], "{apart:?} {alike:?}");
    }

    #[test]
    fn along_one_direction_it_is_the_distance_of_sorted_values() {
        let a = Descriptors { size: 1, values: vec![3.0, 1.0, 2.0], dims: 1 };
        let b = Descriptors { size: 1, values: vec![2.5, 1.5, 3.5], dims: 1 };
        // In one dimension all directions are the same: (0.5 + 0.5 + 0.5) / 3.
        assert!((a.distance(&b, 1, 0, &AtomicBool::new(false)).unwrap() - 0.5).abs() < 1e-6);
    }
}
