//! The catalogue: every kind of layer a stack may hold, with its parameters.
//!
//! A layer here is plain data. What it does to a shape is in [`super::infer`], what it costs in [`super::cost`], how its parameters
//! are shown and edited in [`super::fields`], and what it computes in `crate::nn`.

use serde::{Deserialize, Serialize};

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
    },
    /// Enlarges without weights.
    Upsample {
        /// The factor in each direction.
        factor: Size,
        /// How the values between are found.
        mode: UpsampleMode,
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
    /// Sets values to zero at random while training, and scales the rest up (Srivastava et al., 2014).
    Dropout {
        /// The share of values set to zero.
        rate: f32,
    },
    /// `max(x, 0)`.
    Relu,
    /// `x` where positive, `slope * x` elsewhere.
    LeakyRelu {
        /// The slope below zero.
        slope: f32,
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
    /// Squashes into -1..1.
    Tanh,
    /// Squashes into 0..1.
    Sigmoid,
    /// `ln(1 + exp(x))`.
    Softplus,
    /// A place in code that was read where something stands that could not be read. Nothing passes it.
    Gap {
        /// The code, as it stands there.
        source: String,
        /// The line it stands on, counted from 1.
        line: usize,
        /// Why it was not read, in words.
        reason: String,
    },
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
}

impl Layer {
    /// A layer with as many parameters at their usual values as the kind allows: `Dense` with `units`.
    pub fn dense(units: usize) -> Self {
        Self::Dense { units, bias: true, init: Init::default() }
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
        }
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
        if let Self::Dense { bias, .. } | Self::Conv2d { bias, .. } | Self::ConvTranspose2d { bias, .. } = &mut self {
            *bias = false;
        }
        self
    }

    /// The same layer with its weights starting otherwise, where it has weights.
    pub fn with_init(mut self, start: Init) -> Self {
        if let Self::Dense { init, .. } | Self::Conv2d { init, .. } | Self::ConvTranspose2d { init, .. } = &mut self {
            *init = start;
        }
        self
    }

    /// Does it hold weights that training changes?
    pub fn has_weights(&self) -> bool {
        matches!(
            self,
            Self::Dense { .. } | Self::Conv2d { .. } | Self::ConvTranspose2d { .. } | Self::BatchNorm { .. } | Self::LayerNorm { .. }
        )
    }
}
