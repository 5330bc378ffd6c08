//! The vital signs of a run, taken now and then: what a step does to the weights, what both networks make of some samples.
//!
//! What needs the device is queued there and read with the losses, so that nothing waits for it. What compares samples runs here. All of it
//! is a function of the run's state, so that a run's signs are the same however often it stops and goes on.

use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};
use rand::seq::index;

use super::history::History;
use super::optimiser::{Strain, strains_by_layer};
use super::stage::Stage;
use super::trainer::{Trainer, TrainerError};
use crate::data::Dataset;
use crate::device::Kind;
use crate::latent;
use crate::measure::doctor::statistics::{self, Points, above, mean};
use crate::measure::doctor::{LayerVitals, ScoreVitals, Series, Vitals};
use crate::nn::{Named, Network, Pass, Reading};
use crate::random::{self, Purpose};
use crate::spec::{Layer, LayerId, Role, Shape, TrainSpec};

/// Signs are taken every so many steps: often enough to see trouble begin, and so seldom that they cost about a hundredth of the time
/// (of the smallest networks for points 2.6 %).
pub const EVERY: u64 = 50;

/// And at these, so that a run says something soon and there is a beginning to compare with.
const FIRST: [u64; 3] = [1, 10, 25];

/// Pictures looked at.
const PICTURES: usize = 64;
/// Points of the plane looked at, which cost next to nothing.
const POINTS: usize = 128;
/// Fewer held-out samples say nothing.
const FEWEST_HELD_OUT: usize = 8;

/// Tanh and sigmoid are saturated beyond this share of the way to their bounds, where nearly all of a batch are.
const SATURATED: f32 = 0.99;
const NEARLY_ALL: f32 = 0.95;

fn is_due(step: u64) -> bool {
    step.is_multiple_of(EVERY) || FIRST.contains(&step)
}

/// The signs of a run so far, and what the next ones are compared with. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signs {
    /// All that are kept.
    pub series: Series,
    /// What the fixed latents gave the last time.
    pub samples: Option<Arc<Points>>,
}

/// Takes the signs of a run.
#[derive(Default)]
pub struct Observer {
    /// What was asked of the device and not read yet.
    pending: Vec<Taken>,
    signs: Signs,
    /// Signs that nobody took yet.
    ready: Vec<Arc<Vitals>>,
    settings: Option<Arc<TrainSpec>>,
}

impl std::fmt::Debug for Observer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observer").field("pending", &self.pending.len()).field("ready", &self.ready.len()).finish_non_exhaustive()
    }
}

/// Signs on their way from the device.
struct Taken {
    step: u64,
    settings: Arc<TrainSpec>,
    /// What is read, by name.
    reading: Reading,
    /// The layers with weights, and those that bend values.
    layers: Vec<(Role, LayerId)>,
    real: Points,
    held_count: usize,
    /// The shape of a sample.
    shape: Shape,
    /// Are samples between -1 and 1?
    bounded: bool,
}

impl Observer {
    /// Goes on after these.
    pub fn after(signs: Signs) -> Self {
        Self { signs, ..Self::default() }
    }

    /// The signs so far, as far as they were read.
    pub fn signs(&self) -> &Signs {
        &self.signs
    }

    /// The next step is about to be taken.
    pub fn before_step(&self, trainer: &mut Trainer) {
        if is_due(trainer.g_steps() + 1) {
            trainer.watch();
        }
    }

    /// It was taken.
    pub fn after_step(&mut self, stage: &mut Stage, dataset: &Dataset) {
        let step = stage.trainer.g_steps();
        if !is_due(step) {
            return;
        }
        let strains = stage.trainer.take_watched();
        let settings = self.settings.take().filter(|settings| **settings == *stage.trainer.settings());
        let settings = settings.unwrap_or_else(|| Arc::new(stage.trainer.settings().clone()));
        self.settings = Some(Arc::clone(&settings));
        self.pending.push(take(stage, dataset, settings, strains));
    }

    /// Reads what was asked of the device; waits for it. `history` has the numbers of these steps.
    ///
    /// # Errors
    /// The device failed.
    pub fn read_back(&mut self, history: &History) -> Result<(), TrainerError> {
        for taken in std::mem::take(&mut self.pending) {
            let vitals = Arc::new(self.finish(taken, history)?);
            self.signs.series.push(Arc::clone(&vitals));
            self.ready.push(vitals);
        }
        Ok(())
    }

