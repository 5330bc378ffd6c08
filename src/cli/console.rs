//! Words on the terminal. Nothing here fails: a reader that has gone away, as in `ganvas devices | head -1`, is no fault of ours.

use std::io::Write as _;

pub(super) use crate::numbers::{grouped, percent};

/// Columns of a line of text.
pub(super) const WIDTH: usize = 100;

/// The text in lines of [`WIDTH`] columns: the first one set in by `first`, those that follow by `rest`.
pub(super) fn wrapped(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = " ".repeat(first);
    let mut is_empty = true;
    for word in text.split(' ') {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, " ".repeat(rest)).trim_end().to_owned());
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// Four decimals where they say something, else as a power of ten.
pub(super) fn number(value: f32) -> String {
    if value == 0.0 || (1e-2..1e5).contains(&value.abs()) { format!("{value:.4}") } else { format!("{value:.2e}") }
}

/// A line of the result, on standard output.
pub(super) fn print(line: &str) {
    // A closed pipe says that nobody wants to hear more.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line about what is happening, on standard error.
pub(super) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words_and_set_in() {
        let lines = wrapped(&"word ".repeat(30), 2, 6);
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("  word") && lines[1].starts_with("      word"), "{lines:#?}");
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH && !line.ends_with(' ')), "{lines:#?}");
        let long = "x".repeat(2 * WIDTH);
        assert_eq!(wrapped(&long, 0, 4), [long], "a word is never broken");
    }

    #[test]
    fn small_and_large_numbers_keep_their_digits() {
        assert_eq!([0.0, 0.5, -12.25, 1e-5, 2.5e6].map(number), ["0.0000", "0.5000", "-12.2500", "1.00e-5", "2.50e6"]);
        assert_eq!(number(f32::NAN), "NaN");
    }
}
