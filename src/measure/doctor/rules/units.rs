//! Units that no longer answer: dead ReLUs, saturated tanh and sigmoid, samples stuck at their bounds.

use super::{Curve, Rule, Sign, Words};
use crate::measure::doctor::case::Case;
use crate::measure::doctor::diagnosis::Gravity;
use crate::measure::doctor::remedies::Remedies;
use crate::measure::doctor::vitals::{LayerVitals, Vitals};
use crate::numbers::percent;
use crate::spec::{Layer, Place, Role};

/// With so many units dead a layer is a wall. CS231n's notes name 40 % as what too high a rate leaves; runs here that learned well had up to
/// 85 % (measured on rings with wide layers), so that only nearly all of them count.
pub(super) const DEAD_SHARE: f32 = 0.9;
/// Half of a layer's values at their bounds in all samples.
pub(super) const STUCK: f32 = 0.5;
/// So few values between their bounds, beside those of the data: there is nothing but black and white.
const STUCK_SHARE: f32 = 0.3;

fn worst(vitals: &Vitals, of: fn(&LayerVitals) -> Option<f32>) -> Option<(&LayerVitals, f32)> {
    vitals.layers.iter().filter_map(|layer| Some((layer, of(layer)?))).max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The share of values between their bounds, over that of the data; none where the data itself has hardly any.
fn between_bounds(vitals: &Vitals) -> Option<f32> {
    let [fake, real] = vitals.samples.extreme;
    (real < 0.98).then(|| (1.0 - fake) / (1.0 - real))
}

/// `layer 2 of the generator`
fn layer_name(case: &Case<'_>, layer: &LayerVitals) -> String {
    let name = layer.role.name();
    match case.project.stack(layer.role).position(layer.id) {
        Some(index) => format!("layer {} of the {name}", index + 1),
        None => format!("a layer of the {name}"),
    }
}

pub(in super::super) const DEAD: Rule = Rule {
    name: "dead-units",
    gravity: Gravity::Warning,
    sign: |case, at| {
        let share = worst(case.signs[at], |layer| layer.dead).map_or(0.0, |(_, share)| share);
        Sign::of(share >= DEAD_SHARE, share < 0.8)
    },
    hold: 3,
    clear: 3,
    tell: |case| {
        let worst = case.last().and_then(|vitals| worst(vitals, |layer| layer.dead));
        let mut remedies = Remedies::of(case.project);
        if let Some((layer, _)) = worst {
            remedies = remedies.replace(layer.role, layer.id, Layer::leaky_relu()).rate(layer.role, 0.2);
        }
        let sentence = match worst {
            Some((layer, share)) => {
                format!("{} of the units in {} are dead: they answer 0 to everything", percent(share, 0), layer_name(case, layer))
            }
            None => "Most units of a layer are dead: they answer 0 to everything".to_owned(),
        };
        Words {
            place: worst.map(|(layer, _)| Place::Layer(layer.role, layer.id)),
            sentence,
            why: "A ReLU that is 0 for every sample passes no gradient on, so that nothing ever wakes it again. One step that was too long, or \
                  biases far below zero, are enough. What comes before such a layer no longer learns, and what comes after hardly sees its \
                  input. A LeakyReLU lets a little through and cannot die.",
            remedies: remedies.list(),
        }
    },
    curve: Curve {
        name: "dead units of the worst layer",
        value: |vitals| worst(vitals, |layer| layer.dead).map(|(_, share)| share),
        threshold: Some(DEAD_SHARE),
        logarithmic: false,
        measured: false,
    },
};

pub(in super::super) const SATURATED: Rule = Rule {
    name: "saturated-units",
    gravity: Gravity::Warning,
    sign: |case, at| {
        let share = worst(case.signs[at], |layer| layer.saturated).map_or(0.0, |(_, share)| share);
        Sign::of(share >= STUCK, share < 0.8 * STUCK)
    },
    hold: 3,
    clear: 3,
    tell: |case| {
        let worst = case.last().and_then(|vitals| worst(vitals, |layer| layer.saturated));
        let mut remedies = Remedies::of(case.project);
        if let Some((layer, _)) = worst {
            remedies = remedies.replace(layer.role, layer.id, Layer::leaky_relu()).rate(layer.role, 0.2);
        }
        let sentence = match worst {
            Some((layer, share)) => {
                format!("{} of the values in {} are saturated: they stand at their bounds", percent(share, 0), layer_name(case, layer))
            }
            None => "Most values of a layer are saturated: they stand at their bounds".to_owned(),
        };
        Words {
            place: worst.map(|(layer, _)| Place::Layer(layer.role, layer.id)),
            sentence,
            why: "Tanh and sigmoid are flat near their bounds, so that a saturated unit says the same whatever goes in, and passes almost no \
                  gradient on (Glorot and Bengio, 2010). Weights that are too large do it: those it began with, or those a high rate made.",
            remedies: remedies.list(),
        }
    },
    curve: Curve {
        name: "saturated values of the worst layer",
        value: |vitals| worst(vitals, |layer| layer.saturated).map(|(_, share)| share),
        threshold: Some(STUCK),
        logarithmic: false,
        measured: false,
    },
};

pub(in super::super) const OUTPUT: Rule = Rule {
    name: "samples-saturated",
    gravity: Gravity::Warning,
    sign: |case, at| {
        let Some(share) = between_bounds(case.signs[at]) else { return Sign::Absent };
        Sign::of(share < STUCK_SHARE, share > 1.5 * STUCK_SHARE)
    },
    hold: 3,
    clear: 3,
    tell: |case| {
        let [fake, real] = case.last().map_or([0.0; 2], |vitals| vitals.samples.extreme);
        let norm = Layer::batch_norm();
        Words {
            place: None,
            sentence: format!(
                "The samples are stuck at black and white: {} of their pixels, against {} in the data",
                percent(fake, 0),
                percent(real, 0)
            ),
            why: "The last tanh stands at its bounds, where it is flat: hardly any gradient passes back through it, whatever the discriminator \
                  says. The weights before it grew too large, mostly by a rate that is too high.",
            remedies: Remedies::of(case.project).rate(Role::Generator, 0.2).before_last(Role::Generator, norm).list(),
        }
    },
    curve: Curve {
        name: "values between the bounds, beside the data's",
        value: between_bounds,
        threshold: Some(STUCK_SHARE),
        logarithmic: true,
        measured: false,
    },
};
