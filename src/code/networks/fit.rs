//! Shapes as they are written become those of the catalogue, one layer after the other.

use super::lower::{Lowered, Part, PartKind, shape_from};
use crate::code::layers::{Dim, Piece, Span};
use crate::spec::{Layer, Padding, Shape, Size, UpsampleMode};

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
    let mut parts = lowered.parts.iter().peekable();
    // Behind an input that was left out, fewer come in than the layer says.
    let mut is_narrowed = false;
    while let Some(part) = parts.next() {
        is_narrowed |= matches!(part.kind, PartKind::LeftOut { .. });
        if let (Some(wants), Some(shape)) = (part.wants, shape) {
            if wants != shape.channels && !is_narrowed {
                built.remarks.push(refused(part, wants, shape));
            }
            is_narrowed = false;
        }
        let found = match &part.kind {
            PartKind::Piece(Piece::LowestBorder(border)) => {
                let pool = parts.next_if(|next| matches!(next.kind, PartKind::Piece(Piece::Layer(Layer::MaxPool { .. }))));
                Some(super::pool::behind_border(part, *border, pool, shape))
            }
            _ => layer_of(part, shape, &mut built.remarks),
        };
        let Some(layer) = found else { continue };
        shape = shape.and_then(|shape| layer.output_shape(shape).ok());
        built.layers.push(Placed { layer, line: part.line });
    }
    built
}

fn refused(part: &Part, wants: usize, shape: Shape) -> (usize, String, String) {
    let what = match &part.kind {
        PartKind::Piece(Piece::Layer(layer)) => layer.name(),
        _ => "layer",
    };
    let why = format!("{} come in; the library would refuse it, Ganvas takes what comes", shape.channels);
    (part.line, format!("{what} for {wants}"), why)
}

/// The layer that a part is for inputs of this shape; none where it has no effect.
fn layer_of(part: &Part, shape: Option<Shape>, remarks: &mut Vec<(usize, String, String)>) -> Option<Layer> {
    let mut remark = |what: &str, why: &str| remarks.push((part.line, what.to_owned(), why.to_owned()));
    match &part.kind {
        PartKind::Gap { source, reason } | PartKind::Piece(Piece::Gap(source, reason)) => {
            Some(Layer::Gap { source: source.clone(), line: part.line, reason: reason.clone() })
        }
        PartKind::LeftOut { .. } => None,
        PartKind::Piece(Piece::Layer(layer)) => Some(layer.clone()),
        PartKind::Piece(Piece::Resize(size, mode)) => resize(part, *size, *mode, shape),
        PartKind::Piece(Piece::PoolTo { size, is_max }) => Some(super::pool::to_size(part, *size, *is_max, shape)),
        PartKind::Piece(Piece::UncountedPool { size, stride, padding }) => {
            let (layer, exact) = super::pool::uncounted(*size, *stride, *padding, shape);
            if !exact {
                remark("count_include_pad", "the border counts as zeros in the means here");
            }
            Some(layer)
        }
        PartKind::Piece(Piece::LowestBorder(_)) => Some(gap(part, "only a MaxPool may follow such a border".to_owned())),
        PartKind::Piece(Piece::Permute(_)) => Some(gap(part, "Ganvas has no layer that exchanges axes".to_owned())),
        PartKind::Piece(Piece::Slice(spans)) => slice(part, *spans, shape),
        PartKind::Piece(Piece::Slopes(slope)) => {
            if shape.is_none_or(|shape| !shape.is_vector()) {
                remark("PReLU", "Keras has a slope for each value, here there is one for each channel");
            }
            Some(Layer::PRelu { slope: *slope, per_channel: true })
        }
        PartKind::Piece(Piece::View { dims, channels_last, is_layer }) => view(part, dims, *channels_last, *is_layer, shape),
    }
}

/// Another size: a whole number of times larger, or half of it.
fn resize(part: &Part, size: Size, mode: UpsampleMode, shape: Option<Shape>) -> Option<Layer> {
    let known = shape.filter(|shape| shape.height > 0 && shape.width > 0 && size.height > 0 && size.width > 0);
    if let Some(shape) = known {
        if (shape.height, shape.width) == (size.height, size.width) {
            return None;
        }
        if size.height.is_multiple_of(shape.height) && size.width.is_multiple_of(shape.width) {
            let factor = Size { height: size.height / shape.height, width: size.width / shape.width };
            return Some(Layer::Upsample { factor, mode });
        }
        // In the middle between two pixels lies their mean.
        if mode == UpsampleMode::Bilinear && (shape.height, shape.width) == (2 * size.height, 2 * size.width) {
            let two = Size::square(2);
            return Some(Layer::AvgPool { size: two, stride: two, padding: Padding::Valid });
        }
    }
    Some(gap(part, format!("it makes {size} of what comes in, which is not a whole number of times larger")))
}

/// The rows and columns that are left are those that are not cut off.
fn slice(part: &Part, spans: [Span; 2], shape: Option<Shape>) -> Option<Layer> {
    let cut = |span: Span, length: usize| {
        let length = i64::try_from(length).ok()?;
        let from = if span.from < 0 { length.checked_add(span.from)? } else { span.from };
        let to = match span.to {
            None => length,
            Some(to) if to < 0 => length.checked_add(to)?,
            Some(to) => to.min(length),
        };
        (0 <= from && from < to).then_some(())?;
        usize::try_from(from).ok().zip(usize::try_from(length - to).ok())
    };
    let sides = shape.and_then(|shape| cut(spans[0], shape.height).zip(cut(spans[1], shape.width)));
    match sides {
        Some(((0, 0), (0, 0))) => None,
        Some(((top, bottom), (left, right))) => Some(Layer::Cropping2d { top, bottom, left, right }),
        None => Some(gap(part, "a part of what comes in is taken that cannot be told".to_owned())),
    }
}

/// A gap in the place of a part that was read and does not fit.
pub fn gap(part: &Part, reason: String) -> Layer {
    let source = match &part.kind {
        PartKind::Piece(Piece::LowestBorder(_)) => "padding",
        PartKind::Piece(Piece::PoolTo { .. } | Piece::UncountedPool { .. }) => "pool",
        PartKind::Piece(Piece::Permute(_)) => "permute",
        PartKind::Piece(Piece::Slice(_)) => "slice",
        PartKind::Piece(Piece::Resize(..)) => "resize",
        _ => "reshape",
    };
    Layer::Gap { source: source.to_owned(), line: part.line, reason }
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
