//! Simple arithmetic as people type it into a field: `7*7*256`, `1e-3 / 2`, `(28 + 4) / 8`, `2^10`, `30 %`.

use std::iter::Peekable;
use std::str::Chars;

/// The value of a formula of numbers, `+ - * / ^ %` and parentheses; `×` and `x` multiply, too, `^` binds most. None for what is no formula
/// or has no finite value.
pub(super) fn evaluate(text: &str) -> Option<f64> {
    let mut formula = Formula { rest: text.chars().peekable(), depth: 0 };
    let value = formula.sum()?;
    formula.skip();
    (formula.rest.peek().is_none() && value.is_finite()).then_some(value)
}

/// So many parentheses and signs may stand within each other.
const MAX_DEPTH: u32 = 32;

struct Formula<'a> {
    rest: Peekable<Chars<'a>>,
    depth: u32,
}

impl Formula<'_> {
    fn skip(&mut self) {
        while self.rest.next_if(|letter| letter.is_whitespace()).is_some() {}
    }

    fn next_of(&mut self, signs: &[char]) -> Option<char> {
        self.skip();
        self.rest.next_if(|letter| signs.contains(letter))
    }

    fn sum(&mut self) -> Option<f64> {
        let mut value = self.product()?;
        while let Some(sign) = self.next_of(&['+', '-', '−']) {
            let other = self.product()?;
            value += if sign == '+' { other } else { -other };
        }
        Some(value)
    }

    fn product(&mut self) -> Option<f64> {
        let mut value = self.signed()?;
        while let Some(sign) = self.next_of(&['*', '×', 'x', 'X', '·', '/', '÷']) {
            let other = self.signed()?;
            if ['/', '÷'].contains(&sign) { value /= other } else { value *= other }
        }
        Some(value)
    }

    fn signed(&mut self) -> Option<f64> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let value = match self.next_of(&['+', '-', '−']) {
            Some('+') => self.signed(),
            Some(_) => self.signed().map(|value| -value),
            None => self.power(),
        };
        self.depth -= 1;
        value
    }

    fn power(&mut self) -> Option<f64> {
        let base = self.atom()?;
        let base = if self.next_of(&['%']).is_some() { base / 100.0 } else { base };
        if self.next_of(&['^']).is_some() { Some(base.powf(self.signed()?)) } else { Some(base) }
    }

    fn atom(&mut self) -> Option<f64> {
        if self.next_of(&['(']).is_some() {
            let value = self.sum()?;
            return self.next_of(&[')']).map(|_| value);
        }
        self.number()
    }

    fn number(&mut self) -> Option<f64> {
        let mut digits = String::new();
        while let Some(letter) = self.rest.next_if(|letter| letter.is_ascii_digit() || *letter == '.') {
            digits.push(letter);
        }
        if self.rest.next_if(|letter| ['e', 'E'].contains(letter)).is_some() {
            digits.push('e');
            while let Some(letter) = self.rest.next_if(|letter| letter.is_ascii_digit() || ['-', '+', '−'].contains(letter)) {
                digits.push(if letter == '−' { '-' } else { letter });
            }
        }
        digits.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_have_the_values_that_a_calculator_gives() {
        let cases = [
            ("7*7*256", 12_544.0),
            ("7 × 7 x 128", 6_272.0),
            ("2+3*4", 14.0),
            ("(2+3)*4", 20.0),
            ("100/8/5", 2.5),
            ("10 - 2 - 3", 5.0),
            ("2^10", 1_024.0),
            ("2^3^2", 512.0),
            ("-2^2", -4.0),
            ("2*-3", -6.0),
            ("1e-3/2", 5e-4),
            ("2E+2", 200.0),
            (".5", 0.5),
            ("30 %", 0.3),
            ("−3", -3.0),
        ];
        for (text, value) in cases {
            let got = evaluate(text).unwrap_or(f64::NAN);
            assert!((got - value).abs() <= 1e-12 * value.abs(), "{text}: {got}");
        }
    }

    #[test]
    fn what_is_no_formula_has_no_value() {
        for text in ["", " ", "three", "7*", "*7", "(2", "2)", "1..2", "1 2", "1/0", "0/0", "e5", "1e", "--", "9^9^9", "inf", "nan"] {
            assert_eq!(evaluate(text), None, "{text}");
        }
        assert_eq!(evaluate(&"(".repeat(100_000)), None, "nothing that is typed overflows the stack");
        assert_eq!(evaluate(&"-".repeat(100_000)), None);
        assert_eq!(evaluate(&"2^".repeat(100_000)), None);
    }
}
