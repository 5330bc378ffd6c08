//! The parameters of each kind of layer, with what there is to say about them.

use std::ops::RangeInclusive;

use super::fields::{Field, MAX_EDGE, MAX_UNITS, MAX_WINDOW, Slot};
use super::layer::{Init, Layer};
use super::shape::{Padding, Size};

fn count<'a>(name: &'static str, unit: &'static str, help: &'static str, value: &'a mut usize) -> Field<'a> {
    Field { name, help, unit, slot: Slot::Count(value, 1..=MAX_UNITS) }
}

fn float<'a>(name: &'static str, help: &'static str, value: &'a mut f32, range: RangeInclusive<f32>) -> Field<'a> {
    Field { name, help, unit: "", slot: Slot::Float(value, range) }
}

fn window<'a>(name: &'static str, help: &'static str, value: &'a mut Size) -> Field<'a> {
    Field { name, help, unit: ROWS_AND_COLUMNS, slot: Slot::Size(value, 1..=MAX_WINDOW) }
}

fn choice<'a>(name: &'static str, help: &'static str, slot: Slot<'a>) -> Field<'a> {
    Field { name, help, unit: "", slot }
}

const ROWS_AND_COLUMNS: &str = "rows and columns";

fn filters(value: &mut usize) -> Field<'_> {
    count("filters", "channels", "Channels of the output. More see more kinds of detail, and cost time and weights.", value)
}

fn kernel(value: &mut Size) -> Field<'_> {
    window("kernel", "Rows and columns each filter sees. Larger sees more context and costs more.", value)
}

fn stride(value: &mut Size) -> Field<'_> {
    window("stride", "Steps between looks. 2 halves the picture.", value)
}

fn dilation(value: &mut Size) -> Field<'_> {
    window("dilation", "Steps between the taps of a filter. Larger sees wider without more weights.", value)
}

fn multiplier(value: &mut usize) -> Field<'_> {
    let help = "Filters for each channel. 1 keeps as many channels as come in.";
    Field { name: "multiplier", help, unit: "filters for each channel", slot: Slot::Count(value, 1..=MAX_WINDOW) }
}

fn padding(value: &mut Padding) -> Field<'_> {
    let help = "What happens at the border. Same keeps the size (divided or multiplied by the stride), valid adds nothing, a number adds that many zeros on each side.";
    Field { name: "padding", help, unit: ROWS_AND_COLUMNS, slot: Slot::Padding(value) }
}

/// Bias, initial weights and spectral norm, which all weighted layers have.
fn weights<'a>(bias: &'a mut bool, init: &'a mut Init, spectral_norm: &'a mut bool) -> [Field<'a>; 3] {
    let of_bias = "Adds a learned constant to each output. Not needed right before a BatchNorm, which removes it.";
    let of_init =
        "How the weights start. GANs often use N(0, 0.02) or orthogonal; the library defaults grow or shrink with the layer's size.";
    let of_norm = "Divides the weights by their largest singular value, so that the layer cannot stretch what goes through it. Steadies discriminators.";
    [
        choice("bias", of_bias, Slot::Flag(bias)),
        choice("init", of_init, Slot::Init(init)),
        choice("spectral norm", of_norm, Slot::Flag(spectral_norm)),
    ]
}

fn edges<'a>(names: [(&'static str, &'static str); 4], values: [&'a mut usize; 4]) -> Vec<Field<'a>> {
    let units = ["rows", "rows", "columns", "columns"];
    let field = |(((name, help), unit), value)| Field { name, help, unit, slot: Slot::Count(value, 0..=MAX_EDGE) };
    names.into_iter().zip(units).zip(values).map(field).collect()
}

const ADDED: [(&str, &str); 4] = [
    ("top", "Rows of zeros above the picture."),
    ("bottom", "Rows of zeros below the picture."),
    ("left", "Columns of zeros to the left of the picture."),
    ("right", "Columns of zeros to the right of the picture."),
];

const CUT: [(&str, &str); 4] = [
    ("top", "Rows cut off above."),
    ("bottom", "Rows cut off below."),
    ("left", "Columns cut off to the left."),
    ("right", "Columns cut off to the right."),
];

