//! Convolution, also of each channel alone.

use burn::module::{Module, Param};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use crate::nn::dual::Dual;
use crate::nn::init::{self, Fan};
use crate::nn::pass::Pass;
use crate::nn::weight::{Outputs, Setup, Weight};
use crate::ops::{self, Bend};
use crate::spec::{self, Init, Shape, ShapeError, Size};

/// `weight` is `[filters, channels / groups, kernel]`, as in PyTorch.
#[derive(Module, Debug)]
pub struct Conv2d {
    weight: Weight<4>,
    bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    options: ConvOptions<2>,
}

/// What two kinds of layers have in common.
struct Plan {
    filters: usize,
    groups: usize,
    kernel: Size,
    stride: Size,
    dilation: Size,
    bias: bool,
    init: Init,
    spectral_norm: bool,
}

impl Plan {
    fn new(layer: &spec::Layer, input: Shape) -> Result<Self, ShapeError> {
        match *layer {
            spec::Layer::Conv2d { filters, kernel, stride, dilation, groups, bias, init, spectral_norm, .. } => {
                Ok(Self { filters, groups, kernel, stride, dilation, bias, init, spectral_norm })
            }
            spec::Layer::DepthwiseConv2d { multiplier, kernel, stride, dilation, bias, init, spectral_norm, .. } => {
                let (filters, groups) = (input.channels * multiplier, input.channels);
                Ok(Self { filters, groups, kernel, stride, dilation, bias, init, spectral_norm })
            }
            _ => Err(ShapeError(format!("{} is no convolution", layer.name()))),
        }
    }
}

impl Conv2d {
    /// A convolution of inputs of the shape `input`.
    ///
    /// # Errors
    /// `layer` is no convolution, or does not fit `input`.
    pub fn new(layer: &spec::Layer, input: Shape, rng: &mut ChaCha8Rng, device: &Device) -> Result<Self, ShapeError> {
        let windows = layer.windows(input)?;
        let Plan { filters, groups, kernel, stride, dilation, bias, init, spectral_norm } = Plan::new(layer, input)?;
        let channels = input.channels / groups;
        let fan = Fan { into: channels * kernel.area(), out: filters * kernel.area() };
        let setup = Setup { init, fan, outputs: Outputs::First, spectral_norm };
        let weight = Weight::new([filters, channels, kernel.height, kernel.width], setup, rng, device);
        let bias = bias.then(|| init::bias(init, filters, fan, rng, device));
        // A convolution's window adds rows at both ends, never cuts them.
        let padding = [windows.rows, windows.columns].map(|window| (window.before, window.after.unsigned_abs()));
        let options = ConvOptions::new_with_padding(stride.into(), padding, dilation.into(), groups);
        Ok(Self { weight, bias, options })
    }

    /// `[n, channels, height, width]` to `[n, filters, height', width']`.
    pub fn forward(&self, x: Tensor<4>, pass: &Pass, bend: Option<Bend>) -> Tensor<4> {
        ops::conv2d(x, self.weight.of(pass), self.bias.as_ref().map(Param::val), self.options.clone(), bend)
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual, pass: &Pass, bend: Option<Bend>) -> Dual {
        let weight = self.weight.of(pass);
        let value = ops::conv2d(x.value, weight.clone(), self.bias.as_ref().map(Param::val), self.options.clone(), bend);
        Dual::new(value, ops::conv2d(x.change, weight, None, self.options.clone(), None)).bent(bend)
    }
}
