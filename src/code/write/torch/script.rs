//! The script around the networks: settings, losses, training.

use super::{network, objective, sight};
use crate::code::write::WriteError;
use crate::code::write::parts::Used;
use crate::code::write::python::{fill, heading};
use crate::code::write::script::{averaging, common, has_spectral_norm, length, sources};
use crate::spec::{Latent, Optimiser, Project, Role};

/// Sources of classes and functions, in the order they are written.
const SOURCES: [(&str, &str); 13] = [
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
    ("lion", include_str!("lion.py")),
];

/// The whole script.
///
/// # Errors
/// A layer does not fit.
pub fn write(project: &Project) -> Result<String, WriteError> {
    let (generator, mut used) = network(project, Role::Generator)?;
    let (discriminator, more) = network(project, Role::Discriminator)?;
    used.extend(more);
    if Role::BOTH.iter().any(|role| matches!(project.train.optimiser(*role).rule, Optimiser::Lion { .. })) {
        used.insert("lion");
    }
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
        ("samples", samples.clone()),
        ("latents", latents(project.train.latent).to_owned()),
        ("write_samples", if points { include_str!("show_points.py") } else { include_str!("show_pictures.py") }.to_owned()),
        ("channels_first", if points { "" } else { ".permute(0, 3, 1, 2).contiguous()" }.to_owned()),
    ];
    values.extend(sight::parts(project, &samples));
    values.extend(objective::parts(project));
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
