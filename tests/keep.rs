//! Nothing is lost: a run goes back by itself or when it is told to, and saves by itself, whatever ends it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Program, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ganvas::device::DeviceChoice;
use ganvas::measure::doctor::Vitals;
use ganvas::project::ProjectFile;
use ganvas::random::{Purpose, stream};
use ganvas::spec::{Loss, Optimiser, OptimiserSpec, Preset, Project, Source, Stop, TrainSpec};
use ganvas::train::{Autosave, Checkpoint, Command, Event, Finish, SaveTarget, Start, Worker};
use rand::RngExt as _;

use common::{PATIENCE, listen, start};

fn ring8() -> Project {
    Preset::from_name("ring8").unwrap().project()
}

/// A critic that nothing bounds, with steps that are too large for it.
fn unbounded(rate: f32, steps: u64) -> Project {
    let mut project = ring8();
    project.train = project.train.with_loss(Loss::Wasserstein);
    project.train.regularisation.clip = 0.0;
    let spec = OptimiserSpec { learning_rate: rate, rule: Optimiser::Sgd { momentum: 0.0 } };
    (project.train.generator, project.train.discriminator) = (spec, spec);
    project.train.stop = Stop::Steps(steps);
    project
}

fn is_paused(event: &Event) -> bool {
    matches!(event, Event::Paused)
}

fn is_complete(event: &Event) -> bool {
    matches!(event, Event::Finished(Finish::Complete))
}

fn recoveries(heard: &[Event]) -> Vec<(u64, u64, &TrainSpec, &str)> {
    let recovery = |event| match event {
        &Event::Recovered { from, to, ref train, ref reason } => Some((from, to, train.as_ref(), reason.as_str())),
        _ => None,
    };
    heard.iter().filter_map(recovery).collect()
}

/// Trains until so many steps are done, and holds.
fn train_to(worker: &Worker, step: u64) -> u64 {
    worker.send(Command::Resume);
    listen(worker, |event| matches!(event, Event::Progress(progress) if progress.step >= step));
    worker.send(Command::Pause);
    listen(worker, is_paused);
    worker.checkpoint().unwrap().g_steps
}

#[test]
fn a_run_that_breaks_goes_back_and_on_with_smaller_steps() {
    let worker = Worker::spawn(|| {});
    start(&worker, &unbounded(1.0, 1200), None, false);
    let heard = listen(&worker, is_complete);
    let went = recoveries(&heard);
    assert!((1..=5).contains(&went.len()), "{went:?}");
    for (index, (from, to, train, reason)) in went.iter().enumerate() {
        assert!(from > to && reason.contains("'s loss is "), "{from} {to} {reason}");
        let half = 0.5_f32.powi(index as i32 + 1);
        assert_eq!((train.generator.learning_rate, train.discriminator.learning_rate), (half, half));
    }
    let end = worker.checkpoint().unwrap();
    assert!(end.is_finite());
    assert_eq!(end.history.iter().map(|record| record.step).collect::<Vec<_>>(), (1..=1200).collect::<Vec<_>>());
    assert_eq!(&end.project.train, went.last().unwrap().2, "what it went on with is in the checkpoint");
}

#[test]
fn a_run_whose_samples_become_all_the_same_goes_back_to_where_they_were_diverse() {
    let worker = Worker::spawn(|| {});
    let project = Preset::from_name("points").unwrap().project();
    start(&worker, &project, None, true);
    listen(&worker, is_paused);
    let held = train_to(&worker, 1_500);
    let mut train = project.train;
    // Weights that shrink by a tenth in every step leave nothing of the latents.
    let rule = Optimiser::AdamW { beta1: 0.5, beta2: 0.999, epsilon: 1e-8, decay: 100.0 };
    train.generator = OptimiserSpec { learning_rate: 1e-3, rule };
    worker.send(Command::Set(Box::new(train)));
    worker.send(Command::Resume);
    let heard = listen(&worker, |event| {
        matches!(event, Event::Recovered { .. }) || matches!(event, Event::Progress(progress) if progress.step > 20_000)
    });
    let (from, to, train, reason) = recoveries(&heard)[0];
    assert!(to >= held && to < from, "{held} {to} {from}");
    assert!(reason.starts_with("mode collapse since step "), "{reason}");
    assert_eq!(train.generator.learning_rate, 5e-4);
}

