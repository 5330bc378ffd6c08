//! What goes into each network, where the script does not write it down.

use super::choose::Chosen;
use super::fit::{Built, Placed, fit};
use super::lower::{Lowered, PartKind};
use crate::code::eval::{Machine, Value};
use crate::code::layers::{Dim, Piece};
use crate::spec::{Layer, Shape, Stack};

/// Names that scripts give to the size of a latent vector.
const LATENT: [&str; 38] = [
    "latent_dim",
    "latentdim",
    "latent_size",
    "z_dim",
    "zdim",
    "nz",
    "noise_dim",
    "noise_size",
    "latent",
    "latent_dims",
    "random_dim",
    "z_size",
    "noise_shape",
    "codings_size",
    "dim_z",
    "hidden_dim_z",
    "noise_dimension",
    "noise_len",
    "input_noise",
    "z_dimension",
    "latent_vector_size",
    "latent_space_dim",
    "latent_space",
    "latent_channels",
    "latent_features",
    "latent_length",
    "latent_vec_size",
    "noise_vector_dim",
    "noise_vector",
    "noise_length",
    "n_noise",
    "n_latent",
    "n_z",
    "z_len",
    "z_channels",
    "channels_noise",
    "seed_size",
    "g_input_dim",
];

/// Names that scripts give to the side of a picture.
const SIDE: [&str; 14] = [
    "img_size",
    "image_size",
    "imagesize",
    "img_rows",
    "image_width",
    "img_width",
    "img_height",
    "image_height",
    "resolution",
    "image_dim",
    "width",
    "height",
    "size",
    "img_dim",
];

/// Sides to try where nothing says one.
const USUAL_SIDES: [usize; 10] = [28, 32, 64, 128, 256, 16, 48, 96, 224, 512];

/// A generator with its latent vector.
pub fn generator(machine: &Machine<'_>, chosen: &Chosen) -> Built {
    let lowered = &chosen.lowered;
    let (shape, remark) = latent(machine, lowered);
    let mut built = fit(lowered, shape);
    if let Some(remark) = remark {
        built.remarks.push((chosen.traced.line, "the latent vector".to_owned(), remark));
    }
    built
}

fn latent(machine: &Machine<'_>, lowered: &Lowered) -> (Shape, Option<String>) {
    if let Some(shape) = lowered.input_shape() {
        return (shape, None);
    }
    let named = number(machine, &LATENT);
    let mut behind_gap = false;
    // What a second input would have added.
    let mut joined: Option<Option<usize>> = None;
    for part in &lowered.parts {
        match (&part.kind, part.wants) {
            (PartKind::Gap { .. }, _) => behind_gap = true,
            (PartKind::LeftOut { width }, _) => joined = Some(*width),
            // As many as are wanted, less those of the other input.
            (_, Some(wants)) if joined.is_some() && !behind_gap => {
                let less = |width: usize| wants.checked_sub(width).filter(|rest| *rest > 0);
                let rest = match joined.flatten() {
                    Some(width) => less(width),
                    None => named.filter(|named| *named < wants).or_else(|| less(usize::try_from(super::side::classes(machine)?).ok()?)),
                };
                return (Shape::vector(rest.unwrap_or(wants)), None);
            }
            // A generator that begins by looking at pictures is given pictures.
            (PartKind::Piece(Piece::Layer(Layer::Conv2d { kernel, .. })), Some(wants)) if kernel.area() > 1 => {
                let side = number(machine, &SIDE).unwrap_or(64);
                return (Shape::new(wants, side, side), Some("this generator takes pictures; Ganvas's take latent vectors".to_owned()));
            }
            // Behind something that was not read, as many come in as go out of that.
            (_, Some(wants)) => return (Shape::vector(if behind_gap { named.unwrap_or(wants) } else { wants }), None),
            (PartKind::Piece(Piece::View { dims, .. }), None) if !behind_gap => {
                let sizes: Option<Vec<usize>> =
                    dims.iter().map(|dim| if let Dim::Known(size) = dim { Some(*size) } else { None }).collect();
                if let Some(values) = sizes.map(|sizes| sizes.into_iter().fold(1, usize::saturating_mul)).filter(|_| named.is_none()) {
                    return (Shape::vector(values), None);
                }
            }
            _ => {}
        }
    }
    match named {
        Some(size) => (Shape::vector(size), None),
        None => (Shape::vector(100), Some("its size is not written down; 100 is taken".to_owned())),
    }
}

/// The first number that a script gives one of these names.
fn number(machine: &Machine<'_>, names: &[&str]) -> Option<usize> {
    let is_one = |name: &str, value: &Value| names.contains(&name) && value.as_int().is_some_and(|size| (1..=1 << 16).contains(&size));
    names.iter().find_map(|wanted| {
        let found = machine.numbers.iter().find(|(name, value, _)| {
            let name = name.to_lowercase();
            name == *wanted && is_one(&name, value)
        });
        found.and_then(|(_, value, _)| usize::try_from(value.as_int()?).ok())
    })
}

