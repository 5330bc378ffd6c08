//! How the discriminator sees samples: in packs, noisy, augmented.

use burn::tensor::{Tensor, TensorData};

use rand_chacha::ChaCha8Rng;

use super::Trainer;
use crate::random::{self, Purpose, stream};
use crate::spec::Shape;
use crate::train::augment::{Augment, Draws};

impl Trainer {
    /// As many samples at once as the discriminator reads: those that follow each other, one after the other along channels.
    pub(super) fn packed(&self, samples: Tensor<4>) -> Tensor<4> {
        let input = self.discriminator.input();
        let [n, channels, height, width] = samples.dims();
        if Shape::new(channels, height, width) == input {
            return samples;
        }
        samples.reshape(input.batched(n * channels * height * width / input.values().max(1)))
    }

    /// With the noise of this step.
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

    /// The changes that are drawn for so many packs in this step. Those of real and of generated samples differ.
    pub(super) fn augment(&self, packs: usize, step: u64, seen: Seen) -> Augment {
        let rules = &self.train.augmentation;
        if !rules.is_on() {
            return Augment::default();
        }
        let one = self.generator.output();
        let mut rng = stream(self.seed, Purpose::Augmentation, 8 * step + seen as u64);
        let draws = Draws::new(&mut rng, one, packs * self.train.packing);
        let p = self.strength.probability(rules, &self.device.clone().inner()).autodiff();
        Augment::new(rules, &draws, one, &p, &self.device)
    }
}

/// A look at samples that changes nothing.
impl Trainer {
    /// Samples, `[n, channels, height, width]` on the plain device, as the discriminator would see them now, by what `rng` draws: in packs,
    /// of which what is left over is left out.
    pub(in crate::train) fn as_seen(&self, samples: Tensor<4>, rng: &mut ChaCha8Rng) -> Tensor<4> {
        let [n, ..] = samples.dims();
        let packing = self.train.packing.max(1);
        let packs = self.packed(samples.narrow(0, 0, n / packing * packing));
        let (plain, dims) = (self.device.clone().inner(), packs.dims());
        let deviation = self.train.noise.deviation_at(self.g_steps);
        let packs = if deviation > 0.0 {
            let noise = random::normals(rng, dims.iter().product());
            packs + Tensor::from_data(TensorData::new(noise, dims), &plain) * deviation
        } else {
            packs
        };
        let rules = &self.train.augmentation;
        if !rules.is_on() {
            return packs;
        }
        let one = self.generator.output();
        let draws = Draws::new(rng, one, dims[0] * packing);
        let p = self.strength.probability(rules, &plain).autodiff();
        Augment::new(rules, &draws, one, &p, &self.device).apply(packs.autodiff()).inner()
    }
}

/// Where what is drawn for samples differs within one step.
#[derive(Clone, Copy)]
pub(super) enum Seen {
    RealByDiscriminator = 0,
    FakeByDiscriminator = 1,
    FakeByGenerator = 2,
    RealByGenerator = 3,
    BetweenByDiscriminator = 4,
}
