//! The time machine of a run: what its generator made of the same latent vectors, from the beginning to now.

use std::sync::Arc;

use super::snapshot::{Pictures, Samples, Snapshot};
use crate::spec::{MAX_VALUES, Project, Shape};

/// What the generator made at one step: of the averaged one where the run averages, from the run's fixed latents.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Generator steps done.
    pub step: u64,
    /// Seconds of training up to there, pauses not counted.
    pub elapsed_secs: f64,
    /// What it made.
    pub samples: Still,
}

/// The samples of a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Still {
    /// Pictures; [`pictures_in_frame`] says how many.
    Pictures(Pictures),
    /// [`POINTS_IN_FRAME`] points.
    Points(Vec<[f32; 2]>),
}

/// Points of a frame of 2-D data.
pub const POINTS_IN_FRAME: usize = 512;

/// There are never more frames.
pub const MOST_FRAMES: usize = 240;

/// Bytes that all frames take at most, as they are shown.
pub const FRAMES_BUDGET: usize = 24 << 20;

/// But so many there may be, however large.
const FEWEST_FRAMES: usize = 3;

/// Bytes that no reel is larger than: so few frames, each of one picture that is as large as any may be.
pub const LARGEST_REEL: usize = FEWEST_FRAMES * MAX_VALUES;

/// A frame has at most so many rows of as many pictures.
const MOST_ROWS: usize = 8;

/// So many frames fit the budget at least; where pictures are large, each frame has fewer of them.
const ENOUGH_FRAMES: usize = 48;

/// And so many before there are fewer than four pictures in each.
const FEW_FRAMES: usize = 24;

/// How many pictures of this shape a frame has: a square number, at most 64, and fewer where they are large.
pub fn pictures_in_frame(shape: Shape) -> usize {
    let fits = |rows: &usize| {
        let frames = if *rows > 2 { ENOUGH_FRAMES } else { FEW_FRAMES };
        shape.values().saturating_mul(rows * rows).saturating_mul(frames) <= FRAMES_BUDGET
    };
    (1..=MOST_ROWS).rev().find(fits).map_or(1, |rows| rows * rows)
}

impl Still {
    /// The samples that a frame keeps of what is shown, if there are enough of them.
    fn of(samples: &Samples) -> Option<Self> {
        match samples {
            Samples::Pictures(pictures) => {
                let bytes = pictures_in_frame(pictures.shape) * pictures.shape.values();
                Some(Self::Pictures(Pictures { shape: pictures.shape, bytes: pictures.bytes.get(..bytes)?.to_vec() }))
            }
            Samples::Points { generated, .. } => Some(Self::Points(generated.get(..POINTS_IN_FRAME)?.to_vec())),
        }
    }

    /// Bytes that it takes.
    pub fn size(&self) -> usize {
        match self {
            Self::Pictures(pictures) => pictures.bytes.len(),
            Self::Points(points) => size_of_val(points.as_slice()),
        }
    }

    /// Are they of one kind, and as many?
    fn compares_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Pictures(a), Self::Pictures(b)) => a.shape == b.shape && a.bytes.len() == b.bytes.len(),
            (Self::Points(a), Self::Points(b)) => a.len() == b.len(),
            _ => false,
        }
    }
}

impl Frame {
    /// The frame that is a part of a snapshot, where it shows what frames do: the averaged generator where the run averages, and enough.
    pub(super) fn of(snapshot: &Snapshot, averages: bool, elapsed_secs: f64) -> Option<Self> {
        let samples = Some(&snapshot.samples).filter(|_| snapshot.averaged == averages);
        Some(Self { step: snapshot.step, elapsed_secs, samples: Still::of(samples?)? })
    }
}

/// The frames of a run by step, evenly spread from its beginning to now. Cheap to clone.
///
/// There are at most [`MOST_FRAMES`] of them, and at most as many as take [`FRAMES_BUDGET`] bytes (three, however large). The first and
/// the newest always stay. The others stand at least the run's pace apart: the smallest power of two of steps at which so many frames
/// cover it. So each time it is full, every second frame goes, and until it is far enough from the one before it the newest makes room
/// for the next. All of that follows from the steps alone: the same steps leave the same frames.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reel(Vec<Arc<Frame>>);

impl Reel {
    /// None at all.
    pub const EMPTY: Self = Self(Vec::new());

