//! What is written is what was agreed on, and reads back as the same networks.

use std::fs;
use std::path::Path;

use super::*;
use crate::code::{Format, read};
use crate::spec::{Edit, Init, Loss, PRESETS, Padding, Preset, Shape, Size, Stack, catalogue};

fn preset(name: &str) -> Project {
    Preset::from_name(name).unwrap().project()
}

/// `GANVAS_WRITE_EXPECTED=1` writes the files anew; what changes in them is then to be looked at line by line.
#[test]
fn two_presets_are_written_as_agreed() {
    for (name, language, file) in [("ring8", Language::PyTorch, "ring8_pytorch.py"), ("digits", Language::Keras, "digits_keras.py")] {
        let found = write(&preset(name), language).unwrap();
        let path = Path::new("tests/written").join(file);
        if std::env::var_os("GANVAS_WRITE_EXPECTED").is_some() {
            fs::create_dir_all("tests/written").unwrap();
            fs::write(&path, &found).unwrap();
        }
        assert_eq!(found, fs::read_to_string(&path).unwrap(), "{}", path.display());
    }
}

#[test]
fn every_template_is_filled() {
    for preset in PRESETS {
        for language in Language::ALL {
            for loss in Loss::ALL {
                for ema_decay in [0.0, 0.99] {
                    let mut project = preset.project();
                    let train = project.train.with_loss(loss);
                    let train = crate::spec::TrainSpec { ema_decay, stop: crate::spec::Stop::Epochs(3), ..train };
                    Edit::SetTrain(train).apply(&mut project).unwrap();
                    let text = write(&project, language).unwrap();
                    assert!(!text.contains("{{") && !text.contains("}}"), "{}: {text}", preset.name);
                    assert_eq!(text.contains("CLIP_VALUE"), loss == Loss::Wasserstein);
                    assert_eq!(text.contains("EMA_DECAY"), ema_decay > 0.0);
                }
            }
        }
    }
}

#[test]
fn penalties_are_written_and_read_back() {
    use crate::spec::{Optimiser, Regularisation, TrainSpec};
    let off = Regularisation::default();
    for regularisation in [
        Regularisation { clip: 0.02, ..off },
        Regularisation { gradient_penalty: 7.5, ..off },
        Regularisation { r1: 0.5, ..off },
        Regularisation { gradient_penalty: 10.0, r1: 2.0, ..off },
    ] {
        for language in Language::ALL {
            for rule in [Optimiser::ALL[3], Optimiser::ALL[4]] {
                let mut project = preset("digits");
                project.train = TrainSpec { regularisation, ..project.train.with_loss(Loss::Wasserstein) };
                project.train.generator.rule = rule;
                let text = write(&project, language).unwrap();
                let read = read(&text, Format::Python).unwrap().project.train;
                assert_eq!((read.loss, read.regularisation), (Loss::Wasserstein, regularisation), "{text}");
                // PyTorch has no Lion: the script has a class of its own, which the reader does not know.
                if language == Language::Keras || rule == Optimiser::ALL[3] {
                    assert_eq!(read.generator, project.train.generator, "{text}");
                }
            }
        }
    }
}

#[test]
fn what_cannot_be_written_is_said() {
    let mut project = preset("ring8");
    let id = project.generator.layers[0].id;
    let layer = Layer::Gap { source: "Foo()".to_owned(), line: 3, reason: "no layer is called Foo".to_owned() };
    Edit::Replace { role: Role::Generator, id, layer }.apply(&mut project).unwrap();
    let error = write(&project, Language::PyTorch).unwrap_err().to_string();
    assert!(error.starts_with("what cannot be trained cannot be written: generator: line 3: `Foo()` could not be read"), "{error}");

    let mut strided = Layer::conv(8, 3, 2, 1);
    if let Layer::Conv2d { dilation, .. } = &mut strided {
        *dilation = Size::square(2);
    }
    let project = around(strided);
    assert!(write(&project, Language::PyTorch).is_ok());
    let error = write(&project, Language::Keras).unwrap_err().to_string();
    assert!(error.contains("both a stride and a dilation"), "{error}");
}

/// A discriminator of pictures with this layer in it.
fn around(layer: Layer) -> Project {
    let mut project = preset("shapes");
    let layers = [Layer::conv(8, 3, 2, 1), layer, Layer::leaky_relu(), Layer::Flatten, Layer::dense(1)];
    project.discriminator = Stack::new(Shape::new(3, 32, 32), layers);
    project
}

