//! What the linter knows of a kind of layer. Rules ask for these properties and never for kinds, so that a new kind falls into place
//! by its family and its parameters, or with one line here.

use crate::spec::{BlockNorm, Family, Layer, Padding, Shape, Size, Slot};

/// The values that may come out of a layer: the lower and the upper end.
pub type Range = (f32, f32);

/// All numbers.
pub const UNBOUNDED: Range = (f32::NEG_INFINITY, f32::INFINITY);

impl Layer {
    /// Does it mix values by weights: a Dense layer, a convolution?
    pub(super) fn mixes(&self) -> bool {
        self.family() == Family::Weighted
    }

    /// Is it a nonlinearity?
    pub(super) fn is_activation(&self) -> bool {
        self.family() == Family::Activation
    }

    /// Is what it makes no linear map of what it gets? Without such a layer between them, two that mix values are like one.
    pub(super) fn bends(&self) -> bool {
        match self {
            // The largest is no sum; blocks and attention bend inside.
            Self::MaxPool { .. } | Self::GlobalMaxPool | Self::Residual { .. } | Self::SelfAttention { .. } => true,
            Self::LeakyRelu { slope } => *slope < 1.0,
            _ => self.is_activation(),
        }
    }

    /// Does it keep values in a healthy range? Of its family, those that divide by a deviation, and so need something added to it; and blocks
    /// that have such layers inside.
    pub(super) fn normalises(&self) -> bool {
        self.family() == Family::Normalisation && self.has("epsilon") || matches!(self, Self::Residual { norm: BlockNorm::Batch, .. })
    }

    /// Does it look at other samples of the batch to normalise one?
    pub(super) fn normalises_over_batch(&self) -> bool {
        matches!(self, Self::BatchNorm { .. })
    }

    /// The same without normalising over the batch, where it does: each sample by itself instead.
    pub(super) fn without_batch_norm(&self) -> Option<Self> {
        match self {
            Self::BatchNorm { epsilon, .. } => Some(Self::LayerNorm { epsilon: *epsilon }),
            Self::Residual { norm: BlockNorm::Batch, .. } => {
                let mut plain = self.clone();
                if let Self::Residual { norm, .. } = &mut plain {
                    *norm = BlockNorm::None;
                }
                Some(plain)
            }
            _ => None,
        }
    }

    /// Does it mix values by weights that may stretch them as far as they like?
    pub(super) fn stretches(&self) -> bool {
        self.mixes() && self.clone().with_spectral_norm() != *self
    }

    /// Does it take the mean of each channel away, and a bias with it?
    pub(super) fn removes_bias(&self) -> bool {
        matches!(self, Self::BatchNorm { .. } | Self::InstanceNorm { .. })
    }

    /// Does it set values to zero at random?
    pub(super) fn drops(&self) -> bool {
        self.family() == Family::Normalisation && self.has("rate")
    }

    /// Does it learn a constant for each output?
    pub(super) fn has_bias(&self) -> bool {
        self.clone().without_bias() != *self
    }

    /// Does it see its input in groups of channels, as one half of a separable convolution does?
    pub(super) fn sees_groups(&self) -> bool {
        self.mixes() && self.number("groups").is_some_and(|groups| groups > 1) || matches!(self, Self::DepthwiseConv2d { .. })
    }

    /// Does nothing come through for values below zero, neither forwards nor backwards?
    pub(super) fn is_silent_below_zero(&self) -> bool {
        matches!(self, Self::Relu)
    }

    /// Does it make shares of what it gets, which add up to one?
    pub(super) fn makes_shares(&self) -> bool {
        matches!(self, Self::Softmax)
    }

