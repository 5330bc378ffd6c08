//! Linear maps of drawn sizes, and what two implementations make of them.

use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Device, Tensor, module};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::{tensor, values};
use crate::device;
use crate::ops::linear::Linear;
use crate::ops::{self, Bend};

/// A linear map with its sizes.
#[derive(Clone, Debug)]
pub struct Case {
    pub map: Linear,
    pub x: [usize; 4],
    /// `[inputs, outputs, 1, 1]` for a dense map.
    pub weight: [usize; 4],
    pub has_bias: bool,
    /// Are input, weight and gradient transposed views, rather than values one after the other?
    pub are_views: bool,
}

/// What a case is about: sizes for which a kernel of its own may serve, or a way of its own through one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Small sizes, and every option.
    Conv,
    /// Likewise.
    Transpose,
    /// Kernels of one pixel.
    Pixels,
    /// A kernel as large as the image; transposed, an input of one pixel.
    Whole,
    /// Stride one and narrow kernels, with fewer filters than channels or more.
    Straight,
    /// Kernel three and stride one on images and channels large enough for a transform to pay.
    Threes,
    /// Kernel four and stride two, the usual way to halve and double.
    Halving,
    /// Stride two on images and channels enough for a transform to pay.
    Twos,
    /// More positions in one image than are worked on at once.
    Large,
    /// More images than threads, several of which are worked on at once.
    Many,
    /// More channels than are worked on at once.
    Deep,
    /// Every value to every other.
    Dense,
}

impl Theme {
    pub const ALL: [Self; 12] = [
        Self::Conv,
        Self::Transpose,
        Self::Pixels,
        Self::Whole,
        Self::Straight,
        Self::Threes,
        Self::Halving,
        Self::Twos,
        Self::Large,
        Self::Many,
        Self::Deep,
        Self::Dense,
    ];
}

/// The sizes of a convolution or of its transpose.
struct Sizes {
    batch: usize,
    groups: usize,
    /// Channels of the input and of the output, in one group.
    channels: [usize; 2],
    input: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: [(usize, usize); 2],
}

impl Sizes {
    fn of(theme: Theme, rng: &mut ChaCha8Rng) -> Self {
        let mut draw = |low: usize, high: usize| rng.random_range(low..=high);
        let mut sizes = Self {
            batch: draw(1, 5),
            groups: draw(1, 3),
            channels: [draw(1, 4), draw(1, 4)],
            input: [draw(1, 9), draw(1, 9)],
            kernel: [draw(1, 5), draw(1, 5)],
            stride: [draw(1, 5), draw(1, 5)],
            dilation: [draw(1, 3), draw(1, 3)],
            padding: [(draw(0, 4), draw(0, 4)), (draw(0, 4), draw(0, 4))],
        };
        if !matches!(theme, Theme::Conv | Theme::Transpose) {
            (sizes.groups, sizes.stride) = (if draw(0, 3) == 0 { 2 } else { 1 }, [1, 1]);
            sizes.dilation = if theme == Theme::Straight && draw(0, 2) == 0 { sizes.dilation } else { [1, 1] };
        }
        match theme {
            Theme::Pixels => {
                (sizes.kernel, sizes.padding) = ([1, 1], [(0, 0); 2]);
                (sizes.batch, sizes.channels) = (draw(1, 40), [draw(1, 20), draw(1, 20)]);
                sizes.input = if draw(0, 2) == 0 { [draw(30, 50), draw(30, 50)] } else { sizes.input };
            }
            Theme::Whole => {
                (sizes.kernel, sizes.padding) = ([draw(1, 6), draw(1, 6)], [(0, 0); 2]);
                (sizes.batch, sizes.channels) = (draw(1, 80), [draw(1, 30), draw(1, 30)]);
                sizes.input = sizes.kernel;
            }
            Theme::Straight => {
                sizes.kernel = if draw(0, 2) == 0 { sizes.kernel } else { [3, 3] };
                (sizes.batch, sizes.input, sizes.channels) = (draw(1, 8), [draw(3, 17), draw(3, 17)], [draw(1, 24), draw(1, 24)]);
                sizes.padding = [0, 1].map(|axis| (draw(0, sizes.reach(axis)), draw(0, sizes.reach(axis))));
            }
            Theme::Threes => {
                (sizes.kernel, sizes.padding) = ([3, 3], [0, 1].map(|_| (draw(0, 4), draw(0, 4))));
                sizes.batch = draw(2, 5);
                (sizes.input, sizes.channels) = ([draw(3, 30), draw(20, 40)], [16 * draw(1, 3), 16 * draw(1, 3)]);
            }
            Theme::Twos => {
                (sizes.kernel, sizes.stride, sizes.dilation) = ([draw(4, 5); 2], [2, 2], [1, 1]);
                (sizes.padding, sizes.groups) = ([0, 1].map(|_| (draw(0, 3), draw(0, 3))), 1);
                (sizes.batch, sizes.input, sizes.channels) = (draw(15, 25), [draw(6, 13), draw(6, 13)], [16 * draw(1, 2), 16 * draw(1, 2)]);
            }
            Theme::Halving => {
                (sizes.kernel, sizes.stride, sizes.padding) = ([4, 4], [2, 2], [(1, 1); 2]);
                (sizes.batch, sizes.input, sizes.channels) = (draw(1, 20), [draw(2, 16), draw(2, 16)], [draw(1, 16), draw(1, 16)]);
            }
            Theme::Large => {
                (sizes.batch, sizes.input, sizes.channels) = (draw(1, 3), [draw(36, 60), draw(36, 60)], [draw(1, 4), draw(1, 4)]);
                sizes.stride = if draw(0, 1) == 0 { [1, 1] } else { [1, 2] };
            }
            Theme::Many => {
                (sizes.batch, sizes.channels) = (draw(20, 80), [draw(1, 16), draw(1, 16)]);
                sizes.stride = [draw(1, 2), draw(1, 2)];
            }
            Theme::Deep => {
                (sizes.batch, sizes.kernel, sizes.stride) = (draw(1, 3), [4, 4], [2, 2]);
                (sizes.input, sizes.padding) = ([draw(4, 12), draw(4, 12)], [(1, 1); 2]);
                sizes.channels = if draw(0, 1) == 0 { [draw(100, 180), draw(8, 180)] } else { [draw(8, 180), draw(100, 180)] };
            }
            Theme::Conv | Theme::Transpose | Theme::Dense => {}
        }
        sizes
    }

