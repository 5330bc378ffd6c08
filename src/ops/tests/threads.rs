//! How many threads there are changes nothing but rounding, and with as many a run repeats bit for bit.

use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use rayon::ThreadPoolBuilder;

use super::cases::{Case, Numbers, Results, gradients, ours, output};
use super::{assert_near, stream, tensor, values, widened};
use crate::device;
use crate::ops::linear::Linear;
use crate::ops::{self, Bend, Rule};
use crate::random::normals;

/// Cases that are worth sharing among threads: a batch that three do not divide, and images large and small.
fn cases() -> Vec<Case> {
    let conv = |stride: usize, padding: usize| Linear::Conv2d(ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1));
    let transpose =
        |stride: usize, padding: usize| Linear::ConvTranspose2d(ConvTransposeOptions::new([stride; 2], [padding; 2], [0, 0], [1, 1], 1));
    [
        (Linear::Dense, [50, 300, 1, 1], [300, 200, 1, 1]),
        (conv(1, 1), [7, 16, 12, 12], [24, 16, 3, 3]),
        (conv(1, 1), [7, 24, 12, 12], [8, 24, 3, 3]),
        (conv(1, 1), [7, 20, 24, 24], [24, 20, 3, 3]),
        (conv(2, 1), [3, 8, 70, 66], [12, 8, 4, 4]),
        (conv(1, 0), [40, 32, 6, 6], [40, 32, 6, 6]),
        (transpose(2, 1), [25, 24, 7, 7], [24, 16, 4, 4]),
        (transpose(1, 0), [40, 40, 1, 1], [40, 32, 6, 6]),
        (transpose(1, 1), [5, 12, 20, 20], [12, 20, 3, 3]),
    ]
    .into_iter()
    .map(|(map, x, weight)| Case { map, x, weight, has_bias: true, are_views: false })
    .collect()
}

/// What `run` returns with one, two and three threads.
fn with_threads<R: Send>(run: impl Fn() -> R + Sync) -> [R; 3] {
    [1, 2, 3].map(|threads| ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(&run))
}

#[test]
fn linear_maps_do_not_depend_on_the_number_of_threads() {
    for (index, case) in cases().into_iter().enumerate() {
        let mut rng = stream(40_000 + index);
        let scale = (case.taps() as f32).sqrt().recip();
        let forward = |case: &Case, operands: [_; 2], bias: Option<_>| ours(case, operands, bias, Some(Bend::Tanh));
        let mut numbers = Numbers::draw(&case, scale, |count| normals(&mut rng, count));
        numbers.cotangent = normals(&mut rng, output(&case, &numbers, &forward).0.len());
        let run = || gradients(&case, &numbers, [true; 3], &forward);
        let (first, second) = (with_threads(run), with_threads(run));
        assert!(first == second, "{case:?}: the second run differs");
        let list = |results: &Results| {
            let [input, weight, bias] = results.gradients.clone().map(Option::unwrap);
            [results.y.clone(), input, weight, bias]
        };
        let [one, others @ ..] = first.each_ref().map(list);
        for other in &others {
            same_but_for_rounding(other, &one, &format!("{case:?}"));
        }
    }
}

/// Sums of independent terms: what is lost to rounding is so small a part of what they typically are.
fn same_but_for_rounding(got: &[Vec<f32>; 4], wanted: &[Vec<f32>; 4], what: &str) {
    for (index, (got, wanted)) in got.iter().zip(wanted).enumerate() {
        let typical = (wanted.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / wanted.len() as f64).sqrt();
        assert!(typical > 0.0, "{what}: {index} is nothing");
        assert_near(got, &widened(wanted), |_| 5e-5 * typical, &format!("{what}: {index}"));
    }
}

#[test]
fn normalisation_does_not_depend_on_the_number_of_threads() {
    for dims in [[1000, 80, 1, 1], [25, 7, 20, 20]] {
        let count = dims.iter().product();
        let mut rng = stream(40_100);
        let (x, cotangent) = (normals(&mut rng, count), normals(&mut rng, count));
        let (weight, bias) = (normals(&mut rng, dims[1]), normals(&mut rng, dims[1]));
        let run = || {
            let device = device::cpu().autodiff();
            let x = tensor(&x, dims, &device).require_grad();
            let weight = tensor(&weight, [dims[1]], &device).require_grad();
            let y = ops::normalise(x.clone(), weight.clone(), tensor(&bias, [dims[1]], &device), 1e-5, Some(Bend::Sigmoid));
            let back = (y.output.clone() * tensor(&cotangent, dims, &device)).sum().backward();
            [values(y.output), values(y.variance), values(x.grad(&back).unwrap()), values(weight.grad(&back).unwrap())]
        };
        let (first, second) = (with_threads(run), with_threads(run));
        assert!(first == second, "{dims:?}: the second run differs");
        let [one, others @ ..] = &first;
        for other in others {
            same_but_for_rounding(other, one, &format!("{dims:?}"));
        }
    }
}

#[test]
fn what_happens_to_each_value_alone_is_the_same_with_any_number_of_threads() {
    let mut rng = stream(40_200);
    let numbers = normals(&mut rng, 100_003);
    let rule = Rule::Adam { rate: 0.1, beta1: 0.5, beta2: 0.9, root: 0.7, epsilon: 1e-8 };
    let [one, others @ ..] = with_threads(|| {
        let draw = || tensor(&numbers, [numbers.len()], &device::cpu());
        let (weight, [first, second]) = ops::update(draw(), draw(), [draw(), draw().abs()], rule);
        [weight, first, second, ops::bend(draw(), Bend::Tanh), ops::blend(draw(), draw() * 2.0, 0.3)].map(values)
    });
    assert!(others.iter().all(|other| *other == one));
}
