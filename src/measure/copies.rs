//! Which training pictures generated ones are nearest to: whether they are copies.

use serde::{Deserialize, Serialize};

use super::features::Features;
use super::neighbours::{Neighbour, nearest_but};
use super::pace::Pace;
use crate::data::Dataset;
use crate::spec::Shape;

/// Pictures of the training data, small enough to be looked through.
#[derive(Debug)]
pub struct Training {
    shape: Shape,
    /// Where each is in the data set.
    indices: Vec<u32>,
    /// `[indices.len(), dims]`, as bytes: as numbers they would be among the largest things in memory.
    small: Vec<u8>,
    dims: usize,
    /// How many training pictures the data has.
    of: usize,
}

/// Among how many training pictures the nearest was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// So many; a fair draw where they are not all.
    pub among: usize,
    /// Of so many that the data has.
    pub of: usize,
}

impl Search {
    /// Was it among all there are?
    pub fn is_of_all(self) -> bool {
        self.among >= self.of
    }
}

/// Pictures are compared at most so large, in pixels of a side: copies differ little at any size.
const SIDE: usize = 32;
/// Pictures made smaller at once.
const CHUNK: usize = 64;
/// Training pictures compared at once.
const COMPARED: usize = 512;

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
    /// As many training pictures of `dataset` as fit into so many bytes, a byte for each value of a picture of at most 32 pixels a side;
    /// at least one. `None` where `pace` says to stop.
    pub fn within(dataset: &Dataset, bytes: usize, pace: &dyn Pace) -> Option<Self> {
        let trained = dataset.train();
        let count = (bytes / small_shape(dataset.shape()).values().max(1)).clamp(1, trained.len().max(1));
        // Their order is drawn: the first are a fair draw of all.
        Self::of(dataset, &trained[..count.min(trained.len())], pace)
    }

    fn of(dataset: &Dataset, indices: &[u32], pace: &dyn Pace) -> Option<Self> {
        let shape = dataset.shape();
        let dims = small_shape(shape).values().max(1);
        let mut small = Vec::with_capacity(indices.len() * dims);
        for chunk in indices.chunks(CHUNK) {
            if !pace.go_on() {
                return None;
            }
            small.extend(smaller(&dataset.gather(chunk), shape).into_iter().map(to_byte));
        }
        Some(Self { shape, indices: indices.to_vec(), small, dims, of: dataset.train().len() })
    }

    /// Among how many the nearest is looked for.
    pub fn search(&self) -> Search {
        Search { among: self.indices.len(), of: self.of }
    }

    /// For each picture, `[n, channels, height, width]` flat, the nearest: which sample of the data set, and how far. Pictures of more than
    /// 32 pixels a side are compared after they were made smaller by a whole factor. None where `pace` says to stop.
    pub fn nearest(&self, pictures: &[f32], pace: &dyn Pace) -> Vec<Neighbour> {
        self.nearest_other(pictures, &[], pace)
    }

    /// The same of pictures that are themselves samples of the data set, those at `own`: the nearest other ones.
    pub fn nearest_other(&self, pictures: &[f32], own: &[u32], pace: &dyn Pace) -> Vec<Neighbour> {
        let small = Features::new(smaller(pictures, self.shape), self.dims);
        let mut found: Vec<Neighbour> = Vec::new();
        for (part, indices) in self.small.chunks(COMPARED * self.dims).zip(self.indices.chunks(COMPARED)) {
            if !pace.go_on() {
                return Vec::new();
            }
            let part = Features::new(part.iter().map(|&byte| from_byte(byte)).collect(), self.dims);
            let itself = |row: usize| indices.iter().position(|index| own.get(row) == Some(index));
            let near = nearest_but(&small, &part, itself).into_iter().map(|near| Neighbour { index: indices[near.index] as usize, ..near });
            if found.is_empty() {
                found = near.collect();
                continue;
            }
            for (best, near) in found.iter_mut().zip(near) {
                if near.distance < best.distance {
                    *best = near;
                }
            }
        }
        found
    }

    /// The nearest to one picture, computed on the calling thread: some milliseconds.
    pub fn nearest_to(&self, picture: &[f32]) -> Option<Neighbour> {
        let small = smaller(picture, self.shape);
        let squared = |row: &[u8]| row.iter().zip(&small).map(|(&a, b)| (from_byte(a) - b).powi(2)).sum::<f32>();
        let (place, squared) = self.small.chunks_exact(self.dims).map(squared).enumerate().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let distance = (squared / self.dims as f32).sqrt();
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

/// A value of -1..1, to a 255th; pictures of the data set have no others.
fn to_byte(value: f32) -> u8 {
    ((value + 1.0) * 127.5).round() as u8
}

fn from_byte(byte: u8) -> f32 {
    f32::from(byte) / 127.5 - 1.0
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
            let training = Training::of(&dataset, &[3, 5, 7, 11], &AtomicBool::new(false)).unwrap();
            let pictures = dataset.gather(&[7, 5]);
            let found = training.nearest(&pictures, &AtomicBool::new(false));
            assert_eq!(found.iter().map(|near| near.index).collect::<Vec<_>>(), [7, 5]);
            // Means of squares are kept to a 255th.
            let exact = if factor(shape) == 1 { 1e-3 } else { 1.0 / 255.0 };
            assert!(found.iter().all(|near| near.distance < exact), "{found:?}");
            let one = training.nearest_to(&pictures[..size]).unwrap();
            assert!(one.index == 7 && (one.distance == 0.0 || factor(shape) > 1 && one.distance < exact), "{one:?}");
        }
    }

    #[test]
    fn among_many_the_nearest_of_all_parts_is_found() {
        let count = COMPARED as u32 + 30;
        let bytes: Vec<u8> = (0..count).flat_map(|index| [(index % 251) as u8, (index / 251) as u8]).collect();
        let dataset = dataset(Shape::new(1, 1, 2), bytes);
        let training = Training::of(&dataset, &(0..count).collect::<Vec<_>>(), &AtomicBool::new(false)).unwrap();
        let asked = [3, COMPARED as u32 - 1, COMPARED as u32, count - 1];
        let found = training.nearest(&dataset.gather(&asked), &AtomicBool::new(false));
        assert_eq!(found.iter().map(|near| near.index as u32).collect::<Vec<_>>(), asked);
        let others = training.nearest_other(&dataset.gather(&asked), &asked, &AtomicBool::new(false));
        assert!(others.iter().zip(asked).all(|(near, own)| near.index as u32 != own && near.distance > 1e-3), "{others:?}");
    }

    #[test]
    fn all_training_pictures_are_looked_through_as_far_as_they_fit() {
        let dataset = Dataset::new(Shape::new(1, 2, 2), Values::Pictures(vec![7; 400]), None, Vec::new(), LoadReport::default(), 0.1, 1);
        let dataset = dataset.unwrap();
        let search = |bytes| Training::within(&dataset, bytes, &AtomicBool::new(false)).unwrap().search();
        assert_eq!(search(1 << 20), Search { among: 90, of: 90 });
        assert_eq!(search(43), Search { among: 10, of: 90 });
        assert_eq!(search(0), Search { among: 1, of: 90 });
        assert!(search(360).is_of_all() && !search(359).is_of_all());
        assert!(Training::within(&dataset, 400, &AtomicBool::new(true)).is_none(), "it was asked to stop");
    }

    #[test]
    fn the_closest_come_first() {
        let dataset = dataset(Shape::new(1, 1, 2), vec![0, 0, 255, 255]);
        let training = Training::of(&dataset, &[0, 1], &AtomicBool::new(false)).unwrap();
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
