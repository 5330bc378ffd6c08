//! A fully connected layer, `y = x W`, forwards and backwards. Rows of the result are divided among the threads.

use super::gemm::{Matrix, Put, multiply};
use super::threads;

/// The sizes: `x` is `[batch, inputs]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    /// Samples.
    pub batch: usize,
    /// Values of a sample of the input.
    pub inputs: usize,
    /// Values of a sample of the output.
    pub outputs: usize,
    /// How the weight lies in memory.
    pub order: Order,
}

/// The order of a weight's axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `[inputs, outputs]`.
    InputsFirst,
    /// `[outputs, inputs]`.
    OutputsFirst,
}

impl Dense {
    /// The weight as `[inputs, outputs]`.
    fn weight<'a>(&self, values: &'a [f32]) -> Matrix<'a> {
        match self.order {
            Order::InputsFirst => Matrix::new(values, self.inputs, self.outputs, self.outputs),
            Order::OutputsFirst => Matrix::new(values, self.outputs, self.inputs, self.inputs).transposed(),
        }
    }

    /// `y = x W`; `finish` sees each sample's row.
    pub fn forward(&self, x: &[f32], weight: &[f32], y: &mut [f32], finish: impl Fn(&mut [f32]) + Sync) {
        let Self { batch, inputs, outputs, .. } = *self;
        let weight = self.weight(weight);
        let rows = threads::share(batch, inputs * outputs);
        threads::each(y.chunks_mut(rows * outputs).zip(x.chunks(rows * inputs)), |(y, x)| {
            let count = y.len() / outputs;
            multiply(Matrix::new(x, count, inputs, inputs), weight, y, outputs, Put::Over);
            y.chunks_mut(outputs).for_each(&finish);
        });
    }

    /// `dx = dy W^T`.
    pub fn input_gradient(&self, gradient: &[f32], weight: &[f32], input: &mut [f32]) {
        let Self { batch, inputs, outputs, .. } = *self;
        let weight = self.weight(weight).transposed();
        let rows = threads::share(batch, inputs * outputs);
        threads::each(input.chunks_mut(rows * inputs).zip(gradient.chunks(rows * outputs)), |(input, gradient)| {
            let count = input.len() / inputs;
            multiply(Matrix::new(gradient, count, outputs, outputs), weight, input, inputs, Put::Over);
        });
    }

    /// `dW = x^T dy`, or its transpose.
    pub fn weight_gradient(&self, x: &[f32], gradient: &[f32], weight: &mut [f32]) {
        let Self { batch, inputs, outputs, order } = *self;
        let (x, gradient) = (Matrix::new(x, batch, inputs, inputs), Matrix::new(gradient, batch, outputs, outputs));
        let (left, right, height, width) = match order {
            Order::InputsFirst => (x.transposed(), gradient, inputs, outputs),
            Order::OutputsFirst => (gradient.transposed(), x, outputs, inputs),
        };
        let rows = threads::share(height, batch * width);
        threads::each(weight.chunks_mut(rows * width).enumerate(), |(part, weight)| {
            let first = part * rows;
            let rows = first..first + weight.len() / width;
            multiply(left.some_rows(rows), right, weight, width, Put::Over);
        });
    }
}
