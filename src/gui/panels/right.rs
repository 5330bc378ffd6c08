//! The right side: training, data, exploring.

use eframe::egui;

use crate::gui::context::ViewContext;
use crate::train::Pictures;

/// The right side.
#[derive(Debug, Default)]
pub struct RightPanel;

impl RightPanel {
    /// Draws it.
    pub fn ui(&mut self, _ctx: &ViewContext<'_>, _ui: &mut egui::Ui) {}

    /// The picture that the explorer shows.
    pub fn picture(&self) -> Option<Pictures> {
        None
    }
}
