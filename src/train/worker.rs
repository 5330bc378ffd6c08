//! The thread that owns the device and trains.

mod assess;
mod film;
mod keep;
mod observe;
mod prepare;
mod tell;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::time::{Duration, Instant};

use self::keep::Keeper;
use super::assess::Assessed;
use super::checkpoint::Checkpoint;
use super::keep::States;
use super::message::{Command, Event, Finish, Preparing, Show, Start};
use super::reel::Reel;
use super::session::Session;
use super::snapshot::{Slot, Snapshot};
use super::stage::Stage;
use crate::data::{self, Dataset};
use crate::device::{self, DeviceChoice, DeviceError, DeviceInfo, OpenDevice};
use crate::spec::Project;

/// A training thread. It ends, after its current step, when this handle is dropped.
#[derive(Debug)]
pub struct Worker {
    commands: Sender<Command>,
    events: Receiver<Event>,
    snapshot: Slot<Snapshot>,
    checkpoint: Slot<Checkpoint>,
    states: Slot<States>,
    assessed: Slot<Assessed>,
    reel: Slot<Reel>,
}

/// A device, or why there is none.
type Opened = Result<OpenDevice, DeviceError>;

/// Events that may wait; a run makes a few a second.
const QUEUE: usize = 1024;

/// Losses are read back and progress is told so often.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// Samples are shown as often, but so seldom that making them takes at most one part in so many of the time.
const SNAPSHOT_SHARE: u32 = 12;

impl Worker {
    /// Starts the thread. It calls `wake` after each event and snapshot, so that a sleeping window looks at it.
    pub fn spawn(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self::spawn_with(wake, device::open)
    }

    /// Starts the thread, which opens its devices with `open`.
    pub(super) fn spawn_with(wake: impl Fn() + Send + Sync + 'static, open: impl Fn(&DeviceInfo) -> Opened + Send + 'static) -> Self {
        // Without a bound: a device can keep the thread from listening for minutes, and none of what hands ask for meanwhile may be lost.
        let (commands, inbox) = channel();
        let (outbox, events) = sync_channel(QUEUE);
        let (snapshot, checkpoint, states) = (Slot::default(), Slot::default(), Slot::default());
        let door = outbox.clone();
        let voice = Voice { events: outbox, wake: Arc::new(wake) };
        let assess = assess::Assess::default();
        let assessed = assess.shown.clone();
        let reel = Slot::default();
        let bench = Bench {
            open: Box::new(open),
            inbox,
            backlog: VecDeque::new(),
            voice,
            snapshot: snapshot.clone(),
            checkpoint: checkpoint.clone(),
            show: Show::default(),
            session: None,
            running: false,
            wanted: None,
            due: Due::now(),
            keep: Keeper::new(states.clone()),
            assess,
            film: film::Film::new(reel.clone()),
        };
        if let Err(error) = std::thread::Builder::new().name("trainer".to_owned()).spawn(move || bench.work()) {
            // The queue is empty, and whoever waits for the thread hears it.
            let _ =
                door.send(Event::Failed(format!("the system gives no thread to train on ({error}); close other programs and try again")));
        }
        Self { commands, events, snapshot, checkpoint, states, assessed, reel }
    }

    /// Tells the worker something; it listens between two steps, and while it prepares a device between two layers.
    pub fn send(&self, command: Command) {
        if self.commands.send(command).is_err() {
            log::error!("the training thread has ended; save what you can and restart the program");
        }
    }

    /// The next event, if there is one; never waits.
    pub fn try_event(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// The next event; waits for it at most so long.
    pub fn wait_event(&self, timeout: Duration) -> Option<Event> {
        self.events.recv_timeout(timeout).ok()
    }

    /// The newest samples and generator of the run.
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.snapshot.newest()
    }

    /// The last state from which the run can go on: from the last save, pause, stop or fault, or from a regular one in between.
    pub fn checkpoint(&self) -> Option<Arc<Checkpoint>> {
        self.checkpoint.newest()
    }

    /// The states that the run can go back to, oldest first: dense where they are recent, thinner the older they are.
    pub fn states(&self) -> Arc<Vec<Arc<Checkpoint>>> {
        self.states.newest().unwrap_or_default()
    }

    /// How good the run is, as far as that was measured, and its best.
    pub fn assessed(&self) -> Option<Arc<Assessed>> {
        self.assessed.newest()
    }

    /// What the generator made of the same latent vectors, from the beginning of the run to now.
    pub fn reel(&self) -> Option<Arc<Reel>> {
        self.reel.newest()
    }
}

