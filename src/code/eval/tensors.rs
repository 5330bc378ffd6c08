//! Arithmetic on what goes through a network, parts of it, and noise that is added to it.

use super::call::first_tensor;
use super::machine::{Machine, Site};
use super::value::{Arguments, Made, Step, Value};
use crate::code::python::Binary;

/// Functions that draw normal noise.
const NOISE: [&str; 5] = ["randn_like", "randn", "normal", "random_normal", "standard_normal"];
/// Functions that draw other noise, or make a constant of some shape.
const FILLED: [&str; 12] = [
    "rand_like",
    "rand",
    "uniform",
    "random_uniform",
    "ones_like",
    "zeros_like",
    "ones",
    "zeros",
    "full_like",
    "empty_like",
    "shape_list",
    "new_tensor",
];
/// What makes a value that is learned.
const LEARNED: [&str; 5] = ["Parameter", "add_weight", "Variable", "get_variable", "add_variable"];
/// The name of noise with another deviation than one.
const SCALED_NOISE: &str = "tensor.normal";

impl Machine<'_> {
    /// Arithmetic of what goes through a network with something else.
    pub(super) fn tensor_arithmetic(&mut self, operator: Binary, left: &Value, right: &Value, site: Site) -> Value {
        let (node, other, is_left) = match (left, right) {
            (Value::Tensor(a), Value::Tensor(b)) => {
                let name = match operator {
                    Binary::Add => "tensor.add",
                    Binary::Subtract => "tensor.subtract",
                    Binary::Multiply => "tensor.multiply",
                    Binary::Divide => "tensor.divide",
                    Binary::Matrix => "tensor.matmul",
                    _ => "tensor.combine",
                };
                let made = self.make(name, Arguments::default(), site);
                return self.merge(made, &[*a, *b]);
            }
            (Value::Tensor(node), other) => (*node, other, true),
            (other, Value::Tensor(node)) => (*node, other, false),
            _ => return self.unknown(site, "this arithmetic is not followed"),
        };
        let step = match (operator, other) {
            (Binary::Add | Binary::Subtract, Value::Made(noise)) if is_noise(noise) => {
                return self.add_noise(node, noise, site);
            }
            (Binary::Power, _) if is_left && other.as_float().is_some() => "tensor.power",
            (Binary::Add | Binary::Subtract, _) if other.as_float().is_some() => "tensor.shifted",
            (Binary::Multiply | Binary::Divide, _) if other.as_float().is_some() && (is_left || operator == Binary::Multiply) => {
                "tensor.scaled"
            }
            (Binary::Add | Binary::Subtract | Binary::Multiply, _) if is_learned(other) => "tensor.learned",
            (Binary::Matrix, Value::Made(_)) if is_left => "tensor.weighted",
            _ => return self.gap(node, site, "arithmetic on values is no layer of Ganvas"),
        };
        let number = match (operator, other.as_float()) {
            (Binary::Divide, Some(number)) if number != 0.0 => Value::Float(1.0 / number),
            (_, Some(number)) => Value::Float(number),
            (Binary::Matrix, None) => other.clone(),
            (Binary::Multiply, None) => Value::None,
            (_, None) => Value::text("added"),
        };
        let made = self.make(step, Arguments::of(vec![number]), site);
        self.node(Some(node), Step::Call(made))
    }

    fn add_noise(&mut self, node: usize, noise: &Made, site: Site) -> Value {
        let deviation = deviation(noise).map_or(Value::None, Value::Float);
        let made =
            self.make("tensor.GaussianNoise", Arguments { places: Vec::new(), named: vec![("deviation".to_owned(), deviation)] }, site);
        self.node(Some(node), Step::Call(made))
    }

    /// Noise times a number, which is noise, and learned weights times a number, which stay what they are.
    pub(super) fn scaled_noise(&mut self, operator: Binary, left: &Value, right: &Value, site: Site) -> Option<Value> {
        let (noise, number) = match (left, right) {
            (learned, number) | (number, learned) if is_learned(learned) && !is_learned(number) => return Some(learned.clone()),
            (Value::Made(noise), number) | (number, Value::Made(noise)) if is_noise(noise) => (noise, number.as_float()),
            _ => return None,
        };
        let factor = if operator == Binary::Divide { number.filter(|number| *number != 0.0).map(|number| 1.0 / number) } else { number };
        let deviation = factor.zip(deviation(noise)).map_or(Value::None, |(factor, own)| Value::Float(factor.abs() * own));
        let arguments = Arguments { places: noise.arguments.places.clone(), named: vec![("stddev".to_owned(), deviation)] };
        Some(Value::Made(self.make(SCALED_NOISE, arguments, site)))
    }

    /// What the functions say that operators say as well: `torch.mul(x, 2)`.
    pub(super) fn arithmetic_call(&mut self, name: &str, left: &Value, right: &Value, site: Site) -> Option<Value> {
        let operator = match name.trim_end_matches('_') {
            "mul" | "multiply" | "scalar_mul" => Binary::Multiply,
            "add" => Binary::Add,
            "sub" | "subtract" => Binary::Subtract,
            "div" | "divide" | "true_divide" | "truediv" => Binary::Divide,
            "pow" | "power" => Binary::Power,
            "matmul" | "bmm" | "mm" => Binary::Matrix,
            _ => return None,
        };
        let is_known = |value: &Value| value.as_float().is_some() || matches!(value, Value::Tensor(_) | Value::Made(_) | Value::Member(_));
        let fits = is_known(left) && is_known(right) && (first_tensor(left).is_some() || first_tensor(right).is_some());
        fits.then(|| self.tensor_arithmetic(operator, left, right, site))
    }

    /// What `a, b = x` takes apart: pieces of the same thing, or the first of several results.
    pub(super) fn tensor_parts(&self, node: usize, count: usize) -> Vec<Value> {
        let is_split = matches!(self.nodes.get(node).map(|node| &node.step), Some(Step::Call(made)) if matches!(made.short(), "chunk" | "split" | "unbind" | "unstack" | "tensor_split"));
        vec![Value::Tensor(node); if is_split { count.min(64) } else { 1 }]
    }

    /// `x[:, :, 2:-2, 2:-2]`: which rows and columns are taken, as a call with the parts of the index.
    pub(super) fn tensor_item(&mut self, node: usize, index: &Value, site: Site) -> Value {
        // A part of the batch.
        if let Value::Slice(_) = index {
            return Value::Tensor(node);
        }
        let Some(parts) = index.items().filter(|parts| parts.iter().any(|part| matches!(part, Value::Slice(_)))) else {
            // The first of several results.
            let is_known =
                matches!(self.nodes.get(node).map(|node| &node.step), Some(Step::Call(made)) if made.name.starts_with("tensor.Self"));
            if is_known && index.as_int() == Some(0) {
                return Value::Tensor(node);
            }
            return self.gap(node, site, "a part of what comes in is taken, for which there is no layer");
        };
        let made = self.make("tensor.slice", Arguments::of(parts), site);
        self.node(Some(node), Step::Call(made))
    }
}

