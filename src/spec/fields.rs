//! A layer's parameters as a list of named fields with ranges, so that cards, checks and texts need not know each kind of layer.

use std::ops::RangeInclusive;

use super::layer::{Init, Layer, UpsampleMode};
use super::shape::{MAX_VALUES, Padding, Shape, Size};

/// One parameter of a layer, open for change.
#[derive(Debug)]
pub struct Field<'a> {
    /// In the field's words, lower case: `filters`.
    pub name: &'static str,
    /// What it does, and what happens if it is larger; one or two short sentences.
    pub help: &'static str,
    /// Where the value is, and what it may be.
    pub slot: Slot<'a>,
}

/// A parameter's value and its range.
#[derive(Debug)]
pub enum Slot<'a> {
    /// A whole number.
    Count(&'a mut usize, RangeInclusive<usize>),
    /// A number.
    Float(&'a mut f32, RangeInclusive<f32>),
    /// Yes or no.
    Flag(&'a mut bool),
    /// Rows and columns.
    Size(&'a mut Size, RangeInclusive<usize>),
    /// Channels, rows and columns.
    Shape(&'a mut Shape),
    /// What happens at the border.
    Padding(&'a mut Padding),
    /// How weights start.
    Init(&'a mut Init),
    /// How an enlarging layer interpolates.
    UpsampleMode(&'a mut UpsampleMode),
}

/// The most units, filters or channels a layer may have.
pub const MAX_UNITS: usize = 1 << 20;
/// The largest kernel, stride, pool, factor or dilation.
pub const MAX_WINDOW: usize = 64;
/// The largest explicit padding.
pub const MAX_PADDING: usize = 64;

impl Field<'_> {
    /// Why the value is out of range, if it is.
    pub fn fault(&self) -> Option<String> {
        let name = self.name;
        match &self.slot {
            Slot::Count(value, range) if !range.contains(value) => Some(out_of_range(name, value, range)),
            Slot::Float(value, range) if !range.contains(value) => Some(out_of_range(name, value, range)),
            Slot::Size(size, range) if !range.contains(&size.height) || !range.contains(&size.width) => {
                Some(out_of_range(name, size, range))
            }
            Slot::Shape(shape) if shape.values() == 0 || shape.values() > MAX_VALUES => {
                Some(format!("{name} has to have at least one and at most {MAX_VALUES} values"))
            }
            Slot::Padding(Padding::Explicit(size)) if size.height > MAX_PADDING || size.width > MAX_PADDING => {
                Some(format!("{name} may be at most {MAX_PADDING}"))
            }
            _ => None,
        }
    }

    /// The value as a person reads it.
    pub fn value_text(&self) -> String {
        match &self.slot {
            Slot::Count(value, _) => value.to_string(),
            Slot::Float(value, _) => value.to_string(),
            Slot::Flag(value) => if **value { "on" } else { "off" }.to_owned(),
            Slot::Size(value, _) => value.to_string(),
            Slot::Shape(value) => value.to_string(),
            Slot::Padding(value) => value.to_string(),
            Slot::Init(value) => value.name().to_owned(),
            Slot::UpsampleMode(value) => value.name().to_owned(),
        }
    }
}

fn out_of_range<T: std::fmt::Display, R: std::fmt::Display>(name: &str, value: T, range: &RangeInclusive<R>) -> String {
    format!("{name} is {value}, but has to be between {} and {}", range.start(), range.end())
}

fn count<'a>(name: &'static str, help: &'static str, value: &'a mut usize) -> Field<'a> {
    Field { name, help, slot: Slot::Count(value, 1..=MAX_UNITS) }
}

fn float<'a>(name: &'static str, help: &'static str, value: &'a mut f32, range: RangeInclusive<f32>) -> Field<'a> {
    Field { name, help, slot: Slot::Float(value, range) }
}

fn window<'a>(name: &'static str, help: &'static str, value: &'a mut Size) -> Field<'a> {
    Field { name, help, slot: Slot::Size(value, 1..=MAX_WINDOW) }
}

fn padding(value: &mut Padding) -> Field<'_> {
    let help = "What happens at the border. Same keeps the size (divided or multiplied by the stride), valid adds nothing, a number adds that many zeros on each side.";
    Field { name: "padding", help, slot: Slot::Padding(value) }
}

fn bias(value: &mut bool) -> Field<'_> {
    Field {
        name: "bias",
        help: "Adds a learned constant to each output. Not needed right before a BatchNorm, which removes it.",
        slot: Slot::Flag(value),
    }
}

