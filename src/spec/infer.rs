//! Shape inference: what a layer makes of a shape, or in words why it cannot.

use super::layer::Layer;
use super::shape::{MAX_VALUES, Padding, Shape, Size, Window, convolution_window, effective_kernel, transposed_window};

/// Why a layer does not fit its input, in one sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ShapeError(pub String);

type Result<T> = std::result::Result<T, ShapeError>;

fn fail<T>(message: impl Into<String>) -> Result<T> {
    Err(ShapeError(message.into()))
}

/// The geometry of a layer that slides a window: rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Down the rows.
    pub rows: Window,
    /// Along the columns.
    pub columns: Window,
}

impl Layer {
    /// The shape this layer makes of `input`.
    ///
    /// # Errors
    /// A sentence that says what the layer wants and what it gets. Parameters out of range are errors, too, so that nothing behind
    /// this check meets a zero kernel or a stride of nothing.
    pub fn output_shape(&self, input: Shape) -> Result<Shape> {
        self.check_parameters()?;
        let output = self.unchecked_output_shape(input)?;
        if output.values() > MAX_VALUES {
            return fail(format!("{} would make {output} values for each sample, more than the {MAX_VALUES} allowed", self.name()));
        }
        Ok(output)
    }

    fn unchecked_output_shape(&self, input: Shape) -> Result<Shape> {
        match *self {
            Self::Dense { units, .. } => {
                if !input.is_vector() {
                    return fail(format!("Dense wants a vector, but gets {input}: put a Flatten before it"));
                }
                Ok(Shape::vector(units))
            }
            Self::Conv2d { filters, groups, .. } => {
                if !input.channels.is_multiple_of(groups) || !filters.is_multiple_of(groups) {
                    return fail(format!(
                        "Conv2d splits channels into {groups} groups, but {} input channels and {filters} filters do not both divide by {groups}",
                        input.channels
                    ));
                }
                let windows = self.windows(input)?;
                Ok(Shape::new(filters, windows.rows.output, windows.columns.output))
            }
            Self::ConvTranspose2d { filters, .. } => {
                let windows = self.windows(input)?;
                Ok(Shape::new(filters, windows.rows.output, windows.columns.output))
            }
            Self::MaxPool { .. } | Self::AvgPool { .. } => {
                let windows = self.windows(input)?;
                Ok(Shape::new(input.channels, windows.rows.output, windows.columns.output))
            }
            Self::Upsample { factor, .. } => {
                Ok(Shape::new(input.channels, input.height.saturating_mul(factor.height), input.width.saturating_mul(factor.width)))
            }
            Self::GlobalAvgPool => Ok(Shape::vector(input.channels)),
            Self::Reshape { shape } => {
                if shape.values() != input.values() {
                    return fail(format!("Reshape wants {} values ({shape}), but gets {} ({input})", shape.values(), input.values()));
                }
                Ok(shape)
            }
            Self::Flatten => Ok(Shape::vector(input.values())),
            Self::BatchNorm { .. }
            | Self::LayerNorm { .. }
            | Self::Dropout { .. }
            | Self::Relu
            | Self::LeakyRelu { .. }
            | Self::Elu { .. }
            | Self::Gelu
            | Self::Silu
            | Self::Tanh
            | Self::Sigmoid
            | Self::Softplus => Ok(input),
        }
    }

    /// The geometry of a layer that slides a window over `input`.
    ///
    /// # Errors
    /// A sentence, where the window does not fit or the layer has none.
    pub fn windows(&self, input: Shape) -> Result<Windows> {
        let name = self.name();
        match *self {
            Self::Conv2d { kernel, stride, padding, dilation, .. } => {
                let span = Size {
                    height: effective_kernel(kernel.height, dilation.height),
                    width: effective_kernel(kernel.width, dilation.width),
                };
                sliding(name, input, span, stride, padding)
            }
            Self::MaxPool { size, stride, padding } | Self::AvgPool { size, stride, padding } => {
                if let Padding::Explicit(pad) = padding
                    && (pad.height > size.height / 2 || pad.width > size.width / 2)
                {
                    return fail(format!("{name} may pad by at most half its window ({size}), not by {pad}"));
                }
                sliding(name, input, size, stride, padding)
            }
            Self::ConvTranspose2d { kernel, stride, padding, output_padding, .. } => {
                let (rows, columns) = padding.transposed(output_padding);
                let direction = |rows, span, step, padding| {
                    transposed_window(rows, span, step, padding)
                        .map_err(|full| ShapeError(format!("{name} cuts off all of its {full} rows or columns: use less padding")))
                };
                Ok(Windows {
                    rows: direction(input.height, kernel.height, stride.height, rows)?,
                    columns: direction(input.width, kernel.width, stride.width, columns)?,
                })
            }
            _ => fail(format!("{name} has no window")),
        }
    }

    fn check_parameters(&self) -> Result<()> {
        for field in self.clone().fields() {
            if let Some(why) = field.fault() {
                return fail(format!("{}: {why}", self.name()));
            }
        }
        if let Self::ConvTranspose2d { stride, output_padding, .. } = self
            && (output_padding.height >= stride.height || output_padding.width >= stride.width)
            && *output_padding != Size::square(0)
        {
            return fail("ConvTranspose2d: output padding has to be smaller than the stride");
        }
        Ok(())
    }
}

fn sliding(name: &str, input: Shape, span: Size, stride: Size, padding: Padding) -> Result<Windows> {
    let (rows, columns) = padding.explicit();
    let direction = |available: usize, span: usize, step: usize, padding, word: &str| {
        convolution_window(available, span, step, padding)
            .map_err(|found| ShapeError(format!("{name} looks at {span} {word} at once, but its input has only {found}")))
    };
    Ok(Windows {
        rows: direction(input.height, span.height, stride.height, rows, "rows")?,
        columns: direction(input.width, span.width, stride.width, columns, "columns")?,
    })
}

impl Windows {
    /// Is the border of a convolution or a pool unequal at its two ends, so that the input has to be padded beforehand?
    pub const fn is_lopsided(&self) -> bool {
        self.rows.before as isize != self.rows.after || self.columns.before as isize != self.columns.after
    }
}
