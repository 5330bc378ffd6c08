//! From what a script builds to two stacks.
//!
//! [`trace`] finds the path through each network, [`lower`] reads the calls on it as layers, [`choose`] says which network is which,
//! [`input`] what goes in, and [`fit`] turns shapes as they are written into those of the catalogue.

mod choose;
mod fit;
mod forms;
mod input;
mod lower;
mod near;
mod pool;
mod residual;
mod side;
mod trace;

pub use choose::{Choice, Chosen, choose, role_of};
pub use fit::Built;
pub use input::{discriminator, generator, supposed, unflatten};
pub use side::WHY as LEFT_OUT;

use super::eval::Machine;
use super::layers::Family;
use crate::spec::{Shape, Stack};

/// The size along an axis at a node, counted with the batch and in the library's own order; none where it cannot be told.
pub fn size_at(machine: &mut Machine<'_>, node: usize, axis: i64) -> Option<i64> {
    let path = machine.path(node);
    machine.pay(path.len() * 4);
    let lowered = lower::lower(machine, &path);
    // A latent vector has as many values as the first weights want.
    let wanted = || lowered.parts.iter().find_map(|part| part.wants).map(Shape::vector);
    let shape = output_of(&lowered, lowered.input_shape().or_else(wanted)?)?;
    let sizes: Vec<usize> = match lowered.family {
        _ if shape.is_vector() => vec![shape.channels],
        Family::Keras => vec![shape.height, shape.width, shape.channels],
        _ => vec![shape.channels, shape.height, shape.width],
    };
    // The batch is the first axis, and not known.
    let axis = if axis < 0 { axis.checked_add(sizes.len() as i64 + 1)? } else { axis };
    let at = usize::try_from(axis.checked_sub(1)?).ok()?;
    sizes.get(at).and_then(|&size| i64::try_from(size).ok())
}

/// What comes out for an input of this shape, where all fits.
fn output_of(lowered: &lower::Lowered, input: Shape) -> Option<Shape> {
    let built = fit::fit(lowered, input);
    Stack::new(input, built.layers.into_iter().map(|placed| placed.layer)).output_shape().ok()
}
