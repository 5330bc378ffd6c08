//! Whole steps against PyTorch, and runs that stop and go on.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;
use crate::device;
use crate::nn::TensorValues;
use crate::random::Purpose;
use crate::reference::{Values, Weights, assert_close, own_layout, table};
use crate::spec::{
    Augmentation, GradientClip, LabelSmoothing, Latent, Layer, Loss, Optimiser, OptimiserSpec, Preset, Regularisation, Shape, Stack,
};
use crate::train::losses::judge;

#[derive(Deserialize)]
struct Step {
    latents: Values,
    real: Values,
    shares: Option<Values>,
    d_loss: f32,
    g_loss: f32,
    #[serde(default)]
    penalty: f32,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    layers: BTreeMap<Role, Vec<serde_json::Value>>,
    #[serde(default)]
    learning_rate: f32,
    loss: Option<Loss>,
    #[serde(default)]
    regularisation: Regularisation,
    #[serde(default)]
    smoothing: LabelSmoothing,
    optimiser: Option<OptimiserSpec>,
    #[serde(default)]
    longest: f32,
    packing: Option<usize>,
    initial: BTreeMap<Role, Weights>,
    steps: Vec<Step>,
    #[serde(rename = "final")]
    last: BTreeMap<Role, Weights>,
}

impl Entry {
    fn stack(&self, role: Role, input: &Values) -> Stack {
        let [_, channels, height, width] = input.dims::<4>();
        let layers = self.layers[&role].iter().map(|layer| serde_json::from_value::<Layer>(layer.clone()).unwrap());
        Stack::new(Shape::new(channels, height, width), layers)
    }

    fn named(&self, role: Role, weights: &BTreeMap<Role, Weights>) -> Named {
        let kind = |name: &str| {
            let id: usize = name.split('.').next().unwrap().parse().unwrap();
            self.layers[&role][id - 1]["kind"].as_str().unwrap()
        };
        let own = |(name, values): (&String, &Values)| {
            let own = own_layout(kind(name), name.rsplit('.').next().unwrap(), values);
            (name.clone(), TensorValues { shape: own.shape, values: own.values })
        };
        weights[&role].iter().map(own).collect()
    }

