//! Getting a graphics device ready for a run.
//!
//! The first time a device computes an operation of some size it compiles kernels and tries which is fastest: seconds for each layer, all
//! of it inside the first step, if nobody asks earlier. Here every layer is asked for on its own, forwards and then backwards, so that a
//! person sees how far it is and can stop it in between. What was found out is kept on disk (see [`crate::device`]): the next time takes
//! moments.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::{Gradients, Tensor};

use super::message::{Preparing, Task};
use super::self_check;
use super::trainer::{Trainer, TrainerError};
use crate::device::{Kind, OpenDevice};
use crate::nn::{Dual, Network, Pass};
use crate::ops;
use crate::spec::Shape;

/// What is left to do before a device can take the first step of a run. Changes nothing about the run.
#[derive(Debug)]
pub struct Rehearsal {
    device: OpenDevice,
    left: VecDeque<Part>,
    done: usize,
    total: usize,
}

#[derive(Debug)]
enum Part {
    /// All layers of both networks, one after the other.
    Walk(Task, Box<Walk>),
    /// A step of a small network is compared with the CPU's.
    Compare,
}

/// Why a run cannot be prepared on a device, in words.
#[derive(Debug, PartialEq, Eq)]
pub enum Unready {
    /// The device computes otherwise than the CPU.
    Unfit(String),
    /// The device failed.
    Failed(String),
}

impl Rehearsal {
    /// What `trainer` needs on `device`: nothing on the CPU, which has no kernels to compile.
    ///
    /// # Errors
    /// The networks of the device's check cannot be built.
    pub fn for_device(device: &OpenDevice, trainer: &Trainer) -> Result<Option<Self>, TrainerError> {
        if device.info.kind == Kind::Cpu { Ok(None) } else { Self::new(device, trainer).map(Some) }
    }

    /// What `trainer` needs on `device`, whatever that is.
    pub(super) fn new(device: &OpenDevice, trainer: &Trainer) -> Result<Self, TrainerError> {
        let mut left = VecDeque::new();
        if !self_check::is_known(device) {
            left.push_back(Part::Walk(Task::Checking, Box::new(self_check::trainer(&device.device)?.walk())));
        }
        // Known or not: a device that was found unfit is found unfit at once.
        left.push_back(Part::Compare);
        left.push_back(Part::Walk(Task::Kernels, Box::new(trainer.walk())));
        // Networks without layers have nothing to walk through.
        left.retain(|part| part.len() > 0);
        // The first step itself compiles what little is left: the losses and the optimisers.
        let total = left.iter().map(Part::len).sum::<usize>() + 1;
        Ok(Self { device: device.clone(), left, done: 0, total })
    }

    /// How far it is.
    pub fn progress(&self) -> Preparing {
        let task = match self.left.front() {
            Some(Part::Walk(Task::Checking, _) | Part::Compare) => Task::Checking,
            _ => Task::Kernels,
        };
        Preparing { task, done: self.done, total: self.total }
    }

    /// Is there nothing left but the first step?
    pub fn is_over(&self) -> bool {
        self.left.is_empty()
    }

    /// Does the next part, and waits until the device has done it.
    ///
    /// # Errors
    /// The device failed, or must not be used.
    pub fn advance(&mut self) -> Result<(), Unready> {
        let Some(part) = self.left.front_mut() else { return Ok(()) };
        let finished = match part {
            Part::Compare => self_check::check(&self.device).map(|()| true).map_err(Unready::Unfit)?,
            // Before its check a device that fails is one that is not used; after it, its failure is the run's.
            Part::Walk(Task::Checking, walk) => {
                let step = AssertUnwindSafe(|| walk.advance());
                catch_unwind(step).map_err(|_| Unready::Unfit("it fails at the first step".to_owned()))?
            }
            Part::Walk(_, walk) => walk.advance(),
        };
        self.device.device.sync().map_err(|error| Unready::Failed(format!("the device failed: {error}; choose another one")))?;
        self.done += 1;
        if finished {
            self.left.pop_front();
        }
        Ok(())
    }
}

impl Part {
    fn len(&self) -> usize {
        match self {
            Self::Walk(_, walk) => walk.len(),
            Self::Compare => 1,
        }
    }
}

/// A batch on its way through both networks and back, layer by layer.
///
/// The way is that of a step, because a kernel is tuned for how its operands lie in memory, too: generated pictures and real ones lie
/// differently, and so does a gradient that comes from a convolution and one that begins somewhere.
#[derive(Debug)]
pub struct Walk {
    generator: Network,
    discriminator: Network,
    pass: Pass,
    /// Are gradients punished? Then the discriminator's layers see dual numbers, too.
    is_punished: bool,
    real: Tensor<4>,
    /// What goes into each layer that is not behind us: on the way there the newest is next, on the way back, too.
    inputs: Vec<Tensor<4>>,
    /// On the way back: the gradient of the next layer's output; none at the turning point.
    gradient: Option<Tensor<4>>,
    done: usize,
}

impl Walk {
    /// At the entrance. `pass` is never absorbed.
    pub fn new(generator: Network, discriminator: Network, latents: Tensor<4>, real: Tensor<4>, pass: Pass) -> Self {
        Self { generator, discriminator, pass, is_punished: false, real, inputs: vec![latents], gradient: None, done: 0 }
    }

    /// The same, with what penalties on gradients take.
    pub fn punished(self) -> Self {
        Self { is_punished: true, ..self }
    }

    /// Parts, there and back.
    fn len(&self) -> usize {
        2 * self.layers()
    }

