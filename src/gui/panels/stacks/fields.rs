//! A layer's parameters as fields to edit, whatever kind of layer it is.

use std::hash::{Hash as _, Hasher as _};

use eframe::egui::{Align, ComboBox, EventFilter, Id, Key, Layout, Modifiers, Response, RichText, Sense, Ui, UiBuilder, vec2};

use super::about;
use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::number::{self, Parts, Rules, Shown};
use crate::gui::widgets::rows;
use crate::spec::{
    BlockNorm, Edit, Entry, Field, Init, LayerId, MAX_PADDING, MAX_UNITS, Padding, Resample, Role, Shape, Size, Slot, StackLayer,
    UpsampleMode,
};

/// Points for the names.
const NAMES: f32 = 22.0 * SPACE;
/// Points for a number.
pub(super) const NUMBER: f32 = 18.0 * SPACE;

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
        // An id of its own, so that a sentence above it does not take the keyboard from it.
        let own = UiBuilder::new().scope_id(ui.scope_id().with(("parameter", field.name)));
        let touched = ui.scope_builder(own, |ui| field_ui(ui, &mut field, &help.unwrap_or_default())).inner;
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
#[derive(Clone, Debug, Default)]
struct Touched {
    changed: bool,
    /// Is it one of many small changes of one movement?
    merges: bool,
    /// The movement is over.
    released: bool,
    /// Why what was typed is not taken.
    wrong: Option<String>,
}

impl Touched {
    fn number(shown: Shown) -> Self {
        let Shown { response, wrong } = shown;
        Self { changed: response.changed(), merges: true, released: response.drag_stopped() || response.lost_focus(), wrong }
    }

    fn choice(changed: bool) -> Self {
        Self { changed, ..Self::default() }
    }

    fn or(self, other: Self) -> Self {
        Self {
            changed: self.changed || other.changed,
            merges: self.merges && !other.changed || other.merges && other.changed,
            released: self.released || other.released,
            wrong: self.wrong.or(other.wrong),
        }
    }
}

fn field_ui(ui: &mut Ui, field: &mut Field<'_>, help: &str) -> Touched {
    let (name, unit) = (field.name, field.unit);
    let mut touched = row_ui(ui, name, help, |ui, label| slot_ui(ui, name, unit, label, &mut field.slot));
    if let Slot::Padding(Padding::Explicit(size)) = &mut field.slot {
        let rules = Rules::count(0, MAX_PADDING).counting(unit);
        let shown = row_ui(ui, "", help, |ui, _| size_ui(ui, &rules, size));
        touched = touched.or(Touched::number(Shown { response: shown.response.accessible_name("padding size"), ..shown }));
    }
    if let Some(wrong) = &touched.wrong {
        rows::wrong(ui, wrong);
    }
    if let Some(fault) = field.fault() {
        rows::wrong(ui, &fault);
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

fn slot_ui(ui: &mut Ui, name: &'static str, unit: &'static str, label: Id, slot: &mut Slot<'_>) -> Touched {
    let named = |shown: Shown| Touched::number(Shown { response: shown.response.labelled_by(label), ..shown });
    match slot {
        Slot::Count(value, range) => {
            named(number::one(ui, &Rules::count(*range.start(), *range.end()).counting(unit), &mut **value, NUMBER))
        }
        Slot::Float(value, range) => {
            named(number::one(ui, &Rules::float(float(*range.start()), float(*range.end())), &mut **value, NUMBER))
        }
        Slot::Flag(value) => Touched::choice(ui.checkbox(value, "").labelled_by(label).changed()),
        Slot::Size(size, range) => named(size_ui(ui, &Rules::count(*range.start(), *range.end()).counting(unit), size)),
        Slot::Shape(shape) => named(shape_ui(ui, shape)),
        Slot::Padding(padding) => padding_ui(ui, name, label, padding),
        Slot::Init(init) => Touched::choice(choice_ui(ui, name, label, &mut **init, &Init::ALL, Init::name)),
        Slot::UpsampleMode(mode) => Touched::choice(choice_ui(ui, name, label, &mut **mode, &UpsampleMode::ALL, UpsampleMode::name)),
        Slot::Resample(resample) => Touched::choice(choice_ui(ui, name, label, &mut **resample, &Resample::ALL, Resample::name)),
        Slot::BlockNorm(norm) => Touched::choice(choice_ui(ui, name, label, &mut **norm, &BlockNorm::ALL, BlockNorm::name)),
    }
}

/// The number that is written, not the nearest binary one: 0.99, not 0.9900000095.
fn float(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}

/// One of a few, from a menu or with the arrow keys.
fn choice_ui<T: Copy + PartialEq>(ui: &mut Ui, name: &str, label: Id, value: &mut T, all: &[T], text: impl Fn(T) -> &'static str) -> bool {
    let before = *value;
    let combo = ComboBox::from_id_salt(name).selected_text(text(*value)).popup_style(theme::menu_style.into());
    let shown = combo.show_ui(ui, |ui| {
        for &each in all {
            ui.selectable_value(value, each, text(each));
        }
    });
    if shown.inner.is_none() && shown.response.has_focus() {
        let index = all.iter().position(|each| *each == *value).unwrap_or_default();
        let stepped = index.saturating_add_signed(steps(ui, &shown.response)).min(all.len().saturating_sub(1));
        *value = all.get(stepped).copied().unwrap_or(*value);
    }
    shown.response.labelled_by(label);
    *value != before
}

/// Steps downwards that keys ask for.
fn steps(ui: &Ui, response: &Response) -> isize {
    let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    ui.input_mut(|input| {
        input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown) as isize
            - input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp) as isize
    })
}

/// Rows and columns in one field.
fn size_ui(ui: &mut Ui, rules: &Rules, size: &mut Size) -> Shown {
    let mut values = vec![size.height as f64, size.width as f64];
    let shown = number::several(ui, &rules.clone().of(Parts::Size), &mut values, NUMBER);
    if let ([height, width], true) = (&values[..], shown.response.changed()) {
        *size = Size { height: *height as usize, width: *width as usize };
    }
    shown
}

/// Channels, rows and columns in one field.
fn shape_ui(ui: &mut Ui, shape: &mut Shape) -> Shown {
    let rules = Rules::count(1, MAX_UNITS).of(Parts::Shape);
    let mut values = vec![shape.channels as f64, shape.height as f64, shape.width as f64];
    let shown = number::several(ui, &rules, &mut values, 1.5 * NUMBER);
    if let ([channels, height, width], true) = (&values[..], shown.response.changed()) {
        *shape = Shape::new(*channels as usize, *height as usize, *width as usize);
    }
    shown
}

/// What happens at the border.
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
