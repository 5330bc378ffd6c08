//! What a script says of training: optimisers, loss, batch, epochs; and what of it is replaced here.

mod loss;
mod numbers;
mod optimiser;
mod patterns;
mod remarks;
mod updates;

use super::eval::{Machine, Note};
use super::networks::Chosen;
use super::python::Statement;
use crate::spec::{Augmentation, GradientClip, InstanceNoise, LabelSmoothing, Latent, Optimiser, OptimiserSpec, Role, Schedule, TrainSpec};

/// The networks that were found, for telling whose an optimiser is.
#[derive(Debug)]
pub struct Networks<'a> {
    /// The generator.
    pub generator: Option<&'a Chosen>,
    /// The discriminator.
    pub discriminator: Option<&'a Chosen>,
    /// The numbers of networks that hold both; what trains them trains the generator.
    pub combined: &'a [usize],
}

impl Networks<'_> {
    /// Whose number it is.
    fn role_of(&self, id: usize) -> Option<Role> {
        let is = |chosen: Option<&Chosen>| chosen.is_some_and(|chosen| chosen.traced.id == id);
        let holds = |chosen: Option<&Chosen>| chosen.is_some_and(|chosen| chosen.traced.inside.contains(&id));
        if is(self.generator) || self.combined.contains(&id) {
            Some(Role::Generator)
        } else if is(self.discriminator) || holds(self.discriminator) {
            Some(Role::Discriminator)
        } else if holds(self.generator) {
            Some(Role::Generator)
        } else {
            None
        }
    }
}

/// What the script says of training, and what has to be said about it.
pub fn read(machine: &Machine<'_>, script: &[Statement], networks: &Networks<'_>) -> (TrainSpec, Vec<Note>) {
    let mut notes = Vec::new();
    let found = patterns::find(script);
    let (generator, discriminator) = optimiser::both(machine, networks, &mut notes);
    let usual = OptimiserSpec { learning_rate: 2e-4, rule: Optimiser::ALL[0] };
    if generator.is_none() && discriminator.is_none() {
        let why = "none was found in the script; Adam at 0.0002 is taken, as DCGAN does";
        notes.push(Note { line: 0, what: "optimisers".to_owned(), why: why.to_owned() });
    }
    let (loss, regularisation) = loss::read(machine, &found, networks, &mut notes);
    let spec = TrainSpec {
        loss,
        generator: generator.or(discriminator).unwrap_or(usual),
        discriminator: discriminator.or(generator).unwrap_or(usual),
        d_steps_per_g_step: numbers::critic_steps(machine, &found).unwrap_or(1),
        batch_size: numbers::batch_size(machine, &found).unwrap_or(64),
        stop: numbers::stop(machine, &mut notes),
        ema_decay: 0.99,
        latent: if found.uniform_latents || found.unit_latents.is_some() { Latent::Uniform } else { Latent::Normal },
        regularisation,
        schedule: Schedule::default(),
        clip_gradient: GradientClip::default(),
        smoothing: LabelSmoothing::default(),
        noise: InstanceNoise::default(),
        augmentation: Augmentation::default(),
        packing: 1,
        ema_ramp: true,
    };
    remarks::add(machine, &found, networks, &mut notes);
    (spec, notes)
}
