//! One step as it is told: what was drawn, made, said, lost and moved, in plain numbers.

use super::losses;
use super::snapshot::{HeatMap, Pictures};
use super::stage::Stage;
use super::trainer::{Notes, TrainerError, layer_name, noted};
use super::vitals::values;
use crate::data::Dataset;
use crate::nn::{Named, Network};
use crate::spec::{LabelSmoothing, LayerId, Loss, Role, Shape};

/// Pictures told of.
const PICTURES: usize = 16;
/// Points of the plane told of.
const POINTS: usize = 128;

/// What happened in one step. Of several steps of the discriminator, the last is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// Generator steps done, this one included.
    pub step: u64,
    /// What both networks minimise.
    pub loss: Loss,
    /// How far from 1 and 0 the discriminator is to stay.
    pub smoothing: LabelSmoothing,
    /// The shape of a sample.
    pub shape: Shape,
    /// Samples of a kind that the step learned from.
    pub batch: usize,
    /// Samples that are judged at once.
    pub packing: usize,
    /// Steps of the discriminator in this step.
    pub d_steps: usize,
    /// The first latent vectors, one after the other.
    pub latents: Vec<f32>,
    /// Values of a latent vector.
    pub latent_size: usize,
    /// The first real samples, `[shown, channels, height, width]` flat.
    pub real: Vec<f32>,
    /// What the generator made of the first latent vectors, likewise.
    pub made: Vec<f32>,
    /// What it makes of them after its step.
    pub moved: Vec<f32>,
    /// Minus the gradient of the generator's loss for what it made: the way each sample is pushed.
    pub pushes: Vec<f32>,
    /// What the discriminator says.
    pub scores: Scores,
    /// How the discriminator learned.
    pub discriminator: Lesson,
    /// How the generator learned.
    pub generator: Lesson,
    /// The discriminator's verdict on the plane before and after its step, for points.
    pub fields: Option<[HeatMap; 2]>,
}

/// The discriminator's scores, one for each pack of the batch: logits where the loss has probabilities.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// Of real samples, before and after its step.
    pub real: [Vec<f32>; 2],
    /// Of generated ones, before and after its step.
    pub fake: [Vec<f32>; 2],
    /// After its step, of what the generator makes before and after its own.
    pub made: [Vec<f32>; 2],
}

/// How a network learned in one step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lesson {
    /// Its loss, without the penalty.
    pub loss: f32,
    /// The same of the same samples after its step.
    pub after: f32,
    /// What of it is about real and what about generated samples, where they are apart.
    pub parts: Option<[f32; 2]>,
    /// What is added to it.
    pub penalty: f32,
    /// What moved.
    pub layers: Vec<LayerLesson>,
}

/// What a step did to a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerLesson {
    /// Which.
    pub id: LayerId,
    /// The length of its gradient.
    pub gradient: f32,
    /// The length of its move.
    pub moved: f32,
    /// The length of its weights before.
    pub weights: f32,
}

impl Lesson {
    /// The length of the whole gradient, before it is clipped.
    pub fn gradient(&self) -> f32 {
        self.layers.iter().map(|layer| layer.gradient.powi(2)).sum::<f32>().sqrt()
    }

    /// How far the weights moved, as a share of their length.
    pub fn update(&self) -> f32 {
        let length = |of: fn(&LayerLesson) -> f32| self.layers.iter().map(|layer| of(layer).powi(2)).sum::<f32>().sqrt();
        let weights = length(|layer| layer.weights);
        if weights > 0.0 { length(|layer| layer.moved) / weights } else { 0.0 }
    }

    /// The layer with the longest gradient.
    pub fn steepest(&self) -> Option<LayerLesson> {
        self.layers.iter().copied().max_by(|a, b| a.gradient.total_cmp(&b.gradient))
    }
}

impl Story {
    /// How many samples of a kind are told of.
    pub fn shown(&self) -> usize {
        self.made.len() / self.shape.values().max(1)
    }

    /// A score as it is said: the probability that a sample is real, where the loss has one.
    pub fn verdict(&self, score: f32) -> f32 {
        if self.loss.has_probability() { 1.0 / (1.0 + (-score).exp()) } else { score }
    }

    /// The mean of the verdicts.
    pub fn mean(&self, scores: &[f32]) -> f32 {
        scores.iter().map(|score| self.verdict(*score)).sum::<f32>() / scores.len().max(1) as f32
    }

    /// The verdict on one of the samples told of; packed, on those around it.
    pub fn verdict_on(&self, scores: &[f32], index: usize) -> Option<f32> {
        scores.get(index / self.packing.max(1)).map(|score| self.verdict(*score))
    }

    /// Samples as points, where they are.
    pub fn points<'a>(&self, samples: &'a [f32]) -> &'a [[f32; 2]] {
        if self.shape == Shape::vector(2) { samples.as_chunks::<2>().0 } else { &[] }
    }

    /// Samples as pictures.
    pub fn pictures(&self, samples: &[f32]) -> Pictures {
        Pictures::from_values(self.shape, samples)
    }
}

