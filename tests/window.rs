//! The window as a person uses it: driven through its accessibility tree, without a display and without a graphics driver.
#![cfg(feature = "gui")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use ganvas::device::DeviceChoice;
use ganvas::gui::AppOptions;
use ganvas::gui::app::App;
use ganvas::gui::command::Command;
use ganvas::gui::run::Phase;
use ganvas::gui::widgets::format::grouped;
use ganvas::project::ProjectFile;
use ganvas::spec::{Edit, Layer, Loss, Optimiser, OptimiserSpec, Preset, Project, Role};
use ganvas::train::{Checkpoint, History};

type Window = Harness<'static, App>;

fn window(options: AppOptions) -> Window {
    let options = AppOptions { device: DeviceChoice::Cpu, system_dialogs: false, ..options };
    let builder = Harness::builder().with_size([1280.0, 800.0]).with_max_steps(40).with_step_dt(1.0 / 30.0);
    builder.build_eframe(|cc| App::new(cc, options))
}

fn preset(name: &str) -> Window {
    window(AppOptions { preset: Some(name.to_owned()), ..AppOptions::default() })
}

fn opened(path: &Path) -> Window {
    window(AppOptions { path: Some(path.to_owned()), ..AppOptions::default() })
}

/// Draws frames until `done`; a minute is more than anything here takes.
fn wait(window: &mut Window, what: &str, done: impl Fn(&App) -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !done(window.state()) {
        assert!(Instant::now() < end, "waited in vain until {what}; the run is {:?}", window.state().run().phase);
        window.step();
        std::thread::sleep(Duration::from_millis(5));
    }
    window.run_steps(2);
}

fn wait_for(window: &mut Window, label: &str) {
    let end = Instant::now() + Duration::from_secs(60);
    while window.query_by_label(label).is_none() {
        assert!(Instant::now() < end, "waited in vain for {label}");
        window.step();
        std::thread::sleep(Duration::from_millis(5));
    }
    window.run_steps(2);
}

fn press(window: &mut Window, name: &str) {
    window.get_by_label(name).click_accesskit();
    window.run();
}

/// As `press`, while a run keeps the window busy.
fn press_live(window: &mut Window, name: &str) {
    let node = window.query_all_by_label(name).next().unwrap_or_else(|| panic!("nothing is called {name}"));
    node.click_accesskit();
    window.run_steps(3);
}

fn description(window: &Window, name: &str) -> String {
    window.get_by_label(name).accesskit_node().data().description().unwrap_or_default().to_owned()
}

fn type_into(window: &mut Window, name: &str, text: &str) {
    window.get_by_label(name).focus();
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.get_by_label(name).type_text(text);
    window.run();
    window.key_press(Key::Enter);
    window.run();
}

fn project(window: &Window) -> &Project {
    window.state().project()
}

fn names(window: &Window, role: Role) -> Vec<&'static str> {
    project(window).stack(role).layers.iter().map(|layer| layer.layer.name()).collect()
}

const LAST_CONV: &str = "Generator layer 10: Conv2d";
const MISFIT: &str = "The generator makes 3 × 28 × 28, but the data is 1 × 28 × 28";

#[test]
fn the_start_screen_offers_examples_and_begins_what_is_picked() {
    let mut window = window(AppOptions::default());
    for example in ["2-D ring", "Built-in digits", "The tutorial", "Own images", "Open a project"] {
        assert!(window.query_by_label(example).is_some(), "{example} is not offered");
    }
    assert!(window.query_by_label("Undo").is_none(), "the project that nobody chose is hidden");
    press(&mut window, "Preset shapes");
    assert_eq!(project(&window).name, "shapes");
    assert!(window.query_by_label("Generator layer 1: Dense").is_some());
    assert_eq!(window.state().run().phase, Phase::Idle);
    press(&mut window, "New");
    assert!(window.query_by_label("2-D ring").is_some());
    press(&mut window, "Back to the project");
    assert_eq!(project(&window).name, "shapes");
}

#[test]
fn editing_a_layer_changes_the_shapes_after_it_and_is_undone() {
    let mut window = preset("digits");
    assert!(description(&window, "Generator layer 6: Conv2d").contains("makes 32 × 14 × 14"));
    press(&mut window, "Generator layer 6: Conv2d");
    type_into(&mut window, "filters", "48");
    assert!(description(&window, "Generator layer 6: Conv2d").contains("makes 48 × 14 × 14"));
    assert!(description(&window, "Generator layer 9: Upsample").contains("makes 48 × 28 × 28"));
    assert!(window.query_by_label_contains("Project digits, unsaved changes").is_some());
    press(&mut window, "Undo");
    assert!(description(&window, "Generator layer 9: Upsample").contains("makes 32 × 28 × 28"), "typing is one step for undo");
    assert!(window.query_by_label_contains("Project digits, saved").is_some());
    press(&mut window, "Redo");
    assert!(description(&window, "Generator layer 6: Conv2d").contains("makes 48"));
}

