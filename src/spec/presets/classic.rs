//! Recipes for pictures in colour, after their papers and the programs beside them. None of them averages the generator.

use super::{adam, builtin_data, project, regularised, training};
use crate::spec::layer::{BlockNorm, Init, Layer, Resample};
use crate::spec::project::{Builtin, DataSpec, ImageSpec, Latent, Loss, Project, TrainSpec};
use crate::spec::regularisation::{Regularisation, USUAL_GRADIENT_PENALTY};
use crate::spec::schedule::{Decay, Schedule};
use crate::spec::shape::{Padding, Shape};
use crate::spec::stack::Stack;

fn colour(side: usize, layers: impl IntoIterator<Item = Layer>) -> Stack {
    Stack::new(Shape::new(3, side, side), layers)
}

/// Radford et al., 2015, section 4, with the widths and kernels of 4 × 4 of PyTorch's example: their figure 1 is twice as wide, with 5 × 5.
pub(super) fn dcgan64() -> Project {
    let up = |filters, stride, padding| Layer::conv_transpose(filters, 4, stride, padding).without_bias().with_init(Init::Dcgan);
    let down = |filters, stride, padding| Layer::conv(filters, 4, stride, padding).without_bias().with_init(Init::Dcgan);
    let mut generator = vec![up(512, 1, 0), Layer::batch_norm(), Layer::Relu];
    for filters in [256, 128, 64] {
        generator.extend([up(filters, 2, 1), Layer::batch_norm(), Layer::Relu]);
    }
    generator.extend([up(3, 2, 1), Layer::Tanh]);
    let mut discriminator = vec![down(64, 2, 1), Layer::leaky_relu()];
    for filters in [128, 256, 512] {
        discriminator.extend([down(filters, 2, 1), Layer::batch_norm(), Layer::leaky_relu()]);
    }
    discriminator.push(down(1, 1, 0));
    let data = builtin_data(Builtin::Shapes);
    let data = DataSpec { image: ImageSpec { width: 64, height: 64, ..data.image }, ..data };
    let train = TrainSpec { latent: Latent::Uniform, ema_decay: 0.0, ..training(128, 2e-4) };
    project("dcgan64", data, Stack::new(Shape::vector(100), generator), colour(64, discriminator), train)
}

/// A convolution much as their code has it: with TensorFlow's `SAME` borders and He's initial weights, here by the inputs alone.
fn like_tensorflow(mut layer: Layer) -> Layer {
    if let Layer::Conv2d { padding, .. } | Layer::ConvTranspose2d { padding, .. } = &mut layer {
        *padding = Padding::Same;
    }
    layer.with_init(Init::He)
}

/// Gulrajani et al., 2017: the convolutional pair of their `gan_cifar.py`, 64 channels wide as its comment advises, with the
/// optimisers of that program, whose rates stay (algorithm 1 of the paper has a `beta1` of 0).
pub(super) fn wgan_gp() -> Project {
    /// Channels of the critic's first layer.
    const WIDTH: usize = 64;
    let up = |filters| like_tensorflow(Layer::conv_transpose(filters, 5, 2, 0));
    let mut generator =
        vec![Layer::dense(16 * 4 * WIDTH), Layer::batch_norm(), Layer::Relu, Layer::Reshape { shape: Shape::new(4 * WIDTH, 4, 4) }];
    for filters in [2 * WIDTH, WIDTH] {
        generator.extend([up(filters), Layer::batch_norm(), Layer::Relu]);
    }
    generator.extend([up(3), Layer::Tanh]);
    let mut critic = Vec::new();
    for filters in [WIDTH, 2 * WIDTH, 4 * WIDTH] {
        critic.extend([like_tensorflow(Layer::conv(filters, 5, 2, 0)), Layer::leaky_relu()]);
    }
    critic.extend([Layer::Flatten, Layer::dense(1)]);
    let adam = adam(1e-4, 0.5, 0.9);
    let train = TrainSpec {
        loss: Loss::Wasserstein,
        generator: adam,
        discriminator: adam,
        d_steps_per_g_step: 5,
        regularisation: Regularisation { gradient_penalty: USUAL_GRADIENT_PENALTY, ..Regularisation::default() },
        ema_decay: 0.0,
        ..training(64, 1e-4)
    };
    project("wgan-gp", builtin_data(Builtin::Shapes), Stack::new(Shape::vector(128), generator), colour(32, critic), train)
}

