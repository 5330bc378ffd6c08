use eframe::egui::accesskit::Role as Kind;
use eframe::egui::{Pos2, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use crate::gui::command::Command;
use crate::gui::fixtures::{World, history};
use crate::gui::fork::{ForkCommand, Letter};
use crate::gui::look::{Window, drive};
use crate::latent;
use crate::random::Purpose;
use crate::spec::{Edit, Role};
use crate::train::{Show, StepRecord};

fn running(preset: &str) -> Harness<'static, Window> {
    let mut harness = drive(Window::new(World::running(preset, 500)));
    harness.run();
    harness
}

fn commands(harness: &mut Harness<'static, Window>) -> Vec<Command> {
    harness.run();
    harness.state_mut().world.settle()
}

#[test]
fn an_empty_middle_says_what_belongs_there_and_offers_it() {
    let mut harness = drive(Window::new(World::new("digits")));
    harness.run();
    assert!(harness.query_by_label("Press Train to see samples appear here.").is_some());
    harness.get_by_role_and_label(Kind::Button, "Train").click();
    assert!(commands(&mut harness).iter().any(|command| matches!(command, Command::Train)));
}

#[test]
fn a_project_with_a_fault_says_it_instead_of_offering_to_train() {
    let mut world = World::new("digits");
    let last = world.editor.project().generator.layers[9].id;
    world.editor.apply(Edit::Remove { role: Role::Generator, id: last }).unwrap();
    world.settle();
    let fault = world.faults[0].to_string();
    let mut harness = drive(Window::new(world));
    harness.run();
    assert!(harness.query_by_label_contains(&fault).is_some(), "{fault}");
}

#[test]
fn averaging_and_the_number_of_pictures_ask_for_another_show() {
    let mut harness = running("digits");
    harness.get_by_label("averaged").click();
    let asked = commands(&mut harness);
    assert!(matches!(asked[..], [Command::Show(Show { pictures: 64, averaged: false })]), "{asked:?}");
    harness.get_by_label("+").click();
    let asked = commands(&mut harness);
    assert!(matches!(asked[..], [Command::Show(Show { pictures: 100, averaged: false })]), "{asked:?}");
    harness.get_by_label("−").click();
    let asked = commands(&mut harness);
    assert!(matches!(asked[..], [Command::Show(Show { pictures: 64, averaged: false })]), "{asked:?}");
}

#[test]
fn a_click_on_a_picture_takes_its_latent_vector_to_the_explorer() {
    let mut harness = running("digits");
    let grid = harness.get_by_label_contains("generated pictures").rect();
    click_at(&mut harness, grid.min + Vec2::splat(8.0));
    let asked = commands(&mut harness);
    let [Command::Explore(latent)] = &asked[..] else { panic!("{asked:?}") };
    let train = &harness.state().world.editor.project().train;
    assert_eq!(*latent, latent::draw(train.latent, 32, 64, 1, Purpose::FixedLatents, 0)[..32]);
}

#[test]
fn the_arrow_keys_move_between_pictures_and_enter_explores() {
    use eframe::egui::Key;
    let mut harness = running("digits");
    harness.get_by_label_contains("generated pictures").focus();
    harness.run();
    harness.run();
    harness.key_press(Key::ArrowRight);
    harness.run();
    harness.key_press(Key::Enter);
    let asked = commands(&mut harness);
    let [Command::Explore(latent), ..] = &asked[..] else { panic!("{asked:?}") };
    let train = &harness.state().world.editor.project().train;
    assert_eq!(*latent, latent::draw(train.latent, 32, 64, 1, Purpose::FixedLatents, 0)[32..64]);
}

fn click_at(harness: &mut Harness<'static, Window>, at: Pos2) {
    harness.drag_at(at);
    harness.run();
    harness.drop_at(at);
}

#[test]
fn nothing_is_uploaded_while_nothing_changes() {
    for preset in ["digits", "ring8"] {
        let mut harness = running(preset);
        harness.run_steps(2);
        assert!(harness.output().textures_delta.set.is_empty(), "{preset}");
    }
}

