//! The doctor: from a run's vital signs to what is happening, in words, and what to do about it.
//!
//! [`Vitals`] are taken by the run itself, seldom. A rule looks at one of them, and speaks after it has held for some time, so that nothing
//! flickers. Only what was seen under the present settings counts: a treatment has to show what it does. Thresholds come from papers where
//! there is one; where they were measured on the presets here, that is said.

mod case;
mod diagnosis;
mod relapse;
mod remedies;
mod rules;
pub mod statistics;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trials;
mod vitals;

use case::{Case, same_treatment};
pub use diagnosis::{Diagnosis, Evidence, Gravity, Remedy};
pub use relapse::collapsed_since;
pub use vitals::{LayerVitals, SampleVitals, ScoreVitals, Series, Vitals};

use crate::spec::Project;

/// Everything there is to say about a run of `project`, what matters most first. `quality` are measures of quality by step, of which less is
/// better, where somebody takes them. Nothing while there is too little to tell by, or while the settings are others than those of the last
/// signs.
pub fn diagnose(project: &Project, series: &Series, quality: Option<&[(u64, f64)]>) -> Vec<Diagnosis> {
    let Some(case) = case(project, series, quality) else { return Vec::new() };
    ordered().filter_map(|rule| rule.diagnose(&case)).collect()
}

/// What matters most of [`diagnose`], for less work.
pub fn first(project: &Project, series: &Series, quality: Option<&[(u64, f64)]>) -> Option<Diagnosis> {
    let case = case(project, series, quality)?;
    ordered().find_map(|rule| rule.diagnose(&case))
}

/// Does the run wait for its first signs under the settings that it has now? Those of before say nothing about them.
pub fn is_waiting(project: &Project, series: &Series) -> bool {
    series.last().is_none_or(|vitals| !same_treatment(&vitals.settings, &project.train))
}

/// The run as rules see it, unless it waits for its signs.
fn case<'a>(project: &'a Project, series: &'a Series, quality: Option<&'a [(u64, f64)]>) -> Option<Case<'a>> {
    (!is_waiting(project, series)).then(|| Case::new(project, series, quality))
}

/// The rules, those that matter most first; within one gravity their own order stays.
fn ordered() -> impl Iterator<Item = &'static rules::Rule> {
    Gravity::ALL.into_iter().flat_map(|gravity| rules::RULES.iter().filter(move |rule| rule.gravity == gravity))
}
