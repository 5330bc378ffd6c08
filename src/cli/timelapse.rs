//! `ganvas timelapse`: how a run learned, as a moving picture, or some moments of it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::AtomicBool;

use clap::Args;
use image::DynamicImage;

use super::console::{self, grouped};
use super::error::Failure;
use super::trained::{Which, trained};
use crate::data;
use crate::export::{Timelapse, beside, moment, write_png, write_timelapse};
use crate::spec::Project;
use crate::train::{Checkpoint, POINTS_IN_FRAME, Reel};

/// Write how a run learned as an animated GIF, or moments of it as a picture
#[derive(Debug, Args)]
#[command(
    long_about = "Writes what the generator made of the same latent vectors, from the first step of the run to the last, as an animated \
                  GIF. A run keeps up to 240 such moments while it trains, evenly spread, in its project file.\n\n\
                  With --at it writes the moment that is nearest to a step as a PNG, or two moments side by side. Without --out it says \
                  how many moments there are.",
    after_help = EXAMPLES
)]
pub(super) struct TimelapseArguments {
    /// A trained project
    #[arg(value_name = "FILE.ganvas")]
    file: PathBuf,
    /// One moment, or two side by side: the nearest to these steps; the last one where a step is beyond it
    #[arg(long, value_name = "STEP[,STEP]", requires = "out", conflicts_with = "fps")]
    at: Option<Steps>,
    /// Frames a second; the whole run takes about eight seconds, unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=50))]
    fps: Option<u8>,
    /// Pictures side by side; about as many as below each other, unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    columns: Option<u8>,
    /// Pixels of the longer side, at most; of two moments, of each
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(32..=4096))]
    size: u32,
    /// Where to: a file that ends in .gif, or with --at in .png
    #[arg(long, value_name = "FILE.gif|FILE.png")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  ganvas timelapse ganvas-out/project.ganvas
  ganvas timelapse ganvas-out/project.ganvas --out run.gif
  ganvas timelapse ganvas-out/project.ganvas --fps 12 --columns 16 --size 960 --out run.gif
  ganvas timelapse ganvas-out/project.ganvas --at 500,2000 --out both.png";

/// The steps asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Steps(Vec<u64>);

impl FromStr for Steps {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let steps = text.split(',').map(|step| step.trim().parse()).collect::<Result<Vec<u64>, _>>().ok();
        let steps = steps.filter(|steps| steps.len() <= 2);
        steps.map(Self).ok_or_else(|| "this is one step or two, such as 500 or 500,2000".to_owned())
    }
}

/// Reads the moments, and writes or counts them.
pub(super) fn run(arguments: &TimelapseArguments) -> Result<(), Failure> {
    if let Some(out) = &arguments.out {
        check_ending(out, arguments.at.is_some())?;
    }
    let checkpoint = trained(&arguments.file, Which::Newest)?;
    let reel = moments_of(&checkpoint, &arguments.file)?;
    let Some(out) = &arguments.out else {
        console::print(&Count(reel).to_string());
        return Ok(());
    };
    let real = real_in_frame(&checkpoint.project)?;
    let look = Timelapse {
        frames_per_s: arguments.fps.map(f32::from),
        columns: arguments.columns.map(usize::from),
        longest_side: arguments.size,
        real: &real,
    };
    let Some(Steps(steps)) = &arguments.at else {
        write_timelapse(reel, look, out)?;
        let steps = grouped(reel.last().map_or(0, |frame| frame.step));
        console::say(&format!("{} frames of {steps} steps written to {}", reel.len(), out.display()));
        return Ok(());
    };
    let shown = steps.iter().map(|step| nearest(reel, *step, look)).collect::<Result<Vec<_>, _>>()?;
    let (picture, what) = match &shown[..] {
        [(first, a), (second, b)] => (&beside(first, second), format!("the moments of steps {} and {}", grouped(*a), grouped(*b))),
        [(only, step), ..] => (only, format!("the moment of step {}", grouped(*step))),
        [] => return Ok(()),
    };
    write_png(picture, out)?;
    console::say(&format!("{what} written to {}; the run has {}", out.display(), Count(reel)));
    Ok(())
}

fn check_ending(out: &Path, is_moment: bool) -> Result<(), Failure> {
    let ends_in = |wanted: &str| out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(wanted));
    let file = out.display();
    match is_moment {
        true if !ends_in("png") => Err(Failure::Usage(format!("moments of a run are written as .png: {file}"))),
        false if ends_in("png") => Err(Failure::Usage(format!("--at says which moment is to be written as .png: {file}"))),
        false if !ends_in("gif") => Err(Failure::Usage(format!("a time lapse is written as .gif: {file}"))),
        _ => Ok(()),
    }
}

/// The moments that a trained project keeps.
///
/// # Errors
/// There are none.
pub(super) fn moments_of<'a>(checkpoint: &'a Checkpoint, file: &Path) -> Result<&'a Reel, Failure> {
    if checkpoint.reel.is_empty() {
        return Err(Failure::failed(format!(
            "this file has no frames of its run, since it was trained by an older Ganvas; train it on, and there will be some: {}",
            file.display()
        )));
    }
    Ok(&checkpoint.reel)
}

/// Real points as they are drawn below those of a moment; none of a run of pictures.
pub(super) fn real_in_frame(project: &Project) -> Result<Vec<[f32; 2]>, Failure> {
    if !project.data.is_points() {
        return Ok(Vec::new());
    }
    let dataset = data::load(&project.data, project.seed, &mut |_| {}, &AtomicBool::new(false))?;
    Ok(dataset.some_points(POINTS_IN_FRAME))
}

/// The moment nearest to a step, and which step it is of.
pub(super) fn nearest(reel: &Reel, step: u64, look: Timelapse<'_>) -> Result<(DynamicImage, u64), Failure> {
    let index = reel.nearest(step).unwrap_or_default();
    let found = reel.get(index).map_or(0, |frame| frame.step);
    Ok((moment(reel, index, look)?, found))
}

/// How many moments there are, in words.
struct Count<'a>(&'a Reel);

impl fmt::Display for Count<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<u64> = self.0.iter().map(|frame| frame.step).collect();
        match steps[..] {
            [] => write!(f, "no moments"),
            [only] => write!(f, "1 moment, of step {}", grouped(only)),
            [first, .., last] => write!(f, "{} moments, from step {} to step {}", steps.len(), grouped(first), grouped(last)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Shape;
    use crate::train::{Frame, Pictures, Still};

    #[test]
    fn moments_are_counted_and_the_nearest_is_taken() {
        let mut reel = Reel::default();
        assert_eq!(Count(&reel).to_string(), "no moments");
        for (step, says) in [(0, "1 moment, of step 0"), (1_000, "2 moments, from step 0 to step 1,000")] {
            let pictures = Pictures { shape: Shape::new(1, 2, 2), bytes: vec![7; 16] };
            reel.push(Frame { step, elapsed_secs: 0.0, samples: Still::Pictures(pictures) });
            assert_eq!(Count(&reel).to_string(), says);
        }
        let step = |asked| nearest(&reel, asked, Timelapse::default()).unwrap().1;
        assert_eq!([0, 499, 501, u64::MAX].map(step), [0, 0, 1_000, 1_000]);
    }

    #[test]
    fn steps_are_one_or_two_numbers() {
        assert_eq!("500".parse(), Ok(Steps(vec![500])));
        assert_eq!("500, 2000".parse(), Ok(Steps(vec![500, 2_000])));
        for text in ["", "500,", "1,2,3", "-1", "end"] {
            assert!(text.parse::<Steps>().is_err(), "{text}");
        }
    }
}
