//! When a frame of the run's time machine is taken.

use std::time::{Duration, Instant};

use super::{Bench, Fault};
use crate::train::reel::{MOST_FRAMES, Reel};
use crate::train::snapshot::Slot;

/// Frames are taken so much more often than they are kept, so that those that are kept are where they should be.
const SPARE: f64 = 4.0;
/// Making frames takes at most one part in so many of the time.
const FILM_SHARE: u32 = 100;

/// The worker's side of filming.
#[derive(Debug)]
pub(super) struct Film {
    /// What others see of it.
    pub shown: Slot<Reel>,
    due: Instant,
}

impl Film {
    pub fn new(shown: Slot<Reel>) -> Self {
        Self { shown, due: Instant::now() }
    }

    /// Forgets the run.
    pub fn forget(&mut self) {
        self.shown.take();
        self.due = Instant::now();
    }

    /// A frame was taken: the next one is due the later the longer the run is, since only so many are kept of it.
    fn plan(&mut self, took: Duration, elapsed_secs: f64) {
        let every = Duration::try_from_secs_f64(elapsed_secs / (SPARE * MOST_FRAMES as f64)).unwrap_or_default();
        self.due = Instant::now() + every.max(took * FILM_SHARE);
    }
}

impl Bench {
    /// Takes a frame, where one is due.
    pub(super) fn film_when_due(&mut self) -> Result<(), Fault> {
        if Instant::now() >= self.film.due { self.film() } else { Ok(()) }
    }

    /// Takes a frame of where the run is: of the samples that are shown, where they are the same.
    pub(super) fn film(&mut self) -> Result<(), Fault> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let began = Instant::now();
        session.film(self.snapshot.newest().as_deref()).map_err(|error| error.to_string())?;
        self.film.plan(began.elapsed(), session.elapsed_secs());
        self.tell_film();
        Ok(())
    }

    /// Says which frames there are.
    pub(super) fn tell_film(&mut self) {
        let Some(session) = &self.session else { return };
        let shown = self.film.shown.newest();
        if shown.is_none_or(|shown| !shown.is_same(session.reel())) {
            self.film.shown.put(session.reel().clone());
            (self.voice.wake)();
        }
    }
}
