//! The script around the networks: settings, losses, training.

use super::network;
use crate::code::write::WriteError;
use crate::code::write::parts::ends_in_sigmoid;
use crate::code::write::python::{fill, heading, number};
use crate::code::write::script::{averaging, common, length, sources};
use crate::spec::{Latent, Loss, Optimiser, Project, Role};

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
/// A layer does not fit, or Keras has none like it.
pub fn write(project: &Project) -> Result<String, WriteError> {
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
        ("losses", losses(project)),
        ("latents", latents(project.train.latent).to_owned()),
        ("g_optimiser", optimiser(project, Role::Generator)),
        ("d_optimiser", optimiser(project, Role::Discriminator)),
        ("clip", clip(project.train.loss)),
        ("write_samples", if points { include_str!("show_points.py") } else { include_str!("show_pictures.py") }.to_owned()),
    ];
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

fn losses(project: &Project) -> String {
    let from_logits = if ends_in_sigmoid(project) { "" } else { "from_logits=True" };
    let made = format!("cross_entropy = keras.losses.BinaryCrossentropy({from_logits})\n\n\n");
    let ones = |of: &str| format!("cross_entropy(ops.ones_like({of}), {of})");
    let zeros = |of: &str| format!("cross_entropy(ops.zeros_like({of}), {of})");
    let mean = |of: &str| format!("ops.mean({of})");
    let (before, d_loss, g_loss) = match project.train.loss {
        Loss::NonSaturating => (made, format!("{} + {}", ones("real"), zeros("fake")), ones("fake")),
        Loss::Minimax => (made, format!("{} + {}", ones("real"), zeros("fake")), format!("-{}", zeros("fake"))),
        Loss::LeastSquares => {
            let d_loss = format!("0.5 * ({} + {})", mean("ops.square(real - 1.0)"), mean("ops.square(fake)"));
            (String::new(), d_loss, format!("0.5 * {}", mean("ops.square(fake - 1.0)")))
        }
        Loss::Hinge => {
            let d_loss = format!("{} + {}", mean("ops.relu(1.0 - real)"), mean("ops.relu(1.0 + fake)"));
            (String::new(), d_loss, format!("-{}", mean("fake")))
        }
        Loss::Wasserstein { .. } => (String::new(), format!("{} - {}", mean("fake"), mean("real")), format!("-{}", mean("fake"))),
    };
    format!(
        "{before}def discriminator_loss(real, fake):\n    \"\"\"What the discriminator minimises: {}.\"\"\"\n    return {d_loss}\n\n\n\
         def generator_loss(fake):\n    \"\"\"What the generator minimises.\"\"\"\n    return {g_loss}",
        project.train.loss.name()
    )
}

fn optimiser(project: &Project, role: Role) -> String {
    let spec = project.train.optimiser(role);
    let rate = number(spec.learning_rate);
    match spec.rule {
        Optimiser::Adam { beta1, beta2, epsilon } => {
            let (beta1, beta2, epsilon) = (number(beta1), number(beta2), number(epsilon));
            format!("keras.optimizers.Adam({rate}, beta_1={beta1}, beta_2={beta2}, epsilon={epsilon})")
        }
        Optimiser::RmsProp { alpha, epsilon } => {
            format!("keras.optimizers.RMSprop({rate}, rho={}, epsilon={})", number(alpha), number(epsilon))
        }
        Optimiser::Sgd { momentum } => format!("keras.optimizers.SGD({rate}, momentum={})", number(momentum)),
    }
}

fn clip(loss: Loss) -> String {
    if !matches!(loss, Loss::Wasserstein { .. }) {
        return String::new();
    }
    let inner = "        for weight in discriminator.trainable_variables:\n";
    format!("{inner}            weight.assign(ops.clip(weight, -CLIP_VALUE, CLIP_VALUE))\n")
}
