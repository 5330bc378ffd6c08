//! Beginning, opening and saving projects.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::code;
use crate::gui::app::{App, OpenFile, folder_of};
use crate::gui::command::{Command, Notice};
use crate::gui::dialogs::path::PathDialog;
use crate::gui::dialogs::{Answer, Dialog};
use crate::gui::files::{self, Purpose};
use crate::gui::run::{Phase, progress_of};
use crate::gui::tasks::{self, Outcome};
use crate::project::{FileError, ProjectFile};
use crate::spec::{Edit, Preset, Project, TUTORIAL};
use crate::train;

/// So many paths are remembered.
const MAX_RECENT: usize = 8;

impl App {
    /// Asks to save first, where `then` would lose something. Returns whether it does.
    pub(in crate::gui) fn asks_first(&mut self, then: Command, only_training: bool) -> bool {
        let loses = if only_training { self.unsaved_training() } else { self.unsaved() };
        if loses {
            let name = self.editor.project().name.clone();
            self.dialog = Some(Dialog::Unsaved { name, then: Box::new(then), only_training });
        }
        loses
    }

    pub(in crate::gui) fn load_preset(&mut self, name: &'static str, trains: bool) {
        let Some(preset) = Preset::from_name(name) else { return };
        let command = if trains { Command::BeginExample(name) } else { Command::LoadPreset(name) };
        // What was edited comes back with undo; what was learned does not.
        if self.asks_first(command, true) {
            return;
        }
        let project = preset.project();
        self.forget_run();
        if self.is_fresh {
            self.take_up(project.clone());
        } else {
            self.edit(Edit::SetProject(Box::new(project.clone())), None);
        }
        self.file = OpenFile::new(project);
        self.enter();
        self.guides = name == TUTORIAL.name;
        if trains {
            self.train();
        }
    }

    /// Leaves the start screen for good: there is a project now.
    pub(in crate::gui) fn enter(&mut self) {
        self.at_start = false;
        self.is_fresh = false;
        self.guides = false;
        self.stacks = Default::default();
    }

    pub(in crate::gui) fn ask_what_to_open(&mut self, command: &Command, frame: &eframe::Frame) {
        let purpose = match command {
            Command::Open => Purpose::Project,
            Command::OpenDataFolder => Purpose::DataFolder,
            Command::OpenDataFile => Purpose::DataFile,
            _ => return self.ask_in_window(Purpose::Anything, ""),
        };
        self.ask_for_path(purpose, String::new(), frame);
    }

    /// Asks for a path, with the system's dialog where there is one.
    pub(in crate::gui) fn ask_for_path(&mut self, purpose: Purpose, name: String, frame: &eframe::Frame) {
        if !self.system_dialogs {
            return self.ask_in_window(purpose, &name);
        }
        let folder = folder_of(self.file.path.as_deref());
        if let Err(reason) = self.picker.ask(&self.tasks, frame, purpose.clone(), &name, Some(&folder)) {
            self.notify(Notice::error(reason));
            self.ask_in_window(purpose, &name);
        }
    }

    pub(in crate::gui) fn ask_in_window(&mut self, purpose: Purpose, name: &str) {
        let folder = folder_of(self.file.path.as_deref());
        self.dialog = Some(Dialog::Path(Box::new(PathDialog::new(purpose, folder, name, self.recent.clone()))));
    }

    pub(in crate::gui) fn answer(&mut self, answer: Answer, frame: &eframe::Frame) {
        match answer {
            Answer::Cancel => {
                self.after_save = None;
                self.give_nothing_up();
            }
            Answer::Discard(then) => {
                self.file.is_given_up = true;
                self.carry_out(then, frame);
                if self.dialog.is_none() {
                    self.give_nothing_up();
                }
            }
            Answer::Save(then) => {
                // A run that went on would be ahead of its file again before the project is left.
                self.pause();
                self.after_save = Some(then);
                self.save_project(frame);
            }
            Answer::Path(purpose, path) => self.picked(purpose, path),
            Answer::Do(command) => self.carry_out(command, frame),
        }
    }

    /// What was given up is not lost after all, and is asked about again.
    pub(super) fn give_nothing_up(&mut self) {
        self.file.is_given_up = false;
        if let Some(fork) = &mut self.fork {
            fork.file.is_given_up = false;
        }
    }

