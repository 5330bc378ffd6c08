//! Layers that no library has and every script writes anew, recognised by the name of their class: with the settings that an object of
//! it holds.

use std::rc::Rc;

use super::machine::{Machine, Site};
use super::value::{Arguments, Made, Object, Step, Value};
use crate::code::layers;

impl Machine<'_> {
    /// What the object does to what comes in, where its class is known by name; none where it has to be followed.
    pub(super) fn call_known(&mut self, object: &Rc<Object>, input: usize, site: Site) -> Option<Value> {
        let class = object.class.as_ref()?.class.name.clone();
        let name = layers::known_class(&class)?;
        let settings = settings(name, object)?;
        let site = Site { line: object.names.line, ..site };
        let made = self.make(name, Arguments { places: Vec::new(), named: settings }, site);
        if let Some(conv) = convolutions(object).first() {
            made.spectral.set(conv.spectral.get());
            made.start.borrow_mut().clone_from(&conv.start.borrow());
        }
        let value = self.node(Some(input), Step::Call(made));
        Some(if returns_several(object) {
            Value::tuple(vec![value, self.unknown(site, "only the first result is followed")])
        } else {
            value
        })
    }

    /// A depthwise convolution and the mix that follows it, as one, where an object of such a class did both.
    pub(super) fn fused(&mut self, object: &Object, input: usize, output: usize, site: Site) -> Option<Value> {
        let class = object.class.as_ref()?.class.name.to_lowercase();
        if !class.contains("separable") {
            return None;
        }
        let path = self.path(output);
        let from = path.iter().position(|&node| node == input)? + 1;
        let steps: Vec<Rc<Made>> = path
            .get(from..)?
            .iter()
            .map(|&node| match &self.nodes.get(node)?.step {
                Step::Call(made) => Some(made.clone()),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let [depthwise, pointwise] = steps.as_slice() else { return None };
        let parts = vec![Value::Made(depthwise.clone()), Value::Made(pointwise.clone())];
        let made = self.make("tensor.SeparableConv2d", Arguments::of(parts), Site { line: object.names.line, ..site });
        Some(self.node(Some(input), Step::Call(made)))
    }
}

/// The settings that a known layer is read with; none where one that it needs cannot be told.
fn settings(name: &str, object: &Object) -> Option<Vec<(String, Value)>> {
    let number = |wanted: &[&str]| {
        let is_number = |value: &Value| value.as_float().is_some();
        wanted.iter().find_map(|name| object.scope.own(name).filter(is_number))
    };
    let maybe = |name: &str, value: Option<Value>| value.map(|value| (name.to_owned(), value)).into_iter().collect::<Vec<_>>();
    Some(match name {
        "tensor.PixelNorm" => maybe("epsilon", number(&["epsilon", "eps", "e", "_epsilon", "_eps"])),
        "tensor.MinibatchStdDev" => maybe("group", number(&["group", "group_size", "grp_size", "_group_size", "g"])),
        // A block that does more than its name says.
        "tensor.GaussianNoise" | "tensor.PixelShuffle" if !convolutions(object).is_empty() => return None,
        "tensor.GaussianNoise" => {
            let deviation = number(&["deviation", "std", "stddev", "sigma", "stdev", "noise_std", "scale", "strength", "_sigma"])?;
            vec![("deviation".to_owned(), deviation)]
        }
        "tensor.PixelShuffle" => {
            let factor = number(&["factor", "upscale_factor", "scale", "scale_factor", "block_size", "r", "size", "upscale"])?;
            vec![("factor".to_owned(), factor)]
        }
        "tensor.SelfAttention" => attention(object),
        "tensor.AvgPoolSame" | "tensor.LowestBorder" => {
            let own = |name: &str| object.scope.own(name).map(|value| (name.to_owned(), value));
            ["size", "stride", "border"].into_iter().filter_map(own).collect()
        }
        _ => Vec::new(),
    })
}

/// How many times fewer channels queries have, and whether there are constants.
fn attention(object: &Object) -> Vec<(String, Value)> {
    let convolutions = convolutions(object);
    let widths: Vec<i64> = convolutions
        .iter()
        .flat_map(|conv| {
            let torch = layers::family(&conv.name) == Some(layers::Family::Torch);
            let width = |place: usize, names: &[&str]| conv.arguments.get(place, names).and_then(Value::as_int);
            if torch { [width(0, &["in_channels"]), width(1, &["out_channels"])] } else { [width(0, &["filters"]), None] }
        })
        .flatten()
        .filter(|&width| width > 0)
        .collect();
    let mut found = Vec::new();
    if let (Some(least), Some(most)) = (widths.iter().min(), widths.iter().max()) {
        found.push(("reduction".to_owned(), Value::Int(most / least)));
    }
    if let Some(conv) = convolutions.first() {
        let bias = conv.arguments.named(&["bias", "use_bias"]).and_then(Value::truth).unwrap_or(true);
        found.push(("bias".to_owned(), Value::Bool(bias)));
        found.push(("like".to_owned(), Value::Made(conv.clone())));
    }
    found.push(("convolutions".to_owned(), Value::Int(convolutions.len() as i64)));
    let narrow = widths.iter().min().map_or(0, |least| {
        let is_narrow = |conv: &&Rc<Made>| {
            conv.arguments.get(1, &["out_channels"]).or(conv.arguments.get(0, &["filters"])).and_then(Value::as_int) == Some(*least)
        };
        convolutions.iter().filter(is_narrow).count()
    });
    found.push(("narrow".to_owned(), Value::Int(narrow as i64)));
    found
}

/// The convolutions that an object holds, in the order they were made.
fn convolutions(object: &Object) -> Vec<Rc<Made>> {
    let parts = object.scope.values().into_iter();
    parts
        .filter_map(|(_, value)| match value {
            Value::Made(made) if made.short().starts_with("Conv") => Some(made),
            _ => None,
        })
        .collect()
}

/// Does what it does to its input give several results?
fn returns_several(object: &Object) -> bool {
    use crate::code::python::{ExprKind, StatementKind};
    let Some(class) = &object.class else { return false };
    let forward = ["forward", "call"].iter().find_map(|name| match class.scope.own(name) {
        Some(Value::Function(closure)) => Some(closure),
        _ => None,
    });
    let last = forward.and_then(|closure| closure.function.body.last().map(|last| last.kind.clone()));
    matches!(last, Some(StatementKind::Return(Some(value))) if matches!(value.kind, ExprKind::Tuple(_)))
}
