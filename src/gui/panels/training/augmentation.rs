//! What is done to samples before the discriminator sees them.

use eframe::egui::Ui;

use super::Form;
use super::groups::{group, lines_ui};
use crate::gui::widgets::controls::{self, Segment};
use crate::gui::widgets::number::{Pace, Rules};
use crate::gui::widgets::rows;
use crate::spec::{Augmentation, MAX_PACKING, MAX_RAMP};

impl Form<'_> {
    /// Augmentation and packs.
    pub(super) fn augmentation_ui(&mut self, ui: &mut Ui) {
        let is_set = self.train.augmentation != Augmentation::default() || self.train.packing != 1;
        let tip = "What is done to samples before the discriminator sees them: against learning few pictures by heart, and against generators that make only a few kinds of samples.";
        group(ui, "Augmentation and packs", tip, is_set, |ui| {
            if !self.ctx.project().data.is_points() || self.train.augmentation.is_on() {
                self.changes_ui(ui);
            }
            if self.train.augmentation.is_on() {
                self.strength_ui(ui);
            }
            let tip = "So many samples of a kind are judged at once (PacGAN), which shows the discriminator how much they differ. Larger: missing kinds of samples are noticed sooner, but there are fewer verdicts in a batch. The batch size has to be a multiple of it, and the discriminator's first layer begins anew at the next start.";
            let rules = Rules::count(1, MAX_PACKING).counting("samples");
            let response = rows::number(ui, "packing", tip, &rules, &mut self.train.packing);
            self.commit(&response, "packing");
        });
    }

    fn changes_ui(&mut self, ui: &mut Ui) {
        let mut is_changed = false;
        for (name, is_on) in self.train.augmentation.groups() {
            let tip = change_sentence(name);
            is_changed |= rows::row(ui, name, tip, |ui| controls::switch(ui, if *is_on { "on" } else { "off" }, is_on, tip));
        }
        if is_changed {
            self.choose();
        }
    }

    fn strength_ui(&mut self, ui: &mut Ui) {
        let segments = [
            Segment { value: false, name: "fixed", tip: "Always the same probability; 1 changes every picture, as DiffAugment does." },
            Segment {
                value: true,
                name: "adaptive",
                tip: "Begins at 0 and rises while the discriminator is too sure of real pictures (ADA): as much as the data need.",
            },
        ];
        let tip = "How the probability is chosen with which each of these changes is made to each picture.";
        let adaptive = &mut self.train.augmentation.adaptive;
        if rows::row(ui, "strength", tip, |ui| controls::segmented_filling(ui, "strength", adaptive, &segments)) {
            self.choose();
        }
        let rules = &mut self.train.augmentation;
        if !rules.adaptive {
            let tip = "Each change is made to each picture with this probability. Larger: the discriminator finds it harder to learn few pictures by heart; at 1 the generator may begin to make changed pictures itself.";
            let response = rows::number(ui, "probability", tip, &share(), &mut rules.probability);
            return self.commit(&response, "augmentation probability");
        }
        let lines = vec![(
            "target",
            "The probability rises while the mean sign of what the discriminator says of real pictures is above this, and falls below it: 0 is guessing, 1 is always right. Larger: less augmentation, later.",
            &mut rules.target,
            1.0,
            0.6,
        )];
        let changed = lines_ui(ui, lines);
        let tip = "Thousands of real samples that the probability takes from 0 to 1 at least. Larger: it follows more slowly. Long runs take 500, as the paper of ADA; short ones get nowhere with that.";
        let thousands = Rules::count(1, MAX_RAMP).counting("thousand samples").paced(Pace::Magnitude);
        let response = rows::number(ui, "ramp", tip, &thousands, &mut rules.ramp);
        self.commit_all(changed);
        self.commit(&response, "augmentation ramp");
        if let Some(p) = self.ctx.run.progress.augmentation {
            rows::note(ui, &format!("Each change is now made to {:.0} % of all pictures.", 100.0 * p));
        }
    }
}

/// A number between 0 and 1.
fn share() -> Rules {
    Rules::float(0.0, 1.0)
}

fn change_sentence(name: &str) -> &'static str {
    match name {
        "colour" => "Brightness, saturation and contrast change at random. Leave it off where colours alone tell kinds of pictures apart.",
        "translation" => "Pictures move by up to an eighth of their size. The edge that comes in is middle grey.",
        _ => "A rectangle of half the picture's size becomes middle grey, so that the discriminator has to look at all of it.",
    }
}
