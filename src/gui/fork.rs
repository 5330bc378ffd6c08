//! A run beside the one in hand: that was copied at some step, so that one thing can be changed in the copy and both train on. What then
//! differs comes of the change, since data, latent vectors and their order are the same.

use super::app::OpenFile;
use super::recovery::Own;
use super::run::{Before, Measuring, Phase, Run};
use super::widgets::format;
use crate::spec::{Edit, Editor, Project, TrainSpec};
use crate::train::{self, Event, Samples, Show, Worker};

/// Which of both runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letter {
    /// The one that was copied.
    A,
    /// The copy.
    B,
}

impl Letter {
    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }

    /// The other run's.
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What can be done with two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForkCommand {
    /// Copies the run in hand as it was at the newest kept state that is not after this step, or as it is now. The copy is then in hand.
    Begin(Option<u64>),
    /// Takes the other one in hand.
    Swap,
    /// Trains the other one, or holds it.
    TrainOther(bool),
    /// Ends one of them; asks where there is something to lose.
    Drop(Letter),
}

/// All that belongs to the run that is not in hand.
#[derive(Debug)]
pub struct Fork {
    /// Which one it is.
    pub letter: Letter,
    /// The step at which one became two; none where one of them has begun anew since.
    pub at: Option<u64>,
    /// Its project, with what can be undone.
    pub editor: Editor,
    /// What is known of it.
    pub run: Run,
    /// Its thread.
    pub worker: Option<Worker>,
    /// What that showed of a run before.
    pub before: Before,
    /// The settings that it knows.
    pub sent_train: Option<TrainSpec>,
    /// Its file.
    pub file: OpenFile,
    /// Its copy for the case of a crash.
    pub own: Option<Own>,
}

impl Fork {
    /// Takes in what its thread says and shows. Returns what people should know, in sentences without their full stop.
    pub fn hear(&mut self) -> Vec<String> {
        let mut news = Vec::new();
        let Some(worker) = &self.worker else { return news };
        while let Some(event) = worker.try_event() {
            let is_ours = self.run.hear(&event);
            match event {
                Event::Starting if is_ours => self.before = Before::default(),
                Event::Paused | Event::Finished(_) | Event::Failed(_) if is_ours => {
                    if let Some(checkpoint) = self.before.newest_checkpoint(worker) {
                        self.run.checkpoint = Some(checkpoint);
                    }
                }
                Event::WentBack { .. } if is_ours => {
                    if let Some(checkpoint) = self.before.newest_checkpoint(worker) {
                        self.run.is_back_at(checkpoint);
                    }
                }
                Event::Warning(text) if is_ours => news.push(text),
                Event::Recovered { to, train, reason, .. } if is_ours => {
                    news.push(format!("{reason}; back to step {}, with half the learning rates", format::grouped(to)));
                    // The project has the smaller rates from now on, as it would in hand.
                    let edit = Edit::SetTrain(self.editor.project().train.with_rates_of(&train));
                    if let Err(error) = self.editor.apply(edit) {
                        log::error!("the other run's settings do not fit its project: {error}");
                    }
                    self.sent_train = Some(*train);
                }
                _ => {}
            }
        }
        self.before.show(worker, &mut self.run);
        if let Some(assessed) = self.before.newest_assessed(worker, &self.run) {
            self.run.assessed = Some(assessed);
        }
        news
    }

    /// Tells its thread something.
    pub fn tell(&self, command: train::Command) {
        if let Some(worker) = &self.worker {
            worker.send(command);
        }
    }

    /// Goes on, where it is held.
    pub fn go_on(&mut self) {
        if self.run.phase == Phase::Paused {
            self.run.slow.leave();
            self.tell(train::Command::Resume);
        }
    }

    /// Goes on also where it had come to its end.
    pub fn go_on_beyond(&mut self) {
        self.run.slow.leave();
        if matches!(self.run.phase, Phase::Paused | Phase::Finished(train::Finish::Complete)) {
            self.tell(train::Command::Resume);
        }
    }

    /// Holds it.
    pub fn hold(&self) {
        self.tell(train::Command::Pause);
    }

    /// Changes what it shows.
    pub fn show(&mut self, show: Show) {
        self.run.show = show;
        self.tell(train::Command::Show(show));
    }

    /// Changes how often it is measured.
    pub fn measure(&mut self, measuring: Measuring) {
        self.run.measuring = measuring;
        self.tell(train::Command::Measure(measuring.0));
    }

    /// Is there anything of it that no file holds, and that was not given up?
    pub fn is_unsaved(&self) -> bool {
        !self.file.is_given_up && self.differs_from_file()
    }

    /// Is there anything of it that no file holds?
    pub fn differs_from_file(&self) -> bool {
        self.file.is_lost
            || self.file.lacks_d_steps()
            || self.file.project != *self.editor.project()
            || self.run.progress.step != self.file.step
    }

    /// What it is doing, in a few words.
    pub fn state(&self) -> &'static str {
        match &self.run.phase {
            Phase::Running => "trains",
            Phase::Loading(_) | Phase::Preparing { .. } => "gets ready",
            Phase::Paused => "is held",
            Phase::Finished(_) | Phase::Idle => "is over",
            Phase::Failed(_) => "ended by a fault",
        }
    }
}

/// What a run trains now: the networks, data and latent vectors that it was begun with, and the other settings as they are.
pub fn trained(run: &Run, project: &Project) -> Project {
    let begun = run.begun.as_deref().unwrap_or(project);
    Project { train: project.train.clone().in_run_of(&begun.train), ..begun.clone() }
}

/// Are the samples of two runs of the same kind, so that they can be seen side by side?
pub fn are_comparable(a: &Run, b: &Run) -> bool {
    let kind = |run: &Run| run.snapshot.as_ref().map(|snapshot| matches!(snapshot.samples, Samples::Points { .. }));
    kind(a).is_some() && kind(a) == kind(b)
}
