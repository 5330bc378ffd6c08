//! The linter as a whole: a tutorial's networks, the presets, and properties that hold for any project.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::rules::testing::{preset, reshape};
use super::*;
use crate::random::{Purpose, stream};
use crate::spec::{
    Layer, LayerId, Optimiser, OptimiserSpec, PRESETS, Padding, Role, Shape, Size, Slot, Stack, StackLayer, TrainSpec, catalogue,
};

fn same(mut layer: Layer) -> Layer {
    if let Layer::Conv2d { padding, .. } | Layer::ConvTranspose2d { padding, .. } = &mut layer {
        *padding = Padding::Same;
    }
    layer
}

/// A beginner's text as it is printed, Keras's defaults filled in.
pub fn tutorial() -> Project {
    let generator = [
        Layer::dense(128),
        Layer::Relu,
        reshape(128, 4, 4),
        same(Layer::conv_transpose(64, 4, 2, 0)),
        Layer::Relu,
        same(Layer::conv_transpose(32, 4, 2, 0)),
        Layer::Relu,
        same(Layer::conv(1, 4, 1, 0)),
    ];
    let discriminator = [
        same(Layer::conv(32, 3, 1, 0)),
        Layer::Relu,
        same(Layer::conv(64, 3, 1, 0)),
        Layer::Relu,
        Layer::Flatten,
        Layer::dense(1),
        Layer::Sigmoid,
    ];
    let adam = OptimiserSpec { learning_rate: 1e-3, rule: Optimiser::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } };
    let project = preset("seed28");
    Project {
        generator: Stack::new(Shape::vector(100), generator),
        discriminator: Stack::new(Shape::new(1, 28, 28), discriminator),
        train: TrainSpec { generator: adam, discriminator: adam, batch_size: 32, ..project.train.clone() },
        ..project
    }
}

fn counts(project: &Project) -> [usize; 3] {
    Score::of(&findings(project, Limits::default())).0
}

/// `generator 3: error reshape-mismatch: what is wrong`
fn lines(project: &Project) -> Vec<String> {
    let line = |finding: &Finding| {
        let place = match finding.place {
            Place::Layer(role, id) => format!("{} {}", role.name(), project.stack(role).position(id).unwrap() + 1),
            Place::Input(role) => role.name().to_owned(),
            place => format!("{place:?}"),
        };
        format!("{place}: {} {}: {}", finding.severity.name(), finding.rule, finding.what)
    };
    lint(project).iter().map(line).collect()
}

#[test]
fn the_tutorial_is_named_fault_by_fault() {
    assert_eq!(
        lines(&tutorial()),
        [
            "generator 3: error reshape-mismatch: Reshape wants 2048 values (128 × 4 × 4), but gets 128 (128)",
            "GeneratorToData: error generator-output-shape: the generator would make 1 × 16 × 16, but the data is 1 × 28 × 28",
            "generator 8: warning unbounded-output: nothing bounds what the generator makes, but pictures are from -1 to 1",
            "discriminator 7: warning sigmoid-with-logits: the discriminator ends in Sigmoid, but the loss non-saturating (BCE) takes logits",
            "Training: warning beta1: Adam's beta1 is 0.9 for both networks",
            "generator: advice no-normalisation: no layer of the generator normalises",
            "discriminator 2: advice relu-in-discriminator: ReLU in the discriminator, where LeakyReLU is usual",
            "discriminator 4: advice relu-in-discriminator: ReLU in the discriminator, where LeakyReLU is usual",
        ]
    );
}

#[test]
fn the_tutorial_is_mended_as_a_whole() {
    let project = tutorial();
    let (edit, done) = fix_all(&project);
    let fixes: Vec<&str> = done.iter().map(|done| done.fix.as_str()).collect();
    assert_eq!(fixes[..2], ["Dense 2048", "Begin with 128 × 7 × 7 (Dense 6272)"]);
    let mut after = project.clone();
    let inverse = edit.apply(&mut after).unwrap();
    assert_eq!(lines(&after), [""; 0]);
    assert_eq!(
        summaries(&after.generator),
        [
            "Dense 6272",
            "ReLU",
            "Reshape 128 × 7 × 7",
            "ConvTranspose2d 64, 4 × 4, stride 2",
            "BatchNorm",
            "ReLU",
            "ConvTranspose2d 32, 4 × 4, stride 2",
            "BatchNorm",
            "ReLU",
            "Conv2d 1, 4 × 4",
            "Tanh"
        ]
    );
    assert_eq!(
        summaries(&after.discriminator),
        ["Conv2d 32, 3 × 3", "LeakyReLU 0.2", "Conv2d 64, 3 × 3", "LeakyReLU 0.2", "Flatten", "Dense 1"]
    );
    inverse.apply(&mut after).unwrap();
    assert_eq!(after, project);
}

