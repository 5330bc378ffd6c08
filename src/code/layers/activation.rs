//! Activations by name, with the slopes that each library has where none is given.

use super::Family;
use super::arguments::Call;
use crate::code::eval::{Value, last_part};
use crate::spec::Layer;

/// An activation given as an argument: a word, a function, or a layer. None where it does nothing or is a function of the script.
pub fn of_argument(value: &Value) -> Result<Option<Layer>, String> {
    match value {
        Value::None | Value::Function(_) | Value::Method(_) => Ok(None),
        Value::Text(name) => named(&name.to_lowercase(), Family::Keras),
        Value::Library(name) => {
            let short = last_part(name);
            let family = super::family(name).unwrap_or(Family::Keras);
            // A class that stands for a layer of it: `layers.LeakyReLU`.
            if short == "LeakyReLU" { Ok(Some(Layer::LeakyRelu { slope: 0.3 })) } else { named(&short.to_lowercase(), family) }
        }
        Value::Made(made) => {
            let reading = super::read(made)?;
            match reading.pieces.into_iter().next() {
                Some(super::Piece::Layer(layer)) => Ok(Some(layer)),
                _ => Ok(None),
            }
        }
        _ => Err(super::arguments::not_known(value, "activation")),
    }
}

/// The activation of this name; none for one that does nothing.
fn named(name: &str, family: Family) -> Result<Option<Layer>, String> {
    let slope = if family == Family::Torch { 0.01 } else { 0.2 };
    Ok(Some(match name.trim_end_matches('_') {
        "linear" | "identity" | "none" => return Ok(None),
        "relu" => Layer::Relu,
        "leaky_relu" | "lrelu" => Layer::LeakyRelu { slope },
        "leakyrelu" => Layer::LeakyRelu { slope: 0.3 },
        "elu" => Layer::Elu { alpha: 1.0 },
        "gelu" => Layer::Gelu,
        "silu" | "swish" => Layer::Silu,
        "tanh" => Layer::Tanh,
        "sigmoid" => Layer::Sigmoid,
        "softplus" => Layer::Softplus,
        "softmax" => Layer::Softmax,
        "mish" => Layer::Mish,
        other => return Err(format!("Ganvas has no activation {other}")),
    }))
}

/// The activation that the call's own name says, with the settings of its arguments.
pub fn of_name(call: &mut Call<'_>) -> Result<(), String> {
    let short = call.made.short().to_lowercase();
    let family = super::family(&call.made.name).unwrap_or(Family::Tensor);
    let is_layer = call.made.short().starts_with(char::is_uppercase);
    let layer = match short.trim_end_matches('_') {
        "leaky_relu" | "leakyrelu" => {
            let usual = match (family, is_layer) {
                (Family::Keras, true) => 0.3,
                (Family::Keras, false) => 0.2,
                _ => 0.01,
            };
            Some(Layer::LeakyRelu { slope: call.number_or(0, &["negative_slope", "alpha"], usual)? })
        }
        "elu" => Some(Layer::Elu { alpha: call.number_or(0, &["alpha"], 1.0)? }),
        "relu" if family == Family::Keras => {
            let slope = call.number_or(usize::MAX, &["negative_slope", "alpha"], 0.0)?;
            if !matches!(call.value(usize::MAX, &["max_value"]), None | Some(Value::None))
                || (is_layer && !call.made.arguments.places.is_empty())
            {
                return Err("Ganvas's ReLU has no largest value".to_owned());
            }
            Some(if slope > 0.0 { Layer::LeakyRelu { slope } } else { Layer::Relu })
        }
        "gelu" => {
            let approximate = call
                .value(usize::MAX, &["approximate"])
                .is_some_and(|value| value.truth() == Some(true) && value.as_text() != Some("none"));
            if approximate {
                call.remark("GELU", "the exact function is used, not the approximate one");
            }
            Some(Layer::Gelu)
        }
        "softplus" => {
            if call.number_or(0, &["beta"], 1.0)? != 1.0 {
                return Err("Ganvas's Softplus has no beta".to_owned());
            }
            call.skip(&["threshold"]);
            Some(Layer::Softplus)
        }
        "softmax" => {
            call.skip(&["dim"]);
            Some(Layer::Softmax)
        }
        other => named(other, family)?,
    };
    if let Some(layer) = layer {
        call.push(layer);
    }
    Ok(())
}
