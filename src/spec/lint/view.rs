//! A project as rules look at it: the layers that are switched on, with what goes in and what comes out.

use super::Limits;
use super::nature::{Range, UNBOUNDED};
use crate::spec::{Layer, LayerId, Place, Project, Role, Shape, Stack};

/// What a rule looks at.
#[derive(Debug)]
pub struct View<'a> {
    pub project: &'a Project,
    pub limits: Limits,
    pub generator: Chain<'a>,
    pub discriminator: Chain<'a>,
}

impl<'a> View<'a> {
    pub fn new(project: &'a Project, limits: Limits) -> Self {
        let [generator, discriminator] = Role::BOTH.map(|role| Chain::new(role, project.stack(role)));
        Self { project, limits, generator, discriminator }
    }

    pub fn chains(&self) -> [&Chain<'a>; 2] {
        [&self.generator, &self.discriminator]
    }
}

/// The layers of a network that are switched on.
#[derive(Debug)]
pub struct Chain<'a> {
    pub role: Role,
    pub links: Vec<Link<'a>>,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    pub id: LayerId,
    /// Where it stands in its stack, switched-off layers counted.
    pub index: usize,
    pub layer: &'a Layer,
    /// What goes in, where that is known.
    pub input: Option<Shape>,
    /// What comes out, where that is known.
    pub output: Option<Shape>,
}

impl<'a> Chain<'a> {
    pub fn new(role: Role, stack: &'a Stack) -> Self {
        let mut links = Vec::new();
        let mut input = Some(stack.input);
        for (index, (layer, shape)) in stack.layers.iter().zip(stack.shapes()).enumerate().filter(|(_, (layer, _))| layer.on) {
            let output = shape.output();
            links.push(Link { id: layer.id, index, layer: &layer.layer, input, output });
            input = output;
        }
        Self { role, links }
    }

    pub fn place(&self, link: &Link<'_>) -> Place {
        Place::Layer(self.role, link.id)
    }

    /// The last layer that mixes values, by its number among `links`: what follows only finishes the output.
    pub fn last_mixer(&self) -> Option<usize> {
        self.links.iter().rposition(|link| link.layer.mixes())
    }

    /// What follows the last layer that mixes values.
    pub fn tail(&self) -> &[Link<'a>] {
        self.last_mixer().and_then(|last| self.links.get(last + 1..)).unwrap_or(&[])
    }

    /// The activations among them.
    pub fn final_activations(&self) -> impl DoubleEndedIterator<Item = &Link<'a>> {
        self.tail().iter().filter(|link| link.layer.is_activation())
    }

    /// The values that the network can make.
    pub fn range(&self) -> Range {
        self.tail().iter().fold(UNBOUNDED, |range, link| link.layer.range_after(range))
    }

    /// Pairs of layers that follow each other.
    pub fn pairs(&self) -> impl Iterator<Item = (&Link<'a>, &Link<'a>)> {
        self.links.iter().zip(self.links.iter().skip(1))
    }

    /// Layers that mix values, in order.
    pub fn mixers(&self) -> impl Iterator<Item = &Link<'a>> {
        self.links.iter().filter(|link| link.layer.mixes())
    }

    /// Does it compute with pictures?
    pub fn is_spatial(&self) -> bool {
        self.links.iter().any(|link| link.layer.mixes() && link.output.is_some_and(|shape| !shape.is_vector()))
    }
}
