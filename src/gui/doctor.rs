//! What the doctor says of the run, computed once for each set of vital signs.

use std::time::{Duration, Instant};

use crate::gui::run::{Phase, Run};
use crate::measure::doctor::{Diagnosis, diagnose};
use crate::spec::Project;

/// It is looked again so often at most while a run goes on.
const PAUSE: Duration = Duration::from_millis(300);

/// The diagnoses and what they were made for.
#[derive(Debug, Default)]
pub(super) struct Doctor {
    /// The project's revision, how many signs there were, and the step of the last.
    made_for: Option<(u64, usize, u64)>,
    /// When.
    at: Option<Instant>,
    list: Vec<Diagnosis>,
}

impl Doctor {
    /// Looks again, if there is anything new to look at.
    pub fn consult(&mut self, project: &Project, revision: u64, run: &Run) {
        let last = run.vitals.last().filter(|_| run.phase != Phase::Idle);
        let key = last.map(|last| (revision, run.vitals.len(), last.step));
        // A quick run takes signs more often than anybody reads; a later frame will see these.
        let is_soon = run.phase == Phase::Running && self.at.is_some_and(|at| at.elapsed() < PAUSE);
        let is_same_project = key.map(|key| key.0) == self.made_for.map(|made| made.0);
        if key != self.made_for && !(is_soon && is_same_project) {
            (self.made_for, self.at) = (key, Some(Instant::now()));
            self.list = if key.is_some() { diagnose(project, &run.vitals, curve(run).as_deref()) } else { Vec::new() };
        }
    }

    /// What matters most first.
    pub fn list(&self) -> &[Diagnosis] {
        &self.list
    }
}

/// How good the run was by step, where that is measured.
fn curve(run: &Run) -> Option<Vec<(u64, f64)>> {
    run.assessed.as_ref()?.quality.series.curve()
}
