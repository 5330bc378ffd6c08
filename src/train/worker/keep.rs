//! What is kept of a run: its last states, and the file.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Bench, Fault, session_step};
use crate::measure::doctor;
use crate::project::ProjectFile;
use crate::spec::{Edit, Project, TrainSpec};
use crate::train::checkpoint::Checkpoint;
use crate::train::keep::{Autosave, Job, Recovery, Report, Ring, States, Writer};
use crate::train::message::Event;
use crate::train::session::{Session, SessionError};
use crate::train::snapshot::Slot;

/// A state is kept so often at first, when most happens.
const OFTEN: Duration = Duration::from_millis(500);
/// And so often later: a run that was not stopped can lose at most so much.
const SELDOM: Duration = Duration::from_secs(10);
/// In between, as often as this part of the time that it runs.
const PART: u32 = 4;
/// Making them takes at most one part in so many of the time.
const CHECKPOINT_SHARE: u32 = 100;
/// A run is saved for the first time no later than this.
const FIRST_SAVE: Duration = Duration::from_secs(10);
/// Writing takes at most one part in so many of a thread's time.
const WRITING_SHARE: u32 = 25;

/// Everything that is kept, and when it is due.
pub(super) struct Keeper {
    ring: Ring,
    /// What of the ring others see.
    states: Slot<States>,
    recovery: Recovery,
    autosave: Option<Autosave>,
    writer: Option<Writer>,
    /// What was written last, or is being written.
    written: Option<Arc<Checkpoint>>,
    /// Does everybody know that the file cannot be written?
    has_warned: bool,
    /// And that samples which have collapsed are left as they are?
    has_given_up: bool,
    /// Since when the run goes on without a break.
    since: Instant,
    checkpoint_due: Instant,
    autosave_due: Instant,
    /// How long a checkpoint takes.
    checkpoint_takes: Duration,
    /// How long a file takes.
    writing_takes: Duration,
}

impl Keeper {
    pub(super) fn new(states: Slot<States>) -> Self {
        let now = Instant::now();
        Self {
            ring: Ring::default(),
            states,
            recovery: Recovery::default(),
            autosave: None,
            writer: None,
            written: None,
            has_warned: false,
            has_given_up: false,
            since: now,
            checkpoint_due: now + OFTEN,
            autosave_due: now,
            checkpoint_takes: Duration::ZERO,
            writing_takes: Duration::ZERO,
        }
    }

    /// A run begins, from a state of the run before, or of a file with the states before it, or from nothing.
    pub(super) fn begin(&mut self, project: &Project, checkpoint: Option<&Arc<Checkpoint>>, earlier: &[Arc<Checkpoint>]) {
        // Other settings have attempts of their own.
        let to_the_end_of = |from: &Checkpoint| TrainSpec { stop: project.train.stop, ..from.project.train.clone() };
        let same = checkpoint.filter(|from| from.is_of_run(project) && to_the_end_of(from) == project.train);
        self.recovery = same.map(|from| from.recovery).unwrap_or_default();
        self.has_given_up = false;
        self.ring.begin(project, checkpoint, earlier);
        self.states.put(self.ring.list());
    }

    /// The run is told of these settings. Others than it has give it new attempts.
    pub(super) fn forgive(&mut self, train: &TrainSpec, session: Option<&Session>) {
        let Some(now) = session.map(Session::settings) else { return };
        if (TrainSpec { stop: now.stop, ..train.clone().in_run_of(now) }) != *now {
            self.recovery = Recovery::default();
            self.has_given_up = false;
        }
    }

    /// A run goes on: what is due is counted from now.
    pub(super) fn resume(&mut self) {
        self.since = Instant::now();
        self.plan_checkpoint();
        self.plan_autosave();
    }

    fn plan_checkpoint(&mut self) {
        let every = (self.since.elapsed() / PART).clamp(OFTEN, SELDOM);
        self.checkpoint_due = Instant::now() + every.max(self.checkpoint_takes * CHECKPOINT_SHARE);
    }

    fn plan_autosave(&mut self) {
        let every = self.autosave.as_ref().map_or(Duration::MAX, |autosave| autosave.every);
        let every = if self.written.is_none() { every.min(FIRST_SAVE) } else { every };
        let every = every.max(self.checkpoint_takes * CHECKPOINT_SHARE).max(self.writing_takes * WRITING_SHARE);
        let now = Instant::now();
        // Beyond all time is never.
        self.autosave_due = now.checked_add(every).unwrap_or(now + Duration::from_secs(1 << 30));
    }

    fn set_autosave(&mut self, autosave: Option<Autosave>) {
        let pace = |autosave: &Option<Autosave>| autosave.as_ref().map(|it| (it.target.path().to_owned(), it.every));
        let is_new = pace(&self.autosave) != pace(&autosave);
        self.autosave = autosave;
        self.written = None;
        if is_new {
            self.has_warned = false;
            self.plan_autosave();
        }
    }

