use std::sync::Arc;

use super::*;
use crate::gui::fixtures::World;
use crate::spec::Shape;
use crate::train::{HeatMap, Samples};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

struct Scene {
    world: World,
    panel: ExplorePanel,
}

/// A generator from `size` numbers to one number.
fn world(size: usize) -> World {
    let mut project = World::new("ring8").editor.project().clone();
    project.generator.input = Shape::vector(size);
    let mut world = World::of(project);
    let samples = Samples::Points { generated: Vec::new(), verdict: HeatMap { low: -1.0, high: 1.0, side: 0, values: Vec::new() } };
    world.run.snapshot = Some(Arc::new(Snapshot { step: 1, averaged: true, samples, generator: world.generator() }));
    world
}

fn harness(latent_size: usize) -> Harness<'static, Scene> {
    let mut harness = Harness::builder().with_context_setup(theme::install).with_size([300.0, 700.0]).with_max_steps(20).build_ui_state(
        |ui, scene: &mut Scene| scene.panel.ui(&scene.world.context(), ui),
        Scene { world: world(latent_size), panel: ExplorePanel::default() },
    );
    harness.run();
    harness
}

#[test]
fn dragging_a_slider_moves_its_dimension_and_no_other() {
    let mut harness = harness(8);
    let before = harness.state().panel.vector.clone();
    let rect = harness.get_by_label("z3").rect();
    harness.drag_at(rect.center());
    harness.run();
    harness.hover_at(rect.center() + vec2(40.0, 0.0));
    harness.run();
    harness.drop_at(rect.center() + vec2(40.0, 0.0));
    harness.run();
    let after = &harness.state().panel.vector;
    for (index, (old, new)) in before.iter().zip(after).enumerate() {
        assert_eq!(old != new, index == 2, "z{}", index + 1);
    }
    assert!(harness.state().panel.version > 1, "and another picture is due");
}

#[test]
fn only_the_sliders_in_sight_are_laid_out() {
    let harness = harness(512);
    let laid_out = harness.query_all_by_role(eframe::egui::accesskit::Role::Slider).count();
    assert!((5..30).contains(&laid_out), "{laid_out}");
}

#[test]
fn a_seed_always_draws_the_same_vector_and_random_another() {
    let mut harness = harness(16);
    assert_eq!(harness.state().panel.vector, drawn(Latent::Normal, 16, 1));
    harness.key_press(Key::R);
    harness.run();
    let panel = &harness.state().panel;
    assert_ne!(panel.seed, 1);
    assert_eq!(panel.vector, drawn(Latent::Normal, 16, panel.seed));
    harness.get_by_label("Reset").click();
    harness.run();
    assert_eq!(harness.state().panel.vector, [0.0; 16]);
}

#[test]
fn a_generator_with_other_dimensions_gets_a_vector_that_fits() {
    let mut harness = harness(8);
    let before = harness.state().panel.vector.clone();
    harness.state_mut().world = world(12);
    harness.run();
    let after = &harness.state().panel.vector;
    assert_eq!((&after[..8], &after[8..]), (&before[..], &[0.0; 4][..]));
    harness.state_mut().world = world(3);
    harness.run();
    assert_eq!(harness.state().panel.vector, before[..3]);
}

#[test]
fn between_two_kept_points_lies_the_great_circle() {
    let mut harness = harness(8);
    harness.get_by_label("Keep A").click();
    harness.run();
    let a = harness.state().panel.vector.clone();
    harness.get_by_label("Random").click();
    harness.run();
    harness.get_by_label("Keep B").click();
    harness.run();
    let b = harness.state().panel.vector.clone();
    harness.get_by_label("A to B").set_value_accesskit(0.5);
    harness.run();
    assert_eq!(harness.state().panel.vector, latent::slerp(&a, &b, 0.5));
    harness.get_by_label("Go to A").click();
    harness.run();
    assert_eq!(harness.state().panel.vector, a);
}

#[test]
fn a_walk_moves_until_a_slider_is_touched() {
    let mut harness = harness(8);
    let before = harness.state().panel.vector.clone();
    harness.get_by_label("Walk").click();
    harness.run_steps(10);
    assert_ne!(harness.state().panel.vector, before);
    harness.get_by_label("z1").increment_accesskit();
    harness.run_steps(3);
    let held = harness.state().panel.vector.clone();
    harness.run_steps(5);
    assert_eq!(harness.state().panel.vector, held);
}

/// As if the thread had answered.
fn answer(harness: &mut Harness<'static, Scene>, values: Result<Vec<f32>, String>) {
    // A ticket that no later answer of the thread reaches.
    let studio = &mut harness.state_mut().panel.studio;
    let ticket = studio.answered.max(1 << 40) + 1;
    studio.take(&Arc::new(latent::Picture { ticket, shape: Shape::new(1, 2, 2), values }));
}

#[test]
fn the_generator_draws_what_the_sliders_say() {
    let mut harness = harness(8);
    let expected = |scene: &Scene| {
        let generator = &scene.world.run.snapshot.as_ref().unwrap().generator;
        let values = generator.generate(&scene.panel.vector).unwrap();
        Some(Ok(Sample::Point([values[0], values[1]])))
    };
    for _ in 0..2 {
        for _ in 0..500 {
            harness.step();
            if harness.state().panel.studio.answer == expected(harness.state()) {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(harness.state().panel.studio.answer, expected(harness.state()));
        harness.get_by_label("Random").click();
        harness.run_steps(2);
    }
}

#[test]
fn an_error_stands_in_the_place_of_the_picture() {
    let mut harness = harness(8);
    answer(&mut harness, Err("the weights are not numbers".to_owned()));
    harness.run();
    assert!(harness.query_by_label("the weights are not numbers").is_some());
    assert!(harness.state().panel.picture().is_none());
    answer(&mut harness, Ok(vec![-1.0, 1.0, 0.0, 1.0]));
    harness.run();
    assert_eq!(harness.state().panel.picture().unwrap().bytes, [0, 255, 128, 255]);
    answer(&mut harness, Ok(vec![0.0; 3]));
    harness.run();
    assert!(harness.query_by_label("the generator made no whole sample").is_some());
}

#[test]
fn without_a_generator_it_says_what_to_do() {
    let mut harness = Harness::builder().with_context_setup(theme::install).build_ui_state(
        |ui, scene: &mut Scene| scene.panel.ui(&scene.world.context(), ui),
        Scene { world: World::new("digits"), panel: ExplorePanel::default() },
    );
    harness.run();
    harness.get_by_label("Train").click();
    harness.run();
    assert!(matches!(harness.state().world.commands.take()[..], [Command::Train]));
}
