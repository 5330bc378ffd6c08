//! What is written is what was agreed on, and reads back as the same networks.

use std::fs;
use std::path::Path;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::code::{Format, read};
use crate::random::{Purpose, stream};
use crate::spec::{BlockNorm, Edit, Init, Loss, PRESETS, Padding, Preset, Resample, Shape, Size, Slot, Stack, UpsampleMode, catalogue};

fn preset(name: &str) -> Project {
    Preset::from_name(name).unwrap().project()
}

/// The languages of Python, which are read as well.
const PYTHON: [Language; 2] = [Language::PyTorch, Language::Keras];

/// All files as one text, with their paths where there are several.
fn text(project: &Project, language: Language) -> String {
    let files = write(project, language).unwrap();
    match files.as_slice() {
        [script] => script.text.clone(),
        files => files.iter().map(|file| format!("==> {} <==\n{}\n", file.path, file.text)).collect(),
    }
}

/// `GANVAS_WRITE_EXPECTED=1` writes the files anew; what changes in them is then to be looked at line by line.
#[test]
fn presets_are_written_as_agreed() {
    let agreed = [
        ("ring8", Language::PyTorch, "ring8_pytorch.py"),
        ("digits", Language::Keras, "digits_keras.py"),
        ("digits", Language::Burn, "digits_burn.txt"),
    ];
    for (name, language, file) in agreed {
        let found = text(&preset(name), language);
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
            for loss in Loss::ALL.into_iter().filter(|loss| language != Language::Burn || !loss.is_relativistic()) {
                for ema_decay in [0.0, 0.99] {
                    let mut project = preset.project();
                    let train = project.train.with_loss(loss);
                    let is_plain = !train.regularisation.adds_penalty() && train.schedule == crate::spec::Schedule::default();
                    if language == Language::Burn && !is_plain {
                        continue;
                    }
                    let train = crate::spec::TrainSpec { ema_decay, stop: crate::spec::Stop::Epochs(3), ..train };
                    Edit::SetTrain(train).apply(&mut project).unwrap();
                    let text = text(&project, language);
                    assert!(!text.contains("{{") && !text.contains("}}"), "{}: {text}", preset.name);
                    assert_eq!(text.contains("CLIP_VALUE"), project.train.regularisation.clip > 0.0);
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
        for language in [Language::PyTorch, Language::Keras] {
            for rule in [Optimiser::ALL[3], Optimiser::ALL[4]] {
                let mut project = preset("digits");
                project.train = TrainSpec { regularisation, ..project.train.with_loss(Loss::Wasserstein) };
                project.train.generator.rule = rule;
                let text = text(&project, language);
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
fn what_the_program_for_burn_does_without_is_said() {
    use crate::spec::{Optimiser, OptimiserSpec, Regularisation, Schedule, TrainSpec};
    let usual = preset("digits").train;
    let said = |train: TrainSpec| write(&Project { train, ..preset("digits") }, Language::Burn).unwrap_err().to_string();
    let penalty = Regularisation { r1: 1.0, ..Regularisation::default() };
    assert!(said(TrainSpec { regularisation: penalty, ..usual.clone() }).contains("without penalties on the discriminator"));
    assert!(said(usual.with_loss(Loss::RelativisticPaired)).contains("without relativistic losses"));
    let schedule = Schedule { warm_up: 5, ..Schedule::default() };
    assert!(said(TrainSpec { schedule, ..usual.clone() }).contains("without schedules"));
    let lion = OptimiserSpec { rule: Optimiser::ALL[4], ..usual.generator };
    assert!(said(TrainSpec { generator: lion, ..usual }).contains("without Lion: write it for PyTorch"));
}

#[test]
fn augmentation_and_packs_are_written_for_pytorch_and_refused_elsewhere() {
    use crate::spec::{Augmentation, TrainSpec};
    let mut project = preset("shapes");
    let augmentation = Augmentation { translation: true, cutout: true, adaptive: true, ..Augmentation::default() };
    let train = TrainSpec { augmentation, packing: 2, ..project.train.clone() };
    Edit::settings(&project, train).apply(&mut project).unwrap();
    let script = text(&project, Language::PyTorch);
    for line in [
        "PACKING = 2  # samples that the discriminator judges at once",
        "AUGMENT_RAMP = 100000  # real pictures that this takes from never to always",
        "            real, fake = pack(real), pack(fake)",
        "            nn.Conv2d(6, 32, 4, stride=2, padding=1),",
        "            on_real, on_fake = judge(real_seen), judge(fake_seen)",
        "    is_cut = is_made() > 0",
        "            signs.append(on_real.sign().mean().item())",
    ] {
        assert!(script.lines().any(|found| found == line), "{line}: {script}");
    }
    assert!(script.lines().all(|line| line.trim_end() == line), "{script}");
    assert!(!script.contains("{{") && !script.contains("grey") && !script.contains("# colour"), "{script}");
    project.train.augmentation = Augmentation { colour: true, probability: 0.5, ..Augmentation::default() };
    let script = text(&project, Language::PyTorch);
    assert!(script.contains("AUGMENT_P = 0.5") && !script.contains("signs") && script.contains("generator_loss(judge(fake))"), "{script}");
    let said = |project: &Project, language| write(project, language).unwrap_err().to_string();
    for language in [Language::Keras, Language::Burn] {
        assert!(said(&project, language).contains("does without augmentation: write it for PyTorch"));
        project.train.augmentation = Augmentation::default();
        assert!(said(&project, language).contains("does without packs of samples: write it for PyTorch"));
        project.train.augmentation.colour = true;
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
pub(super) fn around(layer: Layer) -> Project {
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
    let mut found: Vec<(Layer, Shape, Option<crate::spec::Windows>)> = Vec::new();
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
        // What is cut off after a transposed convolution belongs to its window.
        if let (Layer::Cropping2d { top, left, .. }, Some((Layer::ConvTranspose2d { .. }, _, Some(windows)))) =
            (&entry.layer, found.last_mut())
        {
            windows.rows = crate::spec::Window { before: windows.rows.before + top, output: output.height, ..windows.rows };
            windows.columns = crate::spec::Window { before: windows.columns.before + left, output: output.width, ..windows.columns };
        } else if !is_idle(&entry.layer, input) {
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
    // A vector is a vector, however it is said.
    if matches!(layer, Layer::Reshape { shape } if shape.is_vector()) {
        layer = Layer::Flatten;
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
    let text = text(project, language);
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
    // What is relativistic is written and not read.
    let is_read = |preset: &Preset| !preset.project().train.loss.is_relativistic();
    let read = PRESETS.into_iter().filter(is_read).collect::<Vec<_>>();
    assert!(read.len() >= 10);
    for preset in read {
        for language in PYTHON {
            if let Some(why) = lost(&preset.project(), language) {
                panic!("{why}");
            }
        }
    }
}

#[test]
fn every_kind_reads_back_as_it_was() {
    for language in PYTHON {
        for entry in catalogue() {
            let project = around(entry.layer.clone());
            if project.faults().is_empty()
                && let Some(why) = lost(&project, language)
            {
                panic!("{why}");
            }
        }
    }
}

/// A layer with other parameters than the usual ones, where what stands around it can take them.
fn drawn(mut layer: Layer, rng: &mut ChaCha8Rng) -> Layer {
    for field in layer.fields() {
        let few = rng.random_range(0..4);
        match field.slot {
            _ if rng.random_bool(0.4) => {}
            Slot::Count(value, _) => *value = [1, 2, 4, 8][few],
            Slot::Float(value, range) => *value = [0.05_f32, 0.1, 0.2, 0.3][few].clamp(*range.start(), *range.end()),
            Slot::Size(value, range) => {
                let side = |rng: &mut ChaCha8Rng| rng.random_range(1_usize..5).clamp(*range.start(), *range.end());
                *value = Size { height: side(rng), width: side(rng) };
            }
            Slot::Padding(value) => {
                let explicit = Size { height: rng.random_range(0..3), width: rng.random_range(0..3) };
                *value = [Padding::Same, Padding::Valid, Padding::Explicit(explicit), Padding::Same][few];
            }
            Slot::Flag(value) => *value = !*value,
            Slot::Init(value) => {
                *value = [Init::PyTorch, Init::Glorot, Init::Dcgan, Init::He, Init::Orthogonal, Init::Zeros][few + rng.random_range(0..3)];
            }
            Slot::UpsampleMode(value) => *value = [UpsampleMode::Nearest, UpsampleMode::Bilinear][few % 2],
            Slot::Resample(value) => *value = [Resample::None, Resample::Up, Resample::Down, Resample::Down][few],
            Slot::BlockNorm(value) => *value = [BlockNorm::None, BlockNorm::Batch][few % 2],
            Slot::Shape(value) => *value = [Shape::vector(2048), Shape::new(2, 32, 32), Shape::new(32, 8, 8), Shape::new(128, 4, 4)][few],
        }
    }
    layer
}

/// Is the layer written as several, which are read one by one?
fn is_taken_apart(layer: &Layer, language: Language) -> bool {
    let uneven = |stride: &Size| stride.height != stride.width;
    match (layer, language) {
        (Layer::Reshape { .. } | Layer::ConvTranspose2d { .. }, _) => true,
        (Layer::SeparableConv2d { stride, spectral_norm, .. }, Language::Keras) => uneven(stride) || *spectral_norm,
        (Layer::DepthwiseConv2d { stride, .. }, Language::Keras) => uneven(stride),
        _ => false,
    }
}

/// What else differs where a layer was taken apart.
fn unlike(project: &Project, language: Language) -> Option<String> {
    let text = text(project, language);
    let import = read(&text, Format::Python).unwrap();
    let of = |project: &Project| Role::BOTH.map(|role| (project.stack(role).cost().parameters, project.stack(role).output_shape()));
    let differs = of(project) != of(&import.project) || !import.gaps().is_empty();
    differs.then(|| format!("{:?} became {:?}\n{:?}\nof {text}", of(project), of(&import.project), import.gaps()))
}

#[test]
fn drawn_layers_read_back_as_they_were() {
    let rng = &mut stream(7, Purpose::Synthetic, 0);
    let mut compared = 0;
    for _ in 0..12 {
        for entry in catalogue() {
            let layer = drawn(entry.layer, rng);
            let project = around(layer.clone());
            for language in PYTHON {
                if !project.faults().is_empty() || write(&project, language).is_err() {
                    continue;
                }
                let why = if is_taken_apart(&layer, language) { unlike(&project, language) } else { lost(&project, language) };
                assert_eq!(why, None, "{layer:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 500, "only {compared} were compared");
}
