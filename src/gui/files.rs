//! Asking for paths: the system's dialogs where there are any, and what each path is for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui;

use super::dialog_failures;
use super::exports::Export;
use super::tasks::{self, Outcome, Tasks};
use crate::code;

/// The ending of project files.
pub const EXTENSION: &str = "ganvas";

/// What a path is wanted for.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// A project file to open, or a file of source code.
    Project,
    /// Anything that can be opened: a project, source code, or data.
    Anything,
    /// A folder of pictures.
    DataFolder,
    /// A data file: an archive, an IDX file, a picture.
    DataFile,
    /// Where to write the project file.
    Save,
    /// Where to write something made.
    Export(Arc<Export>),
}

impl Purpose {
    /// The heading of the dialog.
    pub fn title(&self) -> String {
        match self {
            Self::Project => "Open a project or code".to_owned(),
            Self::Anything => "Open a project, code or data".to_owned(),
            Self::DataFolder => "Choose a folder of pictures".to_owned(),
            Self::DataFile => "Choose a data file".to_owned(),
            Self::Save => "Save the project".to_owned(),
            Self::Export(export) => format!("Export {}", export.name()),
        }
    }

    /// The word on the button that accepts.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Project | Self::Anything => "Open",
            Self::DataFolder | Self::DataFile => "Use",
            Self::Save => "Save",
            Self::Export(_) => "Export",
        }
    }

    /// Is a file to be written?
    pub fn writes(&self) -> bool {
        matches!(self, Self::Save | Self::Export(_))
    }

    /// The ending of the files wanted, where there is one.
    pub fn extension(&self) -> Option<&'static str> {
        match self {
            Self::Project | Self::Save => Some(EXTENSION),
            Self::Export(export) => Some(export.extension()),
            Self::Anything | Self::DataFolder | Self::DataFile => None,
        }
    }

    /// The path with the ending wanted, for a file to be written under a name that has none.
    pub fn complete(&self, path: PathBuf) -> PathBuf {
        match self.extension() {
            Some(extension) if self.writes() && path.extension().is_none() => path.with_extension(extension),
            _ => path,
        }
    }
}

/// Is this the path of a project file, by its name?
pub fn is_project(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(EXTENSION))
}

/// The system's file dialogs, one at a time.
#[derive(Debug, Default)]
pub struct Picker {
    /// Is there one now?
    open: bool,
}

impl Picker {
    /// Is a dialog of the system open?
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Asks for a path with the system's dialog; the answer comes as [`Outcome::Picked`]. Does nothing while another dialog is open.
    ///
    /// # Errors
    /// The system gives no thread to wait on.
    pub fn ask(&mut self, tasks: &Tasks, frame: &eframe::Frame, purpose: Purpose, name: &str, folder: Option<&Path>) -> Result<(), String> {
        if self.open {
            return Ok(());
        }
        let answer = dialog(frame, &purpose, name, folder);
        let failures = dialog_failures::so_far();
        tasks.spawn(tasks::name::DIALOG, move || {
            let path = pollster::block_on(answer).map(|handle| handle.path().to_owned());
            let failed = path.is_none() && dialog_failures::so_far() > failures;
            Outcome::Picked { purpose, path, failed }
        })?;
        self.open = true;
        Ok(())
    }

    /// The answer has come.
    pub fn answered(&mut self) {
        self.open = false;
    }
}

type Answer = std::pin::Pin<Box<dyn Future<Output = Option<rfd::FileHandle>> + Send>>;

/// Dialogs are made here, on the thread of the window, as some systems demand, and waited for elsewhere.
fn dialog(frame: &eframe::Frame, purpose: &Purpose, name: &str, folder: Option<&Path>) -> Answer {
    let mut dialog = rfd::AsyncFileDialog::new().set_title(purpose.title()).set_parent(frame);
    if let Some(folder) = folder {
        dialog = dialog.set_directory(folder);
    }
    match purpose {
        Purpose::DataFolder => Box::pin(dialog.pick_folder()),
        Purpose::Project => {
            let all: Vec<&str> = [EXTENSION].into_iter().chain(code::ENDINGS).collect();
            let dialog = dialog.add_filter("Project or code", &all).add_filter("Ganvas project", &[EXTENSION]);
            Box::pin(dialog.add_filter("Code of Keras or PyTorch", &code::ENDINGS).pick_file())
        }
        Purpose::DataFile => Box::pin(dialog.pick_file()),
        Purpose::Anything => Box::pin(dialog.pick_file()),
        Purpose::Save => Box::pin(dialog.add_filter("Ganvas project", &[EXTENSION]).set_file_name(name).save_file()),
        Purpose::Export(export) => Box::pin(dialog.add_filter(export.format(), &[export.extension()]).set_file_name(name).save_file()),
    }
}

/// A file name made of the project's name: what no file system allows becomes a dash.
pub fn file_name(project: &str, suffix: &str, extension: &str) -> String {
    let stem: String = project.trim().chars().map(|c| if c.is_control() || r#"/\:*?"<>|"#.contains(c) { '-' } else { c }).collect();
    let stem = stem.trim_matches(['.', ' ']);
    let stem = if stem.is_empty() { "untitled" } else { stem };
    if suffix.is_empty() { format!("{stem}.{extension}") } else { format!("{stem}-{suffix}.{extension}") }
}

/// Code that was pasted while nothing was there to take it.
pub fn pasted_code(ctx: &egui::Context) -> Option<String> {
    if ctx.text_edit_focused() {
        return None;
    }
    let is_code = |event: &egui::Event| matches!(event, egui::Event::Paste(text) if code::looks_like_code(text));
    ctx.input_mut(|input| {
        let place = input.events.iter().position(is_code)?;
        match input.events.remove(place) {
            egui::Event::Paste(text) => Some(text),
            _ => None,
        }
    })
}

/// What is dropped on the window, if anything is; one thing at a time.
pub fn dropped(ctx: &egui::Context) -> Option<PathBuf> {
    ctx.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_file_names_that_every_system_takes() {
        assert_eq!(file_name("ring8", "", "ganvas"), "ring8.ganvas");
        assert_eq!(file_name(" a/b: what? ", "history", "csv"), "a-b- what--history.csv");
        assert_eq!(file_name("..", "", "ganvas"), "untitled.ganvas");
    }

    #[test]
    fn a_file_to_write_gets_its_ending_and_one_to_read_keeps_its_name() {
        assert_eq!(Purpose::Save.complete("a".into()), PathBuf::from("a.ganvas"));
        assert_eq!(Purpose::Save.complete("a.b".into()), PathBuf::from("a.b"));
        assert_eq!(Purpose::Project.complete("a".into()), PathBuf::from("a"));
    }
}
