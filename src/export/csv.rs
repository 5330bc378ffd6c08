//! The history of a run as a table.

use std::fmt::Write as _;
use std::path::Path;

use super::{ExportError, atomic};
use crate::train::{History, StepRecord};

/// The table with a line for each step. Numbers are written so that reading them gives the same bits back.
pub fn history_to_csv(history: &History) -> String {
    let mut text = String::from("step,seconds,d_loss,g_loss,d_real,d_fake\n");
    for record in history.records() {
        let StepRecord { step, elapsed_secs, d_loss, g_loss, d_real, d_fake } = *record;
        // Writing to a string does not fail.
        let _ = writeln!(text, "{step},{elapsed_secs},{d_loss},{g_loss},{d_real},{d_fake}");
    }
    text
}

/// Writes the table.
///
/// # Errors
/// The file cannot be written; what was there stays.
pub fn write_history(history: &History, path: &Path) -> Result<(), ExportError> {
    atomic::write(path, history_to_csv(history).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_survives_the_table() {
        let records = vec![
            StepRecord { step: 1, elapsed_secs: 0.1, d_loss: 1.386_294_4, g_loss: -0.0, d_real: 0.5, d_fake: f32::MIN_POSITIVE },
            StepRecord { step: u64::MAX, elapsed_secs: 1e-9, d_loss: f32::NAN, g_loss: f32::INFINITY, d_real: 1e30, d_fake: 1.0 / 3.0 },
        ];
        let text = history_to_csv(&History::new(records.clone()));
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("step,seconds,d_loss,g_loss,d_real,d_fake"));
        for (line, record) in lines.by_ref().zip(records) {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells[0].parse(), Ok(record.step));
            assert_eq!(cells[1].parse(), Ok(record.elapsed_secs));
            for (cell, value) in cells[2..].iter().zip([record.d_loss, record.g_loss, record.d_real, record.d_fake]) {
                assert_eq!(cell.parse::<f32>().unwrap().to_bits(), value.to_bits(), "{cell}");
            }
        }
        assert_eq!(lines.next(), None);
    }

    #[test]
    fn a_run_without_steps_has_a_heading_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.csv");
        write_history(&History::default(), &path).unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "step,seconds,d_loss,g_loss,d_real,d_fake\n");
    }
}
