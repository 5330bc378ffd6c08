//! Exporting what was made.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui;

use crate::gui::app::App;
use crate::gui::command::{Command, Notice};
use crate::gui::exports::Export;
use crate::gui::files::{self, Purpose};
use crate::gui::tasks::Outcome;
use crate::train::Samples;

impl App {
    /// Asks where to, then writes.
    pub(in crate::gui) fn export(&mut self, command: &Command, frame: &eframe::Frame) {
        let export = match command {
            Command::ExportHistory if !self.run.history.is_empty() => Some(Export::History(self.run.history.clone())),
            Command::ExportQuality => Some(self.run.series().clone()).filter(|series| !series.is_empty()).map(Export::Quality),
            Command::ExportSamples => self.samples(),
            Command::ExportTimelapse if !self.run.reel.is_empty() => {
                Some(Export::Timelapse { reel: Arc::clone(&self.run.reel), dataset: self.run.dataset.clone() })
            }
            Command::ExportPicture => self.right.picture().map(Export::Picture),
            Command::ExportCode(language) => {
                let project = Box::new(self.editor.project().clone());
                Some(Export::Code { project, checkpoint: self.run.checkpoint.clone(), language: *language })
            }
            _ => None,
        };
        match export {
            Some(export) => self.ask_for_export(export, frame),
            None => self.notify(Notice::note("There is nothing to export yet: train first.")),
        }
    }

    fn samples(&self) -> Option<Export> {
        let snapshot = self.run.snapshot.as_ref()?;
        Some(match &snapshot.samples {
            Samples::Pictures(pictures) => Export::Samples(pictures.clone()),
            Samples::Points { generated, .. } => Export::Points { generated: generated.clone(), dataset: self.run.dataset.clone() },
        })
    }

    fn ask_for_export(&mut self, export: Export, frame: &eframe::Frame) {
        let purpose = Purpose::Export(Arc::new(export));
        let name = self.proposed_name(&purpose);
        self.ask_for_path(purpose, name, frame);
    }

    /// The file name proposed for something to be written.
    pub(in crate::gui) fn proposed_name(&self, purpose: &Purpose) -> String {
        let project = &self.editor.project().name;
        match purpose {
            Purpose::Save => files::file_name(project, "", files::EXTENSION),
            Purpose::Export(export) => files::file_name(project, export.suffix(), export.extension()),
            _ => String::new(),
        }
    }

    pub(in crate::gui) fn write_export(&mut self, export: Arc<Export>, path: PathBuf) {
        self.spawn("export", move || {
            let written = export.write(&path);
            Outcome::Exported(path, written)
        });
    }

    /// Takes a picture of a part of the window, in points. The question where to comes afterwards, so that it is not in the picture.
    pub(in crate::gui) fn photograph(&mut self, rect: egui::Rect) {
        let post = self.tasks.poster();
        self.ctx.request_screenshot(move |image| post(Outcome::Screenshot(image, rect)));
    }

    pub(in crate::gui) fn photographed(&mut self, image: &egui::ColorImage, rect: egui::Rect, frame: &eframe::Frame) {
        let part = image.region(&rect, Some(self.ctx.pixels_per_point()));
        self.ask_for_export(Export::Charts(part), frame);
    }
}
