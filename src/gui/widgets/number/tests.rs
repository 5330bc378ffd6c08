//! The field as hands use it.

use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers, MouseWheelUnit, TouchPhase, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::*;

struct Hand {
    rules: Rules,
    values: Vec<f64>,
    wrong: Option<String>,
    changes: u32,
    /// How far the panel under the field scrolled.
    scrolled: f32,
}

type Desk = Harness<'static, Hand>;

fn desk(rules: Rules, values: &[f64]) -> Desk {
    let hand = Hand { rules, values: values.to_vec(), wrong: None, changes: 0, scrolled: 0.0 };
    let mut harness = Harness::builder().with_context_setup(theme::install).with_size([200.0, 160.0]).build_ui_state(
        |ui, hand: &mut Hand| {
            let area = eframe::egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                let label = ui.label("amount");
                let shown = several(ui, &hand.rules, &mut hand.values, 60.0);
                hand.changes += u32::from(shown.response.changed());
                shown.response.labelled_by(label.id);
                hand.wrong = shown.wrong;
                let _ = ui.button("elsewhere");
                ui.add_space(1_000.0);
            });
            hand.scrolled = area.state.clamped_offset().y;
        },
        hand,
    );
    harness.run();
    harness
}

fn rect(harness: &Desk) -> eframe::egui::Rect {
    harness.get_by_role_and_label(Role::SpinButton, "amount").rect()
}

fn enter(harness: &mut Desk, text: &str) {
    harness.get_by_role_and_label(Role::SpinButton, "amount").focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(Event::Text(text.to_owned()));
    harness.run();
}

fn filters() -> Rules {
    Rules::count(1, 1 << 20).counting("channels")
}

#[test]
fn what_is_typed_is_taken_with_enter_and_given_up_with_escape() {
    let mut harness = desk(filters(), &[64.0]);
    enter(&mut harness, "7*7*256");
    assert_eq!(harness.state().values, [64.0], "nothing changes while somebody types");
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!((harness.state().values.clone(), harness.state().changes), (vec![12_544.0], 1));
    enter(&mut harness, "3");
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!((harness.state().values.clone(), harness.state().changes), (vec![12_544.0], 1));
    enter(&mut harness, "32");
    harness.key_press(Key::Tab);
    harness.run();
    assert_eq!(harness.state().values, [32.0]);
    enter(&mut harness, "48");
    harness.get_by_label("elsewhere").click();
    harness.run();
    assert_eq!(harness.state().values, [48.0]);
}

#[test]
fn what_cannot_be_taken_stays_marked_until_it_is_mended_or_given_up() {
    let mut harness = desk(filters(), &[64.0]);
    enter(&mut harness, "0");
    assert_eq!(harness.state().wrong, None, "nobody is interrupted");
    harness.key_press(Key::Tab);
    harness.run();
    let sentence = "0 is out of range: 1 to 1,048,576 channels";
    assert_eq!((harness.state().wrong.as_deref(), harness.state().values.clone()), (Some(sentence), vec![64.0]));
    harness.run_steps(5);
    let node = harness.get_by_role_and_label(Role::SpinButton, "amount");
    assert!(node.accesskit_node().data().invalid().is_some());
    assert_eq!(harness.state().wrong.as_deref(), Some(sentence), "it stays");
    // Mended, it is taken.
    enter(&mut harness, "16");
    assert_eq!(harness.state().wrong, None, "what is mended is no longer marked");
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!((harness.state().wrong.clone(), harness.state().values.clone()), (None, vec![16.0]));
    // Given up, the value is shown again.
    enter(&mut harness, "many");
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().wrong.as_deref(), Some("“many” is not a number: 1 to 1,048,576 channels"));
    assert!(harness.get_by_role_and_label(Role::SpinButton, "amount").is_focused(), "so that it can be mended at once");
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!((harness.state().wrong.clone(), harness.state().values.clone()), (None, vec![16.0]));
}

