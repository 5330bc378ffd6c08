//! Dropout (Srivastava et al., 2014).

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use rand::Rng as _;

use crate::nn::pass::Pass;

/// While training, sets a share of the values to zero and scales the rest up so that the mean stays.
#[derive(Module, Debug)]
pub struct Dropout {
    rate: f32,
}

impl Dropout {
    /// `rate` is the share set to zero, below 1.
    pub fn new(rate: f32) -> Self {
        Self { rate }
    }

    /// `[n, channels, height, width]` to the same.
    pub fn forward(&self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        let Some(mut rng) = pass.random().filter(|_| self.rate > 0.0) else { return x };
        let dims = x.dims();
        let keep = 1.0 - self.rate;
        // Masks are drawn on the CPU, so that a run can be repeated, resumed and compared between devices.
        let bound = (f64::from(keep) * f64::from(u32::MAX)) as u32;
        let mask: Vec<f32> = (0..dims.iter().product()).map(|_| if rng.next_u32() <= bound { 1.0 / keep } else { 0.0 }).collect();
        let mask = Tensor::from_data(TensorData::new(mask, dims), &x.device());
        x * mask
    }
}
