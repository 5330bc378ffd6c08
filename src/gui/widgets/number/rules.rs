//! What may be typed into a field: one number, or a few with × between them.

use super::arithmetic::evaluate;
use super::pace::Pace;
use crate::gui::widgets::format;

/// What a field holds, and how it is read, written and moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// The smallest and the largest that each number may be.
    pub range: (f64, f64),
    /// Only whole numbers?
    pub whole: bool,
    /// How many numbers there are.
    pub parts: Parts,
    /// How they move.
    pub pace: Pace,
    /// What they count, in the plural; may be empty.
    pub unit: &'static str,
    /// What stands behind the number, such as `%`; may be empty.
    pub suffix: &'static str,
    /// Where zero switches something off: what is usual where it is on.
    pub usual: Option<f64>,
}

/// Points that the hand moves until something that is off is on.
const SWITCHES: f32 = 12.0;

/// What zero is called where it switches something off.
const OFF: &str = "off";

/// How many numbers a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// One.
    One,
    /// Rows and columns; one number for both where they are equal.
    Size,
    /// Channels, rows and columns; one number for a vector.
    Shape,
}

impl Rules {
    /// Whole numbers. Those that may be large move as sizes of networks do.
    pub fn count(low: usize, high: usize) -> Self {
        let pace = if high > 1024 { Pace::Doubling } else { Pace::Even(1.0) };
        Self { range: (low as f64, high as f64), whole: true, parts: Parts::One, pace, unit: "", suffix: "", usual: None }
    }

    /// Numbers; those whose range spans many orders of magnitude move accordingly.
    pub fn float(low: f64, high: f64) -> Self {
        let pace = if low > 0.0 && high / low > 1e3 { Pace::Magnitude } else { Pace::Even(0.01) };
        Self { range: (low, high), whole: false, parts: Parts::One, pace, unit: "", suffix: "", usual: None }
    }

    /// With another pace.
    #[must_use]
    pub fn paced(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// With what the number counts.
    #[must_use]
    pub fn counting(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// With several numbers.
    #[must_use]
    pub fn of(self, parts: Parts) -> Self {
        Self { parts, ..self }
    }

    /// With a sign behind it.
    #[must_use]
    pub fn ending(self, suffix: &'static str) -> Self {
        Self { suffix, ..self }
    }

    /// Where zero is off; one step up from there is `usual`.
    #[must_use]
    pub fn off_at_zero(self, usual: f64) -> Self {
        Self { usual: Some(usual), ..self }
    }

    /// The numbers as they are shown, which can be typed as well.
    pub fn text(&self, values: &[f64]) -> String {
        match (self.parts, values) {
            (Parts::Shape, [channels, height, width]) if *height == 1.0 && *width == 1.0 => self.number_text(*channels),
            (Parts::One, [0.0]) if self.usual.is_some() => OFF.to_owned(),
            (Parts::One, [value]) => self.number_text(*value) + self.suffix,
            _ => values.iter().map(|value| format!("{value:.0}")).collect::<Vec<_>>().join(" × "),
        }
    }

    fn number_text(&self, value: f64) -> String {
        match self.whole {
            // Digits in groups from five on, as elsewhere.
            true if value >= 1e4 => format::grouped(value as u64),
            true => format!("{value:.0}"),
            false if value.abs() >= 0.01 || value == 0.0 => format!("{}", value as f32),
            false => format!("{:e}", value as f32),
        }
    }

    /// Reads what was typed.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it and what is allowed.
    pub fn read(&self, text: &str) -> Result<Vec<f64>, String> {
        let text = text.trim();
        if self.usual.is_some() && text.eq_ignore_ascii_case(OFF) {
            return Ok(vec![0.0]);
        }
        let text = Some(self.suffix.trim())
            .filter(|suffix| !suffix.is_empty())
            .and_then(|suffix| text.strip_suffix(suffix))
            .unwrap_or(text)
            .trim();
        if text.is_empty() {
            return Err(format!("Type a number: {}", self.allowed()));
        }
        let read = |part: &str| evaluate(&self.tidied(part)).ok_or_else(|| format!("“{text}” is not {}: {}", self.noun(), self.allowed()));
        let values = self.split(text).into_iter().map(read).collect::<Result<Vec<f64>, String>>()?;
        let values = self.completed(values).ok_or_else(|| format!("“{text}” is not {}: {}", self.noun(), self.allowed()))?;
        for &value in &values {
            self.check(text, value)?;
        }
        Ok(values)
    }

    /// The texts of the single numbers. Where there may be several, what multiplies keeps them apart.
    fn split<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let mut depth = 0;
        let separates = |letter: char| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            depth == 0 && ['×', 'x', 'X', '*', ',', ';'].contains(&letter)
        };
        match self.parts {
            Parts::One => vec![text],
            Parts::Size | Parts::Shape => text.split(separates).collect(),
        }
    }

