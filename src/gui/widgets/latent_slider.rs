//! A slider for one latent dimension, with a hint of how likely each value is.

use eframe::egui::accesskit::{Action, ActionData};
use eframe::egui::{
    Align2, Color32, EventFilter, FontId, Key, Mesh, Rect, Response, Sense, Shape as Paint, Stroke, Ui, Widget, WidgetInfo, lerp, pos2,
    remap_clamp, vec2,
};

use super::{controls, format};
use crate::gui::theme::{self, SMALL, SPACE};
use crate::spec::Latent;

/// Sliders go from minus this to this: 99.7 % of normal values lie between.
pub const REACH: f32 = 3.0;
/// The height of one.
pub const HEIGHT: f32 = 5.0 * SPACE;

/// A slider for the dimension `index` (shown from 1). A double click puts it back to 0.
#[derive(Debug)]
pub struct LatentSlider<'a> {
    index: usize,
    value: &'a mut f32,
    latent: Latent,
}

impl<'a> LatentSlider<'a> {
    /// For values that training draws from `latent`.
    pub fn new(index: usize, value: &'a mut f32, latent: Latent) -> Self {
        Self { index, value, latent }
    }

    fn paint(&self, ui: &Ui, rect: Rect, track: Rect, response: &Response) {
        let tokens = theme::tokens(ui);
        let painter = ui.painter();
        if let Some(hill) = density(track, self.latent, tokens.accent.gamma_multiply(0.16)) {
            painter.add(hill);
        }
        let rail = track.bottom() - SPACE;
        painter.hline(track.x_range(), rail, Stroke::new(2.0, tokens.hairline));
        let zero = track.center().x;
        let knob = remap_clamp(*self.value, -REACH..=REACH, track.x_range());
        painter.hline(zero.min(knob)..=zero.max(knob), rail, Stroke::new(2.0, tokens.accent));
        let radius = if response.hovered() || response.dragged() { 1.5 * SPACE } else { 1.25 * SPACE };
        painter.circle_filled(pos2(knob, rail), radius, tokens.text);
        // The rail lies low, below its hill: the ring goes around the rail and its words.
        controls::focus_ring(ui, rect.translate(vec2(0.0, SPACE)), response);
        let font = FontId::proportional(SMALL);
        painter.text(
            pos2(rect.left() + SPACE / 2.0, rail),
            Align2::LEFT_CENTER,
            format!("z{}", self.index + 1),
            font.clone(),
            tokens.quiet,
        );
        let number = format::signed(&format!("{:.2}", *self.value));
        let colour = if *self.value == 0.0 { tokens.quiet } else { tokens.text };
        painter.text(pos2(rect.right() - SPACE / 2.0, rail), Align2::RIGHT_CENTER, number, font, colour);
    }
}

impl Widget for LatentSlider<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let (rect, mut response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click_and_drag());
        let track = Rect::from_min_max(pos2(rect.left() + 8.5 * SPACE, rect.top()), pos2(rect.right() - 10.0 * SPACE, rect.bottom()));
        let old = *self.value;
        if response.double_clicked() {
            *self.value = 0.0;
        } else if let Some(pointer) = response.interact_pointer_pos() {
            response.request_focus();
            let value = remap_clamp(pointer.x, track.x_range(), -REACH..=REACH);
            *self.value = (value * 100.0).round() / 100.0;
        }
        *self.value = keyboard(ui, &response, *self.value);
        if *self.value != old {
            response.mark_changed();
        }
        let name = format!("z{}", self.index + 1);
        response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), f64::from(*self.value), &name));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_min_numeric_value(f64::from(-REACH));
            node.set_max_numeric_value(f64::from(REACH));
            node.set_numeric_value_step(0.1);
            for action in [Action::SetValue, Action::Increment, Action::Decrement] {
                node.add_action(action);
            }
        });
        if ui.is_rect_visible(rect) {
            self.paint(ui, rect, track, &response);
        }
        response
    }
}

