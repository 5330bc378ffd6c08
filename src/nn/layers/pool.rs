//! Pooling.

use burn::module::Module;
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};
use burn::tensor::{Tensor, module};

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
