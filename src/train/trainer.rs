//! The two networks and one step at a time.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use super::checkpoint::Checkpoint;
use super::history::History;
use super::losses::{self, judge};
use super::optimiser::{OptimiserState, Strain};
use super::penalties::{self, Memory, Penalty, Punished};
use super::rehearsal::Walk;
use crate::device;
use crate::latent;
use crate::nn::{BuildError, Named, Names, Network, Pass};
use crate::ops::WorkMemory;
use crate::random::{self, Purpose};
use crate::spec::{Latent, OptimiserSpec, Project, Role, Shape, TrainSpec};

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
    g_steps: u64,
    d_steps: u64,
    samples_seen: u64,
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
            g_steps: 0,
            d_steps: 0,
            samples_seen: 0,
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
        trainer.average = generator.valid().write(&checkpoint.part("average.")).0;
        let plain = trainer.device.clone().inner();
        let optimiser = |network: &Network, steps, numbers: &Named, taken: &Names| {
            let names = network.read().map_err(TrainerError)?.1;
            Ok::<_, TrainerError>(OptimiserState::restore(steps, numbers, &names, taken, &plain))
        };
        trainer.g_optimiser = optimiser(&generator, checkpoint.g_optimiser_steps, &g_numbers, &g_taken)?;
        trainer.d_optimiser = optimiser(&discriminator, checkpoint.d_optimiser_steps, &d_numbers, &d_taken)?;
        (trainer.generator, trainer.discriminator) = (generator, discriminator);
        trainer.penalties = Memory::restore(&checkpoint.part("regularisation."), &plain);
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
        let (average, _) = self.average.read().map_err(TrainerError)?;
        tensors.extend(average.into_iter().map(|(name, values)| (format!("average.{name}"), values)));
        let penalties = self.penalties.read().map_err(TrainerError)?;
        tensors.extend(penalties.into_iter().map(|(name, values)| (format!("regularisation.{name}"), values)));
        Ok(Checkpoint {
            project: project.clone(),
            g_steps: self.g_steps,
            d_steps: self.d_steps,
            g_optimiser_steps: self.g_optimiser.steps(),
            d_optimiser_steps: self.d_optimiser.steps(),
            samples_seen: self.samples_seen,
            elapsed_secs,
            tensors,
            history: history.clone(),
        })
    }

    /// Changes what can be changed while running, from the next step on.
    pub fn set(&mut self, train: TrainSpec) {
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

    /// A walk through both networks and back, with batches as large as in a step. It changes nothing here.
    pub(super) fn walk(&self) -> Walk {
        let batch = |network: &Network| Tensor::zeros(network.input().batched(self.train.batch_size), &self.device);
        let (latents, real) = (batch(&self.generator), batch(&self.discriminator));
        Walk::new(self.generator.clone(), self.discriminator.clone(), latents, real, Pass::training(self.seed, 0))
    }

    /// One full step: so many discriminator steps as the settings say, each on a batch that `next_batch` gives for the samples seen so
    /// far, then one generator step on the last generated batch.
    pub fn step(&mut self, next_batch: impl FnMut(u64, usize) -> Vec<f32> + Send) -> StepNumbers {
        // One of the pool's own threads hands work to the others sooner than one that has to wake the pool first. A graphics device is
        // told everything by one thread: it keeps what several say apart, and has to wait where one uses what another made.
        if self.device.clone().inner() == device::cpu() { rayon::scope(|_| self.step_here(next_batch)) } else { self.step_here(next_batch) }
    }

    fn step_here(&mut self, mut next_batch: impl FnMut(u64, usize) -> Vec<f32>) -> StepNumbers {
        let mut d_numbers = None;
        let mut tracked = None;
        let mut compared = None;
        let d_steps = self.batches_of_step();
        for index in 1..=d_steps {
            let real = self.upload(next_batch(self.samples_seen, self.train.batch_size));
            compared = self.train.loss.is_relativistic().then(|| real.clone());
            // Only the batch that the generator learns from needs its way through it.
            let fake = self.draw_and_generate(2 * self.d_steps, index == d_steps);
            d_numbers = Some(self.d_step_on(real, fake.clone()));
            tracked = Some(fake);
        }
        let fake = tracked.unwrap_or_else(|| self.draw_and_generate(2 * self.g_steps + 1, true));
        let g_loss = self.g_step_on(fake, compared);
        let numbers = match d_numbers {
            Some(numbers) => Tensor::cat(vec![numbers, g_loss], 0),
            None => g_loss,
        };
        StepNumbers { step: self.g_steps, numbers }
    }

    /// One step of the discriminator alone.
    pub fn d_step(&mut self, mut next_batch: impl FnMut(u64, usize) -> Vec<f32>) {
        let real = self.upload(next_batch(self.samples_seen, self.train.batch_size));
        let fake = self.draw_and_generate(2 * self.d_steps, false);
        let _ = self.d_step_on(real, fake);
    }

    /// One step of the generator alone, on latents of its own. Where the loss compares them with real samples, those are the ones that the
    /// discriminator would see next.
    pub fn g_step(&mut self, mut next_batch: impl FnMut(u64, usize) -> Vec<f32>) {
        let is_compared = self.train.loss.is_relativistic();
        let real = is_compared.then(|| self.upload(next_batch(self.samples_seen, self.train.batch_size)));
        let fake = self.draw_and_generate(2 * self.g_steps + 1, true);
        let _ = self.g_step_on(fake, real);
    }

    /// Samples of the discriminator's shape, `[n, channels, height, width]`.
    fn upload(&self, samples: Vec<f32>) -> Tensor<4> {
        let shape = self.discriminator.input();
        let n = samples.len() / shape.values();
        Tensor::from_data(TensorData::new(samples, shape.batched(n)), &self.device)
    }

    /// Returns `[d_loss, d_real, d_fake, penalty]`.
    fn d_step_on(&mut self, real: Tensor<4>, fake: Tensor<4>) -> Tensor<1> {
        self.d_step_between(real, fake, None)
    }

    /// The same. The gradient penalty is taken at these `shares` of the way from generated to real samples, or at random ones.
    fn d_step_between(&mut self, real: Tensor<4>, fake: Tensor<4>, shares: Option<Vec<f32>>) -> Tensor<1> {
        let (loss, smoothing) = (self.train.loss, self.train.smoothing);
        let [n, ..] = real.dims();
        let pass = Pass::training(self.seed, pass_counter(self.d_steps, PassKind::Discriminator));
        let real = self.blurred(real, self.d_steps, Seen::RealByDiscriminator);
        let fake = self.blurred(fake.detach(), self.d_steps, Seen::FakeByDiscriminator);
        let Judged { real, fake, penalty, stand_in } = self.judge_both(real, fake, shares, &pass);

        let d_loss = losses::discriminator(loss, smoothing, real.clone(), fake.clone());
        let numbers = [d_loss.clone(), losses::verdict(loss, real), losses::verdict(loss, fake)].map(Tensor::inner);
        let numbers = Tensor::cat(numbers.into_iter().chain([penalty]).collect(), 0);

        let total = match stand_in {
            Some(stand_in) => d_loss + stand_in,
            None => d_loss,
        };
        let mut gradients = total.backward();
        let (optimiser, longest) = (self.optimiser(Role::Discriminator), self.train.clip_gradient.discriminator);
        let discriminator = self.d_optimiser.step(&optimiser, longest, self.discriminator.clone(), &mut gradients);
        self.discriminator = discriminator.absorb(&pass);
        if self.train.regularisation.clip > 0.0 {
            self.discriminator = self.discriminator.clone().clip(self.train.regularisation.clip);
        }
        self.d_steps += 1;
        self.samples_seen += n as u64;
        numbers
    }

    /// What the discriminator says of both kinds of samples, and what it is punished for.
    fn judge_both(&mut self, real: Tensor<4>, fake: Tensor<4>, shares: Option<Vec<f32>>, pass: &Pass) -> Judged {
        let (loss, rules) = (self.train.loss, self.train.regularisation);
        self.penalties.keep_for(&rules);
        let is_due = self.d_steps.is_multiple_of(rules.every.max(1) as u64);
        let due = |weight: f32, penalty: Penalty| (weight > 0.0 && is_due).then_some(penalty);
        let mut found = Vec::new();
        let mut judge = |samples: Tensor<4>, penalty: Option<Penalty>| match penalty {
            Some(penalty) => {
                let Punished { logits, value, stand_in } = penalties::punish(&self.discriminator, loss, samples, pass, penalty);
                found.push((value, stand_in));
                logits
            }
            None => judge(&self.discriminator, loss, samples, pass),
        };
        let steepness = due(rules.gradient_penalty, Penalty::One { weight: rules.gradient_penalty });
        let between = steepness.map(|_| self.between(real.clone(), fake.clone(), shares));
        let real_logits = judge(real, due(rules.r1, Penalty::Zero { weight: rules.r1 })); // [n]
        let fake_logits = judge(fake, due(rules.r2, Penalty::Zero { weight: rules.r2 })); // [n]
        if let Some(between) = between {
            let _ = judge(between, steepness);
        }
        let (values, stand_ins): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        let value = self.penalties.gradients(values.into_iter().reduce(|a, b| a + b));
        // One step stands for as many as there are from one to the next.
        let stand_in = stand_ins.into_iter().reduce(|a, b| a + b).map(|sum| sum * rules.every.max(1) as f32);
        let lecam = (rules.lecam > 0.0).then(|| self.penalties.lecam(rules.lecam, [&real_logits, &fake_logits]));
        let values = value.into_iter().chain(lecam.clone().map(Tensor::inner)).reduce(|a, b| a + b);
        Judged {
            real: real_logits,
            fake: fake_logits,
            penalty: values.unwrap_or_else(|| Tensor::zeros([1], &self.device.clone().inner())),
            stand_in: stand_in.into_iter().chain(lecam).reduce(|a, b| a + b),
        }
    }

    /// Places between real and generated samples, at these shares or at shares drawn for this step.
    fn between(&self, real: Tensor<4>, fake: Tensor<4>, shares: Option<Vec<f32>>) -> Tensor<4> {
        let [n, ..] = real.dims();
        let shares = shares.unwrap_or_else(|| {
            let drawn = latent::draw(Latent::Uniform, 1, n, self.seed, Purpose::Interpolation, self.d_steps);
            drawn.into_iter().map(|share| (share + 1.0) / 2.0).collect()
        });
        penalties::between(real, fake, Tensor::from_data(TensorData::new(shares, [n, 1, 1, 1]), &self.device))
    }

    /// Samples as the discriminator sees them.
    fn blurred(&self, samples: Tensor<4>, step: u64, seen: Seen) -> Tensor<4> {
        let deviation = self.train.noise.deviation_at(self.g_steps);
        if deviation <= 0.0 {
            return samples;
        }
        let dims = samples.dims();
        let mut rng = random::stream(self.seed, Purpose::InstanceNoise, 4 * step + seen as u64);
        let noise = random::normals(&mut rng, dims.iter().product());
        samples + Tensor::from_data(TensorData::new(noise, dims), &self.device) * deviation
    }

    /// How the weights of a network move in this step.
    fn optimiser(&self, role: Role) -> OptimiserSpec {
        let spec = *self.train.optimiser(role);
        OptimiserSpec { learning_rate: spec.learning_rate * self.train.schedule.factor(self.g_steps), ..spec }
    }

    /// Returns `[g_loss]`. `real` samples are needed where the loss compares.
    fn g_step_on(&mut self, fake: Tensor<4>, real: Option<Tensor<4>>) -> Tensor<1> {
        let loss = self.train.loss;
        let pass = Pass::training(self.seed, pass_counter(self.g_steps, PassKind::JudgeForGenerator));
        // Without gradients for the discriminator's weights: they are not moved here. Its running statistics do move, as in PyTorch.
        let discriminator = self.discriminator.clone().no_grad();
        let logits = judge(&discriminator, loss, self.blurred(fake, self.g_steps, Seen::FakeByGenerator), &pass);
        let real = real.filter(|_| loss.is_relativistic());
        let real_logits = real.map(|real| judge(&discriminator, loss, self.blurred(real, self.g_steps, Seen::RealByGenerator), &pass));
        let g_loss = losses::generator(loss, logits, real_logits);
        let mut gradients = g_loss.backward();
        let (optimiser, longest) = (self.optimiser(Role::Generator), self.train.clip_gradient.generator);
        self.generator = self.g_optimiser.step(&optimiser, longest, self.generator.clone(), &mut gradients);
        self.discriminator = self.discriminator.clone().absorb(&pass);
        self.g_steps += 1;
        self.update_average();
        g_loss.inner()
    }

    /// A generated batch from the latents of `counter`, see [`Self::generate`].
    fn draw_and_generate(&mut self, counter: u64, tracked: bool) -> Tensor<4> {
        let (size, batch) = (self.generator.input().values(), self.train.batch_size);
        let latents = latent::draw(self.train.latent, size, batch, self.seed, Purpose::Latents, counter);
        self.generate(latents, counter, tracked)
    }

    /// A generated batch, `[batch, channels, height, width]`; `tracked` with its way through the generator, to learn from it.
    fn generate(&mut self, latents: Vec<f32>, counter: u64, tracked: bool) -> Tensor<4> {
        let size = self.generator.input().values();
        let shape = Shape::vector(size).batched(latents.len() / size);
        let latents = Tensor::from_data(TensorData::new(latents, shape), &self.device);
        let pass = Pass::training(self.seed, pass_counter(counter, PassKind::Generator));
        let generator = self.generator.clone();
        let fake = if tracked { generator.forward(latents, &pass) } else { generator.no_grad().forward(latents, &pass) };
        self.generator = self.generator.clone().absorb(&pass);
        fake
    }

    /// The decay may ramp up, so that the first steps are soon forgotten (as TensorFlow's `ExponentialMovingAverage` with a step count).
    fn update_average(&mut self) {
        let decay = self.train.ema_decay;
        if decay > 0.0 {
            let steps = self.g_steps as f32;
            let keep = if self.train.ema_ramp { decay.min((1.0 + steps) / (10.0 + steps)) } else { decay };
            self.average = self.average.clone().blend(&self.generator, keep);
        }
    }
}

