//! The networks of a run on their device, and what they show: before there is data, too.

use burn::tensor::{Device, ExecutionError, Tensor, TensorData, Transaction};

use super::checkpoint::Checkpoint;
use super::losses::{self, judge};
use super::message::{Preparing, Show};
use super::reel::{POINTS_IN_FRAME, Still, pictures_in_frame};
use super::rehearsal::{Rehearsal, Unready};
use super::snapshot::{HeatMap, Pictures, Samples, Snapshot};
use super::trainer::{Trainer, TrainerError};
use crate::data::{Dataset, Values};
use crate::device::{self, Kind, OpenDevice};
use crate::latent::{self, GeneratorHandle};
use crate::nn::{Network, Pass};
use crate::random::Purpose;
use crate::spec::{Project, Role, Shape, TrainSpec};

/// What a run trains, and where.
#[derive(Debug)]
pub struct Stage {
    pub(super) project: Project,
    pub(super) device: OpenDevice,
    pub(super) trainer: Trainer,
    /// What the device must do before its first step.
    rehearsal: Option<Rehearsal>,
}

/// Generated points shown for 2-D data.
pub const SHOWN_POINTS: usize = 1024;

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
        let rehearsal = Rehearsal::for_device(&device, &trainer)?;
        Ok(Self { project, device, trainer, rehearsal })
    }

    /// What is trained.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// How far the device is with getting ready; nothing once it is.
    pub fn preparing(&self) -> Option<Preparing> {
        self.rehearsal.as_ref().map(Rehearsal::progress)
    }

    /// Is the device prepared, as far as that can be before a step?
    pub fn can_step(&self) -> bool {
        self.rehearsal.as_ref().is_none_or(Rehearsal::is_over)
    }

    /// A step was taken: nothing is left to prepare.
    pub(super) fn set_ready(&mut self) {
        self.rehearsal = None;
    }

    /// Does one part of what makes the device ready; waits for it.
    pub(super) fn prepare(&mut self) -> Result<(), Unready> {
        self.rehearsal.as_mut().map_or(Ok(()), Rehearsal::advance)
    }

    /// Goes back to a state of this run; the device stays as ready as it is.
    pub(super) fn go_back(&mut self, to: &Checkpoint) -> Result<(), TrainerError> {
        self.trainer = Trainer::resume(&self.project, &self.device.device, to)?;
        Ok(())
    }

    /// Changes what can be changed while running, from the next step on.
    pub(super) fn set(&mut self, train: TrainSpec) -> Result<(), TrainerError> {
        let before = self.project.train.batch_size;
        self.trainer.set(train);
        self.project.train = self.trainer.settings().clone();
        if self.project.train.batch_size != before {
            // Kernels are tuned for one size of batch.
            self.rehearsal = Rehearsal::for_device(&self.device, &self.trainer)?;
        }
        Ok(())
    }

    /// What they show now; waits for the device. The verdict on 2-D data is over the part of the plane where the data is.
    ///
    /// # Errors
    /// The device failed.
    pub fn snapshot(&self, show: Show, dataset: Option<&Dataset>) -> Result<Snapshot, TrainerError> {
        let averaged = show.averaged && self.trainer.settings().ema_decay > 0.0;
        let generator = if averaged { self.trainer.averaged_generator() } else { self.trainer.generator() };
        let generator = self.to_show(generator, Role::Generator)?;
        let samples = if self.project.data.is_points() {
            let generated = as_points(&self.generate(&generator, SHOWN_POINTS)?);
            let discriminator = self.to_show(self.trainer.discriminator(), Role::Discriminator)?;
            Samples::Points { generated, verdict: self.verdict(&discriminator, dataset)? }
        } else {
            Samples::Pictures(Pictures::from_values(generator.output(), &self.generate(&generator, show.pictures)?))
        };
        Ok(Snapshot { step: self.trainer.g_steps(), averaged, samples, generator: self.generator_handle()? })
    }

    /// What a frame of the run's time machine shows now; waits for the device.
    ///
    /// # Errors
    /// The device failed.
    pub fn still(&self) -> Result<Still, TrainerError> {
        let generator = self.to_show(self.trainer.averaged_generator(), Role::Generator)?;
        if self.project.data.is_points() {
            return Ok(Still::Points(as_points(&self.generate(&generator, POINTS_IN_FRAME)?)));
        }
        let shape = generator.output();
        Ok(Still::Pictures(Pictures::from_values(shape, &self.generate(&generator, pictures_in_frame(shape))?)))
    }

    /// Where samples are computed: on the CPU as long as the device is not ready. There they are seen at once.
    fn show_device(&self) -> Device {
        if self.can_step() { self.device.device.clone() } else { device::cpu() }
    }

    /// A network of the run where samples are computed.
    fn to_show(&self, network: Network, role: Role) -> Result<Network, TrainerError> {
        if self.can_step() {
            return Ok(network);
        }
        let copy = Network::new(self.project.stack(role), role, self.project.seed, &self.show_device())?;
        Ok(copy.write(&network.read().map_err(TrainerError)?.0).0)
    }

    /// Samples from the run's fixed latents, `[count, channels, height, width]` flat.
    fn generate(&self, generator: &Network, count: usize) -> Result<Vec<f32>, TrainerError> {
        let (shape, train) = (generator.input(), self.trainer.settings());
        let latents = latent::draw(train.latent, shape.values(), count, self.project.seed, Purpose::FixedLatents, 0);
        let batch = train.batch_size.clamp(1, 256);
        self.in_batches(&latents, shape, [train.batch_size, batch], |latents| generator.forward(latents, &Pass::inference()).flatten(0, 3))
    }

    /// The discriminator's verdict over a square that holds all real points with some room around.
    pub(super) fn verdict(&self, discriminator: &Network, dataset: Option<&Dataset>) -> Result<HeatMap, TrainerError> {
        let reach = match dataset.map(Dataset::values) {
            Some(Values::Points(points)) => points.iter().flatten().fold(0.0_f32, |reach, value| reach.max(value.abs())),
            _ => 1.0,
        };
        let (high, side) = (reach * 1.3, HEAT_SIDE);
        let at = |index: usize| high * (2.0 * (index as f32 + 0.5) / side as f32 - 1.0);
        let (loss, packing, packs) = (self.trainer.settings().loss, self.trainer.settings().packing, self.trainer.settings().packs());
        // Asked about a single point, a discriminator that judges several at once is shown as many of the same.
        let point = |index: usize| [at(index % side), at(index / side)].repeat(packing);
        let plane: Vec<f32> = (0..side * side).flat_map(point).collect();
        let ask = |points| judge(discriminator, loss, points, &Pass::inference());
        let scores = self.in_batches(&plane, discriminator.input(), [packs, side * side], ask)?;
        Ok(HeatMap { low: -high, high, side, values: scores.into_iter().map(|score| losses::certainty(loss, score)).collect() })
    }

    /// What `compute` makes of samples of the shape `one`; `most` at once, where that is free to choose. It is not on a graphics device,
    /// which tunes its kernels for each size of batch: there every batch is as large as `in_step`, the last one filled up with zeros.
    fn in_batches(
        &self,
        values: &[f32],
        one: Shape,
        [in_step, most]: [usize; 2],
        compute: impl Fn(Tensor<4>) -> Tensor<1>,
    ) -> Result<Vec<f32>, TrainerError> {
        let device = self.show_device();
        let is_tuned = self.can_step() && self.device.info.kind != Kind::Cpu;
        let (size, batch) = (one.values().max(1), if is_tuned { in_step } else { most }.max(1));
        let (mut answers, mut counts) = (Transaction::default(), Vec::new());
        for chunk in values.chunks(size * batch) {
            let asked = chunk.len() / size;
            let computed = if is_tuned { batch } else { asked };
            let mut chunk = chunk.to_vec();
            chunk.resize(size * computed, 0.0);
            answers = answers.register(compute(Tensor::from_data(TensorData::new(chunk, one.batched(computed)), &device)));
            counts.push((asked, computed));
        }
        // One round trip to the device for all of them.
        let answers = answers.try_execute().map_err(failed)?;
        let mut all = Vec::new();
        for (answer, (asked, computed)) in answers.into_iter().zip(counts) {
            let answer = numbers(answer)?;
            all.extend_from_slice(&answer[..answer.len() / computed * asked]);
        }
        Ok(all)
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
    numbers(tensor.try_into_data().map_err(failed)?)
}

