//! How fast weights move: too fast, too slowly, away.

use super::{Curve, Rule, Sign, Words};
use crate::measure::doctor::case::Case;
use crate::measure::doctor::diagnosis::Gravity;
use crate::measure::doctor::remedies::Remedies;
use crate::measure::doctor::vitals::Vitals;
use crate::numbers::percent;
use crate::spec::{Place, Role};

/// One step that moves weights by this share of their length throws away what they held.
const THROWN: f32 = 0.5;
/// Steps of this size leave nothing in place for long. Healthy are about 1e-3 (CS231n); small networks at high rates reach 0.05 in their
/// first steps and learn all the same (measured here on the presets).
pub(super) const HIGH: f32 = 0.08;
/// While networks find their scale steps may be longer: those of the discriminator of `grey28` reach 0.17 and it learns all the same (measured
/// here).
const SETTLING: u64 = 50;
/// Steps are of a usual size again.
const USUAL: f32 = 0.02;
/// In a thousand steps such weights move by some hundredths of their length: they learn nothing that can be seen.
pub(super) const LOW_UPDATE: f32 = 3e-5;
/// "If gradient norms are over 100, things are screwing up" (Chintala et al., "How to train a GAN", 2016, section 10).
const STEEP_GRADIENT: f32 = 100.0;
/// What a step should move weights by, to begin with.
const WANTED: f32 = 5e-3;

pub(in super::super) const DIVERGED: Rule = Rule {
    name: "diverged",
    gravity: Gravity::Critical,
    sign: |case, at| {
        let vitals = case.signs[at];
        Sign::is(vitals.broken.is_some() || !vitals.gradients.iter().all(|gradient| gradient.is_finite()))
    },
    hold: 1,
    clear: 1,
    tell: |case| {
        let broken = case.last().and_then(|vitals| vitals.broken);
        let whose = broken.map_or_else(|| "networks'".to_owned(), |role| format!("{}'s", role.name()));
        Words {
            place: Some(Place::Training),
            sentence: format!("The run diverged: the {whose} numbers grew until they were no numbers any more"),
            why: "Steps were so long that each overshot further than the one before. Weights that are no numbers never come back: go on from the \
                  last good ones, with smaller steps. Clipping gradients keeps a single bad batch from throwing all weights away \
                  (Pascanu et al., 2013).",
            remedies: Remedies::of(case.project)
                .rates(0.1)
                .settings_if(case.project.train.clip_gradient.generator == 0.0, "Clip gradients at 1", |train| {
                    (train.clip_gradient.generator, train.clip_gradient.discriminator) = (1.0, 1.0);
                })
                .r1(1.0)
                .list(),
        }
    },
    curve: Curve {
        name: "length of D's gradient",
        value: |vitals| Some(vitals.gradient(Role::Discriminator)),
        threshold: Some(STEEP_GRADIENT),
        logarithmic: true,
        measured: false,
    },
};

fn high(case: &Case<'_>, at: usize, role: Role) -> Sign {
    let vitals = case.signs[at];
    // Clipped weights are small beside any step, and bounded.
    if role == Role::Discriminator && vitals.settings.regularisation.clip > 0.0 {
        return Sign::Absent;
    }
    let Some(update) = vitals.full_update(role) else { return Sign::Unclear };
    // Adam's first steps move every weight by the whole rate, whatever its gradient.
    let is_high = vitals.step > SETTLING && update > HIGH && case.recent(at, 2).is_none_or(|recent| is_high_on(recent, role));
    let is_hurt = vitals.layers.iter().any(|layer| layer.role == role && layer.dead.is_some_and(|dead| dead >= 0.9));
    Sign::of(update > THROWN || is_high, update < USUAL && !is_hurt)
}

fn is_high_on(recent: &[&Vitals], role: Role) -> bool {
    recent.iter().all(|vitals| vitals.full_update(role).is_some_and(|update| update > HIGH))
}

fn high_words(case: &Case<'_>, role: Role) -> Words {
    let largest = case.signs.iter().filter_map(|vitals| vitals.full_update(role)).fold(0.0, f32::max);
    let name = role.name();
    let remedies = Remedies::of(case.project).rate(role, (WANTED / largest).min(0.5));
    let clip = case.project.train.clip_gradient;
    let is_clipped = if role == Role::Generator { clip.generator } else { clip.discriminator } > 0.0;
    Words {
        place: Some(Place::Training),
        sentence: format!("The {name}'s learning rate is too high: a step moved its weights by {} of their length", percent(largest, 0)),
        why: "A network improves by many small corrections. Steps this long throw away what was learned before, push ReLUs to where they never \
              answer again, and make the other network chase a target that is never where it was. About a thousandth of the weights' length is \
              healthy (Karpathy, CS231n notes). Begin again with a lower rate: thrown weights seldom recover.",
        remedies: remedies
            .settings_if(!is_clipped && largest < THROWN, "Clip gradients at 1", |train| match role {
                Role::Generator => train.clip_gradient.generator = 1.0,
                Role::Discriminator => train.clip_gradient.discriminator = 1.0,
            })
            .list(),
    }
}

