//! Telling a run's vital signs.

use super::Bench;
use crate::train::message::Event;

impl Bench {
    /// Says the signs that were taken since the last time.
    pub(super) fn tell_vitals(&mut self) {
        let Some(session) = &mut self.session else { return };
        for vitals in session.take_vitals() {
            self.voice.say(Event::Vitals(vitals));
        }
    }
}
