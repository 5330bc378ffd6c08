//! Dense maps, convolutions and transposed convolutions against Burn's.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rayon::ThreadPoolBuilder;

use super::cases::{Case, Numbers, Theme, burns, gradients, ours, output};
use super::{BENDS, assert_near, burns_bend, has_kink, quarters, stream, widened};
use crate::ops::Bend;

/// Cases of each theme.
const EACH: usize = 36;

/// What rounding explains of a sum, for each unit of the sum of its terms' sizes: the numbers that go in are such that any plain sum is
/// exact, but a kernel may transform them first.
const ROUNDING: f64 = 16.0 * f32::EPSILON as f64;

#[test]
fn linear_maps_and_their_gradients_are_those_of_burn() {
    for index in 0..EACH * Theme::ALL.len() {
        let theme = Theme::ALL[index % Theme::ALL.len()];
        let mut rng = stream(index);
        let mut case = Case::draw(theme, &mut rng);
        let bend = BENDS[rng.random_range(0..BENDS.len())];
        let wanted = wanted(&mut case, &mut rng);
        // Even and uneven shares of a batch.
        let pool = ThreadPoolBuilder::new().num_threads(1 + index % 3).build().unwrap();
        pool.install(|| check(&case, bend, wanted, &mut rng, &format!("{index}: {theme:?}, {bend:?}, {wanted:?}, {case:?}")));
    }
}

/// Which gradients: often all, else one or two.
fn wanted(case: &mut Case, rng: &mut ChaCha8Rng) -> [bool; 3] {
    match rng.random_range(0..10) {
        0 => [true, false, false],
        1 => [false, true, false],
        2 => {
            case.has_bias = true;
            [false, false, true]
        }
        3 => [true, true, false],
        4 => [true, false, true],
        5 => [false, true, true],
        _ => [true; 3],
    }
}

fn check(case: &Case, bend: Option<Bend>, wanted: [bool; 3], rng: &mut ChaCha8Rng, what: &str) {
    let forward = |case: &Case, operands: [_; 2], bias: Option<_>| ours(case, operands, bias, bend);
    let (numbers, dims) = numbers(case, bend, rng);
    // What the first run leaves in memory is not a number, and the second must not read it.
    gradients(case, &numbers.map(|_| f32::NAN), wanted, &forward);
    let got = gradients(case, &numbers, wanted, &forward);
    let truth = gradients(case, &numbers, wanted, &|case, operands, bias| burns_bend(burns(case, operands, bias), bend));
    let sizes = gradients(case, &numbers.map(f32::abs), wanted, &burns);

    let is_smooth = !has_kink(bend) && bend.is_some();
    // The slope of a bend is one at most; the functions that are smooth are rounded themselves.
    let of_output = ROUNDING * (largest(&sizes.y) + f64::from(is_smooth));
    assert_near(&got.y, &widened(&truth.y), |_| of_output, &format!("{what}: output"));
    // A smooth slope is told by a result that is wrong by so much, and changes with it twice as fast at most.
    let of_sums = ROUNDING + if is_smooth { 2.0 * of_output } else { 0.0 };
    for (index, name) in ["input", "weight", "bias"].into_iter().enumerate() {
        let is_there = wanted[index] && (index < 2 || case.has_bias);
        assert_eq!(got.gradients[index].is_some(), is_there, "{what}: is there a gradient of the {name}?");
        if let (Some(got), Some(truth), Some(sizes)) = (&got.gradients[index], &truth.gradients[index], &sizes.gradients[index]) {
            let allowed = of_sums * largest(sizes);
            assert_near(got, &widened(truth), |_| allowed, &format!("{what}: gradient of the {name}"));
        }
    }
    assert_eq!(output(case, &numbers, &forward), (got.y, dims), "{what}: without autodiff");
}

/// What goes in, and the shape of what comes out.
fn numbers(case: &Case, bend: Option<Bend>, rng: &mut ChaCha8Rng) -> (Numbers, [usize; 4]) {
    // Results near one, by a power of two so that sums stay exact.
    let scale = (0.5 - (case.taps() as f32).log2() / 2.0).floor().exp2();
    let mut numbers = Numbers::draw(case, scale, |count| quarters(rng, count));
    let (before, dims) = output(case, &numbers, &burns);
    numbers.cotangent = quarters(rng, before.len());
    if has_kink(bend) {
        // At the kink itself there is no slope to agree on.
        numbers.cotangent.iter_mut().zip(&before).filter(|(_, before)| **before == 0.0).for_each(|(cotangent, _)| *cotangent = 0.0);
    }
    (numbers, dims)
}

/// Of the sizes of sums: a kernel may compute several values together, and be as wrong about the smallest as about the largest.
fn largest(sizes: &[f32]) -> f64 {
    sizes.iter().copied().map(f64::from).fold(0.0, f64::max)
}
