//! What is done to whatever goes through a network: `x.view(x.size(0), 128, 7, 7)`.

use super::activation;
use super::arguments::{Call, Dim, Piece, Reader, dims, shape_of};
use crate::code::eval::Value;
use crate::spec::Layer;

/// Names and what they mean.
pub const TABLE: &[(&str, Reader)] = &[
    ("view", view),
    ("reshape", view),
    ("flatten", flatten),
    ("unflatten", unflatten),
    ("squeeze", squeeze),
    ("squeeze_", squeeze),
    ("unsqueeze", squeeze),
    ("unsqueeze_", squeeze),
    ("mean", mean),
    ("sum", sum),
    ("relu", activation::of_name),
    ("relu_", activation::of_name),
    ("tanh", activation::of_name),
    ("tanh_", activation::of_name),
    ("sigmoid", activation::of_name),
    ("sigmoid_", activation::of_name),
    ("softplus", activation::of_name),
    ("softmax", activation::of_name),
    ("PixelNorm", pixel_norm),
    ("MinibatchStdDev", minibatch_deviation),
    ("SelfAttention", self_attention),
];

/// Layers that no library has and every script writes anew: recognised by the name of their class.
pub fn known_class(class: &str) -> Option<&'static str> {
    let plain: String = class.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    Some(match plain.trim_end_matches("layer").trim_end_matches("2d") {
        "pixelnorm" | "pixelwisenorm" | "pixelnormalization" | "pixelwisenormalization" => "tensor.PixelNorm",
        "minibatchstddev" | "minibatchstd" | "minibatchstdev" | "minibatchstatconcat" | "minibatchstddeviation" | "minibatchstatistics" => {
            "tensor.MinibatchStdDev"
        }
        "selfattn" | "selfattention" | "selfattentionblock" => "tensor.SelfAttention",
        _ => return None,
    })
}

#[expect(clippy::unnecessary_wraps, reason = "all readers are of one kind")]
fn pixel_norm(call: &mut Call<'_>) -> Result<(), String> {
    call.remark("pixel normalisation", "recognised by its name; how the script computes it is not followed");
    call.push(Layer::PixelNorm { epsilon: 1e-8 });
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "all readers are of one kind")]
fn minibatch_deviation(call: &mut Call<'_>) -> Result<(), String> {
    call.remark("minibatch deviation", "recognised by its name; how the script computes it is not followed");
    call.push(Layer::MinibatchStdDev { group: 4 });
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "all readers are of one kind")]
fn self_attention(call: &mut Call<'_>) -> Result<(), String> {
    call.remark("self-attention", "recognised by its name and read as SAGAN's; how the script computes it is not followed");
    call.push(Layer::self_attention());
    Ok(())
}

fn view(call: &mut Call<'_>) -> Result<(), String> {
    let values = match call.made.arguments.places.as_slice() {
        [one] => shape_of(one).ok_or_else(|| super::arguments::not_known(one, "shape"))?,
        several => several.to_vec(),
    };
    view_of(call, &values)
}

/// Another shape for the same values, the batch first.
pub fn view_of(call: &mut Call<'_>, values: &[Value]) -> Result<(), String> {
    let sizes = dims(values.get(1..).unwrap_or_default());
    if sizes.contains(&Dim::Unknown) {
        let unknown = values.iter().skip(1).find(|value| matches!(value, Value::Unknown(_)));
        return Err(unknown.map_or_else(|| "its shape cannot be told".to_owned(), |value| super::arguments::not_known(value, "shape")));
    }
    call.reading.pieces.push(Piece::View { dims: sizes, channels_last: false, is_layer: false });
    Ok(())
}

fn flatten(call: &mut Call<'_>) -> Result<(), String> {
    if call.count_or(0, &["start_dim"], 0)? > 1 {
        return Err("only a part of the axes is flattened".to_owned());
    }
    call.push(Layer::Flatten);
    Ok(())
}

fn unflatten(call: &mut Call<'_>) -> Result<(), String> {
    let value = call.value(1, &["sizes"]).ok_or("its sizes are missing")?;
    let values = shape_of(value).ok_or_else(|| super::arguments::not_known(value, "sizes"))?;
    call.reading.pieces.push(Piece::View { dims: dims(&values), channels_last: false, is_layer: false });
    Ok(())
}

/// Axes of one value come and go without effect, since every vector has two of them here.
#[expect(clippy::unnecessary_wraps, reason = "all readers are of one kind")]
pub fn squeeze(call: &mut Call<'_>) -> Result<(), String> {
    call.skip(&["dim", "axis"]);
    Ok(())
}

/// The sum over rows and columns is their mean but for a factor, which the weights behind it learn.
pub fn sum(call: &mut Call<'_>) -> Result<(), String> {
    let axes = call.value(0, &["dim", "axis"]).and_then(shape_of).unwrap_or_default();
    let axes: Vec<i64> = axes.iter().filter_map(Value::as_int).collect();
    if !matches!(axes.as_slice(), [2, 3] | [3, 2] | [-1, -2] | [-2, -1] | [1, 2]) {
        return Err("Ganvas has no sum over these axes".to_owned());
    }
    call.skip(&["keepdim", "keepdims"]);
    call.remark("sum", "the sum over rows and columns is read as their mean; they differ by a factor");
    call.push(Layer::GlobalAvgPool);
    Ok(())
}

/// The mean over rows and columns; over the batch it belongs to the loss.
pub fn mean(call: &mut Call<'_>) -> Result<(), String> {
    let axes = call.value(0, &["dim", "axis"]).and_then(shape_of).unwrap_or_default();
    let axes: Vec<i64> = axes.iter().filter_map(Value::as_int).collect();
    call.skip(&["keepdim", "keepdims"]);
    match axes.as_slice() {
        [2, 3] | [3, 2] | [-1, -2] | [-2, -1] | [1, 2] => {
            call.push(Layer::GlobalAvgPool);
            Ok(())
        }
        [] | [0] => {
            call.remark("mean", "the mean over a batch belongs to the loss and not to the network");
            Ok(())
        }
        _ => Err("Ganvas has no mean over these axes".to_owned()),
    }
}
