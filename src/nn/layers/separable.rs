//! Separable convolution (Chollet, 2016).

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use super::Conv2d;
use crate::nn::dual::Dual;
use crate::nn::pass::Pass;
use crate::ops::Bend;
use crate::spec::{Separable, Shape, ShapeError};

/// Each channel alone, then a mix of all: `depthwise.weight`, `pointwise.weight` and `pointwise.bias`.
#[derive(Module, Debug)]
pub struct SeparableConv2d {
    depthwise: Conv2d,
    pointwise: Conv2d,
}

impl SeparableConv2d {
    /// A separable convolution of inputs of the shape `input`.
    ///
    /// # Errors
    /// A part does not fit.
    pub fn new(parts: &Separable, input: Shape, rng: &mut ChaCha8Rng, device: &Device) -> Result<Self, ShapeError> {
        let between = parts.depthwise.output_shape(input)?;
        let depthwise = Conv2d::new(&parts.depthwise, input, rng, device)?;
        Ok(Self { depthwise, pointwise: Conv2d::new(&parts.pointwise, between, rng, device)? })
    }

    /// `[n, channels, height, width]` to `[n, filters, height', width']`.
    pub fn forward(&self, x: Tensor<4>, pass: &Pass, bend: Option<Bend>) -> Tensor<4> {
        self.pointwise.forward(self.depthwise.forward(x, pass, None), pass, bend)
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual, pass: &Pass, bend: Option<Bend>) -> Dual {
        self.pointwise.jvp(self.depthwise.jvp(x, pass, None), pass, bend)
    }
}