#[test]
fn a_broken_joint_says_so_in_place_and_below_and_keeps_from_training() {
    let mut window = preset("digits");
    press(&mut window, LAST_CONV);
    type_into(&mut window, "filters", "3");
    assert!(window.query_by_label_contains(MISFIT).is_some());
    press_live(&mut window, "Train");
    assert_eq!(window.state().run().phase, Phase::Idle);
    assert!(window.query_by_label_contains("Before training, mend this").is_some());
    press(&mut window, "Undo");
    assert!(window.query_all_by_label_contains(MISFIT).all(|node| node.accesskit_node().role() != eframe::egui::Role::Button));
    assert!(project(&window).faults().is_empty());
}

#[test]
fn what_is_typed_out_of_range_stays_and_is_said() {
    let mut window = preset("digits");
    press(&mut window, LAST_CONV);
    type_into(&mut window, "kernel", "99");
    assert!(window.query_by_label_contains("99 is out of range: 1 to 64").is_some());
    let conv = |window: &Window| project(window).generator.layers[9].layer.clone();
    assert!(matches!(conv(&window), Layer::Conv2d { kernel, .. } if kernel.height == 3), "the project keeps what it had");
    type_into(&mut window, "kernel", "three");
    assert!(window.query_by_label_contains("“three” is not a size").is_some());
    type_into(&mut window, "kernel", "5x3");
    assert!(window.query_by_label_contains("“three”").is_none());
    assert!(matches!(conv(&window), Layer::Conv2d { kernel, .. } if (kernel.height, kernel.width) == (5, 3)), "{:?}", conv(&window));
}

#[test]
fn a_key_makes_lines_of_cards_and_cards_of_lines() {
    let mut window = preset("digits");
    let height = |window: &Window| window.get_by_label("Generator layer 1: Dense").rect().height();
    let card = height(&window);
    for is_line in [true, false] {
        window.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
        window.run();
        assert_eq!(height(&window) < 0.6 * card, is_line);
    }
}

#[test]
fn a_layer_is_added_by_searching_for_it() {
    let mut window = preset("ring8");
    press(&mut window, "Add discriminator layer");
    window.get_by_label("Search layers").type_text("swish");
    window.run();
    assert!(window.query_by_label("Insert SiLU").is_some());
    assert!(window.query_by_label("Insert Dense").is_none());
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(names(&window, Role::Discriminator).last(), Some(&"SiLU"));
    assert!(window.get_by_label("Discriminator layer 6: SiLU").is_focused(), "the new card has the keyboard");
    assert!(window.query_by_label("Search layers").is_none());
}

#[test]
fn an_open_card_says_what_its_layer_does_and_where_to_read_more() {
    let mut window = preset("digits");
    assert!(window.query_by_label("Ioffe and Szegedy, 2015").is_none());
    press(&mut window, "Generator layer 3: BatchNorm");
    assert!(window.query_by_label("Normalises each channel over the batch.").is_some());
    assert!(window.query_by_label("Ioffe and Szegedy, 2015").is_some());
    press(&mut window, "Generator layer 6: Conv2d");
    window.get_by_role_and_label(eframe::egui::Role::Label, "filters").hover();
    window.run_steps(20);
    assert!(window.query_by_label_contains("1 to 1048576 channels; usually 64.").is_some());
}

#[test]
fn the_catalogue_explains_an_entry_under_the_pointer() {
    let mut window = preset("ring8");
    press(&mut window, "Add discriminator layer");
    window.get_by_label("Search layers").type_text("sngan");
    window.run();
    window.get_by_label("Insert Residual").hover();
    window.run_steps(20);
    assert!(window.query_by_label("resample: none").is_some());
    assert!(window.query_by_label_contains("None, up, down.").is_some());
    assert!(window.query_by_label("Miyato et al., 2018").is_some());
}

#[test]
fn spectral_norm_is_a_switch_on_a_card() {
    let mut window = preset("ring8");
    press(&mut window, "Discriminator layer 1: Dense");
    press(&mut window, "spectral norm");
    let dense = &project(&window).discriminator.layers[0].layer;
    assert!(matches!(dense, Layer::Dense { spectral_norm: true, .. }), "{dense:?}");
}

#[test]
fn a_line_that_was_not_read_is_a_card_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("read.ganvas");
    let mut project = ganvas::spec::Preset::from_name("ring8").unwrap().project();
    let gap = Layer::Gap { source: "layers.Foo(3)".to_owned(), line: 12, reason: "no layer is called Foo".to_owned() };
    Edit::insert(&project, Role::Generator, 1, gap).apply(&mut project).unwrap();
    ProjectFile::from(project).save(&path).unwrap();
    let mut window = opened(&path);
    wait(&mut window, "the file is read", |app| app.project().generator.layers.len() == 6);
    assert!(description(&window, "Generator layer 2: Not read").contains("line 12"));
    let fault = "Line 12: `layers.Foo(3)` could not be read: no layer is called Foo. Remove it or put a layer in its place";
    assert!(window.query_all_by_label(fault).next().is_some());
    window.get_by_label("Generator layer 2: Not read").focus();
    window.run();
    window.key_press(Key::Delete);
    window.run();
    assert!(self::project(&window).faults().is_empty());
}

