//! Two runs side by side: copying the one in hand, changing hands, training both, ending one.

use std::mem;

use crate::gui::app::{App, OnPause, OpenFile};
use crate::gui::command::{Command, Notice};
use crate::gui::fork::{Fork, ForkCommand, Letter};
use crate::gui::run::Phase;
use crate::gui::widgets::format::grouped;
use crate::spec::Editor;
use crate::train;

impl App {
    pub(super) fn fork_command(&mut self, command: ForkCommand) {
        match command {
            ForkCommand::Begin(step) => self.fork(step),
            ForkCommand::Swap => self.change_hands(),
            ForkCommand::TrainOther(trains) => {
                if let Some(fork) = &self.fork {
                    if trains { fork.go_on_beyond() } else { fork.hold() }
                }
            }
            ForkCommand::Drop => self.drop_other(),
            ForkCommand::DropInHand => {
                self.change_hands();
                self.end_other();
            }
        }
    }

    /// Copies the run as it was at a step, or as it is. Then the copy is in hand, and both are held, so that something can be changed first.
    pub(super) fn fork(&mut self, step: Option<u64>) {
        if self.fork.is_some() {
            return self.notify(Notice::note("There are two runs already. Drop one of them first."));
        }
        if self.run.phase == Phase::Running {
            self.on_pause = Some(OnPause::Fork(step));
            return self.pause();
        }
        let kept = |step| self.run.states.iter().rfind(|state| state.g_steps <= step).cloned();
        let state = step.map_or_else(|| self.run.checkpoint.clone(), kept);
        let Some(state) = state.filter(|state| state.fits(self.editor.project())) else {
            return self.notify(Notice::note("There is no run to copy yet. Train for a moment first."));
        };
        let mut project = self.editor.project().clone();
        project.name = format!("{} B", project.name);
        let beside = self.run.beside();
        let run = mem::replace(&mut self.run, beside);
        let at = state.g_steps;
        self.fork = Some(Box::new(Fork {
            letter: Letter::A,
            at,
            editor: mem::replace(&mut self.editor, Editor::new(project.clone())),
            run,
            worker: self.worker.take(),
            before: mem::take(&mut self.before),
            on_pause: None,
            sent_train: self.sent_train.take(),
            file: mem::replace(&mut self.file, OpenFile::new(project)),
            own: self.recovery.leave(),
        }));
        self.begin(Some(state), true);
        let text = format!("The run was copied at step {}. Change one thing in the copy, B, and press Train: both go on.", grouped(at));
        self.notify(Notice::note(text));
    }

    /// Takes the other run in hand.
    fn change_hands(&mut self) {
        if self.file.writing.is_some() {
            return self.notify(Notice::note("The project is being written. Try again in a moment."));
        }
        let Some(fork) = &mut self.fork else { return };
        mem::swap(&mut self.editor, &mut fork.editor);
        mem::swap(&mut self.run, &mut fork.run);
        mem::swap(&mut self.worker, &mut fork.worker);
        mem::swap(&mut self.before, &mut fork.before);
        mem::swap(&mut self.on_pause, &mut fork.on_pause);
        mem::swap(&mut self.sent_train, &mut fork.sent_train);
        mem::swap(&mut self.file, &mut fork.file);
        self.recovery.change_hands(&mut fork.own);
        fork.letter = fork.letter.other();
    }

    /// Trains the run in hand, and the other one where it is held.
    pub(super) fn train_both(&mut self) {
        self.train();
        if let Some(fork) = &self.fork {
            fork.go_on();
        }
    }

    /// Holds both runs.
    pub(super) fn pause_both(&mut self) {
        self.pause();
        if let Some(fork) = &self.fork {
            fork.hold();
        }
    }

    fn drop_other(&mut self) {
        if !self.asks_for_the_other(Command::Fork(ForkCommand::DropInHand)) {
            self.end_other();
        }
    }

    /// Where the other run is in no file, takes it in hand and asks to save it before `then`. Returns whether it does.
    pub(super) fn asks_for_the_other(&mut self, then: Command) -> bool {
        if !self.fork.as_ref().is_some_and(|fork| fork.is_unsaved()) {
            return false;
        }
        self.change_hands();
        self.asks_first(then, false)
    }

    fn end_other(&mut self) {
        let Some(fork) = self.fork.take() else { return };
        if let Some(worker) = &fork.worker {
            worker.send(train::Command::Autosave(None));
            worker.send(train::Command::Stop);
        }
        if let Some(own) = fork.own {
            self.remove_copy(own);
        }
    }
}
