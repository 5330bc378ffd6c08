//! Counter-based random streams.
//!
//! Everything random in Ganvas is drawn from a stream that is named by three numbers: the project's seed, what the numbers are
//! for, and a counter (a step, an epoch, a layer). No state is carried from one draw to the next, so a run can stop and go on at
//! any step, and two devices see the same numbers. The generator is `ChaCha8` (Bernstein, 2008), whose output is a pure function
//! of its key.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};

/// What a stream of random numbers is for. The discriminants are part of the file format: a resumed run must see the same numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Initial weights; the counter is the layer's id, with the network in its highest bit.
    InitialWeights = 1,
    /// Latent vectors of a training step.
    Latents = 2,
    /// The order of the data; the counter is the epoch.
    Shuffle = 3,
    /// Which samples are held out for validation.
    Holdout = 4,
    /// What layers draw while training: the masks of dropout, noise.
    Dropout = 5,
    /// The fixed latents whose samples are shown during a run.
    FixedLatents = 6,
    /// Built-in data; the counter is the sample's index.
    Synthetic = 7,
    /// Latent vectors that a person asks for: exploring, sampling to files.
    Explore = 8,
    /// What measuring draws: latent vectors, places of patches, directions, the order in which a classifier sees its samples.
    Measure = 12,
    /// The noise on what the discriminator sees.
    InstanceNoise = 16,
    /// What a run's vital signs are taken of: which real samples, the noise on them; the counter is the step.
    Vitals = 24,
    /// Where between a real and a generated sample gradients are punished.
    Interpolation = 17,
    /// How samples are augmented; the counter is eight times the step, and where in it.
    Augmentation = 20,
}

/// The stream for `(seed, purpose, counter)`.
pub fn stream(seed: u64, purpose: Purpose, counter: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(purpose as u64).to_le_bytes());
    key[16..24].copy_from_slice(&counter.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// Another seed than `seed`, of at most five digits so that it can be told to somebody; always the same after the same one.
pub fn another_seed(seed: u64) -> u64 {
    use rand::Rng as _;
    let drawn = u64::from(stream(seed, Purpose::Explore, u64::MAX).next_u32() % 100_000);
    if drawn == seed { (drawn + 1) % 100_000 } else { drawn }
}

/// `count` independent draws from N(0, 1).
pub fn normals(rng: &mut ChaCha8Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| StandardNormal.sample(rng)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng as _;

    #[test]
    fn a_stream_is_a_function_of_its_key() {
        let first: Vec<u64> = (0..4).map(|_| stream(1, Purpose::Latents, 7).next_u64()).collect();
        assert!(first.iter().all(|&x| x == first[0]));
    }

    #[test]
    fn each_part_of_the_key_matters() {
        let draw = |seed, purpose, counter| stream(seed, purpose, counter).next_u64();
        let base = draw(1, Purpose::Latents, 7);
        assert_ne!(base, draw(2, Purpose::Latents, 7));
        assert_ne!(base, draw(1, Purpose::Shuffle, 7));
        assert_ne!(base, draw(1, Purpose::Latents, 8));
    }

    #[test]
    fn normals_have_mean_zero_and_variance_one() {
        let draws = normals(&mut stream(3, Purpose::Latents, 0), 100_000);
        let mean = draws.iter().sum::<f32>() / draws.len() as f32;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / draws.len() as f32;
        // Four standard errors: 1/sqrt(n) for the mean, sqrt(2/n) for the variance.
        assert!(mean.abs() < 0.013, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.018, "variance {variance}");
    }
}
