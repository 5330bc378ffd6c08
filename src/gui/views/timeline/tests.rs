//! The line as it is used.

use eframe::egui::{Pos2, pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::*;
use crate::gui::fixtures::World;
use crate::gui::look::{Window, drive};

fn filmed(preset: &str) -> Harness<'static, Window> {
    let mut harness = drive(Window::new(World::filmed(preset, 12_300, 100)));
    harness.run();
    harness
}

fn line(harness: &Harness<'static, Window>) -> Rect {
    harness.get_by_label("moment of the run").rect()
}

fn at(line: Rect, share: f32) -> Pos2 {
    pos2(lerp(line.left() + 2.0 * SPACE..=line.right() - 2.0 * SPACE, share), line.center().y)
}

/// What the line says it stands at.
fn step(harness: &Harness<'static, Window>) -> u64 {
    harness.get_by_label("moment of the run").accesskit_node().numeric_value().unwrap() as u64
}

/// What the second moment says it stands at.
fn second(harness: &Harness<'static, Window>) -> u64 {
    harness.get_by_label("moment to compare with").accesskit_node().numeric_value().unwrap() as u64
}

/// The step of a frame of the run.
fn frame(index: u64) -> u64 {
    12_300 * index / 99
}

fn drag(harness: &mut Harness<'static, Window>, from: f32, to: f32) {
    let line = line(harness);
    harness.drag_at(at(line, from));
    harness.run_steps(2);
    harness.hover_at(at(line, to));
    harness.run_steps(2);
    harness.drop_at(at(line, to));
    harness.run_steps(2);
}

#[test]
fn a_moment_that_the_run_went_back_beyond_stands_at_the_end_of_the_line() {
    let mut harness = filmed("digits");
    drag(&mut harness, 1.0, 0.8);
    assert!(step(&harness) > 9_000);
    let reel = harness.state().world.run.reel.until(5_000);
    let last = reel.last().unwrap().step;
    harness.state_mut().world.run.reel = std::sync::Arc::new(reel);
    harness.run_steps(2);
    assert_eq!(step(&harness), last);
}

#[test]
fn dragging_shows_an_earlier_moment_and_now_returns() {
    for preset in ["digits", "ring8"] {
        let mut harness = filmed(preset);
        assert!(harness.query_by_label("step 12,300").is_some(), "{preset}");
        drag(&mut harness, 1.0, 0.5);
        let middle = step(&harness);
        assert!((6_000..=6_300).contains(&middle), "{preset}: {middle}");
        assert!(harness.query_by_label(&format!("step {} of 12,300", format::grouped(middle))).is_some(), "{preset}");
        harness.get_by_label("Now").click();
        harness.run();
        assert_eq!(step(&harness), 12_300, "{preset}");
        assert!(harness.query_by_label("step 12,300").is_some(), "{preset}");
        drag(&mut harness, 0.2, 1.0);
        assert_eq!(step(&harness), 12_300, "{preset}: the end is now");
    }
}

#[test]
fn the_arrow_keys_go_from_frame_to_frame() {
    let mut harness = filmed("digits");
    harness.get_by_label("moment of the run").focus();
    harness.run();
    harness.run();
    let mut seen = Vec::new();
    for key in [Key::ArrowLeft, Key::ArrowLeft, Key::ArrowRight, Key::Home, Key::ArrowLeft, Key::ArrowRight, Key::End] {
        harness.key_press(key);
        harness.run();
        seen.push(step(&harness));
    }
    assert_eq!(seen, [frame(98), frame(97), frame(98), 0, 0, frame(1), 12_300]);
}

#[test]
fn playing_goes_through_the_run_and_ends_at_now() {
    let mut harness = filmed("digits");
    harness.get_by_label("Play the run").click();
    harness.run_steps(3);
    let mut seen = Vec::new();
    while harness.query_by_label("Hold the moment").is_some() && seen.len() < 10_000 {
        harness.step();
        seen.push(step(&harness));
    }
    assert!(seen[0] < 2_000, "{seen:?}");
    assert!(seen.is_sorted() && seen.iter().collect::<std::collections::BTreeSet<_>>().len() > 10, "{seen:?}");
    assert_eq!(seen.last(), Some(&12_300));
}

