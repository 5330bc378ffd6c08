//! What can be exported from the window, and as what.

use std::path::Path;
use std::sync::Arc;

use eframe::egui;

use crate::code::write::Language;
use crate::data::Dataset;
use crate::export;
use crate::measure::Series;
use crate::spec::Project;
use crate::train::{Checkpoint, History, POINTS_IN_FRAME, Pictures, Reel};

/// Something made, to be written to a file.
#[derive(Clone, Debug)]
pub enum Export {
    /// The numbers of every step, as a table.
    History(History),
    /// What was measured of the run, as a table.
    Quality(Series),
    /// The sample grid, as a picture.
    Samples(Pictures),
    /// Generated points over real ones, as a picture.
    Points {
        /// Generated.
        generated: Vec<[f32; 2]>,
        /// The data, where it is loaded.
        dataset: Option<Arc<Dataset>>,
    },
    /// The frames of the run, as a moving picture.
    Timelapse {
        /// The frames.
        reel: Arc<Reel>,
        /// The data, where it is loaded.
        dataset: Option<Arc<Dataset>>,
    },
    /// A part of the window, as a picture.
    Charts(egui::ColorImage),
    /// One generated picture.
    Picture(Pictures),
    /// The networks and what trains them as source, with the weights that were learned, in one archive.
    Code {
        /// What to write.
        project: Box<Project>,
        /// What was learned.
        checkpoint: Option<Arc<Checkpoint>>,
        /// In what.
        language: Language,
    },
}

impl Export {
    /// As in "Export …".
    pub fn name(&self) -> &'static str {
        match self {
            Self::History(_) => "the history",
            Self::Quality(_) => "the measures",
            Self::Samples(_) | Self::Points { .. } => "the samples",
            Self::Timelapse { .. } => "the time lapse",
            Self::Charts(_) => "the charts",
            Self::Picture(_) => "the picture",
            Self::Code { .. } => "the code and weights",
        }
    }

    /// The end of the file name proposed.
    pub fn suffix(&self) -> &'static str {
        match self {
            Self::History(_) => "history",
            Self::Quality(_) => "quality",
            Self::Samples(_) | Self::Points { .. } => "samples",
            Self::Timelapse { .. } => "timelapse",
            Self::Charts(_) => "charts",
            Self::Picture(_) => "picture",
            Self::Code { language: Language::PyTorch, .. } => "pytorch",
            Self::Code { language: Language::Keras, .. } => "keras",
            Self::Code { language: Language::Burn, .. } => "burn",
        }
    }

    /// The ending of the file.
    pub fn extension(&self) -> &'static str {
        match self {
            Self::History(_) | Self::Quality(_) => "csv",
            Self::Timelapse { .. } => "gif",
            Self::Code { .. } => "zip",
            _ => "png",
        }
    }

    /// The kind of file, for people.
    pub fn format(&self) -> &'static str {
        match self {
            Self::History(_) | Self::Quality(_) => "CSV table",
            Self::Timelapse { .. } => "GIF animation",
            Self::Code { .. } => "ZIP archive",
            _ => "PNG picture",
        }
    }

    /// Writes the file.
    ///
    /// # Errors
    /// What went wrong and what to do, in words.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let written = match self {
            Self::History(history) => export::write_history(history, path),
            Self::Quality(series) => export::write_quality(series, path),
            Self::Samples(pictures) => export::write_grid(pictures, path),
            Self::Picture(pictures) => export::write_picture(pictures, 0, path),
            Self::Points { generated, dataset } => {
                let real = dataset.as_ref().map(|dataset| dataset.some_points(MAX_REAL)).unwrap_or_default();
                export::write_scatter(export::Scatter { real: &real, generated }, path)
            }
            Self::Timelapse { reel, dataset } => {
                let real = dataset.as_ref().map(|dataset| dataset.some_points(POINTS_IN_FRAME)).unwrap_or_default();
                export::write_timelapse(reel, export::Timelapse { real: &real, ..export::Timelapse::default() }, path)
            }
            Self::Charts(image) => return write_window(image, path),
            Self::Code { project, checkpoint, language } => export::write_code_archive(project, checkpoint.as_deref(), *language, path),
        };
        written.map_err(|error| super::panels::status::capitalised(&error.to_string()))
    }
}

/// So many real points are drawn: as many more would hide the generated ones.
const MAX_REAL: usize = 2000;

fn write_window(image: &egui::ColorImage, path: &Path) -> Result<(), String> {
    let [width, height] = image.size;
    let bytes = image.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
    let Some(image) = image::RgbImage::from_raw(width as u32, height as u32, bytes) else {
        return Err("The window gave no picture; try again.".to_owned());
    };
    export::write_png(&image.into(), path).map_err(|error| super::panels::status::capitalised(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Preset;

    #[test]
    fn code_is_an_archive_with_a_script() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ring8-pytorch.zip");
        let project = Box::new(Preset::from_name("ring8").unwrap().project());
        let export = Export::Code { project, checkpoint: None, language: Language::PyTorch };
        assert_eq!((export.extension(), export.suffix()), ("zip", "pytorch"));
        export.write(&path).unwrap();
        let bytes = std::fs::read(path).unwrap();
        assert!(bytes.starts_with(b"PK") && bytes.windows(6).any(|part| part == b"gan.py"));
    }

    #[test]
    fn what_cannot_be_written_is_said() {
        let mut project = Box::new(Preset::from_name("ring8").unwrap().project());
        crate::spec::Edit::SetData(crate::spec::builtin_data(crate::spec::Builtin::Shapes)).apply(&mut project).unwrap();
        let export = Export::Code { project, checkpoint: None, language: Language::Keras };
        let error = export.write(Path::new("never.zip")).unwrap_err();
        assert!(error.starts_with("What cannot be trained cannot be written: "), "{error}");
    }
}
