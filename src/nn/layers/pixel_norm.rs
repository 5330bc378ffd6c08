//! Pixelwise normalisation of the channels (Karras et al., 2018, section 4.2).

use burn::module::Module;
use burn::tensor::Tensor;

use crate::nn::dual::Dual;

/// Divides the channels at each place by the root of their mean square.
#[derive(Module, Debug)]
pub struct PixelNorm {
    epsilon: f32,
}

impl PixelNorm {
    /// `epsilon` is added to the mean square.
    pub fn new(epsilon: f32) -> Self {
        Self { epsilon }
    }

    /// `[n, channels, height, width]` to the same.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let mean_square = x.clone().powi_scalar(2).mean_dim(1); // [n, 1, height, width]
        x / (mean_square + self.epsilon).sqrt()
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual) -> Dual {
        let mean_square = x.value.clone().powi_scalar(2).mean_dim(1); // [n, 1, height, width]
        let length = (mean_square + self.epsilon).sqrt();
        let y = x.value / length.clone();
        // The length changes by the mean of y * dx.
        let along = y.clone() * (y.clone() * x.change.clone()).mean_dim(1);
        Dual::new(y, (x.change - along) / length)
    }
}
