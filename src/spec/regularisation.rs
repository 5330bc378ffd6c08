//! What keeps a discriminator from becoming too sharp: bounds and penalties, beside the loss.

use serde::{Deserialize, Serialize};

use super::project::{Loss, TrainSpec};

/// The bound on a critic's weights that Arjovsky et al. (2017) use.
pub const USUAL_CLIP: f32 = 0.01;
/// The weight of the gradient penalty that Gulrajani et al. (2017) use.
pub const USUAL_GRADIENT_PENALTY: f32 = 10.0;

/// Bounds and penalties on the discriminator; 0 switches each of them off. `D` is the logit, or the critic's score, of one sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Regularisation {
    /// Every weight of the discriminator is kept within ±`clip` (Arjovsky et al., 2017).
    pub clip: f32,
    /// `gradient_penalty * E (|grad D| - 1)^2`, at random places between real and generated samples (Gulrajani et al., 2017).
    pub gradient_penalty: f32,
    /// `r1 / 2 * E |grad D|^2` at real samples (Mescheder et al., 2018).
    pub r1: f32,
    /// The same at generated samples.
    pub r2: f32,
    /// `lecam * (E (D(real) - a_fake)^2 + E (D(fake) - a_real)^2)`, `a` the running means of what D said (Tseng et al., 2021, as the
    /// paper writes it).
    pub lecam: f32,
    /// Penalties on gradients are computed at every so many steps of the discriminator, and count so many times (Karras et al., 2020).
    pub every: usize,
}

impl Default for Regularisation {
    fn default() -> Self {
        Self { clip: 0.0, gradient_penalty: 0.0, r1: 0.0, r2: 0.0, lecam: 0.0, every: 1 }
    }
}

impl Regularisation {
    /// Are gradients punished?
    pub fn punishes_gradients(&self) -> bool {
        self.gradient_penalty > 0.0 || self.r1 > 0.0 || self.r2 > 0.0
    }

    /// Is anything added to the discriminator's loss?
    pub fn adds_penalty(&self) -> bool {
        self.punishes_gradients() || self.lecam > 0.0
    }

    /// Is there a bound on how steep the discriminator may become?
    pub fn bounds_slope(&self) -> bool {
        self.clip > 0.0 || self.punishes_gradients()
    }
}

impl TrainSpec {
    /// Another loss. A Wasserstein critic that nothing bounds has its weights clipped, as it was first proposed; with other losses nothing is.
    #[must_use]
    pub fn with_loss(&self, loss: Loss) -> Self {
        let mut train = Self { loss, ..self.clone() };
        match (self.loss, loss) {
            (_, Loss::Wasserstein) if !train.regularisation.bounds_slope() => train.regularisation.clip = USUAL_CLIP,
            (Loss::Wasserstein, other) if other != Loss::Wasserstein => train.regularisation.clip = 0.0,
            _ => {}
        }
        train
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Preset;

    #[test]
    fn a_wasserstein_critic_is_clipped_unless_something_else_bounds_it() {
        let train = Preset::from_name("ring8").unwrap().project().train;
        let chosen = train.with_loss(Loss::Wasserstein);
        assert_eq!(chosen.regularisation, Regularisation { clip: USUAL_CLIP, ..Regularisation::default() });
        assert_eq!(chosen.with_loss(Loss::Hinge), train.with_loss(Loss::Hinge), "the clipping goes with the loss");
        let penalty = Regularisation { gradient_penalty: 10.0, ..Regularisation::default() };
        let punished = TrainSpec { regularisation: penalty, ..train }.with_loss(Loss::Wasserstein);
        assert_eq!(punished.regularisation, penalty);
        assert_eq!(punished.with_loss(Loss::Wasserstein), punished);
    }
}
