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
    /// What PyTorch's and Burn's readers take.
    SafeTensors,
    /// NumPy's arrays, for Keras.
    Npz,
}

impl WeightsFormat {
    /// The one that what is written in this language loads.
    pub const fn of(language: Language) -> Self {
        match language {
            Language::PyTorch | Language::Burn => Self::SafeTensors,
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
    let mut paths = Vec::new();
    for (name, bytes) in files(project, checkpoint, language, format)? {
        let path = folder.join(name);
        atomic::write(&path, &bytes)?;
        paths.push(path);
    }
    Ok(paths)
}

/// Writes the same as one `.zip`.
///
/// # Errors
/// As [`write_code`].
pub fn write_code_archive(project: &Project, checkpoint: Option<&Checkpoint>, language: Language, path: &Path) -> Result<(), ExportError> {
    let files = files(project, checkpoint, language, WeightsFormat::of(language))?;
    let bytes = archive(&files).map_err(|why| ExportError::writing(path, &why))?;
    atomic::write(path, &bytes)
}

/// The files by name.
fn files(
    project: &Project,
    checkpoint: Option<&Checkpoint>,
    language: Language,
    format: WeightsFormat,
) -> Result<Vec<(String, Vec<u8>)>, ExportError> {
    let project = checkpoint.map_or(project, |checkpoint| &checkpoint.project);
    let sources = write::write(project, language).map_err(said)?;
    let mut files: Vec<(String, Vec<u8>)> = sources.into_iter().map(|source| (source.path, source.text.into_bytes())).collect();
    if let Some(checkpoint) = checkpoint {
        let numbers = numbers(checkpoint, language)?;
        let failed = |why: &dyn std::fmt::Display| ExportError(format!("the weights cannot be written ({why})"));
        let bytes = match format {
            WeightsFormat::SafeTensors => safetensors(&numbers, about(checkpoint, language)).map_err(|why| failed(&why))?,
            WeightsFormat::Npz => npz(&numbers).map_err(|why| failed(&why))?,
        };
        files.push((format.file().to_owned(), bytes));
    }
    Ok(files)
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
fn about(checkpoint: &Checkpoint, language: Language) -> HashMap<String, String> {
    let averages = checkpoint.project.train.ema_decay > 0.0;
    let networks: Vec<&str> = parts(checkpoint).into_iter().map(|(part, _)| part).collect();
    let pairs = [
        ("format", if language == Language::Burn { "burn" } else { "pt" }.to_owned()),
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
    let arrays: Vec<(String, Vec<u8>)> =
        numbers.iter().map(|(name, tensor)| (format!("{name}.npy"), npy_f32(&tensor.shape, &tensor.values))).collect();
    archive(&arrays)
}

/// Files in an archive, as they are: trained weights look like noise, which cannot be packed.
fn archive(files: &[(String, Vec<u8>)]) -> zip::result::ZipResult<Vec<u8>> {
    use std::io::Write as _;
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let raw = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    for (name, bytes) in files {
        archive.start_file(name.as_str(), raw)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Preset;
    use crate::train::{History, Trainer};

    fn trained(name: &str) -> Checkpoint {
        let project = Preset::from_name(name).unwrap().project();
        Trainer::new(&project, &crate::device::cpu()).unwrap().checkpoint(&project, 0.0, &History::default()).unwrap()
    }

    #[test]
    fn weights_have_pytorchs_names_and_shapes_and_say_what_to_sample_from() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = trained("mlp");
        let files =
            write_code(&checkpoint.project, Some(&checkpoint), Language::PyTorch, WeightsFormat::SafeTensors, folder.path()).unwrap();
        let bytes = std::fs::read(&files[1]).unwrap();
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(tensors.tensor("average.layers.0.weight").unwrap().shape(), [128, 16]);
        assert_eq!(tensors.tensor("discriminator.layers.4.bias").unwrap().shape(), [1]);
        let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
        let about = header.metadata().clone().unwrap();
        assert_eq!((about["sample_from"].as_str(), about["networks"].as_str()), ("average", "generator, discriminator, average"));
        // PyTorch's `[units, inputs]`, row by row.
        let own = &checkpoint.tensors["generator.1.weight"];
        let written = tensors.tensor("generator.layers.0.weight").unwrap();
        let second = f32::from_le_bytes(*written.data()[4..].first_chunk().unwrap());
        assert_eq!(second, own.values[128]);
    }

    #[test]
    fn a_package_of_rust_has_its_folders_and_weights_by_the_names_of_its_fields() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = trained("mlp");
        let files = write_code(&checkpoint.project, Some(&checkpoint), Language::Burn, WeightsFormat::SafeTensors, folder.path()).unwrap();
        let found: Vec<String> = files.iter().map(|path| path.strip_prefix(folder.path()).unwrap().display().to_string()).collect();
        let sources = ["Cargo.toml", "src/main.rs", "src/lib.rs", "src/networks.rs", "src/training.rs", "src/data.rs"];
        assert_eq!(found, [&sources[..], &["weights.safetensors"]].concat());
        let bytes = std::fs::read(&files[6]).unwrap();
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        // Burn's `[inputs, units]`.
        assert_eq!(tensors.tensor("average.linear1.weight").unwrap().shape(), [16, 128]);
        assert_eq!(tensors.tensor("discriminator.linear3.bias").unwrap().shape(), [1]);
    }

    #[test]
    fn an_untrained_project_is_source_alone() {
        let folder = tempfile::tempdir().unwrap();
        let project = Preset::from_name("digits").unwrap().project();
        let files = write_code(&project, None, Language::Keras, WeightsFormat::Npz, folder.path()).unwrap();
        assert_eq!(files, [folder.path().join("gan.py")]);
    }
}
