//! The random numbers of augmentation.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use crate::spec::Shape;

/// What was drawn for a batch, a value for each sample. Everything is drawn, whatever is switched on, so that one switch changes nothing
/// about the others.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub struct Draws {
    /// Added to every value, -0.5 to 0.5.
    pub brightness: Vec<f32>,
    /// Distances from the mean over channels are multiplied by it, 0 to 2.
    pub saturation: Vec<f32>,
    /// Distances from the mean of the picture are multiplied by it, 0.5 to 1.5.
    pub contrast: Vec<f32>,
    /// How many rows, and columns, further on a value is taken from.
    pub translation: [Vec<f32>; 2],
    /// The row, and the column, in the middle of what becomes zero.
    pub cutout: [Vec<f32>; 2],
    /// For each [`Group`] a number in 0..1: the change is made where it is below the probability.
    pub chances: [Vec<f32>; 5],
}

/// What is done or not done as one.
#[derive(Clone, Copy, Debug)]
pub enum Group {
    Brightness = 0,
    Saturation = 1,
    Contrast = 2,
    Translation = 3,
    Cutout = 4,
}

impl Draws {
    /// Those of `count` samples of `shape`.
    pub fn new(rng: &mut ChaCha8Rng, shape: Shape, count: usize) -> Self {
        let mut draws = Self::default();
        let sides = [shape.height, shape.width];
        for _ in 0..count {
            draws.brightness.push(rng.random::<f32>() - 0.5);
            draws.saturation.push(rng.random::<f32>() * 2.0);
            draws.contrast.push(rng.random::<f32>() + 0.5);
            for (values, side) in draws.translation.iter_mut().zip(sides) {
                let most = Self::shift(side) as i32;
                values.push(rng.random_range(-most..=most) as f32);
            }
            for (values, side) in draws.cutout.iter_mut().zip(sides) {
                // One more place where a window of even size has no middle row.
                let places = side + 1 - Self::cut(side) % 2;
                values.push(rng.random_range(0..places.max(1) as u32) as f32);
            }
            draws.chances.iter_mut().for_each(|chances| chances.push(rng.random()));
        }
        draws
    }

    /// An eighth of a side, rounded: as far as pictures are moved.
    pub fn shift(side: usize) -> usize {
        (side + 4) / 8
    }

    /// Half a side, rounded: as much as is cut out.
    pub fn cut(side: usize) -> usize {
        side.div_ceil(2)
    }
}
