//! A run that goes back to an earlier state of itself.

use super::{Clock, Session, SessionError};
use crate::spec::TrainSpec;
use crate::train::checkpoint::Checkpoint;
use crate::train::vitals::Observer;

impl Session {
    /// The settings of the next step.
    pub fn settings(&self) -> &TrainSpec {
        self.stage.trainer.settings()
    }

    /// Generator steps done.
    pub fn step_count(&self) -> u64 {
        self.stage.trainer.g_steps()
    }

    /// Has the run reached the end that its settings ask for?
    pub fn is_over(&self) -> bool {
        self.passed == Some(self.settings().stop)
    }

    /// Is this state on the way that led here, and not on one that was left?
    pub fn came_by(&self, state: &Checkpoint) -> bool {
        state.is_on_the_way_of(&self.history)
    }

    /// Goes back to a state of this run, with the settings as they are. Time goes back with it, and goes on if it did. Numbers that were
    /// not read back yet are those of steps that are given up. The state may lie on another way, which the run went back from before.
    ///
    /// # Errors
    /// The device failed.
    pub fn go_back(&mut self, to: &Checkpoint) -> Result<(), SessionError> {
        self.stage.go_back(to)?;
        // Frames were perhaps thinned since; those of another way are known to the state alone.
        self.reel = if self.came_by(to) { self.reel.until(to.g_steps) } else { to.reel.clone() };
        let ran = self.clock.running_since.is_some();
        self.pending.clear();
        self.observer = Observer::after(to.signs.clone());
        self.history = to.history.clone();
        self.passed = to.passed;
        self.clock = Clock::new(to.elapsed_secs);
        if ran {
            self.go();
        }
        Ok(())
    }
}
