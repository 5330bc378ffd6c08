//! Penalties against PyTorch's double backward, and against central differences where layers draw random numbers.

use burn::tensor::{Tensor, TensorData};
use serde::Deserialize;
use std::collections::BTreeMap;

use super::History;
use super::augment::Augment;
use super::augment::tests::Recorded;
use super::optimiser::OptimiserState;
use super::penalties::{Penalty, Punished, punish};
use super::trainer::Trainer;
use crate::device;
use crate::nn::{Named, Network, Pass, TensorValues};
use crate::random::{self, Purpose, stream};
use crate::reference::{Values, Weights, own_layout, table};
use crate::spec::{Layer, Loss, Optimiser, OptimiserSpec, Preset, Project, Role, Shape, Stack, catalogue};

#[derive(Deserialize)]
struct Wanted {
    weight: f32,
    value: f32,
    gradients: Weights,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    layers: Vec<serde_json::Value>,
    initial: Weights,
    samples: Values,
    augment: Option<Recorded>,
    penalties: BTreeMap<String, Wanted>,
}

impl Entry {
    fn own(&self, weights: &Weights) -> Named {
        let own = |(name, values): (&String, &Values)| {
            let id: usize = name.split('.').next().unwrap().parse().unwrap();
            let kind = self.layers[id - 1]["kind"].as_str().unwrap();
            let own = own_layout(kind, name.rsplit('.').next().unwrap(), values);
            (name.clone(), TensorValues { shape: own.shape, values: own.values })
        };
        weights.iter().map(own).collect()
    }

    fn network(&self) -> Network {
        let [_, channels, height, width] = self.samples.dims::<4>();
        let layers = self.layers.iter().map(|layer| serde_json::from_value::<Layer>(layer.clone()).unwrap());
        let stack = Stack::new(Shape::new(channels, height, width), layers);
        let network = Network::new(&stack, Role::Discriminator, 1, &device::cpu().autodiff()).unwrap();
        let named = self.own(&self.initial);
        let (network, taken) = network.write(&named);
        assert_eq!(taken.len(), named.len(), "{}: weights", self.name);
        network
    }
}

fn samples(values: &[f32], dims: [usize; 4]) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values.to_vec(), dims), &device::cpu().autodiff())
}

fn number(tensor: Tensor<1>) -> f32 {
    tensor.into_data().try_into_vec::<f32>().unwrap()[0]
}

/// The gradient for each weight: what plain descent takes off it.
fn gradients(network: &Network, loss: &Tensor<1>) -> Named {
    // Descent along a gradient that is scaled up loses fewer digits of it to those of the weights.
    const SCALE: f32 = 1024.0;
    let descent = OptimiserSpec { learning_rate: SCALE, rule: Optimiser::Sgd { momentum: 0.0 } };
    let before = network.read().unwrap().0;
    let after = OptimiserState::default().step(&descent, 0.0, network.clone(), &mut loss.clone().backward());
    let mut moved = after.read().unwrap().0;
    for (name, values) in &mut moved {
        let pairs = values.values.iter_mut().zip(&before[name].values);
        pairs.for_each(|(after, before)| *after = (before - *after) / SCALE);
    }
    moved
}

/// As far apart as 32-bit sums of some tens of products are, of the size of the largest.
#[track_caller]
fn assert_near(what: &str, got: &[f32], wanted: &[f32], tolerance: f32) {
    assert_eq!(got.len(), wanted.len(), "{what}: number of values");
    let size = wanted.iter().fold(1.0_f32, |size, value| size.max(value.abs()));
    for (index, (got, wanted)) in got.iter().zip(wanted).enumerate() {
        assert!((got - wanted).abs() <= tolerance * size, "{what}[{index}]: got {got}, wanted {wanted} (largest {size})");
    }
}

