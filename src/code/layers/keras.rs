//! Keras's layers, and TensorFlow's functions that do the same. One line for each name.

use super::activation;
use super::arguments::{Call, Dim, Piece, Reader, dims, shape_of};
use super::tensor;
use crate::code::eval::Value;
use crate::spec::{Init, Layer, Padding, Size, UpsampleMode};

/// Names and what they mean.
pub const TABLE: &[(&str, Reader)] = &[
    ("InputLayer", input),
    ("Input", input),
    ("Dense", dense),
    ("dense", dense),
    ("Conv2D", conv),
    ("Convolution2D", conv),
    ("conv2d", conv),
    ("Conv2DTranspose", conv_transpose),
    ("Convolution2DTranspose", conv_transpose),
    ("Deconvolution2D", conv_transpose),
    ("conv2d_transpose", conv_transpose),
    ("DepthwiseConv2D", depthwise),
    ("SeparableConv2D", separable),
    ("SeparableConvolution2D", separable),
    ("UpSampling2D", upsample),
    ("ZeroPadding2D", zero_padding),
    ("Cropping2D", cropping),
    ("MaxPooling2D", max_pool),
    ("MaxPool2D", max_pool),
    ("max_pooling2d", max_pool),
    ("AveragePooling2D", avg_pool),
    ("AvgPool2D", avg_pool),
    ("average_pooling2d", avg_pool),
    ("GlobalAveragePooling2D", global_avg_pool),
    ("GlobalAvgPool2D", global_avg_pool),
    ("GlobalMaxPooling2D", global_max_pool),
    ("GlobalMaxPool2D", global_max_pool),
    ("depth_to_space", depth_to_space),
    ("Reshape", reshape),
    ("reshape", reshape_function),
    ("Flatten", flatten),
    ("flatten", flatten),
    ("batch_flatten", flatten),
    ("BatchNormalization", batch_norm),
    ("BatchNormalizationV2", batch_norm),
    ("batch_normalization", batch_norm),
    ("LayerNormalization", layer_norm),
    ("GroupNormalization", group_norm),
    ("InstanceNormalization", instance_norm),
    ("GaussianNoise", gaussian_noise),
    ("SpatialDropout2D", spatial_dropout),
    ("Dropout", dropout),
    ("dropout", dropout),
    ("Activation", activation_layer),
    ("Identity", nothing),
    ("identity", nothing),
    ("Permute", permute),
    ("transpose", tensor::permute),
    ("Resizing", resizing),
    ("resize", resize_function),
    ("resize_images", upsample),
    ("resize_nearest_neighbor", resize_function),
    ("resize_bilinear", resize_function),
    ("ReLU", activation::of_name),
    ("LeakyReLU", activation::of_name),
    ("ELU", activation::of_name),
    ("PReLU", prelu),
    ("Softmax", activation::of_name),
    ("softmax", activation::of_name),
    ("mish", activation::of_name),
    ("relu", activation::of_name),
    ("leaky_relu", activation::of_name),
    ("elu", activation::of_name),
    ("gelu", activation::of_name),
    ("silu", activation::of_name),
    ("swish", activation::of_name),
    ("tanh", activation::of_name),
    ("sigmoid", activation::of_name),
    ("softplus", activation::of_name),
    ("linear", nothing),
    ("squeeze", tensor::squeeze),
    ("expand_dims", tensor::squeeze),
    ("stop_gradient", nothing),
    ("convert_to_tensor", nothing),
    ("cast", nothing),
    ("reduce_mean", tensor::mean),
    ("reduce_sum", tensor::sum),
    ("mean", tensor::mean),
    ("ensure_shape", nothing),
    ("Rescaling", rescaling),
    ("Masking", nothing),
];

#[expect(clippy::unnecessary_wraps, reason = "all readers are of one kind")]
fn nothing(_: &mut Call<'_>) -> Result<(), String> {
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "all readers are of one kind")]
fn rescaling(call: &mut Call<'_>) -> Result<(), String> {
    call.skip(&["scale", "offset"]);
    call.remark(&call.made.source.clone(), "left out: pictures are from -1 to 1 here, as they come and as they are made");
    Ok(())
}

