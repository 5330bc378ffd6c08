//! The source that Burn has no module for, written where it is used.

use super::imports::Imports;
use crate::code::write::parts::Used;
use crate::code::write::python::fill;

/// Layers, in the order they are written.
const LAYERS: [(&str, &str); 13] = [
    ("resample", include_str!("layers/resample.rs.txt")),
    ("residual", include_str!("layers/residual.rs.txt")),
    ("spectral_residual", include_str!("layers/residual.rs.txt")),
    ("attention", include_str!("layers/attention.rs.txt")),
    ("spectral_attention", include_str!("layers/attention.rs.txt")),
    ("same_conv", include_str!("layers/same_conv.rs.txt")),
    ("spectral_linear", include_str!("layers/spectral_linear.rs.txt")),
    ("spectral_conv", include_str!("layers/spectral_conv.rs.txt")),
    ("spectral_conv_transpose", include_str!("layers/spectral_conv_transpose.rs.txt")),
    ("spectral_norm", include_str!("layers/spectral_norm.rs.txt")),
    ("pixel_norm", include_str!("layers/pixel_norm.rs.txt")),
    ("minibatch", include_str!("layers/minibatch.rs.txt")),
    ("spatial_dropout", include_str!("layers/spatial_dropout.rs.txt")),
];

/// How weights start, in the order it is written.
const STARTS: [(&str, &str); 5] = [
    ("start_glorot", include_str!("starts/glorot.rs.txt")),
    ("start_glorot_fan", include_str!("starts/glorot_fan.rs.txt")),
    ("start_dcgan", include_str!("starts/dcgan.rs.txt")),
    ("start_he", include_str!("starts/he.rs.txt")),
    ("start_orthogonal", include_str!("starts/orthogonal.rs.txt")),
];

/// The file of layers; none where no network needs one.
pub fn layers(used: &Used) -> Option<String> {
    let mut imports = Imports::default();
    let pieces: Vec<String> =
        LAYERS.iter().filter(|(name, _)| used.contains(name)).map(|(name, source)| imports.take(&named(name, source))).collect();
    (!pieces.is_empty()).then(|| format!("//! Layers that Burn has none like.\n\n{}\n{}", imports.text(), pieces.join("\n")))
}

/// What sets up weights.
pub fn starts(used: &Used) -> String {
    STARTS.iter().filter(|(name, _)| used.contains(name)).map(|(_, source)| format!("{source}\n")).collect()
}

/// The source of a block, with its name and the convolutions that it is made of.
fn named(name: &str, source: &str) -> String {
    let is_spectral = name.starts_with("spectral_");
    let prefix = if is_spectral { "Spectral" } else { "" };
    let block = if name.ends_with("residual") { "ResidualBlock" } else { "SelfAttention" };
    let kernel = if name.ends_with("residual") { "kernel" } else { "[1, 1]" };
    let conv = format!("same_conv2d(channels, {kernel}, self.bias, initializer, device)");
    let made = if is_spectral { format!("let conv = {conv};\n        SpectralConv2d::new(conv)") } else { conv };
    let values = [("name", format!("{prefix}{block}")), ("conv", format!("{prefix}Conv2d")), ("made", made)];
    fill(source, &values)
}
