//! `ganvas compare`: two runs side by side.

mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use image::DynamicImage;

use super::console::{self, grouped};
use super::error::Failure;
use super::timelapse::{moments_of, nearest, real_in_frame};
use super::trained::{Which, at_best, trained};
use crate::data;
use crate::export::{Scatter, Timelapse, beside, columns_for, grid, scatter_around, write_png};
use crate::latent::{self, GeneratorHandle};
use crate::random::Purpose;
use crate::spec::{Project, TrainSpec};
use crate::train::{Checkpoint, History, Metric, Pictures, latent_differences};

/// Say in what two trained projects differ, and show their samples side by side
#[derive(Debug, Args)]
#[command(
    long_about = "Says in what two trained projects differ: settings, networks and data, where their runs parted, their losses and what was \
                  measured of them at their best, beside what real samples reach; where these numbers cannot be compared with each \
                  other, it says so.\n\n\
                  With --out it writes samples of both, the first project's on the left. They are from the same latent vectors where \
                  both draw them from the same distribution and in the same size. With --at they are what each had made at an earlier \
                  step of its own run's latent vectors: those are the same where the seed is the same as well. Where they are not, it \
                  says so.\n\n\
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
    /// Compare both generators at their best, as they were measured while they trained, with the losses and seconds of then
    #[arg(long)]
    best: bool,
    /// Write what each had made of its own run's latent vectors at this step, of the moments that its file keeps the nearest
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

/// One of both.
struct Run {
    newest: Arc<Checkpoint>,
    /// What is compared of it: the newest state, or its best.
    shown: Arc<Checkpoint>,
}

impl Run {
    fn read(file: &Path, best: bool) -> Result<Self, Failure> {
        let newest = trained(file, Which::Newest)?;
        let shown = if best { at_best(&newest, file)? } else { Arc::clone(&newest) };
        Ok(Self { newest, shown })
    }
}

/// Reads both, prints in what they differ, and writes their samples.
pub(super) fn run(arguments: &CompareArguments) -> Result<(), Failure> {
    if let Some(out) = arguments.out.as_deref().filter(|out| !out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"))) {
        return Err(Failure::Usage(format!("samples side by side are written as .png: {}", out.display())));
    }
    let [a, b] = [Run::read(&arguments.a, arguments.best)?, Run::read(&arguments.b, arguments.best)?];
    lines(&a, &b).iter().for_each(|line| console::print(line));
    let Some(out) = &arguments.out else { return Ok(()) };
    let (a, b) = (a.shown, b.shown);
    if let Some(step) = arguments.at {
        let [(first, of_a), (second, of_b)] = [then(&a, &arguments.a, step)?, then(&b, &arguments.b, step)?];
        write_png(&beside(&first, &second), out)?;
        note(other_latents(&a.project, &b.project));
        console::say(&format!("step {} of A and step {} of B written to {}", grouped(of_a), grouped(of_b), out.display()));
        return Ok(());
    }
    let seed = arguments.seed.unwrap_or(a.project.seed);
    let pictures = [samples(&a, seed, arguments.count as usize)?, samples(&b, seed, arguments.count as usize)?];
    write_png(&beside(&pictures[0], &pictures[1]), out)?;
    // Both are drawn from one seed.
    note(other_latents(&a.project, &Project { seed: a.project.seed, ..b.project.clone() }));
    console::say(&format!("{} samples of each written to {}", grouped(u64::from(arguments.count)), out.display()));
    Ok(())
}

/// Where samples that stand side by side are not from the same latent vectors, why not.
fn other_latents(a: &Project, b: &Project) -> Option<String> {
    let differences = latent_differences(a, b);
    (!differences.is_empty()).then(|| {
        let what = differences.join(" and ");
        format!("the runs differ in {what}: samples of A and B are not from the same latent vectors, and none of A belongs to one of B")
    })
}

fn note(text: Option<String>) {
    if let Some(text) = text {
        console::say(&format!("note: {text}"));
    }
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
fn lines(a: &Run, b: &Run) -> Vec<String> {
    let mut lines = table::lines(&a.shown, &b.shown);
    lines.push(String::new());
    // At its best a run may be younger than where the other one left it.
    lines.push(parted(&a.newest.history, &b.newest.history));
    let (a, b) = (&a.shown.project, &b.shown.project);
    // Where each was told to end is no difference between what they learn.
    let other = Project { train: TrainSpec { stop: a.train.stop, ..b.train.clone() }, ..b.clone() };
    let changes = a.changes(&other);
    if changes.is_empty() {
        lines.push("networks, settings, data and seed are the same".to_owned());
    }
    lines.extend(changes.iter().map(|change| format!("B: {change}")));
    lines
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
    use crate::measure::{Assessment, Best, Report};
    use crate::spec::{Edit, Latent, Preset, Role, Shape};
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
    }

    #[test]
    fn samples_that_are_not_from_the_same_latent_vectors_are_told() {
        let a = Preset::from_name("ring8").unwrap().project();
        assert_eq!(other_latents(&a, &Project { name: "another".to_owned(), ..a.clone() }), None);
        let mut b = a.clone();
        b.train.latent = if a.train.latent == Latent::Normal { Latent::Uniform } else { Latent::Normal };
        let text = other_latents(&a, &b).unwrap();
        assert!(text.starts_with("the runs differ in latent distribution: samples of A and B are not"), "{text}");
        Edit::SetSeed(a.seed + 1).apply(&mut b).unwrap();
        Edit::SetInput { role: Role::Generator, shape: Shape::vector(3) }.apply(&mut b).unwrap();
        let text = other_latents(&a, &b).unwrap();
        assert!(text.contains("in seed and latent distribution and latent size:"), "{text}");
    }

    #[test]
    fn at_its_best_a_run_has_the_numbers_of_then_and_is_still_known_to_be_the_same() {
        let project = Preset::from_name("ring8").unwrap().project();
        let run = |best: u64, is_left: bool| {
            let mut newest = Checkpoint::blank(project.clone(), 4);
            newest.history = (1..=4).map(|step| StepRecord { step, d_loss: step as f32, ..StepRecord::default() }).collect();
            let report = Report::Points { samples: 1, floor: Default::default(), modes: None, coverage: None };
            let assessment = Assessment { step: best, elapsed_secs: best as f64 / 2.0, report };
            let weights = crate::nn::Named::new();
            if !is_left {
                newest.quality.series.push(assessment.clone());
            }
            newest.quality.best = Some(Arc::new(Best { assessment, project: project.clone(), weights }));
            let newest = Arc::new(newest);
            Run { shown: at_best(&newest, Path::new("run.ganvas")).unwrap(), newest }
        };
        let lines = lines(&run(1, false), &run(3, false));
        let values = |name: &str| -> Vec<&str> {
            let line = lines.iter().find(|line| line.starts_with(name)).unwrap();
            line[name.len()..].split_whitespace().collect()
        };
        assert_eq!(values("steps"), ["1", "3"]);
        assert_eq!(values("seconds of training"), ["0.5", "1.5"]);
        assert_eq!(values("D loss, the same"), ["1.0000", "2.0000"]);
        assert!(lines.contains(&"both runs are the same, number for number".to_owned()), "{lines:#?}");
        let left = run(3, true).shown;
        assert!((left.g_steps, left.history.is_empty()) == (3, true), "what happened until then was on a way that was left");
    }
}
