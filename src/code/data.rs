//! Data of the shape that a discriminator reads.

use crate::spec::{Builtin, Colour, DataSpec, ImageSpec, Shape, builtin_data};

/// Built-in data of this shape. Where there are none, the nearest: the project's faults then say what does not fit.
pub fn suited_to(shape: Shape) -> DataSpec {
    if shape == Shape::vector(2) {
        return builtin_data(Builtin::Ring8);
    }
    let builtin = if shape.channels == 3 { Builtin::Shapes } else { Builtin::Digits };
    let usual = builtin_data(builtin);
    if shape.is_vector() || ![1, 3].contains(&shape.channels) {
        return usual;
    }
    let colour = if shape.channels == 3 { Colour::Rgb } else { Colour::Grey };
    let side = |pixels: usize| pixels.clamp(1, 1024);
    let image = ImageSpec { width: side(shape.width), height: side(shape.height), colour, ..usual.image };
    DataSpec { image, ..usual }
}
