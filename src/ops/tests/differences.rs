//! Gradients against central differences of the operations themselves.

use super::cases::{Case, Numbers, Theme, gradients, ours, output};
use super::stream;
use crate::ops::Bend;
use crate::random::normals;

/// Along a direction of ones: far above what is lost to rounding, and so small that what a fourth-order difference leaves out is less.
const STEP: f32 = 1.0 / 32.0;

#[test]
fn gradients_are_the_slopes_of_the_loss() {
    let themes = [Theme::Conv, Theme::Transpose, Theme::Straight, Theme::Halving, Theme::Whole, Theme::Dense];
    for index in 0..24 {
        let theme = themes[index % themes.len()];
        let bend = [None, Some(Bend::Tanh), Some(Bend::Sigmoid)][index % 5 % 3];
        let mut rng = stream(10_000 + index);
        let case = Case { has_bias: true, ..Case::draw(theme, &mut rng) };
        let forward = |case: &Case, operands: [_; 2], bias: Option<_>| ours(case, operands, bias, bend);

        let scale = (case.taps() as f32).sqrt().recip();
        let mut numbers = Numbers::draw(&case, scale, |count| normals(&mut rng, count));
        let direction = Numbers::draw(&case, scale, |count| normals(&mut rng, count));
        numbers.cotangent = normals(&mut rng, output(&case, &numbers, &forward).0.len());

        let got = gradients(&case, &numbers, [true; 3], &forward).gradients.map(Option::unwrap);
        let slope: f64 =
            [(&got[0], &direction.x), (&got[1], &direction.weight), (&got[2], &direction.bias)].map(|(g, d)| product(g, d)).iter().sum();

        let loss = |step: f32| {
            let moved = along(&numbers, &direction, step);
            product(&output(&case, &moved, &forward).0, &numbers.cotangent)
        };
        let difference = |step: f32| (loss(step) - loss(-step)) / (2.0 * f64::from(step));
        let wanted = (4.0 * difference(STEP) - difference(2.0 * STEP)) / 3.0;
        // The loss is a sum of independent terms of about this size.
        let size = product(&numbers.cotangent, &numbers.cotangent).sqrt();
        assert!((slope - wanted).abs() < 1e-3 * size, "{theme:?}, {bend:?}, {case:?}: {slope}, not {wanted}, of {size}");
    }
}

fn product(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

fn along(from: &Numbers, direction: &Numbers, step: f32) -> Numbers {
    let moved = |from: &[f32], by: &[f32]| from.iter().zip(by).map(|(from, by)| from + step * by).collect();
    Numbers {
        x: moved(&from.x, &direction.x),
        weight: moved(&from.weight, &direction.weight),
        bias: moved(&from.bias, &direction.bias),
        cotangent: Vec::new(),
    }
}
