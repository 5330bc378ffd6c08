//! `ganvas compare`: two runs side by side.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use image::DynamicImage;

use super::console::{self, grouped};
use super::error::Failure;
use super::timelapse::{moments_of, nearest, real_in_frame};
use super::trained::{Which, trained};
use crate::data;
use crate::export::{Scatter, Timelapse, beside, columns_for, grid, scatter_around, write_png};
use crate::latent::{self, GeneratorHandle};
use crate::measure::Measure;
use crate::random::Purpose;
use crate::spec::{Project, TrainSpec};
use crate::train::{Checkpoint, History, Metric, Pictures};

/// Say in what two trained projects differ, and show their samples side by side
#[derive(Debug, Args)]
#[command(
    long_about = "Says in what two trained projects differ: settings, networks and data, where their runs parted, their losses and what was \
                  measured of them. With --out it writes samples of both from the same latent vectors, the first project's on the left; with --at, those of an \
                  earlier step.\n\n\
                  A fork of a run is a project that is trained on twice: train FILE --out A, and train FILE --lr 1e-4 --out B.",
    after_help = EXAMPLES
)]
pub(super) struct CompareArguments {
    /// A trained project
    #[arg(value_name = "A.ganvas")]
    a: PathBuf,
    /// Another one, or the same trained otherwise
    #[arg(value_name = "B.ganvas")]
    b: PathBuf,
    /// Samples of each
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=4096))]
    count: u32,
    /// Which latent vectors; the first project's seed, unless given
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Compare both generators at their best, as they were measured while they trained
    #[arg(long)]
    best: bool,
    /// Write what both had made at this step, of the moments that their files keep the nearest
    #[arg(long, value_name = "STEP", requires = "out", conflicts_with_all = ["best", "seed", "count"])]
    at: Option<u64>,
    /// Where to write the samples: a file that ends in .png
    #[arg(long, value_name = "FILE.png")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  ganvas compare a/project.ganvas b/project.ganvas
  ganvas compare a/project.ganvas b/project.ganvas --count 100 --out both.png
  ganvas compare a/project.ganvas b/project.ganvas --at 2000 --out then.png";

/// Losses are means over so many steps.
const RECENT: usize = 100;

/// Reads both, prints in what they differ, and writes their samples.
pub(super) fn run(arguments: &CompareArguments) -> Result<(), Failure> {
    if let Some(out) = arguments.out.as_deref().filter(|out| !out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"))) {
        return Err(Failure::Usage(format!("samples side by side are written as .png: {}", out.display())));
    }
    let which = Which::best(arguments.best);
    let (a, b) = (trained(&arguments.a, which)?, trained(&arguments.b, which)?);
    lines(&a, &b).iter().for_each(|line| console::print(line));
    let Some(out) = &arguments.out else { return Ok(()) };
    if let Some(step) = arguments.at {
        let [(first, of_a), (second, of_b)] = [then(&a, &arguments.a, step)?, then(&b, &arguments.b, step)?];
        write_png(&beside(&first, &second), out)?;
        console::say(&format!("step {} of A and step {} of B written to {}", grouped(of_a), grouped(of_b), out.display()));
        return Ok(());
    }
    let seed = arguments.seed.unwrap_or(a.project.seed);
    let pictures = [samples(&a, seed, arguments.count as usize)?, samples(&b, seed, arguments.count as usize)?];
    write_png(&beside(&pictures[0], &pictures[1]), out)?;
    console::say(&format!("{} samples of each written to {}", grouped(u64::from(arguments.count)), out.display()));
    Ok(())
}

/// What a run had made at about this step, and at which one.
fn then(checkpoint: &Checkpoint, file: &Path, step: u64) -> Result<(DynamicImage, u64), Failure> {
    let real = real_in_frame(&checkpoint.project)?;
    nearest(moments_of(checkpoint, file)?, step, Timelapse { real: &real, ..Timelapse::default() })
}

/// Samples as one picture.
fn samples(checkpoint: &Arc<Checkpoint>, seed: u64, count: usize) -> Result<DynamicImage, Failure> {
    let project = &checkpoint.project;
    let generator = GeneratorHandle::from_checkpoint(project, checkpoint)?;
    let latents = latent::draw(project.train.latent, generator.latent_size(), count, seed, Purpose::Explore, 0);
    let values = generator.generate(&latents)?;
    if !project.data.is_points() {
        return Ok(grid(&Pictures::from_values(generator.shape(), &values), columns_for(count))?);
    }
    let dataset = data::load(&project.data, project.seed, &mut |_| {}, &AtomicBool::new(false))?;
    let real = dataset.some_points(count);
    Ok(scatter_around(Scatter { real: &real, generated: values.as_chunks().0 }, &real))
}

