//! A layer's parameters as fields to edit, whatever kind of layer it is.

use std::cell::Cell;
use std::hash::{Hash as _, Hasher as _};
use std::ops::RangeInclusive;

use eframe::egui::{Align, ComboBox, DragValue, Id, Layout, Response, RichText, Sense, Ui, UiBuilder, vec2};

use super::about;
use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::button::IconButton;
use crate::gui::widgets::format;
use crate::spec::{
    BlockNorm, Edit, Entry, Field, Init, LayerId, MAX_PADDING, MAX_UNITS, Padding, Resample, Role, Shape, Size, Slot, StackLayer,
    UpsampleMode,
};

/// Points for the names.
const NAMES: f32 = 22.0 * SPACE;
/// Points for one number.
const NUMBER: f32 = 12.0 * SPACE;

/// Edits that follow each other at this field are one step.
pub(super) fn merge_key(role: Role, id: LayerId, field: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    (role, id, field).hash(&mut hasher);
    hasher.finish()
}

/// Draws the fields of a layer and says what was changed.
pub(super) fn ui(ctx: &ViewContext<'_>, ui: &mut Ui, role: Role, entry: &StackLayer) {
    let mut layer = entry.layer.clone();
    let mut changed = None;
    let mut released = false;
    let about = Entry::of(&entry.layer);
    if let Some(about) = &about {
        about::sentence_ui(ctx, ui, about);
    }
    let parameters = about.map(|about| about.parameters()).unwrap_or_default();
    let fields = layer.fields();
    if fields.is_empty() {
        ui.label(RichText::new("This layer has nothing to set.").size(SMALL).color(theme::tokens(ui).quiet));
    }
    for mut field in fields {
        let help = parameters.iter().find(|parameter| parameter.name == field.name).map(about::parameter_text);
        let touched = field_ui(ui, &mut field, &help.unwrap_or_default());
        released |= touched.released;
        if touched.changed {
            changed = Some((field.name, touched.merges));
        }
    }
    if let Some((name, merges)) = changed.filter(|_| layer != entry.layer) {
        let edit = Edit::Replace { role, id: entry.id, layer };
        ctx.command(if merges { Command::EditMerged(edit, merge_key(role, entry.id, name)) } else { Command::Edit(edit) });
    }
    if released {
        ctx.command(Command::SealEdits);
    }
}

/// What happened to a field in this frame.
#[derive(Clone, Copy, Debug, Default)]
struct Touched {
    changed: bool,
    /// Is it one of many small changes of one movement?
    merges: bool,
    /// The movement is over.
    released: bool,
}

impl Touched {
    fn number(response: &Response) -> Self {
        Self { changed: response.changed(), merges: true, released: response.drag_stopped() || response.lost_focus() }
    }

    fn choice(changed: bool) -> Self {
        Self { changed, merges: false, released: false }
    }

    fn or(self, other: Self) -> Self {
        Self { changed: self.changed || other.changed, merges: self.merges || other.merges, released: self.released || other.released }
    }
}

fn field_ui(ui: &mut Ui, field: &mut Field<'_>, help: &str) -> Touched {
    let place = ui.scope_id().with(("field", field.name));
    let name = field.name;
    let mut touched = row_ui(ui, name, help, |ui, label| slot_ui(ui, place, name, label, &mut field.slot));
    if let Slot::Padding(Padding::Explicit(size)) = &mut field.slot {
        let by = row_ui(ui, "", help, |ui, _| size_ui(ui, place, "padding size", Name::Unwritten("padding size"), size, 0..=MAX_PADDING));
        touched = touched.or(by);
    }
    note_ui(ui, place);
    if let Some(fault) = field.fault() {
        ui.label(RichText::new(fault).size(SMALL).color(theme::tokens(ui).error));
    }
    touched
}

/// A name to the left, its control beside it.
fn row_ui<R>(ui: &mut Ui, name: &str, help: &str, control: impl FnOnce(&mut Ui, Id) -> R) -> R {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = SPACE;
        let (room, _) = ui.allocate_exact_size(vec2(NAMES, ui.spacing().interact_size.y), Sense::hover());
        let mut names = ui.new_child(UiBuilder::new().max_rect(room).layout(Layout::left_to_right(Align::Center)));
        let label = names.label(RichText::new(name).color(tokens.quiet)).on_hover_text(help);
        control(ui, label.id)
    })
    .inner
}