#[test]
fn penalties_and_their_gradients_are_those_of_pytorchs_double_backward() {
    let entries: Vec<Entry> = table(include_str!("../../tests/reference/penalties.json"));
    assert!(entries.len() >= 42, "the table has shrunk to {}", entries.len());
    let mut weights = 0;
    for entry in &entries {
        let augment = entry.augment.as_ref().map(|recorded| recorded.augment(&device::cpu().autodiff())).unwrap_or_default();
        for (kind, wanted) in &entry.penalties {
            let weight = wanted.weight;
            let penalty = if kind == "one" { Penalty::One { weight } } else { Penalty::Zero { weight } };
            let network = entry.network();
            let x = samples(&entry.samples.values, entry.samples.dims::<4>());
            // The scores as they are, as PyTorch takes them here.
            let Punished { value, stand_in, .. } = punish(&network, Loss::Wasserstein, x, &augment, &Pass::training(1, 0), penalty);
            let what = format!("{}, {kind}", entry.name);
            assert_near(&what, &[number(value)], &[wanted.value], 2e-5);
            let got = gradients(&network, &stand_in);
            for (name, wanted) in entry.own(&wanted.gradients) {
                assert_near(&format!("{what}: gradient of {name}"), &got[&name].values, &wanted.values, 5e-5);
                weights += wanted.values.len();
            }
        }
    }
    assert!(weights > 5_000, "{weights} gradients were compared");
}

/// The penalty in this pass, and its gradients for all weights.
fn punished(network: &Network, x: &[f32], input: Shape, penalty: Penalty) -> (f32, Named) {
    let x = samples(x, input.batched(x.len() / input.values()));
    let Punished { value, stand_in, .. } = punish(network, Loss::Wasserstein, x, &Augment::default(), &Pass::training(3, 8), penalty);
    let found = if stand_in.is_tracked() { gradients(network, &stand_in) } else { Named::new() };
    (number(value), found)
}

/// Does the penalty change by its gradient where weights are moved along it?
fn check_slope(name: &str, layers: &[Layer], input: Shape, penalty: Penalty) {
    let stack = Stack::new(input, layers.iter().cloned());
    let network = Network::new(&stack, Role::Discriminator, 5, &device::cpu().autodiff()).unwrap();
    let x = random::normals(&mut stream(11, Purpose::Synthetic, 0), 4 * input.values());
    let (_, gradient) = punished(&network, &x, input, penalty);
    let weights = network.read().unwrap().0;
    let is_trained = |name: &str| !["running_mean", "running_var", "weight_u", "weight_v"].iter().any(|end| name.ends_with(end));
    // Along the gradient itself the penalty changes by its square length.
    let trained: Vec<&String> = weights.keys().filter(|name| is_trained(name)).collect();
    let square: f64 = trained.iter().flat_map(|name| &gradient[*name].values).map(|value| f64::from(*value).powi(2)).sum();
    assert!(square > 1e-12, "{name} has no gradient to check");
    let length = square.sqrt();
    let moved = |step: f64| {
        let mut named = weights.clone();
        for name in &trained {
            let pairs = named.get_mut(*name).unwrap().values.iter_mut().zip(&gradient[*name].values);
            pairs.for_each(|(weight, slope)| *weight = (f64::from(*weight) + step * f64::from(*slope) / length) as f32);
        }
        f64::from(punished(&network.clone().write(&named).0, &x, input, penalty).0)
    };
    // Large steps bend, small ones drown in rounding: one of them is good.
    let slopes: Vec<f64> = [3e-2, 1e-2, 3e-3, 1e-3].into_iter().map(|step| (moved(step) - moved(-step)) / (2.0 * step)).collect();
    let best = slopes.iter().map(|slope| (slope / length - 1.0).abs()).fold(f64::INFINITY, f64::min);
    assert!(best < 5e-3, "{name}: the penalty changes by {slopes:?} along a gradient of the length {length}");
}

#[test]
fn every_kind_of_layer_passes_the_slope_of_penalties_on() {
    let mut checked = 0;
    for entry in catalogue() {
        let layer = entry.layer;
        let Some(input) = [Shape::new(8, 4, 4), Shape::vector(16)].into_iter().find(|shape| layer.output_shape(*shape).is_ok()) else {
            continue;
        };
        let output = layer.output_shape(input).unwrap();
        let first = if input.is_vector() { Layer::dense(16) } else { Layer::conv(8, 3, 1, 1) };
        let mut layers = vec![first, Layer::Tanh, layer.clone(), Layer::Tanh];
        if !output.is_vector() {
            layers.push(Layer::Flatten);
        }
        layers.push(Layer::dense(1));
        for penalty in [Penalty::Zero { weight: 1.0 }, Penalty::One { weight: 1.0 }] {
            check_slope(&format!("{} {penalty:?}", layer.name()), &layers, input, penalty);
        }
        checked += 1;
    }
    assert!(checked >= 30, "{checked} kinds were checked");
}