/// Is it noise or a constant that has the shape of what goes through?
pub fn is_drawn(short: &str) -> bool {
    NOISE.contains(&short) || FILLED.contains(&short)
}

fn is_noise(made: &Made) -> bool {
    NOISE.contains(&made.short())
}

/// The deviation of noise; none where it cannot be told.
fn deviation(noise: &Made) -> Option<f64> {
    if matches!(noise.short(), "randn" | "randn_like" | "standard_normal") {
        return Some(1.0);
    }
    // TensorFlow gives the shape first, PyTorch the mean.
    let place = if noise.name.starts_with("torch") { 1 } else { 2 };
    noise.arguments.get(place, &["stddev", "std", "scale"]).map_or(Some(1.0), Value::as_float)
}

/// Is it a value that training changes, or a view of one?
fn is_learned(value: &Value) -> bool {
    match value {
        Value::Made(made) => LEARNED.contains(&made.short()),
        Value::Member(member) => {
            matches!(member.1.as_str(), "weight" | "bias" | "gamma" | "beta" | "kernel") && matches!(member.0, Value::Made(_))
        }
        _ => false,
    }
}

/// Does a method of such a value only give it another shape?
pub fn stays_learned(holder: &Value, name: &str) -> bool {
    const SHAPES: [&str; 12] =
        ["view", "reshape", "unsqueeze", "squeeze", "expand", "repeat", "to", "clone", "view_as", "expand_as", "flatten", "type_as"];
    let is_filled = matches!(holder, Value::Made(made) if is_drawn(made.short())) && name.ends_with('_');
    // What sets a weight of a layer is another matter: how it starts.
    let is_own = matches!(holder, Value::Made(_)) && name.ends_with('_');
    is_filled || is_learned(holder) && (SHAPES.contains(&name) || is_own)
}
