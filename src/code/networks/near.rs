//! Residual blocks that differ from the catalogue's in a few things, which are named.

use super::lower::Part;
use super::residual::{Conv, Layers, Weights, is_down, is_norm, is_up};
use crate::spec::{BlockNorm, Layer, Resample, Size};

/// What stands in a block, in order.
#[derive(Default)]
struct Inside {
    convolutions: Vec<Conv>,
    norms: Vec<Layer>,
    activations: Vec<Layer>,
    ups: usize,
    downs: usize,
    /// Does an activation stand before the first convolution?
    begins_bent: bool,
    /// Does an activation stand between the convolutions?
    is_bent_between: bool,
    /// Does a norm stand before the first convolution?
    begins_normed: bool,
}

/// The block of the catalogue that is nearest, and what the script does otherwise; none where that is too much.
pub fn block(main: &[Part], side: &[Part], channels: Option<usize>) -> Option<(Layer, Vec<String>)> {
    let inside = inside(main)?;
    let [first, second] = inside.convolutions.as_slice() else { return None };
    let resample = match (inside.ups, inside.downs) {
        (0, 0) => Resample::None,
        (1, 0) => Resample::Up,
        (0, 1) => Resample::Down,
        _ => return None,
    };
    let shortcut = shortcut(side, resample)?;
    let channels = first.wants.or(channels).or((resample == Resample::None && shortcut.is_none()).then_some(second.filters));
    let hidden = if resample == Resample::Down { channels? } else { second.filters };
    // A block that begins with the picture's few channels would be another one.
    let is_near = first.kernel == second.kernel && inside.is_bent_between && 2 * hidden >= first.filters && hidden <= 2 * first.filters;
    if !is_near || !matches!(inside.norms.len(), 0 | 2) {
        return None;
    }
    let norm = if inside.norms.is_empty() { BlockNorm::None } else { BlockNorm::Batch };
    let wants_conv = channels != Some(second.filters) || resample != Resample::None;
    let differs = differences(&inside, hidden, shortcut, wants_conv);
    let Weights { bias, init, spectral_norm } = second.weights;
    let layer = Layer::Residual { filters: second.filters, kernel: second.kernel, resample, norm, bias, init, spectral_norm };
    Some((layer, differs))
}

fn inside(main: &[Part]) -> Option<Inside> {
    let mut left = Layers(main);
    let mut found = Inside::default();
    while !left.0.is_empty() {
        let layer = left.peek()?.clone();
        if let Some(conv) = left.conv() {
            found.convolutions.push(conv);
            continue;
        }
        let before = found.convolutions.len();
        match &layer {
            Layer::BatchNorm { .. } => {
                found.begins_normed |= before == 0;
                found.norms.push(layer.clone());
            }
            Layer::Relu | Layer::LeakyRelu { .. } | Layer::Elu { .. } | Layer::Silu | Layer::Gelu | Layer::Mish => {
                found.begins_bent |= before == 0;
                found.is_bent_between |= before == 1;
                found.activations.push(layer.clone());
            }
            layer if is_up(layer) && before < 2 => found.ups += 1,
            layer if is_down(layer) && before > 0 => found.downs += 1,
            _ => return None,
        }
        left.take(|_| true);
    }
    Some(found)
}

/// The convolution on the way past the block, if there is one; none where something else stands there.
#[expect(clippy::option_option, reason = "no way that is known, and a way without a convolution, are two things")]
fn shortcut(side: &[Part], resample: Resample) -> Option<Option<Conv>> {
    let mut left = Layers(side);
    let (mut conv, mut resized) = (None, 0);
    while !left.0.is_empty() {
        let layer = left.peek()?.clone();
        if let (None, Some(found)) = (&conv, left.conv()) {
            conv = Some(found);
            continue;
        }
        match &layer {
            layer if is_up(layer) && resample == Resample::Up => resized += 1,
            layer if is_down(layer) && resample == Resample::Down => resized += 1,
            Layer::BatchNorm { .. } => {}
            _ => return None,
        }
        left.take(|_| true);
    }
    (resized == usize::from(resample != Resample::None)).then_some(conv)
}

fn differences(inside: &Inside, hidden: usize, shortcut: Option<Conv>, wants_conv: bool) -> Vec<String> {
    let mut differs = Vec::new();
    let mut say = |holds: bool, text: String| {
        if holds {
            differs.push(text);
        }
    };
    let [first, second] = inside.convolutions.as_slice() else { return Vec::new() };
    let bends = inside.activations.iter().find(|layer| **layer != Layer::Relu);
    say(bends.is_some(), format!("{} stands for ReLU", bends.map_or("", Layer::name)));
    if inside.begins_bent {
        say(inside.activations.len() > 2, "there are more activations".to_owned());
    } else {
        say(true, "activations stand behind the convolutions".to_owned());
    }
    let (has_norms, is_before) = (!inside.norms.is_empty(), inside.begins_normed);
    say(has_norms && !is_before && inside.begins_bent, "norms stand behind the convolutions".to_owned());
    if let Some(Layer::BatchNorm { momentum, epsilon }) = inside.norms.iter().find(|norm| !is_norm(norm)) {
        say(true, format!("norms have a momentum of {momentum} and an epsilon of {epsilon}"));
    }
    say(first.filters != hidden, format!("{} channels stand between the convolutions instead of {hidden}", first.filters));
    let one = Size::square(1);
    match shortcut {
        Some(_) if !wants_conv => say(true, "the shortcut has a convolution".to_owned()),
        None if wants_conv => say(true, "the shortcut has no convolution".to_owned()),
        Some(conv) => say(conv.kernel != one, "the shortcut's convolution is wider".to_owned()),
        None => {}
    }
    let same = first.weights == second.weights && shortcut.is_none_or(|conv| conv.weights == second.weights);
    say(!same, "not all convolutions have the same bias, start and spectral norm".to_owned());
    differs
}
