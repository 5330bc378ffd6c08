//! A thread of its own that measures a run's generator, off the path of training.
//!
//! It is handed a checkpoint now and then, makes the generator of it, and measures that with a [`Judge`] made once for the run's data. It
//! works in small parts and sleeps between them, so that it takes a bounded share of the processor however long measuring takes; the run
//! waits for nothing but the checkpoint, which it makes every few seconds anyway.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;
use std::time::Instant;

use super::checkpoint::Checkpoint;
use super::snapshot::Slot;
use crate::data::Dataset;
use crate::latent::GeneratorHandle;
use crate::measure::Series;
use crate::measure::{Assessment, Best, Examined, Judge, JudgeError, Pair, Quality, Scope, Share, Training};
use crate::spec::Project;

/// What is known of how good a run is, and what is being done about it.
#[derive(Clone, Debug, Default)]
pub struct Assessed {
    /// What was measured, and the best of it.
    pub quality: Quality,
    /// The whole state of the run at its best, to go back to; none where only the generator of it was kept, as in a file of a longer run.
    pub best: Option<Arc<Checkpoint>>,
    /// What is being done.
    pub stage: Assessing,
    /// Of pictures, the samples measured last that are nearest to a training picture.
    pub closest: Arc<[Pair]>,
    /// The training pictures to compare others with.
    pub training: Option<Arc<Training>>,
}

/// What the measuring thread does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Assessing {
    /// There is none.
    #[default]
    Off,
    /// It trains the classifier that pictures are seen with.
    Preparing,
    /// It waits for the next generator.
    Waiting,
    /// It measures the generator of this step.
    Measuring(u64),
    /// It cannot measure, in words.
    Failed(String),
}

impl Assessed {
    /// What is known of a run that goes on from a checkpoint, or had one of the states before it at its best. What was measured against
    /// other data does not count.
    pub(super) fn from_checkpoint(project: &Project, checkpoint: Option<&Arc<Checkpoint>>, earlier: &[Arc<Checkpoint>]) -> Self {
        let comparable = |was: &Project| was.data == project.data && was.seed == project.seed;
        let Some(checkpoint) = checkpoint.filter(|checkpoint| checkpoint.fits(project) && comparable(&checkpoint.project)) else {
            return Self::default();
        };
        let quality = checkpoint.quality.clone();
        let is_best = |state: &&Arc<Checkpoint>| state.is_of_run(project) && state.is_best_of(&quality);
        let best = std::iter::once(checkpoint).chain(earlier).find(is_best).cloned();
        Self { best, quality, ..Self::default() }
    }
}

/// The part of the machine's processor that measuring takes while something trains, and while it gets ready to.
const SHARE: f64 = 0.1;
const SHARE_AT_FIRST: f64 = 0.25;

/// The thread. It ends, and what it measured last is forgotten, when this handle is dropped.
#[derive(Debug)]
pub(super) struct Assessor {
    desk: Arc<Desk>,
}

/// What both sides look at.
#[derive(Debug)]
struct Desk {
    state: Mutex<State>,
    changed: Condvar,
    /// Nobody waits for the result any more.
    closed: AtomicBool,
    /// Nothing trains at the moment.
    is_free: AtomicBool,
    /// Is the judge there?
    is_ready: AtomicBool,
    shown: Slot<Assessed>,
}

#[derive(Debug, Default)]
struct State {
    /// The newest state that waits to be measured.
    subject: Option<Arc<Checkpoint>>,
    is_busy: bool,
    /// How often the run went back: what is measured meanwhile belongs to what it gave up.
    turns: u64,
}

impl State {
    /// What is done next, where nothing is being done.
    fn idle(&self) -> Assessing {
        self.subject.as_ref().map_or(Assessing::Waiting, |subject| Assessing::Measuring(subject.g_steps))
    }
}

