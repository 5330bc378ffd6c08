//! Weights that PyTorch saved, for a network of a project.
//!
//! [`open`] reads the tensors of a `.pt` or `.safetensors` file, without running what is in it; [`fit`] finds the layer that each belongs to.

mod archive;
mod fit;
mod pickle;
#[cfg(test)]
mod tests;

use std::path::Path;

use safetensors::{Dtype, SafeTensors};

use crate::nn::TensorValues;

pub use fit::{Fitted, fit};

/// A tensor as a file names it.
pub type Saved = (String, TensorValues);

/// Why weights cannot be read, in one sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StateError(pub String);

/// No file of weights is larger, in bytes.
const MAX_BYTES: u64 = 1 << 32;

/// The tensors of a file, in the order they were saved.
///
/// # Errors
/// The file cannot be read, or holds no tensors.
pub fn open(path: &Path) -> Result<Vec<Saved>, StateError> {
    let failed = |why: String| StateError(format!("{why}: {}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => failed("there is no such file".to_owned()),
        _ => failed(format!("the file cannot be opened ({error})")),
    })?;
    if size.is_dir() || size.len() > MAX_BYTES {
        return Err(failed("this is no file of weights".to_owned()));
    }
    let bytes = std::fs::read(path).map_err(|error| failed(format!("the file cannot be read ({error})")))?;
    read(&bytes).map_err(failed)
}

/// The tensors of a file's bytes, in the order they were saved.
///
/// # Errors
/// It is no such file, in words; whatever it holds, reading ends soon.
fn read(bytes: &[u8]) -> Result<Vec<Saved>, String> {
    let found = if bytes.starts_with(b"PK") { archive::read(bytes)? } else { from_safetensors(bytes)? };
    if found.is_empty() { Err("there are no tensors in the file".to_owned()) } else { Ok(found) }
}

fn from_safetensors(bytes: &[u8]) -> Result<Vec<Saved>, String> {
    let none = |_| "this is neither a .safetensors file nor what torch.save writes".to_owned();
    let archive = SafeTensors::deserialize(bytes).map_err(none)?;
    let mut found = Vec::new();
    for (name, view) in archive.iter() {
        let values = match view.dtype() {
            Dtype::F32 => view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
            Dtype::F64 => view.data().as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes) as f32).collect(),
            // Counters of batches and the like are not weights.
            _ => continue,
        };
        found.push((name.to_owned(), TensorValues { shape: view.shape().to_vec(), values }));
    }
    // The file has an order of its own; PyTorch numbers modules.
    found.sort_by_cached_key(|(name, _)| natural(name));
    Ok(found)
}

/// A name by whose parts `2` comes before `10`.
fn natural(name: &str) -> Vec<(usize, String)> {
    name.split('.').map(|part| part.parse().map_or_else(|_| (usize::MAX, part.to_owned()), |number| (number, String::new()))).collect()
}
