//! The objectives: what each network minimises, from logits.

use burn::tensor::{Tensor, activation};

use crate::nn::layers::softplus;
use crate::spec::Loss;

/// What the discriminator minimises; logits are `[n]`, the result is `[1]`.
pub fn discriminator(loss: Loss, real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
    match loss {
        // -ln sigmoid(real) - ln(1 - sigmoid(fake))
        Loss::Minimax | Loss::NonSaturating => softplus(-real).mean() + softplus(fake).mean(),
        Loss::LeastSquares => ((real - 1.0).powi_scalar(2).mean() + fake.powi_scalar(2).mean()) * 0.5,
        Loss::Hinge => activation::relu(-real + 1.0).mean() + activation::relu(fake + 1.0).mean(),
        Loss::Wasserstein { .. } => fake.mean() - real.mean(),
    }
}

/// What the generator minimises; logits of generated samples are `[n]`, the result is `[1]`.
pub fn generator(loss: Loss, fake: Tensor<1>) -> Tensor<1> {
    match loss {
        // ln(1 - sigmoid(fake))
        Loss::Minimax => -softplus(fake).mean(),
        // -ln sigmoid(fake)
        Loss::NonSaturating => softplus(-fake).mean(),
        Loss::LeastSquares => (fake - 1.0).powi_scalar(2).mean() * 0.5,
        Loss::Hinge | Loss::Wasserstein { .. } => -fake.mean(),
    }
}

/// The mean verdict, `[1]`: a probability where the loss has one, else the score.
pub fn verdict(loss: Loss, logits: Tensor<1>) -> Tensor<1> {
    if loss.has_probability() { activation::sigmoid(logits).mean() } else { logits.mean() }
}

/// A score as a colour's strength, from 0 (surely generated) to 1 (surely real), where one score says enough.
pub fn certainty(loss: Loss, score: f32) -> f32 {
    let share = match loss {
        Loss::Minimax | Loss::NonSaturating => 1.0 / (1.0 + (-score).exp()),
        Loss::LeastSquares => score,
        // The hinge is satisfied at -1 and 1.
        Loss::Hinge => (score + 1.0) / 2.0,
        // A critic's scores have no scale of their own.
        Loss::Wasserstein { .. } => 1.0 / (1.0 + (-score).exp()),
    };
    share.clamp(0.0, 1.0)
}