impl Assessor {
    /// Starts the thread for a run of `project` on `dataset`. What it finds it adds to what `shown` holds; after each change it calls `wake`.
    pub(super) fn spawn(project: Project, dataset: Arc<Dataset>, shown: Slot<Assessed>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let desk = Arc::new(Desk {
            state: Mutex::default(),
            changed: Condvar::new(),
            closed: AtomicBool::new(false),
            is_free: AtomicBool::new(false),
            is_ready: AtomicBool::new(false),
            shown,
        });
        let thread = Thread { desk: Arc::clone(&desk), wake, project };
        // A pool of one thread, and all work on it: the kernels' threads belong to training.
        match rayon::ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "assessor".to_owned()).build() {
            Ok(pool) => pool.spawn(move || thread.work(&dataset)),
            Err(error) => log::error!("the measuring thread cannot be started: {error}"),
        }
        Self { desk }
    }

    /// Is there nothing to measure, and everything there to do so?
    pub(super) fn is_waiting(&self) -> bool {
        let state = self.desk.lock();
        self.desk.is_ready.load(Ordering::Relaxed) && state.subject.is_none() && !state.is_busy
    }

    /// Hands over a state to measure, in place of one that still waits.
    pub(super) fn hand_over(&self, checkpoint: Arc<Checkpoint>) {
        let mut state = self.desk.lock();
        state.subject = Some(checkpoint);
        if self.desk.is_ready.load(Ordering::Relaxed) && !state.is_busy {
            // Whoever waits for the measure sees at once that there will be one.
            let stage = state.idle();
            self.desk.change(&state, |shown| shown.stage = stage);
        }
        self.desk.changed.notify_one();
    }

    /// The run went back to this step, perhaps [on another way](Quality::back_at): what was measured later, or is being measured, belongs to
    /// what it gave up.
    pub(super) fn go_back(&self, step: u64, other_way: Option<&Series>) {
        let mut state = self.desk.lock();
        state.turns += 1;
        state.subject = None;
        self.desk.change(&state, |shown| shown.quality = shown.quality.back_at(step, other_way));
    }

    /// Says whether something trains meanwhile.
    pub(super) fn set_free(&self, is_free: bool) {
        self.desk.is_free.store(is_free, Ordering::Relaxed);
    }
}

