//! PyTorch's layers, and its functions that do the same. One line for each name.

use super::activation;
use super::arguments::{Call, Piece, Reader, dims, shape_of};
use super::tensor;
use crate::code::eval::Value;
use crate::spec::{Init, Layer, Padding, Size, UpsampleMode};

/// Names and what they mean.
pub const TABLE: &[(&str, Reader)] = &[
    ("Linear", linear),
    ("linear", linear_function),
    ("conv2d", conv_function),
    ("conv_transpose2d", conv_transpose_function),
    ("LazyLinear", lazy_linear),
    ("Conv2d", conv),
    ("LazyConv2d", lazy_conv),
    ("ConvTranspose2d", conv_transpose),
    ("PixelShuffle", pixel_shuffle),
    ("pixel_shuffle", pixel_shuffle),
    ("ZeroPad2d", zero_padding),
    ("ConstantPad2d", constant_padding),
    ("ReflectionPad2d", other_padding),
    ("ReplicationPad2d", other_padding),
    ("pad", pad_function),
    ("permute", tensor::permute),
    ("Upsample", upsample),
    ("UpsamplingNearest2d", upsample),
    ("UpsamplingBilinear2d", upsample),
    ("interpolate", upsample),
    ("upsample", upsample),
    ("MaxPool2d", max_pool),
    ("max_pool2d", max_pool),
    ("AvgPool2d", avg_pool),
    ("avg_pool2d", avg_pool),
    ("AdaptiveAvgPool2d", adaptive_avg_pool),
    ("adaptive_avg_pool2d", adaptive_avg_pool),
    ("AdaptiveMaxPool2d", adaptive_max_pool),
    ("Flatten", flatten),
    ("flatten", flatten),
    ("Unflatten", unflatten),
    ("unflatten", unflatten),
    ("reshape", reshape),
    ("BatchNorm2d", batch_norm),
    ("BatchNorm1d", batch_norm),
    ("SyncBatchNorm", batch_norm),
    ("LazyBatchNorm2d", lazy_batch_norm),
    ("LayerNorm", layer_norm),
    ("InstanceNorm2d", instance_norm),
    ("GroupNorm", group_norm),
    ("Dropout2d", spatial_dropout),
    ("dropout2d", spatial_dropout),
    ("Dropout", dropout),
    ("dropout", dropout),
    ("Identity", nothing),
    ("squeeze", tensor::squeeze),
    ("unsqueeze", tensor::squeeze),
    ("mean", tensor::mean),
    ("sum", tensor::sum),
    ("ReLU", activation::of_name),
    ("LeakyReLU", activation::of_name),
    ("ELU", activation::of_name),
    ("PReLU", prelu),
    ("Softmax", activation::of_name),
    ("softmax", activation::of_name),
    ("Mish", activation::of_name),
    ("mish", activation::of_name),
    ("GELU", activation::of_name),
    ("SiLU", activation::of_name),
    ("Tanh", activation::of_name),
    ("Sigmoid", activation::of_name),
    ("Softplus", activation::of_name),
    ("relu", activation::of_name),
    ("relu_", activation::of_name),
    ("leaky_relu", activation::of_name),
    ("leaky_relu_", activation::of_name),
    ("elu", activation::of_name),
    ("gelu", activation::of_name),
    ("silu", activation::of_name),
    ("tanh", activation::of_name),
    ("tanh_", activation::of_name),
    ("sigmoid", activation::of_name),
    ("sigmoid_", activation::of_name),
    ("softplus", activation::of_name),
    ("Swish", activation::of_name),
    ("checkpoint", nothing),
    ("Unsqueeze", tensor::squeeze),
    ("clone", nothing),
];

#[expect(clippy::unnecessary_wraps, reason = "all readers are of one kind")]
fn nothing(_: &mut Call<'_>) -> Result<(), String> {
    Ok(())
}

fn linear(call: &mut Call<'_>) -> Result<(), String> {
    call.reading.wants = call.count(0, &["in_features"]).ok();
    dense(call, 1)
}

