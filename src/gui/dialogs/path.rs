//! A file dialog of our own, for systems that have none and for people who know the path.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Align, Button, Key, Layout, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::{Answer, accented};
use crate::gui::files::Purpose;
use crate::gui::icons::Icon;
use crate::gui::theme::{self, HEADING, SMALL, SPACE};

/// So many entries of a folder are listed.
const MAX_LISTED: usize = 2000;

/// Asks for a path.
#[derive(Debug)]
pub struct PathDialog {
    purpose: Purpose,
    /// What is typed.
    text: String,
    /// The folder that is listed.
    folder: PathBuf,
    /// What is in it, or why that cannot be said.
    listing: Result<Vec<Entry>, String>,
    /// Were there more entries than are listed?
    is_cut: bool,
    recent: Vec<PathBuf>,
    is_new: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// Sorts folders first.
    is_file: bool,
    name: String,
}

impl PathDialog {
    /// Begins in `folder`, with `name` proposed where a file is to be written.
    pub fn new(purpose: Purpose, folder: PathBuf, name: &str, recent: Vec<PathBuf>) -> Self {
        let text = if purpose.writes() { folder.join(name).display().to_string() } else { String::new() };
        let mut dialog = Self { purpose, text, folder, listing: Ok(Vec::new()), is_cut: false, recent, is_new: true };
        dialog.list();
        dialog
    }

    fn go_to(&mut self, folder: PathBuf) {
        if self.purpose.writes() {
            let name = self.typed().file_name().map(|name| folder.join(name));
            self.text = name.unwrap_or_else(|| folder.clone()).display().to_string();
        } else {
            self.text = folder.display().to_string();
        }
        self.folder = folder;
        self.list();
    }

    fn list(&mut self) {
        let read = || -> std::io::Result<Vec<Entry>> {
            let mut entries = Vec::new();
            for entry in std::fs::read_dir(&self.folder)?.take(MAX_LISTED + 1) {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if !name.starts_with('.') {
                    entries.push(Entry { is_file: !entry.path().is_dir(), name });
                }
            }
            entries.sort();
            Ok(entries)
        };
        self.listing = read().map_err(|error| format!("This folder cannot be listed: {error}"));
        self.is_cut = self.listing.as_ref().is_ok_and(|entries| entries.len() > MAX_LISTED);
    }

    /// What is typed, as a path: `~` is the home folder, and what is not absolute is in the folder listed.
    fn typed(&self) -> PathBuf {
        let text = self.text.trim();
        let home = std::env::home_dir().filter(|_| text == "~" || text.starts_with("~/"));
        match home {
            Some(home) => home.join(text.trim_start_matches('~').trim_start_matches('/')),
            None => self.folder.join(text),
        }
    }

