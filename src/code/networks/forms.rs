//! What scripts write out in numbers where the catalogue has a layer: a path that leaves the picture, is computed with, and comes back.

use super::lower::{Lowered, Part, PartKind, Passed};
use crate::code::eval::{Machine, Made, Step, Value};
use crate::code::layers::{Dim, Piece};
use crate::spec::Layer;

/// About what something has to be said, and what.
type Said = Option<(&'static str, &'static str)>;

/// The layer that a merge of a picture with something computed from it is, and from where on it stands for the path.
pub fn read(machine: &Machine<'_>, name: &str, others: &[usize], behind: &[Passed]) -> Option<(Passed, Layer, Said)> {
    let [other] = others else { return None };
    // The picture itself is a place of the path, and the path goes on from there.
    let at = behind.binary_search_by_key(other, |passed| passed.node).ok()?;
    let steps: Vec<&Step> = behind.get(at + 1..)?.iter().filter_map(|passed| Some(&machine.nodes.get(passed.node)?.step)).collect();
    let (layer, said) = form(name.to_lowercase().trim_end_matches('_'), &steps)?;
    Some((*behind.get(at)?, layer, said))
}

fn made_of(step: &Step) -> Option<&Made> {
    match step {
        Step::Call(made) | Step::Merge { made, .. } => Some(made),
        _ => None,
    }
}

fn form(operation: &str, steps: &[&Step]) -> Option<(Layer, Said)> {
    let names: Vec<&str> = steps.iter().map(|step| made_of(step).map_or("", Made::short)).collect();
    let has = |wanted: &[&str]| names.iter().any(|name| wanted.contains(&name.trim_end_matches('_')));
    let (squares, means) = (has(&["power", "pow", "square", "multiply", "mul"]), has(&["mean", "reduce_mean"]));
    match (operation, names.as_slice()) {
        ("multiply" | "mul", ["sigmoid" | "Sigmoid"]) => Some((Layer::Silu, None)),
        ("multiply" | "mul", ["softplus" | "Softplus", "tanh" | "Tanh"]) => Some((Layer::Mish, None)),
        ("maximum" | "max", ["scaled"]) => slope(steps.first()?).map(|slope| (Layer::LeakyRelu { slope }, None)),
        ("divide" | "div" | "truediv", _) if squares && means && has(&["sqrt"]) => Some((pixel_norm(steps), None)),
        ("multiply" | "mul", _) if squares && means && has(&["rsqrt"]) => Some((pixel_norm(steps), None)),
        ("cat" | "concat" | "concatenate", _) if has(&["std", "var", "reduce_std", "reduce_variance", "sqrt"]) && means => {
            let why = "how samples of a batch differ is computed here; it is read with groups of 4";
            Some((Layer::MinibatchStdDev { group: 4 }, Some(("minibatch deviation", why))))
        }
        ("add", _) if has(&["softmax", "Softmax"]) && has(&["matmul", "bmm", "einsum", "combine", "Dot", "dot"]) => {
            let why = "places look at each other here; it is read as SAGAN's self-attention with a reduction of 8";
            Some((Layer::self_attention(), Some(("self-attention", why))))
        }
        _ => None,
    }
}

fn slope(step: &Step) -> Option<f32> {
    let slope = made_of(step)?.arguments.places.first()?.as_float()?;
    (0.0..1.0).contains(&slope).then_some(slope as f32)
}

/// What is added before the root is its epsilon.
fn pixel_norm(steps: &[&Step]) -> Layer {
    let added = steps.iter().filter_map(|step| made_of(step)).find(|made| made.short() == "shifted");
    let epsilon = added.and_then(|made| made.arguments.places.first()).and_then(Value::as_float).filter(|epsilon| *epsilon > 0.0);
    Layer::PixelNorm { epsilon: epsilon.unwrap_or(1e-8) as f32 }
}

/// Axes that change their places belong to the change of shape beside them: what is learned does not depend on the order of values.
pub fn exchange_axes(lowered: &mut Lowered) {
    let mut parts: Vec<Part> = Vec::with_capacity(lowered.parts.len());
    let mut left = std::mem::take(&mut lowered.parts).into_iter().peekable();
    while let Some(part) = left.next() {
        let PartKind::Piece(Piece::Permute(axes)) = &part.kind else {
            parts.push(part);
            continue;
        };
        let flattens =
            left.peek().is_some_and(|next| matches!(next.kind, PartKind::Piece(Piece::View { .. } | Piece::Layer(Layer::Flatten))));
        if flattens {
            continue;
        }
        if let Some(Part { kind: PartKind::Piece(Piece::View { dims, .. }), .. }) = parts.last_mut()
            && let Some(exchanged) = exchanged(dims, axes)
        {
            *dims = exchanged;
            continue;
        }
        if left.peek().is_none() {
            lowered.remarks.push((part.line, "axes".to_owned(), "channels stand at the place that Ganvas has for them".to_owned()));
            continue;
        }
        parts.push(part);
    }
    lowered.parts = parts;
}

fn exchanged(dims: &[Dim], axes: &[usize]) -> Option<Vec<Dim>> {
    if dims.len() != axes.len() {
        return None;
    }
    axes.iter().map(|axis| dims.get(axis.checked_sub(1)?).copied()).collect()
}
