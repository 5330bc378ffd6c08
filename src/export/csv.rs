//! The numbers of a run as tables.

use std::path::Path;

use super::{ExportError, atomic};
use crate::measure::Series;
use crate::train::History;

/// Writes the table.
///
/// # Errors
/// The file cannot be written; what was there stays.
pub fn write_history(history: &History, path: &Path) -> Result<(), ExportError> {
    atomic::write_with(path, |file| history.write_csv(file))
}

/// Writes what was measured as a table: a line for each time, and beside each number the one of real samples.
///
/// # Errors
/// The file cannot be written; what was there stays.
pub fn write_quality(series: &Series, path: &Path) -> Result<(), ExportError> {
    atomic::write_with(path, |file| series.write_csv(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_steps_has_a_heading_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.csv");
        write_history(&History::default(), &path).unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "step,seconds,d_loss,g_loss,d_real,d_fake,penalty\n");
    }
}
