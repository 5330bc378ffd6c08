//! A network as a person edits it: an input shape and a list of layers.

use serde::{Deserialize, Serialize};

use super::infer::ShapeError;
use super::layer::Layer;
use super::shape::Shape;

/// Which of the two networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Makes samples from latent vectors.
    Generator,
    /// Tells real samples from generated ones.
    Discriminator,
}

impl Role {
    /// Both, the generator first.
    pub const BOTH: [Self; 2] = [Self::Generator, Self::Discriminator];

    /// In lower case, as in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generator => "generator",
            Self::Discriminator => "discriminator",
        }
    }
}

/// Names a layer within its project, for as long as the layer exists: it survives moving, editing and saving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LayerId(pub u32);

/// One layer in a stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StackLayer {
    /// Unique within its stack.
    pub id: LayerId,
    /// A layer that is switched off stays in its place and does nothing.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub on: bool,
    /// What it is.
    #[serde(flatten)]
    pub layer: Layer,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_yes(on: &bool) -> bool {
    *on
}

/// A network: what goes in, and the layers in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stack {
    /// The shape of one input: the latent vector for a generator, a sample for a discriminator.
    pub input: Shape,
    /// In the order of computation.
    pub layers: Vec<StackLayer>,
}

/// What inference found for one layer of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayerShape {
    /// The layer works: what goes in and what comes out.
    Known {
        /// Shape of the input.
        input: Shape,
        /// Shape of the output.
        output: Shape,
    },
    /// The layer does not fit its input.
    Fault {
        /// Shape of the input.
        input: Shape,
        /// Why.
        error: ShapeError,
        /// What will come out once it fits, where the layer says so by itself.
        promised: Option<Shape>,
    },
    /// A layer before it does not fit, so its input is unknown.
    Unknown,
}

impl LayerShape {
    /// The output, where it is known.
    pub fn output(&self) -> Option<Shape> {
        match self {
            Self::Known { output, .. } => Some(*output),
            Self::Fault { promised, .. } => *promised,
            Self::Unknown => None,
        }
    }
}

impl Stack {
    /// A stack of `layers` with ids counted from 1.
    pub fn new(input: Shape, layers: impl IntoIterator<Item = Layer>) -> Self {
        let layers = layers.into_iter().zip(1..).map(|(layer, id)| StackLayer { id: LayerId(id), on: true, layer }).collect();
        Self { input, layers }
    }

    /// Layers that are switched on.
    pub fn active(&self) -> impl DoubleEndedIterator<Item = &StackLayer> {
        self.layers.iter().filter(|layer| layer.on)
    }

    /// Where the layer with this id stands.
    pub fn position(&self, id: LayerId) -> Option<usize> {
        self.layers.iter().position(|layer| layer.id == id)
    }

    /// The layer with this id.
    pub fn find(&self, id: LayerId) -> Option<&StackLayer> {
        self.layers.iter().find(|layer| layer.id == id)
    }

    /// An id that no layer of this stack has.
    pub fn free_id(&self) -> LayerId {
        LayerId(self.layers.iter().map(|layer| layer.id.0).max().unwrap_or(0).saturating_add(1))
    }

    /// The shapes at every layer, in order; one entry for each layer, also for those switched off. After a layer that does not fit
    /// they go on where it says by itself what comes out of it.
    pub fn shapes(&self) -> Vec<LayerShape> {
        let mut current = (self.input.values() > 0).then_some(self.input);
        self.layers.iter().map(|layer| step(&mut current, layer)).collect()
    }

    /// What comes out of the last layer.
    ///
    /// # Errors
    /// The first fault on the way.
    pub fn output_shape(&self) -> Result<Shape, ShapeError> {
        if self.input.values() == 0 {
            return Err(ShapeError(format!("the input {} has no values", self.input)));
        }
        let mut shape = self.input;
        for layer in self.active() {
            shape = layer.layer.output_shape(shape)?;
        }
        Ok(shape)
    }
}

fn step(current: &mut Option<Shape>, layer: &StackLayer) -> LayerShape {
    let Some(input) = *current else { return LayerShape::Unknown };
    if !layer.on {
        return LayerShape::Known { input, output: input };
    }
    match layer.layer.output_shape(input) {
        Ok(output) => {
            *current = Some(output);
            LayerShape::Known { input, output }
        }
        Err(error) => {
            let promised = layer.layer.promised_shape();
            *current = promised;
            LayerShape::Fault { input, error, promised }
        }
    }
}
