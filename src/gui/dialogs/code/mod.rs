//! Source code beside what is read of it: pasted, typed, or opened from a file.

mod listing;
mod reading;

use eframe::egui::{self, Align, Layout, RichText, ScrollArea, Ui, Vec2, vec2};

use super::{Answer, accented};
use crate::code::{CodeError, Import, Source};
use crate::gui::command::Command;
use crate::gui::theme::{self, HEADING, SPACE};

/// Seconds without a change before the text is read.
const PAUSE: f64 = 0.2;
/// Points of the largest it gets.
const SIZE: Vec2 = vec2(1120.0, 760.0);
/// Points around it, at least.
const AROUND: f32 = 16.0 * SPACE;
/// Points of its own margin, on both sides together.
const MARGINS: f32 = 32.0;

/// Shows source code and what it says.
#[derive(Debug)]
pub struct CodeDialog {
    source: Source,
    /// What was read of the text as it was last handed out.
    read: Option<Box<Result<Import, CodeError>>>,
    /// Counts the changes of the text.
    revision: u64,
    /// The revision that was handed out to be read.
    asked: Option<u64>,
    /// Has the answer not come yet?
    is_reading: bool,
    /// When the text was last changed, in seconds of egui's clock.
    changed_at: Option<f64>,
    /// The line to bring into sight.
    sought: Option<usize>,
    is_new: bool,
}

impl CodeDialog {
    /// Begins with a text, or with none.
    pub fn new(source: Source) -> Self {
        Self { source, read: None, revision: 0, asked: None, is_reading: false, changed_at: None, sought: None, is_new: true }
    }

    /// The text to be read, once nobody has typed for a moment.
    pub fn wanted(&mut self, ctx: &egui::Context) -> Option<Source> {
        if self.is_reading || self.asked == Some(self.revision) || self.source.text.trim().is_empty() {
            return None;
        }
        let rested = self.changed_at.map_or(PAUSE, |at| ctx.input(|input| input.time) - at);
        if rested < PAUSE {
            ctx.request_repaint_after_secs((PAUSE - rested) as f32);
            return None;
        }
        self.asked = Some(self.revision);
        self.is_reading = true;
        Some(self.source.clone())
    }

    /// A text was read. What is known of an older one stays in sight until the newest is read, too.
    pub fn take_in(&mut self, read: Result<Import, CodeError>) {
        self.is_reading = false;
        if self.read.is_none()
            && let Ok(import) = &read
        {
            // A text that is opened may begin with anything; the networks are what counts.
            self.sought = import.origins.iter().map(|origin| origin.place.line).min();
        }
        self.read = Some(Box::new(read));
    }

    /// Is what is shown read of the text as it is?
    fn is_up_to_date(&self) -> bool {
        !self.is_reading && self.asked == Some(self.revision)
    }

    /// Draws the dialog. Returns the answer once there is one.
    pub fn ui(&mut self, ui: &mut Ui) -> Option<Answer> {
        let size = SIZE.min(ui.ctx().content_rect().size() - Vec2::splat(AROUND + MARGINS));
        ui.set_width(size.x);
        ui.label(RichText::new(self.title()).size(HEADING));
        ui.label(RichText::new("Keras or PyTorch: a whole script, a tutorial's text, or only the layers.").color(theme::tokens(ui).quiet));
        ui.add_space(2.0 * SPACE);
        let height = size.y - 26.0 * SPACE;
        let right = (size.x * 0.4).min(400.0).round();
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0 * SPACE;
            let left = size.x - right - 4.0 * SPACE;
            ui.allocate_ui_with_layout(vec2(left, height), Layout::top_down(Align::Min), |ui| self.text_ui(ui, vec2(left, height)));
            ui.allocate_ui_with_layout(vec2(right, height), Layout::top_down(Align::Min), |ui| self.reading_ui(ui, height));
        });
        ui.add_space(3.0 * SPACE);
        self.buttons_ui(ui)
    }

    fn title(&self) -> String {
        self.source.name.as_ref().map_or_else(|| "Read code".to_owned(), |name| format!("Read {name}"))
    }

    fn text_ui(&mut self, ui: &mut Ui, size: Vec2) {
        let marks = self.read.as_deref().and_then(|read| read.as_ref().ok()).map(reading::marks).unwrap_or_default();
        let shown = listing::Listing { marks: &marks, sought: self.sought.take(), takes_keyboard: std::mem::take(&mut self.is_new) };
        if shown.ui(ui, size, &mut self.source.text) {
            self.revision += 1;
            self.changed_at = Some(ui.input(|input| input.time));
        }
    }

    fn reading_ui(&mut self, ui: &mut Ui, height: f32) {
        ScrollArea::vertical().id_salt("what was read").max_height(height).auto_shrink(false).show(ui, |ui| {
            if self.source.text.trim().is_empty() {
                return reading::nothing_ui(ui);
            }
            match self.read.as_deref() {
                None => {
                    ui.spinner();
                }
                Some(Err(error)) => reading::error_ui(ui, error),
                Some(Ok(import)) => {
                    if let Some(line) = reading::import_ui(ui, import) {
                        self.sought = Some(line);
                    }
                }
            }
        });
    }

    fn buttons_ui(&mut self, ui: &mut Ui) -> Option<Answer> {
        let mut answer = None;
        ui.horizontal(|ui| {
            if ui.button("Open a file…").on_hover_text("A script, a Markdown text or a notebook.").clicked() {
                answer = Some(Answer::Do(Command::Open));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let import = self.read.as_deref().and_then(|read| read.as_ref().ok()).filter(|_| self.is_up_to_date());
                let button = ui.add_enabled(import.is_some(), accented(ui, "Use these networks"));
                let button = button.on_hover_text("Makes a project of them. What could not be read stays marked in its place.");
                if let Some(import) = import.filter(|_| button.clicked()) {
                    answer = Some(Answer::Do(Command::UseCode(Box::new(import.clone()))));
                }
                if ui.button("Cancel").clicked() {
                    answer = Some(Answer::Cancel);
                }
            });
        });
        answer
    }
}
