//! Settings that change while a run goes on apply from its next step on, as if it had been begun again there with them, and no sooner.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::resume_tests::{Change, catalogue, change, session, timeless, with};
use super::trainer::tests::project_of_the_whole_catalogue;
use super::{Checkpoint, Command, Event, Session, Start, Worker};
use crate::data::{self, Dataset};
use crate::device::{self, DeviceChoice};
use crate::spec::{Augmentation, Latent, Optimiser, OptimiserSpec, Preset, Project, Regularisation, TrainSpec};

/// Steps before the change. The discriminator's step after it is due for what is computed at every third.
const BEFORE: u64 = 3;

/// What a run is begun with, and what is changed.
type Case = (Change, Change);

fn adam(beta1: f32, beta2: f32) -> Optimiser {
    Optimiser::Adam { beta1, beta2, epsilon: 1e-8 }
}

/// Settings of one network alone, and what can be taken back.
fn more_cases() -> Vec<Case> {
    let usual = || change("", |_| {});
    let rules = |rules: Regularisation| change("", move |train| train.regularisation = rules);
    let none = Regularisation::default();
    let pictures = Augmentation { colour: true, translation: true, cutout: true, ..Augmentation::default() };
    vec![
        (usual(), change("G's rate", |train| train.generator.learning_rate *= 2.0)),
        (usual(), change("D's rate", |train| train.discriminator.learning_rate *= 2.0)),
        (usual(), change("G's betas", |train| train.generator.rule = adam(0.1, 0.9))),
        (usual(), change("D's first beta", |train| train.discriminator.rule = adam(0.0, 0.999))),
        (usual(), change("D's second beta", |train| train.discriminator.rule = adam(0.5, 0.9))),
        (usual(), change("G's optimiser", |train| train.generator.rule = Optimiser::ALL[2])),
        (
            change("", |train| train.generator = OptimiserSpec { learning_rate: 1e-3, rule: Optimiser::Sgd { momentum: 0.9 } }),
            change("G's optimiser, which had a memory of another kind", |train| train.generator.rule = adam(0.5, 0.999)),
        ),
        (usual(), change("D's optimiser", |train| train.discriminator.rule = Optimiser::Sgd { momentum: 0.0 })),
        (usual(), change("batch size", |train| train.batch_size = 8)),
        (usual(), change("averaging decay", |train| train.ema_decay = 0.1)),
        (change("", |train| train.ema_decay = 0.0), change("averaging switched on", |train| train.ema_decay = 0.9)),
        (rules(Regularisation { r1: 1.0, ..none }), change("penalty now and then", |train| train.regularisation.every = 2)),
        (rules(Regularisation { r1: 1.0, r2: 1.0, ..none }), change("heavier R1", |train| train.regularisation.r1 = 2.0)),
        (
            rules(Regularisation { gradient_penalty: 10.0, lecam: 0.3, every: 2, clip: 0.01, ..none }),
            change("nothing punished any more", move |train| train.regularisation = none),
        ),
        (change("", |train| train.noise.deviation = 0.3), change("no noise any more", |train| train.noise.deviation = 0.0)),
        (change("", |train| train.d_steps_per_g_step = 3), change("fewer steps of D", |train| train.d_steps_per_g_step = 1)),
        (
            change("", move |train| train.augmentation = Augmentation { adaptive: true, ramp: 1, ..pictures }),
            change("a probability that no longer adapts", move |train| train.augmentation = pictures),
        ),
    ]
}

fn dataset(project: &Project) -> Arc<Dataset> {
    Arc::new(data::load(&project.data, project.seed, &mut |_| {}, &AtomicBool::new(false)).unwrap())
}

fn state(session: &mut Session) -> Checkpoint {
    timeless(session.checkpoint(0).unwrap())
}

/// All that a run knew before it was told of other settings. What its average is shows once it goes on: without averaging it is the
/// generator.
fn past(checkpoint: &Checkpoint) -> impl PartialEq + use<> {
    let tensors: Vec<_> = checkpoint.tensors.clone().into_iter().filter(|(name, _)| !name.starts_with("average.")).collect();
    let counts = [checkpoint.g_steps, checkpoint.d_steps, checkpoint.g_optimiser_steps, checkpoint.d_optimiser_steps];
    (tensors, counts, checkpoint.samples_seen, checkpoint.history.iter().collect::<Vec<_>>())
}

