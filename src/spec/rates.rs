//! Both learning rates at once: a run that broke goes on with smaller ones.

use super::project::{OptimiserSpec, TrainSpec};

impl TrainSpec {
    /// The same with half of both learning rates.
    #[must_use]
    pub fn with_half_the_rates(&self) -> Self {
        let half = |spec: &OptimiserSpec| OptimiserSpec { learning_rate: 0.5 * spec.learning_rate, ..*spec };
        Self { generator: half(&self.generator), discriminator: half(&self.discriminator), ..self.clone() }
    }

    /// The same with the learning rates of other settings.
    #[must_use]
    pub fn with_rates_of(&self, other: &Self) -> Self {
        let with = |spec: &OptimiserSpec, other: &OptimiserSpec| OptimiserSpec { learning_rate: other.learning_rate, ..*spec };
        Self {
            generator: with(&self.generator, &other.generator),
            discriminator: with(&self.discriminator, &other.discriminator),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::{Loss, Preset};

    #[test]
    fn rates_are_halved_and_handed_over_and_nothing_else_is() {
        let train = Preset::from_name("ring8").unwrap().project().train;
        let half = train.with_half_the_rates();
        assert_eq!(half.generator.learning_rate, 0.5 * train.generator.learning_rate);
        assert_eq!(half.discriminator.learning_rate, 0.5 * train.discriminator.learning_rate);
        assert_eq!(half.with_rates_of(&train), train);
        let edited = train.with_loss(Loss::Hinge);
        let lowered = edited.with_rates_of(&half);
        assert_eq!((lowered.loss, lowered.generator), (Loss::Hinge, half.generator));
    }
}
