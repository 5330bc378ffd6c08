//! Words on the terminal. Nothing here fails: a reader that has gone away, as in `ganvas devices | head -1`, is no fault of ours.

use std::io::Write as _;

/// A line of the result, on standard output.
pub(super) fn print(line: &str) {
    // A closed pipe says that nobody wants to hear more.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line about what is happening, on standard error.
pub(super) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A whole number with its thousands set apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1000, 12_345, 1_234_567].map(grouped), ["0", "999", "1,000", "12,345", "1,234,567"]);
    }
}
