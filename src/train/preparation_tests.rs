//! What a worker does before the first step on a graphics device, with the processor in place of one.

use std::time::Duration;

use super::self_check::condemn;
use super::{Checkpoint, Command, Event, Finish, Preparing, Samples, Show, Start, Task, Worker};
use crate::device::{DeviceChoice, OpenDevice};
use crate::spec::{Preset, Project, Stop};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn worker(name: &'static str) -> Worker {
    Worker::spawn_with(|| {}, move |_| Ok(OpenDevice::imitation(name)))
}

fn start(worker: &Worker, project: &Project, paused: bool) {
    let project = project.clone();
    let start = Start { project, device: DeviceChoice::Cpu, checkpoint: None, earlier: Vec::new(), dataset: None, paused };
    worker.send(Command::Start(Box::new(start)));
}

/// With a batch so large that its parts take a while.
fn slow_project() -> Project {
    let mut project = project("digits", 3);
    project.train.batch_size = 512;
    project
}

fn project(preset: &str, steps: u64) -> Project {
    let mut project = Preset::from_name(preset).unwrap().project();
    project.train.batch_size = 8;
    project.train.stop = Stop::Steps(steps);
    project
}

#[track_caller]
fn listen(worker: &Worker, until: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut heard = Vec::new();
    loop {
        let event = worker.wait_event(PATIENCE).unwrap_or_else(|| panic!("the worker fell silent after {heard:?}"));
        assert!(!matches!(event, Event::Failed(_)), "{event:?}");
        heard.push(event);
        if until(&heard[heard.len() - 1]) {
            return heard;
        }
    }
}

fn is_paused(event: &Event) -> bool {
    matches!(event, Event::Paused)
}

fn is_running(event: &Event) -> bool {
    matches!(event, Event::Running { .. })
}

fn is_preparing(event: &Event) -> bool {
    matches!(event, Event::Preparing { progress, .. } if progress.total > 0)
}

fn is_complete(event: &Event) -> bool {
    matches!(event, Event::Finished(Finish::Complete))
}

fn parts(heard: &[Event]) -> Vec<Preparing> {
    let part = |event: &Event| match event {
        Event::Preparing { progress, .. } if progress.total > 0 => Some(*progress),
        _ => None,
    };
    heard.iter().filter_map(part).collect()
}

/// Each part once, in order; checks come before kernels.
fn assert_in_order(parts: &[Preparing]) {
    assert!(parts.windows(2).all(|pair| pair[1].done == pair[0].done + 1 && pair[1].total == pair[0].total), "{parts:?}");
    let kernels = parts.iter().position(|part| part.task == Task::Kernels).unwrap();
    assert!(parts[..kernels].iter().all(|part| part.task == Task::Checking), "{parts:?}");
    assert!(parts[kernels..].iter().all(|part| part.task == Task::Kernels), "{parts:?}");
}

fn steps(checkpoint: &Checkpoint) -> Vec<u64> {
    checkpoint.history.iter().map(|record| record.step).collect()
}

#[test]
fn a_device_gets_ready_part_by_part_and_then_the_run_begins() {
    let worker = worker("first");
    start(&worker, &project("digits", 3), false);
    let heard = listen(&worker, is_running);
    let parts = parts(&heard);
    assert_in_order(&parts);
    assert_eq!((parts[0].done, parts[0].task), (0, Task::Checking), "a device that nobody knows is checked");
    assert_eq!(parts[parts.len() - 1].done, parts[0].total - 1, "the last part is the first step");
    let told = heard.iter().find_map(|event| if let Event::Progress(progress) = event { Some(progress) } else { None });
    assert_eq!(told.map(|progress| progress.step), Some(1), "the run goes on when the first step is done");
    listen(&worker, is_complete);
    assert_eq!(steps(&worker.checkpoint().unwrap()), [1, 2, 3]);
}

#[test]
fn samples_are_there_before_the_device_is_ready() {
    let worker = worker("samples");
    start(&worker, &slow_project(), false);
    listen(&worker, is_preparing);
    assert_eq!(worker.snapshot().unwrap().step, 0);
}

#[test]
fn a_pause_is_heard_between_two_parts_and_the_rest_is_done_later() {
    let worker = worker("pause");
    start(&worker, &slow_project(), false);
    worker.send(Command::Pause);
    let mut told = parts(&listen(&worker, is_paused));
    assert!(told.len() <= 2, "at most the part that was under way is finished: {told:?}");
    assert_eq!(worker.checkpoint().unwrap().g_steps, 0);
    worker.send(Command::Resume);
    told.extend(parts(&listen(&worker, is_running)));
    // Going on says again where it stands.
    told.dedup();
    assert_in_order(&told);
    listen(&worker, is_complete);
}

