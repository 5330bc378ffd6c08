//! What two runs are and what was measured of them, side by side.

use crate::cli::console::{self, grouped, percent};
use crate::measure::{Assessment, Floor, Measure, Measures, Report};
use crate::train::{Checkpoint, History, Metric};

/// Losses are means over so many steps.
const RECENT: usize = 100;

/// Where there is no such number.
const NONE: &str = "-";

/// Both as a table, and then in words how far what was measured of them can be compared.
pub(super) fn lines(a: &Checkpoint, b: &Checkpoint) -> Vec<String> {
    let both = |name: &str, value: &dyn Fn(&Checkpoint) -> String| row(name, [value(a), value(b)]);
    let mut lines = vec![
        row("", ["A".to_owned(), "B".to_owned()]),
        both("project", &|run| run.project.name.clone()),
        both("steps", &|run| grouped(run.g_steps)),
        both("seconds of training", &|run| format!("{:.1}", run.elapsed_secs)),
        both("G loss, mean of the last 100 steps", &|run| recent(&run.history, Metric::GeneratorLoss)),
        both("D loss, the same", &|run| recent(&run.history, Metric::DiscriminatorLoss)),
    ];
    lines.extend(measured([a, b].map(|run| run.quality.best.as_deref().map(|best| &best.assessment))));
    lines
}

/// A name and what it is in A and in B, in 80 columns.
fn row(name: &str, [a, b]: [String; 2]) -> String {
    format!("{name:<52} {a:>13} {b:>13}")
}

fn recent(history: &History, metric: Metric) -> String {
    let from = history.len().saturating_sub(RECENT);
    let values: Vec<f64> = (from..history.len()).filter_map(|index| Some(f64::from(metric.of(&history.get(index)?)))).collect();
    if values.is_empty() { NONE.to_owned() } else { format!("{:.4}", values.iter().sum::<f64>() / values.len() as f64) }
}

/// What was measured of both at their best: each number above what real samples reach beside it, which is what it can be judged by.
fn measured(best: [Option<&Assessment>; 2]) -> Vec<String> {
    let reports: Vec<&Report> = best.iter().flatten().map(|best| &best.report).collect();
    let mut floors: Vec<Floor> = reports.iter().map(|report| report.floor()).collect();
    floors.dedup();
    if reports.is_empty() {
        return Vec::new();
    }
    let cells = |text: &dyn Fn(&Assessment) -> Option<String>| best.map(|best| best.and_then(text).unwrap_or_else(|| NONE.to_owned()));
    let mut lines = vec![String::new(), row("at its best, measured at step", cells(&|best| Some(grouped(best.step))))];
    let counts = |measure: &Measure| reports.iter().any(|report| report.rank().contains(measure));
    for measure in Measure::ALL.into_iter().filter(counts) {
        lines.push(row(&name(measure), cells(&|best| number(measure, &best.report, |found| found.generated))));
        for floor in &floors {
            let of_real = |best: &Assessment| number(measure, &best.report, |found| found.floor).filter(|_| best.report.floor() == *floor);
            lines.push(row(real_samples(*floor), cells(&of_real)));
        }
    }
    lines.push(String::new());
    if let [a, b] = reports[..] {
        lines.extend(console::wrapped(&comparability(a, b), 0, 0));
    }
    lines.extend(floors.iter().flat_map(|floor| console::wrapped(floor.sentence(), 0, 0)));
    lines
}

/// What a number is, and by what it is seen.
fn name(measure: Measure) -> String {
    match measure {
        Measure::Frechet => "Fréchet distance over its own classifier's features".to_owned(),
        Measure::Modes => "modes found".to_owned(),
        Measure::HighQuality => "share within three deviations of a mode".to_owned(),
        Measure::Density => "density of samples among real points".to_owned(),
        Measure::Coverage => "share of real points with a sample near them".to_owned(),
        other => other.column().replace('_', " "),
    }
}

const fn real_samples(floor: Floor) -> &'static str {
    match floor {
        Floor::HeldOut => "  the same of real samples, held out",
        Floor::Halves => "  the same of real samples, other half",
        Floor::Unsaid => "  the same of real samples",
    }
}

/// One of both numbers as it is read; none where it was not measured.
fn number(measure: Measure, report: &Report, which: impl Fn(Measures<f64>) -> f64) -> Option<String> {
    let found = which(measure.of(report)?);
    Some(match measure {
        Measure::Modes => format!("{found} of {}", report.modes()?.generated.modes),
        Measure::HighQuality | Measure::Coverage => percent(found, 1),
        _ => format!("{found:.4}"),
    })
}

