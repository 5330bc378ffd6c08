//! Repairs for one layer that does not fit what it gets.

use super::Candidate;
use crate::spec::lint::view::{Chain, Link};
use crate::spec::{Edit, Layer, LayerId, MAX_VALUES, Padding, Project, Role, Shape, Size, Slot, catalogue};

/// The least preferred repair: it leaves the layer out.
const SWITCH_OFF: f64 = 50.0;

pub fn candidates(project: &Project, role: Role, id: LayerId) -> Vec<Candidate> {
    let chain = Chain::new(role, project.stack(role));
    let Some(at) = chain.links.iter().position(|link| link.id == id) else { return Vec::new() };
    let link = chain.links[at];
    let mut found = Vec::new();
    if let Some(layer) = within_range(link.layer) {
        found.push(Candidate::new(format!("{} within its ranges", layer.name()), vec![replace(role, id, layer)], 0.0));
    }
    if let Some(input) = link.input {
        if let Layer::Reshape { shape } = link.layer {
            found.extend(reshape(project, &chain, at, input, *shape));
        }
        found.extend(flattened(project, &chain, link, input));
        found.extend(changed(link.layer, input).into_iter().map(|(name, layer)| Candidate::new(name, vec![replace(role, id, layer)], 1.0)));
    }
    if link.layer.makes_shares() && link.input.is_some_and(|input| input.channels == 1) {
        // The losses take the last value of a discriminator as it comes; elsewhere a share was meant.
        let costs =
            if role == Role::Discriminator && chain.final_activations().any(|last| last.id == id) { (0.0, 0.5) } else { (0.5, 0.0) };
        found.push(Candidate::new(format!("Remove {}", link.layer.name()), vec![Edit::Remove { role, id }], costs.0));
        found.push(Candidate::new(Layer::Sigmoid.name(), vec![replace(role, id, Layer::Sigmoid)], costs.1));
    }
    let off = Edit::Switch { role, id, on: false };
    found.push(Candidate::new(format!("Switch {} off", link.layer.name()), vec![off], SWITCH_OFF));
    found
}

fn replace(role: Role, id: LayerId, layer: Layer) -> Edit {
    Edit::Replace { role, id, layer }
}

/// The layer with every parameter moved into its range; nothing where all of them are.
fn within_range(layer: &Layer) -> Option<Layer> {
    let mut layer = layer.clone();
    let usual = catalogue().into_iter().map(|entry| entry.layer).find(|usual| usual.name() == layer.name());
    let is_out = layer.fields().iter().any(|field| field.fault().is_some());
    for (index, field) in layer.fields().into_iter().enumerate() {
        match field.slot {
            Slot::Count(value, range) => *value = (*value).clamp(*range.start(), *range.end()),
            Slot::Float(value, range) if value.is_nan() => *value = usual_number(usual.as_ref(), index).unwrap_or(*range.start()),
            Slot::Float(value, range) => *value = value.clamp(*range.start(), *range.end()),
            Slot::Size(size, range) => {
                let (low, high) = (*range.start(), *range.end());
                *size = Size { height: size.height.clamp(low, high), width: size.width.clamp(low, high) };
            }
            Slot::Shape(shape) if shape.values() == 0 || shape.values() > MAX_VALUES => *shape = Shape::new(128, 7, 7),
            Slot::Padding(padding @ Padding::Explicit(Size { height: 65.., .. } | Size { width: 65.., .. })) => *padding = Padding::Same,
            _ => {}
        }
    }
    is_out.then_some(layer)
}

fn usual_number(usual: Option<&Layer>, index: usize) -> Option<f32> {
    match usual?.clone().fields().into_iter().nth(index)?.slot {
        Slot::Float(value, _) => Some(*value),
        _ => None,
    }
}

/// The Dense layer that a layer gets its values from, where only layers that keep their number stand between.
pub fn dense_before<'a, 'b>(chain: &'b Chain<'a>, at: usize) -> Option<&'b Link<'a>> {
    let mut before = chain.links.get(..at)?.iter().rev();
    let found = before.find(|link| !keeps_number(link))?;
    (found.layer.wants_vector() && found.layer.width().is_some()).then_some(found)
}

fn keeps_number(link: &Link<'_>) -> bool {
    !link.layer.mixes() && link.input.zip(link.output).is_some_and(|(input, output)| input.values() == output.values())
}

