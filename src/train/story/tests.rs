//! What is told, against closed forms and against the state of the run before and after.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use burn::tensor::{Tensor, TensorData};

use super::*;
use crate::device::{self, DeviceChoice};
use crate::latent;
use crate::nn::Pass;
use crate::random::Purpose;
use crate::spec::{Preset, Project};
use crate::train::message::Show;
use crate::train::session::Session;
use crate::train::snapshot::Samples;

fn session(project: &Project) -> Session {
    let dataset = crate::data::load(&project.data, project.seed, &mut |_| {}, &AtomicBool::new(false)).unwrap();
    let device = device::open(&device::resolve(&DeviceChoice::Cpu).unwrap()).unwrap();
    Session::new(Stage::new(project.clone(), device, None).unwrap(), Arc::new(dataset), None)
}

fn ring(loss: Loss) -> Project {
    let mut project = Preset::from_name("ring8").unwrap().project();
    project.train = project.train.with_loss(loss);
    project
}

fn mean(scores: &[f32], of: impl Fn(f64) -> f64) -> f64 {
    scores.iter().map(|score| of(f64::from(*score))).sum::<f64>() / scores.len() as f64
}

#[track_caller]
fn assert_near(got: f32, wanted: f64) {
    assert!((f64::from(got) - wanted).abs() < 1e-5 * wanted.abs().max(1.0), "{got} and not {wanted}");
}

#[test]
fn losses_are_what_the_scores_make_of_them() {
    let softplus = |x: f64| x.exp().ln_1p();
    type Form = fn([&[f32]; 2]) -> f64;
    let sigmoid_forms: [(Loss, Form, Form); 3] = [
        (
            Loss::NonSaturating,
            |[real, fake]| mean(real, |x| (-x).exp().ln_1p()) + mean(fake, |x| x.exp().ln_1p()),
            |[_, made]| mean(made, |x| (-x).exp().ln_1p()),
        ),
        (
            Loss::Hinge,
            |[real, fake]| mean(real, |x| (1.0 - x).max(0.0)) + mean(fake, |x| (1.0 + x).max(0.0)),
            |[_, made]| -mean(made, |x| x),
        ),
        (
            Loss::LeastSquares,
            |[real, fake]| 0.5 * (mean(real, |x| (x - 1.0).powi(2)) + mean(fake, |x| x * x)),
            |[_, made]| 0.5 * mean(made, |x| (x - 1.0).powi(2)),
        ),
    ];
    for (loss, d_form, g_form) in sigmoid_forms {
        let mut session = session(&ring(loss));
        (0..3).for_each(|_| session.step());
        let story = session.tell_step().unwrap();
        assert_eq!((story.step, story.shown(), story.batch), (4, 128, 128));
        let Scores { real, fake, made } = &story.scores;
        assert_eq!((real[0].len(), fake[1].len(), made[1].len()), (128, 128, 128));
        assert_near(story.discriminator.loss, d_form([&real[0], &fake[0]]));
        assert_near(story.discriminator.after, d_form([&real[1], &fake[1]]));
        assert_near(story.generator.loss, g_form([&[], &made[0]]));
        assert_near(story.generator.after, g_form([&[], &made[1]]));
        let [of_real, of_fake] = story.discriminator.parts.unwrap();
        assert_near(of_real + of_fake, f64::from(story.discriminator.loss));
        let record = session.read_back(0).unwrap().history.last().unwrap();
        assert_eq!((record.step, record.d_loss, record.g_loss), (4, story.discriminator.loss, story.generator.loss));
        assert_near(record.d_real, f64::from(story.mean(&real[0])));
        assert_near(record.d_fake, f64::from(story.mean(&fake[0])));
        assert_eq!(made[0], fake[1], "the generator is told what the discriminator says after its step");
        assert!(story.discriminator.after < story.discriminator.loss && story.generator.after < story.generator.loss);
    }
    for loss in Loss::ALL {
        let story = session(&ring(loss)).tell_step().unwrap();
        let parts = story.discriminator.parts;
        assert_eq!(parts.is_none(), loss == Loss::RelativisticPaired);
        match parts {
            Some([of_real, of_fake]) => assert_near(of_real + of_fake, f64::from(story.discriminator.loss)),
            None => {
                let pairs = story.scores.real[0].iter().zip(&story.scores.fake[0]);
                let sum: f64 = pairs.map(|(real, fake)| softplus(f64::from(fake - real))).sum();
                assert_near(story.discriminator.loss, sum / 128.0);
            }
        }
    }
}

#[test]
fn samples_and_moves_are_those_of_the_run() {
    let project = ring(Loss::NonSaturating);
    let mut session = session(&project);
    (0..5).for_each(|_| session.step());
    let before = session.checkpoint(0).unwrap();
    let generator_before = session.generator();
    let Samples::Points { verdict: field_before, .. } = session.snapshot(Show::default()).unwrap().samples else { unreachable!() };
    let story = session.tell_step().unwrap();
    let after = session.checkpoint(0).unwrap();
    assert_eq!((after.g_steps, after.d_steps), (6, 6));

    let size = story.latent_size;
    assert_eq!(story.latents, latent::draw(project.train.latent, size, 128, project.seed, Purpose::Latents, 2 * before.d_steps));
    let make = |generator: &Network| {
        let latents = Tensor::from_data(TensorData::new(story.latents.clone(), [128, size, 1, 1]), &device::cpu());
        generator.forward(latents, &Pass::inference()).into_data().try_into_vec::<f32>().unwrap()
    };
    let near = |a: &[f32], b: &[f32]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(near(&story.made, &make(&generator_before)));
    assert!(near(&story.moved, &make(&session.generator())));
    assert_ne!(story.made, story.moved);

    let Samples::Points { verdict: field_after, .. } = session.snapshot(Show::default()).unwrap().samples else { unreachable!() };
    assert_eq!(story.fields, Some([field_before, field_after]));

    for (role, lesson) in [("generator", &story.generator), ("discriminator", &story.discriminator)] {
        assert!(!lesson.layers.is_empty());
        for layer in &lesson.layers {
            let of = |checkpoint: &crate::train::Checkpoint| {
                let own = checkpoint.part(&format!("{role}.{}.", layer.id.0)).into_iter().filter(|(name, _)| !name.contains('/'));
                own.flat_map(|(_, tensor)| tensor.values).collect::<Vec<f32>>()
            };
            let (old, new) = (of(&before), of(&after));
            let length = |values: &mut dyn Iterator<Item = f32>| values.map(|value| f64::from(value).powi(2)).sum::<f64>().sqrt();
            assert!(!old.is_empty());
            assert_near(layer.weights, length(&mut old.iter().copied()));
            assert_near(layer.moved, length(&mut old.iter().zip(&new).map(|(old, new)| new - old)));
            assert!(layer.gradient > 0.0);
        }
    }
}
