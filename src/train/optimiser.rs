//! How gradients move weights. Arithmetic and defaults follow PyTorch's `Adam`, `AdamW`, `RMSprop` and `SGD`, and Lion's paper.
//!
//! These are our own because a run has to resume exactly, on the device it runs on: Burn's optimisers restore their state on the
//! process's default device.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Gradients, Tensor};

use crate::nn::{Named, Names, Network, Reading, TensorValues, replace};
use crate::ops::{self, Rule};
use crate::spec::{LayerId, Optimiser, OptimiserSpec};

/// What an optimiser remembers of each parameter, flat. Adam and AdamW use both moments, RMSprop the second, Lion and SGD the
/// first.
#[derive(Debug, Default)]
pub struct OptimiserState {
    /// Steps taken so far.
    steps: u64,
    /// After how many of them the moments of a parameter began, where that was not at the beginning: of a layer that is new, or under another
    /// rule before. Adam corrects them by the steps since then, as PyTorch counts a parameter's own.
    begun: HashMap<ParamId, u64>,
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

/// What a step did to each layer of a network that it moved: the sums over the layer's parameters.
pub fn strains_by_layer(network: &Network, strains: &[Strain]) -> Vec<(LayerId, Tensor<1>)> {
    let of_layer = |(id, parameters): (LayerId, Vec<ParamId>)| {
        let own = strains.iter().filter(|strain| parameters.contains(&strain.id)).map(|strain| strain.squares.clone());
        Some((id, own.reduce(|a, b| a + b)?))
    };
    network.parameters().into_iter().filter_map(of_layer).collect()
}

/// What the moments are called in a checkpoint, after the parameter's name.
const SUFFIXES: [&str; 2] = ["/moment1", "/moment2"];
/// And when they began: a number of steps as two, of which the first counts 2^24 each, so that both are exact as 32-bit floats.
const BEGUN: &str = "/begun";
const HIGH: u64 = 1 << 24;

impl OptimiserState {
    /// Steps taken so far, by any parameter.
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

    /// The moments by name: `<parameter>/moment1`, `<parameter>/moment2`, and where they began late, `<parameter>/begun`.
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
        let mut read = reading.finish()?;
        for (name, begun) in self.begun.iter().filter_map(|(id, begun)| Some((names.get(id)?, *begun))) {
            let values = vec![(begun / HIGH) as f32, (begun % HIGH) as f32];
            read.insert(format!("{name}{BEGUN}"), TensorValues { shape: vec![2], values });
        }
        Ok(read)
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
        let begun = |(id, name): (&ParamId, &String)| {
            let found = named.get(&format!("{name}{BEGUN}")).filter(|_| taken.contains(name))?;
            let [high, low] = found.values[..] else { return None };
            let begun = (high as u64).saturating_mul(HIGH).saturating_add(low as u64);
            (begun <= steps).then_some((*id, begun))
        };
        let begun = names.iter().filter_map(begun).collect();
        Self { steps, begun, first, second, watched: None }
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
        let memory = self.remembered(id, spec.rule).map(|moment| moment.unwrap_or_else(|| gradient.zeros_like()));
        let weight = match spec.rule {
            Optimiser::AdamW { decay, .. } | Optimiser::Lion { decay, .. } if decay > 0.0 => weight * (1.0 - spec.learning_rate * decay),
            _ => weight,
        };
        let (weight, [first, second]) = ops::update(weight, gradient, memory, self.rule(id, spec));
        let [keeps_first, keeps_second] = moments_of(spec.rule);
        if keeps_first {
            self.first.insert(id, first);
        }
        if keeps_second {
            self.second.insert(id, second);
        }
        weight
    }

    /// Takes out what is remembered of a parameter. What lacks a part that the rule needs, as after another rule, is nothing: with one moment
    /// begun long ago and one now, Adam's steps would be many times too large.
    fn remembered(&mut self, id: ParamId, rule: Optimiser) -> [Option<Tensor<1>>; 2] {
        let found = [&mut self.first, &mut self.second].map(|moments| moments.remove(&id));
        let is_whole = found.iter().zip(moments_of(rule)).all(|(moment, is_needed)| moment.is_some() || !is_needed);
        if is_whole {
            return found;
        }
        // This step is counted already.
        match self.steps.saturating_sub(1) {
            0 => self.begun.remove(&id),
            before => self.begun.insert(id, before),
        };
        [None, None]
    }

    fn rule(&self, id: ParamId, spec: &OptimiserSpec) -> Rule {
        let rate = spec.learning_rate;
        let steps = self.steps.saturating_sub(self.begun.get(&id).copied().unwrap_or_default());
        match spec.rule {
            Optimiser::Adam { beta1, beta2, epsilon } | Optimiser::AdamW { beta1, beta2, epsilon, .. } => {
                let (mean, square) = (correction(beta1, steps), correction(beta2, steps));
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

    fn id() -> ParamId {
        ParamId::from(1)
    }

    fn entries() -> Vec<Entry> {
        table(include_str!("../../tests/reference/optimisers.json"))
    }

    #[test]
    fn weights_move_as_in_pytorch() {
        for entry in entries() {
            follow(&entry, &mut OptimiserState::default());
        }
    }

    /// Takes an entry's steps.
    fn follow(entry: &Entry, state: &mut OptimiserState) {
        let mut weight = tensor(&entry.initial);
        for step in &entry.steps {
            state.steps += 1;
            weight = state.moved(id(), weight, tensor(&step.gradient), &entry.optimiser);
            let got = weight.clone().into_data().try_into_vec::<f32>().unwrap();
            // Weights near one: the last bits of a 32-bit float, more where rates are small.
            assert_close(&entry.name, &got, &step.weight.values, 1e-6);
        }
    }

    /// In PyTorch a parameter that is new, or another optimiser, begins at its own step 1.
    #[test]
    fn a_parameter_that_is_new_in_a_long_run_moves_as_at_the_beginning_of_one() {
        for entry in entries() {
            let mut state = OptimiserState { steps: 20_000_000, ..OptimiserState::default() };
            follow(&entry, &mut state);
            // And after a file.
            let names = HashMap::from([(id(), "1.weight".to_owned())]);
            let read = state.read(&names).unwrap();
            let taken = names.values().cloned().collect();
            let restored = OptimiserState::restore(state.steps, &read, &names, &taken, &device::cpu());
            assert_eq!(restored.begun, state.begun);
            assert_eq!(restored.begun.get(&id()).copied(), needs_memory(entry.optimiser.rule).then_some(20_000_000), "{}", entry.name);
        }
    }

    fn needs_memory(rule: Optimiser) -> bool {
        moments_of(rule) != [false, false]
    }

    #[test]
    fn after_another_rule_a_parameter_moves_as_at_the_beginning_of_a_run() {
        let kept = |rule| moments_of(rule);
        let mut changes = 0;
        for before in Optimiser::ALL {
            for entry in entries() {
                // What the new rule needs and the old one did not keep.
                let lacks = kept(entry.optimiser.rule).iter().zip(kept(before)).any(|(needs, has)| *needs && !has);
                if !lacks {
                    continue;
                }
                let mut state = OptimiserState::default();
                let spec = OptimiserSpec { learning_rate: 0.01, rule: before };
                for _ in 0..50 {
                    state.steps += 1;
                    state.moved(id(), tensor(&entry.initial), tensor(&entry.steps[0].gradient), &spec);
                }
                follow(&entry, &mut state);
                changes += 1;
            }
        }
        assert!(changes > 8, "{changes} changes were tried");
    }
}
