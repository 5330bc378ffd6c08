//! The arguments of one call, taken one by one; what nobody takes is said.

use crate::code::eval::{Made, Value};
use crate::spec::{Init, Layer, Padding, Size, UpsampleMode};

/// What a layer's name means.
pub type Reader = fn(&mut Call<'_>) -> Result<(), String>;

/// A part of a network.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// A layer of the catalogue.
    Layer(Layer),
    /// The same values in another shape, without the batch.
    View {
        /// The sizes as written.
        dims: Vec<Dim>,
        /// Are channels the last of three?
        channels_last: bool,
        /// Is it a layer in the script, and no part of a calculation that may have no effect?
        is_layer: bool,
    },
    /// Enlarges to a size.
    Resize(Size, UpsampleMode),
    /// Means or largest values of windows, so that a size is left.
    PoolTo {
        /// The size.
        size: Size,
        /// The largest values?
        is_max: bool,
    },
    /// Means of windows in which what lies beyond the border does not count.
    UncountedPool {
        /// The window.
        size: Size,
        /// Steps between windows.
        stride: Size,
        /// What is added on both sides.
        padding: Size,
    },
    /// A border of values that are never the largest, before a pool: rows above and below, columns left and right.
    LowestBorder([usize; 4]),
    /// Other axes in the place of these, counted from 1 without the batch, in the order of the library.
    Permute(Vec<usize>),
    /// Learned slopes for each value of what comes in, which begin at this one.
    Slopes(f32),
    /// The rows and columns from one place to another, counted from the end where negative.
    Slice([Span; 2]),
    /// A part of a call that was not read, while the rest was: the code, and why.
    Gap(String, String),
}

/// From one place to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first one.
    pub from: i64,
    /// The one behind the last; none for all that follow.
    pub to: Option<i64>,
}

/// One size of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dim {
    /// A number.
    Known(usize),
    /// Whatever is left.
    Rest,
    /// The size along an axis, counted with the batch, channels first.
    SizeOf(usize),
    /// Cannot be told.
    Unknown,
}

/// What was read of a call.
#[derive(Debug, Default)]
pub struct Reading {
    /// In order.
    pub pieces: Vec<Piece>,
    /// What has to be said: about which part, and what.
    pub remarks: Vec<(String, String)>,
    /// The channels or features that the layer says it gets.
    pub wants: Option<usize>,
    /// The shape of the input, where the layer says one: without the batch.
    pub input: Option<Vec<Value>>,
    /// Does it say that channels come before rows?
    pub channels_first: bool,
}

/// Arguments that change nothing here.
const HARMLESS: [&str; 23] = [
    "name",
    "trainable",
    "dtype",
    "inplace",
    "device",
    "data_format",
    "input_shape",
    "input_dim",
    "batch_input_shape",
    "bias_initializer",
    "training",
    "axis",
    "fused",
    "align_corners",
    "recompute_scale_factor",
    "antialias",
    "input_length",
    "weights",
    "beta_initializer",
    "track_running_stats",
    "seed",
    "synchronized",
    "batch_size",
];

/// A call while its arguments are taken.
pub struct Call<'a> {
    /// The call.
    pub made: &'a Made,
    used: Vec<String>,
    pub reading: Reading,
}

impl<'a> Call<'a> {
    pub fn new(made: &'a Made) -> Self {
        let named = |name: &str| made.arguments.named(&[name]);
        let with_batch = named("batch_input_shape").or(named("batch_shape")).and_then(Value::items);
        let without = named("input_shape").and_then(shape_of).or_else(|| named("input_dim").map(|size| vec![size.clone()]));
        let input = with_batch.map(|shape| shape.into_iter().skip(1).collect()).or(without);
        let channels_first = named("data_format").and_then(Value::as_text) == Some("channels_first");
        Self { made, used: Vec::new(), reading: Reading { input, channels_first, ..Reading::default() } }
    }

    /// What was read, with a remark for each argument that nobody took.
    pub fn finish(mut self) -> Reading {
        for (name, value) in &self.made.arguments.named {
            if !self.used.contains(name) && !HARMLESS.contains(&name.as_str()) && !matches!(value, Value::None) {
                let short = self.made.short();
                self.reading.remarks.push((format!("{name} of {short}"), "this setting has no counterpart and is left out".to_owned()));
            }
        }
        self.reading
    }

    pub fn push(&mut self, layer: Layer) {
        self.reading.pieces.push(Piece::Layer(layer));
    }

    pub fn remark(&mut self, what: &str, why: impl Into<String>) {
        self.reading.remarks.push((what.to_owned(), why.into()));
    }

