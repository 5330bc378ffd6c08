//! As PyTorch's modules hold them: nearly as here.

use super::layout::{permuted, reshaped};
use crate::code::write::{Holder, Transform};
use crate::nn::{Named, TensorValues};

/// The numbers of a layer as its module has them.
pub fn laid_out(holder: &Holder, own: Named) -> Named {
    let laid = |(name, values): (String, TensorValues)| {
        let values = match holder.transform {
            Transform::Dense if values.shape.len() == 2 => permuted(&values, &[1, 0]),
            Transform::Each(shape) if !shape.is_vector() => reshaped(values, [shape.channels, shape.height, shape.width]),
            _ => values,
        };
        (name, values)
    };
    own.into_iter().map(laid).collect()
}
