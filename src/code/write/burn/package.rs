//! The package around the networks: settings, losses, data, the command line.

use super::expression::Expression;
use super::imports::Imports;
use super::{Network, network, pieces};
use crate::code::write::parts::{Used, ends_in_sigmoid};
use crate::code::write::python::{fill, number, one_line};
use crate::code::write::script::{Values, has_spectral_norm};
use crate::code::write::{SourceFile, WriteError};
use crate::spec::{
    Builtin, Colour, Decay, Fit, GradientClip, LabelSmoothing, Latent, Loss, Optimiser, Project, Role, Source, Stop, TrainSpec,
};

/// All files of the package.
///
/// # Errors
/// A layer does not fit, or the training has a part that is not written for Burn.
pub fn write(project: &Project) -> Result<Vec<SourceFile>, WriteError> {
    check(&project.train)?;
    let generator = network(project, Role::Generator)?;
    let discriminator = network(project, Role::Discriminator)?;
    let used: Used = generator.used.union(&discriminator.used).copied().collect();
    let layers = pieces::layers(&used);
    let values = values(project, layers.is_some());
    let file = |path: &str, text: String| SourceFile { path: path.to_owned(), text };
    let mut files = vec![
        file("Cargo.toml", fill(include_str!("files/Cargo.toml.txt"), &values)),
        file("src/main.rs", fill(include_str!("files/main.rs.txt"), &values)),
        file("src/lib.rs", fill(include_str!("files/lib.rs.txt"), &values)),
        file("src/networks.rs", networks(&generator, &discriminator, &used, &values)),
        file("src/training.rs", training(project, &values)?),
        file("src/data.rs", data(project, &values)),
    ];
    files.extend(layers.map(|text| file("src/layers.rs", text)));
    Ok(files)
}

/// Is everything of the training written that is neither its loss nor its optimisers?
///
/// Burn's own backward pass has no second order, which penalties on gradients need.
fn check(train: &TrainSpec) -> Result<(), WriteError> {
    let parts = [
        (train.regularisation.adds_penalty(), "penalties on the discriminator"),
        (train.schedule.decay != Decay::Constant || train.schedule.warm_up > 0, "schedules of learning rates"),
        (train.clip_gradient != GradientClip::default(), "the clipping of gradients"),
        (train.smoothing != LabelSmoothing::default(), "smoothed labels"),
        (train.noise.deviation > 0.0, "noise on samples"),
        (train.augmentation.is_on(), "augmentation"),
        (train.packing > 1, "packs of samples"),
    ];
    parts.into_iter().find(|(is_used, _)| *is_used).map_or(Ok(()), |(_, what)| Err(missing(what)))
}

fn missing(what: &str) -> WriteError {
    WriteError(format!("the program for Burn does without {what}: write it for PyTorch or Keras, or switch that off"))
}

/// What several files say.
fn values(project: &Project, has_layers: bool) -> Values {
    let points = project.data.is_points();
    let shape = project.data.shape();
    let samples = if points {
        "points, `[n, 2]`".to_owned()
    } else {
        format!("pictures, `[n, {}, {}, {}]` in -1 to 1", shape.channels, shape.height, shape.width)
    };
    let verdict = if ends_in_sigmoid(project) { "the probability that they are real" } else { "scores" };
    let averages = project.train.ema_decay > 0.0;
    let declared = "    /// Follows the generator, and is the one to sample from.\n    pub average: Generator,\n";
    let empty = |kept: bool, text: &str| if kept { text.to_owned() } else { String::new() };
    vec![
        ("name", one_line(&project.name)),
        ("heading", heading(project)),
        ("dependencies", dependencies(points).to_owned()),
        ("layers", empty(has_layers, "pub mod layers;\n")),
        ("rank", if points { "2" } else { "4" }.to_owned()),
        ("samples", samples),
        ("verdict", verdict.to_owned()),
        ("latent_dim", project.generator.input.values().to_string()),
        ("average_declared", empty(averages, declared)),
        ("average_made", empty(averages, "            average: generator.valid(),\n")),
        ("load_data", load_data(points).to_owned()),
        ("steps", steps(project).to_owned()),
        ("shown", if averages { "average" } else { "generator" }.to_owned()),
    ]
}