    /// The values that may come out when those that go in are in `range`.
    pub(super) fn range_after(&self, (low, high): Range) -> Range {
        let both = |f: fn(f32) -> f32| (f(low), f(high));
        match *self {
            Self::Relu => both(|x| x.max(0.0)),
            Self::LeakyRelu { slope } => {
                let bent = |x: f32| if x >= 0.0 || slope == 0.0 { x.max(0.0) } else { slope * x };
                (bent(low), bent(high))
            }
            Self::Elu { alpha } => (if low < 0.0 { alpha * low.exp_m1() } else { low }, if high < 0.0 { 0.0 } else { high }),
            // The lowest points of both curves.
            Self::Gelu => (if low < 0.0 { -0.17 } else { 0.0 }, high.max(0.0)),
            Self::Silu => (if low < 0.0 { -0.279 } else { 0.0 }, high.max(0.0)),
            Self::Mish => (if low < 0.0 { -0.309 } else { 0.0 }, high.max(0.0)),
            Self::Softmax => (0.0, 1.0),
            Self::ZeroPadding2d { .. } => (low.min(0.0), high.max(0.0)),
            Self::Tanh => both(f32::tanh),
            Self::Sigmoid => both(|x| 1.0 / (1.0 + (-x).exp())),
            Self::Softplus => both(|x| x.max(0.0) + (-x.abs()).exp().ln_1p()),
            // It draws values to zero and scales the rest up.
            _ if self.drops() => (if low < 0.0 { f32::NEG_INFINITY } else { 0.0 }, if high > 0.0 { f32::INFINITY } else { 0.0 }),
            _ if self.family() == Family::Shape => (low, high),
            _ => UNBOUNDED,
        }
    }

    /// Does it leave values above zero as they are?
    pub(super) fn keeps_positive(&self) -> bool {
        matches!(self, Self::Relu | Self::LeakyRelu { .. } | Self::PRelu { .. } | Self::Elu { .. })
    }

    /// Does it make what it gets, whatever that is?
    pub(super) fn does_nothing(&self) -> bool {
        let one = Size::square(1);
        match self {
            Self::Upsample { factor, .. } => *factor == one,
            Self::MaxPool { size, stride, .. } | Self::AvgPool { size, stride, .. } => *size == one && *stride == one,
            Self::LeakyRelu { slope } => *slope == 1.0,
            Self::PixelShuffle { factor } => *factor == 1,
            Self::GaussianNoise { deviation } => *deviation == 0.0,
            Self::ZeroPadding2d { top, bottom, left, right } | Self::Cropping2d { top, bottom, left, right } => {
                [*top, *bottom, *left, *right] == [0; 4]
            }
            _ => self.drops() && self.share("rate") == Some(0.0),
        }
    }

    /// How much it enlarges by itself, where that can be changed: the stride of a transposed convolution, the factor of an enlargement.
    pub(super) fn enlargement(&self) -> Option<Size> {
        match self {
            Self::ConvTranspose2d { stride, .. } => Some(*stride),
            Self::Upsample { factor, .. } => Some(*factor),
            _ => None,
        }
    }

    /// How many outputs or channels it makes, where it has the choice.
    pub(super) fn width(&self) -> Option<usize> {
        if self.mixes() { self.number("units").or_else(|| self.number("filters")) } else { None }
    }

    /// The same with so many outputs or channels.
    pub(super) fn with_width(mut self, width: usize) -> Self {
        for field in self.fields() {
            if let ("units" | "filters", Slot::Count(value, range)) = (field.name, field.slot) {
                *value = width.clamp(*range.start(), *range.end());
            }
        }
        self
    }

    /// The rows and columns a filter looks at, where it has filters that look rather than stamp.
    pub(super) fn looks_at(&self) -> Option<Size> {
        let is_stamp = matches!(self, Self::ConvTranspose2d { .. });
        if self.mixes() && !is_stamp { self.size("kernel") } else { None }
    }

    /// The same with another kernel and padding, where it has them.
    pub(super) fn with_window(mut self, size: Size, border: Padding) -> Self {
        for field in self.fields() {
            match (field.name, field.slot) {
                ("kernel", Slot::Size(value, _)) => *value = size,
                ("padding", Slot::Padding(value)) => *value = border,
                _ => {}
            }
        }
        self
    }

