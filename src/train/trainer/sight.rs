//! How the discriminator sees samples.

use burn::tensor::{Tensor, TensorData};

use super::Trainer;
use crate::random::{self, Purpose};

impl Trainer {
    /// Samples as the discriminator sees them.
    pub(super) fn blurred(&self, samples: Tensor<4>, step: u64, seen: Seen) -> Tensor<4> {
        let deviation = self.train.noise.deviation_at(self.g_steps);
        if deviation <= 0.0 {
            return samples;
        }
        let dims = samples.dims();
        let mut rng = random::stream(self.seed, Purpose::InstanceNoise, 4 * step + seen as u64);
        let noise = random::normals(&mut rng, dims.iter().product());
        samples + Tensor::from_data(TensorData::new(noise, dims), &self.device) * deviation
    }
}

/// Where the noise on samples differs within one step.
#[derive(Clone, Copy)]
pub(super) enum Seen {
    RealByDiscriminator = 0,
    FakeByDiscriminator = 1,
    FakeByGenerator = 2,
    RealByGenerator = 3,
}
