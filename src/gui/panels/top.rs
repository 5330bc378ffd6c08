//! The bar at the top: the project, its history, the run, the device and the look.

mod back;
mod restart;

use eframe::egui::{self, Align, Button, KeyboardShortcut, Layout, Response, RichText, Sense, TextEdit, ThemePreference, Ui, Vec2, vec2};

use self::back::back_menu;
use crate::code::write::Language;
use crate::device::DeviceChoice;
use crate::gui::command::{Command, Side};
use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::keyboard;
use crate::gui::run::Phase;
use crate::gui::slow::SlowCommand;
use crate::gui::theme::{self, BODY, HEADING, SMALL, SPACE};
use crate::gui::widgets::button::{IconButton, menu, menu_item};
use crate::gui::widgets::format;
use crate::spec::{Edit, PRESETS, Preset, PresetKind};

/// Points of its height.
pub const HEIGHT: f32 = 48.0;
/// From this width on, buttons have words.
const WIDE: f32 = 1240.0;
/// From this width on, the most used of them.
const MIDDLING: f32 = 1080.0;

/// What the bar shows beside the context.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// Is the left panel open?
    pub left: bool,
    /// Is the right panel open?
    pub right: bool,
}

/// Draws the bar.
pub fn ui(ctx: &ViewContext<'_>, shown: Shown, ui: &mut Ui) {
    let width = ui.available_width();
    ui.spacing_mut().item_spacing.x = SPACE;
    ui.horizontal_centered(|ui| {
        project_ui(ctx, ui, width);
        divider(ui);
        file_ui(ctx, ui, width);
        divider(ui);
        history_ui(ctx, ui);
        divider(ui);
        run_ui(ctx, ui);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            view_menu(ctx, shown, ui);
            device_menu(ctx, ui, width);
            divider(ui);
            ui.add_space(SPACE);
            numbers_ui(ctx, ui);
        });
    });
}

fn divider(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(2.0 * SPACE + 1.0, 6.0 * SPACE), Sense::hover());
    ui.painter().vline(rect.center().x, rect.y_range(), (1.0, theme::tokens(ui).hairline));
}

/// The name, with a dot where the file does not hold everything; pressed, it can be changed.
fn project_ui(ctx: &ViewContext<'_>, ui: &mut Ui, width: f32) {
    let tokens = theme::tokens(ui);
    let name = &ctx.project().name;
    let room = if width < MIDDLING { 88.0 } else { 152.0 };
    let text = RichText::new(name).size(HEADING).color(tokens.text);
    let galley = egui::WidgetText::from(text).into_galley(ui, Some(egui::TextWrapMode::Truncate), room, egui::TextStyle::Heading);
    let size = vec2(galley.size().x + 5.0 * SPACE, 8.0 * SPACE);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let visuals = ui.style().interact(&response);
    if response.hovered() || response.has_focus() {
        ui.painter().rect(rect, visuals.corner_radius, visuals.weak_bg_fill, visuals.bg_stroke, egui::StrokeKind::Inside);
    }
    let text_width = galley.size().x;
    ui.painter().galley(egui::pos2(rect.left() + 2.0 * SPACE, rect.center().y - galley.size().y / 2.0), galley, tokens.text);
    if ctx.unsaved {
        ui.painter().circle_filled(egui::pos2(rect.left() + text_width + 3.5 * SPACE, rect.center().y), 3.0, tokens.accent);
    }
    let state = if ctx.unsaved { "unsaved changes" } else { "saved" };
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Project {name}, {state}")));
    let place = ctx.path.map_or_else(|| "Not in a file yet".to_owned(), |path| path.display().to_string());
    let response = response.on_hover_text(format!("{name}, {state}\n{place}\nPress to rename"));
    let popup = egui::Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).gap(SPACE);
    popup.frame(egui::Frame::popup(ui.style()).inner_margin(12)).show(|ui| rename_ui(ctx, ui));
}

fn rename_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    ui.set_width(220.0);
    let mut name = ctx.project().name.clone();
    let label = ui.label("Project name");
    let field = ui.add(TextEdit::singleline(&mut name).char_limit(80).desired_width(f32::INFINITY)).labelled_by(label.id);
    if field.changed() {
        ctx.command(Command::EditMerged(Edit::SetName(name), 1));
    }
    if field.lost_focus() {
        ctx.command(Command::SealEdits);
        if ui.input(|input| input.key_pressed(egui::Key::Enter)) {
            ui.close();
        }
    } else if !field.has_focus() {
        field.request_focus();
    }
}