#[test]
fn a_run_that_is_not_to_go_back_ends_in_words_where_it_breaks() {
    let worker = Worker::spawn(|| {});
    let mut project = unbounded(1e9, 1200);
    project.train.recover = false;
    start(&worker, &project, None, false);
    let heard = listen(&worker, |event| matches!(event, Event::Failed(_)));
    let Some(Event::Failed(reason)) = heard.last() else { unreachable!() };
    assert_eq!(recoveries(&heard), []);
    assert!(reason.starts_with("training diverged at step"), "{reason}");
    assert!(reason.contains("(now 1e9 and 1e9)"), "{reason}");
    assert!(worker.checkpoint().unwrap().is_finite());
}

#[test]
fn a_run_that_is_not_to_go_back_trains_on_with_samples_that_are_all_the_same() {
    let worker = Worker::spawn(|| {});
    let mut project = Preset::from_name("points").unwrap().project();
    project.train.recover = false;
    start(&worker, &project, None, true);
    listen(&worker, is_paused);
    train_to(&worker, 1_500);
    // As in the run that does go back.
    let rule = Optimiser::AdamW { beta1: 0.5, beta2: 0.999, epsilon: 1e-8, decay: 100.0 };
    project.train.generator = OptimiserSpec { learning_rate: 1e-3, rule };
    worker.send(Command::Set(Box::new(project.train.clone())));
    let from = worker.checkpoint().unwrap().g_steps;
    worker.send(Command::Resume);
    // So many looks with next to no diversity are twice what such a run goes back after.
    let (same, looks) = (Cell::new(0), Cell::new(0));
    let heard = listen(&worker, |event| {
        if let Event::Vitals(vitals) = event {
            looks.set(looks.get() + 1);
            same.set(if vitals.samples.diversity < 0.1 { same.get() + 1 } else { 0 });
        }
        same.get() >= 12 || looks.get() >= 300
    });
    assert!(same.get() >= 12, "the samples stay diverse");
    assert_eq!(recoveries(&heard), []);
    worker.send(Command::Pause);
    let heard = listen(&worker, is_paused);
    assert_eq!(recoveries(&heard), []);
    let held = worker.checkpoint().unwrap();
    assert!(held.g_steps > from);
    assert_eq!(held.project.train, project.train, "with the rates it has");
}

#[test]
fn a_run_that_breaks_again_and_again_ends_in_words_with_good_weights() {
    let worker = Worker::spawn(|| {});
    start(&worker, &unbounded(1e9, 1200), None, false);
    let heard = listen(&worker, |event| matches!(event, Event::Failed(_)));
    let Some(Event::Failed(reason)) = heard.last() else { unreachable!() };
    assert_eq!(recoveries(&heard).len(), 5);
    assert!(reason.starts_with("going back 5 times did not help: training diverged at step"), "{reason}");
    assert!(reason.contains("Lower the learning rates (now 3.125e7 and 3.125e7)"), "{reason}");
    assert!(worker.checkpoint().unwrap().is_finite());
}

#[test]
fn a_single_step_that_breaks_the_run_is_taken_back_and_the_run_is_held() {
    let worker = Worker::spawn(|| {});
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ganvas");
    start(&worker, &unbounded(1e-3, 1_000_000), None, true);
    listen(&worker, is_paused);
    let held = train_to(&worker, 200);
    worker.send(Command::Set(Box::new(unbounded(1e9, 1_000_000).train)));
    let mut heard = Vec::new();
    while recoveries(&heard).is_empty() {
        assert!(heard.len() < 200, "{heard:?}");
        for step in [Command::StepD, Command::StepG] {
            worker.send(step);
            heard.extend(listen(&worker, is_paused));
        }
    }
    let (from, to, ..) = recoveries(&heard)[0];
    assert!(from >= held && to < held, "{from} {to}");
    worker.send(Command::Save { project: Box::new(ring8()), path: path.clone() });
    listen(&worker, |event| matches!(event, Event::Saved { .. }));
    assert!(ProjectFile::load(&path).unwrap().checkpoint.unwrap().is_finite());
}

