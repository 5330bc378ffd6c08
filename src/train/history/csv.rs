//! A history as a table, line by line: however long it is, little of the text is in memory at a time.

use std::io::{self, BufRead, Read as _, Write};

use super::{History, StepRecord};

/// The columns of a history as a table.
pub(super) const COLUMNS: &str = "step,seconds,d_loss,g_loss,d_real,d_fake,penalty";

/// Those of runs before there were penalties.
const OLD_COLUMNS: &str = "step,seconds,d_loss,g_loss,d_real,d_fake";

/// No line of a table is longer, in bytes: seven numbers, each as long as a number can be written.
const LONGEST_LINE: u64 = 4096;

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// The number of the first line that is no record, counted from 1.
    #[error("line {0}")]
    Line(usize),
    /// It ends early, or cannot be read at all.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl History {
    /// Writes comma-separated values, one line for each step; every number comes back as it was.
    ///
    /// # Errors
    /// What is written to fails.
    pub fn write_csv(&self, to: &mut impl Write) -> io::Result<()> {
        writeln!(to, "{COLUMNS}")?;
        for StepRecord { step, elapsed_secs, d_loss, g_loss, d_real, d_fake, penalty } in self.iter() {
            writeln!(to, "{step},{elapsed_secs},{d_loss},{g_loss},{d_real},{d_fake},{penalty}")?;
        }
        Ok(())
    }

    /// Reads what [`History::write_csv`] wrote, also before there were penalties.
    ///
    /// # Errors
    /// A line is no record, or what is read from fails.
    pub fn read_csv(from: &mut impl BufRead) -> Result<Self, CsvError> {
        let (mut history, mut line, mut number) = (Self::default(), String::new(), 0);
        let mut has_penalty = true;
        loop {
            line.clear();
            number += 1;
            let read = from.by_ref().take(LONGEST_LINE).read_line(&mut line);
            match read {
                Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(CsvError::Line(number)),
                Err(error) => return Err(error.into()),
                Ok(0) if number > 1 => return Ok(history),
                Ok(_) => {}
            }
            let text = line.strip_suffix('\n').unwrap_or(&line);
            let text = text.strip_suffix('\r').unwrap_or(text);
            if number == 1 {
                has_penalty = text == COLUMNS;
                if !has_penalty && text != OLD_COLUMNS {
                    return Err(CsvError::Line(1));
                }
            } else {
                history.push(parse(text, has_penalty).ok_or(CsvError::Line(number))?);
            }
        }
    }
}

fn parse(line: &str, has_penalty: bool) -> Option<StepRecord> {
    let mut cells = line.split(',');
    let record = StepRecord {
        step: cells.next()?.parse().ok()?,
        elapsed_secs: cells.next()?.parse().ok()?,
        d_loss: cells.next()?.parse().ok()?,
        g_loss: cells.next()?.parse().ok()?,
        d_real: cells.next()?.parse().ok()?,
        d_fake: cells.next()?.parse().ok()?,
        penalty: if has_penalty { cells.next()?.parse().ok()? } else { 0.0 },
    };
    cells.next().is_none().then_some(record)
}
