//! A second input that is joined to the picture or the latent vector: a label, a condition. Networks here have one input.

use super::lower::Passed;
use crate::code::eval::{Machine, Made, Step, Value};
use crate::code::layers;

/// What is said where one is left out.
pub const WHY: &str = "a second input, such as a label, is brought in here and left out: networks have one input here and no classes";

/// Names that scripts give to the number of classes.
const CLASSES: [&str; 8] = ["n_classes", "num_classes", "nclasses", "numclasses", "n_class", "num_class", "classes", "label_dim"];

/// Are all other paths inputs of their own? Then how many values they would add side by side, where that is known.
pub fn read(machine: &Machine<'_>, made: &Made, others: &[usize], behind: &[Passed]) -> Option<Option<usize>> {
    let is_main = |node: &usize| behind.binary_search_by_key(node, |passed| passed.node).is_ok();
    if others.is_empty() || !others.iter().all(|&other| is_side(machine, other, &is_main)) {
        return None;
    }
    let joins = matches!(made.short().to_lowercase().as_str(), "cat" | "concat" | "concatenate" | "hstack");
    let width = others.iter().try_fold(0_usize, |sum, &other| sum.checked_add(width(machine, other)?));
    Some(if joins { width } else { Some(0) })
}

/// Does it come from another input, or is it made with one?
fn is_side(machine: &Machine<'_>, other: usize, is_main: &impl Fn(&usize) -> bool) -> bool {
    let path = machine.path(other);
    let own: Vec<usize> = path.iter().copied().filter(|node| !is_main(node)).collect();
    if own.len() == path.len() {
        return path.first().is_some_and(|&root| matches!(machine.nodes.get(root).map(|node| &node.step), Some(Step::Input { .. })));
    }
    // A way past the rest of the network on which a label is joined: a projection.
    own.iter().filter_map(|&node| machine.nodes.get(node)).any(|node| match &node.step {
        Step::Merge { others, .. } => others.iter().all(|&inner| machine.path(inner).iter().all(|node| !is_main(node))),
        _ => false,
    })
}

/// How many values or channels come at the end of a path.
fn width(machine: &Machine<'_>, end: usize) -> Option<usize> {
    for &node in machine.path(end).iter().rev() {
        let size = match &machine.nodes.get(node)?.step {
            Step::Input { shape: Some(shape), .. } => shape.last().and_then(Value::as_int),
            // Of an input of which nothing is said not even the width is known.
            Step::Input { .. } => None,
            Step::Call(made) => match made.short() {
                "Embedding" => made.arguments.get(1, &["embedding_dim", "output_dim"]).and_then(Value::as_int),
                "one_hot" | "CategoryEncoding" => {
                    made.arguments.get(0, &["num_classes", "depth", "num_tokens"]).and_then(Value::as_int).or_else(|| classes(machine))
                }
                "Linear" => made.arguments.get(1, &["out_features"]).and_then(Value::as_int),
                "Dense" => made.arguments.get(0, &["units"]).and_then(Value::as_int),
                // A picture of one channel, as labels are joined to pictures.
                "view" | "reshape" | "Reshape" => return None,
                name if layers::is_label(name) => None,
                _ => continue,
            },
            _ => return None,
        };
        return size.and_then(|size| usize::try_from(size).ok());
    }
    None
}

/// How many classes the script says there are.
pub fn classes(machine: &Machine<'_>) -> Option<i64> {
    CLASSES.iter().find_map(|wanted| {
        let found = machine.numbers.iter().find(|(name, value, _)| name.to_lowercase() == *wanted && value.as_int().is_some());
        found.and_then(|(_, value, _)| value.as_int())
    })
}
