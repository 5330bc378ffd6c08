//! What the scripts of all libraries of Python have in common.

use super::Listing;
use super::parts::{Used, ends_in_sigmoid, mixing};
use super::python::{data, lines, number, stop};
use crate::spec::{Colour, Decay, Layer, Project, Role, TrainSpec};

/// Names in a template, and what stands in their place.
pub type Values = Vec<(&'static str, String)>;

/// What every script says in the same way.
pub fn common(project: &Project, listings: [&Listing; 2]) -> Values {
    let points = project.data.is_points();
    let [generator, discriminator] = listings.map(modules);
    let data_argument = "    parser.add_argument(\"data\", help=\"a folder of pictures, or an IDX file\")\n";
    vec![
        ("settings", settings(project)),
        ("latent_dim", project.generator.input.values().to_string()),
        ("verdict", if ends_in_sigmoid(project) { "the probability that they are real" } else { "scores" }.to_owned()),
        ("generator", generator),
        ("discriminator", discriminator),
        ("data", data(project)),
        ("d_steps_words", if project.train.d_steps_per_g_step == 1 { "one" } else { "several" }.to_owned()),
        ("data_argument", if points { "" } else { data_argument }.to_owned()),
        ("data_path", if points { "" } else { "args.data" }.to_owned()),
    ]
}

/// The sources of the classes and functions that are used, in the order of `all`.
pub fn sources(all: &[(&'static str, &'static str)], used: &Used) -> String {
    all.iter().filter(|(name, _)| used.contains(name)).map(|(_, source)| format!("{source}\n\n")).collect()
}

fn modules(listing: &Listing) -> String {
    lines(12, listing.entries.iter().map(|entry| entry.source.clone()))
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
    for (name, value, comment) in numbers(train) {
        text += &format!("{name} = {value}  # {comment}\n");
    }
    let (name, count) = stop(project);
    text += &format!("{name} = {count}\nSEED = {}\n", project.seed);
    text.trim_end().to_owned()
}

/// What is set of penalties, schedules and noise: its name, its value, and what it is.
fn numbers(train: &TrainSpec) -> Vec<(&'static str, String, &'static str)> {
    let (rules, schedule, noise) = (&train.regularisation, &train.schedule, &train.noise);
    let floats = [
        ("CLIP_VALUE", rules.clip, "the bound on every weight of the discriminator"),
        ("GRADIENT_PENALTY", rules.gradient_penalty, "the weight of the penalty on gradients whose length is not one"),
        ("R1", rules.r1, "the weight of the penalty on gradients at real samples"),
        ("R2", rules.r2, "the weight of the penalty on gradients at generated samples"),
        ("LECAM", rules.lecam, "the weight of the penalty on straying from what the discriminator used to say"),
        ("CLIP_G_GRADIENT", train.clip_gradient.generator, "the longest gradients of the generator, all together"),
        ("CLIP_D_GRADIENT", train.clip_gradient.discriminator, "the longest gradients of the discriminator, all together"),
        ("SMOOTH_REAL", if train.loss.has_targets() { train.smoothing.real } else { 0.0 }, "real samples count as 1 less this"),
        ("SMOOTH_FAKE", if train.loss.has_targets() { train.smoothing.fake } else { 0.0 }, "generated samples count as this"),
        ("NOISE", noise.deviation, "the deviation of the noise on what the discriminator sees"),
    ];
    let mut found: Vec<_> = floats.into_iter().filter(|line| line.1 > 0.0).map(|line| (line.0, number(line.1), line.2)).collect();
    if rules.punishes_gradients() && rules.every > 1 {
        found.push(("PENALTY_EVERY", rules.every.to_string(), "steps of the discriminator from one penalty on gradients to the next"));
    }
    if noise.deviation > 0.0 && noise.steps > 0 {
        found.push(("NOISE_STEPS", noise.steps.to_string(), "the step at which the noise is gone"));
    }
    let augmentation = &train.augmentation;
    if train.packing > 1 {
        found.push(("PACKING", train.packing.to_string(), "samples that the discriminator judges at once"));
    }
    if augmentation.adapts() {
        found.push(("AUGMENT_TARGET", number(augmentation.target), "pictures are changed more often while the mean sign is above"));
        found.push(("AUGMENT_RAMP", (1000 * augmentation.ramp).to_string(), "real pictures that this takes from never to always"));
    } else if augmentation.is_on() {
        found.push(("AUGMENT_P", number(augmentation.probability), "how often each change is made to each picture"));
    }
    if schedule.decay != Decay::Constant {
        found.push(("RATE_STEPS", schedule.steps.to_string(), "the step at which learning rates arrive at zero"));
    }
    if schedule.warm_up > 0 {
        found.push(("WARM_UP", schedule.warm_up.to_string(), "steps over which learning rates rise at first"));
    }
    found
}

/// Do learning rates change over the run?
pub fn has_schedule(project: &Project) -> bool {
    let schedule = project.train.schedule;
    schedule.decay != Decay::Constant || schedule.warm_up > 0
}

/// The function that says what learning rates are multiplied with, where they change.
pub fn rate(project: &Project) -> Option<String> {
    let schedule = project.train.schedule;
    if !has_schedule(project) {
        return None;
    }
    let mut text = "def rate(step):\n    \"\"\"What learning rates are multiplied with after so many steps.\"\"\"\n".to_owned();
    if schedule.warm_up > 0 {
        text += "    if step < WARM_UP:\n        return (step + 1) / WARM_UP\n";
    }
    let past = if schedule.warm_up > 0 { "(step - WARM_UP) / max(RATE_STEPS - WARM_UP, 1)" } else { "step / RATE_STEPS" };
    text += &match schedule.decay {
        Decay::Constant => "    return 1.0".to_owned(),
        Decay::Linear => format!("    return 1.0 - min({past}, 1.0)"),
        Decay::Cosine => format!("    return 0.5 * (1.0 + float(np.cos(np.pi * min({past}, 1.0))))"),
    };
    Some(text)
}

/// Lines of source, each so far from the edge.
pub fn indented<'a>(indent: usize, lines: impl IntoIterator<Item = &'a str>) -> String {
    // An empty line is empty.
    let placed = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{:indent$}{line}\n", "") };
    lines.into_iter().map(placed).collect()
}

/// Does a network divide weights by their largest singular value?
pub fn has_spectral_norm(project: &Project, role: Role) -> bool {
    let has = |layer: &Layer| mixing(layer).is_some_and(|mixing| mixing.spectral_norm);
    project.stack(role).active().any(|entry| has(&entry.layer))
}

/// What follows the generator from step to step, where the run averages: by the function `follow`, from what `made` makes.
pub fn averaging(project: &Project, follow: &str, made: &str) -> Values {
    let names = ["follow", "average_argument", "follow_call", "make_average", "load_average", "average_value", "shown"];
    let follow = if project.train.ema_ramp { follow.to_owned() } else { without_ramp(follow) };
    let follow = format!("\n{follow}\n");
    let values = match project.train.ema_decay {
        0.0 => ["", "", "", "", "", "", "generator"],
        _ => [&follow, "average, ", "        follow(average, generator, step)\n", made, "average=average, ", "average, ", "average"],
    };
    names.into_iter().zip(values.map(str::to_owned)).collect()
}

/// The same with a decay that is what it is from the first step on.
fn without_ramp(follow: &str) -> String {
    follow
        .replace("    keep = min(EMA_DECAY, (1 + step) / (10 + step))\n", "    keep = EMA_DECAY\n")
        .replace("; the first steps are soon forgotten", "")
}

/// For how long.
pub fn length(project: &Project) -> Values {
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
