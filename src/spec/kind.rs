//! What each kind of layer is called, what it is for, and what is worth saying of one in a few characters.

use super::layer::{Layer, Resample};
use super::shape::Size;

/// What a layer is for; the headings of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Has weights that mix values.
    Weighted,
    /// Changes the size or the arrangement.
    Shape,
    /// Keeps values in a healthy range, or disturbs them while training.
    Normalisation,
    /// Bends: the nonlinearities.
    Activation,
}

impl Family {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Weighted, Self::Shape, Self::Normalisation, Self::Activation];

    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Weighted => "Weighted",
            Self::Shape => "Size and shape",
            Self::Normalisation => "Normalisation and noise",
            Self::Activation => "Activations",
        }
    }
}

impl Layer {
    /// The name of the kind, in the field's words.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Dense { .. } => "Dense",
            Self::Conv2d { .. } => "Conv2d",
            Self::ConvTranspose2d { .. } => "ConvTranspose2d",
            Self::DepthwiseConv2d { .. } => "DepthwiseConv2d",
            Self::SeparableConv2d { .. } => "SeparableConv2d",
            Self::Residual { .. } => "Residual",
            Self::SelfAttention { .. } => "SelfAttention",
            Self::Upsample { .. } => "Upsample",
            Self::PixelShuffle { .. } => "PixelShuffle",
            Self::ZeroPadding2d { .. } => "ZeroPadding2d",
            Self::Cropping2d { .. } => "Cropping2d",
            Self::MaxPool { .. } => "MaxPool",
            Self::AvgPool { .. } => "AvgPool",
            Self::GlobalAvgPool => "GlobalAvgPool",
            Self::GlobalMaxPool => "GlobalMaxPool",
            Self::Reshape { .. } => "Reshape",
            Self::Flatten => "Flatten",
            Self::BatchNorm { .. } => "BatchNorm",
            Self::LayerNorm { .. } => "LayerNorm",
            Self::InstanceNorm { .. } => "InstanceNorm",
            Self::GroupNorm { .. } => "GroupNorm",
            Self::PixelNorm { .. } => "PixelNorm",
            Self::Dropout { .. } => "Dropout",
            Self::SpatialDropout { .. } => "SpatialDropout",
            Self::GaussianNoise { .. } => "GaussianNoise",
            Self::MinibatchStdDev { .. } => "MinibatchStdDev",
            Self::Relu => "ReLU",
            Self::LeakyRelu { .. } => "LeakyReLU",
            Self::PRelu { .. } => "PReLU",
            Self::Elu { .. } => "ELU",
            Self::Gelu => "GELU",
            Self::Silu => "SiLU",
            Self::Mish => "Mish",
            Self::Tanh => "Tanh",
            Self::Sigmoid => "Sigmoid",
            Self::Softplus => "Softplus",
            Self::Softmax => "Softmax",
            Self::Gap { .. } => "Not read",
        }
    }

    /// What it is for.
    pub const fn family(&self) -> Family {
        match self {
            Self::Dense { .. }
            | Self::Conv2d { .. }
            | Self::ConvTranspose2d { .. }
            | Self::DepthwiseConv2d { .. }
            | Self::SeparableConv2d { .. }
            | Self::Residual { .. }
            | Self::SelfAttention { .. } => Family::Weighted,
            Self::Upsample { .. }
            | Self::PixelShuffle { .. }
            | Self::ZeroPadding2d { .. }
            | Self::Cropping2d { .. }
            | Self::MaxPool { .. }
            | Self::AvgPool { .. }
            | Self::GlobalAvgPool
            | Self::GlobalMaxPool
            | Self::Reshape { .. }
            | Self::Flatten
            | Self::Gap { .. } => Family::Shape,
            Self::BatchNorm { .. }
            | Self::LayerNorm { .. }
            | Self::InstanceNorm { .. }
            | Self::GroupNorm { .. }
            | Self::PixelNorm { .. }
            | Self::Dropout { .. }
            | Self::SpatialDropout { .. }
            | Self::GaussianNoise { .. }
            | Self::MinibatchStdDev { .. } => Family::Normalisation,
            Self::Relu
            | Self::LeakyRelu { .. }
            | Self::PRelu { .. }
            | Self::Elu { .. }
            | Self::Gelu
            | Self::Silu
            | Self::Mish
            | Self::Tanh
            | Self::Sigmoid
            | Self::Softplus
            | Self::Softmax => Family::Activation,
        }
    }

    /// The main parameters in a few characters, for a card that is folded: `64, 4 × 4, stride 2`.
    pub fn summary(&self) -> String {
        match self {
            Self::Dense { units, .. } => units.to_string(),
            Self::Conv2d { filters, kernel, stride, .. }
            | Self::ConvTranspose2d { filters, kernel, stride, .. }
            | Self::SeparableConv2d { filters, kernel, stride, .. } => format!("{filters}, {kernel}{}", stride_text(*stride)),
            Self::DepthwiseConv2d { multiplier: 1, kernel, stride, .. } => format!("{kernel}{}", stride_text(*stride)),
            Self::DepthwiseConv2d { multiplier, kernel, stride, .. } => format!("× {multiplier}, {kernel}{}", stride_text(*stride)),
            Self::Residual { filters, resample: Resample::None, .. } => filters.to_string(),
            Self::Residual { filters, resample, .. } => format!("{filters}, {}", resample.name()),
            Self::SelfAttention { reduction, .. } => format!("channels / {reduction}"),
            Self::Upsample { factor, mode } => format!("{factor} {}", mode.name()),
            Self::PixelShuffle { factor } => factor.to_string(),
            Self::ZeroPadding2d { top, bottom, left, right } | Self::Cropping2d { top, bottom, left, right } => {
                edges_text([*top, *bottom, *left, *right])
            }
            Self::MaxPool { size, stride, .. } | Self::AvgPool { size, stride, .. } => format!("{size}{}", stride_text(*stride)),
            Self::Reshape { shape } => shape.to_string(),
            Self::GroupNorm { groups, .. } => format!("{groups} groups"),
            Self::MinibatchStdDev { group } => format!("groups of {group}"),
            Self::Dropout { rate } | Self::SpatialDropout { rate } => rate.to_string(),
            Self::GaussianNoise { deviation } => deviation.to_string(),
            Self::LeakyRelu { slope } => slope.to_string(),
            Self::PRelu { per_channel: true, .. } => "each channel".to_owned(),
            Self::Elu { alpha } => alpha.to_string(),
            Self::Gap { line, .. } => format!("line {line}"),
            _ => String::new(),
        }
    }
}

