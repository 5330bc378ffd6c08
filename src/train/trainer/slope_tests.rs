//! Steps of the discriminator against its loss and penalties written out by hand in 64 bits, whose slopes are central differences.

use std::collections::BTreeMap;

use super::*;
use crate::device;
use crate::nn::Named;
use crate::random::{Purpose, normals, stream};
use crate::spec::{Layer, Loss, Optimiser, OptimiserSpec, Preset, Regularisation, Shape, Stack};

/// `2 -> 6, LeakyReLU -> 5, tanh -> 1`, by the names and in the layout of the network's weights.
#[derive(Clone)]
struct Judge(BTreeMap<String, Vec<f64>>);

fn layers() -> [Layer; 5] {
    [Layer::dense(6), Layer::LeakyRelu { slope: SLOPE }, Layer::dense(5), Layer::Tanh, Layer::dense(1)]
}

const SLOPE: f32 = 0.2;
const SIZE: usize = 2;
const BATCH: usize = 8;

impl Judge {
    fn of(named: &Named) -> Self {
        Self(named.iter().map(|(name, tensor)| (name.clone(), tensor.values.iter().copied().map(f64::from).collect())).collect())
    }

    /// A dense layer; its weights are `[inputs, outputs]`.
    fn dense(&self, layer: u32, x: &[f64]) -> Vec<f64> {
        let (weight, bias) = (&self.0[&format!("{layer}.weight")], &self.0[&format!("{layer}.bias")]);
        let output = |j: usize| bias[j] + x.iter().enumerate().map(|(i, x)| x * weight[i * bias.len() + j]).sum::<f64>();
        (0..bias.len()).map(output).collect()
    }

    /// What a gradient by its outputs is by its inputs.
    fn back(&self, layer: u32, gradient: &[f64]) -> Vec<f64> {
        let rows = self.0[&format!("{layer}.weight")].chunks(gradient.len());
        rows.map(|row| row.iter().zip(gradient).map(|(weight, gradient)| weight * gradient).sum()).collect()
    }

    /// The score of a sample, and its slope along the sample.
    fn judge(&self, x: &[f64]) -> (f64, Vec<f64>) {
        let slope = f64::from(SLOPE);
        let first = self.dense(1, x);
        let bent: Vec<f64> = first.iter().map(|&value| if value > 0.0 { value } else { slope * value }).collect();
        let second: Vec<f64> = self.dense(3, &bent).into_iter().map(f64::tanh).collect();
        let score = self.dense(5, &second)[0];
        let mut gradient = self.back(5, &[1.0]);
        gradient.iter_mut().zip(&second).for_each(|(gradient, value)| *gradient *= 1.0 - value * value);
        let mut gradient = self.back(3, &gradient);
        gradient.iter_mut().zip(&first).for_each(|(gradient, &value)| *gradient *= if value > 0.0 { 1.0 } else { slope });
        (score, self.back(1, &gradient))
    }

    /// How far the nearest bend of a LeakyReLU is.
    fn to_the_next_bend(&self, x: &[f64]) -> f64 {
        self.dense(1, x).into_iter().fold(f64::INFINITY, |least, value| least.min(value.abs()))
    }
}

/// Real and generated samples, and places between them, as the step has them.
struct Batch {
    real: Vec<f32>,
    fake: Vec<f32>,
    shares: Vec<f32>,
}

impl Batch {
    fn draw(counter: u64) -> Self {
        let normals = |part| normals(&mut stream(5, Purpose::Synthetic, 3 * counter + part), SIZE * BATCH);
        let shares = (0..BATCH).map(|index| (0.5 + index as f32) / BATCH as f32).collect();
        Self { real: normals(0), fake: normals(1), shares }
    }

    fn samples(values: &[f32]) -> Vec<Vec<f64>> {
        values.chunks(SIZE).map(|sample| sample.iter().copied().map(f64::from).collect()).collect()
    }

