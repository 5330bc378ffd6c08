//! Fully connected layer: `y = x W + b`.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use crate::nn::dual::Dual;
use crate::nn::init::{self, Fan};
use crate::nn::pass::Pass;
use crate::nn::weight::{Outputs, Setup, Weight};
use crate::ops::{self, Bend};
use crate::spec::{self, ShapeError};

/// `W` is `[inputs, units]`, the transpose of PyTorch's.
#[derive(Module, Debug)]
pub struct Dense {
    weight: Weight<2>,
    bias: Option<Param<Tensor<1>>>,
}

impl Dense {
    /// A dense layer of `inputs` values.
    ///
    /// # Errors
    /// `layer` is no dense layer.
    pub fn new(layer: &spec::Layer, inputs: usize, rng: &mut ChaCha8Rng, device: &Device) -> Result<Self, ShapeError> {
        let spec::Layer::Dense { units, bias, init, spectral_norm } = *layer else {
            return Err(ShapeError(format!("{} is no dense layer", layer.name())));
        };
        let fan = Fan { into: inputs, out: units };
        let weight = Weight::new([inputs, units], Setup { init, fan, outputs: Outputs::Second, spectral_norm }, rng, device);
        let bias = bias.then(|| init::bias(init, units, fan, rng, device));
        Ok(Self { weight, bias })
    }

    /// `[n, inputs, 1, 1]` to `[n, units, 1, 1]`.
    pub fn forward(&self, x: Tensor<4>, pass: &Pass, bend: Option<Bend>) -> Tensor<4> {
        ops::dense(x, self.weight.of(pass), self.bias.as_ref().map(Param::val), bend)
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual, pass: &Pass, bend: Option<Bend>) -> Dual {
        let weight = self.weight.of(pass);
        let value = ops::dense(x.value, weight.clone(), self.bias.as_ref().map(Param::val), bend);
        Dual::new(value, ops::dense(x.change, weight, None, None)).bent(bend)
    }
}
