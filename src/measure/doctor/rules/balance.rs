//! Whether one network has the better of the other.

use super::{Curve, PAIRS, Rule, Sign, Words};
use crate::measure::doctor::case::Case;
use crate::measure::doctor::diagnosis::Gravity;
use crate::measure::doctor::remedies::Remedies;
use crate::numbers::percent;
use crate::spec::{Layer, Loss, Role};

/// A discriminator that has so little of a guesser's loss left is certain of nearly every sample.
const CERTAIN_LOSS: f32 = 0.15;
/// And tells so many pairs apart. 80 to 95 % is healthy (Keras' example "Data-efficient GANs with adaptive discriminator augmentation").
const CERTAIN_PAIRS: f32 = 0.98;
/// A gradient of which so little is left is worth a word.
const FADED: f32 = 0.1;
/// A generator that wins more often than not fools the discriminator.
const FOOLED_PAIRS: f32 = 0.45;
/// Samples that are no better than at the beginning: untrained generators are at 0.3 (measured here).
const FAR: f32 = 0.25;
/// Training samples scored above held-out ones so often, by chance in one of a thousand looks, are known by heart.
const KNOWN: f32 = 0.1;
/// And a third of what tells data from samples tells training data from held-out data.
const MEMORISED_SHARE: f32 = 0.3;
/// Signs that are taken together, as each is of few samples.
const TOGETHER: usize = 6;

/// The mean probability, over some signs, by which training samples are scored above held-out ones, less that of chance.
fn known(case: &Case<'_>, at: usize) -> Option<f32> {
    let recent = case.recent(at, TOGETHER)?;
    recent.iter().map(|vitals| vitals.scores.known).sum::<Option<f32>>().map(|sum| sum / TOGETHER as f32 - 0.5)
}

/// ADA's `r_v` over some signs: sums first, as single gaps may be near 0.
fn memorised(case: &Case<'_>, at: usize) -> Option<f32> {
    let recent = case.recent(at, TOGETHER)?;
    let held = recent.iter().map(|vitals| Some(vitals.scores.train - vitals.scores.held_out?)).sum::<Option<f32>>()?;
    let apart: f32 = recent.iter().map(|vitals| vitals.scores.train - vitals.scores.fake).sum();
    (apart > 0.0).then(|| held / apart)
}

pub(in super::super) const MEMORISED: Rule = Rule {
    name: "discriminator-overfits",
    gravity: Gravity::Warning,
    sign: |case, at| {
        let Some((known, share)) = known(case, at).zip(memorised(case, at)) else { return Sign::Unclear };
        // With few held-out samples chance reaches further: a quarter of them is two deviations.
        let held = case.signs[at].scores.held_count.max(1) as f32;
        let bound = KNOWN.max(0.7 / held.sqrt());
        Sign::of(known > bound && share > MEMORISED_SHARE, known < 0.6 * bound)
    },
    hold: 3,
    clear: 4,
    tell: |case| {
        let at = case.signs.len().saturating_sub(1);
        let share = known(case, at).map_or(0.0, |known| known + 0.5);
        Words {
            place: None,
            sentence: format!(
                "The discriminator learns its samples by heart: it scores those it trains on above held-out ones in {} of pairs",
                percent(share, 0)
            ),
            why: "It no longer looks for what makes data real, but for the very samples it has seen, so that the generator is taught noise. It \
                  happens where samples are few: their gap to held-out ones, over the gap to generated ones, is what adaptive augmentation \
                  watches (Karras et al., 2020, equation 1). More data helps most, then augmentation, then a discriminator that is kept gentle.",
            remedies: Remedies::of(case.project)
                .augmentation()
                .r1(if case.project.data.is_points() { 0.1 } else { 1.0 })
                .before_last(Role::Discriminator, Layer::Dropout { rate: 0.3 })
                .noise(0.1, case.step())
                .rate(Role::Discriminator, 0.5)
                .list(),
        }
    },
    curve: Curve {
        name: "training above held-out samples",
        value: |vitals| vitals.scores.known,
        threshold: Some(0.5 + KNOWN),
        logarithmic: false,
        measured: false,
    },
};

/// The generator's gradient now, as a share of what it was when the signs begin; none while there are too few to tell.
fn left_of_gradient(case: &Case<'_>) -> Option<f32> {
    let mean = |at| case.mean(at, TOGETHER, |vitals| vitals.gradient(Role::Generator));
    let [first, now] = [mean(TOGETHER - 1)?, mean(case.signs.len().checked_sub(1)?)?];
    (first > 0.0).then(|| now / first)
}

