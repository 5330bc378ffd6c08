//! How often samples are augmented, where that follows how sure the discriminator is (Karras et al., 2020, section 3).

use burn::tensor::{Device, Tensor};

use crate::nn::{Named, Reading, TensorValues};
use crate::spec::{Augmentation, Loss};

/// Steps of the discriminator from one move of the probability to the next.
const INTERVAL: u64 = 4;

/// The probability and what it will be moved by, on the run's device without autodiff: no step waits for it.
#[derive(Debug, Default)]
pub struct Strength {
    /// The probability, `[1]`; 0 while it never moved.
    p: Option<Tensor<1>>,
    /// The sum of `sign(D(real))` over the samples since it last moved, `[1]`.
    signs: Option<Tensor<1>>,
    /// Those samples.
    samples: u64,
    /// The steps in which they were seen.
    steps: u64,
}

impl Strength {
    /// Forgets what these settings have no use for.
    pub fn keep_for(&mut self, rules: &Augmentation) {
        if !rules.adapts() {
            *self = Self::default();
        }
    }

    /// The probability with which every change is made in this step, `[1]`.
    pub fn probability(&self, rules: &Augmentation, device: &Device) -> Tensor<1> {
        match &self.p {
            Some(p) if rules.adaptive => p.clone(),
            _ if rules.adaptive => Tensor::zeros([1], device),
            _ => Tensor::full([1], rules.probability, device),
        }
    }

    /// The probability, where it adapts itself.
    pub fn adapted(&self) -> Option<&Tensor<1>> {
        self.p.as_ref()
    }

    /// Takes in what the discriminator says of `samples` real samples, which stand for `[packs]` verdicts. At every fourth time it moves the
    /// probability by the share of the ramp that these samples are: up where the mean sign is above the target, else down.
    pub fn hear(&mut self, rules: &Augmentation, loss: Loss, verdicts: &Tensor<1>, samples: u64) {
        if !rules.adapts() {
            return;
        }
        let verdicts = verdicts.clone().inner();
        let device = verdicts.device();
        let sum = (verdicts - border(loss)).sign().mean() * samples as f32;
        let sum = match self.signs.take() {
            Some(before) => before + sum,
            None => sum,
        };
        self.samples += samples;
        self.steps += 1;
        let p = self.p.take().unwrap_or_else(|| Tensor::zeros([1], &device));
        if self.steps < INTERVAL {
            (self.signs, self.p) = (Some(sum), Some(p));
            return;
        }
        let move_by = self.samples as f32 / (rules.ramp as f32 * 1000.0);
        let direction = (sum / self.samples as f32 - rules.target).sign();
        *self = Self { p: Some((p + direction * move_by).clamp(0.0, 1.0)), ..Self::default() };
    }

    /// All of it by name.
    ///
    /// # Errors
    /// The device failed, in words.
    pub fn read(&self) -> Result<Named, String> {
        let mut reading = Reading::default();
        for (name, tensor) in [("p", &self.p), ("signs", &self.signs)] {
            if let Some(tensor) = tensor {
                reading.add(name.to_owned(), tensor.clone());
            }
        }
        let mut named = reading.finish()?;
        if self.p.is_some() {
            named.insert("seen".to_owned(), TensorValues { shape: vec![2], values: vec![self.samples as f32, self.steps as f32] });
        }
        Ok(named)
    }

    /// What [`Self::read`] read.
    pub fn restore(named: &Named, device: &Device) -> Self {
        let found =
            |name: &str| named.get(name).filter(|values| values.shape == [1]).map(|values| Tensor::from_data(values.to_data(), device));
        let seen = named.get("seen").and_then(|seen| <[f32; 2]>::try_from(seen.values.as_slice()).ok());
        let [samples, steps] = seen.unwrap_or_default().map(|count| count as u64);
        Self { p: found("p"), signs: found("signs"), samples, steps }
    }
}

/// The score on whose upper side samples count as real: in the middle between the targets, where a loss has any.
const fn border(loss: Loss) -> f32 {
    if matches!(loss, Loss::LeastSquares) { 0.5 } else { 0.0 }
}