/// A table of what both are, and the settings in which they differ.
fn lines(a: &Checkpoint, b: &Checkpoint) -> Vec<String> {
    let row = |name: &str, values: [String; 2]| format!("{name:<36}{:>18}{:>18}", values[0], values[1]);
    let both = |name: &str, value: &dyn Fn(&Checkpoint) -> String| row(name, [value(a), value(b)]);
    let mut lines = vec![
        row("", ["A".to_owned(), "B".to_owned()]),
        both("project", &|run| run.project.name.clone()),
        both("steps", &|run| grouped(run.g_steps)),
        both("seconds of training", &|run| format!("{:.1}", run.elapsed_secs)),
        both("G loss, mean of the last 100 steps", &|run| recent(&run.history, Metric::GeneratorLoss)),
        both("D loss, the same", &|run| recent(&run.history, Metric::DiscriminatorLoss)),
    ];
    let measured = |run: &Checkpoint, measure: Measure| {
        let value = run.quality.best.as_ref().and_then(|best| best.assessment.get(measure));
        value.map_or_else(|| "-".to_owned(), |value| format!("{:.4}", value.generated))
    };
    let measures = [
        (Measure::Modes, "modes found, at best"),
        (Measure::HighQuality, "share near a mode, at best"),
        (Measure::Frechet, "Fréchet distance, at best"),
    ];
    for (measure, name) in measures {
        if [a, b].into_iter().any(|run| measured(run, measure) != "-") {
            lines.push(both(name, &|run| measured(run, measure)));
        }
    }
    lines.push(String::new());
    lines.push(parted(&a.history, &b.history));
    // Where each was told to end is no difference between what they learn.
    let other = Project { train: TrainSpec { stop: a.project.train.stop, ..b.project.train.clone() }, ..b.project.clone() };
    let changes = a.project.changes(&other);
    if changes.is_empty() {
        lines.push("networks, settings, data and seed are the same".to_owned());
    }
    lines.extend(changes.iter().map(|change| format!("B: {change}")));
    lines
}

fn recent(history: &History, metric: Metric) -> String {
    let from = history.len().saturating_sub(RECENT);
    let values: Vec<f64> = (from..history.len()).filter_map(|index| Some(f64::from(metric.of(&history.get(index)?)))).collect();
    if values.is_empty() { "-".to_owned() } else { format!("{:.4}", values.iter().sum::<f64>() / values.len() as f64) }
}

/// Up to which step both have the same numbers, bit for bit.
fn parted(a: &History, b: &History) -> String {
    let is_same = |index: &usize| {
        let (a, b) = (a.get(*index), b.get(*index));
        a.zip(b).is_some_and(|(a, b)| {
            a.step == b.step && Metric::ALL.into_iter().all(|metric| metric.of(&a).to_bits() == metric.of(&b).to_bits())
        })
    };
    let same = (0..a.len().min(b.len())).take_while(is_same).count();
    let last = same.checked_sub(1).and_then(|index| a.get(index)).map(|record| record.step);
    match last {
        None if a.is_empty() || b.is_empty() => "one of the runs has no step yet".to_owned(),
        None => "both runs differ from their first step on".to_owned(),
        Some(_) if same == a.len() && same == b.len() => "both runs are the same, number for number".to_owned(),
        Some(step) => format!("both runs are the same up to step {}, number for number", grouped(step)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::StepRecord;

    #[test]
    fn where_two_runs_parted_is_told_by_their_numbers() {
        let run = |losses: &[f32]| -> History {
            losses.iter().zip(1..).map(|(&d_loss, step)| StepRecord { step, d_loss, ..StepRecord::default() }).collect()
        };
        let long = run(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(parted(&long, &run(&[1.0, 2.0, 3.5, 4.0])), "both runs are the same up to step 2, number for number");
        assert_eq!(parted(&long, &run(&[1.0, 2.0])), "both runs are the same up to step 2, number for number");
        assert_eq!(parted(&long, &long), "both runs are the same, number for number");
        assert_eq!(parted(&long, &run(&[9.0])), "both runs differ from their first step on");
        assert_eq!(parted(&History::default(), &History::default()), "one of the runs has no step yet");
        assert_eq!(recent(&long, Metric::DiscriminatorLoss), "2.5000");
        assert_eq!(recent(&History::default(), Metric::GeneratorLoss), "-");
    }
}
