//! What `torch.save` writes: an archive with a pickle that says which tensors there are, and their values beside it.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::Saved;
use super::pickle::{self, Pickle, Value};
use crate::nn::TensorValues;

/// The pickle of any real network is smaller, in bytes.
const MAX_PICKLE: u64 = 1 << 26;
/// Nobody nests dictionaries deeper.
const MAX_DEPTH: usize = 16;
/// All values of a file together.
const MAX_VALUES: usize = 1 << 30;
/// What a look at an entry counts for, in values.
const LOOK: usize = 1 << 10;

/// The tensors of an archive.
///
/// # Errors
/// It is damaged, or written by something else.
pub fn read(bytes: &[u8]) -> Result<Vec<Saved>, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("the file is damaged ({error})"))?;
    let name = archive.file_names().flatten().find(|name| name.ends_with("/data.pkl")).map(std::borrow::Cow::into_owned);
    let name = name.ok_or("this archive was not written by torch.save")?;
    let stem = name.trim_end_matches("data.pkl").to_owned();
    let pickle = pickle::load(&entry(&mut archive, &name, MAX_PICKLE)?)?;
    let mut found = Found { archive, stem, tensors: Vec::new(), left: MAX_VALUES };
    found.collect("", &pickle, &pickle.root, MAX_DEPTH)?;
    Ok(found.tensors)
}

fn entry(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str, limit: u64) -> Result<Vec<u8>, String> {
    let damaged = |why: &dyn std::fmt::Display| format!("the file is damaged in {name} ({why})");
    let mut entry = archive.by_name(name).map_err(|error| damaged(&error))?;
    if entry.size() > limit {
        return Err(damaged(&"it says it is impossibly large"));
    }
    let mut bytes = Vec::new();
    (&mut entry).take(limit).read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
    Ok(bytes)
}

struct Found<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    stem: String,
    tensors: Vec<Saved>,
    left: usize,
}

impl Found<'_> {
    /// All tensors within dictionaries of dictionaries.
    fn collect(&mut self, name: &str, pickle: &Pickle, value: &Value, depth: usize) -> Result<(), String> {
        // A dictionary may hold itself; looking costs as much as a few values.
        self.pay(LOOK)?;
        match value {
            Value::Dict(dict) if depth > 0 => {
                for (key, value) in pickle.dicts.get(*dict).map(Vec::as_slice).unwrap_or_default() {
                    let Value::Text(key) = key else { continue };
                    let name = if name.is_empty() { key.to_string() } else { format!("{name}.{key}") };
                    self.collect(&name, pickle, value, depth - 1)?;
                }
            }
            Value::Tensor(tensor) => {
                if let Some(values) = self.values(name, tensor)? {
                    self.tensors.push((name.to_owned(), values));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn pay(&mut self, values: usize) -> Result<(), String> {
        self.left = self.left.checked_sub(values).ok_or("the file holds more than any network")?;
        Ok(())
    }

    /// A tensor's values, row-major; none for what holds no floats.
    fn values(&mut self, name: &str, tensor: &pickle::Tensor) -> Result<Option<TensorValues>, String> {
        let width = match tensor.kind.as_ref() {
            "FloatStorage" => 4,
            "DoubleStorage" => 8,
            "HalfStorage" | "BFloat16Storage" => return Err(format!("{name} holds 16-bit floats: save the network as float32")),
            _ => return Ok(None),
        };
        let count = tensor.shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        let count = count.ok_or_else(|| format!("{name} is impossibly large"))?;
        self.pay(count)?;
        let path = format!("{}data/{}", self.stem, tensor.storage);
        let bytes = entry(&mut self.archive, &path, (self.left * width) as u64)?;
        self.pay(bytes.len() / width)?;
        let at = |index: usize| -> Option<f32> {
            let bytes = bytes.get(index.checked_mul(width)?..)?;
            if width == 4 {
                Some(f32::from_le_bytes(*bytes.first_chunk()?))
            } else {
                Some(f64::from_le_bytes(*bytes.first_chunk()?) as f32)
            }
        };
        let values: Option<Vec<f32>> = (0..count).map(|index| at(place(index, tensor)?)).collect();
        let values = values.ok_or_else(|| format!("the values of {name} lie outside the file"))?;
        Ok(Some(TensorValues { shape: tensor.shape.clone(), values }))
    }
}

/// Where the value at an index, counted row by row, lies in its storage.
fn place(mut index: usize, tensor: &pickle::Tensor) -> Option<usize> {
    let mut place = tensor.offset;
    for (size, stride) in tensor.shape.iter().zip(&tensor.strides).rev() {
        place = place.checked_add((index % size).checked_mul(*stride)?)?;
        index /= size;
    }
    Some(place)
}
