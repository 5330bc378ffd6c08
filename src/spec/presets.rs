//! Projects to begin with.

use super::augmentation::Augmentation;
use super::layer::{Init, Layer, UpsampleMode};
use super::project::{
    Builtin, Colour, DataSpec, FORMAT, Fit, ImageSpec, Latent, Loss, Optimiser, OptimiserSpec, Project, Source, Stop, TrainSpec, VERSION,
};
use super::regularisation::Regularisation;
use super::schedule::{GradientClip, InstanceNoise, LabelSmoothing, Schedule};
use super::shape::{Padding, Shape, Size};
use super::stack::Stack;

/// A named project to begin with.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// As on the command line.
    pub name: &'static str,
    /// One sentence for people.
    pub sentence: &'static str,
    build: fn() -> Project,
}

/// All presets, in the order they are offered.
pub const PRESETS: [Preset; 8] = [
    Preset {
        name: "ring8",
        sentence: "Eight clusters on a circle, small dense networks: the classic test for mode collapse.",
        build: ring8,
    },
    Preset { name: "grid25", sentence: "Twenty-five clusters on a grid, small dense networks.", build: grid25 },
    Preset {
        name: "digits",
        sentence: "Built-in digits, 28 × 28 grey: a small convolutional pair that shows digits within minutes.",
        build: digits,
    },
    Preset {
        name: "shapes", sentence: "Built-in coloured shapes, 32 × 32: a convolutional pair with batch normalisation.", build: shapes
    },
    Preset { name: "dcgan28", sentence: "DCGAN for 28 × 28 grey pictures such as MNIST.", build: dcgan28 },
    Preset { name: "seed28", sentence: "The beginner's tutorial network with its shapes mended.", build: seed28 },
    Preset { name: "dcgan64", sentence: "DCGAN for 64 × 64 colour pictures (Radford et al., 2015).", build: dcgan64 },
    Preset { name: "mlp", sentence: "Two hidden layers of 128 for 2-D points, the smallest network.", build: mlp },
];

/// A beginner's tutorial as it is printed, with its mistakes: an example of what the linter finds and mends. It cannot be trained as it is,
/// so it is none of [`PRESETS`].
pub const TUTORIAL: Preset = Preset {
    name: "tutorial",
    sentence: "A beginner's tutorial as printed, mistakes and all: find them, mend them, train it.",
    build: tutorial,
};

impl Preset {
    /// The preset with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        PRESETS.into_iter().chain([TUTORIAL]).find(|preset| preset.name == name)
    }

    /// The project.
    pub fn project(self) -> Project {
        (self.build)()
    }

    /// The preset that suits this kind of data best.
    pub fn suited_to(data: &DataSpec) -> Self {
        let name = match (&data.source, data.image.width.max(data.image.height)) {
            (Source::Builtin(Builtin::Grid25), _) => "grid25",
            (Source::Builtin(builtin), _) if builtin.is_points() => "ring8",
            (Source::Builtin(Builtin::Digits), _) => "digits",
            (Source::Builtin(Builtin::Shapes), _) => "shapes",
            (_, 0..=28) if data.image.colour == Colour::Grey => "dcgan28",
            (_, 0..=32) => "shapes",
            _ => "dcgan64",
        };
        PRESETS.into_iter().find(|preset| preset.name == name).unwrap_or(PRESETS[0])
    }
}

/// What pictures from a built-in source look like; for points it says nothing.
pub fn builtin_data(builtin: Builtin) -> DataSpec {
    let image = match builtin {
        Builtin::Shapes => ImageSpec { width: 32, height: 32, colour: Colour::Rgb, fit: Fit::Crop },
        _ => ImageSpec { width: 28, height: 28, colour: Colour::Grey, fit: Fit::Crop },
    };
    DataSpec { source: Source::Builtin(builtin), image, holdout: 0.1, memory_limit_mib: 2048 }
}

fn adam(learning_rate: f32) -> OptimiserSpec {
    OptimiserSpec { learning_rate, rule: Optimiser::Adam { beta1: 0.5, beta2: 0.999, epsilon: 1e-8 } }
}

fn training(batch_size: usize, learning_rate: f32) -> TrainSpec {
    TrainSpec {
        loss: Loss::NonSaturating,
        generator: adam(learning_rate),
        discriminator: adam(learning_rate),
        d_steps_per_g_step: 1,
        batch_size,
        stop: Stop::Never,
        ema_decay: 0.99,
        latent: Latent::Normal,
        regularisation: Regularisation::default(),
        schedule: Schedule::default(),
        clip_gradient: GradientClip::default(),
        smoothing: LabelSmoothing::default(),
        noise: InstanceNoise::default(),
        augmentation: Augmentation::default(),
        packing: 1,
        ema_ramp: true,
    }
}

/// For small networks: high rates, the discriminator's twice the generator's (two time scales, Heusel et al., 2017).
fn training_quickly() -> TrainSpec {
    let train = training(64, 1e-3);
    TrainSpec { discriminator: adam(2e-3), ema_decay: 0.995, ..train }
}

fn project(name: &str, data: DataSpec, generator: Stack, discriminator: Stack, train: TrainSpec) -> Project {
    Project { format: FORMAT.to_owned(), version: VERSION, name: name.to_owned(), data, generator, discriminator, train, seed: 1 }
}

