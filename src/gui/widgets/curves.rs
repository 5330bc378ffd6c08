//! All series of a run, measured and smoothed, kept up to date as the run goes on. The work of a frame is bounded.

use super::series::{Along, Decimated, Metric, Sample};
use crate::train::StepRecord;

/// How many records are taken in at most before the next frame is drawn.
pub const BUDGET: usize = 250_000;

/// A running mean in which each value counts less the longer it is past: after `window` further values, about a third.
#[derive(Clone, Copy, Debug)]
pub struct Average {
    keep: f64,
    sum: f64,
    weight: f64,
}

impl Average {
    /// One that remembers about `window` values; 1 keeps every value as it is.
    pub fn new(window: u32) -> Self {
        Self { keep: 1.0 - 1.0 / f64::from(window.max(1)), sum: 0.0, weight: 0.0 }
    }

    /// Takes a value in and returns the mean. Divided by the weights given out so far, so that the beginning is not drawn towards zero.
    pub fn add(&mut self, value: f32) -> f32 {
        self.sum = self.keep * self.sum + (1.0 - self.keep) * f64::from(value);
        self.weight = self.keep * self.weight + (1.0 - self.keep);
        (self.sum / self.weight) as f32
    }
}

/// Values that are no numbers, or infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Broken {
    /// How many.
    pub count: u64,
    /// The step of the first.
    pub step: u64,
    /// Seconds of training at the first.
    pub secs: f64,
}

#[derive(Clone, Debug)]
struct Smooth {
    window: u32,
    seen: usize,
    averages: [Average; 4],
    series: [Decimated; 4],
}

impl Smooth {
    fn new(window: u32) -> Self {
        Self { window, seen: 0, averages: [Average::new(window); 4], series: Default::default() }
    }

    fn take_in(&mut self, records: &[StepRecord]) {
        for record in records {
            for metric in Metric::ALL {
                if let Some(sample) = sample(metric, record) {
                    let value = self.averages[metric as usize].add(sample.value);
                    self.series[metric as usize].push(Sample { value, ..sample });
                }
            }
        }
        self.seen += records.len();
    }
}

fn sample(metric: Metric, record: &StepRecord) -> Option<Sample> {
    let value = metric.of(record);
    value.is_finite().then_some(Sample { step: record.step, secs: record.elapsed_secs, value })
}

/// All series of a history, kept up to date as it grows.
#[derive(Clone, Debug)]
pub struct Curves {
    raw: [Decimated; 4],
    broken: [Option<Broken>; 4],
    smooth: Smooth,
    /// The smoothed series with another window, until it has caught up.
    next: Option<Smooth>,
    seen: usize,
    /// Step and seconds of the first and the last record taken in: if they are not there any more, the history is another one.
    ends: Option<[(u64, u64); 2]>,
    revision: u64,
}

impl Default for Curves {
    fn default() -> Self {
        Self { raw: Default::default(), broken: [None; 4], smooth: Smooth::new(1), next: None, seen: 0, ends: None, revision: 0 }
    }
}

impl Curves {
    /// Takes in what is new among `records`, at most [`BUDGET`] of them, smoothed over `window` values. Returns whether there is more
    /// to do in the next frame.
    pub fn update(&mut self, records: &[StepRecord], window: u32) -> bool {
        if self.is_of_another_history(records) {
            *self = Self { revision: self.revision + 1, smooth: Smooth::new(window), ..Self::default() };
        }
        let end = records.len().min(self.seen + BUDGET);
        self.take_in(&records[self.seen..end]);
        self.ends = records[..end].first().zip(records[..end].last()).map(|(first, last)| [mark(first), mark(last)]);
        self.catch_up(&records[..end], window);
        end < records.len() || self.next.is_some() || self.smooth.seen < end
    }

    fn is_of_another_history(&self, records: &[StepRecord]) -> bool {
        let Some([first, last]) = self.ends else { return false };
        let still = |index: usize, kept| records.get(index).is_some_and(|record| mark(record) == kept);
        !(still(0, first) && still(self.seen - 1, last))
    }

    fn take_in(&mut self, records: &[StepRecord]) {
        for record in records {
            for metric in Metric::ALL {
                match sample(metric, record) {
                    Some(sample) => self.raw[metric as usize].push(sample),
                    None => self.note_broken(metric, record),
                }
            }
        }
        if !records.is_empty() {
            self.seen += records.len();
            self.revision += 1;
        }
    }

    fn note_broken(&mut self, metric: Metric, record: &StepRecord) {
        let first = Broken { count: 0, step: record.step, secs: record.elapsed_secs };
        self.broken[metric as usize].get_or_insert(first).count += 1;
    }

