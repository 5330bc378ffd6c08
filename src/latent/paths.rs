//! Latent vectors: drawn from a seed, between two points, along a walk.

use crate::random::{self, Purpose};
use crate::spec::Latent;

/// `count` latent vectors of `size` dimensions for `(seed, purpose, counter)`, `[count, size]` flat.
pub fn draw(latent: Latent, size: usize, count: usize, seed: u64, purpose: Purpose, counter: u64) -> Vec<f32> {
    use rand::Rng as _;
    let mut rng = random::stream(seed, purpose, counter);
    match latent {
        Latent::Normal => random::normals(&mut rng, size * count),
        Latent::Uniform => (0..size * count).map(|_| rng.next_u32() as f32 / u32::MAX as f32 * 2.0 - 1.0).collect(),
    }
}

/// Between `a` (at 0) and `b` (at 1) along the great circle, which keeps the length typical of Gaussian vectors (Shoemake, 1985;
/// White, 2016). Falls back to the straight line where the two point the same or opposite ways.
pub fn slerp(a: &[f32], b: &[f32], t: f32) -> Vec<f32> {
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(p, q)| p * q).sum::<f32>();
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    let angle = if lengths > 0.0 { (dot(a, b) / lengths).clamp(-1.0, 1.0).acos() } else { 0.0 };
    let sine = angle.sin();
    let (wa, wb) = if sine < 1e-4 { (1.0 - t, t) } else { (((1.0 - t) * angle).sin() / sine, (t * angle).sin() / sine) };
    a.iter().zip(b).map(|(p, q)| wa * p + wb * q).collect()
}

/// An endless smooth walk: from one random latent vector to the next.
#[derive(Clone, Debug)]
pub struct Walk {
    latent: Latent,
    size: usize,
    seed: u64,
    /// Where the walk begins, instead of the first random vector.
    start: Vec<f32>,
}

impl Walk {
    /// A walk that begins at `start` and visits the vectors of `seed`.
    pub fn new(latent: Latent, start: Vec<f32>, seed: u64) -> Self {
        Self { latent, size: start.len(), seed, start }
    }

    /// Where the walk is at `time`, in stations passed.
    pub fn at(&self, time: f64) -> Vec<f32> {
        let station = time.max(0.0).floor();
        let t = (time.max(0.0) - station) as f32;
        // Slow at the stations, quick between them, without a jump in speed.
        let eased = t * t * (3.0 - 2.0 * t);
        slerp(&self.station(station as u64), &self.station(station as u64 + 1), eased)
    }

    fn station(&self, index: u64) -> Vec<f32> {
        if index == 0 { self.start.clone() } else { draw(self.latent, self.size, 1, self.seed, Purpose::Explore, index) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slerp_meets_its_ends_and_keeps_the_length() {
        let (a, b) = ([3.0, 0.0], [0.0, 3.0]);
        assert_eq!(slerp(&a, &b, 0.0), a);
        let middle = slerp(&a, &b, 0.5);
        // On the circle of radius 3 at 45 degrees.
        for coordinate in middle {
            assert!((coordinate - 3.0 / 2_f32.sqrt()).abs() < 1e-6);
        }
    }

    #[test]
    fn slerp_of_a_vector_with_itself_is_the_vector() {
        assert_eq!(slerp(&[1.0, 2.0], &[1.0, 2.0], 0.3), vec![1.0, 2.0]);
    }

    #[test]
    fn a_walk_begins_where_it_should_and_does_not_jump() {
        let walk = Walk::new(Latent::Normal, vec![0.5; 8], 4);
        assert_eq!(walk.at(0.0), vec![0.5; 8]);
        let (before, after) = (walk.at(0.999_99), walk.at(1.000_01));
        let distance = before.iter().zip(&after).map(|(p, q)| (p - q).powi(2)).sum::<f32>().sqrt();
        assert!(distance < 1e-2, "{distance}");
    }
}
