//! One file for each kind of layer.

mod activation;
mod attention;
mod batch_norm;
mod build;
mod conv2d;
mod conv_transpose2d;
mod dense;
mod dropout;
mod edges;
mod group_norm;
mod layer_norm;
mod minibatch_std_dev;
mod noise;
mod pixel_norm;
mod pixel_shuffle;
mod pool;
mod prelu;
mod reshape;
mod residual;
mod separable;
mod upsample;

use burn::module::Module;
use burn::tensor::Tensor;

pub use activation::{Activation, Function, softplus};
pub use attention::SelfAttention;
pub use batch_norm::BatchNorm;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv2d::Conv2d;
pub use dense::Dense;
pub use dropout::Dropout;
pub use edges::{Amount, Edges};
pub use group_norm::GroupNorm;
pub use layer_norm::LayerNorm;
pub use minibatch_std_dev::MinibatchStdDev;
pub use noise::GaussianNoise;
pub use pixel_norm::PixelNorm;
pub use pixel_shuffle::PixelShuffle;
pub use pool::{Pool, PoolKind};
pub use prelu::PRelu;
pub use reshape::Reshape;
pub use residual::Residual;
pub use separable::SeparableConv2d;
pub use upsample::Upsample;

use super::dual::Dual;
use super::pass::Pass;
use super::weight::Outputs;
use crate::ops::Bend;

/// A layer as a module.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a network has tens of layers, and Burn has no modules in boxes")]
pub enum Layer {
    /// See [`Dense`].
    Dense(Dense),
    /// See [`Conv2d`].
    Conv2d(Conv2d),
    /// See [`ConvTranspose2d`].
    ConvTranspose2d(ConvTranspose2d),
    /// See [`SeparableConv2d`].
    SeparableConv2d(SeparableConv2d),
    /// See [`Residual`].
    Residual(Residual),
    /// See [`SelfAttention`].
    SelfAttention(SelfAttention),
    /// See [`Upsample`].
    Upsample(Upsample),
    /// See [`PixelShuffle`].
    PixelShuffle(PixelShuffle),
    /// See [`Edges`].
    Edges(Edges),
    /// See [`Pool`].
    Pool(Pool),
    /// See [`Reshape`].
    Reshape(Reshape),
    /// See [`BatchNorm`].
    BatchNorm(BatchNorm),
    /// See [`LayerNorm`].
    LayerNorm(LayerNorm),
    /// See [`GroupNorm`].
    GroupNorm(GroupNorm),
    /// See [`PixelNorm`].
    PixelNorm(PixelNorm),
    /// See [`Dropout`].
    Dropout(Dropout),
    /// See [`GaussianNoise`].
    GaussianNoise(GaussianNoise),
    /// See [`MinibatchStdDev`].
    MinibatchStdDev(MinibatchStdDev),
    /// See [`PRelu`].
    PRelu(PRelu),
    /// See [`Activation`].
    Activation(Activation),
}

impl Layer {
    /// Which dimension of its weights counts the outputs; those of its parts are convolutions.
    pub fn outputs(&self) -> Outputs {
        match self {
            Self::Dense(_) | Self::ConvTranspose2d(_) => Outputs::Second,
            _ => Outputs::First,
        }
    }

    /// The output for `x`, `[n, channels, height, width]` each. `bend` is a nonlinearity that follows, where the layer
    /// [can apply it](Self::can_bend).
    fn forward(&self, x: Tensor<4>, pass: &Pass, bend: Option<Bend>) -> Tensor<4> {
        match self {
            Self::Dense(layer) => layer.forward(x, pass, bend),
            Self::Conv2d(layer) => layer.forward(x, pass, bend),
            Self::ConvTranspose2d(layer) => layer.forward(x, pass, bend),
            Self::SeparableConv2d(layer) => layer.forward(x, pass, bend),
            Self::Residual(layer) => layer.forward(x, pass),
            Self::SelfAttention(layer) => layer.forward(x, pass),
            Self::BatchNorm(layer) => layer.forward(x, pass, bend),
            Self::GroupNorm(layer) => layer.forward(x, bend),
            Self::Upsample(layer) => layer.forward(x),
            Self::PixelShuffle(layer) => layer.forward(x),
            Self::Edges(layer) => layer.forward(x),
            Self::Pool(layer) => layer.forward(x),
            Self::Reshape(layer) => layer.forward(x),
            Self::LayerNorm(layer) => layer.forward(x),
            Self::PixelNorm(layer) => layer.forward(x),
            Self::Dropout(layer) => layer.forward(x, pass),
            Self::GaussianNoise(layer) => layer.forward(x, pass),
            Self::MinibatchStdDev(layer) => layer.forward(x),
            Self::PRelu(layer) => layer.forward(x),
            Self::Activation(layer) => layer.forward(x),
        }
    }

    /// The same for a value and its change, with the same masks and noise.
    fn jvp(&self, x: Dual, pass: &Pass, bend: Option<Bend>) -> Dual {
        match self {
            Self::Dense(layer) => layer.jvp(x, pass, bend),
            Self::Conv2d(layer) => layer.jvp(x, pass, bend),
            Self::ConvTranspose2d(layer) => layer.jvp(x, pass, bend),
            Self::SeparableConv2d(layer) => layer.jvp(x, pass, bend),
            Self::Residual(layer) => layer.jvp(x, pass),
            Self::SelfAttention(layer) => layer.jvp(x, pass),
            Self::BatchNorm(layer) => layer.jvp(x, pass, bend),
            Self::GroupNorm(layer) => layer.jvp(x, bend),
            Self::Upsample(layer) => layer.jvp(x),
            Self::PixelShuffle(layer) => layer.jvp(x),
            Self::Edges(layer) => layer.jvp(x),
            Self::Pool(layer) => layer.jvp(x),
            Self::Reshape(layer) => layer.jvp(x),
            Self::LayerNorm(layer) => layer.jvp(x),
            Self::PixelNorm(layer) => layer.jvp(x),
            Self::Dropout(layer) => layer.jvp(x, pass),
            Self::GaussianNoise(layer) => layer.jvp(x, pass),
            Self::MinibatchStdDev(layer) => layer.jvp(x),
            Self::PRelu(layer) => layer.jvp(x),
            Self::Activation(layer) => layer.jvp(x),
        }
    }

    /// Can the layer apply the nonlinearity that follows while it computes its output?
    fn can_bend(&self) -> bool {
        matches!(
            self,
            Self::Dense(_)
                | Self::Conv2d(_)
                | Self::ConvTranspose2d(_)
                | Self::SeparableConv2d(_)
                | Self::BatchNorm(_)
                | Self::GroupNorm(_)
        )
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
    /// How many layers it is.
    pub fn layers(self) -> usize {
        1 + usize::from(self.bend.is_some())
    }

    /// The output for `x`, `[n, channels, height, width]` each.
    pub fn forward(self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        self.layer.forward(x, pass, self.bend)
    }

    /// The same for a value that changes.
    pub fn jvp(self, x: Dual, pass: &Pass) -> Dual {
        self.layer.jvp(x, pass, self.bend)
    }
}

/// The output of `layers` for `x`.
pub fn through(layers: &[Layer], x: Tensor<4>, pass: &Pass) -> Tensor<4> {
    pieces(layers).fold(x, |x, piece| piece.forward(x, pass))
}

/// The output of `layers` for a value and its change.
pub fn jvp_through(layers: &[Layer], x: Dual, pass: &Pass) -> Dual {
    pieces(layers).fold(x, |x, Piece { layer, bend }| layer.jvp(x, pass, bend))
}