    /// The path that would be accepted, or what is wrong with it.
    fn check(&self) -> Result<PathBuf, &'static str> {
        let path = self.purpose.complete(self.typed());
        if self.text.trim().is_empty() {
            return Err("Type a path, or choose one below");
        }
        if self.purpose.writes() {
            let folder = path.parent().is_some_and(Path::is_dir);
            return if path.is_dir() {
                Err("This is a folder: add a file name")
            } else if folder {
                Ok(path)
            } else {
                Err("There is no such folder")
            };
        }
        match (&self.purpose, path.is_dir(), path.is_file()) {
            (_, false, false) => Err("There is nothing at this path"),
            (Purpose::Project, true, _) => Err("This is a folder: choose a project file in it"),
            (Purpose::DataFolder, _, true) => Err("This is a file: choose its folder"),
            _ => Ok(path),
        }
    }

    /// Draws the dialog. Returns the answer once there is one.
    pub fn ui(&mut self, ui: &mut Ui) -> Option<Answer> {
        let tokens = theme::tokens(ui);
        ui.set_width(560.0);
        ui.label(RichText::new(self.purpose.title()).size(HEADING));
        ui.add_space(2.0 * SPACE);
        let field = TextEdit::singleline(&mut self.text).hint_text("Path").desired_width(f32::INFINITY);
        let field = ui.add(field).accessible_name("Path");
        if std::mem::take(&mut self.is_new) {
            field.request_focus();
        }
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let checked = self.check();
        self.hint_ui(ui, &checked);
        self.places_ui(ui);
        let accepted = self.listing_ui(ui);
        ui.add_space(3.0 * SPACE);
        let mut answer = None;
        ui.horizontal(|ui| {
            let place = RichText::new(self.folder.display().to_string()).size(SMALL).color(tokens.quiet);
            ui.allocate_ui(vec2(360.0, 24.0), |ui| ui.add(egui::Label::new(place).truncate()));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let verb =
                    if self.purpose.writes() && checked.as_ref().is_ok_and(|path| path.exists()) { "Replace" } else { self.purpose.verb() };
                let pressed = ui.add_enabled(checked.is_ok(), accented(ui, verb)).clicked();
                if ui.button("Cancel").clicked() {
                    answer = Some(Answer::Cancel);
                } else if pressed || entered || accepted {
                    answer = self.check().ok().map(|path| Answer::Path(self.purpose.clone(), path));
                }
            });
        });
        if entered && answer.is_none() {
            self.enter_folder();
            field.request_focus();
        }
        answer
    }

    /// Enter on a folder, where a file is wanted, goes into it.
    fn enter_folder(&mut self) {
        let path = self.typed();
        if path.is_dir() {
            self.go_to(path);
        }
    }

    fn hint_ui(&self, ui: &mut Ui, checked: &Result<PathBuf, &'static str>) {
        let tokens = theme::tokens(ui);
        let (text, colour) = match checked {
            Ok(path) if self.purpose.writes() && path.exists() => ("A file of this name is there and will be replaced", tokens.error),
            Ok(_) => ("", tokens.quiet),
            Err(hint) if self.text.trim().is_empty() => (*hint, tokens.quiet),
            Err(wrong) => (*wrong, tokens.error),
        };
        ui.label(RichText::new(if text.is_empty() { " " } else { text }).size(SMALL).color(colour));
    }

    fn places_ui(&mut self, ui: &mut Ui) {
        ui.horizontal_wrapped(|ui| {
            if let Some(parent) = self.folder.parent().map(Path::to_owned)
                && ui.add(Button::new((Icon::Up.atom(), "Up"))).clicked()
            {
                self.go_to(parent);
            }
            if let Some(home) = std::env::home_dir()
                && ui.button("Home").clicked()
            {
                self.go_to(home);
            }
            for path in self.recent.clone() {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
                if !self.purpose.writes() && ui.button(name).on_hover_text(path.display().to_string()).clicked() {
                    self.text = path.display().to_string();
                }
            }
        });
        ui.add_space(SPACE);
    }

    /// What is in the folder. Returns whether a file was chosen for good.
    fn listing_ui(&mut self, ui: &mut Ui) -> bool {
        let tokens = theme::tokens(ui);
        let entries = match &self.listing {
            Ok(entries) => entries.clone(),
            Err(error) => {
                ui.label(RichText::new(error).color(tokens.error));
                return false;
            }
        };
        let (mut into, mut accepted) = (None, false);
        egui::Frame::new().fill(tokens.ground).corner_radius(theme::CORNER).inner_margin(4).show(ui, |ui| {
            theme::menu_style(ui.style_mut());
            let height = 24.0;
            ScrollArea::vertical().max_height(240.0).min_scrolled_height(240.0).auto_shrink(false).show_rows(
                ui,
                height,
                entries.len(),
                |ui, rows| {
                    for entry in entries.get(rows).unwrap_or_default() {
                        let icon = if entry.is_file { Icon::Page } else { Icon::Folder };
                        let button =
                            Button::new((icon.atom(), entry.name.as_str())).min_size(vec2(ui.available_width(), height)).truncate();
                        let response = ui.add(button);
                        if response.clicked() && entry.is_file {
                            self.text = self.folder.join(&entry.name).display().to_string();
                        } else if response.clicked() {
                            into = Some(self.folder.join(&entry.name));
                        }
                        accepted |= entry.is_file && response.double_clicked();
                    }
                },
            );
        });
        if self.is_cut {
            ui.label(RichText::new(format!("The first {MAX_LISTED} entries; type the name of others.")).size(SMALL).color(tokens.quiet));
        }
        if let Some(folder) = into {
            self.go_to(folder);
        }
        accepted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialog(purpose: Purpose, folder: &Path) -> PathDialog {
        PathDialog::new(purpose, folder.to_owned(), "ring8.ganvas", Vec::new())
    }

    #[test]
    fn only_a_path_that_fits_the_purpose_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.ganvas"), b"x").unwrap();
        let mut open = dialog(Purpose::Project, folder.path());
        assert!(open.check().is_err());
        open.text = "b.ganvas".to_owned();
        assert_eq!(open.check(), Err("There is nothing at this path"));
        open.text = "a.ganvas".to_owned();
        assert_eq!(open.check(), Ok(folder.path().join("a.ganvas")));
        open.text = folder.path().display().to_string();
        assert!(open.check().is_err());
        let mut data = dialog(Purpose::DataFolder, folder.path());
        data.text = folder.path().display().to_string();
        assert_eq!(data.check(), Ok(folder.path().to_owned()));
    }

    #[test]
    fn a_file_to_write_is_proposed_and_gets_its_ending() {
        let folder = tempfile::tempdir().unwrap();
        let mut save = dialog(Purpose::Save, folder.path());
        assert_eq!(save.check(), Ok(folder.path().join("ring8.ganvas")));
        save.text = "mine".to_owned();
        assert_eq!(save.check(), Ok(folder.path().join("mine.ganvas")));
        save.text = "nowhere/mine".to_owned();
        assert_eq!(save.check(), Err("There is no such folder"));
    }

    #[test]
    fn folders_are_listed_before_files_and_hidden_ones_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.png"), b"").unwrap();
        std::fs::write(folder.path().join(".hidden"), b"").unwrap();
        std::fs::create_dir(folder.path().join("z")).unwrap();
        let names: Vec<String> = dialog(Purpose::Anything, folder.path()).listing.unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["z", "a.png"]);
    }
}