#[test]
fn the_arrow_keys_choose_from_the_catalogue_and_escape_leaves_it() {
    let mut window = preset("ring8");
    press(&mut window, "Generator layer 1: Dense");
    press(&mut window, "Add generator layer");
    window.key_press(Key::ArrowDown);
    window.key_press(Key::ArrowDown);
    window.key_press(Key::ArrowUp);
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(names(&window, Role::Generator)[..2], ["Dense", "Conv2d"], "it comes after the selected card");
    press(&mut window, "Add generator layer");
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label("Search layers").is_none());
    assert_eq!(names(&window, Role::Generator).len(), 6);
}

#[test]
fn a_card_is_moved_doubled_and_deleted_with_keys() {
    let mut window = preset("ring8");
    window.get_by_label("Generator layer 2: ReLU").focus();
    window.run();
    window.key_press_modifiers(Modifiers::ALT, Key::ArrowDown);
    window.run();
    assert_eq!(names(&window, Role::Generator), ["Dense", "Dense", "ReLU", "ReLU", "Dense"]);
    assert!(window.get_by_label("Generator layer 3: ReLU").is_focused(), "the keyboard goes with the card");
    window.key_press_modifiers(Modifiers::ALT, Key::ArrowUp);
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::D);
    window.run();
    assert_eq!(names(&window, Role::Generator), ["Dense", "ReLU", "ReLU", "Dense", "ReLU", "Dense"]);
    window.key_press(Key::Delete);
    window.run();
    assert_eq!(names(&window, Role::Generator), ["Dense", "ReLU", "Dense", "ReLU", "Dense"]);
    window.key_press(Key::ArrowDown);
    window.run();
    assert!(window.get_by_label("Generator layer 4: ReLU").is_focused());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run();
    assert_eq!(names(&window, Role::Generator).len(), 6);
}

#[test]
fn a_card_is_copied_as_text_and_text_is_pasted_as_cards() {
    use eframe::egui::{Event, OutputCommand};
    let mut window = preset("ring8");
    window.get_by_label("Generator layer 1: Dense").focus();
    window.run();
    window.event(Event::Copy);
    window.step();
    let copied = window.output().platform_output.commands.iter().find_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("Dense: units 128; bias on; init PyTorch; spectral norm off\n"));
    window.get_by_label("Discriminator layer 5: Dense").focus();
    window.run();
    window.event(Event::Paste("Dense: units 8\noff Tanh\n".to_owned()));
    window.run();
    assert_eq!(names(&window, Role::Discriminator)[4..], ["Dense", "Dense", "Tanh"]);
    assert!(window.get_by_label("Discriminator layer 7: Tanh").is_focused());
    window.event(Event::Cut);
    window.run();
    assert_eq!(names(&window, Role::Discriminator).len(), 5, "what was pasted is selected, and cut as a whole");
    window.event(Event::Paste("any text".to_owned()));
    window.run();
    assert!(window.query_by_label_contains("no list of layers (line 1: there is no kind of layer called").is_some());
    press(&mut window, "Undo");
    press(&mut window, "Undo");
    assert_eq!(names(&window, Role::Discriminator).len(), 5, "what was pasted at once is taken back at once");
}

#[test]
fn a_card_is_dragged_to_another_place_and_into_the_other_stack() {
    let mut window = preset("ring8");
    let from = window.get_by_label("Generator layer 2: ReLU").rect().center();
    let to = window.get_by_label("Generator layer 5: Dense").rect().left_bottom();
    drag(&mut window, from, to + eframe::egui::vec2(60.0, -2.0));
    assert_eq!(names(&window, Role::Generator), ["Dense", "Dense", "ReLU", "Dense", "ReLU"]);
    let from = window.get_by_label("Generator layer 5: ReLU").rect().center();
    let to = window.get_by_label("Discriminator layer 1: Dense").rect().left_top();
    drag(&mut window, from, to + eframe::egui::vec2(60.0, 2.0));
    assert_eq!(names(&window, Role::Generator).len(), 4);
    assert_eq!(names(&window, Role::Discriminator)[0], "ReLU");
    press(&mut window, "Undo");
    assert_eq!(names(&window, Role::Generator).len(), 5, "moving between stacks is one step");
    assert_eq!(names(&window, Role::Discriminator).len(), 5);
}

fn drag(window: &mut Window, from: eframe::egui::Pos2, to: eframe::egui::Pos2) {
    window.drag_at(from);
    window.run_steps(2);
    for share in [0.3, 0.6, 1.0] {
        window.hover_at(from + (to - from) * share);
        window.run_steps(2);
    }
    window.drop_at(to);
    window.run();
}

#[test]
fn a_layer_is_switched_off_and_stays_in_its_place() {
    let mut window = preset("digits");
    press(&mut window, "Layer Generator layer 2: Reshape on");
    assert!(!project(&window).generator.layers[1].on);
    assert!(description(&window, "Generator layer 2: Reshape").starts_with("off"));
    press(&mut window, "Layer Generator layer 2: Reshape on");
    assert!(project(&window).faults().is_empty());
}