/// The worker's way to say something.
struct Voice {
    events: SyncSender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Voice {
    fn say(&self, event: Event) {
        // Nobody listens when the handle is gone; the thread notices at its next look into the inbox.
        let _ = self.events.send(event);
        (self.wake)();
    }
}

/// When the regular duties of a run are due.
struct Due {
    progress: Instant,
    snapshot: Instant,
}

impl Due {
    fn now() -> Self {
        let now = Instant::now();
        Self { progress: now, snapshot: now }
    }
}

/// Everything on the worker's side.
struct Bench {
    open: Box<dyn Fn(&DeviceInfo) -> Opened + Send>,
    inbox: Receiver<Command>,
    /// Commands that came while data was loading.
    backlog: VecDeque<Command>,
    voice: Voice,
    snapshot: Slot<Snapshot>,
    checkpoint: Slot<Checkpoint>,
    show: Show,
    session: Option<Session>,
    running: bool,
    /// A single step that waits until the device is ready for it.
    wanted: Option<Command>,
    due: Due,
    keep: Keeper,
    assess: assess::Assess,
    film: film::Film,
}

/// What a fault of the run is called: words for people.
type Fault = String;

impl Bench {
    fn work(mut self) {
        while let Some(command) = self.next() {
            let done = catch_unwind(AssertUnwindSafe(|| match command {
                Next::Command(command) => self.obey(command),
                Next::Step => self.train(),
            }));
            let fault = match done {
                Ok(Ok(())) => continue,
                Ok(Err(fault)) => fault,
                Err(panic) => {
                    format!("training stopped by a fault in the engine ({}); the last good weights are kept", panic_text(&*panic))
                }
            };
            self.tell_vitals();
            self.session = None;
            self.running = false;
            self.wanted = None;
            self.assess.end();
            self.voice.say(Event::Failed(fault));
        }
    }

    /// What to do next; nothing when the handle is gone.
    fn next(&mut self) -> Option<Next> {
        if let Some(command) = self.backlog.pop_front() {
            return Some(Next::Command(command));
        }
        if !self.running {
            return self.inbox.recv().ok().map(Next::Command);
        }
        match self.inbox.try_recv() {
            Ok(command) => Some(Next::Command(command)),
            Err(TryRecvError::Empty) => Some(Next::Step),
            Err(TryRecvError::Disconnected) => None,
        }
    }

    fn obey(&mut self, command: Command) -> Result<(), Fault> {
        match command {
            Command::Start(start) => self.start(*start),
            Command::Pause if self.running => self.hold().map(|()| self.voice.say(Event::Paused)),
            Command::Resume if !self.running => {
                self.resume();
                Ok(())
            }
            Command::Pause | Command::Resume => Ok(()),
            Command::StepD | Command::StepG | Command::TellStep => self.single(command),
            Command::Stop => self.stop(),
            Command::Set(train) => {
                self.keep.forgive(&train, self.session.as_ref());
                self.set(*train)
            }
            Command::GoBack { step, lower_rates } => self.go_back(step, lower_rates),
            Command::Autosave(autosave) => {
                self.set_autosave(autosave);
                Ok(())
            }
            Command::Show(show) => {
                self.show = show;
                self.show_now()
            }
            Command::Measure(every) => {
                self.set_measuring(every);
                Ok(())
            }
            Command::Save { project, path } => self.save(*project, &path),
        }
    }

    fn start(&mut self, start: Start) -> Result<(), Fault> {
        let Start { project, device, checkpoint, earlier, dataset, paused } = start;
        let began = Instant::now();
        let reached = |what: &str| log::debug!("{what} after {:.0} ms", began.elapsed().as_secs_f64() * 1e3);
        self.running = false;
        self.wanted = None;
        self.session = None;
        // What another run learned is not this one's: should this one fail before its first checkpoint, there is none.
        self.checkpoint.take();
        self.snapshot.take();
        self.keep.begin(&project, checkpoint.as_ref(), &earlier);
        self.assess.forget();
        self.film.forget();
        // Whoever hears it finds nothing of the run before.
        self.voice.say(Event::Starting);
        if let Some(fault) = project.faults().first() {
            return Err(fault.to_string());
        }
        let stage = self.set_up(project, &device, checkpoint.as_deref())?;
        reached("the networks are there");
        if dataset.is_none() && !stage.project().data.is_points() {
            // Something to look at while the data is loaded. For points the data says which part of the plane to show.
            self.show(|show| stage.snapshot(show, None))?;
            reached("the first samples are made");
        }
        let loaded = dataset.map_or_else(|| self.load(stage.project()), |dataset| Ok(Some(dataset)));
        let Some(dataset) = loaded? else {
            self.voice.say(Event::Finished(Finish::Stopped));
            return Ok(());
        };
        self.voice.say(Event::Loaded(Arc::clone(&dataset)));
        reached("the data is there");
        self.assess.begin(stage.project(), checkpoint.as_ref(), &earlier);
        let session = Session::new(stage, dataset, checkpoint.as_deref()).assessed(self.assess.shown.clone());
        self.begin(session, session_step(checkpoint.as_deref()), paused)
    }

