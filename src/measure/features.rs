//! What a network sees of samples: one row of numbers for each.

use burn::tensor::{Tensor, TensorData};

use crate::device;

/// Features of samples, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    values: Vec<f32>,
    dims: usize,
}

impl Features {
    /// Rows of `dims` numbers, one after the other; what does not fill a row is left out.
    pub fn new(mut values: Vec<f32>, dims: usize) -> Self {
        let dims = dims.max(1);
        values.truncate(values.len() / dims * dims);
        Self { values, dims }
    }

    /// Numbers in a row.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// How many samples.
    pub fn len(&self) -> usize {
        self.values.len() / self.dims
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The features of each sample.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> + Clone {
        self.values.chunks_exact(self.dims)
    }

    /// The features of one sample.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.dims..(index + 1) * self.dims]
    }

    /// All numbers, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The first `count` samples.
    pub fn first(&self, count: usize) -> Self {
        let end = (count * self.dims).min(self.values.len());
        Self { values: self.values[..end].to_vec(), dims: self.dims }
    }
}

/// The products of all rows of `a` with all rows of `b`, `[a.len(), b.len()]` row by row; both have as many dimensions.
pub(super) fn products(a: &Features, b: &Features) -> Vec<f32> {
    let matrix = |features: &Features| {
        let shape = [features.len(), features.dims()];
        Tensor::<2>::from_data(TensorData::new(features.values().to_vec(), shape), &device::cpu())
    };
    let products = matrix(a).matmul(matrix(b).transpose());
    products.into_data().iter::<f32>().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_rows() {
        let a = Features::new(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2);
        let b = Features::new(vec![1.0, 0.0, 1.0, 1.0], 2);
        assert_eq!(products(&a, &b), [1.0, 3.0, 3.0, 7.0, 5.0, 11.0]);
    }
}
