//! Enlarging without weights.

use burn::module::Module;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Tensor, TensorData, module};

use crate::nn::dual::Dual;
use crate::spec::{Size, UpsampleMode};

/// Nearest or bilinear.
#[derive(Module, Debug)]
pub struct Upsample {
    #[module(skip)]
    factor: Size,
    #[module(skip)]
    mode: UpsampleMode,
}

impl Upsample {
    /// Enlarges by `factor`.
    pub fn new(factor: Size, mode: UpsampleMode) -> Self {
        Self { factor, mode }
    }

    /// `[n, channels, height, width]` to `[n, channels, height * factor, width * factor]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [_, _, height, width] = x.dims();
        let size = [height * self.factor.height, width * self.factor.width];
        match self.mode {
            UpsampleMode::Nearest => {
                let options = InterpolateOptions::new(InterpolateMode::Nearest).with_align_corners(false).with_output_size(size);
                module::interpolate(x, options)
            }
            UpsampleMode::Bilinear => bilinear(x, size),
        }
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual) -> Dual {
        x.linear(|x| self.forward(x))
    }
}

/// Bilinear enlarging is linear in rows and in columns: two products with fixed matrices, which every device can differentiate.
fn bilinear(x: Tensor<4>, [height, width]: [usize; 2]) -> Tensor<4> {
    let [n, channels, rows, columns] = x.dims();
    let device = x.device();
    let along_columns = blend_matrix(columns, width, &device); // [columns, width]
    let along_rows = blend_matrix(rows, height, &device); // [rows, height]
    let y = x.reshape([n * channels * rows, columns]).matmul(along_columns); // [n * channels * rows, width]
    let y = y.reshape([n * channels, rows, width]).swap_dims(1, 2); // [n * channels, width, rows]
    let y = y.reshape([n * channels * width, rows]).matmul(along_rows); // [n * channels * width, height]
    y.reshape([n, channels, width, height]).swap_dims(2, 3)
}

/// `[input, output]`: column `j` holds the weights of the inputs in output `j`, pixel centres at half steps.
fn blend_matrix(input: usize, output: usize, device: &Device) -> Tensor<2> {
    let mut weights = vec![0.0_f32; input * output];
    for j in 0..output {
        let centre = ((j as f32 + 0.5) * input as f32 / output as f32 - 0.5).max(0.0);
        let low = (centre.floor() as usize).min(input - 1);
        let high = (low + 1).min(input - 1);
        let part = centre - low as f32;
        weights[low * output + j] += 1.0 - part;
        weights[high * output + j] += part;
    }
    Tensor::from_data(TensorData::new(weights, [input, output]), device)
}