fn numbers(data: TensorData) -> Result<Vec<f32>, TrainerError> {
    data.convert::<f32>().try_into_vec::<f32>().map_err(|error| TrainerError(format!("the device's answer cannot be read: {error:?}")))
}

fn failed(error: ExecutionError) -> TrainerError {
    TrainerError(format!("the device failed: {error}; choose another one"))
}

fn as_points(values: &[f32]) -> Vec<[f32; 2]> {
    values.as_chunks::<2>().0.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Edit, Preset};

    #[test]
    fn a_discriminator_of_packs_is_asked_about_a_point_by_showing_it_as_often_as_a_pack_has_samples() {
        let mut project = Preset::from_name("grid25").unwrap().project();
        let train = TrainSpec { packing: 4, ..project.train.clone() };
        Edit::settings(&project, train).apply(&mut project).unwrap();
        let device = device::open(&device::resolve(&device::DeviceChoice::Cpu).unwrap()).unwrap();
        let stage = Stage::new(project, device, None).unwrap();
        let Samples::Points { verdict, generated } = stage.snapshot(Show::default(), None).unwrap().samples else { unreachable!() };
        assert_eq!((verdict.values.len(), generated.len()), (HEAT_SIDE * HEAT_SIDE, SHOWN_POINTS));
        let at = |index: usize| verdict.high * (2.0 * (index as f32 + 0.5) / HEAT_SIDE as f32 - 1.0);
        for index in [0, 77, 2000, 4095] {
            let point = [at(index % HEAT_SIDE), at(index / HEAT_SIDE)];
            let pack = Tensor::from_data(TensorData::new([point; 4].concat(), [1, 8, 1, 1]), &device::cpu());
            let score = read(judge(&stage.trainer.discriminator(), stage.project.train.loss, pack, &Pass::inference())).unwrap()[0];
            let wanted = losses::certainty(stage.project.train.loss, score);
            assert!((verdict.values[index] - wanted).abs() < 1e-6, "{point:?}: {} and not {wanted}", verdict.values[index]);
        }
    }
}
