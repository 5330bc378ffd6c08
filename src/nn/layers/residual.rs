//! The residual block of SNGAN (Miyato et al., 2018) and WGAN-GP (Gulrajani et al., 2017).

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use rand_chacha::ChaCha8Rng;

use super::{BatchNorm, Conv2d, Pool, Upsample};
use crate::nn::dual::Dual;
use crate::nn::pass::Pass;
use crate::ops::{self, Bend};
use crate::spec::{self, Block, Shape, ShapeError};

/// See [`Block`] for what is where.
#[derive(Module, Debug)]
pub struct Residual {
    norm1: Option<BatchNorm>,
    conv1: Conv2d,
    norm2: Option<BatchNorm>,
    conv2: Conv2d,
    shortcut: Option<Conv2d>,
    up: Option<Upsample>,
    down: Option<Pool>,
}

impl Residual {
    /// A block of inputs of the shape `input`.
    ///
    /// # Errors
    /// A part does not fit.
    pub fn new(block: &Block, input: Shape, rng: &mut ChaCha8Rng, device: &Device) -> Result<Self, ShapeError> {
        let Block { norm, conv1, conv2, shortcut, up, down } = block;
        let large = resized(up.as_ref(), input)?;
        let between = conv1.output_shape(large)?;
        let norm = |channels| norm.as_ref().and_then(|norm| batch_norm(norm, channels, device));
        let past = resized(down.as_ref(), input)?;
        let shortcut = shortcut.as_ref().map(|shortcut| Conv2d::new(shortcut, past, rng, device));
        Ok(Self {
            norm1: norm(input.channels),
            norm2: norm(between.channels),
            shortcut: shortcut.transpose()?,
            conv1: Conv2d::new(conv1, large, rng, device)?,
            conv2: Conv2d::new(conv2, between, rng, device)?,
            up: up.as_ref().and_then(upsample),
            down: down.as_ref().map(|pool| Pool::new(pool, between)).transpose()?,
        })
    }

    /// `[n, channels, height, width]` to `[n, filters, height', width']`.
    pub fn forward(&self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        let y = match &self.norm1 {
            Some(norm) => norm.forward(x.clone(), pass, Some(Bend::Relu)),
            None => ops::bend(x.clone(), Bend::Relu),
        };
        let y = self.enlarged(y);
        let y = match &self.norm2 {
            Some(norm) => norm.forward(self.conv1.forward(y, pass, None), pass, Some(Bend::Relu)),
            None => self.conv1.forward(y, pass, Some(Bend::Relu)),
        };
        let y = self.halved(self.conv2.forward(y, pass, None));
        y + self.past(x, pass)
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual, pass: &Pass) -> Dual {
        let y = match &self.norm1 {
            Some(norm) => norm.jvp(x.clone(), pass, Some(Bend::Relu)),
            None => x.clone().bend(Some(Bend::Relu)),
        };
        let y = y.linear(|y| self.enlarged(y));
        let y = match &self.norm2 {
            Some(norm) => norm.jvp(self.conv1.jvp(y, pass, None), pass, Some(Bend::Relu)),
            None => self.conv1.jvp(y, pass, Some(Bend::Relu)),
        };
        let y = self.conv2.jvp(y, pass, None).linear(|y| self.halved(y));
        let x = x.linear(|x| self.halved(x));
        let x = match &self.shortcut {
            Some(shortcut) => shortcut.jvp(x, pass, None),
            None => x,
        };
        y + x.linear(|x| self.enlarged(x))
    }

    /// The shortcut, convolved where the picture is smaller.
    fn past(&self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        let x = self.halved(x);
        let x = match &self.shortcut {
            Some(shortcut) => shortcut.forward(x, pass, None),
            None => x,
        };
        self.enlarged(x)
    }

    fn enlarged(&self, x: Tensor<4>) -> Tensor<4> {
        match &self.up {
            Some(up) => up.forward(x),
            None => x,
        }
    }

    fn halved(&self, x: Tensor<4>) -> Tensor<4> {
        match &self.down {
            Some(down) => down.forward(x),
            None => x,
        }
    }
}

fn resized(layer: Option<&spec::Layer>, shape: Shape) -> Result<Shape, ShapeError> {
    layer.map_or(Ok(shape), |layer| layer.output_shape(shape))
}

fn batch_norm(layer: &spec::Layer, channels: usize, device: &Device) -> Option<BatchNorm> {
    match *layer {
        spec::Layer::BatchNorm { momentum, epsilon } => Some(BatchNorm::new(channels, momentum, epsilon, device)),
        _ => None,
    }
}

fn upsample(layer: &spec::Layer) -> Option<Upsample> {
    match *layer {
        spec::Layer::Upsample { factor, mode } => Some(Upsample::new(factor, mode)),
        _ => None,
    }
}
