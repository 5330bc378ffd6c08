//! A run without its thread: data, trainer and history together, one call for each thing a worker does with them.

mod back;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use burn::tensor::Tensor;

use super::assess::Assessed;
use super::checkpoint::Checkpoint;
use super::feed::Feed;
use super::history::{History, StepRecord};
use super::message::{Preparing, Progress, Show};
use super::reel::{self, Frame, Reel};
use super::rehearsal::Unready;
use super::snapshot::{Slot, Snapshot};
use super::stage::{Stage, read};
use super::story::Story;
use super::trainer::{NUMBERS, StepNumbers, TrainerError};
use super::vitals::{Observer, Signs};
use crate::data::Dataset;
use crate::device::{Kind, OpenDevice};
use crate::measure::doctor::Vitals;
use crate::spec::{Project, Role, Stop, TrainSpec};

/// A run: what it trains, on what, and what came of it so far.
#[derive(Debug)]
pub struct Session {
    stage: Stage,
    dataset: Arc<Dataset>,
    feed: Feed,
    history: History,
    /// Numbers of steps that were not read back yet, each with the time it was taken at.
    pending: Vec<(f64, StepNumbers)>,
    clock: Clock,
    observer: Observer,
    /// As in a [`Checkpoint`].
    passed: Option<Stop>,
    /// What is measured of it meanwhile.
    assessed: Slot<Assessed>,
    reel: Reel,
}

/// Why a run cannot go on, in words.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Losses are no longer numbers, or larger than any loss of a run that learns.
    #[error(
        "training diverged at step {step}: the {network}'s loss is {loss}. The weights of step {kept} are kept. \
         Lower the learning rates (now {generator_rate:e} and {discriminator_rate:e}), then train again"
    )]
    Diverged {
        /// The first step with such a loss.
        step: u64,
        /// Whose loss it is.
        network: &'static str,
        /// What it is.
        loss: LossText,
        /// The step of the last good weights.
        kept: u64,
        /// The generator's.
        generator_rate: f32,
        /// The discriminator's.
        discriminator_rate: f32,
    },
    /// The device failed, or the project has a fault.
    #[error("{0}")]
    Trainer(#[from] TrainerError),
}

/// A loss that ended a run, as people read it behind "its loss is".
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LossText {
    /// The one that was read.
    Read(f32),
    /// Weights are no numbers any more, and so is every loss that is computed from them.
    ToCome,
}

impl std::fmt::Display for LossText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read(loss) if loss.is_finite() => write!(f, "{loss:.1e}"),
            Self::Read(loss) => write!(f, "not a number any more ({loss})"),
            Self::ToCome => f.write_str("not a number from the next step on, since its weights are not"),
        }
    }
}

/// A loss beyond this is on its way to infinity. The losses here begin near one; a critic's scores may grow, but not so far.
const LARGEST_LOSS: f32 = 1e9;

fn is_sound(loss: f32) -> bool {
    // False for what is no number, too.
    loss.abs() <= LARGEST_LOSS
}

/// Numbers of so many steps are read back at once at most.
const MAX_PENDING: usize = 4096;

impl Session {
    /// Puts a run together; its stage was set up with the same checkpoint.
    pub fn new(stage: Stage, dataset: Arc<Dataset>, checkpoint: Option<&Checkpoint>) -> Self {
        // Other networks altogether begin anew, and so do their numbers.
        let checkpoint = checkpoint.filter(|checkpoint| checkpoint.fits(&stage.project));
        let filmed = checkpoint.filter(|checkpoint| reel::same_latents(&checkpoint.project, &stage.project));
        let reel = filmed.map(|checkpoint| checkpoint.reel.clone()).unwrap_or_default();
        let watched = checkpoint.filter(|checkpoint| checkpoint.is_of_run(&stage.project));
        let mut signs = watched.map(|checkpoint| checkpoint.signs.clone()).unwrap_or_default();
        if filmed.is_none() {
            // The next samples are of other latents.
            signs.samples = None;
        }
        Self {
            feed: Feed::new(Arc::clone(&dataset), stage.project.seed),
            history: checkpoint.map(|checkpoint| checkpoint.history.clone()).unwrap_or_default(),
            clock: Clock::new(checkpoint.map_or(0.0, |checkpoint| checkpoint.elapsed_secs)),
            stage,
            dataset,
            pending: Vec::new(),
            observer: Observer::after(signs),
            passed: checkpoint.and_then(|checkpoint| checkpoint.passed),
            assessed: Slot::default(),
            reel,
        }
    }

    /// The same, with what is measured of it in its checkpoints.
    pub(super) fn assessed(self, assessed: Slot<Assessed>) -> Self {
        Self { assessed, ..self }
    }

