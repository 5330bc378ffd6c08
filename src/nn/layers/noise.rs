//! Normal noise.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};

use crate::nn::dual::Dual;
use crate::nn::pass::Pass;
use crate::random;

/// Adds it while training, as Keras's `GaussianNoise`.
#[derive(Module, Debug)]
pub struct GaussianNoise {
    deviation: f32,
}

impl GaussianNoise {
    /// Noise of this standard deviation.
    pub fn new(deviation: f32) -> Self {
        Self { deviation }
    }

    /// `[n, channels, height, width]` to the same.
    pub fn forward(&self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        let Some(mut rng) = pass.random().filter(|_| self.deviation > 0.0) else { return x };
        let dims = x.dims();
        let noise = random::normals(&mut rng, dims.iter().product());
        let noise = Tensor::<4>::from_data(TensorData::new(noise, dims), &x.device());
        x + noise * self.deviation
    }

    /// The same for a value and its change, which noise does not move.
    pub fn jvp(&self, x: Dual, pass: &Pass) -> Dual {
        Dual::new(self.forward(x.value, pass), x.change)
    }
}
