//! Grey pictures of 28 × 28.

use super::{adam, builtin_data, project, regularised, seldom, training};
use crate::spec::layer::{Init, Layer, UpsampleMode};
use crate::spec::project::{Builtin, Optimiser, OptimiserSpec, Project, Stop, TrainSpec};
use crate::spec::shape::{Padding, Shape, Size};
use crate::spec::stack::Stack;

/// Both penalties at every fourth step cost little there and hold the discriminator, so that rates can be ten times the usual ones.
pub(super) fn grey28() -> Project {
    let generator = [
        Layer::dense(128 * 7 * 7),
        Layer::Reshape { shape: Shape::new(128, 7, 7) },
        Layer::batch_norm(),
        Layer::Relu,
        Layer::conv_transpose(64, 4, 2, 1),
        Layer::batch_norm(),
        Layer::Relu,
        Layer::conv_transpose(1, 4, 2, 1),
        Layer::Tanh,
    ];
    let discriminator = judge28(halved_twice(4).into_iter().chain([Layer::dense(1)]));
    let train = TrainSpec { ema_decay: 0.998, ..regularised(64, 2e-3, 1.0) };
    project("grey28", builtin_data(Builtin::Digits), Stack::new(Shape::vector(64), generator), discriminator, seldom(train))
}

/// A small pair that is quick on two cores: half the channels of `dcgan28`, enlarging without weights.
pub(super) fn digits() -> Project {
    let up = Layer::Upsample { factor: Size::square(2), mode: UpsampleMode::Nearest };
    let generator = [
        Layer::dense(64 * 7 * 7),
        Layer::Reshape { shape: Shape::new(64, 7, 7) },
        Layer::batch_norm(),
        Layer::Relu,
        up.clone(),
        Layer::conv(32, 3, 1, 1),
        Layer::batch_norm(),
        Layer::Relu,
        up,
        Layer::conv(1, 3, 1, 1),
        Layer::Tanh,
    ];
    let discriminator = judge28(halved_twice(4).into_iter().chain([Layer::Dropout { rate: 0.3 }, Layer::dense(1)]));
    let generator = Stack::new(Shape::vector(32), generator);
    project("digits", builtin_data(Builtin::Digits), generator, discriminator, training_quickly())
}

pub(super) fn dcgan28() -> Project {
    let discriminator = judge28(halved_twice(3).into_iter().chain([Layer::dense(1)]));
    // The discriminator sees little at a time and has few weights: at DCGAN's rate of 2e-4 the generator outruns it, and after 1,500
    // steps of MNIST a third of the samples can be read; at these rates nearly all.
    let train = TrainSpec { ema_decay: 0.998, ..training_quickly() };
    project("dcgan28", builtin_data(Builtin::Digits), generator28(true), discriminator, train)
}

pub(super) fn seed28() -> Project {
    let discriminator =
        judge28([Layer::conv(32, 3, 1, 1), Layer::Relu, Layer::conv(64, 3, 1, 1), Layer::Relu, Layer::Flatten, Layer::dense(1)]);
    project("seed28", builtin_data(Builtin::Digits), generator28(false), discriminator, training(64, 2e-4))
}

/// In Keras, with its defaults: initial weights of Glorot's, Adam's rates, and 100 epochs as it asks for.
pub(super) fn tutorial() -> Project {
    let keras = |layer: Layer| layer.with_init(Init::Glorot);
    let up = |filters| Layer::ConvTranspose2d {
        filters,
        kernel: Size::square(4),
        stride: Size::square(2),
        padding: Padding::Same,
        output_padding: Size::square(0),
        bias: true,
        init: Init::Glorot,
        spectral_norm: false,
    };
    let same = |filters, kernel| {
        let mut layer = keras(Layer::conv(filters, kernel, 1, 0));
        if let Layer::Conv2d { padding, .. } = &mut layer {
            *padding = Padding::Same;
        }
        layer
    };
    let generator = [
        keras(Layer::dense(128)),
        Layer::Relu,
        Layer::Reshape { shape: Shape::new(128, 4, 4) },
        up(64),
        Layer::Relu,
        up(32),
        Layer::Relu,
        same(1, 4),
    ];
    let discriminator =
        judge28([same(32, 3), Layer::Relu, same(64, 3), Layer::Relu, Layer::Flatten, keras(Layer::dense(1)), Layer::Sigmoid]);
    let adam = OptimiserSpec { learning_rate: 1e-3, rule: Optimiser::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } };
    let train = TrainSpec { generator: adam, discriminator: adam, stop: Stop::Epochs(100), ..training(32, 1e-3) };
    project("tutorial", builtin_data(Builtin::Digits), Stack::new(Shape::vector(100), generator), discriminator, train)
}

/// For small networks: high rates, the discriminator's twice the generator's (two time scales, Heusel et al., 2017).
fn training_quickly() -> TrainSpec {
    let train = training(64, 1e-3);
    TrainSpec { discriminator: adam(2e-3, 0.5, 0.999), ema_decay: 0.995, ..train }
}

/// Dense - 7 x 7 - two enlargements - one picture, as in the tutorial; `normalised` puts a BatchNorm after each enlargement.
fn generator28(normalised: bool) -> Stack {
    let norm = |layers: &mut Vec<Layer>| {
        if normalised {
            layers.push(Layer::batch_norm());
        }
    };
    let mut layers = vec![Layer::dense(6272), Layer::Relu, Layer::Reshape { shape: Shape::new(128, 7, 7) }];
    for filters in [64, 32] {
        layers.push(Layer::conv_transpose(filters, 4, 2, 1));
        norm(&mut layers);
        layers.push(Layer::Relu);
    }
    layers.extend([Layer::conv(1, 3, 1, 1), Layer::Tanh]);
    Stack::new(Shape::vector(100), layers)
}

/// Two convolutions that halve the picture, flat.
fn halved_twice(kernel: usize) -> [Layer; 5] {
    let down = |filters| Layer::conv(filters, kernel, 2, 1);
    [down(32), Layer::leaky_relu(), down(64), Layer::leaky_relu(), Layer::Flatten]
}

fn judge28(layers: impl IntoIterator<Item = Layer>) -> Stack {
    Stack::new(Shape::new(1, 28, 28), layers)
}
