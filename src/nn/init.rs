//! How weights start: drawn on the CPU from streams of our own, so that every device begins with the same numbers.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::random;
use crate::spec::Init;

/// How many values a weight reads and writes, as PyTorch and Keras count them for their initialisers.
#[derive(Clone, Copy, Debug)]
pub struct Fan {
    /// Inputs of one output.
    pub into: usize,
    /// Outputs of one input.
    pub out: usize,
}

/// The values of a weight of `shape`, drawn from `rng`.
pub fn weight(init: Init, shape: &[usize], fan: Fan, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let count = shape.iter().product();
    match init {
        Init::PyTorch => uniform(rng, count, 1.0 / (fan.into as f32).sqrt()),
        Init::Glorot => uniform(rng, count, (6.0 / (fan.into + fan.out) as f32).sqrt()),
        Init::Dcgan => normal(rng, count, 0.02),
        Init::He => normal(rng, count, (2.0 / fan.into as f32).sqrt()),
        Init::Orthogonal => orthogonal(rng, count, shape.first().copied().unwrap_or(1)),
        Init::Zeros => vec![0.0; count],
    }
}

/// A bias for the weight drawn just before: zero, except with PyTorch's initialiser.
pub fn bias(init: Init, size: usize, fan: Fan, rng: &mut ChaCha8Rng, device: &Device) -> Param<Tensor<1>> {
    let values = match init {
        Init::PyTorch => uniform(rng, size, 1.0 / (fan.into as f32).sqrt()),
        Init::Glorot | Init::Dcgan | Init::He | Init::Orthogonal | Init::Zeros => vec![0.0; size],
    };
    parameter(values, [size], device)
}

/// A parameter that training changes.
pub fn parameter<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Param<Tensor<D>> {
    Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), device))
}

/// Numbers that belong to a network without being trained: running statistics.
pub fn buffer(values: Vec<f32>, device: &Device) -> Param<Tensor<1>> {
    let size = values.len();
    parameter(values, [size], device).set_require_grad(false)
}

fn uniform(rng: &mut ChaCha8Rng, count: usize, bound: f32) -> Vec<f32> {
    // 24 random bits are all that a float in 0..1 holds.
    (0..count).map(|_| ((rng.next_u32() >> 8) as f32 / (1 << 24) as f32 * 2.0 - 1.0) * bound).collect()
}

fn normal(rng: &mut ChaCha8Rng, count: usize, deviation: f32) -> Vec<f32> {
    random::normals(rng, count).into_iter().map(|value| value * deviation).collect()
}

/// A matrix of `count` values in `rows` rows whose rows, or columns where there are fewer, have length one and stand at right angles,
/// all such matrices being as likely (Saxe et al., 2013): the orthogonal factor of a normal matrix, as PyTorch's `orthogonal_`.
fn orthogonal(rng: &mut ChaCha8Rng, count: usize, rows: usize) -> Vec<f32> {
    let columns = count / rows.max(1);
    let (vectors, length) = (rows.min(columns), rows.max(columns));
    let drawn: Vec<f64> = random::normals(rng, count).into_iter().map(f64::from).collect();
    let mut vectors: Vec<Vec<f64>> = drawn.chunks_exact(length.max(1)).take(vectors).map(<[f64]>::to_vec).collect();
    for done in 0..vectors.len() {
        let (before, rest) = vectors.split_at_mut(done + 1);
        let Some(this) = before.last_mut() else { break };
        let size = dot(this, this).sqrt().max(f64::MIN_POSITIVE);
        this.iter_mut().for_each(|value| *value /= size);
        rest.par_iter_mut().for_each(|other| {
            let part = dot(this, other);
            other.iter_mut().zip(this.iter()).for_each(|(other, this)| *other -= part * this);
        });
    }
    let at = |row: usize, column: usize| if rows <= columns { vectors[row][column] } else { vectors[column][row] };
    (0..rows * columns).map(|index| at(index / columns, index % columns) as f32).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    fn drawn(init: Init, shape: &[usize], fan: Fan) -> Vec<f32> {
        weight(init, shape, fan, &mut stream(1, Purpose::InitialWeights, 0))
    }

    fn mean_square(values: &[f32]) -> f32 {
        values.iter().map(|value| value * value).sum::<f32>() / values.len() as f32
    }

    #[test]
    fn the_shorter_side_of_an_orthogonal_weight_stands_at_right_angles() {
        for shape in [&[6, 4, 3, 3][..], &[40, 3], &[5, 5], &[1, 7], &[9, 1]] {
            let (rows, columns) = (shape[0], shape[1..].iter().product::<usize>());
            let values = drawn(Init::Orthogonal, shape, Fan { into: 1, out: 1 });
            let at = |vector: usize, index: usize| {
                f64::from(if rows <= columns { values[vector * columns + index] } else { values[index * columns + vector] })
            };
            let (count, length) = (rows.min(columns), rows.max(columns));
            for (a, b) in (0..count).flat_map(|a| (0..=a).map(move |b| (a, b))) {
                let product: f64 = (0..length).map(|index| at(a, index) * at(b, index)).sum();
                assert!((product - f64::from(u8::from(a == b))).abs() < 1e-6, "{shape:?}: {a} · {b} = {product}");
            }
        }
    }

    #[test]
    fn weights_are_as_large_as_their_initialisers_say() {
        let (shape, fan) = ([100, 400], Fan { into: 400, out: 100 });
        // A uniform number in ±a has the mean square a² / 3. 40,000 draws are within two per cent.
        for (init, wanted) in [
            (Init::PyTorch, 1.0 / 400.0 / 3.0),
            (Init::Glorot, 6.0 / 500.0 / 3.0),
            (Init::Dcgan, 0.02 * 0.02),
            (Init::He, 2.0 / 400.0),
            (Init::Orthogonal, 1.0 / 400.0),
        ] {
            let found = mean_square(&drawn(init, &shape, fan));
            assert!((found / wanted - 1.0).abs() < 0.03, "{init:?}: {found}, wanted {wanted}");
        }
        assert_eq!(mean_square(&drawn(Init::Zeros, &shape, fan)), 0.0);
    }
}
