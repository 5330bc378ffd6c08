//! Calls of what belongs to a value that is not of the script: `model.add(layer)`, `x.view(-1, 784)`, `layers.append(layer)`.

use std::rc::Rc;

use super::call::tensors;
use super::expression::plain_text;
use super::machine::{Machine, Site};
use super::value::{Arguments, ClassValue, Object, Step, Value, last_part};

impl Machine<'_> {
    /// `holder.name(arguments)`.
    pub(super) fn call_member(&mut self, holder: &Value, name: &str, arguments: Arguments, site: Site) -> Value {
        match holder {
            Value::Tensor(node) => self.tensor_member(*node, name, arguments, site),
            _ if super::tensors::stays_learned(holder, name) => holder.clone(),
            Value::Made(_) | Value::Unknown(_) | Value::Member(_)
                if matches!(name, "get" | "setdefault") && arguments.places.len() == 2 =>
            {
                self.outside(&arguments, site)
            }
            Value::List(_) => self.list_member(holder, name, arguments, site),
            Value::Dict(_) => self.dict_member(holder, name, &arguments, site),
            Value::Text(text) => self.text_member(&text.clone(), name, &arguments, site),
            Value::Super(above) => self.super_member(&above.0.clone(), &above.1.clone(), name, arguments, site),
            Value::Object(object) if object.class.is_none() => self.bag_member(object, name, &arguments, site),
            Value::Class(class) => match name {
                "__init__" => self.super_call(class, arguments, name, site),
                _ => self.unknown(site, format!("{name} is not known here")),
            },
            Value::Network(_) | Value::Object(_) => self.network_member(holder, name, arguments, site),
            Value::Made(made) => match name {
                "apply" | "modules" | "children" => self.network_member(holder, name, arguments, site),
                "forward" | "call" | "__call__" => self.call(&Value::Made(made.clone()), arguments, site),
                "get_config" | "parse_args" => self.unknown(site, format!("{name} is not known here")),
                _ if tensors(&arguments).is_empty() => self.set_start(holder, name, arguments, site),
                _ => self.call(&Value::Made(made.clone()), arguments, site),
            },
            // `layer.weight.data.normal_(0, 0.02)`.
            Value::Member(member) => self.initialise_member(&member.0, &member.1, name, &arguments, site),
            _ => self.unknown(site, format!("what {name} gives is not known here")),
        }
    }

    /// A setting that is read from elsewhere: what it is where nobody says otherwise.
    fn outside(&mut self, arguments: &Arguments, site: Site) -> Value {
        let [Value::Text(name), value] = arguments.places.as_slice() else { return Value::None };
        self.give_name(name, value, site.line);
        if let Some(text) = plain_text(value) {
            self.note(site.line, name.to_string(), format!("it is set outside the script; the script's own value, {text}, is taken"));
        }
        value.clone()
    }

    fn set_start(&mut self, holder: &Value, name: &str, _arguments: Arguments, site: Site) -> Value {
        const STAYS: [&str; 10] = ["to", "cuda", "cpu", "float", "double", "half", "train", "eval", "requires_grad_", "minimize"];
        if STAYS.contains(&name) { holder.clone() } else { self.unknown(site, format!("what {name} gives is not known here")) }
    }

    fn tensor_member(&mut self, node: usize, name: &str, arguments: Arguments, site: Site) -> Value {
        const STAYS: [&str; 17] = [
            "to",
            "cuda",
            "cpu",
            "float",
            "double",
            "half",
            "type",
            "type_as",
            "contiguous",
            "detach",
            "clone",
            "requires_grad_",
            "data",
            "numpy",
            "set_shape",
            "to_dense",
            "view_as",
        ];
        match name {
            _ if STAYS.contains(&name) => Value::Tensor(node),
            "size" => match arguments.places.first().map(Value::as_int) {
                None => Value::ShapeOf(node),
                Some(Some(axis)) => self.size_of(node, axis),
                Some(None) => self.unknown(site, "this size is not known here"),
            },
            "get_shape" => Value::ShapeOf(node),
            "dim" | "ndimension" | "item" | "numel" | "backward" | "is_contiguous" => {
                self.unknown(site, format!("what {name} gives is not known here"))
            }
            _ => {
                if let Some(other) = arguments.places.first()
                    && let Some(value) = self.arithmetic_call(name, &Value::Tensor(node), &other.clone(), site)
                {
                    return value;
                }
                let others = tensors(&arguments);
                let made = self.make(&format!("tensor.{name}"), arguments, site);
                if others.is_empty() {
                    return self.node(Some(node), Step::Call(made));
                }
                let all: Vec<usize> = [node].into_iter().chain(others).collect();
                self.merge(made, &all)
            }
        }
    }

    fn list_member(&mut self, holder: &Value, name: &str, arguments: Arguments, site: Site) -> Value {
        let Value::List(items) = holder else { return Value::None };
        let first = arguments.places.first().cloned();
        let is_full = items.borrow().len() >= super::machine::MAX_ITEMS;
        match (name, first) {
            ("append" | "add", Some(value)) if !is_full => items.borrow_mut().push(value),
            ("extend", Some(more)) => {
                if let Some(more) = self.iterate(&more)
                    && self.fuel.spend(more.len())
                    && items.borrow().len() + more.len() <= super::machine::MAX_ITEMS
                {
                    items.borrow_mut().extend(more);
                }
                return holder.clone();
            }
            ("insert", Some(at)) if !is_full => {
                let mut items = items.borrow_mut();
                let at = at.as_int().and_then(|at| usize::try_from(at).ok()).unwrap_or(0).min(items.len());
                items.insert(at, arguments.places.into_iter().nth(1).unwrap_or(Value::None));
            }
            ("pop", at) => {
                let mut items = items.borrow_mut();
                let at = at.and_then(|at| at.as_int());
                let taken = match at {
                    Some(0) if !items.is_empty() => Some(items.remove(0)),
                    None | Some(-1) => items.pop(),
                    _ => None,
                };
                drop(items);
                return taken.unwrap_or_else(|| self.unknown(site, "what is taken here is not known"));
            }
            ("reverse", _) => items.borrow_mut().reverse(),
            ("copy", _) => return Value::list(items.borrow().clone()),
            // A ModuleList.
            ("apply", _) => return self.network_member(holder, name, arguments, site),
            ("__len__", _) => return Value::Int(items.borrow().len() as i64),
            _ => {}
        }
        Value::None
    }

    fn dict_member(&mut self, holder: &Value, name: &str, arguments: &Arguments, site: Site) -> Value {
        let Value::Dict(entries) = holder else { return Value::None };
        let entries: Vec<(Value, Value)> = entries.borrow().clone();
        self.fuel.spend(entries.len() / 4);
        match name {
            "items" => Value::list(entries.into_iter().map(|(key, value)| Value::tuple(vec![key, value])).collect()),
            "keys" => Value::list(entries.into_iter().map(|(key, _)| key).collect()),
            "values" => Value::list(entries.into_iter().map(|(_, value)| value).collect()),
            "get" => {
                let key = arguments.places.first().cloned().unwrap_or(Value::None);
                let found = entries.iter().find(|(known, _)| super::operate::equal(known, &key, &mut 16) == Some(true));
                found.map(|(_, value)| value.clone()).or_else(|| arguments.places.get(1).cloned()).unwrap_or(Value::None)
            }
            "update" => {
                if let Some(Value::Dict(more)) = arguments.places.first() {
                    let more: Vec<(Value, Value)> = more.borrow().clone();
                    for (key, value) in more {
                        self.set_item(holder, &key, value);
                    }
                }
                for (key, value) in &arguments.named {
                    self.set_item(holder, &Value::text(key), value.clone());
                }
                Value::None
            }
            "copy" => Value::Dict(Rc::new(std::cell::RefCell::new(entries))),
            _ => self.unknown(site, format!("what {name} gives is not known here")),
        }
    }

    fn text_member(&mut self, text: &str, name: &str, arguments: &Arguments, site: Site) -> Value {
        let other = arguments.places.first().and_then(Value::as_text);
        match (name, other) {
            ("lower", _) => Value::text(&text.to_lowercase()),
            ("upper", _) => Value::text(&text.to_uppercase()),
            ("strip", None) => Value::text(text.trim()),
            ("startswith", Some(other)) => Value::Bool(text.starts_with(other)),
            ("endswith", Some(other)) => Value::Bool(text.ends_with(other)),
            ("find", Some(other)) => Value::Int(text.find(other).map_or(-1, |at| at as i64)),
            ("split", Some(other)) if !other.is_empty() => Value::list(text.split(other).map(Value::text).collect()),
            ("split", None) => Value::list(text.split_whitespace().map(Value::text).collect()),
            ("format", _) => {
                let mut result = text.to_owned();
                for (at, value) in arguments.places.iter().enumerate().take(16) {
                    let Some(value) = plain_text(value) else { return self.unknown(site, "this string is not known here") };
                    result = result.replacen("{}", &value, 1).replace(&format!("{{{at}}}"), &value);
                    if result.len() > 4096 {
                        return self.unknown(site, "this string is too long");
                    }
                }
                Value::text(&result)
            }
            _ => self.unknown(site, format!("what {name} gives is not known here")),
        }
    }

    /// A method of the class above: `super().__init__()`.
    fn super_member(&mut self, object: &Rc<Object>, owner: &Rc<ClassValue>, name: &str, arguments: Arguments, site: Site) -> Value {
        let me = Value::Object(object.clone());
        for base in &owner.bases {
            if let Value::Class(base) = base
                && let Some(method) = self.find_method(base, name)
            {
                return self.call_closure(&method, Some(me), arguments, site);
            }
        }
        match name {
            // A class that extends a list of layers.
            "__init__" => {
                let extends_list = owner.bases.iter().any(|base| matches!(base, Value::Library(base) if last_part(base) == "Sequential"));
                if extends_list {
                    self.module_without_init(&me, arguments, site);
                }
                Value::None
            }
            // What the library's class does with its parts.
            "forward" | "call" | "__call__" => match object.scope.own(super::call::PARTS) {
                Some(parts) => self.call(&parts, arguments, site),
                None => self.unknown(site, "what this gives is not known here"),
            },
            "compile" | "fit" => Value::None,
            _ => self.network_member(&me, name, arguments, site),
        }
    }

    /// `Base.__init__(self, ...)`.
    fn super_call(&mut self, class: &Rc<ClassValue>, arguments: Arguments, name: &str, site: Site) -> Value {
        match self.find_method(class, name) {
            Some(method) => self.call_closure(&method, None, arguments, site),
            None => Value::None,
        }
    }

    /// A parser of arguments, which is a bag of names with what they are where nobody says otherwise.
    fn bag_member(&mut self, bag: &Rc<Object>, name: &str, arguments: &Arguments, site: Site) -> Value {
        let me = Value::Object(bag.clone());
        match name {
            "add_argument" => self.add_argument(bag, arguments, site),
            "set_defaults" | "update" => {
                for (name, value) in &arguments.named {
                    bag.scope.set(name, value.clone());
                }
                me
            }
            "parse_known_args" => Value::tuple(vec![me, Value::list(Vec::new())]),
            "get" => match arguments.places.first().and_then(Value::as_text).and_then(|name| bag.scope.own(name)) {
                Some(value) => value,
                None => arguments.places.get(1).cloned().unwrap_or(Value::None),
            },
            _ => me,
        }
    }

    fn add_argument(&mut self, bag: &Rc<Object>, arguments: &Arguments, site: Site) -> Value {
        let flags: Vec<&str> = arguments.places.iter().filter_map(Value::as_text).collect();
        let flag = flags.iter().find(|flag| flag.starts_with("--")).or_else(|| flags.first()).copied().unwrap_or_default();
        let plain = flag.trim_start_matches('-').replace('-', "_");
        let name = arguments.named(&["dest"]).and_then(Value::as_text).unwrap_or(&plain).to_owned();
        let value = match (arguments.named(&["default"]), arguments.named(&["action"]).and_then(Value::as_text)) {
            (Some(value), _) => self.converted(value.clone(), arguments.named(&["type"])),
            (None, Some("store_true")) => Value::Bool(false),
            (None, Some("store_false")) => Value::Bool(true),
            _ if arguments.named(&["required"]).is_some() || !flag.starts_with('-') => {
                self.unknown(site, format!("{name} is given on the command line"))
            }
            _ => Value::None,
        };
        self.give_name(&name, &value, site.line);
        bag.scope.set(&name, value);
        Value::None
    }

    fn converted(&mut self, value: Value, kind: Option<&Value>) -> Value {
        let kind = match kind {
            Some(Value::Library(name)) => last_part(name),
            _ => "",
        };
        match (&value, kind) {
            (Value::Text(text), "int") => text.parse().map_or(value.clone(), Value::Int),
            (Value::Text(text), "float") => text.parse().map_or(value.clone(), Value::Float),
            (Value::Int(number), "float") => Value::Float(*number as f64),
            _ => value,
        }
    }

    /// How many values there are along an axis, where that is known.
    pub(super) fn size_of(&mut self, node: usize, axis: i64) -> Value {
        match crate::code::networks::size_at(self, node, axis) {
            Some(size) => Value::Int(size),
            None => Value::SizeOf(axis),
        }
    }
}
