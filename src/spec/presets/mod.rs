//! Projects to begin with: for each kind of data the one that was measured to learn fast and to stay (`docs/quality.md`), and recipes
//! from the literature, after their papers and programs.

mod classic;
mod colour;
mod grey;
mod points;

use super::augmentation::Augmentation;
use super::project::{
    Builtin, Colour, DataSpec, FORMAT, Fit, ImageSpec, Latent, Loss, Optimiser, OptimiserSpec, Project, Source, Stop, TrainSpec, VERSION,
};
use super::regularisation::Regularisation;
use super::schedule::{GradientClip, InstanceNoise, LabelSmoothing, Schedule};
use super::stack::Stack;

/// A named project to begin with.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// As on the command line.
    pub name: &'static str,
    /// One sentence for people.
    pub sentence: &'static str,
    /// What it is for.
    pub kind: PresetKind,
    build: fn() -> Project,
}

/// What a preset is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresetKind {
    /// The default for a kind of data: measured to learn fast and to stay.
    Default,
    /// A recipe from the literature, as its source has it.
    Recipe,
}

/// All presets, in the order they are offered.
pub const PRESETS: [Preset; 15] = [
    Preset {
        name: "ring8",
        sentence: "Eight clusters on a circle, small dense networks: the classic test for mode collapse.",
        kind: PresetKind::Recipe,
        build: points::ring8,
    },
    Preset {
        name: "grid25",
        sentence: "Twenty-five clusters on a grid, small dense networks.",
        kind: PresetKind::Recipe,
        build: points::grid25,
    },
    Preset {
        name: "digits",
        sentence: "Built-in digits, 28 × 28 grey: a small convolutional pair that shows digits within minutes.",
        kind: PresetKind::Recipe,
        build: grey::digits,
    },
    Preset {
        name: "shapes",
        sentence: "Built-in coloured shapes, 32 × 32: a convolutional pair with batch normalisation.",
        kind: PresetKind::Recipe,
        build: colour::shapes,
    },
    Preset {
        name: "points",
        sentence: "Points in the plane: deep and narrow networks that find every cluster.",
        kind: PresetKind::Default,
        build: points::points,
    },
    Preset {
        name: "grey28",
        sentence: "Grey pictures of 28 × 28 such as digits: shows them within a minute.",
        kind: PresetKind::Default,
        build: grey::grey28,
    },
    Preset { name: "colour32", sentence: "Colour pictures of 32 × 32.", kind: PresetKind::Default, build: colour::colour32 },
    Preset {
        name: "colour64",
        sentence: "Colour pictures of 64 × 64, and the default for folders of larger ones.",
        kind: PresetKind::Default,
        build: colour::colour64,
    },
    Preset {
        name: "mlp",
        sentence: "Two hidden layers of 128 for 2-D points, the smallest network.",
        kind: PresetKind::Recipe,
        build: points::mlp,
    },
    Preset {
        name: "seed28",
        sentence: "The beginner's tutorial network with its shapes mended.",
        kind: PresetKind::Recipe,
        build: grey::seed28,
    },
    Preset {
        name: "dcgan28",
        sentence: "DCGAN made smaller for 28 × 28 grey pictures such as MNIST.",
        kind: PresetKind::Recipe,
        build: grey::dcgan28,
    },
    Preset {
        name: "dcgan64",
        sentence: "DCGAN for 64 × 64 colour pictures (Radford et al., 2015).",
        kind: PresetKind::Recipe,
        build: classic::dcgan64,
    },
    Preset {
        name: "wgan-gp",
        sentence: "Wasserstein critic with a gradient penalty, 32 × 32 colour (Gulrajani et al., 2017).",
        kind: PresetKind::Recipe,
        build: classic::wgan_gp,
    },
    Preset {
        name: "sngan",
        sentence: "Spectral norm and hinge loss, 32 × 32 colour (Miyato et al., 2018).",
        kind: PresetKind::Recipe,
        build: classic::sngan,
    },
    Preset {
        name: "r3gan",
        sentence: "Relativistic loss with R1 and R2, residual blocks without normalisation, after R3GAN (Huang et al., 2024), small.",
        kind: PresetKind::Recipe,
        build: classic::r3gan,
    },
];

/// A beginner's tutorial as it is printed, with its mistakes: an example of what the linter finds and mends. It cannot be trained as it is,
/// so it is none of [`PRESETS`].
pub const TUTORIAL: Preset = Preset {
    name: "tutorial",
    sentence: "A beginner's tutorial as printed, mistakes and all: find them, mend them, train it.",
    kind: PresetKind::Recipe,
    build: grey::tutorial,
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
        let name = match (data.is_points(), data.image.width.max(data.image.height)) {
            (true, _) => "points",
            (false, 0..=28) if data.image.colour == Colour::Grey => "grey28",
            (false, 0..=32) => "colour32",
            (false, _) => "colour64",
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

fn adam(learning_rate: f32, beta1: f32, beta2: f32) -> OptimiserSpec {
    OptimiserSpec { learning_rate, rule: Optimiser::Adam { beta1, beta2, epsilon: 1e-8 } }
}

/// Relativistic and paired, with the same weight for R1 and R2, and Adam without momentum (Huang et al., 2024).
fn regularised(batch_size: usize, learning_rate: f32, penalty: f32) -> TrainSpec {
    let adam = adam(learning_rate, 0.0, 0.99);
    TrainSpec {
        loss: Loss::RelativisticPaired,
        generator: adam,
        discriminator: adam,
        regularisation: Regularisation { r1: penalty, r2: penalty, ..Regularisation::default() },
        ..training(batch_size, learning_rate)
    }
}

/// The same with penalties at every fourth step of the discriminator, each four times as heavy.
fn seldom(mut train: TrainSpec) -> TrainSpec {
    train.regularisation.every = 4;
    train
}

/// DCGAN's: cross-entropy, and Adam with half the usual momentum.
fn training(batch_size: usize, learning_rate: f32) -> TrainSpec {
    let adam = adam(learning_rate, 0.5, 0.999);
    TrainSpec {
        loss: Loss::NonSaturating,
        generator: adam,
        discriminator: adam,
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
        recover: true,
    }
}

fn project(name: &str, data: DataSpec, generator: Stack, discriminator: Stack, train: TrainSpec) -> Project {
    Project { format: FORMAT.to_owned(), version: VERSION, name: name.to_owned(), data, generator, discriminator, train, seed: 1 }
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
        assert_eq!(Preset::suited_to(&picture(28, Colour::Grey)).name, "grey28");
        assert_eq!(Preset::suited_to(&picture(32, Colour::Rgb)).name, "colour32");
        assert_eq!(Preset::suited_to(&picture(64, Colour::Rgb)).name, "colour64");
    }
}
