//! The nonlinearities.

use burn::module::Module;
use burn::tensor::{Tensor, activation};

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
