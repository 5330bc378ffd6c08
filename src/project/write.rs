//! Writing a project file.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::quality::QualityState;
use super::reel;
use super::signs::SignsState;
use super::states::{self, run_state};
use super::{BEST, HISTORY, PROJECT, ProjectFile, QUALITY, REEL, RUN, SIGNS, STATES, WEIGHTS};
use crate::files::{Previous, write_atomic};
use crate::nn::Named;

pub fn save(file: &ProjectFile, path: &Path, previous: Previous) -> io::Result<()> {
    write_atomic(path, previous, |target| {
        let mut archive = ZipWriter::new(target);
        let text = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        entry(&mut archive, PROJECT, text, &serde_json::to_vec_pretty(&file.project)?)?;
        if let Some(checkpoint) = &file.checkpoint {
            entry(&mut archive, RUN, text, &serde_json::to_vec_pretty(&run_state(checkpoint))?)?;
            // Trained weights look like noise: packing them costs time and saves nothing.
            let raw = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
            entry(&mut archive, WEIGHTS, raw, &to_safetensors(&states::tensors(checkpoint))?)?;
            archive.start_file(HISTORY, text.large_file(true))?;
            let mut table = BufWriter::new(&mut archive);
            checkpoint.history.write_csv(&mut table)?;
            table.flush()?;
            drop(table);
            if !checkpoint.quality.is_empty() {
                entry(&mut archive, QUALITY, text, &serde_json::to_vec(&QualityState::of(&checkpoint.quality))?)?;
            }
            if let Some(best) = &checkpoint.quality.best {
                entry(&mut archive, BEST, raw, &to_safetensors(&best.weights)?)?;
            }
            if !checkpoint.reel.is_empty() {
                // Pictures pack well, and nearly as well in a quarter of the time.
                entry(&mut archive, REEL, text.compression_level(Some(1)), &reel::to_bytes(&checkpoint.reel)?)?;
            }
            let signs = SignsState::of(&checkpoint.signs.series);
            if !signs.is_empty() {
                entry(&mut archive, SIGNS, text.compression_level(Some(1)), &serde_json::to_vec(&signs)?)?;
            }
            if !file.earlier.is_empty() {
                let runs: Vec<_> = file.earlier.iter().map(|state| run_state(state)).collect();
                entry(&mut archive, STATES, text, &serde_json::to_vec(&runs)?)?;
            }
            for state in &file.earlier {
                entry(&mut archive, &states::entry(state.g_steps), raw, &to_safetensors(&states::tensors(state))?)?;
            }
        }
        archive.finish()?;
        Ok(())
    })
}

fn entry(archive: &mut ZipWriter<impl Write + Seek>, name: &str, options: SimpleFileOptions, bytes: &[u8]) -> io::Result<()> {
    archive.start_file(name, options)?;
    archive.write_all(bytes)
}

fn to_safetensors(tensors: &Named) -> io::Result<Vec<u8>> {
    let bytes: BTreeMap<&str, Vec<u8>> = tensors.iter().map(|(name, tensor)| (name.as_str(), little_endian(&tensor.values))).collect();
    let views: Result<Vec<_>, _> = tensors
        .iter()
        .map(|(name, tensor)| Ok((name, TensorView::new(Dtype::F32, tensor.shape.clone(), &bytes[name.as_str()])?)))
        .collect();
    let views = views.map_err(|error: safetensors::SafeTensorError| io::Error::other(error.to_string()))?;
    safetensors::serialize(views, None).map_err(|error| io::Error::other(error.to_string()))
}

fn little_endian(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