    fn set_rates(&mut self, train: &TrainSpec) {
        if let Some(Autosave { project, .. }) = &mut self.autosave {
            // Settings can be set in any project.
            let _ = Edit::SetTrain(project.train.with_rates_of(train)).apply(project);
        }
    }
}

impl Bench {
    /// What is due by now: a state in memory, and one in the file.
    pub(super) fn keep_what_is_due(&mut self) -> Result<(), Fault> {
        let now = Instant::now();
        self.hear_writer();
        if now >= self.keep.checkpoint_due {
            self.keep_checkpoint()?;
        }
        if now >= self.keep.autosave_due && self.keep.autosave.is_some() {
            self.keep_checkpoint()?;
            self.autosave();
            self.keep.plan_autosave();
        }
        Ok(())
    }

    /// Makes a checkpoint of where the run is. A run that broke goes back first, so that there is a sound one afterwards.
    pub(super) fn keep_checkpoint(&mut self) -> Result<(), Fault> {
        let kept = self.kept_step();
        let Some(session) = &mut self.session else { return Ok(()) };
        let began = Instant::now();
        let made = session.checkpoint(kept);
        self.keep.checkpoint_takes = began.elapsed();
        log::debug!("a state was kept in {:.2} ms", self.keep.checkpoint_takes.as_secs_f64() * 1e3);
        self.keep.plan_checkpoint();
        match made {
            Ok(checkpoint) => {
                self.keep_this(checkpoint);
                Ok(())
            }
            Err(error) => self.recover(&error),
        }
    }

    pub(super) fn keep_this(&mut self, checkpoint: Checkpoint) {
        self.keep.recovery.is_sound_at(checkpoint.g_steps);
        let checkpoint = Arc::new(Checkpoint { recovery: self.keep.recovery, ..checkpoint });
        self.checkpoint.share(Arc::clone(&checkpoint));
        self.keep.ring.push(checkpoint);
        self.keep.states.put(self.keep.ring.list());
    }

    pub(super) fn kept_step(&self) -> u64 {
        session_step(self.checkpoint.newest().as_deref())
    }

    pub(super) fn save(&mut self, project: Project, path: &Path) -> Result<(), Fault> {
        if self.session.is_some() {
            self.tell_progress()?;
            self.keep_checkpoint()?;
        }
        let checkpoint = self.checkpoint.newest();
        if self.session.is_none() && checkpoint.is_none() {
            // Else a file with what was learned before would be replaced by one without.
            self.voice.say(Event::SaveFailed("the run could not begin, so that there is nothing of it to save; save once more".to_owned()));
            return Ok(());
        }
        let step = session_step(checkpoint.as_deref());
        let file = self.file(project, checkpoint);
        self.voice.say(match file.save(path) {
            Ok(()) => Event::Saved { path: path.to_owned(), step },
            Err(error) => Event::SaveFailed(error.to_string()),
        });
        Ok(())
    }

    /// What goes into a file.
    fn file(&self, project: Project, checkpoint: Option<Arc<Checkpoint>>) -> ProjectFile {
        let best = self.assess.shown.newest().and_then(|shown| shown.best.clone());
        ProjectFile::of_run(project, checkpoint, &self.keep.ring.list(), best.as_ref())
    }

    /// Writes a file every so often from now on, or no longer.
    pub(super) fn set_autosave(&mut self, autosave: Option<Autosave>) {
        self.keep.set_autosave(autosave);
        if !self.running {
            self.autosave();
        }
    }

    /// Hands the last state over to be written, unless it is in the file already.
    pub(super) fn autosave(&mut self) {
        // A run that is held has no later moment for it: what is being written goes first.
        if self.keep.autosave.is_none() {
            return;
        }
        let report = if self.running { None } else { self.keep.writer.as_mut().and_then(Writer::last_report) };
        report.into_iter().for_each(|report| self.hear_report(report));
        self.hear_writer();
        let (Some(autosave), Some(checkpoint)) = (&self.keep.autosave, self.checkpoint.newest()) else { return };
        if self.keep.written.as_ref().is_some_and(|written| Arc::ptr_eq(written, &checkpoint)) {
            return;
        }
        let file = self.file((*autosave.project).clone(), Some(Arc::clone(&checkpoint)));
        let job = Job { file, target: autosave.target.clone() };
        let writer = match self.keep.writer.take().map_or_else(Writer::spawn, Ok) {
            Ok(writer) => self.keep.writer.insert(writer),
            Err(error) => return self.warn_once(&format!("the system gives no thread to save on ({error}); save by hand")),
        };
        if writer.offer(job) {
            self.keep.written = Some(checkpoint);
        }
    }

    fn hear_writer(&mut self) {
        if let Some(report) = self.keep.writer.as_mut().and_then(Writer::report) {
            self.hear_report(report);
        }
    }

