//! The band as it is used.

use std::sync::Arc;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::gui::fixtures::{World, picture_story, story};
use crate::gui::look::{Window, drive};
use crate::spec::Shape;
use crate::train::Story;

fn told(preset: &str, story: Story) -> World {
    let mut world = World::running(preset, 41);
    world.run.phase = Phase::Paused;
    world.run.slow.enter();
    world.run.slow.hear(&Arc::new(story));
    world.run.slow.play(false);
    world
}

/// Carries out what was asked of slow motion; returns whether another step was.
fn settle(harness: &mut Harness<'static, World>) -> bool {
    harness.run_steps(2);
    let world = harness.state_mut();
    let mut asks = false;
    for command in world.settle() {
        let Command::Slow(command) = command else { panic!("{command:?}") };
        match command {
            SlowCommand::Next => asks |= world.run.slow.advance(),
            SlowCommand::Previous => world.run.slow.previous(),
            SlowCommand::Play(playing) => world.run.slow.play(playing),
            SlowCommand::Show(moment) => world.run.slow.show(moment),
            SlowCommand::Speed(speed) => world.run.slow.set_speed(speed),
            SlowCommand::Toggle => world.run.slow.leave(),
        }
    }
    harness.run_steps(2);
    asks
}

fn band(size: [f32; 2], theme: eframe::egui::Theme) -> Harness<'static, World> {
    let builder = Harness::builder().with_context_setup(theme::install).with_size(size).with_theme(theme);
    let mut harness = builder.build_ui_state(|ui, world: &mut World| panel_ui(&world.context(), ui), told("ring8", story(128)));
    harness.run_steps(3);
    harness
}

#[test]
fn every_moment_of_a_step_is_told_one_after_the_other() {
    let mut harness = band([1280.0, 800.0], eframe::egui::Theme::Dark);
    for index in 0..MOMENTS.len() {
        let world = harness.state();
        let slow = &world.run.slow;
        assert_eq!(slow.index(), index);
        let sentence = sentence(world.context().begun(), slow.story().unwrap(), index);
        assert!(harness.query_by_label(&sentence).is_some(), "{sentence}");
        harness.get_by_label("Next moment").click();
        assert_eq!(settle(&mut harness), index == MOMENTS.len() - 1, "after the last moment another step is taken");
    }
    harness.get_by_label("Previous moment").click();
    settle(&mut harness);
    assert_eq!(harness.state().run.slow.index(), 8);
    harness.get_by_label("Losses").click();
    settle(&mut harness);
    assert_eq!(harness.state().run.slow.index(), 4);
    harness.get_by_label("Losses").click();
    settle(&mut harness);
    assert_eq!(harness.state().run.slow.index(), 7, "pressed again it is the other network's");
    harness.get_by_label("Speed of slow motion").click();
    harness.run_steps(3);
    harness.get_by_label("0.25×").click();
    settle(&mut harness);
    assert_eq!(harness.state().run.slow.speed(), 0.25);
    harness.get_by_label("Play slow motion").click();
    settle(&mut harness);
    assert!(harness.state().run.slow.is_playing());
    harness.get_by_label("Leave slow motion").click();
    settle(&mut harness);
    assert!(harness.query_by_label("Losses").is_none());
}

#[test]
fn stages_and_controls_have_room_in_every_window() {
    for size in [[960.0, 600.0], [1280.0, 800.0], [2560.0, 1440.0]] {
        for theme in [eframe::egui::Theme::Dark, eframe::egui::Theme::Light] {
            let harness = band(size, theme);
            let names = Stage::ALL.map(Stage::name);
            let controls = ["Previous moment", "Play slow motion", "Next moment", "Speed of slow motion", "Leave slow motion"];
            let places: Vec<Rect> = names.into_iter().chain(controls).map(|name| harness.get_by_label(name).rect()).collect();
            for pair in places.windows(2) {
                assert!(pair[0].right() <= pair[1].left() + 0.5, "{pair:?} at {size:?}");
            }
            assert!(places.iter().all(|place| place.left() >= 0.0 && place.right() <= size[0] && place.bottom() < HEIGHT), "{places:?}");
        }
    }
}

#[test]
fn the_middle_follows_every_moment() {
    for (preset, story) in [("ring8", story(128)), ("digits", picture_story(Shape::new(1, 28, 28)))] {
        let mut harness = drive(Window::new(told(preset, story)));
        for index in 0..MOMENTS.len() {
            harness.state_mut().world.run.slow.show(index);
            harness.run_steps(2);
            assert!(harness.query_by_label_contains("generated pictures").is_none(), "the usual grid makes room");
        }
        harness.state_mut().world.run.slow.leave();
        harness.run_steps(3);
        assert_eq!(harness.query_by_label_contains("generated pictures").is_some(), preset == "digits");
    }
}
