//! What stands in a place that is still empty: what belongs there, and the way to it.

use eframe::egui::{Align, Layout, Rect, RichText, Ui, UiBuilder, vec2};

use super::controls;
use crate::gui::theme::{self, BODY, HEADING, SPACE};

/// What to say.
#[derive(Clone, Copy, Debug)]
pub struct Empty<'a> {
    /// What belongs here, or what is going on.
    pub title: &'a str,
    /// One sentence more.
    pub sentence: &'a str,
    /// Is it an error?
    pub is_error: bool,
    /// How far something is, 0 to 1.
    pub progress: Option<f32>,
    /// What can be done: name and tip of a button.
    pub action: Option<(&'a str, &'a str)>,
}

impl<'a> Empty<'a> {
    /// A title with a sentence.
    pub fn new(title: &'a str, sentence: &'a str) -> Self {
        Self { title, sentence, is_error: false, progress: None, action: None }
    }

    /// Draws it in the middle of `rect`. Returns whether the button was pressed.
    pub fn ui(self, ui: &mut Ui, rect: Rect) -> bool {
        let tokens = theme::tokens(ui);
        let width = (rect.width() - 4.0 * SPACE).clamp(0.0, 90.0 * SPACE);
        let height = 24.0 * SPACE;
        let middle = Rect::from_center_size(rect.center(), vec2(width, height.min(rect.height())));
        let mut ui = ui.new_child(UiBuilder::new().max_rect(middle).layout(Layout::top_down(Align::Center)));
        let ui = &mut ui;
        let colour = if self.is_error { tokens.error } else { tokens.text };
        ui.label(RichText::new(self.title).size(HEADING).color(colour));
        ui.label(RichText::new(self.sentence).size(BODY).color(tokens.quiet));
        if let Some(progress) = self.progress {
            ui.add_space(SPACE);
            let bar = eframe::egui::ProgressBar::new(progress).desired_width(50.0 * SPACE).desired_height(SPACE).fill(tokens.accent);
            ui.name_inputs(self.title, |ui| ui.add(bar));
        }
        let Some((name, tip)) = self.action else { return false };
        ui.add_space(2.0 * SPACE);
        controls::accent_button(ui, name, tip).clicked()
    }
}
