//! Is a project ready to train? Every reason why not, in words and with its place.

use super::project::Project;
use super::shape::Shape;
use super::stack::{LayerId, LayerShape, Role, Stack};

/// One reason why a project cannot be trained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it is.
    pub place: Place,
    /// What is wrong and what would do, in one sentence.
    pub message: String,
}

/// Where a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At one layer.
    Layer(Role, LayerId),
    /// Before the first layer.
    Input(Role),
    /// Between the generator and the data.
    GeneratorToData,
    /// Between the data and the discriminator.
    DataToDiscriminator,
    /// After the discriminator, which has to end in one logit.
    Logit,
    /// In the training settings.
    Training,
    /// In the data settings.
    Data,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place {
            Place::Layer(role, _) | Place::Input(role) => write!(f, "{}: {}", role.name(), self.message),
            _ => write!(f, "{}", self.message),
        }
    }
}

impl Project {
    /// Everything that keeps this project from being trained, in reading order; empty when it is ready.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let data = self.data.shape();
        let generated = stack_faults(&self.generator, Role::Generator, &mut faults);
        if let Some(generated) = generated.filter(|&shape| shape != data) {
            let message = format!("the generator makes {generated}, but the data is {data}");
            faults.push(Fault { place: Place::GeneratorToData, message });
        }
        if !self.generator.input.is_vector() {
            let message = format!("a latent vector has the shape n × 1 × 1, not {}", self.generator.input);
            faults.push(Fault { place: Place::Input(Role::Generator), message });
        }
        if self.discriminator.input != data {
            let message = format!("the discriminator reads {}, but the data is {data}", self.discriminator.input);
            faults.push(Fault { place: Place::DataToDiscriminator, message });
        }
        let judged = stack_faults(&self.discriminator, Role::Discriminator, &mut faults);
        if let Some(judged) = judged.filter(|&shape| shape != Shape::vector(1)) {
            let message = format!("the discriminator has to end in one value, but ends in {judged}: add Flatten and Dense 1");
            faults.push(Fault { place: Place::Logit, message });
        }
        weight_faults(self, &mut faults);
        self.training_faults(&mut faults);
        faults
    }

    fn training_faults(&self, faults: &mut Vec<Fault>) {
        let mut training = |message: String| faults.push(Fault { place: Place::Training, message });
        let train = &self.train;
        if !(1..=65_536).contains(&train.batch_size) {
            training(format!("the batch size is {}, but has to be between 1 and 65,536", train.batch_size));
        }
        if !(1..=100).contains(&train.d_steps_per_g_step) {
            training(format!("{} discriminator steps for each generator step: choose 1 to 100", train.d_steps_per_g_step));
        }
        if !(0.0..1.0).contains(&train.ema_decay) {
            training(format!("the averaging decay is {}, but has to be at least 0 and below 1", train.ema_decay));
        }
        for role in Role::BOTH {
            let rate = train.optimiser(role).learning_rate;
            if !(rate.is_finite() && rate >= 0.0) {
                training(format!("the {}'s learning rate is {rate}, but has to be a number that is not negative", role.name()));
            }
        }
        if !self.data.is_points() {
            let image = self.data.image;
            if !(1..=1024).contains(&image.width) || !(1..=1024).contains(&image.height) {
                let message = format!("pictures of {} × {}: choose 1 to 1,024 for each side", image.width, image.height);
                faults.push(Fault { place: Place::Data, message });
            }
        }
        if !(0.0..=0.5).contains(&self.data.holdout) {
            let message = format!("a share of {} is held out: choose 0 to 0.5", self.data.holdout);
            faults.push(Fault { place: Place::Data, message });
        }
    }
}

/// Reports a stack's first fault and returns its output where there is none.
fn stack_faults(stack: &Stack, role: Role, faults: &mut Vec<Fault>) -> Option<Shape> {
    if stack.input.values() == 0 {
        faults.push(Fault { place: Place::Input(role), message: format!("the input {} has no values", stack.input) });
        return None;
    }
    for (layer, shape) in stack.layers.iter().zip(stack.shapes()) {
        if let LayerShape::Fault { error, .. } = shape {
            faults.push(Fault { place: Place::Layer(role, layer.id), message: error.0 });
            return None;
        }
    }
    stack.output_shape().ok()
}

fn weight_faults(project: &Project, faults: &mut Vec<Fault>) {
    for role in Role::BOTH {
        if !project.stack(role).active().any(|layer| layer.layer.has_weights()) {
            let message = "no layer has weights, so there is nothing to train: add a Dense or a convolution".to_owned();
            faults.push(Fault { place: Place::Input(role), message });
        }
    }
}
