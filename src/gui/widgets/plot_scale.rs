//! Linear and logarithmic scales for plots. `egui_plot` knows linear axes only: a logarithmic one plots log10 and writes its own marks.

use egui_plot::{GridInput, GridMark};

use super::format;

/// How values are laid out along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scale {
    /// As they are.
    #[default]
    Linear,
    /// By their decimal logarithm; values that have none are left out.
    Log,
}

impl Scale {
    /// Where a value stands on the axis, if it has a place.
    pub fn place(self, value: f64) -> Option<f64> {
        match self {
            Self::Linear => value.is_finite().then_some(value),
            Self::Log => (value.is_finite() && value > 0.0).then(|| value.log10()),
        }
    }

    /// The value that stands there.
    pub fn value(self, place: f64) -> f64 {
        match self {
            Self::Linear => place,
            Self::Log => 10_f64.powf(place),
        }
    }

    /// The lines of the grid between two places.
    pub fn marks(self, input: &GridInput) -> Vec<GridMark> {
        match self {
            Self::Linear => linear_marks(input),
            Self::Log if input.bounds.1 - input.bounds.0 < 0.5 => linear_marks_of_log(input),
            Self::Log => log_marks(input),
        }
    }

    /// What is written at a line of the grid.
    pub fn mark_text(self, mark: &GridMark) -> String {
        match self {
            Self::Linear => format::signed(&decimals(mark.value, mark.step_size)),
            Self::Log => {
                let value = 10_f64.powf(mark.value);
                format::scientific((value * 1e12).round() / 1e12)
            }
        }
    }
}

/// Lines of a grid over training steps, which are whole numbers.
pub fn step_marks(input: &GridInput) -> Vec<GridMark> {
    let Some(step) = nice_step(input.base_step_size) else { return Vec::new() };
    let step = step.max(1.0);
    multiples(step, input.bounds).map(|value| GridMark { value, step_size: step }).collect()
}

/// Lines of a grid over seconds: parts of a minute, an hour, a day.
pub fn time_marks(input: &GridInput) -> Vec<GridMark> {
    const STEPS: [f64; 18] = [
        1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 21_600.0, 43_200.0,
        86_400.0,
    ];
    let least = input.base_step_size;
    let step = match least {
        _ if least < 1.0 => nice_step(least),
        _ => STEPS.into_iter().find(|&step| step >= least).or_else(|| nice_step(least / 86_400.0).map(|days| days * 86_400.0)),
    };
    let Some(step) = step else { return Vec::new() };
    multiples(step, input.bounds).map(|value| GridMark { value, step_size: step }).collect()
}

/// What is written at a line of a grid over seconds: `0.5 s`, `45 s`, `2 min`, `1:30 min`, `1 h`, `1:15 h`.
pub fn time_text(mark: &GridMark) -> String {
    let secs = mark.value;
    if mark.step_size < 1.0 {
        return format!("{} s", format::signed(&decimals(secs, mark.step_size)));
    }
    let whole = secs.round().abs() as u64;
    let sign = if secs < -0.5 { "−" } else { "" };
    match whole {
        0 => "0".to_owned(),
        1..60 => format!("{sign}{whole} s"),
        60..3_600 if whole.is_multiple_of(60) => format!("{sign}{} min", whole / 60),
        60..3_600 => format!("{sign}{}:{:02} min", whole / 60, whole % 60),
        _ if whole.is_multiple_of(3_600) => format!("{sign}{} h", whole / 3_600),
        _ => format!("{sign}{}:{:02} h", whole / 3_600, whole % 3_600 / 60),
    }
}

/// A number with as many decimals as its step needs.
fn decimals(value: f64, step: f64) -> String {
    let places = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
    // A zero that is off by a rounding error would else be written as -0.
    let value = if value.abs() < step * 1e-6 { 0.0 } else { value };
    format!("{value:.places$}")
}

/// Steps of 1, 2 or 5 times a power of ten, as close together as the plot allows.
fn linear_marks(input: &GridInput) -> Vec<GridMark> {
    let Some(step) = nice_step(input.base_step_size) else { return Vec::new() };
    multiples(step, input.bounds).map(|value| GridMark { value, step_size: step }).collect()
}

/// Where less than half a decade is in sight, powers of ten do not help: the marks are round values instead.
fn linear_marks_of_log(input: &GridInput) -> Vec<GridMark> {
    let (low, high) = (10_f64.powf(input.bounds.0), 10_f64.powf(input.bounds.1));
    let places = input.bounds.1 - input.bounds.0;
    if !(low.is_finite() && high.is_finite() && places > 0.0) {
        return Vec::new();
    }
    let Some(step) = nice_step((high - low) * input.base_step_size / places) else { return Vec::new() };
    // The distance in places differs from mark to mark; the smallest, at the top, decides whether there is room for the text.
    let step_size = (high / (high - step).max(f64::MIN_POSITIVE)).log10();
    multiples(step, (low, high)).filter(|&value| value > 0.0).map(|value| GridMark { value: value.log10(), step_size }).collect()
}