fn points(name: &str, builtin: Builtin, latent: usize, width: usize) -> Project {
    let generator = [Layer::dense(width), Layer::Relu, Layer::dense(width), Layer::Relu, Layer::dense(2)];
    let discriminator = [Layer::dense(width), Layer::leaky_relu(), Layer::dense(width), Layer::leaky_relu(), Layer::dense(1)];
    project(
        name,
        builtin_data(builtin),
        Stack::new(Shape::vector(latent), generator),
        Stack::new(Shape::vector(2), discriminator),
        training(128, 1e-3),
    )
}

fn ring8() -> Project {
    points("ring8", Builtin::Ring8, 16, 128)
}

fn grid25() -> Project {
    points("grid25", Builtin::Grid25, 16, 128)
}

fn mlp() -> Project {
    let mut project = points("mlp", Builtin::Ring8, 16, 128);
    project.train.generator.learning_rate = 2e-4;
    project.train.discriminator.learning_rate = 2e-4;
    project
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

fn grey28(layers: impl IntoIterator<Item = Layer>) -> Stack {
    Stack::new(Shape::new(1, 28, 28), layers)
}

fn dcgan28() -> Project {
    let discriminator = grey28([
        Layer::conv(32, 3, 2, 1),
        Layer::leaky_relu(),
        Layer::conv(64, 3, 2, 1),
        Layer::leaky_relu(),
        Layer::Flatten,
        Layer::dense(1),
    ]);
    // The discriminator sees little at a time and has few weights: at DCGAN's rate of 2e-4 the generator outruns it, and after 1,500
    // steps of MNIST a third of the samples can be read; at these rates nearly all.
    let train = TrainSpec { ema_decay: 0.998, ..training_quickly() };
    project("dcgan28", builtin_data(Builtin::Digits), generator28(true), discriminator, train)
}

fn seed28() -> Project {
    let discriminator =
        grey28([Layer::conv(32, 3, 1, 1), Layer::Relu, Layer::conv(64, 3, 1, 1), Layer::Relu, Layer::Flatten, Layer::dense(1)]);
    project("seed28", builtin_data(Builtin::Digits), generator28(false), discriminator, training(64, 2e-4))
}

/// In Keras, with its defaults: initial weights of Glorot's, Adam's rates, and 100 epochs as it asks for.
fn tutorial() -> Project {
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
        grey28([same(32, 3), Layer::Relu, same(64, 3), Layer::Relu, Layer::Flatten, keras(Layer::dense(1)), Layer::Sigmoid]);
    let adam = OptimiserSpec { learning_rate: 1e-3, rule: Optimiser::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } };
    let train = TrainSpec { generator: adam, discriminator: adam, stop: Stop::Epochs(100), ..training(32, 1e-3) };
    project("tutorial", builtin_data(Builtin::Digits), Stack::new(Shape::vector(100), generator), discriminator, train)
}

/// A small pair that is quick on two cores: half the channels of `dcgan28`, enlarging without weights.
fn digits() -> Project {
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
    let discriminator = grey28([
        Layer::conv(32, 4, 2, 1),
        Layer::leaky_relu(),
        Layer::conv(64, 4, 2, 1),
        Layer::leaky_relu(),
        Layer::Flatten,
        Layer::Dropout { rate: 0.3 },
        Layer::dense(1),
    ]);
    let generator = Stack::new(Shape::vector(32), generator);
    project("digits", builtin_data(Builtin::Digits), generator, discriminator, training_quickly())
}

fn shapes() -> Project {
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

fn dcgan64() -> Project {
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
    let image = ImageSpec { width: 64, height: 64, colour: Colour::Rgb, fit: Fit::Crop };
    let data = DataSpec { image, ..builtin_data(Builtin::Shapes) };
    project(
        "dcgan64",
        data,
        Stack::new(Shape::vector(100), generator),
        Stack::new(Shape::new(3, 64, 64), discriminator),
        training(64, 2e-4),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_found_by_their_names_and_carry_them() {
        for preset in PRESETS {
            assert_eq!(Preset::from_name(preset.name).unwrap().project().name, preset.name);
        }
        assert_eq!(Preset::from_name("tutorial").unwrap().project().name, TUTORIAL.name);
        assert!(Preset::from_name("no such preset").is_none());
    }

    #[test]
    fn presets_survive_a_file() {
        for preset in PRESETS {
            let project = preset.project();
            let text = serde_json::to_string(&project).unwrap();
            assert_eq!(serde_json::from_str::<Project>(&text).unwrap(), project, "{}", preset.name);
        }
    }

    #[test]
    fn every_kind_of_data_has_a_preset_that_suits_it() {
        for builtin in Builtin::ALL {
            let data = builtin_data(builtin);
            let preset = Preset::suited_to(&data);
            assert_eq!(preset.project().data.shape(), data.shape(), "{} for {}", preset.name, builtin.name());
        }
        let picture = |side, colour| DataSpec {
            source: Source::Path("pictures".into()),
            image: ImageSpec { width: side, height: side, colour, fit: Fit::Crop },
            holdout: 0.1,
            memory_limit_mib: 64,
        };
        assert_eq!(Preset::suited_to(&picture(28, Colour::Grey)).name, "dcgan28");
        assert_eq!(Preset::suited_to(&picture(32, Colour::Rgb)).name, "shapes");
        assert_eq!(Preset::suited_to(&picture(64, Colour::Rgb)).name, "dcgan64");
    }
}
