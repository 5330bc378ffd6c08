//! How a linear map is computed: which kernel serves its sizes best.

use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};

use super::convolution::Convolution;
use super::dense::{Dense, Order};
use super::memory::Buffer;
use super::pointwise;
use super::windows::Windows;
use super::winograd::Winograd;
use crate::ops::Bend;
use crate::ops::linear::{Linear, Wanted};

/// A linear map with all its sizes.
#[derive(Clone, Debug)]
pub struct Plan {
    kernel: Kernel,
    taps: Taps,
    /// Of the input, the weight and the output.
    shapes: [Vec<usize>; 3],
}

#[derive(Clone, Copy, Debug)]
enum Kernel {
    /// Every value to every other: also a convolution with one window, over the whole image.
    Dense(Dense),
    /// From an image to positions.
    Convolve(Convolution),
    /// From positions to an image.
    Transpose(Convolution),
}

/// How a convolution's weight is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taps {
    /// As it lies.
    Straight,
    /// The first two axes swapped and each kernel from its end. So a convolution of stride one is the transpose of another, and that one is
    /// taken which unfolds the side with fewer channels.
    Turned,
}

/// The gradients that were wanted, as values.
#[derive(Debug)]
pub struct PlanGradients {
    /// In the shape of the input.
    pub input: Option<Buffer>,
    /// In the shape of the weight.
    pub weight: Option<Buffer>,
}

impl Plan {
    /// A plan for an input and a weight of these shapes, which fit the map.
    pub fn new(map: &Linear, input: &[usize], weight: &[usize]) -> Self {
        match map {
            Linear::Dense => Self::dense(input, weight),
            Linear::Conv2d(options) => Self::conv2d(options, input, weight),
            Linear::ConvTranspose2d(options) => Self::conv_transpose2d(options, input, weight),
        }
    }

    fn dense(input: &[usize], weight: &[usize]) -> Self {
        let (batch, inputs, outputs) = (input[0], weight[0], weight[1]);
        let kernel = Kernel::Dense(Dense { batch, inputs, outputs, order: Order::InputsFirst });
        Self { kernel, taps: Taps::Straight, shapes: [input.to_vec(), weight.to_vec(), vec![batch, outputs, 1, 1]] }
    }

    fn conv2d(options: &ConvOptions<2>, input: &[usize], weight: &[usize]) -> Self {
        let [image, kernel] = [[input[2], input[3]], [weight[2], weight[3]]];
        let positions = [0, 1].map(|axis| {
            let (before, after) = options.padding[axis];
            let reach = options.dilation[axis] * (kernel[axis] - 1) + 1;
            (image[axis] + before + after - reach) / options.stride[axis] + 1
        });
        let windows = Windows {
            channels: weight[1],
            image,
            kernel,
            stride: options.stride,
            dilation: options.dilation,
            before: options.padding.map(|(before, _)| before),
            positions,
        };
        let convolution = Convolution { batch: input[0], groups: options.groups, filters: weight[0] / options.groups, windows };
        let shapes = [input.to_vec(), weight.to_vec(), vec![input[0], weight[0], positions[0], positions[1]]];
        if let Some(dense) = convolution.as_dense(Order::OutputsFirst) {
            return Self { kernel: Kernel::Dense(dense), taps: Taps::Straight, shapes };
        }
        let (kernel, taps) = match convolution.turned() {
            Some(turned) if turned.windows.channels < convolution.windows.channels && Winograd::convolving(&convolution).is_none() => {
                (Kernel::Transpose(turned), Taps::Turned)
            }
            _ => (Kernel::Convolve(convolution), Taps::Straight),
        };
        Self { kernel, taps, shapes }
    }

