//! Follows a run from its start to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::consultation::{Consultation, Opinion};
use super::display::{Display, Scale};
use super::limit::Limit;
use super::measuring::{Measuring, Told};
use super::{interrupt, start::Beginning};
use crate::cli::console::grouped;
use crate::cli::error::Failure;
use crate::data::Dataset;
use crate::device::DeviceChoice;
use crate::numbers::rate;
use crate::project::ProjectFile;
use crate::spec::{Edit, Project, Stop, TrainSpec};
use crate::train::{Assessing, Autosave, Checkpoint, Command, Event, Progress, SaveTarget, Start, Worker};

/// A run that is over.
#[derive(Debug)]
pub(super) struct Run {
    /// All that is kept of it, with the project without the end that was asked for on the command line.
    pub file: ProjectFile,
    /// What was learned.
    pub checkpoint: Arc<Checkpoint>,
    /// What it was trained on.
    pub dataset: Arc<Dataset>,
    /// The device by name.
    pub device: String,
    /// What the doctor said of it last.
    pub opinion: Option<Opinion>,
    /// Why it ended too early, if it did.
    pub failure: Option<String>,
    /// Was its file written on the way?
    pub is_saved: bool,
}

/// The file that is written on the way.
#[derive(Clone, Debug)]
pub(super) struct Saving {
    /// Which.
    pub target: SaveTarget,
    /// How often.
    pub every: Duration,
}

/// Ctrl-C and the clock are looked at so often.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Trains until the limit, Ctrl-C or a fault, and shows how it goes.
///
/// # Errors
/// The run ended before there was anything to keep.
pub(super) fn follow(
    beginning: &Beginning,
    device: &DeviceChoice,
    limit: Limit,
    measuring: Measuring,
    saving: Option<Saving>,
) -> Result<Run, Failure> {
    let mut follower = Follower::new(beginning, limit);
    let worker = Worker::spawn(|| {});
    worker.send(Command::Measure(measuring.0));
    if let Some(Saving { target, every }) = saving.clone() {
        worker.send(Command::Autosave(Some(Autosave { project: Box::new(beginning.project.clone()), target, every })));
    }
    worker.send(Command::Start(Box::new(Start {
        project: follower.project_with(limit.stop(&beginning.project, follower.steps_done))?,
        device: device.clone(),
        checkpoint: beginning.checkpoint.clone(),
        earlier: beginning.earlier.clone(),
        dataset: None,
        paused: false,
    })));
    let failure = loop {
        if let Some(event) = worker.wait_event(LOOK_EVERY)
            && let Some(end) = follower.hear(event, &worker)?
        {
            break end.err();
        }
        if let Some(assessed) = worker.assessed() {
            follower.told.tell(&assessed, &follower.display);
            follower.consultation.measured(&assessed.quality.series);
        }
        if !follower.stopping && (interrupt::asked() || follower.time_is_up()) {
            follower.stopping = true;
            // What is held can still be measured.
            worker.send(if interrupt::asked() || measuring.0.is_none() { Command::Stop } else { Command::Pause });
        }
    };
    follower.wait_for_the_last_measure(&worker);
    follower.display.finish(&follower.progress);
    // From now on the file is written here.
    let is_saved = saving.is_some_and(|saving| saving.target.give_up());
    follower.run(&worker, failure, is_saved)
}

/// The last state, with what was measured since it was made.
fn with_newest_quality(worker: &Worker) -> Option<Arc<Checkpoint>> {
    let checkpoint = worker.checkpoint()?;
    let quality = worker.assessed().map(|assessed| assessed.quality.clone()).unwrap_or_default();
    if quality == checkpoint.quality {
        return Some(checkpoint);
    }
    Some(Arc::new(Checkpoint { quality, ..Checkpoint::clone(&checkpoint) }))
}

struct Follower<'a> {
    beginning: &'a Beginning,
    /// The project without the end that was asked for.
    project: Project,
    limit: Limit,
    steps_done: u64,
    display: Display,
    progress: Progress,
    consultation: Consultation,
    dataset: Option<Arc<Dataset>>,
    device: String,
    running_since: Option<Instant>,
    stopping: bool,
    told: Told,
}

