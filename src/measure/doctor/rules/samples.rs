//! What the samples are like: all the same, of few kinds, now here and now there.

use super::{Curve, Rule, Sign, Words};
use crate::measure::doctor::case::Case;
use crate::measure::doctor::diagnosis::{Gravity, Remedy};
use crate::measure::doctor::remedies::Remedies;
use crate::measure::doctor::vitals::Vitals;
use crate::numbers::percent;
use crate::spec::{Layer, Role};

/// Samples so much less diverse than the data are one sample with variations. Generators of healthy runs here never stayed below 0.15 after
/// their first steps.
const SAME: f32 = 0.1;
/// Before it a generator may not have begun to tell latents apart.
const BEGUN: u64 = 250;
/// Where most samples are among real ones,
const GOOD: f32 = 0.5;
/// and so few real ones are near a sample, kinds are missing.
const MISSED: f32 = 0.2;
/// where the samples' middle moves no further than this between two looks.
const SETTLED: f32 = 0.3;
/// Samples that move so far between two looks, measured by the data's breadth,
const LEAPT: f32 = 0.5;
/// and stay together meanwhile, leap as one.
const TOGETHER: f32 = 0.5;

fn remedies(case: &Case<'_>) -> Vec<Remedy> {
    let is_points = case.project.data.is_points();
    let batch = case.project.train.batch_size;
    let remedies = Remedies::of(case.project).relativistic(if is_points { 0.1 } else { 1.0 });
    let remedies = remedies.settings_if(batch < 128, format!("Batches of {}", 2 * batch), |train| train.batch_size = 2 * batch);
    let remedies = if is_points { remedies } else { remedies.before_last(Role::Discriminator, Layer::MinibatchStdDev { group: 4 }) };
    remedies.packing(2).rates(0.5).list()
}

pub(in super::super) const COLLAPSED: Rule = Rule {
    name: "mode-collapse",
    gravity: Gravity::Warning,
    sign: |case, at| {
        let vitals = case.signs[at];
        Sign::of(vitals.step >= BEGUN && vitals.samples.diversity < SAME, vitals.samples.diversity > 1.5 * SAME)
    },
    hold: 6,
    clear: 4,
    tell: |case| Words {
        place: None,
        sentence: format!(
            "Mode collapse: the generator makes nearly the same sample whatever the latent ({} of the data's diversity)",
            percent(case.last().map_or(0.0, |vitals| vitals.samples.diversity), 0)
        ),
        why: "It found one sample that the discriminator takes for real, and has no reason to make another: the loss looks at samples one by one. \
              Losses that pair samples with real ones, or a discriminator that sees many samples at once, notice it. It seldom heals by itself; \
              going back to where samples were still diverse is quicker.",
        remedies: remedies(case),
    },
    curve: Curve {
        name: "diversity beside the data's",
        value: |vitals| Some(vitals.samples.diversity),
        threshold: Some(SAME),
        logarithmic: false,
        measured: false,
    },
};

pub(in super::super) const FEW_MODES: Rule = Rule {
    name: "missing-modes",
    gravity: Gravity::Warning,
    sign: |case, at| {
        let recent = |of: fn(&Vitals) -> f32| case.mean(at, 8, of);
        let Some((precision, coverage)) = recent(|vitals| vitals.samples.precision).zip(recent(|vitals| vitals.samples.coverage)) else {
            return Sign::Unclear;
        };
        // Samples that still leap about are near other kinds in a moment.
        let drifted = recent(|vitals| vitals.samples.drifted.unwrap_or(1.0)).unwrap_or(1.0);
        // A generator that never began has no diversity either.
        let has_begun = case.signs[at].step > 2 * BEGUN && case.signs[at].samples.diversity > 1.5 * SAME;
        let is_settled = drifted < SETTLED && has_begun;
        Sign::of(is_settled && precision > GOOD && coverage < MISSED, coverage > 1.5 * MISSED)
    },
    hold: 4,
    clear: 4,
    tell: |case| Words {
        place: None,
        sentence: format!(
            "The generator leaves kinds of data out: its samples are good, but cover {} of the data",
            percent(case.mean(case.signs.len().saturating_sub(1), 8, |vitals| vitals.samples.coverage).unwrap_or(0.0), 0)
        ),
        why: "What it makes lies among real samples, but most real samples have none of it near them (coverage as in Naeem et al., 2020): it \
              collapsed on some kinds of data. The loss does not mind; losses that pair samples with real ones do.",
        remedies: remedies(case),
    },
    curve: Curve {
        name: "share of the data covered",
        value: |vitals| Some(vitals.samples.coverage),
        threshold: Some(MISSED),
        logarithmic: false,
        measured: false,
    },
};

/// Do samples leap as one?
fn leaps(vitals: &Vitals) -> bool {
    vitals.samples.drifted.is_some_and(|drifted| drifted > LEAPT) && vitals.samples.diversity < TOGETHER
}

pub(in super::super) const HOPPING: Rule = Rule {
    name: "mode-hopping",
    gravity: Gravity::Warning,
    sign: |case, at| {
        // Healthy runs search like this for up to 1,300 steps (measured here on the ring).
        let Some(share) = case.share(at, 32, leaps) else { return Sign::Unclear };
        Sign::of(share > 0.85, share < 0.6)
    },
    hold: 1,
    clear: 6,
    tell: |case| Words {
        place: None,
        sentence: "Mode hopping: the generator jumps from one part of the data to the next, all samples together".to_owned(),
        why: "The discriminator learns that what comes from there is generated, the generator leaves for somewhere else, and neither keeps what it \
              learned (Metz et al., 2017). Smaller steps and less momentum make it wander less; R1 takes the reason to flee away \
              (Mescheder et al., 2018).",
        remedies: Remedies::of(case.project)
            .r1(if case.project.data.is_points() { 0.1 } else { 1.0 })
            .rates(0.3)
            .relativistic(if case.project.data.is_points() { 0.1 } else { 1.0 })
            .list(),
    },
    curve: Curve {
        name: "how far all samples moved together",
        value: |vitals| vitals.samples.drifted,
        threshold: Some(LEAPT),
        logarithmic: false,
        measured: false,
    },
};

pub(in super::super) const SEARCHING: Rule = Rule {
    name: "searching",
    gravity: Gravity::Note,
    sign: |case, at| {
        let Some(share) = case.share(at, 4, leaps) else { return Sign::Unclear };
        Sign::of(share > 0.7, share < 0.5)
    },
    hold: 1,
    clear: 2,
    tell: |_| Words {
        place: None,
        sentence: "The generator is still searching: all its samples move together through the data; give it time".to_owned(),
        why: "At first the discriminator only knows where samples are, and the generator flees from there as one. Small networks do that for some \
              hundred to a thousand steps before samples spread out. If it lasts, the rates are too high.",
        remedies: Vec::new(),
    },
    curve: Curve {
        name: "how far all samples moved together",
        value: |vitals| vitals.samples.drifted,
        threshold: Some(LEAPT),
        logarithmic: false,
        measured: false,
    },
};