    fn conv_transpose2d(options: &ConvTransposeOptions<2>, input: &[usize], weight: &[usize]) -> Self {
        let [positions, kernel] = [[input[2], input[3]], [weight[2], weight[3]]];
        let image = [0, 1].map(|axis| {
            let reach = options.dilation[axis] * (kernel[axis] - 1) + 1;
            (positions[axis] - 1) * options.stride[axis] + reach + options.padding_out[axis] - 2 * options.padding[axis]
        });
        let windows = Windows {
            channels: weight[1],
            image,
            kernel,
            stride: options.stride,
            dilation: options.dilation,
            before: options.padding,
            positions,
        };
        let convolution = Convolution { batch: input[0], groups: options.groups, filters: weight[0] / options.groups, windows };
        let shapes = [input.to_vec(), weight.to_vec(), vec![input[0], weight[1] * options.groups, image[0], image[1]]];
        if let Some(dense) = convolution.as_dense(Order::InputsFirst) {
            return Self { kernel: Kernel::Dense(dense), taps: Taps::Straight, shapes };
        }
        let (kernel, taps) = match convolution.turned() {
            Some(turned) if turned.windows.channels < convolution.windows.channels && Winograd::transposing(&convolution).is_none() => {
                (Kernel::Convolve(turned), Taps::Turned)
            }
            _ => (Kernel::Transpose(convolution), Taps::Straight),
        };
        Self { kernel, taps, shapes }
    }

    /// The shape of the output.
    pub fn output_shape(&self) -> Vec<usize> {
        self.shapes[2].clone()
    }

    fn channels(&self) -> usize {
        self.shapes[2][1]
    }

    /// Values of one channel of one output.
    fn pixels(&self) -> usize {
        self.shapes[2][2..].iter().product()
    }

    /// `y = bend(map(x) + bias)`.
    pub fn forward(&self, x: &[f32], weight: &[f32], bias: Option<&[f32]>, bend: Option<Bend>, y: &mut [f32]) {
        let turned = self.turned(weight);
        let weight = turned.as_deref().unwrap_or(weight);
        let finish = |channel: usize, run: &mut [f32]| pointwise::add_and_bend(run, bias.map_or(0.0, |bias| bias[channel]), bend);
        match self.kernel {
            Kernel::Dense(dense) => dense.forward(x, weight, y, |row| pointwise::add_each_and_bend(row, bias, self.pixels(), bend)),
            Kernel::Convolve(convolution) => convolve(&convolution, x, weight, y, finish),
            Kernel::Transpose(convolution) => transpose(&convolution, x, weight, y, finish),
        }
    }

    /// Turns the gradient behind a function into that before it; returns the gradient of the bias, where it is wanted.
    pub fn unbend(&self, bend: Bend, gradient: &mut [f32], result: &[f32], bias: bool) -> Option<Vec<f32>> {
        if bias {
            return Some(pointwise::unbend_and_sum_channels(bend, gradient, result, self.channels(), self.pixels()));
        }
        pointwise::unbend_all(bend, gradient, result);
        None
    }

    /// The gradient of the bias, from that of the output.
    pub fn bias_gradient(&self, gradient: &[f32]) -> Vec<f32> {
        pointwise::sum_channels(gradient, self.channels(), self.pixels())
    }

    /// The gradients that are wanted of input and weight, from that of the output.
    pub fn gradients(&self, x: &[f32], weight: &[f32], gradient: &[f32], wanted: Wanted) -> PlanGradients {
        let mut input = wanted.input.then(|| Buffer::take(x.len()));
        let mut of_weight = wanted.weight.then(|| Buffer::take(weight.len()));
        let turned = self.turned(weight);
        let weight = turned.as_deref().unwrap_or(weight);
        match (self.kernel, &mut input, &mut of_weight) {
            (Kernel::Transpose(convolution), Some(input), Some(of_weight)) => match Winograd::convolving(&convolution) {
                Some(winograd) => winograd.transposed_gradients(gradient, x, weight, input, of_weight),
                None => convolution.transposed_gradients(gradient, x, weight, input, of_weight),
            },
            (kernel, input, of_weight) => {
                if let Some(input) = input {
                    kernel.input_gradient(gradient, weight, input);
                }
                if let Some(of_weight) = of_weight {
                    kernel.weight_gradient(x, gradient, of_weight);
                }
            }
        }
        let of_weight = of_weight.map(|values| self.write(values));
        PlanGradients { input, weight: of_weight }
    }

    /// The weight as the kernel takes it, where that is not as it lies.
    fn turned(&self, weight: &[f32]) -> Option<Buffer> {
        (self.taps == Taps::Turned).then(|| turn(weight, self.shapes[1][0], self.shapes[1][1]))
    }