    fn layers(&self) -> usize {
        self.generator.pieces() + self.discriminator.pieces()
    }

    /// Through one layer, there or back. Returns whether it was the last one.
    fn advance(&mut self) -> bool {
        let layers = self.layers();
        if let (true, Some(input)) = (self.done < layers, self.inputs.last()) {
            let output = self.layer(self.done, input.clone()).detach();
            // The last output is no layer's input.
            if self.done + 1 < layers {
                self.inputs.push(output);
            }
        } else if let Some(input) = self.inputs.pop() {
            self.back_through(self.inputs.len(), input);
        }
        self.done += 1;
        self.done >= 2 * layers
    }

    fn layer(&self, index: usize, input: Tensor<4>) -> Tensor<4> {
        match index.checked_sub(self.generator.pieces()) {
            None => self.generator.piece(index, input, &self.pass),
            Some(index) => {
                // Generated samples come one by one, and may be judged in packs.
                let [n, channels, height, width] = input.dims();
                let shape = self.discriminator.input();
                let is_one = index == 0 && Shape::new(channels, height, width) != shape;
                let packs = shape.batched(n * channels * height * width / shape.values().max(1));
                self.discriminator.piece(index, if is_one { input.reshape(packs) } else { input }, &self.pass)
            }
        }
    }

    fn back_through(&mut self, index: usize, input: Tensor<4>) {
        if index == self.generator.pieces() {
            // The discriminator's first layer sees real samples, too, and of those nobody wants the gradient.
            self.gradients(index, self.real.clone(), self.gradient.clone());
        }
        if let Some(own) = index.checked_sub(self.generator.pieces()).filter(|_| self.is_punished) {
            self.punish(own, if own == 0 { self.real.clone() } else { input.clone() });
        }
        // No step needs the gradient of the latents.
        let input = if index > 0 { input.require_grad() } else { input };
        // Handed over, not lent: where a gradient has one owner it is overwritten in place, which decides how the next one lies.
        let gradient = self.gradient.take();
        self.gradient = self.gradients(index, input.clone(), gradient).and_then(|mut gradients| input.grad_remove(&mut gradients));
    }

    /// Through a layer of the discriminator with dual numbers and back: how a change changes has kernels of its own.
    fn punish(&self, index: usize, input: Tensor<4>) {
        let input = input.detach();
        // Nobody wants the gradient of the samples themselves.
        let leaf = |input: Tensor<4>| if index > 0 { input.require_grad() } else { input };
        let Dual { change, .. } = self.discriminator.piece_jvp(index, Dual::new(leaf(input.clone()), leaf(input)), &self.pass);
        if change.is_tracked() {
            let gradient = change.clone().inner().ones_like();
            let _ = ops::backward(change, gradient);
        }
    }

    fn gradients(&self, index: usize, input: Tensor<4>, gradient: Option<Tensor<4>>) -> Option<Gradients> {
        let output = self.layer(index, input);
        let gradient = gradient.unwrap_or_else(|| output.clone().inner().ones_like());
        output.is_tracked().then(|| ops::backward(output, gradient))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device;
    use crate::spec::Preset;
    use crate::train::History;

    #[test]
    fn every_layer_is_a_part_and_nothing_is_changed() {
        let mut project = Preset::from_name("digits").unwrap().project();
        project.train.batch_size = 4;
        let open = device::open(&device::resolve(&device::DeviceChoice::Cpu).unwrap()).unwrap();
        let trainer = Trainer::new(&project, &open.device).unwrap();
        let before = trainer.checkpoint(&project, 0.0, &History::default()).unwrap();
        let mut rehearsal = Rehearsal::new(&open, &trainer).unwrap();
        let mut heard = vec![rehearsal.progress()];
        while !rehearsal.is_over() {
            rehearsal.advance().unwrap();
            heard.push(rehearsal.progress());
        }
        let total = heard[0].total;
        let done: Vec<usize> = heard.iter().map(|progress| progress.done).collect();
        assert_eq!(done, (0..total).collect::<Vec<_>>(), "the last part is the first step");
        // The networks of the preset: a layer with the nonlinearity behind it is one.
        let kernels = heard.iter().filter(|progress| progress.task == Task::Kernels).count();
        assert_eq!(kernels, 2 * (trainer.generator().pieces() + trainer.discriminator().pieces()) + 1);
        assert_eq!(trainer.checkpoint(&project, 0.0, &History::default()).unwrap(), before);
    }

    #[test]
    fn penalties_and_packs_are_walked_through_too() {
        let mut project = Preset::from_name("digits").unwrap().project();
        project.train.regularisation.r1 = 1.0;
        let train = crate::spec::TrainSpec { packing: 2, batch_size: 4, ..project.train.clone() };
        crate::spec::Edit::settings(&project, train).apply(&mut project).unwrap();
        let open = device::open(&device::resolve(&device::DeviceChoice::Cpu).unwrap()).unwrap();
        let trainer = Trainer::new(&project, &open.device).unwrap();
        let mut walk = trainer.walk();
        assert!(walk.is_punished);
        while !walk.advance() {}
        assert_eq!(walk.gradient.map(|gradient| gradient.dims()), None, "no step needs the gradient of the latents");
    }

    #[test]
    fn a_run_on_the_cpu_needs_none() {
        let project = Preset::from_name("mlp").unwrap().project();
        let open = device::open(&device::resolve(&device::DeviceChoice::Cpu).unwrap()).unwrap();
        let trainer = Trainer::new(&project, &open.device).unwrap();
        assert!(Rehearsal::for_device(&open, &trainer).unwrap().is_none());
    }
}
