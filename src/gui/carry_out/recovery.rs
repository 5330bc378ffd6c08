//! Keeping a copy of what is in no file yet, taking up what was left behind, and going back in a run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::gui::app::{App, OpenFile};
use crate::gui::command::{Command, Notice};
use crate::gui::panels::status::capitalised;
use crate::gui::recovery::Own;
use crate::gui::run::Phase;
use crate::gui::tasks::Outcome;
use crate::gui::widgets::format::{grouped, scientific};
use crate::project::{FileError, ProjectFile, find_copies};
use crate::spec::{Edit, TrainSpec};
use crate::train;

impl App {
    /// Looks for copies that were left behind, on a thread of its own.
    pub(in crate::gui) fn look_for_copies(&mut self) {
        if let Some(folder) = self.recovery.to_look_in() {
            self.spawn("look for copies", move || Outcome::CopiesFound(find_copies(&folder)));
        }
    }

    /// Sees to it that there is a copy of what is in no file, and none of what is in one.
    pub(in crate::gui) fn tend_copy(&mut self) {
        if self.at_start {
            self.look_for_copies();
        }
        if self.is_fresh || self.run.phase.is_busy() && self.run.phase != Phase::Running {
            return;
        }
        self.tend_other_copy();
        if !self.differs_from_file() {
            if !self.recovery.is_saved() {
                self.ctx.request_repaint_after_secs(0.5);
            }
            return;
        }
        // The worker copies the run that it has; a project that nobody trains is copied here.
        let is_live = self.worker.is_some() && !matches!(self.run.phase, Phase::Idle | Phase::Failed(_));
        let revision = self.editor.revision();
        let due =
            self.recovery.due(revision, self.editor.project(), self.file.path.as_deref(), is_live && self.run.phase == Phase::Running);
        match (due, &self.worker) {
            (Ok(Some(autosave)), Some(worker)) if is_live => worker.send(train::Command::Autosave(Some(autosave))),
            (Ok(Some(autosave)), _) => {
                let file = self.run.file(*autosave.project);
                self.spawn("copy", move || Outcome::CopyWritten(autosave.target.write(&file)));
            }
            (Ok(None), _) => {}
            (Err(reason), _) => self.notify(Notice::error(reason)),
        }
        if let Some(wait) = self.recovery.wakes_in() {
            self.ctx.request_repaint_after(wait + Duration::from_millis(10));
        }
    }

    /// The same for the run beside.
    fn tend_other_copy(&mut self) {
        let Some(fork) = self.fork.as_deref_mut().filter(|fork| fork.differs_from_file()) else { return };
        let is_running = fork.run.phase == Phase::Running;
        self.recovery.change_hands(&mut fork.own);
        let due = self.recovery.due(fork.editor.revision(), fork.editor.project(), fork.file.path.as_deref(), is_running);
        self.recovery.change_hands(&mut fork.own);
        match due {
            Ok(Some(autosave)) if fork.worker.is_some() && fork.run.phase.is_live() => fork.tell(train::Command::Autosave(Some(autosave))),
            Ok(Some(autosave)) => {
                let file = fork.run.file(*autosave.project);
                self.spawn("copy", move || Outcome::CopyWritten(autosave.target.write(&file)));
            }
            Ok(None) => {}
            Err(reason) => self.notify(Notice::error(reason)),
        }
    }

    pub(in crate::gui) fn copy_written(&mut self, written: Result<(), FileError>) {
        if let Err(error) = written {
            self.notify(Notice::error(format!("No copy could be kept for the case of a crash: {error}.")));
        }
    }

    /// There is another project: nobody needs the copy of the one before.
    pub(in crate::gui) fn leave_copy(&mut self) {
        if let Some(worker) = &self.worker {
            worker.send(train::Command::Autosave(None));
        }
        if let Some(own) = self.recovery.leave() {
            self.remove_copy(own);
        }
    }

    /// Removes a copy that nobody needs any more, which may have to wait for what is being written.
    pub(super) fn remove_copy(&mut self, own: Own) {
        self.spawn("remove copy", move || {
            own.remove();
            Outcome::CopyWritten(Ok(()))
        });
    }

    /// Opens a copy that was left behind.
    pub(in crate::gui) fn open_copy(&mut self, path: PathBuf) {
        if self.asks_first(Command::OpenCopy(path.clone()), false) {
            return;
        }
        self.spawn("open copy", move || {
            let read = ProjectFile::load(&path);
            Outcome::CopyRead(path, Box::new(read))
        });
    }

    /// A copy was read: it takes the place of what was there, and is in no file until it is saved.
    pub(in crate::gui) fn copy_read(&mut self, path: &Path, read: Result<ProjectFile, FileError>) {
        let file = match read {
            Ok(file) => file,
            Err(error) => return self.notify(Notice::error(error.to_string())),
        };
        let Some(found) = self.recovery.take(path) else { return };
        let place = OpenFile::lost(found.origin.clone(), file.project.clone());
        self.take_up_file(file, place);
        self.recovery.adopt(found);
        self.notify(Notice::note("This is the copy from before Ganvas ended. It is in no file until you save it."));
    }

    pub(in crate::gui) fn discard_copy(&mut self, path: &Path) {
        if let Some(found) = self.recovery.take(path) {
            found.copy.remove();
        }
    }

    /// Goes back to a state that the run kept. A run that the worker does not have any more begins there: held with the rates it has, or on
    /// with half of them.
    pub(in crate::gui) fn go_back(&mut self, step: u64, lower_rates: bool) {
        if self.run.phase.is_live() || matches!(self.run.phase, Phase::Finished(train::Finish::Complete)) {
            if let Some(worker) = &self.worker {
                worker.send(train::Command::GoBack { step, lower_rates });
            }
            return;
        }
        let state = self.run.states.iter().rfind(|state| state.g_steps <= step).cloned();
        if state.is_none() {
            return;
        }
        if lower_rates {
            let edits = vec![Edit::SetTrain(self.editor.project().train.with_half_the_rates())];
            self.edit(Edit::All { label: "halve the learning rates".to_owned(), edits }, None);
        }
        self.begin(state, !lower_rates);
    }

    /// The run went back, as it was told to.
    pub(in crate::gui) fn went_back(&mut self, to: u64) {
        self.take_checkpoint();
        self.notify(Notice::note(format!("Back at step {}. Where the run was stays in the list until it has passed it.", grouped(to))));
    }

    /// The run went back with smaller learning rates: the project has them, too, from now on, and undo takes them back.
    pub(in crate::gui) fn recovered(&mut self, from: u64, to: u64, train: &TrainSpec, reason: &str) {
        self.take_checkpoint();
        let rates = [train.generator.learning_rate, train.discriminator.learning_rate].map(|rate| scientific(f64::from(rate)));
        let rates = if rates[0] == rates[1] { rates[0].clone() } else { format!("{} for G, {} for D", rates[0], rates[1]) };
        // The worker has them already.
        self.sent_train = Some(train.clone());
        let edits = vec![Edit::SetTrain(self.editor.project().train.with_rates_of(train))];
        self.edit(Edit::All { label: "halve the learning rates".to_owned(), edits }, None);
        let (from, to, reason) = (grouped(from), grouped(to), capitalised(reason));
        self.notify(Notice::note(format!("{reason} at step {from}: back to step {to}, with half the learning rates: {rates}.")));
    }

    fn take_checkpoint(&mut self) {
        if let Some(checkpoint) = self.newest_checkpoint() {
            self.run.is_back_at(checkpoint);
        }
    }
}
