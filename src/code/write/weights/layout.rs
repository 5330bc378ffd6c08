//! Numbers with their axes in another order.

use super::TensorValues;
use crate::spec::Shape;

/// The axes of a tensor in another order: `order[i]` is the old place of axis `i`.
pub fn permuted(tensor: &TensorValues, order: &[usize]) -> TensorValues {
    let old = &tensor.shape;
    let mut strides = vec![1; old.len()];
    for axis in (0..old.len().saturating_sub(1)).rev() {
        strides[axis] = strides[axis + 1] * old[axis + 1];
    }
    let shape: Vec<usize> = order.iter().map(|&axis| old[axis]).collect();
    let steps: Vec<usize> = order.iter().map(|&axis| strides[axis]).collect();
    let mut values = Vec::with_capacity(tensor.values.len());
    let mut at = vec![0; shape.len()];
    for _ in 0..tensor.values.len() {
        let index: usize = at.iter().zip(&steps).map(|(at, step)| at * step).sum();
        values.push(tensor.values[index]);
        for axis in (0..shape.len()).rev() {
            at[axis] += 1;
            if at[axis] < shape[axis] {
                break;
            }
            at[axis] = 0;
        }
    }
    TensorValues { shape, values }
}

/// The same values in another shape of as many.
pub fn reshaped(tensor: TensorValues, shape: impl Into<Vec<usize>>) -> TensorValues {
    TensorValues { shape: shape.into(), values: tensor.values }
}

/// One axis of a tensor, whose places are those of a picture channel by channel, with the places row by row.
pub fn row_by_row(tensor: &TensorValues, axis: usize, picture: Shape) -> TensorValues {
    let shape = tensor.shape.clone();
    let [before, after] = [&shape[..axis], &shape[axis + 1..]].map(|sizes| sizes.iter().product::<usize>());
    let split = TensorValues { shape: vec![before, picture.channels, picture.height, picture.width, after], values: tensor.values.clone() };
    reshaped(permuted(&split, &[0, 2, 3, 1, 4]), shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(shape: &[usize]) -> TensorValues {
        let count = shape.iter().product::<usize>();
        TensorValues { shape: shape.to_vec(), values: (0..count).map(|value| value as f32).collect() }
    }

    #[test]
    fn axes_are_exchanged_as_numpy_does() {
        let turned = permuted(&counted(&[2, 3, 2]), &[2, 0, 1]);
        assert_eq!(turned.shape, [2, 2, 3]);
        assert_eq!(turned.values, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 1.0, 3.0, 5.0, 7.0, 9.0, 11.0]);
    }

    #[test]
    fn the_values_of_a_picture_come_row_by_row() {
        let picture = Shape::new(2, 1, 3);
        assert_eq!(row_by_row(&counted(&[6]), 0, picture).values, [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        assert_eq!(row_by_row(&counted(&[6, 2]), 0, picture).values[..4], [0.0, 1.0, 6.0, 7.0]);
    }
}
