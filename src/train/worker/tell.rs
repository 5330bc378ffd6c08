//! What a run says and shows while it goes on.

use super::{Bench, Fault};
use crate::train::message::{Event, Show};
use crate::train::snapshot::Snapshot;

impl Bench {
    /// Says how far the run is. One that broke goes back first, and says so.
    pub(super) fn tell_progress(&mut self) -> Result<(), Fault> {
        let kept = self.kept_step();
        let Some(session) = &mut self.session else { return Ok(()) };
        match session.read_back(kept) {
            Ok(progress) => {
                let signs = self.tell_vitals();
                self.voice.say(Event::Progress(progress));
                self.notice_collapse(&signs)
            }
            Err(error) => self.recover(&error),
        }
    }

    pub(super) fn show_now(&mut self) -> Result<(), Fault> {
        let Some(session) = &self.session else { return Ok(()) };
        self.show(|show| session.snapshot(show))
    }

    pub(super) fn show<E: ToString>(&self, snapshot: impl FnOnce(Show) -> Result<Snapshot, E>) -> Result<(), Fault> {
        if self.show.pictures > 0 {
            self.snapshot.put(snapshot(self.show).map_err(|error| error.to_string())?);
            (self.voice.wake)();
        }
        Ok(())
    }
}
