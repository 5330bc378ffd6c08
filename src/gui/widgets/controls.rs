//! Buttons and switches. Each has a name for those who do not see it, works from the keyboard, and teaches in its tooltip.

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Align2, Color32, FontId, Rect, Response, RichText, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::gui::theme::{self, BODY, CORNER, SMALL, SPACE};

/// The height of everything that can be pressed in a line of controls.
pub const HEIGHT: f32 = 6.0 * SPACE;

/// One of a few choices, side by side.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a, T> {
    /// What it stands for.
    pub value: T,
    /// Its name.
    pub name: &'a str,
    /// What it does.
    pub tip: &'a str,
}

/// A row of choices of which one holds. `name` says what is chosen. Returns whether the choice changed.
pub fn segmented<T: PartialEq + Copy>(ui: &mut Ui, name: &str, value: &mut T, segments: &[Segment<'_, T>]) -> bool {
    let widths: Vec<f32> = segments.iter().map(|segment| text_width(ui, segment.name, BODY) + 4.0 * SPACE).collect();
    sized_segments(ui, name, value, segments, &widths)
}

/// The same, with segments of equal width that fill the room.
pub fn segmented_filling<T: PartialEq + Copy>(ui: &mut Ui, name: &str, value: &mut T, segments: &[Segment<'_, T>]) -> bool {
    let widths = vec![ui.available_width() / segments.len().max(1) as f32; segments.len()];
    sized_segments(ui, name, value, segments, &widths)
}

fn sized_segments<T: PartialEq + Copy>(ui: &mut Ui, name: &str, value: &mut T, segments: &[Segment<'_, T>], widths: &[f32]) -> bool {
    let tokens = theme::tokens(ui);
    let (whole, _) = ui.allocate_exact_size(vec2(widths.iter().sum(), HEIGHT), Sense::hover());
    ui.painter().rect_filled(whole, CORNER, tokens.raised);
    let mut changed = false;
    let mut left = whole.left();
    for (segment, &width) in segments.iter().zip(widths) {
        let rect = Rect::from_min_size(pos2(left, whole.top()), vec2(width, HEIGHT));
        left += width;
        let response = ui.interact(rect, ui.scope_id().with((name, segment.name)), Sense::click());
        let chosen = *value == segment.value;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), chosen, segment.name));
        paint_segment(ui, rect, segment.name, chosen, &response);
        if response.on_hover_text(segment.tip).clicked() && !chosen {
            *value = segment.value;
            changed = true;
        }
    }
    changed
}

fn paint_segment(ui: &Ui, rect: Rect, name: &str, chosen: bool, response: &Response) {
    let tokens = theme::tokens(ui);
    let inner = rect.shrink(2.0);
    if chosen {
        ui.painter().rect_filled(inner, CORNER - 2, tokens.selected());
    } else if response.hovered() {
        ui.painter().rect_filled(inner, CORNER - 2, tokens.hovered);
    }
    focus_ring(ui, inner, response);
    let colour = if chosen || response.hovered() { tokens.text } else { tokens.quiet };
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, name, FontId::proportional(BODY), faded(ui, colour));
}

/// A button that stands back until the pointer is on it.
pub fn quiet_button(ui: &mut Ui, name: &str, tip: &str) -> Response {
    let quiet = theme::tokens(ui).quiet;
    let button = egui::Button::new(RichText::new(name).color(quiet)).frame_when_inactive(false).min_size(vec2(0.0, HEIGHT));
    ui.add(button).on_hover_text(tip).on_disabled_hover_text(tip)
}

/// The one thing to do here.
pub fn accent_button(ui: &mut Ui, name: &str, tip: &str) -> Response {
    let tokens = theme::tokens(ui);
    let button = egui::Button::new(RichText::new(name).color(tokens.on_accent)).fill(tokens.accent).min_size(vec2(0.0, 7.0 * SPACE));
    ui.add(button).on_hover_text(tip)
}

/// An ordinary button.
pub fn button(ui: &mut Ui, name: &str, tip: &str) -> Response {
    ui.add(egui::Button::new(name).min_size(vec2(0.0, HEIGHT))).on_hover_text(tip).on_disabled_hover_text(tip)
}

