//! A stack as a network: its layers as modules, with the ids of the stack.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Tensor};

use super::dual::Dual;
use super::layers::{self, Layer};
use super::parameters::{Blend, Collected, Named, Names, Path, Read, Reading, Shapes, Write, replace};
use super::pass::Pass;
use super::switch::switched;
use crate::random::{self, Purpose};
use crate::spec::{LayerId, Role, Shape, ShapeError, Stack};

/// Why a network cannot be built: its stack has a fault.
pub type BuildError = ShapeError;

/// The layers of a stack that are switched on, as modules.
#[derive(Module, Debug)]
pub struct Network {
    layers: Vec<Layer>,
    #[module(skip)]
    ids: Vec<LayerId>,
    #[module(skip)]
    input: Shape,
    #[module(skip)]
    output: Shape,
}

impl Network {
    /// Builds a stack on `device` with initial weights drawn for `(seed, role, layer id)`. An autodiff device makes weights that can be trained.
    ///
    /// # Errors
    /// The stack has a fault.
    pub fn new(stack: &Stack, role: Role, seed: u64, device: &Device) -> Result<Self, BuildError> {
        let output = stack.output_shape()?;
        let (mut layers, mut ids) = (Vec::new(), Vec::new());
        let mut shape = stack.input;
        for entry in stack.active() {
            let mut rng = random::stream(seed, Purpose::InitialWeights, weights_counter(role, entry.id));
            layers.push(Layer::new(&entry.layer, shape, &mut rng, device)?);
            ids.push(entry.id);
            shape = entry.layer.output_shape(shape)?;
        }
        Ok(Self { layers, ids, input: stack.input, output })
    }

    /// The shape of one input.
    pub fn input(&self) -> Shape {
        self.input
    }

    /// The shape of one output.
    pub fn output(&self) -> Shape {
        self.output
    }

    /// The output for `input`, `[n, channels, height, width]` each.
    pub fn forward(&self, input: Tensor<4>, pass: &Pass) -> Tensor<4> {
        layers::through(&self.layers, input, pass)
    }

    /// How many [pieces](Self::piece) there are.
    pub fn pieces(&self) -> usize {
        layers::pieces(&self.layers).count()
    }

    /// The output of one layer together with the nonlinearity it applies; [`Self::forward`] is all of them one after the other.
    pub fn piece(&self, index: usize, input: Tensor<4>, pass: &Pass) -> Tensor<4> {
        match layers::pieces(&self.layers).nth(index) {
            Some(piece) => piece.forward(input, pass),
            None => input,
        }
    }

    /// [Forward](Self::forward), which shows `look` what leaves each layer: where a layer is computed together with the nonlinearity that
    /// follows, what leaves that one.
    pub fn forward_watched(&self, input: Tensor<4>, pass: &Pass, look: impl FnMut(LayerId, &Tensor<4>)) -> Tensor<4> {
        self.watched(&self.layers, input, pass, look)
    }

    /// [Logits](Self::logits), likewise.
    pub fn logits_watched(&self, input: Tensor<4>, pass: &Pass, look: impl FnMut(LayerId, &Tensor<4>)) -> Tensor<1> {
        scores(self.watched(self.before_sigmoid(), input, pass, look))
    }

    /// [Scores](Self::scores), likewise.
    pub fn scores_watched(&self, input: Tensor<4>, pass: &Pass, look: impl FnMut(LayerId, &Tensor<4>)) -> Tensor<1> {
        scores(self.forward_watched(input, pass, look))
    }

    /// The output of the first layers.
    fn watched(&self, layers: &[Layer], input: Tensor<4>, pass: &Pass, mut look: impl FnMut(LayerId, &Tensor<4>)) -> Tensor<4> {
        let mut ids = self.ids.iter();
        layers::pieces(layers).fold(input, |x, piece| {
            let output = piece.forward(x, pass);
            if let Some(id) = ids.nth(piece.layers() - 1) {
                look(*id, &output);
            }
            output
        })
    }

    /// The parameters of each layer that has some.
    pub fn parameters(&self) -> Vec<(LayerId, Vec<ParamId>)> {
        let of = |(id, layer): (&LayerId, &Layer)| {
            let mut found = Found::default();
            layer.visit(&mut found);
            (!found.0.is_empty()).then_some((*id, found.0))
        };
        self.ids.iter().zip(&self.layers).filter_map(of).collect()
    }

    /// As [`Self::piece`], for a value that changes.
    pub fn piece_jvp(&self, index: usize, input: Dual, pass: &Pass) -> Dual {
        match layers::pieces(&self.layers).nth(index) {
            Some(piece) => piece.jvp(input, pass),
            None => input,
        }
    }

