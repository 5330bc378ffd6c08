//! Arithmetic and comparisons.

use super::machine::{MAX_ITEMS, Machine, Site};
use super::value::{Value, last_part};
use crate::code::python::{Binary, Comparison, Unary};

/// So many pairs of values are compared for one answer.
const MAX_COMPARED: usize = 4096;
/// Strings do not grow beyond this.
const MAX_TEXT: usize = 4096;

impl Machine<'_> {
    pub(super) fn unary(&mut self, operator: Unary, value: &Value, site: Site) -> Value {
        match (operator, value) {
            (Unary::Not, _) => {
                value.truth().map_or_else(|| self.unknown(site, "whether this holds is not known here"), |truth| Value::Bool(!truth))
            }
            (Unary::Minus, Value::Int(number)) => Value::Int(number.saturating_neg()),
            (Unary::Minus, Value::Float(number)) => Value::Float(-number),
            (Unary::Plus, Value::Int(_) | Value::Float(_)) => value.clone(),
            (Unary::Minus, Value::Tensor(_)) => self.tensor_arithmetic(Binary::Multiply, value, &Value::Int(-1), site),
            (_, Value::Tensor(node)) => self.gap(*node, site, "arithmetic on values is no layer of Ganvas"),
            (_, Value::Unknown(_)) => value.clone(),
            _ => self.unknown(site, "this arithmetic is not followed"),
        }
    }

    pub(super) fn binary(&mut self, operator: Binary, left: Value, right: Value, site: Site) -> Value {
        if let (Value::Tensor(_), _) | (_, Value::Tensor(_)) = (&left, &right) {
            return self.tensor_arithmetic(operator, &left, &right, site);
        }
        if matches!(operator, Binary::Multiply | Binary::Divide)
            && let Some(noise) = self.scaled_noise(operator, &left, &right, site)
        {
            return noise;
        }
        let result = numbers(operator, &left, &right).or_else(|| self.collections(operator, &left, &right));
        if let Some(result) = result {
            return result;
        }
        match (left, right) {
            (unknown @ Value::Unknown(_), _) | (_, unknown @ Value::Unknown(_)) => unknown,
            _ => self.unknown(site, "this arithmetic is not followed"),
        }
    }

    /// Strings, lists and tuples are joined with `+` and repeated with `*`.
    fn collections(&mut self, operator: Binary, left: &Value, right: &Value) -> Option<Value> {
        match (operator, left, right) {
            (Binary::Add, Value::Text(a), Value::Text(b)) if a.len() + b.len() <= MAX_TEXT => Some(Value::text(&format!("{a}{b}"))),
            (Binary::Add, _, _) => {
                let (mut items, more) = (left.items()?, right.items()?);
                if !self.fuel.spend(items.len() + more.len()) || items.len() + more.len() > MAX_ITEMS {
                    return None;
                }
                items.extend(more);
                Some(like(left, items))
            }
            (Binary::Multiply, _, Value::Int(times)) | (Binary::Multiply, Value::Int(times), _) => {
                let list = if matches!(left, Value::Int(_)) { right } else { left };
                let (items, times) = (list.items()?, usize::try_from(*times).unwrap_or(0));
                let total = items.len().checked_mul(times).filter(|&total| total <= MAX_ITEMS)?;
                self.fuel.spend(total);
                Some(like(list, items.iter().cycle().take(total).cloned().collect()))
            }
            _ => None,
        }
    }

    /// Does it hold? None where that cannot be told.
    pub(super) fn compare(&mut self, comparison: Comparison, left: &Value, right: &Value) -> Option<bool> {
        match comparison {
            Comparison::Equal => equal(left, right, &mut { MAX_COMPARED }),
            Comparison::Different => equal(left, right, &mut { MAX_COMPARED }).map(|same| !same),
            Comparison::In => self.contains(right, left),
            Comparison::NotIn => self.contains(right, left).map(|is_in| !is_in),
            _ => {
                let order = match (left, right) {
                    (Value::Text(a), Value::Text(b)) => a.partial_cmp(b)?,
                    _ => left.as_float()?.partial_cmp(&right.as_float()?)?,
                };
                Some(match comparison {
                    Comparison::Less => order.is_lt(),
                    Comparison::AtMost => order.is_le(),
                    Comparison::More => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
        }
    }

    fn contains(&mut self, holder: &Value, item: &Value) -> Option<bool> {
        if let (Value::Text(holder), Value::Text(item)) = (holder, item) {
            return Some(holder.contains(item.as_ref()));
        }
        let items = self.iterate(holder)?;
        let mut left = MAX_COMPARED;
        let same: Vec<Option<bool>> = items.iter().map(|inside| equal(inside, item, &mut left)).collect();
        if same.contains(&Some(true)) {
            return Some(true);
        }
        same.iter().all(Option::is_some).then_some(false)
    }
}

fn like(model: &Value, items: Vec<Value>) -> Value {
    if matches!(model, Value::Tuple(_)) { Value::tuple(items) } else { Value::list(items) }
}

fn numbers(operator: Binary, left: &Value, right: &Value) -> Option<Value> {
    let is_number = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_) | Value::Bool(_));
    if !is_number(left) || !is_number(right) {
        return None;
    }
    let whole = |value: &Value| if let Value::Float(_) = value { None } else { value.as_int() };
    if let (Some(a), Some(b)) = (whole(left), whole(right))
        && operator != Binary::Divide
    {
        return Some(Value::Int(match operator {
            Binary::Add => a.checked_add(b)?,
            Binary::Subtract => a.checked_sub(b)?,
            Binary::Multiply => a.checked_mul(b)?,
            Binary::Floor => a.checked_div_euclid(b)?,
            Binary::Remainder => a.checked_rem_euclid(b)?,
            Binary::Power if b < 0 => return Some(Value::Float((a as f64).powf(b as f64))),
            Binary::Power => a.checked_pow(u32::try_from(b).ok()?)?,
            Binary::Left => a.checked_mul(1_i64.checked_shl(u32::try_from(b).ok()?)?)?,
            Binary::Right => a.checked_shr(u32::try_from(b).ok()?)?,
            _ => return None,
        }));
    }
    let (a, b) = (left.as_float()?, right.as_float()?);
    let value = match operator {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        Binary::Floor => (a / b).floor(),
        Binary::Remainder => a.rem_euclid(b),
        Binary::Power => a.powf(b),
        _ => return None,
    };
    value.is_finite().then_some(Value::Float(value))
}

