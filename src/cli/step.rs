//! `ganvas step`: one step of training, told in its phases.

mod numbers;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;

use super::console::{self, grouped, number};
use super::error::Failure;
use super::start::{self, Beginning, Wishes};
use crate::data;
use crate::device::{self, DeviceChoice};
use crate::spec::{Project, Role};
use crate::train::telling::{MOMENTS, Stage as Phase, sentence};
use crate::train::{Checkpoint, LayerLesson, Lesson, Session, Stage, Story, Unready};

/// Tell one step of training in its phases, with the numbers of each
#[derive(Debug, Args)]
#[command(
    long_about = "Takes the next step of a run, as `ganvas train` would, and tells what happens in it: which latent vectors are drawn, what \
                  the generator makes of them, what the discriminator says of real and of generated samples, then the loss of each \
                  network, its gradient in each layer, and how far the weights of each layer move.\n\n\
                  Nothing is written. The same step is told every time.",
    after_help = EXAMPLES
)]
pub(super) struct StepArguments {
    /// A project file; its next step is told, or its first one where it was not trained yet
    #[arg(value_name = "FILE.ganvas")]
    file: Option<PathBuf>,
    /// A project to tell the first step of: grey28, unless data or a file says more
    #[arg(long, value_name = "NAME", conflicts_with = "file", value_parser = super::train::preset_names())]
    preset: Option<String>,
    /// What to train on: digits, shapes, ring8, grid25, spiral, moons, or the path of a folder, .zip, IDX file or picture
    #[arg(long, value_name = "NAME|PATH")]
    data: Option<String>,
    /// The root of everything random
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Where to take the step: auto, cpu, gpu, or a part of a device's name
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: DeviceChoice,
    /// Print all numbers as one line of JSON on standard output
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  ganvas step --preset ring8                       the first step on eight clusters
  ganvas step ganvas-out/project.ganvas            the next step of a run; its file stays as it is
  ganvas step ganvas-out/project.ganvas --json     the same numbers for another program";

/// So many verdicts are said one by one.
const VERDICTS: usize = 8;

/// Takes the step, and tells it.
pub(super) fn run(arguments: &StepArguments) -> Result<(), Failure> {
    let Beginning { project, checkpoint, .. } = start::prepare(&Wishes {
        file: arguments.file.clone(),
        preset: arguments.preset.clone(),
        data: arguments.data.clone(),
        seed: arguments.seed,
        ..Wishes::default()
    })?;
    let story = take(&project, checkpoint.as_deref(), &arguments.device)?;
    if arguments.json {
        console::print(&numbers::json(&project, &story));
    } else {
        lines(&project, &story).iter().for_each(|line| console::print(line));
    }
    if let Some(file) = &arguments.file {
        console::say(&format!("the step was taken beside the file, which stays as it is: {}", file.display()));
    }
    Ok(())
}

/// The next step of a run.
fn take(project: &Project, checkpoint: Option<&Checkpoint>, device: &DeviceChoice) -> Result<Story, Failure> {
    let info = device::resolve(device)?;
    let dataset = data::load(&project.data, project.seed, &mut |_| {}, &AtomicBool::new(false))?;
    let device = device::open(&info)?;
    if let Some(warning) = &device.warning {
        console::say(&format!("note: {warning}"));
    }
    let mut session = Session::new(Stage::new(project.clone(), device, checkpoint)?, Arc::new(dataset), checkpoint);
    while !session.can_step() {
        session.prepare().map_err(|unready| match unready {
            Unready::Unfit(reason) => {
                Failure::failed(format!("{} computes otherwise than the CPU ({reason}); use --device cpu", info.name))
            }
            Unready::Failed(reason) => Failure::failed(reason),
        })?;
    }
    Ok(session.tell_step()?)
}

/// The step as people read it: a heading for each phase, its sentence and its numbers.
fn lines(project: &Project, story: &Story) -> Vec<String> {
    let mut lines = vec![format!("{}, step {}", project.name, grouped(story.step))];
    if story.d_steps > 1 {
        lines.push(format!("D takes {} steps for each of G's; the last of them is told.", story.d_steps));
    }
    for (index, moment) in MOMENTS.iter().enumerate() {
        let whose = if moment.stage.is_for_both() { format!(" of {}", letter(moment.role)) } else { String::new() };
        lines.extend([String::new(), format!("{}{whose}", moment.stage.name()), format!("  {}", sentence(project, story, index))]);
        let lesson = lesson(story, moment.role);
        match moment.stage {
            Phase::Real => lines.push(one_by_one(story, &story.scores.real[0])),
            Phase::Fake => lines.push(one_by_one(story, &story.scores.fake[0])),
            Phase::Gradients => lines.extend(gradients(project, moment.role, lesson)),
            Phase::Updates => lines.extend(updates(project, moment.role, lesson)),
            Phase::Latents | Phase::Making | Phase::Losses => {}
        }
    }
    lines
}

const fn letter(role: Role) -> char {
    match role {
        Role::Generator => 'G',
        Role::Discriminator => 'D',
    }
}

fn lesson(story: &Story, role: Role) -> &Lesson {
    match role {
        Role::Generator => &story.generator,
        Role::Discriminator => &story.discriminator,
    }
}

fn one_by_one(story: &Story, scores: &[f32]) -> String {
    let verdicts: Vec<String> = scores.iter().take(VERDICTS).map(|score| format!("{:.3}", story.verdict(*score))).collect();
    format!("  One by one: {}{}", verdicts.join("  "), if scores.len() > VERDICTS { "  …" } else { "" })
}

fn gradients(project: &Project, role: Role, lesson: &Lesson) -> Vec<String> {
    let row = |layer: &LayerLesson| format!("  {:<28}{:>12}", layer_name(project, role, layer), number(layer.gradient));
    let mut lines = vec![format!("  {:<28}{:>12}", "layer", "gradient")];
    lines.extend(lesson.layers.iter().map(row));
    lines
}

fn updates(project: &Project, role: Role, lesson: &Lesson) -> Vec<String> {
    let line = |name: &str, values: [String; 3]| format!("  {name:<28}{:>12}{:>12}{:>12}", values[0], values[1], values[2]);
    let row = |layer: &LayerLesson| {
        let share = if layer.weights > 0.0 { format!("{} %", number(100.0 * layer.moved / layer.weights)) } else { "-".to_owned() };
        line(&layer_name(project, role, layer), [number(layer.weights), number(layer.moved), share])
    };
    let mut lines = vec![line("layer", ["weights", "moved by", "share"].map(str::to_owned))];
    lines.extend(lesson.layers.iter().map(row));
    lines
}

/// Its place in the network, counted from one, and its kind.
fn layer_name(project: &Project, role: Role, layer: &LayerLesson) -> String {
    let mut places = project.stack(role).layers.iter().zip(1..);
    let found = places.find(|(other, _)| other.id == layer.id);
    found.map_or_else(|| "a layer".to_owned(), |(other, place)| format!("{place} {}", other.layer.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Preset;

    #[test]
    fn a_step_is_told_in_its_order_with_every_layer_that_learns() {
        let project = Preset::from_name("ring8").unwrap().project();
        let story = take(&project, None, &DeviceChoice::Cpu).unwrap();
        let lines = lines(&project, &story);
        let headings: Vec<&String> = lines.iter().filter(|line| !line.is_empty() && !line.starts_with(' ')).collect();
        assert_eq!(headings[0], "ring8, step 1");
        let wanted = ["Latents", "G makes", "D on real", "D on fake", "Losses of D", "Gradients of D", "Updates of D", "Losses of G"];
        assert_eq!(headings[headings.len() - 10..][..8], wanted);
        for (role, lesson) in [(Role::Discriminator, &story.discriminator), (Role::Generator, &story.generator)] {
            let told = lines.iter().skip_while(|line| **line != format!("Gradients of {}", letter(role))).skip(3);
            let rows: Vec<&String> = told.take(lesson.layers.len()).collect();
            for (row, layer) in rows.into_iter().zip(&lesson.layers) {
                assert!(row.ends_with(&number(layer.gradient)) && row.trim().starts_with(|c: char| c.is_ascii_digit()), "{row}");
            }
        }
    }
}
