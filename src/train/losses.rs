//! The objectives: what each network minimises, from logits.

use burn::tensor::{Tensor, activation};

use crate::nn::layers::softplus;
use crate::nn::{Network, Pass};
use crate::spec::{LabelSmoothing, Loss};

/// The discriminator's scores for samples, `[n]`: logits where the loss has probabilities. A final sigmoid belongs to the losses that have
/// probabilities; the others take the output as it is.
pub fn judge(discriminator: &Network, loss: Loss, samples: Tensor<4>, pass: &Pass) -> Tensor<1> {
    if loss.has_probability() { discriminator.logits(samples, pass) } else { discriminator.scores(samples, pass) }
}

/// What the discriminator minimises; logits are `[n]`, of as many real as generated samples, the result is `[1]`.
pub fn discriminator(loss: Loss, smoothing: LabelSmoothing, real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
    match loss {
        // -ln sigmoid(real) - ln(1 - sigmoid(fake))
        Loss::Minimax | Loss::NonSaturating => cross_entropy(real, fake, smoothing),
        Loss::LeastSquares => {
            let LabelSmoothing { real: less, fake: more } = smoothing;
            let fake = if more == 0.0 { fake } else { fake - more };
            ((real - (1.0 - less)).powi_scalar(2).mean() + fake.powi_scalar(2).mean()) * 0.5
        }
        Loss::Hinge => activation::relu(-real + 1.0).mean() + activation::relu(fake + 1.0).mean(),
        Loss::Wasserstein => fake.mean() - real.mean(),
        Loss::RelativisticPaired => softplus(fake - real).mean(),
        Loss::RelativisticAverage => against_the_mean(real, fake),
    }
}

/// Towards `1 - smoothing.real` and `smoothing.fake`.
fn cross_entropy(real: Tensor<1>, fake: Tensor<1>, LabelSmoothing { real: less, fake: more }: LabelSmoothing) -> Tensor<1> {
    // -t ln sigmoid(x) - (1 - t) ln(1 - sigmoid(x)) = softplus(-x) + (1 - t) x = softplus(x) - t x
    let of_real = softplus(-real.clone()).mean();
    let of_real = if less == 0.0 { of_real } else { of_real + real.mean() * less };
    let of_fake = softplus(fake.clone()).mean();
    let of_fake = if more == 0.0 { of_fake } else { of_fake - fake.mean() * more };
    of_real + of_fake
}

/// Cross-entropy where `high` shall be above the mean of `low`, and the other way round.
fn against_the_mean(high: Tensor<1>, low: Tensor<1>) -> Tensor<1> {
    softplus(low.clone().mean() - high.clone()).mean() + softplus(low - high.mean()).mean()
}

/// What the generator minimises; logits of generated samples are `[n]`, the result is `[1]`. A loss that compares wants those of as many
/// real samples, and compares with 0 where there are none.
pub fn generator(loss: Loss, fake: Tensor<1>, real: Option<Tensor<1>>) -> Tensor<1> {
    let real = |fake: &Tensor<1>| real.unwrap_or_else(|| fake.zeros_like());
    match loss {
        // ln(1 - sigmoid(fake))
        Loss::Minimax => -softplus(fake).mean(),
        // -ln sigmoid(fake)
        Loss::NonSaturating => softplus(-fake).mean(),
        Loss::LeastSquares => (fake - 1.0).powi_scalar(2).mean() * 0.5,
        Loss::Hinge | Loss::Wasserstein => -fake.mean(),
        Loss::RelativisticPaired => softplus(real(&fake) - fake).mean(),
        Loss::RelativisticAverage => against_the_mean(fake.clone(), real(&fake)),
    }
}

/// The mean verdict, `[1]`: a probability where the loss has one, else the score.
pub fn verdict(loss: Loss, logits: Tensor<1>) -> Tensor<1> {
    if loss.has_probability() { activation::sigmoid(logits).mean() } else { logits.mean() }
}

/// `ln(1 + exp(x))` of one number, without overflow.
pub fn softplus_of(x: f32) -> f32 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// A score as a colour's strength, from 0 (surely generated) to 1 (surely real), where one score says enough.
pub fn certainty(loss: Loss, score: f32) -> f32 {
    let share = match loss {
        // A critic's scores have no scale of their own; the logistic function serves them, too.
        Loss::Minimax | Loss::NonSaturating | Loss::Wasserstein | Loss::RelativisticPaired | Loss::RelativisticAverage => {
            1.0 / (1.0 + (-score).exp())
        }
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
        #[serde(default)]
        smoothing: LabelSmoothing,
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
        // Each with ordinary and extreme logits; those with targets twice more, smoothed.
        let with_targets = Loss::ALL.into_iter().filter(|loss| loss.has_targets()).count();
        assert_eq!(entries.len(), 2 * (Loss::ALL.len() + 2 * with_targets));
        for entry in entries {
            let close = |what: &str, got: &[f32], wanted: &[f32]| assert_close(&format!("{}: {what}", entry.name), got, wanted, 2e-6);
            let (real, fake) = (logits(&entry.real), logits(&entry.fake));
            let d_loss = discriminator(entry.loss, entry.smoothing, real.clone(), fake.clone());
            close("discriminator's loss", &values(d_loss.clone()), &[entry.d_loss]);
            let gradients = d_loss.backward();
            close("gradient of real logits", &values(real.grad(&gradients).unwrap()), &entry.d_grad_real.values);
            close("gradient of fake logits", &values(fake.grad(&gradients).unwrap()), &entry.d_grad_fake.values);

            let fake = logits(&entry.fake);
            let g_loss = generator(entry.loss, fake.clone(), Some(logits(&entry.real)));
            close("generator's loss", &values(g_loss.clone()), &[entry.g_loss]);
            close("generator's gradient", &values(fake.grad(&g_loss.backward()).unwrap()), &entry.g_grad_fake.values);

            close("verdict on real", &values(verdict(entry.loss, logits(&entry.real))), &[entry.d_real]);
            close("verdict on fake", &values(verdict(entry.loss, logits(&entry.fake))), &[entry.d_fake]);
        }
    }
}
