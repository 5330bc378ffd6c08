//! Slow motion: one step told in moments, one after the other, at a pace that can be read.

use std::sync::Arc;

use crate::spec::{Project, Role};
pub use crate::train::telling::{MOMENTS, Moment, Stage};
use crate::train::{Story, telling};

/// What happens in moment `index` of a step of `project`, and what is drawn of it.
pub fn sentence(project: &Project, story: &Story, index: usize) -> String {
    let told = telling::sentence(project, story, index);
    let pushes = MOMENTS.get(index).is_some_and(|moment| *moment == Moment { stage: Stage::Gradients, role: Role::Generator });
    let arrows = if pushes && !story.points(&story.made).is_empty() { " The arrows show where." } else { "" };
    told + arrows
}

/// Seconds that a moment is in sight at speed 1. Something moves in the first part of it.
const PACE: f64 = 1.2;

/// Speeds to choose from.
pub const SPEEDS: [f32; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];

/// What slow motion can be asked to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SlowCommand {
    /// Begins it, or leaves it.
    Toggle,
    /// Goes on by itself, or stays.
    Play(bool),
    /// The next moment; after the last one another step is taken.
    Next,
    /// The moment before.
    Previous,
    /// This moment of the step.
    Show(usize),
    /// So many times as fast.
    Speed(f32),
}

/// Slow motion of a run.
#[derive(Clone, Debug)]
pub struct Slow {
    on: bool,
    playing: bool,
    speed: f32,
    story: Option<Arc<Story>>,
    /// Which of [`MOMENTS`].
    moment: usize,
    /// Seconds at speed 1 that it has been in sight.
    shown: f64,
    /// When that was.
    at: Option<f64>,
    /// Was a step asked for that is not told yet?
    awaits: bool,
}

impl Default for Slow {
    fn default() -> Self {
        Self { on: false, playing: true, speed: 1.0, story: None, moment: 0, shown: 0.0, at: None, awaits: false }
    }
}

impl Slow {
    /// Is the window in slow motion?
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// Does it go on by itself?
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// How many times as fast as usual.
    pub fn speed(&self) -> f32 {
        self.speed
    }

    /// The step in sight.
    pub fn story(&self) -> Option<&Arc<Story>> {
        self.story.as_ref().filter(|_| self.on)
    }

    /// Which of [`MOMENTS`] is in sight.
    pub fn index(&self) -> usize {
        self.moment
    }

    /// The moment in sight.
    pub fn moment(&self) -> Moment {
        MOMENTS[self.moment.min(MOMENTS.len() - 1)]
    }

    /// How much of the moment is over, from 0 to 1.
    pub fn share(&self) -> f32 {
        (self.shown / PACE).clamp(0.0, 1.0) as f32
    }

    /// How far something is that moves in this moment, from 0 to 1: there in good time to be looked at, gently.
    pub fn motion(&self) -> f32 {
        let share = (self.share() / 0.6).min(1.0);
        share * share * (3.0 - 2.0 * share)
    }

    /// The same for another run.
    pub fn anew(&self) -> Self {
        Self { speed: self.speed, ..Self::default() }
    }

    /// Begins it; a step is to be taken.
    pub fn enter(&mut self) {
        *self = Self { on: true, awaits: true, ..self.anew() };
    }

    /// Back to normal.
    pub fn leave(&mut self) {
        *self = self.anew();
    }

    /// A step was told.
    pub fn hear(&mut self, story: &Arc<Story>) {
        if self.on && self.awaits {
            self.story = Some(Arc::clone(story));
            self.awaits = false;
            self.show(0);
        }
    }

    /// Time passes, in seconds. Returns whether another step is to be taken.
    pub fn pass(&mut self, now: f64) -> bool {
        let passed = self.at.replace(now).map_or(0.0, |before| (now - before).max(0.0));
        if !self.on || !self.playing || self.awaits || self.story.is_none() {
            return false;
        }
        self.shown += passed * f64::from(self.speed);
        self.shown >= PACE && self.advance()
    }

    /// Seconds until something has to be drawn again, where that is by itself.
    pub fn waits_for(&self) -> Option<f64> {
        let waits = self.on && self.playing && !self.awaits && self.story.is_some();
        // Often enough for what moves, and for the line that shows the time.
        waits.then_some(1.0 / 30.0)
    }

