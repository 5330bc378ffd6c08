//! Normalisation of groups of channels of each sample: group normalisation (Wu and He, 2018), and with each channel a group of its own
//! instance normalisation (Ulyanov et al., 2016).

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::nn::dual::{self, Dual};
use crate::nn::init;
use crate::ops::{self, Bend};

/// As PyTorch's `GroupNorm`, and its `InstanceNorm2d` without running statistics.
#[derive(Module, Debug)]
pub struct GroupNorm {
    weight: Option<Param<Tensor<1>>>,
    bias: Option<Param<Tensor<1>>>,
    groups: usize,
    epsilon: f32,
}

impl GroupNorm {
    /// For inputs of so many channels; `affine` with a gain and an offset for each.
    pub fn new(channels: usize, groups: usize, epsilon: f32, affine: bool, device: &Device) -> Self {
        let each = |start: f32| affine.then(|| init::parameter(vec![start; channels], [channels], device));
        Self { weight: each(1.0), bias: each(0.0), groups, epsilon }
    }

    /// `[n, channels, height, width]` to the same.
    pub fn forward(&self, x: Tensor<4>, bend: Option<Bend>) -> Tensor<4> {
        let dims = x.dims();
        let [n, channels, height, width] = dims;
        // To batch normalisation each group of each sample is a channel of one large sample.
        let large = [1, n * self.groups, channels / self.groups * height, width];
        let alone = self.groups == channels;
        let gains = self.each(&self.weight, 1.0, alone, &x);
        let offsets = self.each(&self.bias, 0.0, alone, &x);
        let inner_bend = bend.filter(|_| alone || self.weight.is_none());
        let y = ops::normalise(x.reshape(large), gains, offsets, self.epsilon, inner_bend).output.reshape(dims);
        let (false, Some(weight), Some(bias)) = (alone, &self.weight, &self.bias) else { return y };
        let y = y * weight.val().reshape([1, channels, 1, 1]) + bias.val().reshape([1, channels, 1, 1]);
        match bend {
            Some(bend) => ops::bend(y, bend),
            None => y,
        }
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual, bend: Option<Bend>) -> Dual {
        let dims = x.value.dims();
        let [n, channels, height, width] = dims;
        let large = [n * self.groups, 1, channels / self.groups * height * width];
        let normalised = dual::normalise(x.reshape(large), self.epsilon, |x| x.mean_dim(2));
        let y = Dual::new(normalised.value.reshape(dims), normalised.change.reshape(dims));
        let y = match (&self.weight, &self.bias) {
            (Some(weight), Some(bias)) => y.scaled(weight.val(), bias.val()),
            _ => y,
        };
        y.bend(bend)
    }

    /// Gains or offsets for each group of each sample, `[n * groups]`: those of the channels where each is a group.
    fn each(&self, values: &Option<Param<Tensor<1>>>, neutral: f32, alone: bool, x: &Tensor<4>) -> Tensor<1> {
        let [n, ..] = x.dims();
        match values {
            Some(values) if alone => values.val().repeat_dim(0, n),
            _ => Tensor::full([n * self.groups], neutral, &x.device()),
        }
    }
}
