//! Runs to try the doctor on: healthy ones, and such as are made to fail.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::Series;
use crate::data::{self, Dataset, LoadReport, Values};
use crate::device::{self, DeviceChoice};
use crate::spec::{Builtin, Layer, Loss, Optimiser, Preset, Project, Role, Shape, Stack, TrainSpec, builtin_data};
use crate::train::{Checkpoint, Session, Stage};

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

    /// The signs of the run, which may end before its time.
    pub fn run(self) -> Series {
        assert_eq!(self.project.faults(), []);
        let load = || data::load(&self.project.data, self.project.seed, &mut |_| {}, &AtomicBool::new(false)).unwrap();
        let dataset = Arc::new(self.dataset.unwrap_or_else(load));
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

fn rates(train: &mut TrainSpec, generator: f32, discriminator: f32) {
    train.generator.learning_rate *= generator;
    train.discriminator.learning_rate *= discriminator;
}

/// Points of a source of which only so many are trained on.
fn few(source: Builtin, count: usize) -> Trial {
    let mut trial = Trial::of("ring8", 1500).project(|project| project.data = builtin_data(source));
    let dataset = data::load(&trial.project.data, 1, &mut |_| {}, &AtomicBool::new(false)).unwrap();
    let Values::Points(points) = dataset.values() else { unreachable!() };
    let points = points[..2 * count].to_vec();
    trial.dataset = Some(Dataset::new(Shape::vector(2), Values::Points(points), None, vec![], LoadReport::default(), 0.5, 1).unwrap());
    trial
}

fn dump(name: &str, series: &Series) {
    println!("== {name}");
    for vitals in series.iter() {
        let [g, d] = [Role::Generator, Role::Discriminator].map(|role| vitals.update(role).unwrap_or(f32::NAN));
        let (s, m) = (&vitals.scores, &vitals.samples);
        let dead: Vec<_> = vitals.layers.iter().filter_map(|layer| layer.dead).map(|dead| format!("{dead:.2}")).collect();
        let sat: Vec<_> = vitals.layers.iter().filter_map(|layer| layer.saturated).map(|dead| format!("{dead:.2}")).collect();
        println!(
            "{:5} G {:7.3} D {:7.3} |g| {:.1e} {:.1e} up {g:.0e} {d:.0e} apart {:.2} s {:.1} {:.1} {:.1} known {:.2} mem {:5.2} div {:.2} mov {:.2} dri {:.2} diff {:.3} pre {:.2} cov {:.2} ext {:.2} {:.2} dead {} sat {} {}",
            vitals.step,
            vitals.g_loss,
            vitals.d_loss,
            vitals.gradients[0],
            vitals.gradients[1],
            s.apart,
            s.train,
            s.held_out.unwrap_or(f32::NAN),
            s.fake,
            s.known.unwrap_or(f32::NAN),
            s.memorised.unwrap_or(f32::NAN),
            m.diversity,
            m.moved.unwrap_or(f32::NAN),
            m.drifted.unwrap_or(f32::NAN),
            m.difference,
            m.precision,
            m.coverage,
            m.extreme[0],
            m.extreme[1],
            dead.join(","),
            sat.join(","),
            vitals.broken.map_or("", |role| role.name()),
        );
    }
}

fn trials() -> Vec<(&'static str, Trial)> {
    let mut all = vec![
        ("ring8", Trial::of("ring8", 2000)),
        ("grid25", Trial::of("grid25", 2000)),
        ("mlp", Trial::of("mlp", 2000)),
        ("spiral", Trial::of("ring8", 2000).project(|p| p.data = crate::spec::builtin_data(crate::spec::Builtin::Spiral))),
        ("moons", Trial::of("ring8", 2000).project(|p| p.data = crate::spec::builtin_data(crate::spec::Builtin::Moons))),
    ];
    for (name, loss) in [
        ("minimax", Loss::Minimax),
        ("ls", Loss::LeastSquares),
        ("hinge", Loss::Hinge),
        ("wgan", Loss::Wasserstein),
        ("rpgan", Loss::RelativisticPaired),
        ("ragan", Loss::RelativisticAverage),
    ] {
        all.push((name, Trial::of("ring8", 2000).train(|t| *t = t.with_loss(loss))));
    }
    all.push((
        "wgan-gp",
        Trial::of("ring8", 2000).train(|t| {
            *t = t.with_loss(Loss::Wasserstein);
            t.regularisation.clip = 0.0;
            t.regularisation.gradient_penalty = 1.0;
            t.d_steps_per_g_step = 3;
        }),
    ));
    all.push(("F d50", Trial::of("ring8", 1500).train(|t| rates(t, 1.0, 50.0))));
    all.push(("F d10", Trial::of("ring8", 1500).train(|t| rates(t, 1.0, 10.0))));
    all.push(("F g100", Trial::of("ring8", 1500).train(|t| rates(t, 100.0, 1.0))));
    all.push((
        "F sgd",
        Trial::of("ring8", 1500).train(|t| {
            for o in [&mut t.generator, &mut t.discriminator] {
                o.rule = Optimiser::Sgd { momentum: 0.9 };
                o.learning_rate = 50.0;
            }
        }),
    ));
    all.push(("F low", Trial::of("ring8", 1500).train(|t| rates(t, 1e-4, 1e-4))));
    all.push(("F few", few(Builtin::Ring8, 32)));
    all.push(("F few moons", few(Builtin::Moons, 32)));
    all.push((
        "F minimax d5",
        Trial::of("ring8", 1500).train(|t| {
            *t = t.with_loss(Loss::Minimax);
            t.d_steps_per_g_step = 5;
            rates(t, 0.1, 3.0);
        }),
    ));
    all.push(("F z1", Trial::of("grid25", 1500).project(|p| p.generator.input = Shape::vector(1))));
    all.push(("F weak d", Trial::of("ring8", 1500).train(|t| rates(t, 1.0, 1e-4))));
    all.push(("F weak d2", Trial::of("ring8", 1500).train(|t| rates(t, 1.0, 1e-2))));
    all.push(("F d50 all", Trial::of("ring8", 1500).train(|t| rates(t, 50.0, 50.0))));
    all.push(("F both10", Trial::of("ring8", 1500).train(|t| rates(t, 10.0, 10.0))));
    all.push((
        "F b9",
        Trial::of("ring8", 1500).train(|t| {
            for o in [&mut t.generator, &mut t.discriminator] {
                o.rule = Optimiser::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
                o.learning_rate = 3e-3;
            }
        }),
    ));
    all.push((
        "F momentum",
        Trial::of("ring8", 1500).train(|t| {
            for o in [&mut t.generator, &mut t.discriminator] {
                o.rule = Optimiser::Sgd { momentum: 0.9 };
                o.learning_rate = 0.1;
            }
        }),
    ));
    all.push((
        "F wgan free",
        Trial::of("ring8", 1500).train(|t| {
            *t = t.with_loss(Loss::Wasserstein);
            t.regularisation.clip = 0.0;
        }),
    ));
    all.push(("F narrow d", Trial::of("ring8", 1500).project(|p| p.discriminator = Stack::new(Shape::vector(2), [Layer::dense(1)]))));
    for (name, preset, steps) in
        [("P digits", "digits", 1000), ("P dcgan28", "dcgan28", 600), ("P shapes", "shapes", 500), ("P seed28", "seed28", 100)]
    {
        all.push((name, Trial::of(preset, steps)));
    }
    all.push(("P dstrong", Trial::of("digits", 400).train(|t| rates(t, 0.02, 1.0))));
    all.push((
        "O1",
        Trial::of("ring8", 2500).train(|t| {
            for o in [&mut t.generator, &mut t.discriminator] {
                o.rule = Optimiser::Sgd { momentum: 0.9 };
                o.learning_rate = 0.01;
            }
        }),
    ));
    all.push((
        "O2",
        Trial::of("ring8", 2500).train(|t| {
            for o in [&mut t.generator, &mut t.discriminator] {
                o.rule = Optimiser::Sgd { momentum: 0.0 };
                o.learning_rate = 0.1;
            }
        }),
    ));
    all.push((
        "O3",
        Trial::of("ring8", 2500).train(|t| {
            t.d_steps_per_g_step = 1;
            rates(t, 3.0, 0.3);
        }),
    ));
    all.push((
        "C1",
        Trial::of("grid25", 2000).train(|t| {
            *t = t.with_loss(Loss::Minimax);
            for o in [&mut t.generator, &mut t.discriminator] {
                o.rule = Optimiser::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
            }
        }),
    ));
    all.push(("C2", Trial::of("grid25", 2000).project(|p| p.generator = Stack::new(Shape::vector(1), [Layer::dense(2)]))));
    all.push((
        "C3",
        Trial::of("ring8", 2500).train(|t| {
            t.d_steps_per_g_step = 5;
        }),
    ));
    all.push((
        "C4",
        Trial::of("ring8", 2500).project(|p| {
            p.generator = Stack::new(Shape::vector(2), [Layer::dense(16), Layer::Tanh, Layer::dense(2)]);
        }),
    ));
    all.push((
        "C5",
        Trial::of("ring8", 2500).train(|t| {
            t.batch_size = 4;
        }),
    ));
    all.push((
        "C6",
        Trial::of("ring8", 2500).train(|t| {
            *t = t.with_loss(Loss::Minimax);
            t.d_steps_per_g_step = 3;
            rates(t, 0.3, 3.0);
        }),
    ));
    all
}

#[test]
#[ignore = "prints numbers to look at"]
fn look() {
    let only = std::env::var("ONLY").unwrap_or_default();
    for (name, trial) in trials().into_iter().filter(|(name, _)| name.contains(&only)) {
        let begin = std::time::Instant::now();
        let series = trial.run();
        dump(&format!("{name} {:.1} s", begin.elapsed().as_secs_f64()), &series);
    }
}
