//! How fast a network trains and generates, measured as `torch_gan.py` measures its peer: medians over single steps, losses read back
//! at each.

use std::time::Instant;

use burn::tensor::{Tensor, TensorData};

use super::trainer::{Trainer, TrainerError};
use crate::device::{self, DeviceChoice};
use crate::latent;
use crate::nn::Pass;
use crate::random::{self, Purpose};
use crate::spec::{Latent, Project, Shape};

/// What was measured; times are medians.
#[derive(Clone, Debug, PartialEq)]
pub struct BenchReport {
    /// The device, by name.
    pub device: String,
    /// Samples in a batch.
    pub batch: usize,
    /// Threads the CPU device uses.
    pub threads: usize,
    /// One whole step, in milliseconds.
    pub ms_per_step: f64,
    /// Real samples trained on a second.
    pub images_per_s: f64,
    /// Generating one sample and having it on the CPU, in milliseconds.
    pub generate_1_ms: f64,
    /// Generating 64 samples, likewise.
    pub generate_64_ms: f64,
}

/// Steps before the clock starts.
const WARM_UP: usize = 5;

/// How often sampling is measured.
const SAMPLINGS: usize = 30;

/// Trains `project` on noise for `steps` steps and then generates.
///
/// # Errors
/// The device cannot be opened or failed, or the project has a fault.
pub fn measure(project: &Project, device: &DeviceChoice, steps: usize) -> Result<BenchReport, TrainerError> {
    if let Some(fault) = project.faults().first() {
        return Err(TrainerError(fault.to_string()));
    }
    let open = device::resolve(device).and_then(|info| device::open(&info)).map_err(|error| TrainerError(error.0))?;
    let mut trainer = Trainer::new(project, &open.device)?;
    let batch = project.train.batch_size;
    let mut rng = random::stream(project.seed, Purpose::Synthetic, 0);
    let real: Vec<f32> = random::normals(&mut rng, batch * project.data.shape().values()).into_iter().map(f32::tanh).collect();

    let mut step = || -> Result<(), TrainerError> { read(trainer.step(|_, _| real.clone()).numbers) };
    for _ in 0..WARM_UP {
        step()?;
    }
    let ms_per_step = median_ms(steps, step)?;

    let generator = trainer.generator();
    let size = generator.input().values();
    let sample = |count: usize| {
        let latents = latent::draw(Latent::Normal, size, count, project.seed, Purpose::Explore, 0);
        let latents = Tensor::from_data(TensorData::new(latents, Shape::vector(size).batched(count)), &open.device);
        read(generator.forward(latents, &Pass::inference()))
    };
    sample(1)?;
    sample(64)?;
    Ok(BenchReport {
        device: open.info.name.clone(),
        batch,
        threads: rayon::current_num_threads(),
        ms_per_step,
        images_per_s: batch as f64 / ms_per_step * 1e3,
        generate_1_ms: median_ms(SAMPLINGS, || sample(1))?,
        generate_64_ms: median_ms(SAMPLINGS, || sample(64))?,
    })
}

/// Waits until the device has computed a tensor.
fn read<const D: usize>(tensor: Tensor<D>) -> Result<(), TrainerError> {
    tensor.try_into_data().map(drop).map_err(|error| TrainerError(format!("the device failed: {error}")))
}

fn median_ms(times: usize, mut run: impl FnMut() -> Result<(), TrainerError>) -> Result<f64, TrainerError> {
    let mut millis = Vec::with_capacity(times);
    for _ in 0..times.max(1) {
        let start = Instant::now();
        run()?;
        millis.push(start.elapsed().as_secs_f64() * 1e3);
    }
    millis.sort_by(f64::total_cmp);
    Ok((millis[(millis.len() - 1) / 2] + millis[millis.len() / 2]) / 2.0)
}
