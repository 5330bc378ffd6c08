use eframe::egui::{Event, Key, Modifiers, OutputCommand, Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use rand::RngExt as _;

use crate::device::DeviceChoice;
use crate::gui::AppOptions;
use crate::gui::app::App;
use crate::random::{Purpose, stream};
use crate::spec::{Layer, Project, Resample, Role, Spot};

type Window = Harness<'static, App>;

const G: Role = Role::Generator;
const D: Role = Role::Discriminator;
const SHIFT: Modifiers = Modifiers::SHIFT;
const COMMAND: Modifiers = Modifiers::COMMAND;
const ALT: Modifiers = Modifiers::ALT;

fn window(preset: &str) -> Window {
    let options = AppOptions { device: DeviceChoice::Cpu, system_dialogs: false, preset: Some(preset.to_owned()), ..AppOptions::default() };
    let builder = Harness::builder().with_size([1280.0, 800.0]).with_max_steps(40).with_step_dt(1.0 / 30.0);
    let mut window = builder.build_eframe(|cc| App::new(cc, options));
    window.run();
    window
}

fn project(window: &Window) -> &Project {
    window.state().project()
}

fn names(window: &Window, role: Role) -> Vec<&'static str> {
    project(window).stack(role).layers.iter().map(|layer| layer.layer.name()).collect()
}

fn name(window: &Window, (role, index): (Role, usize)) -> String {
    let title = if role == G { "Generator" } else { "Discriminator" };
    format!("{title} layer {}: {}", index + 1, names(window, role)[index])
}

/// Where each stack's selected cards stand, as a screen reader is told.
fn selected(window: &Window) -> Vec<(Role, usize)> {
    let cards = Role::BOTH.into_iter().flat_map(|role| (0..names(window, role).len()).map(move |index| (role, index)));
    let is_selected = |card: &(Role, usize)| window.get_by_label(&name(window, *card)).accesskit_node().data().is_selected() == Some(true);
    cards.filter(is_selected).collect()
}

/// The card that has the keyboard.
fn focused(window: &Window) -> Option<(Role, usize)> {
    let mut cards = Role::BOTH.into_iter().flat_map(|role| (0..names(window, role).len()).map(move |index| (role, index)));
    cards.find(|card| window.get_by_label(&name(window, *card)).is_focused())
}

fn click(window: &mut Window, card: (Role, usize), modifiers: Modifiers) {
    let at = window.get_by_label(&name(window, card)).rect().left_top() + vec2(80.0, 12.0);
    click_at(window, at, modifiers);
}

fn click_at(window: &mut Window, at: Pos2, modifiers: Modifiers) {
    window.event_modifiers(Event::PointerMoved(at), modifiers);
    for pressed in [true, false] {
        let button = eframe::egui::PointerButton::Primary;
        window.event_modifiers(Event::PointerButton { pos: at, button, pressed, modifiers }, modifiers);
    }
    window.run();
    window.event_modifiers(Event::PointerGone, Modifiers::NONE);
    window.run();
}

fn key(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run();
}

fn press(window: &mut Window, name: &str) {
    window.get_by_label(name).click_accesskit();
    window.run();
}

fn focus(window: &mut Window, card: (Role, usize)) {
    window.get_by_label(&name(window, card)).focus();
    window.run();
}

/// Selects a run of cards, with the keyboard at the last one.
fn select(window: &mut Window, role: Role, from: usize, to: usize) {
    focus(window, (role, from));
    for _ in from..to {
        key(window, SHIFT, Key::ArrowDown);
    }
}

fn undo_label(window: &Window) -> &str {
    window.state().editor.undo_label().unwrap_or_default()
}

/// What is on the clipboard after this event.
fn copied(window: &mut Window, event: Event) -> Option<String> {
    window.event(event);
    window.step();
    let text = window.output().platform_output.commands.iter().find_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    window.run();
    text
}

