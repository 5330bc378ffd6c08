//! The same values in another shape.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::nn::dual::Dual;
use crate::spec::Shape;

/// Reshape, and Flatten, which reshapes to a vector.
#[derive(Module, Debug)]
pub struct Reshape {
    #[module(skip)]
    shape: Shape,
}

impl Reshape {
    /// To `shape`.
    pub fn new(shape: Shape) -> Self {
        Self { shape }
    }

    /// `[n, ...]` to `[n, channels, height, width]`, channels first.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [n, ..] = x.dims();
        x.reshape(self.shape.batched(n))
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual) -> Dual {
        x.linear(|x| self.forward(x))
    }
}
