//! The script around the networks: settings, losses, training.

use super::network;
use crate::code::write::parts::{Used, ends_in_sigmoid};
use crate::code::write::python::{data, fill, heading, lines, number, stop};
use crate::code::write::{Listing, WriteError};
use crate::spec::{Colour, Latent, Layer, Loss, Optimiser, Project, Role};

/// Sources of classes and functions, in the order they are written.
const SOURCES: [(&str, &str); 12] = [
    ("start_normal", include_str!("start_normal.py")),
    ("start_glorot", include_str!("start_glorot.py")),
    ("start_he", include_str!("start_he.py")),
    ("start_orthogonal", include_str!("start_orthogonal.py")),
    ("start_zeros", include_str!("start_zeros.py")),
    ("residual", include_str!("residual.py")),
    ("attention", include_str!("attention.py")),
    ("separable", include_str!("separable.py")),
    ("pixel_norm", include_str!("pixel_norm.py")),
    ("noise", include_str!("noise.py")),
    ("minibatch", include_str!("minibatch.py")),
    ("avg_pool", include_str!("avg_pool.py")),
];

/// The whole script.
///
/// # Errors
/// A layer does not fit.
pub fn write(project: &Project) -> Result<String, WriteError> {
    let (generator, mut used) = network(project, Role::Generator)?;
    let (discriminator, more) = network(project, Role::Discriminator)?;
    used.extend(more);
    let points = project.data.is_points();
    let shape = project.data.shape();
    let samples = if points {
        "points, [n, 2]".to_owned()
    } else {
        format!("pictures, [n, {}, {}, {}] in -1 to 1", shape.channels, shape.height, shape.width)
    };
    let mut values = vec![
        ("heading", heading(project, "PyTorch", "weights.safetensors").trim_end().to_owned()),
        ("imports", imports(project, &used)),
        ("settings", settings(project)),
        ("parts", sources(&used)),
        ("latent_dim", project.generator.input.values().to_string()),
        ("samples", samples),
        ("verdict", if ends_in_sigmoid(project) { "the probability that they are real" } else { "scores" }.to_owned()),
        ("generator", modules(&generator)),
        ("discriminator", modules(&discriminator)),
        ("losses", losses(project)),
        ("data", data(project)),
        ("latents", latents(project.train.latent).to_owned()),
        ("d_steps_words", if project.train.d_steps_per_g_step == 1 { "one" } else { "several" }.to_owned()),
        ("g_optimiser", optimiser(project, Role::Generator)),
        ("d_optimiser", optimiser(project, Role::Discriminator)),
        ("clip", clip(project.train.loss)),
        ("write_samples", if points { include_str!("show_points.py") } else { include_str!("show_pictures.py") }.to_owned()),
        (
            "data_argument",
            if points { "" } else { "    parser.add_argument(\"data\", help=\"a folder of pictures, or an IDX file\")\n" }.to_owned(),
        ),
        ("data_path", if points { "" } else { "args.data" }.to_owned()),
        ("channels_first", if points { "" } else { ".permute(0, 3, 1, 2).contiguous()" }.to_owned()),
    ];
    values.extend(averaging(project));
    values.extend(length(project));
    Ok(fill(include_str!("gan.py.txt"), &values))
}

fn modules(listing: &Listing) -> String {
    lines(12, listing.entries.iter().map(|entry| entry.source.clone()))
}

fn sources(used: &Used) -> String {
    SOURCES.iter().filter(|(name, _)| used.contains(name)).map(|(_, source)| format!("{source}\n\n")).collect()
}

fn imports(project: &Project, used: &Used) -> String {
    let points = project.data.is_points();
    let mut text = "import argparse\n".to_owned();
    text += if points { "from pathlib import Path\n\n" } else { "import gzip\nfrom pathlib import Path\n\n" };
    text += "import numpy as np\nimport torch\nimport torch.nn.functional as F\n";
    text += if points { "from PIL import Image, ImageDraw\n" } else { "from PIL import Image, ImageOps\n" };
    text += "from torch import nn\n";
    if used.contains("spectral_norm") {
        text += "from torch.nn.utils import spectral_norm\n";
    }
    text.trim_end().to_owned()
}

fn settings(project: &Project) -> String {
    let train = &project.train;
    let mut text = String::new();
    if !project.data.is_points() {
        let image = project.data.image;
        let channels = if image.colour == Colour::Grey { 1 } else { 3 };
        text += &format!("WIDTH, HEIGHT, CHANNELS = {}, {}, {channels}\n", image.width, image.height);
    }
    text += &format!("LATENT_DIM = {}\nBATCH_SIZE = {}\n", project.generator.input.values(), train.batch_size);
    text += &format!("D_STEPS = {}  # of the discriminator for each of the generator\n", train.d_steps_per_g_step);
    if train.ema_decay > 0.0 {
        text += &format!("EMA_DECAY = {}  # how much of the averaged generator survives a step\n", number(train.ema_decay));
    }
    if let Loss::Wasserstein { clip } = train.loss {
        text += &format!("CLIP_VALUE = {}  # the bound on every weight of the discriminator\n", number(clip));
    }
    let (name, count) = stop(project);
    text += &format!("{name} = {count}\nSEED = {}\n", project.seed);
    text.trim_end().to_owned()
}