impl<'a> Follower<'a> {
    fn new(beginning: &'a Beginning, limit: Limit) -> Self {
        Self {
            beginning,
            project: beginning.project.clone(),
            limit,
            steps_done: beginning.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.g_steps),
            display: Display::new(),
            progress: Progress::default(),
            consultation: Consultation::after(beginning),
            dataset: None,
            device: String::new(),
            running_since: None,
            stopping: false,
            told: Told::before(beginning.checkpoint.as_deref()),
        }
    }

    /// The project with another end. The file that is written keeps the project's own.
    fn project_with(&self, stop: Stop) -> Result<Project, Failure> {
        let mut project = self.project.clone();
        let train = TrainSpec { stop, ..project.train.clone() };
        Edit::SetTrain(train).apply(&mut project)?;
        Ok(project)
    }

    /// Takes in what the worker says. Some end is the run's end: well, or with a reason.
    fn hear(&mut self, event: Event, worker: &Worker) -> Result<Option<Result<(), String>>, Failure> {
        match event {
            Event::Loading(progress) => self.display.loading(progress),
            Event::Loaded(dataset) => self.loaded(dataset, worker)?,
            Event::Preparing { device, progress } => self.display.preparing(&device, progress),
            Event::Running { device } => self.running(device),
            Event::Progress(progress) => {
                self.progress = progress;
                self.display.progress(&self.progress);
            }
            Event::Recovered { from, to, train, reason } => self.recovered(from, to, &train, &reason)?,
            Event::Vitals(vitals) => {
                if let Some(line) = self.consultation.hear(&self.project, &vitals) {
                    self.display.say(&line);
                }
            }
            Event::Warning(warning) => self.display.say(&format!("note: {warning}")),
            Event::Finished(_) => return Ok(Some(Ok(()))),
            Event::Failed(reason) => return Ok(Some(Err(reason))),
            Event::Paused if self.stopping => return Ok(Some(Ok(()))),
            Event::Starting | Event::Paused | Event::Told(_) | Event::Saved { .. } | Event::SaveFailed(_) | Event::WentBack { .. } => {}
        }
        Ok(None)
    }

    fn loaded(&mut self, dataset: Arc<Dataset>, worker: &Worker) -> Result<(), Failure> {
        let report = dataset.report();
        self.display.say(&format!("data: {}", report.description));
        if let Some(first) = report.skipped.first() {
            let count = report.skipped_count;
            self.display.say(&format!("note: {count} files could not be used, the first because {}: {}", first.reason, first.name));
        }
        if report.left_out > 0 {
            self.display.say(&format!("note: {} samples were left out, as memory is limited", report.left_out));
        }
        if let Some(stop) = self.limit.stop_for_data(&self.beginning.project, self.steps_done, &dataset) {
            worker.send(Command::Set(Box::new(self.project_with(stop)?.train)));
        }
        self.dataset = Some(dataset);
        Ok(())
    }

    /// The project is from now on what the run goes on with.
    fn recovered(&mut self, from: u64, to: u64, train: &TrainSpec, reason: &str) -> Result<(), Failure> {
        Edit::SetTrain(self.project.train.with_rates_of(train)).apply(&mut self.project)?;
        let rates = [train.generator.learning_rate, train.discriminator.learning_rate].map(rate);
        let rates = if rates[0] == rates[1] { rates[0].clone() } else { rates.join(" and ") };
        self.consultation.went_back(to);
        let (from, to) = (grouped(from), grouped(to));
        self.display.say(&format!("note: at step {from} {reason}: back to step {to}, learning rates halved to {rates}"));
        Ok(())
    }

    fn running(&mut self, device: String) {
        let goes_on = if self.steps_done > 0 { format!(", from step {}", self.steps_done) } else { String::new() };
        let seed = self.beginning.project.seed;
        self.display.say(&format!("training on {device} with seed {seed}{goes_on}; Ctrl-C saves and ends"));
        self.device = device;
        self.running_since = Some(Instant::now());
        self.display.running(self.scale());
    }

    fn scale(&self) -> Scale {
        let project = &self.beginning.project;
        let by_data = self.dataset.as_ref().and_then(|dataset| self.limit.stop_for_data(project, self.steps_done, dataset));
        match (self.limit, by_data.unwrap_or_else(|| self.limit.stop(project, self.steps_done))) {
            (Limit::Seconds(length), _) => {
                let from = self.beginning.checkpoint.as_ref().map_or(0.0, |checkpoint| checkpoint.elapsed_secs);
                Scale::Seconds { from, length }
            }
            (_, Stop::Steps(to)) => Scale::Steps { from: self.steps_done, to },
            (_, Stop::Epochs(epochs)) => Scale::Epochs(epochs as f64),
            (_, Stop::Never) => Scale::Endless,
        }
    }

    /// Waits until the last state is measured, where it is being measured; Ctrl-C ends that.
    fn wait_for_the_last_measure(&mut self, worker: &Worker) {
        while let Some(assessed) = worker.assessed() {
            self.told.tell(&assessed, &self.display);
            if interrupt::asked() || !matches!(assessed.stage, Assessing::Preparing | Assessing::Measuring(_)) {
                return;
            }
            self.display.measuring();
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn time_is_up(&self) -> bool {
        let Limit::Seconds(seconds) = self.limit else { return false };
        self.running_since.is_some_and(|since| since.elapsed().as_secs_f64() >= seconds)
    }

    fn run(self, worker: &Worker, failure: Option<String>, is_saved: bool) -> Result<Run, Failure> {
        match (with_newest_quality(worker), self.dataset) {
            (Some(checkpoint), Some(dataset)) => {
                let opinion = self.consultation.opinion(&self.project);
                let assessed = worker.assessed();
                let best = assessed.as_ref().and_then(|assessed| assessed.best.as_ref());
                let file = ProjectFile::of_run(self.project, Some(Arc::clone(&checkpoint)), &worker.states(), best);
                Ok(Run { file, checkpoint, dataset, device: self.device, opinion, failure, is_saved })
            }
            _ => Err(Failure::failed(failure.unwrap_or_else(|| "stopped before training began; nothing was written".to_owned()))),
        }
    }
}