#[test]
fn a_value_that_changes_by_another_hand_ends_the_draft() {
    let mut harness = desk(filters(), &[64.0]);
    enter(&mut harness, "0");
    harness.key_press(Key::Tab);
    harness.run();
    assert!(harness.state().wrong.is_some());
    harness.state_mut().values = vec![8.0];
    harness.run();
    assert_eq!((harness.state().wrong.clone(), harness.state().values.clone()), (None, vec![8.0]));
}

#[test]
fn keys_step_and_shift_steps_far() {
    let mut harness = desk(filters(), &[64.0]);
    harness.get_by_role_and_label(Role::SpinButton, "amount").focus();
    harness.run();
    let mut values = Vec::new();
    for (modifiers, key) in [
        (Modifiers::NONE, Key::ArrowUp),
        (Modifiers::NONE, Key::ArrowUp),
        (Modifiers::NONE, Key::ArrowDown),
        (Modifiers::SHIFT, Key::ArrowUp),
        (Modifiers::SHIFT, Key::ArrowDown),
    ] {
        harness.key_press_modifiers(modifiers, key);
        harness.run();
        values.push(harness.state().values[0]);
    }
    assert_eq!(values, [65.0, 66.0, 65.0, 128.0, 64.0]);
    assert!(harness.get_by_role_and_label(Role::SpinButton, "amount").is_focused());
    // What is typed counts before it is taken.
    enter(&mut harness, "100");
    harness.key_press(Key::ArrowUp);
    harness.run();
    assert_eq!(harness.state().values, [101.0]);
}

#[test]
fn the_wheel_steps_while_somebody_types_and_scrolls_otherwise() {
    let mut harness = desk(filters(), &[64.0]);
    let turn = |harness: &mut Desk, lines: f32| {
        let delta = vec2(0.0, lines);
        harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta,
            phase: TouchPhase::Move,
            modifiers: Modifiers::NONE,
            source: eframe::egui::MouseWheelSource::Unknown,
        });
        harness.run();
    };
    harness.get_by_role_and_label(Role::SpinButton, "amount").focus();
    harness.hover_at(rect(&harness).center());
    harness.run();
    turn(&mut harness, 1.0);
    turn(&mut harness, 1.0);
    turn(&mut harness, -1.0);
    assert_eq!((harness.state().values[0], harness.state().scrolled), (65.0, 0.0));
    harness.key_press(Key::Enter);
    harness.run();
    turn(&mut harness, -1.0);
    assert_eq!(harness.state().values[0], 65.0);
    assert!(harness.state().scrolled > 0.0);
}

#[test]
fn a_hand_drags_the_number_and_escape_brings_it_back() {
    let mut harness = desk(filters(), &[64.0]);
    let at = rect(&harness).center();
    harness.drag_at(at);
    harness.hover_at(at + vec2(30.0, 0.0));
    harness.run();
    assert_eq!(harness.state().values, [128.0]);
    harness.hover_at(at + vec2(-30.0, 40.0));
    harness.run();
    assert_eq!(harness.state().values, [32.0], "it counts from where the hand took hold, and only sideways");
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().values, [64.0]);
    harness.drop_at(at);
    harness.run();
    assert_eq!(harness.state().values, [64.0]);
}

#[test]
fn the_number_under_the_hand_is_the_one_that_moves() {
    let rules = Rules::count(1, 1 << 20).of(Parts::Shape);
    let mut harness = desk(rules, &[128.0, 7.0, 7.0]);
    let right = rect(&harness).right_center() - vec2(12.0, 0.0);
    harness.drag_at(right);
    harness.hover_at(right + vec2(13.0, 0.0));
    harness.run();
    harness.drop_at(right + vec2(13.0, 0.0));
    harness.run();
    assert_eq!(harness.state().values, [128.0, 7.0, 8.0]);
    harness.get_by_role_and_label(Role::SpinButton, "amount").focus();
    harness.run();
    harness.key_press(Key::ArrowUp);
    harness.run();
    assert_eq!(harness.state().values, [129.0, 7.0, 8.0]);
}
