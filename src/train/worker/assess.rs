//! When the generator of a run is measured.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Bench, Fault};
use crate::spec::Project;
use crate::train::assess::{Assessed, Assessor};
use crate::train::checkpoint::Checkpoint;
use crate::train::snapshot::Slot;

/// A run waits with measuring at least for one part in so many of its length. So however long it is, what is measured of it stays a small
/// table: so many lines more each time it has become e times as long.
const PARTS: u32 = 500;

/// The worker's side of measuring.
#[derive(Debug, Default)]
pub(super) struct Assess {
    /// At most so often; none not at all.
    pub every: Option<Duration>,
    pub shown: Slot<Assessed>,
    assessor: Option<Assessor>,
    /// When a generator was handed over last, and of which step.
    last: Option<(Instant, u64)>,
}

impl Assess {
    /// Ends what is being measured, and forgets the run.
    pub fn forget(&mut self) {
        self.end();
        self.shown.take();
    }

    /// Ends what is being measured.
    pub fn end(&mut self) {
        self.assessor = None;
        self.last = None;
    }

    /// A run of `project` begins.
    pub fn begin(&mut self, project: &Project, checkpoint: Option<&Arc<Checkpoint>>, earlier: &[Arc<Checkpoint>]) {
        self.end();
        self.shown.put(Assessed::from_checkpoint(project, checkpoint, earlier));
    }

    /// The run went back to a state: what was measured later belongs to what it gave up. Where it did not come by there, what was measured
    /// until then is what the state knows of. The best of all is kept.
    pub fn go_back(&mut self, to: &Checkpoint, came_by: bool) {
        let (step, other_way) = (to.g_steps, (!came_by).then_some(&to.quality.series));
        if let Some(assessor) = &self.assessor {
            assessor.go_back(step, other_way);
        } else if let Some(shown) = self.shown.newest() {
            self.shown.put(Assessed { quality: shown.quality.back_at(step, other_way), ..Assessed::clone(&shown) });
        }
        self.last = None;
    }

    fn is_due(&self, elapsed_secs: f64) -> bool {
        let (Some(every), Some(assessor)) = (self.every, &self.assessor) else { return false };
        let every = every.max(Duration::try_from_secs_f64(elapsed_secs / f64::from(PARTS)).unwrap_or_default());
        self.last.is_none_or(|(at, _)| at.elapsed() >= every) && assessor.is_waiting()
    }

    fn hand_over(&mut self, checkpoint: Arc<Checkpoint>) {
        let step = checkpoint.g_steps;
        if let Some(assessor) = self.assessor.as_ref().filter(|_| self.last.is_none_or(|(_, last)| last != step)) {
            assessor.hand_over(checkpoint);
            self.last = Some((Instant::now(), step));
        }
    }
}

impl Bench {
    /// Changes how often the run is measured.
    pub(super) fn set_measuring(&mut self, every: Option<Duration>) {
        self.assess.every = every;
        if every.is_none() {
            self.assess.end();
        } else if self.running {
            self.measure_while_running(true);
        }
    }

    /// The run goes on, or is held. What measures it is there once it goes on for the first time.
    pub(super) fn measure_while_running(&mut self, runs: bool) {
        if let (Some(session), None, true, Some(_)) = (&self.session, &self.assess.assessor, runs, self.assess.every) {
            let (project, dataset) = session.subject();
            let assessor = Assessor::spawn(project.clone(), dataset, self.assess.shown.clone(), Arc::clone(&self.voice.wake));
            self.assess.assessor = Some(assessor);
        }
        if let Some(assessor) = &self.assess.assessor {
            assessor.set_free(!runs);
        }
        if !runs && let Some(checkpoint) = self.checkpoint.newest() {
            // How good it is now, where it was left.
            self.assess.hand_over(checkpoint);
        }
    }

    /// Hands the generator over, where that is due. A checkpoint is made for it, so that the best can be gone back to.
    pub(super) fn measure_now_and_then(&mut self) -> Result<(), Fault> {
        let Some(session) = &self.session else { return Ok(()) };
        if !self.assess.is_due(session.elapsed_secs()) {
            return Ok(());
        }
        self.keep_checkpoint()?;
        if let Some(checkpoint) = self.checkpoint.newest() {
            self.assess.hand_over(checkpoint);
        }
        Ok(())
    }
}
