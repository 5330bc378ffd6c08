//! The two networks of a run and all that moves with them: made, told, asked, kept and taken up again.

mod discriminate;
mod sight;
mod step;
mod tell;

pub(super) use self::tell::{Notes, layer_name, noted};

use burn::module::Module as _;
use burn::tensor::{Device, Tensor};

use super::augment::Strength;
use super::checkpoint::Checkpoint;
use super::history::History;
use super::optimiser::{OptimiserState, Strain};
use super::penalties::Memory;
use super::rehearsal::Walk;
use super::stage::read;
use crate::nn::{BuildError, Named, Names, Network, Pass};
use crate::ops::WorkMemory;
use crate::spec::{Project, Role, TrainSpec};

/// Both networks of a project on one device, with everything a step needs and changes.
///
/// A step is a pure function of this state and the batch: latents and dropout masks are drawn from streams named by the step counters.
#[derive(Debug)]
pub struct Trainer {
    train: TrainSpec,
    seed: u64,
    /// With autodiff.
    device: Device,
    generator: Network,
    discriminator: Network,
    /// The averaged generator, without autodiff.
    average: Network,
    g_optimiser: OptimiserState,
    d_optimiser: OptimiserState,
    penalties: Memory,
    /// How often samples are augmented, where that adapts itself.
    strength: Strength,
    g_steps: u64,
    d_steps: u64,
    samples_seen: u64,
    /// What is noted of a step, where somebody listens.
    notes: Option<Box<Notes>>,
    /// The last field, so that it goes last.
    _memory: WorkMemory,
}

/// How many numbers there are of a step.
pub(super) const NUMBERS: usize = 5;

/// The numbers of one step, still on the device: `[d_loss, d_real, d_fake, penalty]` of the last discriminator step, then `[g_loss]`.
#[derive(Clone, Debug)]
pub struct StepNumbers {
    /// Generator steps done.
    pub step: u64,
    /// `[5]`; reading them waits for the device.
    pub numbers: Tensor<1>,
}

/// Why a checkpoint cannot be made or used: the device failed, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TrainerError(pub String);

impl From<BuildError> for TrainerError {
    fn from(error: BuildError) -> Self {
        Self(error.0)
    }
}

impl Trainer {
    /// Both networks with their initial weights. `device` is plain; training adds autodiff by itself.
    ///
    /// # Errors
    /// The project has a fault.
    pub fn new(project: &Project, device: &Device) -> Result<Self, TrainerError> {
        let device = device.clone().autodiff();
        let generator = Network::new(&project.generator, Role::Generator, project.seed, &device)?;
        let discriminator = Network::new(&project.discriminator, Role::Discriminator, project.seed, &device)?;
        Ok(Self {
            train: project.train.clone(),
            seed: project.seed,
            device,
            average: generator.valid(),
            generator,
            discriminator,
            g_optimiser: OptimiserState::default(),
            d_optimiser: OptimiserState::default(),
            penalties: Memory::default(),
            strength: Strength::default(),
            g_steps: 0,
            d_steps: 0,
            samples_seen: 0,
            notes: None,
            _memory: WorkMemory,
        })
    }

    /// Goes on from a checkpoint. A layer that does not find all of its numbers there, in the same shapes, starts afresh.
    ///
    /// # Errors
    /// The project has a fault, or the device failed.
    pub fn resume(project: &Project, device: &Device, checkpoint: &Checkpoint) -> Result<Self, TrainerError> {
        let mut trainer = Self::new(project, device)?;
        let [g_numbers, d_numbers] = ["generator.", "discriminator."].map(|prefix| checkpoint.part(prefix));
        let (generator, g_taken) = trainer.generator.write(&g_numbers);
        let (discriminator, d_taken) = trainer.discriminator.write(&d_numbers);
        let averages = checkpoint.project.train.ema_decay > 0.0;
        trainer.average = generator.valid().write(&if averages { checkpoint.part("average.") } else { g_numbers.clone() }).0;
        let plain = trainer.device.clone().inner();
        let optimiser = |network: &Network, steps, numbers: &Named, taken: &Names| {
            let names = network.read().map_err(TrainerError)?.1;
            Ok::<_, TrainerError>(OptimiserState::restore(steps, numbers, &names, taken, &plain))
        };
        trainer.g_optimiser = optimiser(&generator, checkpoint.g_optimiser_steps, &g_numbers, &g_taken)?;
        trainer.d_optimiser = optimiser(&discriminator, checkpoint.d_optimiser_steps, &d_numbers, &d_taken)?;
        (trainer.generator, trainer.discriminator) = (generator, discriminator);
        trainer.penalties = Memory::restore(&checkpoint.part("regularisation."), &plain);
        trainer.strength = Strength::restore(&checkpoint.part("augmentation."), &plain);
        trainer.g_steps = checkpoint.g_steps;
        trainer.d_steps = checkpoint.d_steps;
        trainer.samples_seen = checkpoint.samples_seen;
        Ok(trainer)
    }

