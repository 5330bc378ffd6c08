//! Which training pictures generated ones are nearest to: whether they are copies.

use super::features::Features;
use super::neighbours::{Neighbour, nearest};
use super::pace::Pace;
use crate::data::Dataset;
use crate::spec::Shape;

/// Pictures of the training data, small enough to be looked through.
#[derive(Debug)]
pub struct Training {
    shape: Shape,
    /// Where each is in the data set.
    indices: Vec<u32>,
    small: Features,
}

/// Pictures are compared at most so large, in pixels of a side: copies differ little at any size.
const SIDE: usize = 32;
/// Pictures compared at once.
const CHUNK: usize = 64;

/// A generated picture and the training picture it is nearest to.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The generated one, `[channels, height, width]` flat in -1..1.
    pub generated: Vec<f32>,
    /// Which sample of the data set the other one is.
    pub training: u32,
    /// The root of the mean squared difference of values in -1..1.
    pub distance: f32,
}

impl Training {
    /// The samples of `dataset` at `indices`, which are pictures; at least one.
    pub fn of(dataset: &Dataset, indices: &[u32]) -> Self {
        let shape = dataset.shape();
        let small = indices.chunks(CHUNK).flat_map(|chunk| smaller(&dataset.gather(chunk), shape)).collect();
        Self { shape, indices: indices.to_vec(), small: Features::new(small, small_shape(shape).values()) }
    }

    /// For each picture, `[n, channels, height, width]` flat, the nearest: which sample of the data set, and how far. Pictures of more than
    /// 32 pixels a side are compared after they were made smaller by a whole factor. Fewer of them where `pace` says to stop.
    pub fn nearest(&self, pictures: &[f32], pace: &dyn Pace) -> Vec<Neighbour> {
        let mut found = Vec::new();
        for chunk in pictures.chunks(CHUNK * self.shape.values().max(1)) {
            if !pace.go_on() {
                break;
            }
            let small = Features::new(smaller(chunk, self.shape), self.small.dims());
            let of_set = |near: Neighbour| Neighbour { index: self.indices[near.index] as usize, ..near };
            found.extend(nearest(&small, &self.small).into_iter().map(of_set));
        }
        found
    }

    /// The nearest to one picture, computed on the calling thread: some milliseconds.
    pub fn nearest_to(&self, picture: &[f32]) -> Option<Neighbour> {
        let small = smaller(picture, self.shape);
        let squared = |row: &[f32]| row.iter().zip(&small).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
        let (place, squared) = self.small.rows().map(squared).enumerate().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let distance = (squared / self.small.dims() as f32).sqrt();
        Some(Neighbour { index: *self.indices.get(place)? as usize, distance })
    }

    /// The `count` of the pictures that are nearest to a training picture, the nearest first. `found` is what [`Training::nearest`] says of them.
    pub fn closest(&self, pictures: &[f32], found: &[Neighbour], count: usize) -> Vec<Pair> {
        let mut order: Vec<(&[f32], &Neighbour)> = pictures.chunks_exact(self.shape.values().max(1)).zip(found).collect();
        order.sort_by(|a, b| a.1.distance.total_cmp(&b.1.distance));
        let pair = |(picture, near): (&[f32], &Neighbour)| Pair {
            generated: picture.to_vec(),
            training: near.index as u32,
            distance: near.distance,
        };
        order.into_iter().take(count).map(pair).collect()
    }
}

/// By how much pictures are made smaller.
fn factor(shape: Shape) -> usize {
    shape.height.max(shape.width).div_ceil(SIDE).max(1)
}

fn small_shape(shape: Shape) -> Shape {
    let factor = factor(shape);
    Shape { height: (shape.height / factor).max(1), width: (shape.width / factor).max(1), ..shape }
}

/// The means of squares of pixels; what does not fill a square at the right and the bottom is left out.
fn smaller(pictures: &[f32], shape: Shape) -> Vec<f32> {
    let (factor, small) = (factor(shape), small_shape(shape));
    if factor == 1 {
        return pictures.to_vec();
    }
    let mut out = Vec::with_capacity(pictures.len() / (factor * factor));
    for plane in pictures.chunks_exact(shape.height * shape.width) {
        for y in 0..small.height {
            for x in 0..small.width {
                let rows = plane.chunks_exact(shape.width).skip(y * factor).take(factor);
                let (mut sum, mut count) = (0.0, 0);
                for value in rows.flat_map(|row| row.iter().skip(x * factor).take(factor)) {
                    sum += value;
                    count += 1;
                }
                out.push(sum / count.max(1) as f32);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::data::{LoadReport, Values};

    fn dataset(shape: Shape, bytes: Vec<u8>) -> Dataset {
        Dataset::new(shape, Values::Pictures(bytes), None, Vec::new(), LoadReport::default(), 0.0, 1).unwrap()
    }

    #[test]
    fn a_copy_is_found_with_its_place_in_the_data_and_no_distance() {
        for shape in [Shape::new(1, 4, 4), Shape::new(3, 70, 64)] {
            let size = shape.values();
            let bytes: Vec<u8> = (0..20 * size).map(|index| (index * index / size * 7 % 251) as u8).collect();
            let dataset = dataset(shape, bytes);
            let training = Training::of(&dataset, &[3, 5, 7, 11]);
            let pictures = dataset.gather(&[7, 5]);
            let found = training.nearest(&pictures, &AtomicBool::new(false));
            assert_eq!(found.iter().map(|near| near.index).collect::<Vec<_>>(), [7, 5]);
            assert!(found.iter().all(|near| near.distance < 1e-3), "{found:?}");
            let one = training.nearest_to(&pictures[..size]).unwrap();
            assert_eq!((one.index, one.distance), (7, 0.0));
        }
    }

    #[test]
    fn the_closest_come_first() {
        let dataset = dataset(Shape::new(1, 1, 2), vec![0, 0, 255, 255]);
        let training = Training::of(&dataset, &[0, 1]);
        let pictures = [0.0, 0.0, -0.5, -0.5, 0.9, 0.9];
        let pairs = training.closest(&pictures, &training.nearest(&pictures, &AtomicBool::new(false)), 2);
        assert_eq!(pairs.iter().map(|pair| pair.training).collect::<Vec<_>>(), [1, 0]);
        assert!((pairs[0].distance - 0.1).abs() < 1e-3 && (pairs[1].distance - 0.5).abs() < 1e-3, "{pairs:?}");
        assert_eq!(pairs[0].generated, [0.9, 0.9]);
    }

    #[test]
    fn larger_pictures_are_compared_by_the_means_of_squares() {
        let shape = Shape::new(1, 2, 66);
        let picture: Vec<f32> = (0..132).map(|index| (index % 66) as f32).collect();
        // 66 pixels become 22 of three each; two lines are none of three, and one of them is left.
        assert_eq!(small_shape(shape), Shape::new(1, 1, 22));
        assert_eq!(smaller(&picture, shape)[..3], [1.0, 4.0, 7.0]);
    }
}
