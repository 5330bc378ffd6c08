//! A step that is told: notes of what it computes. They change nothing of it. What is computed for them alone goes through copies of the
//! networks, with the draws of that step, which are functions of the seed.

use burn::module::Module as _;
use burn::tensor::{Tensor, TensorData};

use super::sight::Seen;
use super::step::{PassKind, pass_counter};
use super::{StepNumbers, Trainer};
use crate::nn::{Network, Pass, Reading};
use crate::spec::{LayerId, Role, Shape};
use crate::train::losses::{self, judge};
use crate::train::optimiser::{Strain, strains_by_layer};

/// What is noted of a step; of several steps of the discriminator, of the last.
#[derive(Default)]
pub(in crate::train) struct Notes {
    /// Numbers on the device, by name: those of [`noted`], and of layers as [`layer_name`] calls them.
    pub(in crate::train) reading: Reading,
    /// The latent vectors, `batch x size`.
    pub(in crate::train) latents: Vec<f32>,
    /// The discriminator before and after its step, without autodiff.
    pub(in crate::train) judges: Vec<Network>,
    /// The layers that moved.
    pub(in crate::train) layers: Vec<(Role, LayerId)>,
    /// What the draws of the generator are named by.
    counter: u64,
    /// Real and generated samples as the discriminator saw them.
    seen: Vec<Tensor<4>>,
}

/// Names of what is noted.
pub(in crate::train) mod noted {
    /// `[5]`: the step's numbers.
    pub const NUMBERS: &str = "numbers";
    /// Real samples of the batch.
    pub const REAL: &str = "real";
    /// Generated samples, `[batch, channels, height, width]`.
    pub const MADE: &str = "made";
    /// What the generator makes of the same latent vectors after its step.
    pub const MOVED: &str = "moved";
    /// Minus the gradient of the generator's loss for the generated samples.
    pub const PUSHES: &str = "pushes";
    /// The discriminator's scores of real samples, `[packs]`, before and after its step.
    pub const REAL_SCORES: [&str; 2] = ["real scores", "real scores after"];
    /// Of generated ones.
    pub const FAKE_SCORES: [&str; 2] = ["fake scores", "fake scores after"];
    /// Its scores of what the generator makes, in the generator's step: before and after it.
    pub const MADE_SCORES: [&str; 2] = ["made scores", "moved scores"];
    /// The losses of the discriminator and of the generator after their steps, on the same samples.
    pub const LOSSES_AFTER: [&str; 2] = ["d loss after", "g loss after"];
}

/// What the sums of squares of a layer are called: of its gradient, of its move and of its weights, `[3]`.
pub(in crate::train) fn layer_name(role: Role, id: LayerId) -> String {
    format!("{} {}", role.name(), id.0)
}

impl std::fmt::Debug for Notes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notes").field("counter", &self.counter).finish_non_exhaustive()
    }
}

impl Notes {
    fn add<const D: usize>(&mut self, name: &str, tensor: &Tensor<D>) {
        self.reading.add(name.to_owned(), tensor.clone().inner());
    }

    fn strains(&mut self, role: Role, network: &Network, strains: &[Strain]) {
        for (id, sum) in strains_by_layer(network, strains) {
            self.reading.add(layer_name(role, id), sum);
            self.layers.push((role, id));
        }
    }
}

impl Trainer {
    /// [One full step](Self::step) and what is to be told of it.
    pub(in crate::train) fn tell_step(&mut self, next_batch: impl FnMut(u64, usize) -> Vec<f32> + Send) -> (StepNumbers, Notes) {
        self.notes = Some(Box::default());
        self.watch();
        let numbers = self.step(next_batch);
        let mut notes = self.notes.take().map(|notes| *notes).unwrap_or_default();
        notes.reading.add(noted::NUMBERS.to_owned(), numbers.numbers.clone());
        notes.strains(Role::Generator, &self.generator, self.g_optimiser.watched());
        notes.strains(Role::Discriminator, &self.discriminator, self.d_optimiser.watched());
        (numbers, notes)
    }

    /// Where somebody listens.
    pub(super) fn note(&mut self, take: impl FnOnce(&Self, &mut Notes)) {
        if let Some(mut notes) = self.notes.take() {
            take(self, &mut notes);
            self.notes = Some(notes);
        }
    }

    /// The generator is about to make something of these.
    pub(super) fn note_latents(&mut self, latents: &[f32], counter: u64) {
        self.note(|_, notes| {
            notes.latents = latents.to_vec();
            notes.counter = counter;
        });
    }

