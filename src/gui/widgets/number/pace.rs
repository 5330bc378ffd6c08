//! How a number moves: how far with one press of a key, how far with Shift, how far under a hand that drags it.

/// How a number moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Always by so much; ten times as much in large steps.
    Even(f64),
    /// By one. In large steps, and under the hand, along the sizes that networks have: 16, 24, 32, 48, 64.
    Doubling,
    /// By one in the first digit, since it spans orders of magnitude: 1e-4, 2e-4. In large steps by a factor of ten.
    Magnitude,
    /// By one in the first digit of its distance to 1: 0.9, 0.99, 0.991. In large steps to a tenth of the distance, or ten times it.
    NearOne,
}

/// Points that the hand moves for one step.
const STEP: f32 = 6.0;
/// Points for one rung of the ladder, and for one order of magnitude in large steps.
const RUNG: f32 = 12.0;
/// So many steps are taken at most at once.
const MAX_STEPS: i32 = 400;
/// Below it a number that spans orders of magnitude becomes zero.
const SMALLEST: f64 = 1e-12;

impl Pace {
    /// The value after so many steps, negative ones downwards; it is still to be brought into its range.
    pub(super) fn stepped(self, value: f64, steps: i32, large: bool) -> f64 {
        let once = |value: f64| match self {
            Self::Even(by) => value + f64::from(steps.signum()) * by * if large { 10.0 } else { 1.0 },
            Self::Doubling if large => rung(value, steps > 0, false),
            Self::Doubling => value + f64::from(steps.signum()),
            Self::Magnitude => magnitude(value, steps > 0, large),
            Self::NearOne => 1.0 - magnitude(1.0 - value, steps < 0, large),
        };
        (0..steps.abs().min(MAX_STEPS)).fold(value, |value, _| rounded(once(value)))
    }

    /// The value that was `from` when the hand took hold, after it went so many points to the right.
    pub(super) fn dragged(self, from: f64, points: f32, large: bool) -> f64 {
        let steps = |each: f32| (points / each) as i32;
        match (self, large) {
            (Self::Doubling, _) => {
                let count = steps(RUNG);
                (0..count.abs().min(MAX_STEPS)).fold(from, |value, _| rung(value, count > 0, !large))
            }
            (Self::Magnitude | Self::NearOne, true) => self.stepped(from, steps(2.0 * RUNG), true),
            _ => self.stepped(from, steps(STEP), large),
        }
    }
}

/// The next power of two; `halves` with the sizes half way between.
fn rung(value: f64, up: bool, halves: bool) -> f64 {
    let floor = value.abs().max(1.0).log2().floor().exp2();
    let candidates = [floor / 2.0, 0.75 * floor, floor, 1.5 * floor, 2.0 * floor];
    // Sizes are whole: below 2 there is nothing between.
    let is_rung = |&size: &f64| size.fract() == 0.0 && (halves || size.log2().fract() == 0.0) && size >= 1.0;
    let mut candidates = candidates.into_iter().filter(is_rung);
    let found = if up { candidates.find(|&size| size > value) } else { candidates.rfind(|&size| size < value) };
    found.unwrap_or(if up { value + 1.0 } else { value - 1.0 })
}

fn magnitude(value: f64, up: bool, large: bool) -> f64 {
    if value.abs() < SMALLEST {
        return if up { 1e-6 } else { 0.0 };
    }
    if large {
        return if up { value * 10.0 } else { value / 10.0 };
    }
    let unit = 10f64.powf((value.abs() * (1.0 + 1e-9)).log10().floor());
    if up {
        return value + unit;
    }
    // From 1e-4 down to 9e-5, not to nothing.
    if value - unit < 0.999 * unit { value - unit / 10.0 } else { value - unit }
}

/// Without what binary fractions add: nine digits are more than single precision has.
fn rounded(value: f64) -> f64 {
    if value.fract() == 0.0 {
        return value;
    }
    format!("{value:.8e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(pace: Pace, from: f64, steps: i32, large: bool) -> Vec<f64> {
        (1..=steps.abs()).map(|count| pace.stepped(from, count * steps.signum(), large)).collect()
    }

    #[test]
    fn keys_change_a_number_by_one_and_with_shift_by_much() {
        assert_eq!(walk(Pace::Even(1.0), 3.0, 2, false), [4.0, 5.0]);
        assert_eq!(walk(Pace::Even(0.01), 0.2, -2, true), [0.1, 0.0]);
        assert_eq!(walk(Pace::Doubling, 64.0, 2, false), [65.0, 66.0]);
        assert_eq!(walk(Pace::Doubling, 100.0, 2, true), [128.0, 256.0]);
        assert_eq!(walk(Pace::Doubling, 100.0, -3, true), [64.0, 32.0, 16.0]);
        assert_eq!(walk(Pace::Doubling, 2.0, -2, true), [1.0, 0.0], "the range keeps it from going there");
    }

    #[test]
    fn rates_move_in_their_first_digit() {
        assert_eq!(walk(Pace::Magnitude, 2e-4, 2, false), [3e-4, 4e-4]);
        assert_eq!(walk(Pace::Magnitude, 9e-4, 2, false), [1e-3, 2e-3]);
        assert_eq!(walk(Pace::Magnitude, 2e-4, -3, false), [1e-4, 9e-5, 8e-5]);
        assert_eq!(walk(Pace::Magnitude, 1.5e-3, -1, false), [1.4e-3], "not below the digit");
        assert_eq!(walk(Pace::Magnitude, 2e-4, 2, true), [2e-3, 2e-2]);
        assert_eq!(walk(Pace::Magnitude, 0.0, 1, false), [1e-6]);
        assert_eq!(walk(Pace::Magnitude, 0.0, -1, false), [0.0]);
    }

    #[test]
    fn shares_near_one_move_by_their_distance_to_it() {
        assert_eq!(walk(Pace::NearOne, 0.5, 2, false), [0.6, 0.7]);
        assert_eq!(walk(Pace::NearOne, 0.99, 2, false), [0.991, 0.992]);
        assert_eq!(walk(Pace::NearOne, 0.999, -2, false), [0.998, 0.997]);
        assert_eq!(walk(Pace::NearOne, 0.99, 1, true), [0.999]);
        assert_eq!(walk(Pace::NearOne, 0.999, -1, true), [0.99]);
    }

    #[test]
    fn a_hand_goes_through_the_sizes_that_networks_have() {
        let dragged = |points: f32, large| Pace::Doubling.dragged(64.0, points, large);
        let sizes: Vec<f64> = (0..5).map(|rungs| dragged(rungs as f32 * RUNG + 1.0, false)).collect();
        assert_eq!(sizes, [64.0, 96.0, 128.0, 192.0, 256.0]);
        let sizes: Vec<f64> = (0..5).map(|rungs| dragged(-(rungs as f32 * RUNG + 1.0), false)).collect();
        assert_eq!(sizes, [64.0, 48.0, 32.0, 24.0, 16.0]);
        assert_eq!(dragged(2.5 * RUNG, true), 256.0);
        assert_eq!(Pace::Doubling.dragged(4.0, -3.5 * RUNG, false), 1.0);
    }

    #[test]
    fn a_hand_that_comes_back_brings_the_number_back() {
        for pace in [Pace::Even(1.0), Pace::Doubling, Pace::Magnitude, Pace::NearOne] {
            assert_eq!(pace.dragged(0.25, 2.0, false), 0.25, "{pace:?}: a tremble moves nothing");
        }
        assert_eq!(Pace::Magnitude.dragged(1e-3, 9.5 * STEP, false), 1e-2, "an order of magnitude in a short way");
    }
}