    /// The logit for each sample, `[n]`: the output, or what goes into a final sigmoid.
    ///
    /// Binary cross-entropy of `sigmoid(x)` is computed from `x`, which is the same number without the rounding that makes
    /// `log(sigmoid(x))` minus infinity.
    pub fn logits(&self, input: Tensor<4>, pass: &Pass) -> Tensor<1> {
        scores(layers::through(self.before_sigmoid(), input, pass))
    }

    /// All layers but a final sigmoid.
    fn before_sigmoid(&self) -> &[Layer] {
        match self.layers.split_last() {
            Some((last, before)) if last.is_sigmoid() => before,
            _ => &self.layers,
        }
    }

    /// The output for each sample as one number, `[n]`.
    pub fn scores(&self, input: Tensor<4>, pass: &Pass) -> Tensor<1> {
        scores(self.forward(input, pass))
    }

    /// The output for a value, and how it changes with it. Gradients flow from both to the weights.
    pub fn jvp(&self, input: Dual, pass: &Pass) -> Dual {
        layers::jvp_through(&self.layers, input, pass)
    }

    /// [Logits](Self::logits), `[n]`, and how they change with the input.
    pub fn logits_jvp(&self, input: Dual, pass: &Pass) -> [Tensor<1>; 2] {
        let output = layers::jvp_through(self.before_sigmoid(), input, pass);
        [scores(output.value), scores(output.change)]
    }

    /// [Scores](Self::scores), `[n]`, and how they change with the input.
    pub fn scores_jvp(&self, input: Dual, pass: &Pass) -> [Tensor<1>; 2] {
        let output = self.jvp(input, pass);
        [scores(output.value), scores(output.change)]
    }

    /// Takes in the running statistics that the passes of a step collected.
    pub fn absorb(self, pass: &Pass) -> Self {
        let running = pass.take_running();
        if running.is_empty() {
            return self;
        }
        self.map(&mut Absorb { running })
    }

    /// All numbers by name, with the id of each parameter: `<layer id>.weight`.
    ///
    /// # Errors
    /// The device failed, in words.
    pub fn read(&self) -> Result<(Named, HashMap<ParamId, String>), String> {
        let (mut reading, mut ids) = (Reading::default(), HashMap::new());
        for (id, layer) in self.ids.iter().zip(&self.layers) {
            layer.visit(&mut Read::new(id.0.to_string(), &mut reading, &mut ids));
        }
        Ok((reading.finish()?, ids))
    }

    /// Takes over the numbers of every layer that finds all of its own, by name and shape, its spectral norm on or off; the others stay as
    /// they are. Returns the names of the tensors taken.
    pub fn write(self, from: &Named) -> (Self, Names) {
        let Self { layers, ids, input, output } = self;
        let mut taken = Names::new();
        let mut write = |(id, layer): (&LayerId, Layer)| {
            let mut wanted = Shapes::new(id.0.to_string());
            layer.visit(&mut wanted);
            let switched = if wanted.are_in(from) { None } else { Some(switched(&wanted, from, layer.outputs())) };
            let from = switched.as_ref().unwrap_or(from);
            if !wanted.are_in(from) {
                return layer;
            }
            taken.extend(wanted.into_names());
            layer.map(&mut Write { prefix: id.0.to_string(), path: Path::default(), from })
        };
        let layers = ids.iter().zip(layers).map(&mut write).collect();
        (Self { layers, ids, input, output }, taken)
    }

    /// Moves every number towards those of `other`, a network of the same origin: `own * keep + other * (1 - keep)`.
    pub fn blend(self, other: &Self, keep: f32) -> Self {
        let other = Collected::from_module(other);
        self.map(&mut Blend { other: &other, keep, path: Path::default() })
    }

    /// Clips every trained number into `-bound..bound`.
    pub fn clip(self, bound: f32) -> Self {
        self.map(&mut Clip { bound })
    }
}

fn scores(output: Tensor<4>) -> Tensor<1> {
    let [n, ..] = output.dims();
    output.reshape([n])
}

fn weights_counter(role: Role, id: LayerId) -> u64 {
    let network = match role {
        Role::Generator => 0,
        Role::Discriminator => 1 << 63,
    };
    network | u64::from(id.0)
}

/// The parameters of a module.
#[derive(Default)]
struct Found(Vec<ParamId>);

impl ModuleVisitor for Found {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.push(param.id);
    }
}

struct Absorb {
    running: HashMap<ParamId, Tensor<1>>,
}

impl ModuleMapper for Absorb {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(value) = self.running.remove(&param.id) else { return param };
        replace(param, |old| value.reshape(old.dims()))
    }
}

struct Clip {
    bound: f32,
}

impl ModuleMapper for Clip {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if !param.val().is_require_grad() {
            return param;
        }
        replace(param, |old| old.clamp(-self.bound, self.bound))
    }
}
