//! The calls on a path, read as layers.

use super::{forms, residual, side};
use crate::code::eval::{Machine, Made, Step, Value};
use crate::code::layers::{self, Dim, Family, Piece};
use crate::spec::{Layer, Shape};

/// A network as its script says it, before anything is known of its shapes.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// In order.
    pub parts: Vec<Part>,
    /// The shape of the input as written, without the batch.
    pub input: Option<Vec<Value>>,
    /// Does the script put channels before rows?
    pub channels_first: bool,
    /// The library whose layers these are.
    pub family: Family,
    /// What has to be said: the line, about what, and what.
    pub remarks: Vec<(usize, String, String)>,
}

/// One part with its line.
#[derive(Clone, Debug)]
pub struct Part {
    /// The line it stands on.
    pub line: usize,
    /// What it is.
    pub kind: PartKind,
    /// The channels or features that it says it gets.
    pub wants: Option<usize>,
}

/// What a part is.
#[derive(Clone, Debug)]
pub enum PartKind {
    /// It was read.
    Piece(Piece),
    /// It was not.
    Gap {
        /// The code.
        source: String,
        /// Why.
        reason: String,
    },
    /// A second input that was joined here and is left out.
    LeftOut {
        /// How many values it would have added, where that is known.
        width: Option<usize>,
    },
}

/// What was known behind a place of the path.
#[derive(Clone, Copy, Debug)]
pub struct Passed {
    /// The place.
    pub node: usize,
    /// How many parts there were.
    pub parts: usize,
    /// How many remarks there were.
    pub remarks: usize,
}

impl Lowered {
    /// The shape of the input, where it is written down.
    pub fn input_shape(&self) -> Option<Shape> {
        shape_from(&layers_dims(self.input.as_deref()?), !self.channels_first && self.family == Family::Keras)
    }

    /// The layers, as far as they do not depend on shapes.
    pub fn layers(&self) -> impl DoubleEndedIterator<Item = &Layer> {
        self.parts.iter().filter_map(|part| match &part.kind {
            PartKind::Piece(Piece::Layer(layer)) => Some(layer),
            _ => None,
        })
    }

    /// How many parts were not read.
    pub fn gaps(&self) -> usize {
        self.parts.iter().filter(|part| matches!(part.kind, PartKind::Gap { .. })).count()
    }
}

fn layers_dims(values: &[Value]) -> Vec<Dim> {
    values.iter().map(|value| value.as_int().and_then(|size| usize::try_from(size).ok()).map_or(Dim::Unknown, Dim::Known)).collect()
}

/// The shape of known sizes: a vector, a picture without channels, or a picture.
pub fn shape_from(dims: &[Dim], channels_last: bool) -> Option<Shape> {
    let sizes: Option<Vec<usize>> = dims.iter().map(|dim| if let Dim::Known(size) = dim { Some(*size) } else { None }).collect();
    match *sizes?.as_slice() {
        [] => Some(Shape::vector(1)),
        [features] => Some(Shape::vector(features)),
        [height, width] => Some(Shape::new(1, height, width)),
        [height, width, channels] if channels_last => Some(Shape::new(channels, height, width)),
        [channels, height, width] => Some(Shape::new(channels, height, width)),
        _ => None,
    }
}

/// Reads the calls on a path.
pub fn lower(machine: &Machine<'_>, path: &[usize]) -> Lowered {
    let mut lowered =
        Lowered { parts: Vec::new(), input: None, channels_first: machine.channels_first, family: Family::Tensor, remarks: Vec::new() };
    // For paths that leave and come back.
    let mut behind: Vec<Passed> = Vec::with_capacity(path.len());
    for (&at, node) in path.iter().filter_map(|at| Some((at, machine.nodes.get(*at)?))) {
        lowered.step(machine, &node.step, &behind);
        behind.push(Passed { node: at, parts: lowered.parts.len(), remarks: lowered.remarks.len() });
    }
    forms::exchange_axes(&mut lowered);
    if lowered.channels_first {
        for part in &mut lowered.parts {
            if let PartKind::Piece(Piece::View { channels_last, .. }) = &mut part.kind {
                *channels_last = false;
            }
        }
    }
    lowered
}

impl Lowered {
    fn step(&mut self, machine: &Machine<'_>, step: &Step, behind: &[Passed]) {
        match step {
            Step::Input { shape, .. } => self.input.clone_from(shape),
            Step::Call(made) => self.call(made),
            Step::Merge { made, others } => self.merge(machine, made, others, behind),
            Step::Gap { source, line, reason } => self.gap(source.clone(), *line, reason.clone()),
        }
    }

