//! A trained generator on the CPU, ready to be asked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use crate::device;
use crate::nn::{Named, Network, Pass};
use crate::spec::{Project, Role, Shape, Stack};
use crate::train::Checkpoint;

/// A generator that no longer changes. Cheap to clone; independent of the run it came from.
#[derive(Clone, Debug)]
pub struct GeneratorHandle {
    network: Arc<Network>,
}

/// Why a generator cannot be made, or does not answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct GeneratorError(pub String);

/// Samples computed at once; more would only need more memory.
const CHUNK: usize = 64;

impl GeneratorHandle {
    /// A generator that lives on the CPU already, without autodiff.
    pub(crate) fn from_network(network: Network) -> Self {
        Self { network: Arc::new(network) }
    }

    /// The generator of a stack with these numbers, by the names of [`Network::read`].
    ///
    /// # Errors
    /// The stack has a fault, or the numbers do not fit it.
    pub fn from_numbers(stack: &Stack, numbers: &Named) -> Result<Self, GeneratorError> {
        let network = Network::new(stack, Role::Generator, 0, &cpu()).map_err(|error| GeneratorError(error.0))?;
        let (network, taken) = network.write(numbers);
        let matched = taken.len();
        let wanted = network.read().map_err(GeneratorError)?.0.len();
        if matched != wanted {
            let message = format!("the file holds {matched} of the generator's {wanted} weight tensors; train it first");
            return Err(GeneratorError(message));
        }
        Ok(Self::from_network(network))
    }

    /// The generator of a saved run: the averaged one where the run averages.
    ///
    /// # Errors
    /// The project has a fault, or the checkpoint's weights do not fit it.
    pub fn from_checkpoint(project: &Project, checkpoint: &Checkpoint) -> Result<Self, GeneratorError> {
        let part = if project.train.ema_decay > 0.0 { "average." } else { "generator." };
        Self::from_numbers(&project.generator, &checkpoint.part(part))
    }

    /// Dimensions of a latent vector.
    pub fn latent_size(&self) -> usize {
        self.network.input().values()
    }

    /// The shape of one sample.
    pub fn shape(&self) -> Shape {
        self.network.output()
    }

    /// Samples from latent vectors, `[n, latent size]` flat: `[n, channels, height, width]` flat; pictures are in -1..1.
    ///
    /// # Errors
    /// There is not a whole number of vectors, or the computation failed, in words.
    pub fn generate(&self, latents: &[f32]) -> Result<Vec<f32>, GeneratorError> {
        let size = self.latent_size();
        if size == 0 || !latents.len().is_multiple_of(size) {
            return Err(GeneratorError(format!("{} numbers are no latent vectors of {size} dimensions", latents.len())));
        }
        let mut samples = Vec::with_capacity(latents.len() / size * self.shape().values());
        for chunk in latents.chunks(size * CHUNK) {
            let run = AssertUnwindSafe(|| self.generate_chunk(chunk));
            let values = catch_unwind(run).unwrap_or_else(|_| Err(GeneratorError("the generator could not be computed".to_owned())))?;
            samples.extend(values);
        }
        Ok(samples)
    }

    fn generate_chunk(&self, latents: &[f32]) -> Result<Vec<f32>, GeneratorError> {
        let size = self.latent_size();
        let shape = Shape::vector(size).batched(latents.len() / size);
        let latents = Tensor::<4>::from_data(TensorData::new(latents.to_vec(), shape), &cpu());
        let samples = self.network.forward(latents, &Pass::inference());
        let data = samples.try_into_data().map_err(|error| GeneratorError(error.to_string()))?;
        data.try_into_vec::<f32>().map_err(|error| GeneratorError(format!("the generator's numbers cannot be read: {error:?}")))
    }
}

fn cpu() -> Device {
    device::cpu()
}
