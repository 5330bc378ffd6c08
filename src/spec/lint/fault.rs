//! Faults as findings: what rule they break, and why it matters.

use super::{Finding, Severity};
use crate::spec::{Cause, Fault, Layer, LayerId, Place, Project, Role};

/// The finding for a fault; its repairs are searched for elsewhere.
pub fn finding(project: &Project, fault: &Fault) -> Finding {
    let (rule, why) = match (fault.cause, fault.place) {
        (Cause::Layer, Place::Layer(role, id)) => layer(project, role, id),
        (Cause::Layer | Cause::Setting, _) => {
            ("setting-out-of-range", "Beyond this range a setting has no meaning, or no machine could follow it.")
        }
        (Cause::Input, _) => (
            "input-shape",
            "A network begins with what goes in: a vector of random numbers for the generator, one sample for the discriminator.",
        ),
        (Cause::Generated, _) => (
            "generator-output-shape",
            "The discriminator has to look at real and at generated samples alike, so the generator has to make exactly the channels, \
             rows and columns that the data has.",
        ),
        (Cause::Read, _) => (
            "discriminator-input-shape",
            "The discriminator looks at the data as it is, so its input has to have the shape of the data: of one sample, or of a pack.",
        ),
        (Cause::Verdict, _) if ends_in_shares(project) => ("two-class-verdict", TWO_CLASSES),
        (Cause::Verdict, _) => (
            "discriminator-output-shape",
            "The losses ask one question of each sample - how real is it? - and so the discriminator has to answer with one number.",
        ),
        (Cause::NoWeights, _) => ("no-weights", "Training changes weights. A network without any makes the same of its input for ever."),
        (Cause::TooManyWeights, _) => (
            "too-many-weights",
            "Every weight is kept four times while training (itself, its gradient and two running means of Adam), and has to be learned \
             from the data.",
        ),
        (Cause::Memory, _) => {
            ("memory", "What every layer makes of every sample of a batch is kept until the step back (backpropagation) has used it.")
        }
    };
    Finding::new(rule, Severity::Error, fault.place, fault.message.clone(), why)
}

const TWO_CLASSES: &str = "Two shares that add up to one, for real and for generated, say no more than one of them, and that one no more than the difference \
     of the two values before it. The losses take this one number: positive for real, negative for generated.";

fn ends_in_shares(project: &Project) -> bool {
    project.discriminator.active().next_back().is_some_and(|entry| entry.layer.makes_shares())
}

fn layer(project: &Project, role: Role, id: LayerId) -> (&'static str, &'static str) {
    let Some(layer) = project.stack(role).find(id).map(|layer| &layer.layer) else { return ("layer-shape", LAYER) };
    if matches!(layer, Layer::Gap { .. }) {
        return (
            "not-read",
            "What this line does is not known, and so neither what comes out of it. Removed, the network goes on without it, which may or may \
             not be what was meant.",
        );
    }
    let is_out_of_range = layer.clone().fields().iter().any(|field| field.fault().is_some());
    if is_out_of_range {
        ("parameter-out-of-range", "Outside of this range there is no such layer, or no machine holds what it makes.")
    } else if matches!(layer, Layer::Reshape { .. }) {
        (
            "reshape-mismatch",
            "Reshape only puts the same values in another order: it can neither make values nor drop any, so the layer before it has to \
             make exactly as many.",
        )
    } else if layer.makes_shares() {
        (
            "softmax-over-one",
            "Shares add up to one, so a single one is all of it: whatever comes in, 1 goes out, and nothing before it can learn. A Sigmoid \
             makes a share of a single value. At the end of a discriminator neither is needed: the losses take the value as it comes.",
        )
    } else if layer.wants_vector() {
        (
            "dense-wants-vector",
            "A Dense layer weighs every value by itself and takes them as one vector. A picture has to become one first.",
        )
    } else if layer.mixes() {
        (
            "window-too-large",
            "A filter has to fit onto its picture at least once, and its channels have to come out even. Pictures become smaller with \
             every stride and every convolution without padding.",
        )
    } else {
        ("layer-shape", LAYER)
    }
}

const LAYER: &str = "Each layer takes what the layer before it makes, so the shapes of neighbours have to fit.";
