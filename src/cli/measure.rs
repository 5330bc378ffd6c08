//! `ganvas measure`: how good a trained generator is.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use clap::Args;

use super::console;
use super::error::Failure;
use super::trained::{Which, trained};
use crate::data;
use crate::latent::GeneratorHandle;
use crate::measure::{Coverage, Floor, Judge, Measures, ModeReport, PictureReport, Report, Search};

/// Say how good the samples of a trained project are
#[derive(Debug, Args)]
#[command(
    long_about = "Says how good the samples of a trained project are: for points of a mixture, which of its modes are found; for pictures, \
                  distances to real ones over the features of a small classifier, which is trained first, on the classes of the training \
                  samples (on built-in pictures where the data has none). Every number stands beside the one that held-out real samples \
                  reach; where fewer than 200 are held out, that one half of the training samples reaches beside the other half.\n\n\
                  The distances are no FID: the features are not Inception's. They compare generators of the same data.",
    after_help = EXAMPLES
)]
pub(super) struct MeasureArguments {
    /// A trained project
    #[arg(value_name = "FILE.ganvas")]
    file: PathBuf,
    /// How many samples of each kind to compare, at most; as many as there are real ones to stand beside them, where those are fewer
    #[arg(long, value_name = "N", default_value_t = 2500, value_parser = clap::value_parser!(u32).range(50..=50_000))]
    samples: u32,
    /// Which samples, and which classifier; the project's own seed, unless given
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Measure the generator as it is, not its average over the last steps
    #[arg(long, conflicts_with = "best")]
    no_average: bool,
    /// Measure the generator at its best, as it was measured while it trained
    #[arg(long)]
    best: bool,
}

const EXAMPLES: &str = "\
Examples:
  ganvas measure ganvas-out/project.ganvas
  ganvas measure ring8.ganvas --samples 10000 --seed 7";

/// Measures, and prints what was measured.
pub(super) fn run(arguments: &MeasureArguments) -> Result<(), Failure> {
    let checkpoint = trained(&arguments.file, Which::best(arguments.best))?;
    // The weights belong to the networks they were trained in, and to the data then.
    let project = &checkpoint.project;
    let generator = if arguments.no_average {
        GeneratorHandle::from_numbers(&project.generator, &checkpoint.part("generator."))?
    } else {
        GeneratorHandle::from_checkpoint(project, &checkpoint)?
    };
    let never = AtomicBool::new(false);
    let dataset = data::load(&project.data, project.seed, &mut |_| {}, &never)?;
    let seed = arguments.seed.unwrap_or(project.seed);
    if !project.data.is_points() {
        console::say("training a classifier to measure with");
    }
    let judge = Judge::new(&dataset, &project.data, arguments.samples as usize, seed, &never)?;
    let report = judge.measure(&generator, project.train.latent)?;
    lines(&report).iter().for_each(|line| console::print(line));
    Ok(())
}

/// The report as a table.
fn lines(report: &Report) -> Vec<String> {
    match report {
        Report::Points { samples, floor, modes, coverage } => {
            let mut lines = vec![head(&format!("{} points", console::grouped(*samples as u64)), *floor)];
            lines.extend(modes.iter().flat_map(|modes| mode_lines(*modes)));
            lines.extend(coverage.iter().flat_map(|coverage| coverage_lines(*coverage)));
            lines.push(floor.sentence().to_owned());
            lines
        }
        Report::Pictures(report) => picture_lines(report),
    }
}

fn head(what: &str, floor: Floor) -> String {
    line(what, ["generated".to_owned(), floor.name().to_owned()])
}

fn line(name: &str, values: [String; 2]) -> String {
    format!("{name:<48}{:>12}{:>12}", values[0], values[1])
}

/// A line for a number of each.
fn row<T>(name: &str, measures: &Measures<T>, text: impl Fn(&T) -> String) -> String {
    line(name, [text(&measures.generated), text(&measures.floor)])
}

/// With a decimal, as columns of numbers are read.
fn percent(share: f64) -> String {
    console::percent(share, 1)
}

fn number(value: f64) -> String {
    let digits = if value.abs() < 1.0 { 4 } else { 2 };
    format!("{value:.digits$}")
}

