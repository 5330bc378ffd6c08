//! The part of a run that is in sight, as about as many points as a chart has columns of pixels: for each stretch of the run its smallest
//! and its largest value, and a smoothed mean. The work of a frame does not grow with the length of the run.

use std::ops::Range;

use crate::train::{Extent, History, Metric, Place, Sample, StepRecord};

/// What the horizontal axis shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Along {
    /// Generator steps.
    #[default]
    Step,
    /// Seconds of training.
    Time,
}

impl Along {
    /// Where something stands on the axis.
    pub fn of(self, place: &Place) -> f64 {
        match self {
            Self::Step => place.step as f64,
            Self::Time => place.secs,
        }
    }
}

/// A running mean in which each value counts less the longer it is past: after `window` further values, about a third.
#[derive(Clone, Copy, Debug)]
pub struct Average {
    keep: f64,
    sum: f64,
    weight: f64,
}

impl Average {
    /// One that remembers about `window` values, and is given the means of `width` values each; a window of 1 keeps them as they are.
    pub fn new(window: u32, width: usize) -> Self {
        Self { keep: (1.0 - 1.0 / f64::from(window.max(1))).powf(width as f64), sum: 0.0, weight: 0.0 }
    }

    /// Takes a value in and returns the mean. Divided by the weights given out so far, so that the beginning is not drawn towards zero.
    pub fn add(&mut self, value: f32) -> f32 {
        self.sum = self.keep * self.sum + (1.0 - self.keep) * f64::from(value);
        self.weight = self.keep * self.weight + (1.0 - self.keep);
        (self.sum / self.weight) as f32
    }
}

/// What of a run is drawn, and how finely.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    /// The axis.
    pub along: Along,
    /// The part of it in sight; none is the whole run.
    pub range: Option<(f64, f64)>,
    /// Stretches drawn at most.
    pub columns: usize,
    /// Steps that the smoothed lines are averaged over; 1 is none.
    pub window: u32,
}

/// Lines by metric, in order along the axis.
#[derive(Clone, Debug, Default)]
pub struct Curves {
    /// The extremes of each stretch.
    pub raw: [Vec<Sample>; 4],
    /// The smoothed mean of each stretch; empty where nothing is smoothed.
    pub smooth: [Vec<Sample>; 4],
}

impl Curves {
    /// What is in sight of a history. The average looks back a few windows before that, no further.
    pub fn of(history: &History, sight: &Sight) -> Self {
        let range = in_sight(history, sight);
        let width = range.len().div_ceil(sight.columns.max(1)).next_power_of_two();
        // One more on each side, so that lines go on to the edges.
        let first = (range.start - range.start % width).saturating_sub(width);
        let warm_up = first.saturating_sub(if sight.window > 1 { 6 * sight.window as usize } else { 0 });
        let mut averages = [Average::new(sight.window, width); 4];
        let mut index = warm_up - warm_up % width;
        let mut curves = Self::default();
        history.stretches(warm_up..range.end + width, width, |stretch| {
            for metric in Metric::ALL {
                let Some(extent) = stretch.extent(metric) else { continue };
                let value = averages[metric as usize].add(extent.mean);
                if index < first {
                    continue;
                }
                curves.raw[metric as usize].extend(extremes(extent));
                if sight.window > 1 {
                    // Where the average stands: it has heard of all of the stretch.
                    let Place { step, secs } = stretch.last;
                    curves.smooth[metric as usize].push(Sample { step, secs, value });
                }
            }
            index += width;
        });
        curves
    }
}

/// The smallest and the largest value, in the order in which they came.
fn extremes(extent: &Extent) -> impl Iterator<Item = Sample> {
    let Extent { low, high, .. } = *extent;
    let (first, second) = if low.step <= high.step { (low, high) } else { (high, low) };
    std::iter::once(first).chain((first.step != second.step).then_some(second))
}

/// The records that are in sight, found without looking at all of them.
fn in_sight(history: &History, sight: &Sight) -> Range<usize> {
    let Some((low, high)) = sight.range else { return 0..history.len() };
    let start = history.partition_point(|place| sight.along.of(place) < low);
    let end = history.partition_point(|place| sight.along.of(place) <= high);
    start..end.max(start)
}