#[test]
fn masks_and_noise_are_those_of_the_pass() {
    let input = Shape::vector(6);
    let layers = [Layer::GaussianNoise { deviation: 0.3 }, Layer::dense(8), Layer::Tanh, Layer::Dropout { rate: 0.5 }, Layer::dense(1)];
    let network = Network::new(&Stack::new(input, layers), Role::Discriminator, 5, &device::cpu().autodiff()).unwrap();
    let x = random::normals(&mut stream(11, Purpose::Synthetic, 0), 4 * input.values());
    let x = || samples(&x, input.batched(4));
    let values = |tensor: Tensor<1>| tensor.into_data().try_into_vec::<f32>().unwrap();
    let plain = values(network.scores(x(), &Pass::training(3, 8)));
    let punished = punish(&network, Loss::Hinge, x(), &Augment::default(), &Pass::training(3, 8), Penalty::Zero { weight: 1.0 });
    assert_near("scores", &values(punished.logits), &plain, 1e-6);
    let pass = Pass::training(3, 8);
    let _ = punish(&network, Loss::Hinge, x(), &Augment::default(), &pass, Penalty::Zero { weight: 1.0 });
    let second = values(network.scores(x(), &pass));
    assert_ne!(second, plain, "the pass has moved on");
}

#[test]
fn a_constant_discriminator_is_punished_by_its_missing_slope() {
    let input = Shape::vector(3);
    let layers = [Layer::dense(1).with_init(crate::spec::Init::Zeros)];
    let network = Network::new(&Stack::new(input, layers), Role::Discriminator, 5, &device::cpu().autodiff()).unwrap();
    let (value, gradient) = punished(&network, &[0.5; 12], input, Penalty::One { weight: 10.0 });
    assert_eq!(value, 10.0);
    assert!(gradient.values().flat_map(|tensor| &tensor.values).all(|value| value.is_finite()), "{gradient:?}");
}

/// Everything at once that has a memory, draws, or changes with time.
fn project_with_everything() -> Project {
    use crate::spec::{Decay, GradientClip, InstanceNoise, LabelSmoothing, Regularisation, Schedule};
    let mut project = Preset::from_name("digits").unwrap().project();
    project.train.batch_size = 4;
    project.train.d_steps_per_g_step = 2;
    project.train.regularisation = Regularisation { clip: 0.5, gradient_penalty: 1.0, r1: 0.2, r2: 0.1, lecam: 0.3, every: 3 };
    project.train.schedule = Schedule { decay: Decay::Cosine, steps: 20, warm_up: 2 };
    project.train.clip_gradient = GradientClip { generator: 0.5, discriminator: 2.0 };
    project.train.smoothing = LabelSmoothing { real: 0.1, fake: 0.05 };
    project.train.noise = InstanceNoise { deviation: 0.2, steps: 10 };
    project.train.generator.rule = Optimiser::ALL[4];
    project.train.generator.learning_rate = 1e-4;
    project.train.discriminator.rule = Optimiser::ALL[3];
    assert_eq!(project.faults(), []);
    project
}

fn batches(project: &Project) -> impl Fn(u64, usize) -> Vec<f32> + use<> {
    let size = project.data.shape().values();
    move |seen, count| random::normals(&mut stream(2, Purpose::Synthetic, seen), count * size)
}

#[test]
fn a_run_with_penalties_goes_on_bit_for_bit_from_a_checkpoint() {
    let project = project_with_everything();
    let next = batches(&project);
    let checkpoint = |trainer: &Trainer| trainer.checkpoint(&project, 0.0, &History::default()).unwrap();
    let numbers = |trainer: &mut Trainer| trainer.step(&next).numbers.into_data().try_into_vec::<f32>().unwrap();
    let mut unbroken = Trainer::new(&project, &device::cpu()).unwrap();
    let wanted: Vec<Vec<f32>> = (0..5).map(|_| numbers(&mut unbroken)).collect();
    // The discriminator's steps 0, 3, 6 and 9 are punished; what is shown of the others is what it was last.
    assert!(wanted.iter().all(|numbers| numbers.len() == 5 && numbers[3] > 0.0), "{wanted:?}");

    let mut first = Trainer::new(&project, &device::cpu()).unwrap();
    (0..2).for_each(|_| drop(first.step(&next)));
    let half = checkpoint(&first);
    assert_eq!(half.part("regularisation.").len(), 3);
    let mut second = Trainer::resume(&project, &device::cpu(), &half).unwrap();
    let found: Vec<Vec<f32>> = (0..3).map(|_| numbers(&mut second)).collect();
    assert_eq!(found, wanted[2..]);
    assert_eq!(checkpoint(&second), checkpoint(&unbroken));
}

