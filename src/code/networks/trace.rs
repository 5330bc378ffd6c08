//! The path through each network that a script makes.

use std::rc::Rc;

use crate::code::eval::{Arguments, Computed, Machine, Names, Network, NetworkKind, Object, Site, Step, Value, first_tensor, is_module};
use crate::code::layers;

/// A network with the path through it.
#[derive(Clone, Debug)]
pub struct Traced {
    /// The number of the network or the object.
    pub id: usize,
    /// What it was assigned to.
    pub given: Vec<String>,
    /// The class that it is an object of.
    pub class: Option<String>,
    /// The functions that made it, the innermost last.
    pub makers: Vec<String>,
    /// Where it was made.
    pub line: usize,
    /// From the input to the output.
    pub path: Vec<usize>,
    /// The numbers of networks and objects that were applied on the way.
    pub inside: Vec<usize>,
}

/// More networks are not looked at.
const MAX_NETWORKS: usize = 64;

/// All networks of a script, in the order they were made.
pub fn trace(machine: &mut Machine<'_>) -> Vec<Traced> {
    let networks: Vec<Rc<Network>> = machine.networks.iter().take(MAX_NETWORKS).cloned().collect();
    let objects: Vec<Rc<Object>> =
        machine.objects.iter().filter(|object| can_be_called(machine, object)).take(MAX_NETWORKS).cloned().collect();
    let mut found = Vec::new();
    for network in networks {
        found.extend(trace_network(machine, &network));
    }
    for object in objects {
        found.extend(trace_object(machine, &object));
    }
    for function in machine.functions.clone() {
        found.extend(trace_function(machine, function));
    }
    found.sort_by_key(|traced| traced.id);
    found
}

/// A function that computes what a network would.
fn trace_function(machine: &mut Machine<'_>, function: Computed) -> Option<Traced> {
    super::role_of(&function.name)?;
    let path = machine.path(function.output);
    machine.pay(path.len());
    let id = machine.id();
    Some(Traced { id, given: vec![function.name], class: None, makers: Vec::new(), line: function.line, path, inside: Vec::new() })
}

fn can_be_called(machine: &Machine<'_>, object: &Object) -> bool {
    let Some(class) = &object.class else { return false };
    is_module(class)
        && (["forward", "call"].iter().any(|name| machine.find_method(class, name).is_some()) || object.scope.own("__parts__").is_some())
}

fn trace_network(machine: &mut Machine<'_>, network: &Rc<Network>) -> Option<Traced> {
    let output = match &network.kind {
        NetworkKind::Path { output, .. } => *output,
        NetworkKind::Sequential(items) => {
            let items = items.borrow().clone();
            if items.is_empty() {
                return None;
            }
            let shape = built_shape(&network.names).or_else(|| first_shape(machine, &items));
            let input = machine.input(shape);
            let site = Site { line: network.names.line, span: (0, 0) };
            first_tensor(&machine.call_network(network, &Arguments::of(vec![input]), site))?
        }
    };
    Some(traced(machine, network.id, &network.names, None, output))
}

/// The shape that the first part of a list says.
fn first_shape(machine: &Machine<'_>, items: &[Value]) -> Option<Vec<Value>> {
    match items.first()? {
        Value::Tensor(node) => match &machine.nodes.get(*node)?.step {
            Step::Input { shape, .. } => shape.clone(),
            _ => None,
        },
        Value::Made(made) if layers::is_input(made.short()) => layers::read(made).ok()?.input,
        _ => None,
    }
}

/// The shape that `build` was given, without the batch.
fn built_shape(names: &Names) -> Option<Vec<Value>> {
    let shape = names.built.borrow().as_ref()?.items()?;
    Some(shape.get(1..)?.to_vec())
}

fn trace_object(machine: &mut Machine<'_>, object: &Rc<Object>) -> Option<Traced> {
    let class = object.class.clone()?;
    let site = Site { line: object.names.line, span: (0, 0) };
    let input = machine.input(built_shape(&object.names));
    let Value::Tensor(first) = input else { return None };
    let mut arguments = vec![input];
    let method = ["forward", "call"].iter().find_map(|name| machine.find_method(&class, name));
    for (at, parameter) in method.iter().flat_map(|method| method.function.parameters.iter().enumerate()).skip(2) {
        let has_default = method.as_ref().is_some_and(|method| method.defaults.get(at).is_some_and(Option::is_some));
        if has_default || parameter.kind != crate::code::python::ParameterKind::Plain {
            break;
        }
        arguments.push(match parameter.name.as_str() {
            "training" | "is_training" | "train" => Value::Bool(true),
            "mask" => Value::None,
            "alpha" | "fade" | "blend" => Value::Float(1.0),
            "step" | "steps" | "depth" | "stage" | "level" => {
                machine.unknown(site, format!("{} is said when it is called", parameter.name))
            }
            name => {
                let input = machine.input(None);
                machine.name_input(name, &input);
                input
            }
        });
    }
    // Where the label comes first, the picture is the next.
    if let (Some(method), [first, _, ..]) = (&method, arguments.as_slice())
        && let Some(parameter) = method.function.parameters.get(1)
    {
        machine.name_input(&parameter.name, first);
    }
    let value = machine.call(&Value::Object(object.clone()), Arguments::of(arguments), site);
    let value = if first_tensor(&value).is_some() {
        value
    } else {
        let reason =
            format!("what {} makes of its input cannot be followed; its layers stand in the order they are made", class.class.name);
        let behind = machine.gap(first, site, reason);
        machine.listed(object, behind)
    };
    let output = first_tensor(&value)?;
    if matches!(value, Value::Tuple(_) | Value::List(_)) {
        machine.note_outputs(&value, site);
    }
    (output > first).then(|| traced(machine, object.id, &object.names, Some(class.class.name.clone()), output))
}

fn traced(machine: &mut Machine<'_>, id: usize, names: &Names, class: Option<String>, output: usize) -> Traced {
    let path = machine.path(output);
    machine.pay(path.len() + machine.applied.len() / 8);
    let mut inside: Vec<usize> =
        machine.applied.iter().filter(|applied| applied.id != id && path.contains(&applied.output)).map(|applied| applied.id).collect();
    inside.sort_unstable();
    inside.dedup();
    Traced { id, given: names.given.borrow().clone(), class, makers: names.makers.clone(), line: names.line, path, inside }
}
