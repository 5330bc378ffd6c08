//! The catalogue: every kind of layer a stack may hold, with its parameters.
//!
//! A layer here is plain data. What it does to a shape is in [`super::infer`], what it costs in [`super::cost`], how its parameters
//! are shown and edited in [`super::fields`], and what it computes in `crate::nn`.

use serde::{Deserialize, Serialize};

use super::kind::Family;
use super::shape::{Padding, Shape, Size};

/// One layer's kind and parameters. Sizes are in rows and columns; the batch is never part of a layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Layer {
    /// Every output is a weighted sum of every input.
    Dense {
        /// Outputs.
        units: usize,
        /// Adds a learned constant to each output.
        bias: bool,
        /// How the weights start.
        init: Init,
        /// Divides the weights by their largest singular value (Miyato et al., 2018), as PyTorch's `spectral_norm` with one iteration.
        #[serde(default, skip_serializing_if = "is_off")]
        spectral_norm: bool,
    },
    /// A convolution: the same small filters at every place. Weights are `[filters, channels, kernel]`.
    Conv2d {
        /// Channels of the output.
        filters: usize,
        /// Rows and columns a filter sees.
        kernel: Size,
        /// Steps between the places a filter looks at.
        stride: Size,
        /// What happens at the border.
        padding: Padding,
        /// Steps between the taps of a filter.
        dilation: Size,
        /// Channels are split into so many groups that do not see each other.
        groups: usize,
        /// Adds a learned constant to each channel.
        bias: bool,
        /// How the weights start.
        init: Init,
        /// Divides the weights by their largest singular value (Miyato et al., 2018), as PyTorch's `spectral_norm` with one iteration.
        #[serde(default, skip_serializing_if = "is_off")]
        spectral_norm: bool,
    },
    /// The transpose of a convolution, which enlarges: every input value stamps a filter. Weights are `[channels, filters, kernel]`.
    ConvTranspose2d {
        /// Channels of the output.
        filters: usize,
        /// Rows and columns a filter stamps.
        kernel: Size,
        /// Steps between the stamps, so the factor of enlargement.
        stride: Size,
        /// What is cut off at the border.
        padding: Padding,
        /// Rows and columns added at the end, with explicit padding alone (PyTorch's `output_padding`).
        output_padding: Size,
        /// Adds a learned constant to each channel.
        bias: bool,
        /// How the weights start.
        init: Init,
        /// Divides the weights by their largest singular value (Miyato et al., 2018), as PyTorch's `spectral_norm` with one iteration.
        #[serde(default, skip_serializing_if = "is_off")]
        spectral_norm: bool,
    },
    /// A convolution that looks at each channel alone. Weights are `[channels * multiplier, 1, kernel]`.
    DepthwiseConv2d {
        /// Channels made of each channel.
        multiplier: usize,
        /// Rows and columns a filter sees.
        kernel: Size,
        /// Steps between the places a filter looks at.
        stride: Size,
        /// What happens at the border.
        padding: Padding,
        /// Steps between the taps of a filter.
        dilation: Size,
        /// Adds a learned constant to each channel.
        bias: bool,
        /// How the weights start.
        init: Init,
        /// Divides the weights by their largest singular value (Miyato et al., 2018), as PyTorch's `spectral_norm` with one iteration.
        #[serde(default, skip_serializing_if = "is_off")]
        spectral_norm: bool,
    },
    /// A depthwise convolution without bias, then a mix of its channels by 1 × 1 filters (Chollet, 2016), as Keras's `SeparableConv2D`.
    SeparableConv2d {
        /// Channels of the output.
        filters: usize,
        /// Channels that the depthwise part makes of each channel.
        multiplier: usize,
        /// Rows and columns the depthwise part sees.
        kernel: Size,
        /// Steps between the places it looks at.
        stride: Size,
        /// What happens at the border.
        padding: Padding,
        /// Steps between its taps.
        dilation: Size,
        /// Adds a learned constant to each channel.
        bias: bool,
        /// How the weights start.
        init: Init,
        /// Divides the weights by their largest singular value (Miyato et al., 2018), as PyTorch's `spectral_norm` with one iteration.
        #[serde(default, skip_serializing_if = "is_off")]
        spectral_norm: bool,
    },
    /// A residual block as in SNGAN (Miyato et al., 2018) and WGAN-GP (Gulrajani et al., 2017): norm - ReLU - convolution - norm - ReLU -
    /// convolution, plus a shortcut, which has a 1 × 1 convolution where channels or sizes change. See [`super::parts::Block`].
    Residual {
        /// Channels of the output.
        filters: usize,
        /// Rows and columns of both convolutions.
        kernel: Size,
        /// Does the block enlarge, halve or keep the picture?
        resample: Resample,
        /// What stands before each ReLU.
        norm: BlockNorm,
        /// Adds a learned constant to each channel.
        bias: bool,
        /// How the weights start.
        init: Init,
        /// Divides the weights by their largest singular value (Miyato et al., 2018), as PyTorch's `spectral_norm` with one iteration.
        #[serde(default, skip_serializing_if = "is_off")]
        spectral_norm: bool,
    },
    /// Every place looks at all others (SAGAN, Zhang et al., 2018): `gamma * o + x`, `o` by 1 × 1 convolutions to `channels / reduction` and
    /// back, `gamma` starting at zero.
    SelfAttention {
        /// Queries, keys and values have so many times fewer channels.
        reduction: usize,
        /// Adds learned constants to the 1 × 1 convolutions; the paper has none.
        bias: bool,
        /// How the weights start.
        init: Init,
        /// Divides the weights by their largest singular value (Miyato et al., 2018), as PyTorch's `spectral_norm` with one iteration.
        #[serde(default, skip_serializing_if = "is_off")]
        spectral_norm: bool,
    },
    /// Enlarges without weights.
    Upsample {
        /// The factor in each direction.
        factor: Size,
        /// How the values between are found.
        mode: UpsampleMode,
    },
    /// Turns channels into rows and columns (Shi et al., 2016), as PyTorch's `PixelShuffle`: `channels / factor²`, `factor` times as large.
    PixelShuffle {
        /// The factor of enlargement.
        factor: usize,
    },
    /// Adds rows and columns of zeros.
    ZeroPadding2d {
        /// Rows above.
        top: usize,
        /// Rows below.
        bottom: usize,
        /// Columns to the left.
        left: usize,
        /// Columns to the right.
        right: usize,
    },
    /// Cuts rows and columns off.
    Cropping2d {
        /// Rows above.
        top: usize,
        /// Rows below.
        bottom: usize,
        /// Columns to the left.
        left: usize,
        /// Columns to the right.
        right: usize,
    },
    /// The largest value of each window.
    MaxPool {
        /// The window.
        size: Size,
        /// Steps between windows.
        stride: Size,
        /// What happens at the border.
        padding: Padding,
    },
    /// The mean of each window.
    AvgPool {
        /// The window.
        size: Size,
        /// Steps between windows.
        stride: Size,
        /// What happens at the border. With `same`, padding does not count in the mean (Keras); with an explicit amount it counts as zeros (PyTorch).
        padding: Padding,
    },
    /// The mean of each channel.
    GlobalAvgPool,
    /// The largest value of each channel.
    GlobalMaxPool,
    /// The same values in another shape, channels first.
    Reshape {
        /// The shape wanted.
        shape: Shape,
    },
    /// The same values as one vector, channels first.
    Flatten,
    /// Normalises each channel over the batch (Ioffe and Szegedy, 2015).
    BatchNorm {
        /// How much of the running statistics each batch replaces (PyTorch's convention; one minus Keras's).
        momentum: f32,
        /// Added to the variance.
        epsilon: f32,
    },
    /// Normalises each sample over all its values (Ba, Kiros and Hinton, 2016), as PyTorch's `LayerNorm([C, H, W])`.
    LayerNorm {
        /// Added to the variance.
        epsilon: f32,
    },
    /// Normalises each channel of each sample over its places (Ulyanov et al., 2016), without running statistics.
    InstanceNorm {
        /// Added to the variance.
        epsilon: f32,
        /// Learns a gain and an offset for each channel.
        affine: bool,
    },
    /// Normalises groups of channels of each sample (Wu and He, 2018), with a gain and an offset for each channel.
    GroupNorm {
        /// Groups of channels.
        groups: usize,
        /// Added to the variance.
        epsilon: f32,
    },
    /// Divides the channels at each place by the root of their mean square (Karras et al., 2018).
    PixelNorm {
        /// Added to the mean square.
        epsilon: f32,
    },
    /// Adds normal noise while training, as Keras's `GaussianNoise`.
    GaussianNoise {
        /// The standard deviation of the noise.
        deviation: f32,
    },
    /// Adds a channel that says how much the samples of a batch differ (Karras et al., 2018): the deviation of each value over groups of
    /// samples, as its mean over all values of a group.
    MinibatchStdDev {
        /// Samples in a group; the largest number up to this one that divides the batch is taken.
        group: usize,
    },
    /// Sets values to zero at random while training, and scales the rest up (Srivastava et al., 2014).
    Dropout {
        /// The share of values set to zero.
        rate: f32,
    },
    /// Sets whole channels to zero at random while training, and scales the rest up (Tompson et al., 2014), as PyTorch's `Dropout2d`.
    SpatialDropout {
        /// The share of channels set to zero.
        rate: f32,
    },
    /// `max(x, 0)`.
    Relu,
    /// `x` where positive, `slope * x` elsewhere.
    LeakyRelu {
        /// The slope below zero.
        slope: f32,
    },
    /// `x` where positive, a learned slope times `x` elsewhere (He et al., 2015).
    #[serde(rename = "prelu")]
    PRelu {
        /// The slope at the beginning.
        slope: f32,
        /// A slope for each channel, or one for all.
        per_channel: bool,
    },
    /// `x` where positive, `alpha * (exp(x) - 1)` elsewhere.
    Elu {
        /// The value far below zero, negated.
        alpha: f32,
    },
    /// `x * Phi(x)`, exact.
    Gelu,
    /// `x * sigmoid(x)`, also called swish.
    Silu,
    /// `x * tanh(softplus(x))` (Misra, 2019).
    Mish,
    /// Squashes into -1..1.
    Tanh,
    /// Squashes into 0..1.
    Sigmoid,
    /// `ln(1 + exp(x))`.
    Softplus,
    /// Shares that add up to one: `exp(x)` over its sum over the channels, at each place.
    Softmax,
    /// A line of code that was read and not understood. It lets nothing through and keeps the project from being trained.
    Gap {
        /// What the line says.
        source: String,
        /// Its number, counted from 1.
        line: usize,
        /// Why it could not be read.
        reason: String,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_off(switch: &bool) -> bool {
    !*switch
}

/// What a residual block does to the size of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resample {
    /// Nothing.
    #[default]
    None,
    /// Doubles it by repeating values, before the first convolution.
    Up,
    /// Halves it by means of 2 × 2, after the second convolution.
    Down,
}