/// `F.linear(x, weight, bias)`, with weights `[outputs, inputs]` that the script holds itself.
fn linear_function(call: &mut Call<'_>) -> Result<(), String> {
    let weights = own_weights(call)?;
    let [units, inputs] = *weights.as_slice() else { return Err("its weights have no two sizes".to_owned()) };
    call.reading.wants = Some(inputs);
    let bias = has_bias(call);
    call.push(Layer::Dense { units, bias, init: Init::PyTorch, spectral_norm: false });
    Ok(())
}

/// Weights are `[filters, channels, rows, columns]`.
fn conv_function(call: &mut Call<'_>) -> Result<(), String> {
    let weights = own_weights(call)?;
    let [filters, inside, height, width] = *weights.as_slice() else { return Err("its weights have no four sizes".to_owned()) };
    let bias = has_bias(call);
    let one = Size::square(1);
    let stride = call.size_or(2, &["stride"], one)?;
    let padding = call.torch_padding(3)?;
    let dilation = call.size_or(4, &["dilation"], one)?;
    let groups = call.count_or(5, &["groups"], 1)?;
    call.reading.wants = inside.checked_mul(groups);
    let (kernel, init) = (Size { height, width }, Init::PyTorch);
    call.push(Layer::Conv2d { filters, kernel, stride, padding, dilation, groups, bias, init, spectral_norm: false });
    Ok(())
}

/// Weights are `[channels, filters, rows, columns]`.
fn conv_transpose_function(call: &mut Call<'_>) -> Result<(), String> {
    let weights = own_weights(call)?;
    let [channels, filters, height, width] = *weights.as_slice() else { return Err("its weights have no four sizes".to_owned()) };
    let bias = has_bias(call);
    let stride = call.size_or(2, &["stride"], Size::square(1))?;
    let padding = call.torch_padding(3)?;
    let output_padding = call.size_or(4, &["output_padding"], Size::square(0))?;
    call.reading.wants = Some(channels);
    let (kernel, init) = (Size { height, width }, Init::PyTorch);
    call.push(Layer::ConvTranspose2d { filters, kernel, stride, padding, output_padding, bias, init, spectral_norm: false });
    Ok(())
}

fn own_weights(call: &mut Call<'_>) -> Result<Vec<usize>, String> {
    let weights = call.value(0, &["weight"]).ok_or("its weights are missing")?;
    tensor::weights_shape(weights).ok_or_else(|| "the sizes of its weights cannot be told".to_owned())
}

fn has_bias(call: &mut Call<'_>) -> bool {
    !matches!(call.value(1, &["bias"]), None | Some(Value::None))
}

fn lazy_linear(call: &mut Call<'_>) -> Result<(), String> {
    dense(call, 0)
}

fn dense(call: &mut Call<'_>, first: usize) -> Result<(), String> {
    let units = call.count(first, &["out_features"])?;
    let bias = call.flag_or(first + 1, &["bias"], true)?;
    let init = call.start(None, Init::PyTorch);
    call.push(Layer::Dense { units, bias, init, spectral_norm: call.is_spectral() });
    Ok(())
}

fn conv(call: &mut Call<'_>) -> Result<(), String> {
    call.reading.wants = call.count(0, &["in_channels"]).ok();
    convolution(call, 1)
}

fn lazy_conv(call: &mut Call<'_>) -> Result<(), String> {
    convolution(call, 0)
}

fn convolution(call: &mut Call<'_>, first: usize) -> Result<(), String> {
    let one = Size::square(1);
    let filters = call.count(first, &["out_channels"])?;
    call.value(first + 1, &["kernel_size"]).ok_or("its kernel_size is missing")?;
    let kernel = call.size_or(first + 1, &["kernel_size"], one)?;
    let stride = call.size_or(first + 2, &["stride"], one)?;
    let padding = call.torch_padding(first + 3)?;
    let dilation = call.size_or(first + 4, &["dilation"], one)?;
    let groups = call.count_or(first + 5, &["groups"], 1)?;
    let bias = call.flag_or(first + 6, &["bias"], true)?;
    let init = call.start(None, Init::PyTorch);
    call.push(Layer::Conv2d { filters, kernel, stride, padding, dilation, groups, bias, init, spectral_norm: call.is_spectral() });
    Ok(())
}

