//! Points of a mixture of Gaussians: which of its modes are found.

use serde::{Deserialize, Serialize};

/// What generated points are of a mixture, as VEEGAN (Srivastava et al., 2017) and PacGAN (Lin et al., 2018) count it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModeReport {
    /// Modes the mixture has.
    pub modes: usize,
    /// Modes with at least one sample of high quality.
    pub captured: usize,
    /// The share of samples within three standard deviations of a mode, 0 to 1.
    pub high_quality: f64,
    /// The Kullback-Leibler divergence of the modes that all samples are nearest to from even shares, in nats; 0 is even, and
    /// `ln(modes)` is one mode alone. No number where no sample is one.
    pub reverse_kl: f64,
}

/// So many standard deviations from a mode, a sample is still of high quality.
const NEAR: f32 = 3.0;

impl ModeReport {
    /// Counts `points` of a mixture of Gaussians with these centres and this standard deviation.
    pub fn of(points: &[[f32; 2]], centres: &[[f32; 2]], sigma: f32) -> Self {
        let mut nearest = vec![0_usize; centres.len()];
        let mut good = vec![0_usize; centres.len()];
        for point in points {
            let Some((mode, distance)) = nearest_centre(*point, centres) else { continue };
            nearest[mode] += 1;
            good[mode] += usize::from(distance <= NEAR * sigma);
        }
        let count = points.len().max(1) as f64;
        Self {
            modes: centres.len(),
            captured: good.iter().filter(|&&samples| samples > 0).count(),
            high_quality: good.iter().sum::<usize>() as f64 / count,
            reverse_kl: divergence_from_even(&nearest),
        }
    }
}

/// The nearest centre and its distance; a point that is no number has none.
fn nearest_centre([x, y]: [f32; 2], centres: &[[f32; 2]]) -> Option<(usize, f32)> {
    let distances = centres.iter().map(|centre| (x - centre[0]).hypot(y - centre[1]));
    distances.enumerate().filter(|(_, distance)| distance.is_finite()).min_by(|a, b| a.1.total_cmp(&b.1))
}

/// `sum p ln(p / even)` for the shares `p` of these counts; of nothing there are no shares.
fn divergence_from_even(counts: &[usize]) -> f64 {
    let total = counts.iter().sum::<usize>() as f64;
    if total == 0.0 {
        return f64::NAN;
    }
    let shares = counts.iter().filter(|&&count| count > 0).map(|&count| count as f64 / total);
    shares.map(|share| share * (share * counts.len() as f64).ln()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;
    use crate::spec::Builtin;

    #[test]
    fn modes_are_counted_as_the_papers_do() {
        let centres = [[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]];
        // Two near the first, one beside the second, none at the others.
        let points = [[0.0, 0.29], [0.1, -0.1], [9.5, 0.0], [f32::NAN, 0.0]];
        let report = ModeReport::of(&points, &centres, 0.1);
        assert_eq!((report.modes, report.captured), (4, 1));
        assert_eq!(report.high_quality, 0.5, "what is no number is no good sample either");
        let closed = 2.0 / 3.0 * (8.0_f64 / 3.0).ln() + 1.0 / 3.0 * (4.0_f64 / 3.0).ln();
        assert!((report.reverse_kl - closed).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_number_is_not_even() {
        let (centres, sigma) = data::modes(Builtin::Ring8).unwrap();
        for points in [vec![[f32::NAN, 0.0]; 100], vec![[f32::INFINITY, f32::NEG_INFINITY]; 100], Vec::new()] {
            let report = ModeReport::of(&points, &centres, sigma);
            assert_eq!((report.captured, report.high_quality), (0, 0.0));
            assert!(report.reverse_kl.is_nan(), "{}", report.reverse_kl);
        }
    }

    #[test]
    fn one_mode_alone_is_the_logarithm_of_their_number_away() {
        let (centres, sigma) = data::modes(Builtin::Ring8).unwrap();
        let report = ModeReport::of(&vec![centres[3]; 100], &centres, sigma);
        assert_eq!((report.captured, report.high_quality), (1, 1.0));
        assert!((report.reverse_kl - 8.0_f64.ln()).abs() < 1e-12);
        assert_eq!(ModeReport::of(&centres, &centres, sigma).reverse_kl, 0.0);
    }
}
