//! How weights start: drawn on the CPU from streams of our own, so that every device begins with the same numbers.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

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

/// A weight tensor of `shape`, drawn from `rng`.
pub fn weight<const D: usize>(init: Init, shape: [usize; D], fan: Fan, rng: &mut ChaCha8Rng, device: &Device) -> Param<Tensor<D>> {
    let count = shape.iter().product();
    let values = match init {
        Init::PyTorch => uniform(rng, count, 1.0 / (fan.into as f32).sqrt()),
        Init::Glorot => uniform(rng, count, (6.0 / (fan.into + fan.out) as f32).sqrt()),
        Init::Dcgan => normal(rng, count, 0.02),
        Init::He => normal(rng, count, (2.0 / fan.into as f32).sqrt()),
    };
    parameter(values, shape, device)
}

/// A bias for the weight drawn just before: zero, except with PyTorch's initialiser.
pub fn bias(init: Init, size: usize, fan: Fan, rng: &mut ChaCha8Rng, device: &Device) -> Param<Tensor<1>> {
    let values = match init {
        Init::PyTorch => uniform(rng, size, 1.0 / (fan.into as f32).sqrt()),
        Init::Glorot | Init::Dcgan | Init::He => vec![0.0; size],
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