#[test]
fn a_stop_and_another_start_are_heard_between_two_parts() {
    let worker = worker("stop");
    start(&worker, &slow_project(), false);
    listen(&worker, is_preparing);
    worker.send(Command::Stop);
    let heard = listen(&worker, |event| matches!(event, Event::Finished(Finish::Stopped)));
    assert!(!heard.iter().any(is_running));
    start(&worker, &slow_project(), false);
    listen(&worker, is_preparing);
    start(&worker, &project("ring8", 2), false);
    listen(&worker, |event| matches!(event, Event::Starting));
    listen(&worker, is_complete);
    assert_eq!(worker.checkpoint().unwrap().project.name, "ring8");
}

#[test]
fn a_single_step_waits_until_the_device_is_ready() {
    let worker = worker("single");
    start(&worker, &project("ring8", 9), true);
    let heard = listen(&worker, is_paused);
    assert!(parts(&heard).is_empty(), "who only looks does not wait");
    worker.send(Command::StepD);
    let heard = listen(&worker, is_paused);
    assert_in_order(&parts(&heard));
    let held = worker.checkpoint().unwrap();
    assert_eq!((held.d_steps, held.g_steps), (1, 0));
    // A pause calls the step off that still waits.
    start(&worker, &project("digits", 9), true);
    listen(&worker, is_paused);
    worker.send(Command::StepG);
    worker.send(Command::Pause);
    listen(&worker, is_paused);
    assert_eq!(worker.checkpoint().unwrap().g_steps, 0);
    assert!(worker.wait_event(Duration::from_millis(300)).is_none(), "a held run is silent");
}

#[test]
fn a_device_that_computes_something_else_is_not_used() {
    condemn("unfit");
    let worker = worker("unfit");
    start(&worker, &project("ring8", 3), false);
    let heard = listen(&worker, is_running);
    let warned = heard.iter().find_map(|event| if let Event::Warning(text) = event { Some(text.as_str()) } else { None });
    let wanted = "unfit computes otherwise than the CPU (weights differ by 2.0e-1 after one step), so the run uses the CPU";
    assert_eq!(warned, Some(wanted));
    assert!(matches!(heard.last(), Some(Event::Running { device }) if device == "CPU"));
    listen(&worker, is_complete);
    assert_eq!(steps(&worker.checkpoint().unwrap()), [1, 2, 3]);
}

#[test]
fn another_batch_size_is_prepared_while_the_run_is_on() {
    let worker = worker("batch");
    let mut project = project("ring8", 100_000);
    start(&worker, &project, false);
    listen(&worker, is_running);
    project.train.batch_size = 5;
    worker.send(Command::Set(Box::new(project.train.clone())));
    let heard = listen(&worker, is_running);
    assert_in_order(&parts(&heard));
    worker.send(Command::Pause);
    listen(&worker, is_paused);
    let checkpoint = worker.checkpoint().unwrap();
    assert_eq!(steps(&checkpoint), (1..=checkpoint.g_steps).collect::<Vec<_>>(), "no step is without its numbers");
}

#[test]
fn batches_that_are_filled_up_show_what_smaller_ones_show() {
    for (preset, pictures) in [("digits", 13), ("ring8", 13)] {
        let snapshot = |worker: &Worker| {
            worker.send(Command::Show(Show { pictures, averaged: true }));
            start(worker, &project(preset, 2), false);
            listen(worker, is_complete);
            worker.snapshot().unwrap().samples.clone()
        };
        let [filled, plain] = [snapshot(&worker("filled")), snapshot(&Worker::spawn(|| {}))];
        match (filled, plain) {
            (Samples::Pictures(filled), Samples::Pictures(plain)) => {
                assert_eq!(filled.count(), pictures);
                let differ = filled.bytes.iter().zip(&plain.bytes).filter(|(a, b)| a.abs_diff(**b) > 1).count();
                assert_eq!((filled.bytes.len(), differ), (plain.bytes.len(), 0));
            }
            (Samples::Points { generated, verdict }, Samples::Points { generated: plain, verdict: plain_verdict }) => {
                let close = |a: &[f32], b: &[f32]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
                assert!(close(generated.as_flattened(), plain.as_flattened()));
                assert!(close(&verdict.values, &plain_verdict.values));
            }
            _ => panic!("{preset} has one kind of samples"),
        }
    }
}
