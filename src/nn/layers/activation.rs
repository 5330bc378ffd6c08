//! The nonlinearities.

use burn::module::Module;
use burn::tensor::{Tensor, activation};

/// A function applied to each value.
#[derive(Module, Debug)]
pub struct Activation {
    #[module(skip)]
    bend: Bend,
}

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bend {
    /// `max(x, 0)`.
    Relu,
    /// `x` or `slope * x`.
    LeakyRelu {
        /// The slope below zero.
        slope: f32,
    },
    /// `x` or `alpha * (exp(x) - 1)`.
    Elu {
        /// The value far below zero, negated.
        alpha: f32,
    },
    /// `x * Phi(x)`.
    Gelu,
    /// `x * sigmoid(x)`.
    Silu,
    /// Hyperbolic tangent.
    Tanh,
    /// Logistic function.
    Sigmoid,
    /// `ln(1 + exp(x))`.
    Softplus,
}

impl Activation {
    /// A layer that applies `bend`.
    pub fn new(bend: Bend) -> Self {
        Self { bend }
    }

    /// Is this the logistic function?
    pub fn is_sigmoid(&self) -> bool {
        self.bend == Bend::Sigmoid
    }

    /// `[n, channels, height, width]` to the same.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self.bend {
            Bend::Relu => activation::relu(x),
            Bend::LeakyRelu { slope } => activation::leaky_relu(x, f64::from(slope)),
            Bend::Elu { alpha } => elu(x, alpha),
            Bend::Gelu => activation::gelu(x),
            Bend::Silu => activation::silu(x),
            Bend::Tanh => activation::tanh(x),
            Bend::Sigmoid => activation::sigmoid(x),
            Bend::Softplus => softplus(x),
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
