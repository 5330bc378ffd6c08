//! The operations against outside truths: Burn's own, closed forms in 64 bits, and central differences.

mod adapter;
mod bends;
mod cases;
mod differences;
mod linear;
mod moments;
mod threads;
mod updates;

use burn::tensor::{Device, Tensor, TensorData, activation};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::Bend;
use crate::random::{self, Purpose};

/// Every end of an operation. The slope is a power of two: products with it are exact.
const BENDS: [Option<Bend>; 5] = [None, Some(Bend::Relu), Some(Bend::LeakyRelu { slope: 0.25 }), Some(Bend::Tanh), Some(Bend::Sigmoid)];

/// The numbers of one case.
fn stream(case: usize) -> ChaCha8Rng {
    random::stream(7, Purpose::Synthetic, case as u64)
}

fn tensor<const D: usize>(values: &[f32], dims: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), dims), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

/// Multiples of a quarter up to one: sums of their products are exact in 32 bits, in whichever order they are taken.
fn quarters(rng: &mut ChaCha8Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| f32::from(rng.random_range(-4..=4_i8)) / 4.0).collect()
}

/// Burn's function for a bend.
fn burns_bend(x: Tensor<4>, bend: Option<Bend>) -> Tensor<4> {
    match bend {
        None => x,
        Some(Bend::Relu) => activation::relu(x),
        Some(Bend::LeakyRelu { slope }) => activation::leaky_relu(x, f64::from(slope)),
        Some(Bend::Tanh) => activation::tanh(x),
        Some(Bend::Sigmoid) => activation::sigmoid(x),
    }
}

/// A bend of `x` and its slope there. What is zero counts as below zero, as in PyTorch.
fn exact_bend(x: f64, bend: Option<Bend>) -> [f64; 2] {
    let below = if x > 0.0 { 0.0 } else { 1.0 };
    match bend {
        None => [x, 1.0],
        Some(Bend::Relu) => [x.max(0.0), 1.0 - below],
        Some(Bend::LeakyRelu { slope }) => {
            let slope = 1.0 + below * (f64::from(slope) - 1.0);
            [x * slope, slope]
        }
        Some(Bend::Tanh) => [x.tanh(), 1.0 - x.tanh().powi(2)],
        Some(Bend::Sigmoid) => {
            let y = 1.0 / (1.0 + (-x).exp());
            [y, y * (1.0 - y)]
        }
    }
}

fn has_kink(bend: Option<Bend>) -> bool {
    matches!(bend, Some(Bend::Relu | Bend::LeakyRelu { .. }))
}

/// Each number is as near to the wanted one as `allowed` says for it.
#[track_caller]
fn assert_near(got: &[f32], wanted: &[f64], allowed: impl Fn(usize) -> f64, what: &str) {
    assert_eq!(got.len(), wanted.len(), "{what}: count");
    for (index, (&got, &wanted)) in got.iter().zip(wanted).enumerate() {
        let difference = (f64::from(got) - wanted).abs();
        assert!(difference <= allowed(index), "{what}: value {index} is {got}, not {wanted}: {difference:e} > {:e}", allowed(index));
    }
}

fn widened(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}
