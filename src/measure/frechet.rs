//! The Fréchet distance between two sets of features, each taken for a Gaussian.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use super::features::Features;

/// `|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))` (Dowson and Landau, 1982), with means and covariances of the two sets, in 64 bits.
///
/// With the features of Inception this would be the FID (Heusel et al., 2017); with any others it is another number, on a scale of its
/// own, and falls with the number of samples. `None` where a set has fewer than two samples, or what is no number.
pub fn frechet_distance(a: &Features, b: &Features) -> Option<f64> {
    let (a, b) = (Moments::of(a)?, Moments::of(b)?);
    let between = (&a.mean - &b.mean).norm_squared();
    let spread = a.covariance.trace() + b.covariance.trace() - 2.0 * trace_of_root_of_product(&a.covariance, &b.covariance);
    Some((between + spread).max(0.0))
}

struct Moments {
    mean: DVector<f64>,
    /// Divided by one less than the number of samples, as NumPy's `cov`.
    covariance: DMatrix<f64>,
}

impl Moments {
    fn of(features: &Features) -> Option<Self> {
        if features.len() < 2 || !features.values().iter().all(|value| value.is_finite()) {
            return None;
        }
        // One column for each sample.
        let values = features.values().iter().map(|&value| f64::from(value));
        let mut samples = DMatrix::from_iterator(features.dims(), features.len(), values);
        let mean = samples.column_mean();
        samples.column_iter_mut().for_each(|mut column| column -= &mean);
        let covariance = &samples * samples.transpose() / (features.len() - 1) as f64;
        Some(Self { mean, covariance })
    }
}

/// `tr((A B)^(1/2))` of two covariances: the roots of the eigenvalues of the symmetric `A^(1/2) B A^(1/2)`, which are those of `A B`.
fn trace_of_root_of_product(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
    let SymmetricEigen { eigenvectors, eigenvalues } = SymmetricEigen::new(a.clone());
    // Rounding may leave an eigenvalue a little below zero.
    let root = |value: f64| value.max(0.0).sqrt();
    let root_of_a = &eigenvectors * DMatrix::from_diagonal(&eigenvalues.map(root)) * eigenvectors.transpose();
    let middle = &root_of_a * b * &root_of_a;
    let middle = (&middle + middle.transpose()) * 0.5;
    middle.symmetric_eigenvalues().iter().copied().map(root).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::table;

    #[derive(serde::Deserialize)]
    struct Entry {
        a: Vec<Vec<f32>>,
        b: Vec<Vec<f32>>,
        frechet: f64,
    }

    fn features(rows: &[Vec<f32>]) -> Features {
        Features::new(rows.concat(), rows[0].len())
    }

    #[test]
    fn it_is_scipys_to_many_digits() {
        let entries: Vec<Entry> = table(include_str!("../../tests/reference/distances.json"));
        assert!(entries.len() >= 3);
        for entry in entries {
            let distance = frechet_distance(&features(&entry.a), &features(&entry.b)).unwrap();
            assert!((distance - entry.frechet).abs() <= 1e-6 * entry.frechet.max(1.0), "{distance} {}", entry.frechet);
        }
    }

    #[test]
    fn sets_along_axes_have_the_closed_form() {
        // Variances 2 and 8 along x, none along y; means 3 apart along y.
        let a = Features::new(vec![-1.0, 0.0, 1.0, 0.0], 2);
        let b = Features::new(vec![-2.0, 3.0, 2.0, 3.0], 2);
        let closed = 9.0 + (8.0_f64.sqrt() - 2.0_f64.sqrt()).powi(2);
        assert!((frechet_distance(&a, &b).unwrap() - closed).abs() < 1e-9);
        assert!(frechet_distance(&a, &a).unwrap() < 1e-9);
        assert_eq!(frechet_distance(&a, &Features::new(vec![1.0, 2.0], 2)), None, "one sample has no spread");
        assert_eq!(frechet_distance(&a, &Features::new(vec![f32::NAN; 4], 2)), None);
    }
}
