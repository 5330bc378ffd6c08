//! Two runs side by side: copying the one in hand, changing hands, training both, ending one.

use std::mem;

use crate::gui::app::{App, OnPause, OpenFile};
use crate::gui::command::{Command, Notice};
use crate::gui::fork::{Fork, ForkCommand, Letter, trained};
use crate::gui::widgets::format::grouped;
use crate::spec::{Editor, Project};
use crate::train;

impl App {
    pub(super) fn fork_command(&mut self, command: ForkCommand) {
        match command {
            ForkCommand::Begin(step) => self.fork(step),
            ForkCommand::Swap => drop(self.change_hands()),
            ForkCommand::TrainOther(trains) => {
                if let Some(fork) = &mut self.fork {
                    if trains { fork.go_on_beyond() } else { fork.hold() }
                }
            }
            ForkCommand::Drop(letter) => self.drop_run(letter),
        }
    }

    /// Copies the run as it was at a step, or as it is. Then the copy is in hand, and both are held, so that something can be changed first.
    pub(super) fn fork(&mut self, step: Option<u64>) {
        if self.fork.is_some() {
            return self.notify(Notice::note("There are two runs already. Drop one of them first."));
        }
        if !self.faults().is_empty() {
            return self.refuse_to_train();
        }
        if !self.can_change_hands() {
            return;
        }
        if self.run.phase.is_busy() {
            self.on_pause = Some(OnPause::Fork(step));
            return self.pause();
        }
        // Networks and data of the copy are those of the run; what was edited since waits for a restart of the first.
        let name = format!("{} B", self.editor.project().name);
        let project = Project { name, ..trained(&self.run, self.editor.project()) };
        let kept = |step| self.run.states.iter().rfind(|state| state.g_steps <= step).cloned();
        let state = step.map_or_else(|| self.run.checkpoint.clone(), kept);
        let Some(state) = state.filter(|state| state.fits(&project) && project.faults().is_empty()) else {
            return self.notify(Notice::note("There is no run to copy yet. Train for a moment first."));
        };
        self.run.slow.leave();
        self.show_best(false);
        let beside = self.run.beside();
        let at = state.g_steps;
        self.fork = Some(Box::new(Fork {
            letter: Letter::A,
            at: Some(at),
            editor: mem::replace(&mut self.editor, Editor::new(project.clone())),
            run: mem::replace(&mut self.run, beside),
            worker: self.worker.take(),
            before: mem::take(&mut self.before),
            sent_train: self.sent_train.take(),
            file: mem::replace(&mut self.file, OpenFile::new(project)),
            own: self.recovery.leave(),
        }));
        self.begin(Some(state), true);
        self.notify(Notice::note(format!("The run was copied at step {}. Change one thing in the copy, B, then train both.", grouped(at))));
    }

    /// What was begun with one run may have to end with it.
    fn can_change_hands(&mut self) -> bool {
        let waits = self.file.writing.is_some() || self.after_save.is_some() || self.on_pause.is_some() || self.picker.is_open();
        if waits {
            self.notify(Notice::note("Something is still being done with this run. Try again in a moment."));
        }
        !waits
    }

    /// Takes the other run in hand. Returns whether that was possible.
    fn change_hands(&mut self) -> bool {
        if self.fork.is_none() || !self.can_change_hands() {
            return false;
        }
        self.run.slow.leave();
        self.show_best(false);
        let Some(fork) = &mut self.fork else { return false };
        mem::swap(&mut self.editor, &mut fork.editor);
        mem::swap(&mut self.run, &mut fork.run);
        mem::swap(&mut self.worker, &mut fork.worker);
        mem::swap(&mut self.before, &mut fork.before);
        mem::swap(&mut self.sent_train, &mut fork.sent_train);
        mem::swap(&mut self.file, &mut fork.file);
        self.recovery.change_hands(&mut fork.own);
        fork.letter = fork.letter.other();
        true
    }

    /// Takes in what the other run says and shows.
    pub(super) fn hear_other(&mut self) {
        let Some(fork) = &mut self.fork else { return };
        let letter = fork.letter.name();
        for said in fork.hear() {
            self.notify(Notice::note(format!("{letter}: {said}.")));
        }
    }

    /// Trains the run in hand, and the other one where it is held.
    pub(super) fn train_both(&mut self) {
        self.train();
        if let Some(fork) = &mut self.fork {
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

    /// The run in hand begins anew, or is another one: both have nothing in common any more.
    pub(super) fn part_for_good(&mut self) {
        if let Some(fork) = &mut self.fork {
            fork.at = None;
        }
    }

    /// Ends one of both runs. Where it is in no file, it is taken in hand, and asked about first.
    fn drop_run(&mut self, letter: Letter) {
        let Some(fork) = &self.fork else { return };
        let is_in_hand = fork.letter != letter;
        if !is_in_hand && !fork.is_unsaved() {
            return self.end_other();
        }
        if !is_in_hand && !self.change_hands() {
            return;
        }
        if !self.asks_first(Command::Fork(ForkCommand::Drop(letter)), false) && self.change_hands() {
            self.end_other();
        }
    }

    /// Where the other run is in no file, takes it in hand and asks to save it before `then`. Returns whether that has to wait.
    pub(super) fn asks_for_the_other(&mut self, then: Command) -> bool {
        if !self.fork.as_ref().is_some_and(|fork| fork.is_unsaved()) {
            return false;
        }
        !self.change_hands() || self.asks_first(then, false)
    }

    fn end_other(&mut self) {
        let Some(fork) = self.fork.take() else { return };
        fork.tell(train::Command::Autosave(None));
        fork.tell(train::Command::Stop);
        if let Some(own) = fork.own {
            self.remove_copy(own);
        }
    }
}
