//! Pictures in colour.

use super::{builtin_data, project, regularised, seldom, training};
use crate::spec::layer::Layer;
use crate::spec::project::{Builtin, DataSpec, ImageSpec, Project, TrainSpec};
use crate::spec::shape::Shape;
use crate::spec::stack::Stack;

/// From 4 × 4 to the picture and back, one step of two for each width but the first; `widths` are the generator's, the widest first.
fn pair(side: usize, latent: usize, widths: &[usize]) -> (Stack, Stack) {
    let first = widths.first().copied().unwrap_or_default();
    let mut generator =
        vec![Layer::dense(first * 4 * 4), Layer::Reshape { shape: Shape::new(first, 4, 4) }, Layer::batch_norm(), Layer::Relu];
    for &filters in widths.iter().skip(1) {
        generator.extend([Layer::conv_transpose(filters, 4, 2, 1), Layer::batch_norm(), Layer::Relu]);
    }
    generator.extend([Layer::conv_transpose(3, 4, 2, 1), Layer::Tanh]);
    let mut discriminator = Vec::new();
    for &filters in widths.iter().rev() {
        discriminator.extend([Layer::conv(filters, 4, 2, 1), Layer::leaky_relu()]);
    }
    discriminator.extend([Layer::Flatten, Layer::dense(1)]);
    (Stack::new(Shape::vector(latent), generator), Stack::new(Shape::new(3, side, side), discriminator))
}

pub(super) fn colour32() -> Project {
    let (generator, discriminator) = pair(32, 64, &[128, 64, 32]);
    let train = TrainSpec { ema_decay: 0.998, ..regularised(64, 1e-3, 1.0) };
    project("colour32", builtin_data(Builtin::Shapes), generator, discriminator, seldom(train))
}

pub(super) fn colour64() -> Project {
    // Narrow: within minutes, many small steps are worth more than few large ones (`docs/quality.md`).
    let (generator, discriminator) = pair(64, 64, &[64, 48, 32, 16]);
    let data = builtin_data(Builtin::Shapes);
    let data = DataSpec { image: ImageSpec { width: 64, height: 64, ..data.image }, ..data };
    project("colour64", data, generator, discriminator, seldom(TrainSpec { ema_decay: 0.998, ..regularised(64, 1e-3, 2.0) }))
}

pub(super) fn shapes() -> Project {
    let generator = [
        Layer::dense(128 * 4 * 4),
        Layer::Reshape { shape: Shape::new(128, 4, 4) },
        Layer::batch_norm(),
        Layer::Relu,
        Layer::conv_transpose(64, 4, 2, 1),
        Layer::batch_norm(),
        Layer::Relu,
        Layer::conv_transpose(32, 4, 2, 1),
        Layer::batch_norm(),
        Layer::Relu,
        Layer::conv_transpose(3, 4, 2, 1),
        Layer::Tanh,
    ];
    let discriminator = [
        Layer::conv(32, 4, 2, 1),
        Layer::leaky_relu(),
        Layer::conv(64, 4, 2, 1),
        Layer::leaky_relu(),
        Layer::conv(128, 4, 2, 1),
        Layer::leaky_relu(),
        Layer::Flatten,
        Layer::dense(1),
    ];
    project(
        "shapes",
        builtin_data(Builtin::Shapes),
        Stack::new(Shape::vector(64), generator),
        Stack::new(Shape::new(3, 32, 32), discriminator),
        training(64, 2e-4),
    )
}