/// A run that was held at three of its steps, and is held at the last of them.
fn held_at_three_places() -> (Worker, [u64; 3]) {
    let worker = Worker::spawn(|| {});
    start(&worker, &ring8(), None, true);
    listen(&worker, is_paused);
    let places = [60, 120, 180].map(|step| train_to(&worker, step));
    (worker, places)
}

#[test]
fn a_person_goes_back_and_forth_and_the_same_steps_lead_to_the_same_place() {
    let (worker, places) = held_at_three_places();
    let kept: Vec<u64> = worker.states().iter().map(|state| state.g_steps).collect();
    assert!(kept[0] == 0 && kept.contains(&places[1]) && kept.contains(&places[2]), "{kept:?}");
    let last = worker.checkpoint().unwrap();

    worker.send(Command::GoBack { step: places[1], lower_rates: false });
    let heard = listen(&worker, |event| matches!(event, Event::Progress(_)));
    assert!(matches!(heard[0], Event::WentBack { from, to } if (from, to) == (places[2], places[1])), "{heard:?}");
    assert_eq!(worker.checkpoint().unwrap().g_steps, places[1]);
    assert_eq!(worker.snapshot().unwrap().step, places[1], "it is seen");
    assert_eq!(worker.states().last().unwrap().g_steps, places[2], "and there is a way forth again");
    worker.send(Command::Set(Box::new(TrainSpec { stop: Stop::Steps(places[2]), ..ring8().train })));
    worker.send(Command::Resume);
    listen(&worker, is_complete);
    assert_eq!(worker.checkpoint().unwrap().tensors, last.tensors, "bit for bit");

    let near = worker.states().iter().map(|state| state.g_steps).filter(|&step| step <= places[0] + 1).max();
    worker.send(Command::GoBack { step: places[0] + 1, lower_rates: true });
    let heard = listen(&worker, |event| matches!(event, Event::Progress(_)));
    let went = recoveries(&heard);
    let [(_, to, train, _)] = went[..] else { panic!("{heard:?}") };
    listen(&worker, is_paused);
    assert_eq!((Some(to), train.generator.learning_rate), (near, 0.5 * ring8().train.generator.learning_rate));
}

#[test]
fn who_goes_to_a_state_on_the_way_that_was_left_finds_what_happened_on_that_way() {
    let (worker, places) = held_at_three_places();
    let left = worker.checkpoint().unwrap();
    let go_to = |step| {
        worker.send(Command::GoBack { step, lower_rates: false });
        listen(&worker, is_paused);
        assert_eq!(worker.checkpoint().unwrap().g_steps, step);
    };
    go_to(places[0]);
    // Not so far that the state that was left is passed.
    let mut other = TrainSpec { stop: Stop::Steps((places[0] + places[2]) / 2), ..ring8().train };
    other.discriminator.learning_rate *= 0.5;
    worker.send(Command::Set(Box::new(other)));
    worker.send(Command::Resume);
    listen(&worker, is_complete);
    go_to(places[2]);
    worker.send(Command::Set(Box::new(ring8().train)));
    train_to(&worker, places[2] + 20);

    let now = worker.checkpoint().unwrap();
    assert_eq!(now.signs.series.until(places[2]), left.signs.series);
    assert_eq!(now.history.iter().take(left.history.len()).collect::<Vec<_>>(), left.history.iter().collect::<Vec<_>>());
    let frames = |checkpoint: &Checkpoint| checkpoint.reel.until(places[2]).iter().cloned().collect::<Vec<_>>();
    assert!(frames(&now).iter().all(|frame| frames(&left).contains(frame)), "no frame is of the other way");
    assert!(!frames(&now).is_empty());
}

