//! Source code: shown beside what is read of it, and taken up as a project.

use std::path::PathBuf;

use crate::code::{self, CodeError, Import, Source};
use crate::gui::app::{App, OpenFile};
use crate::gui::command::{Command, Notice};
use crate::gui::dialogs::Dialog;
use crate::gui::dialogs::code::CodeDialog;
use crate::gui::tasks::{self, Outcome};

impl App {
    pub(in crate::gui) fn open_source(&mut self, path: PathBuf) {
        self.spawn("open source code", move || Outcome::SourceOpened(Source::from_file(&path)));
    }

    pub(in crate::gui) fn source_opened(&mut self, opened: Result<Source, code::FileError>) {
        match opened {
            Ok(source) => self.show_source(source),
            Err(error) => self.notify(Notice::error(error.to_string())),
        }
    }

    pub(in crate::gui) fn show_source(&mut self, source: Source) {
        self.dialog = Some(Dialog::Code(Box::new(CodeDialog::new(source))));
    }

    /// Reads the text of the dialog, where it waits for that.
    pub(in crate::gui) fn read_code(&mut self) {
        let Some(Dialog::Code(dialog)) = &mut self.dialog else { return };
        if let Some(source) = dialog.wanted(&self.ctx) {
            self.spawn(tasks::name::READ_CODE, move || Outcome::CodeRead(Box::new(source.read())));
        }
    }

    pub(in crate::gui) fn code_read(&mut self, read: Result<Import, CodeError>) {
        if let Some(Dialog::Code(dialog)) = &mut self.dialog {
            dialog.take_in(read);
        }
    }

    /// What was read takes the place of what was there.
    pub(in crate::gui) fn use_code(&mut self, import: Box<Import>) {
        if self.asks_first(Command::UseCode(import.clone()), false) {
            return;
        }
        self.forget_run();
        self.file = OpenFile::new(import.project.clone());
        self.take_up(import.project);
        self.enter();
    }
}
