//! From a text to a project, step by step.

use super::document::Document;
use super::eval::{Machine, Note};
use super::networks::{self, Built, Choice, Chosen};
use super::training::{self, Networks};
use super::{CodeError, Format, Framework, Import, Origin, Place, Remark, data, layers, python};
use crate::spec::{FORMAT, Layer, LayerId, Project, Role, Shape, Stack, VERSION};

/// Following a script nests calls within calls; this much is more than the limits of the evaluator need.
const STACK_BYTES: usize = 256 << 20;

/// More remarks about code that does not parse say no more.
const MAX_BROKEN: usize = 20;

/// Reads a text. Whatever it holds, this ends soon and takes a bounded amount of memory.
///
/// # Errors
/// There is no code, or no network in it.
pub fn read(text: &str, format: Format) -> Result<Import, CodeError> {
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().name("code reader".to_owned()).stack_size(STACK_BYTES);
        let running = reader.spawn_scoped(scope, || follow(&Document::read(text, format)?)).map_err(|_| CodeError::Fault)?;
        running.join().map_err(|_| CodeError::Fault)?
    })
}

fn follow(document: &Document) -> Result<Import, CodeError> {
    let script = python::parse(&document.code);
    let mut machine = Machine::new(&document.code);
    machine.run_script(&script);
    let choice = find_networks(&mut machine);
    if choice.generator.is_none() && choice.discriminator.is_none() {
        return Err(CodeError::NoNetwork(elsewhere(&machine)));
    }
    // What trains is often a function that nothing calls.
    machine.run_unused(|_| true);
    let framework = framework(&choice);
    let generator = choice.generator.as_ref().map(|chosen| networks::generator(&machine, chosen));
    // What turns pictures into pictures leaves their size as it is.
    let made = generator.as_ref().and_then(|built| if built.input.is_vector() { networks::supposed(built) } else { Some(built.input) });
    let discriminator = choice.discriminator.as_ref().map(|chosen| networks::discriminator(&machine, chosen, made));
    let found = Networks { generator: choice.generator.as_ref(), discriminator: choice.discriminator.as_ref(), combined: &choice.combined };
    let (train, notes) = training::read(&machine, &script, &found);
    let mut notes: Vec<Note> = std::mem::take(&mut machine.notes).into_iter().chain(notes).collect();
    notes.extend(about_networks(&choice));
    let (mut generator, mut discriminator) = (generator, discriminator);
    networks::unflatten(generator.as_mut(), discriminator.as_mut());
    let mut assembly = Assembly { document, origins: Vec::new(), notes };
    let generator_stack = assembly.stack(Role::Generator, generator, Shape::vector(100));
    let discriminator_stack = assembly.stack(Role::Discriminator, discriminator, made.unwrap_or(Shape::new(1, 28, 28)));
    let project = Project {
        format: FORMAT.to_owned(),
        version: VERSION,
        name: "imported".to_owned(),
        data: data::suited_to(discriminator_stack.input),
        generator: generator_stack,
        discriminator: discriminator_stack,
        train,
        seed: 1,
    };
    let remarks = remarks(document, assembly.notes);
    Ok(Import { project, origins: assembly.origins, remarks, framework })
}

/// The networks that the script makes as it stands; where one is missing, also those of functions and classes that nothing calls.
fn find_networks(machine: &mut Machine<'_>) -> Choice {
    let mut choice = networks::choose(machine);
    let complete = |choice: &Choice| choice.generator.is_some() && choice.discriminator.is_some();
    if !complete(&choice) {
        machine.run_unused(|name| networks::role_of(name).is_some());
        choice = networks::choose(machine);
    }
    if !complete(&choice) {
        machine.run_unused(|_| true);
        choice = networks::choose(machine);
    }
    if !complete(&choice) {
        let missing = [(Role::Generator, choice.generator.is_none()), (Role::Discriminator, choice.discriminator.is_none())];
        machine.run_functions(|name| missing.iter().any(|&(role, is_missing)| is_missing && networks::role_of(name) == Some(role)));
        choice = networks::choose(machine);
    }
    choice
}