    /// What is trained, on what.
    pub(super) fn subject(&self) -> (&Project, Arc<Dataset>) {
        (&self.stage.project, Arc::clone(&self.dataset))
    }

    /// Seconds of training, pauses not counted.
    pub(super) fn elapsed_secs(&self) -> f64 {
        self.clock.elapsed_secs()
    }

    /// The device, by name.
    pub fn device_name(&self) -> &str {
        &self.stage.device.info.name
    }

    /// Changes what can be changed while running, from the next step on. The device may have to [get ready](Self::preparing) for it.
    ///
    /// # Errors
    /// The device failed.
    pub fn set(&mut self, train: TrainSpec) -> Result<(), SessionError> {
        Ok(self.stage.set(train)?)
    }

    /// How far the device is with getting ready; nothing once it is.
    pub fn preparing(&self) -> Option<Preparing> {
        self.stage.preparing()
    }

    /// Is the device prepared, as far as that can be before a step?
    pub fn can_step(&self) -> bool {
        self.stage.can_step()
    }

    /// A step was taken: nothing is left to prepare.
    pub fn set_ready(&mut self) {
        self.stage.set_ready();
    }

    /// Does one part of what makes the device ready; waits for it.
    ///
    /// # Errors
    /// The device failed, or must not be used.
    pub fn prepare(&mut self) -> Result<(), Unready> {
        self.stage.prepare()
    }

    /// Goes on with another device.
    ///
    /// # Errors
    /// One of the two devices failed.
    pub fn move_to(&mut self, device: OpenDevice, kept: u64) -> Result<(), SessionError> {
        let checkpoint = self.checkpoint(kept)?;
        self.stage = Stage::new(self.stage.project.clone(), device, Some(&checkpoint))?;
        Ok(())
    }

    /// Time begins to count.
    pub fn go(&mut self) {
        self.clock.go(self.stage.trainer.samples_seen());
    }

    /// Time stops counting.
    pub fn hold(&mut self) {
        self.clock.hold();
    }

    /// One full step. What the next one trains on is prepared meanwhile: a graphics device computes what it was told before while this
    /// thread gathers, and the processor's threads gather when they have nothing better to do.
    pub fn step(&mut self) {
        self.observer.before_step(&mut self.stage.trainer);
        let (trainer, feed) = (&mut self.stage.trainer, &mut self.feed);
        let numbers = if self.stage.device.info.kind == Kind::Cpu {
            let (seen, count, batches) = (trainer.samples_seen(), trainer.settings().batch_size, trainer.batches_of_step());
            let next = seen + (batches * count) as u64;
            let mut now = (0..batches as u64).map(|index| feed.take(seen + index * count as u64, count)).collect::<Vec<_>>().into_iter();
            let step = || trainer.step(|_, _| now.next().unwrap_or_default());
            rayon::join(step, || feed.prepare(next, count, batches)).0
        } else {
            trainer.step(|seen, count| feed.take(seen, count))
        };
        self.clock.mark(self.stage.trainer.samples_seen());
        self.pending.push((self.clock.elapsed_secs(), numbers));
        self.observer.after_step(&mut self.stage, &self.dataset);
    }

    /// One full step, and what happened in it; waits for the device.
    ///
    /// # Errors
    /// The device failed.
    pub fn tell_step(&mut self) -> Result<Story, SessionError> {
        self.observer.before_step(&mut self.stage.trainer);
        let feed = &mut self.feed;
        let (numbers, notes) = self.stage.trainer.tell_step(|seen, count| feed.take(seen, count));
        self.clock.mark(self.stage.trainer.samples_seen());
        self.pending.push((self.clock.elapsed_secs(), numbers));
        let story = self.stage.story(notes, &self.dataset)?;
        self.observer.after_step(&mut self.stage, &self.dataset);
        // Where no signs were due, nobody watches from here on.
        let _ = self.stage.trainer.take_watched();
        Ok(story)
    }

    /// The generator as it is now.
    #[cfg(test)]
    pub(super) fn generator(&self) -> crate::nn::Network {
        self.stage.trainer.generator()
    }

    /// The vital signs taken since the last call.
    pub fn take_vitals(&mut self) -> Vec<Arc<Vitals>> {
        self.observer.take_ready()
    }

    /// All vital signs so far.
    pub fn signs(&self) -> &Signs {
        self.observer.signs()
    }

    /// One step of the discriminator alone.
    pub fn d_step(&mut self) {
        let feed = &mut self.feed;
        self.stage.trainer.d_step(|seen, count| feed.take(seen, count));
    }

    /// One step of the generator alone.
    pub fn g_step(&mut self) {
        let feed = &mut self.feed;
        self.stage.trainer.g_step(|seen, count| feed.take(seen, count));
    }

