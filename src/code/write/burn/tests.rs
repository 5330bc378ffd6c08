//! What is written for Burn names what the weights name, leaves nothing out, and is laid out as rustfmt does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::tests::around;
use super::super::{Language, listing, weights, write};
use crate::nn::{Named, Network};
use crate::spec::{
    Builtin, Colour, Edit, Fit, Init, Latent, Layer, Loss, Optimiser, PRESETS, Padding, Preset, Project, Resample, Role, Schedule, Size,
    Stop, builtin_data, catalogue,
};

fn numbers(project: &Project, role: Role) -> Named {
    Network::new(project.stack(role), role, 1, &crate::device::cpu()).unwrap().read().unwrap().0
}

fn source(project: &Project, path: &str) -> String {
    write(project, Language::Burn).unwrap().into_iter().find(|file| file.path == path).unwrap().text
}

/// Each kind of layer by itself, also with spectral norm and with every start.
fn layers() -> Vec<Layer> {
    let variants = |layer: Layer| {
        let starts = Init::ALL.into_iter().map(|init| layer.clone().with_init(init)).collect::<Vec<_>>();
        [layer.clone().with_spectral_norm(), layer.without_bias()].into_iter().chain(starts)
    };
    let mut all: Vec<Layer> = Vec::new();
    for layer in catalogue().into_iter().flat_map(|entry| variants(entry.layer)) {
        if !all.contains(&layer) {
            all.push(layer);
        }
    }
    all
}

/// Those that fit, each in a discriminator of pictures.
fn projects() -> Vec<Project> {
    layers().into_iter().map(around).filter(|project| project.faults().is_empty()).collect()
}

#[test]
fn every_number_has_a_field_and_none_is_left_out() {
    let mut kinds = std::collections::BTreeSet::new();
    for project in projects() {
        let own = numbers(&project, Role::Discriminator);
        let named = weights::for_language(&project, Role::Discriminator, Language::Burn, &own).unwrap();
        assert_eq!(named.len(), own.len(), "{:?}", project.discriminator);
        let networks = source(&project, "src/networks.rs");
        let declared = networks.split("pub struct Discriminator {").nth(1).unwrap().split('}').next().unwrap();
        for name in named.keys() {
            let field = name.split('.').next().unwrap();
            assert!(declared.contains(&format!("    {field}: ")), "{name} is none of {declared}");
        }
        kinds.extend(project.discriminator.active().map(|entry| entry.layer.name()));
    }
    let missing: Vec<&str> = catalogue().iter().map(|entry| entry.layer.name()).filter(|name| !kinds.contains(name)).collect();
    // Which is in the presets.
    assert_eq!(missing, ["Reshape"], "kinds that fit nowhere");
}

#[test]
fn fields_have_burns_names() {
    let names = |layer: Layer| {
        let project = around(layer);
        let named = weights::for_language(&project, Role::Discriminator, Language::Burn, &numbers(&project, Role::Discriminator));
        named.unwrap().into_keys().filter(|name| !name.starts_with("conv1.") && !name.starts_with("linear")).collect::<Vec<_>>()
    };
    assert_eq!(
        names(Layer::batch_norm()),
        ["conv.bias", "conv.weight", "norm.beta", "norm.gamma", "norm.running_mean", "norm.running_var"]
    );
    assert_eq!(names(Layer::PRelu { slope: 0.1, per_channel: true }), ["conv.bias", "conv.weight", "prelu.alpha"]);
    let divided = names(Layer::conv(4, 3, 1, 1).with_spectral_norm());
    assert_eq!(divided, ["conv2.conv.bias", "conv2.conv.weight", "conv2.norm.u", "conv2.norm.v"]);
    let separable = names(Layer::separable(4, 3, 1).with_spectral_norm());
    let pointwise = ["pointwise.conv.bias", "pointwise.conv.weight", "pointwise.norm.u", "pointwise.norm.v"];
    assert_eq!(separable[2..], [&["depthwise.conv.weight", "depthwise.norm.u", "depthwise.norm.v"][..], &pointwise[..]].concat());
    let block = names(Layer::residual(16, Resample::Up).with_spectral_norm());
    for name in
        ["block.conv1.conv.weight", "block.conv2.norm.u", "block.norm1.gamma", "block.norm2.running_var", "block.shortcut.conv.bias"]
    {
        assert!(block.iter().any(|found| found == name), "{name} is none of {block:?}");
    }
    assert!(names(Layer::self_attention()).contains(&"attention.gamma".to_owned()));
}

