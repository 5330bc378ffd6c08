//! What is written, against the libraries it is written for: the same weights have to give the same pictures and scores.
//!
//! `GANVAS_PYTHON` names a Python that has PyTorch, or Keras, or both, and `GANVAS_BURN_CHECK` a folder in which packages of Rust are compiled,
//! to be used again the next time; without them these tests are skipped, saying so.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use burn::tensor::{Tensor, TensorData};
use ganvas::code::write::Language;
use ganvas::export::{WeightsFormat, npy_f32, write_code};
use ganvas::nn::{Named, Network, Pass};
use ganvas::random::{self, Purpose, stream};
use ganvas::spec::{
    Builtin, Colour, DataSpec, Decay, Fit, GradientClip, ImageSpec, Init, InstanceNoise, LabelSmoothing, Latent, Layer, Loss, Optimiser,
    PRESETS, Padding, Preset, Project, Regularisation, Resample, Role, Schedule, Shape, Size, Stack, Stop, TrainSpec, UpsampleMode,
    builtin_data,
};
use ganvas::train::{Checkpoint, History};

/// Samples that are compared.
const COUNT: usize = 4;

fn size(height: usize, width: usize) -> Size {
    Size { height, width }
}

/// The same layer with another border.
fn bordered(mut layer: Layer, border: Padding) -> Layer {
    if let Layer::Conv2d { padding, .. }
    | Layer::ConvTranspose2d { padding, .. }
    | Layer::DepthwiseConv2d { padding, .. }
    | Layer::SeparableConv2d { padding, .. } = &mut layer
    {
        *padding = border;
    }
    layer
}

fn pool(is_max: bool, side: usize, step: usize, padding: Padding) -> Layer {
    let (size, stride) = (Size::square(side), Size::square(step));
    if is_max { Layer::MaxPool { size, stride, padding } } else { Layer::AvgPool { size, stride, padding } }
}

fn pictures(name: &str, generator: Stack, discriminator: Vec<Layer>) -> Project {
    let shape = generator.output_shape().unwrap();
    let image = ImageSpec { width: shape.width, height: shape.height, colour: Colour::Rgb, fit: Fit::Crop };
    let data = DataSpec { image, ..builtin_data(Builtin::Shapes) };
    let discriminator = Stack::new(data.shape(), discriminator);
    Project { name: name.to_owned(), data, generator, discriminator, ..Preset::from_name("shapes").unwrap().project() }
}

