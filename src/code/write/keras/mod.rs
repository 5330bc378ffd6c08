//! Keras 3, channels last.
//!
//! A vector made of a picture holds its values row by row there, and channel by channel here. Where a Dense is beside it, its weights are
//! exported in the other order; where none is, the axes are exchanged by a layer of their own.

mod layers;
mod objective;
mod script;

pub use script::write;

use super::entry::At;
use super::parts::{self, Used};
use super::{Entry, Listing, Transform, WriteError};
use crate::spec::{Layer, LayerId, Project, Role, Shape};

/// The layers of one network.
///
/// # Errors
/// A layer does not fit, or Keras has none like it.
pub fn listing(project: &Project, role: Role) -> Result<Listing, WriteError> {
    Ok(network(project, role)?.0)
}

/// The layers of one network, and the classes and functions they are made of.
fn network(project: &Project, role: Role) -> Result<(Listing, Used), WriteError> {
    let mut writer = Writer { at: At::input(project, role), entries: Vec::new(), used: Used::new(), since_dense: None, pending: None };
    let layers: Vec<(LayerId, &Layer)> = project.stack(role).active().map(|entry| (entry.id, &entry.layer)).collect();
    for (index, (id, layer)) in layers.iter().enumerate() {
        let output = parts::output(layer, writer.at.shape)?;
        let behind = layers.get(index + 1..).unwrap_or_default();
        let begun = writer.entries.len();
        let was_flat = writer.at.flat;
        match layer {
            Layer::Reshape { .. } | Layer::Flatten => writer.reshape(output, behind),
            _ => writer.modules(*id, layer, output)?,
        }
        writer.keep_order(layer, begun, was_flat);
        writer.at.shape = output;
    }
    if role == Role::Discriminator || project.data.is_points() {
        writer.flatten();
    } else {
        writer.unflatten();
    }
    Ok((Listing::numbered("", writer.entries), writer.used))
}

/// A network while it is written.
struct Writer {
    at: At,
    entries: Vec<Entry>,
    used: Used,
    /// The Dense behind which nothing stands yet that cares for the order of a vector's values.
    since_dense: Option<usize>,
    /// The picture whose values come row by row, until a Dense takes them.
    pending: Option<Shape>,
}

/// Does the order of a picture's values depend on where its channels are?
fn is_mixed(shape: Shape) -> bool {
    shape.channels > 1 && !shape.is_vector()
}

/// Does a layer treat all values of a vector alike, or with numbers of their own that can be reordered?
fn is_transparent(layer: &Layer) -> bool {
    let is_alike = matches!(
        layer,
        Layer::Dropout { .. }
            | Layer::SpatialDropout { .. }
            | Layer::GaussianNoise { .. }
            | Layer::PixelNorm { .. }
            | Layer::BatchNorm { .. }
            | Layer::LayerNorm { .. }
            // Of a vector, which it is here.
            | Layer::Flatten
    );
    is_alike || layer.family() == crate::spec::Family::Activation
}

/// Is there a Dense behind, that takes the values in any order?
fn ends_in_dense(behind: &[(LayerId, &Layer)]) -> bool {
    behind.iter().find(|(_, layer)| !is_transparent(layer)).is_some_and(|(_, layer)| matches!(layer, Layer::Dense { .. }))
}

impl Writer {
    fn plain(&mut self, source: impl Into<String>) {
        self.entries.push(Entry::plain(source));
    }

    /// Makes a vector of a picture of one place.
    fn flatten(&mut self) {
        if !self.at.flat {
            self.plain("layers.Flatten()");
            self.at.flat = true;
        }
    }

    /// Makes a picture of what goes through, where it is none.
    fn unflatten(&mut self) {
        if self.at.flat {
            let Shape { channels, height, width } = self.at.shape;
            self.plain(format!("layers.Reshape(({height}, {width}, {channels}))"));
            self.at.flat = false;
        }
    }

    fn reshape(&mut self, output: Shape, behind: &[(LayerId, &Layer)]) {
        let input = self.at.shape;
        let dense = self.since_dense.filter(|_| self.at.flat);
        if !self.at.flat {
            if is_mixed(input) {
                if output.is_vector() && ends_in_dense(behind) {
                    self.pending = Some(input);
                } else {
                    self.plain("layers.Permute((3, 1, 2))");
                }
            }
            self.flatten();
        }
        if output.is_vector() {
            return;
        }
        let Shape { channels, height, width } = output;
        self.at.flat = false;
        if !is_mixed(output) {
            return self.plain(format!("layers.Reshape(({height}, {width}, {channels}))"));
        }
        if let Some(dense) = dense {
            let holders = self.entries.iter_mut().skip(dense).filter_map(|entry| entry.holder.as_mut());
            holders.for_each(|holder| holder.output_order = Some(output));
            return self.plain(format!("layers.Reshape(({height}, {width}, {channels}))"));
        }
        self.plain(format!("layers.Reshape(({channels}, {height}, {width}))"));
        self.plain("layers.Permute((2, 3, 1))");
    }

    /// Remembers in which order the values of a vector are behind a layer, whose entries begin at `begun`.
    fn keep_order(&mut self, layer: &Layer, begun: usize, was_flat: bool) {
        if let Some(picture) = self.pending {
            let holders = self.entries.iter_mut().skip(begun).filter_map(|entry| entry.holder.as_mut());
            holders.for_each(|holder| holder.input_order = Some(picture));
        }
        if matches!(layer, Layer::Dense { .. }) {
            self.pending = None;
            self.since_dense =
                self.entries.iter().rposition(|entry| matches!(&entry.holder, Some(holder) if holder.transform == Transform::Dense));
        } else if !(is_transparent(layer) && was_flat && self.at.flat) {
            self.since_dense = None;
        }
    }
}