/// More or fewer values before a Reshape, or another shape for those that are there.
fn reshape(project: &Project, chain: &Chain<'_>, at: usize, input: Shape, wanted: Shape) -> Vec<Candidate> {
    let (role, id) = (chain.role, chain.links[at].id);
    let further = |a: usize, b: usize| (a as f64 / b as f64).ln().abs();
    let mut found = Vec::new();
    if let Some(dense) = dense_before(chain, at) {
        let layer = dense.layer.clone().with_width(wanted.values());
        let name = format!("{} {}", dense.layer.name(), wanted.values());
        // Between two changes of the same size the one that keeps the picture wins.
        found.push(Candidate::new(name, vec![replace(role, dense.id, layer)], 0.9 * further(wanted.values(), input.values())));
    } else if wanted.values() <= crate::spec::MAX_UNITS {
        let index = chain.links[at].index;
        let mut layers = vec![Layer::dense(wanted.values())];
        if !input.is_vector() {
            layers.insert(0, Layer::Flatten);
        }
        found.push(Candidate::new(format!("Add Dense {} before Reshape", wanted.values()), insert_all(project, role, index, layers), 4.0));
    }
    for shape in shapes_of(input.values(), wanted) {
        let cost = further(shape.values(), wanted.values()) + 0.5 * further(shape.channels, wanted.channels).min(2.0);
        found.push(Candidate::new(format!("Reshape to {shape}"), vec![replace(role, id, Layer::Reshape { shape })], cost));
    }
    found
}

/// Shapes with so many values that are like the wanted one: the same rows and columns, or the same channels in another square.
fn shapes_of(values: usize, wanted: Shape) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let area = wanted.height * wanted.width;
    if values.is_multiple_of(area) && values / area > 0 {
        shapes.push(Shape::new(values / area, wanted.height, wanted.width));
    }
    if values.is_multiple_of(wanted.channels) && values > wanted.channels {
        let side = (values / wanted.channels).isqrt();
        if side * side * wanted.channels == values {
            shapes.push(Shape::new(wanted.channels, side, side));
        }
    }
    shapes.retain(|shape| *shape != wanted);
    shapes.dedup();
    shapes
}

/// A vector for a layer that wants one.
fn flattened(project: &Project, chain: &Chain<'_>, link: Link<'_>, input: Shape) -> Vec<Candidate> {
    if input.is_vector() || link.layer.output_shape(Shape::vector(input.values())).is_err() || link.layer.output_shape(input).is_ok() {
        return Vec::new();
    }
    let add = |layer: Layer, cost| {
        Candidate::new(format!("Add {} before it", layer.name()), insert_all(project, chain.role, link.index, vec![layer]), cost)
    };
    vec![add(Layer::Flatten, 0.5), add(Layer::GlobalAvgPool, 3.0)]
}

/// Edits that put these layers in at a place, in this order.
pub fn insert_all(project: &Project, role: Role, index: usize, layers: Vec<Layer>) -> Vec<Edit> {
    let mut id = project.stack(role).free_id();
    let edit = |(offset, layer)| {
        let layer = crate::spec::StackLayer { id, on: true, layer };
        id.0 = id.0.saturating_add(1);
        Edit::Insert { role, index: index + offset, layer }
    };
    layers.into_iter().enumerate().map(edit).collect()
}

/// The layer with one parameter changed as little as makes it fit, for every parameter by which that can be done.
fn changed(layer: &Layer, input: Shape) -> Vec<(String, Layer)> {
    let count = layer.clone().fields().len();
    (0..count).filter_map(|index| change_one(layer, index, input)).collect()
}

fn change_one(layer: &Layer, index: usize, input: Shape) -> Option<(String, Layer)> {
    (1..=MAX_TRIES).find_map(|step| {
        let mut layer = layer.clone();
        let name = {
            let mut field = layer.fields().into_iter().nth(index)?;
            take_step(&mut field.slot, field.name, step)?;
            format!("Set {} to {}", field.name, field.value_text())
        };
        layer.output_shape(input).is_ok().then_some((name, layer))
    })
}

const MAX_TRIES: usize = 64;

/// Moves a value the `step`-th smallest step towards what fits more easily; nothing where it can go no further.
fn take_step(slot: &mut Slot<'_>, name: &str, step: usize) -> Option<()> {
    match slot {
        // What is split into groups has to divide by their number.
        Slot::Count(value, range) if name == "groups" => **value = value.checked_sub(step).filter(|value| range.contains(value))?,
        Slot::Count(value, range) => **value = (**value >> step.min(63)).max(*range.start()),
        Slot::Size(size, range) => {
            let larger = size.height.max(size.width);
            let limit = larger.checked_sub(step).filter(|limit| range.contains(limit))?;
            **size = Size { height: size.height.min(limit), width: size.width.min(limit) };
        }
        Slot::Padding(padding) => match step {
            1 if **padding != Padding::Same => **padding = Padding::Same,
            2 => **padding = Padding::Valid,
            _ => return None,
        },
        _ => return None,
    }
    Some(())
}
