//! Samples of a run, with a number that tells them from those before, and what may stand beside them.

use eframe::egui::{Align2, Color32, FontId, Pos2, Rect, Stroke, Ui, pos2, vec2};

use crate::gui::run::Run;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::train::Snapshot;

/// The newest samples of a run.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The samples, and the generator that made them.
    pub snapshot: &'a Snapshot,
    /// Another number for every new snapshot.
    pub revision: u64,
}

/// Samples to show beside others, from the same latent vectors: another moment's, or another run's.
#[derive(Clone, Debug)]
pub struct Beside<'a> {
    /// The samples.
    pub shown: Shown<'a>,
    /// The run that they are of, where that is another one than the one in hand.
    pub other: Option<&'a Run>,
    /// What the others are called, and what these are.
    pub names: [String; 2],
    /// How both are marked on the line, where they are moments of one run.
    pub marks: Option<[Mark; 2]>,
}

/// By what a moment is known on the line and over its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The first.
    Dot,
    /// The second, wide enough to be seen around the first.
    Ring,
}

impl Mark {
    /// Draws it. A ring has something of the ground inside, so that what is below does not run through it.
    pub(super) fn paint(self, ui: &Ui, centre: Pos2, radius: f32, colour: Color32) {
        match self {
            Self::Dot => ui.painter().circle_filled(centre, radius, colour),
            Self::Ring => ui.painter().circle(centre, 1.4 * radius, theme::tokens(ui).ground, Stroke::new(0.35 * radius, colour)),
        };
    }
}

/// Writes what samples are called, behind the mark of their moment. Returns where.
pub(super) fn caption(ui: &Ui, mark: Option<Mark>, text: &str, (at, align): (Pos2, Align2), colour: Color32) -> Rect {
    let shift = if mark.is_some() { 3.5 * SPACE } else { 0.0 };
    let written = ui.painter().text(at + vec2(shift, 0.0), align, text, FontId::proportional(SMALL), colour);
    if let Some(mark) = mark {
        mark.paint(ui, pos2(at.x + 1.25 * SPACE, written.center().y), 0.8 * SPACE, theme::tokens(ui).accent);
    }
    written
}

impl<'a> Shown<'a> {
    /// The newest samples, if there are any.
    pub fn of(run: &'a Run, revision: u64) -> Option<Self> {
        run.snapshot.as_deref().map(|snapshot| Self { snapshot, revision })
    }
}
