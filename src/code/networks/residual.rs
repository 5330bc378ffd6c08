//! Two paths that are added, where they are a residual block of the catalogue.

use super::lower::{Lowered, Part, PartKind, Passed, lower};
use super::near;
use crate::code::eval::Machine;
use crate::code::layers::{Dim, Piece};
use crate::spec::{BlockNorm, Family, Init, Layer, Padding, Resample, Size};

/// What two paths that are added are.
pub enum Found {
    /// The parts from this one on are such a block, but for what is said.
    Block(usize, Layer, Vec<String>),
    /// The other path is a way past the layers of this one, which can be left out.
    Shortcut,
    /// Neither.
    Nothing,
}

/// What ends where `others` are added. `behind` says how many parts there were behind each place of the path.
pub fn read(machine: &Machine<'_>, name: &str, others: &[usize], behind: &[Passed], lowered: &Lowered) -> Found {
    let parts = &lowered.parts;
    let Some((from, side)) = side_path(machine, name, others, behind) else { return Found::Nothing };
    // Labels that are left out are no part of a block.
    let is_there = |part: &&Part| !matches!(part.kind, PartKind::LeftOut { .. });
    let main: Vec<Part> = parts.iter().skip(from).filter(is_there).cloned().collect();
    let main = main.as_slice();
    if let Some(layer) = block(main, &side.parts) {
        return Found::Block(from, layer, Vec::new());
    }
    let channels = channels(lowered, from);
    if let Some((layer, differs)) = near::block(main, &side.parts, channels) {
        return Found::Block(from, layer, differs);
    }
    let is_gap = |part: &Part| !matches!(part.kind, PartKind::Piece(Piece::Layer(_)));
    if side.parts.len() < main.len() && side.parts.len() <= 4 && !side.parts.iter().any(is_gap) { Found::Shortcut } else { Found::Nothing }
}

/// The part that the other path leaves behind, and what stands on it.
fn side_path(machine: &Machine<'_>, name: &str, others: &[usize], behind: &[Passed]) -> Option<(usize, Lowered)> {
    let [other] = others else { return None };
    if !matches!(name.to_lowercase().as_str(), "add" | "add_") {
        return None;
    }
    let path = machine.path(*other);
    // Places are numbered in the order of their making, so that a path is sorted.
    let known = |node: &usize| behind.binary_search_by_key(node, |passed| passed.node).ok();
    let leaves = path.iter().rposition(|node| known(node).is_some())?;
    let from = behind.get(known(path.get(leaves)?)?)?.parts;
    Some((from, lower(machine, path.get(leaves + 1..)?)))
}

/// How many channels come in before a part, where a layer before it says so.
fn channels(lowered: &Lowered, from: usize) -> Option<usize> {
    for part in lowered.parts.get(..from)?.iter().rev() {
        match &part.kind {
            PartKind::Piece(Piece::Layer(
                Layer::Conv2d { filters, .. } | Layer::ConvTranspose2d { filters, .. } | Layer::Residual { filters, .. },
            )) => {
                return Some(*filters);
            }
            PartKind::Piece(Piece::Layer(layer)) if layer.has_weights() && layer.family() != Family::Normalisation => return None,
            PartKind::Piece(Piece::View { dims, channels_last, .. }) => {
                let dim = if *channels_last && !lowered.channels_first { dims.last() } else { dims.first() };
                return match dim {
                    Some(Dim::Known(size)) if dims.len() == 3 => Some(*size),
                    _ => None,
                };
            }
            PartKind::Piece(Piece::Layer(_)) => {}
            _ => return None,
        }
    }
    lowered.input_shape().filter(|shape| !shape.is_vector()).map(|shape| shape.channels)
}

/// What all convolutions of a block have in common.
#[derive(Clone, Copy, PartialEq)]
pub struct Weights {
    pub bias: bool,
    pub init: Init,
    pub spectral_norm: bool,
}

/// A convolution that keeps the size.
#[derive(Clone, Copy)]
pub struct Conv {
    pub filters: usize,
    pub kernel: Size,
    pub weights: Weights,
    pub wants: Option<usize>,
}

