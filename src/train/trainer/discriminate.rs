//! The discriminator's part of a step: what it says of both kinds of samples, what it is punished for, how its weights move.

use burn::tensor::{Tensor, TensorData};

use super::Trainer;
use super::sight::Seen;
use super::step::{PassKind, pass_counter};
use crate::latent;
use crate::nn::Pass;
use crate::random::Purpose;
use crate::spec::{Latent, Role};
use crate::train::losses::{self, judge};
use crate::train::penalties::{self, Penalty, Punished};

impl Trainer {
    /// Returns `[d_loss, d_real, d_fake, penalty]`.
    pub(super) fn d_step_on(&mut self, real: Tensor<4>, fake: Tensor<4>) -> Tensor<1> {
        self.d_step_between(real, fake, None)
    }

    /// The same. The gradient penalty is taken at these `shares` of the way from generated to real samples, or at random ones.
    pub(super) fn d_step_between(&mut self, real: Tensor<4>, fake: Tensor<4>, shares: Option<Vec<f32>>) -> Tensor<1> {
        let (loss, smoothing) = (self.train.loss, self.train.smoothing);
        let [n, ..] = real.dims();
        let pass = Pass::training(self.seed, pass_counter(self.d_steps, PassKind::Discriminator));
        let samples = n as u64 * self.train.packing as u64;
        self.strength.keep_for(&self.train.augmentation);
        let real = self.blurred(real, self.d_steps, Seen::RealByDiscriminator);
        let fake = self.blurred(self.packed(fake.detach()), self.d_steps, Seen::FakeByDiscriminator);
        self.note_seen(&real, &fake);
        let Judged { real, fake, penalty, stand_in } = self.judge_both(real, fake, shares, &pass);

        self.note_scores(&real, &fake);
        self.strength.hear(&self.train.augmentation, loss, &real, samples);
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
        self.note_judge();
        self.d_steps += 1;
        self.samples_seen += samples;
        numbers
    }

    /// What the discriminator says of both kinds of samples, and what it is punished for.
    fn judge_both(&mut self, real: Tensor<4>, fake: Tensor<4>, shares: Option<Vec<f32>>, pass: &Pass) -> Judged {
        let (loss, rules) = (self.train.loss, self.train.regularisation);
        self.penalties.keep_for(&rules);
        let is_due = self.d_steps.is_multiple_of(rules.every.max(1) as u64);
        let due = |weight: f32, penalty: Penalty| (weight > 0.0 && is_due).then_some(penalty);
        let mut found = Vec::new();
        let mut judge = |samples: Tensor<4>, seen: Seen, penalty: Option<Penalty>| {
            let [packs, ..] = samples.dims();
            let augment = self.augment(packs, self.d_steps, seen);
            let Some(penalty) = penalty else { return judge(&self.discriminator, loss, augment.apply(samples), pass) };
            let Punished { logits, value, stand_in } = penalties::punish(&self.discriminator, loss, samples, &augment, pass, penalty);
            found.push((value, stand_in));
            logits
        };
        let steepness = due(rules.gradient_penalty, Penalty::One { weight: rules.gradient_penalty });
        let between = steepness.map(|_| self.between(real.clone(), fake.clone(), shares));
        let real_logits = judge(real, Seen::RealByDiscriminator, due(rules.r1, Penalty::Zero { weight: rules.r1 })); // [n]
        let fake_logits = judge(fake, Seen::FakeByDiscriminator, due(rules.r2, Penalty::Zero { weight: rules.r2 })); // [n]
        if let Some(between) = between {
            let _ = judge(between, Seen::BetweenByDiscriminator, steepness);
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