fn stride_text(stride: Size) -> String {
    match (stride.height, stride.width) {
        (1, 1) => String::new(),
        (h, w) if h == w => format!(", stride {h}"),
        _ => format!(", stride {stride}"),
    }
}

/// Top, bottom, left, right: one number where they are equal.
fn edges_text(edges: [usize; 4]) -> String {
    let [top, bottom, left, right] = edges;
    if edges.iter().all(|&edge| edge == top) { top.to_string() } else { format!("{top} + {bottom} rows, {left} + {right} columns") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Shape;

    #[test]
    fn summaries_say_the_main_thing() {
        assert_eq!(Layer::conv(64, 4, 2, 1).summary(), "64, 4 × 4, stride 2");
        assert_eq!(Layer::conv(64, 3, 1, 1).summary(), "64, 3 × 3");
        assert_eq!(Layer::Reshape { shape: Shape::new(128, 7, 7) }.summary(), "128 × 7 × 7");
        assert_eq!(Layer::Flatten.summary(), "");
        assert_eq!(Layer::ZeroPadding2d { top: 1, bottom: 1, left: 1, right: 1 }.summary(), "1");
        assert_eq!(Layer::Cropping2d { top: 0, bottom: 2, left: 1, right: 1 }.summary(), "0 + 2 rows, 1 + 1 columns");
        assert_eq!(Layer::residual(64, Resample::Down).summary(), "64, down");
    }
}
