//! What is measured of a run now and then, as plain numbers.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::spec::{LayerId, Role, TrainSpec};

/// The vital signs of a run at one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Vitals {
    /// Generator steps done.
    pub step: u64,
    /// The settings of that step.
    pub settings: Arc<TrainSpec>,
    /// The generator's mean loss since the signs were taken before.
    pub g_loss: f32,
    /// The discriminator's, likewise, without penalties.
    pub d_loss: f32,
    /// The length of each network's gradient, all weights together and before it is clipped: the generator's first.
    pub gradients: [f32; 2],
    /// The layers of which there is something to say, each network's in order.
    pub layers: Vec<LayerVitals>,
    /// What the discriminator says.
    pub scores: ScoreVitals,
    /// What the generator makes.
    pub samples: SampleVitals,
    /// The run ended here: whose loss or weights were no sound numbers any more.
    pub broken: Option<Role>,
}

#[cfg(test)]
impl Vitals {
    /// Signs of which only the step and the settings matter, for tests.
    pub fn blank(step: u64, settings: &Arc<TrainSpec>) -> Self {
        Self {
            step,
            settings: Arc::clone(settings),
            g_loss: 0.0,
            d_loss: 0.0,
            gradients: [0.0; 2],
            layers: Vec::new(),
            scores: ScoreVitals::default(),
            samples: SampleVitals::default(),
            broken: None,
        }
    }
}

/// The signs of one layer. Each is there where the layer has it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerVitals {
    /// Its network.
    pub role: Role,
    /// The layer.
    pub id: LayerId,
    /// The length of the gradient of its weights.
    pub gradient: Option<f32>,
    /// How far its weights moved in one step, over their own length. Healthy are about 1e-3 (Karpathy, CS231n notes, "Neural networks
    /// part 3").
    pub update: Option<f32>,
    /// Of a ReLU: the share of its units, channels of maps, that were 0 for every sample of a batch; 0 to 1.
    pub dead: Option<f32>,
    /// Of tanh and sigmoid: the share of its values that stood beyond 0.99 of the way to their bounds for nearly all samples of a batch;
    /// 0 to 1.
    pub saturated: Option<f32>,
}

/// What the discriminator says of samples, in a pass that changes nothing. Scores are logits where the loss has probabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScoreVitals {
    /// The mean score of training samples.
    pub train: f32,
    /// The mean score of held-out real samples; none where none are held out.
    pub held_out: Option<f32>,
    /// How many samples are held out.
    pub held_count: usize,
    /// The mean score of generated samples.
    pub fake: f32,
    /// The probability that a real training sample is scored above a generated one: 0.5 is guessing, 1 is certain. It means the same for
    /// every loss, whatever the scale of its scores.
    pub apart: f32,
    /// The probability that a training sample is scored above a held-out one: 0.5 where the discriminator has not learned training samples
    /// by heart.
    pub known: Option<f32>,
    /// `(train - held out) / (train - fake)` of the mean scores: 0 no overfitting, 1 complete (Karras et al., 2020, "Training generative
    /// adversarial networks with limited data", equation 1, `r_v`). None where training and generated samples score alike.
    pub memorised: Option<f32>,
}

/// What the generator makes of latents that stay the same, beside as many real samples. Distances are Euclidean, between values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SampleVitals {
    /// The mean distance between two generated samples, over that between two real ones: 1 is as diverse as the data, 0 all the same.
    pub diversity: f32,
    /// How far a sample moved since the signs were taken before, over the mean distance between two real samples; none the first time.
    pub moved: Option<f32>,
    /// How far their mean moved, likewise.
    pub drifted: Option<f32>,
    /// How different the two sets are: the energy distance over its largest value (Székely and Rizzo, 2013), without bias; 0 no difference, 1
    /// nothing in common.
    pub difference: f32,
    /// The share of generated samples that lie among real ones: within the ball of a real sample to its fifth neighbour
    /// (Kynkäänniemi et al., 2019).
    pub precision: f32,
    /// The share of real samples with a generated one in that ball (Naeem et al., 2020).
    pub coverage: f32,
    /// The share of values near their bounds, of generated samples and of real ones; 0 where samples have no bounds.
    pub extreme: [f32; 2],
}

impl Vitals {
    /// Is every number a number?
    pub fn is_finite(&self) -> bool {
        let ScoreVitals { train, held_out, held_count: _, fake, apart, known, memorised } = self.scores;
        let SampleVitals { diversity, moved, drifted, difference, precision, coverage, extreme } = self.samples;
        let [black, white] = extreme;
        let plain = [self.g_loss, self.d_loss, train, fake, apart, diversity, difference, precision, coverage, black, white];
        let layers = self.layers.iter().flat_map(|layer| [layer.gradient, layer.update, layer.dead, layer.saturated]);
        let optional = [held_out, known, memorised, moved, drifted].into_iter().chain(layers).flatten();
        plain.into_iter().chain(self.gradients).chain(optional).all(f32::is_finite)
    }

    /// The signs of a layer.
    pub fn layer(&self, role: Role, id: LayerId) -> Option<&LayerVitals> {
        self.layers.iter().find(|layer| (layer.role, layer.id) == (role, id))
    }

    /// The length of a network's gradient.
    pub fn gradient(&self, role: Role) -> f32 {
        self.gradients[role as usize]
    }

    /// The median over a network's layers of how far weights moved, over their length.
    pub fn update(&self, role: Role) -> Option<f32> {
        let mut updates: Vec<f32> = self.layers.iter().filter(|layer| layer.role == role).filter_map(|layer| layer.update).collect();
        updates.sort_by(f32::total_cmp);
        updates.get(updates.len() / 2).copied()
    }
}

/// The vital signs of a run, oldest first. It stays small however long the run is: what is older gets sparser.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    all: VecDeque<Arc<Vitals>>,
}

/// So many signs are kept.
const KEPT: usize = 512;

impl Series {
    /// Adds the newest. Signs of a step that is not after the last begin the series anew from there: the run went back.
    pub fn push(&mut self, vitals: Arc<Vitals>) {
        self.all.retain(|other| other.step < vitals.step);
        self.all.push_back(vitals);
        if self.all.len() > KEPT {
            self.thin();
        }
    }

    /// Drops every second of the older half; the first stays.
    fn thin(&mut self) {
        let mut index = 0;
        self.all.retain(|_| {
            index += 1;
            index > KEPT / 2 || index % 2 == 1
        });
    }

    /// Those up to a step.
    #[must_use]
    pub fn until(&self, step: u64) -> Self {
        Self { all: self.all.iter().filter(|vitals| vitals.step <= step).cloned().collect() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The newest.
    pub fn last(&self) -> Option<&Arc<Vitals>> {
        self.all.back()
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Vitals>> {
        self.all.iter()
    }
}

impl FromIterator<Arc<Vitals>> for Series {
    /// As they were: nothing is thinned that was kept.
    fn from_iter<I: IntoIterator<Item = Arc<Vitals>>>(signs: I) -> Self {
        Self { all: signs.into_iter().collect() }
    }
}
