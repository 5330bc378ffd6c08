//! What happened at each step, as numbers.

use serde::{Deserialize, Serialize};

/// The numbers of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Generator steps done, this one included.
    pub step: u64,
    /// Seconds of training up to here, pauses not counted.
    pub elapsed_secs: f64,
    /// The discriminator's loss.
    pub d_loss: f32,
    /// The generator's loss.
    pub g_loss: f32,
    /// The discriminator's mean verdict on real samples: a probability where the loss has one, else the score.
    pub d_real: f32,
    /// Its mean verdict on generated samples, likewise.
    pub d_fake: f32,
}

/// The records of a run, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    records: Vec<StepRecord>,
}

impl History {
    /// A history of these records, oldest first.
    pub fn new(records: Vec<StepRecord>) -> Self {
        Self { records }
    }

    /// Adds records at the end.
    pub fn extend(&mut self, records: impl IntoIterator<Item = StepRecord>) {
        self.records.extend(records);
    }

    /// Oldest first.
    pub fn records(&self) -> &[StepRecord] {
        &self.records
    }

    /// The newest record.
    pub fn last(&self) -> Option<&StepRecord> {
        self.records.last()
    }
}

/// The columns of a history as a table.
const COLUMNS: &str = "step,seconds,d_loss,g_loss,d_real,d_fake";

impl History {
    /// As comma-separated values, one line for each step; every number comes back as it was.
    pub fn to_csv(&self) -> String {
        use std::fmt::Write as _;
        let mut csv = String::with_capacity(COLUMNS.len() + self.records.len() * 64);
        csv.push_str(COLUMNS);
        csv.push('\n');
        for StepRecord { step, elapsed_secs, d_loss, g_loss, d_real, d_fake } in &self.records {
            // Writing to a string cannot fail.
            let _ = writeln!(csv, "{step},{elapsed_secs},{d_loss},{g_loss},{d_real},{d_fake}");
        }
        csv
    }

    /// Reads what [`History::to_csv`] wrote.
    ///
    /// # Errors
    /// The number of the first line that is no record, counted from 1.
    pub fn from_csv(csv: &str) -> Result<Self, usize> {
        let mut lines = csv.lines().enumerate();
        if lines.next().is_none_or(|(_, line)| line != COLUMNS) {
            return Err(1);
        }
        let records: Result<_, usize> = lines.map(|(index, line)| parse(line).ok_or(index + 1)).collect();
        Ok(Self { records: records? })
    }
}

fn parse(line: &str) -> Option<StepRecord> {
    let mut cells = line.split(',');
    let record = StepRecord {
        step: cells.next()?.parse().ok()?,
        elapsed_secs: cells.next()?.parse().ok()?,
        d_loss: cells.next()?.parse().ok()?,
        g_loss: cells.next()?.parse().ok()?,
        d_real: cells.next()?.parse().ok()?,
        d_fake: cells.next()?.parse().ok()?,
    };
    cells.next().is_none().then_some(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_comes_back_bit_for_bit() {
        let record =
            StepRecord { step: 7, elapsed_secs: 0.1 + 0.2, d_loss: 1.0 / 3.0, g_loss: -1e-30, d_real: 0.5, d_fake: f32::MIN_POSITIVE };
        let history = History::new(vec![StepRecord::default(), record]);
        assert_eq!(History::from_csv(&history.to_csv()), Ok(history));
    }

    #[test]
    fn a_damaged_line_is_named() {
        let csv = format!("{COLUMNS}\n1,0,0,0,0,0\n2,0,zero,0,0,0\n");
        assert_eq!(History::from_csv(&csv), Err(3));
        assert_eq!(History::from_csv("hello"), Err(1));
    }
}
