//! Repairs for a generator that makes another shape than the data has.

use super::{Candidate, edits_between, size};
use crate::spec::lint::view::Chain;
use crate::spec::{Colour, DataSpec, Edit, ImageSpec, Layer, Project, Role, Shape, Stack, StackLayer};

const ROLE: Role = Role::Generator;
/// Costs more than any search for a size: it gives up what the convolutions are good for.
const DENSE_END: f64 = 20.0;
/// Other pictures are not what somebody asked for.
const OTHER_DATA: f64 = 10.0;

pub fn candidates(project: &Project) -> Vec<Candidate> {
    let stack = project.stack(ROLE);
    let wanted = project.data.shape();
    let mut found = Vec::new();
    found.extend(dense_answer(stack, wanted).map(|(name, new)| Candidate::new(name, edits_between(ROLE, stack, &new), 0.5)));
    if !wanted.is_vector() {
        let sized = size::search(stack, wanted).into_iter();
        found.extend(sized.map(|found| Candidate::new(found.name, edits_between(ROLE, stack, &found.stack), found.cost)));
    }
    found.extend(dense_end(stack, wanted).map(|(name, new)| Candidate::new(name, edits_between(ROLE, stack, &new), DENSE_END)));
    found.extend(data_of_this_size(project));
    found
}

/// A layer with a number that the stack has free.
pub fn fresh(stack: &Stack, layer: Layer) -> StackLayer {
    StackLayer { id: stack.free_id(), on: true, layer }
}

/// Where the last layer with weights is a Dense one: as many units as the data has values, in the data's shape.
fn dense_answer(stack: &Stack, wanted: Shape) -> Option<(String, Stack)> {
    let chain = Chain::new(ROLE, stack);
    let last = chain.links.get(chain.last_mixer()?)?;
    if !last.layer.wants_vector() {
        return None;
    }
    let reshape = chain.tail().iter().rev().find(|link| matches!(link.layer, Layer::Reshape { .. }));
    let mut new = stack.clone();
    new.layers.get_mut(last.index)?.layer = last.layer.clone().with_width(wanted.values());
    let mut name = format!("{} {}", last.layer.name(), wanted.values());
    match reshape {
        Some(link) => new.layers.get_mut(link.index)?.layer = Layer::Reshape { shape: wanted },
        None if wanted.is_vector() => {}
        None => new.layers.push(fresh(stack, Layer::Reshape { shape: wanted })),
    }
    if !wanted.is_vector() {
        name = format!("{name}, reshaped to {wanted}");
    }
    Some((name, new))
}

/// The last resort: every value of the sample from every value there is.
fn dense_end(stack: &Stack, wanted: Shape) -> Option<(String, Stack)> {
    let chain = Chain::new(ROLE, stack);
    let made = chain.links.last().map_or(Some(stack.input), |link| link.output)?;
    // Before the activation that bounds the output, if there is one.
    let is_bounded = chain.range().0.is_finite() && chain.range().1.is_finite();
    let activation = chain.final_activations().next().filter(|_| is_bounded);
    let index = activation.map_or(stack.layers.len(), |link| link.index);
    let flatten = (!made.is_vector()).then_some(Layer::Flatten);
    let reshape = (!wanted.is_vector()).then_some(Layer::Reshape { shape: wanted });
    let mut new = stack.clone();
    for (offset, layer) in [flatten, Some(Layer::dense(wanted.values())), reshape].into_iter().flatten().enumerate() {
        let layer = fresh(&new, layer);
        new.layers.insert(index + offset, layer);
    }
    Some((format!("Add Dense {}", wanted.values()), new))
}

/// The other way round: pictures as large as those that the generator makes.
fn data_of_this_size(project: &Project) -> Option<Candidate> {
    let made = project.generator.output_shape().ok().filter(|made| !made.is_vector() && made.height >= 4 && made.width >= 4)?;
    let colour = [Colour::Grey, Colour::Rgb].into_iter().find(|colour| colour.channels() == made.channels)?;
    if project.data.is_points() {
        return None;
    }
    let image = ImageSpec { width: made.width, height: made.height, colour, ..project.data.image };
    let data = Edit::SetData(DataSpec { image, ..project.data.clone() });
    let read = Edit::SetInput { role: Role::Discriminator, shape: made };
    Some(Candidate::new(format!("Learn from pictures of {made}"), vec![data, read], OTHER_DATA).left_to_choose())
}