/// Every kind of layer between them, with borders of all kinds.
fn every_kind() -> Project {
    let generator = [
        Layer::dense(64).with_init(Init::He).with_spectral_norm(),
        Layer::PRelu { slope: 0.25, per_channel: true },
        Layer::LayerNorm { epsilon: 1e-5 },
        Layer::Dropout { rate: 0.2 },
        Layer::dense(8 * 3 * 4).with_init(Init::Orthogonal),
        Layer::batch_norm(),
        Layer::Elu { alpha: 0.7 },
        Layer::Reshape { shape: Shape::new(8, 3, 4) },
        Layer::GroupNorm { groups: 2, epsilon: 1e-5 },
        Layer::Silu,
        bordered(Layer::conv_transpose(12, 3, 2, 0).with_spectral_norm(), Padding::Same),
        Layer::Mish,
        Layer::InstanceNorm { epsilon: 1e-5, affine: true },
        Layer::self_attention().with_init(Init::Glorot),
        Layer::residual(8, Resample::Up).with_init(Init::Dcgan),
        Layer::PixelNorm { epsilon: 1e-8 },
        Layer::PixelShuffle { factor: 2 },
        Layer::conv(6, 3, 1, 1),
        Layer::Softplus,
        Layer::ZeroPadding2d { top: 1, bottom: 0, left: 2, right: 1 },
        Layer::Cropping2d { top: 0, bottom: 1, left: 1, right: 0 },
        Layer::Softmax,
        bordered(Layer::conv_transpose(4, 2, 1, 0), Padding::Valid),
        Layer::LayerNorm { epsilon: 1e-4 },
        Layer::PRelu { slope: 0.1, per_channel: false },
        Layer::conv(3, 1, 1, 0),
        Layer::Tanh,
    ];
    let discriminator = vec![
        Layer::GaussianNoise { deviation: 0.1 },
        bordered(Layer::conv(8, 4, 2, 0).with_spectral_norm(), Padding::Same),
        Layer::leaky_relu(),
        Layer::SpatialDropout { rate: 0.1 },
        bordered(Layer::depthwise(2, 3, 2), Padding::Same),
        Layer::Gelu,
        bordered(Layer::separable(12, 3, 2).with_spectral_norm(), Padding::Explicit(size(1, 2))),
        pool(true, 2, 1, Padding::Same),
        pool(false, 3, 2, Padding::Same),
        Layer::residual(12, Resample::None),
        Layer::MinibatchStdDev { group: 4 },
        Layer::Relu,
        Layer::Upsample { factor: size(2, 3), mode: UpsampleMode::Bilinear },
        Layer::InstanceNorm { epsilon: 1e-5, affine: false },
        Layer::residual(8, Resample::Down).with_spectral_norm(),
        pool(false, 2, 1, Padding::Explicit(size(1, 1))),
        pool(true, 3, 1, Padding::Explicit(size(1, 1))),
        Layer::Flatten,
        Layer::Dropout { rate: 0.3 },
        Layer::dense(16),
        Layer::Sigmoid,
        Layer::MinibatchStdDev { group: 2 },
        Layer::batch_norm(),
        Layer::dense(1),
    ];
    pictures("every kind", Stack::new(Shape::vector(7), generator), discriminator)
}

/// Shapes that are awkward to write: pictures flattened and made again, vectors that are pictures, pools of everything.
fn awkward(language: Language) -> Project {
    let generator = [
        Layer::conv_transpose(6, 3, 1, 0),
        Layer::Flatten,
        Layer::Tanh,
        Layer::Reshape { shape: Shape::new(3, 6, 3) },
        Layer::conv(4, 3, 1, 1),
        Layer::Reshape { shape: Shape::new(8, 3, 3) },
        Layer::Upsample { factor: Size::square(2), mode: UpsampleMode::Nearest },
        Layer::ConvTranspose2d {
            filters: 3,
            kernel: size(3, 2),
            stride: size(2, 3),
            padding: Padding::Explicit(size(1, 0)),
            output_padding: size(1, 2),
            bias: true,
            init: Init::Zeros,
            spectral_norm: false,
        },
    ];
    let discriminator = vec![
        Layer::Conv2d {
            filters: 6,
            kernel: size(3, 2),
            stride: size(1, 2),
            padding: Padding::Explicit(size(2, 1)),
            // Keras has none beside a stride.
            dilation: if language == Language::Keras { size(1, 1) } else { size(2, 1) },
            groups: 3,
            bias: false,
            init: Init::He,
            spectral_norm: true,
        },
        Layer::PRelu { slope: 0.3, per_channel: true },
        bordered(Layer::conv_transpose(5, 2, 3, 0), Padding::Valid),
        Layer::GlobalMaxPool,
        Layer::GroupNorm { groups: 1, epsilon: 1e-3 },
        Layer::PixelNorm { epsilon: 1e-6 },
        Layer::conv(4, 1, 1, 0),
        Layer::GlobalAvgPool,
        Layer::Softmax,
        Layer::PRelu { slope: 0.3, per_channel: false },
        Layer::dense(1),
        Layer::Sigmoid,
    ];
    pictures("awkward", Stack::new(Shape::vector(5), generator), discriminator)
}

