//! Follows a run from its start to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::consultation::{Consultation, Opinion};
use super::display::{Display, Scale};
use super::limit::Limit;
use super::{interrupt, start::Beginning};
use crate::cli::error::Failure;
use crate::data::Dataset;
use crate::device::DeviceChoice;
use crate::spec::{Edit, Project, Stop, TrainSpec};
use crate::train::{Checkpoint, Command, Event, Progress, Start, Worker};

/// A run that is over.
#[derive(Debug)]
pub(super) struct Run {
    /// The project, without the end that was asked for on the command line.
    pub project: Project,
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
}

/// Ctrl-C and the clock are looked at so often.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Trains until the limit, Ctrl-C or a fault, and shows how it goes.
///
/// # Errors
/// The run ended before there was anything to keep.
pub(super) fn follow(beginning: &Beginning, device: &DeviceChoice, limit: Limit) -> Result<Run, Failure> {
    let mut follower = Follower::new(beginning, limit);
    let worker = Worker::spawn(|| {});
    worker.send(Command::Start(Box::new(Start {
        project: follower.project_with(limit.stop(&beginning.project, follower.steps_done))?,
        device: device.clone(),
        checkpoint: beginning.checkpoint.clone(),
        dataset: None,
        paused: false,
    })));
    let failure = loop {
        if let Some(event) = worker.wait_event(LOOK_EVERY)
            && let Some(end) = follower.hear(event, &worker)?
        {
            break end.err();
        }
        if !follower.stopping && (interrupt::asked() || follower.time_is_up()) {
            follower.stopping = true;
            worker.send(Command::Stop);
        }
    };
    follower.display.finish(&follower.progress);
    follower.run(worker.checkpoint(), failure)
}

struct Follower<'a> {
    beginning: &'a Beginning,
    limit: Limit,
    steps_done: u64,
    display: Display,
    progress: Progress,
    consultation: Consultation,
    dataset: Option<Arc<Dataset>>,
    device: String,
    running_since: Option<Instant>,
    stopping: bool,
}

impl<'a> Follower<'a> {
    fn new(beginning: &'a Beginning, limit: Limit) -> Self {
        Self {
            beginning,
            limit,
            steps_done: beginning.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.g_steps),
            display: Display::new(),
            progress: Progress::default(),
            consultation: Consultation::default(),
            dataset: None,
            device: String::new(),
            running_since: None,
            stopping: false,
        }
    }

    /// The project with another end. The file that is written keeps the project's own.
    fn project_with(&self, stop: Stop) -> Result<Project, Failure> {
        let mut project = self.beginning.project.clone();
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
            Event::Vitals(vitals) => {
                if let Some(line) = self.consultation.hear(&self.beginning.project, &vitals) {
                    self.display.say(&line);
                }
            }
            Event::Warning(warning) => self.display.say(&format!("note: {warning}")),
            Event::Finished(_) => return Ok(Some(Ok(()))),
            Event::Failed(reason) => return Ok(Some(Err(reason))),
            Event::Starting | Event::Paused | Event::Saved(_) | Event::SaveFailed(_) => {}
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

    fn running(&mut self, device: String) {
        let goes_on = if self.steps_done > 0 { format!(", from step {}", self.steps_done) } else { String::new() };
        self.display.say(&format!("training on {device}{goes_on}; Ctrl-C saves and ends"));
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

    fn time_is_up(&self) -> bool {
        let Limit::Seconds(seconds) = self.limit else { return false };
        self.running_since.is_some_and(|since| since.elapsed().as_secs_f64() >= seconds)
    }

    fn run(self, checkpoint: Option<Arc<Checkpoint>>, failure: Option<String>) -> Result<Run, Failure> {
        match (checkpoint, self.dataset) {
            (Some(checkpoint), Some(dataset)) => {
                let opinion = self.consultation.opinion(&self.beginning.project);
                Ok(Run { project: self.beginning.project.clone(), checkpoint, dataset, device: self.device, opinion, failure })
            }
            _ => Err(Failure::failed(failure.unwrap_or_else(|| "stopped before training began; nothing was written".to_owned()))),
        }
    }
}