    /// Real, generated, between.
    fn all(&self) -> [Vec<Vec<f64>>; 3] {
        let (real, fake) = (Self::samples(&self.real), Self::samples(&self.fake));
        let between = |((real, fake), share): ((&Vec<f64>, &Vec<f64>), &f32)| -> Vec<f64> {
            real.iter().zip(fake).map(|(real, fake)| fake + (real - fake) * f64::from(*share)).collect()
        };
        let between = real.iter().zip(&fake).zip(&self.shares).map(between).collect();
        [real, fake, between]
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

/// The non-saturating loss of the discriminator (Goodfellow et al., 2014), and the penalties of `rules`.
fn cost(judge: &Judge, batch: &Batch, rules: &Regularisation, means: [f64; 2]) -> [f64; 2] {
    let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    let square = |gradient: &[f64]| gradient.iter().map(|value| value * value).sum::<f64>();
    let [real, fake, between] = batch.all().map(|samples| samples.iter().map(|x| judge.judge(x)).collect::<Vec<_>>());
    let loss = mean(real.iter().map(|(score, _)| softplus(-score))) + mean(fake.iter().map(|(score, _)| softplus(*score)));
    // Mescheder et al., 2018, equations 9 and 10.
    let [r1, r2] = [&real, &fake].map(|judged| mean(judged.iter().map(|(_, gradient)| square(gradient))));
    // Gulrajani et al., 2017, equation 3.
    let steepness = mean(between.iter().map(|(_, gradient)| (square(gradient).sqrt() - 1.0).powi(2)));
    // Tseng et al., 2021, equation 5; in the first step the anchors are that step's means.
    let far = |judged: &[(f64, Vec<f64>)], anchor: f64| mean(judged.iter().map(|(score, _)| (score - anchor).powi(2)));
    let lecam = far(&real, means[1]) + far(&fake, means[0]);
    let [w1, w2, wg, wl] = [rules.r1, rules.r2, rules.gradient_penalty, rules.lecam].map(f64::from);
    [loss, w1 / 2.0 * r1 + w2 / 2.0 * r2 + wg * steepness + wl * lecam]
}

/// The slope of the whole cost along each weight, by central differences.
fn slopes(judge: &Judge, batch: &Batch, rules: &Regularisation, means: [f64; 2]) -> BTreeMap<String, Vec<f64>> {
    const STEP: f64 = 1e-5;
    let total = |name: &str, index: usize, step: f64| {
        let mut moved = judge.clone();
        moved.0.get_mut(name).unwrap()[index] += step;
        cost(&moved, batch, rules, means).iter().sum::<f64>()
    };
    let slope = |name: &str, index: usize| (total(name, index, STEP) - total(name, index, -STEP)) / (2.0 * STEP);
    judge.0.iter().map(|(name, values)| (name.clone(), (0..values.len()).map(|index| slope(name, index)).collect())).collect()
}

/// What plain descent takes off each weight in one step of the discriminator, over its rate, and the step's numbers.
fn descended(trainer: &mut Trainer, batch: &Batch) -> (BTreeMap<String, Vec<f64>>, Vec<f32>) {
    let before = Judge::of(&trainer.discriminator.read().unwrap().0).0;
    let [real, fake] = [&batch.real, &batch.fake].map(|samples| trainer.upload(samples.clone()));
    let numbers = trainer.d_step_between(real, fake, Some(batch.shares.clone()));
    let after = Judge::of(&trainer.discriminator.read().unwrap().0).0;
    let rate = f64::from(RATE);
    let moved = |(name, before): (&String, &Vec<f64>)| {
        let pairs = before.iter().zip(&after[name]);
        (name.clone(), pairs.map(|(before, after)| (before - after) / rate).collect())
    };
    (before.iter().map(moved).collect(), numbers.into_data().try_into_vec::<f32>().unwrap())
}

/// Descent along a gradient that is scaled up loses fewer digits of it to those of the weights.
const RATE: f32 = 1024.0;

fn trainer(rules: Regularisation) -> Trainer {
    let mut project = Preset::from_name("ring8").unwrap().project();
    project.discriminator = Stack::new(Shape::vector(SIZE), layers());
    let descent = OptimiserSpec { learning_rate: RATE, rule: Optimiser::Sgd { momentum: 0.0 } };
    project.train = TrainSpec { loss: Loss::NonSaturating, discriminator: descent, regularisation: rules, ..project.train };
    let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
    // Nothing is at zero, biases included.
    let mut named = trainer.discriminator.read().unwrap().0;
    for (index, tensor) in named.values_mut().enumerate() {
        let drawn = normals(&mut stream(7, Purpose::Synthetic, index as u64), tensor.values.len());
        tensor.values.iter_mut().zip(drawn).for_each(|(value, drawn)| *value += 0.3 * drawn);
    }
    trainer.discriminator = trainer.discriminator.write(&named).0;
    trainer
}

#[test]
fn a_step_of_the_discriminator_descends_along_the_slopes_of_its_loss_and_penalties() {
    let none = Regularisation::default();
    let rules = [
        none,
        Regularisation { r1: 2.0, ..none },
        Regularisation { r2: 2.0, ..none },
        Regularisation { gradient_penalty: 10.0, ..none },
        Regularisation { lecam: 0.5, ..none },
        Regularisation { r1: 0.7, r2: 0.3, gradient_penalty: 1.5, lecam: 0.2, ..none },
    ];
    let mut found = Vec::new();
    for (rules, counter) in rules.iter().flat_map(|rules| (0..3).map(move |counter| (rules, counter))) {
        let (mut trainer, batch) = (trainer(*rules), Batch::draw(counter));
        let judge = Judge::of(&trainer.discriminator.read().unwrap().0);
        let samples = batch.all();
        assert!(samples.iter().flatten().all(|x| judge.to_the_next_bend(x) > 1e-4), "a difference over a bend is no slope");
        let [real, fake, _] = samples.map(|samples| mean(samples.iter().map(|x| judge.judge(x).0)));
        let [loss, penalty] = cost(&judge, &batch, rules, [real, fake]);
        let wanted = slopes(&judge, &batch, rules, [real, fake]);
        let (got, numbers) = descended(&mut trainer, &batch);
        for (what, got, wanted) in [("loss", numbers[0], loss), ("penalty", numbers[3], penalty)] {
            assert!((f64::from(got) - wanted).abs() <= 1e-5 * wanted.max(1.0), "{rules:?}: the {what} is {got} and not {wanted}");
        }
        let largest = wanted.values().flatten().fold(0.0_f64, |largest, slope| largest.max(slope.abs()));
        for (name, wanted) in &wanted {
            for (index, (got, wanted)) in got[name].iter().zip(wanted).enumerate() {
                assert!((got - wanted).abs() <= 1e-5 * largest, "{rules:?}: {name}[{index}] is {got} and not {wanted}, of {largest}");
            }
        }
        found.push(largest);
    }
    assert!(found.iter().all(|largest| *largest > 1e-2), "there is something to compare: {found:?}");
}