    /// Everything to go on from, as plain numbers; waits for the device.
    ///
    /// # Errors
    /// The device failed.
    pub fn checkpoint(&self, project: &Project, elapsed_secs: f64, history: &History) -> Result<Checkpoint, TrainerError> {
        let mut tensors = Named::new();
        for (prefix, network, optimiser) in
            [("generator", &self.generator, &self.g_optimiser), ("discriminator", &self.discriminator, &self.d_optimiser)]
        {
            let (named, names) = network.read().map_err(TrainerError)?;
            let moments = optimiser.read(&names).map_err(TrainerError)?;
            tensors.extend(named.into_iter().chain(moments).map(|(name, values)| (format!("{prefix}.{name}"), values)));
        }
        // Without averaging the generator itself: what averages it from here on, or shows it, begins there.
        let (average, _) = self.averaged_generator().read().map_err(TrainerError)?;
        tensors.extend(average.into_iter().map(|(name, values)| (format!("average.{name}"), values)));
        for (prefix, read) in [("regularisation", self.penalties.read()), ("augmentation", self.strength.read())] {
            tensors.extend(read.map_err(TrainerError)?.into_iter().map(|(name, values)| (format!("{prefix}.{name}"), values)));
        }
        Ok(Checkpoint {
            project: project.clone(),
            g_steps: self.g_steps,
            d_steps: self.d_steps,
            g_optimiser_steps: self.g_optimiser.steps(),
            d_optimiser_steps: self.d_optimiser.steps(),
            samples_seen: self.samples_seen,
            elapsed_secs,
            passed: None,
            tensors,
            history: history.clone(),
            quality: Default::default(),
            reel: Default::default(),
            signs: Default::default(),
            recovery: Default::default(),
        })
    }

    /// Changes what can be changed while running, from the next step on. Latent vectors and how many samples are judged at once belong to
    /// the networks, which stay, and a batch is of whole packs.
    pub fn set(&mut self, train: TrainSpec) {
        let train = train.in_run_of(&self.train);
        let batch_size = train.batch_size.next_multiple_of(train.packing.max(1));
        let train = TrainSpec { batch_size, ..train };
        if self.train.ema_decay == 0.0 && train.ema_decay > 0.0 {
            self.average = self.generator.valid();
        }
        self.train = train;
    }

    /// The settings of the next step.
    pub fn settings(&self) -> &TrainSpec {
        &self.train
    }

    /// Generator steps done.
    pub fn g_steps(&self) -> u64 {
        self.g_steps
    }

    /// Real samples drawn so far: where in the data the next batch begins.
    pub fn samples_seen(&self) -> u64 {
        self.samples_seen
    }

    /// Batches of real samples that a full step takes: one for each step of the discriminator.
    pub fn batches_of_step(&self) -> usize {
        self.train.d_steps_per_g_step.max(1)
    }

    /// The generator to look at: averaged where the run averages, without autodiff.
    pub fn averaged_generator(&self) -> Network {
        if self.train.ema_decay > 0.0 { self.average.clone() } else { self.generator.valid() }
    }

    /// The generator as it is now, without autodiff.
    pub fn generator(&self) -> Network {
        self.generator.valid()
    }

    /// The discriminator as it is now, without autodiff.
    pub fn discriminator(&self) -> Network {
        self.discriminator.valid()
    }

    /// A network as it is trained, with autodiff.
    pub(super) fn network(&self, role: Role) -> &Network {
        match role {
            Role::Generator => &self.generator,
            Role::Discriminator => &self.discriminator,
        }
    }

    /// Notes what the next step does to each parameter.
    pub(super) fn watch(&mut self) {
        self.g_optimiser.watch();
        self.d_optimiser.watch();
    }

    /// What it did to those of each network, the generator's first; of several steps of the discriminator, what the last did.
    pub(super) fn take_watched(&mut self) -> [Vec<Strain>; 2] {
        [self.g_optimiser.take_watched(), self.d_optimiser.take_watched()]
    }

    /// The probability with which samples are augmented, where it adapts itself; waits for the device.
    ///
    /// # Errors
    /// The device failed.
    pub fn augmented_with(&self) -> Result<Option<f32>, TrainerError> {
        let adapted = self.strength.adapted().map(|p| read(p.clone())).transpose()?;
        Ok(adapted.and_then(|values| values.first().copied()))
    }

    /// A walk through both networks and back, with batches as large as in a step. It changes nothing here.
    pub(super) fn walk(&self) -> Walk {
        let batch = |network: &Network, size: usize| Tensor::zeros(network.input().batched(size), &self.device);
        let (latents, real) = (batch(&self.generator, self.train.batch_size), batch(&self.discriminator, self.train.packs()));
        let walk = Walk::new(self.generator.clone(), self.discriminator.clone(), latents, real, Pass::training(self.seed, 0));
        if self.train.regularisation.punishes_gradients() { walk.punished() } else { walk }
    }
}

#[cfg(test)]
mod slope_tests;
#[cfg(test)]
pub(super) mod tests;
