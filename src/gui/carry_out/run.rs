//! Starting, holding and ending runs.

use std::sync::Arc;

use crate::device::DeviceChoice;
use crate::gui::app::{App, OnPause};
use crate::gui::command::Notice;
use crate::gui::panels::status::capitalised;
use crate::gui::run::{Before, Phase};
use crate::random;
use crate::spec::Edit;
use crate::train::{self, Checkpoint, Event, Finish, Show, Snapshot, Start, Worker};

impl App {
    /// Takes in what the worker said, and its newest samples.
    pub(in crate::gui) fn hear_worker(&mut self) {
        while let Some(event) = self.worker.as_ref().and_then(Worker::try_event) {
            self.hear(&event);
        }
        if let Some(worker) = &self.worker {
            self.before.show(worker, &mut self.run);
        }
        self.hear_assessor();
        self.hear_other();
    }

    fn hear(&mut self, event: &Event) {
        let is_ours = self.run.hear(event);
        if is_ours && matches!(event, Event::Starting) {
            // Nothing of what the worker shows from now on is of a run before.
            self.before = Before::default();
        }
        match event {
            Event::Paused | Event::Finished(_) | Event::Failed(_) if is_ours => {
                if let Some(checkpoint) = self.newest_checkpoint() {
                    self.run.checkpoint = Some(checkpoint);
                }
                if matches!(event, Event::Failed(_)) && self.file.writing.is_some() {
                    // Who was to write it has ended.
                    self.save_failed("The project could not be saved, since its run failed");
                }
                self.on_held();
            }
            Event::Saved { path, step } => self.project_saved(path.clone(), *step),
            Event::WentBack { to, .. } if is_ours => self.went_back(*to),
            Event::Recovered { from, to, train, reason } if is_ours => self.recovered(*from, *to, train, reason),
            Event::SaveFailed(reason) => self.save_failed(reason),
            Event::Warning(text) if is_ours => self.notify(Notice::note(format!("{}.", capitalised(text)))),
            _ => {}
        }
    }

    /// The newest samples of this run, not of the one before.
    pub(in crate::gui) fn newest_snapshot(&self) -> Option<Arc<Snapshot>> {
        self.worker.as_ref().and_then(|worker| self.before.newest_snapshot(worker))
    }

    /// The last state of this run, not of the one before.
    pub(in crate::gui) fn newest_checkpoint(&self) -> Option<Arc<Checkpoint>> {
        self.worker.as_ref().and_then(|worker| self.before.newest_checkpoint(worker))
    }

    /// From now on what the worker shows is old, until there is something new.
    fn mark_old(&mut self) {
        if let Some(worker) = &self.worker {
            self.before = Before::of(worker);
        }
    }

    /// What had to wait until the worker holds.
    fn on_held(&mut self) {
        match self.on_pause.take() {
            _ if matches!(self.run.phase, Phase::Failed(_)) => {}
            Some(OnPause::Restart) => self.begin(self.run.checkpoint.clone(), false),
            Some(OnPause::Fork(step)) => self.fork(step),
            None => {}
        }
    }

    pub(in crate::gui) fn train(&mut self) {
        self.run.slow.leave();
        match self.run.phase {
            Phase::Loading(_) | Phase::Preparing { .. } | Phase::Running => {}
            // The worker still has the run.
            Phase::Paused | Phase::Finished(Finish::Complete) => self.tell(train::Command::Resume),
            Phase::Idle | Phase::Failed(_) | Phase::Finished(Finish::Stopped) => self.begin(self.run.checkpoint.clone(), false),
        }
    }

    pub(in crate::gui) fn pause(&mut self) {
        self.tell(train::Command::Pause);
    }

    /// One step of one network, after which the run is held.
    pub(in crate::gui) fn single_step(&mut self, step: train::Command) {
        self.run.slow.leave();
        self.step_once(step);
    }

    pub(super) fn step_once(&mut self, step: train::Command) {
        if matches!(self.run.phase, Phase::Loading(_) | Phase::Preparing { .. }) {
            // It would take the place of what is being made ready.
            return;
        }
        let has_run = matches!(self.run.phase, Phase::Paused | Phase::Running | Phase::Finished(Finish::Complete));
        if !has_run {
            self.begin(self.run.checkpoint.clone(), true);
        }
        if self.run.phase.is_live() || has_run {
            self.file.is_behind_d |= matches!(step, train::Command::StepD);
            self.tell(step);
        }
    }

