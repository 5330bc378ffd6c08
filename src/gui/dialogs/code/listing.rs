//! A text with the numbers of its lines, and marks at those that something is said about.

use std::collections::BTreeMap;

use eframe::egui::text_edit::TextEditOutput;
use eframe::egui::{self, Align2, Color32, FontId, Frame, Margin, Rect, ScrollArea, TextEdit, Ui, Vec2, pos2};

use crate::gui::theme::{self, SMALL, SPACE};

/// Points left of the text.
const GUTTER: f32 = 11.0 * SPACE;

/// What is said about a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// It became a layer.
    Layer,
    /// Something is said about it.
    Remark,
    /// It could not be read.
    Gap,
}

/// How a text is shown.
pub(super) struct Listing<'a> {
    /// What is said about its lines, counted from 1.
    pub marks: &'a BTreeMap<usize, Mark>,
    /// The line to bring into sight.
    pub sought: Option<usize>,
    /// Does it ask for the keyboard?
    pub takes_keyboard: bool,
}

impl Listing<'_> {
    /// Draws the text, to be edited. Returns whether it was.
    pub fn ui(self, ui: &mut Ui, size: Vec2, text: &mut String) -> bool {
        let tokens = theme::tokens(ui);
        let frame = Frame::new().fill(tokens.ground).corner_radius(theme::CORNER).stroke((1.0, tokens.hairline));
        frame
            .show(ui, |ui| {
                ui.set_min_size(size);
                ScrollArea::both().id_salt("code").max_height(size.y).auto_shrink(false).show(ui, |ui| {
                    let edit = TextEdit::multiline(text)
                        .font(FontId::monospace(SMALL))
                        .code_editor()
                        .frame(Frame::new().inner_margin(Margin { left: GUTTER as i8, right: 8, top: 8, bottom: 8 }))
                        .hint_text("Paste code here")
                        .desired_width(f32::INFINITY)
                        .min_size(size - Vec2::splat(2.0));
                    let output = edit.show(ui);
                    let response = output.response.clone().response.accessible_name("Code");
                    if self.takes_keyboard {
                        response.request_focus();
                    }
                    self.gutter_ui(ui, &output);
                    response.changed()
                })
            })
            .inner
            .inner
    }

    /// The numbers of the lines, and their marks; those of the lines in sight.
    fn gutter_ui(&self, ui: &mut Ui, output: &TextEditOutput) {
        let tokens = theme::tokens(ui);
        let clip = ui.clip_rect();
        let left = output.response.response.rect.left();
        let mut line = 1;
        let mut begins = true;
        for row in &output.galley.rows {
            let rect = row.rect().translate(output.galley_pos.to_vec2());
            if begins && rect.expand(SPACE).intersects(clip.with_min_x(f32::NEG_INFINITY).with_max_x(f32::INFINITY)) {
                self.number_ui(ui, line, left, rect);
            }
            if begins && self.sought == Some(line) {
                ui.scroll_to_rect(rect.expand2(egui::vec2(0.0, 12.0 * SPACE)), Some(egui::Align::TOP));
                flash(ui, line);
            }
            begins = row.ends_with_newline;
            line += usize::from(begins);
        }
        let edge = left + GUTTER - 2.0 * SPACE;
        ui.painter().vline(edge, clip.y_range(), (1.0, tokens.hairline));
    }

    fn number_ui(&self, ui: &Ui, line: usize, left: f32, row: Rect) {
        let tokens = theme::tokens(ui);
        let colour = match self.marks.get(&line) {
            None => tokens.quiet.gamma_multiply(0.6),
            Some(Mark::Layer) => tokens.text,
            Some(Mark::Remark) => tokens.warning,
            Some(Mark::Gap) => tokens.error,
        };
        let right = left + GUTTER - 3.0 * SPACE;
        ui.painter().text(pos2(right, row.center().y), Align2::RIGHT_CENTER, line.to_string(), FontId::monospace(SMALL), colour);
        let whole = Rect::from_x_y_ranges(ui.clip_rect().x_range(), row.y_range());
        match self.marks.get(&line) {
            Some(Mark::Gap) => tint(ui, whole, tokens.error, 0.12),
            Some(Mark::Remark) => tint(ui, whole, tokens.warning, 0.08),
            _ => {}
        }
        let glow = ui.ctx().animate_bool_with_time(flash_id(ui, line), false, 1.2);
        if glow > 0.0 {
            tint(ui, whole, tokens.accent, 0.35 * glow);
        }
    }
}

fn tint(ui: &Ui, rect: Rect, colour: Color32, strength: f32) {
    ui.painter().rect_filled(rect, 0.0, colour.gamma_multiply(strength));
}

fn flash_id(ui: &Ui, line: usize) -> egui::Id {
    ui.scope_id().with(("flash", line))
}

/// Lights a line up for a moment.
fn flash(ui: &Ui, line: usize) {
    ui.ctx().animate_bool_with_time(flash_id(ui, line), true, 0.0);
}