/// What normalises inside a residual block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockNorm {
    /// Nothing, as in discriminators.
    #[default]
    None,
    /// Batch normalisation with PyTorch's defaults, as in generators.
    Batch,
}

/// How an enlarging layer finds the values between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpsampleMode {
    /// Repeats each value.
    #[default]
    Nearest,
    /// Blends the four nearest, pixel centres at half steps (`align_corners=False`).
    Bilinear,
}

/// How a layer's weights start. Biases start at zero, except with [`Init::PyTorch`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Init {
    /// PyTorch's default: uniform in ±1/sqrt(fan in), weights and bias.
    #[default]
    PyTorch,
    /// Keras's default (Glorot and Bengio, 2010): uniform in ±sqrt(6 / (fan in + fan out)).
    Glorot,
    /// DCGAN's (Radford et al., 2015): N(0, 0.02).
    Dcgan,
    /// He et al., 2015: N(0, sqrt(2 / fan in)).
    He,
    /// Saxe et al., 2013: rows, or columns where there are fewer, that stand at right angles and have length one.
    Orthogonal,
    /// All zero: the layer makes nothing of its input until it has learned.
    Zeros,
}

impl Layer {
    /// A layer with as many parameters at their usual values as the kind allows: `Dense` with `units`.
    pub fn dense(units: usize) -> Self {
        Self::Dense { units, bias: true, init: Init::default(), spectral_norm: false }
    }

