//! Burn: a package of Rust, with a struct for each network.
//!
//! What a layer holds or has to be told becomes a field, made by the library's own `Config`; what is a function of its input alone is a
//! line of `forward`.

mod expression;
mod imports;
mod layers;
mod package;
mod pieces;
mod plain;
mod start;
#[cfg(test)]
mod tests;

pub use package::write;

use expression::Expression;
use imports::Imports;

use super::entry::At;
use super::parts::{self, Used};
use super::{Entry, Holder, Listing, WriteError};
use crate::spec::{Layer, LayerId, Project, Role};

/// The fields of one network.
///
/// # Errors
/// A layer does not fit.
pub fn listing(project: &Project, role: Role) -> Result<Listing, WriteError> {
    Ok(network(project, role)?.listing())
}

/// One network, as it is written.
fn network(project: &Project, role: Role) -> Result<Network, WriteError> {
    let at = At::input(project, role);
    let mut network = Network { at, fields: Vec::new(), steps: Vec::new(), imports: Imports::default(), used: Used::new() };
    for entry in project.stack(role).active() {
        network.layer(entry.id, &entry.layer)?;
    }
    // Pictures leave a generator with rows and columns; points and verdicts without.
    if role == Role::Discriminator || project.data.is_points() {
        network.flatten();
    } else {
        network.unflatten();
    }
    Ok(network)
}

/// A network while it is written.
#[derive(Debug)]
struct Network {
    at: At,
    fields: Vec<Field>,
    steps: Vec<Step>,
    imports: Imports,
    /// Pieces of source that it needs.
    used: Used,
}

/// What a network holds.
#[derive(Debug)]
struct Field {
    /// What it is called, but for a number.
    stem: &'static str,
    /// Its type.
    kind: &'static str,
    made: Expression,
    holder: Option<Holder>,
}

/// A line of `forward`.
#[derive(Clone, Debug)]
enum Step {
    /// The field with this number.
    Field(usize),
    /// A function of `x`, which stands around the field before it: its name, and what follows `x`.
    Function(&'static str, &'static str),
    /// An expression of `x`.
    Text(String),
}

impl Network {
    /// Makes a vector of what goes through, where it is none.
    fn flatten(&mut self) {
        if !self.at.flat {
            self.step("x.flatten::<2>(1, 3)");
            self.at.flat = true;
        }
    }

    /// Makes a picture of what goes through, where it is none.
    fn unflatten(&mut self) {
        if self.at.flat {
            let shape = self.at.shape;
            self.step(format!("x.reshape([-1, {}, {}, {}])", shape.channels, shape.height, shape.width));
            self.at.flat = false;
        }
    }

    fn step(&mut self, text: impl Into<String>) {
        self.steps.push(Step::Text(text.into()));
    }

    /// A function of Burn's `activation`.
    fn function(&mut self, name: &'static str, more: &'static str) {
        self.imports.add(&format!("burn::tensor::activation::{name}"));
        self.steps.push(Step::Function(name, more));
    }

    /// A field without numbers; one that is already there serves again.
    fn field(&mut self, stem: &'static str, kind: &'static str, made: Expression) {
        let alike = |field: &Field| field.holder.is_none() && field.kind == kind && field.made == made;
        let index = self.fields.iter().position(alike).unwrap_or_else(|| {
            self.fields.push(Field { stem, kind, made, holder: None });
            self.fields.len() - 1
        });
        self.steps.push(Step::Field(index));
    }

    fn layer(&mut self, id: LayerId, layer: &Layer) -> Result<(), WriteError> {
        let output = parts::output(layer, self.at.shape)?;
        self.modules(id, layer, output)?;
        self.at.shape = output;
        Ok(())
    }

    /// What the fields are called: numbered where there are several of a kind.
    fn names(&self) -> Vec<String> {
        let of = |stem: &str, fields: &[Field]| fields.iter().filter(|field| field.stem == stem).count();
        let name = |(index, field): (usize, &Field)| match of(field.stem, &self.fields) {
            1 => field.stem.to_owned(),
            _ => format!("{}{}", field.stem, of(field.stem, &self.fields[..=index])),
        };
        self.fields.iter().enumerate().map(name).collect()
    }

    fn listing(&self) -> Listing {
        let entry = |(name, field): (String, &Field)| {
            let source = field.made.laid_out(0, 0);
            Entry { name, source, holder: field.holder.clone() }
        };
        Listing { entries: self.names().into_iter().zip(&self.fields).map(entry).collect() }
    }

    /// The fields as a struct declares them.
    fn declared(&self) -> String {
        self.names().iter().zip(&self.fields).map(|(name, field)| format!("    {name}: {},\n", field.kind)).collect()
    }

    /// The fields as they are made.
    fn made(&self) -> String {
        let made = |(name, field): (&String, &Field)| {
            let text = field.made.laid_out(12, name.len() + 2);
            format!("            {name}: {text},\n")
        };
        self.names().iter().zip(&self.fields).map(made).collect()
    }

    /// The body of `forward`.
    fn computed(&self) -> String {
        let names = self.names();
        let mut lines: Vec<String> = Vec::new();
        let mut is_field = false;
        for step in &self.steps {
            match step {
                Step::Field(index) => lines.push(format!("self.{}.forward(x)", names[*index])),
                Step::Text(text) => lines.push(text.clone()),
                Step::Function(name, more) => {
                    let inner = lines.pop_if(|_| is_field).unwrap_or_else(|| "x".to_owned());
                    lines.push(format!("{name}({inner}{more})"));
                }
            }
            is_field = matches!(step, Step::Field(_));
        }
        let last = lines.pop().unwrap_or_else(|| "x".to_owned());
        let before: String = lines.iter().map(|line| format!("        let x = {line};\n")).collect();
        format!("{before}        {last}\n")
    }
}
