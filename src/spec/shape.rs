//! The shape of one activation, and the arithmetic of windows that slide over it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The shape of one sample: `channels x height x width`, without the batch.
///
/// A vector is `features x 1 x 1`, a 2-D point `2 x 1 x 1`. In files it is a list of three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "[usize; 3]", into = "[usize; 3]")]
pub struct Shape {
    /// Channels, or features of a vector.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

/// The largest number of values one sample may have anywhere in a network (2^28, 1 GiB as f32). A shape beyond it is a typing error,
/// and all arithmetic on accepted shapes stays far from overflow.
pub const MAX_VALUES: usize = 1 << 28;

impl Shape {
    /// `channels x height x width`.
    pub const fn new(channels: usize, height: usize, width: usize) -> Self {
        Self { channels, height, width }
    }

    /// A vector of `features` values.
    pub const fn vector(features: usize) -> Self {
        Self::new(features, 1, 1)
    }

    /// Is this `features x 1 x 1`?
    pub const fn is_vector(self) -> bool {
        self.height == 1 && self.width == 1
    }

    /// The number of values in one sample; saturates, so that a mistyped shape is reported instead of overflowing.
    pub const fn values(self) -> usize {
        self.channels.saturating_mul(self.height).saturating_mul(self.width)
    }

    /// `[batch, channels, height, width]`.
    pub const fn batched(self, batch: usize) -> [usize; 4] {
        [batch, self.channels, self.height, self.width]
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_vector() { write!(f, "{}", self.channels) } else { write!(f, "{} × {} × {}", self.channels, self.height, self.width) }
    }
}

impl From<[usize; 3]> for Shape {
    fn from([channels, height, width]: [usize; 3]) -> Self {
        Self { channels, height, width }
    }
}

impl From<Shape> for [usize; 3] {
    fn from(shape: Shape) -> Self {
        [shape.channels, shape.height, shape.width]
    }
}

/// A size in rows and columns: a kernel, a stride, a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "[usize; 2]", into = "[usize; 2]")]
pub struct Size {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Size {
    /// The same in both directions.
    pub const fn square(side: usize) -> Self {
        Self { height: side, width: side }
    }

    /// `height * width`.
    pub const fn area(self) -> usize {
        self.height.saturating_mul(self.width)
    }
}

impl From<[usize; 2]> for Size {
    fn from([height, width]: [usize; 2]) -> Self {
        Self { height, width }
    }
}

impl From<Size> for [usize; 2] {
    fn from(size: Size) -> Self {
        [size.height, size.width]
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {}", self.height, self.width)
    }
}

/// How a sliding window treats the border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// Keras's `same`: the output has `ceil(in / stride)` rows, or `in * stride` for a transposed convolution; an odd amount puts
    /// the extra row at the end.
    #[default]
    Same,
    /// No padding. A transposed convolution follows Keras where the kernel is smaller than the stride: `in * stride` rows.
    Valid,
    /// PyTorch's `padding=(rows, columns)`, the same amount on both sides.
    Explicit(Size),
}

impl fmt::Display for Padding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same => write!(f, "same"),
            Self::Valid => write!(f, "valid"),
            Self::Explicit(size) if size.height == size.width => write!(f, "{}", size.height),
            Self::Explicit(size) => write!(f, "{size}"),
        }
    }
}

/// One direction of a window's geometry: how many rows are added before and after the input, and how many come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Rows added before the first one (for a transposed convolution: cut off the front of the full output).
    pub before: usize,
    /// Rows added after the last one (for a transposed convolution: cut off the end of the full output; negative adds rows).
    pub after: isize,
    /// Rows of the output.
    pub output: usize,
}

/// The rows that a kernel of `kernel` taps spans when they are `dilation` apart.
pub const fn effective_kernel(kernel: usize, dilation: usize) -> usize {
    dilation.saturating_mul(kernel.saturating_sub(1)).saturating_add(1)
}

/// A convolution or pooling window of `span` rows over `input` rows.
///
/// # Errors
/// The rows available, where the window does not fit even once.
pub fn convolution_window(input: usize, span: usize, stride: usize, padding: EdgePadding) -> Result<Window, usize> {
    match padding {
        EdgePadding::Same => {
            let output = input.div_ceil(stride);
            let total = output.saturating_sub(1).saturating_mul(stride).saturating_add(span).saturating_sub(input);
            Ok(Window { before: total / 2, after: (total - total / 2) as isize, output })
        }
        EdgePadding::Rows(rows) => {
            let available = input.saturating_add(rows.saturating_mul(2));
            let output = available.checked_sub(span).ok_or(available)? / stride + 1;
            Ok(Window { before: rows, after: rows as isize, output })
        }
    }
}

/// A transposed convolution's window of `span` rows over `input` rows. Before cutting, the output has `(input - 1) * stride + span` rows.
///
/// # Errors
/// The rows of the uncut output, where the padding leaves none.
pub fn transposed_window(input: usize, span: usize, stride: usize, padding: TransposedPadding) -> Result<Window, usize> {
    let full = input.saturating_sub(1).saturating_mul(stride).saturating_add(span);
    let (before, output) = match padding {
        TransposedPadding::Same => (span.saturating_sub(stride) / 2, input.saturating_mul(stride)),
        TransposedPadding::Valid => (0, full.max(input.saturating_mul(stride))),
        TransposedPadding::Rows { cut, extra } => {
            let output = full.saturating_add(extra).checked_sub(cut.saturating_mul(2)).filter(|&rows| rows > 0).ok_or(full)?;
            (cut, output)
        }
    };
    Ok(Window { before, after: full as isize - before as isize - output as isize, output })
}

/// [`Padding`] in one direction, for a convolution or a pool; `Valid` is no rows.
#[derive(Clone, Copy, Debug)]
pub enum EdgePadding {
    /// As many rows as keep `ceil(input / stride)`.
    Same,
    /// This many on both sides.
    Rows(usize),
}

/// [`Padding`] in one direction, for a transposed convolution.
#[derive(Clone, Copy, Debug)]
pub enum TransposedPadding {
    /// The output has `input * stride` rows.
    Same,
    /// Nothing is cut off.
    Valid,
    /// PyTorch's `padding` and `output_padding`.
    Rows {
        /// Rows cut off on both sides.
        cut: usize,
        /// Rows added at the end.
        extra: usize,
    },
}

impl Padding {
    /// The padding of rows and of columns, for a convolution or a pool.
    pub fn explicit(self) -> (EdgePadding, EdgePadding) {
        match self {
            Self::Same => (EdgePadding::Same, EdgePadding::Same),
            Self::Valid => (EdgePadding::Rows(0), EdgePadding::Rows(0)),
            Self::Explicit(size) => (EdgePadding::Rows(size.height), EdgePadding::Rows(size.width)),
        }
    }

    /// The padding of rows and of columns, for a transposed convolution; `output_padding` counts with explicit padding alone.
    pub fn transposed(self, output_padding: Size) -> (TransposedPadding, TransposedPadding) {
        match self {
            Self::Same => (TransposedPadding::Same, TransposedPadding::Same),
            Self::Valid => (TransposedPadding::Valid, TransposedPadding::Valid),
            Self::Explicit(size) => (
                TransposedPadding::Rows { cut: size.height, extra: output_padding.height },
                TransposedPadding::Rows { cut: size.width, extra: output_padding.width },
            ),
        }
    }
}
