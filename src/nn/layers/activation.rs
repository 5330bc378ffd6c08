//! The nonlinearities.

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use crate::nn::dual::Dual;
use crate::ops::{self, Bend};

/// A function applied to each value, or to the channels at each place.
#[derive(Module, Debug)]
pub struct Activation {
    #[module(skip)]
    function: Function,
}

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Function {
    /// One that the layer before can apply.
    Bend(Bend),
    /// `x` or `alpha * (exp(x) - 1)`.
    Elu {
        /// The value far below zero, negated.
        alpha: f32,
    },
    /// `x * Phi(x)`.
    Gelu,
    /// `x * sigmoid(x)`.
    Silu,
    /// `x * tanh(softplus(x))`.
    Mish,
    /// `ln(1 + exp(x))`.
    Softplus,
    /// `exp(x)` over its sum over the channels.
    Softmax,
}

impl Activation {
    /// A layer that applies `function`.
    pub fn new(function: Function) -> Self {
        Self { function }
    }

    /// The function, where the layer before can apply it.
    pub fn bend(&self) -> Option<Bend> {
        match self.function {
            Function::Bend(bend) => Some(bend),
            _ => None,
        }
    }

    /// `[n, channels, height, width]` to the same.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self.function {
            Function::Bend(bend) => ops::bend(x, bend),
            Function::Elu { alpha } => elu(x, alpha),
            Function::Gelu => activation::gelu(x),
            Function::Silu => activation::silu(x),
            Function::Mish => x.clone() * softplus(x).tanh(),
            Function::Softplus => softplus(x),
            Function::Softmax => activation::softmax(x, 1),
        }
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual) -> Dual {
        let slope = match self.function {
            Function::Bend(bend) => return x.bend(Some(bend)),
            Function::Softmax => {
                let shares = activation::softmax(x.value, 1);
                let weighed = shares.clone() * x.change;
                let change = weighed.clone() - shares.clone() * weighed.sum_dim(1);
                return Dual::new(shares, change);
            }
            Function::Elu { alpha } => elu_slope(x.value.clone(), alpha),
            Function::Gelu => gelu_slope(x.value.clone()),
            Function::Silu => silu_slope(x.value.clone()),
            Function::Mish => mish_slope(x.value.clone()),
            Function::Softplus => activation::sigmoid(x.value.clone()),
        };
        Dual::new(self.forward(x.value), x.change * slope)
    }
}

/// The slope of `x * Phi(x)`: `Phi(x) + x * phi(x)`, the normal distribution and its density.
fn gelu_slope(x: Tensor<4>) -> Tensor<4> {
    let below = ((x.clone() * std::f32::consts::FRAC_1_SQRT_2).erf() + 1.0) * 0.5;
    let density = (x.clone().powi_scalar(2) * -0.5).exp() * (std::f32::consts::FRAC_1_SQRT_2 * std::f32::consts::FRAC_2_SQRT_PI * 0.5);
    below + x * density
}

/// The slope of `x * sigmoid(x)`.
fn silu_slope(x: Tensor<4>) -> Tensor<4> {
    let share = activation::sigmoid(x.clone());
    share.clone() * (x * (-share + 1.0) + 1.0)
}

/// The slope of `x * tanh(softplus(x))`.
fn mish_slope(x: Tensor<4>) -> Tensor<4> {
    let bent = softplus(x.clone()).tanh();
    bent.clone() + x.clone() * (-bent.powi_scalar(2) + 1.0) * activation::sigmoid(x)
}

/// One where positive, `alpha * exp(x)` elsewhere.
fn elu_slope(x: Tensor<4>, alpha: f32) -> Tensor<4> {
    let above = x.clone().greater_elem(0.0).float();
    (x.clamp_max(0.0).exp() * alpha) * (-above.clone() + 1.0) + above
}

/// The exponential is taken of what is negative alone: `exp` of a large positive value would be infinite, and its gradient not a number.
fn elu(x: Tensor<4>, alpha: f32) -> Tensor<4> {
    let below = (x.clone().clamp_max(0.0).exp() - 1.0) * alpha;
    activation::relu(x) + below
}

/// `ln(1 + exp(x))`, as `-ln(sigmoid(-x))`, which the engine computes without overflow and differentiates exactly at zero, too.
pub fn softplus<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    -activation::log_sigmoid(-x)
}
