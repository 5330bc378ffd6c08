//! A trained generator on the CPU, ready to be asked.

use crate::spec::{Project, Shape};
use crate::train::Checkpoint;

/// A generator that no longer changes. Cheap to clone; independent of the run it came from.
#[derive(Clone, Debug)]
pub struct GeneratorHandle {
    latent_size: usize,
    shape: Shape,
}

/// Why a generator cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct GeneratorError(pub String);

impl GeneratorHandle {
    /// The generator of a saved run: the averaged one where the run averages.
    ///
    /// # Errors
    /// The project has faults, or the checkpoint's weights do not fit it.
    pub fn from_checkpoint(project: &Project, checkpoint: &Checkpoint) -> Result<Self, GeneratorError> {
        let _ = (project, checkpoint);
        todo!()
    }

    /// Dimensions of a latent vector.
    pub fn latent_size(&self) -> usize {
        self.latent_size
    }

    /// The shape of one sample.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Samples from latent vectors, `[n, latent size]` flat: `[n, channels, height, width]` flat; pictures are in -1..1.
    ///
    /// # Errors
    /// The computation failed, in words.
    pub fn generate(&self, latents: &[f32]) -> Result<Vec<f32>, GeneratorError> {
        let _ = latents;
        todo!()
    }
}