#[test]
fn what_is_switched_off_on_the_way_is_forgotten() {
    let project = project_with_everything();
    let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
    trainer.step(batches(&project));
    let mut train = project.train.clone();
    train.regularisation = crate::spec::Regularisation::default();
    trainer.set(train);
    let numbers = trainer.step(batches(&project)).numbers.into_data().try_into_vec::<f32>().unwrap();
    assert_eq!(numbers[3], 0.0);
    assert!(trainer.checkpoint(&project, 0.0, &History::default()).unwrap().part("regularisation.").is_empty());
}

#[test]
fn a_learning_rate_of_zero_moves_nothing_and_gradients_are_no_longer_than_they_may_be() {
    let mut project = Preset::from_name("ring8").unwrap().project();
    let descent = OptimiserSpec { learning_rate: 1.0, rule: Optimiser::Sgd { momentum: 0.0 } };
    (project.train.generator, project.train.discriminator) = (descent, descent);
    project.train.clip_gradient = crate::spec::GradientClip { generator: 1e-3, discriminator: 2e-3 };
    let next = batches(&project);
    let weights = |trainer: &Trainer, part: &str| trainer.checkpoint(&project, 0.0, &History::default()).unwrap().part(part);
    let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
    let before = ["generator.", "discriminator."].map(|part| weights(&trainer, part));
    trainer.step(&next);
    for ((part, before), longest) in ["generator.", "discriminator."].into_iter().zip(&before).zip([1e-3, 2e-3]) {
        let after = weights(&trainer, part);
        let pairs = before.iter().flat_map(|(name, values)| values.values.iter().zip(&after[name].values));
        let length = pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt();
        // A step of plain descent at a rate of one is as long as its gradient; weights near one keep seven digits of it.
        assert!((length / longest - 1.0).abs() < 1e-2, "{part} moved by {length}");
    }
    let mut still = project.clone();
    still.train.schedule = crate::spec::Schedule { decay: crate::spec::Decay::Linear, steps: 1, warm_up: 0 };
    trainer.set(still.train);
    let before = weights(&trainer, "discriminator.");
    trainer.step(&next);
    assert_eq!(weights(&trainer, "discriminator."), before);
}

#[test]
fn a_generator_that_compares_takes_a_step_of_its_own_with_real_samples() {
    let mut project = Preset::from_name("ring8").unwrap().project();
    let asked = std::cell::Cell::new(0);
    let next = batches(&project);
    let counted = |seen: u64, count: usize| {
        asked.set(asked.get() + 1);
        next(seen, count)
    };
    let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
    trainer.g_step(counted);
    assert_eq!(asked.get(), 0);
    project.train = project.train.with_loss(Loss::RelativisticPaired);
    trainer.set(project.train.clone());
    trainer.g_step(counted);
    assert_eq!((asked.get(), trainer.samples_seen()), (1, 0));
}

#[test]
fn noise_on_what_the_discriminator_sees_fades_until_it_is_gone() {
    let project = Preset::from_name("ring8").unwrap().project();
    let next = batches(&project);
    let first_loss = |steps: u64, deviation: f32, done: u64| {
        let mut project = project.clone();
        project.train.noise = crate::spec::InstanceNoise { deviation, steps };
        // Nothing moves, so that steps differ by what is drawn alone.
        project.train.generator.learning_rate = 0.0;
        project.train.discriminator.learning_rate = 0.0;
        let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
        (0..done).for_each(|_| drop(trainer.step(&next)));
        trainer.step(&next).numbers.into_data().try_into_vec::<f32>().unwrap()
    };
    assert_ne!(first_loss(2, 1.0, 0), first_loss(2, 0.0, 0));
    assert_ne!(first_loss(2, 1.0, 1), first_loss(2, 0.0, 1));
    assert_eq!(first_loss(2, 1.0, 2), first_loss(2, 0.0, 2));
    assert_ne!(first_loss(0, 1.0, 2), first_loss(2, 0.0, 2), "noise that stays");
}
