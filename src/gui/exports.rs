//! What can be exported from the window, and as what.

use std::path::Path;
use std::sync::Arc;

use eframe::egui;

use crate::train::{History, Pictures, Snapshot};

/// Something made, to be written to a file.
#[derive(Clone, Debug)]
pub enum Export {
    /// The numbers of every step, as a table.
    History(History),
    /// The sample grid, as a picture.
    Samples(Arc<Snapshot>),
    /// A part of the window, as a picture.
    Charts(egui::ColorImage),
    /// One generated picture.
    Picture(Pictures),
}

impl Export {
    /// As in "Export …".
    pub fn name(&self) -> &'static str {
        match self {
            Self::History(_) => "the history",
            Self::Samples(_) => "the samples",
            Self::Charts(_) => "the charts",
            Self::Picture(_) => "the picture",
        }
    }

    /// The end of the file name proposed.
    pub fn suffix(&self) -> &'static str {
        match self {
            Self::History(_) => "history",
            Self::Samples(_) => "samples",
            Self::Charts(_) => "charts",
            Self::Picture(_) => "picture",
        }
    }

    /// The ending of the file.
    pub fn extension(&self) -> &'static str {
        if matches!(self, Self::History(_)) { "csv" } else { "png" }
    }

    /// The kind of file, for people.
    pub fn format(&self) -> &'static str {
        if matches!(self, Self::History(_)) { "CSV table" } else { "PNG picture" }
    }

    /// Writes the file.
    ///
    /// # Errors
    /// What went wrong and what to do, in words.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let _ = path;
        todo!()
    }
}
