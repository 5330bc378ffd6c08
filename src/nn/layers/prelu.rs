//! A leaky rectifier that learns its slope (He et al., 2015).

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, activation};

use crate::nn::init;

/// `x` where positive, `weight * x` elsewhere; `weight` is `[channels]` or `[1]`, as in PyTorch.
#[derive(Module, Debug)]
pub struct PRelu {
    weight: Param<Tensor<1>>,
}

impl PRelu {
    /// So many slopes, all beginning at `slope`.
    pub fn new(slopes: usize, slope: f32, device: &Device) -> Self {
        Self { weight: init::parameter(vec![slope; slopes], [slopes], device) }
    }

    /// `[n, channels, height, width]` to the same.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [slopes] = self.weight.dims();
        let slope = self.weight.val().reshape([1, slopes, 1, 1]);
        let above = activation::relu(x.clone());
        above.clone() + (x - above) * slope
    }
}
