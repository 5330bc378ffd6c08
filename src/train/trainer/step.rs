//! One step: the discriminator learns from real and generated samples, then the generator from what the discriminator says.

use burn::module::Module as _;
use burn::tensor::{Tensor, TensorData};

use super::sight::Seen;
use super::{StepNumbers, Trainer};
use crate::device;
use crate::latent;
use crate::nn::{Network, Pass};
use crate::random::Purpose;
use crate::spec::{OptimiserSpec, Role, Shape};
use crate::train::losses::{self, judge};

impl Trainer {
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
            self.note_batch(&real, &fake);
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

    /// Samples of the discriminator's shape, `[n, channels, height, width]`: packs of those that follow each other.
    pub(super) fn upload(&self, samples: Vec<f32>) -> Tensor<4> {
        let shape = self.discriminator.input();
        let n = samples.len() / shape.values();
        Tensor::from_data(TensorData::new(samples, shape.batched(n)), &self.device)
    }

    /// How the weights of a network move in this step.
    pub(super) fn optimiser(&self, role: Role) -> OptimiserSpec {
        let spec = *self.train.optimiser(role);
        OptimiserSpec { learning_rate: spec.learning_rate * self.train.schedule.factor(self.g_steps), ..spec }
    }

    /// Returns `[g_loss]`. `real` samples are needed where the loss compares.
    pub(super) fn g_step_on(&mut self, fake: Tensor<4>, real: Option<Tensor<4>>) -> Tensor<1> {
        let loss = self.train.loss;
        let pass = Pass::training(self.seed, pass_counter(self.g_steps, PassKind::JudgeForGenerator));
        // Without gradients for the discriminator's weights: they are not moved here. Its running statistics do move, as in PyTorch.
        let discriminator = self.discriminator.clone().no_grad();
        self.note_pushes(&fake, real.as_ref());
        let logits = self.judged_for_generator(&discriminator, self.packed(fake), Seen::FakeByGenerator, &pass);
        let real = real.filter(|_| loss.is_relativistic());
        let real_logits = real.clone().map(|real| self.judged_for_generator(&discriminator, real, Seen::RealByGenerator, &pass));
        let g_loss = losses::generator(loss, logits, real_logits);
        let mut gradients = g_loss.backward();
        let (optimiser, longest) = (self.optimiser(Role::Generator), self.train.clip_gradient.generator);
        self.generator = self.g_optimiser.step(&optimiser, longest, self.generator.clone(), &mut gradients);
        self.note_moved(real.as_ref());
        self.discriminator = self.discriminator.clone().absorb(&pass);
        self.g_steps += 1;
        self.update_average();
        g_loss.inner()
    }

    /// What the discriminator says of packs in a step of the generator, `[packs]`.
    pub(super) fn judged_for_generator(&self, discriminator: &Network, samples: Tensor<4>, seen: Seen, pass: &Pass) -> Tensor<1> {
        let [packs, ..] = samples.dims();
        let samples = self.augment(packs, self.g_steps, seen).apply(self.blurred(samples, self.g_steps, seen));
        judge(discriminator, self.train.loss, samples, pass)
    }

    /// A generated batch from the latents of `counter`, see [`Self::generate`].
    fn draw_and_generate(&mut self, counter: u64, tracked: bool) -> Tensor<4> {
        let (size, batch) = (self.generator.input().values(), self.train.batch_size);
        let latents = latent::draw(self.train.latent, size, batch, self.seed, Purpose::Latents, counter);
        self.note_latents(&latents, counter);
        self.generate(latents, counter, tracked)
    }

    /// A generated batch, `[batch, channels, height, width]`; `tracked` with its way through the generator, to learn from it.
    pub(super) fn generate(&mut self, latents: Vec<f32>, counter: u64, tracked: bool) -> Tensor<4> {
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
/// The passes of one step see different dropout masks.
#[derive(Clone, Copy)]
pub(super) enum PassKind {
    Generator = 0,
    Discriminator = 1,
    JudgeForGenerator = 2,
}

pub(super) fn pass_counter(step: u64, kind: PassKind) -> u64 {
    step * 3 + kind as u64
}
