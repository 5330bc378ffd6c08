//! The panel as hands and eyes use it.

use eframe::egui::accesskit::Role as Kind;
use eframe::egui::{Context, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::density::Density;
use super::*;
use crate::gui::fixtures::World;
use crate::gui::run::Phase;
use crate::spec::{Layer, Preset, Stack};

struct Desk {
    world: World,
    panel: StackPanel,
}

type Window = Harness<'static, Desk>;

fn desk_ui(ui: &mut Ui, desk: &mut Desk) {
    let fill = theme::tokens(ui).panel;
    egui::CentralPanel::default().frame(Frame::new().fill(fill).inner_margin(Margin::symmetric(8, 4))).show(ui, |ui| {
        desk.panel.ui(&desk.world.context(), ui);
    });
    for command in desk.world.settle() {
        if matches!(command, Command::ToggleCompact) {
            toggle_compact(ui.ctx());
        }
    }
}

/// The panel in as much height as it has in a window of 800 points.
fn open(world: World) -> Window {
    let builder = Harness::builder().with_context_setup(theme::install).with_size([336.0, 720.0]);
    let mut window = builder.build_ui_state(desk_ui, Desk { world, panel: StackPanel::default() });
    window.run();
    window
}

fn preset(name: &str) -> Window {
    open(World::new(name))
}

fn description(window: &Window, name: &str) -> String {
    window.get_by_label(name).accesskit_node().data().description().unwrap_or_default().to_owned()
}

fn edit(window: &mut Window, edit: Edit) {
    window.state_mut().world.editor.apply(edit).unwrap();
    window.state_mut().world.settle();
}

/// Types into a parameter of the open card.
fn enter(window: &mut Window, name: &str, text: &str) {
    window.get_by_role_and_label(Kind::SpinButton, name).focus();
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.event(egui::Event::Text(text.to_owned()));
    window.key_press(Key::Enter);
    window.run();
}

#[test]
fn twenty_layers_are_in_sight_at_once_in_the_compact_view() {
    let mut project = Preset::from_name("dcgan28").unwrap().project();
    // Three more in the discriminator make twenty.
    for _ in 0..3 {
        Edit::insert(&project, Role::Discriminator, 4, Layer::leaky_relu()).apply(&mut project).unwrap();
    }
    assert_eq!(project.generator.layers.len() + project.discriminator.layers.len(), 20);
    let mut window = open(World::of(project));
    let end = |window: &Window| window.get_by_label("One logit: real or generated?").rect().bottom();
    assert!(end(&window) > 720.0);
    window.get_by_label("Compact layers").click();
    window.run();
    assert!(end(&window) <= 720.0, "the end is at {}", end(&window));
    let line = window.get_by_label("Generator layer 4: ConvTranspose2d");
    assert!(line.rect().height() <= 20.0);
    window.get_by_label("Layers as cards").click();
    window.run();
    assert!(end(&window) > 720.0);
}

/// The place of a text that is drawn, and begins so.
fn drawn_text(window: &Window, beginning: &str, nth: usize) -> Rect {
    let texts = window.output().shapes.iter().filter_map(|clipped| match &clipped.shape {
        egui::Shape::Text(text) if text.galley.job.text.starts_with(beginning) => Some(text.visual_bounding_rect()),
        _ => None,
    });
    texts.into_iter().nth(nth).unwrap()
}

#[test]
fn in_a_narrow_panel_names_give_way_to_the_marks_of_the_largest() {
    let builder = Harness::builder().with_context_setup(theme::install).with_size([272.0, 720.0]);
    let mut window = builder.build_ui_state(desk_ui, Desk { world: World::new("dcgan64"), panel: StackPanel::default() });
    window.get_by_label("Compact layers").click();
    window.run();
    // The second convolution has most weights and most multiply-adds.
    assert!(description(&window, "Generator layer 4: ConvTranspose2d").matches("Most ").count() == 2);
    let (name, shape) = (drawn_text(&window, "ConvTranspose2d", 1), drawn_text(&window, "256×8×8", 0));
    assert!(name.right() + 2.0 * 4.0 * SPACE <= shape.left(), "{name} {shape}");
}

#[test]
fn the_compact_view_is_remembered_between_starts() {
    let before = Context::default();
    assert_eq!(Density::of(&before), Density::Roomy);
    toggle_compact(&before);
    let kept = before.data(|data| serde_json::to_string(data).unwrap());
    let after = Context::default();
    after.data_mut(|data| *data = serde_json::from_str(&kept).unwrap());
    assert_eq!(Density::of(&after), Density::Compact);
}

#[test]
fn parameters_open_from_a_line_as_from_a_card() {
    let mut window = preset("dcgan28");
    window.get_by_label("Compact layers").click();
    window.run();
    window.get_by_label("Generator layer 4: ConvTranspose2d").click();
    window.run();
    enter(&mut window, "filters", "2^5");
    assert!(description(&window, "Generator layer 4: ConvTranspose2d").contains("makes 32 × 14 × 14"));
}

#[test]
fn a_tensor_glides_to_its_new_size_and_then_nothing_is_drawn() {
    let builder = Harness::builder().with_context_setup(theme::install).with_size([336.0, 720.0]);
    let builder = builder.with_step_dt(1.0 / 60.0).with_max_steps(40);
    let mut window = builder.build_ui_state(desk_ui, Desk { world: World::new("dcgan28"), panel: StackPanel::default() });
    // The harness stops all animations.
    window.ctx.all_styles_mut(|style| style.animation_time = 0.12);
    window.run();
    assert_eq!(window.run(), 1, "at rest one frame is enough");
    let id = window.state().world.editor.project().generator.layers[3].id;
    edit(&mut window, Edit::Replace { role: Role::Generator, id, layer: Layer::conv_transpose(8, 4, 2, 1) });
    let frames = window.run();
    assert!((6..=12).contains(&frames), "120 ms are about 8 frames, not {frames}");
    assert_eq!(window.run(), 1, "and then nothing is drawn");
}

#[test]
fn every_parameter_is_typed_in_its_own_way() {
    let mut window = preset("dcgan28");
    window.get_by_label("Generator layer 4: ConvTranspose2d").click();
    window.run();
    for (name, text) in [("filters", "8*8+1"), ("kernel", "5, 3"), ("stride", "2"), ("padding size", "2x1"), ("output padding", "1×0")] {
        enter(&mut window, name, text);
    }
    let layer = &window.state().world.editor.project().generator.layers[3].layer;
    let text = crate::spec::layers_to_text([&crate::spec::StackLayer { id: LayerId(0), on: true, layer: layer.clone() }]);
    assert!(text.starts_with("ConvTranspose2d: filters 65; kernel 5 × 3; stride 2 × 2; padding 2 × 1; output padding 1 × 0;"), "{text}");
    window.get_by_label("Generator layer 4: ConvTranspose2d").click();
    window.get_by_label("Generator layer 3: Reshape").click();
    window.run();
    enter(&mut window, "shape", "(64*2)x7x7");
    enter(&mut window, "shape", "6272");
    assert_eq!(window.state().world.editor.project().generator.layers[2].layer, Layer::Reshape { shape: Shape::vector(6272) });
}

#[test]
fn what_cannot_be_taken_stays_at_its_parameter_and_the_project_is_what_it_was() {
    let mut window = preset("dcgan28");
    window.get_by_label("Generator layer 5: BatchNorm").click();
    window.run();
    let before = window.state().world.editor.project().clone();
    enter(&mut window, "momentum", "1,5");
    assert!(window.query_by_label("1.5 is out of range: 0 to 1").is_some());
    window.get_by_label("Generator layer 6: ReLU").focus();
    window.run_steps(5);
    assert!(window.query_by_label("1.5 is out of range: 0 to 1").is_some(), "it stays until it is mended");
    assert_eq!(*window.state().world.editor.project(), before);
    enter(&mut window, "latent size", "0");
    assert!(window.query_by_label("0 is out of range: 1 to 65,536 random numbers").is_some());
    enter(&mut window, "latent size", "8*8");
    assert_eq!(window.state().world.editor.project().generator.input, Shape::vector(64));
}

#[test]
fn choices_are_stepped_through_with_the_arrow_keys() {
    let mut window = preset("dcgan28");
    window.get_by_label("Generator layer 1: Dense").click();
    window.run();
    window.get_by_role_and_label(Kind::ComboBox, "init").focus();
    window.run();
    window.key_press(Key::ArrowDown);
    window.run();
    let layer = |window: &Window| window.state().world.editor.project().generator.layers[0].layer.clone();
    assert!(matches!(layer(&window), Layer::Dense { init: crate::spec::Init::Glorot, .. }));
    window.key_press(Key::ArrowUp);
    window.key_press(Key::ArrowUp);
    window.run();
    assert!(matches!(layer(&window), Layer::Dense { init: crate::spec::Init::PyTorch, .. }), "it ends at the first");
}

#[test]
fn while_a_run_exists_each_card_says_what_a_restart_would_keep() {
    let mut world = World::new("digits");
    world.run.phase = Phase::Paused;
    world.run.begun = Some(Box::new(world.editor.project().clone()));
    let mut window = open(world);
    assert!(!description(&window, "Generator layer 6: Conv2d").contains("restart"));
    let id = window.state().world.editor.project().generator.layers[5].id;
    edit(&mut window, Edit::Replace { role: Role::Generator, id, layer: Layer::conv(48, 3, 1, 1) });
    window.run();
    for (name, words) in [
        ("Generator layer 1: Dense", "goes on with the weights it has learned"),
        ("Generator layer 6: Conv2d", "starts afresh"),
        ("Generator layer 7: BatchNorm", "96 new;"),
        ("Generator layer 10: Conv2d", "starts afresh"),
        ("Discriminator layer 1: Conv2d", "goes on with the weights"),
    ] {
        assert!(description(&window, name).contains(words), "{name}: {}", description(&window, name));
    }
    assert!(!description(&window, "Generator layer 4: ReLU").contains("restart"), "there is nothing to keep");
    window.get_by_label("Restart").hover();
    window.run_steps(20);
    assert!(window.query_by_label_contains("5 keep what they learned and 3 start afresh").is_some());
}

#[test]
fn a_shape_is_explained_beside_its_card_and_the_costs_on_it() {
    let mut window = preset("dcgan28");
    let card = window.get_by_label("Generator layer 4: ConvTranspose2d").rect();
    window.hover_at(egui::pos2(card.left() + 16.0, card.center().y));
    window.run_steps(20);
    assert!(window.query_by_label("Keras (None, 14, 14, 64)").is_some());
    window.hover_at(egui::pos2(card.right() - 30.0, card.bottom() - 14.0));
    window.run_steps(20);
    assert!(window.query_by_label_contains("131,136 weights (16 %)").is_some());
    assert!(window.query_by_label_contains("Most multiply-adds").is_some());
}

#[test]
fn any_stack_can_be_drawn() {
    let huge = Layer::Reshape { shape: Shape::new(1 << 20, 1, 1) };
    let gap = Layer::Gap { source: "x".to_owned(), line: 1, reason: "y".to_owned() };
    for layers in [vec![], vec![Layer::Flatten], vec![gap, Layer::conv(3, 3, 1, 1), huge, Layer::dense(2)]] {
        let mut project = Preset::from_name("ring8").unwrap().project();
        project.discriminator = Stack::new(Shape::new(3, 0, 9), layers.clone());
        project.generator = Stack::new(Shape::vector(0), layers);
        let mut window = open(World::of(project));
        window.get_by_label("Compact layers").click();
        window.run();
    }
}

/// `GANVAS_LOOK=folder cargo test --release --lib stacks::look_tests::look -- --nocapture` leaves pictures of the panel there.
#[test]
fn look() {
    let Some(folder) = std::env::var_os("GANVAS_LOOK") else {
        eprintln!("skipped: GANVAS_LOOK names no folder");
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    std::fs::create_dir_all(&folder).unwrap();
    fn changed() -> World {
        let mut world = World::new("digits");
        world.run.phase = Phase::Paused;
        world.run.begun = Some(Box::new(world.editor.project().clone()));
        let id = world.editor.project().generator.layers[5].id;
        world.editor.apply(Edit::Replace { role: Role::Generator, id, layer: Layer::conv(48, 3, 1, 1) }).unwrap();
        world.settle();
        world
    }
    type Scene = (&'static str, fn() -> World, [f32; 2], fn(&mut Window));
    let scenes: [Scene; 8] = [
        ("dcgan28", || World::new("dcgan28"), [336.0, 900.0], |_| {}),
        ("dcgan64", || World::new("dcgan64"), [336.0, 1_300.0], |_| {}),
        ("narrow", || World::new("dcgan28"), [272.0, 900.0], |_| {}),
        ("tutorial", || World::of(crate::spec::TUTORIAL.project()), [336.0, 900.0], |_| {}),
        ("compact", || World::new("dcgan64"), [336.0, 720.0], |window| window.get_by_label("Compact layers").click()),
        ("points", || World::new("ring8"), [336.0, 600.0], |_| {}),
        (
            "typed",
            || World::new("dcgan28"),
            [336.0, 900.0],
            |window| {
                window.get_by_label("Generator layer 4: ConvTranspose2d").click();
                window.run();
                enter(window, "filters", "7*7*");
            },
        ),
        ("restart", changed, [336.0, 900.0], |_| {}),
    ];
    let only = std::env::var("GANVAS_LOOK_ONLY").unwrap_or_default();
    for (name, world, size, act) in scenes.into_iter().filter(|(name, ..)| name.contains(&only)) {
        for (theme, suffix) in [(egui::Theme::Dark, "dark"), (egui::Theme::Light, "light")] {
            let builder = Harness::builder().with_context_setup(theme::install).with_theme(theme).with_size(size).wgpu();
            let mut window = builder.build_ui_state(desk_ui, Desk { world: world(), panel: StackPanel::default() });
            window.run();
            act(&mut window);
            window.run_steps(8);
            window.render().unwrap().save(folder.join(format!("{name}_{suffix}.png"))).unwrap();
        }
    }
}
