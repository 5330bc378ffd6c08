//! How a run looks in the terminal: a bar where there is one, else a line now and then.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::console::{grouped, percent, say};
use crate::data::LoadProgress;
use crate::train::{Preparing, Progress};

/// Without a terminal, progress is written so often.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// The bar counts seconds in steps of this many, so that it moves smoothly.
const TICKS_PER_SECOND: f64 = 10.0;

/// The display of one run.
pub(super) struct Display {
    bar: ProgressBar,
    scale: Scale,
    last_line: Option<Instant>,
}

/// What a full bar means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scale {
    /// There is no end.
    Endless,
    /// From one step to another.
    Steps { from: u64, to: u64 },
    /// So many passes over the data.
    Epochs(f64),
    /// So many seconds, counted from so many.
    Seconds { from: f64, length: f64 },
}

impl Display {
    /// Nothing is shown yet.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template(SPINNER) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, scale: Scale::Endless, last_line: None }
    }

    /// A lasting line, above the bar.
    pub(super) fn say(&self, line: &str) {
        self.bar.suspend(|| say(line));
    }

    /// Data is being read.
    pub(super) fn loading(&self, progress: LoadProgress) {
        let LoadProgress { done, total } = progress;
        self.bar.set_message(format!("loading {} of {}", grouped(done as u64), grouped(total as u64)));
    }

    /// The device is being prepared.
    pub(super) fn preparing(&mut self, device: &str, progress: Preparing) {
        let line = format!("{device}: {progress}");
        self.bar.set_message(line.clone());
        // Opening takes no time that is worth a line.
        if progress.total > 0 {
            self.now_and_then(&line);
        }
    }

    /// A line where there is no terminal that shows a bar, but not too often.
    fn now_and_then(&mut self, line: &str) {
        if self.bar.is_hidden() && self.last_line.is_none_or(|last| last.elapsed() >= LINE_EVERY) {
            self.last_line = Some(Instant::now());
            say(line);
        }
    }

    /// The run begins.
    pub(super) fn running(&mut self, scale: Scale) {
        self.scale = scale;
        let length = match scale {
            Scale::Endless => None,
            Scale::Steps { from, to } => Some(to.saturating_sub(from)),
            Scale::Epochs(epochs) => Some((epochs * 100.0) as u64),
            Scale::Seconds { length, .. } => Some((length * TICKS_PER_SECOND) as u64),
        };
        if let Some(length) = length {
            self.bar.set_length(length);
            self.bar.set_style(bar_style());
            self.bar.reset_eta();
        }
        self.bar.set_message("");
    }

    /// The run went on.
    pub(super) fn progress(&mut self, progress: &Progress) {
        let line = describe(progress);
        let position = match self.scale {
            Scale::Endless => 0,
            Scale::Steps { from, .. } => progress.step.saturating_sub(from),
            Scale::Epochs(_) => (progress.epoch * 100.0) as u64,
            Scale::Seconds { from, .. } => ((progress.elapsed_secs - from).max(0.0) * TICKS_PER_SECOND) as u64,
        };
        self.bar.set_position(position);
        self.bar.set_message(line.clone());
        self.now_and_then(&line);
    }

    /// The run is over, and its last state is measured.
    pub(super) fn measuring(&self) {
        self.bar.set_message("measuring the last step; Ctrl-C leaves that out");
    }

    /// The run is over; its last line stays.
    pub(super) fn finish(&self, progress: &Progress) {
        self.bar.finish_and_clear();
        if progress.step > 0 {
            say(&describe(progress));
        }
    }
}

/// The state of a run in a line: `step 1,240 · D 1.234 · G 0.912 · 1,350 images/s · epoch 8.3`. The least
/// important comes last: a narrow terminal cuts it off.
fn describe(progress: &Progress) -> String {
    let losses = progress.history.last().map(|record| format!(" · D {:.3} · G {:.3}", record.d_loss, record.g_loss)).unwrap_or_default();
    let augmented = progress.augmentation.map(|p| format!(" · augmented {}", percent(p, 0))).unwrap_or_default();
    let speed = grouped(progress.images_per_s.max(0.0) as u64);
    format!("step {}{losses}{augmented} · {speed} images/s · epoch {:.1}", grouped(progress.step), progress.epoch)
}

const BAR: &str = "{bar:12.yellow/blue} {percent:>3}% · {eta:>3} left · {wide_msg}";
const SPINNER: &str = "{spinner} {wide_msg}";

fn bar_style() -> ProgressStyle {
    // The template is ours and well formed; should it not be, the plain bar does.
    let style = ProgressStyle::with_template(BAR);
    style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━─")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::StepRecord;

    #[test]
    fn a_run_is_described_in_a_line() {
        let record = StepRecord { step: 1240, d_loss: 1.2342, g_loss: 0.912, ..StepRecord::default() };
        let progress = Progress {
            step: 1240,
            epoch: 8.26,
            images_per_s: 1350.7,
            elapsed_secs: 60.0,
            augmentation: None,
            history: [record].into_iter().collect(),
        };
        assert_eq!(describe(&progress), "step 1,240 · D 1.234 · G 0.912 · 1,350 images/s · epoch 8.3");
        let adapted = Progress { augmentation: Some(0.254), ..progress };
        assert_eq!(describe(&adapted), "step 1,240 · D 1.234 · G 0.912 · augmented 25 % · 1,350 images/s · epoch 8.3");
        assert_eq!(describe(&Progress::default()), "step 0 · 0 images/s · epoch 0.0");
    }

    #[test]
    fn the_templates_are_understood() {
        assert!(ProgressStyle::with_template(BAR).is_ok() && ProgressStyle::with_template(SPINNER).is_ok());
    }
}
