//! What a snapshot shows, without the generator that made it.

use crate::gui::run::Run;
use crate::train::Samples;

/// The newest samples of a run.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Generator steps done.
    pub step: u64,
    /// Made by the averaged generator?
    pub averaged: bool,
    /// The samples.
    pub samples: &'a Samples,
    /// Dimensions of a latent vector.
    pub latent_size: usize,
    /// Another number for every new snapshot.
    pub revision: u64,
}

impl<'a> Shown<'a> {
    /// The newest samples of a run, if there are any.
    pub fn of(run: &'a Run, revision: u64) -> Option<Self> {
        let snapshot = run.snapshot.as_deref()?;
        Some(Self {
            step: snapshot.step,
            averaged: snapshot.averaged,
            samples: &snapshot.samples,
            latent_size: snapshot.generator.latent_size(),
            revision,
        })
    }
}