/// What stands at the top: what it is and how it is run.
fn heading(project: &Project) -> String {
    let (data, what) = match project.data.is_points() {
        true => ("", "points drawn in code"),
        false => (" DATA", "a folder of pictures, or an IDX file such as MNIST's"),
    };
    let commands = [
        (format!("train{data}"), format!("trains on {what}")),
        (format!("train{data} --weights FILE"), "goes on from trained weights".to_owned()),
        (format!("train{data} --steps COUNT"), "trains for so many steps of the generator".to_owned()),
        ("sample".to_owned(), "only writes samples, from weights.safetensors".to_owned()),
        ("sample --weights FILE".to_owned(), "the same from other weights".to_owned()),
    ];
    let width = commands.iter().map(|(command, _)| command.len()).max().unwrap_or(0);
    let line = |(command, words): &(String, String)| format!("//!     cargo run --release -- {command:width$}  {words}\n");
    let lines: String = commands.iter().map(line).collect();
    let name = one_line(&project.name);
    format!(
        "//! {name}: a generative adversarial network in Burn, written by Ganvas.\n//!\n{lines}//!\n\
         //! Samples and trained weights go into the folder `samples`, or where `--out FOLDER` says.\n"
    )
}

fn dependencies(points: bool) -> &'static str {
    if points {
        "image = { version = \"0.25\", default-features = false, features = [\"png\"] }"
    } else {
        "flate2 = \"1\"\nimage = { version = \"0.25\", default-features = false, features = [\"png\", \"jpeg\", \"bmp\", \"gif\", \"webp\"] }"
    }
}

fn load_data(points: bool) -> &'static str {
    if points { "            let data = data::load(&device);" } else { include_str!("files/load_pictures.rs.txt").trim_end() }
}

/// How long the program trains unless told otherwise.
fn steps(project: &Project) -> &'static str {
    match project.train.stop {
        Stop::Epochs(_) => "training::EPOCHS * data.dims()[0] / training::SAMPLES_OF_STEP",
        Stop::Never | Stop::Steps(_) => "training::STEPS",
    }
}

fn networks(generator: &Network, discriminator: &Network, used: &Used, values: &Values) -> String {
    let mut imports = Imports::default();
    ["burn::module::Module", "burn::tensor::Device", "burn::tensor::Tensor"].into_iter().for_each(|path| imports.add(path));
    imports.extend(&generator.imports);
    imports.extend(&discriminator.imports);
    if used.contains("start_glorot_fan") || used.contains("start_glorot") {
        imports.add("burn::nn::Initializer");
    }
    let mut values = values.clone();
    values.extend([
        ("imports", imports.text()),
        ("starts", pieces::starts(used)),
        ("g_declared", generator.declared()),
        ("g_made", generator.made()),
        ("g_computed", generator.computed()),
        ("d_declared", discriminator.declared()),
        ("d_made", discriminator.made()),
        ("d_computed", discriminator.computed()),
    ]);
    fill(include_str!("files/networks.rs.txt"), &values)
}

fn training(project: &Project, values: &Values) -> Result<String, WriteError> {
    let mut imports = Imports::default();
    let body = imports.take(include_str!("files/training.rs.txt"));
    let train = &project.train;
    let averages = train.ema_decay > 0.0;
    let g_optimizer = optimiser(project, Role::Generator, &mut imports)?;
    let d_optimizer = optimiser(project, Role::Discriminator, &mut imports)?;
    let losses = losses(project, &mut imports)?;
    let mappers = mappers(project, &mut imports);
    let method = include_str!("files/follow_method.rs.txt");
    let direction = if has_spectral_norm(project, Role::Generator) { "\n            direction: false," } else { "" };
    let method = method.replace("{{direction}}", direction);
    let clips = train.regularisation.clip > 0.0;
    let mut values = values.clone();
    values.extend([
        ("imports", imports.text()),
        ("settings", settings(project)),
        ("distribution", distribution(train.latent).to_owned()),
        ("losses", losses),
        ("d_steps_words", if train.d_steps_per_g_step == 1 { "one" } else { "several" }.to_owned()),
        ("more_d_steps", if train.d_steps_per_g_step == 1 { "" } else { include_str!("files/more_d_steps.rs.txt") }.to_owned()),
        ("follow_call", if averages { "        trainer.follow(step);\n" } else { "" }.to_owned()),
        ("follow_method", if averages { method } else { String::new() }),
        ("g_optimizer", g_optimizer),
        ("d_optimizer", d_optimizer),
        ("clip_call", if clips { ".map(&mut Clip)" } else { "" }.to_owned()),
        ("mappers", mappers),
    ]);
    let shown = if averages { "trainer.gan.average" } else { "trainer.gan.generator.valid()" };
    let body = body.replace("{{shown}}", shown);
    Ok(format!("//! How the networks are trained.\n\n{}\n{}", fill("{{imports}}", &values), fill(&body, &values)))
}

