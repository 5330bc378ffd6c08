//! `match`: which case is taken.

use super::machine::{Frame, Machine};
use super::operate::equal;
use super::statement::Flow;
use super::value::Value;
use crate::code::python::{Binary, Case, Expr, ExprKind};

impl Machine<'_> {
    /// Follows the first case that the subject suits, or that it may suit.
    pub(super) fn choose_case(&mut self, subject: &Expr, cases: &[Case], frame: &Frame) -> Flow {
        let value = self.eval(subject, frame);
        for case in cases {
            let suits = self.suits(&case.pattern, &value, frame);
            let holds = match (&case.guard, suits) {
                (Some(guard), Some(true)) => self.eval(guard, frame).truth(),
                (Some(_), None) => None,
                _ => suits,
            };
            match holds {
                Some(true) => return self.run(&case.body, frame),
                Some(false) => {}
                None => return self.supposed("case", &case.pattern, &case.body, frame),
            }
        }
        Flow::Next
    }

    /// Does the value look like the pattern? None where that cannot be told. Names in it take what stands in their place.
    fn suits(&mut self, pattern: &Expr, value: &Value, frame: &Frame) -> Option<bool> {
        match &pattern.kind {
            ExprKind::Name(name) if name == "_" => Some(true),
            ExprKind::Name(_) => {
                self.assign(pattern, value, frame);
                Some(true)
            }
            ExprKind::Binary(Binary::Bits, left, right) => match self.suits(left, value, frame) {
                Some(true) => Some(true),
                first => match self.suits(right, value, frame) {
                    Some(false) => first,
                    second => second,
                },
            },
            ExprKind::Tuple(parts) | ExprKind::List(parts) => {
                let items = value.items()?;
                if items.len() != parts.len() {
                    return Some(false);
                }
                parts.iter().zip(&items).try_fold(true, |all, (part, item)| Some(self.suits(part, item, frame)? && all))
            }
            ExprKind::Call { .. } => None,
            _ => {
                let wanted = self.eval(pattern, frame);
                equal(&wanted, value, &mut 64)
            }
        }
    }
}
