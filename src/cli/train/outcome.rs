//! What a run leaves behind.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::consultation::Opinion;
use super::follow::Run;
use super::limit::samples_per_step;
use super::start::Beginning;
use crate::cli::error::Failure;
use crate::export::{self, Scatter};
use crate::latent::{self, GeneratorHandle};
use crate::random::Purpose;
use crate::train::Pictures;

/// Pictures in `samples.png`.
const PICTURES: usize = 64;
/// Points in `samples.png`.
const POINTS: usize = 2000;

/// The project file in the folder that a run is written into.
pub(super) fn project_path(folder: &Path) -> PathBuf {
    folder.join("project.ganvas")
}

/// Writes `project.ganvas`, `history.csv`, once measured `quality.csv`, and `samples.png` into a folder, the most precious first.
///
/// # Errors
/// A file cannot be written.
pub(super) fn write(run: &Run, folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::failed(format!("this folder cannot be made ({error}): {}", folder.display())))?;
    let file = &run.file;
    let path = project_path(folder);
    // What was written on the way is no version to keep.
    if run.is_saved {
        file.save_over(&path)?;
    } else {
        file.save(&path)?;
    }
    export::write_history(&run.checkpoint.history, &folder.join("history.csv"))?;
    let series = &run.checkpoint.quality.series;
    if !series.is_empty() {
        export::write_quality(series, &folder.join("quality.csv"))?;
    }
    write_samples(run, &folder.join("samples.png"))
}

/// Samples of the generator that was saved, from the latents that the window shows.
fn write_samples(run: &Run, path: &Path) -> Result<(), Failure> {
    let generator = GeneratorHandle::from_checkpoint(&run.file.project, &run.checkpoint)?;
    let is_points = run.file.project.data.is_points();
    let (size, count) = (generator.latent_size(), if is_points { POINTS } else { PICTURES });
    let latents = latent::draw(run.file.project.train.latent, size, count, run.file.project.seed, Purpose::FixedLatents, 0);
    let values = generator.generate(&latents)?;
    if is_points {
        let real = run.dataset.some_points(POINTS);
        export::write_scatter(Scatter { real: &real, generated: values.as_chunks().0 }, path)?;
    } else {
        export::write_grid(&Pictures::from_values(generator.shape(), &values), path)?;
    }
    Ok(())
}

/// The line that `--json` prints.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    /// Generator steps, all of them since the run began.
    steps: u64,
    /// Seconds of training, all of them since the run began.
    seconds: f64,
    /// Real samples a second, of what was trained now.
    images_per_s: f64,
    /// Of the last step; null where there is none.
    d_loss: Option<f32>,
    g_loss: Option<f32>,
    /// How often it was measured, and the step that was best; null where nothing was measured.
    measured: usize,
    best_step: Option<u64>,
    device: &'a str,
    /// What `--seed` repeats the run with.
    seed: u64,
    /// What the doctor said of it last; null where there was nothing to say.
    diagnosis: Option<&'a Opinion>,
    /// What went wrong; null where all went well.
    failed: Option<&'a str>,
}

/// How the run went, as a line of JSON.
pub(super) fn summary(run: &Run, beginning: &Beginning, failed: Option<&str>) -> String {
    let (steps_before, seconds_before) =
        beginning.checkpoint.as_ref().map_or((0, 0.0), |checkpoint| (checkpoint.g_steps, checkpoint.elapsed_secs));
    let steps = run.checkpoint.g_steps.saturating_sub(steps_before);
    let seconds = (run.checkpoint.elapsed_secs - seconds_before).max(1e-9);
    let images = steps.saturating_mul(samples_per_step(&run.file.project)) as f64;
    let last = run.checkpoint.history.last();
    let summary = Summary {
        steps: run.checkpoint.g_steps,
        seconds: (run.checkpoint.elapsed_secs * 1e3).round() / 1e3,
        images_per_s: (images / seconds * 10.0).round() / 10.0,
        d_loss: last.map(|record| record.d_loss),
        g_loss: last.map(|record| record.g_loss),
        measured: run.checkpoint.quality.series.len(),
        best_step: run.checkpoint.quality.best.as_ref().map(|best| best.assessment.step),
        device: &run.device,
        seed: run.file.project.seed,
        diagnosis: run.opinion.as_ref(),
        failed,
    };
    // Numbers and a name always become JSON.
    serde_json::to_string(&summary).unwrap_or_default()
}