pub(in super::super) const CERTAIN: Rule = Rule {
    name: "discriminator-too-strong",
    gravity: Gravity::Warning,
    sign: |case, at| {
        let vitals = case.signs[at];
        let Some(uncertainty) = vitals.uncertainty() else { return Sign::Absent };
        Sign::of(uncertainty < CERTAIN_LOSS && vitals.scores.apart > CERTAIN_PAIRS, uncertainty > 2.0 * CERTAIN_LOSS)
    },
    hold: 6,
    clear: 3,
    tell: |case| {
        let train = &case.project.train;
        let apart = case.last().map_or(1.0, |vitals| vitals.scores.apart);
        let vanished = left_of_gradient(case).filter(|left| *left < FADED);
        let vanished =
            vanished.map(|left| format!("; {} of its first gradient is left to the generator", percent(left, 0))).unwrap_or_default();
        Words {
            place: None,
            sentence: format!(
                "The discriminator is too strong: it tells {} of pairs apart and is certain of it{vanished}",
                percent(apart, 0)
            ),
            why: "Where it is certain, its verdict no longer changes with the sample, so that the generator is not told which way is better: its \
                  gradient vanishes (Goodfellow et al., 2014, section 3; Arjovsky and Bottou, 2017). A loss near 0 means that \
                  (Chintala et al., 2016, section 10); that it is right in 80 to 95 of 100 cases is healthy (Keras' example of ADA).",
            remedies: Remedies::of(case.project)
                .settings_if(train.loss == Loss::Minimax, "Non-saturating loss", |train| *train = train.with_loss(Loss::NonSaturating))
                .settings_if(train.d_steps_per_g_step > 1, "One D step for each G step", |train| train.d_steps_per_g_step = 1)
                .rate(Role::Discriminator, 0.25)
                .noise(0.1, case.step())
                .r1(if case.project.data.is_points() { 0.1 } else { 1.0 })
                .list(),
        }
    },
    curve: Curve {
        name: "D's loss, as a share of a guesser's",
        value: |vitals| vitals.uncertainty(),
        threshold: Some(CERTAIN_LOSS),
        logarithmic: true,
        measured: false,
    },
};

pub(in super::super) const FOOLED: Rule = Rule {
    name: "discriminator-too-weak",
    gravity: Gravity::Warning,
    sign: |case, at| {
        let Some(share) = case.share(at, 6, |vitals| vitals.scores.apart < FOOLED_PAIRS && vitals.samples.difference > FAR) else {
            return Sign::Unclear;
        };
        Sign::of(share >= 0.8, share < 0.5)
    },
    hold: 1,
    clear: 3,
    tell: |case| {
        let updates = |role| case.last().and_then(|vitals| vitals.full_update(role));
        // A discriminator that moves far more slowly than the generator cannot follow it.
        let slow =
            updates(Role::Generator).zip(updates(Role::Discriminator)).map(|(g, d)| g.max(1e-3) / d.max(1e-9)).filter(|ratio| *ratio > 5.0);
        let mut remedies = Remedies::of(case.project);
        if let Some(ratio) = slow {
            let [g, d] = Role::BOTH.map(|role| case.project.train.optimiser(role).learning_rate);
            // At most the generator's rate, or a good deal more than it has.
            remedies = remedies.rate(Role::Discriminator, ratio.min((g / d).max(2.0)));
        }
        let steps = case.project.train.d_steps_per_g_step;
        Words {
            place: None,
            sentence: "The generator fools the discriminator with samples that are nothing like the data".to_owned(),
            why: "The discriminator scores generated samples above real ones, although the two are far apart: it cannot follow, and the generator \
                  runs wherever it is blind. A falling generator loss then means nothing (Chintala et al., 2016, section 10). It needs more \
                  steps, a higher rate, or more layers.",
            remedies: remedies
                .settings(format!("{} D steps for each G step", (2 * steps).max(2)), |train| train.d_steps_per_g_step = (2 * steps).max(2))
                .rate(Role::Generator, 0.2)
                .list(),
        }
    },
    curve: Curve { threshold: Some(FOOLED_PAIRS), ..PAIRS },
};

/// Signs over which swings are counted, and how many are too many: a healthy run settles.
const SWINGS_OVER: usize = 48;
const SWINGS: usize = 14;

/// How often the upper hand changed over the last signs: from pairs told apart by chance or worse to nearly all of them, or back.
fn swings(case: &Case<'_>, at: usize) -> Option<usize> {
    let recent = case.recent(at, SWINGS_OVER)?;
    let sides = recent.iter().filter_map(|vitals| match vitals.scores.apart {
        apart if apart > 0.85 => Some(true),
        apart if apart < 0.5 => Some(false),
        _ => None,
    });
    let sides: Vec<bool> = sides.collect();
    Some(sides.windows(2).filter(|pair| pair[0] != pair[1]).count())
}

pub(in super::super) const SWINGING: Rule = Rule {
    name: "oscillation",
    gravity: Gravity::Warning,
    sign: |case, at| {
        let Some(swings) = swings(case, at) else { return Sign::Unclear };
        Sign::of(swings >= SWINGS, swings < SWINGS / 2)
    },
    hold: 1,
    clear: 5,
    tell: |case| Words {
        place: None,
        sentence: "The two networks chase each other in circles: now one, now the other has the upper hand".to_owned(),
        why: "Each step of one undoes the last of the other, as on a circle around the balance instead of into it. Gradient steps do that in a game \
              of two unless something damps them: R1 makes such circles spirals that end (Mescheder et al., 2018), lower rates and less \
              momentum make them smaller, and averaging the generator stands in their middle (Yazici et al., 2019).",
        remedies: Remedies::of(case.project)
            .r1(if case.project.data.is_points() { 0.1 } else { 1.0 })
            .rates(0.3)
            .settings_if(case.project.train.ema_decay == 0.0, "Average the generator (0.995)", |train| train.ema_decay = 0.995)
            .list(),
    },
    curve: PAIRS,
};