fn conv_transpose(call: &mut Call<'_>) -> Result<(), String> {
    let one = Size::square(1);
    call.reading.wants = call.count(0, &["in_channels"]).ok();
    let filters = call.count(1, &["out_channels"])?;
    call.value(2, &["kernel_size"]).ok_or("its kernel_size is missing")?;
    let kernel = call.size_or(2, &["kernel_size"], one)?;
    let stride = call.size_or(3, &["stride"], one)?;
    let padding = call.torch_padding(4)?;
    let output_padding = call.size_or(5, &["output_padding"], Size::square(0))?;
    if call.count_or(6, &["groups"], 1)? != 1 {
        return Err("Ganvas's ConvTranspose2d has no groups".to_owned());
    }
    let bias = call.flag_or(7, &["bias"], true)?;
    if call.size_or(8, &["dilation"], one)? != one {
        return Err("Ganvas's ConvTranspose2d has no dilation".to_owned());
    }
    let init = call.start(None, Init::PyTorch);
    call.push(Layer::ConvTranspose2d { filters, kernel, stride, padding, output_padding, bias, init, spectral_norm: call.is_spectral() });
    Ok(())
}

fn upsample(call: &mut Call<'_>) -> Result<(), String> {
    let usual = if call.made.short().contains("Bilinear") { "bilinear" } else { "nearest" };
    let mode = match call.word_or(2, &["mode"], usual)?.as_str() {
        "nearest" | "nearest-exact" => UpsampleMode::Nearest,
        "bilinear" => UpsampleMode::Bilinear,
        other => return Err(format!("Ganvas enlarges by nearest and bilinear, not by {other}")),
    };
    let aligned = call.value(3, &["align_corners"]).and_then(Value::truth) == Some(true) || call.made.short().contains("Bilinear");
    if aligned && mode == UpsampleMode::Bilinear {
        call.remark("align_corners", "pixels lie between corners here, not on them");
    }
    match call.value(1, &["scale_factor"]) {
        None | Some(Value::None) => {
            call.value(0, &["size"]).ok_or("its scale_factor is missing")?;
            let size = call.size_or(0, &["size"], Size::square(1))?;
            call.reading.pieces.push(Piece::Resize(size, mode));
        }
        // Half the size by blending is the mean of two by two.
        Some(factor) if mode == UpsampleMode::Bilinear && factor.as_float() == Some(0.5) => {
            call.push(Layer::AvgPool { size: Size::square(2), stride: Size::square(2), padding: Padding::Valid });
        }
        Some(_) => {
            call.skip(&["size"]);
            let factor =
                call.size_or(1, &["scale_factor"], Size::square(2)).map_err(|_| "its scale_factor is no whole number".to_owned())?;
            call.push(Layer::Upsample { factor, mode });
        }
    }
    Ok(())
}

fn window(call: &mut Call<'_>) -> Result<(Size, Size, Padding), String> {
    call.value(0, &["kernel_size"]).ok_or("its kernel_size is missing")?;
    let size = call.size_or(0, &["kernel_size"], Size::square(2))?;
    let stride = call.size_or(1, &["stride"], size)?;
    let padding = Padding::Explicit(call.size_or(2, &["padding"], Size::square(0))?);
    if call.flag_or(usize::MAX, &["ceil_mode"], false)? {
        return Err("Ganvas's pools have no ceil_mode".to_owned());
    }
    Ok((size, stride, padding))
}

fn max_pool(call: &mut Call<'_>) -> Result<(), String> {
    let (size, stride, padding) = window(call)?;
    if call.size_or(3, &["dilation"], Size::square(1))? != Size::square(1) {
        return Err("Ganvas's MaxPool has no dilation".to_owned());
    }
    call.push(Layer::MaxPool { size, stride, padding });
    Ok(())
}

fn avg_pool(call: &mut Call<'_>) -> Result<(), String> {
    let (size, stride, padding) = window(call)?;
    let counted = call.flag_or(4, &["count_include_pad"], true)?;
    if !matches!(call.value(5, &["divisor_override"]), None | Some(Value::None)) {
        return Err("Ganvas's AvgPool divides by the size of its window".to_owned());
    }
    match padding {
        Padding::Explicit(border) if !counted && border != Size::square(0) => {
            call.reading.pieces.push(Piece::UncountedPool { size, stride, padding: border });
        }
        _ => call.push(Layer::AvgPool { size, stride, padding }),
    }
    Ok(())
}

