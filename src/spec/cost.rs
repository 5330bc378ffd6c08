//! What a layer costs: weights, arithmetic, memory.

use super::layer::Layer;
use super::shape::Shape;
use super::stack::{LayerShape, Stack};

/// The cost of one layer, or the sum over a stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Numbers that training changes.
    pub parameters: u64,
    /// Multiply-adds of one forward pass of one sample.
    pub multiply_adds: u64,
    /// Values that one forward pass of one sample leaves behind for the backward pass.
    pub activations: u64,
}

impl Cost {
    /// Memory of the activations at this batch size, in bytes (32-bit floats).
    pub fn activation_bytes(self, batch_size: usize) -> u64 {
        self.activations.saturating_mul(4).saturating_mul(batch_size as u64)
    }
}

impl std::ops::Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            parameters: self.parameters.saturating_add(other.parameters),
            multiply_adds: self.multiply_adds.saturating_add(other.multiply_adds),
            activations: self.activations.saturating_add(other.activations),
        }
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), std::ops::Add::add)
    }
}

impl Layer {
    /// The cost of this layer between these shapes, which have to be those of [`Layer::output_shape`].
    pub fn cost(&self, input: Shape, output: Shape) -> Cost {
        let values = output.values() as u64;
        Cost { parameters: self.parameters(input), multiply_adds: self.multiply_adds(input, output), activations: values }
    }

    fn parameters(&self, input: Shape) -> u64 {
        let affine = |weights: usize, outputs: usize, bias: bool| (weights as u64).saturating_add(if bias { outputs as u64 } else { 0 });
        match *self {
            Self::Dense { units, bias, .. } => affine(input.channels.saturating_mul(units), units, bias),
            Self::Conv2d { filters, kernel, groups, bias, .. } => {
                affine((input.channels / groups).saturating_mul(filters).saturating_mul(kernel.area()), filters, bias)
            }
            Self::ConvTranspose2d { filters, kernel, bias, .. } => {
                affine(input.channels.saturating_mul(filters).saturating_mul(kernel.area()), filters, bias)
            }
            Self::BatchNorm { .. } => 2 * input.channels as u64,
            Self::LayerNorm { .. } => 2 * input.values() as u64,
            _ => 0,
        }
    }

    fn multiply_adds(&self, input: Shape, output: Shape) -> u64 {
        let (into, out) = (input.values() as u64, output.values() as u64);
        match *self {
            Self::Dense { units, .. } => into.saturating_mul(units as u64),
            Self::Conv2d { kernel, groups, .. } => {
                out.saturating_mul((input.channels / groups) as u64).saturating_mul(kernel.area() as u64)
            }
            Self::ConvTranspose2d { filters, kernel, .. } => into.saturating_mul(filters as u64).saturating_mul(kernel.area() as u64),
            Self::Upsample { mode: super::layer::UpsampleMode::Bilinear, .. } => 4 * out,
            Self::AvgPool { size, .. } => out.saturating_mul(size.area() as u64),
            Self::GlobalAvgPool | Self::BatchNorm { .. } | Self::LayerNorm { .. } => into,
            _ => 0,
        }
    }
}

impl Stack {
    /// The cost of each layer, in order: nothing for layers that are off, do not fit or follow one that does not.
    pub fn costs(&self) -> Vec<Cost> {
        let cost = |(layer, shape): (&super::stack::StackLayer, LayerShape)| match shape {
            LayerShape::Known { input, output } if layer.on => layer.layer.cost(input, output),
            _ => Cost::default(),
        };
        self.layers.iter().zip(self.shapes()).map(cost).collect()
    }

    /// The cost of all layers.
    pub fn cost(&self) -> Cost {
        self.costs().into_iter().sum()
    }
}
