//! Dropout (Srivastava et al., 2014), of values or of whole channels (Tompson et al., 2014).

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use rand::Rng as _;

use crate::nn::dual::Dual;
use crate::nn::pass::Pass;

/// While training, sets a share of the values to zero and scales the rest up so that the mean stays.
#[derive(Module, Debug)]
pub struct Dropout {
    rate: f32,
    /// All values of a channel go or stay together.
    channels: bool,
}

impl Dropout {
    /// `rate` is the share of values set to zero, below 1.
    pub fn new(rate: f32) -> Self {
        Self { rate, channels: false }
    }

    /// `rate` is the share of channels set to zero, below 1.
    pub fn of_channels(rate: f32) -> Self {
        Self { rate, channels: true }
    }

    /// `[n, channels, height, width]` to the same.
    pub fn forward(&self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        match self.mask(&x, pass) {
            Some(mask) => x * mask,
            None => x,
        }
    }

    /// The same for a value and its change, which see one mask.
    pub fn jvp(&self, x: Dual, pass: &Pass) -> Dual {
        match self.mask(&x.value, pass) {
            Some(mask) => x.linear(|x| x * mask.clone()),
            None => x,
        }
    }

    /// What the values are multiplied with, if it does anything in this pass.
    fn mask(&self, x: &Tensor<4>, pass: &Pass) -> Option<Tensor<4>> {
        let mut rng = pass.random().filter(|_| self.rate > 0.0)?;
        let [n, channels, height, width] = x.dims();
        let dims = if self.channels { [n, channels, 1, 1] } else { [n, channels, height, width] };
        let keep = 1.0 - self.rate;
        // Masks are drawn on the CPU, so that a run can be repeated, resumed and compared between devices.
        let bound = (f64::from(keep) * f64::from(u32::MAX)) as u32;
        let mask: Vec<f32> = (0..dims.iter().product()).map(|_| if rng.next_u32() <= bound { 1.0 / keep } else { 0.0 }).collect();
        Some(Tensor::from_data(TensorData::new(mask, dims), &x.device()))
    }
}
