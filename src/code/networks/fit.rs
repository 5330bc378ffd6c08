//! Shapes as they are written become those of the catalogue, one layer after the other.

use super::lower::{Lowered, Part, PartKind, shape_from};
use crate::code::layers::{Dim, Piece};
use crate::spec::{Layer, Shape, Size};

/// A network as layers of the catalogue.
#[derive(Clone, Debug)]
pub struct Built {
    /// The shape of one input.
    pub input: Shape,
    /// In order.
    pub layers: Vec<Placed>,
    /// What has to be said: the line, about what, and what.
    pub remarks: Vec<(usize, String, String)>,
}

/// A layer with its line.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The layer.
    pub layer: Layer,
    /// The line it was read from.
    pub line: usize,
}

/// The layers for an input of this shape.
pub fn fit(lowered: &Lowered, input: Shape) -> Built {
    let mut built = Built { input, layers: Vec::new(), remarks: lowered.remarks.clone() };
    let mut shape = Some(input);
    for part in &lowered.parts {
        if let (Some(wants), Some(shape)) = (part.wants, shape)
            && wants != shape.channels
        {
            let what = match &part.kind {
                PartKind::Piece(Piece::Layer(layer)) => layer.name(),
                _ => "layer",
            };
            built.remarks.push((
                part.line,
                format!("{what} for {wants}"),
                format!("{} come in; the library would refuse it, Ganvas takes what comes", shape.channels),
            ));
        }
        let Some(layer) = layer_of(part, shape) else { continue };
        shape = shape.and_then(|shape| layer.output_shape(shape).ok());
        built.layers.push(Placed { layer, line: part.line });
    }
    built
}

/// The layer that a part is for inputs of this shape; none where it has no effect.
fn layer_of(part: &Part, shape: Option<Shape>) -> Option<Layer> {
    match &part.kind {
        PartKind::Gap { source, reason } | PartKind::Piece(Piece::Gap(source, reason)) => {
            Some(Layer::Gap { source: source.clone(), line: part.line, reason: reason.clone() })
        }
        PartKind::Piece(Piece::Layer(layer)) => Some(layer.clone()),
        PartKind::Piece(Piece::Resize(size, mode)) => {
            let whole = shape.filter(|shape| shape.height > 0 && shape.width > 0).and_then(|shape| {
                let fits = size.height.is_multiple_of(shape.height) && size.width.is_multiple_of(shape.width);
                fits.then(|| Size { height: size.height / shape.height, width: size.width / shape.width })
            });
            Some(match whole {
                Some(factor) => Layer::Upsample { factor, mode: *mode },
                None => gap(part, format!("it makes {size} of what comes in, which is not a whole number of times larger")),
            })
        }
        PartKind::Piece(Piece::View { dims, channels_last, is_layer }) => view(part, dims, *channels_last, *is_layer, shape),
    }
}

fn gap(part: &Part, reason: String) -> Layer {
    Layer::Gap { source: "reshape".to_owned(), line: part.line, reason }
}

/// Another shape: a Reshape, a Flatten, or nothing where it is the same.
fn view(part: &Part, dims: &[Dim], channels_last: bool, is_layer: bool, shape: Option<Shape>) -> Option<Layer> {
    let Some(dims) = known(dims, shape) else {
        // One size alone is a vector of whatever there is.
        return Some(match dims {
            [Dim::Rest] => Layer::Flatten,
            _ => gap(part, "the shape depends on what comes in, which is not known here".to_owned()),
        });
    };
    if dims.is_empty() && shape.is_some_and(|shape| shape.values() != 1) {
        return Some(gap(part, "the whole batch is made one list here".to_owned()));
    }
    let dims: Vec<Dim> = dims.into_iter().map(Dim::Known).collect();
    let Some(target) = shape_from(&dims, channels_last) else {
        return Some(gap(part, format!("a shape of {} sizes has no counterpart", dims.len())));
    };
    match shape {
        Some(shape) if shape == target && !is_layer => None,
        Some(shape) if target.is_vector() && target.values() == shape.values() && !is_layer => Some(Layer::Flatten),
        None if target.is_vector() && !is_layer => Some(Layer::Flatten),
        _ => Some(Layer::Reshape { shape: target }),
    }
}

/// The sizes as numbers, with what is left computed from the shape.
fn known(dims: &[Dim], shape: Option<Shape>) -> Option<Vec<usize>> {
    let mut sizes = Vec::with_capacity(dims.len());
    let mut rest = None;
    for (at, dim) in dims.iter().enumerate() {
        sizes.push(match (dim, shape) {
            (Dim::Known(size), _) => *size,
            (Dim::Rest, _) => {
                rest = Some(at);
                1
            }
            (Dim::SizeOf(axis), Some(shape)) => *[shape.channels, shape.height, shape.width].get(axis.checked_sub(1)?)?,
            _ => return None,
        });
    }
    if let Some(at) = rest {
        let others = sizes.iter().copied().fold(1, usize::saturating_mul);
        let left = shape?.values().checked_div(others)?;
        *sizes.get_mut(at)? = left;
    }
    Some(sizes)
}