fn latents(latent: Latent) -> &'static str {
    match latent {
        Latent::Normal => "torch.randn(count, LATENT_DIM, device=device)",
        Latent::Uniform => "torch.empty(count, LATENT_DIM, device=device).uniform_(-1.0, 1.0)",
    }
}

fn losses(project: &Project) -> String {
    let bce = if ends_in_sigmoid(project) { "F.binary_cross_entropy" } else { "F.binary_cross_entropy_with_logits" };
    let ones = |of: &str| format!("{bce}({of}, torch.ones_like({of}))");
    let zeros = |of: &str| format!("{bce}({of}, torch.zeros_like({of}))");
    let (d_loss, g_loss) = match project.train.loss {
        Loss::NonSaturating => (format!("{} + {}", ones("real"), zeros("fake")), ones("fake")),
        Loss::Minimax => (format!("{} + {}", ones("real"), zeros("fake")), format!("-{}", zeros("fake"))),
        Loss::LeastSquares => {
            ("0.5 * ((real - 1.0).square().mean() + fake.square().mean())".to_owned(), "0.5 * (fake - 1.0).square().mean()".to_owned())
        }
        Loss::Hinge => ("F.relu(1.0 - real).mean() + F.relu(1.0 + fake).mean()".to_owned(), "-fake.mean()".to_owned()),
        Loss::Wasserstein { .. } => ("fake.mean() - real.mean()".to_owned(), "-fake.mean()".to_owned()),
    };
    format!(
        "def discriminator_loss(real, fake):\n    \"\"\"What the discriminator minimises: {}.\"\"\"\n    return {d_loss}\n\n\n\
         def generator_loss(fake):\n    \"\"\"What the generator minimises.\"\"\"\n    return {g_loss}",
        project.train.loss.name()
    )
}

fn optimiser(project: &Project, role: Role) -> String {
    let spec = project.train.optimiser(role);
    let (of, rate) = (role.name(), number(spec.learning_rate));
    match spec.rule {
        Optimiser::Adam { beta1, beta2, epsilon } => {
            let (beta1, beta2, epsilon) = (number(beta1), number(beta2), number(epsilon));
            format!("torch.optim.Adam({of}.parameters(), lr={rate}, betas=({beta1}, {beta2}), eps={epsilon})")
        }
        Optimiser::RmsProp { alpha, epsilon } => {
            format!("torch.optim.RMSprop({of}.parameters(), lr={rate}, alpha={}, eps={})", number(alpha), number(epsilon))
        }
        Optimiser::Sgd { momentum } => format!("torch.optim.SGD({of}.parameters(), lr={rate}, momentum={})", number(momentum)),
    }
}

fn clip(loss: Loss) -> String {
    if !matches!(loss, Loss::Wasserstein { .. }) {
        return String::new();
    }
    let inner = "            with torch.no_grad():\n                for weight in discriminator.parameters():\n";
    format!("{inner}                    weight.clamp_(-CLIP_VALUE, CLIP_VALUE)\n")
}

/// What follows the generator from step to step, where the run averages.
fn averaging(project: &Project) -> Vec<(&'static str, String)> {
    let names = ["follow", "average_argument", "follow_call", "make_average", "load_average", "average_value"];
    if project.train.ema_decay == 0.0 {
        let mut values: Vec<_> = names.map(|name| (name, String::new())).to_vec();
        values.push(("shown", "generator".to_owned()));
        return values;
    }
    let has_norm = |layer: &Layer| crate::code::write::parts::mixing(layer).is_some_and(|mixing| mixing.spectral_norm);
    let spectral = project.generator.active().any(|entry| has_norm(&entry.layer));
    let follow = if spectral { include_str!("follow_spectral.py") } else { include_str!("follow.py") };
    let made = "    average = Generator().to(args.device)\n    average.load_state_dict(generator.state_dict())\n";
    let values =
        [&format!("\n{follow}\n"), "average, ", "        follow(average, generator, step)\n", made, "average=average, ", "average, "];
    let mut values: Vec<_> = names.into_iter().zip(values.map(str::to_owned)).collect();
    values.push(("shown", "average".to_owned()));
    values
}

/// For how long.
fn length(project: &Project) -> Vec<(&'static str, String)> {
    let text = |default: &str, help: &str, epochs: &str, steps: &str| {
        let names = ["steps_default", "steps_help", "epochs", "steps"];
        names.into_iter().zip([default, help, epochs, steps].map(str::to_owned)).collect()
    };
    match stop(project).0 {
        "EPOCHS" => text(
            "",
            "; as many as EPOCHS passes over the data, unless given",
            "    passes = EPOCHS * len(data) // (BATCH_SIZE * D_STEPS)\n",
            "args.steps or passes",
        ),
        _ => text("default=TRAIN_STEPS, ", "", "", "args.steps"),
    }
}
