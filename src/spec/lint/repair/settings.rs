//! Repairs for settings and for networks as a whole.

use super::Candidate;
use super::layer::insert_all;
use crate::spec::lint::view::Chain;
use crate::spec::ranges::{MAX_EVERY, Setting, is_share};
use crate::spec::{Augmentation, DataSpec, Edit, ImageSpec, Layer, MAX_PACKING, MAX_RAMP, Place, Project, Role, Shape, TrainSpec};

/// A latent size that does for everything.
const LATENT: usize = 100;

/// An input that a network can begin with.
pub fn input(project: &Project, role: Role) -> Vec<Candidate> {
    let set = |shape: Shape, cost| {
        let name = if role == Role::Generator { format!("Latent size {shape}") } else { format!("Read {shape}") };
        Candidate::new(name, vec![Edit::SetInput { role, shape }], cost)
    };
    let stack = project.stack(role);
    match role {
        Role::Discriminator => vec![set(project.pack_shape(), 0.0)],
        Role::Generator => {
            let values = stack.input.values();
            let mut found = vec![set(Shape::vector(LATENT), 2.0)];
            if (1..=4096).contains(&values) && !stack.input.is_vector() {
                // The same numbers, brought into the shape that the first layer is used to.
                let shape = stack.input;
                let mut edits = vec![Edit::SetInput { role, shape: Shape::vector(values) }];
                edits.extend(insert_all(project, role, 0, vec![Layer::Reshape { shape }]));
                found.push(set(Shape::vector(values), 0.0));
                found.push(Candidate::new(format!("Latent size {values}, reshaped to {shape}"), edits, 1.0));
            }
            found
        }
    }
}

/// Something to train.
pub fn weights(project: &Project, role: Role) -> Vec<Candidate> {
    let stack = project.stack(role);
    let Ok(output) = stack.output_shape() else { return Vec::new() };
    let mut layers = if output.is_vector() { Vec::new() } else { vec![Layer::Flatten] };
    let wanted = if role == Role::Generator { project.data.shape() } else { Shape::vector(1) };
    layers.push(Layer::dense(wanted.values()));
    if !wanted.is_vector() {
        layers.push(Layer::Reshape { shape: wanted });
    }
    let name = format!("Add Dense {}", wanted.values());
    vec![Candidate::new(name, insert_all(project, role, stack.layers.len(), layers), 1.0)]
}

/// The layers with the most weights, narrower again and again until they are few enough.
pub fn narrower(project: &Project, role: Role) -> Vec<Candidate> {
    let mut after = project.clone();
    let mut edits = Vec::new();
    for _ in 0..64 {
        if !after.faults().iter().any(|fault| fault.cause == crate::spec::Cause::TooManyWeights && fault.place == Place::Input(role)) {
            let name = "Narrower layers";
            return vec![Candidate::new(name, edits, 5.0)];
        }
        let Some(edit) = narrow_largest(&after, role) else { break };
        if edit.clone().apply(&mut after).is_err() {
            break;
        }
        edits.push(edit);
    }
    Vec::new()
}

/// Halves the width of the layer that has the most weights, or of the one before it, which they come from.
fn narrow_largest(project: &Project, role: Role) -> Option<Edit> {
    let stack = project.stack(role);
    let costs = stack.costs();
    let chain = Chain::new(role, stack);
    let largest = chain.mixers().max_by_key(|link| costs.get(link.index).map(|cost| cost.parameters))?;
    let before = chain.mixers().take_while(|link| link.index < largest.index).last();
    let is_last = chain.last_mixer().and_then(|last| chain.links.get(last)).is_some_and(|last| last.id == largest.id);
    let wider = [Some(largest).filter(|_| !is_last), before].into_iter().flatten().max_by_key(|link| link.layer.width());
    let link = wider.or(Some(largest))?;
    let width = link.layer.width().filter(|width| *width > 1)?;
    Some(Edit::Replace { role, id: link.id, layer: link.layer.clone().with_width(width / 2) })
}

/// A batch that fits.
pub fn smaller_batch(project: &Project) -> Vec<Candidate> {
    let sizes = std::iter::successors(Some(project.train.batch_size / 2), |size| Some(size / 2)).take_while(|size| *size >= 1);
    let set = |batch_size| {
        let train = TrainSpec { batch_size, ..project.train.clone() };
        Candidate::new(format!("Batch size {batch_size}"), vec![Edit::SetTrain(train)], 0.0)
    };
    let fits = |candidate: &Candidate| {
        candidate.applied(project).is_some_and(|after| !after.faults().iter().any(|fault| fault.cause == crate::spec::Cause::Memory))
    };
    sizes.map(|size| 1 << size.ilog2()).map(set).find(fits).into_iter().collect()
}

/// Every setting moved into its range.
pub fn within_range(project: &Project, place: Place) -> Vec<Candidate> {
    let edit = match place {
        Place::Data => Edit::SetData(sound_data(&project.data)),
        _ => Edit::SetTrain(sound_training(&project.train, project.data.is_points())),
    };
    vec![Candidate::new("Set it within its range", vec![edit], 0.0)]
}

fn sound_training(train: &TrainSpec, is_points: bool) -> TrainSpec {
    let mut train = train.clone();
    // What is no size of a batch at all says nothing of the one that was meant.
    train.batch_size = if train.batch_size == 0 { 64 } else { train.batch_size.min(65_536) };
    train.d_steps_per_g_step = train.d_steps_per_g_step.clamp(1, 100);
    if !(0.0..1.0).contains(&train.ema_decay) {
        train.ema_decay = 0.99;
    }
    for optimiser in [&mut train.generator, &mut train.discriminator] {
        if !(optimiser.learning_rate.is_finite() && optimiser.learning_rate >= 0.0) {
            optimiser.learning_rate = 2e-4;
        }
        for (_, share) in optimiser.rule.shares().into_iter().filter(|(_, share)| !is_share(**share)) {
            *share = if *share >= 1.0 { 0.999 } else { 0.0 };
        }
    }
    train.numbers().into_iter().for_each(Setting::mend);
    train.regularisation.every = train.regularisation.every.clamp(1, MAX_EVERY);
    train.packing = train.packing.clamp(1, MAX_PACKING);
    train.batch_size = (train.batch_size / train.packing).max(1) * train.packing;
    train.augmentation.ramp = train.augmentation.ramp.clamp(1, MAX_RAMP);
    if is_points {
        train.augmentation = Augmentation { colour: false, translation: false, cutout: false, ..train.augmentation };
    }
    train
}

fn sound_data(data: &DataSpec) -> DataSpec {
    let side = |side: usize| if side == 0 { 28 } else { side.min(1024) };
    let image = ImageSpec { width: side(data.image.width), height: side(data.image.height), ..data.image };
    let holdout = if data.holdout.is_nan() { 0.1 } else { data.holdout.clamp(0.0, 0.5) };
    DataSpec { image, holdout, ..data.clone() }
}
