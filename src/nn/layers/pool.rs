//! Pooling.

use burn::module::Module;
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};
use burn::tensor::{Tensor, module};

use crate::nn::dual::Dual;
use crate::spec::{self, Padding, Shape, ShapeError};

/// Maximum or mean, of windows or of everything.
#[derive(Module, Debug)]
pub struct Pool {
    #[module(skip)]
    kind: PoolKind,
}

/// What a pool computes.
#[derive(Clone, Debug)]
pub enum PoolKind {
    /// The largest value of each window.
    Max(MaxPoolOptions<2>),
    /// The mean of each window.
    Avg(AvgPoolOptions<2>),
    /// The mean of each channel.
    GlobalAvg,
    /// The largest value of each channel.
    GlobalMax,
}

impl Pool {
    /// A pool of inputs of the shape `input`.
    ///
    /// # Errors
    /// `layer` is no pool, or does not fit `input`.
    pub fn new(layer: &spec::Layer, input: Shape) -> Result<Self, ShapeError> {
        let pairs = |layer: &spec::Layer| {
            let windows = layer.windows(input)?;
            // A pool's window adds rows at both ends, never cuts them.
            Ok([windows.rows, windows.columns].map(|window| (window.before, window.after.unsigned_abs())))
        };
        let kind = match *layer {
            spec::Layer::MaxPool { size, stride, .. } => {
                PoolKind::Max(MaxPoolOptions::new(size.into()).with_stride(stride.into()).with_padding_pairs(pairs(layer)?))
            }
            spec::Layer::AvgPool { size, stride, padding } => PoolKind::Avg(
                AvgPoolOptions::new(size.into())
                    .with_stride(stride.into())
                    .with_padding_pairs(pairs(layer)?)
                    // Keras leaves the padding out of the mean, PyTorch counts it as zeros.
                    .with_count_include_pad(matches!(padding, Padding::Explicit(_))),
            ),
            spec::Layer::GlobalAvgPool => PoolKind::GlobalAvg,
            spec::Layer::GlobalMaxPool => PoolKind::GlobalMax,
            _ => return Err(ShapeError(format!("{} is no pool", layer.name()))),
        };
        Ok(Self { kind })
    }

    /// `[n, channels, height, width]` to `[n, channels, height', width']`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match &self.kind {
            PoolKind::Max(options) => module::max_pool2d(x, options.clone()),
            PoolKind::Avg(options) => module::avg_pool2d(x, options.clone()),
            PoolKind::GlobalAvg => vector(places(x).mean_dim(2)),
            PoolKind::GlobalMax => vector(places(x).max_dim(2)),
        }
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual) -> Dual {
        match &self.kind {
            PoolKind::Max(options) => largest(x, options),
            PoolKind::GlobalMax => {
                let (value, place) = places(x.value).max_dim_with_indices(2);
                Dual::new(vector(value), vector(places(x.change).gather(2, place)))
            }
            PoolKind::Avg(_) | PoolKind::GlobalAvg => x.linear(|x| self.forward(x)),
        }
    }
}

/// The same for a value and its change: that of the place whose value is the largest.
fn largest(x: Dual, options: &MaxPoolOptions<2>) -> Dual {
    let (value, places) = module::max_pool2d_with_indices(x.value, options.clone());
    let dims = value.dims();
    let [n, channels, height, width] = dims;
    let change = self::places(x.change).gather(2, places.reshape([n, channels, height * width]));
    Dual::new(value, change.reshape(dims))
}

/// `[n, channels, height, width]` as `[n, channels, places]`.
fn places(x: Tensor<4>) -> Tensor<3> {
    let [n, channels, height, width] = x.dims();
    x.reshape([n, channels, height * width])
}

/// `[n, channels, 1]` as `[n, channels, 1, 1]`.
fn vector(x: Tensor<3>) -> Tensor<4> {
    let [n, channels, _] = x.dims();
    x.reshape([n, channels, 1, 1])
}
