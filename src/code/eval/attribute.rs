//! What stands behind a dot and in square brackets.

use std::cell::RefCell;
use std::rc::Rc;

use super::machine::{Machine, Site};
use super::operate::equal;
use super::value::{Arguments, ClassValue, Closure, NetworkKind, Object, Unknown, Value, last_part};

/// A class may extend so many others, one above the other.
const MAX_BASES: usize = 32;

impl Machine<'_> {
    /// `holder.name`.
    pub fn attribute(&mut self, holder: &Value, name: &str, site: Site) -> Value {
        match holder {
            Value::Library(full) => match name {
                "__name__" => Value::text(last_part(full)),
                _ => Value::Library(format!("{full}.{name}").as_str().into()),
            },
            Value::Object(object) => self.object_attribute(object, name, site),
            Value::Class(class) => self.class_attribute(class, name, holder),
            Value::Super(above) => self.member(&Value::Super(above.clone()), name),
            Value::Tensor(node) if name == "shape" || name == "_keras_shape" => Value::ShapeOf(*node),
            Value::Tensor(_) if matches!(name, "data" | "T") => holder.clone(),
            Value::Tensor(_) if matches!(name, "device" | "dtype" | "is_cuda" | "requires_grad" | "grad" | "ndim") => {
                self.unknown(site, format!("{name} is not known here"))
            }
            Value::Network(network) => match (&network.kind, name) {
                (NetworkKind::Path { output, .. }, "output" | "outputs") => Value::Tensor(*output),
                (NetworkKind::Path { inputs, .. }, "input" | "inputs") => inputs.first().map_or(Value::None, |&node| Value::Tensor(node)),
                (NetworkKind::Sequential(items), "layers") => Value::list(items.borrow().clone()),
                (_, "trainable_weights" | "trainable_variables" | "weights" | "variables") => Value::Weights(Rc::new(holder.clone())),
                (_, "__class__") => Value::Library("torch.nn.Sequential".into()),
                (NetworkKind::Path { output, .. }, "output_shape") => Value::ShapeOf(*output),
                _ => self.member(holder, name),
            },
            Value::Made(made) => match name {
                "__class__" => Value::Library(made.name.clone()),
                "in_features" | "in_channels" => made.arguments.get(0, &[name]).cloned().unwrap_or(Value::None),
                "out_features" | "out_channels" => made.arguments.get(1, &[name]).cloned().unwrap_or(Value::None),
                _ => self.member(holder, name),
            },
            // Keys are often read as attributes where settings are kept in a dictionary.
            Value::Dict(entries) => {
                let found = entries.borrow().iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value.clone());
                found.unwrap_or_else(|| self.member(holder, name))
            }
            // `config.get(name, value)` says what is taken where nothing is known.
            Value::Unknown(_) if name == "get" => self.member(holder, name),
            Value::Unknown(unknown) => match &unknown.undefined {
                Some(undefined) => {
                    Value::Unknown(Rc::new(Unknown { undefined: Some(format!("{undefined}.{name}")), ..(**unknown).clone() }))
                }
                None => holder.clone(),
            },
            Value::Member(member) if matches!(name, "data" | "__func__" | "__wrapped__") => Value::Member(member.clone()),
            _ => self.member(holder, name),
        }
    }

    pub(super) fn member(&mut self, holder: &Value, name: &str) -> Value {
        self.fuel.spend(1);
        Value::Member(Rc::new((holder.clone(), name.to_owned())))
    }

    fn object_attribute(&mut self, object: &Rc<Object>, name: &str, site: Site) -> Value {
        if let Some(value) = object.scope.own(name) {
            return value;
        }
        let me = Value::Object(object.clone());
        let Some(class) = &object.class else {
            const OF_PARSERS: [&str; 8] = [
                "add_argument",
                "parse_args",
                "parse_known_args",
                "add_argument_group",
                "add_mutually_exclusive_group",
                "set_defaults",
                "update",
                "get",
            ];
            return if OF_PARSERS.contains(&name) { self.member(&me, name) } else { self.unknown(site, format!("{name} is never set")) };
        };
        match self.class_member(class, name) {
            Some(Value::Function(closure)) => self.bind(&me, class, closure, site),
            Some(value) => value,
            None => match name {
                "__class__" => Value::Class(class.clone()),
                "training" => Value::Bool(true),
                "_modules" => {
                    let is_part = |value: &Value| matches!(value, Value::Made(_) | Value::Network(_) | Value::Object(_));
                    let parts = object.scope.values().into_iter().filter(|(name, value)| is_part(value) && !name.starts_with("__"));
                    Value::Dict(Rc::new(RefCell::new(parts.map(|(name, part)| (Value::text(&name), part)).collect())))
                }
                "trainable_weights" | "trainable_variables" | "weights" | "variables" => Value::Weights(Rc::new(me)),
                _ => self.member(&me, name),
            },
        }
    }

    fn bind(&mut self, me: &Value, class: &Rc<ClassValue>, closure: Rc<Closure>, site: Site) -> Value {
        let is = |decorator: &str| closure.function.decorators.iter().any(|name| last_part(name) == decorator);
        if is("staticmethod") {
            return Value::Function(closure);
        }
        if is("property") || is("cached_property") {
            return self.call_closure(&closure, Some(me.clone()), Arguments::default(), site);
        }
        let me = if is("classmethod") { Value::Class(class.clone()) } else { me.clone() };
        Value::Method(Rc::new((me, closure)))
    }

    fn class_attribute(&mut self, class: &Rc<ClassValue>, name: &str, holder: &Value) -> Value {
        match self.class_member(class, name) {
            Some(Value::Function(closure)) if closure.function.decorators.iter().any(|name| last_part(name) == "classmethod") => {
                Value::Method(Rc::new((holder.clone(), closure)))
            }
            Some(value) => value,
            None if name == "__name__" => Value::text(&class.class.name),
            None => self.member(holder, name),
        }
    }

    /// What a class or one that it extends holds under a name.
    pub fn class_member(&self, class: &Rc<ClassValue>, name: &str) -> Option<Value> {
        self.class_member_within(class, name, 0)
    }

    fn class_member_within(&self, class: &Rc<ClassValue>, name: &str, depth: usize) -> Option<Value> {
        if depth > MAX_BASES {
            return None;
        }
        class.scope.own(name).or_else(|| {
            class.bases.iter().find_map(|base| match base {
                Value::Class(base) => self.class_member_within(base, name, depth + 1),
                _ => None,
            })
        })
    }

    /// A method of a class or of one that it extends.
    pub fn find_method(&self, class: &Rc<ClassValue>, name: &str) -> Option<Rc<Closure>> {
        match self.class_member(class, name) {
            Some(Value::Function(closure)) => Some(closure),
            _ => None,
        }
    }

    pub(super) fn set_attribute(&mut self, holder: &Value, name: &str, value: Value) {
        match holder {
            Value::Object(object) => object.scope.set(name, value),
            Value::Class(class) => class.scope.set(name, value),
            Value::Dict(_) => self.set_item(holder, &Value::text(name), value),
            _ => {}
        }
    }

    pub(super) fn set_item(&mut self, holder: &Value, index: &Value, value: Value) {
        match holder {
            Value::List(items) => {
                let mut items = items.borrow_mut();
                if let Some(place) = index.as_int().and_then(|index| place(index, items.len()))
                    && let Some(item) = items.get_mut(place)
                {
                    *item = value;
                }
            }
            Value::Dict(entries) => {
                let mut entries = entries.borrow_mut();
                self.fuel.spend(entries.len() / 8);
                let is_full = entries.len() >= super::machine::MAX_ITEMS;
                match entries.iter_mut().find(|(key, _)| equal(key, index, &mut 16) == Some(true)) {
                    Some(entry) => entry.1 = value,
                    None if is_full => {}
                    None => entries.push((index.clone(), value)),
                }
            }
            _ => {}
        }
    }

    /// `holder[index]`.
    pub(super) fn item(&mut self, holder: &Value, index: &Value, site: Site) -> Value {
        match (holder, index) {
            (Value::Dict(entries), _) => {
                self.fuel.spend(entries.borrow().len() / 8);
                let entries = entries.borrow();
                let found = entries.iter().find(|(key, _)| equal(key, index, &mut 16) == Some(true)).map(|(_, value)| value.clone());
                found.unwrap_or_else(|| self.unknown(site, "there is no such entry"))
            }
            (Value::Object(object), Value::Text(name)) => {
                object.scope.own(name).unwrap_or_else(|| self.unknown(site, format!("{name} is never set")))
            }
            (Value::ShapeOf(node), Value::Slice(parts)) => {
                // The batch and what follows it: `x.shape[1:]`.
                let from = parts[0].as_int().unwrap_or(0);
                let sizes = (from.max(0)..4).map(|axis| self.size_of(*node, axis)).collect::<Vec<_>>();
                Value::tuple(sizes)
            }
            (Value::ShapeOf(node), _) => match index.as_int() {
                Some(axis) => self.size_of(*node, axis),
                None => self.unknown(site, "this size is not known here"),
            },
            (Value::Tensor(node), _) => self.tensor_item(*node, index, site),
            (Value::Network(network), _) => match &network.kind {
                NetworkKind::Sequential(items) => {
                    let inside = Value::list(items.borrow().clone());
                    let part = self.item(&inside, index, site);
                    match part.items() {
                        Some(items) if matches!(index, Value::Slice(_)) => {
                            self.network(NetworkKind::Sequential(RefCell::new(items)), site.line)
                        }
                        _ => part,
                    }
                }
                NetworkKind::Path { .. } => self.unknown(site, "parts of this network cannot be taken"),
            },
            (_, Value::Slice(parts)) => self.slice(holder, parts, site),
            (Value::Unknown(_), _) => holder.clone(),
            _ => {
                let found = holder.items().zip(index.as_int()).and_then(|(items, index)| items.get(place(index, items.len())?).cloned());
                found.unwrap_or_else(|| self.unknown(site, "what stands at this index is not known here"))
            }
        }
    }

    fn slice(&mut self, holder: &Value, [start, stop, step]: &[Value; 3], site: Site) -> Value {
        let Some(mut items) = self.iterate(holder) else {
            return if let Value::Unknown(_) = holder { holder.clone() } else { self.unknown(site, "a part of it is not known here") };
        };
        let length = items.len() as i64;
        let bound = |value: &Value, default: i64| match value.as_int() {
            Some(at) if at < 0 => (at + length).max(0),
            Some(at) => at.min(length),
            None => default,
        };
        if step.as_int() == Some(-1) {
            items.reverse();
        } else {
            let (from, to) = (bound(start, 0) as usize, bound(stop, length) as usize);
            let every = usize::try_from(step.as_int().unwrap_or(1)).unwrap_or(1).max(1);
            items = items.get(from..to.max(from)).unwrap_or_default().iter().step_by(every).cloned().collect();
        }
        match holder {
            Value::Tuple(_) => Value::tuple(items),
            Value::Text(_) => Value::text(&items.iter().filter_map(Value::as_text).collect::<String>()),
            _ => Value::list(items),
        }
    }
}

/// Where an index points that may count from the end.
fn place(index: i64, length: usize) -> Option<usize> {
    let index = if index < 0 { index.checked_add(length as i64)? } else { index };
    usize::try_from(index).ok().filter(|&place| place < length)
}
