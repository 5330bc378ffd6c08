//! A run as the rules see it.

use std::sync::Arc;

use super::vitals::{Series, Vitals};
use crate::spec::{Project, Role, TrainSpec};
use crate::train::Equilibrium;

/// So many measures of quality are averaged, and as many for the time before.
pub(super) const MEASURED: usize = 3;

/// The signs of a run since its settings were changed last: what was before says nothing about a treatment.
pub(super) struct Case<'a> {
    pub project: &'a Project,
    pub signs: Vec<&'a Vitals>,
    /// A measure of quality by step, of which less is better, where one is taken.
    pub quality: Option<&'a [(u64, f64)]>,
}

impl<'a> Case<'a> {
    pub fn new(project: &'a Project, series: &'a Series, quality: Option<&'a [(u64, f64)]>) -> Self {
        let last = series.last().map(|vitals| &vitals.settings);
        let same =
            |vitals: &&Arc<Vitals>| last.is_some_and(|last| Arc::ptr_eq(last, &vitals.settings) || same_treatment(last, &vitals.settings));
        let mut signs: Vec<&Vitals> = series.iter().rev().take_while(same).map(|vitals| &**vitals).collect();
        signs.reverse();
        Self { project, signs, quality }
    }

    /// The newest signs.
    pub fn last(&self) -> Option<&'a Vitals> {
        self.signs.last().copied()
    }

    /// The step of the newest signs.
    pub fn step(&self) -> u64 {
        self.last().map_or(0, |vitals| vitals.step)
    }

    /// The `count` signs up to this one; none where there are not so many.
    pub fn recent(&self, at: usize, count: usize) -> Option<&[&'a Vitals]> {
        (at + 1).checked_sub(count).and_then(|from| self.signs.get(from..=at))
    }

    /// What was measured of the run's quality under the present settings up to a step, oldest first; none where that is too little to compare
    /// now with before, or where nothing was measured in the last quarter of that time.
    pub fn measured(&self, step: u64) -> Option<&'a [(u64, f64)]> {
        let from = self.signs.first()?.step;
        let found = between(self.quality?, from, step);
        let is_fresh = found.last().is_some_and(|(at, _)| *at + step.saturating_sub(from) / 4 >= step);
        (found.len() >= 2 * MEASURED && is_fresh).then_some(found)
    }

    /// The mean of something over the `count` signs up to this one.
    pub fn mean(&self, at: usize, count: usize, of: impl Fn(&Vitals) -> f32) -> Option<f32> {
        let recent = self.recent(at, count)?;
        Some(recent.iter().map(|vitals| of(vitals)).sum::<f32>() / count as f32)
    }

    /// How many of the `count` signs up to this one are such; none where there are not so many.
    pub fn share(&self, at: usize, count: usize, is: impl Fn(&Vitals) -> bool) -> Option<f32> {
        self.mean(at, count, |vitals| f32::from(u8::from(is(vitals))))
    }
}

/// Those from one step to another, of measures in the order of their steps.
pub(super) fn between(measures: &[(u64, f64)], from: u64, to: u64) -> &[(u64, f64)] {
    let until = &measures[..measures.partition_point(|(at, _)| *at <= to)];
    &until[until.partition_point(|(at, _)| *at < from)..]
}

/// The mean of measures.
pub(super) fn mean_of(measures: &[(u64, f64)]) -> f32 {
    (measures.iter().map(|(_, value)| value).sum::<f64>() / measures.len() as f64) as f32
}

/// Does a run learn in the same way under both? What it takes up at its next start alone makes no difference.
pub(super) fn same_treatment(a: &TrainSpec, b: &TrainSpec) -> bool {
    TrainSpec { stop: b.stop, ..a.clone().in_run_of(b) } == *b
}

impl Vitals {
    /// The discriminator's loss as a share of what guessing costs it: 1 where it can only guess, 0 where it is certain of every sample. None
    /// where its loss has no such scale.
    pub(super) fn uncertainty(&self) -> Option<f32> {
        let Equilibrium { guessing, certain } = Equilibrium::of(self.settings.loss, self.settings.smoothing)?;
        Some((self.d_loss - certain) / (guessing - certain))
    }

    /// How far the median layer's weights move in a step, over their length, at full learning rate.
    pub(super) fn full_update(&self, role: Role) -> Option<f32> {
        let factor = self.settings.schedule.factor(self.step.saturating_sub(1));
        // While rates warm up or have faded there is little to be told.
        if factor < 0.05 { None } else { Some(self.update(role)? / factor) }
    }
}