    /// The run ends at this step: the numbers of this network are not sound any more.
    pub fn broke(&mut self, step: u64, role: Role, settings: &TrainSpec) {
        let blank = || Vitals {
            step,
            settings: Arc::new(settings.clone()),
            g_loss: 0.0,
            d_loss: 0.0,
            gradients: [0.0; 2],
            layers: Vec::new(),
            scores: ScoreVitals { apart: 0.5, ..ScoreVitals::default() },
            samples: statistics::compare(&Points::new(&[], 1), &Points::new(&[], 1), None, false),
            broken: None,
        };
        let last = self.signs.series.last().map_or_else(blank, |last| Vitals::clone(last));
        self.ready.push(Arc::new(Vitals { step, broken: Some(role), ..last }));
    }

    /// The signs taken since the last call.
    pub fn take_ready(&mut self) -> Vec<Arc<Vitals>> {
        std::mem::take(&mut self.ready)
    }

    fn finish(&mut self, taken: Taken, history: &History) -> Result<Vitals, TrainerError> {
        let named = taken.reading.finish().map_err(TrainerError)?;
        let fake = Points::new(values(&named, FAKES), taken.shape.values());
        let real = taken.real;
        let samples = statistics::compare(&real, &fake.first(real.count()), self.signs.samples.as_deref(), taken.bounded);
        let [g_loss, d_loss] = losses(history, self.signs.series.last().map_or(0, |last| last.step), taken.step);
        self.signs.samples = Some(Arc::new(fake));
        let squares = |role: Role| taken.layers.iter().filter(move |layer| layer.0 == role).map(|(role, id)| strain(&named, *role, *id));
        Ok(Vitals {
            step: taken.step,
            settings: taken.settings,
            g_loss,
            d_loss,
            gradients: Role::BOTH.map(|role| squares(role).flatten().map(|[gradient, ..]| gradient).sum::<f32>().sqrt()),
            layers: taken.layers.iter().map(|(role, id)| layer(&named, *role, *id)).collect(),
            scores: ScoreVitals { held_count: taken.held_count, ..scores(&named) },
            samples,
            broken: None,
        })
    }
}

const FAKES: &str = "fakes";
const SCORES: [&str; 3] = ["train", "held out", "fake"];

/// Queues all that is to be known on the device.
fn take(stage: &Stage, dataset: &Dataset, settings: Arc<TrainSpec>, strains: [Vec<Strain>; 2]) -> Taken {
    let (trainer, seed) = (&stage.trainer, stage.project.seed);
    let step = trainer.g_steps();
    let mut looks = Looks { reading: Reading::default(), layers: Vec::new() };
    for (role, strains) in Role::BOTH.into_iter().zip(strains) {
        looks.strains(role, trainer.network(role), &strains);
    }
    let is_cpu = stage.device.info.kind == Kind::Cpu;
    let wanted = if stage.project.data.is_points() { POINTS } else { PICTURES };
    // A graphics device has tuned its kernels for one size of batch.
    let (count, batch) = if is_cpu { (wanted, wanted) } else { (wanted.next_multiple_of(settings.batch_size), settings.batch_size) };
    let probe = Probe { stage, settings: &settings, batch, step };

    let generator = trainer.generator();
    let bends = Bends::of(stage, Role::Generator);
    let latents = latent::draw(settings.latent, generator.input().values(), count, seed, Purpose::FixedLatents, 0);
    let fakes = probe.generate(&generator, &latents, &bends, &mut looks);
    looks.reading.add(FAKES.to_owned(), fakes.clone());

    let discriminator = trainer.discriminator();
    let mut rng = random::stream(seed, Purpose::Vitals, 4 * step);
    let mut gather = |from: &[u32]| {
        let chosen: Vec<u32> = index::sample(&mut rng, from.len(), count.min(from.len())).into_iter().map(|index| from[index]).collect();
        let distinct = chosen.len();
        (dataset.gather(&chosen.iter().copied().cycle().take(count).collect::<Vec<_>>()), distinct)
    };
    let (real, distinct) = gather(dataset.train());
    let shape = dataset.shape();
    let points = Points::new(&real[..distinct.min(wanted) * shape.values()], shape.values());
    let real = probe.upload(real, shape);
    let held_out = (dataset.holdout().len() >= FEWEST_HELD_OUT).then(|| probe.upload(gather(dataset.holdout()).0, shape));
    let bends = Bends::of(stage, Role::Discriminator);
    for (index, samples) in [Some(real), held_out, Some(fakes)].into_iter().enumerate() {
        if let Some(samples) = samples {
            let scores = probe.judge(&discriminator, samples, index, &bends, &mut looks);
            looks.reading.add(SCORES[index].to_owned(), scores);
        }
    }
    Taken {
        step,
        settings,
        reading: looks.reading,
        layers: looks.layers,
        real: points,
        held_count: dataset.holdout().len(),
        shape,
        bounded: !stage.project.data.is_points(),
    }
}

