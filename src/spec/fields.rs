//! A layer's parameters as a list of named fields with ranges, so that cards, checks and texts need not know each kind of layer.

use std::ops::RangeInclusive;

use super::layer::{BlockNorm, Init, Resample, UpsampleMode};
use super::shape::{MAX_VALUES, Padding, Shape, Size};

/// One parameter of a layer, open for change.
#[derive(Debug)]
pub struct Field<'a> {
    /// In the field's words, lower case: `filters`.
    pub name: &'static str,
    /// What it does, and what happens if it is larger; one or two short sentences.
    pub help: &'static str,
    /// What it counts, in the plural; empty for a number without a unit and for choices.
    pub unit: &'static str,
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
    /// What a residual block does to the size.
    Resample(&'a mut Resample),
    /// What normalises inside a residual block.
    BlockNorm(&'a mut BlockNorm),
}

/// The most units, filters or channels a layer may have.
pub const MAX_UNITS: usize = 1 << 20;
/// The largest kernel, stride, pool, factor or dilation.
pub const MAX_WINDOW: usize = 64;
/// The largest explicit padding.
pub const MAX_PADDING: usize = 64;
/// The most rows or columns that can be added or cut off at one edge.
pub const MAX_EDGE: usize = 1024;

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
            Slot::Resample(value) => value.name().to_owned(),
            Slot::BlockNorm(value) => value.name().to_owned(),
        }
    }

    /// What the value may be, as a person reads it: `1 to 64 rows and columns`, or the choices.
    pub fn range_text(&self) -> String {
        let numbers = |low: &dyn std::fmt::Display, high: &dyn std::fmt::Display| match self.unit {
            "" => format!("{low} to {high}"),
            unit => format!("{low} to {high} {unit}"),
        };
        match &self.slot {
            Slot::Count(_, range) | Slot::Size(_, range) => numbers(range.start(), range.end()),
            Slot::Float(_, range) => numbers(range.start(), range.end()),
            Slot::Flag(_) => "on or off".to_owned(),
            Slot::Shape(_) => format!("up to {MAX_VALUES} values"),
            Slot::Padding(_) => format!("same, valid, or 0 to {MAX_PADDING} rows and columns"),
            Slot::Init(_) => Init::ALL.map(Init::name).join(", "),
            Slot::UpsampleMode(_) => UpsampleMode::ALL.map(UpsampleMode::name).join(" or "),
            Slot::Resample(_) => Resample::ALL.map(Resample::name).join(", "),
            Slot::BlockNorm(_) => BlockNorm::ALL.map(BlockNorm::name).join(" or "),
        }
    }
}

fn out_of_range<T: std::fmt::Display, R: std::fmt::Display>(name: &str, value: T, range: &RangeInclusive<R>) -> String {
    format!("{name} is {value}, but has to be between {} and {}", range.start(), range.end())
}

impl Init {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 6] = [Self::PyTorch, Self::Glorot, Self::Dcgan, Self::He, Self::Orthogonal, Self::Zeros];

    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PyTorch => "PyTorch",
            Self::Glorot => "Glorot",
            Self::Dcgan => "N(0, 0.02)",
            Self::He => "He",
            Self::Orthogonal => "orthogonal",
            Self::Zeros => "zeros",
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

impl Resample {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::None, Self::Up, Self::Down];

    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl BlockNorm {
    /// Both, in the order they are offered.
    pub const ALL: [Self; 2] = [Self::None, Self::Batch];

    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Batch => "batch",
        }
    }
}