fn file_ui(ctx: &ViewContext<'_>, ui: &mut Ui, width: f32) {
    let words = |text| (width >= WIDE).then_some(text);
    let new = IconButton::new(Icon::Page, "New").text(words("New")).shortcut(keyboard::NEW);
    if new.help("Shows the start screen with its examples.").show(ui).clicked() {
        ctx.command(Command::New);
    }
    let open = IconButton::new(Icon::Folder, "Open menu")
        .text(words("Open"))
        .help("A project, code of Keras or PyTorch, or pictures to learn from.");
    open.menu(ui, |ui| open_menu(ctx, ui));
    let save = IconButton::new(Icon::Save, "Save menu").text(words("Save"));
    let save = save.help("One file keeps the project and everything learned.");
    save.menu(ui, |ui| {
        item(ctx, ui, Icon::Save, "Save", Some(keyboard::SAVE), Command::Save);
        item(ctx, ui, Icon::Copy, "Save as…", Some(keyboard::SAVE_AS), Command::SaveAs);
        ui.separator();
        for language in Language::ALL {
            let text = format!("Code and weights for {}…", language.name());
            item(ctx, ui, Icon::Page, &text, None, Command::ExportCode(language));
        }
    });
    let presets = IconButton::new(Icon::Grid, "Presets").text(words("Presets"));
    presets.help("Networks and settings known to work, to begin with. Undo brings yours back.").menu(ui, |ui| preset_menu(ctx, ui));
}

fn item(ctx: &ViewContext<'_>, ui: &mut Ui, icon: Icon, text: &str, shortcut: Option<KeyboardShortcut>, command: Command) {
    if menu_item(ui, Some(icon), text, shortcut).clicked() {
        ctx.command(command);
    }
}

fn open_menu(ctx: &ViewContext<'_>, ui: &mut Ui) {
    item(ctx, ui, Icon::Folder, "Project or code…", Some(keyboard::OPEN), Command::Open);
    item(ctx, ui, Icon::Code, "Paste code…", Some(keyboard::PASTE), Command::ReadCode(String::new()));
    item(ctx, ui, Icon::Image, "Folder of pictures…", None, Command::OpenDataFolder);
    item(ctx, ui, Icon::Page, "Data file…", None, Command::OpenDataFile);
    ui.separator();
    item(ctx, ui, Icon::Search, "Open by path…", Some(keyboard::OPEN_BY_PATH), Command::OpenByPath);
}

fn preset_menu(ctx: &ViewContext<'_>, ui: &mut Ui) {
    ui.set_width(360.0);
    for (title, kind) in [("For a kind of data", PresetKind::Default), ("Recipes", PresetKind::Recipe)] {
        ui.label(RichText::new(title).size(SMALL).color(theme::tokens(ui).quiet));
        PRESETS.into_iter().filter(|preset| preset.kind == kind).for_each(|preset| preset_item(ctx, ui, preset));
        ui.add_space(SPACE);
    }
}

fn preset_item(ctx: &ViewContext<'_>, ui: &mut Ui, preset: Preset) {
    let tokens = theme::tokens(ui);
    let mut text = egui::text::LayoutJob::default();
    let format = |size, color| egui::TextFormat { font_id: egui::FontId::proportional(size), color, ..Default::default() };
    text.append(preset.name, 0.0, format(BODY, tokens.text));
    text.append("\n", 0.0, format(SMALL, tokens.quiet));
    text.append(preset.sentence, 0.0, format(SMALL, tokens.quiet));
    let button = Button::new(text).wrap().min_size(vec2(ui.available_width(), 0.0));
    if ui.add(button).accessible_name(format!("Preset {}", preset.name)).clicked() {
        ui.close();
        ctx.command(Command::LoadPreset(preset.name));
    }
}

fn history_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let undo = ctx.editor.undo_label().map(|label| format!("Undo: {label}"));
    let redo = ctx.editor.redo_label().map(|label| format!("Redo: {label}"));
    let undo_help = undo.as_deref().unwrap_or("There is nothing to take back.");
    let redo_help = redo.as_deref().unwrap_or("There is nothing to do again.");
    let button = IconButton::new(Icon::Undo, "Undo").help(undo_help).shortcut(keyboard::UNDO).enabled(undo.is_some());
    if button.show(ui).clicked() {
        ctx.command(Command::Undo);
    }
    let button = IconButton::new(Icon::Redo, "Redo").help(redo_help).shortcut(keyboard::REDO).enabled(redo.is_some());
    if button.show(ui).clicked() {
        ctx.command(Command::Redo);
    }
}

