//! A leaky rectifier that learns its slope (He et al., 2015).

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, activation};

use crate::nn::dual::Dual;
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
        let above = activation::relu(x.clone());
        above.clone() + (x - above) * self.slope()
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual) -> Dual {
        let above = x.value.clone().greater_elem(0.0).float() * x.change.clone();
        let change = above.clone() + (x.change - above) * self.slope();
        Dual::new(self.forward(x.value), change)
    }

    /// `[1, channels, 1, 1]`, or one for all.
    fn slope(&self) -> Tensor<4> {
        let [slopes] = self.weight.dims();
        self.weight.val().reshape([1, slopes, 1, 1])
    }
}
