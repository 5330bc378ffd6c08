//! What changes by itself while a run goes on: learning rates, and the noise on what the discriminator sees. And what it is told.

use serde::{Deserialize, Serialize};

use super::project::Stop;
use super::stack::Role;

/// How both learning rates change over the run, in steps of the generator.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schedule {
    /// What becomes of them.
    pub decay: Decay,
    /// The step at which they arrive at their lowest; a constant rate does not use it.
    pub steps: u64,
    /// What is left of them there, as a share; with 0 nothing moves any more.
    pub floor: f32,
    /// They rise from zero to their full size over so many steps at first.
    pub warm_up: u64,
}

/// A learning rate of which less than this is left moves nothing that could be seen.
const NOTHING: f32 = 1e-3;

impl Default for Schedule {
    fn default() -> Self {
        Self { decay: Decay::Constant, steps: 10_000, floor: 0.0, warm_up: 0 }
    }
}

/// What becomes of a learning rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decay {
    /// It stays.
    #[default]
    Constant,
    /// It falls on a straight line.
    Linear,
    /// It falls along half a cosine (Loshchilov and Hutter, 2016, without restarts).
    Cosine,
}

impl Decay {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Constant, Self::Linear, Self::Cosine];

    /// As on the command line, and as shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Linear => "linear",
            Self::Cosine => "cosine",
        }
    }
}

impl Schedule {
    /// What learning rates are multiplied with after so many steps of the generator; exactly one where nothing changes.
    pub fn factor(&self, step: u64) -> f32 {
        if step < self.warm_up {
            return ((step + 1) as f64 / self.warm_up as f64) as f32;
        }
        let (past, length) = (step - self.warm_up, self.steps.saturating_sub(self.warm_up).max(1));
        let share = (past as f64 / length as f64).min(1.0);
        let left = match self.decay {
            Decay::Constant => 1.0,
            Decay::Linear => 1.0 - share,
            Decay::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * share).cos()),
        };
        let floor = f64::from(self.floor);
        (floor + (1.0 - floor) * left) as f32
    }

    /// Has the schedule let learning rates fall to nothing by this step? Nothing moves any more.
    pub fn is_over(&self, step: u64) -> bool {
        self.decay != Decay::Constant && step >= self.steps.max(self.warm_up) && self.floor < NOTHING
    }

    /// Rates that change otherwise from step `now` on, in a run that ends at `stop`. A schedule that was not used yet ends with the run; one
    /// that would be over already goes on for as long again, so that nothing stands still unasked.
    #[must_use]
    pub fn with_decay(self, decay: Decay, now: u64, stop: Stop) -> Self {
        let steps = match stop {
            Stop::Steps(end) if end > now && self.decay == Decay::Constant => end,
            _ if self.steps > now => self.steps,
            _ => 2 * now,
        };
        if decay == Decay::Constant { Self { decay, ..self } } else { Self { decay, steps, ..self } }
    }
}

/// Gradients are scaled down to this length, all weights of a network together (Pascanu et al., 2013); 0 leaves them as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GradientClip {
    /// The generator's.
    pub generator: f32,
    /// The discriminator's.
    pub discriminator: f32,
}

impl GradientClip {
    /// That of one network.
    pub fn of(&self, role: Role) -> f32 {
        match role {
            Role::Generator => self.generator,
            Role::Discriminator => self.discriminator,
        }
    }
}

/// How far what the discriminator is told about a sample is from the truth (Salimans et al., 2016): for losses with targets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LabelSmoothing {
    /// Real samples count as `1 - real`.
    pub real: f32,
    /// Generated samples count as `fake`; usually 0, which is one-sided smoothing.
    pub fake: f32,
}

/// Normal noise on every sample that the discriminator sees (Sønderby et al., 2016; Arjovsky and Bottou, 2017).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InstanceNoise {
    /// The standard deviation at the beginning; 0 switches it off.
    pub deviation: f32,
    /// It falls to zero on a straight line over so many steps of the generator; 0 lets it stay.
    pub steps: u64,
}

impl Default for InstanceNoise {
    fn default() -> Self {
        Self { deviation: 0.0, steps: 10_000 }
    }
}

impl InstanceNoise {
    /// Noise of this size from step `now` on. Where it would be gone already, it fades over as many steps again.
    #[must_use]
    pub fn with_deviation(self, deviation: f32, now: u64) -> Self {
        let is_gone = self.steps > 0 && self.steps <= now;
        Self { deviation, steps: if is_gone && deviation > 0.0 { 2 * now } else { self.steps } }
    }