#[test]
fn a_wrong_size_has_several_repairs_the_nearest_first() {
    let mut project = tutorial();
    lint(&project)[0].fixes[0].edit.clone().apply(&mut project).unwrap();
    let found = lint(&project);
    let fixes: Vec<(&str, bool)> = found[0].fixes.iter().map(|fix| (fix.name.as_str(), fix.is_safe)).collect();
    assert_eq!(
        fixes,
        [
            ("Begin with 128 × 7 × 7 (Dense 6272)", true),
            ("Enlarge once more, crop 4 by the last convolution", true),
            ("Learn from pictures of 1 × 16 × 16", false)
        ]
    );
    for fix in &found[0].fixes {
        let mut after = project.clone();
        fix.edit.clone().apply(&mut after).unwrap();
        assert_eq!(after.faults(), [], "{}", fix.name);
    }
}

fn summaries(stack: &Stack) -> Vec<String> {
    stack.layers.iter().map(|layer| format!("{} {}", layer.layer.name(), layer.layer.summary()).trim().to_owned()).collect()
}

#[test]
fn presets_are_without_errors_and_warnings() {
    for preset in PRESETS {
        let found: Vec<Finding> = lint(&preset.project()).into_iter().filter(|finding| finding.severity < Severity::Advice).collect();
        assert_eq!(found, [], "{}", preset.name);
    }
}

#[test]
fn presets_are_without_advice_but_for_what_their_sources_do() {
    let advice = |name: &str| -> Vec<&str> { lint(&preset(name)).into_iter().map(|finding| finding.rule).collect() };
    for name in ["ring8", "grid25", "mlp", "dcgan64"] {
        assert_eq!(advice(name), [""; 0], "{name}");
    }
    // Networks with a bias before batch normalisation, as most tutorials have it.
    for name in ["digits", "shapes", "dcgan28"] {
        assert!(advice(name).iter().all(|rule| *rule == "useless-bias"), "{name}: {:?}", advice(name));
    }
    assert_eq!(advice("seed28"), ["no-normalisation", "relu-in-discriminator", "relu-in-discriminator"]);
}

#[test]
fn a_size_that_no_beginning_leads_to_is_reached_by_cropping() {
    for side in [9, 17, 29, 30, 33, 50, 61, 64, 100, 128] {
        let mut project = preset("shapes");
        let image = crate::spec::ImageSpec { width: side, height: side + 3, ..project.data.image };
        Edit::SetData(crate::spec::DataSpec { image, ..project.data.clone() }).apply(&mut project).unwrap();
        let (edit, done) = fix_all(&project);
        edit.apply(&mut project).unwrap();
        assert_eq!(project.faults(), [], "{side}: {done:?}");
        let dense = done.iter().any(|done| done.fix.contains("Add Dense"));
        assert!(!dense, "{side}: the convolutions are kept: {done:?}");
    }
}

#[test]
fn networks_are_made_to_fit_other_data() {
    for (name, other) in [("ring8", "digits"), ("digits", "ring8"), ("dcgan64", "dcgan28"), ("dcgan28", "dcgan64"), ("shapes", "digits")] {
        let mut project = preset(name);
        Edit::SetData(preset(other).data).apply(&mut project).unwrap();
        let (edit, done) = fix_all(&project);
        edit.apply(&mut project).unwrap();
        assert_eq!(counts(&project)[..2], [0, 0], "{name} on the data of {other}: {done:?}\n{:?}", lines(&project));
    }
}

fn ending(layers: impl IntoIterator<Item = Layer>) -> Project {
    let mut project = preset("mlp");
    let layers = [Layer::dense(8), Layer::leaky_relu()].into_iter().chain(layers);
    project.discriminator = Stack::new(project.discriminator.input, layers);
    project
}