/// A network with numbers that none begins with, so that nothing is compared by chance: running statistics and gains moved as well.
fn network(project: &Project, role: Role) -> (Network, Named) {
    let device = ganvas::device::cpu();
    let network = Network::new(project.stack(role), role, 5, &device).unwrap();
    let (mut numbers, _) = network.read().unwrap();
    let rng = &mut stream(9, Purpose::Synthetic, role as u64);
    for (name, tensor) in &mut numbers {
        let is_direction = name.ends_with("_u") || name.ends_with("_v");
        let noise = random::normals(rng, tensor.values.len());
        for (value, noise) in tensor.values.iter_mut().zip(noise) {
            if !is_direction {
                *value += if name.ends_with("running_var") { 0.2 * noise.abs() } else { 0.1 * noise };
            }
        }
    }
    let (network, taken) = network.write(&numbers);
    assert_eq!(taken.len(), numbers.len());
    (network, numbers)
}

fn save(folder: &Path, name: &str, shape: &[usize], values: &[f32]) {
    fs::write(folder.join(name), npy_f32(shape, values)).unwrap();
}

fn forward(network: &Network, input: Vec<f32>) -> Vec<f32> {
    let input = Tensor::<4>::from_data(TensorData::new(input, network.input().batched(COUNT)), &ganvas::device::cpu());
    network.forward(input, &Pass::inference()).into_data().try_into_vec::<f32>().unwrap()
}

/// Writes source, weights, inputs and what Ganvas makes of them into `folder`.
fn written(project: &Project, language: Language, folder: &Path) {
    let (generator, g_numbers) = network(project, Role::Generator);
    let (discriminator, d_numbers) = network(project, Role::Discriminator);
    let mut tensors = Named::new();
    for (part, numbers) in [("generator", &g_numbers), ("average", &g_numbers), ("discriminator", &d_numbers)] {
        tensors.extend(numbers.iter().map(|(name, values)| (format!("{part}.{name}"), values.clone())));
    }
    let checkpoint = Checkpoint {
        project: project.clone(),
        g_steps: 1,
        d_steps: 1,
        g_optimiser_steps: 1,
        d_optimiser_steps: 1,
        samples_seen: 1,
        elapsed_secs: 0.0,
        passed: None,
        tensors,
        history: History::default(),
        quality: Default::default(),
        reel: Default::default(),
        signs: Default::default(),
        recovery: Default::default(),
    };
    write_code(project, Some(&checkpoint), language, WeightsFormat::of(language), folder).unwrap();
    let rng = &mut stream(10, Purpose::Synthetic, 0);
    for (network, name) in [(&generator, "generator"), (&discriminator, "discriminator")] {
        let (input, output) = (network.input(), network.output());
        let values = random::normals(rng, COUNT * input.values());
        save(folder, &format!("{name}-input.npy"), &input.batched(COUNT), &values);
        save(folder, &format!("{name}-output.npy"), &output.batched(COUNT), &forward(network, values));
    }
    let counts = Role::BOTH.map(|role| project.stack(role).cost().parameters.to_string());
    fs::write(folder.join("parameters.txt"), counts.join(" ")).unwrap();
}

fn projects(language: Language) -> Vec<Project> {
    let mut projects = vec![every_kind(), awkward(language)];
    projects.extend(PRESETS.into_iter().map(|preset| {
        // As large as it is, it shows nothing that fewer channels do not.
        if preset.name == "dcgan64" { smaller(preset.project()) } else { preset.project() }
    }));
    projects
}

/// DCGAN with a quarter of its channels.
fn smaller(mut project: Project) -> Project {
    for stack in [&mut project.generator, &mut project.discriminator] {
        for entry in &mut stack.layers {
            if let Layer::Conv2d { filters, .. } | Layer::ConvTranspose2d { filters, .. } = &mut entry.layer
                && *filters > 3
            {
                *filters /= 4;
            }
        }
    }
    project
}