#[test]
fn a_setting_applies_from_the_next_step_on_as_if_the_run_had_been_begun_again_there() {
    let plain = project_of_the_whole_catalogue();
    let dataset = dataset(&plain);
    let usual = || change("", |_| {});
    let mut checked = 0;
    for ((_, begun), (name, changed)) in catalogue().into_iter().map(|changed| (usual(), changed)).chain(more_cases()) {
        let before = with(&plain, &begun);
        let after = with(&before, &changed);
        if after.train.clone().in_run_of(&before.train) != after.train || after == before {
            // What waits for a start is another matter.
            continue;
        }
        let mut run = session(&before, &dataset, None);
        (0..BEFORE).for_each(|_| run.step());
        let kept = run.checkpoint(0).unwrap();
        let mut unchanged = session(&before, &dataset, Some(&kept));
        run.set(after.train.clone()).unwrap();
        assert!(past(&state(&mut run)) == past(&timeless(kept.clone())), "{name}: the past has changed");

        let mut resumed = session(&after, &dataset, Some(&kept));
        [&mut run, &mut resumed, &mut unchanged].into_iter().for_each(Session::step);
        let [run_now, resumed_now, unchanged_now] = [&mut run, &mut resumed, &mut unchanged].map(state);
        assert_eq!(run_now, resumed_now, "{name}: the next step");
        assert_ne!(run_now.tensors, unchanged_now.tensors, "{name} has no effect");
        [&mut run, &mut resumed].into_iter().for_each(Session::step);
        assert_eq!(state(&mut run), state(&mut resumed), "{name}: the step after it");
        checked += 1;
    }
    assert!(checked >= 40, "{checked} were checked");
}

#[test]
fn what_belongs_to_the_networks_waits_for_the_next_start() {
    let plain = with(&project_of_the_whole_catalogue(), &|train| train.batch_size = 8);
    let dataset = dataset(&plain);
    let waiting: [fn(&mut TrainSpec); 2] = [|train| train.latent = Latent::Uniform, |train| train.packing = 2];
    for changed in waiting {
        let mut run = session(&plain, &dataset, None);
        run.step();
        let kept = run.checkpoint(0).unwrap();
        let after = with(&plain, &changed);
        let mut unchanged = session(&plain, &dataset, Some(&kept));
        let mut restarted = session(&after, &dataset, Some(&kept));
        run.set(after.train.clone()).unwrap();
        assert_eq!((run.settings(), restarted.settings()), (&plain.train, &after.train));
        [&mut run, &mut unchanged, &mut restarted].into_iter().for_each(Session::step);
        let [run, unchanged, restarted] = [run, unchanged, restarted].map(|mut session| state(&mut session));
        assert_eq!(run, unchanged);
        assert_ne!(run.tensors, restarted.tensors);
    }
}

#[test]
fn nothing_is_lost_of_what_a_worker_is_told_while_it_does_not_listen() {
    let (gate, opened) = channel::<()>();
    let worker = Worker::spawn_with(
        || {},
        move |info| {
            // Some drivers take minutes.
            opened.recv().unwrap();
            device::open(info)
        },
    );
    let project = Preset::from_name("ring8").unwrap().project();
    let start =
        Start { project: project.clone(), device: DeviceChoice::Cpu, checkpoint: None, earlier: Vec::new(), dataset: None, paused: true };
    worker.send(Command::Start(Box::new(start)));
    let rate = |index: u32| 1e-3 / (1.0 + index as f32);
    const TOLD: u32 = 5000;
    for index in 1..=TOLD {
        let generator = OptimiserSpec { learning_rate: rate(index), ..project.train.generator };
        worker.send(Command::Set(Box::new(TrainSpec { generator, ..project.train.clone() })));
    }
    worker.send(Command::StepG);
    gate.send(()).unwrap();
    // It is held at its start, and again after the step.
    for _ in 0..2 {
        while !matches!(worker.wait_event(Duration::from_secs(120)).unwrap(), Event::Paused) {}
    }
    let kept = worker.checkpoint().unwrap();
    assert_eq!((kept.g_steps, kept.project.train.generator.learning_rate), (1, rate(TOLD)));
}
