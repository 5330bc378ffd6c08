//! Fully connected layer: `y = x W + b`.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use crate::nn::init::{self, Fan};
use crate::ops::{self, Bend};
use crate::spec::Init;

/// `W` is `[inputs, units]`, the transpose of PyTorch's.
#[derive(Module, Debug)]
pub struct Dense {
    weight: Param<Tensor<2>>,
    bias: Option<Param<Tensor<1>>>,
}

impl Dense {
    /// From `inputs` values to `units`.
    pub fn new(inputs: usize, units: usize, bias: bool, init: Init, rng: &mut ChaCha8Rng, device: &Device) -> Self {
        let fan = Fan { into: inputs, out: units };
        let weight = init::weight(init, [inputs, units], fan, rng, device);
        let bias = bias.then(|| init::bias(init, units, fan, rng, device));
        Self { weight, bias }
    }

    /// `[n, inputs, 1, 1]` to `[n, units, 1, 1]`.
    pub fn forward(&self, x: Tensor<4>, bend: Option<Bend>) -> Tensor<4> {
        ops::dense(x, self.weight.val(), self.bias.as_ref().map(Param::val), bend)
    }
}
