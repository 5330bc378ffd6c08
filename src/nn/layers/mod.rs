//! One file for each kind of layer.

mod activation;
mod batch_norm;
mod conv2d;
mod conv_transpose2d;
mod dense;
mod dropout;
mod layer_norm;
mod pool;
mod reshape;
mod upsample;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

pub use activation::{Activation, Bend, softplus};
pub use batch_norm::BatchNorm;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv2d::Conv2d;
pub use dense::Dense;
pub use dropout::Dropout;
pub use layer_norm::LayerNorm;
pub use pool::{Pool, PoolKind};
pub use reshape::Reshape;
pub use upsample::Upsample;

use super::pass::Pass;
use crate::spec::{self, Shape, ShapeError};

/// A layer as a module.
#[derive(Module, Debug)]
pub enum Layer {
    /// See [`Dense`].
    Dense(Dense),
    /// See [`Conv2d`].
    Conv2d(Conv2d),
    /// See [`ConvTranspose2d`].
    ConvTranspose2d(ConvTranspose2d),
    /// See [`Upsample`].
    Upsample(Upsample),
    /// See [`Pool`].
    Pool(Pool),
    /// See [`Reshape`].
    Reshape(Reshape),
    /// See [`BatchNorm`].
    BatchNorm(BatchNorm),
    /// See [`LayerNorm`].
    LayerNorm(LayerNorm),
    /// See [`Dropout`].
    Dropout(Dropout),
    /// See [`Activation`].
    Activation(Activation),
}

impl Layer {
    /// Builds a layer for inputs of the shape `input`.
    ///
    /// # Errors
    /// The layer does not fit its input.
    pub fn new(layer: &spec::Layer, input: Shape, rng: &mut ChaCha8Rng, device: &Device) -> Result<Self, ShapeError> {
        let output = layer.output_shape(input)?;
        let bend = |bend| Self::Activation(Activation::new(bend));
        Ok(match *layer {
            spec::Layer::Dense { units, bias, init } => Self::Dense(Dense::new(input.channels, units, bias, init, rng, device)),
            spec::Layer::Conv2d { .. } => Self::Conv2d(Conv2d::new(layer, input, rng, device)?),
            spec::Layer::ConvTranspose2d { .. } => Self::ConvTranspose2d(ConvTranspose2d::new(layer, input, rng, device)?),
            spec::Layer::Upsample { factor, mode } => Self::Upsample(Upsample::new(factor, mode)),
            spec::Layer::MaxPool { .. } | spec::Layer::AvgPool { .. } | spec::Layer::GlobalAvgPool => Self::Pool(Pool::new(layer, input)?),
            spec::Layer::Reshape { .. } | spec::Layer::Flatten => Self::Reshape(Reshape::new(output)),
            spec::Layer::BatchNorm { momentum, epsilon } => Self::BatchNorm(BatchNorm::new(input.channels, momentum, epsilon, device)),
            spec::Layer::LayerNorm { epsilon } => Self::LayerNorm(LayerNorm::new(input.values(), epsilon, device)),
            spec::Layer::Dropout { rate } => Self::Dropout(Dropout::new(rate)),
            spec::Layer::Relu => bend(Bend::Relu),
            spec::Layer::LeakyRelu { slope } => bend(Bend::LeakyRelu { slope }),
            spec::Layer::Elu { alpha } => bend(Bend::Elu { alpha }),
            spec::Layer::Gelu => bend(Bend::Gelu),
            spec::Layer::Silu => bend(Bend::Silu),
            spec::Layer::Tanh => bend(Bend::Tanh),
            spec::Layer::Sigmoid => bend(Bend::Sigmoid),
            spec::Layer::Softplus => bend(Bend::Softplus),
        })
    }

    /// The output for `x`, `[n, channels, height, width]` each.
    pub fn forward(&self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        match self {
            Self::Dense(layer) => layer.forward(x),
            Self::Conv2d(layer) => layer.forward(x),
            Self::ConvTranspose2d(layer) => layer.forward(x),
            Self::Upsample(layer) => layer.forward(x),
            Self::Pool(layer) => layer.forward(x),
            Self::Reshape(layer) => layer.forward(x),
            Self::BatchNorm(layer) => layer.forward(x, pass),
            Self::LayerNorm(layer) => layer.forward(x),
            Self::Dropout(layer) => layer.forward(x, pass),
            Self::Activation(layer) => layer.forward(x),
        }
    }

    /// Is this the logistic function?
    pub fn is_sigmoid(&self) -> bool {
        matches!(self, Self::Activation(activation) if activation.is_sigmoid())
    }
}
