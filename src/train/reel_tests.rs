//! Frames of runs: what they show, that taking them changes nothing, and that they survive files and going back.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::trainer::tests::project_of_the_whole_catalogue;
use super::{Checkpoint, Command, Event, POINTS_IN_FRAME, Reel, Samples, Session, Show, Stage, Start, Still, Worker, pictures_in_frame};
use crate::data::{self, Dataset};
use crate::device::{self, DeviceChoice};
use crate::project::ProjectFile;
use crate::spec::{Latent, Preset, Project};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(120);

fn session(project: &Project, dataset: &Arc<Dataset>, checkpoint: Option<&Checkpoint>) -> Session {
    let cpu = device::open(&device::resolve(&DeviceChoice::Cpu).unwrap()).unwrap();
    Session::new(Stage::new(project.clone(), cpu, checkpoint).unwrap(), Arc::clone(dataset), checkpoint)
}

fn dataset(project: &Project) -> Arc<Dataset> {
    Arc::new(data::load(&project.data, project.seed, &mut |_| {}, &AtomicBool::new(false)).unwrap())
}

fn steps(reel: &Reel) -> Vec<u64> {
    reel.iter().map(|frame| frame.step).collect()
}

fn through_a_file(checkpoint: Checkpoint) -> Checkpoint {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ganvas");
    let file = ProjectFile::trained(checkpoint.project.clone(), Arc::new(checkpoint));
    file.save(&path).unwrap();
    Arc::unwrap_or_clone(ProjectFile::load(&path).unwrap().checkpoint.unwrap())
}

#[test]
fn a_run_that_is_filmed_learns_bit_for_bit_the_same() {
    let project = project_of_the_whole_catalogue();
    let dataset = dataset(&project);
    let (mut filmed, mut other) = (session(&project, &dataset, None), session(&project, &dataset, None));
    for _ in 0..4 {
        filmed.film(None).unwrap();
        filmed.step();
        other.step();
    }
    let (filmed, other) = (filmed.checkpoint(0).unwrap(), other.checkpoint(0).unwrap());
    assert_eq!(filmed.tensors, other.tensors);
    assert_eq!((steps(&filmed.reel), steps(&other.reel)), (vec![0, 1, 2, 3], vec![]));
}

#[test]
fn frames_go_through_a_file_and_on_and_those_of_what_was_given_up_go() {
    for preset in ["ring8", "digits"] {
        let project = Preset::from_name(preset).unwrap().project();
        let dataset = dataset(&project);
        let mut first = session(&project, &dataset, None);
        let mut states = Vec::new();
        for _ in 0..3 {
            first.film(None).unwrap();
            first.film(None).unwrap();
            states.push(first.checkpoint(0).unwrap());
            first.step();
        }
        let written = first.checkpoint(0).unwrap();
        let read = through_a_file(written.clone());
        assert_eq!(read.reel, written.reel, "{preset}");
        let mut second = session(&project, &dataset, Some(&read));
        second.film(None).unwrap();
        assert_eq!(steps(second.reel()), [0, 1, 2, 3], "{preset}");
        second.go_back(&states[1]).unwrap();
        assert_eq!(steps(second.reel()), [0, 1], "{preset}");
        second.step();
        second.film(None).unwrap();
        let stills = |reel: &Reel| reel.iter().map(|frame| (frame.step, frame.samples.clone())).collect::<Vec<_>>();
        assert_eq!(stills(second.reel()), stills(&read.reel), "{preset}: the same steps make the same frames");
    }
}

#[test]
fn frames_are_the_first_of_the_samples_that_are_shown() {
    for preset in ["ring8", "digits"] {
        let project = Preset::from_name(preset).unwrap().project();
        let mut run = session(&project, &dataset(&project), None);
        run.step();
        let shown = run.snapshot(Show::default()).unwrap();
        let raw = run.snapshot(Show { averaged: false, ..Show::default() }).unwrap();
        run.film(None).unwrap();
        let made = run.reel().last().unwrap().samples.clone();
        let mut other = session(&project, &dataset(&project), None);
        other.step();
        other.film(Some(&shown)).unwrap();
        assert_eq!(other.reel().last().unwrap().samples, made, "{preset}");
        match (&made, &shown.samples) {
            (Still::Points(points), Samples::Points { generated, .. }) => assert_eq!(points[..], generated[..POINTS_IN_FRAME]),
            (Still::Pictures(pictures), Samples::Pictures(all)) => {
                assert_eq!(pictures.count(), pictures_in_frame(all.shape));
                assert_eq!(pictures.bytes, all.bytes[..pictures.bytes.len()]);
            }
            _ => unreachable!(),
        }
        // Samples of the generator that is not averaged are not what frames show.
        let mut third = session(&project, &dataset(&project), None);
        third.step();
        third.film(Some(&raw)).unwrap();
        assert_eq!(third.reel().last().unwrap().samples, made, "{preset}");
    }
}

#[test]
fn other_latent_vectors_begin_another_reel() {
    let mut project = Preset::from_name("ring8").unwrap().project();
    let dataset = dataset(&project);
    let mut run = session(&project, &dataset, None);
    run.film(None).unwrap();
    run.step();
    let checkpoint = run.checkpoint(0).unwrap();
    project.train.latent = if project.train.latent == Latent::Normal { Latent::Uniform } else { Latent::Normal };
    assert!(session(&project, &dataset, Some(&checkpoint)).reel().is_empty());
    let latent = run.settings().latent;
    run.set(project.train).unwrap();
    assert_eq!((run.settings().latent, run.reel().len()), (latent, 1), "they apply from the next start");
}

#[track_caller]
fn hear(worker: &Worker, what: impl Fn(&Event) -> bool) {
    loop {
        let event = worker.wait_event(PATIENCE).unwrap();
        assert!(!matches!(event, Event::Failed(_)), "{event:?}");
        if what(&event) {
            return;
        }
    }
}

#[test]
fn a_worker_films_where_nothing_is_shown_and_a_run_that_goes_back_forgets_what_came_later() {
    let project = Preset::from_name("ring8").unwrap().project();
    let worker = Worker::spawn(|| {});
    worker.send(Command::Show(Show { pictures: 0, averaged: true }));
    let start = Start { project, device: DeviceChoice::Cpu, checkpoint: None, earlier: Vec::new(), dataset: None, paused: false };
    worker.send(Command::Start(Box::new(start)));
    hear(&worker, |event| matches!(event, Event::Progress(_)) && worker.reel().is_some_and(|reel| reel.len() >= 3));
    worker.send(Command::Pause);
    hear(&worker, |event| matches!(event, Event::Paused));
    let (checkpoint, reel) = (worker.checkpoint().unwrap(), worker.reel().unwrap());
    assert_eq!(*reel, checkpoint.reel);
    assert!(reel.len() >= 3, "{:?}", steps(&reel));
    assert_eq!((steps(&reel)[0], reel.last().unwrap().step), (0, checkpoint.g_steps));
    assert!(worker.snapshot().is_none());
    let middle = steps(&reel)[reel.len() / 2];
    worker.send(Command::GoBack { step: middle, lower_rates: false });
    hear(&worker, |event| matches!(event, Event::WentBack { .. }));
    hear(&worker, |event| matches!(event, Event::Paused));
    let back = worker.checkpoint().unwrap().g_steps;
    assert!(back <= middle);
    assert_eq!(*worker.reel().unwrap(), reel.until(back));
}
