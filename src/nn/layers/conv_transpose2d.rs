//! Transposed convolution.

use burn::module::{Module, Param};
use burn::tensor::ops::ConvTransposeOptions;
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use crate::nn::dual::Dual;
use crate::nn::init::{self, Fan};
use crate::nn::pass::Pass;
use crate::nn::weight::{Outputs, Setup, Weight};
use crate::ops::{self, Bend};
use crate::spec::{self, Shape, ShapeError, Window};

/// `weight` is `[channels, filters, kernel]`, as in PyTorch.
#[derive(Module, Debug)]
pub struct ConvTranspose2d {
    weight: Weight<4>,
    bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    options: ConvTransposeOptions<2>,
    /// Rows and columns of the output.
    #[module(skip)]
    output: [usize; 2],
    /// Does the operation leave more at the end than the layer keeps? `same` padding with an odd difference of kernel and stride does.
    cut: bool,
}

impl ConvTranspose2d {
    /// A transposed convolution of inputs of the shape `input`.
    ///
    /// # Errors
    /// `layer` is no transposed convolution, or does not fit `input`.
    pub fn new(layer: &spec::Layer, input: Shape, rng: &mut ChaCha8Rng, device: &Device) -> Result<Self, ShapeError> {
        let windows = layer.windows(input)?;
        let spec::Layer::ConvTranspose2d { filters, kernel, stride, bias, init, spectral_norm, .. } = *layer else {
            return Err(ShapeError(format!("{} is no transposed convolution", layer.name())));
        };
        // PyTorch and Keras both count the filters as what goes in here, since the weight is that of the convolution it transposes.
        let fan = Fan { into: filters * kernel.area(), out: input.channels * kernel.area() };
        let setup = Setup { init, fan, outputs: Outputs::Second, spectral_norm };
        let weight = Weight::new([input.channels, filters, kernel.height, kernel.width], setup, rng, device);
        let bias = bias.then(|| init::bias(init, filters, fan, rng, device));
        let both = [windows.rows, windows.columns];
        let padding = both.map(|window| window.before);
        let options = ConvTransposeOptions::new(stride.into(), padding, both.map(extra_rows), [1, 1], 1);
        let cut = both.iter().any(|window| surplus(window) > 0);
        Ok(Self { weight, bias, options, output: both.map(|window| window.output), cut })
    }

    /// `[n, channels, height, width]` to `[n, filters, height', width']`.
    pub fn forward(&self, x: Tensor<4>, pass: &Pass, bend: Option<Bend>) -> Tensor<4> {
        self.cut(ops::conv_transpose2d(x, self.weight.of(pass), self.bias.as_ref().map(Param::val), self.options.clone(), bend))
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual, pass: &Pass, bend: Option<Bend>) -> Dual {
        let weight = self.weight.of(pass);
        let value = ops::conv_transpose2d(x.value, weight.clone(), self.bias.as_ref().map(Param::val), self.options.clone(), bend);
        let change = ops::conv_transpose2d(x.change, weight, None, self.options.clone(), None);
        Dual::new(value, change).linear(|y| self.cut(y)).bent(bend)
    }

    fn cut(&self, y: Tensor<4>) -> Tensor<4> {
        if !self.cut {
            return y;
        }
        let [n, filters, _, _] = y.dims();
        let [height, width] = self.output;
        y.slice([0..n, 0..filters, 0..height, 0..width])
    }
}

/// Rows that the operation, which cuts `before` rows off both ends, leaves beyond those wanted; negative where some are missing.
fn surplus(window: &Window) -> isize {
    window.after - window.before as isize
}

fn extra_rows(window: Window) -> usize {
    surplus(&window).min(0).unsigned_abs()
}
