//! The right side: settings of training, the data, and the explorer.

use eframe::egui::{ScrollArea, Ui};

use super::data::DataPanel;
use super::explore::ExplorePanel;
use super::quality::QualityPanel;
use super::training;
use crate::gui::context::ViewContext;
use crate::gui::theme::SPACE;
use crate::gui::widgets::controls::{self, Segment};
use crate::spec::Place;
use crate::train::Pictures;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Tab {
    #[default]
    Train,
    Data,
    Explore,
    Quality,
}

/// The right side.
#[derive(Debug, Default)]
pub struct RightPanel {
    tab: Tab,
    data: DataPanel,
    explore: ExplorePanel,
    quality: QualityPanel,
}

impl RightPanel {
    /// Draws the right side.
    pub fn ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) {
        let tabs = [
            Segment { value: Tab::Train, name: "Train", tip: "How the two networks are trained." },
            Segment { value: Tab::Data, name: "Data", tip: "Where real samples come from, and what they look like." },
            Segment { value: Tab::Explore, name: "Explore", tip: "Move through the latent space and see what the generator makes of it." },
            Segment { value: Tab::Quality, name: "Quality", tip: "How good samples are, beside real ones, and the best so far." },
        ];
        controls::segmented_filling(ui, "right side", &mut self.tab, &tabs);
        ui.add_space(SPACE);
        match self.tab {
            Tab::Train => scrolled(ui, Tab::Train, |ui| training::ui(ctx, ui)),
            Tab::Data => scrolled(ui, Tab::Data, |ui| self.data.ui(ctx, ui)),
            // It scrolls its sliders itself, below a picture that stays.
            Tab::Explore => self.explore.ui(ctx, ui),
            Tab::Quality => scrolled(ui, Tab::Quality, |ui| self.quality.ui(ctx, ui)),
        }
    }

    /// Opens the tab where a fault is; says whether there is one.
    pub fn reveal(&mut self, place: Place) -> bool {
        self.tab = match place {
            Place::Training => Tab::Train,
            Place::Data => Tab::Data,
            _ => return false,
        };
        true
    }

    /// Opens the explorer at a latent vector.
    pub fn explore(&mut self, latent: Vec<f32>) {
        self.tab = Tab::Explore;
        self.explore.go_to(latent);
    }

    /// Does something here move by itself?
    pub fn is_moving(&self) -> bool {
        self.tab == Tab::Explore && self.explore.is_walking()
    }

    /// Does the explorer show what its sliders say?
    pub fn is_drawn(&self) -> bool {
        self.explore.is_drawn()
    }

    /// The explorer's picture, where it shows one.
    pub fn picture(&self) -> Option<Pictures> {
        self.explore.picture()
    }
}

fn scrolled(ui: &mut Ui, tab: Tab, contents: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().id_salt(tab).auto_shrink(false).show(ui, |ui| {
        // Keeps the scroll bar off the controls.
        ui.set_max_width(ui.available_width() - 2.0 * SPACE);
        contents(ui);
        ui.add_space(4.0 * SPACE);
    });
}

#[cfg(test)]
mod tests {
    use crate::gui::fixtures::World;
    use crate::gui::look::{Window, drive};
    use egui_kittest::kittest::Queryable as _;

    #[test]
    fn tabs_are_kept_and_reached_from_the_keyboard() {
        let mut harness = drive(Window::new(World::running("digits", 10)));
        harness.run();
        assert!(harness.query_by_label("batch size").is_some(), "it begins with the settings of training");
        harness.get_by_label("Data").focus();
        harness.run();
        harness.key_press(eframe::egui::Key::Enter);
        harness.run();
        assert!(harness.query_by_label("batch size").is_none());
        assert!(harness.query_by_label("to train on").is_some());
    }
}