fn run_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let running = ctx.run.phase.is_busy();
    let (icon, name, command, help) = if running {
        (Icon::Pause, "Pause", Command::Pause, "Holds the run after its current step.")
    } else {
        (Icon::Play, "Train", Command::Train, "Trains both networks until you pause.")
    };
    // Both words take the same room, so that nothing moves when the one becomes the other.
    let size = vec2(84.0, 8.0 * SPACE);
    ui.allocate_ui_with_layout(size, Layout::centered_and_justified(egui::Direction::LeftToRight), |ui| {
        let button = IconButton::new(icon, name).text(Some(name)).help(help).shortcut(keyboard::TRAIN).accented();
        if button.show(ui).clicked() {
            ctx.command(command);
        }
    });
    let steady = !matches!(ctx.run.phase, Phase::Loading(_) | Phase::Preparing { .. });
    let step =
        |name, text, help, shortcut| IconButton::new(Icon::Step, name).text(Some(text)).help(help).shortcut(shortcut).enabled(steady);
    let help = "Trains the discriminator alone for one step, then holds.";
    if step("D step", "D", help, keyboard::STEP_D).show(ui).clicked() {
        ctx.command(Command::StepD);
    }
    let help = "Trains the generator alone for one step, then holds.";
    if step("G step", "G", help, keyboard::STEP_G).show(ui).clicked() {
        ctx.command(Command::StepG);
    }
    let slow = ctx.run.slow.is_on();
    let help = if slow {
        "Back to normal: the run is held, and Train goes on from here."
    } else {
        "Takes one step at a time and shows what happens in it, moment by moment, with its numbers."
    };
    let button = IconButton::new(Icon::Slow, "Slow motion").help(help);
    let button = if slow { button.framed() } else { button };
    if button.shortcut(keyboard::SLOW).enabled(steady || slow).show(ui).clicked() {
        ctx.command(Command::Slow(SlowCommand::Toggle));
    }
    restart::ui(ctx, ui);
}

/// Step, epoch, speed and time, each at a width of its own, as many as there is room for. Drawn from the right.
fn numbers_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let progress = &ctx.run.progress;
    let epoch = if progress.epoch < 100.0 { format!("{:.2}", progress.epoch) } else { format::grouped(progress.epoch as u64) };
    // From the right; the last number says how soon it gives way: the epoch first, the step never.
    let numbers = [
        (56.0, format::clock(progress.elapsed_secs), "time", 2),
        (60.0, format::grouped(progress.images_per_s.max(0.0).round() as u64), "images/s", 1),
        (48.0, epoch, "epoch", 3),
        (68.0, format::grouped(progress.step), "step", 0),
    ];
    let gap = ui.spacing().item_spacing.x;
    let needed = |rank: u8| numbers.iter().filter(|number| number.3 <= rank).map(|number| number.0 + gap).sum::<f32>();
    let room = ui.available_width();
    for (width, value, unit, rank) in &numbers {
        if *rank == 0 || needed(*rank) <= room {
            let response = number_ui(ui, *width, value, unit, *rank == 0 && !ctx.run.states.is_empty());
            if *rank == 0 {
                back_menu(ctx, ui, response);
            }
        }
    }
}

fn number_ui(ui: &mut Ui, width: f32, value: &str, unit: &str, opens_menu: bool) -> Response {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 9.0 * SPACE), if opens_menu { Sense::click() } else { Sense::hover() });
    if opens_menu && (response.hovered() || response.has_focus()) {
        let visuals = ui.style().interact(&response);
        ui.painter().rect_filled(rect.expand2(vec2(SPACE, 0.0)), visuals.corner_radius, visuals.weak_bg_fill);
    }
    let painter = ui.painter();
    painter.text(rect.right_top() + vec2(0.0, 2.0), egui::Align2::RIGHT_TOP, value, egui::FontId::proportional(BODY), tokens.text);
    let font = egui::FontId::proportional(SMALL);
    let words = painter.text(rect.right_bottom(), egui::Align2::RIGHT_BOTTOM, unit, font, tokens.quiet);
    if opens_menu {
        let place = egui::Rect::from_center_size(words.left_center() - vec2(2.0 * SPACE, 0.0), Vec2::splat(2.5 * SPACE));
        Icon::ChevronDown.paint(painter, place, tokens.quiet);
    }
    response.widget_info(|| {
        let info = |role, name: &str| egui::WidgetInfo::labeled(role, true, name);
        match opens_menu {
            // A name that stays the same, so that it can be found.
            true => egui::WidgetInfo { current_text_value: Some(value.to_owned()), ..info(egui::Role::Button, "Step counter") },
            false => info(egui::Role::Label, &format!("{unit} {value}")),
        }
    });
    response
}

