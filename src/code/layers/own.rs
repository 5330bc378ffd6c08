//! Layers that no library has and every script writes anew: recognised by the name of their class.

use super::arguments::{Call, Piece};
use crate::code::eval::Value;
use crate::spec::{Layer, Padding, Size};

/// The layer that classes of this name are.
pub fn known_class(class: &str) -> Option<&'static str> {
    let plain: String = class.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let plain = plain.trim_end_matches("module").trim_end_matches("layer").trim_end_matches("block").trim_end_matches("2d");
    Some(match plain {
        "pixelnorm" | "pixelwisenorm" | "pixelnormalization" | "pixelwisenormalization" | "pixnorm" => "tensor.PixelNorm",
        "minibatchstddev"
        | "minibatchstd"
        | "minibatchstdev"
        | "minibatchstatconcat"
        | "minibatchstddeviation"
        | "minibatchstandarddeviation"
        | "minibatchstatistics"
        | "batchstddev" => "tensor.MinibatchStdDev",
        "selfattn" | "selfattention" | "nonlocal" | "sagattention" | "saganattention" | "attention" | "attn" => "tensor.SelfAttention",
        "gaussiannoise" | "addgaussiannoise" | "addnoise" => "tensor.GaussianNoise",
        "pixelshuffle" | "depthtospace" | "subpixel" => "tensor.PixelShuffle",
        "avgpoolsame" => "tensor.AvgPoolSame",
        "lowestborder" => "tensor.LowestBorder",
        _ => return None,
    })
}

/// What a class is read as, said where its own words were not followed.
const BY_NAME: &str = "recognised by its name; how the script computes it is not followed";

pub fn pixel_norm(call: &mut Call<'_>) -> Result<(), String> {
    if !call.made.arguments.named.iter().any(|(name, _)| name == "epsilon") {
        call.remark("pixel normalisation", BY_NAME);
    }
    let epsilon = call.number_or(usize::MAX, &["epsilon"], 1e-8)?;
    call.push(Layer::PixelNorm { epsilon });
    Ok(())
}

pub fn minibatch_deviation(call: &mut Call<'_>) -> Result<(), String> {
    if !call.made.arguments.named.iter().any(|(name, _)| name == "group") {
        call.remark("minibatch deviation", "recognised by its name and read with groups of 4; how the script computes it is not followed");
    }
    let group = call.count_or(usize::MAX, &["group"], 4)?;
    call.push(Layer::MinibatchStdDev { group });
    Ok(())
}

pub fn gaussian_noise(call: &mut Call<'_>) -> Result<(), String> {
    match call.value(usize::MAX, &["deviation"]).and_then(Value::as_float) {
        Some(deviation) => call.push(Layer::GaussianNoise { deviation: deviation as f32 }),
        None => call.remark(&call.made.source.clone(), "noise whose strength is learned or not known is left out"),
    }
    Ok(())
}

pub fn pixel_shuffle(call: &mut Call<'_>) -> Result<(), String> {
    let factor = call.count(usize::MAX, &["factor"])?;
    call.push(Layer::PixelShuffle { factor });
    Ok(())
}

/// As the paper has it; scripts differ in how many channels the values have.
pub fn self_attention(call: &mut Call<'_>) -> Result<(), String> {
    let reduction = call.count_or(usize::MAX, &["reduction"], 8)?;
    let count = |call: &mut Call<'_>, name: &str| call.value(usize::MAX, &[name]).and_then(Value::as_int);
    // Queries, keys and values that are equally narrow, and a way back: what the catalogue has.
    if (count(call, "convolutions"), count(call, "narrow")) != (Some(4), Some(3)) {
        call.remark("self-attention", "recognised by its name and read as SAGAN's; how the script computes it is not followed");
    }
    call.skip(&["bias"]);
    let (mut bias, mut init, mut spectral_norm) = (false, crate::spec::Init::default(), false);
    if let Some(Value::Made(conv)) = call.value(usize::MAX, &["like"]) {
        let reading = super::read(conv)?;
        if let Some(Piece::Layer(Layer::Conv2d { bias: own, init: start, spectral_norm: spectral, .. })) = reading.pieces.first() {
            (bias, init, spectral_norm) = (*own, *start, *spectral);
        }
    }
    call.push(Layer::SelfAttention { reduction: reduction.max(1), bias, init, spectral_norm });
    Ok(())
}

/// A depthwise convolution and the mix that follows it: one layer where they are what that is, and two elsewhere.
pub fn separable(call: &mut Call<'_>) -> Result<(), String> {
    let mut pieces = Vec::new();
    let mut wants = None;
    for part in &call.made.arguments.places {
        if let Value::Made(part) = part {
            let reading = super::read(part)?;
            wants = wants.or(reading.wants);
            pieces.extend(reading.pieces);
            call.reading.remarks.extend(reading.remarks);
        }
    }
    call.reading.wants = wants;
    let fused = match pieces.as_slice() {
        [Piece::Layer(depthwise), Piece::Layer(pointwise)] => one(wants, depthwise, pointwise),
        _ => None,
    };
    match fused {
        Some(layer) => call.push(layer),
        None => call.reading.pieces.extend(pieces),
    }
    Ok(())
}

fn one(channels: Option<usize>, depthwise: &Layer, pointwise: &Layer) -> Option<Layer> {
    let one = Size::square(1);
    let (Layer::Conv2d { filters: between, groups, kernel, stride, padding, dilation, bias: false, init, spectral_norm }, Some(channels)) =
        (depthwise, channels)
    else {
        return None;
    };
    let Layer::Conv2d {
        filters, kernel: point, stride: step, groups: 1, bias, init: start, spectral_norm: spectral, padding: border, ..
    } = pointwise
    else {
        return None;
    };
    let is_point = *point == one && *step == one && !matches!(border, Padding::Explicit(size) if *size != Size::square(0));
    let fits = is_point && *groups == channels && between.is_multiple_of(channels.max(1)) && (init, spectral_norm) == (start, spectral);
    fits.then(|| Layer::SeparableConv2d {
        filters: *filters,
        multiplier: between / channels.max(1),
        kernel: *kernel,
        stride: *stride,
        padding: *padding,
        dilation: *dilation,
        bias: *bias,
        init: *init,
        spectral_norm: *spectral_norm,
    })
}

pub fn avg_pool_same(call: &mut Call<'_>) -> Result<(), String> {
    let size = call.size_or(usize::MAX, &["size"], Size::square(2))?;
    let stride = call.size_or(usize::MAX, &["stride"], size)?;
    call.skip(&["border"]);
    call.push(Layer::AvgPool { size, stride, padding: Padding::Same });
    Ok(())
}

/// Keras's pairs of rows and columns, with those of batch and channels around them.
pub fn lowest_border(call: &mut Call<'_>) -> Result<(), String> {
    let pairs = call.value(usize::MAX, &["border"]).and_then(Value::items).unwrap_or_default();
    let numbers: Vec<usize> = pairs
        .iter()
        .filter_map(Value::items)
        .flatten()
        .filter_map(|side| side.as_int().and_then(|side| usize::try_from(side).ok()))
        .collect();
    let [_, _, top, bottom, left, right, ..] = *numbers.as_slice() else {
        return Err("its border cannot be told".to_owned());
    };
    call.reading.pieces.push(Piece::LowestBorder([top, bottom, left, right]));
    Ok(())
}
