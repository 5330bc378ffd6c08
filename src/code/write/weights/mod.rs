//! A network's numbers under the names, and in the order, of the modules that are written.

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
    for (index, entry) in listing.entries.iter().enumerate() {
        let Some(holder) = &entry.holder else { continue };
        let own = own_numbers(holder, numbers);
        if own.is_empty() {
            return Err(WriteError(format!("the {}'s weights do not fit its layers: train it first", role.name())));
        }
        match language {
            Language::PyTorch => {
                named.extend(torch::laid_out(holder, own).into_iter().map(|(name, values)| (format!("layers.{index}.{name}"), values)))
            }
            Language::Keras => {
                named.extend(keras::laid_out(holder, own).into_iter().map(|(name, values)| (format!("{index}.{name}"), values)))
            }
            Language::Burn => named.extend(own.into_iter().map(|(name, values)| (format!("layer{index}.{name}"), values))),
        }
    }
    Ok(named)
}

/// The numbers of a holder, without the layer's number and part.
fn own_numbers(holder: &Holder, numbers: &Named) -> Named {
    let start = format!("{}.{}", holder.id.0, holder.part);
    numbers.iter().filter_map(|(name, values)| Some((name.strip_prefix(&start)?.to_owned(), values.clone()))).collect()
}
