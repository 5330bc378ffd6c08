//! The script around the networks: settings, losses, training.

use super::network;
use crate::code::write::WriteError;
use crate::code::write::parts::{Used, ends_in_sigmoid};
use crate::code::write::python::{fill, heading, number};
use crate::code::write::script::{averaging, common, has_spectral_norm, length, sources};
use crate::spec::{Latent, Loss, Optimiser, Project, Role};

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
    let made = "    average = Generator().to(args.device)\n    average.load_state_dict(generator.state_dict())\n";
    let spectral = has_spectral_norm(project, Role::Generator);
    let follow = if spectral { include_str!("follow_spectral.py") } else { include_str!("follow.py") };
    let mut values = vec![
        ("heading", heading(project, "PyTorch", "weights.safetensors").trim_end().to_owned()),
        ("imports", imports(project, &used)),
        ("parts", sources(&SOURCES, &used)),
        ("samples", samples),
        ("losses", losses(project)),
        ("latents", latents(project.train.latent).to_owned()),
        ("g_optimiser", optimiser(project, Role::Generator)),
        ("d_optimiser", optimiser(project, Role::Discriminator)),
        ("clip", clip(project.train.loss)),
        ("write_samples", if points { include_str!("show_points.py") } else { include_str!("show_pictures.py") }.to_owned()),
        ("channels_first", if points { "" } else { ".permute(0, 3, 1, 2).contiguous()" }.to_owned()),
    ];
    values.extend(common(project, [&generator, &discriminator]));
    values.extend(averaging(project, follow, made));
    values.extend(length(project));
    Ok(fill(include_str!("gan.py.txt"), &values))
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