fn slot_ui(ui: &mut Ui, place: Id, name: &'static str, label: Id, slot: &mut Slot<'_>) -> Touched {
    match slot {
        Slot::Count(value, range) => Touched::number(&count_ui(ui, place, Name::Label(label), value, range.clone())),
        Slot::Float(value, range) => Touched::number(&float_ui(ui, place, label, value, range.clone())),
        Slot::Flag(value) => Touched::choice(ui.checkbox(value, "").labelled_by(label).changed()),
        Slot::Size(size, range) => size_ui(ui, place, name, Name::Label(label), size, range.clone()),
        Slot::Shape(shape) => shape_ui(ui, place, shape),
        Slot::Padding(padding) => padding_ui(ui, name, label, padding),
        Slot::Init(init) => Touched::choice(choice_ui(ui, name, label, &mut **init, &Init::ALL, Init::name)),
        Slot::UpsampleMode(mode) => Touched::choice(choice_ui(ui, name, label, &mut **mode, &UpsampleMode::ALL, UpsampleMode::name)),
        Slot::Resample(resample) => Touched::choice(choice_ui(ui, name, label, &mut **resample, &Resample::ALL, Resample::name)),
        Slot::BlockNorm(norm) => Touched::choice(choice_ui(ui, name, label, &mut **norm, &BlockNorm::ALL, BlockNorm::name)),
    }
}

fn choice_ui<T: Copy + PartialEq>(ui: &mut Ui, name: &str, label: Id, value: &mut T, all: &[T], text: impl Fn(T) -> &'static str) -> bool {
    let before = *value;
    let combo = ComboBox::from_id_salt(name).selected_text(text(*value)).popup_style(theme::menu_style.into());
    let shown = combo.show_ui(ui, |ui| {
        for &each in all {
            ui.selectable_value(value, each, text(each));
        }
    });
    shown.response.labelled_by(label);
    *value != before
}

/// What a number is called.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name<'a> {
    /// By a label beside it.
    Label(Id),
    /// By nothing that is written.
    Unwritten(&'a str),
}

/// A whole number; what is said about it is kept at `place`.
pub(super) fn count_ui(ui: &mut Ui, place: Id, name: Name<'_>, value: &mut usize, range: RangeInclusive<usize>) -> Response {
    let speed = (*value as f64 * 0.01).clamp(0.05, 50.0);
    let typed = Cell::new(None);
    let (low, high) = (*range.start() as f64, *range.end() as f64);
    let drag =
        DragValue::new(value).range(range).clamp_existing_to_range(false).speed(speed).min_size(vec2(ui.spacing().interact_size.x, 0.0));
    let drag = drag.custom_parser(|text| parse(text, low, high, &typed)).custom_formatter(|value, _| format!("{value:.0}"));
    let response = ui.add(drag);
    remember_note(ui, place, &response, typed.take());
    match name {
        Name::Label(label) => response.labelled_by(label),
        Name::Unwritten(name) => response.accessible_name(name).on_hover_text(name),
    }
}

fn float_ui(ui: &mut Ui, place: Id, label: Id, value: &mut f32, range: RangeInclusive<f32>) -> Response {
    // A hundredth of the value with each point, so that 1e-8 and 0.9 are moved alike.
    let speed = f64::from(value.abs()).max(f64::from(range.end() - range.start()) * 1e-4).min(1.0) * 0.01;
    let typed = Cell::new(None);
    let (low, high) = (f64::from(*range.start()), f64::from(*range.end()));
    let drag = DragValue::new(value).range(range).clamp_existing_to_range(false).speed(speed).min_size(vec2(NUMBER, 0.0));
    let drag = drag.custom_parser(|text| parse(text, low, high, &typed)).custom_formatter(|value, _| float_text(value as f32));
    let response = ui.add(drag).labelled_by(label);
    remember_note(ui, place, &response, typed.take());
    response
}

/// As short as it can be read back; very small numbers with an exponent.
fn float_text(value: f32) -> String {
    if value != 0.0 && value.abs() < 1e-3 { format!("{value:e}") } else { value.to_string() }
}