#[test]
fn a_preset_takes_the_place_of_the_project_and_undo_brings_it_back() {
    let mut window = preset("ring8");
    press(&mut window, "Presets");
    press(&mut window, "Preset digits");
    assert_eq!(project(&window).name, "digits");
    press(&mut window, "Undo");
    assert_eq!(project(&window).name, "ring8");
}

#[test]
fn a_discriminator_that_reads_another_shape_is_mended_with_one_press() {
    let mut window = preset("digits");
    let edit = ganvas::spec::Edit::SetInput { role: Role::Discriminator, shape: ganvas::spec::Shape::new(3, 32, 32) };
    window.state().command(Command::Edit(edit));
    window.run();
    assert!(!project(&window).faults().is_empty());
    press(&mut window, "Read 1 × 28 × 28");
    assert!(project(&window).faults().is_empty());
}

/// A project whose generator makes pictures of a wrong size, without anything that bounds them.
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
fn faulty() -> Project {
    let mut project = ganvas::spec::Preset::from_name("digits").unwrap().project();
    let role = Role::Generator;
    let ids: Vec<_> = [8, 10].iter().map(|index| project.generator.layers[*index].id).collect();
    for id in ids {
        ganvas::spec::Edit::Remove { role, id }.apply(&mut project).unwrap();
    }
    project
}

#[test]
fn a_faulty_project_is_opened_explained_and_mended_with_one_press() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faulty.ganvas");
    let project_before = faulty();
    ganvas::project::ProjectFile::from(project_before.clone()).save(&path).unwrap();
    let mut window = opened(&path);
    wait(&mut window, "the project is open", |app| app.project().generator.layers.len() == 9);
    assert!(window.query_by_label("1 error, 1 warning, 1 advice").is_some());
    assert!(window.query_by_label_contains("The generator makes 1 × 14 × 14, but the data is 1 × 28 × 28").is_some());
    press(&mut window, "Fix all");
    assert_eq!(ganvas::spec::lint(project(&window)), []);
    press(&mut window, "Undo");
    assert_eq!(project(&window), &project_before, "it is one step");
}

#[test]
fn the_tutorial_opens_as_printed_with_notes_and_is_mended_with_one_press() {
    let mut window = window(AppOptions::default());
    press_live(&mut window, "The tutorial");
    assert_eq!(*project(&window), ganvas::spec::TUTORIAL.project());
    assert!(window.query_by_label("2 errors, 3 warnings, 3 advice").is_some());
    assert!(
        window.query_by_label_contains("The generator invents").is_some()
            && window.query_by_label_contains("The discriminator judges").is_some()
    );
    press(&mut window, "Fix all");
    assert!(ganvas::spec::lint(project(&window)).is_empty());
    press_live(&mut window, "Close the notes");
    assert!(window.query_by_label_contains("The generator invents").is_none(), "the notes are closed");
    press(&mut window, "Undo");
    assert_eq!(*project(&window), ganvas::spec::TUTORIAL.project(), "all repairs are one step");
}

const SCRIPT: &str = "from keras import layers, Sequential\n\
    generator = Sequential([layers.Input((16,)), layers.Dense(32, activation='relu'), layers.Nonsense(3), layers.Dense(2)])\n\
    discriminator = Sequential([layers.Input((2,)), layers.Dense(32, activation='relu'), layers.Dense(1)])\n";

#[test]
fn source_code_is_shown_beside_what_is_read_of_it_and_becomes_a_project() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script.py");
    std::fs::write(&path, SCRIPT).unwrap();
    let mut window = opened(&path);
    wait_for(&mut window, "Written for Keras");
    assert!(window.query_by_label("Read script.py").is_some());
    assert!(
        window.query_by_label("line 2: layers.Nonsense(3): Ganvas has no layer Nonsense").is_some(),
        "what could not be read is said with its line"
    );
    press(&mut window, "Use these networks");
    assert_eq!(project(&window).name, "script");
    assert_eq!(names(&window, Role::Generator), ["Dense", "ReLU", "Not read", "Dense"]);
    assert_eq!(names(&window, Role::Discriminator), ["Dense", "ReLU", "Dense"]);
}

#[test]
fn code_is_pasted_anywhere_and_read_again_as_it_is_typed() {
    let mut window = window(AppOptions::default());
    window.input_mut().events.push(Event::Paste("nothing of interest".to_owned()));
    window.run_steps(2);
    assert!(window.query_by_label("Read code").is_none(), "other text is not taken for code");
    window.input_mut().events.push(Event::Paste(SCRIPT.to_owned()));
    wait_for(&mut window, "Written for Keras");
    assert!(window.query_all_by_label_contains("Dense 2").next().is_some());
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.get_by_label("Code").type_text("nothing that makes networks");
    wait_for(&mut window, "No network of Keras or PyTorch is in it.");
    press_live(&mut window, "Use these networks");
    assert!(window.query_by_label("Read code").is_some(), "there is nothing to use");
    press(&mut window, "Cancel");
    assert!(window.query_by_label("2-D ring").is_some(), "the start screen is as it was");
}