#[test]
fn a_softmax_over_one_value_is_an_error_with_repairs() {
    let project = ending([Layer::dense(1), Layer::Softmax]);
    let found = lint(&project);
    assert_eq!((found[0].rule, found[0].severity), ("softmax-over-one", Severity::Error));
    assert!(found[0].what.contains("its value would always be 1"), "{}", found[0].what);
    let fixes: Vec<&str> = found[0].fixes.iter().map(|fix| fix.name.as_str()).collect();
    assert_eq!(fixes[0], "Remove Softmax");
    assert!(fixes.iter().any(|name| name.starts_with("Sigmoid")), "{fixes:?}");
    let mut after = project.clone();
    found[0].fixes[0].edit.clone().apply(&mut after).unwrap();
    assert_eq!(summaries(&after.discriminator), ["Dense 8", "LeakyReLU 0.2", "Dense 1"]);
    assert_eq!(after.faults(), []);
    // In the middle of a network a share is what was meant.
    let project = ending([Layer::dense(1), Layer::Softmax, Layer::dense(8), Layer::leaky_relu(), Layer::dense(1)]);
    assert_eq!(lint(&project)[0].fixes[0].name, "Sigmoid");
    assert!(!lint(&ending([Layer::dense(2), Layer::Softmax, Layer::dense(1)])).iter().any(|finding| finding.rule == "softmax-over-one"));
}

#[test]
fn a_discriminator_with_two_classes_is_explained_and_mended() {
    let project = ending([Layer::dense(2), Layer::Softmax]);
    let found = lint(&project);
    assert_eq!((found[0].rule, found[0].place), ("two-class-verdict", Place::Logit));
    assert!(found[0].what.ends_with("one for real and one for generated: make it Dense 1 without Softmax"), "{}", found[0].what);
    assert_eq!(found[0].fixes[0].name, "Dense 1 without Softmax");
    let mut after = project.clone();
    found[0].fixes[0].edit.clone().apply(&mut after).unwrap();
    assert_eq!(summaries(&after.discriminator), ["Dense 8", "LeakyReLU 0.2", "Dense 1"]);
    assert_eq!(after.faults(), []);
}

#[test]
fn undo_names_the_repair() {
    let project = tutorial();
    let fix = &lint(&project)[1].fixes[0];
    assert_eq!(fix.edit.describe(&project), "begin with 128 × 7 × 7 (Dense 6272)");
    assert_eq!((lower("ReLU"), lower("Dense 2")), ("ReLU".to_owned(), "Dense 2".to_owned()));
    assert_eq!(lower("End in Tanh"), "end in Tanh");
}

/// A layer with parameters from all over their ranges, and at times beyond.
fn random_layer(rng: &mut ChaCha8Rng) -> Layer {
    let entries = catalogue();
    let mut layer = entries[rng.random_range(0..entries.len())].layer.clone();
    for field in layer.fields() {
        let changes = rng.random_bool(0.5);
        let few = rng.random_range(0..10);
        match field.slot {
            Slot::Count(value, _) if changes => *value = [1, 2, 3, 7, 16, 64, 100, 2048, 0, 1 << 21][few],
            Slot::Float(value, _) if changes => *value = [0.0, 0.1, 0.5, 0.9, 1.0, 0.2, 0.01, 2.0, -1.0, f32::NAN][few],
            Slot::Size(size, _) if changes => *size = Size { height: [1, 2, 3, 4, 5, 2, 3, 9, 0, 70][few], width: rng.random_range(1..6) },
            Slot::Shape(shape) if changes => *shape = Shape::new([1, 8, 128, 0][few % 4], rng.random_range(1..9), rng.random_range(1..9)),
            Slot::Padding(padding) if changes => *padding = [Padding::Same, Padding::Valid, Padding::Explicit(Size::square(few))][few % 3],
            Slot::Flag(flag) if changes => *flag = !*flag,
            _ => {}
        }
    }
    layer
}

/// A preset after some accidents, or a stack of whatever came to hand.
fn broken(seed: u64) -> Project {
    let rng = &mut stream(seed, Purpose::Synthetic, 77);
    let mut project = PRESETS[rng.random_range(0..PRESETS.len())].project();
    if rng.random_bool(0.3) {
        for role in Role::BOTH {
            let count = rng.random_range(0..9);
            let layers: Vec<Layer> = (0..count).map(|_| random_layer(rng)).collect();
            *project.stack_mut(role) = Stack::new(project.stack(role).input, layers);
        }
    }
    for _ in 0..rng.random_range(1..6) {
        // An edit that does not fit changes nothing.
        let _ = accident(&project, rng).apply(&mut project);
    }
    project
}

