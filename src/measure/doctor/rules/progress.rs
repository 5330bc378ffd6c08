//! Where nothing is wrong: getting better, or done.

use super::{Curve, PAIRS, Rule, Sign, Words};
use crate::measure::doctor::case::{Case, MEASURED, between, mean_of};
use crate::measure::doctor::diagnosis::Gravity;
use crate::measure::doctor::remedies::Remedies;
use crate::measure::doctor::vitals::Vitals;
use crate::numbers::{grouped, percent};
use crate::spec::{Decay, Place, Role};

/// Signs that are averaged, and as many for the time before, to see a run learn.
const SOON: usize = 5;
/// It learns where the difference, or the first measures of quality, fell by more than this share.
const FALLEN: f32 = 0.15;
/// A run whose quality changed by less than this share of it, from one quarter of its length to the next, stays where it is. Pictures that
/// still got better changed by 6 % and more (measured here on MNIST and CIFAR-10, `docs/quality.md`).
const STILL: f32 = 0.05;
/// Differences below this are within what so few samples can tell.
const NOISE: f32 = 0.01;
/// It takes so many steps of standing still.
const LONG: u64 = 2_000;

/// What tells how far samples are from the data: less is better.
const DIFFERENCE: Curve = Curve {
    name: "difference between samples and data",
    value: |vitals| Some(difference(vitals)),
    threshold: None,
    logarithmic: true,
    measured: true,
};

/// The difference between samples and data, or quality where there are some measures of it, now and before.
fn now_and_before(case: &Case<'_>, at: usize) -> Option<[f32; 2]> {
    let step = case.signs[at].step;
    if let Some(measured) = case.measured(step) {
        let (before, now) = measured.split_at(measured.len() - MEASURED);
        return Some([mean_of(now), mean_of(&before[before.len() - MEASURED..])]);
    }
    let now = case.mean(at, SOON, difference)?;
    let before = case.mean(at.checked_sub(SOON)?, SOON, difference)?;
    Some([now, before])
}

/// Quality as measured: the mean over the last quarter of the run, and over the quarter before it. None where nothing is measured: what the
/// values of some samples tell stands still long before their quality does.
fn quarters(case: &Case<'_>, at: usize) -> Option<[f32; 2]> {
    let (from, step) = (case.signs.first()?.step, case.signs.get(at)?.step);
    let quarter = step.saturating_sub(from) / 4;
    let measured = case.measured(step)?;
    let mean = |after: u64, to: u64| Some(between(measured, after + 1, to)).filter(|found| found.len() >= MEASURED).map(mean_of);
    Some([mean(step - quarter, step)?, mean(step - 2 * quarter, step - quarter)?])
}

fn difference(vitals: &Vitals) -> f32 {
    vitals.samples.difference.max(0.0)
}

/// The schedule has come to its end, and leaves nothing.
pub(in super::super) const SCHEDULE_OVER: Rule = Rule {
    name: "schedule-over",
    gravity: Gravity::Note,
    sign: |case, at| {
        let (schedule, step) = (case.signs[at].settings.schedule, case.signs[at].step);
        // A run that ends with its schedule does as it should.
        Sign::is(schedule.is_over(step) && step > schedule.steps)
    },
    hold: 1,
    clear: 1,
    tell: |case| {
        let (schedule, now) = (case.project.train.schedule, case.step());
        Words {
            place: Some(Place::Training),
            sentence: format!(
                "Nothing is learned any more: the schedule let the learning rates fall to nothing by step {}",
                grouped(schedule.steps)
            ),
            why: "A schedule that ends at 0 lets a run come to rest at its end. More steps change nothing from here on. Keep what you have, or give \
                  the run more time to learn.",
            remedies: Remedies::of(case.project)
                .settings(format!("Let them fall until step {}", grouped(2 * now)), |train| train.schedule.steps = 2 * now)
                .settings("Constant learning rates", |train| train.schedule.decay = Decay::Constant)
                .list(),
        }
    },
    curve: Curve {
        name: "G's step over its weights",
        value: |vitals| vitals.update(Role::Generator),
        threshold: None,
        logarithmic: true,
        measured: false,
    },
};

pub(in super::super) const CONVERGED: Rule = Rule {
    name: "converged",
    gravity: Gravity::Note,
    sign: |case, at| {
        let Some([now, before]) = quarters(case, at) else { return Sign::Absent };
        let from = case.signs.first().map_or(0, |vitals| vitals.step);
        let is_still = (now - before).abs() < (STILL * before).max(NOISE);
        Sign::of(is_still && case.signs[at].step - from > LONG, !is_still)
    },
    hold: 10,
    clear: 6,
    tell: |case| {
        let apart = case.mean(case.signs.len().saturating_sub(1), SOON, |vitals| vitals.scores.apart).unwrap_or(0.5);
        Words {
            place: None,
            sentence: format!(
                "The run stands where it is: samples no longer come nearer to the data, and D tells {} of pairs apart",
                percent(apart, 0)
            ),
            why: "For the last quarter of the run the quality that was measured is that of the quarter before. A discriminator that only guesses \
                  teaches noise, and going on can undo what was learned (Google's GAN course, \u{201c}GAN training\u{201d}). Keep what you have, \
                  or lower the learning rates to settle.",
            remedies: Remedies::of(case.project).rates(0.2).list(),
        }
    },
    curve: DIFFERENCE,
};

pub(in super::super) const IMPROVING: Rule = Rule {
    name: "improving",
    gravity: Gravity::Note,
    sign: |case, at| {
        if let Some([now, before]) = quarters(case, at) {
            return Sign::is(before - now > (STILL * before).max(NOISE));
        }
        let Some([now, before]) = now_and_before(case, at) else { return Sign::Unclear };
        Sign::is(now < (1.0 - FALLEN) * before && before > NOISE)
    },
    hold: 2,
    clear: 4,
    tell: |_| Words {
        place: None,
        sentence: "It is learning: samples come nearer to the data; give it time".to_owned(),
        why: "The difference between a batch of samples and one of data falls. Losses say less: in a game of two they may stand still while both get \
              better.",
        remedies: Vec::new(),
    },
    curve: DIFFERENCE,
};

/// The discriminator is neither certain nor blind.
pub(in super::super) const BALANCED: Rule = Rule {
    name: "balanced",
    gravity: Gravity::Note,
    sign: |case, at| {
        let Some(apart) = case.mean(at, SOON, |vitals| vitals.scores.apart) else { return Sign::Unclear };
        Sign::is((0.5..0.98).contains(&apart))
    },
    hold: 1,
    clear: 2,
    tell: |case| {
        let apart = case.mean(case.signs.len().saturating_sub(1), SOON, |vitals| vitals.scores.apart).unwrap_or(0.5);
        Words {
            place: None,
            sentence: format!("The two networks are in balance: the discriminator tells {} of pairs apart", percent(apart, 0)),
            why: "Of a real and a generated sample it scores the real one higher so often. At 50 % it only guesses; near 100 % it is certain, and the \
                  generator learns little. Between them both have something to learn.",
            remedies: Vec::new(),
        }
    },
    curve: PAIRS,
};
