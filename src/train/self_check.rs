//! Does a device compute what the CPU computes? Asked once for each device, before anybody trains on it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use burn::tensor::Device;

use super::trainer::{Trainer, TrainerError};
use crate::device::{self, Kind, OpenDevice};
use crate::nn::Named;
use crate::random::{self, Purpose};
use crate::spec::{Builtin, Latent, Layer, Loss, Optimiser, OptimiserSpec, PRESETS, Project, Shape, Stack, builtin_data};

/// The largest difference between two weights after a step that rounding explains: 32-bit sums of a few hundred terms, in another order.
pub const TOLERANCE: f32 = 1e-4;

/// What was found about devices, by their names.
static FOUND: Mutex<Option<HashMap<String, Result<(), String>>>> = Mutex::new(None);

/// Checks a device, or says what an earlier check found.
///
/// # Errors
/// The device computes something else, or nothing at all; in words.
pub fn check(open: &OpenDevice) -> Result<(), String> {
    if open.info.kind == Kind::Cpu {
        return Ok(());
    }
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    let found = found.get_or_insert_default();
    found.entry(open.info.name.clone()).or_insert_with(|| compare(open)).clone()
}

/// Does [`check`] need no computation?
pub(super) fn is_known(open: &OpenDevice) -> bool {
    let found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    open.info.kind == Kind::Cpu || found.as_ref().is_some_and(|found| found.contains_key(&open.info.name))
}

/// From now on the device of this name is known to compute something else.
#[cfg(test)]
pub(super) fn condemn(name: &str) {
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    found.get_or_insert_default().insert(name.to_owned(), Err("weights differ by 2.0e-1 after one step".to_owned()));
}

/// What [`check`] trains for a step.
pub(super) fn trainer(device: &Device) -> Result<Trainer, TrainerError> {
    Trainer::new(&small_project(), device)
}

fn compare(open: &OpenDevice) -> Result<(), String> {
    let wanted = one_step(&device::cpu())?;
    let run = std::panic::AssertUnwindSafe(|| one_step(&open.device));
    let got = std::panic::catch_unwind(run).map_err(|_| "it fails at the first step".to_owned())??;
    let difference = largest_difference(&wanted, &got);
    if difference <= TOLERANCE { Ok(()) } else { Err(format!("weights differ by {difference:.1e} after one step")) }
}

/// The weights after one step of a small network with each kind of layer that matters.
fn one_step(device: &Device) -> Result<Named, String> {
    let project = small_project();
    let mut trainer = trainer(device).map_err(|error| error.to_string())?;
    let shape = project.data.shape();
    trainer.step(|_, count| random::normals(&mut random::stream(1, Purpose::Synthetic, 0), count * shape.values()));
    let checkpoint = trainer.checkpoint(&project, 0.0, &super::History::default()).map_err(|error| error.to_string())?;
    Ok(checkpoint.tensors)
}

fn small_project() -> Project {
    let descent = OptimiserSpec { learning_rate: 0.1, rule: Optimiser::Sgd { momentum: 0.0 } };
    let mut project = PRESETS[0].project();
    project.data = builtin_data(Builtin::Digits);
    (project.data.image.width, project.data.image.height) = (8, 8);
    project.generator = Stack::new(
        Shape::vector(4),
        [
            Layer::dense(32),
            Layer::Reshape { shape: Shape::new(8, 2, 2) },
            Layer::batch_norm(),
            Layer::Relu,
            Layer::conv_transpose(4, 4, 2, 1),
            Layer::leaky_relu(),
            Layer::conv_transpose(1, 4, 2, 1),
            Layer::Tanh,
        ],
    );
    project.discriminator =
        Stack::new(Shape::new(1, 8, 8), [Layer::conv(4, 3, 2, 1), Layer::leaky_relu(), Layer::Flatten, Layer::dense(1)]);
    // Plain descent: Adam's first step has the size of the learning rate whatever the gradient, and would hide or invent differences.
    project.train.generator = descent;
    project.train.discriminator = descent;
    project.train.loss = Loss::NonSaturating;
    project.train.latent = Latent::Normal;
    project.train.batch_size = 4;
    project
}

fn largest_difference(a: &Named, b: &Named) -> f32 {
    let differences = a.iter().map(|(name, a)| match b.get(name) {
        Some(b) if a.values.len() == b.values.len() => a.values.iter().zip(&b.values).map(|(x, y)| (x - y).abs()).fold(0.0, larger),
        _ => f32::INFINITY,
    });
    differences.fold(0.0, larger)
}

/// The larger one; what is no number counts as infinite, which `f32::max` would pass over.
fn larger(a: f32, b: f32) -> f32 {
    if b.is_nan() { f32::INFINITY } else { a.max(b) }
}
