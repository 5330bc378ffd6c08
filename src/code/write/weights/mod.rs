//! A network's numbers under the names, and in the order, of the modules that are written.

mod burn;
mod keras;
mod layout;
mod torch;

use super::{Holder, Language, WriteError, listing};
use crate::nn::{Named, TensorValues};
use crate::spec::{Project, Role};

/// The numbers of one network for a language: by the names that the written network has, without the network's own.
///
/// `numbers` are named as in [`crate::nn::Network::read`].
///
/// # Errors
/// The project cannot be written, or numbers are missing.
pub fn for_language(project: &Project, role: Role, language: Language, numbers: &Named) -> Result<Named, WriteError> {
    let listing = listing(project, role, language)?;
    let mut named = Named::new();
    for entry in &listing.entries {
        let Some(holder) = &entry.holder else { continue };
        let own = own_numbers(holder, numbers);
        if own.is_empty() {
            return Err(WriteError(format!("the {}'s weights do not fit its layers: train it first", role.name())));
        }
        let laid = match language {
            Language::PyTorch => torch::laid_out(holder, own),
            Language::Keras => keras::laid_out(holder, own),
            Language::Burn => burn::laid_out(holder, own),
        };
        named.extend(laid.into_iter().map(|(name, values)| (format!("{}.{name}", entry.name), values)));
    }
    Ok(named)
}

/// The numbers of a holder, without the layer's number and part.
fn own_numbers(holder: &Holder, numbers: &Named) -> Named {
    let start = format!("{}.{}", holder.id.0, holder.part);
    numbers.iter().filter_map(|(name, values)| Some((name.strip_prefix(&start)?.to_owned(), values.clone()))).collect()
}

/// A tensor as PyTorch has it for a layer.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// By PyTorch's name: `layers.0.weight`.
    pub name: String,
    /// By our own: `1.weight`.
    pub own: String,
    /// Its shape there.
    pub shape: Vec<usize>,
    /// The layer, for people: `generator, layer 1 (Dense)`.
    pub layer: String,
    own_shape: Vec<usize>,
}

impl Wanted {
    /// PyTorch's numbers as they are here.
    pub fn taken_over(&self, values: &TensorValues) -> TensorValues {
        let is_turned = self.shape.len() == 2 && self.own_shape.len() == 2;
        let values = if is_turned { layout::permuted(values, &[1, 0]) } else { values.clone() };
        layout::reshaped(values, self.own_shape.clone())
    }
}

/// The tensors of a network, in PyTorch's order.
///
/// # Errors
/// The project has a fault.
pub fn wanted(project: &Project, role: Role) -> Result<Vec<Wanted>, WriteError> {
    let stack = project.stack(role);
    let network = crate::nn::Network::new(stack, role, project.seed, &crate::device::cpu()).map_err(|error| WriteError(error.0))?;
    let numbers = network.read().map_err(WriteError)?.0;
    let mut all = Vec::new();
    for entry in &listing(project, role, Language::PyTorch)?.entries {
        let Some(holder) = &entry.holder else { continue };
        let own = own_numbers(holder, &numbers);
        let place = stack.position(holder.id).unwrap_or(0);
        let kind = stack.find(holder.id).map_or("", |entry| entry.layer.name());
        let layer = format!("{}, layer {} ({kind})", role.name(), place + 1);
        for (name, values) in torch::laid_out(holder, own.clone()) {
            let own_shape = own.get(&name).map(|values| values.shape.clone()).unwrap_or_default();
            let own = format!("{}.{}{name}", holder.id.0, holder.part);
            all.push(Wanted { name: format!("{}.{name}", entry.name), own, shape: values.shape, layer: layer.clone(), own_shape });
        }
    }
    Ok(all)
}