/// The value after arrow keys, ten times finer with shift, and after what a screen reader asked for.
fn keyboard(ui: &Ui, response: &Response, value: f32) -> f32 {
    let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    // Asked beforehand: a response looks into the same memory, which is locked inside.
    let has_focus = response.has_focus();
    let (steps, fine, set) = ui.input(|input| {
        let pressed = |key| if has_focus { input.num_presses(key) as f32 } else { 0.0 };
        let asked = |action| input.num_accesskit_action_requests(response.id, action) as f32;
        let steps = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft) + asked(Action::Increment) - asked(Action::Decrement);
        let set = input.accesskit_action_requests(response.id, Action::SetValue).filter_map(|request| match request.data {
            Some(ActionData::NumericValue(value)) => Some(value as f32),
            _ => None,
        });
        (steps, input.modifiers.shift, set.last())
    });
    let value = set.unwrap_or(value);
    if steps == 0.0 && set.is_none() {
        return value;
    }
    let step = if fine { 0.01 } else { 0.1 };
    ((value + steps * step) * 100.0).round().clamp(-100.0 * REACH, 100.0 * REACH) / 100.0
}

/// The density of the latent distribution as a hill over the track.
fn density(track: Rect, latent: Latent, colour: Color32) -> Option<Paint> {
    if track.width() <= 0.0 {
        return None;
    }
    let height = |value: f32| match latent {
        Latent::Normal => (-0.5 * value * value).exp(),
        Latent::Uniform => f32::from(value.abs() <= 1.0),
    };
    let (base, room) = (track.bottom() - SPACE, track.height() - SPACE);
    let mut mesh = Mesh::default();
    // Enough pieces for a smooth hill, and for upright sides at -1 and 1.
    let pieces = 48_u32;
    for piece in 0..=pieces {
        let share = piece as f32 / pieces as f32;
        let x = lerp(track.x_range(), share);
        let value = lerp(-REACH..=REACH, share);
        mesh.colored_vertex(pos2(x, base), colour);
        mesh.colored_vertex(pos2(x, base - 0.9 * room * height(value)), colour);
        if piece > 0 {
            let last = 2 * piece;
            mesh.add_triangle(last - 2, last - 1, last);
            mesh.add_triangle(last - 1, last, last + 1);
        }
    }
    Some(Paint::mesh(mesh))
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    fn harness() -> Harness<'static, f32> {
        Harness::builder().with_context_setup(theme::install).build_ui_state(
            |ui, value| {
                ui.add(LatentSlider::new(2, value, Latent::Normal));
            },
            1.0,
        )
    }

    #[test]
    fn a_drag_moves_the_value_and_stays_within_reach() {
        let mut harness = harness();
        harness.run();
        let rect = harness.get_by_label("z3").rect();
        harness.drag_at(rect.center());
        harness.run();
        harness.hover_at(rect.right_center() + vec2(500.0, 0.0));
        harness.run();
        harness.drop_at(rect.right_center() + vec2(500.0, 0.0));
        harness.run();
        assert_eq!(*harness.state(), REACH);
    }

    #[test]
    fn arrows_move_by_a_tenth_and_with_shift_by_a_hundredth() {
        let mut harness = harness();
        harness.run();
        harness.get_by_label("z3").focus();
        harness.run();
        harness.key_press(Key::ArrowRight);
        harness.run();
        assert_eq!(*harness.state(), 1.1);
        harness.key_press_modifiers(egui::Modifiers::SHIFT, Key::ArrowLeft);
        harness.run();
        assert_eq!(*harness.state(), 1.09);
    }

    #[test]
    fn a_screen_reader_can_step_it() {
        let mut harness = harness();
        harness.run();
        harness.get_by_label("z3").increment_accesskit();
        harness.run();
        assert_eq!(*harness.state(), 1.1);
    }
}
