//! Calls of libraries: the few whose result matters for a network. All others are kept as what they are: a name with arguments.

use std::cell::RefCell;
use std::rc::Rc;

use super::arithmetic::arithmetic;
use super::call::{first_tensor, tensors};
use super::machine::{MAX_ITEMS, Machine, Site};
use super::value::{Arguments, NetworkKind, Step, Value, last_part};
use crate::code::layers;

/// Names that snippets use without saying where they come from.
const WELL_KNOWN: [(&str, &str); 22] = [
    ("nn", "torch.nn"),
    ("F", "torch.nn.functional"),
    ("torch", "torch"),
    ("optim", "torch.optim"),
    ("tf", "tensorflow"),
    ("tensorflow", "tensorflow"),
    ("keras", "keras"),
    ("layers", "keras.layers"),
    ("models", "keras.models"),
    ("optimizers", "keras.optimizers"),
    ("initializers", "keras.initializers"),
    ("K", "keras.backend"),
    ("np", "numpy"),
    ("numpy", "numpy"),
    ("math", "math"),
    ("argparse", "argparse"),
    ("functools", "functools"),
    ("OrderedDict", "collections.OrderedDict"),
    ("partial", "functools.partial"),
    ("spectral_norm", "torch.nn.utils.spectral_norm"),
    ("os", "os"),
    ("plt", "matplotlib.pyplot"),
];

const BUILTINS: [&str; 39] = [
    "len",
    "range",
    "int",
    "float",
    "str",
    "bool",
    "list",
    "tuple",
    "set",
    "dict",
    "zip",
    "enumerate",
    "reversed",
    "sorted",
    "sum",
    "min",
    "max",
    "abs",
    "round",
    "print",
    "isinstance",
    "hasattr",
    "getattr",
    "setattr",
    "type",
    "map",
    "filter",
    "any",
    "all",
    "open",
    "pow",
    "super",
    "exit",
    "locals",
    "globals",
    "vars",
    "object",
    "next",
    "iter",
];

/// The full name of what every script knows.
pub fn well_known(name: &str) -> Option<String> {
    if BUILTINS.contains(&name) {
        return Some(format!("builtins.{name}"));
    }
    WELL_KNOWN.iter().find(|(short, _)| *short == name).map(|(_, full)| (*full).to_owned())
}