#[test]
fn what_is_played_can_be_held_while_the_run_goes_on() {
    let mut harness = filmed("digits");
    harness.get_by_label("Play the run").click();
    harness.run_steps(6);
    harness.get_by_label("Hold the moment").click();
    harness.run_steps(3);
    let held = step(&harness);
    assert!(held > 0 && held < 12_300, "{held}");
    let world = &mut harness.state_mut().world;
    let newer = World::running("digits", 13_000).run.snapshot.unwrap();
    world.run.snapshot = Some(newer);
    harness.run();
    assert_eq!(step(&harness), held);
    assert!(harness.query_by_label(&format!("step {} of 13,000", format::grouped(held))).is_some());
}

#[test]
fn two_moments_are_shown_side_by_side() {
    let mut harness = filmed("digits");
    harness.get_by_label("compare").click();
    harness.run();
    assert_eq!(step(&harness), 0, "what differs most");
    let then = harness.get_by_label_contains("generated pictures").rect();
    let now = harness.get_by_label_contains("other pictures").rect();
    assert_eq!(then.size(), now.size());
    assert!(!then.intersects(now));
    harness.get_by_label("compare").click();
    harness.run();
    assert!(harness.query_by_label_contains("other pictures").is_none());
    assert_eq!(step(&harness), 12_300, "nobody chose the first");
    harness.get_by_label("compare").click();
    harness.run();
    drag(&mut harness, 0.0, 0.5);
    let chosen = step(&harness);
    harness.get_by_label("compare").click();
    harness.run();
    assert_eq!(step(&harness), chosen);
}

/// Are both moments in sight, with their names, and not the same?
#[track_caller]
fn assert_side_by_side(harness: &Harness<'static, Window>, preset: &str, names: [&str; 2]) {
    if preset == "ring8" {
        let [left, right] = names.map(|name| harness.get_by_label(name).rect());
        assert!(left.right() < right.left(), "{names:?}");
    } else {
        let [left, right] = [("generated", names[0]), ("other", names[1])].map(|(kind, name)| {
            let is_it = |label: &str| label.starts_with(&format!("{kind} pictures")) && label.ends_with(&format!(", {name}"));
            harness.get_by(|node| node.label().is_some_and(|label| is_it(&label))).rect()
        });
        assert!(left.size() == right.size() && !left.intersects(right), "{names:?}");
    }
    let live = harness.state().world.run.snapshot.as_deref().map(|snapshot| Shown { snapshot, revision: 1 });
    let (Some(first), Some(beside)) = harness.state().centre.timeline.moments(live, None) else { panic!("{names:?}") };
    assert_ne!(first.revision, beside.shown.revision);
    assert_ne!(first.snapshot.samples, beside.shown.snapshot.samples);
    assert_eq!((beside.names, beside.marks), (names.map(str::to_owned), Some([Mark::Dot, Mark::Ring])));
}

#[test]
fn any_two_moments_are_shown_side_by_side() {
    for preset in ["digits", "ring8"] {
        let mut harness = filmed(preset);
        assert!(harness.query_by_label("moment to compare with").is_none(), "{preset}");
        harness.get_by_label("compare").click();
        harness.run();
        assert_eq!((step(&harness), second(&harness)), (0, 12_300), "{preset}");
        assert_side_by_side(&harness, preset, ["step 0", "now, step 12,300"]);

        // The nearer one is taken, whether it is dragged or the line is pressed.
        drag(&mut harness, 1.0, 0.75);
        assert_eq!((step(&harness), second(&harness)), (0, frame(74)), "{preset}");
        assert_side_by_side(&harness, preset, ["step 0", "step 9,193"]);
        drag(&mut harness, 0.25, 0.25);
        assert_eq!((step(&harness), second(&harness)), (frame(25), frame(74)), "{preset}");
        drag(&mut harness, 0.6, 0.6);
        assert_eq!((step(&harness), second(&harness)), (frame(25), frame(59)), "{preset}");
        // What is held stays held beyond the other one.
        drag(&mut harness, 0.25, 0.9);
        assert_eq!((step(&harness), second(&harness)), (frame(89), frame(59)), "{preset}");
        assert_side_by_side(&harness, preset, ["step 11,057", "step 7,330"]);
        drag(&mut harness, 0.9, 1.0);
        assert_side_by_side(&harness, preset, ["now, step 12,300", "step 7,330"]);

        harness.get_by_label("Now").click();
        harness.run();
        assert_eq!((step(&harness), second(&harness)), (12_300, 12_300), "{preset}");
        assert!(harness.query_by_label_contains("now, step").is_none(), "{preset}: twice the same says nothing");
        drag(&mut harness, 1.0, 0.4);
        assert_eq!((step(&harness), second(&harness)), (frame(40), 12_300), "{preset}: of both at now the first is taken");
    }
}