    /// Has the run reached the end that its settings ask for? Says so once for each end.
    pub fn take_end(&mut self) -> bool {
        let stop = self.stage.trainer.settings().stop;
        let reached = match stop {
            Stop::Never => false,
            Stop::Steps(steps) => self.stage.trainer.g_steps() >= steps,
            Stop::Epochs(epochs) => self.feed.epoch(self.stage.trainer.samples_seen()) >= epochs as f64,
        };
        let first = reached && self.passed != Some(stop);
        if first {
            self.passed = Some(stop);
        }
        first
    }

    /// Are there so many numbers on the device that they should be read back?
    pub fn must_read(&self) -> bool {
        self.pending.len() >= MAX_PENDING
    }

    /// Reads back the numbers of the steps since the last call and puts them into the history; waits for the device.
    ///
    /// # Errors
    /// A loss is not a number, or the device failed. The records before that step are in the history.
    pub fn read_back(&mut self, kept: u64) -> Result<Progress, SessionError> {
        self.read_pending(kept)?;
        Ok(Progress {
            step: self.stage.trainer.g_steps(),
            epoch: self.feed.epoch(self.stage.trainer.samples_seen()),
            images_per_s: self.clock.samples_per_s(),
            elapsed_secs: self.clock.elapsed_secs(),
            augmentation: self.stage.trainer.augmented_with()?,
            history: self.history.clone(),
        })
    }

    fn read_pending(&mut self, kept: u64) -> Result<(), SessionError> {
        let records = read_records(std::mem::take(&mut self.pending))?;
        let good = records.iter().take_while(|record| is_sound(record.d_loss) && is_sound(record.g_loss)).count();
        self.history.extend(records[..good].iter().copied());
        self.observer.read_back(&self.history)?;
        if let Some(bad) = records.get(good) {
            let (network, loss) = if is_sound(bad.d_loss) { (Role::Generator, bad.g_loss) } else { (Role::Discriminator, bad.d_loss) };
            return Err(self.diverged(bad.step, network, LossText::Read(loss), kept));
        }
        Ok(())
    }

    fn diverged(&mut self, step: u64, network: Role, loss: LossText, kept: u64) -> SessionError {
        let train = self.stage.trainer.settings();
        self.observer.broke(step, network, train);
        SessionError::Diverged {
            step,
            network: network.name(),
            loss,
            kept,
            generator_rate: train.generator.learning_rate,
            discriminator_rate: train.discriminator.learning_rate,
        }
    }

    /// Everything to go on from, with the numbers of every step so far; waits for the device.
    ///
    /// # Errors
    /// A loss or a weight is not a number, or the device failed.
    pub fn checkpoint(&mut self, kept: u64) -> Result<Checkpoint, SessionError> {
        self.read_pending(kept)?;
        let checkpoint = self.stage.trainer.checkpoint(&self.stage.project, self.clock.elapsed_secs(), &self.history)?;
        let quality = self.assessed.newest().map(|assessed| assessed.quality.clone()).unwrap_or_default();
        let signs = self.observer.signs().clone();
        let checkpoint = Checkpoint { passed: self.passed, quality, reel: self.reel.clone(), signs, ..checkpoint };
        if checkpoint.is_finite() {
            Ok(checkpoint)
        } else {
            let is_theirs = checkpoint.broken().is_some_and(|name| name.starts_with("discriminator."));
            let network = if is_theirs { Role::Discriminator } else { Role::Generator };
            Err(self.diverged(self.stage.trainer.g_steps(), network, LossText::ToCome, kept))
        }
    }

    /// What the generator made of the same latent vectors until now.
    pub fn reel(&self) -> &Reel {
        &self.reel
    }

    /// Adds a frame of this step, unless there is one: of the samples in `shown`, where they are of this step and what frames show; else
    /// made for it. Waits for the device then.
    ///
    /// # Errors
    /// The device failed.
    pub fn film(&mut self, shown: Option<&Snapshot>) -> Result<(), SessionError> {
        let (step, averages) = (self.step_count(), self.settings().ema_decay > 0.0);
        if self.reel.last().is_some_and(|last| last.step == step) {
            return Ok(());
        }
        let elapsed_secs = self.clock.elapsed_secs();
        let shown = shown.filter(|shown| shown.step == step).and_then(|shown| Frame::of(shown, averages, elapsed_secs));
        let frame = match shown {
            Some(frame) => frame,
            None => Frame { step, elapsed_secs, samples: self.stage.still()? },
        };
        self.reel.push(frame);
        Ok(())
    }

    /// What the run shows now; waits for the device.
    ///
    /// # Errors
    /// The device failed.
    pub fn snapshot(&self, show: Show) -> Result<Snapshot, SessionError> {
        Ok(self.stage.snapshot(show, Some(&self.dataset))?)
    }
}