    /// `records` are those taken in so far.
    fn catch_up(&mut self, records: &[StepRecord], window: u32) {
        let wanted = self.next.as_ref().unwrap_or(&self.smooth).window;
        if wanted != window {
            self.next = (self.smooth.window != window).then(|| Smooth::new(window));
        }
        let target = self.next.as_mut().unwrap_or(&mut self.smooth);
        let end = records.len().min(target.seen + BUDGET);
        if target.seen < end {
            target.take_in(&records[target.seen..end]);
            self.revision += 1;
        }
        if let Some(next) = self.next.take_if(|next| next.seen == records.len()) {
            self.smooth = next;
            self.revision += 1;
        }
    }

    /// Grows whenever what is drawn changes.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// One series as it was measured.
    pub fn raw(&self, metric: Metric) -> &Decimated {
        &self.raw[metric as usize]
    }

    /// One series smoothed.
    pub fn smooth(&self, metric: Metric) -> &Decimated {
        &self.smooth.series[metric as usize]
    }

    /// What could not be drawn of a series.
    pub fn broken(&self, metric: Metric) -> Option<Broken> {
        self.broken[metric as usize]
    }
}

fn mark(record: &StepRecord) -> (u64, u64) {
    (record.step, record.elapsed_secs.to_bits())
}

/// The records between two places of an axis and one more on each side, found without looking at all of them.
pub fn between(records: &[StepRecord], along: Along, range: (f64, f64)) -> std::ops::Range<usize> {
    let start = records.partition_point(|record| along.of(record) < range.0);
    let end = records.partition_point(|record| along.of(record) <= range.1);
    start.saturating_sub(1)..(end + 1).min(records.len()).max(start.saturating_sub(1))
}

/// The record nearest to a place of an axis.
pub fn nearest(records: &[StepRecord], along: Along, place: f64) -> Option<&StepRecord> {
    let after = records.partition_point(|record| along.of(record) < place);
    let before = records.get(after.wrapping_sub(1));
    match (before, records.get(after)) {
        (Some(a), Some(b)) => Some(if place - along.of(a) <= along.of(b) - place { a } else { b }),
        (a, b) => a.or(b),
    }
}

