//! Layer normalisation (Ba, Kiros and Hinton, 2016).

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::nn::dual::{self, Dual};
use crate::nn::init;

/// Normalises each sample over all its values, with a gain and an offset for each value, as PyTorch's `LayerNorm([C, H, W])`.
#[derive(Module, Debug)]
pub struct LayerNorm {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
    epsilon: f32,
}

impl LayerNorm {
    /// For inputs of so many values.
    pub fn new(values: usize, epsilon: f32, device: &Device) -> Self {
        Self {
            weight: init::parameter(vec![1.0; values], [values], device),
            bias: init::parameter(vec![0.0; values], [values], device),
            epsilon,
        }
    }

    /// `[n, channels, height, width]` to the same.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let dims = x.dims();
        let [n, channels, height, width] = dims;
        let x = x.reshape([n, channels * height * width]);
        let centred = x.clone() - x.mean_dim(1);
        let variance = centred.clone().powi_scalar(2).mean_dim(1); // [n, 1]
        let normalised = centred / (variance + self.epsilon).sqrt();
        let y = normalised * self.weight.val().unsqueeze_dim(0) + self.bias.val().unsqueeze_dim(0);
        y.reshape(dims)
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual) -> Dual {
        let dims = x.value.dims();
        let [n, channels, height, width] = dims;
        let values = channels * height * width;
        let normalised = dual::normalise(x.reshape([n, 1, values]), self.epsilon, |x| x.mean_dim(2));
        let (gain, offset) = (self.weight.val().reshape([1, 1, values]), self.bias.val().reshape([1, 1, values]));
        let value = normalised.value * gain.clone() + offset;
        Dual::new(value.reshape(dims), (normalised.change * gain).reshape(dims))
    }
}