impl Machine<'_> {
    /// Calls something of a library.
    pub(super) fn call_library(&mut self, name: &str, arguments: Arguments, site: Site) -> Value {
        let short = last_part(name);
        if let Some(builtin) = name.strip_prefix("builtins.") {
            return self.builtin(builtin, &arguments, site);
        }
        if let Some(value) = arithmetic(short, &arguments) {
            return value;
        }
        if let Some(value) = self.container(name, short, &arguments, site) {
            return value;
        }
        if name.contains(".init.") && short.ends_with('_') {
            return self.initialise_call(short, &arguments);
        }
        if short == "set_image_data_format" && arguments.places.first().and_then(Value::as_text) == Some("channels_first") {
            self.channels_first = true;
        }
        self.on_tensors(name, arguments, site)
    }

    /// A function on what comes in, or a thing made of settings.
    fn on_tensors(&mut self, name: &str, mut arguments: Arguments, site: Site) -> Value {
        if matches!(last_part(name), "shape" | "int_shape") {
            return first_tensor(&Value::tuple(arguments.places)).map_or(Value::None, Value::ShapeOf);
        }
        if let [left, right] = arguments.places.as_slice()
            && let Some(value) = self.arithmetic_call(last_part(name), &left.clone(), &right.clone(), site)
        {
            return value;
        }
        // What has the shape of what goes through is not made of it.
        if super::tensors::is_drawn(last_part(name)) {
            let is_tensor = |value: &Value| first_tensor(value).is_some();
            arguments.places.retain(|value| !is_tensor(value));
            arguments.named.retain(|(_, value)| !is_tensor(value));
            return Value::Made(self.make(name, arguments, site));
        }
        let found = tensors(&arguments);
        match found.as_slice() {
            [] => Value::Made(self.make(name, arguments, site)),
            [node] => {
                arguments.places.retain(|value| first_tensor(value).is_none());
                arguments.named.retain(|(_, value)| first_tensor(value).is_none());
                let made = self.make(name, arguments, site);
                self.node(Some(*node), Step::Call(made))
            }
            several => {
                let made = self.make(name, Arguments::default(), site);
                self.merge(made, several)
            }
        }
    }

    /// What holds layers, or gives back what it gets.
    fn container(&mut self, name: &str, short: &str, arguments: &Arguments, site: Site) -> Option<Value> {
        let first = arguments.places.first();
        let is_network = |value: &&Value| matches!(value, Value::Network(_) | Value::Object(_) | Value::Made(_));
        Some(match short {
            "Sequential" => self.sequential(arguments, site),
            "Model" if layers::is_keras(name) => self.model(arguments, site)?,
            "Input" if layers::is_keras(name) => self.keras_input(arguments),
            "placeholder" => {
                let shape = arguments.get(1, &["shape"]).and_then(Value::items);
                self.input(shape.map(|shape| shape.into_iter().skip(1).collect()))
            }
            "ModuleList" | "list" => Value::list(first.and_then(|items| self.iterate(items)).unwrap_or_default()),
            "ModuleDict" | "EasyDict" | "AttrDict" | "DotMap" | "Munch" => match first {
                Some(Value::Dict(_)) => first?.clone(),
                _ => self.bag(arguments, site),
            },
            "OrderedDict" => ordered(first),
            // What is set outside the script, and what it is where nobody does.
            "get" | "getenv" if arguments.places.len() == 2 && !layers::is_keras(name) => arguments.places.get(1)?.clone(),
            // A field of a data class: what it is where nobody says.
            "field" | "Field" | "ib" if !name.contains("keras") => match arguments.get(0, &["default"]) {
                Some(value) => value.clone(),
                None => self.call(&arguments.named(&["default_factory", "factory"])?.clone(), Arguments::default(), site),
            },
            "ArgumentParser" | "SimpleNamespace" | "Namespace" => self.bag(arguments, site),
            "spectral_norm" => {
                if let Some(Value::Made(made)) = first {
                    made.spectral.set(true);
                }
                first?.clone()
            }
            "weight_norm" => {
                self.note(site.line, self.source(site.span), "weight normalisation is left out");
                first?.clone()
            }
            "DataParallel" | "DistributedDataParallel" | "compile" | "script" | "convert_sync_batchnorm" | "TimeDistributed" => {
                first.or_else(|| arguments.named(&["module", "layer"])).filter(is_network)?.clone()
            }
            "data_parallel" => self.call(&first?.clone(), Arguments::of(arguments.places.get(1).cloned().into_iter().collect()), site),
            "deepcopy" | "copy" => first?.clone(),
            "SpectralNormalization" | "SpectralNorm" => match arguments.get(0, &["layer", "module"])? {
                Value::Made(inner) => {
                    inner.spectral.set(true);
                    Value::Made(inner.clone())
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    fn bag(&mut self, arguments: &Arguments, site: Site) -> Value {
        let bag = self.object(None, site.line);
        for (name, value) in &arguments.named {
            self.give_name(name, value, site.line);
            bag.scope.set(name, value.clone());
        }
        Value::Object(bag)
    }

    fn sequential(&mut self, arguments: &Arguments, site: Site) -> Value {
        let mut parts = Vec::new();
        for value in arguments.places.iter().chain(arguments.named(&["layers"])) {
            match value {
                Value::Text(_) => {}
                Value::List(_) | Value::Tuple(_) => parts.extend(value.items().unwrap_or_default()),
                Value::Dict(entries) => parts.extend(entries.borrow().iter().map(|(_, value)| value.clone())),
                _ => parts.push(value.clone()),
            }
        }
        parts.truncate(MAX_ITEMS);
        self.network(NetworkKind::Sequential(RefCell::new(parts)), site.line)
    }

    /// `Model(inputs, outputs)`.
    fn model(&mut self, arguments: &Arguments, site: Site) -> Option<Value> {
        let inputs = arguments.get(0, &["inputs", "input"])?;
        let outputs = arguments.get(1, &["outputs", "output"])?;
        let output = first_tensor(outputs)?;
        self.note_outputs(outputs, site);
        let inputs = tensors(&Arguments::of(vec![inputs.clone()]));
        Some(self.network(NetworkKind::Path { inputs, output }, site.line))
    }

    /// Only one of several outputs is followed.
    pub fn note_outputs(&mut self, outputs: &Value, site: Site) {
        let count = tensors(&Arguments::of(vec![outputs.clone()])).len();
        if count > 1 {
            self.note(site.line, format!("{count} outputs"), "the first one is followed; the others are left out");
        }
    }

    fn keras_input(&mut self, arguments: &Arguments) -> Value {
        let batch = arguments.named(&["batch_shape", "batch_input_shape"]).and_then(Value::items);
        let with_batch = batch.map(|shape| shape.into_iter().skip(1).collect());
        let shape = with_batch.or_else(|| shape_numbers(arguments.get(0, &["shape"])));
        let input = self.input(shape);
        let is_whole = arguments.named(&["dtype"]).and_then(Value::as_text).is_some_and(|kind| kind.contains("int"));
        let name = if is_whole { Some("label") } else { arguments.named(&["name"]).and_then(Value::as_text) };
        if let Some(name) = name {
            self.name_input(name, &input);
        }
        input
    }
}

/// A dictionary from a list of pairs.
pub fn ordered(pairs: Option<&Value>) -> Value {
    if let Some(Value::Dict(_)) = pairs {
        return pairs.cloned().unwrap_or(Value::None);
    }
    let pairs = pairs.and_then(Value::items).unwrap_or_default();
    let entries = pairs.iter().filter_map(|pair| match pair.items()?.as_slice() {
        [key, value] => Some((key.clone(), value.clone())),
        _ => None,
    });
    Value::Dict(Rc::new(RefCell::new(entries.collect())))
}

/// The numbers of a shape: of a tuple, or a single one.
pub fn shape_numbers(value: Option<&Value>) -> Option<Vec<Value>> {
    match value? {
        Value::Int(size) => Some(vec![Value::Int(*size)]),
        value => value.items(),
    }
}
