//! Rows and columns added or cut off at the border.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::nn::dual::Dual;

/// Zeros added, or values cut off.
#[derive(Module, Debug)]
pub struct Edges {
    #[module(skip)]
    amount: Amount,
    /// Cut off instead of added.
    cut: bool,
}

/// Rows above and below, columns to the left and to the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Rows above.
    pub top: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns to the left.
    pub left: usize,
    /// Columns to the right.
    pub right: usize,
}

impl Edges {
    /// Adds zeros.
    pub fn added(amount: Amount) -> Self {
        Self { amount, cut: false }
    }

    /// Cuts off.
    pub fn cut(amount: Amount) -> Self {
        Self { amount, cut: true }
    }

    /// `[n, channels, height, width]` to `[n, channels, height', width']`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [n, channels, height, width] = x.dims();
        let Amount { top, bottom, left, right } = self.amount;
        if self.cut {
            x.slice([0..n, 0..channels, top..height - bottom, left..width - right])
        } else {
            x.pad((left, right, top, bottom), 0.0)
        }
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual) -> Dual {
        x.linear(|x| self.forward(x))
    }
}
