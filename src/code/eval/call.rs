//! Calls: functions, classes, and layers on what comes in.

use std::cell::RefCell;
use std::rc::Rc;

use super::machine::{Applied, Computed, Frame, Machine, Site};
use super::statement::Flow;
use super::value::{Arguments, ClassValue, Closure, Made, Names, Network, NetworkKind, Object, Scope, Step, Value, last_part};
use crate::code::layers;
use crate::code::python::{Function, ParameterKind};

/// What a network that a class extends is kept under.
pub const PARTS: &str = "__parts__";
/// What the arguments of its making are kept under.
pub const GIVEN: &str = "__given__";

impl Machine<'_> {
    /// Calls a value.
    pub fn call(&mut self, callee: &Value, arguments: Arguments, site: Site) -> Value {
        if !self.fuel.enter() {
            return self.unknown(site, "the script is too long to be followed to its end");
        }
        let value = self.call_inside(callee, arguments, site);
        self.fuel.leave();
        value
    }

    fn call_inside(&mut self, callee: &Value, arguments: Arguments, site: Site) -> Value {
        match callee {
            Value::Library(name) => self.call_library(&name.clone(), arguments, site),
            Value::Function(closure) => self.call_closure(closure, None, arguments, site),
            Value::Method(method) => self.call_closure(&method.1, Some(method.0.clone()), arguments, site),
            Value::Class(class) => self.instantiate(class, arguments, site),
            Value::Object(object) => self.call_object(object, arguments, site),
            Value::Member(member) => self.call_member(&member.0, &member.1, arguments, site),
            Value::Made(made) => self.call_made(made, arguments, site),
            Value::Network(network) => self.call_network(network, &arguments, site),
            Value::Unknown(unknown) => {
                if let Some(name) = &unknown.undefined {
                    self.undefined_call(name, &arguments, site);
                }
                self.lost(callee, &arguments, site)
            }
            _ => self.lost(callee, &arguments, site),
        }
    }

    /// A call that cannot be followed: a gap, where a picture went in.
    fn lost(&mut self, callee: &Value, arguments: &Arguments, site: Site) -> Value {
        let reason = match callee {
            Value::Unknown(unknown) => unknown.reason.clone(),
            _ => "what is called here is not known".to_owned(),
        };
        match tensors(arguments).first() {
            Some(&node) => match callee {
                Value::Unknown(unknown) if unknown.undefined.is_none() && !unknown.source.is_empty() => {
                    let step = Step::Gap { source: unknown.source.clone(), line: unknown.line, reason };
                    self.node(Some(node), step)
                }
                _ => self.gap(node, site, reason),
            },
            None => self.unknown(site, reason),
        }
    }

    /// `gan.fit(...)` where nothing is named gan.
    fn undefined_call(&mut self, name: &str, arguments: &Arguments, site: Site) {
        let Some((holder, method)) = name.rsplit_once('.') else { return };
        if matches!(method, "fit" | "fit_generator" | "train" | "compile") {
            self.note(
                site.line,
                format!("{name}(…)"),
                format!("nothing named {holder} is defined; Ganvas trains both networks in turn instead"),
            );
            if method != "compile" {
                self.fit(arguments, site);
            }
        }
    }

    /// Calls a function of the script.
    pub fn call_closure(&mut self, closure: &Rc<Closure>, me: Option<Value>, arguments: Arguments, site: Site) -> Value {
        closure.called.set(true);
        if !self.fuel.begin_call() {
            return self.unknown(site, format!("{} calls itself too often", closure.function.name));
        }
        let scope = Rc::new(Scope { parent: Some(closure.scope.clone()), ..Scope::default() });
        let owner = closure.owner.borrow().clone();
        let frame = Frame { scope, owner, me: me.clone().or_else(|| arguments.places.first().cloned()), yielded: Rc::default() };
        let input = arguments.values().find_map(|value| if let Value::Tensor(node) = value { Some(*node) } else { None });
        self.bind_parameters(closure, me.clone(), arguments, &frame, site);
        self.makers.push(closure.function.name.clone());
        let flow = self.run(&closure.function.body, &frame);
        self.makers.pop();
        self.fuel.end_call();
        let yielded = frame.yielded.take();
        if let (Flow::Return(value), Some(input), None) = (&flow, input, &me) {
            self.remember_function(closure, input, first_tensor(value));
        }
        match flow {
            // What a function yields is read as a list.
            Flow::Return(Value::None) | Flow::Next if !yielded.is_empty() => Value::list(yielded),
            Flow::Return(value) => value,
            Flow::Raise => self.unknown(site, format!("{} ends with an error here", closure.function.name)),
            _ => Value::None,
        }
    }

    /// A function that is called like a network and makes one path of another is a network, too.
    fn remember_function(&mut self, closure: &Rc<Closure>, input: usize, output: Option<usize>) {
        let is_root = matches!(self.nodes.get(input).map(|node| &node.step), Some(Step::Input { .. }));
        if let (Some(output), true, true) = (output, is_root, self.functions.len() < 64) {
            let Function { name, line, .. } = &*closure.function;
            self.functions.push(Computed { name: name.clone(), line: *line, output });
        }
    }

    /// The layers of an object one after the other, behind a place.
    pub fn listed(&mut self, object: &Rc<Object>, behind: Value) -> Value {
        let mut at = behind;
        for part in self.parts(&Value::Object(object.clone())) {
            if let (Value::Made(made), Value::Tensor(node)) = (part, &at)
                && layers::is_layer(&made.name)
            {
                at = self.node(Some(*node), Step::Call(made));
            }
        }
        at
    }

    fn bind_parameters(&mut self, closure: &Rc<Closure>, me: Option<Value>, arguments: Arguments, frame: &Frame, site: Site) {
        let has_me = me.is_some();
        let mut places = me.into_iter().chain(arguments.places);
        let mut named = arguments.named;
        for (at, parameter) in closure.function.parameters.iter().enumerate() {
            let name = &parameter.name;
            let value = match parameter.kind {
                ParameterKind::Rest => Value::tuple(places.by_ref().collect()),
                ParameterKind::NamedRest => {
                    let rest = named.drain(..).map(|(name, value)| (Value::text(&name), value)).collect();
                    Value::Dict(Rc::new(RefCell::new(rest)))
                }
                kind => {
                    let by_name = named.iter().position(|(given, _)| given == name).map(|at| named.remove(at).1);
                    let by_place = if kind == ParameterKind::Plain && by_name.is_none() { places.next() } else { None };
                    let given = by_name.or(by_place).or_else(|| closure.defaults.get(at).cloned().flatten());
                    given.unwrap_or_else(|| self.missing(name, site))
                }
            };
            if at > 0 || !has_me {
                self.give_parameter_name(name, &value, site.line);
            }
            frame.scope.set(name, value);
        }
        // Lightning asks for them later under another name.
        if let (Some(Value::Object(object)), "__init__") = (&frame.me, closure.function.name.as_str()) {
            object
                .scope
                .set(GIVEN, Value::Object(Rc::new(Object { id: 0, class: None, scope: frame.scope.clone(), names: Names::default() })));
        }
    }

    /// Numbers are remembered under the names of parameters; what networks are called is said by who makes them.
    fn give_parameter_name(&mut self, name: &str, value: &Value, line: usize) {
        if matches!(value, Value::Int(_) | Value::Float(_)) {
            self.give_name(name, value, line);
        }
    }

    /// A parameter that no argument was given for: what the module knows under the same name will be meant.
    fn missing(&mut self, name: &str, site: Site) -> Value {
        match self.globals.own(name) {
            Some(value) => value,
            None => self.unknown(site, format!("{name} is given no value")),
        }
    }

    /// Calls an object, which runs what a module does with what comes in.
    fn call_object(&mut self, object: &Rc<Object>, arguments: Arguments, site: Site) -> Value {
        let Some(class) = &object.class else { return self.unknown(site, "this is not called") };
        let me = Value::Object(object.clone());
        let inputs = tensors(&arguments);
        if let [input] = inputs.as_slice()
            && let Some(value) = self.call_known(object, *input, site)
        {
            return value;
        }
        if let Some(build) = self.find_method(class, "build")
            && object.scope.own("__built__").is_none()
        {
            object.scope.set("__built__", Value::Bool(true));
            let shape = inputs.first().map_or(Value::None, |&node| Value::ShapeOf(node));
            self.call_closure(&build, Some(me.clone()), Arguments::of(vec![shape]), site);
        }
        let method = ["forward", "call", "__call__"].iter().find_map(|name| self.find_method(class, name));
        let value = match (method, object.scope.own(PARTS)) {
            (Some(method), _) => self.call_closure(&method, Some(me), arguments, site),
            (None, Some(parts)) => self.call(&parts, arguments, site),
            (None, None) => return self.lost(&me, &arguments, site),
        };
        let output = first_tensor(&value);
        match (inputs.first(), output) {
            (Some(&input), Some(output)) => {
                if let Some(fused) = self.fused(object, input, output, site) {
                    return fused;
                }
                self.applied.push(Applied { id: object.id, output });
                value
            }
            (Some(&input), None) => {
                let name = class.class.name.clone();
                let behind = self.gap(
                    input,
                    site,
                    format!("what {name} makes of its input cannot be followed; its layers stand in the order they are made"),
                );
                self.listed(object, behind)
            }
            _ => value,
        }
    }

    /// Applies a layer, or calls what a library gave.
    fn call_made(&mut self, made: &Rc<Made>, arguments: Arguments, site: Site) -> Value {
        match made.short() {
            "partial" => {
                let mut all = made.arguments.clone();
                let callee = if all.places.is_empty() { Value::None } else { all.places.remove(0) };
                all.places.extend(arguments.places);
                all.named.retain(|(name, _)| !arguments.named.iter().any(|(given, _)| given == name));
                all.named.extend(arguments.named);
                return self.call(&callee, all, site);
            }
            // A function as a layer.
            "Lambda" => {
                if let Some(function @ (Value::Function(_) | Value::Library(_) | Value::Method(_))) = made.arguments.get(0, &["function"]) {
                    return self.call(&function.clone(), arguments, site);
                }
            }
            "Activation" => {
                if let Some(function @ (Value::Function(_) | Value::Made(_))) = made.arguments.get(0, &["activation"]) {
                    return self.call(&function.clone(), arguments, site);
                }
            }
            "SpectralNormalization" | "SpectralNorm" => {
                if let Some(Value::Made(inner)) = made.arguments.get(0, &["layer"]) {
                    inner.spectral.set(true);
                    return self.call_made(&inner.clone(), arguments, site);
                }
            }
            _ => {}
        }
        let found = tensors(&arguments);
        let value = match found.as_slice() {
            [] => return self.unknown(site, format!("what {} gives is not known here", made.short())),
            [node] => self.node(Some(*node), Step::Call(made.clone())),
            several => self.merge(made.clone(), several),
        };
        match made.arguments.named(&["activation"]) {
            // What the table of layers cannot name: a function of the script.
            Some(function @ (Value::Function(_) | Value::Method(_))) => {
                let arguments = Arguments::of(vec![value.clone()]);
                let bent = self.call(&function.clone(), arguments, site);
                if first_tensor(&bent).is_some() { bent } else { value }
            }
            _ => value,
        }
    }

    /// Applies a network.
    pub fn call_network(&mut self, network: &Rc<Network>, arguments: &Arguments, site: Site) -> Value {
        let Some(&input) = tensors(arguments).first() else {
            return self.unknown(site, "what this network gives is not known here");
        };
        let value = match &network.kind {
            NetworkKind::Sequential(items) => {
                let items = items.borrow().clone();
                let mut value = Value::Tensor(input);
                for item in items {
                    value = self.call_part(&item, value, network.names.line, site);
                }
                value
            }
            NetworkKind::Path { output, .. } => self.replay(*output, input),
        };
        if let Some(output) = first_tensor(&value) {
            self.applied.push(Applied { id: network.id, output });
        }
        value
    }

    /// Applies one part of a list of layers; what cannot be applied becomes a gap in its place.
    fn call_part(&mut self, item: &Value, before: Value, line: usize, site: Site) -> Value {
        let Value::Tensor(node) = before else { return before };
        match item {
            // Inputs only say a shape.
            Value::Tensor(_) | Value::None => return before,
            Value::Made(made) if layers::is_input(made.short()) => return before,
            // A class of a library that was never called.
            Value::Library(name) if layers::is_layer(name) => {
                let site = Site { line, ..site };
                let reason = format!("{} is named here, but not made: brackets are missing", last_part(name));
                return self.node(Some(node), Step::Gap { source: name.to_string(), line: site.line, reason });
            }
            Value::Unknown(unknown) => {
                let step = Step::Gap { source: unknown.source.clone(), line: unknown.line, reason: unknown.reason.clone() };
                return self.node(Some(node), step);
            }
            _ => {}
        }
        let site = match item {
            Value::Object(object) => Site { line: object.names.line, ..site },
            _ => site,
        };
        let value = self.call(item, Arguments::of(vec![before]), site);
        match first_tensor(&value) {
            Some(node) => Value::Tensor(node),
            None => self.gap(node, site, "what this makes of its input cannot be followed"),
        }
    }

    /// Does the same to `input` as was done on the way to `output`.
    fn replay(&mut self, output: usize, input: usize) -> Value {
        let path = self.path(output);
        self.fuel.spend(path.len());
        let mut at = input;
        let begins = self.nodes.len();
        for node in path.into_iter().skip(1) {
            let Some(step) = self.nodes.get(node).map(|node| node.step.clone()) else { continue };
            // Networks within the network stay known.
            self.fuel.spend(self.applied.len() / 16);
            let known: Vec<usize> = self.applied.iter().filter(|known| known.output == node).map(|known| known.id).collect();
            let next = self.nodes.len();
            self.applied.extend(known.into_iter().map(|id| Applied { id, output: next }));
            match self.node(Some(at), step) {
                Value::Tensor(next) if next >= begins => at = next,
                _ => break,
            }
        }
        Value::Tensor(at)
    }

    /// A module whose class has no `__init__`: one that extends a list of layers gets its parts from the call.
    pub(super) fn module_without_init(&mut self, me: &Value, arguments: Arguments, site: Site) {
        if let Value::Object(object) = me
            && !arguments.places.is_empty()
        {
            let parts = self.call_library("torch.nn.Sequential", arguments, site);
            object.scope.set(PARTS, parts);
        }
    }
}

