//! All numbers of a step as JSON.

use serde::Serialize;

use super::{layer_name, lesson};
use crate::spec::{Project, Role};
use crate::train::Story;

/// The line that `--json` prints.
#[derive(Debug, Serialize)]
struct Told {
    /// Which step of the generator it is.
    step: u64,
    loss: &'static str,
    /// Samples of a kind that it learned from.
    batch: usize,
    /// Steps of the discriminator in it, of which the last is told.
    d_steps: usize,
    /// The first latent vector.
    first_latent: Vec<f32>,
    /// What the discriminator says on average, before and after its step: the probability of being real, where the loss has one.
    verdict_on_real: [f32; 2],
    verdict_on_generated: [f32; 2],
    /// What it then says of what the generator makes, before and after the generator's step.
    verdict_on_made: [f32; 2],
    discriminator: Network,
    generator: Network,
}

/// How a network learned.
#[derive(Debug, Serialize)]
struct Network {
    /// Before its step, and after it on the same samples.
    loss: f32,
    loss_after: f32,
    /// What of it is about real and what about generated samples; null where they are not apart.
    from_real: Option<f32>,
    from_generated: Option<f32>,
    penalty: f32,
    /// The length of the gradient.
    gradient: f32,
    /// How far the weights moved, as a share of their length.
    update: f32,
    layers: Vec<Layer>,
}

/// Lengths of a layer's gradient, of the move of its weights, and of these before.
#[derive(Debug, Serialize)]
struct Layer {
    layer: String,
    gradient: f32,
    moved: f32,
    weights: f32,
}

/// The step as a line of JSON. What is no number is null.
pub(super) fn json(project: &Project, story: &Story) -> String {
    let means = |scores: &[Vec<f32>; 2]| scores.each_ref().map(|scores| story.mean(scores));
    let told = Told {
        step: story.step,
        loss: story.loss.name(),
        batch: story.batch,
        d_steps: story.d_steps,
        first_latent: story.latents.iter().take(story.latent_size).copied().collect(),
        verdict_on_real: means(&story.scores.real),
        verdict_on_generated: means(&story.scores.fake),
        verdict_on_made: means(&story.scores.made),
        discriminator: network(project, story, Role::Discriminator),
        generator: network(project, story, Role::Generator),
    };
    // Numbers and names always become JSON.
    serde_json::to_string(&told).unwrap_or_default()
}

fn network(project: &Project, story: &Story, role: Role) -> Network {
    let lesson = lesson(story, role);
    let layer = |layer: &crate::train::LayerLesson| Layer {
        layer: layer_name(project, role, layer),
        gradient: layer.gradient,
        moved: layer.moved,
        weights: layer.weights,
    };
    Network {
        loss: lesson.loss,
        loss_after: lesson.after,
        from_real: lesson.parts.map(|[real, _]| real),
        from_generated: lesson.parts.map(|[_, generated]| generated),
        penalty: lesson.penalty,
        gradient: lesson.gradient(),
        update: lesson.update(),
        layers: lesson.layers.iter().map(layer).collect(),
    }
}