#[test]
fn what_is_there_twice_without_weights_is_one_field() {
    let project = Preset::from_name("digits").unwrap().project();
    let names: Vec<String> =
        listing(&project, Role::Generator, Language::Burn).unwrap().entries.into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["linear", "norm1", "upsample", "conv1", "norm2", "conv2"]);
    let text = source(&project, "src/networks.rs");
    assert_eq!(text.matches("self.upsample.forward(x)").count(), 2);
}

#[test]
fn burns_own_same_is_not_taken_where_it_counts_otherwise() {
    let mut layer = Layer::conv(8, 3, 1, 0);
    if let Layer::Conv2d { padding, dilation, .. } = &mut layer {
        (*padding, *dilation) = (Padding::Same, Size::square(2));
    }
    let text = source(&around(layer), "src/networks.rs");
    assert!(text.contains("PaddingConfig2d::Explicit(2, 2, 2, 2)") && !text.contains("PaddingConfig2d::Same"), "{text}");
}

/// A project with these settings of training.
fn trained_by(loss: Loss, rule: Optimiser, builtin: Builtin) -> Project {
    let mut project = Preset::from_name(if builtin.is_points() { "ring8" } else { "shapes" }).unwrap().project();
    let mut data = builtin_data(builtin);
    data.image.fit = if loss == Loss::Hinge { Fit::Letterbox } else { Fit::Crop };
    if !builtin.is_points() {
        data.image = crate::spec::ImageSpec { fit: data.image.fit, ..project.data.image };
    }
    Edit::SetData(data).apply(&mut project).unwrap();
    let mut train = project.train.clone();
    train = train.with_loss(loss);
    (train.generator.rule, train.discriminator.rule) = (rule, rule);
    if loss.has_probability() {
        (train.latent, train.d_steps_per_g_step, train.ema_decay, train.stop) = (Latent::Uniform, 3, 0.0, Stop::Epochs(7));
    }
    Edit::SetTrain(train).apply(&mut project).unwrap();
    project
}

fn settings() -> Vec<Project> {
    let is_written = |rule: &Optimiser| !matches!(rule, Optimiser::Lion { .. });
    let rules = Optimiser::ALL.into_iter().filter(is_written).chain([Optimiser::Sgd { momentum: 0.875 }]);
    let losses = Loss::ALL.into_iter().filter(|loss| !loss.is_relativistic()).zip(Builtin::ALL.into_iter().cycle());
    let mut all: Vec<Project> = rules.flat_map(|rule| losses.clone().map(move |(loss, builtin)| trained_by(loss, rule, builtin))).collect();
    for project in all.clone() {
        let mut squashed = project;
        let last = squashed.discriminator.layers.len();
        Edit::insert(&squashed, Role::Discriminator, last, Layer::Sigmoid).apply(&mut squashed).unwrap();
        all.push(squashed);
    }
    let mut grey = Preset::from_name("digits").unwrap().project();
    grey.data.image.fit = Fit::Letterbox;
    assert_eq!(grey.data.image.colour, Colour::Grey);
    all.push(grey);
    all
}

/// Writes each into a folder of its own; returns the files that name all others.
fn on_disk(projects: &[Project], folder: &Path) -> Vec<PathBuf> {
    let mut roots = Vec::new();
    for (index, project) in projects.iter().enumerate() {
        for file in write(project, Language::Burn).unwrap() {
            let path = folder.join(index.to_string()).join(&file.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, file.text).unwrap();
            roots.extend((file.path == "src/main.rs" || file.path == "src/lib.rs").then_some(path));
        }
    }
    roots
}

#[test]
fn everything_is_laid_out_as_rustfmt_does() {
    if Command::new("rustfmt").arg("--version").output().is_err() {
        println!("skipped: there is no rustfmt");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // Penalties and schedules are refused.
    let is_plain = |project: &Project| !project.train.regularisation.adds_penalty() && project.train.schedule == Schedule::default();
    let mut all: Vec<Project> = PRESETS.into_iter().map(Preset::project).filter(is_plain).collect();
    all.extend(projects());
    all.extend(settings());
    let roots = on_disk(&all, folder.path());
    // Its own settings, and none of those that lie above.
    fs::write(folder.path().join("rustfmt.toml"), "").unwrap();
    let found = Command::new("rustfmt").args(["--edition", "2024", "--check"]).args(roots).output().unwrap();
    assert!(found.status.success(), "{}{}", String::from_utf8_lossy(&found.stdout), String::from_utf8_lossy(&found.stderr));
}
