//! Two paths that are added, where they are a residual block of the catalogue.

use super::lower::{Part, PartKind, lower};
use crate::code::eval::Machine;
use crate::code::layers::Piece;
use crate::spec::{BlockNorm, Init, Layer, Padding, Resample, Size};

/// The block that ends where `others` are added, and the part it begins with; none where the catalogue has no such block.
///
/// `behind` says how many parts there were behind each place of the path.
pub fn read(machine: &Machine<'_>, name: &str, others: &[usize], behind: &[(usize, usize)], parts: &[Part]) -> Option<(usize, Layer)> {
    let [other] = others else { return None };
    if !matches!(name.to_lowercase().as_str(), "add" | "add_") {
        return None;
    }
    let path = machine.path(*other);
    // Places are numbered in the order of their making, so that a path is sorted.
    let known = |node: &usize| behind.binary_search_by_key(node, |(known, _)| *known).ok();
    let leaves = path.iter().rposition(|node| known(node).is_some())?;
    let from = behind.get(known(path.get(leaves)?)?).map(|(_, parts)| *parts)?;
    let side = lower(machine, path.get(leaves + 1..)?);
    let main = parts.get(from..)?;
    block(main, &side.parts).map(|layer| (from, layer))
}

/// What all convolutions of a block have in common.
#[derive(Clone, Copy, PartialEq)]
struct Weights {
    bias: bool,
    init: Init,
    spectral_norm: bool,
}

struct Conv {
    filters: usize,
    kernel: Size,
    weights: Weights,
    wants: Option<usize>,
}

/// Takes layers off the front.
struct Layers<'a>(&'a [Part]);

impl<'a> Layers<'a> {
    fn peek(&self) -> Option<&'a Layer> {
        match &self.0.first()?.kind {
            PartKind::Piece(Piece::Layer(layer)) => Some(layer),
            _ => None,
        }
    }

    fn take(&mut self, is: impl Fn(&Layer) -> bool) -> bool {
        let found = self.peek().is_some_and(is);
        if found {
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        found
    }

    /// A convolution that keeps the size.
    fn conv(&mut self) -> Option<Conv> {
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

fn is_up(layer: &Layer) -> bool {
    matches!(layer, Layer::Upsample { factor, mode: crate::spec::UpsampleMode::Nearest } if *factor == Size::square(2))
}

fn is_down(layer: &Layer) -> bool {
    let two = Size::square(2);
    matches!(layer, Layer::AvgPool { size, stride, padding } if *size == two && *stride == two && !matches!(padding, Padding::Explicit(pad) if *pad != Size::square(0)))
}

fn is_norm(layer: &Layer) -> bool {
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