#[test]
fn each_repair_has_a_button_where_the_fault_is() {
    let mut window = preset("digits");
    window.state().command(Command::Edit(ganvas::spec::Edit::SetProject(Box::new(faulty()))));
    window.run();
    press(&mut window, "End in Tanh");
    assert_eq!(names(&window, Role::Generator).last(), Some(&"Tanh"));
    press(&mut window, "Enlarge once more");
    assert_eq!(project(&window).faults(), []);
    assert!(window.query_by_label("Without bias").is_none(), "advice waits in its card");
    press(&mut window, "Generator layer 6: Conv2d");
    press(&mut window, "Without bias");
    assert_eq!(ganvas::spec::lint(project(&window)), []);
}

#[test]
fn closing_with_changes_asks_once_and_cancel_keeps_everything() {
    let mut window = preset("ring8");
    window.get_by_label("Generator layer 2: ReLU").focus();
    window.run();
    window.key_press(Key::Delete);
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Q);
    window.run();
    assert!(window.query_by_label("Save the project?").is_some());
    press(&mut window, "Cancel");
    assert!(window.query_by_label("Save the project?").is_none());
    assert_eq!(names(&window, Role::Generator).len(), 4);
}

#[test]
fn a_damaged_project_is_refused_in_words_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.ganvas");
    std::fs::write(&path, b"no project at all").unwrap();
    let mut window = preset("ring8");
    window.state().command(Command::OpenByPath);
    window.run();
    type_into(&mut window, "Path", &path.display().to_string());
    let end = Instant::now() + Duration::from_secs(20);
    while window.query_by_label_contains("broken.ganvas").is_none() {
        assert!(Instant::now() < end, "nothing was said about the damaged file");
        window.step();
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(project(&window).name, "ring8");
}

#[test]
fn a_folder_of_pictures_becomes_data_with_networks_that_fit() {
    let folder = tempfile::tempdir().unwrap();
    let pictures = folder.path().join("cats");
    std::fs::create_dir(&pictures).unwrap();
    for i in 0..6_u8 {
        image::RgbImage::from_fn(80, 60, |x, y| image::Rgb([x as u8 * 3, y as u8 * 4, i * 40]))
            .save(pictures.join(format!("{i}.png")))
            .unwrap();
    }
    let mut window = preset("ring8");
    window.state().command(Command::OpenPath(pictures));
    wait(&mut window, "the data is looked at", |app| app.project().name == "cats");
    assert_eq!(project(&window).data.shape(), ganvas::spec::Shape::new(3, 64, 64));
    assert_eq!(project(&window).faults(), []);
    press(&mut window, "Undo");
    assert_eq!(project(&window).name, "ring8");
}

#[test]
fn training_runs_holds_goes_on_and_begins_anew() {
    let mut window = preset("ring8");
    press_live(&mut window, "Train");
    wait(&mut window, "it has trained", |app| app.run().progress.step > 20 && app.run().snapshot.is_some());
    press_live(&mut window, "Pause");
    wait(&mut window, "it holds", |app| app.run().phase == Phase::Paused);
    let held = window.state().run().progress.step;
    assert_eq!(window.state().run().history.len() as u64, held);
    press_live(&mut window, "G step");
    wait(&mut window, "the step was taken", |app| app.run().progress.step == held + 1);
    press_live(&mut window, "Train");
    wait(&mut window, "it goes on", |app| app.run().progress.step > held + 5);
    press_live(&mut window, "Reset");
    wait(&mut window, "it is at the beginning", |app| app.run().phase == Phase::Paused && app.run().progress.step == 0);
    assert!(window.state().run().history.is_empty());
}

#[test]
fn slow_motion_takes_a_step_at_a_time_and_training_goes_on_from_there() {
    let mut window = preset("ring8");
    press_live(&mut window, "Slow motion");
    wait(&mut window, "a step is told", |app| app.run().slow.story().is_some());
    assert_eq!((window.state().run().progress.step, window.state().run().history.len()), (1, 1));
    assert_eq!(window.state().run().phase, Phase::Paused);
    wait(&mut window, "it goes on by itself", |app| app.run().slow.index() == 2);
    assert!(window.query_by_label_contains("D sees 128 real points and says").is_some());
    window.key_press(Key::Space);
    window.run();
    assert!(!window.state().run().slow.is_playing());
    window.key_press(Key::ArrowRight);
    window.run();
    assert_eq!(window.state().run().slow.index(), 3);
    press(&mut window, "Updates");
    press(&mut window, "Updates");
    assert_eq!(window.state().run().slow.index(), 9);
    press(&mut window, "Next moment");
    wait(&mut window, "the next step is told", |app| app.run().slow.story().is_some_and(|story| story.step == 2));
    assert_eq!(window.state().run().slow.index(), 0);
    press(&mut window, "Leave slow motion");
    assert!(window.query_by_label("Updates").is_none());
    press_live(&mut window, "Train");
    wait(&mut window, "it trains on", |app| app.run().progress.step > 10);
    press_live(&mut window, "Slow motion");
    wait(&mut window, "a running run is held and told", |app| app.run().slow.story().is_some() && app.run().phase == Phase::Paused);
    press_live(&mut window, "Train");
    assert!(!window.state().run().slow.is_on(), "training leaves it");
}

