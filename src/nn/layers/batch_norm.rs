//! Batch normalisation (Ioffe and Szegedy, 2015).

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::nn::init;
use crate::nn::pass::Pass;
use crate::ops::{self, Bend};

/// Normalises each channel over batch, rows and columns; names as in PyTorch.
#[derive(Module, Debug)]
pub struct BatchNorm {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
    running_mean: Param<Tensor<1>>,
    running_var: Param<Tensor<1>>,
    momentum: f32,
    epsilon: f32,
}

impl BatchNorm {
    /// For inputs of so many channels.
    pub fn new(channels: usize, momentum: f32, epsilon: f32, device: &Device) -> Self {
        Self {
            weight: init::parameter(vec![1.0; channels], [channels], device),
            bias: init::parameter(vec![0.0; channels], [channels], device),
            running_mean: init::buffer(vec![0.0; channels], device),
            running_var: init::buffer(vec![1.0; channels], device),
            momentum,
            epsilon,
        }
    }

    /// `[n, channels, height, width]` to the same. While training, with the batch's own statistics.
    pub fn forward(&self, x: Tensor<4>, pass: &Pass, bend: Option<Bend>) -> Tensor<4> {
        if !pass.is_training() {
            let moments = [self.running_mean.val(), self.running_var.val()];
            return ops::rescale(x, self.weight.val(), self.bias.val(), moments, self.epsilon, bend);
        }
        let [n, _, height, width] = x.dims();
        let normalised = ops::normalise(x, self.weight.val(), self.bias.val(), self.epsilon, bend);
        // The batch is normalised with the biased variance, the running one is unbiased, as in PyTorch.
        let count = (n * height * width) as f32;
        let unbiased = normalised.variance * (count / (count - 1.0).max(1.0));
        pass.update_running(&self.running_mean, normalised.mean, self.momentum);
        pass.update_running(&self.running_var, unbiased, self.momentum);
        normalised.output
    }
}
