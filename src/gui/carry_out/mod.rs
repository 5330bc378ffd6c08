//! Carries out what panels, keys and dialogs ask for. Nothing else in the window changes anything.

mod code;
mod data;
mod edits;
mod export;
mod fork;
mod project;
mod quality;
mod recovery;
mod run;
mod slow;
mod tasks;

use eframe::egui;

use super::app::App;
use super::command::{Command, Side};
use super::pages;
use super::panels::stacks;
use super::tasks::Outcome;
use crate::code::Source;
use crate::spec::Place;
use crate::train;

impl App {
    /// Carries out one command.
    pub(super) fn carry_out(&mut self, command: Command, frame: &eframe::Frame) {
        match command {
            Command::Edit(edit) => self.edit(edit, None),
            Command::EditMerged(edit, key) => self.edit(edit, Some(key)),
            Command::SealEdits => self.editor.seal(),
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            Command::New => self.at_start = true,
            Command::CloseStart => self.at_start = self.is_fresh,
            Command::CloseGuide => self.guides = false,
            Command::LoadPreset(name) => self.load_preset(name, false),
            Command::BeginExample(name) => self.load_preset(name, true),
            Command::Open | Command::OpenByPath | Command::OpenDataFolder | Command::OpenDataFile => self.ask_what_to_open(&command, frame),
            Command::OpenPath(path) => self.open_path(path),
            Command::ReadCode(text) => self.show_source(Source::pasted(text)),
            Command::UseCode(import) => self.use_code(import),
            Command::Save => self.save_project(frame),
            Command::SaveAs => self.save_project_as(frame),
            Command::Train => self.train_both(),
            Command::Pause => self.pause_both(),
            Command::StepD => self.single_step(train::Command::StepD),
            Command::StepG => self.single_step(train::Command::StepG),
            Command::Slow(command) => self.slow(command),
            Command::Fork(command) => self.fork_command(command),
            Command::Reset => self.reset(),
            Command::Repeat { other_seed } => self.repeat(other_seed),
            Command::Restart => self.restart(),
            Command::GoBack { step, lower_rates } => self.go_back(step, lower_rates),
            Command::OpenCopy(path) => self.open_copy(path),
            Command::DiscardCopy(path) => self.discard_copy(&path),
            Command::Cancel => self.cancel(),
            Command::LookForDevices => self.look_for_devices(),
            Command::LoadData => self.load_data(),
            Command::SetDevice(device) => self.set_device(device),
            Command::Show(show) => self.show(show),
            Command::Measure(measuring) => self.measure(measuring),
            Command::ShowBest(shows) => self.show_best(shows),
            Command::GoBackToBest => self.go_back_to_best(),
            Command::Explore(latent) => {
                self.right_open = true;
                self.right.explore(latent);
            }
            Command::ExportHistory
            | Command::ExportQuality
            | Command::ExportSamples
            | Command::ExportTimelapse
            | Command::ExportPicture
            | Command::ExportCode(_) => {
                self.export(&command, frame);
            }
            Command::ExportCharts(rect) => self.photograph(rect),
            Command::Reveal(place) => self.reveal(place),
            Command::OpenPage(url) => self.spawn("browser", move || Outcome::PageOpened(pages::open(url))),
            Command::TogglePanel(Side::Left) => self.left_open = !self.left_open,
            Command::TogglePanel(Side::Right) => self.right_open = !self.right_open,
            Command::ToggleDoctor => self.doctor_open = !self.doctor_open,
            Command::ToggleCompact => stacks::toggle_compact(&self.ctx),
            Command::Quit => self.quit(),
            Command::Notify(notice) => self.notify(notice),
        }
    }

    /// Shows where a fault is.
    pub(super) fn reveal(&mut self, place: Place) {
        if self.right.reveal(place) {
            self.right_open = true;
        } else {
            self.left_open = true;
            self.stacks.reveal(place);
        }
    }

    fn quit(&mut self) {
        if self.asks_first(Command::Quit, false) || self.asks_for_the_other(Command::Quit) {
            return;
        }
        self.may_close = true;
        self.ctx.send_viewport_cmd(egui::ViewportCommand::Close);
    }
}