    fn hear_report(&mut self, report: Report) {
        self.keep.writing_takes = report.took;
        log::debug!("the run was saved in {:.2} ms, beside training", report.took.as_secs_f64() * 1e3);
        match report.written {
            Ok(()) => self.keep.has_warned = false,
            Err(error) => {
                self.keep.written = None;
                self.warn_once(&format!("saving by itself failed: {error}"));
            }
        }
    }

    fn warn_once(&mut self, text: &str) {
        if !std::mem::replace(&mut self.keep.has_warned, true) {
            self.voice.say(Event::Warning(text.to_owned()));
        }
    }

    /// What to do about a run that cannot go on as it is: back to a good state, with half the learning rates.
    pub(super) fn recover(&mut self, error: &SessionError) -> Result<(), Fault> {
        let fault = error.to_string();
        let (Some(session), SessionError::Diverged { step, network, loss, .. }) = (&self.session, error) else { return Err(fault) };
        if !session.settings().recover {
            return Err(fault);
        }
        let Some(to) = self.keep.recovery.after_break(*step, &self.keep.ring) else {
            let attempts = self.keep.recovery.attempts();
            return Err(if attempts > 0 { format!("going back {} did not help: {fault}", times(attempts)) } else { fault });
        };
        self.keep.ring.forget_after(to.g_steps);
        self.turn_back(*step, &to, Some(format!("the {network}'s loss is {loss}")))
    }

    /// Takes in the run's vital signs. Where samples were diverse and have become all the same, the run goes back to before that, with half
    /// the learning rates.
    pub(super) fn notice_collapse(&mut self, signs: &[Arc<doctor::Vitals>]) -> Result<(), Fault> {
        let Some(session) = self.session.as_ref().filter(|_| !signs.is_empty()) else { return Ok(()) };
        if !session.settings().recover {
            return Ok(());
        }
        let Some(since) = doctor::collapsed_since(session.subject().0, &session.signs().series) else { return Ok(()) };
        let Some(to) = self.keep.recovery.after_collapse(since, &self.keep.ring) else {
            let collapses = self.keep.recovery.collapses();
            if collapses > 0 && !std::mem::replace(&mut self.keep.has_given_up, true) {
                let times = times(collapses);
                let text =
                    format!("samples have been all the same since step {since}; going back {times} did not help: the run goes on as it is");
                self.voice.say(Event::Warning(text));
            }
            return Ok(());
        };
        let from = session.step_count();
        self.keep.ring.forget_after(to.g_steps);
        self.turn_back(from, &to, Some(format!("mode collapse since step {since}")))
    }

    /// Goes back as far as it is told to.
    pub(super) fn go_back(&mut self, step: u64, lower_rates: bool) -> Result<(), Fault> {
        let kept = self.kept_step();
        let Some(session) = &mut self.session else {
            self.voice.say(Event::Warning("there is no run that could go back".to_owned()));
            return Ok(());
        };
        let from = session.step_count();
        // What is left stays within reach; unless it broke, which is a reason to go.
        if let Ok(checkpoint) = session.checkpoint(kept) {
            self.keep_this(checkpoint);
        }
        let Some(to) = self.keep.ring.at_or_before(step) else { return Ok(()) };
        self.keep.ring.leave_for(&to);
        self.turn_back(from, &to, lower_rates.then(|| "the run was sent back".to_owned()))?;
        if !self.running {
            self.voice.say(Event::Paused);
        }
        Ok(())
    }

    /// Takes up an earlier state, with smaller learning rates where there is a reason for them.
    fn turn_back(&mut self, from: u64, to: &Arc<Checkpoint>, reason: Option<String>) -> Result<(), Fault> {
        let kept = self.kept_step();
        let Some(session) = &mut self.session else { return Ok(()) };
        let came_by = session.came_by(to);
        session.go_back(to).map_err(|error| error.to_string())?;
        let lowered = reason.map(|reason| (session.settings().with_half_the_rates(), reason));
        if let Some((train, _)) = &lowered {
            session.set(train.clone()).map_err(|error| error.to_string())?;
            self.keep.set_rates(train);
        }
        let progress = session.read_back(kept).map_err(|error| error.to_string())?;
        self.checkpoint.share(Arc::clone(to));
        self.keep.since = Instant::now();
        self.keep.plan_checkpoint();
        self.keep.states.put(self.keep.ring.list());
        self.assess.go_back(to, came_by);
        self.tell_film();
        self.show_now()?;
        let to = to.g_steps;
        self.voice.say(match lowered {
            Some((train, reason)) => Event::Recovered { from, to, train: Box::new(train), reason },
            None => Event::WentBack { from, to },
        });
        self.voice.say(Event::Progress(progress));
        Ok(())
    }
}

/// How often, in words.
fn times(count: u32) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}
