//! The kernel distance between two sets of features.

use super::features::{Features, products};

/// The unbiased estimate of the squared maximum mean discrepancy under the kernel `(x . y / dims + 1)^3` (Bińkowski et al., 2018, who
/// call it KID over the features of Inception). Not biased by the number of samples, so it may fall below zero where the sets are alike.
/// `None` where a set has fewer than two samples, or what is no number.
pub fn kernel_distance(a: &Features, b: &Features) -> Option<f64> {
    if a.len() < 2 || b.len() < 2 {
        return None;
    }
    let distance = mean_among(a) + mean_among(b) - 2.0 * mean_between(a, b);
    distance.is_finite().then_some(distance)
}

fn kernel(product: f32, dims: usize) -> f64 {
    (f64::from(product) / dims as f64 + 1.0).powi(3)
}

/// Over all pairs of different samples.
fn mean_among(a: &Features) -> f64 {
    let count = a.len();
    let products = products(a, a);
    let whole: f64 = products.iter().map(|&product| kernel(product, a.dims())).sum();
    let diagonal: f64 = products.iter().step_by(count + 1).map(|&product| kernel(product, a.dims())).sum();
    (whole - diagonal) / (count * (count - 1)) as f64
}

fn mean_between(a: &Features, b: &Features) -> f64 {
    let sum: f64 = products(a, b).iter().map(|&product| kernel(product, a.dims())).sum();
    sum / (a.len() * b.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::table;

    #[derive(serde::Deserialize)]
    struct Entry {
        a: Vec<Vec<f32>>,
        b: Vec<Vec<f32>>,
        kernel: f64,
    }

    #[test]
    fn it_is_the_definition_summed_in_numpy() {
        let entries: Vec<Entry> = table(include_str!("../../tests/reference/distances.json"));
        for entry in entries {
            let features = |rows: &[Vec<f32>]| Features::new(rows.concat(), rows[0].len());
            let distance = kernel_distance(&features(&entry.a), &features(&entry.b)).unwrap();
            assert!((distance - entry.kernel).abs() <= 2e-5 * entry.kernel.abs().max(1.0), "{distance} {}", entry.kernel);
        }
    }

    #[test]
    fn two_pairs_have_the_closed_form() {
        let a = Features::new(vec![1.0, 2.0], 1);
        let b = Features::new(vec![0.0, 0.0], 1);
        // (1 * 2 + 1)^3 among a, 1 among b, 1 between.
        assert_eq!(kernel_distance(&a, &b), Some(27.0 + 1.0 - 2.0));
        assert_eq!(kernel_distance(&a, &Features::new(vec![1.0], 1)), None);
    }
}