impl Stage {
    /// What was noted of the step just taken; waits for the device.
    ///
    /// # Errors
    /// The device failed.
    pub(super) fn story(&self, notes: Notes, dataset: &Dataset) -> Result<Story, TrainerError> {
        let named = notes.reading.finish().map_err(TrainerError)?;
        let settings = self.trainer.settings();
        let (shape, latent_size) = (self.project.data.shape(), self.project.generator.input.values());
        let is_points = self.project.data.is_points();
        let shown = (if is_points { POINTS } else { PICTURES }).min(settings.batch_size);
        let first = |name: &str, size: usize| values(&named, name).iter().copied().take(shown * size).collect::<Vec<_>>();
        let both = |names: [&str; 2]| names.map(|name| values(&named, name).to_vec());
        let scores = Scores { real: both(noted::REAL_SCORES), fake: both(noted::FAKE_SCORES), made: both(noted::MADE_SCORES) };
        let fields = match &notes.judges[..] {
            [before, after] if is_points => {
                let field = |judge: &Network| self.verdict(judge, Some(dataset));
                Some([field(before)?, field(after)?])
            }
            _ => None,
        };
        let [d_loss, _, _, penalty, g_loss] = <[f32; 5]>::try_from(values(&named, noted::NUMBERS)).unwrap_or([f32::NAN; 5]);
        let [d_after, g_after] = noted::LOSSES_AFTER.map(|name| values(&named, name).first().copied().unwrap_or(f32::NAN));
        let layers = |role| layers(&named, &notes.layers, role);
        let parts = parts(settings.loss, settings.smoothing, &scores.real[0], &scores.fake[0]);
        Ok(Story {
            step: self.trainer.g_steps(),
            loss: settings.loss,
            smoothing: settings.smoothing,
            shape,
            batch: settings.batch_size,
            packing: settings.packing.max(1),
            d_steps: self.trainer.batches_of_step(),
            latents: notes.latents.into_iter().take(shown * latent_size).collect(),
            latent_size,
            real: first(noted::REAL, shape.values()),
            made: first(noted::MADE, shape.values()),
            moved: first(noted::MOVED, shape.values()),
            pushes: first(noted::PUSHES, shape.values()),
            discriminator: Lesson { loss: d_loss, after: d_after, parts, penalty, layers: layers(Role::Discriminator) },
            generator: Lesson { loss: g_loss, after: g_after, parts: None, penalty: 0.0, layers: layers(Role::Generator) },
            scores,
            fields,
        })
    }
}

fn layers(named: &Named, moved: &[(Role, LayerId)], role: Role) -> Vec<LayerLesson> {
    let of = |id: LayerId| {
        let [gradient, moved, weights] = values(named, &layer_name(role, id)).try_into().ok()?;
        Some(LayerLesson { id, gradient: f32::sqrt(gradient), moved: f32::sqrt(moved), weights: f32::sqrt(weights) })
    };
    moved.iter().filter(|(other, _)| *other == role).filter_map(|(_, id)| of(*id)).collect()
}

/// What of the discriminator's loss is about real samples and what about generated ones, as [`losses::discriminator`] adds them. A loss of
/// pairs has no such parts.
fn parts(loss: Loss, smoothing: LabelSmoothing, real: &[f32], fake: &[f32]) -> Option<[f32; 2]> {
    let mean = |scores: &[f32], of: &dyn Fn(f32) -> f32| scores.iter().map(|score| of(*score)).sum::<f32>() / scores.len().max(1) as f32;
    let plain: &dyn Fn(f32) -> f32 = &|score| score;
    let LabelSmoothing { real: less, fake: more } = smoothing;
    Some(match loss {
        Loss::Minimax | Loss::NonSaturating => {
            [mean(real, &|x| losses::softplus_of(-x) + less * x), mean(fake, &|x| losses::softplus_of(x) - more * x)]
        }
        Loss::LeastSquares => [mean(real, &|x| 0.5 * (x - (1.0 - less)).powi(2)), mean(fake, &|x| 0.5 * (x - more).powi(2))],
        Loss::Hinge => [mean(real, &|x| (1.0 - x).max(0.0)), mean(fake, &|x| (1.0 + x).max(0.0))],
        Loss::Wasserstein => [-mean(real, plain), mean(fake, plain)],
        Loss::RelativisticPaired => return None,
        Loss::RelativisticAverage => {
            let [of_real, of_fake] = [mean(real, plain), mean(fake, plain)];
            [mean(real, &|x| losses::softplus_of(of_fake - x)), mean(fake, &|x| losses::softplus_of(x - of_real))]
        }
    })
}

#[cfg(test)]
mod tests;
