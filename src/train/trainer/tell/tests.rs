//! A told step is a plain one, and the way it says that samples are pushed is the way the loss falls.

use super::*;
use crate::device;
use crate::spec::{Loss, Preset, Project};
use crate::train::history::History;
use crate::train::trainer::tests::{batch, project_of_the_whole_catalogue, project_that_adapts, project_with_state};

fn ring(loss: Loss) -> Project {
    let mut project = Preset::from_name("ring8").unwrap().project();
    project.train = project.train.with_loss(loss);
    project
}

#[test]
fn a_told_step_ends_bit_for_bit_where_a_plain_one_does() {
    let projects = [project_with_state(), project_that_adapts(), project_of_the_whole_catalogue()];
    for project in projects.into_iter().chain(Loss::ALL.map(ring)) {
        let next = batch(&project);
        let end = |told: bool| {
            let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
            drop(trainer.step(&next));
            let numbers = if told { trainer.tell_step(&next).0 } else { trainer.step(&next) };
            assert!(!told || !trainer.take_watched()[0].is_empty());
            drop(trainer.step(&next));
            let numbers = numbers.numbers.into_data().try_into_vec::<f32>().unwrap();
            (numbers, trainer.checkpoint(&project, 0.0, &History::default()).unwrap())
        };
        let (told, plain) = (end(true), end(false));
        assert!(told == plain, "{} with {}", project.name, project.train.loss.name());
    }
}

#[test]
fn samples_are_pushed_to_where_the_generators_loss_falls() {
    for loss in [Loss::NonSaturating, Loss::Minimax, Loss::LeastSquares, Loss::Wasserstein] {
        let project = ring(loss);
        let next = batch(&project);
        let mut trainer = Trainer::new(&project, &device::cpu()).unwrap();
        (0..20).for_each(|_| drop(trainer.step(&next)));
        let named = trainer.tell_step(&next).1.reading.finish().unwrap();
        let [made, pushes] = [noted::MADE, noted::PUSHES].map(|name| &named[name].values);
        let n = made.len() / 2;
        // The discriminator that the generator learned from has not moved since.
        let discriminator = trainer.discriminator();
        let term = |point: [f32; 2]| {
            let point = Tensor::from_data(TensorData::new(point.to_vec(), [1, 2, 1, 1]), &device::cpu());
            let score = judge(&discriminator, loss, point, &Pass::inference());
            let score = f64::from(score.into_data().try_into_vec::<f32>().unwrap()[0]);
            match loss {
                Loss::NonSaturating => (-score).exp().ln_1p(),
                Loss::Minimax => -score.exp().ln_1p(),
                Loss::LeastSquares => 0.5 * (score - 1.0).powi(2),
                _ => -score,
            }
        };
        let largest = pushes.iter().fold(0.0_f32, |largest, push| largest.max(push.abs()));
        assert!(largest > 0.0);
        for index in [0, 5, n - 1] {
            for axis in 0..2 {
                let at = |shift: f32| {
                    let mut point = [made[2 * index], made[2 * index + 1]];
                    point[axis] += shift;
                    term(point)
                };
                let h = 2e-3;
                let slope = (at(h) - at(-h)) / (2.0 * f64::from(h)) / n as f64;
                let push = f64::from(pushes[2 * index + axis]);
                let error = (push + slope).abs();
                assert!(error < 0.02 * f64::from(largest), "{}: sample {index}: {push} and a slope of {slope}", loss.name());
            }
        }
    }
}