    /// Without the signs that only keep digits apart.
    fn tidied(&self, text: &str) -> String {
        let text = text.replace(['_', '\u{a0}', '\u{2009}', '\u{202f}'], "");
        if !self.whole {
            // 0,5 is a half, and 1,000.5 a thousand and a half.
            return if text.contains('.') { text.replace(',', "") } else { text.replace(',', ".") };
        }
        let mut out = String::with_capacity(text.len());
        let letters: Vec<char> = text.chars().collect();
        for (place, &letter) in letters.iter().enumerate() {
            let digits_after = letters[place + 1..].iter().take_while(|letter| letter.is_ascii_digit()).count();
            let is_after_digit = place > 0 && letters[place - 1].is_ascii_digit();
            let groups = [',', ' '].contains(&letter) && is_after_digit && digits_after == 3;
            if !groups {
                out.push(letter);
            }
        }
        out
    }

    fn completed(&self, values: Vec<f64>) -> Option<Vec<f64>> {
        match (self.parts, &values[..]) {
            (Parts::One, [_]) | (Parts::Size, [_, _]) | (Parts::Shape, [_, _, _]) => Some(values),
            (Parts::Size, [both]) => Some(vec![*both; 2]),
            (Parts::Shape, [features]) => Some(vec![*features, 1.0, 1.0]),
            _ => None,
        }
    }

    fn check(&self, text: &str, value: f64) -> Result<(), String> {
        if self.whole && value.fract() != 0.0 {
            return Err(format!("{} is not a whole number: {}", self.said(text, value), self.allowed()));
        }
        // A little beyond is rounding: what is shown can be typed again.
        let slack = 1e-9 * (self.range.0.abs() + self.range.1.abs());
        if value < self.range.0 - slack || value > self.range.1 + slack {
            return Err(format!("{} is out of range: {}", self.said(text, value), self.allowed()));
        }
        Ok(())
    }

    /// A number as the person wrote it, and what it comes to where that is not the same.
    fn said(&self, text: &str, value: f64) -> String {
        let plain = if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { format!("{}", value as f32) };
        if self.parts != Parts::One || self.tidied(text).parse() == Ok(value) { plain } else { format!("{text} = {plain}") }
    }