/// What goes through the numbers of a network: to average them, to clip them; and what optimisers are made of.
fn mappers(project: &Project, imports: &mut Imports) -> String {
    let follow = match has_spectral_norm(project, Role::Generator) {
        true => include_str!("files/follow_spectral.rs.txt"),
        false => include_str!("files/follow.rs.txt"),
    };
    let pieces = [
        (project.train.ema_decay > 0.0, follow),
        (project.train.regularisation.clip > 0.0, include_str!("files/clip.rs.txt")),
        (has_momentum(project), include_str!("files/momentum.rs.txt")),
    ];
    pieces.into_iter().filter(|(is_used, _)| *is_used).map(|(_, piece)| format!("\n{}", imports.take(piece))).collect()
}

fn settings(project: &Project) -> String {
    let train = &project.train;
    let constant = |words: &str, line: String| format!("/// {words}\n{line}\n");
    let mut text = constant("Values of a latent vector.", format!("pub const LATENT_DIM: usize = {};", project.generator.input.values()));
    text += &constant("Samples in a batch.", format!("pub const BATCH_SIZE: usize = {};", train.batch_size));
    if train.d_steps_per_g_step > 1 {
        text += &constant(
            "Steps of the discriminator for each of the generator.",
            format!("const D_STEPS: usize = {};", train.d_steps_per_g_step),
        );
    }
    let rate = |role| number(train.optimiser(role).learning_rate);
    text += &format!("const G_LEARNING_RATE: f64 = {};\n", rate(Role::Generator));
    text += &format!("const D_LEARNING_RATE: f64 = {};\n", rate(Role::Discriminator));
    if train.ema_decay > 0.0 {
        let line = format!("const EMA_DECAY: f32 = {};", number(train.ema_decay));
        text += &constant("How much of the averaged generator survives a step.", line);
    }
    let clip = train.regularisation.clip;
    if clip > 0.0 {
        text += &constant("The bound on every weight of the discriminator.", format!("const CLIP_VALUE: f64 = {};", number(clip)));
    }
    text += &length(project);
    text += &constant(
        "Samples that are looked at.",
        format!("pub const LOOKED_AT: usize = {};", if project.data.is_points() { 1024 } else { 64 }),
    );
    text + &format!("pub const SEED: u64 = {};\n", project.seed)
}

fn length(project: &Project) -> String {
    let steps = |count: u64| format!("/// Steps of the generator, unless told otherwise.\npub const STEPS: usize = {count};\n");
    match project.train.stop {
        Stop::Never => steps(10_000),
        Stop::Steps(count) => steps(count),
        Stop::Epochs(count) => {
            let d_steps = if project.train.d_steps_per_g_step > 1 { " * D_STEPS" } else { "" };
            format!(
                "/// Passes over the data, unless told otherwise.\npub const EPOCHS: usize = {count};\n\
                 /// Real samples that go into a step of the generator.\npub const SAMPLES_OF_STEP: usize = BATCH_SIZE{d_steps};\n"
            )
        }
    }
}

fn distribution(latent: Latent) -> &'static str {
    match latent {
        Latent::Normal => "Distribution::Normal(0.0, 1.0)",
        Latent::Uniform => "Distribution::Uniform(-1.0, 1.0)",
    }
}

fn losses(project: &Project, imports: &mut Imports) -> Result<String, WriteError> {
    let softplus = |of: &str| format!("softplus({of}, 1.0).mean()");
    let log = |of: &str| format!("log({of}).mean()");
    let has_sigmoid = ends_in_sigmoid(project);
    // Of real samples, and of generated ones, that the discriminator calls real.
    let [surely_real, surely_fake, fooled] = if has_sigmoid {
        [format!("-{}", log("real")), format!("-{}", log("-fake + 1.0")), format!("-{}", log("fake"))]
    } else {
        [softplus("-real"), softplus("fake"), softplus("-fake")]
    };
    let both = match has_sigmoid {
        true => format!("{surely_real} - {}", log("-fake + 1.0")),
        false => format!("{surely_real} + {surely_fake}"),
    };
    let caught = if has_sigmoid { log("-fake + 1.0") } else { format!("-{}", softplus("fake")) };
    let (d_loss, g_loss) = match project.train.loss {
        Loss::NonSaturating => (both, fooled),
        Loss::Minimax => (both, caught),
        Loss::LeastSquares => {
            ("((real - 1.0).square().mean() + fake.square().mean()) * 0.5".to_owned(), "(fake - 1.0).square().mean() * 0.5".to_owned())
        }
        Loss::Hinge => ("relu(-real + 1.0).mean() + relu(fake + 1.0).mean()".to_owned(), "-fake.mean()".to_owned()),
        Loss::RelativisticPaired | Loss::RelativisticAverage => return Err(missing("relativistic losses")),
        Loss::Wasserstein => ("fake.mean() - real.mean()".to_owned(), "-fake.mean()".to_owned()),
    };
    let function = match project.train.loss {
        Loss::Hinge => Some("relu"),
        loss if loss.has_probability() && !has_sigmoid => Some("softplus"),
        _ => None,
    };
    function.into_iter().for_each(|name| imports.add(&format!("burn::tensor::activation::{name}")));
    let logarithm = if project.train.loss.has_probability() && has_sigmoid { include_str!("files/log.rs.txt") } else { "" };
    Ok(format!(
        "/// What the discriminator minimises: {}.\nfn discriminator_loss(real: Tensor<2>, fake: Tensor<2>) -> Tensor<1> {{\n    {d_loss}\n}}\n\n\
         /// What the generator minimises.\nfn generator_loss(fake: Tensor<2>) -> Tensor<1> {{\n    {g_loss}\n}}\n{logarithm}",
        project.train.loss.name()
    ))
}