#[test]
fn clicks_with_ctrl_and_shift_select_several_cards_and_open_none() {
    let mut window = window("ring8");
    click(&mut window, (G, 0), Modifiers::NONE);
    assert_eq!((selected(&window), focused(&window)), (vec![(G, 0)], Some((G, 0))));
    assert!(window.query_by_label("units").is_some(), "a plain click opens the card");
    click(&mut window, (G, 0), Modifiers::NONE);
    assert!(window.query_by_label("units").is_none());
    click(&mut window, (G, 3), SHIFT);
    assert_eq!((selected(&window), focused(&window)), (vec![(G, 0), (G, 1), (G, 2), (G, 3)], Some((G, 3))));
    click(&mut window, (G, 1), COMMAND);
    click(&mut window, (D, 1), COMMAND);
    assert_eq!((selected(&window), focused(&window)), (vec![(G, 0), (G, 2), (G, 3), (D, 1)], Some((D, 1))));
    assert!(window.query_by_label("units").is_none(), "clicks that only select open nothing");
    click(&mut window, (G, 2), Modifiers::NONE);
    assert_eq!(selected(&window), [(G, 2)]);
}

#[test]
fn the_keyboard_selects_a_range_a_stack_and_single_cards() {
    let mut window = window("ring8");
    select(&mut window, G, 1, 3);
    assert_eq!((selected(&window), focused(&window)), (vec![(G, 1), (G, 2), (G, 3)], Some((G, 3))));
    key(&mut window, SHIFT, Key::ArrowUp);
    assert_eq!(selected(&window), [(G, 1), (G, 2)]);
    key(&mut window, SHIFT, Key::End);
    assert_eq!(selected(&window), [(G, 1), (G, 2), (G, 3), (G, 4)], "a range ends with its stack");
    key(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!((selected(&window), focused(&window)), (vec![(G, 4)], Some((G, 4))));
    key(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert_eq!((selected(&window), focused(&window)), (vec![(D, 0)], Some((D, 0))));
    key(&mut window, COMMAND, Key::ArrowDown);
    key(&mut window, COMMAND, Key::ArrowDown);
    assert_eq!((selected(&window), focused(&window)), (vec![(D, 0)], Some((D, 2))));
    key(&mut window, COMMAND, Key::Space);
    assert_eq!(selected(&window), [(D, 0), (D, 2)]);
    key(&mut window, COMMAND, Key::A);
    assert_eq!((selected(&window).len(), focused(&window)), (5, Some((D, 2))));
    key(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(selected(&window), [(D, 2)]);
    key(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!((selected(&window).len(), focused(&window)), (0, None));
}

#[test]
fn a_selection_is_moved_doubled_switched_and_deleted_each_in_one_step() {
    let mut window = window("ring8");
    let start = project(&window).clone();
    select(&mut window, G, 1, 2);
    key(&mut window, ALT, Key::ArrowDown);
    assert_eq!(names(&window, G), ["Dense", "ReLU", "ReLU", "Dense", "Dense"]);
    assert_eq!((undo_label(&window), selected(&window), focused(&window)), ("move 2 layers", vec![(G, 2), (G, 3)], Some((G, 3))));
    key(&mut window, COMMAND, Key::D);
    assert_eq!(names(&window, G), ["Dense", "ReLU", "ReLU", "Dense", "ReLU", "Dense", "Dense"]);
    assert_eq!((undo_label(&window), selected(&window)), ("duplicate 2 layers", vec![(G, 4), (G, 5)]));
    key(&mut window, Modifiers::NONE, Key::Space);
    let on: Vec<_> = project(&window).generator.layers.iter().map(|layer| layer.on).collect();
    assert_eq!((undo_label(&window), on), ("switch 2 layers off", vec![true, true, true, true, false, false, true]));
    key(&mut window, Modifiers::NONE, Key::Delete);
    assert_eq!((undo_label(&window), selected(&window), focused(&window)), ("remove 2 layers", vec![(G, 4)], Some((G, 4))));
    for _ in 0..4 {
        key(&mut window, COMMAND, Key::Z);
    }
    assert_eq!(project(&window), &start);
    assert_eq!((selected(&window), focused(&window)), (vec![(G, 1), (G, 2)], Some((G, 2))), "undo selects what it changed");
}

#[test]
fn undo_selects_what_comes_back() {
    let mut window = window("ring8");
    select(&mut window, D, 1, 3);
    key(&mut window, Modifiers::NONE, Key::Backspace);
    assert_eq!((selected(&window), focused(&window)), (vec![(D, 1)], Some((D, 1))));
    key(&mut window, COMMAND, Key::Z);
    assert_eq!((selected(&window), focused(&window)), (vec![(D, 1), (D, 2), (D, 3)], Some((D, 3))));
    key(&mut window, COMMAND, Key::Y);
    assert_eq!((selected(&window), focused(&window)), (vec![(D, 1)], Some((D, 1))), "the card that followed takes over");
}

#[test]
fn a_selection_is_cut_and_pasted_into_the_other_stack() {
    let mut window = window("ring8");
    select(&mut window, G, 2, 3);
    let text = copied(&mut window, Event::Copy).unwrap();
    assert_eq!(text, "Dense: units 128; bias on; init PyTorch; spectral norm off\nReLU\n");
    assert_eq!(copied(&mut window, Event::Cut), Some(text.clone()));
    assert_eq!((undo_label(&window), names(&window, G).len(), focused(&window)), ("cut 2 layers", 3, Some((G, 2))));
    focus(&mut window, (D, 1));
    window.event(Event::Paste(text.clone()));
    window.run();
    assert_eq!(names(&window, D), ["Dense", "LeakyReLU", "Dense", "ReLU", "Dense", "LeakyReLU", "Dense"]);
    assert_eq!((undo_label(&window), selected(&window), focused(&window)), ("paste 2 layers", vec![(D, 2), (D, 3)], Some((D, 3))));
    key(&mut window, Modifiers::NONE, Key::Escape);
    key(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!((selected(&window).len(), focused(&window)), (0, None));
    window.event(Event::Paste("Tanh".to_owned()));
    window.run();
    assert_eq!(names(&window, D)[7..], ["Tanh"], "with nothing selected it goes to the end of the stack used last");
    assert_eq!(focused(&window), Some((D, 7)));
}

#[test]
fn layers_become_a_residual_block_and_a_block_becomes_layers() {
    let mut window = window("dcgan28");
    let start = project(&window).clone();
    select(&mut window, G, 3, 5);
    key(&mut window, COMMAND, Key::G);
    assert_eq!((undo_label(&window), focused(&window)), ("wrap 3 layers in a residual block", Some((G, 3))));
    let block = &project(&window).generator.layers[3].layer;
    assert!(matches!(block, Layer::Residual { filters: 64, resample: Resample::Up, .. }), "{block:?}");
    assert!(project(&window).faults().is_empty());
    key(&mut window, COMMAND | SHIFT, Key::G);
    assert_eq!(undo_label(&window), "unwrap a residual block into 7 layers");
    assert_eq!(selected(&window).len(), 7);
    assert!(window.query_by_label_contains("the shortcut past these layers is gone").is_some());
    key(&mut window, COMMAND, Key::Z);
    key(&mut window, COMMAND, Key::Z);
    assert_eq!((project(&window), selected(&window)), (&start, vec![(G, 3), (G, 4), (G, 5)]));
    click(&mut window, (G, 6), COMMAND);
    click(&mut window, (G, 8), SHIFT | COMMAND);
    key(&mut window, COMMAND, Key::G);
    assert_eq!(project(&window), &start);
    assert!(window.query_by_label_contains("these layers turn 7 × 7 into 28 × 28.").is_some(), "what cannot be is said");
}

#[test]
fn the_menu_acts_on_the_selection_that_its_card_is_in_and_says_so() {
    let mut window = window("dcgan28");
    select(&mut window, G, 3, 5);
    press(&mut window, "Menu of Generator layer 4: ConvTranspose2d");
    for line in ["Cut 3 layers", "Duplicate 3 layers", "Move 3 layers up", "Switch 3 layers off", "Delete 3 layers"] {
        assert!(window.query_by_label(line).is_some(), "{line}");
    }
    assert!(window.query_by_label_contains("Residual 64, up").is_some());
    press(&mut window, "Wrap 3 layers in a residual block");
    assert_eq!(names(&window, G)[3], "Residual");
    press(&mut window, "Menu of Generator layer 4: Residual");
    press(&mut window, "Unwrap residual block");
    assert_eq!((names(&window, G).len(), selected(&window).len()), (15, 7));
    press(&mut window, "Menu of Generator layer 1: Dense");
    assert_eq!(selected(&window), [(G, 0)], "a card outside the selection is acted on alone");
    assert!(window.get_by_label("Wrap in a residual block").accesskit_node().is_disabled());
    assert!(window.query_by_label_contains("a residual block halves, keeps or doubles a picture").is_none());
    assert!(window.query_by_label_contains("A residual block is made of convolutions, and there is none").is_some());
    assert!(
        window.get_by_label("Move up").accesskit_node().is_disabled() && !window.get_by_label("Move down").accesskit_node().is_disabled()
    );
    press(&mut window, "Delete");
    assert_eq!((names(&window, G).len(), focused(&window)), (14, Some((G, 0))));
}

#[test]
fn the_menu_is_walked_through_with_the_keyboard_and_gives_it_back() {
    let mut window = window("ring8");
    select(&mut window, G, 1, 2);
    let start = project(&window).clone();
    window.get_by_label("Generator layer 3: Dense").click_secondary();
    window.run();
    assert!(window.query_by_label("Delete 2 layers").is_some());
    key(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert!(window.get_by_label("Show parameters").is_focused());
    key(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_label("Delete 2 layers").is_none());
    assert_eq!((selected(&window), focused(&window), project(&window)), (vec![(G, 1), (G, 2)], Some((G, 2)), &start));
    window.get_by_label("Generator layer 3: Dense").click_secondary();
    window.run();
    key(&mut window, Modifiers::NONE, Key::ArrowUp);
    assert!(window.get_by_label("Delete 2 layers").is_focused());
    key(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!((undo_label(&window), focused(&window)), ("remove 2 layers", Some((G, 1))));
}

#[test]
fn a_selection_is_dragged_together_and_the_ghost_says_how_many() {
    let mut window = window("ring8");
    select(&mut window, G, 1, 2);
    let centre = |window: &Window, card| window.get_by_label(&name(window, card)).rect().left_top() + vec2(80.0, 12.0);
    let (from, to) = (centre(&window, (G, 2)), centre(&window, (D, 0)) - vec2(0.0, 12.0));
    window.drag_at(from);
    window.run_steps(2);
    for share in [0.3, 0.6, 1.0] {
        window.hover_at(from + (to - from) * share);
        window.run_steps(2);
    }
    assert!(window.query_by_label("2 layers").is_some());
    window.drop_at(to);
    window.run();
    assert_eq!((names(&window, G).len(), names(&window, D)[..2].to_vec()), (3, vec!["ReLU", "Dense"]));
    assert_eq!((undo_label(&window), selected(&window)), ("move 2 layers to the discriminator", vec![(D, 0), (D, 1)]));
    press(&mut window, "Undo");
    assert_eq!(names(&window, G).len(), 5);
    assert_eq!(selected(&window), [(G, 1), (G, 2)]);
}

#[test]
fn no_key_acts_on_cards_while_something_is_typed() {
    let mut window = window("ring8");
    select(&mut window, G, 0, 2);
    key(&mut window, Modifiers::NONE, Key::Escape);
    key(&mut window, Modifiers::NONE, Key::Enter);
    let start = project(&window).clone();
    window.get_by_label("units").click();
    window.run();
    assert!(window.ctx.text_edit_focused());
    for (modifiers, pressed) in [
        (Modifiers::NONE, Key::Delete),
        (Modifiers::NONE, Key::Backspace),
        (Modifiers::NONE, Key::Space),
        (Modifiers::NONE, Key::Insert),
        (Modifiers::NONE, Key::Slash),
        (COMMAND, Key::A),
        (COMMAND, Key::D),
        (COMMAND, Key::G),
        (ALT, Key::ArrowUp),
        (SHIFT, Key::ArrowDown),
    ] {
        key(&mut window, modifiers, pressed);
        assert!(window.ctx.text_edit_focused(), "{pressed:?} left the field");
    }
    for event in [Event::Copy, Event::Cut, Event::Paste("Tanh".to_owned())] {
        window.event(event);
        window.run();
    }
    assert_eq!((project(&window).generator.layers.len(), selected(&window)), (start.generator.layers.len(), vec![(G, 2)]));
    assert!(window.query_by_label("Search layers").is_none());
}

#[test]
fn a_field_gives_the_keyboard_back_to_its_card() {
    let mut window = window("ring8");
    focus(&mut window, (G, 2));
    key(&mut window, Modifiers::NONE, Key::Enter);
    focus(&mut window, (G, 0));
    let units = window.get_by_label("units");
    units.click();
    window.run();
    window.get_by_label("units").type_text("7");
    window.run();
    key(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!((selected(&window), focused(&window)), (vec![(G, 2)], Some((G, 2))));
    key(&mut window, ALT, Key::ArrowUp);
    assert_eq!(focused(&window), Some((G, 1)));
    let elsewhere = window.get_by_label("latent size").rect().center();
    window.get_by_label("units").click();
    window.run();
    click_at(&mut window, elsewhere, Modifiers::NONE);
    assert_eq!(focused(&window), None, "who presses elsewhere goes elsewhere");
}

#[test]
fn keys_open_the_parameters_and_the_catalogue() {
    let mut window = window("ring8");
    focus(&mut window, (D, 2));
    key(&mut window, Modifiers::NONE, Key::Enter);
    assert!(window.query_by_label("units").is_some());
    assert_eq!(focused(&window), Some((D, 2)));
    key(&mut window, Modifiers::NONE, Key::Enter);
    assert!(window.query_by_label("units").is_none());
    for opening in [Key::Slash, Key::Plus, Key::Insert] {
        key(&mut window, Modifiers::NONE, opening);
        assert!(window.get_by_label("Search layers").is_focused(), "{opening:?}");
        key(&mut window, Modifiers::NONE, Key::Escape);
        assert_eq!(focused(&window), Some((D, 2)), "the keyboard goes back to the card");
    }
    key(&mut window, Modifiers::NONE, Key::Slash);
    window.get_by_label("Search layers").type_text("tanh");
    window.run();
    key(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!((names(&window, D)[3], focused(&window)), ("Tanh", Some((D, 3))));
}

#[test]
fn whatever_keys_are_pressed_undo_leads_back_and_redo_forward() {
    let keys = [
        (COMMAND, Key::D),
        (COMMAND, Key::G),
        (COMMAND | SHIFT, Key::G),
        (COMMAND, Key::A),
        (COMMAND, Key::Z),
        (COMMAND, Key::Y),
        (ALT, Key::ArrowUp),
        (ALT, Key::ArrowDown),
        (SHIFT, Key::ArrowUp),
        (SHIFT, Key::ArrowDown),
        (Modifiers::NONE, Key::ArrowUp),
        (Modifiers::NONE, Key::ArrowDown),
        (Modifiers::NONE, Key::Escape),
        (Modifiers::NONE, Key::Space),
        (Modifiers::NONE, Key::Delete),
    ];
    for seed in 0..3 {
        let rng = &mut stream(seed, Purpose::Synthetic, 6);
        let mut window = window("digits");
        let start = project(&window).clone();
        focus(&mut window, (G, 4));
        for _ in 0..120 {
            let (modifiers, pressed) = keys[rng.random_range(0..keys.len())];
            // A whole stack is doubled or deleted only seldom, so that there is something left to do.
            if pressed == Key::A && rng.random_bool(0.7) {
                continue;
            }
            window.key_press_modifiers(modifiers, pressed);
            if rng.random_bool(0.1) {
                window.event(Event::Paste("Conv2d: filters 8\nBatchNorm\nReLU\n".to_owned()));
            }
            window.step();
            window.step();
            let there = |(role, id): Spot| project(&window).stack(role).position(id).is_some();
            assert!(window.state().stacks.selection.spots().all(there), "what is selected is there");
        }
        window.run();
        let end = project(&window).clone();
        let mut steps = 0;
        while window.state_mut().editor.undo() {
            steps += 1;
        }
        assert_eq!(project(&window), &start);
        for _ in 0..steps {
            assert!(window.state_mut().editor.redo());
        }
        assert_eq!(project(&window), &end);
        assert!(steps > 10, "{steps} steps");
    }
}
