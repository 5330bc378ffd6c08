//! Which saved tensor belongs to which layer: by name, or else by order and shape.

use std::collections::HashSet;

use super::{Saved, StateError};
use crate::code::write::weights::{Wanted, wanted};
use crate::nn::Named;
use crate::spec::{Project, Role};

/// What was found for a network.
#[derive(Clone, Debug, Default)]
pub struct Fitted {
    /// The numbers of the layers that were found, as [`crate::nn::Network::read`] names them.
    pub numbers: Named,
    /// How many tensors were taken.
    pub taken: usize,
    /// What does not fit, layer by layer, in words.
    pub misfits: Vec<String>,
}

/// Tensors of one module, or of one layer: the part of their names that they share.
struct Group<T> {
    name: String,
    tensors: Vec<T>,
}

/// Finds the tensors of one network's layers among those saved. `part` is how the network may be called in the file: `average` before
/// `generator`, for instance.
///
/// # Errors
/// The project has a fault, or none of the tensors fits it.
pub fn fit(project: &Project, role: Role, parts: &[&str], saved: &[Saved]) -> Result<Fitted, StateError> {
    let wanted = wanted(project, role).map_err(|error| StateError(error.0))?;
    let saved = own(parts, saved);
    let mut fitted = Fitted::default();
    let by_name = |wanted: &Wanted| saved.iter().find(|(name, values)| *name == wanted.name && values.shape == wanted.shape);
    if wanted.iter().all(|tensor| by_name(tensor).is_some()) {
        for tensor in &wanted {
            fitted.take(tensor, by_name(tensor));
        }
    } else {
        in_order(&grouped(wanted, |tensor| tensor.name.as_str()), &grouped(saved, |(name, _)| name.as_str()), &mut fitted);
    }
    if fitted.taken == 0 {
        let why = fitted.misfits.first().map_or_else(String::new, |why| format!(": {why}"));
        return Err(StateError(format!("nothing in the file fits the {}{why}", role.name())));
    }
    Ok(fitted)
}

impl Fitted {
    fn take(&mut self, wanted: &Wanted, saved: Option<&Saved>) {
        if let Some((_, values)) = saved {
            self.numbers.insert(wanted.own.clone(), wanted.taken_over(values));
            self.taken += 1;
        }
    }
}

/// The tensors of one network, named as its module names them; all, where the file has no name for it.
fn own(parts: &[&str], saved: &[Saved]) -> Vec<Saved> {
    let named = |part: &str| -> Vec<Saved> {
        let start = format!("{part}.");
        saved.iter().filter_map(|(name, values)| Some((name.strip_prefix(&start)?.to_owned(), values.clone()))).collect()
    };
    let found = parts.iter().map(|part| named(part)).find(|found| !found.is_empty());
    found.unwrap_or_else(|| saved.to_vec()).into_iter().map(|(name, values)| (older_name(&name), values)).collect()
}

/// What PyTorch's newer spectral norm saves, by the names of the older one.
fn older_name(name: &str) -> String {
    let name = name.replace("parametrizations.weight.original", "weight_orig");
    name.replace("parametrizations.weight.0._", "weight_").trim_start_matches("module.").to_owned()
}

/// Neighbours whose names share all but their last part.
fn grouped<T>(tensors: Vec<T>, name: impl Fn(&T) -> &str) -> Vec<Group<T>> {
    let mut groups: Vec<Group<T>> = Vec::new();
    for tensor in tensors {
        let module = name(&tensor).rsplit_once('.').map_or("", |(module, _)| module).to_owned();
        match groups.last_mut().filter(|group| group.name == module) {
            Some(group) => group.tensors.push(tensor),
            None => groups.push(Group { name: module, tensors: vec![tensor] }),
        }
    }
    groups
}

fn in_order(wanted: &[Group<Wanted>], saved: &[Group<Saved>], fitted: &mut Fitted) {
    let mut left = saved.iter().peekable();
    for group in wanted {
        let Some(module) = left.next() else {
            fitted.misfits.push(format!("{}: the file has no more tensors", label(group)));
            continue;
        };
        match misfit(group, module) {
            Some(why) => fitted.misfits.push(format!("{}: {why}", label(group))),
            None => {
                for tensor in &group.tensors {
                    fitted.take(tensor, found(tensor, module));
                }
            }
        }
    }
    for module in left {
        fitted.misfits.push(format!("the file's {} belongs to no layer", module.name));
    }
}

fn label(group: &Group<Wanted>) -> String {
    group.tensors.first().map_or_else(String::new, |tensor| tensor.layer.clone())
}

fn found<'a>(wanted: &Wanted, module: &'a Group<Saved>) -> Option<&'a Saved> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    module.tensors.iter().find(|(name, values)| last(name) == last(&wanted.name) && values.shape == wanted.shape)
}

/// Why a module's tensors are not those of a layer.
fn misfit(group: &Group<Wanted>, module: &Group<Saved>) -> Option<String> {
    let sizes = |shape: &[usize]| shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
    let missing = group.tensors.iter().find(|tensor| found(tensor, module).is_none())?;
    let last = missing.name.rsplit('.').next().unwrap_or_default();
    let known: HashSet<&str> = module.tensors.iter().map(|(name, _)| name.rsplit('.').next().unwrap_or_default()).collect();
    if !known.contains(last) {
        return Some(format!("it wants a {last}, which the file's {} does not have", module.name));
    }
    let there = module.tensors.iter().find(|(name, _)| name.ends_with(last)).map(|(_, values)| sizes(&values.shape)).unwrap_or_default();
    Some(format!("its {last} is {}, but that of the file's {} is {there}", sizes(&missing.shape), module.name))
}