/// What is looked at, and where.
struct Looks {
    reading: Reading,
    layers: Vec<(Role, LayerId)>,
}

impl Looks {
    /// What a step did to a network, by layer.
    fn strains(&mut self, role: Role, network: &Network, strains: &[Strain]) {
        for (id, sum) in strains_by_layer(network, strains) {
            self.reading.add(name(role, id, "strain"), sum);
            self.note(role, id);
        }
    }

    fn note(&mut self, role: Role, id: LayerId) {
        if !self.layers.contains(&(role, id)) {
            self.layers.push((role, id));
        }
    }

    /// What left a layer that bends values, in one of several passes.
    fn bent(&mut self, role: Role, id: LayerId, pass: usize, bend: Bend, output: &Tensor<4>) {
        let [_, channels, height, width] = output.dims();
        let (what, seen) = match bend {
            // The largest value of each unit.
            Bend::Relu => ("unit", output.clone().max_dim(0).reshape([channels, height * width]).max_dim(1).reshape([channels])),
            Bend::Tanh => ("saturated", saturated(output.clone())),
            Bend::Sigmoid => ("saturated", saturated(output.clone() * 2.0 - 1.0)),
        };
        self.reading.add(name(role, id, &format!("{what} {pass}")), seen);
        self.note(role, id);
    }
}

/// The share of values that are saturated for nearly all samples, `[1]`.
fn saturated(output: Tensor<4>) -> Tensor<1> {
    output.abs().greater_elem(SATURATED).float().mean_dim(0).greater_equal_elem(NEARLY_ALL).float().mean()
}

/// How a layer bends values.
#[derive(Clone, Copy)]
enum Bend {
    Relu,
    Tanh,
    Sigmoid,
}

/// The layers of a network that can die or be saturated.
struct Bends(Role, Vec<(LayerId, Bend)>);

impl Bends {
    /// The last layer is left out: the generator's is compared with the data, and the discriminator's belongs to the loss.
    fn of(stage: &Stage, role: Role) -> Self {
        let layers: Vec<_> = stage.project.stack(role).active().collect();
        let inner = layers.split_last().map_or(&[][..], |(_, inner)| inner);
        let bend = |layer: &Layer| match layer {
            Layer::Relu => Some(Bend::Relu),
            Layer::Tanh => Some(Bend::Tanh),
            Layer::Sigmoid => Some(Bend::Sigmoid),
            _ => None,
        };
        Self(role, inner.iter().filter_map(|entry| Some((entry.id, bend(&entry.layer)?))).collect())
    }

    fn find(&self, id: LayerId) -> Option<Bend> {
        self.1.iter().find(|(other, _)| *other == id).map(|(_, bend)| *bend)
    }
}

/// Passes that change nothing, in batches of the size that the device is ready for.
struct Probe<'a> {
    stage: &'a Stage,
    settings: &'a TrainSpec,
    batch: usize,
    step: u64,
}