pub(in super::super) const HIGH_G: Rule = Rule {
    name: "generator-rate-high",
    gravity: Gravity::Warning,
    sign: |case, at| high(case, at, Role::Generator),
    hold: 1,
    clear: 10,
    tell: |case| high_words(case, Role::Generator),
    curve: Curve {
        name: "G's step over its weights",
        value: |vitals| vitals.update(Role::Generator),
        threshold: Some(HIGH),
        logarithmic: true,
        measured: false,
    },
};

pub(in super::super) const HIGH_D: Rule = Rule {
    name: "discriminator-rate-high",
    gravity: Gravity::Warning,
    sign: |case, at| high(case, at, Role::Discriminator),
    hold: 1,
    clear: 10,
    tell: |case| high_words(case, Role::Discriminator),
    curve: Curve {
        name: "D's step over its weights",
        value: |vitals| vitals.update(Role::Discriminator),
        threshold: Some(HIGH),
        logarithmic: true,
        measured: false,
    },
};

pub(in super::super) const LOW: Rule = Rule {
    name: "rates-low",
    gravity: Gravity::Warning,
    sign: |case, at| {
        let update = |role| case.signs[at].full_update(role);
        let Some((g, d)) = update(Role::Generator).zip(update(Role::Discriminator)) else { return Sign::Unclear };
        Sign::is(g < LOW_UPDATE && d < LOW_UPDATE)
    },
    hold: 4,
    clear: 2,
    tell: |case| {
        let largest = |role| case.signs.iter().filter_map(|vitals| vitals.full_update(role)).fold(0.0, f32::max);
        let factor = |role| (WANTED / largest(role).max(1e-9)).clamp(2.0, 1e5);
        let factor = factor(Role::Generator).min(factor(Role::Discriminator));
        Words {
            place: Some(Place::Training),
            sentence: "The learning rates are too low: both networks stand almost still".to_owned(),
            why: "A step moves the weights by less than a thirty-thousandth of their length, where a thousandth is healthy (Karpathy, CS231n \
                  notes). Nothing is wrong with the direction: at this pace it would take days. With Adam, 1e-4 to 1e-3 is usual for GANs.",
            remedies: Remedies::of(case.project).rates(factor).rates(factor / 10.0).list(),
        }
    },
    curve: Curve {
        name: "G's step over its weights",
        value: |vitals| vitals.update(Role::Generator),
        threshold: Some(LOW_UPDATE),
        logarithmic: true,
        measured: false,
    },
};

fn steepest(vitals: &Vitals) -> f32 {
    vitals.gradients.into_iter().fold(0.0, f32::max)
}

pub(in super::super) const STEEP: Rule = Rule {
    name: "gradients-long",
    gravity: Gravity::Warning,
    sign: |case, at| {
        let vitals = case.signs[at];
        // Long gradients do no harm where samples come near the data all the same.
        Sign::of(steepest(vitals) > STEEP_GRADIENT && vitals.samples.difference > 0.2, steepest(vitals) < 0.5 * STEEP_GRADIENT)
    },
    hold: 6,
    clear: 4,
    tell: |case| Words {
        place: Some(Place::Training),
        sentence: format!(
            "Gradients stay very long ({:.0}), and the samples do not come nearer to the data",
            case.last().map_or(0.0, steepest)
        ),
        why: "Over 100 something is going wrong (Chintala et al., \u{201c}How to train a GAN\u{201d}, 2016, section 10): the discriminator has become so \
              steep that a small change of a sample changes its verdict completely. Clipping shortens such steps; R1 keeps the discriminator \
              from becoming steep at all (Mescheder et al., 2018).",
        remedies: Remedies::of(case.project)
            .r1(1.0)
            .settings_if(case.project.train.clip_gradient.generator == 0.0, "Clip gradients at 1", |train| {
                (train.clip_gradient.generator, train.clip_gradient.discriminator) = (1.0, 1.0);
            })
            .rates(0.3)
            .list(),
    },
    curve: Curve {
        name: "longest gradient",
        value: |vitals| Some(steepest(vitals)),
        threshold: Some(STEEP_GRADIENT),
        logarithmic: true,
        measured: false,
    },
};
