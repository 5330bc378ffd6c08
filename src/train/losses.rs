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
        // A critic's scores have no scale of their own; the logistic function serves them, too.
        Loss::Minimax | Loss::NonSaturating | Loss::Wasserstein { .. } => 1.0 / (1.0 + (-score).exp()),
        Loss::LeastSquares => score,
        // The hinge is satisfied at -1 and 1.
        Loss::Hinge => (score + 1.0) / 2.0,
    };
    share.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;
    use serde::Deserialize;

    use super::*;
    use crate::device;
    use crate::reference::{Values, assert_close, table};

    #[derive(Deserialize)]
    struct Entry {
        name: String,
        loss: Loss,
        real: Values,
        fake: Values,
        d_loss: f32,
        d_grad_real: Values,
        d_grad_fake: Values,
        g_loss: f32,
        g_grad_fake: Values,
        d_real: f32,
        d_fake: f32,
    }

    fn logits(values: &Values) -> Tensor<1> {
        Tensor::from_data(TensorData::new(values.values.clone(), values.dims::<1>()), &device::cpu().autodiff()).require_grad()
    }

    fn values(tensor: Tensor<1>) -> Vec<f32> {
        tensor.into_data().try_into_vec::<f32>().unwrap()
    }

    #[test]
    fn losses_and_their_gradients_are_pytorchs() {
        let entries: Vec<Entry> = table(include_str!("../../tests/reference/losses.json"));
        assert_eq!(entries.len(), 2 * Loss::ALL.len());
        for entry in entries {
            let close = |what: &str, got: &[f32], wanted: &[f32]| assert_close(&format!("{}: {what}", entry.name), got, wanted, 2e-6);
            let (real, fake) = (logits(&entry.real), logits(&entry.fake));
            let d_loss = discriminator(entry.loss, real.clone(), fake.clone());
            close("discriminator's loss", &values(d_loss.clone()), &[entry.d_loss]);
            let gradients = d_loss.backward();
            close("gradient of real logits", &values(real.grad(&gradients).unwrap()), &entry.d_grad_real.values);
            close("gradient of fake logits", &values(fake.grad(&gradients).unwrap()), &entry.d_grad_fake.values);

            let fake = logits(&entry.fake);
            let g_loss = generator(entry.loss, fake.clone());
            close("generator's loss", &values(g_loss.clone()), &[entry.g_loss]);
            close("generator's gradient", &values(fake.grad(&g_loss.backward()).unwrap()), &entry.g_grad_fake.values);

            close("verdict on real", &values(verdict(entry.loss, logits(&entry.real))), &[entry.d_real]);
            close("verdict on fake", &values(verdict(entry.loss, logits(&entry.fake))), &[entry.d_fake]);
        }
    }
}