/// The axes without the batch, counted from 1.
fn permute(call: &mut Call<'_>) -> Result<(), String> {
    let axes = call.value(0, &["dims"]).and_then(shape_of).unwrap_or_default();
    let axes: Option<Vec<usize>> = axes.iter().map(|axis| axis.as_int().and_then(|axis| usize::try_from(axis).ok())).collect();
    let axes = axes.filter(|axes| axes.len() == 3).ok_or("Ganvas has no layer that exchanges these axes")?;
    call.reading.pieces.push(Piece::Permute(axes));
    Ok(())
}

fn mode(call: &mut Call<'_>, place: usize, usual: &str) -> Result<UpsampleMode, String> {
    match call.word_or(place, &["interpolation", "method"], usual)?.as_str() {
        "nearest" => Ok(UpsampleMode::Nearest),
        "bilinear" => Ok(UpsampleMode::Bilinear),
        other => Err(format!("Ganvas enlarges by nearest and bilinear, not by {other}")),
    }
}

fn resizing(call: &mut Call<'_>) -> Result<(), String> {
    let (height, width) = (call.count(0, &["height"])?, call.count(1, &["width"])?);
    let mode = mode(call, 2, "bilinear")?;
    call.skip(&["crop_to_aspect_ratio"]);
    call.reading.pieces.push(Piece::Resize(Size { height, width }, mode));
    Ok(())
}

/// `tf.image.resize(x, (height, width), method)`.
fn resize_function(call: &mut Call<'_>) -> Result<(), String> {
    call.value(0, &["size"]).ok_or("its size is missing")?;
    let size = call.size_or(0, &["size"], Size::square(1))?;
    if let Some(Value::Library(method)) = call.value(1, &["method"]) {
        let nearest = method.ends_with("NEAREST_NEIGHBOR");
        call.reading.pieces.push(Piece::Resize(size, if nearest { UpsampleMode::Nearest } else { UpsampleMode::Bilinear }));
        return Ok(());
    }
    let mode = mode(call, 1, if call.made.short().contains("nearest") { "nearest" } else { "bilinear" })?;
    call.reading.pieces.push(Piece::Resize(size, mode));
    Ok(())
}

fn input(call: &mut Call<'_>) -> Result<(), String> {
    call.skip(&["shape", "input_tensor", "sparse"]);
    if call.reading.input.is_none() {
        call.reading.input = call.made.arguments.get(0, &["shape", "input_shape"]).and_then(shape_of);
    }
    Ok(())
}

/// The activation that many layers take as an argument. One that is not known leaves a gap behind the layer.
#[expect(clippy::unnecessary_wraps, reason = "ends most readers, which can fail")]
fn bend(call: &mut Call<'_>, place: usize) -> Result<(), String> {
    let Some(value) = call.value(place, &["activation"]) else { return Ok(()) };
    match activation::of_argument(value) {
        Ok(layer) => layer.into_iter().for_each(|layer| call.push(layer)),
        Err(reason) => call.reading.pieces.push(Piece::Gap(format!("activation of {}", call.made.source), reason)),
    }
    Ok(())
}

fn init(call: &mut Call<'_>, place: usize) -> Init {
    let value = call.value(place, &["kernel_initializer", "init", "weights_initializer"]);
    call.start(value, Init::Glorot)
}

fn dense(call: &mut Call<'_>) -> Result<(), String> {
    let units = call.count(0, &["units", "output_dim"])?;
    let bias = call.flag_or(2, &["use_bias", "bias"], true)?;
    let init = init(call, 3);
    call.push(Layer::Dense { units, bias, init, spectral_norm: call.is_spectral() });
    bend(call, 1)
}

/// The kernel of Keras's first version is two numbers in places of their own.
fn kernel(call: &mut Call<'_>) -> Result<(Size, usize), String> {
    if let [_, Value::Int(_), Value::Int(_)] = call.made.arguments.places.as_slice()
        && call.made.arguments.named(&["strides"]).is_none()
        && call.made.short().starts_with("Convolution")
    {
        let size = Size { height: call.count(1, &[])?, width: call.count(2, &[])? };
        return Ok((size, 3));
    }
    if let Some(rows) = call.value(usize::MAX, &["nb_row"]) {
        let height = usize::try_from(rows.as_int().unwrap_or(0)).unwrap_or(0);
        return Ok((Size { height, width: call.count(usize::MAX, &["nb_col"])? }, 2));
    }
    call.value(1, &["kernel_size"]).ok_or("its kernel_size is missing")?;
    Ok((call.size_or(1, &["kernel_size"], Size::square(1))?, 2))
}

