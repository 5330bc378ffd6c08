//! The networks of a run on their device, and what they show: before there is data, too.

use burn::tensor::{Tensor, TensorData};

use super::checkpoint::Checkpoint;
use super::losses;
use super::message::Show;
use super::snapshot::{HeatMap, Pictures, Samples, Snapshot};
use super::trainer::{Trainer, TrainerError};
use crate::data::{Dataset, Values};
use crate::device::{Kind, OpenDevice};
use crate::latent::{self, GeneratorHandle};
use crate::nn::{Network, Pass};
use crate::random::Purpose;
use crate::spec::{Project, Shape};

/// What a run trains, and where.
#[derive(Debug)]
pub struct Stage {
    pub(super) project: Project,
    pub(super) device: OpenDevice,
    pub(super) trainer: Trainer,
}

/// Generated points shown for 2-D data.
const SHOWN_POINTS: usize = 1024;

/// Values of the discriminator's verdict in each direction of the plane.
const HEAT_SIDE: usize = 64;

impl Stage {
    /// Sets up the networks: from the beginning, or from a checkpoint that [fits](Checkpoint::fits).
    ///
    /// # Errors
    /// The project has a fault, or the device failed.
    pub fn new(project: Project, device: OpenDevice, checkpoint: Option<&Checkpoint>) -> Result<Self, TrainerError> {
        let trainer = match checkpoint.filter(|checkpoint| checkpoint.fits(&project)) {
            Some(checkpoint) => Trainer::resume(&project, &device.device, checkpoint)?,
            None => Trainer::new(&project, &device.device)?,
        };
        Ok(Self { project, device, trainer })
    }

    /// What is trained.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// What they show now; waits for the device. The verdict on 2-D data is over the part of the plane where the data is.
    ///
    /// # Errors
    /// The device failed.
    pub fn snapshot(&self, show: Show, dataset: Option<&Dataset>) -> Result<Snapshot, TrainerError> {
        let averaged = show.averaged && self.trainer.settings().ema_decay > 0.0;
        let network = if averaged { self.trainer.averaged_generator() } else { self.trainer.generator() };
        let shape = network.output();
        let samples = if self.project.data.is_points() {
            let generated = as_points(&self.generate(&network, SHOWN_POINTS)?);
            Samples::Points { generated, verdict: self.verdict(dataset)? }
        } else {
            Samples::Pictures(Pictures::from_values(shape, &self.generate(&network, show.pictures)?))
        };
        Ok(Snapshot { step: self.trainer.g_steps(), averaged, samples, generator: self.generator_handle()? })
    }

    /// Samples from the run's fixed latents, `[count, channels, height, width]` flat.
    fn generate(&self, network: &Network, count: usize) -> Result<Vec<f32>, TrainerError> {
        let (size, train) = (network.input().values(), self.trainer.settings());
        let latents = latent::draw(train.latent, size, count, self.project.seed, Purpose::FixedLatents, 0);
        let mut samples = Vec::with_capacity(count * network.output().values());
        // Constant shapes keep a GPU from tuning kernels for each grid size.
        for chunk in latents.chunks(size * train.batch_size.clamp(1, 256)) {
            let input =
                Tensor::from_data(TensorData::new(chunk.to_vec(), Shape::vector(size).batched(chunk.len() / size)), &self.device.device);
            samples.extend(read(network.forward(input, &Pass::inference()))?);
        }
        Ok(samples)
    }

    /// The discriminator's verdict over a square that holds all real points with some room around.
    fn verdict(&self, dataset: Option<&Dataset>) -> Result<HeatMap, TrainerError> {
        let reach = match dataset.map(Dataset::values) {
            Some(Values::Points(points)) => points.iter().flatten().fold(0.0_f32, |reach, value| reach.max(value.abs())),
            _ => 1.0,
        };
        let (high, side) = (reach * 1.3, HEAT_SIDE);
        let at = |index: usize| high * (2.0 * (index as f32 + 0.5) / side as f32 - 1.0);
        let plane = (0..side * side).flat_map(|index| [at(index % side), at(index / side)]).collect();
        let loss = self.trainer.settings().loss;
        let values = self.trainer.scores(plane)?.into_iter().map(|score| losses::certainty(loss, score)).collect();
        Ok(HeatMap { low: -high, high, side, values })
    }

    /// The averaged generator on the CPU, for exploring.
    fn generator_handle(&self) -> Result<GeneratorHandle, TrainerError> {
        let network = self.trainer.averaged_generator();
        if self.device.info.kind == Kind::Cpu {
            return Ok(GeneratorHandle::from_network(network));
        }
        let numbers = network.read().map_err(TrainerError)?.0;
        let handle = GeneratorHandle::from_numbers(&self.project.generator, &numbers);
        handle.map_err(|error| TrainerError(error.0))
    }
}

/// The numbers of a tensor; waits for the device.
pub(super) fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, TrainerError> {
    let data = tensor.try_into_data().map_err(|error| TrainerError(format!("the device failed: {error}; choose another one")))?;
    data.convert::<f32>().try_into_vec::<f32>().map_err(|error| TrainerError(format!("the device's answer cannot be read: {error:?}")))
}

fn as_points(values: &[f32]) -> Vec<[f32; 2]> {
    values.as_chunks::<2>().0.to_vec()
}