/// Takes layers off the front.
pub struct Layers<'a>(pub &'a [Part]);

impl<'a> Layers<'a> {
    pub fn peek(&self) -> Option<&'a Layer> {
        match &self.0.first()?.kind {
            PartKind::Piece(Piece::Layer(layer)) => Some(layer),
            _ => None,
        }
    }

    pub fn take(&mut self, is: impl Fn(&Layer) -> bool) -> bool {
        let found = self.peek().is_some_and(is);
        if found {
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        found
    }

    /// A convolution that keeps the size.
    pub fn conv(&mut self) -> Option<Conv> {
        let wants = self.0.first()?.wants;
        let Layer::Conv2d { filters, kernel, stride, padding, dilation, groups: 1, bias, init, spectral_norm } = *self.peek()? else {
            return None;
        };
        let one = Size::square(1);
        let keeps = match padding {
            Padding::Same => true,
            Padding::Valid => kernel == one,
            Padding::Explicit(pad) => kernel.height == 2 * pad.height + 1 && kernel.width == 2 * pad.width + 1,
        };
        if !keeps || stride != one || dilation != one {
            return None;
        }
        self.0 = self.0.get(1..).unwrap_or_default();
        Some(Conv { filters, kernel, weights: Weights { bias, init, spectral_norm }, wants })
    }
}

pub fn is_up(layer: &Layer) -> bool {
    matches!(layer, Layer::Upsample { factor, mode: crate::spec::UpsampleMode::Nearest } if *factor == Size::square(2))
}

pub fn is_down(layer: &Layer) -> bool {
    let two = Size::square(2);
    matches!(layer, Layer::AvgPool { size, stride, padding } if *size == two && *stride == two && !matches!(padding, Padding::Explicit(pad) if *pad != Size::square(0)))
}

pub fn is_norm(layer: &Layer) -> bool {
    *layer == Layer::batch_norm()
}

fn block(main: &[Part], side: &[Part]) -> Option<Layer> {
    let mut main = Layers(main);
    let norm = main.take(is_norm);
    if !main.take(|layer| *layer == Layer::Relu) {
        return None;
    }
    let up = main.take(is_up);
    let conv1 = main.conv()?;
    if main.take(is_norm) != norm || !main.take(|layer| *layer == Layer::Relu) {
        return None;
    }
    let conv2 = main.conv()?;
    let down = main.take(is_down);
    let resample = match (up, down) {
        (false, false) => Resample::None,
        (true, false) => Resample::Up,
        (false, true) => Resample::Down,
        (true, true) => return None,
    };
    let (filters, kernel, weights) = (conv2.filters, conv2.kernel, conv2.weights);
    let channels = conv1.wants;
    let hidden = if down { channels? } else { filters };
    let changes = channels != Some(filters) || resample != Resample::None;
    let fits = main.0.is_empty() && conv1.filters == hidden && conv1.kernel == kernel && conv1.weights == weights;
    let norm = if norm { BlockNorm::Batch } else { BlockNorm::None };
    let Weights { bias, init, spectral_norm } = weights;
    (fits && is_shortcut(side, resample, changes.then_some((filters, weights)))).then_some(Layer::Residual {
        filters,
        kernel,
        resample,
        norm,
        bias,
        init,
        spectral_norm,
    })
}

/// Is the way past the block what the catalogue's block has there?
fn is_shortcut(side: &[Part], resample: Resample, wanted: Option<(usize, Weights)>) -> bool {
    let mut side = Layers(side);
    let (mut resized, mut conv) = (resample == Resample::None, None);
    while !side.0.is_empty() {
        let is_resize = |layer: &Layer| match resample {
            Resample::Up => is_up(layer),
            Resample::Down => is_down(layer),
            Resample::None => false,
        };
        if !resized && side.take(is_resize) {
            resized = true;
        } else if let (None, Some(found)) = (&conv, side.conv()) {
            conv = Some(found);
        } else {
            return false;
        }
    }
    let same = match (conv, wanted) {
        (None, None) => true,
        (Some(conv), Some((filters, weights))) => conv.filters == filters && conv.kernel == Size::square(1) && conv.weights == weights,
        _ => false,
    };
    resized && same
}