/// Something that is on or off, with its name to the right. Returns whether it changed.
pub fn switch(ui: &mut Ui, name: &str, on: &mut bool, tip: &str) -> bool {
    let tokens = theme::tokens(ui);
    let track = vec2(6.0 * SPACE, 3.5 * SPACE);
    let width = track.x + 1.5 * SPACE + text_width(ui, name, BODY);
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::click());
    if response.clicked() {
        *on = !*on;
    }
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), *on, name));
    let share = ui.ctx().animate_bool(response.id, *on);
    let track = Rect::from_min_size(pos2(rect.left(), rect.center().y - track.y / 2.0), track);
    let radius = track.height() / 2.0;
    ui.painter().rect_filled(track, radius, faded(ui, theme::mix(tokens.hairline, tokens.accent, share)));
    let knob = pos2(egui::lerp(track.left() + radius..=track.right() - radius, share), track.center().y);
    ui.painter().circle_filled(knob, radius - 2.0, faded(ui, theme::mix(tokens.text, tokens.on_accent, share)));
    focus_ring(ui, track.expand(2.0), &response);
    let colour = if *on || response.hovered() { tokens.text } else { tokens.quiet };
    let at = pos2(track.right() + 1.5 * SPACE, rect.center().y);
    ui.painter().text(at, Align2::LEFT_CENTER, name, FontId::proportional(BODY), faded(ui, colour));
    response.on_hover_text(tip).clicked()
}

/// One series of a legend: its colour, its name and a value that changes; a click shows or hides it. `widest` keeps the place of the
/// longest value. Returns whether it changed.
pub fn legend(ui: &mut Ui, colour: Color32, name: &str, on: &mut bool, value: Option<(&str, &str)>, tip: &str) -> bool {
    let tokens = theme::tokens(ui);
    let name_width = text_width(ui, name, SMALL);
    let value_width = value.map_or(0.0, |(text, widest)| text_width(ui, widest, SMALL).max(text_width(ui, text, SMALL)) + 1.5 * SPACE);
    let (rect, response) = ui.allocate_exact_size(vec2(3.5 * SPACE + name_width + value_width, 5.0 * SPACE), Sense::click());
    if response.clicked() {
        *on = !*on;
    }
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), *on, name));
    let swatch = Rect::from_center_size(pos2(rect.left() + SPACE + 1.0, rect.center().y), Vec2::splat(2.0 * SPACE));
    if *on {
        ui.painter().rect_filled(swatch, 2, colour);
    } else {
        ui.painter().rect_stroke(swatch, 2, Stroke::new(1.0, tokens.quiet), egui::StrokeKind::Inside);
    }
    focus_ring(ui, rect, &response);
    let font = FontId::proportional(SMALL);
    let text = if response.hovered() || *on { tokens.text } else { tokens.quiet };
    ui.painter().text(pos2(rect.left() + 3.5 * SPACE, rect.center().y), Align2::LEFT_CENTER, name, font.clone(), text);
    if let Some((value, _)) = value {
        ui.painter().text(rect.right_center(), Align2::RIGHT_CENTER, value, font, tokens.quiet);
    }
    response.on_hover_text(tip).clicked()
}

/// Shows what has the keyboard.
pub fn focus_ring(ui: &Ui, rect: Rect, response: &Response) {
    if response.has_focus() {
        ui.painter().rect_stroke(rect, CORNER, Stroke::new(1.5, theme::tokens(ui).accent), egui::StrokeKind::Inside);
    }
}

/// How wide a text of this size is.
pub fn text_width(ui: &Ui, text: &str, size: f32) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), FontId::proportional(size), Color32::PLACEHOLDER).size().x
}

/// A colour as it is where nothing can be pressed.
pub fn faded(ui: &Ui, colour: Color32) -> Color32 {
    if ui.is_enabled() { colour } else { colour.gamma_multiply(0.4) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    fn harness<State: 'static>(state: State, ui: impl FnMut(&mut Ui, &mut State) + 'static) -> Harness<'static, State> {
        Harness::builder().with_context_setup(theme::install).build_ui_state(ui, state)
    }

    #[test]
    fn a_segment_is_chosen_by_a_click_and_from_the_keyboard() {
        let segments = [Segment { value: 1, name: "one", tip: "" }, Segment { value: 2, name: "two", tip: "" }];
        let mut harness = harness(1, move |ui, value| {
            segmented(ui, "number", value, &segments);
        });
        harness.get_by_label("two").click();
        harness.run();
        assert_eq!(*harness.state(), 2);
        harness.get_by_label("one").focus();
        harness.run();
        harness.key_press(egui::Key::Space);
        harness.run();
        assert_eq!(*harness.state(), 1);
    }

    #[test]
    fn a_switch_and_a_legend_entry_turn_over() {
        let mut harness = harness((false, true), |ui, (a, b)| {
            switch(ui, "averaged", a, "");
            legend(ui, theme::tokens(ui).real, "real", b, Some(("0.5", "−0.000")), "");
        });
        harness.get_by_label("averaged").click();
        harness.get_by_label("real").click();
        harness.run();
        assert_eq!(*harness.state(), (true, false));
    }
}