fn mode_lines(modes: Measures<ModeReport>) -> Vec<String> {
    vec![
        row("modes found", &modes, |report| format!("{} of {}", report.captured, report.modes)),
        row("within three deviations of a mode", &modes, |report| percent(report.high_quality)),
        row("divergence from even modes (nats)", &modes, |report| format!("{:.3}", report.reverse_kl)),
    ]
}

fn coverage_lines(coverage: Measures<Coverage>) -> Vec<String> {
    vec![
        row("precision: samples among real ones", &coverage, |coverage| percent(coverage.precision)),
        row("recall: real ones among samples", &coverage, |coverage| percent(coverage.recall)),
        row("density", &coverage, |coverage| number(coverage.density)),
        row("coverage", &coverage, |coverage| percent(coverage.coverage)),
    ]
}

fn picture_lines(report: &PictureReport) -> Vec<String> {
    let (samples, reference) = (console::grouped(report.samples as u64), console::grouped(report.reference as u64));
    let mut lines = vec![head(&format!("{samples} pictures beside {reference} training pictures"), report.floor)];
    lines.extend(report.frechet.map(|measures| row("Fréchet distance over the classifier's features", &measures, |value| number(*value))));
    lines.extend(report.kernel.map(|measures| row("kernel distance over the same", &measures, |value| number(*value))));
    lines.extend(report.coverage.iter().flat_map(|coverage| coverage_lines(*coverage)));
    for (size, measures) in &report.sliced {
        lines.push(row(&format!("sliced Wasserstein distance at {size} pixels"), measures, |value| number(*value)));
    }
    lines.push(row("distance to the nearest training picture", &report.nearest, |value| number(f64::from(*value))));
    lines.extend(report.classes.iter().map(|(name, measures)| row(&format!("share of {name}"), measures, |share| percent(*share))));
    lines.push(report.floor.sentence().to_owned());
    lines.extend(report.search.map(Search::sentence));
    lines.push(report.classifier_sentences());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Tested;

    #[test]
    fn a_report_of_points_is_a_table() {
        let modes = |captured| ModeReport { modes: 8, captured, high_quality: 0.987, reverse_kl: 0.0123 };
        let modes = Some(Measures { generated: modes(7), floor: modes(8) });
        let report = Report::Points { samples: 2500, floor: Floor::HeldOut, modes, coverage: None };
        let expected = [
            "2,500 points                                       generated    held out",
            "modes found                                           7 of 8      8 of 8",
            "within three deviations of a mode                     98.7 %      98.7 %",
            "divergence from even modes (nats)                      0.012       0.012",
            Floor::HeldOut.sentence(),
        ];
        assert_eq!(lines(&report), expected);
    }

    #[test]
    fn a_report_of_pictures_says_what_its_numbers_are_of() {
        let both = |generated: f64| Measures { generated, floor: generated / 2.0 };
        let report = PictureReport {
            samples: 75,
            reference: 75,
            floor: Floor::Halves,
            frechet: Some(both(3.0)),
            kernel: None,
            coverage: None,
            sliced: vec![(28, both(20.0))],
            nearest: Measures { generated: 0.25, floor: 0.5 },
            search: Some(Search { among: 4_096, of: 50_000 }),
            classes: vec![("zero".to_owned(), both(0.5))],
            accuracy: 0.4,
            tested: Some(Tested { pictures: 75, guessed: 0.3 }),
            stand_in: None,
        };
        let expected = [
            "75 pictures beside 75 training pictures            generated  other half",
            "Fréchet distance over the classifier's features         3.00        1.50",
            "sliced Wasserstein distance at 28 pixels               20.00       10.00",
            "distance to the nearest training picture              0.2500      0.5000",
            "share of zero                                         50.0 %      25.0 %",
        ];
        let lines = lines(&Report::Pictures(Box::new(report)));
        assert_eq!(lines[..5], expected);
        assert_eq!(lines[5], Floor::Halves.sentence());
        assert_eq!(lines[6], "The nearest training picture was looked for among 4,096 of 50,000 training pictures.");
        assert!(lines[7].contains("40.0 % of 75 that it never saw") && lines[7].contains("say little"), "{}", lines[7]);
        assert!(lines.iter().all(|line| !line.contains("FID")));
    }
}
