//! What is done to whatever goes through a network: `x.view(x.size(0), 128, 7, 7)`.

use super::activation;
use super::arguments::{Call, Dim, Piece, Reader, Span, dims, shape_of};
use super::own;
use crate::code::eval::Value;
use crate::spec::{Init, Layer};

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
    ("permute", permute),
    ("slice", slice),
    ("scaled", fixed_numbers),
    ("shifted", fixed_numbers),
    ("learned", learned_numbers),
    ("weighted", weighted),
    ("PixelNorm", own::pixel_norm),
    ("MinibatchStdDev", own::minibatch_deviation),
    ("SelfAttention", own::self_attention),
    ("GaussianNoise", own::gaussian_noise),
    ("PixelShuffle", own::pixel_shuffle),
    ("SeparableConv2d", own::separable),
    ("AvgPoolSame", own::avg_pool_same),
    ("LowestBorder", own::lowest_border),
];

/// `z @ W`, with weights that the script holds itself: `[inputs, outputs]`.
fn weighted(call: &mut Call<'_>) -> Result<(), String> {
    let weights = call.made.arguments.places.first().and_then(weights_shape);
    match weights.as_deref() {
        Some(&[inputs, units]) => {
            call.reading.wants = Some(inputs);
            call.push(Layer::Dense { units, bias: false, init: Init::PyTorch, spectral_norm: false });
            Ok(())
        }
        _ => Err("what comes in is multiplied by numbers whose sizes cannot be told".to_owned()),
    }
}

/// The sizes of weights that a script holds itself: of what they are made.
pub fn weights_shape(value: &Value) -> Option<Vec<usize>> {
    weights_within(value, 0)
}

fn weights_within(value: &Value, depth: usize) -> Option<Vec<usize>> {
    let Value::Made(made) = value else { return None };
    let given = made.arguments.named(&["shape", "size"]).and_then(Value::items);
    let places = &made.arguments.places;
    let sizes = given.or_else(|| match places.first() {
        Some(Value::Int(_)) => Some(places.iter().take_while(|place| matches!(place, Value::Int(_))).cloned().collect()),
        Some(first) => first.items(),
        None => None,
    });
    if let Some(sizes) = sizes {
        return sizes.iter().map(|size| size.as_int().and_then(|size| usize::try_from(size).ok())).collect();
    }
    if depth > 8 {
        return None;
    }
    made.arguments.values().find_map(|inner| weights_within(inner, depth + 1))
}

/// `permute(0, 3, 1, 2)`, the batch first.
pub fn permute(call: &mut Call<'_>) -> Result<(), String> {
    let places = &call.made.arguments.places;
    let value = call.made.arguments.named(&["dims", "perm", "axes"]).or(if places.len() == 1 { places.first() } else { None });
    let axes = value.and_then(shape_of).unwrap_or_else(|| places.clone());
    call.skip(&["dims", "perm", "axes"]);
    let axes: Option<Vec<usize>> = axes.iter().map(|axis| axis.as_int().and_then(|axis| usize::try_from(axis).ok())).collect();
    match axes.as_deref() {
        Some([0, rest @ ..]) if rest.len() == 3 => {
            call.reading.pieces.push(Piece::Permute(rest.to_vec()));
            Ok(())
        }
        _ => Err("Ganvas has no layer that exchanges axes".to_owned()),
    }
}

/// `x[:, :, 2:-2, 2:-2]`: which of the four axes are rows and columns is told by which are left whole.
fn slice(call: &mut Call<'_>) -> Result<(), String> {
    let parts = &call.made.arguments.places;
    let is_whole = |part: &Value| {
        matches!(part, Value::None) || matches!(part, Value::Slice(ends) if ends.iter().all(|end| matches!(end, Value::None)))
    };
    if parts.iter().all(is_whole) {
        return Ok(());
    }
    let span = |part: &Value| match part {
        Value::Slice(ends) if matches!(ends[2], Value::None) => {
            let from = if let Value::None = ends[0] { Some(0) } else { ends[0].as_int() };
            let to = if let Value::None = ends[1] { Some(None) } else { ends[1].as_int().map(Some) };
            from.zip(to).map(|(from, to)| Span { from, to })
        }
        _ => None,
    };
    let pair = match parts.as_slice() {
        [batch, channels, rows, columns] if is_whole(batch) && is_whole(channels) => span(rows).zip(span(columns)),
        [batch, rows, columns, channels] if is_whole(batch) && is_whole(channels) => span(rows).zip(span(columns)),
        [batch, rows, columns] if is_whole(batch) => span(rows).zip(span(columns)),
        _ => None,
    };
    let (rows, columns) = pair.ok_or("a part of what comes in is taken, for which there is no layer")?;
    call.reading.pieces.push(Piece::Slice([rows, columns]));
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "all readers are of one kind")]
fn fixed_numbers(call: &mut Call<'_>) -> Result<(), String> {
    let why = "arithmetic with fixed numbers is left out: samples are from -1 to 1 here, and weights make up for the rest";
    call.remark(&call.made.source.clone(), why);
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "all readers are of one kind")]
fn learned_numbers(call: &mut Call<'_>) -> Result<(), String> {
    call.remark(&call.made.source.clone(), "numbers that are learned beside the layers are left out");
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
