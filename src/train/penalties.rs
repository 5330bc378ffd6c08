//! What is added to the discriminator's loss: penalties on its gradients, and on how far it strays from what it used to say.
//!
//! A penalty on gradients is exact, although gradients are computed once only: see [`crate::nn::Dual`].

use burn::module::Module as _;
use burn::tensor::{Device, Tensor};

use super::augment::Augment;
use super::losses::judge;
use crate::nn::{Dual, Named, Network, Pass, Reading};
use crate::spec::{Loss, Regularisation};

/// A penalty on the length of the gradients of samples, `[channels, height, width]` each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Penalty {
    /// `weight * E (|g| - 1)^2` (Gulrajani et al., 2017).
    One {
        /// Its weight.
        weight: f32,
    },
    /// `weight / 2 * E |g|^2` (Mescheder et al., 2018).
    Zero {
        /// Its weight.
        weight: f32,
    },
}

/// Below it a gradient's length counts as this where it is divided by.
const SHORTEST: f32 = 1e-12;

impl Penalty {
    /// The penalty on gradients `[n, channels, height, width]`, `[1]`, and how it changes with them.
    fn of(self, gradient: Tensor<4>) -> (Tensor<1>, Tensor<4>) {
        let [n, channels, height, width] = gradient.dims();
        let squares = gradient.clone().powi_scalar(2).reshape([n, channels * height * width]).sum_dim(1); // [n, 1]
        match self {
            Self::One { weight } => {
                let length = squares.sqrt();
                let value = (length.clone() - 1.0).powi_scalar(2).mean() * weight;
                let share = (-length.clamp_min(SHORTEST).recip() + 1.0) * (2.0 * weight / n as f32); // [n, 1]
                (value, gradient * share.reshape([n, 1, 1, 1]))
            }
            Self::Zero { weight } => (squares.mean() * (weight / 2.0), gradient * (weight / n as f32)),
        }
    }
}

/// Samples that were judged and punished.
#[derive(Debug)]
pub struct Punished {
    /// What the discriminator says of each, `[n]`.
    pub logits: Tensor<1>,
    /// The penalty, `[1]`; no gradients flow from it.
    pub value: Tensor<1>,
    /// `[1]`: a number that has the penalty's gradient for every weight, and no meaning of its own.
    pub stand_in: Tensor<1>,
}

/// Judges `samples`, `[n, channels, height, width]`, in this pass, as `augment` lets them be seen, and punishes the gradients of what the
/// discriminator says by them: by the samples as they were before (Karras et al., 2020), so that what augments them counts as a part of
/// the discriminator.
pub fn punish(discriminator: &Network, loss: Loss, samples: Tensor<4>, augment: &Augment, pass: &Pass, penalty: Penalty) -> Punished {
    let leaf = samples.clone().detach().require_grad();
    // The same masks and noise as in the pass itself, and no gradients for weights.
    let ahead = judge(&discriminator.clone().no_grad(), loss, augment.apply(leaf.clone()), &pass.fork());
    let gradient = if ahead.is_tracked() { leaf.grad_remove(&mut ahead.sum().backward()) } else { None };
    // A discriminator that does not look at its input has no slope.
    let gradient = gradient.unwrap_or_else(|| samples.clone().inner().zeros_like());
    let (value, direction) = penalty.of(gradient);
    let samples = Dual::new(augment.apply(samples), augment.change(direction.autodiff()));
    let [logits, change] =
        if loss.has_probability() { discriminator.logits_jvp(samples, pass) } else { discriminator.scores_jvp(samples, pass) };
    Punished { logits, value, stand_in: change.sum() }
}

/// Random places on the lines between real and generated samples, one share in 0 to 1 for each.
pub fn between(real: Tensor<4>, fake: Tensor<4>, shares: Tensor<4>) -> Tensor<4> {
    fake.clone() + (real - fake) * shares
}

/// What penalties remember from step to step, on the run's device without autodiff.
#[derive(Debug, Default)]
pub struct Memory {
    /// The penalty on gradients when it was computed last, `[1]`.
    last: Option<Tensor<1>>,
    /// The running means of what the discriminator says of real and of generated samples, `[1]` each.
    means: Option<[Tensor<1>; 2]>,
}

/// How much of a running mean survives a step (Tseng et al., 2021, section 4).
const KEEP: f32 = 0.99;

const NAMES: [&str; 3] = ["last", "mean_real", "mean_fake"];

impl Memory {
    /// Forgets what these settings have no use for.
    pub fn keep_for(&mut self, rules: &Regularisation) {
        if !rules.punishes_gradients() {
            self.last = None;
        }
        if rules.lecam <= 0.0 {
            self.means = None;
        }
    }

    /// The penalty on gradients that was computed last; a new one takes its place.
    pub fn gradients(&mut self, new: Option<Tensor<1>>) -> Option<Tensor<1>> {
        self.last = new.or_else(|| self.last.take());
        self.last.clone()
    }

    /// LeCam's penalty, `[1]`, for logits `[n]`: their distance to the running mean of the other kind, which they move first.
    pub fn lecam(&mut self, weight: f32, logits: [&Tensor<1>; 2]) -> Tensor<1> {
        let now = logits.map(|logits| logits.clone().inner().mean());
        let means = match self.means.take() {
            Some([real, fake]) => {
                let [now_real, now_fake] = now;
                [real * KEEP + now_real * (1.0 - KEEP), fake * KEEP + now_fake * (1.0 - KEEP)]
            }
            None => now,
        };
        self.means = Some(means.clone());
        let [mean_real, mean_fake] = means.map(Tensor::autodiff);
        let [real, fake] = logits.map(Tensor::clone);
        ((real - mean_fake).powi_scalar(2).mean() + (fake - mean_real).powi_scalar(2).mean()) * weight
    }

    /// All of it by name.
    ///
    /// # Errors
    /// The device failed, in words.
    pub fn read(&self) -> Result<Named, String> {
        let mut reading = Reading::default();
        let [real, fake] = self.means.as_ref().map_or([None, None], |means| means.each_ref().map(Some));
        for (name, tensor) in NAMES.into_iter().zip([self.last.as_ref(), real, fake]) {
            if let Some(tensor) = tensor {
                reading.add(name.to_owned(), tensor.clone());
            }
        }
        reading.finish()
    }

    /// What [`Self::read`] read.
    pub fn restore(named: &Named, device: &Device) -> Self {
        let found =
            |name: &str| named.get(name).filter(|values| values.shape == [1]).map(|values| Tensor::from_data(values.to_data(), device));
        let [last, real, fake] = NAMES.map(found);
        Self { last, means: real.zip(fake).map(|(real, fake)| [real, fake]) }
    }
}