/// Where the networks might be instead.
fn elsewhere(machine: &Machine<'_>) -> String {
    let is_network = |name: &str| networks::role_of(super::eval::last_part(name)).is_some() && layers::family(name).is_none();
    let found = machine.made.iter().find(|made| is_network(&made.name) && made.name.contains('.'));
    found.map_or_else(String::new, |made| {
        let module = made.name.rsplit_once('.').map_or("", |(module, _)| module);
        format!("; {} comes from {module}, which is another file: read that one", made.short())
    })
}

fn framework(choice: &Choice) -> Framework {
    let is_torch = |chosen: &Chosen| chosen.lowered.family == layers::Family::Torch;
    let torch = choice.generator.iter().chain(&choice.discriminator).any(is_torch);
    if torch { Framework::PyTorch } else { Framework::Keras }
}

/// What has to be said about which networks there are.
fn about_networks(choice: &Choice) -> Vec<Note> {
    let mut notes = Vec::new();
    for (role, found) in [(Role::Generator, &choice.generator), (Role::Discriminator, &choice.discriminator)] {
        if found.is_none() {
            let why = "none was found in the script; its stack is empty".to_owned();
            notes.push(Note { line: 0, what: role.name().to_owned(), why });
        }
    }
    for (role, name, line) in &choice.others {
        notes.push(Note { line: *line, what: name.clone(), why: format!("another {} was chosen; this one is left out", role.name()) });
    }
    notes
}

/// Puts the stacks together and remembers where everything came from.
struct Assembly<'a> {
    document: &'a Document,
    origins: Vec<Origin>,
    notes: Vec<Note>,
}

impl Assembly<'_> {
    fn stack(&mut self, role: Role, built: Option<Built>, missing: Shape) -> Stack {
        let Some(Built { input, layers, remarks }) = built else { return Stack::new(missing, []) };
        // What is left out is said for each network.
        let named = |what: String, why: &str| if why == networks::LEFT_OUT { format!("{what} in the {}", role.name()) } else { what };
        self.notes.extend(remarks.into_iter().map(|(line, what, why)| Note { line, what: named(what, &why), why }));
        for (placed, id) in layers.iter().zip(1..) {
            self.origins.push(Origin { role, id: LayerId(id), place: self.document.place(placed.line) });
        }
        let layers: Vec<Layer> = layers.into_iter().map(|placed| self.in_its_cell(placed.layer)).collect();
        Stack::new(input, layers)
    }

    /// A gap knows only a line; in a notebook its reason says the cell.
    fn in_its_cell(&self, layer: Layer) -> Layer {
        match layer {
            Layer::Gap { source, line, reason } => match self.document.place(line) {
                Place { cell: Some(cell), line } => Layer::Gap { source, line, reason: format!("{reason} (cell {cell})") },
                Place { line, .. } => Layer::Gap { source, line, reason },
            },
            layer => layer,
        }
    }
}

/// Remarks in the order of the text; the same about the same is said once.
fn remarks(document: &Document, mut notes: Vec<Note>) -> Vec<Remark> {
    notes.sort_by_key(|note| note.line);
    let mut remarks: Vec<Remark> = Vec::new();
    let mut broken = 0;
    for note in notes {
        if note.why.starts_with("it does not parse") {
            broken += 1;
            if broken > MAX_BROKEN {
                continue;
            }
        }
        let is_said = remarks.iter().any(|known| known.what == note.what && known.why == note.why);
        if !is_said {
            remarks.push(Remark { place: document.place(note.line), what: note.what, why: note.why });
        }
    }
    if broken > MAX_BROKEN {
        let why = format!("{broken} statements do not parse; the first {MAX_BROKEN} are named");
        remarks.push(Remark { place: Place { cell: None, line: 0 }, what: "Python".to_owned(), why });
    }
    remarks
}
