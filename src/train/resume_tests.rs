//! A run that stops, goes through a file and goes on ends bit for bit where an unbroken one does, whatever it pursues.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::trainer::tests::project_of_the_whole_catalogue;
use super::{Checkpoint, Session, Stage, StepRecord};
use crate::data::{self, Dataset};
use crate::device::{self, DeviceChoice};
use crate::project::ProjectFile;
use crate::spec::{
    Augmentation, Decay, Edit, GradientClip, InstanceNoise, LabelSmoothing, Latent, Loss, Optimiser, OptimiserSpec, Project,
    Regularisation, Schedule, Stop, TrainSpec,
};

/// What a run does, one after the other.
#[derive(Clone, Copy, Debug)]
enum Act {
    Step,
    /// The discriminator alone.
    D,
    /// The generator alone.
    G,
}

use Act::{D, G, Step};

/// Before the file, and after it.
const BEFORE: [Act; 5] = [Step, Step, D, G, D];
const AFTER: [Act; 4] = [Step, G, Step, D];

pub(super) fn session(project: &Project, dataset: &Arc<Dataset>, checkpoint: Option<&Checkpoint>) -> Session {
    let cpu = device::open(&device::resolve(&DeviceChoice::Cpu).unwrap()).unwrap();
    Session::new(Stage::new(project.clone(), cpu, checkpoint).unwrap(), Arc::clone(dataset), checkpoint)
}

fn act(session: &mut Session, acts: &[Act]) {
    for act in acts {
        match act {
            Step => session.step(),
            D => session.d_step(),
            G => session.g_step(),
        }
    }
}

/// Everything but the clock.
pub(super) fn timeless(checkpoint: Checkpoint) -> Checkpoint {
    let history = checkpoint.history.iter().map(|record| StepRecord { elapsed_secs: 0.0, ..record }).collect();
    Checkpoint { elapsed_secs: 0.0, history, ..checkpoint }
}

fn through_a_file(checkpoint: Checkpoint, path: &Path) -> Checkpoint {
    let file = ProjectFile::trained(checkpoint.project.clone(), Arc::new(checkpoint));
    file.save(path).unwrap();
    Arc::unwrap_or_clone(ProjectFile::load(path).unwrap().checkpoint.unwrap())
}

/// A change of the settings, by name.
pub(super) type Change = (String, Box<dyn Fn(&mut TrainSpec)>);

pub(super) fn change(name: &str, change: impl Fn(&mut TrainSpec) + 'static) -> Change {
    (name.to_owned(), Box::new(change))
}

/// Everything that a run can pursue, one at a time, and then much of it at once.
pub(super) fn catalogue() -> Vec<Change> {
    let rules = |name: &str, rules: Regularisation| change(name, move |train| train.regularisation = rules);
    let none = Regularisation::default();
    let mut changes = vec![
        change("as it is", |_| {}),
        rules("clip", Regularisation { clip: 0.01, ..none }),
        rules("gradient penalty", Regularisation { gradient_penalty: 10.0, ..none }),
        rules("r1", Regularisation { r1: 1.0, ..none }),
        rules("r2", Regularisation { r2: 1.0, ..none }),
        rules("r1, now and then", Regularisation { r1: 1.0, every: 3, ..none }),
        rules("lecam", Regularisation { lecam: 0.3, ..none }),
        change("linear", |train| train.schedule = Schedule { decay: Decay::Linear, steps: 9, floor: 0.0, warm_up: 2 }),
        change("cosine", |train| train.schedule = Schedule { decay: Decay::Cosine, steps: 6, floor: 0.0, warm_up: 0 }),
        change("gradient clipping", |train| train.clip_gradient = GradientClip { generator: 0.1, discriminator: 0.2 }),
        change("smoothing", |train| train.smoothing = LabelSmoothing { real: 0.1, fake: 0.05 }),
        change("noise", |train| train.noise = InstanceNoise { deviation: 0.3, steps: 7 }),
        change("no averaging", |train| train.ema_decay = 0.0),
        change("averaging without a ramp", |train| train.ema_ramp = false),
        change("several steps of D", |train| train.d_steps_per_g_step = 3),
        change("adaptive augmentation", |train| {
            train.augmentation =
                Augmentation { colour: true, translation: true, cutout: true, adaptive: true, ramp: 1, ..Augmentation::default() };
        }),
        change("fixed augmentation", |train| {
            train.augmentation =
                Augmentation { colour: true, translation: true, cutout: true, probability: 0.6, ..Augmentation::default() };
        }),
        change("uniform latents", |train| train.latent = Latent::Uniform),
        change("packs", |train| (train.packing, train.batch_size) = (2, 8)),
    ];
    changes.extend(Loss::ALL.map(|loss| change(loss.name(), move |train| *train = train.with_loss(loss))));
    for rule in
        Optimiser::ALL.into_iter().chain([Optimiser::Sgd { momentum: 0.9 }, Optimiser::Lion { beta1: 0.9, beta2: 0.99, decay: 0.1 }])
    {
        let spec = OptimiserSpec { learning_rate: 2e-3, rule };
        changes.push(change(&format!("{rule:?}"), move |train| (train.generator, train.discriminator) = (spec, spec)));
    }
    changes.extend([Loss::Wasserstein, Loss::RelativisticPaired].map(|loss| {
        change(&format!("all at once with {}", loss.name()), move |train| {
            *train = train.with_loss(loss);
            train.regularisation = Regularisation { gradient_penalty: 10.0, r1: 0.5, r2: 0.5, lecam: 0.1, every: 2, clip: 0.5 };
            train.schedule = Schedule { decay: Decay::Cosine, steps: 11, floor: 0.1, warm_up: 3 };
            train.noise = InstanceNoise { deviation: 0.1, steps: 5 };
            train.clip_gradient = GradientClip { generator: 1.0, discriminator: 1.0 };
            train.d_steps_per_g_step = 2;
        })
    }));
    changes
}