/// One round trip to the device for all steps.
fn read_records(pending: Vec<(f64, StepNumbers)>) -> Result<Vec<StepRecord>, TrainerError> {
    if pending.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = read(Tensor::cat(pending.iter().map(|(_, step)| step.numbers.clone()).collect(), 0))?;
    let record = |((elapsed_secs, step), numbers): (&(f64, StepNumbers), &[f32; NUMBERS])| {
        let [d_loss, d_real, d_fake, penalty, g_loss] = *numbers;
        StepRecord { step: step.step, elapsed_secs: *elapsed_secs, d_loss, g_loss, d_real, d_fake, penalty }
    };
    let (steps, _) = numbers.as_chunks::<NUMBERS>();
    Ok(pending.iter().zip(steps).map(record).collect())
}

/// Time spent training, and how fast it goes lately.
#[derive(Debug)]
struct Clock {
    /// Before the present stretch.
    past: Duration,
    running_since: Option<Instant>,
    /// When how many samples had been seen, over the last moments.
    marks: VecDeque<(Instant, u64)>,
}

/// Speed is measured over so long.
const SPEED_WINDOW: Duration = Duration::from_secs(3);

impl Clock {
    fn new(past_secs: f64) -> Self {
        let past = Duration::try_from_secs_f64(past_secs).unwrap_or_default();
        Self { past, running_since: None, marks: VecDeque::new() }
    }

    fn go(&mut self, samples_seen: u64) {
        let now = Instant::now();
        self.running_since.get_or_insert(now);
        self.marks.clear();
        self.marks.push_back((now, samples_seen));
    }

    fn hold(&mut self) {
        if let Some(since) = self.running_since.take() {
            self.past += since.elapsed();
        }
    }

    fn elapsed_secs(&self) -> f64 {
        (self.past + self.running_since.map_or(Duration::ZERO, |since| since.elapsed())).as_secs_f64()
    }

    fn mark(&mut self, samples_seen: u64) {
        let now = Instant::now();
        self.marks.push_back((now, samples_seen));
        while self.marks.len() > 2 && self.marks.front().is_some_and(|(at, _)| now - *at > SPEED_WINDOW) {
            self.marks.pop_front();
        }
    }

    fn samples_per_s(&self) -> f64 {
        let (Some((start, before)), Some((end, after))) = (self.marks.front(), self.marks.back()) else { return 0.0 };
        let secs = (*end - *start).as_secs_f64();
        if secs > 0.0 { (after - before) as f64 / secs } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::device::{self, DeviceChoice};
    use crate::spec::Preset;

    fn session() -> Session {
        let project = Preset::from_name("ring8").unwrap().project();
        let dataset = crate::data::load(&project.data, project.seed, &mut |_| {}, &AtomicBool::new(false)).unwrap();
        let device = device::open(&device::resolve(&DeviceChoice::Cpu).unwrap()).unwrap();
        Session::new(Stage::new(project, device, None).unwrap(), Arc::new(dataset), None)
    }

    #[test]
    fn a_checkpoint_holds_the_numbers_of_steps_that_nobody_asked_for_yet() {
        let mut session = session();
        (0..5).for_each(|_| session.step());
        let checkpoint = session.checkpoint(0).unwrap();
        assert_eq!(checkpoint.g_steps, 5);
        assert_eq!(checkpoint.history.iter().map(|record| record.step).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!(session.read_back(0).unwrap().history.len(), 5, "they are read once");
    }

    #[test]
    fn a_loss_that_is_no_number_is_noticed_at_the_next_report_and_what_came_before_is_kept() {
        let mut session = session();
        (0..3).for_each(|_| session.step());
        let numbers = Tensor::from_data([f32::NAN, 0.5, 0.5, 0.0, 0.7], &device::cpu());
        session.pending.push((1.0, StepNumbers { step: 4, numbers }));
        session.step();
        let error = session.read_back(2).unwrap_err().to_string();
        assert!(error.contains("diverged at step 4") && error.contains("step 2 are kept"), "{error}");
        assert!(error.contains("the discriminator's loss is not a number any more (NaN)"), "{error}");
        assert_eq!(session.history.len(), 3);
    }

    #[test]
    fn weights_that_are_no_numbers_are_not_called_a_loss() {
        let mut session = session();
        session.step();
        let mut broken = session.checkpoint(0).unwrap();
        let name = broken.tensors.keys().find(|name| name.starts_with("discriminator.")).unwrap().clone();
        broken.tensors.get_mut(&name).unwrap().values[0] = f32::INFINITY;
        session.go_back(&broken).unwrap();
        let error = session.checkpoint(0).unwrap_err().to_string();
        let wanted =
            "training diverged at step 1: the discriminator's loss is not a number from the next step on, since its weights are not.";
        assert!(error.starts_with(wanted), "{error}");
    }
}
