//! What the doctor says of the run, computed once for each set of vital signs.

use crate::gui::run::{Phase, Run};
use crate::measure::doctor::{Diagnosis, diagnose};
use crate::spec::Project;

/// The diagnoses and what they were made for.
#[derive(Debug, Default)]
pub(super) struct Doctor {
    /// The project's revision, how many signs there were, and the step of the last.
    made_for: Option<(u64, usize, u64)>,
    list: Vec<Diagnosis>,
}

impl Doctor {
    /// Looks again, if there is anything new to look at.
    pub fn consult(&mut self, project: &Project, revision: u64, run: &Run) {
        let last = run.vitals.last().filter(|_| run.phase != Phase::Idle);
        let key = last.map(|last| (revision, run.vitals.len(), last.step));
        if key != self.made_for {
            self.made_for = key;
            self.list = if key.is_some() { diagnose(project, &run.vitals, None) } else { Vec::new() };
        }
    }

    /// What matters most first.
    pub fn list(&self) -> &[Diagnosis] {
        &self.list
    }
}