fn conv(call: &mut Call<'_>) -> Result<(), String> {
    let filters = call.count(0, &["filters", "nb_filter"])?;
    let (kernel, next) = kernel(call)?;
    let one = Size::square(1);
    let stride = call.size_or(next, &["strides", "subsample"], one)?;
    let padding = call.keras_padding(3)?;
    let dilation = call.size_or(5, &["dilation_rate"], one)?;
    let groups = call.count_or(6, &["groups"], 1)?;
    let bias = call.flag_or(8, &["use_bias", "bias"], true)?;
    let init = init(call, 9);
    call.push(Layer::Conv2d { filters, kernel, stride, padding, dilation, groups, bias, init, spectral_norm: call.is_spectral() });
    bend(call, 7)
}

fn conv_transpose(call: &mut Call<'_>) -> Result<(), String> {
    let filters = call.count(0, &["filters", "nb_filter"])?;
    let (kernel, next) = kernel(call)?;
    let stride = call.size_or(next, &["strides", "subsample"], Size::square(1))?;
    let mut padding = call.keras_padding(3)?;
    let mut output_padding = Size::square(0);
    if !matches!(call.value(usize::MAX, &["output_padding"]), None | Some(Value::None)) {
        output_padding = call.size_or(usize::MAX, &["output_padding"], output_padding)?;
        // Keras cuts half the kernel off where it is told how much to add.
        let cut = if padding == Padding::Same { Size { height: kernel.height / 2, width: kernel.width / 2 } } else { Size::square(0) };
        padding = Padding::Explicit(cut);
    }
    if call.size_or(usize::MAX, &["dilation_rate"], Size::square(1))? != Size::square(1) {
        return Err("Ganvas's ConvTranspose2d has no dilation".to_owned());
    }
    call.skip(&["output_shape"]);
    let bias = call.flag_or(usize::MAX, &["use_bias", "bias"], true)?;
    let init = init(call, usize::MAX);
    call.push(Layer::ConvTranspose2d { filters, kernel, stride, padding, output_padding, bias, init, spectral_norm: call.is_spectral() });
    bend(call, usize::MAX)
}

fn upsample(call: &mut Call<'_>) -> Result<(), String> {
    let factor = call.size_or(0, &["size"], Size::square(2))?;
    let mode = mode(call, 2, "nearest")?;
    call.push(Layer::Upsample { factor, mode });
    Ok(())
}

fn window(call: &mut Call<'_>) -> Result<(Size, Size, Padding), String> {
    let size = call.size_or(0, &["pool_size"], Size::square(2))?;
    let stride = call.size_or(1, &["strides"], size)?;
    Ok((size, stride, call.keras_padding(2)?))
}

fn max_pool(call: &mut Call<'_>) -> Result<(), String> {
    let (size, stride, padding) = window(call)?;
    call.push(Layer::MaxPool { size, stride, padding });
    Ok(())
}

fn avg_pool(call: &mut Call<'_>) -> Result<(), String> {
    let (size, stride, padding) = window(call)?;
    call.push(Layer::AvgPool { size, stride, padding });
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "all readers are of one kind")]
fn global_avg_pool(call: &mut Call<'_>) -> Result<(), String> {
    call.skip(&["keepdims"]);
    call.push(Layer::GlobalAvgPool);
    Ok(())
}

fn reshape(call: &mut Call<'_>) -> Result<(), String> {
    let value = call.value(0, &["target_shape", "dims"]).ok_or("its shape is missing")?;
    let values = shape_of(value).ok_or_else(|| super::arguments::not_known(value, "shape"))?;
    view(call, dims(&values), true)
}

/// `tf.reshape(x, [-1, 7, 7, 128])`: the batch comes first.
fn reshape_function(call: &mut Call<'_>) -> Result<(), String> {
    let value = call.value(0, &["shape"]).ok_or("its shape is missing")?;
    let values = shape_of(value).ok_or_else(|| super::arguments::not_known(value, "shape"))?;
    view(call, dims(values.get(1..).unwrap_or_default()), false)
}

