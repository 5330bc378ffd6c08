//! The numbers of [`Regularisation`](super::Regularisation), [`Schedule`](super::Schedule) and their like, with the ranges they make sense in.

use std::ops::RangeInclusive;

use super::project::TrainSpec;

/// A number among the settings.
#[derive(Debug)]
pub struct Setting<'a> {
    /// What it is, as in a sentence.
    pub name: &'static str,
    /// Its value.
    pub value: &'a mut f32,
    /// Where it makes sense.
    pub range: RangeInclusive<f32>,
}

impl Setting<'_> {
    /// What is wrong with it.
    pub fn fault(&self) -> Option<String> {
        let (low, high) = (self.range.start(), self.range.end());
        let is_wrong = !self.range.contains(self.value);
        is_wrong.then(|| format!("{} is {}, but has to be between {low} and {high}", self.name, self.value))
    }

    /// Moves it into its range; what is no number is switched off.
    pub fn mend(self) {
        *self.value = if self.value.is_nan() { *self.range.start() } else { self.value.clamp(*self.range.start(), *self.range.end()) };
    }
}

/// No penalty is weighed more.
pub const MAX_PENALTY: f32 = 1e6;
/// No bound on weights or gradients is wider.
pub const MAX_BOUND: f32 = 1e6;
/// No noise is louder: data lie between -1 and 1.
pub const MAX_NOISE: f32 = 10.0;
/// Is it at least 0 and below 1, as what survives a step?
pub fn is_share(value: f32) -> bool {
    (0.0..1.0).contains(&value)
}

/// Penalties are never further apart, in steps of the discriminator.
pub const MAX_EVERY: usize = 1000;

impl TrainSpec {
    /// The numbers with a range.
    pub(super) fn numbers(&mut self) -> Vec<Setting<'_>> {
        let of = |name, value, high| Setting { name, value, range: 0.0..=high };
        let penalties = &mut self.regularisation;
        vec![
            of("the bound on the discriminator's weights", &mut penalties.clip, MAX_BOUND),
            of("the weight of the gradient penalty", &mut penalties.gradient_penalty, MAX_PENALTY),
            of("the weight of R1", &mut penalties.r1, MAX_PENALTY),
            of("the weight of R2", &mut penalties.r2, MAX_PENALTY),
            of("the weight of LeCam's penalty", &mut penalties.lecam, MAX_PENALTY),
            of("the longest gradient of the generator", &mut self.clip_gradient.generator, MAX_BOUND),
            of("the longest gradient of the discriminator", &mut self.clip_gradient.discriminator, MAX_BOUND),
            of("the smoothing of real labels", &mut self.smoothing.real, 0.5),
            of("the smoothing of fake labels", &mut self.smoothing.fake, 0.5),
            of("the instance noise", &mut self.noise.deviation, MAX_NOISE),
            of("the probability of augmentation", &mut self.augmentation.probability, 1.0),
            of("the target of augmentation", &mut self.augmentation.target, 1.0),
        ]
    }
}
