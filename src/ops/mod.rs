//! The operations that networks are made of, each with its gradient, as fast as we know how to compute them.
//!
//! Burn's own operations serve everything else. These are ours because a training step spends its time in them: convolutions, whose
//! gradients Burn computes on the CPU with kernels as large as a feature map; and what surrounds them, which Burn computes value by value
//! on one thread.
//!
//! ```text
//! functions on Tensor ── Ops ──┬── Autodiff   records the backward step      (autodiff)
//!                              ├── Flex       our kernels for the CPU        (cpu)
//!                              └── Cube       Burn's kernels for the GPU     (cube)
//! ```
//!
//! An operation may end in a nonlinearity that its result tells the slope of ([`Bend`]): then the values are bent while they are in the
//! cache, and nothing else is kept for the way back.

mod autodiff;
mod backend;
mod bend;
mod cpu;
mod cube;
mod linear;
mod steer;
#[cfg(test)]
mod tests;
mod update;

use burn::backend::Dispatch;
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Gradients, Tensor};

use backend::{Ops, Updates};
pub use bend::Bend;
use linear::Linear;
use steer::Steer as _;
pub use update::Rule;

/// `bend(x W + b)`: `x` is `[n, inputs, 1, 1]`, the weight `[inputs, outputs]`.
pub fn dense(x: Tensor<4>, weight: Tensor<2>, bias: Option<Tensor<1>>, bend: Option<Bend>) -> Tensor<4> {
    linear(x, weight, bias, Linear::Dense, bend)
}

/// `bend(conv(x) + b)`: `x` is `[n, channels, height, width]`, the weight `[filters, channels / groups, kernel]`.
pub fn conv2d(x: Tensor<4>, weight: Tensor<4>, bias: Option<Tensor<1>>, options: ConvOptions<2>, bend: Option<Bend>) -> Tensor<4> {
    linear(x, weight, bias, Linear::Conv2d(options), bend)
}

/// `bend(conv_transpose(x) + b)`: `x` is `[n, channels, height, width]`, the weight `[channels, filters / groups, kernel]`.
pub fn conv_transpose2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    options: ConvTransposeOptions<2>,
    bend: Option<Bend>,
) -> Tensor<4> {
    linear(x, weight, bias, Linear::ConvTranspose2d(options), bend)
}

fn linear<const W: usize>(x: Tensor<4>, weight: Tensor<W>, bias: Option<Tensor<1>>, map: Linear, bend: Option<Bend>) -> Tensor<4> {
    let (x, weight) = (x.into_dispatch(), weight.into_dispatch());
    Tensor::from_dispatch(match bias {
        Some(bias) => Dispatch::weighted_and_biased(x, weight, bias.into_dispatch(), map, bend),
        None => Dispatch::weighted(x, weight, map, bend),
    })
}

/// `bend(x)`.
pub fn bend<const D: usize>(x: Tensor<D>, bend: Bend) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::bend(x.into_dispatch(), bend))
}

/// How `bend(x)` changes where `x` changes by `change`; `result` is `bend(x)`.
pub fn bend_change<const D: usize>(change: Tensor<D>, result: Tensor<D>, bend: Bend) -> Tensor<D> {
    match bend {
        Bend::Relu | Bend::LeakyRelu { .. } => {
            Tensor::from_dispatch(Dispatch::broken_change(change.into_dispatch(), result.into_dispatch(), bend))
        }
        // The slopes change with the result, and gradients flow through that, too.
        Bend::Tanh => change * (-result.powi_scalar(2) + 1.0),
        Bend::Sigmoid => change * (result.clone() * (-result + 1.0)),
    }
}

/// What [`normalise`] makes of a batch.
#[derive(Clone, Debug)]
pub struct Normalised {
    /// The normalised values.
    pub output: Tensor<4>,
    /// The batch's mean, `[channels]`, without a gradient.
    pub mean: Tensor<1>,
    /// Its variance, divided by the number of values, likewise.
    pub variance: Tensor<1>,
}

/// Batch normalisation by the batch's own statistics, `[n, channels, height, width]`: each channel has mean zero and deviation one, is
/// multiplied with `weight`, moved by `bias`, and bent.
pub fn normalise(x: Tensor<4>, weight: Tensor<1>, bias: Tensor<1>, epsilon: f32, bend: Option<Bend>) -> Normalised {
    let (output, mean, variance) = Dispatch::normalise(x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch(), epsilon, bend);
    Normalised { output: Tensor::from_dispatch(output), mean: Tensor::from_dispatch(mean), variance: Tensor::from_dispatch(variance) }
}

/// Batch normalisation by `moments`, mean and variance of each channel.
pub fn rescale(x: Tensor<4>, weight: Tensor<1>, bias: Tensor<1>, moments: [Tensor<1>; 2], epsilon: f32, bend: Option<Bend>) -> Tensor<4> {
    let [mean, variance] = moments.map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::rescale(x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch(), mean, variance, epsilon, bend))
}

/// The gradients of what `output` was computed from, where its own gradient is `gradient`. No gradients flow through that.
pub fn backward<const D: usize>(output: Tensor<D>, gradient: Tensor<D>) -> Gradients {
    let gradient = gradient.inner().autodiff();
    Tensor::<D>::from_dispatch(Dispatch::steer(output.into_dispatch(), gradient.into_dispatch())).backward()
}

/// The memory that steps use over and over: when this goes, it goes back to the system.
#[derive(Debug)]
pub struct WorkMemory;

impl Drop for WorkMemory {
    fn drop(&mut self) {
        cpu::release();
    }
}

/// Moves `weight` along `gradient` by `rule`, and with it what the rule remembers. No gradients flow through it.
pub fn update<const D: usize>(weight: Tensor<D>, gradient: Tensor<D>, memory: [Tensor<D>; 2], rule: Rule) -> (Tensor<D>, [Tensor<D>; 2]) {
    let [first, second] = memory.map(Tensor::into_dispatch);
    let (weight, first, second) = Dispatch::update(weight.into_dispatch(), gradient.into_dispatch(), first, second, rule);
    (Tensor::from_dispatch(weight), [Tensor::from_dispatch(first), Tensor::from_dispatch(second)])
}

/// `own * keep + other * (1 - keep)`. No gradients flow through it.
pub fn blend<const D: usize>(own: Tensor<D>, other: Tensor<D>, keep: f32) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::blend(own.into_dispatch(), other.into_dispatch(), keep))
}