    /// Does it weigh every value of a vector?
    pub(super) fn wants_vector(&self) -> bool {
        self.output_shape(Shape::new(1, 2, 2)).is_err() && self.output_shape(Shape::vector(4)).is_ok() && self.mixes()
    }

    fn has(&self, name: &str) -> bool {
        self.clone().fields().iter().any(|field| field.name == name)
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.clone().fields().into_iter().find_map(|field| match field.slot {
            Slot::Count(value, _) if field.name == name => Some(*value),
            _ => None,
        })
    }

    fn size(&self, name: &str) -> Option<Size> {
        self.clone().fields().into_iter().find_map(|field| match field.slot {
            Slot::Size(value, _) if field.name == name => Some(*value),
            _ => None,
        })
    }

    fn share(&self, name: &str) -> Option<f32> {
        self.clone().fields().into_iter().find_map(|field| match field.slot {
            Slot::Float(value, _) if field.name == name => Some(*value),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::catalogue;

    /// What PyTorch's functions make of these values, to five digits.
    #[test]
    fn ranges_hold_what_the_functions_make() {
        let sample = [-30.0_f32, -2.0, -1.0, -0.75, -0.1, 0.0, 0.5, 1.0, 2.0, 30.0];
        type Curve = fn(f32) -> f32;
        let curves: [(Layer, Curve); 7] = [
            (Layer::Relu, |x| x.max(0.0)),
            (Layer::leaky_relu(), |x| if x > 0.0 { x } else { 0.2 * x }),
            (Layer::Elu { alpha: 1.0 }, |x| if x > 0.0 { x } else { x.exp() - 1.0 }),
            (Layer::Silu, |x| x / (1.0 + (-x).exp())),
            (Layer::Mish, |x| x * (1.0 + x.exp()).ln().tanh()),
            (Layer::Softplus, |x| (1.0 + x.exp()).ln()),
            (Layer::Sigmoid, |x| 1.0 / (1.0 + (-x).exp())),
        ];
        for (layer, curve) in curves {
            for (low, high) in [(-30.0, 30.0), (-2.0, 1.0), (0.0, 2.0), (-1.0, -0.1)] {
                let (from, to) = layer.range_after((low, high));
                for x in sample.into_iter().filter(|x| (low..=high).contains(x)) {
                    let y = curve(x);
                    assert!((from - 1e-4..=to + 1e-4).contains(&y), "{} of {x} is {y}, not in {from}..{to}", layer.name());
                }
            }
        }
        assert_eq!(Layer::Tanh.range_after(UNBOUNDED), (-1.0, 1.0));
        assert_eq!(Layer::Sigmoid.range_after(UNBOUNDED), (0.0, 1.0));
        assert_eq!(Layer::Tanh.range_after(Layer::Relu.range_after(UNBOUNDED)), (0.0, 1.0));
        assert_eq!(Layer::dense(3).range_after((0.0, 1.0)), UNBOUNDED);
        assert_eq!(Layer::Flatten.range_after((0.0, 1.0)), (0.0, 1.0));
    }

    #[test]
    fn every_kind_of_the_catalogue_has_a_place() {
        for entry in catalogue() {
            let layer = entry.layer;
            let roles = [layer.mixes(), layer.is_activation(), layer.normalises() && !layer.mixes(), layer.drops()];
            assert!(roles.iter().filter(|is| **is).count() <= 1, "{}", layer.name());
            assert!(!layer.does_nothing(), "{} with its usual parameters does something", layer.name());
            assert_eq!(layer.clone().with_width(7).width().is_some(), layer.width().is_some());
        }
        assert!(Layer::dense(1).wants_vector() && !Layer::conv(1, 1, 1, 0).wants_vector());
        assert!(Layer::Dropout { rate: 0.0 }.does_nothing());
    }
}
