//! How the discriminator sees samples: augmented and in packs.

use crate::code::write::script::Values;
use crate::spec::{Loss, Project};

/// The parts of the training loop that are about it, by their names in the template.
pub fn parts(project: &Project, samples: &str) -> Values {
    let packing = project.train.packing;
    let packed = project.pack_shape();
    let seen = match (packing, project.data.is_points()) {
        (1, _) => samples.to_owned(),
        (_, true) => format!("packs of {packing} points, [n, {}]", packed.channels),
        (_, false) => format!("packs of {packing} pictures, [n, {}, {}, {}] in -1 to 1", packed.channels, packed.height, packed.width),
    };
    let pack = if packing > 1 { "            real, fake = pack(real), pack(fake)\n" } else { "" };
    vec![("seen", seen), ("pack", pack.to_owned()), ("adapt", adapt(project))]
}

/// What says how real samples are: the discriminator itself, or through what augments them.
pub fn judge(project: &Project) -> &'static str {
    if project.train.augmentation.is_on() { "judge" } else { "discriminator" }
}

/// The functions it takes.
pub fn functions(project: &Project) -> [Option<String>; 2] {
    let shape = if project.data.is_points() { "PACKING * 2" } else { "PACKING * CHANNELS, HEIGHT, WIDTH" };
    let pack = format!(
        "def pack(samples):\n    \"\"\"PACKING samples at once, one after the other along channels (PacGAN, Lin et al., 2018).\"\"\"\n    \
         return samples[: len(samples) // PACKING * PACKING].reshape(-1, {shape})"
    );
    [(project.train.packing > 1).then_some(pack), augment(project)]
}

/// The lines before the first step, within the function that trains.
pub fn before_steps(project: &Project) -> Vec<&'static str> {
    let rules = &project.train.augmentation;
    let mut lines = Vec::new();
    if rules.adapts() {
        lines
            .extend(["augment_p = 0.0  # how often pictures are changed", "signs = []  # of what the discriminator says of real pictures"]);
    }
    let p = if rules.adapts() { "augment_p" } else { "AUGMENT_P" };
    let call = if p == "AUGMENT_P" {
        "    return discriminator(augment(samples, AUGMENT_P))"
    } else {
        "    return discriminator(augment(samples, augment_p))"
    };
    if rules.is_on() {
        lines.extend(["", "def judge(samples):", call, ""]);
    }
    lines
}

fn augment(project: &Project) -> Option<String> {
    let rules = &project.train.augmentation;
    let is_used = |part: &str| match part {
        "colour" => rules.colour,
        "translation" => rules.translation,
        "cutout" => rules.cutout,
        _ => true,
    };
    let mut text = String::new();
    let mut part = "";
    for line in include_str!("augment.py").lines() {
        match line.strip_prefix("# ") {
            Some(name) => part = name,
            None if is_used(part) => text += &format!("{line}\n"),
            None => {}
        }
    }
    rules.is_on().then(|| text.trim_end().to_owned())
}

/// The probability follows how sure the discriminator is of real pictures (Karras et al., 2020).
fn adapt(project: &Project) -> String {
    if !project.train.augmentation.adapts() {
        return String::new();
    }
    let sign = if project.train.loss == Loss::LeastSquares { "(on_real - 0.5).sign()" } else { "on_real.sign()" };
    let lines = [
        &format!("signs.append({sign}.mean().item())"),
        "if len(signs) == 4:",
        "    up = np.sign(np.mean(signs) - AUGMENT_TARGET)",
        "    augment_p = float(np.clip(augment_p + up * 4 * BATCH_SIZE / AUGMENT_RAMP, 0.0, 1.0))",
        "    signs = []",
    ];
    crate::code::write::script::indented(12, lines)
}
