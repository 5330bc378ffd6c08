//! Points in the plane.

use super::{builtin_data, project, regularised, training};
use crate::spec::layer::Layer;
use crate::spec::project::{Builtin, Project, TrainSpec};
use crate::spec::schedule::{Decay, Schedule};
use crate::spec::shape::Shape;
use crate::spec::stack::Stack;

/// So many hidden layers of this width, each followed by `bend`, and a last one of `outputs`.
fn dense(inputs: usize, width: usize, hidden: usize, bend: &Layer, outputs: usize) -> Stack {
    let layers = (0..hidden).flat_map(|_| [Layer::dense(width), bend.clone()]);
    Stack::new(Shape::vector(inputs), layers.chain([Layer::dense(outputs)]))
}

/// Deep and narrow: between two clusters, the generator's map has to be steep and the discriminator has to see a hundredth of the plane.
/// From two latent numbers to two there is no fold to learn. Rates are high at first and low in the end, where clusters become tight.
fn clusters(name: &str, builtin: Builtin) -> Project {
    let schedule = Schedule { decay: Decay::Cosine, steps: 20_000, floor: 0.02, warm_up: 0 };
    let train = TrainSpec { schedule, ema_decay: 0.999, ..regularised(128, 3e-3, 0.1) };
    let (generator, discriminator) = (dense(2, 64, 4, &Layer::Relu, 2), dense(2, 64, 4, &Layer::leaky_relu(), 1));
    project(name, builtin_data(builtin), generator, discriminator, train)
}

pub(super) fn points() -> Project {
    clusters("points", Builtin::Ring8)
}

/// Two hidden layers of 128 and sixteen latent dimensions: a small pair that loses modes now and then, to see what helps.
fn shallow(name: &str, builtin: Builtin) -> Project {
    let (generator, discriminator) = (dense(16, 128, 2, &Layer::Relu, 2), dense(2, 128, 2, &Layer::leaky_relu(), 1));
    project(name, builtin_data(builtin), generator, discriminator, training(128, 1e-3))
}

pub(super) fn ring8() -> Project {
    shallow("ring8", Builtin::Ring8)
}

pub(super) fn grid25() -> Project {
    shallow("grid25", Builtin::Grid25)
}

pub(super) fn mlp() -> Project {
    let mut project = shallow("mlp", Builtin::Ring8);
    project.train = training(128, 2e-4);
    project
}