#[test]
fn a_run_that_was_opened_from_a_file_goes_back_to_where_it_could_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ganvas");
    let (worker, places) = held_at_three_places();
    let last = worker.checkpoint().unwrap();
    worker.send(Command::Save { project: Box::new(ring8()), path: path.clone() });
    listen(&worker, |event| matches!(event, Event::Saved { .. }));
    let before = worker.states();
    let kept = before.split_last().unwrap().1;

    let ProjectFile { checkpoint, earlier, .. } = ProjectFile::load(&path).unwrap();
    assert_eq!(checkpoint.as_deref(), Some(&*last));
    assert_eq!(earlier.iter().map(|state| state.g_steps).collect::<Vec<_>>(), kept.iter().map(|state| state.g_steps).collect::<Vec<_>>());
    for (read, was) in earlier.iter().zip(kept) {
        // Of what was measured and made meanwhile the end is shared; here nothing was measured, and frames of both were thinned alike.
        assert_eq!(Checkpoint { reel: was.reel.clone(), ..Checkpoint::clone(read) }, **was);
    }

    let worker = Worker::spawn(|| {});
    let begin = Start { project: ring8(), device: DeviceChoice::Cpu, checkpoint, earlier, dataset: None, paused: true };
    worker.send(Command::Start(Box::new(begin)));
    listen(&worker, is_paused);
    worker.send(Command::GoBack { step: places[1], lower_rates: false });
    let heard = listen(&worker, |event| matches!(event, Event::WentBack { .. }));
    assert!(matches!(heard.last(), Some(Event::WentBack { from, to }) if (*from, *to) == (places[2], places[1])), "{heard:?}");
    worker.send(Command::Set(Box::new(TrainSpec { stop: Stop::Steps(places[2]), ..ring8().train })));
    worker.send(Command::Resume);
    listen(&worker, is_complete);
    assert_eq!(worker.checkpoint().unwrap().tensors, last.tensors, "bit for bit");
}

#[test]
fn states_of_another_run_are_not_gone_back_to() {
    let other = Arc::new(Checkpoint::clone(&trained(&Project { seed: 9, ..ring8() }, 5)));
    let from = trained(&ring8(), 10);
    let worker = Worker::spawn(|| {});
    let begin =
        Start { project: ring8(), device: DeviceChoice::Cpu, checkpoint: Some(from), earlier: vec![other], dataset: None, paused: true };
    worker.send(Command::Start(Box::new(begin)));
    listen(&worker, is_paused);
    assert_eq!(worker.states().iter().map(|state| state.g_steps).collect::<Vec<_>>(), [10]);
}

#[test]
fn a_file_is_not_replaced_by_a_run_that_could_not_begin() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ganvas");
    let learned = trained(&ring8(), 10);
    ProjectFile::trained(ring8(), Arc::clone(&learned)).save(&path).unwrap();
    let mut project = ring8();
    project.data.source = Source::Path(folder.path().join("no such folder"));
    let worker = Worker::spawn(|| {});
    start(&worker, &project, Some(learned), false);
    listen(&worker, |event| matches!(event, Event::Failed(_)));
    worker.send(Command::Save { project: Box::new(project), path: path.clone() });
    let heard = listen(&worker, |event| matches!(event, Event::Saved { .. } | Event::SaveFailed(_)));
    assert!(matches!(heard.last(), Some(Event::SaveFailed(reason)) if reason.contains("save once more")), "{heard:?}");
    assert_eq!(ProjectFile::load(&path).unwrap().checkpoint.map(|state| state.g_steps), Some(10));
}

