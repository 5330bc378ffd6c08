//! Questions that have to be answered before anything else goes on. One at a time.

pub mod code;
pub mod path;

use eframe::egui::{self, Align, Button, Id, Layout, Modal, RichText, Ui};

use self::code::CodeDialog;
use self::path::PathDialog;
use super::command::Command;
use super::files::Purpose;
use super::theme::{self, HEADING, SPACE};

/// A question that is asked.
#[derive(Debug)]
pub enum Dialog {
    /// Something would be lost: save it before `then`?
    Unsaved {
        /// What the project is called.
        name: String,
        /// What goes on afterwards.
        then: Box<Command>,
        /// Would only what was learned be lost, because the rest can be undone?
        only_training: bool,
    },
    /// Which path?
    Path(Box<PathDialog>),
    /// Which code?
    Code(Box<CodeDialog>),
}

/// What was answered.
#[derive(Debug)]
pub enum Answer {
    /// Nothing; everything stays as it is.
    Cancel,
    /// To save, then to go on.
    Save(Command),
    /// To go on, and lose it.
    Discard(Command),
    /// A path.
    Path(Purpose, std::path::PathBuf),
    /// To do something else.
    Do(Command),
}

impl Dialog {
    /// Draws the dialog. Returns the answer once there is one.
    pub fn ui(&mut self, ctx: &egui::Context) -> Option<Answer> {
        let modal = Modal::new(Id::unique("dialog")).frame(egui::Frame::popup(&ctx.global_style()).inner_margin(16));
        let shown = modal.show(ctx, |ui| match self {
            Self::Unsaved { name, then, only_training } => unsaved_ui(ui, name, then, *only_training),
            Self::Path(dialog) => dialog.ui(ui),
            Self::Code(dialog) => dialog.ui(ui),
        });
        let closed = shown.should_close();
        shown.inner.or(closed.then_some(Answer::Cancel))
    }
}

fn unsaved_ui(ui: &mut Ui, name: &str, then: &Command, only_training: bool) -> Option<Answer> {
    ui.set_width(360.0);
    let (question, explanation) = if only_training {
        ("Save what was learned?", format!("The run of {name} ends, and undo does not bring back what the networks have learned."))
    } else {
        ("Save the project?", format!("{name} has changes that are in no file yet."))
    };
    ui.label(RichText::new(question).size(HEADING));
    ui.add_space(SPACE);
    ui.label(RichText::new(explanation).color(theme::tokens(ui).quiet));
    ui.add_space(4.0 * SPACE);
    let mut answer = None;
    ui.horizontal(|ui| {
        if ui.button("Don't save").clicked() {
            answer = Some(Answer::Discard(then.clone()));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let save = ui.add(accented(ui, "Save"));
            if save.clicked() {
                answer = Some(Answer::Save(then.clone()));
            }
            if ui.memory(|memory| memory.focused().is_none()) {
                save.request_focus();
            }
            if ui.button("Cancel").clicked() {
                answer = Some(Answer::Cancel);
            }
        });
    });
    answer
}

/// The button of a dialog that does what it is about.
fn accented<'a>(ui: &Ui, text: &'a str) -> Button<'a> {
    let tokens = theme::tokens(ui);
    Button::new(RichText::new(text).color(tokens.on_accent)).fill(tokens.accent)
}
