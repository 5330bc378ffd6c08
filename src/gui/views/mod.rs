//! The middle: samples and curves.

use eframe::egui;

use super::context::ViewContext;

/// The middle.
#[derive(Debug, Default)]
pub struct Centre;

impl Centre {
    /// Draws it.
    pub fn ui(&mut self, _ctx: &ViewContext<'_>, _ui: &mut egui::Ui) {}
}