    /// Pixels of the input that a kernel spans.
    fn reach(&self, axis: usize) -> usize {
        self.dilation[axis] * (self.kernel[axis] - 1) + 1
    }

    /// The weight's axes, with the number of groups where the input's channels come first.
    fn weight(&self, [first, second]: [usize; 2]) -> [usize; 4] {
        [self.groups * first, second, self.kernel[0], self.kernel[1]]
    }

    fn x(&self) -> [usize; 4] {
        [self.batch, self.groups * self.channels[0], self.input[0], self.input[1]]
    }

    fn conv(mut self) -> (Linear, [usize; 4], [usize; 4]) {
        for axis in [0, 1] {
            // At least one window fits.
            let missing = self.reach(axis).saturating_sub(self.input[axis] + self.padding[axis].0);
            self.padding[axis].1 = self.padding[axis].1.max(missing);
        }
        let options = ConvOptions::new_with_padding(self.stride, self.padding, self.dilation, self.groups);
        let [inputs, outputs] = self.channels;
        (Linear::Conv2d(options), self.x(), self.weight([outputs, inputs]))
    }

    fn conv_transpose(mut self, theme: Theme) -> (Linear, [usize; 4], [usize; 4]) {
        if theme == Theme::Whole {
            self.input = [1, 1];
        }
        let (mut padding, mut extra) = ([0; 2], [0; 2]);
        for axis in [0, 1] {
            // Fewer than a step, as PyTorch asks.
            let most = self.stride[axis].max(self.dilation[axis]) - 1;
            extra[axis] = if theme == Theme::Whole { 0 } else { self.padding[axis].1.min(most) };
            // At least one pixel is left.
            let full = (self.input[axis] - 1) * self.stride[axis] + self.reach(axis) + extra[axis];
            padding[axis] = self.padding[axis].0.min((full - 1) / 2);
        }
        let options = ConvTransposeOptions::new(self.stride, padding, extra, self.dilation, self.groups);
        (Linear::ConvTranspose2d(options), self.x(), self.weight(self.channels))
    }
}

impl Case {
    pub fn draw(theme: Theme, rng: &mut ChaCha8Rng) -> Self {
        let is_transposed = theme == Theme::Transpose || theme != Theme::Conv && rng.random();
        let (has_bias, are_views) = (rng.random(), rng.random_range(0..4) == 0);
        let (map, x, weight) = match (theme, is_transposed) {
            (Theme::Dense, _) => {
                let most = if rng.random() { 40 } else { 300 };
                let mut draw = || rng.random_range(1..=most);
                let [batch, inputs, outputs] = [draw(), draw(), draw()];
                (Linear::Dense, [batch, inputs, 1, 1], [inputs, outputs, 1, 1])
            }
            (_, false) => Sizes::of(theme, rng).conv(),
            (_, true) => Sizes::of(theme, rng).conv_transpose(theme),
        };
        Self { map, x, weight, has_bias, are_views }
    }

    /// Channels of the output.
    pub fn outputs(&self) -> usize {
        match &self.map {
            Linear::Dense => self.weight[1],
            Linear::Conv2d(_) => self.weight[0],
            Linear::ConvTranspose2d(options) => self.weight[1] * options.groups,
        }
    }

    /// Products summed in one value of the output, at most.
    pub fn taps(&self) -> usize {
        match &self.map {
            Linear::Dense => self.weight[0],
            Linear::Conv2d(_) => self.weight[1..].iter().product(),
            Linear::ConvTranspose2d(options) => self.weight[0] / options.groups * self.weight[2] * self.weight[3],
        }
    }
}

/// What is computed, and who computes it.
pub type Forward<'a> = &'a dyn Fn(&Case, [Tensor<4>; 2], Option<Tensor<1>>) -> Tensor<4>;