#[test]
fn each_of_two_moments_has_the_keyboard_for_itself() {
    let mut harness = filmed("digits");
    harness.get_by_label("compare").click();
    harness.run();
    let mut press = |label: &str, keys: &[Key]| {
        harness.get_by_label(label).focus();
        harness.run_steps(2);
        for key in keys {
            harness.key_press(*key);
            harness.run();
        }
        (step(&harness), second(&harness))
    };
    assert_eq!(press("moment to compare with", &[Key::ArrowLeft, Key::ArrowLeft]), (0, frame(97)));
    assert_eq!(press("moment of the run", &[Key::ArrowRight]), (frame(1), frame(97)));
    assert_eq!(press("moment to compare with", &[Key::Home]), (frame(1), 0));
    assert_eq!(press("moment of the run", &[Key::End]), (12_300, 0));
    assert_eq!(press("moment to compare with", &[Key::End, Key::ArrowLeft]), (12_300, frame(98)));
    // What was pressed last has the keyboard.
    drag(&mut harness, 0.3, 0.3);
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert_eq!((step(&harness), second(&harness)), (12_300, frame(31)));
}

#[test]
fn the_second_moment_is_now_until_it_is_moved_and_again_when_asked() {
    let mut harness = filmed("digits");
    harness.get_by_label("compare").click();
    harness.run();
    let train_to = |harness: &mut Harness<'static, Window>, step: u64| {
        let run = &mut harness.state_mut().world.run;
        let last = run.reel.last().unwrap().clone();
        std::sync::Arc::make_mut(&mut run.reel).push(Frame { step, ..last });
        run.snapshot = World::running("digits", step).run.snapshot;
        harness.run();
    };
    train_to(&mut harness, 12_400);
    assert_eq!(second(&harness), 12_400);
    assert!(harness.query_by_label_contains(", now, step 12,400").is_some());
    drag(&mut harness, 1.0, 0.5);
    let held = second(&harness);
    train_to(&mut harness, 12_500);
    assert_eq!(second(&harness), held);
    assert!(harness.query_by_label_contains(&format!(", step {}", format::grouped(held))).is_some());
    // Switched on anew it begins at now.
    harness.get_by_label("compare").click();
    harness.run();
    harness.get_by_label("compare").click();
    harness.run();
    assert_eq!((step(&harness), second(&harness)), (0, 12_500));
}

#[test]
fn the_first_moment_plays_beside_the_second() {
    let mut harness = filmed("digits");
    harness.get_by_label("compare").click();
    harness.run();
    drag(&mut harness, 1.0, 0.4);
    harness.get_by_label("Play the run").click();
    harness.run_steps(12);
    assert!(harness.query_by_label("Hold the moment").is_some());
    assert!(step(&harness) > 0 && step(&harness) < 12_300);
    assert_eq!(second(&harness), frame(40));
    drag(&mut harness, 0.4, 0.8);
    assert!(harness.query_by_label("Hold the moment").is_some(), "the second may be moved meanwhile");
    assert_eq!(second(&harness), frame(79));
}

#[test]
fn the_run_is_exported_and_a_single_frame_is_no_line() {
    let mut harness = filmed("digits");
    harness.get_by_label("GIF").click();
    harness.run();
    let asked = harness.state_mut().world.settle();
    assert!(matches!(asked[..], [Command::ExportTimelapse]), "{asked:?}");
    let mut harness = drive(Window::new(World::running("digits", 5)));
    harness.run();
    assert!(harness.query_by_label("moment of the run").is_none());
}