/// Does the class extend a network or a layer of a library?
pub fn is_module(class: &ClassValue) -> bool {
    extends(class, 0)
}

fn extends(class: &ClassValue, depth: usize) -> bool {
    depth < 32
        && class.bases.iter().any(|base| match base {
            Value::Library(name) => {
                matches!(last_part(name), "Module" | "Model" | "Layer" | "Sequential" | "LightningModule" | "Functional")
            }
            Value::Class(base) => extends(base, depth + 1),
            _ => false,
        })
}

/// The places that are among the arguments, also within lists.
pub fn tensors(arguments: &Arguments) -> Vec<usize> {
    let mut found = Vec::new();
    for value in arguments.values() {
        match value {
            Value::Tensor(node) => found.push(*node),
            Value::List(_) | Value::Tuple(_) => {
                let items = value.items().unwrap_or_default();
                found.extend(items.iter().filter_map(|item| if let Value::Tensor(node) = item { Some(*node) } else { None }));
            }
            _ => {}
        }
    }
    found
}

/// The place that a value is, or the first one in it.
pub fn first_tensor(value: &Value) -> Option<usize> {
    match value {
        Value::Tensor(node) => Some(*node),
        Value::List(_) | Value::Tuple(_) => {
            value.items()?.iter().find_map(|item| if let Value::Tensor(node) = item { Some(*node) } else { None })
        }
        Value::Dict(entries) => {
            entries.borrow().iter().find_map(|(_, item)| if let Value::Tensor(node) = item { Some(*node) } else { None })
        }
        _ => None,
    }
}