    fn set_up(&mut self, project: Project, device: &DeviceChoice, checkpoint: Option<&Checkpoint>) -> Result<Stage, Fault> {
        let device = self.open(device)?;
        Stage::new(project, device, checkpoint).map_err(|error| error.to_string())
    }

    /// Everything is there: shows it, and goes unless it is to be held.
    fn begin(&mut self, mut session: Session, kept: u64, paused: bool) -> Result<(), Fault> {
        // From the very start there is something to fall back to.
        self.keep_this(session.checkpoint(kept).map_err(|error| error.to_string())?);
        self.session = Some(session);
        self.due = Due::now();
        self.show_now()?;
        self.film()?;
        if paused {
            self.tell_progress()?;
            self.voice.say(Event::Paused);
        } else {
            self.resume();
        }
        Ok(())
    }

    /// Loads the data and stays reachable: a stop or another start meanwhile ends the loading.
    fn load(&mut self, project: &Project) -> Result<Option<Arc<Dataset>>, Fault> {
        let cancel = AtomicBool::new(false);
        let (voice, inbox, backlog) = (&self.voice, &self.inbox, &mut self.backlog);
        let mut progress = |progress| {
            voice.say(Event::Loading(progress));
            while let Ok(command) = inbox.try_recv() {
                if matches!(command, Command::Stop | Command::Start(_)) {
                    cancel.store(true, Ordering::Relaxed);
                }
                backlog.push_back(command);
            }
        };
        let loaded = data::load(&project.data, project.seed, &mut progress, &cancel);
        if cancel.load(Ordering::Relaxed) {
            return Ok(None);
        }
        loaded.map(|dataset| Some(Arc::new(dataset))).map_err(|error| error.to_string())
    }

    /// Opens the device. Whether it computes as it should is found out before its first step.
    fn open(&mut self, choice: &DeviceChoice) -> Result<OpenDevice, Fault> {
        let info = device::resolve(choice).map_err(|error| error.to_string())?;
        self.voice.say(Event::Preparing { device: info.name.clone(), progress: Preparing::OPENING });
        let open = (self.open)(&info).map_err(|error| error.to_string())?;
        if let Some(warning) = &open.warning {
            self.voice.say(Event::Warning(warning.clone()));
        }
        Ok(open)
    }

    fn resume(&mut self) {
        self.running = true;
        self.due = Due::now();
        self.keep.resume();
        self.measure_while_running(true);
        self.say_how_it_goes();
    }

    /// Holds the run with everything told, shown and kept.
    fn hold(&mut self) -> Result<(), Fault> {
        self.running = false;
        self.wanted = None;
        if let Some(session) = &mut self.session {
            session.hold();
        }
        self.tell_progress()?;
        self.film()?;
        self.keep_checkpoint()?;
        self.autosave();
        self.measure_while_running(false);
        self.show_now()
    }

    fn stop(&mut self) -> Result<(), Fault> {
        if self.session.is_none() {
            return Ok(());
        }
        self.hold()?;
        self.session = None;
        self.assess.end();
        self.voice.say(Event::Finished(Finish::Stopped));
        Ok(())
    }

    /// One step, and what is due after it; or, where the device is not ready for one, a part of what makes it ready.
    fn train(&mut self) -> Result<(), Fault> {
        let Some(session) = &mut self.session else {
            self.running = false;
            return Ok(());
        };
        if !session.can_step() {
            return self.prepare();
        }
        session.step();
        if session.preparing().is_some() {
            // Reading back waits until the step is done, and with it the preparation.
            self.tell_progress()?;
            self.set_ready();
        }
        let Some(session) = &mut self.session else { return Ok(()) };
        let (ended, must_read) = (session.take_end(), session.must_read());
        if ended {
            // Should the last steps have broken the run, it is not at its end, but goes back.
            self.keep_checkpoint()?;
            // Or samples have collapsed, which the last signs tell.
            self.tell_progress()?;
            if self.session.as_ref().is_some_and(Session::is_over) {
                self.hold()?;
                self.voice.say(Event::Finished(Finish::Complete));
                return Ok(());
            }
        }
        let now = Instant::now();
        if now >= self.due.progress || must_read {
            // Right before the numbers, so that a window has to be drawn once for both.
            if now >= self.due.snapshot {
                self.show_now()?;
                self.due.snapshot = now + now.elapsed() * SNAPSHOT_SHARE;
            }
            self.tell_progress()?;
            self.film_when_due()?;
            self.due.progress = now + PROGRESS_EVERY;
        }
        self.keep_what_is_due()?;
        self.measure_now_and_then()
    }
}

enum Next {
    Command(Command),
    Step,
}

fn session_step(checkpoint: Option<&Checkpoint>) -> u64 {
    checkpoint.map_or(0, |checkpoint| checkpoint.g_steps)
}

/// What a panic said.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no reason given")
}
