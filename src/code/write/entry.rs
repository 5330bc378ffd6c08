//! A network as the modules of a library, with where the numbers of each come from.

use crate::spec::{LayerId, Project, Role, Shape};

/// The modules of a network, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// In the order of computation.
    pub entries: Vec<Entry>,
}

/// One module.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What stands in front of the names of its numbers, without the network's own name.
    pub name: String,
    /// The expression that makes it.
    pub source: String,
    /// What its numbers are, where it has any.
    pub holder: Option<Holder>,
}

/// The numbers of a layer, or of a part of one, as a module holds them.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Whose numbers.
    pub id: LayerId,
    /// What stands in front of their names within the layer: `depthwise.` where a part became a module of its own.
    pub part: &'static str,
    /// What kind of numbers they are.
    pub transform: Transform,
    /// The shape of the picture that was flattened to this layer's input, where its values come in another order.
    pub input_order: Option<Shape>,
    /// The shape of the picture that is made of this layer's output, where its values leave in another order.
    pub output_order: Option<Shape>,
}

/// How a layer's numbers are laid out in the written module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transform {
    /// As they are here.
    Same,
    /// `[inputs, units]`.
    Dense,
    /// `[filters, channels, kernel]`.
    Conv,
    /// `[channels, filters, kernel]`.
    ConvTranspose,
    /// `[channels * multiplier, 1, kernel]`, of so many channels.
    Depthwise(usize),
    /// A depthwise convolution of so many channels, and a convolution.
    Separable(usize),
    /// A value for each of a sample: of this shape.
    Each(Shape),
    /// One for each channel, in a picture or not.
    Slopes {
        /// Is the input a picture?
        picture: bool,
    },
    /// Convolutions and norms within a class that is written out.
    Parts,
}

impl Entry {
    /// A module without numbers.
    pub fn plain(source: impl Into<String>) -> Self {
        Self { name: String::new(), source: source.into(), holder: None }
    }

    /// A module with those of a layer.
    pub fn holding(source: impl Into<String>, id: LayerId, transform: Transform) -> Self {
        Self { name: String::new(), source: source.into(), holder: Some(Holder::new(id, transform)) }
    }
}

impl Holder {
    /// All numbers of a layer.
    pub fn new(id: LayerId, transform: Transform) -> Self {
        Self { id, part: "", transform, input_order: None, output_order: None }
    }
}

impl Listing {
    /// Modules that are called by their numbers, behind `before`.
    pub fn numbered(before: &str, mut entries: Vec<Entry>) -> Self {
        entries.iter_mut().enumerate().for_each(|(index, entry)| entry.name = format!("{before}{index}"));
        Self { entries }
    }
}

/// The shape that goes through, and whether the library holds it as a vector `[n, features]`.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// Channels first.
    pub shape: Shape,
    /// Without rows and columns.
    pub flat: bool,
}

impl At {
    /// What goes into a network: latent vectors and points are flat.
    pub fn input(project: &Project, role: Role) -> Self {
        let flat = role == Role::Generator || project.data.is_points();
        Self { shape: project.stack(role).input, flat }
    }
}
