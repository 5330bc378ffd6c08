//! Groups of settings that most runs leave alone: they fold, and are open where something in them is set.

use eframe::egui::{CollapsingHeader, Response, RichText, Ui};

use super::Form;
use crate::gui::widgets::controls::{self, Segment};
use crate::gui::widgets::number::{Pace, Rules};
use crate::gui::widgets::rows;
use crate::spec::{
    Decay, GradientClip, InstanceNoise, LabelSmoothing, MAX_BOUND, MAX_EVERY, MAX_NOISE, MAX_PENALTY, Regularisation, Schedule,
};

/// One number of a group: its name, what it does, its value, the largest there is, and a usual one.
pub(super) type Line<'a> = (&'static str, &'static str, &'a mut f32, f32, f32);

impl Form<'_> {
    /// Bounds and penalties on the discriminator.
    pub(super) fn regularisation_ui(&mut self, ui: &mut Ui) {
        let is_set = self.train.regularisation != Regularisation::default();
        group(ui, "Regularisation", "What keeps the discriminator from becoming too sharp. 0 switches each of them off.", is_set, |ui| {
            let rules = &mut self.train.regularisation;
            let lines: Vec<Line<'_>> = vec![
                (
                    "clip weights",
                    "Keeps every weight of the discriminator within ± this, as Wasserstein GANs first had it (0.01). Larger: a sharper critic whose scores may explode; smaller: a blunt one.",
                    &mut rules.clip,
                    MAX_BOUND,
                    0.01,
                ),
                (
                    "gradient penalty",
                    "Pulls the length of gradients towards 1 at random places between real and generated samples (WGAN-GP, 10). Larger: a stricter bound, slower learning and longer steps.",
                    &mut rules.gradient_penalty,
                    MAX_PENALTY,
                    10.0,
                ),
                (
                    "R1",
                    "Pulls gradients towards 0 at real samples, so that the discriminator is flat where the data is. Small pictures take 0.1 to 1, large ones 10 and more. Larger: calmer and blunter.",
                    &mut rules.r1,
                    MAX_PENALTY,
                    1.0,
                ),
                ("R2", "The same at generated samples; R3GAN uses both alike.", &mut rules.r2, MAX_PENALTY, 1.0),
                (
                    "LeCam",
                    "Keeps what the discriminator says close to what it used to say of the other kind of samples; helps with few data (0.1 to 0.3). Costs nothing.",
                    &mut rules.lecam,
                    MAX_PENALTY,
                    0.1,
                ),
            ];
            let changed = lines_ui(ui, lines);
            self.commit_all(changed);
            if self.train.regularisation.punishes_gradients() {
                let tip = "Penalties on gradients are computed at every so many steps of the discriminator, and count so many times (StyleGAN2 uses 16). Larger: faster, and rougher.";
                let response =
                    rows::number(ui, "every", tip, &Rules::count(1, MAX_EVERY).counting("steps"), &mut self.train.regularisation.every);
                self.commit(&response, "penalty every");
            }
        });
    }

    /// How learning rates change, and how long gradients may be.
    pub(super) fn schedule_ui(&mut self, ui: &mut Ui) {
        let is_set = self.train.schedule != Schedule::default() || self.train.clip_gradient != GradientClip::default();
        group(ui, "Schedule", "How both learning rates change over the run, and the longest gradients.", is_set, |ui| {
            let segments = Decay::ALL.map(|value| Segment { value, name: value.name(), tip: decay_sentence(value) });
            let tip = "What becomes of both learning rates, counted in steps of the generator.";
            let (old, mut decay) = (self.train.schedule, self.train.schedule.decay);
            if rows::row(ui, "learning rates", tip, |ui| controls::segmented_filling(ui, "decay", &mut decay, &segments)) {
                self.train.schedule = old.with_decay(decay, self.ctx.run.progress.step, self.train.stop);
                self.choose();
            }
            if self.train.schedule.decay != Decay::Constant {
                let tip = "The step at which learning rates arrive at their lowest. Later: more time to learn, less to settle.";
                let response = rows::number(ui, "lowest at step", tip, &steps(1), &mut self.train.schedule.steps);
                self.commit(&response, "schedule steps");
                let tip = "What is left of learning rates there: 0.1 is a tenth. At 0 nothing moves any more.";
                let changed = lines_ui(ui, vec![("floor", tip, &mut self.train.schedule.floor, 1.0, 0.05)]);
                self.commit_all(changed);
            }
            let tip = "Learning rates rise from zero over so many steps at first, until the optimisers know the size of gradients.";
            let response = rows::number(ui, "warm-up steps", tip, &steps(0), &mut self.train.schedule.warm_up);
            self.commit(&response, "warm-up");
            let GradientClip { generator, discriminator } = &mut self.train.clip_gradient;
            let lines: Vec<Line<'_>> = vec![
                (
                    "clip G gradient",
                    "Scales the generator's gradients down where all of them together are longer than this; 0 leaves them. Smaller: no jumps, slower learning.",
                    generator,
                    MAX_BOUND,
                    1.0,
                ),
                ("clip D gradient", "The same for the discriminator.", discriminator, MAX_BOUND, 1.0),
            ];
            let changed = lines_ui(ui, lines);
            self.commit_all(changed);
        });
    }

    /// What the discriminator is told and shown.
    pub(super) fn noise_ui(&mut self, ui: &mut Ui) {
        let is_set = self.train.smoothing != LabelSmoothing::default() || self.train.noise != InstanceNoise::default();
        group(ui, "Smoothing and noise", "What makes the discriminator less sure of itself. 0 switches each of them off.", is_set, |ui| {
            let has_targets = self.train.loss.has_targets();
            let LabelSmoothing { real, fake } = &mut self.train.smoothing;
            let mut lines: Vec<Line<'_>> = Vec::new();
            if has_targets || *real != 0.0 || *fake != 0.0 {
                lines.push((
                    "smooth real",
                    "Real samples count as 1 less this (0.1), so that the discriminator is never quite sure.",
                    real,
                    0.5,
                    0.1,
                ));
                lines.push((
                    "smooth fake",
                    "Generated samples count as this instead of 0. Usually left at 0: one-sided smoothing.",
                    fake,
                    0.5,
                    0.1,
                ));
            }
            lines.push((
                "instance noise",
                "Normal noise on every sample the discriminator sees, real or generated, so that the two overlap (0.1). Larger: a blunter discriminator and steadier training.",
                &mut self.train.noise.deviation,
                MAX_NOISE,
                0.1,
            ));
            let was_off = self.ctx.project().train.noise.deviation == 0.0;
            let changed = lines_ui(ui, lines);
            if was_off {
                self.train.noise = self.train.noise.with_deviation(self.train.noise.deviation, self.ctx.run.progress.step);
            }
            self.commit_all(changed);
            if self.train.noise.deviation > 0.0 {
                let tip = "The noise falls to nothing on a straight line over so many steps of the generator; 0 lets it stay.";
                let response = rows::number(ui, "gone at step", tip, &steps(0), &mut self.train.noise.steps);
                self.commit(&response, "noise steps");
            }
        });
    }

    pub(super) fn commit_all(&self, changed: Vec<(Response, &'static str)>) {
        for (response, key) in changed {
            self.commit(&response, key);
        }
    }
}