/// What the discriminator says in a step.
struct Judged {
    /// Of real samples, `[n]`.
    real: Tensor<1>,
    /// Of generated ones, `[n]`.
    fake: Tensor<1>,
    /// What it is punished with, `[1]`, without a gradient: the penalties as they were computed last.
    penalty: Tensor<1>,
    /// What has the gradients of that which is due in this step, `[1]`.
    stand_in: Option<Tensor<1>>,
}

/// Where the noise on samples differs within one step.
#[derive(Clone, Copy)]
enum Seen {
    RealByDiscriminator = 0,
    FakeByDiscriminator = 1,
    FakeByGenerator = 2,
    RealByGenerator = 3,
}

/// The passes of one step see different dropout masks.
#[derive(Clone, Copy)]
enum PassKind {
    Generator = 0,
    Discriminator = 1,
    JudgeForGenerator = 2,
}

fn pass_counter(step: u64, kind: PassKind) -> u64 {
    step * 3 + kind as u64
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::nn::TensorValues;
    use crate::reference::{Values, Weights, assert_close, own_layout, table};
    use crate::spec::{GradientClip, LabelSmoothing, Layer, Loss, Optimiser, Preset, Regularisation, Stack};

    #[derive(Deserialize)]
    struct Step {
        latents: Values,
        real: Values,
        shares: Option<Values>,
        d_loss: f32,
        g_loss: f32,
        #[serde(default)]
        penalty: f32,
    }

    #[derive(Deserialize)]
    struct Entry {
        name: String,
        layers: BTreeMap<Role, Vec<serde_json::Value>>,
        #[serde(default)]
        learning_rate: f32,
        loss: Option<Loss>,
        #[serde(default)]
        regularisation: Regularisation,
        #[serde(default)]
        smoothing: LabelSmoothing,
        optimiser: Option<OptimiserSpec>,
        #[serde(default)]
        longest: f32,
        initial: BTreeMap<Role, Weights>,
        steps: Vec<Step>,
        #[serde(rename = "final")]
        last: BTreeMap<Role, Weights>,
    }

    impl Entry {
        fn stack(&self, role: Role, input: &Values) -> Stack {
            let [_, channels, height, width] = input.dims::<4>();
            let layers = self.layers[&role].iter().map(|layer| serde_json::from_value::<Layer>(layer.clone()).unwrap());
            Stack::new(Shape::new(channels, height, width), layers)
        }

        fn named(&self, role: Role, weights: &BTreeMap<Role, Weights>) -> Named {
            let kind = |name: &str| {
                let id: usize = name.split('.').next().unwrap().parse().unwrap();
                self.layers[&role][id - 1]["kind"].as_str().unwrap()
            };
            let own = |(name, values): (&String, &Values)| {
                let own = own_layout(kind(name), name.rsplit('.').next().unwrap(), values);
                (name.clone(), TensorValues { shape: own.shape, values: own.values })
            };
            weights[&role].iter().map(own).collect()
        }

        fn trainer(&self) -> Trainer {
            let mut project = Preset::from_name("ring8").unwrap().project();
            project.generator = self.stack(Role::Generator, &self.steps[0].latents);
            project.discriminator = self.stack(Role::Discriminator, &self.steps[0].real);
            let adam = Optimiser::Adam { beta1: 0.5, beta2: 0.999, epsilon: 1e-8 };
            let optimiser = self.optimiser.unwrap_or(OptimiserSpec { learning_rate: self.learning_rate, rule: adam });
            (project.train.generator, project.train.discriminator) = (optimiser, optimiser);
            project.train.loss = self.loss.unwrap_or(Loss::NonSaturating);
            (project.train.regularisation, project.train.smoothing) = (self.regularisation, self.smoothing);
            project.train.clip_gradient = GradientClip { generator: self.longest, discriminator: self.longest };
            let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
            trainer.generator = trainer.generator.write(&self.named(Role::Generator, &self.initial)).0;
            trainer.discriminator = trainer.discriminator.write(&self.named(Role::Discriminator, &self.initial)).0;
            trainer
        }
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_into_vec::<f32>().unwrap()
    }

    #[test]
    fn whole_steps_go_where_pytorch_goes() {
        let plain = table::<Entry>(include_str!("../../tests/reference/training.json"));
        let punished = table::<Entry>(include_str!("../../tests/reference/penalty_training.json"));
        assert!(plain.len() >= 2 && punished.len() >= 5);
        for entry in plain.into_iter().chain(punished) {
            let mut trainer = entry.trainer();
            for step in &entry.steps {
                let fake = trainer.generate(step.latents.values.clone(), 0, true);
                let real = trainer.upload(step.real.values.clone());
                let shares = step.shares.as_ref().map(|shares| shares.values.clone());
                let d_numbers = values(trainer.d_step_between(real.clone(), fake.clone(), shares));
                let g_loss = values(trainer.g_step_on(fake, Some(real)));
                let (got, wanted) = ([d_numbers[0], g_loss[0], d_numbers[3]], [step.d_loss, step.g_loss, step.penalty]);
                assert_close(&format!("{}: losses and penalty", entry.name), &got, &wanted, 1e-5);
            }
            for (role, network) in [(Role::Generator, &trainer.generator), (Role::Discriminator, &trainer.discriminator)] {
                let got = network.read().unwrap().0;
                for (name, wanted) in entry.named(role, &entry.last) {
                    assert_close(&format!("{}: {name} of the {}", entry.name, role.name()), &got[&name].values, &wanted.values, 2e-5);
                }
            }
        }
    }

    /// A small project with everything that has state: batch normalisation, dropout, averaging, several discriminator steps.
    fn project_with_state() -> Project {
        let mut project = Preset::from_name("digits").unwrap().project();
        project.train.batch_size = 4;
        project.train.d_steps_per_g_step = 2;
        project
    }

    fn batch(project: &Project) -> impl Fn(u64, usize) -> Vec<f32> + use<> {
        let size = project.data.shape().values();
        move |seen, count| crate::random::normals(&mut crate::random::stream(2, Purpose::Synthetic, seen), count * size)
    }

    #[test]
    fn a_run_that_stops_and_goes_on_ends_bit_for_bit_where_an_unbroken_one_does() {
        let project = project_with_state();
        let next = batch(&project);
        let checkpoint = |trainer: &Trainer| trainer.checkpoint(&project, 0.0, &History::default()).unwrap();
        let mut unbroken = Trainer::new(&project, &device::cpu()).unwrap();
        (0..6).for_each(|_| drop(unbroken.step(&next)));

        let mut first = Trainer::new(&project, &device::cpu()).unwrap();
        (0..3).for_each(|_| drop(first.step(&next)));
        let mut second = Trainer::resume(&project, &device::cpu(), &checkpoint(&first)).unwrap();
        (0..3).for_each(|_| drop(second.step(&next)));
        assert_eq!(checkpoint(&second), checkpoint(&unbroken));
    }

    /// A small pair with every kind of layer that draws, looks across samples or keeps running statistics.
    pub fn project_of_the_whole_catalogue() -> Project {
        use crate::spec::{Resample, builtin_data};
        let mut project = Preset::from_name("ring8").unwrap().project();
        project.data = builtin_data(crate::spec::Builtin::Digits);
        project.data.image = crate::spec::ImageSpec { width: 8, height: 8, ..project.data.image };
        let generator = [
            Layer::dense(64).with_spectral_norm(),
            Layer::Reshape { shape: Shape::new(16, 2, 2) },
            Layer::residual(8, Resample::Up).with_spectral_norm(),
            Layer::self_attention().with_spectral_norm(),
            Layer::PixelNorm { epsilon: 1e-8 },
            Layer::conv_transpose(4, 4, 2, 1).with_spectral_norm(),
            Layer::PRelu { slope: 0.25, per_channel: true },
            Layer::separable(1, 3, 1).with_spectral_norm(),
            Layer::Tanh,
        ];
        let discriminator = [
            Layer::GaussianNoise { deviation: 0.1 },
            Layer::conv(8, 3, 1, 1).with_spectral_norm().with_init(crate::spec::Init::Orthogonal),
            Layer::InstanceNorm { epsilon: 1e-5, affine: true },
            Layer::residual(8, Resample::Down).with_spectral_norm(),
            Layer::SpatialDropout { rate: 0.3 },
            Layer::depthwise(2, 3, 2).with_spectral_norm(),
            Layer::GroupNorm { groups: 4, epsilon: 1e-5 },
            Layer::MinibatchStdDev { group: 4 },
            Layer::Flatten,
            Layer::dense(1).with_spectral_norm(),
        ];
        project.generator = Stack::new(Shape::vector(6), generator);
        project.discriminator = Stack::new(Shape::new(1, 8, 8), discriminator);
        project.train.batch_size = 4;
        assert_eq!(project.faults(), []);
        project
    }

    #[test]
    fn a_run_with_the_whole_catalogue_goes_on_bit_for_bit_from_a_file() {
        let project = project_of_the_whole_catalogue();
        let next = batch(&project);
        let checkpoint = |trainer: &Trainer| trainer.checkpoint(&project, 0.0, &History::default()).unwrap();
        let mut unbroken = Trainer::new(&project, &device::cpu()).unwrap();
        (0..5).for_each(|_| drop(unbroken.step(&next)));

        let mut first = Trainer::new(&project, &device::cpu()).unwrap();
        let before = checkpoint(&first);
        (0..2).for_each(|_| drop(first.step(&next)));
        let path = tempfile::tempdir().unwrap();
        let path = path.path().join("run.ganvas");
        let half = checkpoint(&first);
        let file = crate::project::ProjectFile { project: project.clone(), checkpoint: Some(std::sync::Arc::new(half.clone())) };
        file.save(&path).unwrap();
        let read = crate::project::ProjectFile::load(&path).unwrap();
        assert_eq!(read.project, project);
        assert_eq!(**read.checkpoint.as_ref().unwrap(), half);
        let mut second = Trainer::resume(&read.project, &device::cpu(), &read.checkpoint.unwrap()).unwrap();
        (0..3).for_each(|_| drop(second.step(&next)));
        let (after, wanted) = (checkpoint(&second), checkpoint(&unbroken));
        assert_eq!(after, wanted);
        assert!(wanted.tensors.values().flat_map(|tensor| &tensor.values).all(|value| value.is_finite()));
        for name in ["discriminator.2.weight_u", "discriminator.4.conv1.weight_orig", "generator.3.norm1.running_mean", "generator.4.gamma"]
        {
            assert_ne!(before.tensors[name], wanted.tensors[name], "{name} did not move");
        }
    }

    #[test]
    fn another_seed_is_another_run() {
        let project = project_with_state();
        let other = Project { seed: project.seed + 1, ..project.clone() };
        let [a, b] = [&project, &other].map(|project| {
            let trainer = Trainer::new(project, &device::cpu()).unwrap();
            trainer.checkpoint(project, 0.0, &History::default()).unwrap().part("generator.")
        });
        assert_ne!(a, b);
    }

    #[test]
    fn resuming_an_edited_network_keeps_the_layers_that_still_match() {
        let mut project = project_with_state();
        let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
        trainer.step(batch(&project));
        let checkpoint = trainer.checkpoint(&project, 0.0, &History::default()).unwrap();
        let last = project.discriminator.layers.last().unwrap().id;
        let edit = crate::spec::Edit::insert(&project, Role::Discriminator, 4, Layer::conv(64, 3, 1, 1));
        edit.apply(&mut project).unwrap();
        let resumed = Trainer::resume(&project, &device::cpu(), &checkpoint).unwrap();
        let now = resumed.checkpoint(&project, 0.0, &History::default()).unwrap();
        let name = format!("discriminator.{}.weight", last.0);
        assert_eq!(now.tensors[&name], checkpoint.tensors[&name]);
        assert!(now.tensors.len() > checkpoint.tensors.len() - 2, "the new layer has weights of its own");
    }

    #[test]
    fn wasserstein_clips_every_weight_of_the_critic_and_none_of_its_statistics() {
        let mut project = project_with_state();
        project.train = project.train.with_loss(crate::spec::Loss::Wasserstein);
        let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
        trainer.step(batch(&project));
        let critic = trainer.discriminator.read().unwrap().0;
        assert!(critic.values().flat_map(|tensor| &tensor.values).all(|value| value.abs() <= 0.01));
        let generator = trainer.generator.read().unwrap().0;
        assert!(generator.values().flat_map(|tensor| &tensor.values).any(|value| value.abs() > 0.01));
    }

    #[test]
    fn a_final_sigmoid_is_part_of_cross_entropy() {
        let mut project = Preset::from_name("ring8").unwrap().project();
        let plain = Trainer::new(&project, &device::cpu()).unwrap();
        let edit = crate::spec::Edit::insert(&project, Role::Discriminator, project.discriminator.layers.len(), Layer::Sigmoid);
        edit.apply(&mut project).unwrap();
        let squashed = Trainer::new(&project, &device::cpu()).unwrap();
        let scores = |trainer: &Trainer| {
            let points = Tensor::from_data([[[[0.3_f32]], [[-0.2]]], [[[1.0]], [[0.5]]]], &device::cpu());
            values(judge(&trainer.discriminator(), project.train.loss, points, &Pass::inference()))
        };
        assert_eq!(scores(&plain), scores(&squashed));
    }
}