/// Reads what was typed and says where it is not taken as it stands.
fn parse(text: &str, low: f64, high: f64, note: &Cell<Option<String>>) -> Option<f64> {
    let text = text.trim().replace(',', "");
    let Ok(value) = text.parse::<f64>() else {
        note.set(Some(if text.is_empty() { "Type a number".to_owned() } else { format!("“{text}” is not a number") }));
        return None;
    };
    if value.is_nan() || value < low || value > high {
        note.set(Some(format!("{text} is out of range: {} to {}", plain(low), plain(high))));
        return (!value.is_nan()).then_some(value);
    }
    note.set(Some(String::new()));
    Some(value)
}

fn plain(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format::grouped(value as u64) } else { float_text(value as f32) }
}

/// Keeps the note about what was typed, until something that is taken is typed or the field is entered again.
fn remember_note(ui: &Ui, place: Id, response: &Response, typed: Option<String>) {
    // Asked before the lock on the data is taken: the answer takes the same lock.
    let is_entered = response.gained_focus() || response.dragged();
    ui.data_mut(|data| match typed {
        Some(note) if !note.is_empty() => drop(data.insert_temp(place, note)),
        Some(_) => data.remove::<String>(place),
        None if is_entered => data.remove::<String>(place),
        None => {}
    });
}

/// The note about what was typed into the field of `place`, where there is one.
pub(super) fn note_ui(ui: &mut Ui, place: Id) {
    if let Some(note) = ui.data(|data| data.get_temp::<String>(place)) {
        ui.label(RichText::new(note).size(SMALL).color(theme::tokens(ui).error));
    }
}

/// Makes room for several numbers in a line.
fn tighten(ui: &mut Ui) {
    ui.spacing_mut().button_padding.x = SPACE;
    ui.spacing_mut().interact_size.x = 8.0 * SPACE;
}

/// Rows and columns: one number while they are equal and linked, else two.
fn size_ui(ui: &mut Ui, place: Id, name: &'static str, called: Name<'_>, size: &mut Size, range: RangeInclusive<usize>) -> Touched {
    let link = place.with("unlinked");
    let unlinked = ui.data(|data| data.get_temp::<bool>(link)).unwrap_or(false) || size.height != size.width;
    let mut touched = if unlinked {
        tighten(ui);
        let rows = count_ui(ui, place, Name::Unwritten(&format!("{name} rows")), &mut size.height, range.clone());
        ui.label(RichText::new("×").color(theme::tokens(ui).quiet));
        let columns = count_ui(ui, place, Name::Unwritten(&format!("{name} columns")), &mut size.width, range);
        Touched::number(&rows).or(Touched::number(&columns))
    } else {
        let response = count_ui(ui, place, called, &mut size.height, range);
        if response.changed() {
            size.width = size.height;
        }
        Touched::number(&response)
    };
    let (icon, word) = if unlinked { (Icon::Unlinked, "Link") } else { (Icon::Linked, "Unlink") };
    let button = IconButton::new(icon, &format!("{word} {name}")).small().help("Rows and columns as one number, or each its own.").show(ui);
    if button.clicked() {
        ui.data_mut(|data| data.insert_temp(link, !unlinked));
        if unlinked && size.width != size.height {
            size.width = size.height;
            touched = touched.or(Touched::choice(true));
        }
    }
    touched
}

fn shape_ui(ui: &mut Ui, place: Id, shape: &mut Shape) -> Touched {
    tighten(ui);
    let mut touched = Touched::default();
    let sides = [("channels", &mut shape.channels), ("rows", &mut shape.height), ("columns", &mut shape.width)];
    for (i, (name, value)) in sides.into_iter().enumerate() {
        if i > 0 {
            ui.label(RichText::new("×").color(theme::tokens(ui).quiet));
        }
        touched = touched.or(Touched::number(&count_ui(ui, place, Name::Unwritten(name), value, 1..=MAX_UNITS)));
    }
    touched
}

fn padding_ui(ui: &mut Ui, name: &'static str, label: Id, padding: &mut Padding) -> Touched {
    let explicit = match padding {
        Padding::Explicit(size) => *size,
        Padding::Same | Padding::Valid => Size::square(1),
    };
    let text = |padding: Padding| match padding {
        Padding::Same => "same",
        Padding::Valid => "valid",
        Padding::Explicit(_) => "number",
    };
    let all = [Padding::Same, Padding::Valid, Padding::Explicit(explicit)];
    Touched::choice(choice_ui(ui, name, label, padding, &all, text))
}
