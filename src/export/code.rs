//! A project as source, with the weights that the source loads.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, TensorView};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{ExportError, atomic, npy_f32};
use crate::code::write::{self, Language, weights};
use crate::nn::Named;
use crate::spec::{Project, Role};
use crate::train::Checkpoint;

/// How weights are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightsFormat {
    /// What PyTorch's reader takes.
    SafeTensors,
    /// NumPy's arrays, for Keras.
    Npz,
}

impl WeightsFormat {
    /// The one that what is written in this language loads.
    pub const fn of(language: Language) -> Self {
        match language {
            Language::PyTorch => Self::SafeTensors,
            Language::Keras => Self::Npz,
        }
    }

    /// The name of the file.
    pub const fn file(self) -> &'static str {
        match self {
            Self::SafeTensors => "weights.safetensors",
            Self::Npz => "weights.npz",
        }
    }
}

/// Writes the source into `folder`, and the weights where there are any. Returns the files.
///
/// With a checkpoint it is the project as it was trained that is written, since the weights belong to it.
///
/// # Errors
/// The project cannot be written in the language, or a file cannot be written; what was there stays.
pub fn write_code(
    project: &Project,
    checkpoint: Option<&Checkpoint>,
    language: Language,
    format: WeightsFormat,
    folder: &Path,
) -> Result<Vec<PathBuf>, ExportError> {
    let project = checkpoint.map_or(project, |checkpoint| &checkpoint.project);
    let mut files = vec![(folder.join(language.file()), write::write(project, language).map_err(said)?.into_bytes())];
    if let Some(checkpoint) = checkpoint {
        let numbers = numbers(checkpoint, language)?;
        let path = folder.join(format.file());
        let bytes = match format {
            WeightsFormat::SafeTensors => safetensors(&numbers, about(checkpoint)).map_err(|why| ExportError::writing(&path, &why))?,
            WeightsFormat::Npz => npz(&numbers).map_err(|why| ExportError::writing(&path, &why))?,
        };
        files.push((path, bytes));
    }
    for (path, bytes) in &files {
        atomic::write(path, bytes)?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

fn said(error: write::WriteError) -> ExportError {
    ExportError(error.0)
}

/// The numbers of both networks and of the averaged generator, by the names of the written modules: `generator.layers.0.weight`.
fn numbers(checkpoint: &Checkpoint, language: Language) -> Result<Named, ExportError> {
    let mut all = Named::new();
    for (part, role) in parts(checkpoint) {
        let own = checkpoint.part(&format!("{part}."));
        let numbers = weights::for_language(&checkpoint.project, role, language, &own).map_err(said)?;
        all.extend(numbers.into_iter().map(|(name, values)| (format!("{part}.{name}"), values)));
    }
    Ok(all)
}

fn parts(checkpoint: &Checkpoint) -> Vec<(&'static str, Role)> {
    let average = (checkpoint.project.train.ema_decay > 0.0).then_some(("average", Role::Generator));
    [("generator", Role::Generator), ("discriminator", Role::Discriminator)].into_iter().chain(average).collect()
}

/// What is said of the weights in their file.
fn about(checkpoint: &Checkpoint) -> HashMap<String, String> {
    let averages = checkpoint.project.train.ema_decay > 0.0;
    let networks: Vec<&str> = parts(checkpoint).into_iter().map(|(part, _)| part).collect();
    let pairs = [
        ("format", "pt".to_owned()),
        ("writer", concat!("Ganvas ", env!("CARGO_PKG_VERSION")).to_owned()),
        ("project", checkpoint.project.name.clone()),
        ("networks", networks.join(", ")),
        ("sample_from", if averages { "average" } else { "generator" }.to_owned()),
        ("generator_steps", checkpoint.g_steps.to_string()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn safetensors(numbers: &Named, about: HashMap<String, String>) -> Result<Vec<u8>, safetensors::SafeTensorError> {
    let bytes: Vec<Vec<u8>> = numbers.values().map(|tensor| tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let views: Result<Vec<_>, _> = numbers
        .iter()
        .zip(&bytes)
        .map(|((name, tensor), bytes)| {
            Ok::<_, safetensors::SafeTensorError>((name, TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)?))
        })
        .collect();
    safetensors::serialize(views?, Some(about))
}

/// An archive of arrays, as `numpy.savez` writes it.
fn npz(numbers: &Named) -> zip::result::ZipResult<Vec<u8>> {
    use std::io::Write as _;
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let raw = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    for (name, tensor) in numbers {
        archive.start_file(format!("{name}.npy"), raw)?;
        archive.write_all(&npy_f32(&tensor.shape, &tensor.values))?;
    }
    Ok(archive.finish()?.into_inner())
}