    /// A convolution with a square kernel, stride and explicit padding, as in PyTorch.
    pub fn conv(filters: usize, kernel: usize, stride: usize, padding: usize) -> Self {
        Self::Conv2d {
            filters,
            kernel: Size::square(kernel),
            stride: Size::square(stride),
            padding: Padding::Explicit(Size::square(padding)),
            dilation: Size::square(1),
            groups: 1,
            bias: true,
            init: Init::default(),
            spectral_norm: false,
        }
    }

    /// A transposed convolution with a square kernel, stride and explicit padding, as in PyTorch.
    pub fn conv_transpose(filters: usize, kernel: usize, stride: usize, padding: usize) -> Self {
        Self::ConvTranspose2d {
            filters,
            kernel: Size::square(kernel),
            stride: Size::square(stride),
            padding: Padding::Explicit(Size::square(padding)),
            output_padding: Size::square(0),
            bias: true,
            init: Init::default(),
            spectral_norm: false,
        }
    }

    /// A depthwise convolution with a square kernel that keeps the size divided by the stride.
    pub fn depthwise(multiplier: usize, kernel: usize, stride: usize) -> Self {
        Self::DepthwiseConv2d {
            multiplier,
            kernel: Size::square(kernel),
            stride: Size::square(stride),
            padding: Padding::Same,
            dilation: Size::square(1),
            bias: true,
            init: Init::default(),
            spectral_norm: false,
        }
    }

