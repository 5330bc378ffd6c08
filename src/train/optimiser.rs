//! How gradients move weights. Arithmetic and defaults follow PyTorch's `Adam`, `AdamW`, `RMSprop` and `SGD`, and Lion's paper.
//!
//! These are our own because a run has to resume exactly, on the device it runs on: Burn's optimisers restore their state on the
//! process's default device.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Gradients, Tensor};

use crate::nn::{Named, Names, Network, Reading, replace};
use crate::ops::{self, Rule};
use crate::spec::{Optimiser, OptimiserSpec};

/// What an optimiser remembers of each parameter, flat. Adam and AdamW use both moments, RMSprop the second, Lion and SGD the
/// first.
#[derive(Debug, Default)]
pub struct OptimiserState {
    /// Steps taken so far; Adam corrects its moments by it.
    steps: u64,
    first: HashMap<ParamId, Tensor<1>>,
    second: HashMap<ParamId, Tensor<1>>,
    /// What the next step does to each parameter, where somebody wants to know.
    watched: Option<Vec<Strain>>,
}

/// What a step does to one parameter.
#[derive(Clone, Debug)]
pub struct Strain {
    /// Which.
    pub id: ParamId,
    /// `[3]`: the sums of squares of its gradient before that is clipped, of its move, and of itself.
    pub squares: Tensor<1>,
}

/// What the moments are called in a checkpoint, after the parameter's name.
const SUFFIXES: [&str; 2] = ["/moment1", "/moment2"];

impl OptimiserState {
    /// Steps taken so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Notes what the next step does to each parameter.
    pub fn watch(&mut self) {
        self.watched = Some(Vec::new());
    }

    /// What was noted so far.
    pub fn watched(&self) -> &[Strain] {
        self.watched.as_deref().unwrap_or_default()
    }

    /// What was noted.
    pub fn take_watched(&mut self) -> Vec<Strain> {
        self.watched.take().unwrap_or_default()
    }

    /// Moves `network` one step along `gradients`, all of which together are no longer than `longest`; 0 leaves them as they are.
    pub fn step(&mut self, spec: &OptimiserSpec, longest: f32, network: Network, gradients: &mut Gradients) -> Network {
        self.steps += 1;
        if let Some(watched) = &mut self.watched {
            watched.clear();
        }
        let gradients = GradientsParams::from_module(gradients, &network);
        let share = if longest > 0.0 { share_of(&network, &gradients, longest) } else { None };
        network.map(&mut Step { spec, state: self, gradients, share })
    }

    /// The moments by name: `<parameter>/moment1`, `<parameter>/moment2`.
    ///
    /// # Errors
    /// The device failed, in words.
    pub fn read(&self, names: &HashMap<ParamId, String>) -> Result<Named, String> {
        let mut reading = Reading::default();
        for (moments, suffix) in [&self.first, &self.second].into_iter().zip(SUFFIXES) {
            for (id, moment) in moments {
                if let Some(name) = names.get(id) {
                    reading.add(format!("{name}{suffix}"), moment.clone());
                }
            }
        }
        reading.finish()
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
        Self { steps, first, second, watched: None }
    }
}

/// What gradients are multiplied with, `[1]`, so that all together are no longer than `longest`, as PyTorch's `clip_grad_norm_`.
fn share_of(network: &Network, gradients: &GradientsParams, longest: f32) -> Option<Tensor<1>> {
    let mut squares = Squares { gradients, found: Vec::new() };
    network.visit(&mut squares);
    if squares.found.is_empty() {
        return None;
    }
    let length = Tensor::cat(squares.found, 0).sum().sqrt();
    Some(((length + 1e-6).recip() * longest).clamp_max(1.0))
}

/// The sum of squares of each gradient, `[1]`.
struct Squares<'a> {
    gradients: &'a GradientsParams,
    found: Vec<Tensor<1>>,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.found.push(gradient.powi_scalar(2).sum());
        }
    }
}

struct Step<'a> {
    spec: &'a OptimiserSpec,
    state: &'a mut OptimiserState,
    gradients: GradientsParams,
    /// What they are multiplied with.
    share: Option<Tensor<1>>,
}

impl ModuleMapper for Step<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let id = param.id;
        let Some(gradient) = self.gradients.remove::<D>(id) else { return param };
        let gradient = flat(gradient);
        let before = self.state.watched.is_some().then(|| (flat(param.val().inner()), gradient.clone()));
        let gradient = match &self.share {
            Some(share) => gradient * share.clone(),
            None => gradient,
        };
        replace(param, |weight| {
            let shape = weight.dims();
            let moved = self.state.moved(id, flat(weight), gradient, self.spec);
            if let (Some((weight, gradient)), Some(watched)) = (before, &mut self.state.watched) {
                let squares = [gradient, moved.clone() - weight.clone(), weight].map(|values| values.powi_scalar(2).sum());
                watched.push(Strain { id, squares: Tensor::cat(squares.to_vec(), 0) });
            }
            moved.reshape(shape)
        })
    }
}

fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let count = tensor.dims().iter().product::<usize>();
    tensor.reshape([count])
}

impl OptimiserState {
    /// A parameter after this step.
    fn moved(&mut self, id: ParamId, weight: Tensor<1>, gradient: Tensor<1>, spec: &OptimiserSpec) -> Tensor<1> {
        let memory = [&mut self.first, &mut self.second].map(|moments| moments.remove(&id).unwrap_or_else(|| gradient.zeros_like()));
        let weight = match spec.rule {
            Optimiser::AdamW { decay, .. } | Optimiser::Lion { decay, .. } if decay > 0.0 => weight * (1.0 - spec.learning_rate * decay),
            _ => weight,
        };
        let (weight, [first, second]) = ops::update(weight, gradient, memory, self.rule(spec));
        let [keeps_first, keeps_second] = moments_of(spec.rule);
        if keeps_first {
            self.first.insert(id, first);
        }
        if keeps_second {
            self.second.insert(id, second);
        }
        weight
    }

    fn rule(&self, spec: &OptimiserSpec) -> Rule {
        let rate = spec.learning_rate;
        match spec.rule {
            Optimiser::Adam { beta1, beta2, epsilon } | Optimiser::AdamW { beta1, beta2, epsilon, .. } => {
                let (mean, square) = (correction(beta1, self.steps), correction(beta2, self.steps));
                Rule::Adam { rate: rate / mean, beta1, beta2, root: square.sqrt(), epsilon }
            }
            Optimiser::RmsProp { alpha, epsilon } => Rule::RmsProp { rate, alpha, epsilon },
            Optimiser::Sgd { momentum } => Rule::Sgd { rate, momentum },
            Optimiser::Lion { beta1, beta2, .. } => Rule::Lion { rate, beta1, beta2 },
        }
    }
}

/// Which moments a rule remembers.
fn moments_of(rule: Optimiser) -> [bool; 2] {
    match rule {
        Optimiser::Adam { .. } | Optimiser::AdamW { .. } => [true, true],
        Optimiser::Lion { .. } => [true, false],
        Optimiser::RmsProp { .. } => [false, true],
        Optimiser::Sgd { momentum } => [momentum != 0.0, false],
    }
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
                weight = state.moved(id, weight, tensor(&step.gradient), &entry.optimiser);
                let got = weight.clone().into_data().try_into_vec::<f32>().unwrap();
                // Weights near one: the last bits of a 32-bit float, more where rates are small.
                assert_close(&entry.name, &got, &step.weight.values, 1e-6);
            }
        }
    }
}