/// Our operation.
pub fn ours(case: &Case, [x, weight]: [Tensor<4>; 2], bias: Option<Tensor<1>>, bend: Option<Bend>) -> Tensor<4> {
    match case.map.clone() {
        Linear::Dense => ops::dense(x, weight.reshape([case.weight[0], case.weight[1]]), bias, bend),
        Linear::Conv2d(options) => ops::conv2d(x, weight, bias, options, bend),
        Linear::ConvTranspose2d(options) => ops::conv_transpose2d(x, weight, bias, options, bend),
    }
}

/// Burn's operation, which ends in nothing.
pub fn burns(case: &Case, [x, weight]: [Tensor<4>; 2], bias: Option<Tensor<1>>) -> Tensor<4> {
    match case.map.clone() {
        Linear::Dense => {
            let [inputs, outputs] = [case.weight[0], case.weight[1]];
            let y = module::linear::<2>(x.reshape([case.x[0], inputs]), weight.reshape([inputs, outputs]), bias);
            y.reshape([case.x[0], outputs, 1, 1])
        }
        Linear::Conv2d(options) => module::conv2d(x, weight, bias, options),
        Linear::ConvTranspose2d(options) => module::conv_transpose2d(x, weight, bias, options),
    }
}

/// The numbers that go in.
#[derive(Clone, Debug)]
pub struct Numbers {
    pub x: Vec<f32>,
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
    pub cotangent: Vec<f32>,
}

impl Numbers {
    /// From `draw`, which gives so many; weights are multiplied with `scale`. The cotangent is missing yet.
    pub fn draw(case: &Case, scale: f32, mut draw: impl FnMut(usize) -> Vec<f32>) -> Self {
        let weight = draw(case.weight.iter().product()).into_iter().map(|value| value * scale).collect();
        Self { x: draw(case.x.iter().product()), weight, bias: draw(case.outputs()), cotangent: Vec::new() }
    }

    pub fn map(&self, function: impl Fn(f32) -> f32) -> Self {
        let map = |values: &[f32]| values.iter().map(|&value| function(value)).collect();
        Self { x: map(&self.x), weight: map(&self.weight), bias: map(&self.bias), cotangent: map(&self.cotangent) }
    }
}

/// The result, and the gradients of input, weight and bias that were wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    pub y: Vec<f32>,
    pub gradients: [Option<Vec<f32>>; 3],
}

/// The output alone, without autodiff, with its shape.
pub fn output(case: &Case, numbers: &Numbers, forward: Forward) -> (Vec<f32>, [usize; 4]) {
    let device = device::cpu();
    let operands = [tensor(&numbers.x, case.x, &device), tensor(&numbers.weight, case.weight, &device)];
    let bias = case.has_bias.then(|| tensor(&numbers.bias, [case.outputs()], &device));
    let y = forward(case, operands, bias);
    let dims = y.dims();
    (values(y), dims)
}

/// The output, and the gradients of `sum(cotangent * y)` to what is `wanted`: input, weight, bias.
pub fn gradients(case: &Case, numbers: &Numbers, wanted: [bool; 3], forward: Forward) -> Results {
    gradients_on(&device::cpu(), case, numbers, wanted, forward)
}

/// [`gradients`] on some device.
pub fn gradients_on(device: &Device, case: &Case, numbers: &Numbers, wanted: [bool; 3], forward: Forward) -> Results {
    let device = device.clone().autodiff();
    let leaf = |values: &[f32], dims: [usize; 4], is_wanted: bool, [a, b]: [usize; 2]| {
        let plain: Tensor<4> = tensor(values, dims, &device);
        // In memory as it is seen through the view.
        let plain = if case.are_views { tensor(&self::values(plain.swap_dims(a, b)), swapped(dims, a, b), &device) } else { plain };
        if is_wanted { plain.require_grad() } else { plain }
    };
    let view = |tensor: Tensor<4>, [a, b]: [usize; 2]| if case.are_views { tensor.swap_dims(a, b) } else { tensor };
    let (x, weight) = (leaf(&numbers.x, case.x, wanted[0], [2, 3]), leaf(&numbers.weight, case.weight, wanted[1], [0, 1]));
    let bias = case.has_bias.then(|| tensor::<1>(&numbers.bias, [case.outputs()], &device));
    let bias = bias.map(|bias| if wanted[2] { bias.require_grad() } else { bias });
    let y = forward(case, [view(x.clone(), [2, 3]), view(weight.clone(), [0, 1])], bias.clone());
    let cotangent = view(tensor(&numbers.cotangent, y.dims(), &device), [1, 2]);
    let numbers = values(y.clone());
    let back = (view(y, [1, 2]) * cotangent).sum().backward();
    Results {
        y: numbers,
        gradients: [
            x.grad(&back).map(|gradient| values(view(gradient, [2, 3]))),
            weight.grad(&back).map(|gradient| values(view(gradient, [0, 1]))),
            bias.and_then(|bias| bias.grad(&back)).map(values),
        ],
    }
}

fn swapped(mut dims: [usize; 4], a: usize, b: usize) -> [usize; 4] {
    dims.swap(a, b);
    dims
}
