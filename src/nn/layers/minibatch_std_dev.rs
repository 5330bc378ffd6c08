//! How much the samples of a batch differ, as a channel (Karras et al., 2018, section 3).

use burn::module::Module;
use burn::tensor::Tensor;

use crate::nn::dual::Dual;

/// A discriminator that sees it notices a generator whose samples are all alike.
#[derive(Module, Debug)]
pub struct MinibatchStdDev {
    group: usize,
}

/// Added to the variance, as in the authors' code.
const EPSILON: f32 = 1e-8;

impl MinibatchStdDev {
    /// Compares so many samples with each other.
    pub fn new(group: usize) -> Self {
        Self { group }
    }

    /// `[n, channels, height, width]` to `[n, channels + 1, height, width]`.
    ///
    /// As in the authors' code sample `i` is in group `i mod (n / group)`. A group has as many samples as was asked for, or the next
    /// smaller number that divides the batch.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let values = self.grouped(x.clone());
        let centred = values.clone() - values.mean_dim(0);
        let deviation = (centred.powi_scalar(2).mean_dim(0) + EPSILON).sqrt(); // [1, groups, values]
        with_channel(x, deviation)
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual) -> Dual {
        let [values, changes] = [x.value.clone(), x.change.clone()].map(|x| self.grouped(x));
        let centred = values.clone() - values.mean_dim(0);
        let deviation = (centred.clone().powi_scalar(2).mean_dim(0) + EPSILON).sqrt(); // [1, groups, values]
        let change = (centred * changes).mean_dim(0) / deviation.clone();
        Dual::new(with_channel(x.value, deviation), with_channel(x.change, change))
    }

    /// `[samples of a group, groups, values]`.
    fn grouped(&self, x: Tensor<4>) -> Tensor<3> {
        let [n, channels, height, width] = x.dims();
        let group = (1..=self.group.min(n)).rev().find(|group| n.is_multiple_of(*group)).unwrap_or(1);
        x.reshape([group, n / group, channels * height * width])
    }
}

/// `x`, and the mean over the values of `of`, `[1, groups, values]`, as another channel for each sample.
fn with_channel(x: Tensor<4>, of: Tensor<3>) -> Tensor<4> {
    let [n, _, height, width] = x.dims();
    let [_, groups, _] = of.dims();
    let mean = of.mean_dim(2); // [1, groups, 1]
    let channel = mean.expand([n / groups, groups, height * width]).reshape([n, 1, height, width]);
    Tensor::cat(vec![x, channel], 1)
}
