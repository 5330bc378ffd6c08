//! Calls of libraries: the few whose result matters for a network. All others are kept as what they are: a name with arguments.

use std::cell::RefCell;
use std::rc::Rc;

use super::call::{first_tensor, is_module, tensors};
use super::machine::{MAX_ITEMS, Machine, Site};
use super::value::{Arguments, ClassValue, NetworkKind, Step, Value, last_part};
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
        if let Some(value) = self.arithmetic(short, &arguments) {
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
            "placeholder" => self.input(None),
            "ModuleList" | "list" => Value::list(first.and_then(|items| self.iterate(items)).unwrap_or_default()),
            "ModuleDict" | "EasyDict" | "AttrDict" | "DotMap" | "Munch" => match first {
                Some(Value::Dict(_)) => first?.clone(),
                _ => self.bag(arguments, site),
            },
            "OrderedDict" => ordered(first),
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
        self.input(shape)
    }

    fn builtin(&mut self, name: &str, arguments: &Arguments, site: Site) -> Value {
        let first = arguments.places.first().cloned().unwrap_or(Value::None);
        let value = match name {
            "len" => match &first {
                Value::ShapeOf(_) => None,
                _ => self.iterate(&first).map(|items| Value::Int(items.len() as i64)),
            },
            "range" => self.range(arguments),
            "int" => match &first {
                Value::Text(text) => text.trim().parse().ok().map(Value::Int),
                Value::SizeOf(..) => Some(first.clone()),
                _ => first.as_float().filter(|value| value.abs() < 9e15).map(|value| Value::Int(value.trunc() as i64)),
            },
            "float" => match &first {
                Value::Text(text) => text.trim().parse().ok().filter(|value: &f64| value.is_finite()).map(Value::Float),
                _ => first.as_float().map(Value::Float),
            },
            "str" => super::expression::plain_text(&first).map(|text| Value::text(&text)),
            "bool" => first.truth().map(Value::Bool),
            "tuple" => self.iterate(&first).map(Value::tuple),
            "list" | "set" | "iter" if arguments.places.is_empty() => Some(Value::list(Vec::new())),
            "list" | "set" | "iter" | "sorted" => match &first {
                Value::ShapeOf(_) | Value::Weights(_) => Some(first.clone()),
                _ => self.iterate(&first).map(Value::list),
            },
            "dict" => {
                let entries: Vec<(Value, Value)> = arguments.named.iter().map(|(name, value)| (Value::text(name), value.clone())).collect();
                if entries.is_empty() && !arguments.places.is_empty() {
                    Some(ordered(Some(&first)))
                } else {
                    Some(Value::Dict(Rc::new(RefCell::new(entries))))
                }
            }
            "zip" => self.zip(arguments),
            "enumerate" => self.iterate(&first).map(|items| {
                let numbered = items.into_iter().zip(0..).map(|(item, at)| Value::tuple(vec![Value::Int(at), item]));
                Value::list(numbered.collect())
            }),
            "reversed" => self.iterate(&first).map(|mut items| {
                items.reverse();
                Value::list(items)
            }),
            "map" => self.map(arguments, site),
            "filter" => arguments.places.get(1).cloned(),
            "isinstance" => arguments.places.get(1).and_then(|kind| is_instance(&first, kind)).map(Value::Bool),
            "hasattr" | "getattr" => self.get_attribute(name, arguments, site),
            "setattr" => {
                if let [holder, Value::Text(name), value] = arguments.places.as_slice() {
                    self.give_name(name, value, site.line);
                    self.set_attribute(holder, name, value.clone());
                }
                Some(Value::None)
            }
            "type" => match &first {
                Value::Made(made) => Some(Value::Library(made.name.clone())),
                Value::Object(object) => object.class.clone().map(Value::Class),
                _ => None,
            },
            "next" => self.iterate(&first).and_then(|items| items.into_iter().next()),
            "print" | "exit" | "super" => Some(Value::None),
            "object" => Some(Value::Object(self.object(None, site.line))),
            "sum" | "min" | "max" | "abs" | "round" | "pow" => self.arithmetic(name, arguments),
            _ => None,
        };
        value.unwrap_or_else(|| match first {
            Value::Unknown(_) => first,
            _ => self.unknown(site, format!("what {name} gives is not known here")),
        })
    }

    fn range(&mut self, arguments: &Arguments) -> Option<Value> {
        let numbers: Option<Vec<i64>> = arguments.places.iter().map(Value::as_int).collect();
        let (from, to, step) = match numbers?.as_slice() {
            [to] => (0, *to, 1),
            [from, to] => (*from, *to, 1),
            [from, to, step] => (*from, *to, *step),
            _ => return None,
        };
        if step == 0 {
            return None;
        }
        // Loops this long train; only their beginning is followed.
        let mut items = Vec::new();
        let mut at = from;
        while (step > 0 && at < to || step < 0 && at > to) && items.len() <= 128 {
            items.push(Value::Int(at));
            at = at.checked_add(step)?;
        }
        self.fuel.spend(items.len() / 4);
        Some(Value::list(items))
    }

    fn zip(&mut self, arguments: &Arguments) -> Option<Value> {
        let lists: Option<Vec<Vec<Value>>> = arguments.places.iter().map(|list| self.iterate(list)).collect();
        let lists = lists?;
        let length = lists.iter().map(Vec::len).min()?;
        self.fuel.spend(length);
        Some(Value::list((0..length).map(|at| Value::tuple(lists.iter().filter_map(|list| list.get(at).cloned()).collect())).collect()))
    }

    fn map(&mut self, arguments: &Arguments, site: Site) -> Option<Value> {
        let function = arguments.places.first()?.clone();
        let items = self.iterate(arguments.places.get(1)?)?;
        Some(Value::list(items.into_iter().map(|item| self.call(&function, Arguments::of(vec![item]), site)).collect()))
    }

    fn get_attribute(&mut self, name: &str, arguments: &Arguments, site: Site) -> Option<Value> {
        let (holder, wanted) = (arguments.places.first()?, arguments.places.get(1)?.as_text()?.to_owned());
        let found = match holder {
            Value::Object(object) => {
                let of_class = object.class.as_ref().and_then(|class| self.class_member(class, &wanted));
                Some(object.scope.own(&wanted).or(of_class).is_some())
            }
            Value::Made(made) => match wanted.as_str() {
                "weight" | "bias" => Some(layers::has_weights(made.short())),
                _ => None,
            },
            Value::Network(_) => Some(false),
            _ => None,
        };
        match (name, found) {
            ("hasattr", found) => found.map(Value::Bool),
            (_, Some(false)) if arguments.places.len() > 2 => arguments.places.get(2).cloned(),
            _ => Some(self.attribute(&holder.clone(), &wanted, site)),
        }
    }

    /// Functions of numbers, and of lists of them.
    fn arithmetic(&mut self, name: &str, arguments: &Arguments) -> Option<Value> {
        let first = arguments.places.first()?;
        let number = first.as_float();
        Some(match name {
            "prod" => {
                let mut product = 1_i64;
                for item in first.items()? {
                    product = product.checked_mul(item.as_int()?)?;
                }
                Value::Int(product)
            }
            "sum" => {
                let items: Option<Vec<i64>> = first.items()?.iter().map(Value::as_int).collect();
                Value::Int(items?.into_iter().try_fold(0_i64, i64::checked_add)?)
            }
            "min" | "max" => {
                let items = if arguments.places.len() > 1 { arguments.places.clone() } else { first.items()? };
                let numbers: Option<Vec<f64>> = items.iter().map(Value::as_float).collect();
                let numbers = numbers?;
                let is_better = |a: f64, b: f64| if name == "min" { a < b } else { a > b };
                let best = (1..numbers.len()).fold(0, |best, at| if is_better(numbers[at], numbers[best]) { at } else { best });
                items.get(best)?.clone()
            }
            "abs" => match first {
                Value::Int(value) => Value::Int(value.saturating_abs()),
                _ => Value::Float(number?.abs()),
            },
            "array" | "asarray" | "as_list" => Value::list(first.items()?),
            "log2" => finite(number?.log2())?,
            "log" => finite(number?.ln())?,
            "log10" => finite(number?.log10())?,
            "sqrt" => finite(number?.sqrt())?,
            "exp" if number.is_some() => finite(number?.exp())?,
            "ceil" => Value::Int(bounded(number?.ceil())?),
            "floor" => Value::Int(bounded(number?.floor())?),
            "round" => Value::Int(bounded(number?.round_ties_even())?),
            "pow" | "power" => finite(number?.powf(arguments.places.get(1)?.as_float()?))?,
            "int32" | "int64" => Value::Int(bounded(number?.trunc())?),
            "float32" | "float64" => Value::Float(number?),
            _ => return None,
        })
    }
}

