//! The operations on the CPU: kernels on slices, for tensors of Burn's `Flex` backend.

mod convolution;
mod dense;
mod gemm;
mod lanes;
mod memory;
mod norm;
mod plan;
mod pointwise;
mod simd;
mod threads;
mod update;
mod windows;
mod winograd;

use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;
use burn::tensor::{DType, TensorData};

use super::backend::{Gradients, Ops, Updates};
use super::bend::Bend;
use super::linear::{Linear, LinearGradients, Wanted};
use super::update::Rule;
use memory::Buffer;
pub use memory::release;
use norm::Moments;
use plan::Plan;

type Float = FloatTensor<Flex>;

impl Ops for Flex {
    fn weighted(x: Float, weight: Float, map: Linear, bend: Option<Bend>) -> Float {
        mapped(&x, &weight, None, &map, bend)
    }

    fn weighted_and_biased(x: Float, weight: Float, bias: Float, map: Linear, bend: Option<Bend>) -> Float {
        mapped(&x, &weight, Some(values(&rows(&bias))), &map, bend)
    }

    fn bend(x: Float, bend: Bend) -> Float {
        let mut y = owned_rows(x);
        pointwise::bend_all(bend, y.storage_mut());
        y
    }

    fn broken_change(change: Float, result: Float, bend: Bend) -> Float {
        Self::unbend(change, result, bend)
    }

    fn normalise(x: Float, weight: Float, bias: Float, epsilon: f32, bend: Option<Bend>) -> (Float, Float, Float) {
        let x = rows(&x);
        let moments = sizes(&x).moments(values(&x));
        let y = scaled(&x, &moments, [&weight, &bias], epsilon, bend);
        let [mean, variance] = [|moments: &Moments| moments.mean, |moments: &Moments| moments.variance]
            .map(|number| vector(moments.iter().map(number).collect()));
        (y, mean, variance)
    }

    fn rescale(x: Float, weight: Float, bias: Float, mean: Float, variance: Float, epsilon: f32, bend: Option<Bend>) -> Float {
        scaled(&rows(&x), &moments([&mean, &variance]), [&weight, &bias], epsilon, bend)
    }
}

fn mapped(x: &Float, weight: &Float, bias: Option<&[f32]>, map: &Linear, bend: Option<Bend>) -> Float {
    let [x, weight] = [x, weight].map(rows);
    let plan = Plan::new(map, dims(&x), dims(&weight));
    let mut y = Buffer::take(plan.output_shape().iter().product());
    plan.forward(values(&x), values(&weight), bias, bend, &mut y);
    tensor(y, plan.output_shape())
}

fn scaled(x: &Float, moments: &[Moments], affine: [&Float; 2], epsilon: f32, bend: Option<Bend>) -> Float {
    let [weight, bias] = affine.map(rows);
    let weights = values(&weight).iter().zip(values(&bias));
    let affine: Vec<[f32; 3]> = moments.iter().zip(weights).map(|(moments, (&w, &b))| moments.normalising(epsilon, w, b)).collect();
    let mut y = Buffer::take(values(x).len());
    sizes(x).scale(values(x), &affine, &mut y, bend);
    tensor(y, dims(x).to_vec())
}

fn moments(moments: [&Float; 2]) -> Vec<Moments> {
    let [mean, variance] = moments.map(rows);
    values(&mean).iter().zip(values(&variance)).map(|(&mean, &variance)| Moments { mean, variance }).collect()
}

impl Updates for Flex {
    fn update(weight: Float, gradient: Float, first: Float, second: Float, rule: Rule) -> (Float, Float, Float) {
        let gradient = rows(&gradient);
        let [mut weight, mut first, mut second] = [weight, first, second].map(owned_rows);
        update::step(rule, weight.storage_mut(), values(&gradient), first.storage_mut(), second.storage_mut());
        (weight, first, second)
    }

    fn blend(own: Float, other: Float, keep: f32) -> Float {
        let mut own = owned_rows(own);
        update::blend(own.storage_mut(), values(&rows(&other)), keep);
        own
    }
}

impl Gradients for Flex {
    fn unbend(gradient: Float, result: Float, bend: Bend) -> Float {
        let mut gradient = owned_rows(gradient);
        pointwise::unbend_all(bend, gradient.storage_mut(), values(&rows(&result)));
        gradient
    }

    fn linear_gradients(
        x: Float,
        weight: Float,
        bent: Option<(Bend, Float)>,
        gradient: Float,
        map: &Linear,
        wanted: Wanted,
    ) -> LinearGradients<Self> {
        let [x, weight] = [&x, &weight].map(rows);
        let plan = Plan::new(map, dims(&x), dims(&weight));
        let mut gradient = owned_rows(gradient);
        let bias = match bent {
            Some((bend, result)) => plan.unbend(bend, gradient.storage_mut(), values(&rows(&result)), wanted.bias),
            None => wanted.bias.then(|| plan.bias_gradient(values(&gradient))),
        };
        let gradients = plan.gradients(values(&x), values(&weight), values(&gradient), wanted);
        LinearGradients {
            input: gradients.input.map(|values| tensor(values, dims(&x).to_vec())),
            weight: gradients.weight.map(|values| tensor(values, dims(&weight).to_vec())),
            bias: bias.map(vector),
        }
    }

    fn normalise_gradients(
        x: Float,
        weight: Float,
        [mean, variance]: [Float; 2],
        epsilon: f32,
        bent: Option<(Bend, Float)>,
        gradient: Float,
    ) -> [Float; 3] {
        let (x, weight, moments) = (rows(&x), rows(&weight), moments([&mean, &variance]));
        let bent = bent.map(|(bend, result)| (bend, rows(&result)));
        let bent = bent.as_ref().map(|(bend, result)| (*bend, values(result)));
        let mut gradient = owned_rows(gradient);
        let [of_weight, of_bias] = sizes(&x).gradients(values(&x), values(&weight), &moments, epsilon, bent, gradient.storage_mut());
        [gradient, vector(of_weight), vector(of_bias)]
    }
}

/// The tensor with its values one after the other, which it mostly has already.
fn rows(tensor: &Float) -> Float {
    tensor.to_contiguous()
}

/// As [`rows`], to be changed: the tensor itself where nobody else holds it, else a copy.
fn owned_rows(mut tensor: Float) -> Float {
    let rows = rows(&tensor);
    let is_itself = std::ptr::eq(rows.bytes(), tensor.bytes());
    let shape = dims(&rows).to_vec();
    if is_itself {
        drop(rows);
        if tensor.is_unique() {
            return tensor;
        }
    } else {
        tensor = rows;
    }
    let mut copy = Buffer::take(values(&tensor).len());
    copy.copy_from_slice(values(&tensor));
    self::tensor(copy, shape)
}

/// The values of a tensor that [`rows`] returned.
fn values(tensor: &Float) -> &[f32] {
    tensor.storage()
}

fn dims(tensor: &Float) -> &[usize] {
    tensor.layout().shape().as_slice()
}

fn tensor(values: Buffer, shape: Vec<usize>) -> Float {
    Float::from_data(TensorData::from_bytes(values.into_bytes(), shape, DType::F32))
}

fn vector(values: Vec<f32>) -> Float {
    let count = values.len();
    Float::from_data(TensorData::new(values, [count]))
}

/// `[n, channels, ...]`.
fn sizes(x: &Float) -> norm::Sizes {
    let shape = dims(x);
    norm::Sizes { channels: shape[1], pixels: shape[2..].iter().product() }
}