    /// The discriminator is about to learn from these.
    pub(super) fn note_batch(&mut self, real: &Tensor<4>, fake: &Tensor<4>) {
        self.note(|trainer, notes| {
            // Of an earlier step of the discriminator nothing is told.
            *notes = Notes { latents: std::mem::take(&mut notes.latents), counter: notes.counter, ..Notes::default() };
            notes.add(noted::REAL, real);
            notes.add(noted::MADE, fake);
            notes.judges.push(trainer.discriminator.valid());
        });
    }

    /// It sees them so, before what augments them.
    pub(super) fn note_seen(&mut self, real: &Tensor<4>, fake: &Tensor<4>) {
        self.note(|trainer, notes| {
            let seen = [(real, Seen::RealByDiscriminator), (fake, Seen::FakeByDiscriminator)].map(|(samples, seen)| {
                let [packs, ..] = samples.dims();
                trainer.augment(packs, trainer.d_steps, seen).apply(samples.clone().detach())
            });
            notes.seen = seen.to_vec();
        });
    }

    /// It said so.
    pub(super) fn note_scores(&mut self, real: &Tensor<1>, fake: &Tensor<1>) {
        self.note(|_, notes| {
            notes.add(noted::REAL_SCORES[0], real);
            notes.add(noted::FAKE_SCORES[0], fake);
        });
    }

    /// It has moved its weights, and not begun its next step: what it says now, with the same noise and masks.
    pub(super) fn note_judge(&mut self) {
        self.note(|trainer, notes| {
            notes.judges.push(trainer.discriminator.valid());
            let discriminator = trainer.discriminator.clone().no_grad();
            let pass = Pass::training(trainer.seed, pass_counter(trainer.d_steps, PassKind::Discriminator));
            let scores = std::mem::take(&mut notes.seen).into_iter().map(|seen| judge(&discriminator, trainer.train.loss, seen, &pass));
            let scores: Vec<_> = scores.collect();
            let [real, fake] = &scores[..] else { return };
            notes.add(noted::REAL_SCORES[1], real);
            notes.add(noted::FAKE_SCORES[1], fake);
            let after = losses::discriminator(trainer.train.loss, trainer.train.smoothing, real.clone(), fake.clone());
            notes.add(noted::LOSSES_AFTER[0], &after);
        });
    }

    /// The generator is about to learn from these: where its loss would have each of them go.
    pub(super) fn note_pushes(&mut self, fake: &Tensor<4>, real: Option<&Tensor<4>>) {
        self.note(|trainer, notes| {
            let leaf = fake.clone().detach().require_grad();
            let (loss, scores) = trainer.loss_of(leaf.clone(), real);
            let gradients = loss.backward();
            if let Some(gradient) = leaf.grad(&gradients) {
                notes.reading.add(noted::PUSHES.to_owned(), -gradient);
            }
            notes.add(noted::MADE_SCORES[0], &scores);
        });
    }

    /// It has moved its weights, and not begun its next step: what it makes now of the same latent vectors, with the same masks.
    pub(super) fn note_moved(&mut self, real: Option<&Tensor<4>>) {
        self.note(|trainer, notes| {
            let size = trainer.generator.input().values();
            let shape = Shape::vector(size).batched(notes.latents.len() / size.max(1));
            let latents = Tensor::from_data(TensorData::new(notes.latents.clone(), shape), &trainer.device);
            let pass = Pass::training(trainer.seed, pass_counter(notes.counter, PassKind::Generator));
            let moved = trainer.generator.clone().no_grad().forward(latents, &pass);
            let (loss, scores) = trainer.loss_of(moved.clone(), real);
            notes.add(noted::MOVED, &moved);
            notes.add(noted::MADE_SCORES[1], &scores);
            notes.add(noted::LOSSES_AFTER[1], &loss);
        });
    }

    /// The generator's loss for samples, `[1]`, and the scores it is computed from, `[packs]`, as its step has them.
    fn loss_of(&self, fake: Tensor<4>, real: Option<&Tensor<4>>) -> (Tensor<1>, Tensor<1>) {
        let loss = self.train.loss;
        let pass = Pass::training(self.seed, pass_counter(self.g_steps, PassKind::JudgeForGenerator));
        let discriminator = self.discriminator.clone().no_grad();
        let scores = self.judged_for_generator(&discriminator, self.packed(fake), Seen::FakeByGenerator, &pass);
        let real = real.filter(|_| loss.is_relativistic());
        let real = real.map(|real| self.judged_for_generator(&discriminator, real.clone(), Seen::RealByGenerator, &pass));
        (losses::generator(loss, scores.clone(), real), scores)
    }
}

#[cfg(test)]
mod tests;
