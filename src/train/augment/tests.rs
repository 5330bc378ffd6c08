//! Augmentation against PyTorch's, and the probability against a sequence counted by hand.

use burn::tensor::{Device, Tensor, TensorData};
use serde::Deserialize;

use super::*;
use crate::device;
use crate::random::{Purpose, stream};
use crate::reference::{Values, assert_close, table};
use crate::spec::Loss;

/// How samples are augmented, as a table has it.
#[derive(Debug, Deserialize)]
pub struct Recorded {
    rules: Augmentation,
    one: Shape,
    draws: Draws,
}

impl Recorded {
    pub fn augment(&self, device: &Device) -> Augment {
        let p = Tensor::from_data([self.rules.probability], device);
        Augment::new(&self.rules, &self.draws, self.one, &p, device)
    }
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(flatten)]
    recorded: Recorded,
    samples: Values,
    cotangent: Values,
    output: Values,
    gradient: Values,
}

fn tensor(values: &Values, device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values.values.clone(), values.dims::<4>()), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec::<f32>().unwrap()
}

#[test]
fn pictures_and_gradients_are_those_of_the_published_definition() {
    let entries: Vec<Entry> = table(include_str!("../../../tests/reference/augment.json"));
    assert!(entries.len() >= 9, "the table has shrunk to {}", entries.len());
    let device = device::cpu().autodiff();
    for entry in entries {
        let augment = entry.recorded.augment(&device);
        let (samples, cotangent) = (tensor(&entry.samples, &device).require_grad(), tensor(&entry.cotangent, &device));
        let output = augment.apply(samples.clone());
        assert_close(&entry.name, &values(output.clone()), &entry.output.values, 2e-6);
        let gradients = (output * cotangent.clone()).sum().backward();
        let gradient = samples.grad(&gradients).unwrap();
        assert_close(&format!("{}: gradient", entry.name), &values(gradient), &entry.gradient.values, 2e-6);
        // Affine: what it makes of a sum is what it makes of one part and the change of the other.
        let sum = augment.apply(samples.clone() + cotangent.clone());
        let parts = augment.apply(samples) + augment.change(cotangent);
        assert_close(&format!("{}: change", entry.name), &values(sum), &values(parts), 5e-6);
    }
}

#[test]
fn nothing_that_is_on_leaves_samples_as_they_are() {
    let device = device::cpu();
    let samples = Tensor::<4>::from_data([[[[1.5_f32, -2.0]]]], &device);
    assert_eq!(values(Augment::default().apply(samples.clone())), [1.5, -2.0]);
    let draws = Draws::new(&mut stream(1, Purpose::Augmentation, 0), Shape::new(1, 1, 2), 1);
    let off = Augment::new(&Augmentation::default(), &draws, Shape::new(1, 1, 2), &Tensor::ones([1], &device), &device);
    assert_eq!(values(off.apply(samples)), [1.5, -2.0]);
}

#[test]
fn draws_cover_their_ranges_and_differ_from_step_to_step() {
    let shape = Shape::new(3, 32, 20);
    let draws = |counter| Draws::new(&mut stream(7, Purpose::Augmentation, counter), shape, 2000);
    let (some, other) = (draws(0), draws(1));
    assert_ne!(some.brightness, other.brightness);
    assert_eq!(some, draws(0));
    let range = |values: &[f32]| values.iter().fold((f32::MAX, f32::MIN), |(low, high), &value| (low.min(value), high.max(value)));
    let within = |values: &[f32], low: f32, high: f32| {
        let (from, to) = range(values);
        let slack = (high - low) * 0.01;
        assert!(from >= low && from < low + slack && to <= high && to > high - slack, "{from} to {to}, wanted {low} to {high}");
    };
    within(&some.brightness, -0.5, 0.5);
    within(&some.saturation, 0.0, 2.0);
    within(&some.contrast, 0.5, 1.5);
    some.chances.iter().for_each(|chances| within(chances, 0.0, 1.0));
    // An eighth of 32 and of 20 (2.5, rounded up); windows of 16 and 10 have 33 and 21 places.
    assert_eq!(some.translation.each_ref().map(|values| range(values)), [(-4.0, 4.0), (-3.0, 3.0)]);
    assert_eq!(some.cutout.each_ref().map(|values| range(values)), [(0.0, 32.0), (0.0, 20.0)]);
}

