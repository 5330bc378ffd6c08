//! Samples of a run, with a number that tells them from those before, and what may stand beside them.

use crate::gui::run::Run;
use crate::train::Snapshot;

/// The newest samples of a run.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The samples, and the generator that made them.
    pub snapshot: &'a Snapshot,
    /// Another number for every new snapshot.
    pub revision: u64,
}

/// Samples to show beside others, from the same latent vectors: another moment's, or another run's.
#[derive(Clone, Debug)]
pub struct Beside<'a> {
    /// The samples.
    pub shown: Shown<'a>,
    /// The run that they are of, where that is another one than the one in hand.
    pub other: Option<&'a Run>,
    /// What the others are called, and what these are.
    pub names: [String; 2],
}

impl<'a> Shown<'a> {
    /// The newest samples, if there are any.
    pub fn of(run: &'a Run, revision: u64) -> Option<Self> {
        run.snapshot.as_deref().map(|snapshot| Self { snapshot, revision })
    }
}