fn view(call: &mut Call<'_>, dims: Vec<Dim>, is_layer: bool) -> Result<(), String> {
    if dims.contains(&Dim::Unknown) {
        return Err("its shape cannot be told".to_owned());
    }
    call.reading.pieces.push(Piece::View { dims, channels_last: true, is_layer });
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "all readers are of one kind")]
fn flatten(call: &mut Call<'_>) -> Result<(), String> {
    call.push(Layer::Flatten);
    Ok(())
}

fn batch_norm(call: &mut Call<'_>) -> Result<(), String> {
    // Keras says how much of the running statistics stays; the catalogue, how much is replaced.
    let stays = call.number_or(1, &["momentum"], 0.99)?;
    let epsilon = call.number_or(2, &["epsilon"], 1e-3)?;
    for name in ["center", "scale"] {
        if !call.flag_or(usize::MAX, &[name], true)? {
            call.remark(&format!("{name}=False"), "BatchNorm always learns a shift and a scale here");
        }
    }
    call.skip(&["gamma_initializer", "renorm", "virtual_batch_size"]);
    let momentum = ((1.0 - f64::from(stays)) * 1e6).round() / 1e6;
    call.push(Layer::BatchNorm { momentum: momentum as f32, epsilon });
    bend(call, usize::MAX)
}

fn layer_norm(call: &mut Call<'_>) -> Result<(), String> {
    let epsilon = call.number_or(1, &["epsilon"], 1e-3)?;
    let axes = call.value(0, &["axis"]).and_then(Value::items).map_or(1, |axes| axes.len());
    if axes < 3 {
        call.remark("LayerNormalization", "Keras normalises over channels alone; here it is over all values of a sample");
    }
    call.push(Layer::LayerNorm { epsilon });
    Ok(())
}

fn dropout(call: &mut Call<'_>) -> Result<(), String> {
    let rate = call.number_or(0, &["rate", "p"], 0.5)?;
    if !matches!(call.value(1, &["noise_shape"]), None | Some(Value::None)) {
        return Err("Ganvas's Dropout has no noise_shape".to_owned());
    }
    call.push(Layer::Dropout { rate });
    Ok(())
}

fn activation_layer(call: &mut Call<'_>) -> Result<(), String> {
    call.value(0, &["activation"]).ok_or("its activation is missing")?;
    bend(call, 0)
}

fn depthwise(call: &mut Call<'_>) -> Result<(), String> {
    let one = Size::square(1);
    let kernel = call.size_or(0, &["kernel_size"], one)?;
    let stride = call.size_or(1, &["strides"], one)?;
    let padding = call.keras_padding(2)?;
    let multiplier = call.count_or(3, &["depth_multiplier"], 1)?;
    let dilation = call.size_or(5, &["dilation_rate"], one)?;
    let bias = call.flag_or(7, &["use_bias"], true)?;
    let value = call.value(8, &["depthwise_initializer"]);
    let init = call.start(value, Init::Glorot);
    call.push(Layer::DepthwiseConv2d { multiplier, kernel, stride, padding, dilation, bias, init, spectral_norm: call.is_spectral() });
    bend(call, 6)
}

fn separable(call: &mut Call<'_>) -> Result<(), String> {
    let one = Size::square(1);
    let filters = call.count(0, &["filters"])?;
    let kernel = call.size_or(1, &["kernel_size"], one)?;
    let stride = call.size_or(2, &["strides"], one)?;
    let padding = call.keras_padding(3)?;
    let dilation = call.size_or(5, &["dilation_rate"], one)?;
    let multiplier = call.count_or(6, &["depth_multiplier"], 1)?;
    let bias = call.flag_or(8, &["use_bias"], true)?;
    call.skip(&["pointwise_initializer"]);
    let value = call.value(9, &["depthwise_initializer"]);
    let init = call.start(value, Init::Glorot);
    let spectral_norm = call.is_spectral();
    call.push(Layer::SeparableConv2d { filters, multiplier, kernel, stride, padding, dilation, bias, init, spectral_norm });
    bend(call, 7)
}

