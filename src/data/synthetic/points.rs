//! 2-D distributions, in their own coordinates.

use std::f32::consts::{PI, TAU};

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};
use rayon::prelude::*;

use crate::random::{self, Purpose};
use crate::spec::Builtin;

/// How many points a source has.
pub const POINTS: usize = 20_000;

const RING_SIGMA: f32 = 0.01;
const GRID_SIGMA: f32 = 0.05;
const SPIRAL_SIGMA: f32 = 0.02;
const MOONS_SIGMA: f32 = 0.05;

/// The centres of a mixture of Gaussians and their common standard deviation; `None` for what is no such mixture.
///
/// `ring8` has eight on the unit circle, the first at (1, 0), counter-clockwise, sigma 0.01. `grid25` has 5 x 5 at
/// {-4, -2, 0, 2, 4} squared, row by row from the lower left, sigma 0.05. A point's label is the index of its centre.
pub fn modes(builtin: Builtin) -> Option<(Vec<[f32; 2]>, f32)> {
    match builtin {
        Builtin::Ring8 => Some((
            (0..8u8)
                .map(|mode| {
                    let angle = f32::from(mode) * TAU / 8.0;
                    [angle.cos(), angle.sin()]
                })
                .collect(),
            RING_SIGMA,
        )),
        Builtin::Grid25 => {
            let steps = [-4.0, -2.0, 0.0, 2.0, 4.0];
            Some((steps.into_iter().flat_map(|y| steps.map(|x| [x, y])).collect(), GRID_SIGMA))
        }
        Builtin::Spiral | Builtin::Moons | Builtin::Digits | Builtin::Shapes => None,
    }
}

/// The names of the classes of a source of points.
pub(super) fn class_names(builtin: Builtin) -> Vec<String> {
    match (modes(builtin), builtin) {
        (Some((centres, _)), _) => (0..centres.len()).map(|mode| format!("mode {mode}")).collect(),
        (None, Builtin::Spiral) => vec!["inner turn".to_owned(), "outer turn".to_owned()],
        (None, _) => vec!["upper moon".to_owned(), "lower moon".to_owned()],
    }
}

/// All points of a source with their labels. The modes of a mixture take turns, and so do the moons.
pub(super) fn points(builtin: Builtin, seed: u64) -> (Vec<[f32; 2]>, Vec<u16>) {
    let modes = modes(builtin);
    (0..POINTS)
        .into_par_iter()
        .map(|index| {
            let mut rng = random::stream(seed, Purpose::Synthetic, index as u64);
            match (&modes, builtin) {
                (Some((centres, sigma)), _) => {
                    let mode = index % centres.len();
                    (scattered(centres[mode], *sigma, &mut rng), mode as u16)
                }
                (None, Builtin::Spiral) => spiral(&mut rng),
                (None, _) => moons(index, &mut rng),
            }
        })
        .unzip()
}

fn scattered([x, y]: [f32; 2], sigma: f32, rng: &mut ChaCha8Rng) -> [f32; 2] {
    let mut noise = || -> f32 { StandardNormal.sample(rng) };
    [x + sigma * noise(), y + sigma * noise()]
}

/// Two turns of Archimedes' spiral from radius 0 to 1, evenly along it.
fn spiral(rng: &mut ChaCha8Rng) -> ([f32; 2], u16) {
    // The length of a spiral grows with the square of its angle, so the root of an even draw lies evenly along it.
    let along = rng.random_range(0.0..1.0_f32).sqrt();
    let angle = along * 2.0 * TAU;
    (scattered([along * angle.cos(), along * angle.sin()], SPIRAL_SIGMA, rng), u16::from(along >= 0.5))
}