impl Drop for Assessor {
    fn drop(&mut self) {
        // Under the lock: afterwards nothing is shown any more.
        let _state = self.desk.lock();
        self.desk.closed.store(true, Ordering::Relaxed);
        if let Some(shown) = self.desk.shown.newest() {
            self.desk.shown.put(Assessed { stage: Assessing::Off, ..Assessed::clone(&shown) });
        }
        self.desk.changed.notify_one();
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Changes what is shown, while nobody else does: that is what the lock on the state is for.
    fn change(&self, _state: &MutexGuard<'_, State>, change: impl FnOnce(&mut Assessed)) {
        let mut shown = self.shown.newest().map(|shown| Assessed::clone(&shown)).unwrap_or_default();
        change(&mut shown);
        self.shown.put(shown);
    }

    /// Waits for a state to measure, with how often the run had gone back by then; none when the handle is gone.
    fn next(&self) -> Option<(Arc<Checkpoint>, u64)> {
        let mut state = self.lock();
        loop {
            if self.is_closed() {
                return None;
            }
            if let Some(subject) = state.subject.take() {
                state.is_busy = true;
                return Some((subject, state.turns));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Everything on the thread's side.
struct Thread {
    desk: Arc<Desk>,
    wake: Arc<dyn Fn() + Send + Sync>,
    project: Project,
}

impl Thread {
    fn work(&self, dataset: &Dataset) {
        let done = catch_unwind(AssertUnwindSafe(|| self.measure_all(dataset)));
        let reason = match done {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(panic) => format!("measuring stopped by a fault in the engine ({})", super::worker::panic_text(&*panic)),
        };
        if !self.desk.is_closed() {
            log::warn!("samples are not measured: {reason}");
        }
        self.show(|shown, _| shown.stage = Assessing::Failed(reason));
    }

    /// Changes what is shown, unless nobody looks any more.
    fn show(&self, change: impl FnOnce(&mut Assessed, &mut State)) {
        let mut state = self.desk.lock();
        if self.desk.is_closed() {
            return;
        }
        let mut shown = self.desk.shown.newest().map(|shown| Assessed::clone(&shown)).unwrap_or_default();
        change(&mut shown, &mut state);
        self.desk.shown.put(shown);
        drop(state);
        (self.wake)();
    }

    /// A pace at which this takes so large a part of all the processor's threads.
    fn pace(&self, part: f64) -> Share<impl Fn() -> f64 + Sync + '_, impl Fn() -> bool + Sync + '_> {
        let threads = available_parallelism().map_or(1.0, |threads| threads.get() as f64);
        let share = move || if self.desk.is_free.load(Ordering::Relaxed) { 1.0 } else { (part * threads).min(1.0) };
        Share::new(share, || self.desk.is_closed())
    }

    fn measure_all(&self, dataset: &Dataset) -> Result<(), JudgeError> {
        let (began, project) = (Instant::now(), &self.project);
        self.show(|shown, _| shown.stage = Assessing::Preparing);
        let judge = Judge::paced(dataset, &project.data, Scope::in_a_run(dataset.shape()), project.seed, &self.pace(SHARE_AT_FIRST))?;
        log::debug!("ready to measure after {:.1} s", began.elapsed().as_secs_f64());
        self.show(|shown, state| {
            self.desk.is_ready.store(true, Ordering::Relaxed);
            (shown.stage, shown.training) = (state.idle(), judge.training());
        });
        while let Some((checkpoint, turns)) = self.desk.next() {
            let began = Instant::now();
            self.show(|shown, _| shown.stage = Assessing::Measuring(checkpoint.g_steps));
            let generator = GeneratorHandle::from_checkpoint(&checkpoint.project, &checkpoint)?;
            let examined = judge.examine(&generator, checkpoint.project.train.latent, &self.pace(SHARE))?;
            log::debug!("step {} measured in {:.1} s", checkpoint.g_steps, began.elapsed().as_secs_f64());
            self.show(|shown, state| {
                state.is_busy = false;
                if state.turns == turns {
                    shown.take_in(checkpoint, examined);
                }
                shown.stage = state.idle();
            });
        }
        Ok(())
    }
}

impl Assessed {
    fn take_in(&mut self, checkpoint: Arc<Checkpoint>, examined: Examined) {
        self.closest = examined.closest.into();
        let assessment = Assessment { step: checkpoint.g_steps, elapsed_secs: checkpoint.elapsed_secs, report: examined.report };
        let best = |assessment: &Assessment| Best {
            assessment: assessment.clone(),
            project: checkpoint.project.clone(),
            weights: checkpoint.generator_to_show(),
        };
        if self.quality.add(assessment, best) {
            self.best = Some(checkpoint);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::device;
    use crate::spec::{DataSpec, Preset, Source};
    use crate::train::{History, Trainer};

    fn subject(preset: &str) -> (Project, Arc<Dataset>, Arc<Checkpoint>) {
        let project = Preset::from_name(preset).unwrap().project();
        let dataset = crate::data::load(&project.data, project.seed, &mut |_| {}, &AtomicBool::new(false)).unwrap();
        let checkpoint = Trainer::new(&project, &device::cpu()).unwrap().checkpoint(&project, 1.5, &History::default()).unwrap();
        (project, Arc::new(dataset), Arc::new(checkpoint))
    }

    fn wait_for(shown: &Slot<Assessed>, is_so: impl Fn(&Assessed) -> bool) -> Arc<Assessed> {
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            match shown.newest() {
                Some(shown) if is_so(&shown) => return shown,
                shown => assert!(Instant::now() < end, "{:?}", shown.map(|shown| shown.stage.clone())),
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn what_it_finds_is_what_a_judge_finds_of_the_same_generator_and_floors_stay() {
        let (project, dataset, checkpoint) = subject("ring8");
        let shown = Slot::default();
        let assessor = Assessor::spawn(project.clone(), Arc::clone(&dataset), shown.clone(), Arc::new(|| {}));
        assessor.hand_over(Arc::clone(&checkpoint));
        let first = wait_for(&shown, |shown| shown.quality.series.len() == 1);
        let samples = Scope::in_a_run(dataset.shape()).samples;
        let judge = Judge::new(&dataset, &project.data, samples, project.seed, &AtomicBool::new(false)).unwrap();
        let generator = GeneratorHandle::from_checkpoint(&project, &checkpoint).unwrap();
        let direct = judge.measure(&generator, project.train.latent).unwrap();
        assert_eq!(first.quality.series.last().unwrap().report, direct);
        let later = Checkpoint { g_steps: 7, ..Checkpoint::clone(&checkpoint) };
        assessor.hand_over(Arc::new(later));
        let second = wait_for(&shown, |shown| shown.quality.series.len() == 2);
        let reports: Vec<_> = second.quality.series.iter().map(|found| &found.report).collect();
        assert!(reports[0].compares_with(reports[1]));
        let best = second.quality.best.as_ref().unwrap();
        assert_eq!(best.assessment.step, 0, "the second is as good, and no better");
        assert!(Arc::ptr_eq(second.best.as_ref().unwrap(), &checkpoint));
        let latents = vec![0.3; 2 * generator.latent_size()];
        assert_eq!(best.generator().unwrap().generate(&latents).unwrap(), generator.generate(&latents).unwrap());
    }

    #[test]
    fn points_that_are_no_numbers_are_not_taken_in() {
        let (project, dataset, checkpoint) = subject("ring8");
        // Modes are counted of a mixture alone; of points from elsewhere only how they cover each other is known.
        for source in [project.data.source.clone(), Source::Path("points.csv".into())] {
            let spec = DataSpec { source, ..project.data.clone() };
            let judge = Judge::new(&dataset, &spec, 500, 1, &AtomicBool::new(false)).unwrap();
            let mut assessed = Assessed::default();
            for lost in [f32::NAN, f32::INFINITY] {
                let report = judge.measure_samples(&[lost; 1_000]).unwrap();
                assert!(!report.is_finite(), "{report:?}");
                assessed.take_in(Arc::clone(&checkpoint), Examined { report, closest: Vec::new() });
                assert!(assessed.quality.is_empty() && assessed.best.is_none());
            }
            // Also where some are numbers, those that are none make it worse.
            let good = dataset.gather(&dataset.train()[..500]);
            let half: Vec<f32> = good.iter().enumerate().map(|(place, &value)| if place < 500 { value } else { f32::NAN }).collect();
            for (step, samples) in [(1, &half), (2, &good), (3, &half)] {
                let report = judge.measure_samples(samples).unwrap();
                let checkpoint = Arc::new(Checkpoint { g_steps: step, ..Checkpoint::clone(&checkpoint) });
                assessed.take_in(checkpoint, Examined { report, closest: Vec::new() });
            }
            assert_eq!((assessed.quality.series.len(), assessed.best.unwrap().g_steps), (3, 2));
        }
    }

    #[test]
    fn what_is_measured_of_a_way_that_the_run_left_is_not_taken_in() {
        let (project, dataset, checkpoint) = subject("digits");
        let shown = Slot::default();
        let assessor = Assessor::spawn(project, dataset, shown.clone(), Arc::new(|| {}));
        assessor.set_free(true);
        assessor.hand_over(Arc::new(Checkpoint { g_steps: 7, ..Checkpoint::clone(&checkpoint) }));
        wait_for(&shown, |shown| shown.stage == Assessing::Measuring(7));
        assessor.go_back(0, None);
        assessor.hand_over(Arc::new(Checkpoint { g_steps: 3, ..Checkpoint::clone(&checkpoint) }));
        let found = wait_for(&shown, |shown| !shown.quality.series.is_empty());
        assert_eq!(found.quality.series.iter().map(|found| found.step).collect::<Vec<_>>(), [3]);
        assert_eq!(found.stage, Assessing::Waiting);
        assessor.hand_over(checkpoint);
        assert_eq!(shown.newest().unwrap().stage, Assessing::Measuring(0), "it is known from the very moment");
    }

    #[test]
    fn it_stops_at_once_while_it_measures_and_says_nothing_afterwards() {
        let (project, dataset, checkpoint) = subject("digits");
        let shown = Slot::default();
        let assessor = Assessor::spawn(project, dataset, shown.clone(), Arc::new(|| {}));
        assessor.set_free(true);
        assessor.hand_over(checkpoint);
        wait_for(&shown, |shown| shown.stage == Assessing::Measuring(0));
        let (began, desk) = (Instant::now(), Arc::downgrade(&assessor.desk));
        drop(assessor);
        assert!(began.elapsed() < Duration::from_millis(500), "it does not wait for the measure");
        assert_eq!(shown.newest().unwrap().stage, Assessing::Off);
        // The thread lets go of what it shares with the handle as it ends.
        while desk.strong_count() > 0 {
            assert!(began.elapsed() < Duration::from_secs(10));
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(shown.newest().unwrap().quality.is_empty());
    }
}