/// Miyato et al., 2018: the standard CNN of their table 3, with BatchNorm behind its first layer as in their program (`chainer-gan-lib`).
/// It is trained as their residual networks are, with hinge loss, five steps of the discriminator and a `beta1` of 0, but at rates that
/// stay. Their own results with it are of cross-entropy, one step, and betas of 0.5 and 0.999.
pub(super) fn sngan() -> Project {
    let bend = || Layer::LeakyRelu { slope: 0.1 };
    let mut generator = vec![Layer::dense(512 * 4 * 4), Layer::Reshape { shape: Shape::new(512, 4, 4) }, Layer::batch_norm(), Layer::Relu];
    for filters in [256, 128, 64] {
        generator.extend([Layer::conv_transpose(filters, 4, 2, 1), Layer::batch_norm(), Layer::Relu]);
    }
    generator.extend([Layer::conv(3, 3, 1, 1), Layer::Tanh]);
    let mut discriminator = Vec::new();
    for filters in [64, 128, 256] {
        let twice = [Layer::conv(filters, 3, 1, 1), Layer::conv(filters, 4, 2, 1)];
        discriminator.extend(twice.into_iter().flat_map(|layer| [layer.with_spectral_norm(), bend()]));
    }
    discriminator.extend([Layer::conv(512, 3, 1, 1).with_spectral_norm(), bend(), Layer::Flatten, Layer::dense(1).with_spectral_norm()]);
    let adam = adam(2e-4, 0.0, 0.9);
    let train =
        TrainSpec { loss: Loss::Hinge, generator: adam, discriminator: adam, d_steps_per_g_step: 5, ema_decay: 0.0, ..training(64, 2e-4) };
    project("sngan", builtin_data(Builtin::Shapes), Stack::new(Shape::vector(128), generator), colour(32, discriminator), train)
}

/// After R3GAN (Huang et al., 2024): its objective, latent size, first weight of the penalties and falling rates for CIFAR-10, with the usual
/// residual blocks in place of its grouped ones, a final tanh, and so small that two processor cores can train it. What it moves along with
/// the rates stays here: the penalties' weight, which falls to a tenth, `beta2`, which rises from 0.9 to the 0.99 here, and augmentation,
/// of which there is none. Its batches are eight times as large. It is the recipe here that does average.
pub(super) fn r3gan() -> Project {
    let block = |filters, resample| {
        let mut block = Layer::residual(filters, resample).with_init(Init::He);
        if let Layer::Residual { norm, .. } = &mut block {
            *norm = BlockNorm::None;
        }
        block
    };
    let mut generator = vec![Layer::dense(128 * 4 * 4), Layer::Reshape { shape: Shape::new(128, 4, 4) }];
    generator.extend([128, 64, 64].map(|filters| block(filters, Resample::Up)));
    generator.extend([Layer::Relu, Layer::conv(3, 3, 1, 1), Layer::Tanh]);
    let mut discriminator = vec![Layer::conv(64, 3, 1, 1)];
    discriminator.extend([64, 128, 128].map(|filters| block(filters, Resample::Down)));
    discriminator.extend([Layer::leaky_relu(), Layer::Flatten, Layer::dense(1)]);
    let schedule = Schedule { decay: Decay::Cosine, steps: 20_000, floor: 0.25, warm_up: 0 };
    let train = TrainSpec { schedule, ema_decay: 0.999, ..regularised(64, 2e-4, 0.05) };
    project("r3gan", builtin_data(Builtin::Shapes), Stack::new(Shape::vector(64), generator), colour(32, discriminator), train)
}
