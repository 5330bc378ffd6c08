//! The linear maps with weights, and what their gradients are.

use burn::backend::Backend;
use burn::backend::tensor::FloatTensor;
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};

/// A linear map from inputs to outputs, given by a weight.
#[derive(Clone, Debug)]
pub enum Linear {
    /// Every input to every output; the input is `[n, inputs, 1, 1]`, the weight `[inputs, outputs]`.
    Dense,
    /// A convolution; the weight is `[filters, channels / groups, kernel]`.
    Conv2d(ConvOptions<2>),
    /// The transpose of a convolution; the weight is `[channels, filters / groups, kernel]`.
    ConvTranspose2d(ConvTransposeOptions<2>),
}

/// Which gradients somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// That of the input.
    pub input: bool,
    /// That of the weight.
    pub weight: bool,
    /// That of the bias.
    pub bias: bool,
}

/// The gradients that were wanted.
#[derive(Debug)]
pub struct LinearGradients<B: Backend> {
    /// In the shape of the input.
    pub input: Option<FloatTensor<B>>,
    /// In the shape of the weight.
    pub weight: Option<FloatTensor<B>>,
    /// `[filters]`.
    pub bias: Option<FloatTensor<B>>,
}
