//! How a layer does in the run, in a few characters, and what that means.

use eframe::egui::{RichText, Ui};

use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::format::percent;
use crate::measure::doctor::LayerVitals;

/// `∇ 0.2  Δ 1e-3`, or `4 % dead`; empty where there is nothing to say.
pub(super) fn text(vitals: &LayerVitals) -> String {
    let gradient = vitals.gradient.map(|gradient| format!("∇ {}", short(gradient)));
    gradient.into_iter().chain(Some(brief(vitals)).filter(|brief| !brief.is_empty())).collect::<Vec<_>>().join("  ")
}

/// The same where there is less room.
pub(super) fn brief(vitals: &LayerVitals) -> String {
    let share = |share: Option<f32>, what: &str| share.filter(|share| *share >= 0.005).map(|share| format!("{} {what}", percent(share, 0)));
    let update = vitals.update.map(|update| format!("Δ {update:.0e}"));
    let parts = [update, share(vitals.dead, "dead"), share(vitals.saturated, "saturated")];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// A length in few characters.
fn short(value: f32) -> String {
    match value {
        0.05..10.0 => format!("{value:.1}"),
        10.0..1000.0 => format!("{value:.0}"),
        _ => format!("{value:.0e}"),
    }
}

/// What each of them means, below the figures of a card.
pub(super) fn ui(ui: &mut Ui, vitals: &LayerVitals) {
    let tokens = theme::tokens(ui);
    let mut line = |value: String, meaning: &str, bad: bool| {
        ui.add_space(SPACE);
        ui.label(RichText::new(value).color(if bad { tokens.warning } else { tokens.text }));
        ui.label(RichText::new(meaning).size(SMALL).color(tokens.quiet));
    };
    let bad = vitals.is_in_trouble();
    if let Some(gradient) = vitals.gradient {
        let meaning = "The length of its gradient: how strongly the loss pulls at its weights. Far shorter than in the layers around it, and it \
                       learns nothing; over 100, and training is about to break.";
        line(format!("∇ {gradient:.1e}"), meaning, gradient > 100.0);
    }
    if let Some(update) = vitals.update {
        let meaning = "How far one step moves its weights, over their own length. About 1e-3 is healthy (Karpathy, CS231n); much more throws \
                       away what was learned, much less stands still. The learning rate sets it.";
        line(format!("Δ {update:.1e}"), meaning, bad);
    }
    if let Some(dead) = vitals.dead {
        let meaning = "Units that are 0 for every sample pass no gradient on and never wake again. Some are no harm; a LeakyReLU has none.";
        line(format!("{} dead units", percent(dead, 0)), meaning, bad);
    }
    if let Some(saturated) = vitals.saturated {
        let meaning = "Values at the bounds of tanh or sigmoid in nearly all samples: there it is flat, and hardly any gradient passes.";
        line(format!("{} saturated values", percent(saturated, 0)), meaning, bad);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{LayerId, Role};

    #[test]
    fn what_there_is_is_said_in_few_characters() {
        let vitals = LayerVitals {
            role: Role::Generator,
            id: LayerId(1),
            gradient: Some(0.0213),
            update: Some(1.2e-3),
            dead: None,
            saturated: None,
        };
        assert_eq!(text(&vitals), "∇ 2e-2  Δ 1e-3");
        let vitals = LayerVitals { gradient: None, update: None, dead: Some(0.042), ..vitals };
        assert_eq!(text(&vitals), "4 % dead");
        assert_eq!(text(&LayerVitals { dead: Some(0.0), ..vitals }), "");
        assert_eq!([0.0, 0.03, 0.26, 13.4, 2_000.0].map(short), ["0e0", "3e-2", "0.3", "13", "2e3"]);
        assert!(!vitals.is_in_trouble() && LayerVitals { dead: Some(0.95), ..vitals }.is_in_trouble());
        assert!(
            LayerVitals { update: Some(0.2), ..vitals }.is_in_trouble() && LayerVitals { update: Some(1e-6), ..vitals }.is_in_trouble()
        );
    }
}