    /// Frames of a file: none where they are not in order, of different kinds, or too many.
    pub fn from_frames(frames: Vec<Frame>) -> Option<Self> {
        let in_order = frames.windows(2).all(|pair| pair[0].step < pair[1].step && pair[0].samples.compares_with(&pair[1].samples));
        let reel = Self(frames.into_iter().map(Arc::new).collect());
        (in_order && reel.len() <= reel.most()).then_some(reel)
    }

    /// Adds the newest. Frames of its step and later ones go, which belong to what was given up; and all go where they are of another
    /// kind or size.
    pub fn push(&mut self, frame: Frame) {
        self.0.retain(|earlier| earlier.step < frame.step && earlier.samples.compares_with(&frame.samples));
        let frame = Arc::new(frame);
        let most = Self::most_of(&frame);
        self.0.push(frame);
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else { return };
        let (first, last) = (first.step, last.step);
        let pace = pace(last - first, most);
        let mut kept = first;
        self.0.retain(|frame| {
            let stays = frame.step == first || frame.step == last || frame.step - kept >= pace;
            kept = if stays { frame.step } else { kept };
            stays
        });
    }

    fn most(&self) -> usize {
        self.0.first().map_or(MOST_FRAMES, |frame| Self::most_of(frame))
    }

    fn most_of(frame: &Frame) -> usize {
        (FRAMES_BUDGET / frame.samples.size().max(1)).clamp(FEWEST_FRAMES, MOST_FRAMES)
    }

    /// All frames, the earliest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Frame> + DoubleEndedIterator + Clone {
        self.0.iter().map(Arc::as_ref)
    }

    /// One of them.
    pub fn get(&self, index: usize) -> Option<&Arc<Frame>> {
        self.0.get(index)
    }

    /// The newest.
    pub fn last(&self) -> Option<&Frame> {
        self.0.last().map(Arc::as_ref)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes that all of them take.
    pub fn size(&self) -> usize {
        self.iter().map(|frame| frame.samples.size()).sum()
    }

    /// Is it the very same, without looking into the frames?
    pub fn is_same(&self, other: &Self) -> bool {
        self.len() == other.len() && self.0.iter().zip(&other.0).all(|(a, b)| Arc::ptr_eq(a, b))
    }

    /// The frame whose step is nearest.
    pub fn nearest(&self, step: u64) -> Option<usize> {
        (0..self.len()).min_by_key(|&index| self.0[index].step.abs_diff(step))
    }

    /// Those up to a step.
    pub fn until(&self, step: u64) -> Self {
        Self(self.0.iter().filter(|frame| frame.step <= step).cloned().collect())
    }
}

/// Steps from frame to frame: the smallest power of two at which `most` of them cover so many steps, one of them being the newest,
/// wherever it is.
fn pace(steps: u64, most: usize) -> u64 {
    let gaps = most.saturating_sub(2).max(1) as u64;
    steps.div_ceil(gaps).max(1).checked_next_power_of_two().unwrap_or(u64::MAX)
}

/// By what the latent vectors of two runs' frames are others, in words; by nothing where they are the same.
pub fn latent_differences(a: &Project, b: &Project) -> Vec<&'static str> {
    let all = [
        ("seed", a.seed != b.seed),
        ("latent distribution", a.train.latent != b.train.latent),
        ("latent size", a.generator.input != b.generator.input),
    ];
    all.into_iter().filter_map(|(what, is_other)| is_other.then_some(what)).collect()
}

