//! Changing the project.

use crate::gui::app::App;
use crate::gui::command::Notice;
use crate::spec::{Edit, Place};
use crate::train;

impl App {
    /// Changes the project; edits with the same key that follow each other are one step.
    pub(in crate::gui) fn edit(&mut self, edit: Edit, merge_key: Option<u64>) {
        if let Err(error) = self.editor.apply_merged(edit, merge_key) {
            self.notify(Notice::error(format!("This change does not fit the project any more: {error}.")));
        }
        self.send_settings();
    }

    pub(in crate::gui) fn undo(&mut self) {
        self.stacks.show(self.editor.undo_spots());
        self.editor.undo();
        self.send_settings();
    }

    pub(in crate::gui) fn redo(&mut self) {
        self.stacks.show(self.editor.redo_spots());
        self.editor.redo();
        self.send_settings();
    }

    /// Training settings apply to a run from its next step on, if they are sound.
    fn send_settings(&mut self) {
        if self.faults().iter().any(|fault| fault.place == Place::Training) {
            return;
        }
        let train = &self.editor.project().train;
        if let (Some(worker), Some(sent)) = (&self.worker, &mut self.sent_train)
            && sent != train
        {
            worker.send(train::Command::Set(Box::new(train.clone())));
            sent.clone_from(train);
        }
    }
}
