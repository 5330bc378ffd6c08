//! From the layers of Keras and PyTorch to those of the catalogue.
//!
//! [`keras`] and [`torch`] hold one line for each name, and a function for what its arguments mean. What has no line becomes a gap.

mod activation;
mod arguments;
mod keras;
mod own;
mod start;
mod tensor;
mod torch;

pub use arguments::{Dim, Piece, Reading, Span};
pub use own::known_class;

use crate::code::eval::{Made, last_part};
use arguments::{Call, Reader};

/// The libraries whose layers are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Keras, also as a part of TensorFlow.
    Keras,
    /// PyTorch.
    Torch,
    /// What belongs to whatever goes through a network.
    Tensor,
}

/// The library that a full name belongs to.
pub fn family(name: &str) -> Option<Family> {
    let root = name.split('.').next().unwrap_or(name);
    match root {
        "tensor" => Some(Family::Tensor),
        "torch" | "pytorch_lightning" | "lightning" | "torchvision" => Some(Family::Torch),
        "tensorflow" | "tf" | "tf_keras" | "tensorflow_addons" => Some(Family::Keras),
        _ if root.contains("keras") => Some(Family::Keras),
        _ => None,
    }
}

/// Does the name belong to Keras?
pub fn is_keras(name: &str) -> bool {
    family(name) == Some(Family::Keras)
}

fn reader(name: &str) -> Option<Reader> {
    let table: &[(&str, Reader)] = match family(name)? {
        Family::Keras => keras::TABLE,
        Family::Torch => torch::TABLE,
        Family::Tensor => tensor::TABLE,
    };
    let short = last_part(name);
    table.iter().find(|(known, _)| *known == short).map(|(_, reader)| *reader)
}

/// Is it a layer, as far as its name tells?
pub fn is_layer(name: &str) -> bool {
    let short = last_part(name);
    let is_class = short.starts_with(char::is_uppercase) && !short.ends_with("Loss") && !matches!(short, "Parameter" | "Module");
    let of_layers = name.starts_with("torch.nn.") || (is_keras(name) && name.contains("layers."));
    is_class && (of_layers || (family(name).is_some() && reader(name).is_some()))
}

/// Does it only say the shape of what comes in?
pub fn is_input(short: &str) -> bool {
    matches!(short, "InputLayer" | "Input")
}

/// Does it turn a label into numbers?
pub fn is_label(short: &str) -> bool {
    matches!(short, "Embedding" | "CategoryEncoding" | "one_hot" | "embedding")
}

/// Is it the name of a label or a condition?
pub fn names_label(name: &str) -> bool {
    let name = name.to_lowercase();
    let parts = ["label", "cond", "onehot", "one_hot", "class", "attr"];
    matches!(name.as_str(), "y" | "c" | "code" | "lbl" | "target" | "targets") || parts.iter().any(|part| name.contains(part))
}

/// Does a layer of PyTorch hold weights?
pub fn has_weights(short: &str) -> bool {
    short.contains("Conv") || short.contains("Norm") || short.ends_with("Linear") || short == "Embedding" || short == "PReLU"
}

/// The full name of a layer that a script names without saying where it comes from.
pub fn full_name(name: &str, stars: &[String], text: &str) -> Option<String> {
    let is_in = |table: &[(&str, Reader)]| table.iter().any(|(known, _)| *known == name);
    let is_keras_name = is_in(keras::TABLE) || matches!(name, "Sequential" | "Model" | "Embedding" | "Concatenate" | "Add" | "Lambda");
    let is_torch_name = is_in(torch::TABLE);
    if let Some(module) = stars.iter().find(|module| family(module).is_some())
        && (is_keras_name || is_torch_name)
    {
        return Some(format!("{module}.{name}"));
    }
    // Functions have names that everybody uses.
    if !name.starts_with(char::is_uppercase) {
        return None;
    }
    match (is_keras_name, is_torch_name) {
        (true, true) if text.contains("torch") || text.contains("nn.") => Some(format!("torch.nn.{name}")),
        (true, _) => Some(format!("keras.layers.{name}")),
        (false, true) => Some(format!("torch.nn.{name}")),
        (false, false) => None,
    }
}

/// What a call means: layers and reshapings in order.
///
/// # Errors
/// Why it has none, in words.
pub fn read(made: &Made) -> Result<Reading, String> {
    let short = made.short();
    let mut call = Call::new(made);
    let Some(reader) = reader(&made.name) else {
        return Err(match family(&made.name) {
            _ if is_label(short) => "Ganvas has no layer for labels".to_owned(),
            Some(Family::Tensor) => format!("Ganvas has no layer for {short} of what comes in"),
            Some(_) => format!("Ganvas has no layer {short}"),
            None => format!("{short} is no layer of Keras or PyTorch, and it is not defined here"),
        });
    };
    reader(&mut call)?;
    Ok(call.finish())
}
