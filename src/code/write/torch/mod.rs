//! PyTorch.

mod layers;
mod objective;
mod script;
mod sight;

pub use script::write;

use super::entry::At;
use super::parts::{self, Used};
use super::{Entry, Listing, WriteError};
use crate::spec::{Layer, Project, Role};

/// The modules of one network.
///
/// # Errors
/// A layer does not fit.
pub fn listing(project: &Project, role: Role) -> Result<Listing, WriteError> {
    Ok(network(project, role)?.0)
}

/// The modules of one network, and the classes and functions they are made of.
fn network(project: &Project, role: Role) -> Result<(Listing, Used), WriteError> {
    let mut writer = Writer { at: At::input(project, role), entries: Vec::new(), used: Used::new() };
    for entry in project.stack(role).active() {
        writer.layer(entry.id, &entry.layer)?;
    }
    // Pictures leave a generator with rows and columns; points and verdicts without.
    if role == Role::Discriminator || project.data.is_points() {
        writer.flatten();
    } else {
        writer.unflatten();
    }
    Ok((Listing::numbered("layers.", writer.entries), writer.used))
}

/// A network while it is written.
struct Writer {
    at: At,
    entries: Vec<Entry>,
    used: Used,
}

impl Writer {
    /// Makes a vector of what goes through, where it is none.
    fn flatten(&mut self) {
        if !self.at.flat {
            self.entries.push(Entry::plain("nn.Flatten()"));
            self.at.flat = true;
        }
    }

    /// Makes a picture of what goes through, where it is none.
    fn unflatten(&mut self) {
        if self.at.flat {
            let shape = self.at.shape;
            let source = format!("nn.Unflatten(1, ({}, {}, {}))", shape.channels, shape.height, shape.width);
            self.entries.push(Entry::plain(source));
            self.at.flat = false;
        }
    }

    fn plain(&mut self, source: impl Into<String>) {
        self.entries.push(Entry::plain(source));
    }

    fn layer(&mut self, id: crate::spec::LayerId, layer: &Layer) -> Result<(), WriteError> {
        let output = parts::output(layer, self.at.shape)?;
        self.modules(id, layer, output)?;
        self.at.shape = output;
        Ok(())
    }
}
