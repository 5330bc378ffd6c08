//! Words on the terminal. Nothing here fails: a reader that has gone away, as in `ganvas devices | head -1`, is no fault of ours.

use std::io::Write as _;

pub(super) use crate::numbers::{grouped, percent};

/// A line of the result, on standard output.
pub(super) fn print(line: &str) {
    // A closed pipe says that nobody wants to hear more.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line about what is happening, on standard error.
pub(super) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