    pub(in crate::gui) fn picked(&mut self, purpose: Purpose, path: PathBuf) {
        match &purpose {
            Purpose::Project | Purpose::Anything => self.open_path(path),
            Purpose::DataFolder | Purpose::DataFile => self.open_data(path),
            Purpose::Save => self.write_project(purpose.complete(path)),
            Purpose::Export(export) => self.write_export(Arc::clone(export), purpose.complete(path)),
        }
    }

    /// Opens a project, shows source code, or takes anything else as data.
    pub(in crate::gui) fn open_path(&mut self, path: PathBuf) {
        if files::is_project(&path) {
            self.open_project(path);
        } else if code::is_source(&path) {
            self.open_source(path);
        } else {
            self.open_data(path);
        }
    }

    fn open_project(&mut self, path: PathBuf) {
        if self.asks_first(Command::OpenPath(path.clone()), false) {
            return;
        }
        let task = move || {
            let read = ProjectFile::load(&path);
            Outcome::ProjectRead(path, Box::new(read))
        };
        self.spawn("open project", task);
    }

    /// A project file was read: it takes the place of what was there. A damaged one changes nothing.
    pub(in crate::gui) fn project_read(&mut self, path: PathBuf, read: Result<ProjectFile, FileError>) {
        let file = match read {
            Ok(file) => file,
            Err(error) => return self.notify(Notice::error(format!("{error}"))),
        };
        self.remember(&path);
        let step = file.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.g_steps);
        let place = OpenFile::at(path, file.project.clone(), step);
        self.take_up_file(file, place);
    }

    /// Takes up what was read, which is in a file as `place` says.
    pub(in crate::gui) fn take_up_file(&mut self, file: ProjectFile, place: OpenFile) {
        let ProjectFile { project, checkpoint, earlier } = file;
        self.forget_run();
        self.file = place;
        self.take_up(project);
        self.enter();
        let Some(checkpoint) = checkpoint else { return };
        self.run.progress = progress_of(&checkpoint);
        self.run.history = checkpoint.history.clone();
        self.run.checkpoint = Some(Arc::clone(&checkpoint));
        self.run.states = Arc::new(earlier);
        // Held, so that its samples can be seen and explored.
        if self.faults().is_empty() {
            self.begin(Some(checkpoint), true);
        }
    }

    pub(in crate::gui) fn save_project(&mut self, frame: &eframe::Frame) {
        match self.file.path.clone() {
            Some(path) => self.write_project(path),
            None => self.save_project_as(frame),
        }
    }

    pub(in crate::gui) fn save_project_as(&mut self, frame: &eframe::Frame) {
        let name = files::file_name(&self.editor.project().name, "", files::EXTENSION);
        self.ask_for_path(Purpose::Save, name, frame);
    }

    /// Writes the project: the worker does, where it has the run; else a thread.
    fn write_project(&mut self, path: PathBuf) {
        let project = self.editor.project().clone();
        self.file.begin_writing(project.clone());
        let has_run = matches!(self.run.phase, Phase::Running | Phase::Paused | Phase::Finished(train::Finish::Complete));
        let is_held_up = matches!(self.run.phase, Phase::Preparing { .. }) && self.run.progress.step > 0;
        if (has_run || is_held_up)
            && let Some(worker) = &self.worker
        {
            return worker.send(train::Command::Save { project: Box::new(project), path });
        }
        let file = self.run.file(project);
        let task = move || {
            let written = file.save(&path);
            Outcome::ProjectWritten(path, written)
        };
        self.spawn(tasks::name::SAVE, task);
    }

    /// The project is in its file.
    pub(in crate::gui) fn project_saved(&mut self, path: PathBuf, step: u64) {
        let project: Project = self.file.writing.take().map_or_else(|| self.editor.project().clone(), |project| *project);
        self.file.keep(project, step);
        self.remember(&path);
        self.notify(Notice::note(format!("Saved as {}.", path.display())));
        self.file.path = Some(path);
        if let Some(then) = self.after_save.take() {
            self.commands.push(then);
            self.ctx.request_repaint();
        }
    }

    /// Nothing is being written any more, and nothing follows.
    pub(in crate::gui) fn end_saving(&mut self) {
        self.file.end_writing();
        self.after_save = None;
        self.give_nothing_up();
    }

    pub(in crate::gui) fn save_failed(&mut self, reason: &str) {
        self.end_saving();
        self.notify(Notice::error(format!("{reason}. Choose another place with Save as.")));
    }

    fn remember(&mut self, path: &Path) {
        self.recent.retain(|recent| recent != path);
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(MAX_RECENT);
    }
}
