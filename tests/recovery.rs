//! The window after a crash, and a run that goes back: driven through the accessibility tree, without a display.
#![cfg(feature = "gui")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eframe::egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use ganvas::device::DeviceChoice;
use ganvas::gui::AppOptions;
use ganvas::gui::app::App;
use ganvas::gui::command::Command;
use ganvas::gui::run::Phase;
use ganvas::gui::widgets::format::grouped;
use ganvas::project::ProjectFile;
use ganvas::spec::{Edit, Loss, Optimiser, OptimiserSpec, Preset, Stop, TrainSpec};

type Window = Harness<'static, App>;

/// A window that keeps its copies in `folder`, with a preset in it or at its start.
fn window(folder: &Path, preset: Option<&str>) -> Window {
    let options = AppOptions {
        preset: preset.map(str::to_owned),
        device: DeviceChoice::Cpu,
        system_dialogs: false,
        recovery: Some(folder.to_owned()),
        ..AppOptions::default()
    };
    let builder = Harness::builder().with_size([1280.0, 800.0]).with_max_steps(40).with_step_dt(1.0 / 30.0);
    builder.build_eframe(|cc| App::new(cc, options))
}

/// Draws frames until `done`; a minute is more than anything here takes.
fn wait(window: &mut Window, what: &str, done: impl Fn(&Window) -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !done(window) {
        assert!(Instant::now() < end, "waited in vain until {what}; the run is {:?}", window.state().run().phase);
        window.step();
        std::thread::sleep(Duration::from_millis(5));
    }
    window.run_steps(2);
}

fn press(window: &mut Window, name: &str) {
    let node = window.query_all_by_label(name).next().unwrap_or_else(|| panic!("nothing is called {name}"));
    node.click_accesskit();
    window.run_steps(3);
}

/// Trains for so many steps and holds.
fn train_to(window: &mut Window, step: u64) -> u64 {
    press(window, "Train");
    wait(window, "it has trained", |window| window.state().run().progress.step >= step);
    press(window, "Pause");
    wait(window, "it holds", |window| window.state().run().phase == Phase::Paused);
    window.state().run().progress.step
}

fn copies(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "ganvas")).collect()
}

const OFFER: &str = "Ganvas ended before ring8 was saved";

fn is_offered(window: &Window) -> bool {
    window.query_by_label_contains(OFFER).is_some()
}

#[test]
fn what_a_crash_left_is_offered_opened_and_gone_once_it_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let copied = folder.path().join("copies");
    let mut lost = window(&copied, Some("ring8"));
    let held = train_to(&mut lost, 30);
    let said = grouped(held);
    wait(&mut lost, "there is a copy", |_| copies(&copied).len() == 1);
    let mut next = window(&copied, None);
    wait(&mut next, "it has looked", |window| window.query_by_label("2-D ring").is_some());
    (0..20).for_each(|_| next.step());
    assert!(!is_offered(&next), "the window that trains it is open");
    // As a crash does it, nothing is tidied up.
    drop(lost);
    wait(&mut next, "it is offered", is_offered);
    assert!(next.query_by_label_contains(&format!("step {said}, ")).is_some());
    press(&mut next, "Open it");
    wait(&mut next, "it is opened", |window| window.state().run().phase == Phase::Paused);
    assert_eq!(next.state().run().progress.step, held);
    assert_eq!(next.state().run().history.len() as u64, held);
    assert!(next.query_by_label_contains("unsaved changes").is_some(), "it is in no file");
    assert_eq!(copies(&copied).len(), 1, "should it crash again, it is still there");

    let path = folder.path().join("mine.ganvas");
    next.state().command(Command::Save);
    next.run_steps(3);
    next.get_by_label("Path").focus();
    next.run_steps(2);
    next.key_press_modifiers(Modifiers::COMMAND, Key::A);
    next.get_by_label("Path").type_text(&path.display().to_string());
    next.run_steps(2);
    next.key_press(Key::Enter);
    wait(&mut next, "it is saved and the copy is gone", |window| window.state().is_saved() && copies(&copied).is_empty());
    assert_eq!(ProjectFile::load(&path).unwrap().checkpoint.unwrap().g_steps, held);
}

#[test]
fn what_is_discarded_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut lost = window(folder.path(), Some("ring8"));
    // Edits are copied, too, once the hand rests.
    lost.state().command(Command::Edit(Edit::SetSeed(99)));
    wait(&mut lost, "there is a copy", |_| copies(folder.path()).len() == 1);
    drop(lost);
    let mut next = window(folder.path(), None);
    wait(&mut next, "it is offered", is_offered);
    press(&mut next, "Discard");
    assert!(!is_offered(&next) && copies(folder.path()).is_empty());
    assert!(next.query_by_label("2-D ring").is_some(), "the start is still there");
}

#[test]
fn nothing_is_copied_of_what_nobody_changed_and_nothing_stays_of_what_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path(), Some("ring8"));
    let end = Instant::now() + Duration::from_secs(4);
    while Instant::now() < end {
        window.step();
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(copies(folder.path()).is_empty());
    train_to(&mut window, 10);
    wait(&mut window, "there is a copy", |_| copies(folder.path()).len() == 1);
    window.state().command(Command::LoadPreset("grid25"));
    window.run_steps(3);
    press(&mut window, "Don't save");
    wait(&mut window, "the copy is gone", |_| copies(folder.path()).is_empty());
    eframe::App::on_exit(window.state_mut());
}

#[test]
fn the_step_counter_has_a_list_of_states_to_go_back_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path(), Some("ring8"));
    let first = train_to(&mut window, 40);
    let second = train_to(&mut window, first + 40);
    press(&mut window, "Step counter");
    let entry = format!("Step {}, ", grouped(first));
    assert!(window.query_by_label_contains(&format!("Step {}, now", grouped(second))).is_some());
    window.query_by_label_contains(&entry).unwrap_or_else(|| panic!("{entry} is not in the list")).click_accesskit();
    wait(&mut window, "it went back", |window| window.state().run().progress.step == first);
    wait(&mut window, "it holds there", |window| window.state().run().phase == Phase::Paused);
    assert_eq!(window.state().run().history.len() as u64, first);
    assert!(window.query_by_label_contains(&format!("Back at step {}.", grouped(first))).is_some());
    press(&mut window, "Step counter");
    assert!(window.query_by_label_contains(&format!("Step {}, ", grouped(second))).is_some(), "where it was stays in reach");
}

#[test]
fn a_run_that_breaks_says_so_and_the_project_has_the_smaller_rates() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path(), Some("ring8"));
    let plain = Preset::from_name("ring8").unwrap().project().train;
    let spec = OptimiserSpec { learning_rate: 1.0, rule: Optimiser::Sgd { momentum: 0.0 } };
    let mut train = TrainSpec { generator: spec, discriminator: spec, stop: Stop::Steps(200), ..plain.with_loss(Loss::Wasserstein) };
    train.regularisation.clip = 0.0;
    window.state().command(Command::Edit(Edit::SetTrain(train.clone())));
    window.run_steps(3);
    press(&mut window, "Train");
    wait(&mut window, "it went back", |window| window.query_by_label_contains("with half the learning rates: 0.").is_some());
    wait(&mut window, "it is done", |window| matches!(window.state().run().phase, Phase::Finished(_)));
    let rate = window.state().project().train.generator.learning_rate;
    assert!(rate <= 0.5 && (1.0 / rate).log2().fract() == 0.0, "{rate}");
    window.state().command(Command::Undo);
    window.run_steps(3);
    assert_eq!(window.state().project().train.generator.learning_rate, 2.0 * rate);
}
