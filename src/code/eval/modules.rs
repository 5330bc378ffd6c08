//! What networks and modules of a library offer: parts, weights, `compile` and `fit`.

use std::rc::Rc;

use super::machine::{Compiled, Fitted, Machine, Site};
use super::value::{Arguments, NetworkKind, Value, last_part};

impl Machine<'_> {
    /// What networks and modules offer.
    pub(super) fn network_member(&mut self, holder: &Value, name: &str, arguments: Arguments, site: Site) -> Value {
        let first = arguments.places.first().cloned();
        match name {
            "add" | "append" => {
                self.add_part(holder, first.unwrap_or(Value::None));
                holder.clone()
            }
            "add_module" | "register_module" => {
                let part = arguments.get(1, &["module"]).cloned().unwrap_or(Value::None);
                if let (Value::Object(object), Some(Value::Text(name))) = (holder, &first) {
                    object.scope.set(name, part);
                } else {
                    self.add_part(holder, part);
                }
                Value::None
            }
            "extend" => {
                for part in first.and_then(|more| self.iterate(&more)).unwrap_or_default() {
                    self.add_part(holder, part);
                }
                holder.clone()
            }
            "pop" => Value::None,
            "parameters" | "named_parameters" | "get_weights" => Value::Weights(Rc::new(holder.clone())),
            "modules" | "children" => Value::list(self.parts(holder)),
            "named_modules" | "named_children" => {
                Value::list(self.parts(holder).into_iter().map(|part| Value::tuple(vec![Value::text(""), part])).collect())
            }
            "apply" => {
                if let Some(function) = first {
                    self.apply_to_parts(holder, &function, site);
                }
                holder.clone()
            }
            "compile" => {
                let id = identity(holder);
                self.compiled.push(Compiled { id, arguments, line: site.line });
                Value::None
            }
            "fit" | "fit_generator" => {
                self.fit(&arguments, site);
                Value::None
            }
            "build" => {
                let shape = arguments.get(0, &["input_shape"]).cloned();
                match holder {
                    Value::Network(network) => *network.names.built.borrow_mut() = shape,
                    Value::Object(object) => *object.names.built.borrow_mut() = shape,
                    _ => {}
                }
                Value::None
            }
            "save_hyperparameters" => {
                self.save_hyperparameters(holder);
                Value::None
            }
            "forward" | "call" | "__call__" | "model" | "functional_call" => self.call(holder, arguments, site),
            "to" | "cuda" | "cpu" | "float" | "double" | "half" | "train" | "eval" | "requires_grad_" | "share_memory" | "type" => {
                holder.clone()
            }
            "register_buffer" | "register_parameter" => {
                if let (Value::Object(object), Some(Value::Text(name))) = (holder, &first) {
                    let value = self.unknown(site, format!("{name} is a tensor of its own"));
                    object.scope.set(name, value);
                }
                Value::None
            }
            _ => self.unknown(site, format!("what {name} gives is not known here")),
        }
    }

    /// Remembers a call of `fit`.
    pub(super) fn fit(&mut self, arguments: &Arguments, site: Site) {
        if self.fitted.len() < 64 {
            self.fitted.push(Fitted { arguments: arguments.clone(), line: site.line });
        }
    }

    fn add_part(&mut self, holder: &Value, part: Value) {
        self.fuel.spend(1);
        match holder {
            Value::Network(network) => {
                if let NetworkKind::Sequential(items) = &network.kind
                    && items.borrow().len() < super::machine::MAX_ITEMS
                {
                    items.borrow_mut().push(part);
                }
            }
            // A class that extends a list of layers, and adds to itself.
            Value::Object(object) => {
                let parts = object.scope.own(super::call::PARTS).unwrap_or_else(|| {
                    let parts = self.network(NetworkKind::Sequential(std::cell::RefCell::default()), object.names.line);
                    object.scope.set(super::call::PARTS, parts.clone());
                    parts
                });
                if let Value::Network(_) = parts {
                    self.add_part(&parts, part);
                }
            }
            _ => {}
        }
    }

    /// Lightning keeps the arguments of `__init__` under `hparams`.
    fn save_hyperparameters(&mut self, holder: &Value) {
        let Value::Object(object) = holder else { return };
        let Some(method) = object.class.as_ref().and_then(|class| self.find_method(class, "__init__")) else { return };
        let bag = self.object(None, object.names.line);
        if let Some(Value::Object(given)) = object.scope.own(super::call::GIVEN) {
            for parameter in method.function.parameters.iter().skip(1) {
                if let Some(value) = given.scope.own(&parameter.name) {
                    bag.scope.set(&parameter.name, value);
                }
            }
        }
        object.scope.set("hparams", Value::Object(bag));
    }

    /// Runs a function on every part of a network, which is how its weights are given their start.
    fn apply_to_parts(&mut self, holder: &Value, function: &Value, site: Site) {
        for part in self.parts(holder) {
            if self.fuel.is_empty() {
                return;
            }
            if let (Value::Library(name), Value::Made(made)) = (function, &part)
                && last_part(name) == "spectral_norm"
            {
                made.spectral.set(true);
                continue;
            }
            drop(self.call(function, Arguments::of(vec![part]), site));
        }
    }

    /// All layers in a network, also within its modules.
    pub(super) fn parts(&mut self, holder: &Value) -> Vec<Value> {
        let mut found = Vec::new();
        let mut seen = Vec::new();
        let mut open = vec![holder.clone()];
        while let Some(value) = open.pop() {
            if !self.fuel.spend(1) || found.len() > 2048 {
                break;
            }
            match &value {
                Value::Made(_) => found.push(value),
                Value::Network(_) | Value::List(_) | Value::Tuple(_) => {
                    if let Value::Network(network) = &value {
                        if seen.contains(&network.id) {
                            continue;
                        }
                        seen.push(network.id);
                    }
                    let items = self.iterate(&value).unwrap_or_default();
                    let is_part = |item: &Value| matches!(item, Value::Made(_) | Value::Network(_) | Value::Object(_) | Value::List(_));
                    open.extend(items.into_iter().rev().filter(is_part));
                }
                Value::Dict(entries) => open.extend(entries.borrow().iter().rev().map(|(_, value)| value.clone())),
                Value::Object(object) if object.class.is_some() && !seen.contains(&object.id) => {
                    seen.push(object.id);
                    open.extend(object.scope.values().into_iter().rev().map(|(_, value)| value));
                }
                _ => {}
            }
        }
        found
    }
}

/// The number of a network or an object.
pub fn identity(value: &Value) -> Option<usize> {
    match value {
        Value::Network(network) => Some(network.id),
        Value::Object(object) => Some(object.id),
        _ => None,
    }
}