fn accident(project: &Project, rng: &mut ChaCha8Rng) -> Edit {
    let role = Role::BOTH[rng.random_range(0..2)];
    let layers = &project.stack(role).layers;
    let index = rng.random_range(0..=layers.len());
    let id = layers.get(index).map_or(LayerId(9999), |layer| layer.id);
    let few = rng.random_range(0..8);
    match rng.random_range(0..10) {
        0 | 1 => Edit::insert(project, role, index, random_layer(rng)),
        2 => Edit::Remove { role, id },
        3 => Edit::Move { role, id, to: rng.random_range(0..=layers.len()) },
        4 => Edit::Replace { role, id, layer: random_layer(rng) },
        5 => Edit::Switch { role, id, on: false },
        6 => Edit::SetInput { role, shape: Shape::new([0, 1, 2, 3, 5, 64, 100, 5000][few], 1, [1, 1, 1, 28, 0, 1, 7, 1][few]) },
        7 => Edit::SetData(PRESETS[rng.random_range(0..PRESETS.len())].project().data),
        8 => {
            let image = crate::spec::ImageSpec { width: [1, 5, 28, 31, 64, 100, 0, 2000][few], ..project.data.image };
            Edit::SetData(crate::spec::DataSpec { image, ..project.data.clone() })
        }
        _ => {
            let rate = [0.0, 1e-9, 1e-3, 0.5, f32::NAN, -1.0, 2e-4, 1.0][few];
            let rule = [Optimiser::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, Optimiser::Sgd { momentum: 0.9 }][few % 2];
            let train = TrainSpec {
                loss: crate::spec::Loss::ALL[few % crate::spec::Loss::ALL.len()],
                generator: OptimiserSpec { learning_rate: rate, rule },
                batch_size: [0, 1, 2, 64, 128, 65_536, 70_000, 8][few],
                ..project.train.clone()
            };
            Edit::SetTrain(train)
        }
    }
}

/// To compare by: what is not a number equals nothing, not even itself.
fn text(project: &Project) -> String {
    format!("{project:?}")
}

/// Projects that properties are tried on.
const DRAWN: u64 = 250;

#[test]
fn errors_are_exactly_the_faults() {
    for project in (0..DRAWN).map(broken) {
        let found = findings(&project, Limits::default());
        let errors: Vec<(Place, &str)> = found
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| (finding.place, finding.what.as_str()))
            .collect();
        let faults = project.faults();
        assert_eq!(errors.len(), faults.len());
        for fault in &faults {
            assert!(errors.contains(&(fault.place, fault.message.as_str())), "{fault}");
        }
    }
}

/// Less after every repair: fewer errors; or as many and fewer warnings; or as many of both and less advice. A repair of an error
/// leaves fewer errors, whatever it brings to light.
#[test]
fn every_repair_fits_leaves_less_and_can_be_undone() {
    let mut tried = 0;
    for (seed, project) in (0..DRAWN).map(|seed| (seed, broken(seed))) {
        let before = counts(&project);
        for finding in lint(&project) {
            for fix in &finding.fixes {
                let mut after = project.clone();
                let inverse = fix.edit.clone().apply(&mut after).unwrap();
                let left = counts(&after);
                assert!(left < before, "{seed}: {} turns {before:?} into {left:?}", fix.name);
                assert!(finding.severity != Severity::Error || left[0] < before[0], "{seed}: {}", fix.name);
                assert!(!findings(&after, Limits::default()).iter().any(|other| other.is_same(&finding)), "{seed}: {}", fix.name);
                inverse.apply(&mut after).unwrap();
                assert_eq!(text(&after), text(&project), "{seed}: {}", fix.name);
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "only {tried} repairs were tried");
}

#[test]
fn mending_all_ends_makes_nothing_worse_and_mends_nearly_everything() {
    let (mut broken_before, mut broken_after) = (0, 0);
    for (seed, project) in (0..DRAWN).map(|seed| (seed, broken(seed))) {
        let before = counts(&project);
        let (edit, done) = fix_all(&project);
        assert!(done.len() < 60, "{seed}: {} repairs", done.len());
        let mut after = project.clone();
        let inverse = edit.apply(&mut after).unwrap();
        let left = counts(&after);
        assert!(left <= before && (done.is_empty() || left < before), "{seed}: {before:?} became {left:?}");
        assert_eq!(fix_all(&after).1, [], "{seed}: what can be mended was mended");
        broken_before += usize::from(before[0] > 0);
        broken_after += usize::from(left[0] > 0);
        if left[0] > 0 {
            eprintln!("{seed}: {:?}", lines(&after));
        }
        inverse.apply(&mut after).unwrap();
        assert_eq!(text(&after), text(&project), "{seed}");
    }
    assert!(broken_before > 150 && broken_after * 20 < broken_before, "{broken_after} of {broken_before} broken projects stay broken");
}

#[test]
fn layers_that_are_off_are_left_alone() {
    let mut project = preset("mlp");
    let layer = StackLayer { id: LayerId(50), on: false, layer: Layer::Tanh };
    Edit::Insert { role: Role::Generator, index: 5, layer }.apply(&mut project).unwrap();
    assert_eq!(lint(&project), []);
}