/// The finite values of a stretch of records, as they were measured and smoothed. The average looks back a few windows before the
/// stretch, no further, so that the work depends on the stretch alone.
pub fn stretch(records: &[StepRecord], range: std::ops::Range<usize>, metric: Metric, window: u32) -> (Vec<Sample>, Vec<Sample>) {
    let mut average = Average::new(window);
    let warm_up = range.start.saturating_sub(6 * window as usize);
    let (mut raw, mut smooth) = (Vec::new(), Vec::new());
    for (index, record) in records.iter().enumerate().take(range.end).skip(warm_up) {
        let Some(sample) = sample(metric, record) else { continue };
        let value = average.add(sample.value);
        if index >= range.start {
            raw.push(sample);
            smooth.push(Sample { value, ..sample });
        }
    }
    (raw, smooth)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::widgets::series::MAX_BUCKETS;

    fn record(step: u64, value: f32) -> StepRecord {
        StepRecord { step, elapsed_secs: step as f64 / 10.0, d_loss: value, g_loss: value, d_real: value, d_fake: value }
    }

    fn history(count: u64, value: impl Fn(u64) -> f32) -> Vec<StepRecord> {
        (1..=count).map(|step| record(step, value(step))).collect()
    }

    fn settled(records: &[StepRecord], window: u32) -> Curves {
        let mut curves = Curves::default();
        while curves.update(records, window) {}
        curves
    }

    #[test]
    fn a_short_series_is_kept_as_it_is() {
        let records = history(MAX_BUCKETS as u64, |step| (step as f32).sin());
        let curves = settled(&records, 1);
        assert!(curves.raw(Metric::Real).is_complete());
        let drawn: Vec<f32> = curves.raw(Metric::Real).samples().map(|sample| sample.value).collect();
        assert_eq!(drawn, records.iter().map(|record| record.d_real).collect::<Vec<_>>());
    }

    #[test]
    fn a_million_records_become_a_bounded_number_of_points_that_keep_every_extreme() {
        // A ramp with one spike up and one down: the extremes are known.
        let value = |step: u64| match step {
            123_457 => 9.0,
            765_431 => -9.0,
            _ => step as f32 * 1e-6,
        };
        let curves = settled(&history(1_000_000, value), 1);
        for metric in Metric::ALL {
            let series = curves.raw(metric);
            assert!(series.means().count() <= MAX_BUCKETS);
            let drawn: Vec<Sample> = series.samples().collect();
            assert!(drawn.len() <= 2 * MAX_BUCKETS);
            assert!(drawn.windows(2).all(|pair| pair[0].step < pair[1].step), "in order");
            assert!(drawn.iter().any(|sample| sample.step == 123_457 && sample.value == 9.0));
            assert!(drawn.iter().any(|sample| sample.step == 765_431 && sample.value == -9.0));
            assert_eq!((drawn[0].step, drawn[drawn.len() - 1].step), (1, 1_000_000));
        }
    }

    #[test]
    fn an_average_of_a_constant_is_the_constant_and_of_a_step_the_geometric_series() {
        let mut average = Average::new(10);
        for _ in 0..5 {
            assert!((average.add(3.0) - 3.0).abs() < 1e-6);
        }
        // Zeros, then ones: after n of m values the debiased mean is (1 - k^n) / (1 - k^m).
        let mut average = Average::new(10);
        for _ in 0..20 {
            average.add(0.0);
        }
        let mean = (0..7).map(|_| average.add(1.0)).last().unwrap();
        let expected = (1.0 - 0.9_f64.powi(7)) / (1.0 - 0.9_f64.powi(27));
        assert!((f64::from(mean) - expected).abs() < 1e-6);
    }

    #[test]
    fn a_history_taken_in_bit_by_bit_is_the_same_as_at_once() {
        let records = history(10_000, |step| (step as f32 * 0.01).cos());
        let at_once = settled(&records, 50);
        let mut by_bits = Curves::default();
        for end in (0..=records.len()).step_by(137).chain([records.len()]) {
            by_bits.update(&records[..end], 50);
        }
        let drawn = |curves: &Curves| curves.smooth(Metric::Fake).means().collect::<Vec<_>>();
        assert_eq!(drawn(&by_bits), drawn(&at_once));
    }

    #[test]
    fn another_window_replaces_the_smoothed_series_once_it_is_complete() {
        let records = history(2 * BUDGET as u64 + 10, |step| if step % 2 == 0 { 1.0 } else { 0.0 });
        let mut curves = settled(&records, 1);
        let before: Vec<Sample> = curves.smooth(Metric::Real).samples().collect();
        assert!(curves.update(&records, 1_000), "it needs more than one frame");
        assert_eq!(curves.smooth(Metric::Real).samples().collect::<Vec<_>>(), before, "until then the old one stays");
        while curves.update(&records, 1_000) {}
        let last = curves.smooth(Metric::Real).samples().last().unwrap();
        assert!((last.value - 0.5).abs() < 1e-3, "{last:?}");
        assert!(!curves.update(&records, 1_000), "and then there is nothing to do");
    }

    #[test]
    fn what_is_no_number_is_left_out_and_counted() {
        let records = history(100, |step| if step >= 60 { f32::NAN } else { 1.0 });
        let curves = settled(&records, 5);
        assert_eq!(curves.broken(Metric::GeneratorLoss), Some(Broken { count: 41, step: 60, secs: 6.0 }));
        assert_eq!(curves.raw(Metric::GeneratorLoss).samples().count(), 59);
        assert!(curves.smooth(Metric::GeneratorLoss).samples().all(|sample| sample.value == 1.0));
    }

    #[test]
    fn another_history_begins_anew() {
        let mut curves = settled(&history(500, |_| 1.0), 1);
        let revision = curves.revision();
        // A new run that is already longer than the old one was.
        let other: Vec<StepRecord> = (1..=700).map(|step| StepRecord { elapsed_secs: step as f64, ..record(step, 2.0) }).collect();
        while curves.update(&other, 1) {}
        assert!(curves.revision() > revision);
        assert!(curves.raw(Metric::Real).samples().all(|sample| sample.value == 2.0));
        while curves.update(&[], 1) {}
        assert_eq!(curves.raw(Metric::Real).samples().count(), 0);
    }

    #[test]
    fn a_stretch_is_found_and_smoothed_as_if_from_the_beginning() {
        let records = history(50_000, |step| (step as f32 * 0.37).sin() + 2.0);
        let range = between(&records, Along::Step, (40_000.0, 40_010.0));
        assert_eq!((records[range.start].step, records[range.end - 1].step), (39_999, 40_011));
        let (raw, smooth) = stretch(&records, range, Metric::Real, 100);
        assert_eq!(raw.len(), 13);
        let mut average = Average::new(100);
        let whole: Vec<f32> = records.iter().map(|record| average.add(record.d_real)).collect();
        for sample in smooth {
            // What was before six windows weighs e^-6 together.
            assert!((sample.value - whole[sample.step as usize - 1]).abs() < 1e-2);
        }
        assert!(between(&records, Along::Step, (60_000.0, 70_000.0)).len() <= 1);
    }

    #[test]
    fn the_nearest_record_is_found() {
        let records = history(10, |_| 0.0);
        let step = |along, place| nearest(&records, along, place).map(|record| record.step);
        assert_eq!(step(Along::Step, 3.4), Some(3));
        assert_eq!(step(Along::Step, 3.6), Some(4));
        assert_eq!(step(Along::Step, -5.0), Some(1));
        assert_eq!(step(Along::Time, 99.0), Some(10));
        assert!(nearest(&[], Along::Step, 1.0).is_none());
    }
}