#[test]
fn a_run_is_repeated_with_its_seed_bit_for_bit_and_differs_with_another() {
    let mut window = preset("ring8");
    let losses = |window: &Window| {
        let records = window.state().run().history.iter().take(25);
        records.map(|record| (record.step, record.d_loss.to_bits(), record.g_loss.to_bits())).collect::<Vec<_>>()
    };
    let ask = |window: &mut Window, item: &str| {
        press_live(window, "Restart menu");
        press_live(window, item);
        wait(window, "it has trained again", |app| app.run().history.len() > 30);
        losses(window)
    };
    press_live(&mut window, "Train");
    wait(&mut window, "it has trained", |app| app.run().history.len() > 30);
    let first = losses(&window);
    let seed = project(&window).seed;
    assert_eq!(ask(&mut window, "Restart with the same seed"), first);
    assert_eq!(project(&window).seed, seed);
    assert_ne!(ask(&mut window, "Restart with another seed"), first);
    assert_ne!(project(&window).seed, seed);
    press_live(&mut window, "Undo");
    assert_eq!(project(&window).seed, seed);
}

/// The losses of every step so far, as bits.
fn losses(history: &History) -> Vec<(u64, u32, u32)> {
    history.iter().map(|record| (record.step, record.d_loss.to_bits(), record.g_loss.to_bits())).collect()
}

#[test]
fn a_copy_of_a_run_is_the_same_run_until_one_thing_is_changed() {
    let mut window = preset("ring8");
    let hold = |window: &mut Window| {
        press_live(window, "Pause");
        wait(window, "both hold", |app| {
            app.run().phase == Phase::Paused && app.other().is_some_and(|other| other.run.phase == Phase::Paused)
        });
    };
    press_live(&mut window, "Train");
    wait(&mut window, "it has trained", |app| app.run().progress.step > 30);
    press_live(&mut window, "Restart menu");
    press_live(&mut window, "Fork: copy this run");
    wait(&mut window, "there are two", |app| app.other().is_some() && app.run().phase == Phase::Paused && app.run().snapshot.is_some());
    let at = window.state().other().unwrap().at.unwrap();
    assert_eq!([window.state().run().progress.step, window.state().other().unwrap().run.progress.step], [at; 2]);
    assert_eq!(project(&window).name, "ring8 B");
    assert!(window.query_by_label_contains("no difference yet").is_some());

    press_live(&mut window, "Train");
    let further = move |app: &App, steps| app.run().progress.step > at + steps && app.other().unwrap().run.progress.step > at + steps;
    wait(&mut window, "both go on", move |app| further(app, 40));
    hold(&mut window);
    let [a, b] = [&window.state().other().unwrap().run.history, &window.state().run().history].map(losses);
    let common = a.len().min(b.len());
    assert!(common as u64 > at + 40);
    assert_eq!(a[..common], b[..common], "with nothing changed it is the same run, bit for bit");

    let changed = window.state().run().progress.step as usize;
    let mut train = project(&window).train.clone();
    train.discriminator.learning_rate *= 0.1;
    window.state_mut().command(Command::Edit(Edit::SetTrain(train)));
    window.run();
    assert!(window.query_by_label_contains("B: D learning rate").is_some());
    press_live(&mut window, "Train");
    let end = changed as u64 + 60;
    wait(&mut window, "both go on", move |app| app.run().progress.step > end && app.other().unwrap().run.progress.step > end);
    hold(&mut window);
    let [a, b] = [&window.state().other().unwrap().run.history, &window.state().run().history].map(losses);
    assert_eq!(a[..changed], b[..changed]);
    assert_ne!(a[changed + 50], b[changed + 50]);
}

#[test]
fn either_run_is_taken_in_hand_and_the_other_is_not_dropped_unasked() {
    let mut window = preset("ring8");
    press_live(&mut window, "G step");
    wait(&mut window, "it holds", |app| {
        app.run().phase == Phase::Paused && app.run().checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.g_steps == 1)
    });
    press_live(&mut window, "Restart menu");
    press_live(&mut window, "Fork: copy this run");
    wait(&mut window, "there are two", |app| app.other().is_some() && app.run().phase == Phase::Paused);
    let mut train = project(&window).train.clone();
    let rate = train.discriminator.learning_rate;
    train.discriminator.learning_rate = 0.5 * rate;
    window.state_mut().command(Command::Edit(Edit::SetTrain(train)));
    window.run();
    press_live(&mut window, "A");
    assert_eq!((project(&window).name.as_str(), project(&window).train.discriminator.learning_rate), ("ring8", rate));
    press_live(&mut window, "B");
    assert_eq!((project(&window).name.as_str(), project(&window).train.discriminator.learning_rate), ("ring8 B", 0.5 * rate));
    press_live(&mut window, "Train A");
    wait(&mut window, "A trains alone", |app| app.other().is_some_and(|other| other.run.progress.step > 20));
    assert_eq!(window.state().run().progress.step, 1);
    press_live(&mut window, "Hold A");
    wait(&mut window, "A holds", |app| app.other().is_some_and(|other| other.run.phase == Phase::Paused));

    press_live(&mut window, "Drop A");
    assert!(window.query_by_label("Save the project?").is_some(), "what it learned is in no file");
    press(&mut window, "Cancel");
    assert!(window.state().other().is_some());
    assert_eq!(project(&window).name, "ring8", "the one it was asked about is in hand");
    press_live(&mut window, "Drop B");
    press(&mut window, "Don't save");
    assert!(window.state().other().is_none());
    assert_eq!(project(&window).name, "ring8");
    press_live(&mut window, "Train");
    wait(&mut window, "the one that is left trains", |app| app.run().progress.step > 40);
}