    /// The argument at a place or with one of these names.
    pub fn value(&mut self, place: usize, names: &[&str]) -> Option<&'a Value> {
        self.used.extend(names.iter().map(|name| (*name).to_owned()));
        self.made.arguments.get(place, names)
    }

    /// Says that these are understood, or do not matter.
    pub fn skip(&mut self, names: &[&str]) {
        self.used.extend(names.iter().map(|name| (*name).to_owned()));
    }

    /// A whole number that has to be there.
    pub fn count(&mut self, place: usize, names: &[&str]) -> Result<usize, String> {
        let name = names.first().copied().unwrap_or_default();
        let value = self.value(place, names).ok_or_else(|| format!("its {name} are missing"))?;
        as_count(value, name)
    }

    /// A whole number that may be left out.
    pub fn count_or(&mut self, place: usize, names: &[&str], default: usize) -> Result<usize, String> {
        match self.value(place, names) {
            None | Some(Value::None) => Ok(default),
            Some(value) => as_count(value, names.first().copied().unwrap_or_default()),
        }
    }

    /// Rows and columns: one number for both, or two.
    pub fn size_or(&mut self, place: usize, names: &[&str], default: Size) -> Result<Size, String> {
        match self.value(place, names) {
            None | Some(Value::None) => Ok(default),
            Some(value) => as_size(value, names.first().copied().unwrap_or_default()),
        }
    }

    /// A number that may be left out.
    pub fn number_or(&mut self, place: usize, names: &[&str], default: f64) -> Result<f32, String> {
        match self.value(place, names) {
            None | Some(Value::None) => Ok(default as f32),
            Some(value) => {
                value.as_float().map(|value| value as f32).ok_or_else(|| not_known(value, names.first().copied().unwrap_or_default()))
            }
        }
    }

    /// Yes or no, which may be left out.
    pub fn flag_or(&mut self, place: usize, names: &[&str], default: bool) -> Result<bool, String> {
        match self.value(place, names) {
            None => Ok(default),
            Some(value) => value.truth().ok_or_else(|| not_known(value, names.first().copied().unwrap_or_default())),
        }
    }

    /// A word that may be left out.
    pub fn word_or(&mut self, place: usize, names: &[&str], default: &str) -> Result<String, String> {
        match self.value(place, names) {
            None | Some(Value::None) => Ok(default.to_owned()),
            Some(Value::Text(text)) => Ok(text.to_lowercase()),
            Some(value) => Err(not_known(value, names.first().copied().unwrap_or_default())),
        }
    }

    /// Keras's padding.
    pub fn keras_padding(&mut self, place: usize) -> Result<Padding, String> {
        match self.word_or(place, &["padding", "border_mode"], "valid")?.as_str() {
            "same" => Ok(Padding::Same),
            "valid" => Ok(Padding::Valid),
            other => Err(format!("there is no padding {other}")),
        }
    }

    /// PyTorch's padding: a number, two, or a word.
    pub fn torch_padding(&mut self, place: usize) -> Result<Padding, String> {
        if let Some(mode) = self.value(usize::MAX, &["padding_mode"]).and_then(Value::as_text)
            && mode != "zeros"
        {
            self.remark("padding_mode", format!("the border is filled with zeros here, not with {mode}"));
        }
        match self.value(place, &["padding"]) {
            Some(Value::Text(word)) if word.as_ref() == "same" => Ok(Padding::Same),
            Some(Value::Text(word)) if word.as_ref() == "valid" => Ok(Padding::Valid),
            _ => Ok(Padding::Explicit(self.size_or(place, &["padding"], Size::square(0))?)),
        }
    }

    /// How the weights start: as something outside said, or as the argument says, or as the library does.
    pub fn start(&mut self, value: Option<&Value>, default: Init) -> Init {
        let outside = self.made.start.borrow().clone();
        let (init, remark) = match outside.as_ref().or(value) {
            None | Some(Value::None) => (default, None),
            Some(value) => super::start::init(value, default),
        };
        if let Some(why) = remark {
            self.remark("initial weights", why);
        }
        init
    }

    /// Is it under spectral normalisation?
    pub fn is_spectral(&self) -> bool {
        self.made.spectral.get()
    }
}

/// Why a value is no number.
pub fn not_known(value: &Value, name: &str) -> String {
    match value {
        Value::Unknown(unknown) => format!("its {name} cannot be told: {}", unknown.reason),
        Value::SizeOf(..) | Value::ShapeOf(_) => format!("its {name} depend on the size of what comes in"),
        _ => format!("its {name} are no number"),
    }
}

fn as_count(value: &Value, name: &str) -> Result<usize, String> {
    let number = value.as_int().ok_or_else(|| not_known(value, name))?;
    usize::try_from(number).map_err(|_| format!("its {name} are {number}"))
}

fn as_size(value: &Value, name: &str) -> Result<Size, String> {
    match value.items().as_deref() {
        None => as_count(value, name).map(Size::square),
        Some([side]) => as_count(side, name).map(Size::square),
        Some([height, width]) => Ok(Size { height: as_count(height, name)?, width: as_count(width, name)? }),
        Some(_) => Err(format!("its {name} are not two numbers")),
    }
}

/// The numbers of a shape.
pub fn shape_of(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Int(_) => Some(vec![value.clone()]),
        _ => value.items(),
    }
}

/// The sizes of a shape.
pub fn dims(values: &[Value]) -> Vec<Dim> {
    let dim = |value: &Value| match value {
        Value::SizeOf(axis) => usize::try_from(*axis).map_or(Dim::Unknown, Dim::SizeOf),
        _ => match value.as_int() {
            Some(-1) => Dim::Rest,
            Some(size) => usize::try_from(size).map_or(Dim::Unknown, Dim::Known),
            None => Dim::Unknown,
        },
    };
    values.iter().map(dim).collect()
}