/// The project with other settings.
pub(super) fn with(project: &Project, change: &dyn Fn(&mut TrainSpec)) -> Project {
    let (mut project, mut train) = (project.clone(), project.train.clone());
    change(&mut train);
    // Packs take the discriminator's input along.
    Edit::settings(&project, train).apply(&mut project).unwrap();
    assert_eq!(project.faults(), []);
    project
}

#[test]
fn whatever_it_pursues_a_run_goes_on_from_a_file_as_if_it_had_not_stopped() {
    let plain = project_of_the_whole_catalogue();
    let dataset = Arc::new(data::load(&plain.data, plain.seed, &mut |_| {}, &AtomicBool::new(false)).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut ends = Vec::new();
    for (name, change) in catalogue() {
        let project = with(&plain, &change);
        let mut unbroken = session(&project, &dataset, None);
        act(&mut unbroken, &[&BEFORE[..], &AFTER].concat());

        let mut first = session(&project, &dataset, None);
        act(&mut first, &BEFORE);
        let half = first.checkpoint(0).unwrap();
        let read = through_a_file(half.clone(), &folder.path().join("run.ganvas"));
        assert_eq!(read, half, "{name}: what is written is read");
        let mut second = session(&project, &dataset, Some(&read));
        act(&mut second, &AFTER);
        let (end, wanted) = [second, unbroken].map(|mut session| timeless(session.checkpoint(0).unwrap())).into();
        assert_eq!((wanted.g_steps, wanted.d_steps), (6, 4 * project.train.d_steps_per_g_step as u64 + 3), "{name}");
        assert_eq!(end, wanted, "{name}");
        ends.push((name, end.tensors));
    }
    // A setting that changes nothing would be tested in vain.
    let twins = |index: usize| ends[..index].iter().any(|(_, other)| *other == ends[index].1);
    let vain: Vec<&str> = (0..ends.len()).filter(|&index| twins(index)).map(|index| ends[index].0.as_str()).collect();
    assert_eq!(vain, [plain.train.loss.name()]);
}

#[test]
fn going_back_is_going_on_from_there() {
    let project = project_of_the_whole_catalogue();
    let dataset = Arc::new(data::load(&project.data, project.seed, &mut |_| {}, &AtomicBool::new(false)).unwrap());
    let mut run = session(&project, &dataset, None);
    act(&mut run, &BEFORE);
    let back = run.checkpoint(0).unwrap();
    act(&mut run, &AFTER);
    let wanted = timeless(run.checkpoint(0).unwrap());
    act(&mut run, &[Step, Step, D]);
    run.go_back(&back).unwrap();
    assert_eq!(timeless(run.checkpoint(0).unwrap()), timeless(back.clone()), "nothing is left of what came after");
    act(&mut run, &AFTER);
    assert_eq!(timeless(run.checkpoint(0).unwrap()), wanted);
}

#[test]
fn an_end_that_was_passed_is_not_stopped_at_again_after_a_file() {
    let mut project = project_of_the_whole_catalogue();
    project.train.stop = Stop::Steps(2);
    let dataset = Arc::new(data::load(&project.data, project.seed, &mut |_| {}, &AtomicBool::new(false)).unwrap());
    let mut run = session(&project, &dataset, None);
    let ends = |run: &mut Session| {
        run.step();
        run.take_end()
    };
    assert_eq!([(); 3].map(|()| ends(&mut run)), [false, true, false]);
    let folder = tempfile::tempdir().unwrap();
    let read = through_a_file(run.checkpoint(0).unwrap(), &folder.path().join("run.ganvas"));
    let mut resumed = session(&project, &dataset, Some(&read));
    assert!(!ends(&mut resumed), "it went on there, and does so here");
    project.train.stop = Stop::Steps(5);
    resumed.set(project.train).unwrap();
    assert!(ends(&mut resumed), "another end is one");
}