/// A discriminator with the shape of its pictures: what is written down, or what the generator makes, or what fits its layers.
pub fn discriminator(machine: &Machine<'_>, chosen: &Chosen, made: Option<Shape>) -> Built {
    let lowered = &chosen.lowered;
    if let Some(shape) = lowered.input_shape() {
        return fit(lowered, shape);
    }
    let wants = lowered.parts.iter().find_map(|part| part.wants);
    let mut shapes: Vec<Shape> = made.into_iter().collect();
    let channels = match lowered.layers().find(|layer| layer.has_weights()) {
        Some(Layer::Dense { .. }) => None,
        _ => wants,
    };
    let sides: Vec<usize> = number(machine, &SIDE).into_iter().chain(USUAL_SIDES).collect();
    for channels in channels.map_or(vec![1, 3], |channels| vec![channels]) {
        shapes.extend(sides.iter().map(|&side| Shape::new(channels, side, side)));
    }
    shapes.extend(wants.map(Shape::vector));
    let fits = |shape: &&Shape| {
        let built = fit(lowered, **shape);
        built.remarks.len() == lowered.remarks.len() && supposed(&built) == Some(Shape::vector(1))
    };
    if let Some(shape) = shapes.iter().find(fits) {
        return fit(lowered, *shape);
    }
    // Nothing fits altogether: the generator's pictures, or those with the channels that it says it gets.
    let named = number(machine, &SIDE);
    let shape = made
        .filter(|shape| channels.is_none_or(|channels| channels == shape.channels))
        .or_else(|| channels.map(|channels| Shape::new(channels, named.unwrap_or(64), named.unwrap_or(64))))
        .or(made)
        .unwrap_or(Shape::new(1, 28, 28));
    let mut built = fit(lowered, shape);
    if Some(shape) != made {
        let remark = format!("its size is not written down; {shape} is taken");
        built.remarks.push((chosen.traced.line, "the discriminator's input".to_owned(), remark));
    }
    built
}

/// What comes out of a network, where all fits.
pub fn output(built: &Built) -> Option<Shape> {
    stack(built).output_shape().ok()
}

/// What would come out if nothing that was not read changed a shape: good enough to guess what belongs to it.
pub fn supposed(built: &Built) -> Option<Shape> {
    let pass = |shape: Option<Shape>, placed: &Placed| match &placed.layer {
        Layer::Gap { .. } => shape,
        Layer::Reshape { shape } => Some(*shape),
        Layer::Dense { units, .. } if has_gap(built) => Some(Shape::vector(*units)),
        layer => shape.and_then(|shape| layer.output_shape(shape).ok()),
    };
    built.layers.iter().fold(Some(built.input), pass)
}

fn has_gap(built: &Built) -> bool {
    built.layers.iter().any(|placed| matches!(placed.layer, Layer::Gap { .. }))
}

/// The layers as a stack.
pub fn stack(built: &Built) -> Stack {
    Stack::new(built.input, built.layers.iter().map(|placed| placed.layer.clone()))
}

/// Pictures that a script hands around as flat vectors get their shape, since pictures are what data are.
pub fn unflatten(generator: Option<&mut Built>, discriminator: Option<&mut Built>) {
    let made = generator.as_ref().and_then(|built| output(built));
    let read = discriminator.as_ref().map(|built| built.input);
    let picture = match (made, read) {
        (Some(made), Some(read)) if made.values() == read.values() => {
            if !made.is_vector() {
                made
            } else if !read.is_vector() {
                read
            } else {
                match square(made.values()) {
                    Some(shape) => shape,
                    None => return,
                }
            }
        }
        _ => return,
    };
    let why = format!("pictures are handed around as {} values; this layer gives them their shape, {picture}", picture.values());
    if let (Some(built), Some(made)) = (generator, made)
        && made != picture
    {
        let line = built.layers.last().map_or(1, |placed| placed.line);
        built.layers.push(Placed { layer: Layer::Reshape { shape: picture }, line });
        built.remarks.push((line, "Reshape at the end of the generator".to_owned(), why.clone()));
    }
    if let (Some(built), Some(read)) = (discriminator, read)
        && read != picture
    {
        let line = built.layers.first().map_or(1, |placed| placed.line);
        built.input = picture;
        built.layers.insert(0, Placed { layer: Layer::Flatten, line });
        built.remarks.push((line, "Flatten at the start of the discriminator".to_owned(), why));
    }
}

/// The square picture of so many values, grey before colour; none for what is small enough to be a point.
fn square(values: usize) -> Option<Shape> {
    [1, 3].into_iter().find_map(|channels| {
        let side = (values / channels).isqrt();
        (side >= 8 && channels * side * side == values).then(|| Shape::new(channels, side, side))
    })
}
