//! Pictures, tables, source and weights for other programs.
//!
//! Every file is written to a temporary one in the same folder and then renamed, so that a file is either whole or not there. A folder
//! that does not exist yet is made.

mod atomic;
mod code;
mod csv;
mod gif;
mod lettering;
mod npy;
mod png;
mod scatter;

pub use code::{WeightsFormat, write_code, write_code_archive};
pub use csv::{write_history, write_quality};
pub use gif::{Timelapse, moment, write_timelapse};
pub use npy::{npy_f32, npy_u8, write_pictures_npy, write_points_npy};
pub use png::{beside, columns_for, grid, picture, write_folder, write_grid, write_picture, write_png};
pub use scatter::{Scatter, scatter, scatter_around, write_scatter};

use std::path::Path;

/// Why a file could not be written: what happened, and the path last.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ExportError(pub String);

impl ExportError {
    fn writing(path: &Path, why: &dyn std::fmt::Display) -> Self {
        Self(format!("this file cannot be written ({why}): {}", path.display()))
    }
}
