//! Runs to try the doctor on: healthy ones, and such as are made to fail.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::{Diagnosis, Series, first};
use crate::data::{self, Dataset, LoadReport, Values};
use crate::device::{self, DeviceChoice};
use crate::spec::{Builtin, ImageSpec, Layer, Loss, Optimiser, OptimiserSpec, Preset, Project, Shape, Stack, TrainSpec, builtin_data};
use crate::train::{Checkpoint, History, Session, Stage, Trainer};

/// A run to be.
pub struct Trial {
    pub project: Project,
    pub steps: u64,
    pub dataset: Option<Dataset>,
    pub checkpoint: Option<Checkpoint>,
}

impl Trial {
    pub fn of(preset: &str, steps: u64) -> Self {
        Self { project: Preset::from_name(preset).unwrap().project(), steps, dataset: None, checkpoint: None }
    }

    pub fn train(mut self, change: impl FnOnce(&mut TrainSpec)) -> Self {
        change(&mut self.project.train);
        self
    }

    pub fn project(mut self, change: impl FnOnce(&mut Project)) -> Self {
        change(&mut self.project);
        self
    }

    pub fn data(self, source: Builtin) -> Self {
        self.project(|project| project.data = builtin_data(source))
    }

    pub fn loss(self, loss: Loss) -> Self {
        self.train(|train| *train = train.with_loss(loss))
    }

    /// With these factors of the generator's and the discriminator's learning rate.
    pub fn rates(self, generator: f32, discriminator: f32) -> Self {
        self.train(|train| {
            train.generator.learning_rate *= generator;
            train.discriminator.learning_rate *= discriminator;
        })
    }

    pub fn optimisers(self, rule: Optimiser, rate: f32) -> Self {
        self.train(|train| {
            let spec = OptimiserSpec { learning_rate: rate, rule };
            (train.generator, train.discriminator) = (spec, spec);
        })
    }

    pub fn generator(self, latent: usize, layers: impl IntoIterator<Item = Layer>) -> Self {
        self.project(|project| project.generator = Stack::new(Shape::vector(latent), layers))
    }

    /// Begins with other numbers in a layer of the generator: `weight` or `bias`.
    pub fn begin_with(mut self, layer: usize, what: &str, change: impl Fn(f32) -> f32) -> Self {
        let trainer = Trainer::new(&self.project, &device::cpu()).unwrap();
        let mut checkpoint = trainer.checkpoint(&self.project, 0.0, &History::default()).unwrap();
        let name = format!("generator.{}.{what}", self.project.generator.layers[layer].id.0);
        let tensor = checkpoint.tensors.get_mut(&name).unwrap();
        tensor.values.iter_mut().for_each(|value| *value = change(*value));
        self.checkpoint = Some(checkpoint);
        self
    }

    fn load(&self) -> Dataset {
        data::load(&self.project.data, self.project.seed, &mut |_| {}, &AtomicBool::new(false)).unwrap()
    }

    /// The signs of the run, which may end before its time.
    pub fn run(self) -> Series {
        assert_eq!(self.project.faults(), []);
        let loaded = self.dataset.is_none().then(|| self.load());
        let dataset = Arc::new(self.dataset.or(loaded).unwrap());
        let device = device::open(&device::resolve(&DeviceChoice::Cpu).unwrap()).unwrap();
        let stage = Stage::new(self.project, device, self.checkpoint.as_ref()).unwrap();
        let mut session = Session::new(stage, dataset, self.checkpoint.as_ref());
        let mut series = Series::default();
        for step in 1..=self.steps {
            session.step();
            if step % 50 == 0 || step <= 25 {
                let told = session.read_back(0);
                session.take_vitals().into_iter().for_each(|vitals| series.push(vitals));
                if told.is_err() {
                    break;
                }
            }
        }
        series
    }
}

/// Pictures of 8 x 8 and dense networks: quick, and quick to be learned by heart.
fn small_digits(steps: u64) -> Trial {
    let mut trial = Trial::of("ring8", steps).data(Builtin::Digits);
    let image = ImageSpec { width: 8, height: 8, ..trial.project.data.image };
    trial.project.data.image = image;
    let generator = [Layer::dense(64), Layer::leaky_relu(), Layer::dense(64), Layer::Reshape { shape: Shape::new(1, 8, 8) }, Layer::Tanh];
    let discriminator = [Layer::Flatten, Layer::dense(128), Layer::leaky_relu(), Layer::dense(1)];
    trial.project.generator = Stack::new(Shape::vector(16), generator);
    trial.project.discriminator = Stack::new(Shape::new(1, 8, 8), discriminator);
    trial.project.train.batch_size = 32;
    trial
}

/// The same of which only so many are trained on.
fn few_digits(count: usize, steps: u64) -> Trial {
    let mut trial = small_digits(steps);
    let dataset = trial.load();
    let Values::Pictures(bytes) = dataset.values() else { unreachable!() };
    let pictures = Values::Pictures(bytes[..2 * count * 64].to_vec());
    trial.dataset = Some(Dataset::new(dataset.shape(), pictures, None, vec![], LoadReport::default(), 0.5, 1).unwrap());
    trial
}

const SGD: Optimiser = Optimiser::Sgd { momentum: 0.9 };

