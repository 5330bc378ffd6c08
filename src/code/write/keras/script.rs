//! The script around the networks: settings, losses, training.

use super::{network, objective};
use crate::code::write::WriteError;
use crate::code::write::python::{fill, heading};
use crate::code::write::script::{averaging, common, length, sources};
use crate::spec::{Latent, Project, Role};

/// Sources of classes and functions, in the order they are written.
const SOURCES: [(&str, &str); 8] = [
    ("start", include_str!("start.py")),
    ("spectral_norm", include_str!("spectral_norm.py")),
    ("residual", include_str!("residual.py")),
    ("attention", include_str!("attention.py")),
    ("pixel_norm", include_str!("pixel_norm.py")),
    ("minibatch", include_str!("minibatch.py")),
    ("pixel_shuffle", include_str!("pixel_shuffle.py")),
    ("lowest_border", include_str!("lowest_border.py")),
];

/// The whole script.
///
/// # Errors
/// A layer does not fit, Keras has none like it, or the training has a part that is not written for Keras.
pub fn write(project: &Project) -> Result<String, WriteError> {
    let missing = [(project.train.augmentation.is_on(), "augmentation"), (project.train.packing > 1, "packs of samples")];
    if let Some((_, what)) = missing.into_iter().find(|(is_used, _)| *is_used) {
        return Err(WriteError(format!("the script for Keras does without {what}: write it for PyTorch, or switch that off")));
    }
    let (generator, mut used) = network(project, Role::Generator)?;
    let (discriminator, more) = network(project, Role::Discriminator)?;
    used.extend(more);
    let points = project.data.is_points();
    let shape = project.data.shape();
    let sizes = if points { "2,".to_owned() } else { format!("{}, {}, {}", shape.height, shape.width, shape.channels) };
    let samples = if points { "points, [n, 2]".to_owned() } else { format!("pictures, [n, {sizes}] in -1 to 1") };
    let made = "    average = make_generator()\n    average.set_weights(generator.get_weights())\n";
    let mut values = vec![
        ("heading", heading(project, "Keras", "weights.npz").trim_end().to_owned()),
        ("imports", imports(points).to_owned()),
        ("parts", sources(&SOURCES, &used)),
        ("samples", samples),
        ("sample_shape", format!("({sizes})")),
        ("latents", latents(project.train.latent).to_owned()),
        ("write_samples", if points { include_str!("show_points.py") } else { include_str!("show_pictures.py") }.to_owned()),
    ];
    values.extend(objective::parts(project));
    values.extend(common(project, [&generator, &discriminator]));
    values.extend(averaging(project, include_str!("follow.py"), made));
    values.extend(length(project));
    Ok(fill(include_str!("gan.py.txt"), &values))
}

fn imports(points: bool) -> &'static str {
    if points {
        "import argparse\nimport os\nfrom pathlib import Path\n\nos.environ[\"KERAS_BACKEND\"] = \"tensorflow\"\n\n\
         import keras\nimport numpy as np\nimport tensorflow as tf\nfrom keras import layers, ops\nfrom PIL import Image, ImageDraw"
    } else {
        "import argparse\nimport gzip\nimport os\nfrom pathlib import Path\n\nos.environ[\"KERAS_BACKEND\"] = \"tensorflow\"\n\n\
         import keras\nimport numpy as np\nimport tensorflow as tf\nfrom keras import layers, ops\nfrom PIL import Image, ImageOps"
    }
}

fn latents(latent: Latent) -> &'static str {
    match latent {
        Latent::Normal => "tf.random.normal((count, LATENT_DIM))",
        Latent::Uniform => "tf.random.uniform((count, LATENT_DIM), -1.0, 1.0)",
    }
}
