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

pub use activation::{Activation, Function, softplus};
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
use crate::ops::Bend;
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
        let apply = |function| Self::Activation(Activation::new(function));
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
            spec::Layer::Relu => apply(Function::Bend(Bend::Relu)),
            spec::Layer::LeakyRelu { slope } => apply(Function::Bend(Bend::LeakyRelu { slope })),
            spec::Layer::Elu { alpha } => apply(Function::Elu { alpha }),
            spec::Layer::Gelu => apply(Function::Gelu),
            spec::Layer::Silu => apply(Function::Silu),
            spec::Layer::Tanh => apply(Function::Bend(Bend::Tanh)),
            spec::Layer::Sigmoid => apply(Function::Bend(Bend::Sigmoid)),
            spec::Layer::Softplus => apply(Function::Softplus),
            // Lets no shape through, so that the line above has refused it.
            spec::Layer::Gap { ref reason, .. } => return Err(ShapeError(reason.clone())),
        })
    }

    /// The output for `x`, `[n, channels, height, width]` each. `bend` is a nonlinearity that follows, where the layer
    /// [can apply it](Self::can_bend).
    fn forward(&self, x: Tensor<4>, pass: &Pass, bend: Option<Bend>) -> Tensor<4> {
        match self {
            Self::Dense(layer) => layer.forward(x, bend),
            Self::Conv2d(layer) => layer.forward(x, bend),
            Self::ConvTranspose2d(layer) => layer.forward(x, bend),
            Self::BatchNorm(layer) => layer.forward(x, pass, bend),
            Self::Upsample(layer) => layer.forward(x),
            Self::Pool(layer) => layer.forward(x),
            Self::Reshape(layer) => layer.forward(x),
            Self::LayerNorm(layer) => layer.forward(x),
            Self::Dropout(layer) => layer.forward(x, pass),
            Self::Activation(layer) => layer.forward(x),
        }
    }

    /// Can the layer apply the nonlinearity that follows while it computes its output?
    fn can_bend(&self) -> bool {
        matches!(self, Self::Dense(_) | Self::Conv2d(_) | Self::ConvTranspose2d(_) | Self::BatchNorm(_))
    }

    /// The nonlinearity that this layer is, where the layer before can apply it.
    fn as_bend(&self) -> Option<Bend> {
        match self {
            Self::Activation(activation) => activation.bend(),
            _ => None,
        }
    }

    /// Is this the logistic function?
    pub fn is_sigmoid(&self) -> bool {
        self.as_bend() == Some(Bend::Sigmoid)
    }
}

/// The layers as they are computed: each together with the nonlinearity that follows it, where it can apply that itself.
pub fn pieces(layers: &[Layer]) -> impl Iterator<Item = Piece<'_>> {
    let mut layers = layers.iter().peekable();
    std::iter::from_fn(move || {
        let layer = layers.next()?;
        let bend = layers.peek().filter(|_| layer.can_bend()).and_then(|next| next.as_bend());
        if bend.is_some() {
            layers.next();
        }
        Some(Piece { layer, bend })
    })
}

/// What is computed at once.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    layer: &'a Layer,
    bend: Option<Bend>,
}

impl Piece<'_> {
    /// The output for `x`, `[n, channels, height, width]` each.
    pub fn forward(self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        self.layer.forward(x, pass, self.bend)
    }
}

/// The output of `layers` for `x`.
pub fn through(layers: &[Layer], x: Tensor<4>, pass: &Pass) -> Tensor<4> {
    pieces(layers).fold(x, |x, piece| piece.forward(x, pass))
}
