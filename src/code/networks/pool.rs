//! Pools whose border or window depends on what comes in.

use super::fit::gap;
use super::lower::{Part, PartKind};
use crate::code::layers::Piece;
use crate::spec::{Layer, Padding, Shape, Size};

/// A pool of the largest values with a border of its own.
pub fn behind_border(part: &Part, [top, bottom, left, right]: [usize; 4], pool: Option<&Part>, shape: Option<Shape>) -> Layer {
    let not_said = |reason: &str| gap(part, reason.to_owned());
    let Some(PartKind::Piece(Piece::Layer(Layer::MaxPool { size, stride, padding }))) = pool.map(|pool| &pool.kind) else {
        return not_said("only a MaxPool may follow such a border");
    };
    if !matches!(padding, Padding::Valid | Padding::Explicit(Size { height: 0, width: 0 })) {
        return not_said("the pool behind it has a border of its own");
    }
    let Some(shape) = shape else { return not_said("the size of what comes in is not known here") };
    let bordered = Shape { height: shape.height + top + bottom, width: shape.width + left + right, ..shape };
    let wanted = Layer::MaxPool { size: *size, stride: *stride, padding: Padding::Valid }.output_shape(bordered);
    let starts = Size { height: top, width: left };
    let found = [Padding::Same, Padding::Explicit(starts)].map(|padding| Layer::MaxPool { size: *size, stride: *stride, padding });
    let is_it = |layer: &&Layer| {
        let begins = layer.windows(shape).map(|windows| (windows.rows.before, windows.columns.before));
        begins == Ok((top, left)) && layer.output_shape(shape) == wanted
    };
    found.iter().find(is_it).cloned().unwrap_or_else(|| not_said("Ganvas's MaxPool has no such border"))
}

/// A pool that leaves so many rows and columns, where they divide what comes in.
pub fn to_size(part: &Part, size: Size, is_max: bool, shape: Option<Shape>) -> Layer {
    let window = shape.and_then(|shape| {
        let fits = size.height > 0 && size.width > 0 && shape.height.is_multiple_of(size.height) && shape.width.is_multiple_of(size.width);
        fits.then(|| Size { height: shape.height / size.height, width: shape.width / size.width })
    });
    match (window, is_max) {
        (Some(window), false) => Layer::AvgPool { size: window, stride: window, padding: Padding::Valid },
        (Some(window), true) => Layer::MaxPool { size: window, stride: window, padding: Padding::Valid },
        (None, _) => gap(part, format!("it makes {size} of what comes in, which does not divide it")),
    }
}

/// Means in which the border does not count, and whether that is said exactly.
pub fn uncounted(size: Size, stride: Size, padding: Size, shape: Option<Shape>) -> (Layer, bool) {
    let explicit = Layer::AvgPool { size, stride, padding: Padding::Explicit(padding) };
    let same = Layer::AvgPool { size, stride, padding: Padding::Same };
    let alike = shape.is_some_and(|shape| {
        let starts = |layer: &Layer| layer.windows(shape).map(|windows| (windows.rows.before, windows.columns.before)).ok();
        starts(&same).is_some() && starts(&same) == starts(&explicit) && same.output_shape(shape) == explicit.output_shape(shape)
    });
    if alike { (same, true) } else { (explicit, false) }
}