    fn noun(&self) -> &'static str {
        match self.parts {
            Parts::One => "a number",
            Parts::Size => "a size such as 4 or 4 × 3",
            Parts::Shape => "a shape such as 128 × 7 × 7",
        }
    }

    /// `1 to 64 rows and columns`
    fn allowed(&self) -> String {
        let (low, high) = self.range;
        let number = |value: f64| if self.whole { format::grouped(value as u64) } else { format!("{}", value as f32) };
        let unit = if self.unit.is_empty() { self.suffix.trim() } else { self.unit };
        let gap = if unit.is_empty() { "" } else { " " };
        format!("{} to {}{gap}{unit}", number(low), number(high))
    }

    /// The numbers after so many steps of one of them; a square stays one.
    pub fn stepped(&self, values: &[f64], part: usize, steps: i32, large: bool) -> Vec<f64> {
        self.moved(values, part, |value| match self.usual.filter(|_| value == 0.0) {
            Some(usual) if steps > 0 => self.pace.stepped(usual, steps - 1, large),
            Some(_) => 0.0,
            None => self.switched(self.pace.stepped(value, steps, large)),
        })
    }

    /// A number far below what is usual is off.
    fn switched(&self, value: f64) -> f64 {
        if self.usual.is_some_and(|usual| value < 1e-3 * usual) { 0.0 } else { value }
    }

    /// The numbers that were `from` when the hand took hold of one of them and went so many points to the right.
    pub fn dragged(&self, from: &[f64], part: usize, points: f32, large: bool) -> Vec<f64> {
        self.moved(from, part, |value| match self.usual.filter(|_| value == 0.0) {
            Some(usual) if points > SWITCHES => self.pace.dragged(usual, points - SWITCHES, large),
            Some(_) => 0.0,
            None => self.switched(self.pace.dragged(value, points, large)),
        })
    }

    fn moved(&self, values: &[f64], part: usize, to: impl Fn(f64) -> f64) -> Vec<f64> {
        let is_square = self.parts == Parts::Size && values.iter().all(|value| Some(value) == values.first());
        let moves = |index: usize| is_square || index == part.min(values.len().saturating_sub(1));
        let bounded = |value: f64| to(value).clamp(self.range.0, self.range.1);
        values.iter().enumerate().map(|(index, &value)| if moves(index) { bounded(value) } else { value }).collect()
    }

    /// Which number a place in the text belongs to, counted in letters.
    pub fn part_at(text: &str, letter: usize) -> usize {
        text.chars().take(letter).filter(|letter| ['×', 'x'].contains(letter)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel() -> Rules {
        Rules::count(1, 64).of(Parts::Size).counting("rows and columns")
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let count = Rules::count(1, 1 << 20);
        for (text, value) in
            [("128", 128.0), (" 7*7*256 ", 12_544.0), ("10,000", 1e4), ("10 000", 1e4), ("1_024", 1_024.0), ("2^10", 1_024.0)]
        {
            assert_eq!(count.read(text), Ok(vec![value]), "{text}");
        }
        let float = Rules::float(0.0, 1e6);
        for (text, value) in [("2e-4", 2e-4), (" 0,5 ", 0.5), ("1,000.5", 1_000.5), ("1/4", 0.25), ("30%", 0.3)] {
            assert_eq!(float.read(text), Ok(vec![value]), "{text}");
        }
        assert_eq!(Rules::count(0, 50).ending(" %").read("20 %"), Ok(vec![20.0]), "what is shown can be typed again");
    }

    #[test]
    fn sizes_are_one_number_or_two() {
        for (text, rows, columns) in
            [("4", 4.0, 4.0), ("4x4", 4.0, 4.0), ("4 × 3", 4.0, 3.0), ("4, 3", 4.0, 3.0), ("4*3", 4.0, 3.0), ("2+1", 3.0, 3.0)]
        {
            assert_eq!(kernel().read(text), Ok(vec![rows, columns]), "{text}");
        }
        let shape = Rules::count(1, 1 << 20).of(Parts::Shape);
        assert_eq!(shape.read("128x7x7"), Ok(vec![128.0, 7.0, 7.0]));
        assert_eq!(shape.read("(64*2)x7x7"), Ok(vec![128.0, 7.0, 7.0]));
        assert_eq!(shape.read("6272"), Ok(vec![6_272.0, 1.0, 1.0]));
        assert!(shape.read("7x7").is_err());
    }

    #[test]
    fn what_is_shown_can_be_typed_again() {
        let texts = |rules: &Rules, values: &[f64]| {
            let text = rules.text(values);
            assert_eq!(rules.read(&text).as_deref(), Ok(values), "{text}");
            text
        };
        assert_eq!(texts(&Rules::count(1, 1 << 20), &[60_000.0]), "60,000");
        assert_eq!(texts(&Rules::count(1, 1 << 20), &[6_272.0]), "6272");
        assert_eq!(texts(&kernel(), &[4.0, 4.0]), "4 × 4");
        assert_eq!(texts(&Rules::count(1, 1 << 20).of(Parts::Shape), &[100.0, 1.0, 1.0]), "100");
        assert_eq!(Rules::float(0.0, 1.0).text(&[f64::from(0.2_f32)]), "0.2");
        assert_eq!(Rules::float(1e-12, 1.0).text(&[f64::from(1e-8_f32)]), "1e-8");
    }

    #[test]
    fn what_is_not_taken_is_said_with_what_is_allowed() {
        let said = |rules: &Rules, text: &str| rules.read(text).unwrap_err();
        assert_eq!(said(&kernel(), "99"), "99 is out of range: 1 to 64 rows and columns");
        assert_eq!(said(&kernel(), "three"), "“three” is not a size such as 4 or 4 × 3: 1 to 64 rows and columns");
        assert_eq!(said(&kernel(), "3x99"), "99 is out of range: 1 to 64 rows and columns");
        assert_eq!(said(&kernel(), ""), "Type a number: 1 to 64 rows and columns");
        let units = Rules::count(1, 1 << 20).counting("values");
        assert_eq!(said(&units, "many"), "“many” is not a number: 1 to 1,048,576 values");
        assert_eq!(said(&units, "10/4"), "10/4 = 2.5 is not a whole number: 1 to 1,048,576 values");
        assert_eq!(said(&units, "2^30"), "2^30 = 1073741824 is out of range: 1 to 1,048,576 values");
        assert_eq!(said(&units, "4,3"), "“4,3” is not a number: 1 to 1,048,576 values");
        assert_eq!(said(&Rules::float(0.0, 0.99), "-0.5"), "-0.5 is out of range: 0 to 0.99");
    }

    #[test]
    fn moving_stays_in_range_and_keeps_a_square_square() {
        assert_eq!(kernel().stepped(&[3.0, 3.0], 0, 1, false), [4.0, 4.0]);
        assert_eq!(kernel().stepped(&[3.0, 5.0], 1, -1, false), [3.0, 4.0]);
        assert_eq!(kernel().stepped(&[3.0, 3.0], 0, -9, false), [1.0, 1.0]);
        assert_eq!(kernel().dragged(&[60.0, 60.0], 0, 1e6, false), [64.0, 64.0]);
        let shape = Rules::count(1, 1 << 20).of(Parts::Shape);
        assert_eq!(shape.dragged(&[128.0, 7.0, 7.0], 0, 13.0, false), [192.0, 7.0, 7.0]);
        assert_eq!(Rules::part_at("128 × 7 × 7", 7), 1);
        assert_eq!(Rules::part_at("128 × 7 × 7", 99), 2);
    }
}
