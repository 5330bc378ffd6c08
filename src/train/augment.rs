//! Augmentation that gradients flow through: random changes of what the discriminator sees (Zhao et al., 2020, `DiffAugment`).
//!
//! Every change is affine: what becomes of a picture is `L x + c`, with `L` and `c` drawn for each. So where a picture changes by `u`, the
//! augmented one changes by `L u`, which is all that penalties need ([`Augment::change`]).

mod draws;
mod strength;
#[cfg(test)]
pub mod tests;

use burn::tensor::{Device, Int, Tensor, TensorData};

pub use draws::{Draws, Group};
pub use strength::Strength;

use crate::spec::{Augmentation, Shape};

/// The changes of one batch. None at all leave samples as they are.
#[derive(Debug)]
pub struct Augment {
    colour: Option<Colour>,
    places: Option<Places>,
    /// What is kept, 1, and what becomes zero, 0: `[n, 1, height, width]`.
    kept: Option<Tensor<4>>,
    /// One sample, which is not what goes through the discriminator at once.
    shape: Shape,
}

/// What happens to the values of each picture, `[n, 1, 1, 1]` each.
#[derive(Debug)]
struct Colour {
    /// Added.
    brightness: Tensor<4>,
    /// How far from grey.
    saturation: Tensor<4>,
    /// How far from the picture's mean.
    contrast: Tensor<4>,
}

/// Where values come from.
#[derive(Debug)]
struct Places {
    /// The row that each row is taken from, `[n, 1, height, 1]`.
    rows: Tensor<4, Int>,
    /// The column that each column is taken from, `[n, 1, 1, width]`.
    columns: Tensor<4, Int>,
}

impl Default for Augment {
    fn default() -> Self {
        Self { colour: None, places: None, kept: None, shape: Shape::vector(1) }
    }
}

impl Augment {
    /// These draws, each with the probability `p`, `[1]`, for samples of `shape`. `p` stays on its device: nothing waits for it.
    pub fn new(rules: &Augmentation, draws: &Draws, shape: Shape, p: &Tensor<1>, device: &Device) -> Self {
        let made = Made { draws, p: p.clone().reshape([1, 1, 1, 1]), device };
        let lines = [count(shape.height, 2, device), count(shape.width, 3, device)];
        let colour = rules.colour.then(|| made.colour());
        let (places, is_there) = rules.translation.then(|| made.places(lines.clone(), shape)).unzip();
        let is_left = rules.cutout.then(|| made.left(lines, shape));
        Self { colour, places, kept: is_there.into_iter().chain(is_left).reduce(|a, b| a * b), shape }
    }

    /// The samples as the discriminator sees them, in the shape in which they come: one by one or in packs.
    pub fn apply(&self, samples: Tensor<4>) -> Tensor<4> {
        self.through(samples, true)
    }

    /// How those change where `samples` change by `change`.
    pub fn change(&self, change: Tensor<4>) -> Tensor<4> {
        self.through(change, false)
    }

    fn through(&self, samples: Tensor<4>, with_constants: bool) -> Tensor<4> {
        let (colour, places, kept) = (self.colour.as_ref(), self.places.as_ref(), self.kept.as_ref());
        if colour.is_none() && kept.is_none() {
            return samples;
        }
        let dims = samples.dims();
        let single = self.shape.batched(dims.iter().product::<usize>() / self.shape.values().max(1));
        let samples = if single == dims { samples } else { samples.reshape(single) };
        let samples = colour.into_iter().fold(samples, |x, colour| colour.apply(x, with_constants));
        let samples = places.into_iter().fold(samples, |x, places| places.apply(x));
        let samples = kept.into_iter().fold(samples, |x, kept| x * kept.clone());
        if single == dims { samples } else { samples.reshape(dims) }
    }
}

/// What is drawn, and whether it is done.
struct Made<'a> {
    draws: &'a Draws,
    /// The probability, `[1, 1, 1, 1]`.
    p: Tensor<4>,
    device: &'a Device,
}

impl Made<'_> {
    /// A value for each sample, `[n, 1, 1, 1]`.
    fn each(&self, values: &[f32]) -> Tensor<4> {
        Tensor::from_data(TensorData::new(values.to_vec(), [values.len(), 1, 1, 1]), self.device)
    }

    /// 1 where a change is made, 0 where it is not.
    fn is(&self, group: Group) -> Tensor<4> {
        self.each(&self.draws.chances[group as usize]).lower(self.p.clone()).float()
    }

    fn colour(&self) -> Colour {
        let factor = |values: &[f32], group| (self.each(values) - 1.0) * self.is(group) + 1.0;
        Colour {
            brightness: self.each(&self.draws.brightness) * self.is(Group::Brightness),
            saturation: factor(&self.draws.saturation, Group::Saturation),
            contrast: factor(&self.draws.contrast, Group::Contrast),
        }
    }

    /// Where the values of every row and column come from, and 1 where there is anything.
    fn places(&self, lines: [Tensor<4>; 2], shape: Shape) -> (Places, Tensor<4>) {
        let (is_made, [rows, columns], [down, right]) = (self.is(Group::Translation), lines, &self.draws.translation);
        let (rows, row_is_there) = within(rows + self.each(down) * is_made.clone(), shape.height);
        let (columns, column_is_there) = within(columns + self.each(right) * is_made, shape.width);
        (Places { rows, columns }, row_is_there * column_is_there)
    }

    /// 0 where a window is cut out, else 1.
    fn left(&self, [rows, columns]: [Tensor<4>; 2], shape: Shape) -> Tensor<4> {
        let is_cut = |lines: Tensor<4>, middle: &[f32], side: usize| {
            let length = Draws::cut(side);
            let past = lines - self.each(middle) + (length / 2) as f32;
            past.clone().greater_equal_elem(0.0).float() * past.lower_elem(length as f32).float()
        };
        let [row, column] = &self.draws.cutout;
        -(is_cut(rows, row, shape.height) * is_cut(columns, column, shape.width) * self.is(Group::Cutout)) + 1.0
    }
}

impl Colour {
    fn apply(&self, x: Tensor<4>, with_constants: bool) -> Tensor<4> {
        let [n, channels, height, width] = x.dims();
        let x = if with_constants { x + self.brightness.clone() } else { x };
        let x = if channels > 1 {
            let grey = x.clone().mean_dim(1);
            (x - grey.clone()) * self.saturation.clone() + grey
        } else {
            x
        };
        let mean = x.clone().reshape([n, channels * height * width]).mean_dim(1).reshape([n, 1, 1, 1]);
        (x - mean.clone()) * self.contrast.clone() + mean
    }
}

impl Places {
    fn apply(&self, x: Tensor<4>) -> Tensor<4> {
        let dims = x.dims();
        x.gather(2, self.rows.clone().expand(dims)).gather(3, self.columns.clone().expand(dims))
    }
}

/// 0, 1, 2 and so on along one of four dimensions.
fn count(length: usize, dimension: usize, device: &Device) -> Tensor<4> {
    let mut dims = [1; 4];
    dims[dimension] = length;
    Tensor::from_data(TensorData::new((0..length).map(|index| index as f32).collect::<Vec<_>>(), dims), device)
}

/// The nearest of `length` places, and 1 where it is the place itself, else 0.
fn within(places: Tensor<4>, length: usize) -> (Tensor<4, Int>, Tensor<4>) {
    let nearest = places.clone().clamp(0.0, length.saturating_sub(1) as f32);
    let is_there = nearest.clone().equal(places).float();
    (nearest.int(), is_there)
}