/// Rows above and below, columns left and right: one number, two, or two pairs.
fn borders(call: &mut Call<'_>, name: &str) -> Result<[usize; 4], String> {
    let Some(value) = call.value(0, &[name]) else { return Ok([1; 4]) };
    let pairs = value.items().map(|items| items.iter().map(Value::items).collect::<Vec<_>>());
    if let Some([Some(rows), Some(columns)]) = pairs.as_deref() {
        let numbers: Vec<usize> =
            rows.iter().chain(columns).filter_map(|side| side.as_int().and_then(|side| usize::try_from(side).ok())).collect();
        return numbers.try_into().map_err(|_| format!("its {name} are not four numbers"));
    }
    let size = call.size_or(0, &[name], Size::square(1))?;
    Ok([size.height, size.height, size.width, size.width])
}

fn zero_padding(call: &mut Call<'_>) -> Result<(), String> {
    let [top, bottom, left, right] = borders(call, "padding")?;
    call.push(Layer::ZeroPadding2d { top, bottom, left, right });
    Ok(())
}

fn cropping(call: &mut Call<'_>) -> Result<(), String> {
    if call.made.arguments.get(0, &["cropping"]).is_none() {
        return Ok(());
    }
    let [top, bottom, left, right] = borders(call, "cropping")?;
    call.push(Layer::Cropping2d { top, bottom, left, right });
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "all readers are of one kind")]
fn global_max_pool(call: &mut Call<'_>) -> Result<(), String> {
    call.skip(&["keepdims"]);
    call.push(Layer::GlobalMaxPool);
    Ok(())
}

/// The order of channels within a place differs from PyTorch's, which does not matter to weights that are yet to be learned.
fn depth_to_space(call: &mut Call<'_>) -> Result<(), String> {
    let factor = call.count(0, &["block_size"])?;
    call.push(Layer::PixelShuffle { factor });
    Ok(())
}

fn group_norm(call: &mut Call<'_>) -> Result<(), String> {
    let groups = call.count_or(0, &["groups"], 32)?;
    let epsilon = call.number_or(2, &["epsilon"], 1e-3)?;
    call.push(Layer::GroupNorm { groups, epsilon });
    Ok(())
}

fn instance_norm(call: &mut Call<'_>) -> Result<(), String> {
    let epsilon = call.number_or(1, &["epsilon"], 1e-3)?;
    call.skip(&["center", "scale", "gamma_initializer"]);
    call.push(Layer::InstanceNorm { epsilon, affine: true });
    Ok(())
}

fn gaussian_noise(call: &mut Call<'_>) -> Result<(), String> {
    let deviation = call.number_or(0, &["stddev"], 1.0)?;
    call.push(Layer::GaussianNoise { deviation });
    Ok(())
}

fn spatial_dropout(call: &mut Call<'_>) -> Result<(), String> {
    let rate = call.number_or(0, &["rate"], 0.5)?;
    call.push(Layer::SpatialDropout { rate });
    Ok(())
}

fn prelu(call: &mut Call<'_>) -> Result<(), String> {
    let slope = call.value(0, &["alpha_initializer"]).map_or(Some(0.0), constant);
    let slope = slope.unwrap_or_else(|| {
        call.remark("alpha_initializer of PReLU", "the slopes begin at 0.25 here");
        0.25
    });
    let shared = call.value(3, &["shared_axes"]).and_then(shape_of);
    let shared: Vec<i64> = shared.unwrap_or_default().iter().filter_map(Value::as_int).collect();
    call.skip(&["alpha_regularizer", "alpha_constraint"]);
    let slope = slope as f32;
    match shared.as_slice() {
        [1, 2] => call.push(Layer::PRelu { slope, per_channel: true }),
        [1, 2, 3] | [1] => call.push(Layer::PRelu { slope, per_channel: false }),
        _ => call.reading.pieces.push(Piece::Slopes(slope)),
    }
    Ok(())
}

/// The number that an initialiser fills in.
fn constant(value: &Value) -> Option<f64> {
    match value {
        Value::None => Some(0.0),
        Value::Text(name) if matches!(name.to_lowercase().as_str(), "zeros" | "zero") => Some(0.0),
        Value::Text(name) if name.eq_ignore_ascii_case("ones") => Some(1.0),
        Value::Made(made) => match made.short() {
            "Constant" | "constant_initializer" | "constant" => made.arguments.get(0, &["value"]).map_or(Some(0.0), Value::as_float),
            "Zeros" | "zeros" => Some(0.0),
            "Ones" | "ones" => Some(1.0),
            _ => None,
        },
        _ => value.as_float(),
    }
}
