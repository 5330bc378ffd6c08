//! The doctor: from a run's vital signs to what is happening, in words, and what to do about it.
//!
//! [`Vitals`] are taken by the run itself, seldom. A rule looks at one of them, and speaks after it has held for some time, so that nothing
//! flickers. Only what was seen under the present settings counts: a treatment has to show what it does. Thresholds come from papers where
//! there is one; where they were measured on the presets here, that is said.

mod case;
mod diagnosis;
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
pub use vitals::{LayerVitals, SampleVitals, ScoreVitals, Series, Vitals};

use crate::spec::Project;

/// Everything there is to say about a run of `project`, what matters most first. `quality` are measures of quality by step, of which less is
/// better, where somebody takes them. Nothing while there is too little to tell by, or while the settings are others than those of the last
/// signs.
pub fn diagnose(project: &Project, series: &Series, quality: Option<&[(u64, f64)]>) -> Vec<Diagnosis> {
    let case = Case::new(project, series, quality);
    let is_treated = case.last().is_none_or(|vitals| !same_treatment(&vitals.settings, &project.train));
    if is_treated {
        return Vec::new();
    }
    let mut found: Vec<_> = rules::RULES.iter().filter_map(|rule| rule.diagnose(&case)).collect();
    // A stable sort: within one gravity the rules' own order stays.
    found.sort_by_key(|diagnosis| diagnosis.gravity);
    found
}
