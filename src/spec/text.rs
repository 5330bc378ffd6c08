//! Layers as text that people can read, change and send to each other; what the clipboard holds.
//!
//! One layer a line, its parameters after its name: `Conv2d: filters 64; kernel 4 × 4; stride 2 × 2; padding 1; bias on`. A parameter that is
//! left out has its usual value. `off` before the name says that the layer is switched off.

use super::catalogue::catalogue;
use super::fields::{Field, Slot};
use super::layer::{BlockNorm, Init, Layer, Resample, UpsampleMode};
use super::shape::{Padding, Shape, Size};
use super::stack::StackLayer;

/// Before the name of a layer that is switched off.
const OFF: &str = "off ";

/// The most layers that are read from one text.
const MAX_LAYERS: usize = 1000;

/// Why a text is no list of layers: in one sentence, with the line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct TextError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub why: String,
}

/// The text of some layers.
pub fn layers_to_text<'a>(layers: impl IntoIterator<Item = &'a StackLayer>) -> String {
    let line = |layer: &StackLayer| format!("{}{}\n", if layer.on { "" } else { OFF }, layer_to_text(&layer.layer));
    layers.into_iter().map(line).collect()
}

fn layer_to_text(layer: &Layer) -> String {
    let mut layer = layer.clone();
    let name = layer.name();
    let values = match &layer {
        // Quoted, since source code may hold anything.
        Layer::Gap { source, line, reason } => vec![format!("line {line}"), quoted(source), quoted(reason)],
        _ => layer.fields().iter().map(|field| format!("{} {}", field.name, field.value_text())).collect(),
    };
    if values.is_empty() { name.to_owned() } else { format!("{name}: {}", values.join("; ")) }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The layers of a text, each with whether it is switched on. Empty lines do not count.
///
/// # Errors
/// The first line that is no layer, or whose parameters are none of it or out of range.
pub fn layers_from_text(text: &str) -> Result<Vec<(Layer, bool)>, TextError> {
    let lines = text.lines().zip(1..).filter(|(text, _)| !text.trim().is_empty());
    let mut layers = Vec::new();
    for (text, line) in lines {
        if layers.len() == MAX_LAYERS {
            return Err(TextError { line, why: format!("there are more than {MAX_LAYERS} layers") });
        }
        layers.push(layer_from_text(text.trim()).map_err(|why| TextError { line, why })?);
    }
    Ok(layers)
}

fn layer_from_text(text: &str) -> Result<(Layer, bool), String> {
    let (on, text) = match text.strip_prefix(OFF) {
        Some(text) => (false, text.trim_start()),
        None => (true, text),
    };
    let (name, values) = text.split_once(':').unwrap_or((text, ""));
    let name = name.trim();
    let usual = catalogue().into_iter().map(|entry| entry.layer).find(|layer| layer.name().eq_ignore_ascii_case(name));
    let Some(mut layer) = usual else {
        return match gap_from_text(name, values) {
            Some(gap) => Ok((gap, on)),
            None => Err(format!("there is no kind of layer called {name:?}")),
        };
    };
    for value in values.split(';').map(str::trim).filter(|value| !value.is_empty()) {
        set(&mut layer, value)?;
    }
    Ok((layer, on))
}

fn gap_from_text(name: &str, values: &str) -> Option<Layer> {
    let is_gap = name.eq_ignore_ascii_case(Layer::Gap { source: String::new(), line: 0, reason: String::new() }.name());
    let (line, rest) = values.trim().strip_prefix("line ").filter(|_| is_gap)?.split_once(';')?;
    let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<String>();
    let source = texts.next()?.ok()?;
    let rest = rest.get(texts.byte_offset()..)?.trim_start().strip_prefix(';')?;
    Some(Layer::Gap { source, line: line.trim().parse().ok()?, reason: serde_json::from_str(rest).ok()? })
}

/// Sets one parameter, `name value`.
fn set(layer: &mut Layer, text: &str) -> Result<(), String> {
    let kind = layer.name();
    // The longest name that fits: some begin with another.
    let fits = |field: &Field<'_>| text.strip_prefix(field.name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let field = layer.fields().into_iter().filter(fits).max_by_key(|field| field.name.len());
    let Some(mut field) = field else { return Err(format!("{kind} has no parameter {text:?}")) };
    let value = text[field.name.len()..].trim();
    put(&mut field.slot, value).ok_or_else(|| format!("{value:?} is no value for {} of {kind}: {}", field.name, field.range_text()))?;
    field.fault().map_or(Ok(()), Err)
}

fn put(slot: &mut Slot<'_>, text: &str) -> Option<()> {
    match slot {
        Slot::Count(value, _) => **value = text.parse().ok()?,
        Slot::Float(value, _) => **value = text.parse().ok()?,
        Slot::Flag(value) => {
            **value = match text {
                "on" => true,
                "off" => false,
                _ => return None,
            }
        }
        Slot::Size(value, _) => **value = size(text)?,
        Slot::Shape(value) => {
            **value = match numbers(text)?[..] {
                [channels] => Shape::vector(channels),
                [channels, height, width] => Shape::new(channels, height, width),
                _ => return None,
            }
        }
        Slot::Padding(value) => {
            **value = match text {
                "same" => Padding::Same,
                "valid" => Padding::Valid,
                _ => Padding::Explicit(size(text)?),
            }
        }
        Slot::Init(value) => **value = chosen(Init::ALL, Init::name, text)?,
        Slot::UpsampleMode(value) => **value = chosen(UpsampleMode::ALL, UpsampleMode::name, text)?,
        Slot::Resample(value) => **value = chosen(Resample::ALL, Resample::name, text)?,
        Slot::BlockNorm(value) => **value = chosen(BlockNorm::ALL, BlockNorm::name, text)?,
    }
    Some(())
}

fn chosen<T: Copy, const N: usize>(all: [T; N], name: fn(T) -> &'static str, text: &str) -> Option<T> {
    all.into_iter().find(|&choice| name(choice).eq_ignore_ascii_case(text))
}

fn size(text: &str) -> Option<Size> {
    match numbers(text)?[..] {
        [both] => Some(Size::square(both)),
        [height, width] => Some(Size { height, width }),
        _ => None,
    }
}

/// `4 × 4`, or as it is easier to type: `4x4`.
fn numbers(text: &str) -> Option<Vec<usize>> {
    text.split(['×', 'x']).map(|number| number.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{LayerId, PRESETS, Role, TUTORIAL};

    #[test]
    fn every_stack_comes_back_from_its_text() {
        for project in PRESETS.into_iter().chain([TUTORIAL]).map(crate::spec::Preset::project) {
            for role in Role::BOTH {
                let mut stack = project.stack(role).clone();
                stack.layers[1].on = false;
                let read = layers_from_text(&layers_to_text(&stack.layers)).unwrap();
                assert_eq!(read, stack.layers.into_iter().map(|layer| (layer.layer, layer.on)).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn every_kind_comes_back_with_parameters_that_are_not_the_usual_ones() {
        let mut kinds: Vec<Layer> = catalogue().into_iter().map(|entry| entry.layer).collect();
        for layer in &mut kinds {
            for field in layer.fields() {
                match field.slot {
                    Slot::Count(value, range) => *value = (*value + 3).clamp(*range.start(), *range.end()),
                    Slot::Float(value, range) => *value = (*value / 3.0).clamp(*range.start(), *range.end()),
                    Slot::Flag(value) => *value = !*value,
                    Slot::Size(value, _) => *value = Size { height: 3, width: 5 },
                    Slot::Shape(value) => *value = Shape::new(2, 3, 4),
                    Slot::Padding(value) => *value = Padding::Explicit(Size { height: 0, width: 2 }),
                    Slot::Init(value) => *value = Init::Dcgan,
                    Slot::UpsampleMode(value) => *value = UpsampleMode::Bilinear,
                    Slot::Resample(value) => *value = Resample::Down,
                    Slot::BlockNorm(value) => *value = BlockNorm::Batch,
                }
            }
        }
        let reason = "a \"quoted\"; reason\nin two lines".to_owned();
        kinds.push(Layer::Gap { source: "x = Foo('ä'; \\n)".to_owned(), line: 12, reason });
        for layer in kinds {
            let text = layers_to_text([&StackLayer { id: LayerId(0), on: true, layer: layer.clone() }]);
            assert_eq!(layers_from_text(&text), Ok(vec![(layer, true)]), "{text}");
        }
    }

    #[test]
    fn what_is_typed_is_read_kindly() {
        let text = "\n  conv2d: kernel 4x4; filters 16\n\noff relu\nReshape: shape 8\n";
        let read = layers_from_text(text).unwrap();
        let usual = catalogue().into_iter().map(|entry| entry.layer).find(|layer| layer.name() == "Conv2d").unwrap();
        let Layer::Conv2d { stride, .. } = usual else { unreachable!() };
        assert!(
            matches!(&read[0], (Layer::Conv2d { filters: 16, kernel, stride: found, .. }, true) if *kernel == Size::square(4) && *found == stride)
        );
        assert_eq!(read[1..], [(Layer::Relu, false), (Layer::Reshape { shape: Shape::vector(8) }, true)]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let said = |text: &str| layers_from_text(text).unwrap_err().to_string();
        assert_eq!(said("ReLU\nFoo: bar 1"), "line 2: there is no kind of layer called \"Foo\"");
        assert_eq!(said("Dense: height 3"), "line 1: Dense has no parameter \"height 3\"");
        assert_eq!(said("Dropout: rate much"), "line 1: \"much\" is no value for rate of Dropout: 0 to 0.99");
        assert!(said("Dense: units 0").starts_with("line 1: units is 0, but has to be between 1 and"), "{}", said("Dense: units 0"));
        assert!(said("Not read: line x; \"a\"; \"b\"").contains("no kind of layer"));
        assert!(said(&"ReLU\n".repeat(1001)).starts_with("line 1001: there are more than 1000"));
    }
}
