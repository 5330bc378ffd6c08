//! A run that is measured while it trains, from its start through a file to going on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Assessed, Assessing, Checkpoint, Command, Event, Start, Worker};
use crate::device::DeviceChoice;
use crate::measure::{Measure, Series};
use crate::project::ProjectFile;
use crate::spec::{Preset, Project};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(120);

fn start(project: &Project, checkpoint: Option<Arc<Checkpoint>>) -> Worker {
    let worker = Worker::spawn(|| {});
    worker.send(Command::Measure(Some(Duration::from_millis(10))));
    let start =
        Start { project: project.clone(), device: DeviceChoice::Cpu, checkpoint, earlier: Vec::new(), dataset: None, paused: false };
    worker.send(Command::Start(Box::new(start)));
    worker
}

/// Waits until what was measured is as it should be; meanwhile the worker's events are heard.
#[track_caller]
fn wait(worker: &Worker, is_so: impl Fn(&Assessed) -> bool) -> Arc<Assessed> {
    let end = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < end, "nothing came of it: {:?}", worker.assessed().map(|assessed| assessed.stage.clone()));
        if let Some(event) = worker.wait_event(Duration::from_millis(5)) {
            assert!(!matches!(event, Event::Failed(_)), "{event:?}");
        }
        if let Some(assessed) = worker.assessed().filter(|assessed| is_so(assessed)) {
            return assessed;
        }
    }
}

fn hear(worker: &Worker, what: impl Fn(&Event) -> bool) {
    while !what(&worker.wait_event(PATIENCE).unwrap()) {}
}

fn steps(series: &Series) -> Vec<u64> {
    series.iter().map(|assessment| assessment.step).collect()
}

#[test]
fn what_was_measured_and_the_best_survive_the_file_and_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ring.ganvas");
    let project = Preset::from_name("ring8").unwrap().project();
    let worker = start(&project, None);
    wait(&worker, |assessed| assessed.quality.series.len() >= 3);
    worker.send(Command::Pause);
    hear(&worker, |event| matches!(event, Event::Paused));
    let held = worker.checkpoint().unwrap().g_steps;
    let before = wait(&worker, |assessed| assessed.quality.series.last().is_some_and(|last| last.step == held));
    assert!(steps(&before.quality.series).is_sorted_by(|a, b| a < b));
    let best = before.quality.best.clone().unwrap();
    assert_eq!(before.best.as_ref().unwrap().g_steps, best.assessment.step);
    worker.send(Command::Save { project: Box::new(project.clone()), path: path.clone() });
    hear(&worker, |event| matches!(event, Event::Saved { .. }));
    drop(worker);

    let read = ProjectFile::load(&path).unwrap().checkpoint.unwrap();
    assert_eq!(read.quality, before.quality);
    let at_best = read.at_best().unwrap();
    let latents = vec![0.25; 16];
    let made = |checkpoint: &Checkpoint| {
        let handle = crate::latent::GeneratorHandle::from_checkpoint(&checkpoint.project, checkpoint).unwrap();
        handle.generate(&latents).unwrap()
    };
    assert_eq!(made(&at_best), made(before.best.as_ref().unwrap()));

    let count = before.quality.series.len();
    let worker = start(&project, Some(read));
    let after = wait(&worker, |assessed| assessed.quality.series.len() > count);
    assert_eq!(steps(&after.quality.series)[..count], steps(&before.quality.series));
    for measure in Measure::ALL {
        assert_eq!(after.quality.series.floor(measure), before.quality.series.floor(measure), "floors are the same again: {measure:?}");
    }
}

#[test]
fn a_run_on_other_data_is_measured_anew() {
    let project = Preset::from_name("ring8").unwrap().project();
    let worker = start(&project, None);
    wait(&worker, |assessed| !assessed.quality.series.is_empty());
    worker.send(Command::Stop);
    let stopped = wait(&worker, |assessed| assessed.stage == Assessing::Off);
    let checkpoint = worker.checkpoint().unwrap();
    assert_eq!(checkpoint.quality.series.is_empty(), stopped.quality.series.is_empty());
    let other = Project { seed: project.seed + 1, ..project.clone() };
    assert!(Assessed::from_checkpoint(&other, Some(&checkpoint), &[]).quality.is_empty());
    assert!(!Assessed::from_checkpoint(&project, Some(&checkpoint), &[]).quality.is_empty());
}

#[test]
fn a_run_that_nobody_wants_measured_is_not() {
    let project = Preset::from_name("ring8").unwrap().project();
    let worker = start(&project, None);
    wait(&worker, |assessed| !assessed.quality.series.is_empty());
    worker.send(Command::Measure(None));
    let off = wait(&worker, |assessed| assessed.stage == Assessing::Off);
    let end = Instant::now() + Duration::from_millis(300);
    while Instant::now() < end {
        worker.wait_event(Duration::from_millis(5));
    }
    assert_eq!(worker.assessed().unwrap().quality.series.len(), off.quality.series.len());
    worker.send(Command::Measure(Some(Duration::from_millis(10))));
    wait(&worker, |assessed| assessed.quality.series.len() > off.quality.series.len());
}