fn compare(language: Language, script: &str, module: &str) {
    let Some(python) = std::env::var_os("GANVAS_PYTHON") else {
        println!("skipped: GANVAS_PYTHON names no Python with {module}");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut folders = Vec::new();
    for project in projects(language) {
        assert_eq!(project.faults(), [], "{}", project.name);
        let own = folder.path().join(project.name.replace(' ', "_"));
        written(&project, language, &own);
        folders.push(own);
    }
    let output = Command::new(python).arg(Path::new("tests/peers").join(script)).args(&folders).output().unwrap();
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{said}");
    assert!(output.status.success(), "{said}{errors}");
    assert_eq!(said.lines().filter(|line| line.ends_with("agrees")).count(), folders.len(), "{said}");
}

/// A project of 2-D points with other objectives: between them every loss, penalty, optimiser and schedule.
fn objectives() -> Vec<Project> {
    let off = Regularisation::default();
    let project = |name: &str, loss: Loss, regularisation: Regularisation, change: fn(&mut TrainSpec)| {
        let mut project = Preset::from_name("ring8").unwrap().project();
        project.train = TrainSpec { regularisation, ..project.train.with_loss(loss) };
        change(&mut project.train);
        Project { name: name.to_owned(), ..project }
    };
    vec![
        project("clipped", Loss::Wasserstein, Regularisation { clip: 0.01, ..off }, |train| {
            train.noise = InstanceNoise { deviation: 0.1, steps: 0 };
            train.schedule = Schedule { decay: Decay::Constant, steps: 1, floor: 0.0, warm_up: 2 };
        }),
        project("punished", Loss::Wasserstein, Regularisation { gradient_penalty: 10.0, ..off }, |train| {
            train.generator.rule = Optimiser::ALL[4];
            train.discriminator.rule = Optimiser::ALL[3];
            train.schedule = Schedule { decay: Decay::Cosine, steps: 4, floor: 0.1, warm_up: 2 };
        }),
        project("paired", Loss::RelativisticPaired, Regularisation { r1: 0.5, r2: 0.25, every: 2, ..off }, |train| {
            train.d_steps_per_g_step = 2;
            train.noise = InstanceNoise { deviation: 0.1, steps: 3 };
            train.clip_gradient = GradientClip { generator: 1.0, discriminator: 0.5 };
        }),
        project("average", Loss::RelativisticAverage, Regularisation { lecam: 0.3, ..off }, |train| {
            train.schedule = Schedule { decay: Decay::Linear, steps: 4, floor: 0.0, warm_up: 0 };
            train.ema_ramp = false;
        }),
        project("smoothed", Loss::NonSaturating, Regularisation { gradient_penalty: 1.0, lecam: 0.1, ..off }, |train| {
            train.smoothing = LabelSmoothing { real: 0.1, fake: 0.05 };
        }),
        project("squares", Loss::LeastSquares, Regularisation { r1: 1.0, every: 2, ..off }, |train| {
            train.smoothing = LabelSmoothing { real: 0.1, fake: 0.05 };
            train.noise.deviation = 0.1;
        }),
    ]
}

fn train_for_a_few_steps(language: Language, module: &str) {
    let Some(python) = std::env::var_os("GANVAS_PYTHON") else {
        println!("skipped: GANVAS_PYTHON names no Python with {module}");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for project in objectives() {
        assert_eq!(project.faults(), [], "{}", project.name);
        let own = folder.path().join(&project.name);
        write_code(&project, None, language, WeightsFormat::of(language), &own).unwrap();
        let run = Command::new(&python).current_dir(&own).args(["gan.py", "--steps", "5"]).output().unwrap();
        let (said, errors) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        assert!(run.status.success(), "{}: {said}{errors}", project.name);
        assert!(said.contains("step 5: D ") && !said.contains("nan"), "{}: {said}", project.name);
    }
}

#[test]
fn scripts_with_other_objectives_train_in_pytorch() {
    train_for_a_few_steps(Language::PyTorch, "PyTorch");
}

#[test]
fn scripts_with_other_objectives_train_in_keras() {
    train_for_a_few_steps(Language::Keras, "Keras");
}

#[test]
fn pytorch_makes_the_same_pictures_and_scores() {
    compare(Language::PyTorch, "torch_agrees.py", "PyTorch");
}

#[test]
fn keras_makes_the_same_pictures_and_scores() {
    compare(Language::Keras, "keras_agrees.py", "Keras");
}

/// Projects that are trained in other ways: each with its data, `None` where it draws points.
fn training_otherwise() -> Vec<(Project, Option<&'static str>)> {
    let mut critic = Preset::from_name("shapes").unwrap().project();
    critic.name = "critic".to_owned();
    critic.train.loss = Loss::Wasserstein;
    critic.train.regularisation.clip = 0.02;
    critic.train.d_steps_per_g_step = 3;
    for spec in [&mut critic.train.generator, &mut critic.train.discriminator] {
        spec.rule = Optimiser::RmsProp { alpha: 0.9, epsilon: 1e-7 };
    }
    let mut starts = every_kind();
    starts.name = "starts".to_owned();
    for (index, stack) in [&mut starts.generator, &mut starts.discriminator].into_iter().enumerate() {
        for (entry, init) in stack.layers.iter_mut().zip(Init::ALL.into_iter().cycle()) {
            let init = if init == Init::Zeros { Init::Glorot } else { init };
            entry.layer = entry.layer.clone().with_init(init);
            entry.layer = if index == 0 { entry.layer.clone().with_spectral_norm() } else { entry.layer.clone() };
        }
    }
    starts.train.loss = Loss::Hinge;
    starts.train.stop = Stop::Epochs(1);
    starts.data.image.fit = Fit::Letterbox;
    let mut squashed = Preset::from_name("ring8").unwrap().project();
    squashed.name = "squashed".to_owned();
    squashed.data = builtin_data(Builtin::Moons);
    let layers = squashed.discriminator.active().map(|entry| entry.layer.clone()).chain([Layer::Sigmoid]).collect::<Vec<_>>();
    squashed.discriminator = Stack::new(squashed.discriminator.input, layers);
    squashed.train.latent = Latent::Uniform;
    squashed.train.ema_decay = 0.0;
    squashed.train.generator.rule = Optimiser::Sgd { momentum: 0.9 };
    vec![(critic, Some("digits.idx.gz")), (starts, Some("pictures")), (squashed, None)]
}

/// Pictures of noise to train on: a folder of PNG files, and a packed IDX file.
fn write_pictures(folder: &Path) {
    let values = |at: u64, count| {
        random::normals(&mut stream(11, Purpose::Synthetic, at), count).into_iter().map(|value| (value * 60.0 + 128.0) as u8)
    };
    fs::create_dir_all(folder.join("pictures/more")).unwrap();
    for index in 0..70 {
        let (width, height) = (20 + index, 30);
        let bytes: Vec<u8> = values(u64::from(index), (3 * width * height) as usize).collect();
        let name = format!("pictures/{}{index}.png", if index % 2 == 0 { "more/" } else { "" });
        image::save_buffer(folder.join(name), &bytes, width, height, image::ColorType::Rgb8).unwrap();
    }
    let mut packed = flate2::write::GzEncoder::new(fs::File::create(folder.join("digits.idx.gz")).unwrap(), flate2::Compression::default());
    packed.write_all(&[0, 0, 8, 3, 0, 0, 0, 200, 0, 0, 0, 20, 0, 0, 0, 24]).unwrap();
    packed.write_all(&values(1000, 200 * 20 * 24).collect::<Vec<u8>>()).unwrap();
    packed.finish().unwrap();
}

/// Settings under which a dozen packages are compiled soon and still compute fast enough.
const WORKSPACE: &str = "[workspace]\nmembers = [\"packages/*\"]\nresolver = \"3\"\n\n[profile.dev]\nopt-level = 1\ndebug = false\n\n\
                         [profile.dev.package.\"*\"]\nopt-level = 2\n";

/// Writes a package into the workspace, with a program beside it that compares.
fn package(project: &Project, own: &Path) {
    written(project, Language::Burn, own);
    let name = own.file_name().unwrap().to_string_lossy().into_owned();
    let manifest = fs::read_to_string(own.join("Cargo.toml")).unwrap();
    let manifest = manifest.replacen("name = \"gan\"", &format!("name = \"{name}\""), 1);
    // As the package is called `gan`, so is its library.
    let manifest = format!("{manifest}\n[lib]\nname = \"gan\"\n\n[[bin]]\nname = \"{name}\"\npath = \"src/main.rs\"\n");
    fs::write(own.join("Cargo.toml"), manifest + &format!("\n[[bin]]\nname = \"{name}-agrees\"\npath = \"agrees.rs\"\n")).unwrap();
    let shape = project.data.shape();
    let samples = match project.data.is_points() {
        true => format!("[{COUNT}, 2]"),
        false => format!("{:?}", shape.batched(COUNT)),
    };
    let values = [
        ("latents", format!("[{COUNT}, {}]", project.generator.input.values())),
        ("samples", samples),
        ("shown", if project.train.ema_decay > 0.0 { "average" } else { "generator" }.to_owned()),
        ("count", COUNT.to_string()),
    ];
    let mut text = fs::read_to_string("tests/peers/burn_agrees.rs.txt").unwrap();
    values.iter().for_each(|(name, value)| text = text.replace(&format!("{{{{{name}}}}}"), value));
    fs::write(own.join("agrees.rs"), text).unwrap();
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {said}{errors}");
    format!("{said}{errors}")
}

#[test]
fn burn_makes_the_same_pictures_and_scores_and_trains() {
    let Some(folder) = std::env::var_os("GANVAS_BURN_CHECK").map(PathBuf::from) else {
        println!("skipped: GANVAS_BURN_CHECK names no folder to compile in");
        return;
    };
    let packages = folder.join("packages");
    let _ = fs::remove_dir_all(&packages);
    fs::create_dir_all(&packages).unwrap();
    fs::write(folder.join("Cargo.toml"), WORKSPACE).unwrap();
    fs::copy("Cargo.lock", folder.join("Cargo.lock")).unwrap();
    write_pictures(&folder);
    let usual = projects(Language::Burn).into_iter().map(|project| {
        let data = (!project.data.is_points()).then_some("pictures");
        (project, data)
    });
    let all: Vec<(Project, Option<&str>)> = usual.chain(training_otherwise()).collect();
    let name = |project: &Project| format!("gan-{}", project.name.replace(' ', "-"));
    for (project, _) in &all {
        assert_eq!(project.faults(), [], "{}", project.name);
        package(project, &packages.join(name(project)));
    }
    let target = folder.join("target");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = run(Command::new(cargo).args(["build", "--workspace", "--offline"]).current_dir(&folder).env("CARGO_TARGET_DIR", &target));
    // All libraries have the same name, which cargo says, too.
    let is_warning = |line: &&str| line.starts_with("warning") && !line.contains("output filename collision");
    assert_eq!(built.lines().find(is_warning), None, "{built}");
    for (project, data) in &all {
        let (own, program) = (packages.join(name(project)), target.join("debug").join(name(project)));
        let said = run(Command::new(format!("{}-agrees", program.display())).arg(&own));
        print!("{said}");
        let data = data.map(|data| folder.join(data));
        let said = run(Command::new(&program).current_dir(&own).arg("train").args(data).args(["--steps", "3"]));
        assert!(said.contains("step 3: D ") && !said.contains("NaN"), "{}: {said}", project.name);
        let weights = ["--weights", "samples/trained.safetensors"];
        for weights in [&weights[..], &[]] {
            let _ = fs::remove_file(own.join("samples/samples.png"));
            run(Command::new(&program).current_dir(&own).arg("sample").args(weights));
            let sheet = image::open(own.join("samples/samples.png")).unwrap();
            let shape = project.data.shape();
            let [width, height] = if project.data.is_points() { [512; 2] } else { [8 * shape.width as u32, 8 * shape.height as u32] };
            assert_eq!((sheet.width(), sheet.height()), (width, height), "{}", project.name);
        }
    }
}
