//! Layers that are made of others: which, and in which order.
//!
//! Shapes, costs and modules of such a layer are those of its parts, so that the three cannot disagree.

use super::cost::Cost;
use super::infer::ShapeError;
use super::layer::{BlockNorm, Init, Layer, Resample, UpsampleMode};
use super::shape::{Padding, Shape, Size};

/// The parts of [`Layer::Residual`].
///
/// ```text
/// x ── norm ── ReLU ── (up) ── conv1 ── norm ── ReLU ── conv2 ── (down) ──┬── + ──
/// └─────────────────────── shortcut, resized ─────────────────────────────┘
/// ```
///
/// The first convolution has as many filters as the block, and where the block halves the picture as many as its input, so that
/// detail is not lost before it is looked at: that is how both papers' code has it. Resizing and a 1 × 1 convolution commute, so the
/// shortcut's convolution is computed where the picture is smaller.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Stands before each of the two ReLUs.
    pub norm: Option<Layer>,
    /// The first convolution.
    pub conv1: Layer,
    /// The second one.
    pub conv2: Layer,
    /// The 1 × 1 convolution of the shortcut, where channels or sizes change.
    pub shortcut: Option<Layer>,
    /// Enlarges before the first convolution, and the shortcut.
    pub up: Option<Layer>,
    /// Halves after the second convolution, and the shortcut.
    pub down: Option<Layer>,
}

/// The parts of [`Layer::SelfAttention`].
#[derive(Clone, Debug, PartialEq)]
pub struct Attention {
    /// The 1 × 1 convolution that queries, keys and values each have one of.
    pub into: Layer,
    /// The one back to the channels of the input.
    pub out: Layer,
    /// Channels between.
    pub inner: usize,
}

/// The parts of [`Layer::SeparableConv2d`].
#[derive(Clone, Debug, PartialEq)]
pub struct Separable {
    /// Looks at each channel alone.
    pub depthwise: Layer,
    /// Mixes the channels at each place.
    pub pointwise: Layer,
}

/// How weights are set up, see [`Layer::weights_mut`].
#[derive(Clone, Copy)]
struct Weights {
    bias: bool,
    init: Init,
    spectral_norm: bool,
}

/// A convolution that keeps the size.
fn conv(filters: usize, kernel: Size, Weights { bias, init, spectral_norm }: Weights) -> Layer {
    let one = Size::square(1);
    Layer::Conv2d { filters, kernel, stride: one, padding: Padding::Same, dilation: one, groups: 1, bias, init, spectral_norm }
}

impl Layer {
    /// The parts of a residual block of inputs of the shape `input`; none for other layers.
    pub fn block(&self, input: Shape) -> Option<Block> {
        let Self::Residual { filters, kernel, resample, norm, bias, init, spectral_norm } = *self else { return None };
        let weights = Weights { bias, init, spectral_norm };
        let two = Size::square(2);
        let hidden = if resample == Resample::Down { input.channels } else { filters };
        let changes = filters != input.channels || resample != Resample::None;
        Some(Block {
            norm: (norm == BlockNorm::Batch).then(Self::batch_norm),
            conv1: conv(hidden, kernel, weights),
            conv2: conv(filters, kernel, weights),
            shortcut: changes.then(|| conv(filters, Size::square(1), weights)),
            up: (resample == Resample::Up).then_some(Self::Upsample { factor: two, mode: UpsampleMode::Nearest }),
            down: (resample == Resample::Down).then_some(Self::AvgPool { size: two, stride: two, padding: Padding::Valid }),
        })
    }

    /// The parts of self-attention over inputs of the shape `input`; none for other layers.
    pub fn attention(&self, input: Shape) -> Option<Attention> {
        let Self::SelfAttention { reduction, bias, init, spectral_norm } = *self else { return None };
        let weights = Weights { bias, init, spectral_norm };
        let inner = input.channels / reduction;
        let one = Size::square(1);
        Some(Attention { into: conv(inner, one, weights), out: conv(input.channels, one, weights), inner })
    }

    /// The parts of a separable convolution; none for other layers.
    pub fn separable_parts(&self) -> Option<Separable> {
        let Self::SeparableConv2d { filters, multiplier, kernel, stride, padding, dilation, bias, init, spectral_norm } = *self else {
            return None;
        };
        Some(Separable {
            depthwise: Self::DepthwiseConv2d { multiplier, kernel, stride, padding, dilation, bias: false, init, spectral_norm },
            pointwise: conv(filters, Size::square(1), Weights { bias, init, spectral_norm }),
        })
    }
}

impl Block {
    /// The way through the convolutions.
    pub fn main(&self) -> Vec<&Layer> {
        let Self { norm, conv1, conv2, shortcut: _, up, down } = self;
        let before = norm.iter().chain([&Layer::Relu]).chain(up).chain([conv1]);
        before.chain(norm).chain([&Layer::Relu, conv2]).chain(down).collect()
    }

    /// The way past them.
    pub fn side(&self) -> Vec<&Layer> {
        self.down.iter().chain(&self.shortcut).chain(&self.up).collect()
    }
}

impl Separable {
    /// Both, in order.
    pub fn both(&self) -> [&Layer; 2] {
        [&self.depthwise, &self.pointwise]
    }
}

/// The shape that layers one after the other make of `input`.
pub(super) fn shape_through(layers: &[&Layer], input: Shape) -> Result<Shape, ShapeError> {
    layers.iter().try_fold(input, |shape, layer| layer.output_shape(shape))
}

/// What layers one after the other cost.
pub(super) fn cost_through(layers: &[&Layer], mut input: Shape) -> Cost {
    let mut total = Cost::default();
    for layer in layers {
        let Ok(output) = layer.output_shape(input) else { break };
        total = total + layer.cost(input, output);
        input = output;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(layer: &Layer) -> usize {
        match layer {
            Layer::Conv2d { filters, .. } => *filters,
            _ => 0,
        }
    }

    #[test]
    fn a_block_has_the_widths_of_the_papers_code() {
        let widths = |resample, channels| {
            let block = Layer::residual(64, resample).block(Shape::new(channels, 8, 8)).unwrap();
            (filters(&block.conv1), filters(&block.conv2), block.shortcut.as_ref().map(filters))
        };
        assert_eq!(widths(Resample::Up, 128), (64, 64, Some(64)));
        assert_eq!(widths(Resample::Down, 32), (32, 64, Some(64)));
        assert_eq!(widths(Resample::None, 64), (64, 64, None));
        assert_eq!(widths(Resample::Up, 64).2, Some(64), "a shortcut that is resized has weights, too");
    }
}
