//! A network's numbers under the names, and in the order, of the modules that are written.

mod torch;

use std::collections::BTreeMap;

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
    let mut taken = 0;
    for (index, entry) in listing.entries.iter().enumerate() {
        let Some(holder) = &entry.holder else { continue };
        let own = own_numbers(holder, numbers);
        if own.is_empty() {
            return Err(WriteError(format!("the {}'s weights do not fit its layers: train it first", role.name())));
        }
        taken += own.len();
        for (name, values) in own {
            let (name, values) = match language {
                Language::PyTorch | Language::Keras | Language::Burn => {
                    (format!("layers.{index}.{name}"), torch::laid_out(holder, &name, values))
                }
            };
            named.insert(name, values);
        }
    }
    debug_assert!(taken <= numbers.len());
    Ok(named)
}

/// The numbers of a holder, without the layer's number and part.
fn own_numbers(holder: &Holder, numbers: &Named) -> BTreeMap<String, TensorValues> {
    let start = format!("{}.{}", holder.id.0, holder.part);
    numbers.iter().filter_map(|(name, values)| Some((name.strip_prefix(&start)?.to_owned(), values.clone()))).collect()
}

/// A matrix with rows and columns exchanged.
fn transposed(values: &TensorValues) -> TensorValues {
    let (&[rows, columns], all) = (values.shape.as_slice(), &values.values) else { return values.clone() };
    let at = |index: usize| all.get(index % rows * columns + index / rows).copied().unwrap_or_default();
    TensorValues { shape: vec![columns, rows], values: (0..rows * columns).map(at).collect() }
}