/// What makes an optimiser, as a field of a struct.
fn optimiser(project: &Project, role: Role, imports: &mut Imports) -> Result<String, WriteError> {
    let with = |config: Expression, name: &str, value: f32| config.call(&format!("with_{name}"), number(value));
    let (name, config) = match project.train.optimiser(role).rule {
        Optimiser::Adam { beta1, beta2, epsilon } => {
            let config = with(with(Expression::new("AdamConfig::new()"), "beta_1", beta1), "beta_2", beta2);
            ("AdamConfig", with(config, "epsilon", epsilon))
        }
        Optimiser::Lion { .. } => return Err(missing("Lion")),
        Optimiser::AdamW { beta1, beta2, epsilon, decay } => {
            let config = with(with(Expression::new("AdamWConfig::new()"), "beta_1", beta1), "beta_2", beta2);
            ("AdamWConfig", with(with(config, "epsilon", epsilon), "weight_decay", decay))
        }
        Optimiser::RmsProp { alpha, epsilon } => {
            let config = with(with(Expression::new("RmsPropConfig::new()"), "alpha", alpha), "momentum", 0.0);
            ("RmsPropConfig", with(config, "epsilon", epsilon))
        }
        Optimiser::Sgd { momentum } => {
            let config = Expression::new("SgdConfig::new()");
            ("SgdConfig", config.unless(&0.0, &momentum, "with_momentum", format!("momentum({})", number(momentum))))
        }
    };
    imports.add(&format!("burn::optim::{name}"));
    Ok(config.call("init", "").laid_out(12, "g_optimizer: ".len()))
}

/// Is there a rule of gradient descent that remembers its last move?
fn has_momentum(project: &Project) -> bool {
    let remembers = |role| matches!(project.train.optimiser(role).rule, Optimiser::Sgd { momentum } if momentum > 0.0);
    Role::BOTH.into_iter().any(remembers)
}

fn data(project: &Project, values: &Values) -> String {
    let mut imports = Imports::default();
    let mut values = values.clone();
    let (words, body) = match project.data.source {
        Source::Builtin(builtin) if builtin.is_points() => {
            let load = match builtin {
                Builtin::Grid25 => include_str!("data/grid25.rs.txt"),
                Builtin::Spiral => include_str!("data/spiral.rs.txt"),
                Builtin::Moons => include_str!("data/moons.rs.txt"),
                _ => include_str!("data/ring8.rs.txt"),
            };
            values.push(("load_points", imports.take(load)));
            ("Points in the plane, and pictures of them.", imports.take(include_str!("data/points.rs.txt")))
        }
        _ => {
            values.extend(pictures(project));
            ("Real pictures, and generated ones as files.", imports.take(include_str!("data/pictures.rs.txt")))
        }
    };
    if body.contains("{{fitted}}") && project.data.image.fit == Fit::Letterbox && project.data.image.colour == Colour::Rgb {
        imports.add("image::RgbImage");
    }
    format!("//! {words}\n\n{}\n{}", imports.text(), fill(&body, &values))
}

fn pictures(project: &Project) -> Values {
    let image = project.data.image;
    let (into, kind, colour) = match image.colour {
        Colour::Grey => ("to_luma8", "GrayImage", "L8"),
        Colour::Rgb => ("to_rgb8", "RgbImage", "Rgb8"),
    };
    let (what, fitted) = match image.fit {
        Fit::Crop => ("the largest part from its middle", include_str!("data/crop.rs.txt")),
        Fit::Letterbox => ("whole, with black bars", include_str!("data/bars.rs.txt")),
    };
    let values = [("into", into.to_owned()), ("kind", kind.to_owned())];
    vec![
        ("width", image.width.to_string()),
        ("height", image.height.to_string()),
        ("channels", image.colour.channels().to_string()),
        ("colour", colour.to_owned()),
        ("what", what.to_owned()),
        ("fitted", fill(fitted, &values)),
    ]
}