/// The record nearest to a place of an axis.
pub fn nearest(history: &History, along: Along, place: f64) -> Option<StepRecord> {
    let after = history.partition_point(|other| along.of(other) < place);
    let before = after.checked_sub(1).and_then(|index| history.get(index));
    match (before, history.get(after)) {
        (Some(a), Some(b)) => Some(if place - along.of(&a.place()) <= along.of(&b.place()) - place { a } else { b }),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(step: u64, value: f32) -> StepRecord {
        StepRecord { step, elapsed_secs: step as f64 / 10.0, d_loss: value, g_loss: value, d_real: value, d_fake: value, penalty: 0.0 }
    }

    fn history(count: u64, value: impl Fn(u64) -> f32) -> History {
        (1..=count).map(|step| record(step, value(step))).collect()
    }

    fn whole(columns: usize, window: u32) -> Sight {
        Sight { along: Along::Step, range: None, columns, window }
    }

    /// A ramp with one spike up and one down.
    fn spiky(step: u64) -> f32 {
        match step {
            123_457 => 9.0,
            765_431 => -9.0,
            _ => step as f32 * 1e-6,
        }
    }

    #[test]
    fn a_short_run_is_drawn_as_it_is() {
        let history = history(500, |step| (step as f32).sin());
        let curves = Curves::of(&history, &whole(500, 1));
        let drawn: Vec<f32> = curves.raw[Metric::Real as usize].iter().map(|sample| sample.value).collect();
        assert_eq!(drawn, history.iter().map(|record| record.d_real).collect::<Vec<_>>());
        assert!(curves.smooth.iter().all(Vec::is_empty), "nothing is smoothed");
    }

    #[test]
    fn a_million_records_become_a_bounded_number_of_points_that_keep_every_extreme() {
        let history = history(1_000_000, spiky);
        let curves = Curves::of(&history, &whole(600, 20));
        for drawn in &curves.raw {
            assert!((300..=1_200).contains(&drawn.len()), "{}", drawn.len());
            assert!(drawn.windows(2).all(|pair| pair[0].step < pair[1].step), "in order");
            assert!(drawn.iter().any(|sample| sample.step == 123_457 && sample.value == 9.0));
            assert!(drawn.iter().any(|sample| sample.step == 765_431 && sample.value == -9.0));
            assert_eq!((drawn[0].step, drawn[drawn.len() - 1].step), (1, 1_000_000));
        }
        assert!(curves.smooth[0].iter().all(|sample| (f64::from(sample.value) - sample.step as f64 * 1e-6).abs() < 0.01));
    }

    #[test]
    fn closer_up_there_is_more_to_see() {
        let history = history(1_000_000, |step| if step.is_multiple_of(1_000) { 1.0 } else { 0.0 });
        for (along, scale) in [(Along::Step, 1.0), (Along::Time, 0.1)] {
            for (low, high) in [(400_000.0, 500_000.0), (400_000.0, 410_000.0), (400_100.0, 400_200.0)] {
                let sight = Sight { along, range: Some((low * scale, high * scale)), columns: 500, window: 1 };
                let curves = Curves::of(&history, &sight);
                let drawn = &curves.raw[0];
                assert!((90..=1_010).contains(&drawn.len()), "{} between {low} and {high}", drawn.len());
                assert!(along.of(&drawn[0].place()) <= low * scale, "the line comes in at the left edge");
                assert!(along.of(&drawn[drawn.len() - 1].place()) >= high * scale, "and goes out at the right");
                let inside = drawn.iter().filter(|sample| sample.value == 1.0 && (low..=high).contains(&(sample.step as f64))).count();
                let spikes = (low as u64..=high as u64).filter(|step| step.is_multiple_of(1_000)).count();
                assert_eq!(inside, spikes, "every spike between {low} and {high} is drawn");
            }
        }
    }

    #[test]
    fn nothing_in_sight_is_no_fault() {
        let history = history(1_000, |_| 1.0);
        for range in [(5_000.0, 6_000.0), (-20.0, -10.0), (500.2, 500.3), (6.0, 5.0), (f64::NAN, 1.0)] {
            let curves = Curves::of(&history, &Sight { range: Some(range), ..whole(100, 10) });
            assert!(curves.raw[0].len() <= 4, "{range:?}");
        }
        assert!(Curves::of(&History::default(), &whole(0, 0)).raw[0].is_empty());
    }

    #[test]
    fn an_average_of_a_constant_is_the_constant_and_of_a_step_the_geometric_series() {
        let mut average = Average::new(10, 1);
        for _ in 0..5 {
            assert!((average.add(3.0) - 3.0).abs() < 1e-6);
        }
        // Zeros, then ones: after n of m values the debiased mean is (1 - k^n) / (1 - k^m).
        let mut average = Average::new(10, 1);
        for _ in 0..20 {
            average.add(0.0);
        }
        let mean = (0..7).map(|_| average.add(1.0)).last().unwrap();
        let expected = (1.0 - 0.9_f64.powi(7)) / (1.0 - 0.9_f64.powi(27));
        assert!((f64::from(mean) - expected).abs() < 1e-6);
    }

    /// The average over every single record, from the first on.
    fn averaged(history: &History, window: u32) -> Vec<f32> {
        let mut average = Average::new(window, 1);
        history.iter().map(|record| average.add(record.d_real)).collect()
    }

    #[test]
    fn smoothing_means_the_same_however_close_one_looks() {
        // A slow wave under fast noise.
        let history = history(200_000, |step| (step as f32 * 2e-4).sin() + if step % 2 == 0 { 0.5 } else { -0.5 });
        for window in [100, 1_000] {
            let expected = averaged(&history, window);
            for range in [None, Some((100_000.0, 130_000.0)), Some((150_000.0, 150_300.0))] {
                let curves = Curves::of(&history, &Sight { range, ..whole(600, window) });
                for sample in &curves.smooth[Metric::Real as usize] {
                    let expected = expected[sample.step as usize - 1];
                    assert!((sample.value - expected).abs() < 0.04, "window {window}, {range:?}: {sample:?}, but {expected}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        let history = history(100, |step| if step >= 60 { f32::NAN } else { 1.0 });
        let curves = Curves::of(&history, &whole(500, 5));
        assert_eq!(curves.raw[0].len(), 59);
        assert!(curves.smooth[0].iter().all(|sample| sample.value == 1.0));
    }

    #[test]
    fn the_nearest_record_is_found() {
        let history = history(10, |_| 0.0);
        let step = |along, place| nearest(&history, along, place).map(|record| record.step);
        assert_eq!(step(Along::Step, 3.4), Some(3));
        assert_eq!(step(Along::Step, 3.6), Some(4));
        assert_eq!(step(Along::Step, -5.0), Some(1));
        assert_eq!(step(Along::Time, 99.0), Some(10));
        assert!(nearest(&History::default(), Along::Step, 1.0).is_none());
    }
}