/// May numbers of A be compared with those of B?
fn comparability(a: &Report, b: &Report) -> String {
    if a.compares_with(b) {
        return "Both were measured beside the same real samples: these numbers can be compared with each other.".to_owned();
    }
    let sees = a.pictures().or(b.pictures()).is_some();
    let what = if sees { "the real samples, how many they are or the classifier" } else { "the real samples or how many they are" };
    format!(
        "What was measured of A cannot be compared with what was measured of B: {what} are not the same. Each number says something beside \
         its own row of real samples alone. Only runs on the same data with the same seed are measured alike."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{ModeReport, PictureReport};
    use crate::train::StepRecord;

    fn ring(captured: usize, held_out: f64) -> Assessment {
        let modes = |captured, high_quality| ModeReport { modes: 8, captured, high_quality, reverse_kl: 0.1 };
        let modes = Some(Measures { generated: modes(captured, 0.875), floor: modes(8, held_out) });
        Assessment {
            step: 1_200,
            elapsed_secs: 6.0,
            report: Report::Points { samples: 1_000, floor: Floor::HeldOut, modes, coverage: None },
        }
    }

    fn pictures(floor: Floor, frechet: f64, of_real: f64) -> Assessment {
        let report = PictureReport {
            samples: 1_000,
            reference: 1_000,
            floor,
            frechet: Some(Measures { generated: frechet, floor: of_real }),
            kernel: None,
            coverage: None,
            sliced: Vec::new(),
            nearest: Measures { generated: 0.5, floor: 0.5 },
            search: None,
            classes: Vec::new(),
            accuracy: 0.9,
            tested: None,
            stand_in: None,
        };
        Assessment { step: 700, elapsed_secs: 6.0, report: Report::Pictures(Box::new(report)) }
    }

    #[test]
    fn every_number_stands_above_the_one_of_real_samples() {
        let lines = measured([Some(&ring(7, 0.99)), Some(&ring(8, 0.99))]);
        let expected = [
            "",
            "at its best, measured at step                                1,200         1,200",
            "modes found                                                 7 of 8        8 of 8",
            "  the same of real samples, held out                        8 of 8        8 of 8",
            "share within three deviations of a mode                     87.5 %        87.5 %",
            "  the same of real samples, held out                        99.0 %        99.0 %",
            "",
            "Both were measured beside the same real samples: these numbers can be compared with each other.",
        ];
        assert_eq!(lines[..8], expected);
        assert_eq!(lines[8..].join(" "), Floor::HeldOut.sentence());
        assert_eq!(measured([None, None]), Vec::<String>::new());
    }

    #[test]
    fn a_distance_is_named_for_its_features_and_says_what_it_cannot_be_compared_with() {
        let (a, b) = (pictures(Floor::HeldOut, 0.5, 0.0625), pictures(Floor::Halves, 0.25, 0.125));
        let lines = measured([Some(&a), Some(&b)]);
        let expected = [
            "Fréchet distance over its own classifier's features         0.5000        0.2500",
            "  the same of real samples, held out                        0.0625             -",
            "  the same of real samples, other half                           -        0.1250",
        ];
        assert_eq!(lines[2..5], expected);
        let words = lines[6..].join(" ");
        assert!(
            words.starts_with("What was measured of A cannot be compared with what was measured of B: ") && words.contains("classifier"),
            "{words}"
        );
        assert!(words.contains(Floor::HeldOut.sentence()) && words.ends_with(Floor::Halves.sentence()), "{words}");
        assert!(lines.iter().all(|line| line.chars().count() <= console::WIDTH), "{lines:#?}");
        let other_seed = measured([Some(&ring(8, 0.99)), Some(&ring(8, 0.98))]).join(" ");
        assert!(other_seed.contains("cannot be compared") && !other_seed.contains("classifier"), "{other_seed}");
        let alone = measured([None, Some(&b)]);
        assert!(alone[2].ends_with("            -        0.2500") && !alone.join(" ").contains("compared"), "{alone:#?}");
    }

    #[test]
    fn losses_are_means_of_the_last_steps() {
        let history: History = (1..=4).map(|step| StepRecord { step, d_loss: step as f32, ..StepRecord::default() }).collect();
        assert_eq!(recent(&history, Metric::DiscriminatorLoss), "2.5000");
        assert_eq!(recent(&History::default(), Metric::GeneratorLoss), "-");
    }
}
