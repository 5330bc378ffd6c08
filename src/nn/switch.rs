//! Weights that take on spectral norm, or leave it, when a run goes on with an edited layer.
//!
//! Taking it on, a weight keeps its values and is divided by their largest singular value from then on; leaving it, it becomes what the layer
//! computed with, as PyTorch's `remove_spectral_norm` has it.

use super::parameters::{Named, Shapes, TensorValues};
use super::weight::{Matrix, Outputs, first_directions};
use crate::random::{self, Purpose};

/// What spectral norm calls a weight and its directions, after the weight's own name.
const ORIG: &str = "_orig";
const U: &str = "_u";
const V: &str = "_v";

/// The tensors of one layer as it is now, as far as they can be made of those in `from`, where its spectral norm may be on or off.
pub fn switched(wanted: &Shapes, from: &Named, outputs: Outputs) -> Named {
    let mut made = Named::new();
    for (name, shape) in wanted.iter() {
        let of_shape = |name: &str| from.get(name).filter(|found| found.shape == *shape);
        if let Some(found) = of_shape(name) {
            made.insert(name.clone(), found.clone());
        } else if let Some((stem, plain)) = name.strip_suffix(ORIG).and_then(|stem| Some((stem, of_shape(stem)?))) {
            let mut rng = random::stream(0, Purpose::InitialWeights, 0);
            for (direction, values) in [U, V].into_iter().zip(first_directions(&plain.values, shape, outputs, &mut rng)) {
                made.insert(format!("{stem}{direction}"), TensorValues { shape: vec![values.len()], values });
            }
            made.insert(name.clone(), plain.clone());
        } else if let Some(orig) = of_shape(&format!("{name}{ORIG}")) {
            let direction = |which: &str| from.get(&format!("{name}{which}")).map(|direction| &direction.values[..]);
            let Some((u, v)) = direction(U).zip(direction(V)) else { continue };
            let Some(sigma) = Matrix::new(&orig.values, shape, outputs).stretch(u, v) else { continue };
            let values = orig.values.iter().map(|value| (f64::from(*value) / sigma) as f32).collect();
            made.insert(name.clone(), TensorValues { shape: shape.clone(), values });
        }
    }
    made
}