/// Does this layer only change how a vector is held?
fn is_idle(layer: &Layer, input: Shape) -> bool {
    matches!(layer, Layer::Flatten | Layer::Reshape { .. }) && layer.output_shape(input) == Ok(input)
}

/// The layers that do something, each with its input; borders as they are computed, and starts as the language can say them.
fn said(stack: &Stack, language: Language) -> Vec<(Layer, Shape, Option<crate::spec::Windows>)> {
    let mut input = stack.input;
    let mut found = Vec::new();
    for entry in stack.active() {
        let Ok(output) = entry.layer.output_shape(input) else {
            found.push((entry.layer.clone(), input, None));
            break;
        };
        // Zeros around a picture belong to the window that slides over them.
        let padded = match found.last() {
            Some((Layer::ZeroPadding2d { top, left, .. }, before, _)) if entry.layer.windows(input).is_ok() => Some((*top, *left, *before)),
            _ => None,
        };
        if !is_idle(&entry.layer, input) {
            let windows = entry.layer.windows(input).ok();
            let border = windows.map(|mut windows| {
                // Zeros that no window reaches may be there or not.
                windows.rows.after = 0;
                windows.columns.after = 0;
                let (top, left, _) = padded.unwrap_or((0, 0, input));
                windows.rows.before += top;
                windows.columns.before += left;
                windows
            });
            if padded.is_some() {
                found.pop();
            }
            let before = padded.map_or(input, |(_, _, before)| before);
            found.push((plain(entry.layer.clone(), input, language), before, border));
        }
        input = output;
    }
    found
}

/// A layer in the one way in which the reader says it.
fn plain(mut layer: Layer, input: Shape, language: Language) -> Layer {
    if let (Language::PyTorch, Layer::DepthwiseConv2d { multiplier, kernel, stride, padding, dilation, bias, init, spectral_norm }) =
        (language, &layer)
    {
        let (filters, groups) = (input.channels * multiplier, input.channels);
        let (kernel, stride, padding, dilation, bias, init) = (*kernel, *stride, *padding, *dilation, *bias, *init);
        layer = Layer::Conv2d { filters, kernel, stride, padding, dilation, groups, bias, init, spectral_norm: *spectral_norm };
    }
    match &mut layer {
        Layer::Conv2d { padding, .. }
        | Layer::DepthwiseConv2d { padding, .. }
        | Layer::SeparableConv2d { padding, .. }
        | Layer::MaxPool { padding, .. }
        | Layer::AvgPool { padding, .. } => *padding = Padding::Same,
        Layer::ConvTranspose2d { padding, output_padding, .. } => {
            *padding = Padding::Same;
            *output_padding = Size::square(0);
        }
        // Keras has groups of one channel instead.
        Layer::InstanceNorm { epsilon, .. } if language == Language::Keras => {
            layer = Layer::GroupNorm { groups: input.channels, epsilon: *epsilon };
        }
        _ => {}
    }
    match (language, &layer) {
        // PyTorch's start has no name in Keras.
        (Language::Keras, _) => layer.with_init(Init::Zeros),
        _ => layer,
    }
}

/// What is wrong with a network that was written and read.
fn lost(project: &Project, language: Language) -> Option<String> {
    let text = write(project, language).unwrap();
    let import = read(&text, Format::Python).unwrap();
    for role in Role::BOTH {
        let (wanted, found) = (said(project.stack(role), language), said(import.project.stack(role), language));
        if wanted != found {
            return Some(format!("{}, {}: {wanted:#?}\nbecame {found:#?}\nof {text}", project.name, language.name()));
        }
    }
    None
}

#[test]
fn presets_read_back_as_they_were() {
    for preset in PRESETS {
        for language in Language::ALL {
            if let Some(why) = lost(&preset.project(), language) {
                panic!("{why}");
            }
        }
    }
}

/// What the reader does not know, or knows as something else.
const NOT_READ: [(Language, &[&str]); 2] =
    [(Language::PyTorch, &["SeparableConv2d", "Cropping2d", "GaussianNoise"]), (Language::Keras, &["PixelShuffle", "PReLU"])];

#[test]
fn every_kind_that_is_known_reads_back_as_it_was() {
    let strange = |language: Language| -> Vec<&str> {
        let is_lost = |layer: &Layer| {
            let project = around(layer.clone());
            project.faults().is_empty() && lost(&project, language).is_some()
        };
        catalogue().into_iter().filter(|entry| is_lost(&entry.layer)).map(|entry| entry.layer.name()).collect()
    };
    let found = NOT_READ.map(|(language, _)| (language, strange(language)));
    assert_eq!(found, NOT_READ.map(|(language, names)| (language, names.to_vec())));
}
