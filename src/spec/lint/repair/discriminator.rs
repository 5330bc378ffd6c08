//! Repairs for both ends of the discriminator.

use super::Candidate;
use super::layer::insert_all;
use crate::spec::lint::view::Chain;
use crate::spec::{Edit, Layer, Project, Role, Shape};

/// A last layer up to this wide was meant to be the answer, one that is wider to be hidden.
const MEANT_AS_ANSWER: usize = 16;

/// The data's shape as input.
pub fn read_the_data(project: &Project) -> Candidate {
    let shape = project.pack_shape();
    Candidate::new(format!("Read {shape}"), vec![Edit::SetInput { role: Role::Discriminator, shape }], 0.0)
}

/// One value for each sample.
pub fn end_in_one_value(project: &Project) -> Vec<Candidate> {
    let role = Role::Discriminator;
    let stack = project.stack(role);
    let chain = Chain::new(role, stack);
    let Some(judged) = chain.links.last().map_or(Some(stack.input), |link| link.output) else { return Vec::new() };
    let mut found = Vec::new();
    if let Some(link) = chain.last_mixer().and_then(|last| chain.links.get(last)).filter(|_| judged.is_vector()) {
        let is_answer = link.layer.wants_vector() && judged.channels <= MEANT_AS_ANSWER;
        let layer = link.layer.clone().with_width(1);
        let mut edits = vec![Edit::Replace { role, id: link.id, layer }];
        let mut name = format!("{} 1", link.layer.name());
        // One value has no shares.
        for shares in chain.final_activations().filter(|last| last.layer.makes_shares()) {
            edits.push(Edit::Remove { role, id: shares.id });
            name = format!("{name} without {}", shares.layer.name());
        }
        found.push(Candidate::new(name, edits, if is_answer { 0.0 } else { 2.0 }));
    }
    // A final sigmoid, which does not belong there either, is at least not buried.
    let bounded =
        chain.final_activations().next_back().filter(|link| link.layer.range_after((f32::NEG_INFINITY, f32::INFINITY)).1.is_finite());
    let index = bounded.map_or(stack.layers.len(), |link| link.index);
    let add = |layers: Vec<Layer>, cost| {
        let names: Vec<String> =
            layers.iter().map(|layer| if layer.mixes() { "Dense 1".to_owned() } else { layer.name().to_owned() }).collect();
        Candidate::new(format!("Add {}", names.join(" and ")), insert_all(project, role, index, layers), cost)
    };
    if judged.is_vector() {
        found.push(add(vec![Layer::dense(1)], 1.0));
    } else {
        found.push(add(vec![Layer::Flatten, Layer::dense(1)], 1.0));
        if judged.channels == 1 {
            found.push(add(vec![Layer::GlobalAvgPool], 1.5));
        } else {
            found.push(add(vec![Layer::GlobalAvgPool, Layer::dense(1)], 1.5));
        }
    }
    found.retain(|candidate| candidate.applied(project).is_some_and(|after| after.discriminator.output_shape() == Ok(Shape::vector(1))));
    found
}
