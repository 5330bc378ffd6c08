//! `ganvas timelapse`: how a run learned, as a moving picture.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use clap::Args;

use super::console;
use super::error::Failure;
use super::sample::real_points;
use crate::data;
use crate::export::{Timelapse, write_timelapse};
use crate::project::ProjectFile;

/// Write how a run learned as an animated GIF
#[derive(Debug, Args)]
#[command(
    long_about = "Writes what the generator made of the same latent vectors, from the first step of the run to the last, as an animated \
                  GIF. A run keeps up to 240 such moments while it trains, evenly spread, in its project file.",
    after_help = EXAMPLES
)]
pub(super) struct TimelapseArguments {
    /// A trained project
    #[arg(value_name = "FILE.ganvas")]
    file: PathBuf,
    /// Frames a second; the whole run takes about eight seconds, unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=50))]
    fps: Option<u8>,
    /// Pictures side by side; about as many as below each other, unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    columns: Option<u8>,
    /// Pixels of the longer side, at most
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(32..=4096))]
    size: u32,
    /// Where to: a file that ends in .gif
    #[arg(long, value_name = "FILE.gif")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  ganvas timelapse ganvas-out/project.ganvas --out run.gif
  ganvas timelapse ganvas-out/project.ganvas --fps 12 --columns 16 --size 960 --out run.gif";

/// Reads the frames and writes them.
pub(super) fn run(arguments: &TimelapseArguments) -> Result<(), Failure> {
    let (file, out) = (arguments.file.display(), arguments.out.display());
    if !arguments.out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gif")) {
        return Err(Failure::Usage(format!("a time lapse is written as .gif: {out}")));
    }
    let Some(checkpoint) = ProjectFile::load(&arguments.file)?.checkpoint else {
        return Err(Failure::failed(format!("this project has not been trained yet; train it with `ganvas train`: {file}")));
    };
    let (project, reel) = (&checkpoint.project, &checkpoint.reel);
    if reel.is_empty() {
        return Err(Failure::failed(format!(
            "this file has no frames of its run, since it was trained by an older Ganvas; train it on, and there will be some: {file}"
        )));
    }
    let real = if project.data.is_points() {
        let dataset = data::load(&project.data, project.seed, &mut |_| {}, &AtomicBool::new(false))?;
        real_points(&dataset, crate::train::POINTS_IN_FRAME)
    } else {
        Vec::new()
    };
    let look = Timelapse {
        frames_per_s: arguments.fps.map(f32::from),
        columns: arguments.columns.map(usize::from),
        longest_side: arguments.size,
        real: &real,
    };
    write_timelapse(reel, look, &arguments.out)?;
    let steps = console::grouped(reel.last().map_or(0, |frame| frame.step));
    console::say(&format!("{} frames of {steps} steps written to {out}", reel.len()));
    Ok(())
}
