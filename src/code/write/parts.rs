//! What the tables of all languages ask of a layer: its border, and what is done to its weights.

use std::collections::BTreeSet;

use super::WriteError;
use crate::spec::{Init, Layer, Padding, Role, Shape, Size, Windows};

/// Classes and functions that are written out because a network uses them, by the name of their source.
pub type Used = BTreeSet<&'static str>;

/// Rows and columns of zeros around a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Border {
    /// Above.
    pub top: usize,
    /// Below.
    pub bottom: usize,
    /// To the left.
    pub left: usize,
    /// To the right.
    pub right: usize,
}

impl Border {
    /// What a window adds at both ends.
    pub fn of(windows: &Windows) -> Self {
        let [rows, columns] = [windows.rows, windows.columns];
        Self { top: rows.before, bottom: rows.after.unsigned_abs(), left: columns.before, right: columns.after.unsigned_abs() }
    }

    /// The same on both sides of each direction.
    pub fn symmetric(self) -> Option<Size> {
        (self.top == self.bottom && self.left == self.right).then_some(Size { height: self.top, width: self.left })
    }

    /// `(left, right, top, bottom)`, as PyTorch and Burn pad.
    pub fn tuple(self) -> String {
        format!("({}, {}, {}, {})", self.left, self.right, self.top, self.bottom)
    }
}

/// The geometry of a layer, which fits since the project has no faults.
///
/// # Errors
/// It does not fit.
pub fn windows(layer: &Layer, input: Shape) -> Result<Windows, WriteError> {
    layer.windows(input).map_err(|error| WriteError(error.0))
}

/// The shape that comes out.
///
/// # Errors
/// The layer does not fit.
pub fn output(layer: &Layer, input: Shape) -> Result<Shape, WriteError> {
    layer.output_shape(input).map_err(|error| WriteError(error.0))
}

/// Does `same` padding look at the same places as the layer's own?
pub fn is_same(layer: &Layer, input: Shape) -> Result<bool, WriteError> {
    let own = windows(layer, input)?;
    let mut other = layer.clone();
    match &mut other {
        Layer::Conv2d { padding, .. }
        | Layer::DepthwiseConv2d { padding, .. }
        | Layer::SeparableConv2d { padding, .. }
        | Layer::MaxPool { padding, .. }
        | Layer::AvgPool { padding, .. } => *padding = Padding::Same,
        Layer::ConvTranspose2d { padding, output_padding, .. } => {
            *padding = Padding::Same;
            *output_padding = Size::square(0);
        }
        _ => return Ok(false),
    }
    let same = windows(&other, input)?;
    let alike = |a: crate::spec::Window, b: crate::spec::Window| a.before == b.before && a.output == b.output;
    Ok(alike(own.rows, same.rows) && alike(own.columns, same.columns))
}

/// Bias, start and spectral norm of a layer that mixes values by weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixing {
    /// Adds a learned constant.
    pub bias: bool,
    /// How the weights start.
    pub init: Init,
    /// Divides by the largest singular value.
    pub spectral_norm: bool,
}

/// How the weights of a layer are set up; none where it has none.
pub fn mixing(layer: &Layer) -> Option<Mixing> {
    match *layer {
        Layer::Dense { bias, init, spectral_norm, .. }
        | Layer::Conv2d { bias, init, spectral_norm, .. }
        | Layer::ConvTranspose2d { bias, init, spectral_norm, .. }
        | Layer::DepthwiseConv2d { bias, init, spectral_norm, .. }
        | Layer::SeparableConv2d { bias, init, spectral_norm, .. }
        | Layer::Residual { bias, init, spectral_norm, .. }
        | Layer::SelfAttention { bias, init, spectral_norm, .. } => Some(Mixing { bias, init, spectral_norm }),
        _ => None,
    }
}

/// Does the discriminator end in a probability, so that the loss takes one?
pub fn ends_in_sigmoid(project: &crate::spec::Project) -> bool {
    project.stack(Role::Discriminator).active().next_back().is_some_and(|entry| entry.layer == Layer::Sigmoid)
}
