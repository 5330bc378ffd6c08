//! The tensors that a layer keeps from step to step: weights and running statistics, with PyTorch's names.
//!
//! `nn` builds them; here they are known beforehand, so that a project can say what a restart would keep.

use super::layer::Layer;
use super::shape::{Shape, Size};

/// A tensor by name and shape: `weight`, `[filters, channels, rows, columns]`. Parts stand in front: `conv1.weight`.
pub type TensorShape = (String, Vec<usize>);

/// How a weight is kept.
#[derive(Clone, Copy)]
struct Kept {
    bias: bool,
    /// Stands `weight_orig` with its two directions for `weight`?
    spectral_norm: bool,
    /// Which dimension of the weight counts the outputs.
    outputs: usize,
}

impl Layer {
    /// Name and shape of every tensor of this layer for inputs of the shape `input`, which it has to fit; none where it learns nothing.
    pub fn tensors(&self, input: Shape) -> Vec<TensorShape> {
        let channels = input.channels;
        match *self {
            Self::Dense { units, bias, spectral_norm, .. } => weight(vec![channels, units], Kept { bias, spectral_norm, outputs: 1 }),
            Self::Conv2d { filters, kernel, groups, bias, spectral_norm, .. } => {
                weight(filter(filters, channels / groups.max(1), kernel), Kept { bias, spectral_norm, outputs: 0 })
            }
            Self::ConvTranspose2d { filters, kernel, bias, spectral_norm, .. } => {
                weight(filter(channels, filters, kernel), Kept { bias, spectral_norm, outputs: 1 })
            }
            Self::DepthwiseConv2d { multiplier, kernel, bias, spectral_norm, .. } => {
                weight(filter(channels.saturating_mul(multiplier), 1, kernel), Kept { bias, spectral_norm, outputs: 0 })
            }
            Self::SeparableConv2d { .. } | Self::Residual { .. } | Self::SelfAttention { .. } => self.tensors_of_parts(input),
            Self::BatchNorm { .. } => vectors(&["weight", "bias", "running_mean", "running_var"], channels),
            Self::GroupNorm { .. } | Self::InstanceNorm { affine: true, .. } => vectors(&["weight", "bias"], channels),
            Self::LayerNorm { .. } => vectors(&["weight", "bias"], input.values()),
            Self::PRelu { per_channel, .. } => vectors(&["weight"], if per_channel { channels } else { 1 }),
            _ => Vec::new(),
        }
    }

    fn tensors_of_parts(&self, input: Shape) -> Vec<TensorShape> {
        let of = |channels: usize| Shape { channels, ..input };
        if let Some(attention) = self.attention(input) {
            let into = ["query", "key", "value"].into_iter().flat_map(|part| within(part, attention.into.tensors(input)));
            let out = within("out", attention.out.tensors(of(attention.inner)));
            return into.chain(out).chain(vectors(&["gamma"], 1)).collect();
        }
        if let Some(block) = self.block(input) {
            let hidden = of(block.conv1.filters());
            let norm = |part, input| block.norm.iter().flat_map(move |norm| within(part, norm.tensors(input)));
            let shortcut = block.shortcut.iter().flat_map(|shortcut| within("shortcut", shortcut.tensors(input)));
            let convolutions = within("conv1", block.conv1.tensors(input)).chain(within("conv2", block.conv2.tensors(hidden)));
            return norm("norm1", input).chain(norm("norm2", hidden)).chain(convolutions).chain(shortcut).collect();
        }
        let (Some(parts), Self::SeparableConv2d { multiplier, .. }) = (self.separable_parts(), self) else { return Vec::new() };
        let between = of(input.channels.saturating_mul(*multiplier));
        let depthwise = within("depthwise", parts.depthwise.tensors(input));
        depthwise.chain(within("pointwise", parts.pointwise.tensors(between))).collect()
    }

    /// The channels that a convolution makes.
    fn filters(&self) -> usize {
        match *self {
            Self::Conv2d { filters, .. } => filters,
            _ => 0,
        }
    }
}

fn filter(first: usize, second: usize, kernel: Size) -> Vec<usize> {
    vec![first, second, kernel.height, kernel.width]
}

fn vectors(names: &[&str], size: usize) -> Vec<TensorShape> {
    names.iter().map(|&name| (name.to_owned(), vec![size])).collect()
}

fn within(part: &str, tensors: Vec<TensorShape>) -> impl Iterator<Item = TensorShape> + use<'_> {
    tensors.into_iter().map(move |(name, shape)| (format!("{part}.{name}"), shape))
}

/// A weight of this shape with what belongs to it.
fn weight(shape: Vec<usize>, kept: Kept) -> Vec<TensorShape> {
    let rows = shape.get(kept.outputs).copied().unwrap_or(1);
    let columns = shape.iter().product::<usize>() / rows.max(1);
    let bias = if kept.bias { vectors(&["bias"], rows) } else { Vec::new() };
    let own = if kept.spectral_norm {
        vec![("weight_orig".to_owned(), shape), ("weight_u".to_owned(), vec![rows]), ("weight_v".to_owned(), vec![columns])]
    } else {
        vec![("weight".to_owned(), shape)]
    };
    own.into_iter().chain(bias).collect()
}