fn decay_sentence(decay: Decay) -> &'static str {
    match decay {
        Decay::Constant => "They stay as they are.",
        Decay::Linear => "They fall to zero on a straight line.",
        Decay::Cosine => "They fall to zero along half a cosine: slowly at both ends.",
    }
}

/// A group that folds; open at first where something in it `is_set`.
pub(super) fn group(ui: &mut Ui, name: &str, tip: &str, is_set: bool, content: impl FnOnce(&mut Ui)) {
    ui.add_space(crate::gui::theme::SPACE);
    let header = CollapsingHeader::new(RichText::new(name).strong()).id_salt(name).default_open(is_set);
    // The lines stand where those of other groups do.
    header.show_unindented(ui, content).header_response.on_hover_text(tip);
}

pub(super) fn lines_ui(ui: &mut Ui, lines: Vec<Line<'_>>) -> Vec<(Response, &'static str)> {
    let draw = |(name, tip, value, high, usual): Line<'_>| (rows::number(ui, name, tip, &amount(high, usual), value), name);
    lines.into_iter().map(draw).collect()
}

/// A number from 0, which is off; from there it goes on at a usual one.
fn amount(high: f32, usual: f32) -> Rules {
    Rules::float(0.0, f64::from(high)).paced(Pace::Magnitude).off_at_zero(f64::from(usual))
}

/// Steps of a run.
fn steps(low: usize) -> Rules {
    Rules::count(low, 1_000_000_000).counting("steps").paced(Pace::Magnitude)
}
