//! Batch normalisation (Ioffe and Szegedy, 2015).

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::nn::dual::{self, Dual};
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
        self.remember(n * height * width, normalised.mean, normalised.variance, pass);
        normalised.output
    }

    /// The same for a value and its change. The batch's statistics change with it, so that every sample's change is part of every other's.
    pub fn jvp(&self, x: Dual, pass: &Pass, bend: Option<Bend>) -> Dual {
        let dims = x.value.dims();
        let [n, channels, height, width] = dims;
        if !pass.is_training() {
            let slope = self.weight.val() / (self.running_var.val() + self.epsilon).sqrt();
            let value = self.forward(x.value, pass, bend);
            return Dual::new(value, x.change * slope.reshape([1, channels, 1, 1])).bent(bend);
        }
        let over_batch = |x: Tensor<3>| x.mean_dim(0).mean_dim(2);
        let normalised = dual::normalise(x.reshape([n, channels, height * width]), self.epsilon, over_batch);
        let [mean, variance] = [normalised.mean, normalised.variance].map(|moment| moment.reshape([channels]));
        self.remember(n * height * width, mean, variance, pass);
        let y = Dual::new(normalised.value.reshape(dims), normalised.change.reshape(dims));
        y.scaled(self.weight.val(), self.bias.val()).bend(bend)
    }

    /// The batch is normalised with the biased variance, the running one is unbiased, as in PyTorch.
    fn remember(&self, count: usize, mean: Tensor<1>, variance: Tensor<1>, pass: &Pass) {
        let count = count as f32;
        let unbiased = variance * (count / (count - 1.0).max(1.0));
        pass.update_running(&self.running_mean, mean, self.momentum);
        pass.update_running(&self.running_var, unbiased, self.momentum);
    }
}