fn epsilon<'a>(help: &'static str, value: &'a mut f32) -> Field<'a> {
    float("epsilon", help, value, 1e-12..=1.0)
}

impl Layer {
    /// The parameters in the order they are shown; empty for layers without any.
    pub fn fields(&mut self) -> Vec<Field<'_>> {
        match self.family() {
            super::Family::Weighted => self.weighted_fields(),
            super::Family::Shape => self.shape_fields(),
            super::Family::Normalisation => self.norm_fields(),
            super::Family::Activation => self.activation_fields(),
        }
    }

    fn weighted_fields(&mut self) -> Vec<Field<'_>> {
        let (mut fields, [bias, init, norm]) = match self {
            Self::Dense { units, bias, init, spectral_norm } => (
                vec![count("units", "values", "Outputs. More can express more, and cost weights: inputs × units.", units)],
                weights(bias, init, spectral_norm),
            ),
            Self::Conv2d { filters: f, kernel: k, stride: s, padding: p, dilation: d, groups, bias, init, spectral_norm } => (
                vec![
                    filters(f),
                    kernel(k),
                    stride(s),
                    padding(p),
                    dilation(d),
                    count(
                        "groups",
                        "groups",
                        "Splits channels into groups that do not see each other. 1 is an ordinary convolution.",
                        groups,
                    ),
                ],
                weights(bias, init, spectral_norm),
            ),
            Self::ConvTranspose2d { filters, kernel, stride, padding: p, output_padding, bias, init, spectral_norm } => (
                vec![
                    count(
                        "filters",
                        "channels",
                        "Channels of the output. More draw more kinds of detail, and cost time and weights.",
                        filters,
                    ),
                    window("kernel", "Rows and columns each value stamps. A multiple of the stride avoids checkerboards.", kernel),
                    window("stride", "The factor of enlargement.", stride),
                    padding(p),
                    Field {
                        name: "output padding",
                        help: "Rows and columns added at the end, with explicit padding alone, to reach sizes that the stride skips.",
                        unit: ROWS_AND_COLUMNS,
                        slot: Slot::Size(output_padding, 0..=MAX_WINDOW),
                    },
                ],
                weights(bias, init, spectral_norm),
            ),
            Self::DepthwiseConv2d { multiplier: m, kernel: k, stride: s, padding: p, dilation: d, bias, init, spectral_norm } => {
                (vec![multiplier(m), kernel(k), stride(s), padding(p), dilation(d)], weights(bias, init, spectral_norm))
            }
            Self::SeparableConv2d {
                filters: f,
                multiplier: m,
                kernel: k,
                stride: s,
                padding: p,
                dilation: d,
                bias,
                init,
                spectral_norm,
            } => (vec![filters(f), multiplier(m), kernel(k), stride(s), padding(p), dilation(d)], weights(bias, init, spectral_norm)),
            Self::Residual { filters: f, kernel: k, resample, norm, bias, init, spectral_norm } => (
                vec![
                    filters(f),
                    kernel(k),
                    choice(
                        "resample",
                        "Up doubles the picture before the first convolution, down halves it after the second.",
                        Slot::Resample(resample),
                    ),
                    choice(
                        "norm",
                        "Batch normalises before each ReLU, as generators have it; none is usual in discriminators.",
                        Slot::BlockNorm(norm),
                    ),
                ],
                weights(bias, init, spectral_norm),
            ),
            Self::SelfAttention { reduction, bias, init, spectral_norm } => (
                vec![Field {
                    name: "reduction",
                    help: "Queries, keys and values have so many times fewer channels than the input. Larger is cheaper and tells less apart.",
                    unit: "times",
                    slot: Slot::Count(reduction, 1..=MAX_WINDOW),
                }],
                weights(bias, init, spectral_norm),
            ),
            _ => return Vec::new(),
        };
        fields.extend([bias, init, norm]);
        fields
    }

    fn shape_fields(&mut self) -> Vec<Field<'_>> {
        match self {
            Self::Upsample { factor, mode } => vec![
                window("factor", "How many times larger the output is.", factor),
                choice("mode", "Nearest repeats each value; bilinear blends neighbours, which is smoother.", Slot::UpsampleMode(mode)),
            ],
            Self::PixelShuffle { factor } => vec![Field {
                name: "factor",
                help: "How many times more rows and columns; channels become so many times fewer, squared.",
                unit: "times",
                slot: Slot::Count(factor, 1..=MAX_WINDOW),
            }],
            Self::ZeroPadding2d { top, bottom, left, right } => edges(ADDED, [top, bottom, left, right]),
            Self::Cropping2d { top, bottom, left, right } => edges(CUT, [top, bottom, left, right]),
            Self::MaxPool { size, stride, padding: p } | Self::AvgPool { size, stride, padding: p } => vec![
                window("size", "The window that becomes one value. Larger forgets more.", size),
                window("stride", "Steps between windows. Usually the size.", stride),
                padding(p),
            ],
            Self::Reshape { shape } => {
                vec![choice("shape", "Channels, rows and columns of the output; as many values as come in.", Slot::Shape(shape))]
            }
            _ => Vec::new(),
        }
    }

    fn norm_fields(&mut self) -> Vec<Field<'_>> {
        let rate = |help, rate| Field { name: "rate", help, unit: "", slot: Slot::Float(rate, 0.0..=0.99) };
        match self {
            Self::BatchNorm { momentum, epsilon: e } => vec![
                float(
                    "momentum",
                    "How much of the running statistics each batch replaces (PyTorch's convention; Keras counts the other way round).",
                    momentum,
                    0.0..=1.0,
                ),
                epsilon("Added to the variance, so that a constant channel does not divide by zero.", e),
            ],
            Self::LayerNorm { epsilon: e } => vec![epsilon("Added to the variance, so that a constant sample does not divide by zero.", e)],
            Self::InstanceNorm { epsilon: e, affine } => vec![
                epsilon("Added to the variance, so that a constant channel does not divide by zero.", e),
                choice("affine", "Learns a gain and an offset for each channel. Off in PyTorch unless asked for.", Slot::Flag(affine)),
            ],
            Self::GroupNorm { groups, epsilon: e } => vec![
                count(
                    "groups",
                    "groups",
                    "Channels of a group are normalised together. 1 takes all, as many as channels each alone.",
                    groups,
                ),
                epsilon("Added to the variance, so that a constant group does not divide by zero.", e),
            ],
            Self::PixelNorm { epsilon: e } => vec![epsilon("Added to the mean square, so that a dark pixel does not divide by zero.", e)],
            Self::GaussianNoise { deviation } => vec![float(
                "deviation",
                "The standard deviation of the noise. Larger blurs more of what the next layer sees.",
                deviation,
                0.0..=10.0,
            )],
            Self::MinibatchStdDev { group } => vec![Field {
                name: "group",
                help: "Samples that are compared with each other; where the batch does not divide by it, the next smaller number that does.",
                unit: "samples",
                slot: Slot::Count(group, 2..=65_536),
            }],
            Self::Dropout { rate: r } => {
                vec![rate("The share of values set to zero while training. Larger regularises more and learns slower.", r)]
            }
            Self::SpatialDropout { rate: r } => {
                vec![rate("The share of channels set to zero while training. Larger regularises more and learns slower.", r)]
            }
            _ => Vec::new(),
        }
    }

    fn activation_fields(&mut self) -> Vec<Field<'_>> {
        match self {
            Self::LeakyRelu { slope } => {
                vec![float("slope", "The slope below zero. 0 is ReLU; 0.2 is usual in discriminators.", slope, 0.0..=1.0)]
            }
            Self::PRelu { slope, per_channel } => vec![
                float("slope", "The slope below zero at the beginning; training changes it.", slope, -1.0..=1.0),
                choice("per channel", "Learns a slope for each channel instead of one for all.", Slot::Flag(per_channel)),
            ],
            Self::Elu { alpha } => vec![float("alpha", "How far below zero the output can go.", alpha, 0.0..=10.0)],
            _ => Vec::new(),
        }
    }
}