    /// Two paths come together: as a layer that is known, or as what can be left out, or as a gap.
    fn merge(&mut self, machine: &Machine<'_>, made: &Made, others: &[usize], behind: &[Passed]) {
        let part = |layer| Part { line: made.line, kind: PartKind::Piece(Piece::Layer(layer)), wants: None };
        if let Some((from, layer, remark)) = forms::read(machine, made.short(), others, behind) {
            self.parts.truncate(from.parts);
            self.remarks.truncate(from.remarks);
            self.remarks.extend(remark.map(|(what, why)| (made.line, what.to_owned(), why.to_owned())));
            return self.parts.push(part(layer));
        }
        if let Some(width) = side::read(machine, made, others, behind) {
            self.remarks.push((made.line, made.source.clone(), side::WHY.to_owned()));
            return self.parts.push(Part { line: made.line, kind: PartKind::LeftOut { width }, wants: None });
        }
        match residual::read(machine, made.short(), others, behind, self) {
            residual::Found::Block(from, layer, differs) => {
                self.parts.truncate(from);
                if !differs.is_empty() {
                    let why = format!("read as a residual block of Ganvas; in the script {}", differs.join(", "));
                    self.remarks.push((made.line, made.source.clone(), why));
                }
                self.parts.push(part(layer));
            }
            residual::Found::Shortcut => {
                let why = "two paths are added here; the shorter one, past these layers, is left out";
                self.remarks.push((made.line, made.source.clone(), why.to_owned()));
            }
            residual::Found::Nothing => self.gap(made.source.clone(), made.line, merge_reason(machine, made.short(), others)),
        }
    }

    fn gap(&mut self, source: String, line: usize, reason: String) {
        self.parts.push(Part { line, kind: PartKind::Gap { source, reason }, wants: None });
    }

    fn call(&mut self, made: &crate::code::eval::Made) {
        if self.family == Family::Tensor {
            self.family = layers::family(&made.name).unwrap_or(Family::Tensor);
        }
        // A learned summand right behind weights is their bias.
        if made.name.as_ref() == "tensor.learned"
            && matches!(made.arguments.places.first(), Some(Value::Text(_)))
            && let Some(Part { kind: PartKind::Piece(Piece::Layer(layer)), .. }) = self.parts.last_mut()
            && let Layer::Dense { bias, .. } | Layer::Conv2d { bias, .. } | Layer::ConvTranspose2d { bias, .. } = layer
        {
            *bias = true;
            return;
        }
        let reading = match layers::read(made) {
            Ok(reading) => reading,
            Err(reason) => return self.gap(made.source.clone(), made.line, reason),
        };
        if self.parts.is_empty() && self.input.is_none() {
            self.input = reading.input;
        }
        self.channels_first |= reading.channels_first;
        self.remarks.extend(reading.remarks.into_iter().map(|(what, why)| (made.line, what, why)));
        let mut wants = reading.wants;
        for piece in reading.pieces {
            let kind = match piece {
                Piece::Gap(source, reason) => PartKind::Gap { source, reason },
                piece => PartKind::Piece(piece),
            };
            self.parts.push(Part { line: made.line, kind, wants: wants.take() });
        }
    }
}

/// Why several paths cannot be followed together.
fn merge_reason(machine: &Machine<'_>, name: &str, others: &[usize]) -> String {
    let is_label = others.iter().any(|&other| {
        let path = machine.path(other);
        path.iter()
            .filter_map(|&node| machine.nodes.get(node))
            .any(|node| matches!(&node.step, Step::Call(made) if layers::is_label(made.short())))
    });
    match name.to_lowercase().as_str() {
        _ if is_label => "a label is brought in here; the networks of Ganvas have no classes to choose".to_owned(),
        "add" | "add_" | "__add__" => "two paths are added here; Ganvas follows one path, the longer one".to_owned(),
        "cat" | "concat" | "concatenate" | "stack" => {
            "two paths are put beside each other here; Ganvas follows one, the longer one".to_owned()
        }
        "multiply" | "mul" => "two paths are multiplied here; Ganvas follows one, the longer one".to_owned(),
        _ => "several paths come together here; Ganvas follows one, the longest one".to_owned(),
    }
}
