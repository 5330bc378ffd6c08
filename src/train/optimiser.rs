//! How gradients move weights. Arithmetic and defaults follow PyTorch's `Adam`, `RMSprop` and `SGD`.
//!
//! These are our own because a run has to resume exactly, on the device it runs on: Burn's optimisers restore their state on the
//! process's default device.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Gradients, Tensor};

use crate::nn::{Named, Names, Network, TensorValues, replace};
use crate::spec::{Optimiser, OptimiserSpec};

/// What an optimiser remembers of each parameter, flat. Adam uses both moments, RMSprop the second, SGD the first.
#[derive(Debug, Default)]
pub struct OptimiserState {
    /// Steps taken so far; Adam corrects its moments by it.
    steps: u64,
    first: HashMap<ParamId, Tensor<1>>,
    second: HashMap<ParamId, Tensor<1>>,
}

/// What the moments are called in a checkpoint, after the parameter's name.
const SUFFIXES: [&str; 2] = ["/moment1", "/moment2"];

impl OptimiserState {
    /// Steps taken so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Moves `network` one step along `gradients`.
    pub fn step(&mut self, spec: &OptimiserSpec, network: Network, gradients: &mut Gradients) -> Network {
        self.steps += 1;
        let gradients = GradientsParams::from_module(gradients, &network);
        network.map(&mut Step { spec, state: self, gradients })
    }

    /// The moments by name: `<parameter>/moment1`, `<parameter>/moment2`.
    ///
    /// # Errors
    /// The device failed, in words.
    pub fn read(&self, names: &HashMap<ParamId, String>) -> Result<Named, String> {
        let mut named = Named::new();
        for (moments, suffix) in [&self.first, &self.second].into_iter().zip(SUFFIXES) {
            for (id, moment) in moments {
                if let Some(name) = names.get(id) {
                    named.insert(format!("{name}{suffix}"), TensorValues::read(moment.clone())?);
                }
            }
        }
        Ok(named)
    }

    /// A state after `steps` steps, with the moments that `named` has for the parameters in `taken`.
    pub fn restore(steps: u64, named: &Named, names: &HashMap<ParamId, String>, taken: &Names, device: &Device) -> Self {
        let moments = |suffix: &str| {
            let moment = |(id, name): (&ParamId, &String)| {
                let found = named.get(&format!("{name}{suffix}")).filter(|_| taken.contains(name))?;
                Some((*id, Tensor::from_data(found.to_data(), device)))
            };
            names.iter().filter_map(moment).collect()
        };
        let [first, second] = SUFFIXES.map(moments);
        Self { steps, first, second }
    }
}

struct Step<'a> {
    spec: &'a OptimiserSpec,
    state: &'a mut OptimiserState,
    gradients: GradientsParams,
}

impl ModuleMapper for Step<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let id = param.id;
        let Some(gradient) = self.gradients.remove::<D>(id) else { return param };
        let gradient = flat(gradient);
        replace(param, |weight| {
            let shape = weight.dims();
            let step = self.state.direction(id, gradient, self.spec.rule) * self.spec.learning_rate;
            (flat(weight.clone()) - step).reshape(shape)
        })
    }
}

fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let count = tensor.dims().iter().product::<usize>();
    tensor.reshape([count])
}

impl OptimiserState {
    /// Where a parameter goes, for a learning rate of 1.
    fn direction(&mut self, id: ParamId, gradient: Tensor<1>, rule: Optimiser) -> Tensor<1> {
        match rule {
            Optimiser::Adam { beta1, beta2, epsilon } => {
                let mean = average(&mut self.first, id, gradient.clone(), beta1);
                let square = average(&mut self.second, id, gradient.powi_scalar(2), beta2);
                let (correct_mean, correct_square) = (correction(beta1, self.steps), correction(beta2, self.steps));
                let root = square.sqrt() / correct_square.sqrt() + epsilon;
                mean / correct_mean / root
            }
            Optimiser::RmsProp { alpha, epsilon } => {
                let square = average(&mut self.second, id, gradient.clone().powi_scalar(2), alpha);
                gradient / (square.sqrt() + epsilon)
            }
            Optimiser::Sgd { momentum: 0.0 } => gradient,
            Optimiser::Sgd { momentum } => {
                let velocity = match self.first.remove(&id) {
                    Some(velocity) => velocity * momentum + gradient,
                    None => gradient,
                };
                self.first.insert(id, velocity.clone());
                velocity
            }
        }
    }
}

/// Moves a running mean, which begins at zero, a step towards `value`.
fn average(means: &mut HashMap<ParamId, Tensor<1>>, id: ParamId, value: Tensor<1>, keep: f32) -> Tensor<1> {
    let step = value * (1.0 - keep);
    let mean = match means.remove(&id) {
        Some(mean) => mean * keep + step,
        None => step,
    };
    means.insert(id, mean.clone());
    mean
}

/// How much of a mean that began at zero has arrived after so many steps.
fn correction(keep: f32, steps: u64) -> f32 {
    (1.0 - f64::from(keep).powf(steps as f64)) as f32
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;
    use serde::Deserialize;

    use super::*;
    use crate::device;
    use crate::reference::{Values, assert_close, table};

    #[derive(Deserialize)]
    struct Step {
        gradient: Values,
        weight: Values,
    }

    #[derive(Deserialize)]
    struct Entry {
        name: String,
        optimiser: OptimiserSpec,
        initial: Values,
        steps: Vec<Step>,
    }

    fn tensor(values: &Values) -> Tensor<1> {
        Tensor::from_data(TensorData::new(values.values.clone(), values.dims::<1>()), &device::cpu())
    }

    #[test]
    fn weights_move_as_in_pytorch() {
        let entries: Vec<Entry> = table(include_str!("../../tests/reference/optimisers.json"));
        for entry in entries {
            let mut state = OptimiserState::default();
            let mut weight = tensor(&entry.initial);
            for step in &entry.steps {
                state.steps += 1;
                let id = ParamId::from(1);
                weight = weight - state.direction(id, tensor(&step.gradient), entry.optimiser.rule) * entry.optimiser.learning_rate;
                let got = weight.clone().into_data().try_into_vec::<f32>().unwrap();
                // Weights near one: the last bits of a 32-bit float, more where rates are small.
                assert_close(&entry.name, &got, &step.weight.values, 1e-6);
            }
        }
    }
}