    /// Begins at step 0, held. A project with faults loses its run and waits.
    pub(in crate::gui) fn reset(&mut self) {
        if self.faults().is_empty() {
            self.begin(None, true);
        } else {
            self.forget_run();
        }
    }

    /// Trains from step 0: with the seed of the run, or with another one.
    pub(in crate::gui) fn repeat(&mut self, other_seed: bool) {
        if !self.faults().is_empty() {
            return self.refuse_to_train();
        }
        let own = self.run.begun.as_ref().map_or(self.project().seed, |begun| begun.seed);
        let seed = if other_seed { random::another_seed(own) } else { own };
        if self.project().seed != seed {
            self.edit(Edit::SetSeed(seed), None);
        }
        self.begin(None, false);
    }

    /// Trains the project as it is now; layers that stayed keep what they learned.
    pub(in crate::gui) fn restart(&mut self) {
        if !self.faults().is_empty() {
            self.refuse_to_train();
        } else if self.run.phase.is_busy() && self.run.progress.step > 0 {
            self.hold_and_restart();
        } else {
            self.begin(self.run.checkpoint.clone(), false);
        }
    }

    /// Restarts from where the run is, which is told once it holds.
    fn hold_and_restart(&mut self) {
        self.on_pause = Some(OnPause::Restart);
        self.tell(train::Command::Pause);
    }

    pub(in crate::gui) fn cancel(&mut self) {
        self.tell(train::Command::Stop);
    }

    pub(in crate::gui) fn set_device(&mut self, device: DeviceChoice) {
        if self.device == device {
            return;
        }
        self.device = device;
        match self.run.phase {
            Phase::Running => self.hold_and_restart(),
            Phase::Preparing { .. } if self.run.progress.step > 0 => self.hold_and_restart(),
            Phase::Loading(_) | Phase::Preparing { .. } => self.begin(self.run.checkpoint.clone(), false),
            // Else it would go on where it was.
            Phase::Paused | Phase::Finished(Finish::Complete) => self.begin(self.run.checkpoint.clone(), true),
            Phase::Idle | Phase::Finished(Finish::Stopped) | Phase::Failed(_) => {}
        }
    }

    pub(in crate::gui) fn show(&mut self, show: Show) {
        self.run.show = show;
        self.tell(train::Command::Show(show));
        if let Some(fork) = &mut self.fork {
            fork.show(show);
        }
        self.draw_best();
    }

    /// Ends the run and keeps nothing of it.
    pub(in crate::gui) fn forget_run(&mut self) {
        self.tell(train::Command::Stop);
        self.leave_copy();
        self.on_pause = None;
        self.mark_old();
        self.sent_train = None;
        self.run.forget();
        (self.file.step, self.file.is_behind_d) = (0, false);
        self.part_for_good();
    }

    /// Begins a run of the project as it is.
    pub(in crate::gui) fn begin(&mut self, checkpoint: Option<Arc<Checkpoint>>, paused: bool) {
        if !self.faults().is_empty() {
            return self.refuse_to_train();
        }
        let project = self.editor.project().clone();
        let checkpoint = checkpoint.filter(|checkpoint| checkpoint.fits(&project));
        self.sent_train = Some(project.train.clone());
        self.mark_old();
        if checkpoint.is_none() {
            (self.file.step, self.file.is_behind_d) = (0, false);
            self.part_for_good();
        }
        let earlier = self.run.states.to_vec();
        self.run.begin(project.clone(), self.device.to_string(), checkpoint.clone());
        let dataset = self.run.dataset.clone().or_else(|| self.preview.dataset(&project));
        let start = Start { project, device: self.device.clone(), checkpoint, earlier, dataset, paused };
        self.worker();
        self.recovery.begin();
        self.tell(train::Command::Start(Box::new(start)));
    }

    pub(super) fn refuse_to_train(&mut self) {
        if let Some(fault) = self.faults().first().cloned() {
            self.reveal(fault.place);
            self.notify(Notice::error(format!("Before training, mend this: {fault}.")));
        }
    }

    pub(super) fn tell(&mut self, command: train::Command) {
        if let Some(worker) = &self.worker {
            worker.send(command);
        }
    }

    /// Makes the worker, where there is none yet.
    fn worker(&mut self) {
        if self.worker.is_none() {
            let ctx = self.ctx.clone();
            // Samples and numbers come within a moment: one frame for both. Without a delay egui would draw two for each.
            let worker = Worker::spawn(move || ctx.request_repaint_after_secs(0.005));
            worker.send(train::Command::Show(self.run.show));
            worker.send(train::Command::Measure(self.run.measuring.0));
            self.worker = Some(worker);
        }
    }
}
