//! As PyTorch's modules hold them: nearly as here.

use super::transposed;
use crate::code::write::{Holder, Transform};
use crate::nn::TensorValues;

/// Numbers as the module of a holder has them.
pub fn laid_out(holder: &Holder, name: &str, values: TensorValues) -> TensorValues {
    match holder.transform {
        Transform::Dense if matches!(name, "weight" | "weight_orig") => transposed(&values),
        Transform::Each(shape) if !shape.is_vector() => TensorValues { shape: vec![shape.channels, shape.height, shape.width], ..values },
        _ => values,
    }
}