/// Powers of ten, and in between 2 and 5 where there is room.
fn log_marks(input: &GridInput) -> Vec<GridMark> {
    let (low, high) = (input.bounds.0.floor().max(-40.0) as i32, input.bounds.1.ceil().min(40.0) as i32);
    let mut marks = Vec::new();
    for decade in low..=high {
        for (factor, step_size) in [(1.0_f64, 1.0), (2.0, 0.3), (5.0, 0.3)] {
            let value = f64::from(decade) + factor.log10();
            if (input.bounds.0..=input.bounds.1).contains(&value) {
                marks.push(GridMark { value, step_size });
            }
        }
    }
    marks
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `least`.
fn nice_step(least: f64) -> Option<f64> {
    if !least.is_finite() || least <= 0.0 {
        return None;
    }
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|&step| step >= least * (1.0 - 1e-9))
}

/// The multiples of a step within bounds, at most a few hundred.
fn multiples(step: f64, bounds: (f64, f64)) -> impl Iterator<Item = f64> {
    let first = (bounds.0 / step).ceil();
    let count = ((bounds.1 / step).floor() - first + 1.0).clamp(0.0, 500.0) as usize;
    (0..count).map(move |index| (first + index as f64) * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(scale: Scale, low: f64, high: f64, base_step_size: f64) -> Vec<f64> {
        scale.marks(&GridInput { bounds: (low, high), base_step_size }).iter().map(|mark| scale.value(mark.value)).collect()
    }

    fn close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (x, y) in found.iter().zip(expected) {
            assert!((x - y).abs() < 1e-9 * y.abs().max(1.0), "{found:?}");
        }
    }

    #[test]
    fn a_logarithm_is_undone_and_what_has_none_is_left_out() {
        assert_eq!(Scale::Log.place(100.0), Some(2.0));
        assert!((Scale::Log.value(2.0) - 100.0).abs() < 1e-9);
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Scale::Log.place(value), None, "{value}");
        }
        assert_eq!(Scale::Linear.place(f64::NAN), None);
        assert_eq!(Scale::Linear.place(-1.0), Some(-1.0));
    }

    #[test]
    fn linear_marks_are_round() {
        close(&values(Scale::Linear, 0.0, 1.05, 0.13), &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        close(&values(Scale::Linear, -7.0, 12.0, 5.0), &[-5.0, 0.0, 5.0, 10.0]);
        assert!(values(Scale::Linear, 0.0, 1.0, f64::NAN).is_empty());
    }

    #[test]
    fn logarithmic_marks_are_powers_of_ten_with_two_and_five_between() {
        close(&values(Scale::Log, -1.0, 1.0, 0.1), &[0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]);
    }

    #[test]
    fn close_up_a_logarithmic_axis_has_round_values_too() {
        close(&values(Scale::Log, 1.0_f64.log10(), 2.0_f64.log10(), 0.1), &[1.0, 1.5, 2.0]);
    }

    #[test]
    fn steps_are_whole_and_times_are_parts_of_a_minute() {
        let at = |marks: Vec<GridMark>| marks.iter().map(|mark| mark.value).collect::<Vec<_>>();
        assert_eq!(at(step_marks(&GridInput { bounds: (0.0, 3.2), base_step_size: 0.3 })), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(at(time_marks(&GridInput { bounds: (0.0, 100.0), base_step_size: 22.0 })), [0.0, 30.0, 60.0, 90.0]);
        let text = |value| time_text(&GridMark { value, step_size: 30.0 });
        assert_eq!(["0", "30 s", "1 min", "1:30 min", "2:05 h"].map(String::from), [0.0, 30.0, 60.0, 90.0, 7_500.0].map(text));
        assert_eq!(time_text(&GridMark { value: 0.5, step_size: 0.5 }), "0.5 s");
    }

    #[test]
    fn marks_are_written_with_the_decimals_of_their_step() {
        assert_eq!(Scale::Linear.mark_text(&GridMark { value: 0.4, step_size: 0.2 }), "0.4");
        assert_eq!(Scale::Linear.mark_text(&GridMark { value: -0.25, step_size: 0.05 }), "−0.25");
        assert_eq!(Scale::Linear.mark_text(&GridMark { value: -1e-18, step_size: 0.1 }), "0.0");
        assert_eq!(Scale::Linear.mark_text(&GridMark { value: 20.0, step_size: 5.0 }), "20");
        assert_eq!(Scale::Log.mark_text(&GridMark { value: -3.0, step_size: 1.0 }), "1e-3");
        assert_eq!(Scale::Log.mark_text(&GridMark { value: 0.0, step_size: 1.0 }), "1");
    }
}
