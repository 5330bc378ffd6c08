//! Channels turned into rows and columns (Shi et al., 2016).

use burn::module::Module;
use burn::tensor::Tensor;

use crate::nn::dual::Dual;

/// As PyTorch's `PixelShuffle`.
#[derive(Module, Debug)]
pub struct PixelShuffle {
    factor: usize,
}

impl PixelShuffle {
    /// Enlarges by `factor`.
    pub fn new(factor: usize) -> Self {
        Self { factor }
    }

    /// `[n, channels * factor², height, width]` to `[n, channels, height * factor, width * factor]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let factor = self.factor;
        let [n, channels, height, width] = x.dims();
        let channels = channels / (factor * factor);
        let x = x.reshape([n, channels, factor, factor, height, width]);
        let x = x.permute([0, 1, 4, 2, 5, 3]); // [n, channels, height, factor, width, factor]
        x.reshape([n, channels, height * factor, width * factor])
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual) -> Dual {
        x.linear(|x| self.forward(x))
    }
}
