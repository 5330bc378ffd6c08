//! Numbers as people read them: grouped, or short with a unit.

/// With a comma between groups of three digits: `1,240`.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// In thousands, millions and so on, with two or three digits: `940`, `12.3 k`, `0.9 M`.
pub fn short(value: u64) -> String {
    scaled(value as f64, 1000.0, &["", " k", " M", " G", " T", " P", " E"])
}

/// In powers of 1024 bytes: `3.4 MiB`.
pub fn bytes(value: u64) -> String {
    scaled(value as f64, 1024.0, &[" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"])
}

fn scaled(value: f64, base: f64, units: &[&str]) -> String {
    let mut value = value;
    let mut unit = 0;
    // From 900 on the next unit reads better: 0.9 M rather than 901 k.
    while value >= 0.9 * base && unit + 1 < units.len() {
        value /= base;
        unit += 1;
    }
    if unit == 0 { format!("{value:.0}{}", units[0]) } else if value < 100.0 { format!("{value:.1}{}", units[unit]) } else { format!("{value:.0}{}", units[unit]) }
}

/// Hours, minutes and seconds: `0:04:09`.
pub fn duration(secs: f64) -> String {
    let secs = if secs.is_finite() { secs.max(0.0) as u64 } else { 0 };
    format!("{}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_240), "1,240");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn large_counts_are_short() {
        assert_eq!(short(0), "0");
        assert_eq!(short(899), "899");
        assert_eq!(short(12_345), "12.3 k");
        assert_eq!(short(901_000), "0.9 M");
        assert_eq!(short(633_472), "633 k");
        assert_eq!(bytes(3_565_158), "3.4 MiB");
        assert_eq!(short(u64::MAX), "18.4 E");
    }

    #[test]
    fn time_has_hours() {
        assert_eq!(duration(249.9), "0:04:09");
        assert_eq!(duration(36_061.0), "10:01:01");
        assert_eq!(duration(f64::NAN), "0:00:00");
    }
}
