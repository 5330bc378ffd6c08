//! What is drawn: windows in many states, and what is done in them first.

use eframe::egui;
use egui_kittest::Harness;

use super::Window;
use crate::gui::fixtures::{World, picture_story, story};
use crate::spec::{Edit, Loss, Shape};
use crate::train::{StepRecord, Story};

/// Its name, the window, and what is done in it before it is drawn.
type Scene = (&'static str, fn() -> Window, fn(&mut Harness<'static, Window>));

pub(super) const SCENES: [Scene; 27] = [
    ("empty", || Window::new(World::new("digits")), |_| {}),
    ("digits", || Window::new(World::running("digits", 1_240)), |_| {}),
    (
        "digits_hover",
        || Window::new(World::running("digits", 1_240)),
        |harness| {
            let size = harness.ctx.content_rect().size();
            harness.hover_at(egui::pos2(290.0 + (size.x - 590.0) * 0.3, size.y * 0.82));
        },
    ),
    ("shapes_data", || Window::new(World::running("shapes", 60_000)), |harness| click(harness, "Data")),
    ("ring", || Window::new(World::running("ring8", 400)), |_| {}),
    ("ring_data", || Window::new(World::running("ring8", 400)), |harness| click(harness, "Data")),
    ("ring_explore", || Window::new(World::running("ring8", 400)), |harness| explore(harness)),
    ("explore", || Window::new(World::running("digits", 1_240)), |harness| explore(harness)),
    ("million", || Window::new(World::running("digits", 1_000_000)), |harness| click(harness, "time")),
    ("logarithm", || Window::new(World::running("digits", 5_000)), |harness| click(harness, "log")),
    (
        "enlarged",
        || Window::new(World::running("shapes", 5_000)),
        |harness| {
            use egui_kittest::kittest::Queryable as _;
            harness.hover_at(harness.get_by_label_contains("generated pictures").rect().min + egui::vec2(40.0, 40.0));
        },
    ),
    ("diverged", diverged, |_| {}),
    ("quality", || Window::new(World::measured("digits", 5_000, 30)), |harness| click(harness, "Quality")),
    ("quality_ring", || Window::new(World::measured("ring8", 5_000, 30)), |harness| click(harness, "Quality")),
    ("quality_nothing", || Window::new(World::running("digits", 500)), |harness| click(harness, "Quality")),
    ("timeline", || Window::new(World::filmed("digits", 12_300, 100)), |_| {}),
    ("timeline_earlier", || Window::new(World::filmed("digits", 12_300, 100)), |harness| earlier(harness, 0.3)),
    (
        "timeline_compare",
        || Window::new(World::filmed("shapes", 12_300, 100)),
        |harness| {
            earlier(harness, 0.3);
            click(harness, "compare");
        },
    ),
    (
        "timeline_two",
        || Window::new(World::filmed("digits", 12_300, 100)),
        |harness| {
            earlier(harness, 0.2);
            click(harness, "compare");
            harness.run_steps(2);
            earlier(harness, 0.7);
        },
    ),
    (
        "timeline_two_ring",
        || Window::new(World::filmed("ring8", 12_300, 100)),
        |harness| {
            click(harness, "compare");
            harness.run_steps(2);
            earlier(harness, 0.7);
        },
    ),
    ("timeline_ring", || Window::new(World::filmed("ring8", 12_300, 100)), |harness| click(harness, "compare")),
    ("fork", || Window::new(World::forked("digits", 3_000)), |_| {}),
    ("fork_colour", || Window::new(World::forked("shapes", 3_000)), |harness| click(harness, "time")),
    ("fork_ring", || Window::new(World::forked("ring8", 3_000)), |harness| click(harness, "Quality")),
    ("slow_ring", || slow("ring8", story(128)), |harness| harness.state_mut().world.run.slow.show(8)),
    ("slow_digits", || slow("digits", picture_story(Shape::new(1, 28, 28))), |harness| harness.state_mut().world.run.slow.show(4)),
    ("explore_nothing", || Window::new(World::new("digits")), |harness| click(harness, "Explore")),
];

fn click(harness: &mut Harness<'static, Window>, label: &str) {
    use egui_kittest::kittest::Queryable as _;
    harness.get_by_label(label).click();
}

/// Presses the line of moments at a share of its length.
fn earlier(harness: &mut Harness<'static, Window>, share: f32) {
    use egui_kittest::kittest::Queryable as _;
    let line = harness.get_by_label("moment of the run").rect();
    harness.drag_at(egui::pos2(egui::lerp(line.x_range(), share), line.center().y));
    harness.run_steps(2);
    harness.drop_at(egui::pos2(egui::lerp(line.x_range(), share), line.center().y));
}

/// A step in slow motion.
fn slow(preset: &str, story: Story) -> Window {
    let mut window = Window::new(World::running(preset, 41));
    let slow = &mut window.world.run.slow;
    slow.enter();
    slow.hear(&std::sync::Arc::new(story));
    slow.play(false);
    window
}

/// A critic's run whose numbers end.
fn diverged() -> Window {
    let mut world = World::running("digits", 900);
    let mut project = world.editor.project().clone();
    project.train = project.train.with_loss(Loss::Wasserstein);
    world.editor.apply(Edit::SetProject(Box::new(project))).unwrap();
    let mut records: Vec<_> = world.run.history.iter().collect();
    for record in &mut records[700..] {
        *record = StepRecord { d_loss: f32::NAN, g_loss: f32::INFINITY, ..*record };
    }
    world.run.history = records.into_iter().collect();
    Window::new(world)
}

/// Opens the explorer, keeps a point and waits for pictures.
fn explore(harness: &mut Harness<'static, Window>) {
    for label in ["Explore", "Keep A", "Random", "Keep B"] {
        click(harness, label);
        for _ in 0..20 {
            harness.step();
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}
