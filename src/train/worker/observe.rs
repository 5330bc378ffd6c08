//! Telling a run's vital signs.

use std::sync::Arc;

use super::Bench;
use crate::measure::doctor::Vitals;
use crate::train::message::Event;

impl Bench {
    /// Says the signs that were taken since the last time, and returns them.
    pub(super) fn tell_vitals(&mut self) -> Vec<Arc<Vitals>> {
        let Some(session) = &mut self.session else { return Vec::new() };
        let signs = session.take_vitals();
        signs.iter().for_each(|vitals| self.voice.say(Event::Vitals(Arc::clone(vitals))));
        signs
    }
}