impl Probe<'_> {
    fn upload(&self, values: Vec<f32>, shape: Shape) -> Tensor<4> {
        let n = values.len() / shape.values().max(1);
        Tensor::from_data(TensorData::new(values, shape.batched(n)), &self.stage.device.device)
    }

    fn generate(&self, generator: &Network, latents: &[f32], bends: &Bends, looks: &mut Looks) -> Tensor<4> {
        let shape = generator.input();
        let parts = latents.chunks(shape.values().max(1) * self.batch).enumerate().map(|(part, latents)| {
            let latents = self.upload(latents.to_vec(), shape);
            generator.forward_watched(latents, &Pass::inference(), |id, output| {
                if let Some(bend) = bends.find(id) {
                    looks.bent(bends.0, id, part, bend, output);
                }
            })
        });
        let parts: Vec<_> = parts.collect();
        Tensor::cat(parts, 0)
    }

    /// The scores of samples, one for each pack, as the discriminator sees them while it learns.
    fn judge(&self, discriminator: &Network, samples: Tensor<4>, kind: usize, bends: &Bends, looks: &mut Looks) -> Tensor<1> {
        let mut rng = random::stream(self.stage.project.seed, Purpose::Vitals, 4 * self.step + 1 + kind as u64);
        let packs = self.stage.trainer.as_seen(samples, &mut rng);
        let parts = packs.split((self.batch / self.settings.packing.max(1)).max(1), 0).into_iter().enumerate().map(|(part, packs)| {
            let look = |id, output: &Tensor<4>| {
                if let Some(bend) = bends.find(id) {
                    looks.bent(bends.0, id, part * SCORES.len() + kind, bend, output);
                }
            };
            let pass = Pass::inference();
            if self.settings.loss.has_probability() {
                discriminator.logits_watched(packs, &pass, look)
            } else {
                discriminator.scores_watched(packs, &pass, look)
            }
        });
        let parts: Vec<_> = parts.collect();
        Tensor::cat(parts, 0)
    }
}

fn name(role: Role, id: LayerId, what: &str) -> String {
    format!("{} {} {what}", role.name(), id.0)
}

pub(super) fn values<'a>(named: &'a Named, name: &str) -> &'a [f32] {
    named.get(name).map_or(&[], |tensor| &tensor.values)
}

/// The sums of squares of a layer's gradient, move and weights.
fn strain(named: &Named, role: Role, id: LayerId) -> Option<[f32; 3]> {
    values(named, &name(role, id, "strain")).try_into().ok()
}

/// All passes over a layer, by what was looked at.
fn passes<'a>(named: &'a Named, role: Role, id: LayerId, what: &str) -> Vec<&'a [f32]> {
    let prefix = name(role, id, what) + " ";
    named.range(prefix.clone()..).take_while(|(name, _)| name.starts_with(&prefix)).map(|(_, tensor)| &tensor.values[..]).collect()
}

fn layer(named: &Named, role: Role, id: LayerId) -> LayerVitals {
    let strain = strain(named, role, id);
    let units = passes(named, role, id, "unit");
    let is_dead = |unit: usize| units.iter().all(|largest| largest.get(unit).is_some_and(|largest| *largest <= 0.0));
    let dead = units.first().map(|first| (0..first.len()).filter(|unit| is_dead(*unit)).count() as f32 / first.len().max(1) as f32);
    let saturated = passes(named, role, id, "saturated").concat();
    LayerVitals {
        role,
        id,
        gradient: strain.map(|[gradient, ..]| gradient.sqrt()),
        update: strain.filter(|[.., own]| *own > 0.0).map(|[_, moved, own]| (moved / own).sqrt()),
        dead,
        saturated: (!saturated.is_empty()).then(|| mean(&saturated)),
    }
}

/// More scores would only take time.
const COMPARED: usize = 256;

fn scores(named: &Named) -> ScoreVitals {
    let [train, held_out, fake] = SCORES.map(|name| values(named, name)).map(|scores| &scores[..scores.len().min(COMPARED)]);
    let held = (!held_out.is_empty()).then_some(held_out);
    let (of_train, of_fake) = (mean(train), mean(fake));
    let gap = of_train - of_fake;
    ScoreVitals {
        train: of_train,
        held_out: held.map(mean),
        held_count: 0,
        fake: of_fake,
        apart: above(train, fake),
        known: held.map(|held| above(train, held)),
        memorised: held.filter(|_| gap > 1e-6).map(|held| (of_train - mean(held)) / gap),
    }
}

/// The mean losses, the generator's first, of the last steps after `before` up to `step`.
fn losses(history: &History, before: u64, step: u64) -> [f32; 2] {
    let end = history.partition_point(|place| place.step <= step);
    let records = (0..end).rev().take(EVERY as usize).filter_map(|index| history.get(index));
    let records: Vec<_> = records.take_while(|record| record.step > before).collect();
    [records.iter().map(|record| record.g_loss).collect::<Vec<_>>(), records.iter().map(|record| record.d_loss).collect()]
        .map(|losses| mean(&losses))
}