fn adaptive_avg_pool(call: &mut Call<'_>) -> Result<(), String> {
    pool_to(call, false)
}

fn adaptive_max_pool(call: &mut Call<'_>) -> Result<(), String> {
    pool_to(call, true)
}

fn pool_to(call: &mut Call<'_>, is_max: bool) -> Result<(), String> {
    let size = call.size_or(0, &["output_size"], Size::square(1))?;
    call.skip(&["return_indices"]);
    call.reading.pieces.push(match (size == Size::square(1), is_max) {
        (true, false) => Piece::Layer(Layer::GlobalAvgPool),
        (true, true) => Piece::Layer(Layer::GlobalMaxPool),
        (false, _) => Piece::PoolTo { size, is_max },
    });
    Ok(())
}

fn flatten(call: &mut Call<'_>) -> Result<(), String> {
    // A function without a start flattens the batch as well; a layer does not.
    let is_layer = call.made.short() == "Flatten";
    let from = call.count_or(0, &["start_dim"], usize::from(is_layer))?;
    call.skip(&["end_dim"]);
    if from > 1 {
        return Err("only a part of the axes is flattened".to_owned());
    }
    call.push(Layer::Flatten);
    Ok(())
}

fn unflatten(call: &mut Call<'_>) -> Result<(), String> {
    call.skip(&["dim"]);
    let value = call.value(1, &["unflattened_size", "sizes"]).ok_or("its unflattened_size is missing")?;
    let values = shape_of(value).ok_or_else(|| super::arguments::not_known(value, "sizes"))?;
    call.reading.pieces.push(Piece::View { dims: dims(&values), channels_last: false, is_layer: true });
    Ok(())
}

fn reshape(call: &mut Call<'_>) -> Result<(), String> {
    let value = call.value(0, &["shape"]).ok_or("its shape is missing")?;
    let values = shape_of(value).ok_or_else(|| super::arguments::not_known(value, "shape"))?;
    tensor::view_of(call, &values)
}

fn batch_norm(call: &mut Call<'_>) -> Result<(), String> {
    call.reading.wants = call.count(0, &["num_features"]).ok();
    normalise(call, 1)
}

fn lazy_batch_norm(call: &mut Call<'_>) -> Result<(), String> {
    normalise(call, 0)
}

fn normalise(call: &mut Call<'_>, first: usize) -> Result<(), String> {
    let epsilon = call.number_or(first, &["eps"], 1e-5)?;
    let momentum = call.number_or(first + 1, &["momentum"], 0.1)?;
    if epsilon > 0.1 {
        call.remark(
            &format!("{} with eps {epsilon}", call.made.short()),
            format!("its second argument is eps in PyTorch; a momentum of {epsilon} may have been meant. It is read as it stands"),
        );
    }
    if !call.flag_or(first + 2, &["affine"], true)? {
        call.remark("affine=False", "BatchNorm always learns a shift and a scale here");
    }
    if call.made.start.borrow().is_some() {
        call.remark("initial weights of BatchNorm", "it starts at 1 here, without chance");
    }
    call.push(Layer::BatchNorm { momentum, epsilon });
    Ok(())
}

fn layer_norm(call: &mut Call<'_>) -> Result<(), String> {
    call.value(0, &["normalized_shape"]);
    let epsilon = call.number_or(1, &["eps"], 1e-5)?;
    call.skip(&["elementwise_affine"]);
    call.push(Layer::LayerNorm { epsilon });
    Ok(())
}

fn dropout(call: &mut Call<'_>) -> Result<(), String> {
    let rate = call.number_or(0, &["p"], 0.5)?;
    call.push(Layer::Dropout { rate });
    Ok(())
}

fn pixel_shuffle(call: &mut Call<'_>) -> Result<(), String> {
    let factor = call.count(0, &["upscale_factor"])?;
    call.push(Layer::PixelShuffle { factor });
    Ok(())
}