/// Are two values the same? None where that cannot be told, or where more than `left_over` pairs would be compared.
pub fn equal(left: &Value, right: &Value, left_over: &mut usize) -> Option<bool> {
    *left_over = left_over.checked_sub(1)?;
    if let (Some(a), Some(b)) = (left.as_float(), right.as_float()) {
        return Some((a - b).abs() == 0.0);
    }
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => Some(a == b),
        (Value::Library(a), Value::Library(b)) => Some(last_part(a) == last_part(b)),
        (Value::None, Value::None) => Some(true),
        (Value::None, Value::Unknown(_)) | (Value::Unknown(_), _) | (_, Value::Unknown(_) | Value::SizeOf(..)) | (Value::SizeOf(..), _) => {
            None
        }
        (Value::Object(a), Value::Object(b)) => Some(a.id == b.id),
        (Value::Network(a), Value::Network(b)) => Some(a.id == b.id),
        (Value::Tensor(a), Value::Tensor(b)) => (a == b).then_some(true),
        (Value::Class(a), Value::Class(b)) => Some(std::rc::Rc::ptr_eq(a, b)),
        (Value::Made(a), Value::Made(b)) => std::rc::Rc::ptr_eq(a, b).then_some(true),
        (Value::Tuple(_), Value::Tuple(_)) | (Value::List(_), Value::List(_)) => {
            let (a, b) = (left.items()?, right.items()?);
            if a.len() != b.len() {
                return Some(false);
            }
            a.iter().zip(&b).try_fold(true, |same, (a, b)| Some(equal(a, b, left_over)? && same))
        }
        (Value::Member(_) | Value::ShapeOf(_), _) | (_, Value::Member(_) | Value::ShapeOf(_)) => None,
        // Values of different kinds.
        _ => Some(false),
    }
}