fn init(value: &mut Init) -> Field<'_> {
    let help = "How the weights start. GANs often use N(0, 0.02); the library defaults grow or shrink with the layer's size.";
    Field { name: "init", help, slot: Slot::Init(value) }
}

impl Layer {
    /// The parameters in the order they are shown; empty for layers without any.
    pub fn fields(&mut self) -> Vec<Field<'_>> {
        match self {
            Self::Dense { units, bias: b, init: i } => {
                vec![count("units", "Outputs. More can express more, and cost weights: inputs × units.", units), bias(b), init(i)]
            }
            Self::Conv2d { filters, kernel, stride, padding: p, dilation, groups, bias: b, init: i } => vec![
                count("filters", "Channels of the output. More see more kinds of detail, and cost time and weights.", filters),
                window("kernel", "Rows and columns each filter sees. Larger sees more context and costs more.", kernel),
                window("stride", "Steps between looks. 2 halves the picture.", stride),
                padding(p),
                window("dilation", "Steps between the taps of a filter. Larger sees wider without more weights.", dilation),
                count("groups", "Splits channels into groups that do not see each other. 1 is an ordinary convolution.", groups),
                bias(b),
                init(i),
            ],
            Self::ConvTranspose2d { filters, kernel, stride, padding: p, output_padding, bias: b, init: i } => vec![
                count("filters", "Channels of the output. More draw more kinds of detail, and cost time and weights.", filters),
                window("kernel", "Rows and columns each value stamps. A multiple of the stride avoids checkerboards.", kernel),
                window("stride", "The factor of enlargement.", stride),
                padding(p),
                Field {
                    name: "output padding",
                    help: "Rows and columns added at the end, with explicit padding alone, to reach sizes that the stride skips.",
                    slot: Slot::Size(output_padding, 0..=MAX_WINDOW),
                },
                bias(b),
                init(i),
            ],
            Self::Upsample { factor, mode } => vec![
                window("factor", "How many times larger the output is.", factor),
                Field {
                    name: "mode",
                    help: "Nearest repeats each value; bilinear blends neighbours, which is smoother.",
                    slot: Slot::UpsampleMode(mode),
                },
            ],
            Self::MaxPool { size, stride, padding: p } | Self::AvgPool { size, stride, padding: p } => vec![
                window("size", "The window that becomes one value. Larger forgets more.", size),
                window("stride", "Steps between windows. Usually the size.", stride),
                padding(p),
            ],
            Self::Reshape { shape } => {
                vec![Field {
                    name: "shape",
                    help: "Channels, rows and columns of the output; as many values as come in.",
                    slot: Slot::Shape(shape),
                }]
            }
            Self::BatchNorm { momentum, epsilon } => vec![
                float(
                    "momentum",
                    "How much of the running statistics each batch replaces (PyTorch's convention; Keras counts the other way round).",
                    momentum,
                    0.0..=1.0,
                ),
                float("epsilon", "Added to the variance, so that a constant channel does not divide by zero.", epsilon, 1e-12..=1.0),
            ],
            Self::LayerNorm { epsilon } => {
                vec![float("epsilon", "Added to the variance, so that a constant sample does not divide by zero.", epsilon, 1e-12..=1.0)]
            }
            Self::Dropout { rate } => {
                vec![float(
                    "rate",
                    "The share of values set to zero while training. Larger regularises more and learns slower.",
                    rate,
                    0.0..=0.99,
                )]
            }
            Self::LeakyRelu { slope } => {
                vec![float("slope", "The slope below zero. 0 is ReLU; 0.2 is usual in discriminators.", slope, 0.0..=1.0)]
            }
            Self::Elu { alpha } => vec![float("alpha", "How far below zero the output can go.", alpha, 0.0..=10.0)],
            Self::GlobalAvgPool
            | Self::Flatten
            | Self::Relu
            | Self::Gelu
            | Self::Silu
            | Self::Tanh
            | Self::Sigmoid
            | Self::Softplus
            | Self::Gap { .. } => Vec::new(),
        }
    }
}

impl Init {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 4] = [Self::PyTorch, Self::Glorot, Self::Dcgan, Self::He];

    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PyTorch => "PyTorch",
            Self::Glorot => "Glorot",
            Self::Dcgan => "N(0, 0.02)",
            Self::He => "He",
        }
    }
}

impl UpsampleMode {
    /// Both, in the order they are offered.
    pub const ALL: [Self; 2] = [Self::Nearest, Self::Bilinear];

    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Bilinear => "bilinear",
        }
    }
}