    /// The standard deviation after so many steps of the generator.
    pub fn deviation_at(&self, step: u64) -> f32 {
        if self.steps == 0 {
            return self.deviation;
        }
        let left = 1.0 - (step as f64 / self.steps as f64).min(1.0);
        (f64::from(self.deviation) * left) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(decay: Decay, steps: u64, warm_up: u64, at: &[u64]) -> Vec<f32> {
        let schedule = Schedule { decay, steps, floor: 0.0, warm_up };
        at.iter().map(|&step| schedule.factor(step)).collect()
    }

    #[test]
    fn rates_rise_while_they_warm_up_and_then_fall_to_zero() {
        assert_eq!(factors(Decay::Constant, 10, 0, &[0, 5, 10, u64::MAX]), [1.0; 4]);
        assert_eq!(factors(Decay::Constant, 10, 4, &[0, 1, 3, 4, 100]), [0.25, 0.5, 1.0, 1.0, 1.0]);
        assert_eq!(factors(Decay::Linear, 10, 2, &[0, 1, 2, 6, 10, 11]), [0.5, 1.0, 1.0, 0.5, 0.0, 0.0]);
        let cosine = factors(Decay::Cosine, 12, 0, &[0, 3, 6, 9, 12, 99]);
        // Half of one plus the cosine of 0, 45, 90, 135 and 180 degrees.
        let wanted = [1.0, 0.853_553_4, 0.5, 0.146_446_6, 0.0, 0.0];
        assert!(cosine.iter().zip(wanted).all(|(got, wanted)| (got - wanted).abs() < 1e-6), "{cosine:?}");
        assert_eq!(factors(Decay::Linear, 0, 5, &[4, 5, 6]), [1.0, 1.0, 0.0], "a run shorter than its warm-up");
    }

    #[test]
    fn rates_stop_falling_at_their_floor() {
        let at = |decay, step| Schedule { decay, steps: 10, floor: 0.2, warm_up: 0 }.factor(step);
        let found = [at(Decay::Linear, 0), at(Decay::Linear, 5), at(Decay::Linear, 99), at(Decay::Cosine, 5), at(Decay::Cosine, 10)];
        assert!(found.iter().zip([1.0, 0.6, 0.2, 0.6, 0.2]).all(|(got, wanted)| (got - wanted).abs() < 1e-6), "{found:?}");
    }

    #[test]
    fn noise_fades_on_a_straight_line_or_stays() {
        let noise = InstanceNoise { deviation: 0.4, steps: 8 };
        assert_eq!([0, 4, 8, 9].map(|step| noise.deviation_at(step)), [0.4, 0.2, 0.0, 0.0]);
        assert_eq!(InstanceNoise { steps: 0, ..noise }.deviation_at(1_000_000), 0.4);
    }

    #[test]
    fn a_schedule_is_over_where_it_leaves_nothing() {
        let cosine = Schedule { decay: Decay::Cosine, steps: 100, ..Schedule::default() };
        assert_eq!([99, 100, 5_000].map(|step| cosine.is_over(step)), [false, true, true]);
        assert!(!Schedule { floor: 0.02, ..cosine }.is_over(5_000) && !Schedule { decay: Decay::Constant, ..cosine }.is_over(5_000));
    }

    #[test]
    fn what_is_switched_on_late_in_a_run_has_steps_left() {
        let usual = Schedule::default();
        let steps = |schedule: Schedule, now, stop| schedule.with_decay(Decay::Cosine, now, stop).steps;
        assert_eq!(steps(usual, 0, Stop::Never), 10_000);
        assert_eq!(steps(usual, 500, Stop::Steps(3_000)), 3_000, "it ends with the run");
        assert_eq!(steps(usual, 12_000, Stop::Never), 24_000);
        assert_eq!(steps(usual, 12_000, Stop::Steps(12_000)), 24_000, "a run that is over goes on");
        let linear = Schedule { decay: Decay::Linear, steps: 700, ..usual };
        assert_eq!(steps(linear, 500, Stop::Steps(3_000)), 700, "what was chosen stays");
        assert_eq!(linear.with_decay(Decay::Constant, 900, Stop::Never), Schedule { decay: Decay::Constant, ..linear });

        let noise = InstanceNoise::default().with_deviation(0.1, 15_000);
        assert_eq!((noise.deviation_at(15_000), noise.steps), (0.05, 30_000));
        assert_eq!(InstanceNoise { steps: 0, ..noise }.with_deviation(0.2, 15_000), InstanceNoise { deviation: 0.2, steps: 0 });
        assert_eq!(InstanceNoise::default().with_deviation(0.1, 50).steps, 10_000);
    }
}
