//! What Python itself offers: `len`, `range`, `isinstance`.

use std::cell::RefCell;
use std::rc::Rc;

use super::arithmetic::arithmetic;
use super::call::is_module;
use super::library::ordered;
use super::machine::{Machine, Site};
use super::value::{Arguments, ClassValue, Value, last_part};
use crate::code::layers;

impl Machine<'_> {
    /// Calls something that Python itself offers.
    pub(super) fn builtin(&mut self, name: &str, arguments: &Arguments, site: Site) -> Value {
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
                Value::Text(text) => text.trim().parse().ok().filter(|value: &f64| !value.is_nan()).map(Value::Float),
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
                for (name, value) in &arguments.named {
                    self.give_name(name, value, site.line);
                }
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
            "sum" | "min" | "max" | "abs" | "round" | "pow" => arithmetic(name, arguments),
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