#[test]
fn dragging_a_latent_slider_changes_the_picture() {
    let mut window = preset("digits");
    // One step of the discriminator leaves a run that is held: whatever changes from here on is the slider's doing.
    press_live(&mut window, "D step");
    wait(&mut window, "it holds", |app| app.run().phase == Phase::Paused && app.run().snapshot.is_some());
    press_live(&mut window, "Explore");
    wait(&mut window, "there is a picture", |app| app.picture().is_some());
    window.run_steps(20);
    let before = window.state().picture();
    let slider = window.get_by_label("z3").rect();
    drag(&mut window, slider.center(), slider.center() + eframe::egui::vec2(60.0, 0.0));
    wait(&mut window, "the picture changes", |app| app.picture().is_some_and(|picture| Some(picture) != before));
}

#[test]
fn edited_networks_are_trained_after_a_restart_that_keeps_what_was_learned() {
    let mut window = preset("ring8");
    press_live(&mut window, "Train");
    wait(&mut window, "it has trained", |app| app.run().progress.step > 10);
    window.get_by_label("Discriminator layer 2: LeakyReLU").focus();
    window.run_steps(2);
    window.key_press(Key::Delete);
    window.run_steps(3);
    assert_eq!(window.state().run().phase, Phase::Running, "the run goes on with the old networks");
    assert!(window.query_by_label_contains("The networks changed").is_some());
    let before = window.state().run().progress.step;
    press_live(&mut window, "Restart");
    let is_anew = |app: &App| !app.run().difference(app.project()).any() && app.run().phase == Phase::Running;
    wait(&mut window, "it runs again", |app| is_anew(app) && app.run().progress.step > before);
    assert!(window.query_by_label_contains("The networks changed").is_none());
    let steps: Vec<u64> = window.state().run().history.iter().map(|record| record.step).collect();
    assert!(steps.windows(2).all(|pair| pair[1] == pair[0] + 1), "the history goes on without a gap");
}

#[test]
fn code_is_written_from_the_save_menu() {
    let folder = tempfile::tempdir().unwrap();
    for (item, said) in [("Code and weights for PyTorch…", "nn.Linear"), ("Code and weights for Burn…", "LinearConfig::new")] {
        let path = folder.path().join(format!("{}.zip", said.len()));
        let mut window = preset("ring8");
        press(&mut window, "Save menu");
        press(&mut window, item);
        type_into(&mut window, "Path", &path.display().to_string());
        wait(&mut window, "it is written", |_| path.exists());
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.windows(said.len()).any(|part| part == said.as_bytes()), "source is in the archive");
    }
}

#[test]
fn a_trained_project_is_saved_and_opened_with_everything_it_learned() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.ganvas");
    let mut window = preset("ring8");
    press_live(&mut window, "Train");
    wait(&mut window, "it has trained", |app| app.run().progress.step > 10);
    press_live(&mut window, "Pause");
    wait(&mut window, "it holds", |app| app.run().phase == Phase::Paused);
    let held = window.state().run().progress.step;
    assert!(window.query_by_label_contains("unsaved changes").is_some());
    window.state().command(Command::Save);
    window.run();
    type_into(&mut window, "Path", &path.display().to_string());
    wait(&mut window, "it is saved", |_| path.exists());
    wait(&mut window, "it knows", App::is_saved);
    let mut window = opened(&path);
    wait(&mut window, "its samples are shown", |app| app.run().snapshot.is_some() && app.run().phase == Phase::Paused);
    assert_eq!(window.state().run().progress.step, held);
    assert_eq!(window.state().run().history.len() as u64, held);
    assert!(window.query_by_label_contains(&format!("Paused at step {}", grouped(held))).is_some());
    press_live(&mut window, "Train");
    wait(&mut window, "it goes on", |app| app.run().progress.step > held);
}

