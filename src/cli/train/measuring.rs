//! How good the generator is, in the terminal while it trains.

use std::time::Duration;

use super::display::Display;
use crate::cli::console::{grouped, percent};
use crate::measure::{Assessment, Measure};
use crate::train::{Assessed, Checkpoint};

/// How often a run is measured, as it is typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct Measuring(pub Option<Duration>);

/// No run is measured more seldom, in seconds: a day.
const LONGEST: f64 = 86_400.0;

/// Seconds, or `off`.
pub(super) fn measuring(text: &str) -> Result<Measuring, String> {
    if text == "off" {
        return Ok(Measuring(None));
    }
    let seconds = text.parse().ok().filter(|seconds: &f64| (1.0..=LONGEST).contains(seconds));
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.map(|every| Measuring(Some(every))).ok_or_else(|| "this is a number of seconds from 1 to 86400, or off".to_owned())
}

/// What of a run was told so far.
#[derive(Debug, Default)]
pub(super) struct Told {
    step: Option<u64>,
}

impl Told {
    /// What was measured before a run goes on from here is no news.
    pub(super) fn before(checkpoint: Option<&Checkpoint>) -> Self {
        Self { step: checkpoint.and_then(|checkpoint| checkpoint.quality.series.last()).map(|last| last.step) }
    }

    /// Tells what was measured last, once.
    pub(super) fn tell(&mut self, assessed: &Assessed, display: &Display) {
        let Some(last) = assessed.quality.series.last().filter(|last| self.step != Some(last.step)) else { return };
        self.step = Some(last.step);
        let is_best = assessed.quality.best.as_ref().is_some_and(|best| best.assessment.step == last.step);
        display.say(&format!("{}{}", describe(last), if is_best { ", the best so far" } else { "" }));
    }
}

/// What was measured, in a line.
pub(super) fn describe(assessment: &Assessment) -> String {
    let numbers: Vec<String> = assessment.report.rank().iter().filter_map(|measure| number(assessment, *measure)).collect();
    format!("measured at step {}: {}", grouped(assessment.step), numbers.join(", "))
}

fn number(assessment: &Assessment, measure: Measure) -> Option<String> {
    let found = assessment.get(measure)?;
    let floor = assessment.report.floor().name();
    Some(match measure {
        Measure::Modes => {
            let all = assessment.report.modes()?.generated.modes;
            let missed = all as f64 - found.floor;
            let real = if missed > 0.0 { format!(" ({floor} {})", found.floor) } else { String::new() };
            format!("{} of {all} modes{real}", found.generated)
        }
        Measure::HighQuality => format!("{} near one ({floor} {})", percent(found.generated, 1), percent(found.floor, 1)),
        Measure::Frechet => format!("Fréchet distance over the classifier's features {:.3} ({floor} {:.3})", found.generated, found.floor),
        other => format!("{} {:.3} ({floor} {:.3})", other.column().replace('_', " "), found.generated, found.floor),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Floor, Measures, ModeReport, Report};

    #[test]
    fn seconds_or_off() {
        assert_eq!(measuring("off"), Ok(Measuring(None)));
        assert_eq!(measuring("2.5"), Ok(Measuring(Some(Duration::from_millis(2_500)))));
        for text in ["0", "-1", "NaN", "1e9", "often", ""] {
            assert!(measuring(text).is_err(), "{text}");
        }
    }

    #[test]
    fn points_are_described_by_their_modes() {
        let modes = |captured, high_quality| ModeReport { modes: 8, captured, high_quality, reverse_kl: 0.0 };
        let modes = Some(Measures { generated: modes(7, 0.5), floor: modes(8, 0.99) });
        for (floor, name) in [(Floor::HeldOut, "held out"), (Floor::Halves, "other half"), (Floor::Unsaid, "real")] {
            let report = Report::Points { samples: 10, floor, modes, coverage: None };
            let said = describe(&Assessment { step: 1200, elapsed_secs: 0.0, report });
            assert_eq!(said, format!("measured at step 1,200: 7 of 8 modes, 50.0 % near one ({name} 99.0 %)"));
        }
    }

    #[test]
    fn modes_are_those_of_the_data_also_where_real_samples_miss_some() {
        let modes = |captured| ModeReport { modes: 25, captured, high_quality: 0.5, reverse_kl: 0.0 };
        let modes = Some(Measures { generated: modes(22), floor: modes(24) });
        let report = Report::Points { samples: 60, floor: Floor::Halves, modes, coverage: None };
        let said = describe(&Assessment { step: 1, elapsed_secs: 0.0, report });
        assert!(said.starts_with("measured at step 1: 22 of 25 modes (other half 24), 50.0 % near one"), "{said}");
    }
}
