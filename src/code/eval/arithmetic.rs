//! Functions of numbers, whichever library they are called from.

use super::value::{Arguments, Value};

/// The result of a function of numbers, or of lists of them; none where it is no such function.
pub fn arithmetic(name: &str, arguments: &Arguments) -> Option<Value> {
    let first = arguments.places.first()?;
    let number = first.as_float();
    Some(match name {
        "prod" => {
            let mut product = 1_i64;
            for item in first.items()? {
                product = product.checked_mul(item.as_int()?)?;
            }
            Value::Int(product)
        }
        "sum" => {
            let items: Option<Vec<i64>> = first.items()?.iter().map(Value::as_int).collect();
            Value::Int(items?.into_iter().try_fold(0_i64, i64::checked_add)?)
        }
        "min" | "max" => {
            let items = if arguments.places.len() > 1 { arguments.places.clone() } else { first.items()? };
            let numbers: Option<Vec<f64>> = items.iter().map(Value::as_float).collect();
            let numbers = numbers?;
            let is_better = |a: f64, b: f64| if name == "min" { a < b } else { a > b };
            let best = (1..numbers.len()).fold(0, |best, at| if is_better(numbers[at], numbers[best]) { at } else { best });
            items.get(best)?.clone()
        }
        "abs" => match first {
            Value::Int(value) => Value::Int(value.saturating_abs()),
            _ => Value::Float(number?.abs()),
        },
        "array" | "asarray" | "as_list" => Value::list(first.items()?),
        "log2" => finite(number?.log2())?,
        "log" => finite(number?.ln())?,
        "log10" => finite(number?.log10())?,
        "sqrt" => finite(number?.sqrt())?,
        "exp" if number.is_some() => finite(number?.exp())?,
        "ceil" => Value::Int(bounded(number?.ceil())?),
        "floor" => Value::Int(bounded(number?.floor())?),
        "round" => Value::Int(bounded(number?.round_ties_even())?),
        "pow" | "power" => finite(number?.powf(arguments.places.get(1)?.as_float()?))?,
        "int32" | "int64" => Value::Int(bounded(number?.trunc())?),
        "float32" | "float64" => Value::Float(number?),
        _ => return None,
    })
}

fn finite(value: f64) -> Option<Value> {
    value.is_finite().then_some(Value::Float(value))
}

fn bounded(value: f64) -> Option<i64> {
    (value.abs() < 9e15).then_some(value as i64)
}