/// Two half circles of radius 1, the lower one shifted by (1, 0.5); the middle of both is the origin.
fn moons(index: usize, rng: &mut ChaCha8Rng) -> ([f32; 2], u16) {
    let moon = (index % 2) as u16;
    let angle = rng.random_range(0.0..PI);
    let on = if moon == 0 { [angle.cos() - 0.5, angle.sin() - 0.25] } else { [0.5 - angle.cos(), 0.25 - angle.sin()] };
    (scattered(on, MOONS_SIGMA, rng), moon)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Means and standard deviations of the coordinates of each mode.
    fn check_mixture(builtin: Builtin, expected: &[[f32; 2]], sigma: f32) {
        let (points, labels) = points(builtin, 11);
        assert_eq!(modes(builtin).unwrap().1, sigma);
        for (mode, centre) in expected.iter().enumerate() {
            let of_mode = || points.iter().zip(&labels).filter(|&(_, &label)| usize::from(label) == mode).map(|(point, _)| point);
            let count = of_mode().count() as f32;
            assert_eq!(count, (POINTS / expected.len()) as f32);
            for axis in 0..2 {
                let mean = of_mode().map(|point| point[axis]).sum::<f32>() / count;
                let variance = of_mode().map(|point| (point[axis] - centre[axis]).powi(2)).sum::<f32>() / count;
                // Five standard errors: sigma/sqrt(n) for a mean, sigma/sqrt(2n) for a standard deviation.
                assert!((mean - centre[axis]).abs() < 5.0 * sigma / count.sqrt(), "mode {mode}: mean {mean}");
                assert!((variance.sqrt() - sigma).abs() < 5.0 * sigma / (2.0 * count).sqrt(), "mode {mode}: sigma {}", variance.sqrt());
            }
        }
    }

    #[test]
    fn ring8_is_eight_gaussians_on_the_unit_circle() {
        let r = 0.5_f32.sqrt();
        let expected = [[1.0, 0.0], [r, r], [0.0, 1.0], [-r, r], [-1.0, 0.0], [-r, -r], [0.0, -1.0], [r, -r]];
        check_mixture(Builtin::Ring8, &expected, 0.01);
    }

    #[test]
    fn grid25_is_25_gaussians_two_apart() {
        let mut expected = Vec::new();
        for y in [-4.0, -2.0, 0.0, 2.0, 4.0] {
            expected.extend([-4.0, -2.0, 0.0, 2.0, 4.0].map(|x| [x, y]));
        }
        check_mixture(Builtin::Grid25, &expected, 0.05);
    }

    #[test]
    fn the_spiral_winds_twice_and_is_evenly_covered() {
        let (points, labels) = points(Builtin::Spiral, 11);
        let mut by_half_turn = [0; 4];
        for (&[x, y], label) in points.iter().zip(labels) {
            let radius = x.hypot(y);
            assert!(radius < 1.0 + 6.0 * SPIRAL_SIGMA);
            if radius > 0.15 {
                // The nearest half turn whose direction is that of the point: the radius says which winding it lies on.
                let direction = y.atan2(x).rem_euclid(TAU) / TAU;
                let winding = (radius * 2.0 - direction).round();
                let on_spiral = (winding + direction) / 2.0;
                assert!((radius - on_spiral).abs() < 6.0 * SPIRAL_SIGMA);
                by_half_turn[(2.0 * (winding + direction)).clamp(0.0, 3.0) as usize] += 1;
                if (radius - 0.5).abs() > 0.3 {
                    assert_eq!(label, u16::from(radius > 0.5));
                }
            }
        }
        // Within the outer turn the length, and with it the number of points, grows with the radius: 5 to 7.
        let share = f64::from(by_half_turn[2]) / f64::from(by_half_turn[2] + by_half_turn[3]);
        assert!((share - 5.0 / 12.0).abs() < 0.02, "{share}");
    }

    #[test]
    fn moons_are_two_half_circles_around_the_origin() {
        let (points, labels) = points(Builtin::Moons, 11);
        for (&[x, y], label) in points.iter().zip(labels) {
            let radius = if label == 0 { (x + 0.5).hypot(y + 0.25) } else { (x - 0.5).hypot(y - 0.25) };
            assert!((radius - 1.0).abs() < 6.0 * MOONS_SIGMA, "{radius}");
        }
        let mean_x = points.iter().map(|point| point[0]).sum::<f32>() / POINTS as f32;
        let mean_y = points.iter().map(|point| point[1]).sum::<f32>() / POINTS as f32;
        assert!(mean_x.abs() < 0.03 && mean_y.abs() < 0.03, "({mean_x}, {mean_y})");
    }
}
