//! What is done to samples before the discriminator sees them.

use eframe::egui::Ui;

use super::Form;
use super::groups::{group, lines_ui};
use crate::gui::widgets::controls::{self, Segment};
use crate::gui::widgets::format::percent;
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
        for (index, (name, is_on)) in self.train.augmentation.groups().into_iter().enumerate() {
            let tip = change_sentence(name);
            let heading = if index == 0 { "change" } else { "" };
            is_changed |= rows::row(ui, heading, tip, |ui| controls::switch(ui, name, is_on, tip));
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
        let thousands = Rules::count(1, MAX_RAMP).counting("thousand samples").ending(" k").paced(Pace::Magnitude);
        let response = rows::number(ui, "ramp", tip, &thousands, &mut rules.ramp);
        self.commit_all(changed);
        self.commit(&response, "augmentation ramp");
        if let Some(p) = self.ctx.run.progress.augmentation {
            rows::note(ui, &format!("Each change is now made to {} of all pictures.", percent(p, 0)));
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

#[cfg(test)]
mod tests {
    use super::super::tests::harness;
    use super::*;
    use crate::spec::Shape;
    use eframe::egui::{Event, Key};
    use egui_kittest::kittest::Queryable as _;

    #[test]
    fn changes_are_switched_and_their_strength_is_chosen() {
        let mut harness = harness("digits");
        harness.get_by_label("Augmentation and packs").click();
        harness.run();
        assert!(harness.query_by_label("adaptive").is_none(), "there is nothing to be strong");
        harness.get_by_label("cutout").click();
        harness.run();
        harness.get_by_label("adaptive").click();
        harness.run();
        let rules = harness.state().editor.project().train.augmentation;
        assert_eq!(rules, Augmentation { cutout: true, adaptive: true, ..Augmentation::default() });
        assert!(harness.query_by_label_contains("Each change is now made").is_none());
        harness.state_mut().run.progress.augmentation = Some(0.254);
        harness.run();
        harness.get_by_label("Each change is now made to 25 % of all pictures.");
    }

    #[test]
    fn another_packing_takes_the_discriminators_input_along() {
        let mut harness = harness("ring8");
        harness.get_by_label("Augmentation and packs").click();
        harness.run();
        assert!(harness.query_by_label("cutout").is_none(), "points have nothing to cut out");
        harness.get_by_role_and_label(eframe::egui::accesskit::Role::SpinButton, "packing").focus();
        harness.run();
        harness.key_press(Key::A);
        harness.event(Event::Text("4".to_owned()));
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        let project = harness.state().editor.project().clone();
        assert_eq!((project.train.packing, project.discriminator.input), (4, Shape::vector(8)));
        assert!(harness.state_mut().editor.undo());
        let project = harness.state().editor.project();
        assert_eq!((project.train.packing, project.discriminator.input), (1, Shape::vector(2)));
    }
}
