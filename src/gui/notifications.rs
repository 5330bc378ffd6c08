//! What is said in passing: small notes at the lower right that go away by themselves.

use eframe::egui::{self, Align, Align2, Area, Frame, Id, Label, Layout, Margin, Order, RichText, Stroke, Ui, vec2};

use super::command::Notice;
use super::icons::Icon;
use super::theme::{self, SPACE};
use super::widgets::button::IconButton;

/// Seconds that a note stays, and more for each character to read.
const STAY: f64 = 4.0;
const STAY_FOR_CHARACTER: f64 = 0.06;
/// Errors stay so many times longer.
const ERRORS_STAY: f64 = 3.0;
/// So many are shown; older ones make room.
const MAX_SHOWN: usize = 4;
/// Points of their width.
const WIDTH: f32 = 340.0;

/// The notes that are shown.
#[derive(Debug, Default)]
pub struct Notifications {
    notes: Vec<Note>,
    /// Counts all notes there ever were, to tell them apart.
    count: u64,
}

#[derive(Debug)]
struct Note {
    id: u64,
    notice: Notice,
    /// Seconds until it goes.
    left: f64,
    /// So often was the same said again while it was there.
    repeats: usize,
}

impl Notifications {
    /// Shows a note; the same one again makes it stay longer.
    pub fn push(&mut self, notice: Notice) {
        let left = stay(&notice);
        if let Some(note) = self.notes.iter_mut().find(|note| note.notice == notice) {
            note.left = left;
            note.repeats += 1;
            return;
        }
        self.count += 1;
        self.notes.push(Note { id: self.count, notice, left, repeats: 0 });
        if self.notes.len() > MAX_SHOWN {
            self.notes.remove(0);
        }
    }

    /// Draws the notes, the newest lowest.
    pub fn ui(&mut self, ctx: &egui::Context, bottom: f32) {
        if self.notes.is_empty() {
            return;
        }
        let offset = vec2(-3.0 * SPACE, -bottom - 3.0 * SPACE);
        let area = Area::new(Id::unique("notifications")).order(Order::Foreground).anchor(Align2::RIGHT_BOTTOM, offset);
        let mut gone = None;
        let shown = area.show(ctx, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0 * SPACE;
            for note in &self.notes {
                if note_ui(ui, note) {
                    gone = Some(note.id);
                }
            }
        });
        self.notes.retain(|note| Some(note.id) != gone);
        // Under the pointer time stands still, so that there is time to read.
        let held = ctx.pointer_hover_pos().is_some_and(|pointer| shown.response.rect.contains(pointer));
        if !held {
            self.age(ctx);
        }
        self.wake(ctx);
    }

    /// Sees to it that notes go even where nothing else draws the window.
    pub fn wake(&self, ctx: &egui::Context) {
        if !self.notes.is_empty() {
            ctx.request_repaint_after_secs(0.2);
        }
    }

    fn age(&mut self, ctx: &egui::Context) {
        // A window that slept was not looked at: a frame counts a quarter of a second at most.
        let elapsed = f64::from(ctx.input(|input| input.unstable_dt)).min(0.25);
        for note in &mut self.notes {
            note.left -= elapsed;
        }
        self.notes.retain(|note| note.left > 0.0);
    }
}

fn stay(notice: &Notice) -> f64 {
    let reading = STAY + STAY_FOR_CHARACTER * notice.text.chars().count() as f64;
    if notice.is_error { reading * ERRORS_STAY } else { reading }
}

/// Draws one note. Returns whether it was closed.
fn note_ui(ui: &mut Ui, note: &Note) -> bool {
    let tokens = theme::tokens(ui);
    let colour = if note.notice.is_error { tokens.error } else { tokens.accent };
    let frame =
        Frame::popup(ui.style()).inner_margin(Margin::symmetric(12, 8)).stroke(Stroke::new(1.0, theme::mix(tokens.hairline, colour, 0.6)));
    let shown = frame.show(ui, |ui| {
        ui.set_width(WIDTH);
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let closed = IconButton::new(Icon::Close, "Close notification").show(ui).clicked();
            if note.notice.is_error && IconButton::new(Icon::Copy, "Copy notification").show(ui).clicked() {
                ui.ctx().copy_text(note.notice.text.clone());
            }
            ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
                let (icon, _) = ui.allocate_exact_size(vec2(24.0, 28.0), egui::Sense::hover());
                let icon = icon.with_max_x(icon.left() + 16.0);
                let sign = if note.notice.is_error { Icon::Warning } else { Icon::Check };
                sign.paint(ui.painter(), icon, colour);
                ui.vertical(|ui| {
                    ui.add_space(1.5 * SPACE);
                    let again = if note.repeats > 0 { format!(" (×{})", note.repeats + 1) } else { String::new() };
                    ui.add(Label::new(RichText::new(format!("{}{again}", note.notice.text)).color(tokens.text)).wrap().selectable(true));
                });
            });
            closed
        })
        .inner
    });
    shown.inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_note_is_not_shown_twice_and_old_ones_make_room() {
        let mut notifications = Notifications::default();
        notifications.push(Notice::note("a"));
        notifications.push(Notice::note("a"));
        assert_eq!(notifications.notes.len(), 1);
        assert_eq!(notifications.notes[0].repeats, 1);
        for text in ["b", "c", "d", "e"] {
            notifications.push(Notice::error(text));
        }
        assert_eq!(notifications.notes.len(), MAX_SHOWN);
        assert_eq!(notifications.notes[0].notice.text, "b");
    }

    #[test]
    fn errors_stay_longer_than_notes() {
        assert!(stay(&Notice::error("the disk is full")) > 2.0 * stay(&Notice::note("the disk is full")));
    }
}
