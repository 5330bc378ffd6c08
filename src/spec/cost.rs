//! What a layer costs: weights, arithmetic, memory.

use super::layer::Layer;
use super::parts::{Attention, cost_through};
use super::project::Project;
use super::shape::Shape;
use super::stack::{LayerShape, Role, Stack};

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
        if let Some(parts) = self.cost_of_parts(input) {
            return parts + Cost { activations: values, ..Cost::default() };
        }
        Cost { parameters: self.parameters(input), multiply_adds: self.multiply_adds(input, output), activations: values }
    }

    /// What the parts of a layer cost that is made of others, without its own output.
    fn cost_of_parts(&self, input: Shape) -> Option<Cost> {
        if let Some(block) = self.block(input) {
            return Some(cost_through(&block.main(), input) + cost_through(&block.side(), input));
        }
        if let Some(attention) = self.attention(input) {
            return Some(attention_cost(&attention, input));
        }
        let parts = self.separable_parts()?;
        // The last part's output is the layer's own.
        Some(Cost { activations: cost_through(&[&parts.depthwise], input).activations, ..cost_through(&parts.both(), input) })
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
            Self::DepthwiseConv2d { multiplier, kernel, bias, .. } => {
                let filters = input.channels.saturating_mul(multiplier);
                affine(filters.saturating_mul(kernel.area()), filters, bias)
            }
            Self::BatchNorm { .. } | Self::GroupNorm { .. } | Self::InstanceNorm { affine: true, .. } => 2 * input.channels as u64,
            Self::LayerNorm { .. } => 2 * input.values() as u64,
            Self::PRelu { per_channel, .. } => {
                if per_channel {
                    input.channels as u64
                } else {
                    1
                }
            }
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
            Self::DepthwiseConv2d { kernel, .. } => out.saturating_mul(kernel.area() as u64),
            Self::Upsample { mode: super::layer::UpsampleMode::Bilinear, .. } => 4 * out,
            Self::AvgPool { size, .. } => out.saturating_mul(size.area() as u64),
            Self::GlobalAvgPool
            | Self::BatchNorm { .. }
            | Self::LayerNorm { .. }
            | Self::InstanceNorm { .. }
            | Self::GroupNorm { .. }
            | Self::PixelNorm { .. }
            | Self::MinibatchStdDev { .. } => into,
            _ => 0,
        }
    }
}