/// Would samples of both be from the same latent vectors? Only then do frames go on.
pub(super) fn same_latents(a: &Project, b: &Project) -> bool {
    latent_differences(a, b).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn frame(step: u64, bytes: usize) -> Frame {
        let pictures = Pictures { shape: Shape::new(1, 1, 1), bytes: vec![step as u8; bytes] };
        Frame { step, elapsed_secs: step as f64 / 8.0, samples: Still::Pictures(pictures) }
    }

    fn steps(reel: &Reel) -> Vec<u64> {
        reel.iter().map(|frame| frame.step).collect()
    }

    /// The smallest and the largest distance between two frames, but for the newest one, which may be gone soon.
    fn gaps(reel: &Reel) -> (u64, u64) {
        let steps = steps(reel);
        let gaps = || steps[..steps.len() - 1].windows(2).map(|pair| pair[1] - pair[0]);
        (gaps().min().unwrap(), gaps().max().unwrap())
    }

    #[test]
    fn over_a_hundred_thousand_steps_frames_stay_few_and_evenly_spread() {
        let mut reel = Reel::default();
        for step in 0..=100_000 {
            reel.push(frame(step, 1));
            assert!(reel.len() <= MOST_FRAMES, "{step}");
            assert_eq!((reel.iter().next().unwrap().step, reel.last().unwrap().step), (0, step));
            if step > 1_000 && step % 97 == 0 {
                let (smallest, largest) = gaps(&reel);
                assert!(reel.len() >= MOST_FRAMES / 2 - 1, "{step}: {}", reel.len());
                assert_eq!((smallest, largest), (pace(step, MOST_FRAMES), smallest), "{step}");
                assert!(largest <= 2 * step / (MOST_FRAMES as u64 - 2) + 2, "{step}: {largest}");
            }
        }
    }

    #[test]
    fn frames_that_come_at_uneven_steps_end_evenly_spread() {
        let mut reel = Reel::default();
        // The first thousand steps are filmed densely, and then the run gets faster and faster.
        let mut step = 0;
        while step < 1_000_000 {
            reel.push(frame(step, 1));
            step += 1 + step / 500;
        }
        let last = reel.last().unwrap().step;
        let (_, largest) = gaps(&reel);
        assert!(reel.len() <= MOST_FRAMES && largest < last / 50, "{} frames, {largest} of {last}", reel.len());
    }

    #[test]
    fn large_frames_are_fewer() {
        let mut reel = Reel::default();
        for step in 0..100 {
            reel.push(frame(step, 1 << 20));
            assert!(reel.size() <= FRAMES_BUDGET && reel.len() <= 24);
        }
        assert_eq!((steps(&reel)[0], reel.last().unwrap().step), (0, 99));
        assert!(reel.len() >= 8, "{}", reel.len());
        let counts = [(1, 28), (3, 32), (3, 64), (3, 128), (3, 256), (3, 1024)].map(|(channels, side)| {
            let shape = Shape::new(channels, side, side);
            (pictures_in_frame(shape), FRAMES_BUDGET / (pictures_in_frame(shape) * shape.values()))
        });
        assert_eq!(counts, [(64, 501), (64, 128), (36, 56), (9, 56), (4, 32), (1, 8)]);
    }

    #[test]
    fn no_reel_is_larger_than_said() {
        for side in (0..=14).map(|power| 1 << power) {
            for shape in [Shape::new(1, side, side), Shape::new(3, side, side)].into_iter().filter(|shape| shape.values() <= MAX_VALUES) {
                let bytes = pictures_in_frame(shape) * shape.values();
                let frames = (FRAMES_BUDGET / bytes).clamp(FEWEST_FRAMES, MOST_FRAMES);
                assert!(frames * bytes <= LARGEST_REEL, "{frames} of {shape}");
                assert!(bytes > FRAMES_BUDGET / FEWEST_FRAMES || frames * bytes <= FRAMES_BUDGET, "{frames} of {shape}");
            }
        }
        let points = POINTS_IN_FRAME * size_of::<[f32; 2]>() * MOST_FRAMES;
        assert!(points <= FRAMES_BUDGET && FRAMES_BUDGET <= LARGEST_REEL);
    }

    #[test]
    fn what_comes_again_takes_the_place_of_what_was_given_up() {
        let mut reel = Reel::default();
        [0, 10, 20, 30].into_iter().for_each(|step| reel.push(frame(step, 1)));
        assert_eq!(steps(&reel.until(20)), [0, 10, 20]);
        reel.push(frame(20, 1));
        assert_eq!(steps(&reel), [0, 10, 20]);
        assert_eq!([0, 4, 6, 99].map(|step| reel.nearest(step)), [Some(0), Some(0), Some(1), Some(2)]);
        reel.push(frame(40, 2));
        assert_eq!(steps(&reel), [40], "pictures of another kind do not compare");
        assert_eq!(Reel::EMPTY.nearest(1), None);
    }

    #[test]
    fn frames_out_of_order_or_of_two_kinds_are_no_reel() {
        assert!(Reel::from_frames(vec![frame(1, 1), frame(2, 1)]).is_some());
        assert!(Reel::from_frames(vec![frame(2, 1), frame(1, 1)]).is_none());
        assert!(Reel::from_frames(vec![frame(1, 1), frame(2, 2)]).is_none());
        assert!(Reel::from_frames((0..=MOST_FRAMES as u64).map(|step| frame(step, 1)).collect()).is_none());
    }
}