/// A run of so many steps.
fn trained(project: &Project, steps: u64) -> Arc<Checkpoint> {
    let mut project = project.clone();
    project.train.stop = Stop::Steps(steps);
    let worker = Worker::spawn(|| {});
    start(&worker, &project, None, false);
    listen(&worker, is_complete);
    worker.checkpoint().unwrap()
}

#[test]
fn a_run_saves_by_itself_until_its_file_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let target = SaveTarget::new(folder.path().join("run.ganvas"));
    let worker = Worker::spawn(|| {});
    let autosave = Autosave { project: Box::new(ring8()), target: target.clone(), every: Duration::from_millis(50) };
    worker.send(Command::Autosave(Some(autosave)));
    start(&worker, &ring8(), None, false);
    let end = Instant::now() + PATIENCE;
    let mut steps = Vec::new();
    while steps.len() < 3 {
        assert!(Instant::now() < end, "{steps:?}");
        if let Some(checkpoint) = ProjectFile::load(target.path()).ok().and_then(|file| file.checkpoint) {
            steps.push(checkpoint.g_steps);
            steps.dedup();
        }
        let _ = worker.wait_event(Duration::from_millis(10));
    }
    assert!(steps.is_sorted(), "{steps:?}");
    worker.send(Command::Pause);
    listen(&worker, is_paused);
    assert!(target.give_up());
    let held = std::fs::read(target.path()).unwrap();
    worker.send(Command::Resume);
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(std::fs::read(target.path()).unwrap(), held);
}

#[test]
fn what_is_held_is_in_the_file_even_where_another_state_was_just_being_written() {
    let folder = tempfile::tempdir().unwrap();
    let target = SaveTarget::new(folder.path().join("run.ganvas"));
    let worker = Worker::spawn(|| {});
    // So often that the thread that writes is hardly ever free.
    let autosave = Autosave { project: Box::new(ring8()), target: target.clone(), every: Duration::from_millis(1) };
    worker.send(Command::Autosave(Some(autosave)));
    start(&worker, &ring8(), None, true);
    listen(&worker, is_paused);
    for step in [40, 80, 120, 160, 200] {
        let held = train_to(&worker, step);
        let end = Instant::now() + PATIENCE;
        let in_file = || ProjectFile::load(target.path()).ok().and_then(|file| file.checkpoint).map(|state| state.g_steps);
        while in_file() != Some(held) {
            assert!(Instant::now() < end, "{:?} instead of {held}", in_file());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_file_that_cannot_be_written_is_said_once_and_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), b"").unwrap();
    let worker = Worker::spawn(|| {});
    let target = SaveTarget::new(folder.path().join("file/inside.ganvas"));
    worker.send(Command::Autosave(Some(Autosave { project: Box::new(ring8()), target, every: Duration::from_millis(20) })));
    start(&worker, &ring8(), None, false);
    let heard = listen(&worker, |event| matches!(event, Event::Warning(_)));
    let Some(Event::Warning(text)) = heard.last() else { unreachable!() };
    assert!(text.starts_with("saving by itself failed: the project could not be saved ("), "{text}");
    let far = listen(&worker, |event| matches!(event, Event::Progress(progress) if progress.elapsed_secs > 1.0));
    assert!(!far.iter().any(|event| matches!(event, Event::Warning(_))), "once is enough");
}

/// The program, trained on the CPU into `run`.
struct Desk(tempfile::TempDir);

