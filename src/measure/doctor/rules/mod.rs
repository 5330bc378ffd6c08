//! The rules: each looks at one sign, and speaks once that has held for some time.

mod balance;
mod progress;
mod rates;
mod samples;
mod units;

use super::case::Case;
use super::diagnosis::{Diagnosis, Evidence, Gravity, Remedy};
use super::vitals::{LayerVitals, Vitals};
use crate::spec::Place;

/// Whether a sign is there at one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// It is.
    Present,
    /// It is not.
    Absent,
    /// Between the two, or nothing can be told.
    Unclear,
}

impl Sign {
    /// Present where one thing holds, absent where another does.
    fn of(present: bool, absent: bool) -> Self {
        match (present, absent) {
            (true, _) => Self::Present,
            (false, true) => Self::Absent,
            (false, false) => Self::Unclear,
        }
    }

    /// Present or absent.
    fn is(present: bool) -> Self {
        Self::of(present, !present)
    }
}

impl LayerVitals {
    /// Is something of it so far from healthy that a rule would speak?
    pub fn is_in_trouble(&self) -> bool {
        let is_odd = |update: f32| !(rates::LOW_UPDATE..=rates::HIGH).contains(&update);
        let is_stuck = |share: Option<f32>, most: f32| share.is_some_and(|share| share >= most);
        self.update.is_some_and(is_odd) || is_stuck(self.dead, units::DEAD_SHARE) || is_stuck(self.saturated, units::STUCK)
    }
}

/// Looks for one thing.
pub(super) struct Rule {
    /// A name that stays.
    pub name: &'static str,
    pub gravity: Gravity,
    /// The sign at this place among the signs.
    pub sign: fn(&Case<'_>, usize) -> Sign,
    /// It speaks after the sign was there so often in a row,
    pub hold: usize,
    /// and falls silent after it was absent so often in a row.
    pub clear: usize,
    /// What it says then.
    pub tell: fn(&Case<'_>) -> Words,
    /// What it is told by.
    pub curve: Curve,
}

/// A number of each sign.
pub(super) struct Curve {
    pub name: &'static str,
    pub value: fn(&Vitals) -> Option<f32>,
    pub threshold: Option<f32>,
    pub logarithmic: bool,
    /// Is it told by measures of quality instead, where there are enough?
    pub measured: bool,
}

/// How often the discriminator scores a real sample above a generated one; who guesses does for half of them.
const PAIRS: Curve = Curve {
    name: "pairs told apart",
    value: |vitals| Some(vitals.scores.apart),
    threshold: Some(0.5),
    logarithmic: false,
    measured: false,
};

/// What a rule says.
pub(super) struct Words {
    pub place: Option<Place>,
    pub sentence: String,
    pub why: &'static str,
    pub remedies: Vec<Remedy>,
}

/// All rules; of those that matter alike the one that says most about the cause is first.
pub(super) static RULES: [Rule; 20] = [
    rates::DIVERGED,
    rates::HIGH_G,
    rates::HIGH_D,
    rates::LOW,
    units::DEAD,
    units::SATURATED,
    units::OUTPUT,
    balance::MEMORISED,
    balance::FOOLED,
    samples::FEW_MODES,
    balance::CERTAIN,
    samples::COLLAPSED,
    samples::HOPPING,
    balance::SWINGING,
    rates::STEEP,
    progress::SCHEDULE_OVER,
    progress::CONVERGED,
    samples::SEARCHING,
    progress::IMPROVING,
    progress::BALANCED,
];

impl Rule {
    /// The step from which on it holds, where it holds now.
    fn since(&self, case: &Case<'_>) -> Option<u64> {
        let (mut speaks_since, mut began, mut present, mut absent) = (None, 0, 0, 0);
        for at in 0..case.signs.len() {
            match (self.sign)(case, at) {
                Sign::Present => {
                    if present == 0 {
                        began = case.signs[at].step;
                    }
                    (present, absent) = (present + 1, 0);
                    if present >= self.hold {
                        speaks_since = speaks_since.or(Some(began));
                    }
                }
                Sign::Absent => {
                    (present, absent) = (0, absent + 1);
                    if absent >= self.clear {
                        speaks_since = None;
                    }
                }
                Sign::Unclear => present = 0,
            }
        }
        speaks_since
    }

    /// What it says now, if anything.
    pub(super) fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let since = self.since(case)?;
        let Words { place, sentence, why, remedies } = (self.tell)(case);
        let Curve { name, value, threshold, logarithmic, measured } = self.curve;
        let taken = case.last().filter(|_| measured).and_then(|last| case.measured(last.step));
        let taken = taken.map(|found| found.iter().map(|(step, value)| (*step, *value as f32)).collect::<Vec<_>>());
        let name = if taken.is_some() { "distance between samples and data, as measured" } else { name };
        let points = taken.unwrap_or_else(|| case.signs.iter().filter_map(|vitals| Some((vitals.step, value(vitals)?))).collect());
        let points = points.into_iter().filter(|(_, value)| value.is_finite()).collect();
        let evidence = Evidence { name, points, threshold, logarithmic, since };
        Some(Diagnosis { rule: self.name, gravity: self.gravity, place, sentence, why, remedies, evidence })
    }
}

/// The step from which on all samples are nearly the same.
pub(super) fn collapsed_since(case: &Case<'_>) -> Option<u64> {
    samples::COLLAPSED.since(case)
}