fn adaptive() -> Augmentation {
    Augmentation { colour: true, adaptive: true, target: 0.5, ramp: 1, ..Augmentation::default() }
}

/// The probability after each step, 16 samples at each, where the discriminator says this of real ones.
fn probabilities(strength: &mut Strength, said: &[[f32; 4]]) -> Vec<f32> {
    let device = device::cpu();
    let step = |said: &[f32; 4]| {
        strength.hear(&adaptive(), Loss::Hinge, &Tensor::from_data(*said, &device), 16);
        values(strength.probability(&adaptive(), &device))[0]
    };
    said.iter().map(step).collect()
}

const SURE: [f32; 4] = [0.1, 3.0, 20.0, 0.5];
const WRONG: [f32; 4] = [-0.1, -2.0, -3.0, -1.0];
/// The mean sign is 0.5.
const MOSTLY: [f32; 4] = [0.1, 3.0, 20.0, -0.5];
/// The mean sign is 0.75: a verdict of zero has none.
const HARDLY: [f32; 4] = [0.1, 3.0, 0.0, 7.0];

#[test]
fn the_probability_follows_the_sign_of_verdicts_as_counted_by_hand() {
    let mut strength = Strength::default();
    // Each move is by 4 steps of 16 of 1,000 samples: 0.064.
    let found = probabilities(&mut strength, &[SURE; 9]);
    assert_close("sure", &found, &[0.0, 0.0, 0.0, 0.064, 0.064, 0.064, 0.064, 0.128, 0.128], 1e-6);
    // One sure step was heard already: (1 + 1 + 1 - 1) / 4 is at the target, where nothing moves.
    assert_close("at the target", &probabilities(&mut strength, &[SURE, WRONG, SURE]), &[0.128; 3], 1e-6);
    assert_close("mostly", &probabilities(&mut strength, &[MOSTLY; 4])[3..], &[0.128], 1e-6);
    assert_close("hardly", &probabilities(&mut strength, &[HARDLY, MOSTLY, MOSTLY, MOSTLY])[3..], &[0.192], 1e-6);
    // Down, and no further than to 0; up, and no further than to 1.
    let down = probabilities(&mut strength, &[WRONG; 16]);
    assert_close("down", &[down[3], down[7], down[11], down[15]], &[0.128, 0.064, 0.0, 0.0], 1e-6);
    let up = probabilities(&mut strength, &[SURE; 80]);
    assert_close("up", &[up[59], up[63], up[79]], &[0.96, 1.0, 1.0], 1e-5);
}

#[test]
fn the_border_of_least_squares_lies_between_its_targets() {
    let device = device::cpu();
    let moved = |loss: Loss| {
        let mut strength = Strength::default();
        (0..4).for_each(|_| strength.hear(&adaptive(), loss, &Tensor::from_data([0.3, 0.4], &device), 250));
        values(strength.probability(&adaptive(), &device))[0]
    };
    assert_eq!((moved(Loss::NonSaturating), moved(Loss::LeastSquares)), (1.0, 0.0));
}

#[test]
fn what_was_heard_is_kept_and_forgotten_where_nothing_adapts() {
    let mut whole = Strength::default();
    let wanted = probabilities(&mut whole, &[SURE, MOSTLY, WRONG, SURE, SURE, SURE, SURE]);
    let mut first = Strength::default();
    assert!(first.read().unwrap().is_empty());
    probabilities(&mut first, &[SURE, MOSTLY, WRONG, SURE, SURE]);
    let mut second = Strength::restore(&first.read().unwrap(), &device::cpu());
    assert_eq!(probabilities(&mut second, &[SURE, SURE]), wanted[5..]);
    assert_eq!(second.read().unwrap(), whole.read().unwrap());
    second.keep_for(&Augmentation { adaptive: false, ..adaptive() });
    assert!(second.read().unwrap().is_empty());
}
