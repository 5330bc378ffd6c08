//! The weight of a linear map, on request divided by its largest singular value (Miyato et al., 2018).

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use super::init::{self, Fan};
use super::pass::Pass;
use crate::random;
use crate::spec::Init;

/// A weight as it is trained, or one that spectral norm stands before. Named as in PyTorch: `weight`, or `weight_orig`, `weight_u` and
/// `weight_v`.
#[derive(Module, Debug)]
pub enum Weight<const D: usize> {
    /// As it is trained.
    Plain(Param<Tensor<D>>),
    /// Divided by its largest singular value.
    Spectral(Spectral<D>),
}

/// Which of a weight's dimensions counts the outputs of the map: the rows of its matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outputs {
    /// The first, as in a convolution.
    First,
    /// The second, as in a transposed convolution, and in `[inputs, units]`.
    Second,
}

/// How a weight is set up.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// How it starts.
    pub init: Init,
    /// What goes in and out.
    pub fan: Fan,
    /// Its outputs.
    pub outputs: Outputs,
    /// Divides by the largest singular value.
    pub spectral_norm: bool,
}

/// Power iterations before the first step, so that the first weights are already divided by what they should be.
const FIRST_ITERATIONS: usize = 15;
/// Below it a length counts as this, as in PyTorch.
const SHORTEST: f32 = 1e-12;

impl<const D: usize> Weight<D> {
    /// A weight of `shape`, drawn from `rng`.
    pub fn new(shape: [usize; D], setup: Setup, rng: &mut ChaCha8Rng, device: &Device) -> Self {
        let values = init::weight(setup.init, &shape, setup.fan, rng);
        if !setup.spectral_norm {
            return Self::Plain(init::parameter(values, shape, device));
        }
        let [u, v] = first_directions(&values, &shape, setup.outputs, rng);
        let weight = init::parameter(values, shape, device);
        Self::Spectral(Spectral { orig: weight, u: init::buffer(u, device), v: init::buffer(v, device), outputs: setup.outputs })
    }

    /// The weight to compute with in this pass.
    pub fn of(&self, pass: &Pass) -> Tensor<D> {
        match self {
            Self::Plain(weight) => weight.val(),
            Self::Spectral(spectral) => spectral.of(pass),
        }
    }
}

/// A weight with the directions in which it stretches most. They are running statistics: each training pass turns them once.
#[derive(Module, Debug)]
pub struct Spectral<const D: usize> {
    orig: Param<Tensor<D>>,
    /// A unit vector over the rows, `[outputs]`.
    u: Param<Tensor<1>>,
    /// A unit vector over the columns, `[everything else]`.
    v: Param<Tensor<1>>,
    #[module(skip)]
    outputs: Outputs,
}

impl<const D: usize> Spectral<D> {
    /// The weight over `u · (W v)`. Gradients flow through `W` alone, as in PyTorch.
    fn of(&self, pass: &Pass) -> Tensor<D> {
        let weight = self.orig.val();
        let matrix = self.matrix(weight.clone()); // [rows, columns]
        let [rows, columns] = matrix.dims();
        if pass.is_training() {
            let fixed = matrix.clone().inner();
            let u = pass.running(&self.u).inner().reshape([1, rows]);
            let v = unit(u.matmul(fixed.clone())); // [1, columns]
            let u = unit(v.clone().matmul(fixed.transpose())); // [1, rows]
            pass.set_running(&self.u, u.reshape([rows]));
            pass.set_running(&self.v, v.reshape([columns]));
        }
        let (u, v) = (pass.running(&self.u), pass.running(&self.v));
        let stretched = matrix.matmul(v.reshape([columns, 1])); // [rows, 1]
        let sigma = (stretched * u.reshape([rows, 1])).sum(); // [1]
        weight / sigma.reshape([1; D])
    }

    fn matrix(&self, weight: Tensor<D>) -> Tensor<2> {
        let weight = match self.outputs {
            Outputs::First => weight,
            Outputs::Second => weight.swap_dims(0, 1),
        };
        let rows = weight.dims()[0];
        let columns = weight.dims().iter().product::<usize>() / rows;
        weight.reshape([rows, columns])
    }
}

/// A row `[1, size]` at length one.
fn unit(row: Tensor<2>) -> Tensor<2> {
    let length = row.clone().powi_scalar(2).sum_dim(1).sqrt().clamp_min(SHORTEST); // [1, 1]
    row / length
}

/// `u` from a random start, and `v`, after some power iterations.
pub fn first_directions(values: &[f32], shape: &[usize], outputs: Outputs, rng: &mut ChaCha8Rng) -> [Vec<f32>; 2] {
    let matrix = Matrix::new(values, shape, outputs);
    let mut u: Vec<f64> = random::normals(rng, matrix.rows).into_iter().map(f64::from).collect();
    let mut v = Vec::new();
    for _ in 0..FIRST_ITERATIONS {
        v = scaled_to_one(matrix.transposed_times(&u));
        u = scaled_to_one(matrix.times(&v));
    }
    [u, v].map(|direction| direction.into_iter().map(|value| value as f32).collect())
}

/// A weight as the matrix of its map: `values` are `[outer, rows, inner]`, columns are `[outer, inner]`.
pub struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    inner: usize,
}

impl<'a> Matrix<'a> {
    /// The weight `values` of this shape.
    pub fn new(values: &'a [f32], shape: &[usize], outputs: Outputs) -> Self {
        let at = if outputs == Outputs::First { 0 } else { 1 };
        let inner = shape.iter().skip(at + 1).product::<usize>();
        Self { values, rows: shape.get(at).copied().unwrap_or(1), inner }
    }

    /// Each stretch of `inner` values, with its row and where its columns begin.
    fn stretches(&self) -> impl Iterator<Item = (usize, usize, &'a [f32])> {
        let (rows, inner) = (self.rows, self.inner);
        self.values.chunks_exact(inner).enumerate().map(move |(index, part)| (index % rows, index / rows * inner, part))
    }

    /// How far it stretches along these directions, `u · (W v)`; none where they are not of its size, or it does not stretch at all.
    pub fn stretch(&self, u: &[f32], v: &[f32]) -> Option<f64> {
        if u.len() != self.rows || v.len() * self.rows != self.values.len() {
            return None;
        }
        let v: Vec<f64> = v.iter().map(|&value| f64::from(value)).collect();
        let sigma = self.times(&v).into_iter().zip(u).map(|(value, &u)| value * f64::from(u)).sum::<f64>();
        (sigma.is_finite() && sigma != 0.0).then_some(sigma)
    }

    fn times(&self, v: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.rows];
        for (row, column, part) in self.stretches() {
            product[row] += part.iter().zip(&v[column..]).map(|(&value, v)| f64::from(value) * v).sum::<f64>();
        }
        product
    }

    fn transposed_times(&self, u: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.values.len() / self.rows];
        for (row, column, part) in self.stretches() {
            for (sum, &value) in product[column..].iter_mut().zip(part) {
                *sum += f64::from(value) * u[row];
            }
        }
        product
    }
}

fn scaled_to_one(mut values: Vec<f64>) -> Vec<f64> {
    let length = values.iter().map(|value| value * value).sum::<f64>().sqrt().max(f64::from(SHORTEST));
    values.iter_mut().for_each(|value| *value /= length);
    values
}
