//! Numbers as people read them, in the window and in the terminal.

/// Digits in groups of three: `1240` is `1,240`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A measured value for a place that must not jump about: always three decimals where they fit.
pub fn reading(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "∞" } else { "−∞" }.to_owned()
    } else if value.abs() < 99.95 {
        signed(&format!("{value:.3}"))
    } else if value.abs() < 1e5 {
        signed(&format!("{value:.1}"))
    } else {
        signed(&format!("{value:.1e}"))
    }
}

/// A share as percent, with so many decimals: `87 %`, `2.9 %`
pub fn percent(share: impl Into<f64>, decimals: usize) -> String {
    format!("{:.decimals$} %", 100.0 * share.into())
}

/// A learning rate or another small number as people type it: `0.002`, `5e-4`.
pub fn rate(number: f32) -> String {
    if number == 0.0 || number >= 1e-3 { number.to_string() } else { format!("{number:e}") }
}

/// A hyphen becomes a minus sign, which is as wide as the digits.
pub fn signed(number: &str) -> String {
    number.replacen('-', "−", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1_240, "1,240"), (60_000, "60,000"), (1_000_000, "1,000,000"), (12_345_678, "12,345,678")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn shares_are_told_as_percent() {
        assert_eq!([percent(0.874_f32, 0), percent(1.0, 1), percent(0.0291, 1), percent(0.0, 0)], ["87 %", "100.0 %", "2.9 %", "0 %"]);
    }

    #[test]
    fn rates_are_told_as_they_are_typed() {
        assert_eq!([rate(0.002), rate(5e-4), rate(0.0), rate(1.0), rate(1e-3)], ["0.002", "5e-4", "0", "1", "0.001"]);
        for number in [3e-5_f32, 7e-4, 0.0125, 0.3] {
            assert_eq!(rate(number).parse(), Ok(number));
        }
    }

    #[test]
    fn readings_keep_their_width_and_name_what_is_no_number() {
        for (value, text) in [(0.7254, "0.725"), (-1.25, "−1.250"), (123.45, "123.5"), (f64::NAN, "NaN"), (f64::NEG_INFINITY, "−∞")] {
            assert_eq!(reading(value), text);
        }
    }
}
