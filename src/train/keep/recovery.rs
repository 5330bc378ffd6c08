//! What is done about a run whose losses or weights are no numbers any more, or whose samples have become all the same: back to a good
//! state, with smaller steps.
//!
//! Trainers that load the last checkpoint when they meet NaN are common (lightweight-gan and stylegan2-pytorch do); halving the step that
//! proved too large is what line searches do (Armijo, 1966). Random streams are functions of the seed and the step, so the same latents
//! and batches come again. That does no harm: with half the learning rate every weight is elsewhere after the first step, and nothing but
//! luck would make other batches kinder.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Ring;
use crate::train::checkpoint::Checkpoint;

/// How often in a row a run goes back before it is given up.
const MOST_ATTEMPTS: u32 = 5;
/// So many steps before a break weights may have been on their way out already.
const SUSPECT_STEPS: u64 = 32;

/// What became of a run that broke.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// How often it went back since it made progress.
    attempts: u32,
    /// The furthest step at which it broke since then.
    broke_at: u64,
    /// Where it went back to last.
    went_to: u64,
    /// How often it went back because its samples had collapsed, ever: to notice that takes so long that it looks like progress.
    collapses: u32,
}

impl Recovery {
    /// The run broke at this step. Where to go back to; nothing where it is no use any more. A state shortly before the break is passed
    /// over, and after a break soon after going back so is the state that it went back to, as long as there is an older one.
    pub fn after_break(&mut self, step: u64, ring: &Ring) -> Option<Arc<Checkpoint>> {
        if self.attempts >= MOST_ATTEMPTS {
            return None;
        }
        let sound = step.saturating_sub(SUSPECT_STEPS);
        let latest = if self.attempts == 0 { sound } else { sound.min(self.went_to.saturating_sub(1)) };
        let to = ring.on_the_way(latest)?;
        self.attempts += 1;
        self.broke_at = self.broke_at.max(step);
        self.went_to = to.g_steps;
        Some(to)
    }

    /// Samples have been all the same since this step. Where to go back to; nothing where that was tried often enough, or where no state is
    /// older.
    pub fn after_collapse(&mut self, since: u64, ring: &Ring) -> Option<Arc<Checkpoint>> {
        if self.collapses >= MOST_ATTEMPTS {
            return None;
        }
        let to = ring.on_the_way(since.saturating_sub(SUSPECT_STEPS)).filter(|to| to.g_steps < since)?;
        self.collapses += 1;
        Some(to)
    }

    /// The run has sound weights at this step. Well beyond the break that is progress, and a further break is another matter.
    pub fn is_sound_at(&mut self, step: u64) {
        if self.attempts > 0 && step >= self.broke_at + SUSPECT_STEPS {
            *self = Self { collapses: self.collapses, ..Self::default() };
        }
    }

    /// How often it went back because its samples had collapsed.
    pub fn collapses(&self) -> u32 {
        self.collapses
    }

    /// How often the run went back since it made progress.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}

#[cfg(test)]
mod tests {
    use super::super::ring::tests::ring;
    use super::*;

    fn to(recovery: &mut Recovery, step: u64, ring: &Ring) -> Option<u64> {
        Some(recovery.after_break(step, ring)?.g_steps)
    }

    #[test]
    fn a_state_shortly_before_the_break_is_passed_over() {
        let ring = ring([0, 100, 200, 300]);
        assert_eq!(to(&mut Recovery::default(), 310, &ring), Some(200));
        assert_eq!(to(&mut Recovery::default(), 332, &ring), Some(300));
        assert_eq!(to(&mut Recovery::default(), 20, &ring), Some(0), "there is nothing else");
        assert_eq!(to(&mut Recovery::default(), 20, &Ring::default()), None);
    }

    #[test]
    fn breaking_again_soon_goes_further_back_and_is_given_up_after_five() {
        let (ring, mut recovery) = (ring([0, 100, 200, 300]), Recovery::default());
        let went: Vec<Option<u64>> = [340, 345, 260, 190, 130, 120].map(|step| to(&mut recovery, step, &ring)).into();
        assert_eq!(went, [Some(300), Some(200), Some(100), Some(0), Some(0), None]);
        assert_eq!(recovery.attempts(), 5);
    }

    #[test]
    fn from_a_collapse_it_goes_to_before_it_and_no_more_than_five_times() {
        let (states, mut recovery) = (ring([0, 100, 200, 300]), Recovery::default());
        let went: Vec<Option<u64>> = (0..6).map(|_| recovery.after_collapse(250, &states).map(|to| to.g_steps)).collect();
        assert_eq!(went, [Some(200), Some(200), Some(200), Some(200), Some(200), None]);
        assert_eq!(Recovery::default().after_collapse(80, &ring([100, 200])).map(|to| to.g_steps), None, "nothing is older");
    }

    #[test]
    fn progress_beyond_the_break_begins_anew() {
        let (ring, mut recovery) = (ring([0, 100, 200, 300]), Recovery::default());
        assert_eq!(to(&mut recovery, 340, &ring), Some(300));
        recovery.is_sound_at(350);
        assert_eq!(recovery.attempts(), 1, "it may break again at any moment");
        recovery.is_sound_at(372);
        assert_eq!(recovery.attempts(), 0);
        assert_eq!(to(&mut recovery, 380, &ring), Some(300));
    }
}