    /// A separable convolution with a square kernel that keeps the size divided by the stride.
    pub fn separable(filters: usize, kernel: usize, stride: usize) -> Self {
        Self::SeparableConv2d {
            filters,
            multiplier: 1,
            kernel: Size::square(kernel),
            stride: Size::square(stride),
            padding: Padding::Same,
            dilation: Size::square(1),
            bias: true,
            init: Init::default(),
            spectral_norm: false,
        }
    }

    /// A residual block of 3 × 3 filters, normalised where it enlarges, as in SNGAN.
    pub fn residual(filters: usize, resample: Resample) -> Self {
        let norm = if resample == Resample::Up { BlockNorm::Batch } else { BlockNorm::None };
        let kernel = Size::square(3);
        Self::Residual { filters, kernel, resample, norm, bias: true, init: Init::default(), spectral_norm: false }
    }

    /// Self-attention with an eighth of the channels and no bias, as in SAGAN.
    pub fn self_attention() -> Self {
        Self::SelfAttention { reduction: 8, bias: false, init: Init::default(), spectral_norm: false }
    }

    /// Batch normalisation with PyTorch's defaults.
    pub fn batch_norm() -> Self {
        Self::BatchNorm { momentum: 0.1, epsilon: 1e-5 }
    }

    /// The usual leaky rectifier of discriminators, slope 0.2.
    pub fn leaky_relu() -> Self {
        Self::LeakyRelu { slope: 0.2 }
    }

    /// The same layer without a bias, where it has the choice.
    pub fn without_bias(mut self) -> Self {
        if let Some(weights) = self.weights_mut() {
            *weights.bias = false;
        }
        self
    }

    /// The same layer with its weights starting otherwise, where it has the choice.
    pub fn with_init(mut self, start: Init) -> Self {
        if let Some(weights) = self.weights_mut() {
            *weights.init = start;
        }
        self
    }

    /// The same layer with its weights divided by their largest singular value, where it has the choice.
    pub fn with_spectral_norm(mut self) -> Self {
        if let Some(weights) = self.weights_mut() {
            *weights.spectral_norm = true;
        }
        self
    }

    /// What all layers have in common that mix values by weights.
    pub(super) fn weights_mut(&mut self) -> Option<WeightsMut<'_>> {
        match self {
            Self::Dense { bias, init, spectral_norm, .. }
            | Self::Conv2d { bias, init, spectral_norm, .. }
            | Self::ConvTranspose2d { bias, init, spectral_norm, .. }
            | Self::DepthwiseConv2d { bias, init, spectral_norm, .. }
            | Self::SeparableConv2d { bias, init, spectral_norm, .. }
            | Self::Residual { bias, init, spectral_norm, .. }
            | Self::SelfAttention { bias, init, spectral_norm, .. } => Some(WeightsMut { bias, init, spectral_norm }),
            _ => None,
        }
    }

    /// Does it hold weights that training changes?
    pub fn has_weights(&self) -> bool {
        match self {
            Self::BatchNorm { .. } | Self::LayerNorm { .. } | Self::GroupNorm { .. } | Self::PRelu { .. } => true,
            Self::InstanceNorm { affine, .. } => *affine,
            layer => layer.family() == Family::Weighted,
        }
    }
}

/// How the weights of a layer are set up.
#[derive(Debug)]
pub(super) struct WeightsMut<'a> {
    pub bias: &'a mut bool,
    pub init: &'a mut Init,
    pub spectral_norm: &'a mut bool,
}
