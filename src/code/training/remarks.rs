//! What of a script's training is replaced here.

use super::Networks;
use super::patterns::Found;
use crate::code::eval::{Machine, Note, Value};
use crate::spec::Role;

/// Says what is replaced.
pub fn add(machine: &Machine<'_>, found: &Found, networks: &Networks<'_>, notes: &mut Vec<Note>) {
    if let Some(line) = found.unit_latents.filter(|_| !found.uniform_latents) {
        let why = "they are drawn from 0 to 1 in the script, and from -1 to 1 here";
        notes.push(Note { line, what: "latent vectors".to_owned(), why: why.to_owned() });
    }
    data(machine, notes);
    compiled(machine, networks, notes);
    fitted(machine, notes);
    schedules(machine, notes);
}

/// Data that a library would load.
fn data(machine: &Machine<'_>, notes: &mut Vec<Note>) {
    let is_source = |name: &str| {
        const LOADERS: [&str; 8] = [
            "load_data",
            "image_dataset_from_directory",
            "ImageFolder",
            "flow_from_directory",
            "load_dataset",
            "list_files",
            "read_csv",
            "loadmat",
        ];
        name.contains("datasets.") && !name.ends_with("DataLoader") && !name.contains("transforms")
            || LOADERS.contains(&crate::code::eval::last_part(name))
            || name == "tensorflow_datasets.load"
    };
    if let Some(made) = machine.made.iter().find(|made| is_source(&made.name)) {
        let why = "Ganvas loads nothing by itself; built-in data of this shape stand in until you choose others";
        notes.push(Note { line: made.line, what: made.source.clone(), why: why.to_owned() });
    }
}

/// A generator that is compiled, although nothing trains it together with the discriminator.
fn compiled(machine: &Machine<'_>, networks: &Networks<'_>, notes: &mut Vec<Note>) {
    if !networks.combined.is_empty() {
        return;
    }
    for compiled in &machine.compiled {
        if compiled.id.and_then(|id| networks.role_of(id)) == Some(Role::Generator) {
            let why = "compiled by itself, it would never meet the discriminator; Ganvas trains both against each other";
            notes.push(Note { line: compiled.line, what: "generator.compile(…)".to_owned(), why: why.to_owned() });
        }
    }
}

/// Data that are handed to `fit` and never defined.
fn fitted(machine: &Machine<'_>, notes: &mut Vec<Note>) {
    for fitted in &machine.fitted {
        let mut missing: Vec<&str> = Vec::new();
        let values = fitted.arguments.values().flat_map(|value| value.items().unwrap_or_else(|| vec![value.clone()]));
        let unknown: Vec<_> = values.filter_map(|value| if let Value::Unknown(unknown) = value { Some(unknown) } else { None }).collect();
        missing.extend(unknown.iter().filter_map(|unknown| unknown.undefined.as_deref()));
        missing.dedup();
        if !missing.is_empty() {
            let why = "never defined; choose the data in Ganvas".to_owned();
            notes.push(Note { line: fitted.line, what: missing.join(", "), why });
        }
    }
}

/// Learning rates that change on the way.
fn schedules(machine: &Machine<'_>, notes: &mut Vec<Note>) {
    for made in machine.made.iter().filter(|made| made.name.contains("lr_scheduler.")) {
        notes.push(Note {
            line: made.line,
            what: made.short().to_owned(),
            why: "the learning rate stays what it is at the beginning".to_owned(),
        });
    }
}
