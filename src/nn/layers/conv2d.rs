//! Convolution.

use burn::module::{Module, Param};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use crate::nn::init::{self, Fan};
use crate::ops::{self, Bend};
use crate::spec::{self, Shape, ShapeError};

/// `weight` is `[filters, channels / groups, kernel]`, as in PyTorch.
#[derive(Module, Debug)]
pub struct Conv2d {
    weight: Param<Tensor<4>>,
    bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    options: ConvOptions<2>,
}

impl Conv2d {
    /// A convolution of inputs of the shape `input`.
    ///
    /// # Errors
    /// `layer` is no convolution, or does not fit `input`.
    pub fn new(layer: &spec::Layer, input: Shape, rng: &mut ChaCha8Rng, device: &Device) -> Result<Self, ShapeError> {
        let windows = layer.windows(input)?;
        let spec::Layer::Conv2d { filters, kernel, stride, dilation, groups, bias, init, .. } = *layer else {
            return Err(ShapeError(format!("{} is no convolution", layer.name())));
        };
        let channels = input.channels / groups;
        let fan = Fan { into: channels * kernel.area(), out: filters * kernel.area() };
        let weight = init::weight(init, [filters, channels, kernel.height, kernel.width], fan, rng, device);
        let bias = bias.then(|| init::bias(init, filters, fan, rng, device));
        // A convolution's window adds rows at both ends, never cuts them.
        let padding = [windows.rows, windows.columns].map(|window| (window.before, window.after.unsigned_abs()));
        let options = ConvOptions::new_with_padding(stride.into(), padding, dilation.into(), groups);
        Ok(Self { weight, bias, options })
    }

    /// `[n, channels, height, width]` to `[n, filters, height', width']`.
    pub fn forward(&self, x: Tensor<4>, bend: Option<Bend>) -> Tensor<4> {
        ops::conv2d(x, self.weight.val(), self.bias.as_ref().map(Param::val), self.options.clone(), bend)
    }
}