/// Three convolutions, what every place makes of every other, one convolution back, and gamma.
fn attention_cost(attention: &Attention, input: Shape) -> Cost {
    let Attention { into, out, inner } = attention;
    let between = Shape { channels: *inner, ..input };
    let one = into.cost(input, between);
    let places = (input.height * input.width) as u64;
    let pairs = places.saturating_mul(places);
    let looks = Cost {
        parameters: 1,
        multiply_adds: pairs.saturating_mul(2 * *inner as u64),
        // The share of each pair, and what every place has seen.
        activations: pairs.saturating_add(between.values() as u64),
    };
    one + one + one + looks + out.cost(between, input)
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

impl Project {
    /// How much of a batch goes through a network at once: samples, or packs of them.
    pub fn judged_at_once(&self, role: Role) -> usize {
        match role {
            Role::Generator => self.train.batch_size,
            Role::Discriminator => self.train.packs(),
        }
    }

    /// The memory that training needs at least, in bytes: weights, gradients and running means (and the averaged generator), and what
    /// the layers make of a batch for the step back, of the discriminator once for real and once for generated samples. Where gradients
    /// are punished, it makes dual numbers instead, which are twice as many: of those samples, or of others between them.
    pub fn training_bytes(&self, batch_size: usize) -> u64 {
        let [generator, discriminator] = Role::BOTH.map(|role| self.stack(role).cost());
        let weights = generator.parameters.saturating_mul(5).saturating_add(discriminator.parameters.saturating_mul(4)).saturating_mul(4);
        let rules = &self.train.regularisation;
        let penalties = 2 * u64::from(rules.gradient_penalty > 0.0) + u64::from(rules.r1 > 0.0) + u64::from(rules.r2 > 0.0);
        let judged = discriminator.activation_bytes(batch_size / self.train.packing.max(1)).saturating_mul(2 + penalties);
        let values = generator.activation_bytes(batch_size).saturating_add(judged);
        weights.saturating_add(values)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::spec::{Edit, Preset, TrainSpec};

    #[test]
    fn presets_have_as_many_parameters_as_in_pytorch() {
        let reference: HashMap<String, HashMap<Role, u64>> =
            serde_json::from_str(include_str!("../../tests/reference/parameters.json")).unwrap();
        assert_eq!(reference.len(), 4);
        for (name, counts) in reference {
            let project = Preset::from_name(&name).unwrap().project();
            for role in Role::BOTH {
                assert_eq!(project.stack(role).cost().parameters, counts[&role], "{name}, {}", role.name());
            }
        }
    }

    #[test]
    fn arithmetic_is_counted_as_in_the_literature() {
        // AlexNet's first layer, without padding: 11 x 11 x 3 x 96 at 55 x 55 places (Krizhevsky et al., 2012).
        let (input, layer) = (Shape::new(3, 227, 227), Layer::conv(96, 11, 4, 0));
        let cost = layer.cost(input, layer.output_shape(input).unwrap());
        assert_eq!(cost, Cost { parameters: 34_944, multiply_adds: 105_415_200, activations: 290_400 });
        assert_eq!(cost.activation_bytes(2), 2 * 4 * 290_400);
    }

    #[test]
    fn a_transposed_convolution_costs_as_much_as_the_convolution_it_turns_round() {
        let (small, large) = (Shape::new(64, 7, 7), Shape::new(32, 14, 14));
        let down = Layer::conv(64, 4, 2, 1).cost(large, small);
        let up = Layer::conv_transpose(32, 4, 2, 1).cost(small, large);
        assert_eq!(down.multiply_adds, up.multiply_adds);
    }

    #[test]
    fn groups_divide_the_cost() {
        let (input, full) = (Shape::new(8, 5, 5), Layer::conv(8, 3, 1, 1).without_bias());
        let mut split = full.clone();
        if let Layer::Conv2d { groups, .. } = &mut split {
            *groups = 4;
        }
        let (full, split) = (full.cost(input, input), split.cost(input, input));
        assert_eq!(full.parameters, 4 * split.parameters);
        assert_eq!(full.multiply_adds, 4 * split.multiply_adds);
    }

    #[test]
    fn a_separable_convolution_costs_its_two_parts() {
        // Chollet (2016), section 2: k² C for the depthwise part and C F for the pointwise one, at each place.
        let (input, layer) = (Shape::new(16, 10, 10), Layer::separable(32, 3, 1).without_bias());
        let cost = layer.cost(input, layer.output_shape(input).unwrap());
        assert_eq!(cost, Cost { parameters: 9 * 16 + 16 * 32, multiply_adds: 100 * (9 * 16 + 16 * 32), activations: 1600 + 3200 });
    }

    #[test]
    fn attention_costs_the_square_of_the_places() {
        let input = Shape::new(64, 8, 8);
        let cost = Layer::self_attention().cost(input, input);
        assert_eq!(cost.parameters, 4 * 64 * 8 + 1);
        assert_eq!(cost.multiply_adds, 64 * 4 * 64 * 8 + 2 * 64 * 64 * 8);
        assert_eq!(cost.activations, 4 * 8 * 64 + 64 * 64 + 2 * 64 * 64);
    }

    #[test]
    fn a_block_costs_its_parts() {
        // The discriminator block of SNGAN's code: 3 x 3 from 32 to 32, 3 x 3 from 32 to 64, 1 x 1 from 32 to 64, all with biases.
        let (input, layer) = (Shape::new(32, 8, 8), Layer::residual(64, crate::spec::Resample::Down));
        let output = layer.output_shape(input).unwrap();
        assert_eq!(output, Shape::new(64, 4, 4));
        let cost = layer.cost(input, output);
        assert_eq!(cost.parameters, (9 * 32 * 32 + 32) + (9 * 32 * 64 + 64) + (32 * 64 + 64));
    }

    #[test]
    fn training_needs_memory_for_weights_and_for_the_batch() {
        let project = Preset::from_name("mlp").unwrap().project();
        // Weights: 16 x 128 + 128 + 128 x 128 + 128 + 128 x 2 + 2, and 2 x 128 + 128 + 128 x 128 + 128 + 128 + 1.
        // Values: 4 x 128 + 2, and 4 x 128 + 1.
        assert_eq!(project.training_bytes(10), 4 * (5 * 18_946 + 4 * 17_025) + 4 * 10 * (514 + 2 * 513));
    }

    #[test]
    fn penalties_need_memory_for_dual_numbers_and_packs_for_fewer_verdicts() {
        let mut project = Preset::from_name("mlp").unwrap().project();
        let (plain, of_d) = (project.training_bytes(10), 4 * 10 * 513);
        project.train.regularisation.r1 = 1.0;
        assert_eq!(project.training_bytes(10), plain + of_d);
        project.train.regularisation.gradient_penalty = 10.0;
        assert_eq!(project.training_bytes(10), plain + 3 * of_d);
        // Twice as many weights in the first layer, half as many verdicts.
        let train = TrainSpec { packing: 2, ..project.train.clone() };
        Edit::settings(&project, train).apply(&mut project).unwrap();
        assert_eq!(project.training_bytes(10), plain + 4 * 4 * (2 * 128) + (5 * of_d) / 2 - 2 * of_d);
    }

    #[test]
    fn layers_that_are_off_or_broken_cost_nothing() {
        let mut stack = Stack::new(Shape::vector(4), [Layer::dense(8), Layer::conv(1, 3, 1, 0), Layer::dense(8)]);
        assert_eq!(stack.cost().parameters, 40);
        stack.layers[0].on = false;
        assert_eq!(stack.cost(), Cost::default());
    }
}
