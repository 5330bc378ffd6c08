//! A network's numbers by name: read out, written back, blended.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Tensor, TensorData, Transaction};

use crate::ops;

/// A tensor as plain numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorValues {
    /// Its shape.
    pub shape: Vec<usize>,
    /// Row-major.
    pub values: Vec<f32>,
}

impl TensorValues {
    /// As a tensor's data.
    pub fn to_data(&self) -> TensorData {
        TensorData::new(self.values.clone(), self.shape.clone())
    }
}

/// Numbers by name: `<layer id>.weight`.
pub type Named = BTreeMap<String, TensorValues>;

/// Names of tensors.
pub type Names = BTreeSet<String>;

/// Tensors whose numbers are read in one round trip to their device: each of its own would let the device run dry.
#[derive(Default)]
pub struct Reading {
    names: Vec<(String, Vec<usize>)>,
    transaction: Transaction,
}

impl Reading {
    /// One more.
    pub fn add<const D: usize>(&mut self, name: String, tensor: Tensor<D>) {
        self.names.push((name, tensor.dims().to_vec()));
        self.transaction = std::mem::take(&mut self.transaction).register(tensor);
    }

    /// The numbers of all of them; waits for the device.
    ///
    /// # Errors
    /// The device failed, in words.
    pub fn finish(self) -> Result<Named, String> {
        if self.names.is_empty() {
            return Ok(Named::new());
        }
        let data = self.transaction.try_execute().map_err(|error| error.to_string())?;
        let named = |((name, shape), data): ((String, Vec<usize>), TensorData)| {
            let values = data.convert::<f32>().try_into_vec::<f32>().map_err(|error| format!("{error:?}"))?;
            Ok((name, TensorValues { shape, values }))
        };
        self.names.into_iter().zip(data).map(named).collect()
    }
}

/// Reads the numbers of one layer.
pub struct Read<'a> {
    prefix: String,
    path: Path,
    into: &'a mut Reading,
    ids: &'a mut HashMap<ParamId, String>,
}

impl<'a> Read<'a> {
    /// Reads into `into`, names in front of which stands `prefix`; notes which parameter has which name in `ids`.
    pub fn new(prefix: String, into: &'a mut Reading, ids: &'a mut HashMap<ParamId, String>) -> Self {
        Self { prefix, path: Path::default(), into, ids }
    }
}

/// The way to a parameter through the structs of a layer; it tells what PyTorch would call it.
#[derive(Debug, Default)]
pub struct Path(Vec<String>);

impl Path {
    fn enter(&mut self, name: &str, container: &str) {
        self.0.push(match container {
            // Which kind of layer it is says nothing about the name.
            kind if kind.starts_with("Enum:") => String::new(),
            // What spectral norm makes of `weight` is `weight_orig`, `weight_u` and `weight_v`.
            "Struct:Spectral" => format!("_{name}"),
            _ => format!(".{name}"),
        });
    }

    fn exit(&mut self) {
        self.0.pop();
    }

    fn name(&self, prefix: &str) -> String {
        prefix.to_owned() + &self.0.concat()
    }

    /// Is it one of the directions of spectral norm?
    fn is_direction(&self) -> bool {
        self.0.last().is_some_and(|last| last == "_u" || last == "_v")
    }
}

impl ModuleVisitor for Read<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let name = self.path.name(&self.prefix);
        self.ids.insert(param.id, name.clone());
        self.into.add(name, param.val().inner());
    }
}

/// What the tensors of one layer are called, and their shapes.
pub struct Shapes {
    prefix: String,
    path: Path,
    found: Vec<(String, Vec<usize>)>,
}

impl Shapes {
    /// Nothing yet; names get `prefix` in front.
    pub fn new(prefix: String) -> Self {
        Self { prefix, path: Path::default(), found: Vec::new() }
    }

    /// Is every one of them in `named`, with the same shape?
    pub fn are_in(&self, named: &Named) -> bool {
        self.found.iter().all(|(name, shape)| named.get(name).is_some_and(|values| values.shape == *shape))
    }

    /// Each with its shape.
    pub fn iter(&self) -> impl Iterator<Item = &(String, Vec<usize>)> {
        self.found.iter()
    }

    /// The names.
    pub fn into_names(self) -> impl Iterator<Item = String> {
        self.found.into_iter().map(|(name, _)| name)
    }
}

impl ModuleVisitor for Shapes {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found.push((self.path.name(&self.prefix), param.val().dims().to_vec()));
    }
}

/// Writes numbers into one layer, all of whose tensors have theirs.
pub struct Write<'a> {
    /// In front of each name.
    pub prefix: String,
    /// The way to the parameter.
    pub path: Path,
    /// The numbers.
    pub from: &'a Named,
}

impl ModuleMapper for Write<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(values) = self.from.get(&self.path.name(&self.prefix)) else { return param };
        replace(param, |old| Tensor::from_data(values.to_data(), &old.device()))
    }
}

/// Gives a parameter another value and keeps whether it is trained.
pub fn replace<const D: usize>(param: Param<Tensor<D>>, value: impl FnOnce(Tensor<D>) -> Tensor<D>) -> Param<Tensor<D>> {
    let (id, old, mapper) = param.consume();
    let (tracked, autodiff) = (old.is_require_grad(), old.device().is_autodiff());
    let mut new = value(old.inner());
    if autodiff {
        new = new.autodiff().set_require_grad(tracked);
    }
    Param::from_mapped_value(id, new, mapper)
}

/// Moves every number of a network a step towards another network's: `own * keep + other * (1 - keep)`. The directions of spectral norm
/// are taken over whole: the mean of two unit vectors is shorter than they are.
pub struct Blend<'a> {
    /// The other network's numbers, by the id both share.
    pub other: &'a Collected,
    /// How much of the own number stays.
    pub keep: f32,
    /// The way to the parameter.
    pub path: Path,
}

impl ModuleMapper for Blend<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(other) = self.other.get::<D>(param.id) else { return param };
        let keep = if self.path.is_direction() { 0.0 } else { self.keep };
        replace(param, |own| ops::blend(own, other, keep))
    }
}

/// Tensors of any rank by parameter id.
#[derive(Default)]
pub struct Collected(burn::optim::GradientsParams);

impl Collected {
    /// The numbers of a module, without their history.
    pub fn from_module(module: &impl Module) -> Self {
        let mut collected = Self::default();
        module.visit(&mut collected);
        collected
    }

    fn get<const D: usize>(&self, id: ParamId) -> Option<Tensor<D>> {
        self.0.get::<D>(id)
    }
}

impl ModuleVisitor for Collected {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.register::<D>(param.id, param.val().inner());
    }
}
