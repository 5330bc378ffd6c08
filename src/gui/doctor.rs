//! What the doctor says of the run, computed once for each set of vital signs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::gui::run::{Phase, Run};
use crate::measure::doctor::{Diagnosis, Vitals, diagnose};
use crate::spec::Project;

/// It is looked again so often at most while a run goes on.
const PAUSE: Duration = Duration::from_millis(300);

/// The project's revision, how many signs there were, and the last of them: another way has others at the same steps.
type Key = (u64, usize, Arc<Vitals>);

/// The diagnoses and what they were made for.
#[derive(Debug, Default)]
pub(super) struct Doctor {
    made_for: Option<Key>,
    /// When.
    at: Option<Instant>,
    list: Vec<Diagnosis>,
}

impl Doctor {
    /// Looks again, if there is anything new to look at.
    pub fn consult(&mut self, project: &Project, revision: u64, run: &Run) {
        let last = run.vitals.last().filter(|_| run.phase != Phase::Idle);
        let key = last.map(|last| (revision, run.vitals.len(), Arc::clone(last)));
        // A quick run takes signs more often than anybody reads; a later frame will see these.
        let is_soon = run.phase == Phase::Running && self.at.is_some_and(|at| at.elapsed() < PAUSE);
        let of_project = |key: &Option<Key>| key.as_ref().map(|key| key.0);
        let waits = is_soon && of_project(&key) == of_project(&self.made_for);
        if !waits && !is_same(&key, &self.made_for) {
            self.list = if key.is_some() { diagnose(project, &run.vitals, curve(run).as_deref()) } else { Vec::new() };
            (self.made_for, self.at) = (key, Some(Instant::now()));
        }
    }

    /// What matters most first.
    pub fn list(&self) -> &[Diagnosis] {
        &self.list
    }
}

fn is_same(a: &Option<Key>, b: &Option<Key>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a.0, a.1) == (b.0, b.1) && Arc::ptr_eq(&a.2, &b.2),
        (a, b) => a.is_none() && b.is_none(),
    }
}

/// How good the run was by step, where that is measured.
fn curve(run: &Run) -> Option<Vec<(u64, f64)>> {
    run.assessed.as_ref()?.quality.series.curve()
}