#[test]
fn who_goes_back_and_on_another_way_finds_the_states_of_that_way_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.ganvas");
    let mut window = preset("ring8");
    let train_to = |window: &mut Window, step: u64| {
        press_live(window, "Train");
        wait(window, "it has trained", |app| app.run().progress.step >= step);
        press_live(window, "Pause");
        wait(window, "it holds", |app| app.run().phase == Phase::Paused);
        window.state().run().progress.step
    };
    let first = train_to(&mut window, 40);
    let left = train_to(&mut window, first + 40);
    window.state().command(Command::GoBack { step: first, lower_rates: false });
    wait(&mut window, "it went back", |app| app.run().progress.step == first);
    assert!(window.state().run().states.iter().any(|state| state.g_steps == left), "there is a way forth again");
    let mut train = project(&window).train.clone();
    train.discriminator.learning_rate *= 0.1;
    window.state().command(Command::Edit(Edit::SetTrain(train)));
    window.run();
    let last = train_to(&mut window, left + 40);
    window.state().command(Command::Save);
    window.run();
    type_into(&mut window, "Path", &path.display().to_string());
    wait(&mut window, "it is saved", App::is_saved);

    let ProjectFile { checkpoint, earlier, .. } = ProjectFile::load(&path).unwrap();
    let newest = checkpoint.unwrap();
    assert_eq!(newest.g_steps, last);
    assert!(earlier.iter().any(|state| state.g_steps == first));
    let on_the_way = |state: &Arc<Checkpoint>| losses(&newest.history).starts_with(&losses(&state.history));
    assert!(earlier.iter().all(on_the_way), "what was left is not taken for the way there");
    let mut window = opened(&path);
    wait(&mut window, "it is there", |app| app.run().snapshot.is_some() && app.run().phase == Phase::Paused);
    window.state().command(Command::GoBack { step: first, lower_rates: false });
    wait(&mut window, "it went back", |app| app.run().progress.step == first);
}

#[test]
fn a_run_that_broke_goes_back_and_on_with_half_of_its_rates() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wild.ganvas");
    let mut wild = Preset::from_name("ring8").unwrap().project();
    wild.train = wild.train.with_loss(Loss::Wasserstein);
    wild.train.regularisation.clip = 0.0;
    let spec = OptimiserSpec { learning_rate: 1.0, rule: Optimiser::Sgd { momentum: 0.0 } };
    (wild.train.generator, wild.train.discriminator, wild.train.recover) = (spec, spec, false);
    ProjectFile::from(wild).save(&path).unwrap();
    let mut window = opened(&path);
    wait(&mut window, "it is open", |app| app.project().train.loss == Loss::Wasserstein);
    press_live(&mut window, "Train");
    wait(&mut window, "it breaks", |app| matches!(app.run().phase, Phase::Failed(_)));
    window.state().command(Command::GoBack { step: u64::MAX, lower_rates: true });
    window.run_steps(2);
    let train = &project(&window).train;
    assert_eq!([train.generator.learning_rate, train.discriminator.learning_rate], [0.5; 2]);
    assert!(!matches!(window.state().run().phase, Phase::Paused | Phase::Idle), "it goes on: {:?}", window.state().run().phase);
}

#[test]
fn a_step_of_the_discriminator_alone_is_not_lost_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.ganvas");
    let mut window = preset("ring8");
    window.state().command(Command::StepG);
    wait(&mut window, "it has taken a step", |app| app.run().progress.step == 1 && app.run().phase == Phase::Paused);
    window.state().command(Command::Save);
    window.run();
    type_into(&mut window, "Path", &path.display().to_string());
    wait(&mut window, "it is saved", |app| app.is_saved() && path.exists());
    window.state().command(Command::StepD);
    window.run();
    assert!(!window.state().is_saved());
    assert!(window.query_by_label_contains("unsaved changes").is_some());
    window.state().command(Command::Save);
    wait(&mut window, "it is saved", App::is_saved);
}

#[test]
fn an_example_from_the_start_screen_trains_at_once() {
    let mut window = window(AppOptions::default());
    press_live(&mut window, "2-D ring");
    wait(&mut window, "it trains", |app| app.run().progress.step > 5);
    assert_eq!(project(&window).name, "points", "the networks that are proven for such data");
}

#[test]
fn what_was_learned_is_not_thrown_away_unasked() {
    let mut window = preset("ring8");
    press_live(&mut window, "Train");
    wait(&mut window, "it has trained", |app| app.run().progress.step > 5);
    window.state().command(Command::LoadPreset("grid25"));
    window.run_steps(3);
    assert!(window.query_by_label("Save what was learned?").is_some());
    assert_eq!(project(&window).name, "ring8");
    press_live(&mut window, "Don't save");
    assert_eq!(project(&window).name, "grid25");
    assert_eq!(window.state().run().phase, Phase::Idle);
}

#[test]
fn a_project_saved_before_something_else_is_opened_is_saved_as_it_was_last() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("before.ganvas");
    let mut window = preset("ring8");
    press_live(&mut window, "Train");
    wait(&mut window, "it has trained", |app| app.run().progress.step > 5);
    window.state().command(Command::LoadPreset("grid25"));
    window.run_steps(3);
    // The other button of this name is behind the question.
    window.get_all_by_label("Save").last().unwrap().click_accesskit();
    window.run_steps(3);
    window.get_by_label("Path").focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.get_by_label("Path").type_text(&path.display().to_string());
    window.run_steps(2);
    window.key_press(Key::Enter);
    wait(&mut window, "the other preset is loaded", |app| app.project().name == "grid25");
    let saved = ganvas::project::ProjectFile::load(&path).unwrap();
    assert_eq!(saved.project.name, "ring8");
    assert!(saved.checkpoint.is_some_and(|checkpoint| checkpoint.g_steps > 5));
    assert!(window.state().is_saved());
}