fn device_menu(ctx: &ViewContext<'_>, ui: &mut Ui, width: f32) {
    let name = device_name(ctx);
    let room = if width < WIDE { 76.0 } else { 132.0 };
    let galley = egui::WidgetText::from(name.as_str()).into_galley(ui, Some(egui::TextWrapMode::Truncate), room, egui::TextStyle::Body);
    let shown = galley.job.text.clone();
    let text = if galley.elided { elide(ui, &shown, room) } else { shown };
    let button = IconButton::new(Icon::Chip, "Device").text(Some(&text)).opens_menu();
    let help = format!("{name}\nWhere the networks are trained. A run goes on there from where it is.");
    let response = button.help(&help).show(ui);
    menu(&response, |ui| {
        ui.set_min_width(280.0);
        if ctx.devices.is_empty() {
            ctx.command(Command::LookForDevices);
        }
        choice(ctx, ui, "Automatic", DeviceChoice::Auto, "A GPU where there is one, else the CPU.");
        choice(ctx, ui, "CPU", DeviceChoice::Cpu, "Always there; small networks are often fastest here.");
        for device in ctx.devices.iter().filter(|name| !name.eq_ignore_ascii_case("cpu")) {
            choice(ctx, ui, device, DeviceChoice::Named(device.clone()), "Opened and checked against the CPU before a run uses it.");
        }
    });
}

fn choice(ctx: &ViewContext<'_>, ui: &mut Ui, name: &str, device: DeviceChoice, help: &str) {
    let icon = (*ctx.device == device).then_some(Icon::Check);
    if menu_item(ui, icon, name, None).on_hover_text(help).clicked() {
        ctx.command(Command::SetDevice(device));
    }
}

/// The name of the device in use, or of the one that was asked for.
fn device_name(ctx: &ViewContext<'_>) -> String {
    match (&ctx.run.device, ctx.device) {
        (Some(device), _) if ctx.run.phase.is_live() => device.clone(),
        (_, DeviceChoice::Auto) => "Automatic".to_owned(),
        (_, DeviceChoice::Cpu) => "CPU".to_owned(),
        (_, DeviceChoice::Gpu) => "GPU".to_owned(),
        (_, DeviceChoice::Named(name)) => name.clone(),
    }
}

/// The beginning of `text` that fits, with an ellipsis.
fn elide(ui: &Ui, text: &str, room: f32) -> String {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let width = |text: &str| ui.painter().layout_no_wrap(text.to_owned(), font.clone(), egui::Color32::WHITE).size().x;
    let mut shown = text.to_owned();
    while shown.pop().is_some() {
        let candidate = format!("{}…", shown.trim_end());
        if width(&candidate) <= room {
            return candidate;
        }
    }
    text.to_owned()
}

fn view_menu(ctx: &ViewContext<'_>, shown: Shown, ui: &mut Ui) {
    let button = IconButton::new(Icon::Contrast, "View").help("Light or dark, and which panels are open.");
    button.menu(ui, |ui| {
        ui.set_min_width(200.0);
        let theme = ui.ctx().options(|options| options.theme_preference);
        let themes = [("Theme of the system", ThemePreference::System), ("Light", ThemePreference::Light), ("Dark", ThemePreference::Dark)];
        for (name, preference) in themes {
            if menu_item(ui, (theme == preference).then_some(Icon::Check), name, None).clicked() {
                ui.ctx().set_theme(preference);
            }
        }
        ui.separator();
        for (name, side, open, keys) in
            [("Networks", Side::Left, shown.left, keyboard::LEFT_PANEL), ("Settings", Side::Right, shown.right, keyboard::RIGHT_PANEL)]
        {
            if menu_item(ui, open.then_some(Icon::Check), name, Some(keys)).clicked() {
                ctx.command(Command::TogglePanel(side));
            }
        }
        if menu_item(ui, None, "Layers as lines or cards", Some(keyboard::COMPACT)).clicked() {
            ctx.command(Command::ToggleCompact);
        }
        ui.separator();
        type Zoom = fn(&egui::Context);
        let sizes: [(&str, KeyboardShortcut, Zoom); 3] = [
            ("Everything larger", egui::gui_zoom::kb_shortcuts::ZOOM_IN, egui::gui_zoom::zoom_in),
            ("Everything smaller", egui::gui_zoom::kb_shortcuts::ZOOM_OUT, egui::gui_zoom::zoom_out),
            ("Actual size", egui::gui_zoom::kb_shortcuts::ZOOM_RESET, |ctx| ctx.set_zoom_factor(1.0)),
        ];
        for (name, keys, zoom) in sizes {
            if menu_item(ui, None, name, Some(keys)).clicked() {
                zoom(ui.ctx());
            }
        }
    });
}

/// Room that the bar leaves at its sides.
pub const MARGIN: Vec2 = vec2(2.0 * SPACE, 0.0);
