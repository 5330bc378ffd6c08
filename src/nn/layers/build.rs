//! Which module a layer of a stack becomes.

use burn::tensor::Device;
use rand_chacha::ChaCha8Rng;

use super::{
    Activation, Amount, BatchNorm, Conv2d, ConvTranspose2d, Dense, Dropout, Edges, Function, GaussianNoise, GroupNorm, Layer, LayerNorm,
    MinibatchStdDev, PRelu, PixelNorm, PixelShuffle, Pool, Reshape, Residual, SelfAttention, SeparableConv2d, Upsample,
};
use crate::ops::Bend;
use crate::spec::{self, Shape, ShapeError};

impl Layer {
    /// Builds a layer for inputs of the shape `input`.
    ///
    /// # Errors
    /// The layer does not fit its input.
    pub fn new(layer: &spec::Layer, input: Shape, rng: &mut ChaCha8Rng, device: &Device) -> Result<Self, ShapeError> {
        let output = layer.output_shape(input)?;
        let apply = |function| Self::Activation(Activation::new(function));
        Ok(match *layer {
            spec::Layer::Dense { .. } => Self::Dense(Dense::new(layer, input.channels, rng, device)?),
            spec::Layer::Conv2d { .. } | spec::Layer::DepthwiseConv2d { .. } => Self::Conv2d(Conv2d::new(layer, input, rng, device)?),
            spec::Layer::ConvTranspose2d { .. } => Self::ConvTranspose2d(ConvTranspose2d::new(layer, input, rng, device)?),
            spec::Layer::Upsample { factor, mode } => Self::Upsample(Upsample::new(factor, mode)),
            spec::Layer::PixelShuffle { factor } => Self::PixelShuffle(PixelShuffle::new(factor)),
            spec::Layer::ZeroPadding2d { top, bottom, left, right } => Self::Edges(Edges::added(Amount { top, bottom, left, right })),
            spec::Layer::Cropping2d { top, bottom, left, right } => Self::Edges(Edges::cut(Amount { top, bottom, left, right })),
            spec::Layer::Reshape { .. } | spec::Layer::Flatten => Self::Reshape(Reshape::new(output)),
            spec::Layer::BatchNorm { momentum, epsilon } => Self::BatchNorm(BatchNorm::new(input.channels, momentum, epsilon, device)),
            spec::Layer::LayerNorm { epsilon } => Self::LayerNorm(LayerNorm::new(input.values(), epsilon, device)),
            spec::Layer::GroupNorm { groups, epsilon } => Self::GroupNorm(GroupNorm::new(input.channels, groups, epsilon, true, device)),
            spec::Layer::InstanceNorm { epsilon, affine } => {
                Self::GroupNorm(GroupNorm::new(input.channels, input.channels, epsilon, affine, device))
            }
            spec::Layer::PixelNorm { epsilon } => Self::PixelNorm(PixelNorm::new(epsilon)),
            spec::Layer::Dropout { rate } => Self::Dropout(Dropout::new(rate)),
            spec::Layer::SpatialDropout { rate } => Self::Dropout(Dropout::of_channels(rate)),
            spec::Layer::GaussianNoise { deviation } => Self::GaussianNoise(GaussianNoise::new(deviation)),
            spec::Layer::MinibatchStdDev { group } => Self::MinibatchStdDev(MinibatchStdDev::new(group)),
            spec::Layer::PRelu { slope, per_channel } => {
                Self::PRelu(PRelu::new(if per_channel { input.channels } else { 1 }, slope, device))
            }
            spec::Layer::Residual { .. } | spec::Layer::SelfAttention { .. } | spec::Layer::SeparableConv2d { .. } => {
                with_parts(layer, input, rng, device)?
            }
            spec::Layer::MaxPool { .. } | spec::Layer::AvgPool { .. } | spec::Layer::GlobalAvgPool | spec::Layer::GlobalMaxPool => {
                Self::Pool(Pool::new(layer, input)?)
            }
            spec::Layer::Relu => apply(Function::Bend(Bend::Relu)),
            spec::Layer::LeakyRelu { slope } => apply(Function::Bend(Bend::LeakyRelu { slope })),
            spec::Layer::Elu { alpha } => apply(Function::Elu { alpha }),
            spec::Layer::Gelu => apply(Function::Gelu),
            spec::Layer::Silu => apply(Function::Silu),
            spec::Layer::Mish => apply(Function::Mish),
            spec::Layer::Tanh => apply(Function::Bend(Bend::Tanh)),
            spec::Layer::Sigmoid => apply(Function::Bend(Bend::Sigmoid)),
            spec::Layer::Softplus => apply(Function::Softplus),
            spec::Layer::Softmax => apply(Function::Softmax),
            spec::Layer::Gap { .. } => return Err(ShapeError(format!("{} is no layer", layer.name()))),
        })
    }
}

/// A layer that is made of others.
fn with_parts(layer: &spec::Layer, input: Shape, rng: &mut ChaCha8Rng, device: &Device) -> Result<Layer, ShapeError> {
    if let Some(block) = layer.block(input) {
        return Residual::new(&block, input, rng, device).map(Layer::Residual);
    }
    if let Some(parts) = layer.attention(input) {
        return SelfAttention::new(&parts, input, rng, device).map(Layer::SelfAttention);
    }
    let parts = layer.separable_parts().ok_or_else(|| ShapeError(format!("{} has no parts", layer.name())))?;
    SeparableConv2d::new(&parts, input, rng, device).map(Layer::SeparableConv2d)
}