    /// The weight's gradient as the network takes it.
    fn write(&self, weight: Buffer) -> Buffer {
        match self.taps {
            Taps::Straight => weight,
            Taps::Turned => turn(&weight, self.shapes[1][1], self.shapes[1][0]),
        }
    }
}

impl Kernel {
    fn input_gradient(self, gradient: &[f32], weight: &[f32], input: &mut [f32]) {
        match self {
            Self::Dense(dense) => dense.input_gradient(gradient, weight, input),
            Self::Convolve(convolution) => transpose(&convolution, gradient, weight, input, |_, _| ()),
            Self::Transpose(convolution) => convolve(&convolution, gradient, weight, input, |_, _| ()),
        }
    }

    fn weight_gradient(self, x: &[f32], gradient: &[f32], weight: &mut [f32]) {
        match self {
            Self::Dense(dense) => dense.weight_gradient(x, gradient, weight),
            Self::Convolve(convolution) => weight_gradient(&convolution, x, gradient, weight),
            Self::Transpose(convolution) => weight_gradient(&convolution, gradient, x, weight),
        }
    }
}

/// See [`Convolution::convolve`].
fn convolve(sizes: &Convolution, image: &[f32], weight: &[f32], positions: &mut [f32], finish: impl Fn(usize, &mut [f32]) + Sync) {
    match Winograd::convolving(sizes) {
        Some(winograd) => winograd.convolve(image, weight, positions, finish),
        None => sizes.convolve(image, weight, positions, finish),
    }
}

/// See [`Convolution::transpose`].
fn transpose(sizes: &Convolution, positions: &[f32], weight: &[f32], image: &mut [f32], finish: impl Fn(usize, &mut [f32]) + Sync) {
    match Winograd::transposing(sizes) {
        Some(winograd) => winograd.transpose(positions, weight, image, finish),
        None => sizes.transpose(positions, weight, image, finish),
    }
}

/// See [`Convolution::weight_gradient`].
fn weight_gradient(sizes: &Convolution, image: &[f32], positions: &[f32], weight: &mut [f32]) {
    match Winograd::convolving(sizes) {
        Some(winograd) => winograd.weight_gradient(image, positions, weight),
        None => sizes.weight_gradient(image, positions, weight),
    }
}

/// A weight `[first, second, kernel]` as `[second, first, kernel]`, each kernel from its end.
fn turn(weight: &[f32], first: usize, second: usize) -> Buffer {
    let area = weight.len() / (first * second).max(1);
    let mut turned = Buffer::take(weight.len());
    let starts = (0..second).flat_map(|b| (0..first).map(move |a| (a * second + b) * area));
    for (kernel, start) in turned.chunks_exact_mut(area.max(1)).zip(starts) {
        kernel.iter_mut().zip(weight[start..start + area].iter().rev()).for_each(|(to, &from)| *to = from);
    }
    turned
}

impl Convolution {
    /// The same map as a dense one, where there is one window, over the whole image.
    fn as_dense(&self, order: Order) -> Option<Dense> {
        if self.groups != 1 || !self.windows.are_whole() {
            return None;
        }
        let (filters, taps) = (self.filters, self.windows.taps());
        let (inputs, outputs) = match order {
            Order::OutputsFirst => (taps, filters),
            Order::InputsFirst => (filters, taps),
        };
        Some(Dense { batch: self.batch, inputs, outputs, order })
    }

    /// The convolution whose transpose this one is, with the weight turned; there is one where each step is one pixel.
    fn turned(&self) -> Option<Self> {
        let Windows { channels, image, kernel, stride, dilation, before, positions } = self.windows;
        let margin = [0, 1].map(|axis| (dilation[axis] * (kernel[axis] - 1)).checked_sub(before[axis]));
        let [Some(above), Some(left)] = margin else { return None };
        let windows = Windows { channels: self.filters, image: positions, positions: image, before: [above, left], ..self.windows };
        (stride == [1, 1] && self.groups == 1).then_some(Self { filters: channels, windows, ..*self })
    }
}