/// One number, or left, right, top, bottom.
fn sides(call: &mut Call<'_>) -> Result<[i64; 4], String> {
    let value = call.value(0, &["padding", "pad"]).ok_or("its padding is missing")?;
    let sides: Option<Vec<i64>> = match value.items() {
        Some(items) => items.iter().map(Value::as_int).collect(),
        None => value.as_int().map(|side| vec![side; 4]),
    };
    let sides = sides.ok_or_else(|| super::arguments::not_known(value, "padding"))?;
    let [left, right, top, bottom] = <[i64; 4]>::try_from(sides).map_err(|_| "its padding is not four numbers")?;
    Ok([top, bottom, left, right])
}

/// What is negative cuts off.
fn zero_padding(call: &mut Call<'_>) -> Result<(), String> {
    let sides = sides(call)?;
    let [top, bottom, left, right] = sides.map(|side| usize::try_from(side).unwrap_or(0));
    if sides.iter().any(|&side| side > 0) || sides == [0; 4] {
        call.push(Layer::ZeroPadding2d { top, bottom, left, right });
    }
    if sides.iter().any(|&side| side < 0) {
        let [top, bottom, left, right] = sides.map(|side| usize::try_from(side.saturating_neg()).unwrap_or(0));
        call.push(Layer::Cropping2d { top, bottom, left, right });
    }
    Ok(())
}

fn pad_function(call: &mut Call<'_>) -> Result<(), String> {
    let mode = call.word_or(1, &["mode"], "constant")?;
    if mode != "constant" {
        call.remark("pad", format!("the border is filled with zeros here, not by {mode}"));
    }
    fill(call, 2)
}

/// A border of a fixed value: zeros, or what is never the largest.
fn constant_padding(call: &mut Call<'_>) -> Result<(), String> {
    fill(call, 1)
}

fn fill(call: &mut Call<'_>, place: usize) -> Result<(), String> {
    let value = call.number_or(place, &["value"], 0.0)?;
    if value == f32::NEG_INFINITY {
        let sides = sides(call)?.map(|side| usize::try_from(side).unwrap_or(0));
        call.reading.pieces.push(Piece::LowestBorder(sides));
        return Ok(());
    }
    if value != 0.0 {
        return Err("Ganvas pads with zeros alone".to_owned());
    }
    zero_padding(call)
}

fn other_padding(call: &mut Call<'_>) -> Result<(), String> {
    let kind = if call.made.short().starts_with("Reflection") { "reflection" } else { "its own edge" };
    call.remark(call.made.short(), format!("the border is filled with zeros here, not by {kind}"));
    zero_padding(call)
}

fn instance_norm(call: &mut Call<'_>) -> Result<(), String> {
    call.reading.wants = call.count(0, &["num_features"]).ok();
    let epsilon = call.number_or(1, &["eps"], 1e-5)?;
    call.value(2, &["momentum"]);
    let affine = call.flag_or(3, &["affine"], false)?;
    if call.flag_or(4, &["track_running_stats"], false)? {
        call.remark("track_running_stats", "InstanceNorm keeps no running statistics here");
    }
    call.push(Layer::InstanceNorm { epsilon, affine });
    Ok(())
}

fn group_norm(call: &mut Call<'_>) -> Result<(), String> {
    let groups = call.count(0, &["num_groups"])?;
    call.reading.wants = call.count(1, &["num_channels"]).ok();
    let epsilon = call.number_or(2, &["eps"], 1e-5)?;
    call.push(Layer::GroupNorm { groups, epsilon });
    Ok(())
}

fn spatial_dropout(call: &mut Call<'_>) -> Result<(), String> {
    let rate = call.number_or(0, &["p"], 0.5)?;
    call.push(Layer::SpatialDropout { rate });
    Ok(())
}

fn prelu(call: &mut Call<'_>) -> Result<(), String> {
    let per_channel = call.count_or(0, &["num_parameters"], 1)? > 1;
    let slope = call.number_or(1, &["init"], 0.25)?;
    call.push(Layer::PRelu { slope, per_channel });
    Ok(())
}