/// A small network.
const SMALL: [&str; 4] = ["--preset", "mlp", "--batch", "64"];

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn train(&self, words: &[&str], out: &str) -> Child {
        let mut program = Program::new(env!("CARGO_BIN_EXE_ganvas"));
        program.args(["train", "--device", "cpu", "--out", out]).args(words).current_dir(self.0.path());
        program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn train_to_the_end(&self, words: &[&str], out: &str) {
        let output = self.train(words, out).wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The state in the file, or nothing as long as there is no file. One that is there opens.
    fn state(&self, out: &str) -> Option<Arc<Checkpoint>> {
        let path = self.path(out).join("project.ganvas");
        path.exists().then(|| ProjectFile::load(&path).unwrap().checkpoint.unwrap())
    }

    /// Waits until the file holds more than so many steps.
    fn wait_for_more(&self, steps: u64) {
        let end = Instant::now() + PATIENCE;
        while self.state("run").is_none_or(|state| state.g_steps <= steps) {
            assert!(Instant::now() < end, "nothing is saved after step {steps}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What a killed program may leave beside its files.
    fn leftovers(&self, out: &str) -> usize {
        let entries = std::fs::read_dir(self.path(out)).into_iter().flatten();
        entries.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with(".ganvas-"))).count()
    }
}

/// Kills a run so many times at random moments; each time it goes on from its file, until it has done so many steps.
fn kill(times: usize, steps: u64, seed: u64) {
    let desk = Desk::new();
    let mut rng = stream(seed, Purpose::Synthetic, 0);
    let (mut before, mut behind) = (0, 0);
    let file = Path::new("run/project.ganvas").to_str().unwrap();
    let words = |done: u64| -> Vec<String> {
        let begin: Vec<&str> = if done > 0 { vec![file] } else { SMALL.to_vec() };
        let more = steps.saturating_sub(done).max(1).to_string();
        begin.into_iter().chain(["--autosave", "0.02", "--steps", &more]).map(str::to_owned).collect()
    };
    for time in 0..times {
        let typed = words(before);
        let mut run = desk.train(&typed.iter().map(String::as_str).collect::<Vec<_>>(), "run");
        // Now and then before there is anything; otherwise at some moment after something was saved, however long that takes here.
        if time % 4 != 0 {
            desk.wait_for_more(before);
        }
        std::thread::sleep(Duration::from_millis(rng.random_range(20..300)));
        run.kill().unwrap();
        run.wait().unwrap();
        let now = desk.state("run").map_or(0, |state| state.g_steps);
        println!("killed {time}: step {now}, {} left beside it", desk.leftovers("run"));
        assert!(now >= before, "what was saved is still there");
        behind += usize::from(now > before);
        before = now;
    }
    assert!(behind > 0, "no run got so far as to save");
    // A quick machine may be beyond the steps already.
    let steps = steps.max(before + 1);
    let more = (steps - before).to_string();
    desk.train_to_the_end(&[file, "--autosave", "0.02", "--steps", &more], "run");
    desk.train_to_the_end(&[&SMALL[..], &["--steps", &steps.to_string()]].concat(), "unbroken");
    let [killed, unbroken] = ["run", "unbroken"].map(|out| desk.state(out).unwrap());
    assert_eq!((killed.g_steps, killed.d_steps, killed.samples_seen), (steps, unbroken.d_steps, unbroken.samples_seen));
    assert_eq!(killed.tensors, unbroken.tensors, "bit for bit");
    let losses = |state: &Checkpoint| state.history.iter().map(|record| (record.step, record.d_loss, record.g_loss)).collect::<Vec<_>>();
    assert_eq!(losses(&killed), losses(&unbroken));
    // But for where each stretch was to end.
    let settings = Arc::new(ring8().train);
    let signs = |state: &Checkpoint| -> Vec<Vitals> {
        state.signs.series.iter().map(|vitals| Vitals { settings: Arc::clone(&settings), ..Vitals::clone(vitals) }).collect()
    };
    assert!(signs(&killed).len() > 100);
    assert_eq!(signs(&killed), signs(&unbroken), "what the doctor goes by");
    assert_eq!(killed.signs.samples, unbroken.signs.samples);
}

#[test]
fn a_run_that_is_killed_goes_on_from_its_file_as_if_it_had_not_been() {
    kill(4, 12_000, 1);
}

/// `cargo test --release --test keep twenty -- --ignored --nocapture`
#[test]
#[ignore = "takes a minute"]
fn a_run_that_is_killed_twenty_times_ends_where_an_unbroken_one_does() {
    kill(20, 60_000, 2);
}