/// Runs that fail, each with the rules that name its cause.
pub fn failing() -> Vec<(&'static str, &'static [&'static str], Trial)> {
    let relu = |layers: usize| (0..layers).flat_map(|_| [Layer::dense(64), Layer::Relu]).chain([Layer::dense(2)]);
    let tanh = [Layer::dense(64), Layer::Tanh, Layer::dense(64), Layer::Tanh, Layer::dense(2)];
    let bottleneck = [Layer::dense(2)];
    vec![
        ("D rate x 50", &["discriminator-rate-high"], Trial::of("ring8", 400).rates(1.0, 50.0)),
        ("G rate x 100", &["generator-rate-high"], Trial::of("ring8", 400).rates(100.0, 1.0)),
        ("both rates x 50", &["generator-rate-high"], Trial::of("grid25", 400).rates(50.0, 50.0)),
        ("SGD at 50", &["diverged"], Trial::of("ring8", 400).optimisers(SGD, 50.0)),
        ("SGD at 0.1", &["diverged"], Trial::of("ring8", 400).optimisers(SGD, 0.1).loss(Loss::LeastSquares)),
        ("rates x 1e-4", &["rates-low"], Trial::of("ring8", 400).rates(1e-4, 1e-4)),
        ("32 samples", &["discriminator-overfits"], few_digits(32, 700)),
        (
            "minimax, five D steps",
            &["discriminator-too-strong"],
            Trial::of("ring8", 500).loss(Loss::Minimax).train(|train| train.d_steps_per_g_step = 5).rates(0.1, 3.0),
        ),
        ("D stands still", &["discriminator-too-weak"], Trial::of("ring8", 500).rates(1.0, 1e-4)),
        (
            "D of one unit",
            &["discriminator-too-weak"],
            Trial::of("ring8", 500).project(|project| project.discriminator = Stack::new(Shape::vector(2), [Layer::dense(1)])),
        ),
        ("dead ReLUs", &["dead-units"], Trial::of("ring8", 400).generator(16, relu(2)).begin_with(2, "bias", |_| -10.0)),
        ("saturated tanh", &["saturated-units"], Trial::of("ring8", 400).generator(16, tanh).begin_with(2, "bias", |_| 20.0)),
        ("a line for a grid", &["missing-modes"], Trial::of("grid25", 1400).generator(1, bottleneck)),
        (
            "unbounded critic",
            &["mode-hopping"],
            Trial::of("ring8", 1800).loss(Loss::Wasserstein).train(|train| train.regularisation.clip = 0.0),
        ),
        ("the smallest networks, without anything that damps them", &["oscillation"], Trial::of("mlp", 2600)),
        ("batches of four", &["mode-hopping"], Trial::of("ring8", 1800).train(|train| train.batch_size = 4)),
        (
            "unbounded critic of a generator that hardly moves",
            &["gradients-long"],
            Trial::of("ring8", 700).loss(Loss::Wasserstein).train(|train| train.regularisation.clip = 0.0).rates(0.01, 1.0),
        ),
        ("SGD without momentum", &["mode-collapse"], Trial::of("ring8", 2500).optimisers(Optimiser::Sgd { momentum: 0.0 }, 0.1)),
        ("digits stuck", &["samples-saturated"], small_digits(300).begin_with(2, "weight", |value| 300.0 * value)),
    ]
}

/// Runs that do well.
pub fn healthy() -> Vec<(&'static str, Trial)> {
    let damped = |trial: Trial| trial.train(|train| train.regularisation.r1 = 0.1);
    vec![
        ("ring8", Trial::of("ring8", 2000)),
        ("grid25", Trial::of("grid25", 1500)),
        ("mlp", Trial::of("mlp", 1500)),
        ("points", Trial::of("points", 1500)),
        ("grey28", Trial::of("grey28", 300)),
        ("moons", Trial::of("ring8", 1500).data(Builtin::Moons)),
        ("spiral", Trial::of("ring8", 2000).data(Builtin::Spiral)),
        ("grid25, hinge with R1", damped(Trial::of("grid25", 1500).loss(Loss::Hinge))),
        ("grid25, least squares", Trial::of("grid25", 1500).loss(Loss::LeastSquares)),
        ("grid25, minimax", Trial::of("grid25", 1500).loss(Loss::Minimax)),
        ("ring8, relativistic with R1", damped(Trial::of("ring8", 1500).loss(Loss::RelativisticPaired))),
        ("ring8, clipped critic", Trial::of("ring8", 1500).loss(Loss::Wasserstein)),
        (
            "moons, smoothed, noise",
            Trial::of("ring8", 1500).data(Builtin::Moons).train(|train| {
                train.smoothing.real = 0.1;
                train.noise.deviation = 0.1;
            }),
        ),
        (
            "grid25, tanh",
            Trial::of("grid25", 1500).generator(16, [Layer::dense(128), Layer::Tanh, Layer::dense(128), Layer::Tanh, Layer::dense(2)]),
        ),
        (
            "grid25, linear schedule",
            Trial::of("grid25", 1500).train(|train| {
                train.schedule.decay = crate::spec::Decay::Linear;
                train.schedule.steps = 1500;
            }),
        ),
    ]
}

/// What was said first when, one after the other.
pub fn told(project: &Project, series: &Series, quality: Option<&[(u64, f64)]>) -> Vec<(u64, Option<Diagnosis>)> {
    let mut so_far = Series::default();
    let mut told: Vec<(u64, Option<Diagnosis>)> = Vec::new();
    for vitals in series.iter() {
        so_far.push(Arc::clone(vitals));
        let now = first(project, &so_far, quality);
        let rule = |said: &Option<Diagnosis>| said.as_ref().map(|diagnosis| diagnosis.rule);
        if told.last().map(|(_, before)| rule(before)) != Some(rule(&now)) {
            told.push((vitals.step, now));
        }
    }
    told
}