    /// The next moment. Returns whether another step is to be taken.
    pub fn advance(&mut self) -> bool {
        if self.awaits || self.story.is_none() {
            return false;
        }
        if self.moment + 1 < MOMENTS.len() {
            self.show(self.moment + 1);
            return false;
        }
        self.awaits = true;
        true
    }

    /// The moment before, where there is one.
    pub fn previous(&mut self) {
        self.show(self.moment.saturating_sub(1));
    }

    /// This moment. Held, it is shown as it ends: where it leads is what there is to see.
    pub fn show(&mut self, moment: usize) {
        self.moment = moment.min(MOMENTS.len() - 1);
        self.shown = if self.playing { 0.0 } else { PACE };
    }

    /// Goes on by itself, or stays.
    pub fn play(&mut self, playing: bool) {
        self.playing = playing;
    }

    /// So many times as fast.
    pub fn set_speed(&mut self, speed: f32) {
        self.speed = speed.clamp(SPEEDS[0], SPEEDS[SPEEDS.len() - 1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::fixtures::{picture_story, story};
    use crate::spec::{LabelSmoothing, Preset, Shape};

    fn told() -> Slow {
        let mut slow = Slow::default();
        slow.enter();
        slow.hear(&Arc::new(story(128)));
        slow
    }

    #[test]
    fn moments_pass_at_the_pace_that_was_chosen_and_then_another_step_is_taken() {
        for (speed, frames) in [(1.0, 10_i32 * 12), (4.0, 10 * 3), (0.25, 10 * 48)] {
            let mut slow = told();
            slow.set_speed(speed);
            slow.pass(0.0);
            let taken = (1..1000_i32).find(|frame| slow.pass(0.1 * f64::from(*frame) + 1e-6)).unwrap();
            assert!((taken - frames).abs() <= 10, "{taken} frames at speed {speed}");
            assert!(!slow.pass(1e6), "one step is asked for");
            slow.hear(&Arc::new(story(128)));
            assert_eq!(slow.index(), 0);
        }
    }

    #[test]
    fn held_it_stays_and_goes_on_by_hand() {
        let mut slow = told();
        slow.play(false);
        slow.pass(0.0);
        assert!(!slow.pass(100.0) && slow.index() == 0 && slow.waits_for().is_none());
        assert!(!slow.advance());
        assert_eq!((slow.moment().stage, slow.motion()), (Stage::Making, 1.0));
        slow.previous();
        slow.previous();
        assert_eq!(slow.index(), 0);
        slow.show(9);
        assert!(slow.advance() && !slow.advance());
        slow.leave();
        assert!(slow.story().is_none());
        slow.hear(&Arc::new(story(128)));
        assert!(slow.story().is_none(), "a step that was still told after it was left is not shown");
    }

    #[test]
    fn every_moment_is_told_with_the_numbers_of_the_step() {
        let project = Preset::from_name("ring8").unwrap().project();
        let story = story(128);
        let says = |index| sentence(&project, &story, index);
        assert_eq!(says(2), "D sees 128 real points and says 0.731 on average: it should say 1.");
        assert_eq!(says(3), "D sees the 128 points that G made and says 0.269 on average: it should say 0.");
        assert!(says(4).contains("From real points comes 0.313, from generated ones 0.313: D's loss is 0.627."), "{}", says(4));
        assert!(says(4).ends_with(" Who only guesses has 1.386."), "{}", says(4));
        // 2 H(0.4): a target of 0.8 for real ones leaves a guesser at 0.4.
        let smoothed = Story { smoothing: LabelSmoothing { real: 0.2, fake: 0.0 }, ..story.clone() };
        assert!(sentence(&project, &smoothed, 4).ends_with(" Who only guesses has 1.346."));
        assert!(says(5).contains("the gradient is 0.500 long"), "{}", says(5));
        assert!(says(8).starts_with("Each point is pushed so") && says(8).ends_with(" The arrows show where."), "{}", says(8));
        let of_picture = sentence(&project, &picture_story(Shape::new(1, 28, 28)), 8);
        assert!(of_picture.starts_with("Each picture is pushed so") && !of_picture.contains("arrows"), "{of_picture}");
        let all: Vec<String> = (0..MOMENTS.len()).map(says).collect();
        assert!(all.iter().all(|sentence| sentence.ends_with('.') && !sentence.contains("NaN")), "{all:#?}");
        assert_eq!(says(10), "");
    }
}