fn finite(value: f64) -> Option<Value> {
    value.is_finite().then_some(Value::Float(value))
}

fn bounded(value: f64) -> Option<i64> {
    (value.abs() < 9e15).then_some(value as i64)
}

/// A dictionary from a list of pairs.
fn ordered(pairs: Option<&Value>) -> Value {
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

/// Is the value of this kind? None where that cannot be told.
fn is_instance(value: &Value, kind: &Value) -> Option<bool> {
    if let Some(kinds) = kind.items() {
        let one = |kind: &Value| if kind.items().is_some() { None } else { is_instance(value, kind) };
        let found: Vec<Option<bool>> = kinds.iter().take(64).map(one).collect();
        return if found.contains(&Some(true)) { Some(true) } else { found.iter().all(Option::is_some).then_some(false) };
    }
    match (value, kind) {
        (Value::Made(made), Value::Library(name)) => Some(made.short() == last_part(name)),
        (Value::Network(_), Value::Library(name)) => Some(matches!(last_part(name), "Sequential" | "Module" | "Model")),
        (Value::Object(object), Value::Class(class)) => Some(object.class.as_ref().is_some_and(|own| extends(own, class, 0))),
        (Value::Object(object), Value::Library(name)) => {
            Some(last_part(name) == "Module" && object.class.as_ref().is_some_and(|class| is_module(class)))
        }
        (Value::Made(_) | Value::Network(_), Value::Class(_)) => Some(false),
        (_, Value::Library(name)) => Some(match (value, name.strip_prefix("builtins.")?) {
            (Value::Int(_) | Value::Bool(_), "int") | (Value::Float(_), "float") | (Value::Text(_), "str") => true,
            (Value::List(_), "list") | (Value::Tuple(_), "tuple") | (Value::Dict(_), "dict") | (Value::Bool(_), "bool") => true,
            (Value::Unknown(_), _) => return None,
            _ => false,
        }),
        _ => None,
    }
}

fn extends(class: &Rc<ClassValue>, wanted: &Rc<ClassValue>, depth: usize) -> bool {
    Rc::ptr_eq(class, wanted)
        || (depth < 32 && class.bases.iter().any(|base| matches!(base, Value::Class(base) if extends(base, wanted, depth + 1))))
}
