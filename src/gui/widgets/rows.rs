//! Lines of settings: a name to the left, its control to the right, all aligned.

use eframe::egui::emath::Numeric;
use eframe::egui::{Align, Layout, Rect, Response, RichText, Ui, UiBuilder, vec2};

use super::controls::HEIGHT;
use super::number::{self, Rules};
use crate::gui::theme::{self, BODY, HEADING, SMALL, SPACE};

/// The heading of a panel.
pub fn heading(ui: &mut Ui, text: &str) -> Response {
    ui.label(RichText::new(text).size(HEADING).color(theme::tokens(ui).text))
}

/// The line of controls over a view: its name and `left`, and at the far end `right`, from right to left. Below a width of `narrow`
/// they take a line each. Returns the room below.
pub fn header<S>(
    ui: &mut Ui,
    name: &str,
    narrow: f32,
    mut state: S,
    left: impl FnOnce(&mut S, &mut Ui),
    right: impl FnOnce(&mut S, &mut Ui),
) -> Rect {
    let whole = ui.available_rect_before_wrap();
    let (first, rest) = whole.split_top_bottom_at_y(whole.top() + HEIGHT);
    let (second, rest) = if whole.width() < narrow { rest.split_top_bottom_at_y(rest.top() + HEIGHT) } else { (first, rest) };
    ui.scope_builder(UiBuilder::new().max_rect(first).layout(Layout::left_to_right(Align::Center)), |ui| {
        heading(ui, name);
        ui.add_space(SPACE);
        left(&mut state, ui);
    });
    ui.scope_builder(UiBuilder::new().max_rect(second).layout(Layout::right_to_left(Align::Center)), |ui| right(&mut state, ui));
    ui.advance_cursor_after_rect(whole);
    rest.with_min_y(rest.top() + SPACE)
}

/// The heading of a group of settings, with room above.
pub fn section(ui: &mut Ui, text: &str) -> Response {
    ui.add_space(3.0 * SPACE);
    let response = ui.label(RichText::new(text).size(BODY).strong());
    ui.add_space(SPACE);
    response
}

/// A sentence that stands back.
pub fn note(ui: &mut Ui, text: &str) -> Response {
    ui.label(RichText::new(text).size(SMALL).color(theme::tokens(ui).quiet))
}

/// A sentence about what is wrong here.
pub fn wrong(ui: &mut Ui, text: &str) -> Response {
    ui.label(RichText::new(text).size(SMALL).color(theme::tokens(ui).error))
}

/// Points that a name has at least: as many as the longest one takes.
const NAME: f32 = 28.0 * SPACE;

/// One setting: `name` to the left, the control to the right in the rest of the line. The name is the control's name also for those
/// who do not see it, and both show the tip.
pub fn row<R>(ui: &mut Ui, name: &str, tip: &str, control: impl FnOnce(&mut Ui) -> R) -> R {
    let width = ui.available_width();
    let name_width = (width * 0.4).round().max(NAME.min(width / 2.0));
    let (_, line) = ui.allocate_space(vec2(width, HEIGHT));
    let (left, right) = line.split_left_right_at_x(line.left() + name_width);
    let mut label_ui = ui.new_child(UiBuilder::new().max_rect(left).layout(Layout::left_to_right(Align::Center)));
    let label = label_ui.label(RichText::new(name).color(theme::tokens(ui).quiet)).on_hover_text(tip);
    let mut control_ui = ui.new_child(UiBuilder::new().max_rect(right).layout(Layout::left_to_right(Align::Center)));
    // Fields take the whole width.
    control_ui.spacing_mut().interact_size.x = right.width();
    control_ui.spacing_mut().combo_width = right.width();
    control_ui.spacing_mut().slider_width = right.width();
    control_ui.label_inputs_by(label.id, control)
}

/// One setting that is a number; below it, where what was typed is not taken, the reason.
pub fn number<N: Numeric>(ui: &mut Ui, name: &str, tip: &str, rules: &Rules, value: &mut N) -> Response {
    // An id of its own, so that a sentence above it does not take the keyboard from it.
    let own = UiBuilder::new().scope_id(ui.scope_id().with(("number", name)));
    ui.scope_builder(own, |ui| {
        let shown = row(ui, name, tip, |ui| number::one(ui, rules, value, ui.available_width()));
        if let Some(sentence) = &shown.wrong {
            wrong(ui, sentence);
        }
        shown.response
    })
    .inner
}
