//! What the scripts of all libraries of Python have in common.

use super::Listing;
use super::parts::{Used, ends_in_sigmoid, mixing};
use super::python::{data, lines, number, stop};
use crate::spec::{Colour, Layer, Loss, Project, Role};

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
    if let Loss::Wasserstein { clip } = train.loss {
        text += &format!("CLIP_VALUE = {}  # the bound on every weight of the discriminator\n", number(clip));
    }
    let (name, count) = stop(project);
    text += &format!("{name} = {count}\nSEED = {}\n", project.seed);
    text.trim_end().to_owned()
}

/// Does a network divide weights by their largest singular value?
pub fn has_spectral_norm(project: &Project, role: Role) -> bool {
    let has = |layer: &Layer| mixing(layer).is_some_and(|mixing| mixing.spectral_norm);
    project.stack(role).active().any(|entry| has(&entry.layer))
}

/// What follows the generator from step to step, where the run averages: by the function `follow`, from what `made` makes.
pub fn averaging(project: &Project, follow: &str, made: &str) -> Values {
    let names = ["follow", "average_argument", "follow_call", "make_average", "load_average", "average_value", "shown"];
    let follow = format!("\n{follow}\n");
    let values = match project.train.ema_decay {
        0.0 => ["", "", "", "", "", "", "generator"],
        _ => [&follow, "average, ", "        follow(average, generator, step)\n", made, "average=average, ", "average, ", "average"],
    };
    names.into_iter().zip(values.map(str::to_owned)).collect()
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