#[test]
fn what_is_in_sight_can_be_chosen() {
    let mut harness = running("digits");
    harness.get_by_label("real").click();
    harness.run();
    assert!(harness.query_by_label_contains("generated pictures").is_none());
    assert!(harness.query_by_label_contains("real pictures").is_some());
    harness.get_by_label("generated").click();
    harness.run();
    assert!(harness.query_by_label_contains("real pictures").is_none());
}

#[test]
fn points_have_layers_and_counts_instead_of_a_grid() {
    let mut harness = running("ring8");
    for layer in ["real", "generated", "verdict"] {
        harness.get_by_label(layer).click();
        harness.run();
    }
    assert!(harness.query_by_label_contains("pictures,").is_none());
}

#[test]
fn a_picture_shown_after_points_belongs_to_the_snapshot_not_to_the_project() {
    let mut world = World::running("digits", 5);
    world.run.snapshot = World::running("ring8", 5).run.snapshot;
    let mut harness = drive(Window::new(world));
    harness.run();
    assert!(harness.query_by_label("verdict").is_some());
}

#[test]
fn charts_are_exported_as_numbers_and_as_a_picture_of_their_place() {
    let mut harness = running("digits");
    harness.get_by_label("CSV").click();
    assert!(matches!(commands(&mut harness)[..], [Command::ExportHistory]));
    let buttons: Vec<_> = harness.get_all_by_label("PNG").map(|button| button.rect()).collect();
    let lower = buttons.iter().copied().max_by(|a, b| a.top().total_cmp(&b.top())).unwrap();
    click_at(&mut harness, lower.center());
    let asked = commands(&mut harness);
    let [Command::ExportCharts(rect)] = asked[..] else { panic!("{asked:?}") };
    assert!(rect.width() > 500.0 && rect.height() > 150.0 && rect.left() > 290.0 && rect.right() < 980.0, "{rect:?}");
}

#[test]
fn a_chart_follows_the_run_until_it_is_moved_and_again_when_asked() {
    let mut harness = running("digits");
    assert!(harness.query_by_label("Follow").is_none());
    let on_chart = harness.get_by_label("G loss").rect().min + vec2(150.0, 100.0);
    harness.drag_at(on_chart);
    harness.run();
    harness.hover_at(on_chart - vec2(60.0, 0.0));
    harness.run();
    harness.drop_at(on_chart - vec2(60.0, 0.0));
    harness.run();
    harness.get_by_label("Follow").click();
    harness.run();
    assert!(harness.query_by_label("Follow").is_none());
}

#[test]
fn numbers_that_are_none_are_said() {
    let mut world = World::running("digits", 100);
    let mut records: Vec<_> = history(100).iter().collect();
    let last = records[99];
    records.extend((101..=3_200).map(|step| StepRecord { step, elapsed_secs: step as f64, d_loss: f32::NAN, ..last }));
    world.run.history = records.into_iter().collect();
    let mut harness = drive(Window::new(world));
    harness.run();
    assert!(harness.query_by_label("NaN since step 101").is_some());
}

#[test]
fn of_two_runs_both_samples_are_shown_and_what_differs_is_said() {
    let mut harness = drive(Window::new(World::forked("digits", 300)));
    harness.run();
    let (ours, theirs) = (harness.get_by_label_contains(", B, step 300").rect(), harness.get_by_label_contains(", A, step 300").rect());
    assert_eq!(ours.size(), theirs.size());
    assert!(!ours.intersects(theirs));
    assert!(harness.query_by_label_contains("B: D learning rate 2e-3 → 1e-3 · copied at step 100").is_some());
    for (label, command) in [("A", ForkCommand::Swap), ("Train A", ForkCommand::TrainOther(true)), ("Drop A", ForkCommand::Drop(Letter::A))]
    {
        harness.get_by_label(label).click();
        let asked = commands(&mut harness);
        assert!(matches!(asked[..], [Command::Fork(asked)] if asked == command), "{asked:?}");
    }
}

#[test]
fn of_runs_with_other_data_the_one_in_hand_is_shown_alone() {
    let mut world = World::forked("digits", 300);
    world.fork.as_mut().unwrap().run.snapshot = World::running("ring8", 5).run.snapshot;
    let mut harness = drive(Window::new(world));
    harness.run();
    assert!(harness.query_by_label_contains("other pictures").is_none());
    assert!(harness.query_by_label_contains("copied at step").is_some());
}
