//! Numbers as people read them.

pub use crate::numbers::{grouped, percent, reading, signed};

/// A count in few characters: `1,240`, `23 k`, `0.9 M`, `12 M`, `1.4 G`.
pub fn short_count(number: u64) -> String {
    let scaled = |unit: f64, name: &str| {
        let value = number as f64 / unit;
        if value < 9.95 { format!("{value:.1} {name}") } else { format!("{value:.0} {name}") }
    };
    match number {
        0..10_000 => grouped(number),
        10_000..100_000 => scaled(1e3, "k"),
        100_000..950_000_000 => scaled(1e6, "M"),
        _ => scaled(1e9, "G"),
    }
}

/// A span of time with two units at most: `0.4 s`, `12 s`, `2 min 05 s`, `1 h 02 min`, `3 d 04 h`.
pub fn duration(secs: f64) -> String {
    if !secs.is_finite() || secs < 0.0 {
        return "–".to_owned();
    }
    if secs < 9.95 {
        return format!("{secs:.1} s");
    }
    let whole = secs.round() as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3_600 => format!("{} min {:02} s", whole / 60, whole % 60),
        3_600..86_400 => format!("{} h {:02} min", whole / 3_600, whole % 3_600 / 60),
        _ => format!("{} d {:02} h", whole / 86_400, whole % 86_400 / 3_600),
    }
}

/// In powers of 1024 bytes: `900 B`, `3.4 MiB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut value = number as f64;
    let mut unit = "B";
    // From 900 on the next unit reads better: 0.9 MiB rather than 922 KiB.
    for larger in UNITS {
        if value < 900.0 {
            break;
        }
        (value, unit) = (value / 1024.0, larger);
    }
    if unit == "B" || value >= 99.5 { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

/// Hours, minutes and seconds, for a clock that runs: `0:04:09`.
pub fn clock(secs: f64) -> String {
    let secs = if secs.is_finite() { secs.max(0.0) as u64 } else { 0 };
    format!("{}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60)
}

/// The same text with shapes that are not broken over two lines.
pub fn unbroken(text: &str) -> String {
    text.replace(" × ", "\u{a0}×\u{a0}")
}

/// A setting that spans orders of magnitude, with as many digits as it takes to be exact for three: `2e-4`, `0.05`, `1.5e-3`, `0`.
pub fn scientific(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".to_owned() } else { value.to_string() };
    }
    // A little below 0.01 there is room for its neighbours in single precision.
    if (0.009_999..1e4).contains(&value.abs()) {
        return trimmed(&format!("{value:.4}"));
    }
    // `{:e}` of the value rounded to three digits: rounding may carry into the exponent, which the second parse takes care of.
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    format!("{rounded:e}")
}

fn trimmed(number: &str) -> String {
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_counts_are_short() {
        let cases = [
            (0, "0"),
            (1_240, "1,240"),
            (23_456, "23 k"),
            (99_999, "100 k"),
            (912_345, "0.9 M"),
            (12_345_678, "12 M"),
            (949_999_999, "950 M"),
            (1_400_000_000, "1.4 G"),
        ];
        for (number, text) in cases {
            assert_eq!(short_count(number), text);
        }
    }

    #[test]
    fn memory_is_in_powers_of_1024() {
        for (number, text) in
            [(0, "0 B"), (899, "899 B"), (922, "0.9 KiB"), (3_565_158, "3.4 MiB"), (104_857_600, "100 MiB"), (u64::MAX, "16.0 EiB")]
        {
            assert_eq!(bytes(number), text);
        }
    }

    #[test]
    fn clocks_have_hours() {
        assert_eq!(clock(249.9), "0:04:09");
        assert_eq!(clock(36_061.0), "10:01:01");
        assert_eq!(clock(f64::NAN), "0:00:00");
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let cases = [
            (0.4, "0.4 s"),
            (12.2, "12 s"),
            (59.6, "1 min 00 s"),
            (125.0, "2 min 05 s"),
            (3_720.0, "1 h 02 min"),
            (273_600.0, "3 d 04 h"),
            (f64::NAN, "–"),
        ];
        for (secs, text) in cases {
            assert_eq!(duration(secs), text);
        }
    }

    #[test]
    fn settings_are_written_as_people_write_them() {
        let cases = [(2e-4, "2e-4"), (1.5e-3, "1.5e-3"), (0.05, "0.05"), (0.999, "0.999"), (0.0, "0"), (1.0, "1"), (9.999e-4, "1e-3")];
        for (value, text) in cases {
            assert_eq!(scientific(value), text);
        }
        // A single-precision setting shows no noise from its widening.
        assert_eq!(scientific(f64::from(2e-4_f32)), "2e-4");
        assert_eq!(scientific(f64::from(0.999_f32)), "0.999");
        assert_eq!(scientific(f64::from(0.01_f32)), "0.01");
    }
}