    fn trainer(&self) -> Trainer {
        let mut project = Preset::from_name("ring8").unwrap().project();
        project.generator = self.stack(Role::Generator, &self.steps[0].latents);
        project.discriminator = self.stack(Role::Discriminator, &self.steps[0].real);
        project.train.packing = self.packing.unwrap_or(1);
        let adam = Optimiser::Adam { beta1: 0.5, beta2: 0.999, epsilon: 1e-8 };
        let optimiser = self.optimiser.unwrap_or(OptimiserSpec { learning_rate: self.learning_rate, rule: adam });
        (project.train.generator, project.train.discriminator) = (optimiser, optimiser);
        project.train.loss = self.loss.unwrap_or(Loss::NonSaturating);
        (project.train.regularisation, project.train.smoothing) = (self.regularisation, self.smoothing);
        project.train.clip_gradient = GradientClip { generator: self.longest, discriminator: self.longest };
        let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
        trainer.generator = trainer.generator.write(&self.named(Role::Generator, &self.initial)).0;
        trainer.discriminator = trainer.discriminator.write(&self.named(Role::Discriminator, &self.initial)).0;
        trainer
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec::<f32>().unwrap()
}

#[test]
fn whole_steps_go_where_pytorch_goes() {
    let plain = table::<Entry>(include_str!("../../../tests/reference/training.json"));
    let punished = table::<Entry>(include_str!("../../../tests/reference/penalty_training.json"));
    assert!(plain.len() >= 2 && punished.len() >= 7);
    for entry in plain.into_iter().chain(punished) {
        let mut trainer = entry.trainer();
        for step in &entry.steps {
            let fake = trainer.generate(step.latents.values.clone(), 0, true);
            let real = trainer.upload(step.real.values.clone());
            let shares = step.shares.as_ref().map(|shares| shares.values.clone());
            let d_numbers = values(trainer.d_step_between(real.clone(), fake.clone(), shares));
            let g_loss = values(trainer.g_step_on(fake, Some(real)));
            let (got, wanted) = ([d_numbers[0], g_loss[0], d_numbers[3]], [step.d_loss, step.g_loss, step.penalty]);
            assert_close(&format!("{}: losses and penalty", entry.name), &got, &wanted, 1e-5);
        }
        for (role, network) in [(Role::Generator, &trainer.generator), (Role::Discriminator, &trainer.discriminator)] {
            let got = network.read().unwrap().0;
            for (name, wanted) in entry.named(role, &entry.last) {
                assert_close(&format!("{}: {name} of the {}", entry.name, role.name()), &got[&name].values, &wanted.values, 2e-5);
            }
        }
    }
}

/// A small project with everything that has state: batch normalisation, dropout, averaging, several discriminator steps.
pub(super) fn project_with_state() -> Project {
    let mut project = Preset::from_name("digits").unwrap().project();
    project.train.batch_size = 4;
    project.train.d_steps_per_g_step = 2;
    project
}

/// The same, augmented as much as the discriminator asks for, in packs: the probability moves, and stops between two moves.
pub(super) fn project_that_adapts() -> Project {
    let mut project = project_with_state();
    let augmentation =
        Augmentation { colour: true, translation: true, cutout: true, adaptive: true, target: 0.0, ramp: 1, ..Augmentation::default() };
    let regularisation = Regularisation { gradient_penalty: 1.0, r1: 0.5, ..Regularisation::default() };
    project.train.noise.deviation = 0.1;
    let train = TrainSpec { augmentation, regularisation, packing: 2, ..project.train.clone() };
    crate::spec::Edit::settings(&project, train).apply(&mut project).unwrap();
    assert_eq!(project.faults(), []);
    project
}

pub(super) fn batch(project: &Project) -> impl Fn(u64, usize) -> Vec<f32> + use<> {
    let size = project.data.shape().values();
    move |seen, count| crate::random::normals(&mut crate::random::stream(2, Purpose::Synthetic, seen), count * size)
}

#[test]
fn a_run_that_stops_and_goes_on_ends_bit_for_bit_where_an_unbroken_one_does() {
    for project in [project_with_state(), project_that_adapts()] {
        let next = batch(&project);
        let checkpoint = |trainer: &Trainer| trainer.checkpoint(&project, 0.0, &History::default()).unwrap();
        let mut unbroken = Trainer::new(&project, &device::cpu()).unwrap();
        (0..6).for_each(|_| drop(unbroken.step(&next)));

        let mut first = Trainer::new(&project, &device::cpu()).unwrap();
        (0..3).for_each(|_| drop(first.step(&next)));
        let mut second = Trainer::resume(&project, &device::cpu(), &checkpoint(&first)).unwrap();
        (0..3).for_each(|_| drop(second.step(&next)));
        let (after, wanted) = (checkpoint(&second), checkpoint(&unbroken));
        assert_eq!(after, wanted);
        let adapts = project.train.augmentation.adapts();
        assert_eq!(first.augmented_with().unwrap().is_some(), adapts);
        if adapts {
            let counted = checkpoint(&first).part("augmentation.")["seen"].values.clone();
            assert_eq!(counted, [8.0, 2.0], "the run stops between two moves");
            assert!(second.augmented_with().unwrap().is_some_and(|p| p > 0.0), "the probability never moved");
            assert_eq!(wanted.samples_seen, 2 * 6 * 4);
        }
    }
}

#[test]
fn what_the_discriminator_sees_is_augmented_in_every_step_and_by_other_numbers() {
    let first_losses = |augmentation: Augmentation| {
        let mut project = project_with_state();
        project.train.augmentation = augmentation;
        let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
        values(trainer.step(batch(&project)).numbers)
    };
    let off = Augmentation::default();
    let plain = first_losses(off);
    for changed in [Augmentation { colour: true, ..off }, Augmentation { translation: true, ..off }, Augmentation { cutout: true, ..off }] {
        let numbers = first_losses(changed);
        // The losses of both networks, and what is said of both kinds of samples.
        assert!([0, 1, 2, 4].iter().all(|&index| numbers[index] != plain[index]), "{numbers:?} {plain:?}");
        assert_eq!(first_losses(Augmentation { probability: 0.0, ..changed }), plain);
    }
    let trainer = Trainer::new(&project_that_adapts(), &device::cpu()).unwrap();
    let all = Augmentation { cutout: true, ..off };
    let mut trainer = Trainer { train: TrainSpec { augmentation: all, ..trainer.train.clone() }, ..trainer };
    trainer.train.packing = 1;
    let ones = Tensor::ones([4, 1, 28, 28], &device::cpu().autodiff());
    let seen = |step, seen| values(trainer.augment(4, step, seen).apply(ones.clone()));
    assert_ne!(seen(0, sight::Seen::RealByDiscriminator), seen(0, sight::Seen::FakeByDiscriminator));
    assert_ne!(seen(0, sight::Seen::RealByDiscriminator), seen(1, sight::Seen::RealByDiscriminator));
}

#[test]
fn what_belongs_to_the_networks_stays_and_batches_fit_the_packs() {
    let project = project_that_adapts();
    let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
    trainer.set(TrainSpec { packing: 1, batch_size: 5, latent: Latent::Uniform, ..project.train.clone() });
    let settings = trainer.settings();
    assert_eq!((settings.packing, settings.batch_size, settings.latent), (2, 6, Latent::Normal));
    let numbers = values(trainer.step(batch(&project)).numbers);
    assert!(numbers.iter().all(|number| number.is_finite()) && trainer.samples_seen() == 12, "{numbers:?}");
}

/// A small pair with every kind of layer that draws, looks across samples or keeps running statistics.
pub fn project_of_the_whole_catalogue() -> Project {
    use crate::spec::{Resample, builtin_data};
    let mut project = Preset::from_name("ring8").unwrap().project();
    project.data = builtin_data(crate::spec::Builtin::Digits);
    project.data.image = crate::spec::ImageSpec { width: 8, height: 8, ..project.data.image };
    let generator = [
        Layer::dense(64).with_spectral_norm(),
        Layer::Reshape { shape: Shape::new(16, 2, 2) },
        Layer::residual(8, Resample::Up).with_spectral_norm(),
        Layer::self_attention().with_spectral_norm(),
        Layer::PixelNorm { epsilon: 1e-8 },
        Layer::conv_transpose(4, 4, 2, 1).with_spectral_norm(),
        Layer::PRelu { slope: 0.25, per_channel: true },
        Layer::separable(1, 3, 1).with_spectral_norm(),
        Layer::Tanh,
    ];
    let discriminator = [
        Layer::GaussianNoise { deviation: 0.1 },
        Layer::conv(8, 3, 1, 1).with_spectral_norm().with_init(crate::spec::Init::Orthogonal),
        Layer::InstanceNorm { epsilon: 1e-5, affine: true },
        Layer::residual(8, Resample::Down).with_spectral_norm(),
        Layer::SpatialDropout { rate: 0.3 },
        Layer::depthwise(2, 3, 2).with_spectral_norm(),
        Layer::GroupNorm { groups: 4, epsilon: 1e-5 },
        Layer::MinibatchStdDev { group: 4 },
        Layer::Flatten,
        Layer::dense(1).with_spectral_norm(),
    ];
    project.generator = Stack::new(Shape::vector(6), generator);
    project.discriminator = Stack::new(Shape::new(1, 8, 8), discriminator);
    project.train.batch_size = 4;
    assert_eq!(project.faults(), []);
    project
}

#[test]
fn a_run_with_the_whole_catalogue_goes_on_bit_for_bit_from_a_file() {
    let project = project_of_the_whole_catalogue();
    let next = batch(&project);
    let checkpoint = |trainer: &Trainer| trainer.checkpoint(&project, 0.0, &History::default()).unwrap();
    let mut unbroken = Trainer::new(&project, &device::cpu()).unwrap();
    (0..5).for_each(|_| drop(unbroken.step(&next)));

    let mut first = Trainer::new(&project, &device::cpu()).unwrap();
    let before = checkpoint(&first);
    (0..2).for_each(|_| drop(first.step(&next)));
    let path = tempfile::tempdir().unwrap();
    let path = path.path().join("run.ganvas");
    let half = checkpoint(&first);
    let file = crate::project::ProjectFile::trained(project.clone(), std::sync::Arc::new(half.clone()));
    file.save(&path).unwrap();
    let read = crate::project::ProjectFile::load(&path).unwrap();
    assert_eq!(read.project, project);
    assert_eq!(**read.checkpoint.as_ref().unwrap(), half);
    let mut second = Trainer::resume(&read.project, &device::cpu(), &read.checkpoint.unwrap()).unwrap();
    (0..3).for_each(|_| drop(second.step(&next)));
    let (after, wanted) = (checkpoint(&second), checkpoint(&unbroken));
    assert_eq!(after, wanted);
    assert!(wanted.tensors.values().flat_map(|tensor| &tensor.values).all(|value| value.is_finite()));
    for name in ["discriminator.2.weight_u", "discriminator.4.conv1.weight_orig", "generator.3.norm1.running_mean", "generator.4.gamma"] {
        assert_ne!(before.tensors[name], wanted.tensors[name], "{name} did not move");
    }
}

/// How much of the average survives a step, as it is documented: by TensorFlow's `ExponentialMovingAverage` with a count of steps.
fn kept(train: &TrainSpec, step: u32) -> f64 {
    let (decay, n) = (f64::from(train.ema_decay), f64::from(step));
    if train.ema_ramp { decay.min((1.0 + n) / (10.0 + n)) } else { decay }
}

#[test]
fn the_averaged_generator_is_what_the_recurrence_makes_of_the_weights_after_each_step() {
    let rules = [(0.5, true), (0.5, false), (0.999, true)];
    for (project, (decay, ramp)) in
        [project_with_state(), project_of_the_whole_catalogue()].iter().flat_map(|project| rules.map(|rule| (project, rule)))
    {
        let train = TrainSpec { ema_decay: decay, ema_ramp: ramp, ..project.train.clone() };
        let project = Project { train, ..project.clone() };
        let next = batch(&project);
        let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
        let exact = |named: Named| -> BTreeMap<String, Vec<f64>> {
            named.into_iter().map(|(name, tensor)| (name, tensor.values.into_iter().map(f64::from).collect())).collect()
        };
        let mut wanted = exact(trainer.generator.read().unwrap().0);
        // With this decay the ramp ends on the way.
        for step in 1..=12 {
            trainer.step(&next);
            let weights = exact(trainer.generator.read().unwrap().0);
            // The discriminator's steps move nothing of it, although they move the generator's statistics.
            trainer.d_step(&next);
            let keep = kept(&project.train, step);
            let now = exact(trainer.average.read().unwrap().0);
            for (name, weights) in weights {
                // Directions of the power iteration are taken as they are: an average of two would be too short.
                let keep = if name.ends_with("weight_u") || name.ends_with("weight_v") { 0.0 } else { keep };
                let average = wanted.get_mut(&name).unwrap();
                for ((average, weight), now) in average.iter_mut().zip(weights).zip(&now[&name]) {
                    *average = keep * *average + (1.0 - keep) * weight;
                    assert!((*average - now).abs() <= 2e-6 * average.abs().max(1.0), "{name} at step {step}: {now} instead of {average}");
                }
            }
        }
        let moved = |part: &str| wanted.keys().any(|name| name.ends_with(part));
        assert!(moved("running_mean") && moved("running_var"), "statistics are averaged, too");
    }
}

#[test]
fn averaging_that_is_switched_on_begins_with_the_weights_as_they_are() {
    let mut project = project_with_state();
    project.train.ema_decay = 0.0;
    let next = batch(&project);
    let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
    let checkpoint = |trainer: &Trainer| trainer.checkpoint(&project, 0.0, &History::default()).unwrap();
    let fresh = checkpoint(&trainer);
    (0..3).for_each(|_| drop(trainer.step(&next)));
    let (kept, weights) = (checkpoint(&trainer), trainer.generator.read().unwrap().0);
    assert!(kept.part("average.") == weights, "without averaging it is the generator");
    // As files were written once: with an average that nothing had moved.
    let stale = fresh.tensors.into_iter().filter(|(name, _)| name.starts_with("average."));
    let old = Checkpoint { tensors: kept.tensors.clone().into_iter().chain(stale).collect(), ..kept };
    assert!(old.part("average.") != weights);
    let train = TrainSpec { ema_decay: 0.9, ..project.train.clone() };
    let resumed = Trainer::resume(&Project { train: train.clone(), ..project.clone() }, &device::cpu(), &old).unwrap();
    trainer.set(train);
    for trainer in [trainer, resumed] {
        assert!(trainer.averaged_generator().read().unwrap().0 == weights);
    }
}

#[test]
fn another_seed_is_another_run() {
    let project = project_with_state();
    let other = Project { seed: project.seed + 1, ..project.clone() };
    let [a, b] = [&project, &other].map(|project| {
        let trainer = Trainer::new(project, &device::cpu()).unwrap();
        trainer.checkpoint(project, 0.0, &History::default()).unwrap().part("generator.")
    });
    assert_ne!(a, b);
}

#[test]
fn resuming_an_edited_network_keeps_the_layers_that_still_match() {
    let mut project = project_with_state();
    let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
    trainer.step(batch(&project));
    let checkpoint = trainer.checkpoint(&project, 0.0, &History::default()).unwrap();
    let last = project.discriminator.layers.last().unwrap().id;
    let edit = crate::spec::Edit::insert(&project, Role::Discriminator, 4, Layer::conv(64, 3, 1, 1));
    edit.apply(&mut project).unwrap();
    let resumed = Trainer::resume(&project, &device::cpu(), &checkpoint).unwrap();
    let now = resumed.checkpoint(&project, 0.0, &History::default()).unwrap();
    let name = format!("discriminator.{}.weight", last.0);
    assert_eq!(now.tensors[&name], checkpoint.tensors[&name]);
    assert!(now.tensors.len() > checkpoint.tensors.len() - 2, "the new layer has weights of its own");
}

#[test]
fn wasserstein_clips_every_weight_of_the_critic_and_none_of_its_statistics() {
    let mut project = project_with_state();
    project.train = project.train.with_loss(crate::spec::Loss::Wasserstein);
    let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
    trainer.step(batch(&project));
    let critic = trainer.discriminator.read().unwrap().0;
    assert!(critic.values().flat_map(|tensor| &tensor.values).all(|value| value.abs() <= 0.01));
    let generator = trainer.generator.read().unwrap().0;
    assert!(generator.values().flat_map(|tensor| &tensor.values).any(|value| value.abs() > 0.01));
}

#[test]
fn a_final_sigmoid_is_part_of_cross_entropy() {
    let mut project = Preset::from_name("ring8").unwrap().project();
    let plain = Trainer::new(&project, &device::cpu()).unwrap();
    let edit = crate::spec::Edit::insert(&project, Role::Discriminator, project.discriminator.layers.len(), Layer::Sigmoid);
    edit.apply(&mut project).unwrap();
    let squashed = Trainer::new(&project, &device::cpu()).unwrap();
    let scores = |trainer: &Trainer| {
        let points = Tensor::from_data([[[[0.3_f32]], [[-0.2]]], [[[1.0]], [[0.5]]]], &device::cpu());
        values(judge(&trainer.discriminator(), project.train.loss, points, &Pass::inference()))
    };
    assert_eq!(scores(&plain), scores(&squashed));
}
