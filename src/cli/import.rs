//! `ganvas import`: a project from the source of a network.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::console;
use super::error::Failure;
use crate::code::{self, Import, Remark};
use crate::project::ProjectFile;
use crate::spec::{LayerShape, Role};

/// Read a GAN written in Keras or PyTorch
#[derive(Debug, Args)]
#[command(
    long_about = "Reads a GAN written in Keras or PyTorch: a .py script, the code in a .md text, an .ipynb notebook or plain text. The \
                  text is read and never run. Both networks are printed with the shape that comes out of each layer and the line it \
                  was read from; then what could not be read, and what is replaced.\n\nWith -o a project is written, which the window \
                  opens and `ganvas train` trains.",
    after_help = EXAMPLES
)]
pub(super) struct ImportArguments {
    /// The text to read
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The project to write
    #[arg(short = 'o', long, value_name = "X.ganvas")]
    out: Option<PathBuf>,
    /// Replace the project where there is one; it is kept with .bak behind its name
    #[arg(long, requires = "out")]
    force: bool,
    /// Print what was read as one line of JSON on standard output
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  ganvas import dcgan.py                       look at what is read
  ganvas import tutorial.md -o dcgan.ganvas    make a project of it
  ganvas import notebook.ipynb --json          the same for other programs";

/// Reads, prints, and writes.
pub(super) fn run(arguments: &ImportArguments) -> Result<(), Failure> {
    let path = &arguments.file;
    if let Some(out) = &arguments.out
        && out.exists()
        && !arguments.force
    {
        return Err(Failure::failed(format!("there is such a file already; --force replaces it: {}", out.display())));
    }
    let import = code::read_file(path).map_err(|error| Failure::failed(error.to_string()))?;
    if arguments.json {
        console::print(&summary(&import).to_string());
    } else {
        for line in report(&import) {
            console::print(&line);
        }
    }
    if let Some(out) = &arguments.out {
        ProjectFile::from(import.project).save(out)?;
        console::say(&format!("written to {}", out.display()));
    }
    Ok(())
}

/// A row for each layer: what it is, what comes out, where it was read.
fn rows(import: &Import, role: Role) -> Vec<[String; 4]> {
    let stack = import.project.stack(role);
    let mut rows = vec![["input".to_owned(), String::new(), stack.input.to_string(), String::new()]];
    for (layer, shape) in stack.layers.iter().zip(stack.shapes()) {
        let out = match shape {
            LayerShape::Known { output, .. } => output.to_string(),
            LayerShape::Fault { .. } => "does not fit".to_owned(),
            LayerShape::Unknown => "–".to_owned(),
        };
        let place = import.place(role, layer.id).map(|place| place.to_string()).unwrap_or_default();
        rows.push([layer.layer.name().to_owned(), layer.layer.summary(), out, place]);
    }
    rows
}

/// The columns beside each other.
fn aligned(rows: &[[String; 4]]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [name, settings, shape, _] = [0, 1, 2, 3].map(width);
    let line = |row: &[String; 4]| format!("  {:name$}  {:settings$}  {:shape$}  {}", row[0], row[1], row[2], row[3]).trim_end().to_owned();
    rows.iter().map(line).collect()
}

fn report(import: &Import) -> Vec<String> {
    let project = &import.project;
    let mut lines = vec![format!("{}, written for {}", project.name, import.framework.name())];
    for role in Role::BOTH {
        let parameters = console::grouped(project.stack(role).cost().parameters);
        lines.push(String::new());
        lines.push(format!("{}, {parameters} weights", role.name()));
        lines.extend(aligned(&rows(import, role)));
    }
    let train = &project.train;
    lines.push(String::new());
    lines.push(format!("loss {}, batch {}", train.loss.name(), train.batch_size));
    for role in Role::BOTH {
        let optimiser = train.optimiser(role);
        lines.push(format!("{}: {} at {}", role.name(), optimiser.rule.name(), optimiser.learning_rate));
    }
    let sections = [
        ("not read", import.gaps().iter().map(ToString::to_string).collect::<Vec<_>>()),
        ("remarks", import.remarks.iter().map(ToString::to_string).collect()),
        ("before it can be trained", project.faults().iter().map(ToString::to_string).collect()),
    ];
    for (heading, entries) in sections.into_iter().filter(|(_, entries)| !entries.is_empty()) {
        lines.push(String::new());
        lines.push(heading.to_owned());
        lines.extend(entries.into_iter().map(|entry| format!("  {entry}")));
    }
    lines
}

fn summary(import: &Import) -> serde_json::Value {
    let stack = |role: Role| {
        let stack = import.project.stack(role);
        let layers = stack.layers.iter().zip(stack.shapes()).map(|(layer, shape)| {
            let place = import.place(role, layer.id);
            json!({
                "layer": layer.layer,
                "output": shape.output(),
                "line": place.map(|place| place.line),
                "cell": place.and_then(|place| place.cell),
            })
        });
        json!({ "input": stack.input, "parameters": stack.cost().parameters, "layers": layers.collect::<Vec<_>>() })
    };
    let remark = |remark: &Remark| json!({ "line": remark.place.line, "cell": remark.place.cell, "what": remark.what, "why": remark.why });
    json!({
        "name": import.project.name,
        "framework": import.framework.name(),
        "generator": stack(Role::Generator),
        "discriminator": stack(Role::Discriminator),
        "train": import.project.train,
        "gaps": import.gaps().iter().map(remark).collect::<Vec<_>>(),
        "remarks": import.remarks.iter().map(remark).collect::<Vec<_>>(),
        "faults": import.project.faults().iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
