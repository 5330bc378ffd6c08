//! The project: everything a person edits, as plain data.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::augmentation::Augmentation;
use super::regularisation::Regularisation;
use super::schedule::{GradientClip, InstanceNoise, LabelSmoothing, Schedule};
use super::shape::Shape;
use super::stack::{Role, Stack};

/// The mark in every project file.
pub const FORMAT: &str = "ganvas";
/// The version this program writes. A file with a larger one is refused in words; files of older ones are read. Version 2 added kinds of
/// layers and spectral norm; version 3 took the clipping of weights out of the Wasserstein loss and added penalties, schedules and noise.
pub const VERSION: u32 = 3;

/// What to train, on what, and how. The only thing a user edits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// Always [`FORMAT`].
    pub format: String,
    /// The version of the program's data that wrote it, see [`VERSION`].
    pub version: u32,
    /// Shown in the title, and proposed as a file name.
    pub name: String,
    /// Where real samples come from.
    pub data: DataSpec,
    /// From latent vectors to samples.
    pub generator: Stack,
    /// From samples to one logit.
    pub discriminator: Stack,
    /// Objective, optimisers, batch.
    pub train: TrainSpec,
    /// The root of everything random.
    pub seed: u64,
}

impl Project {
    /// The stack of one network.
    pub fn stack(&self, role: Role) -> &Stack {
        match role {
            Role::Generator => &self.generator,
            Role::Discriminator => &self.discriminator,
        }
    }

    pub(super) fn stack_mut(&mut self, role: Role) -> &mut Stack {
        match role {
            Role::Generator => &mut self.generator,
            Role::Discriminator => &mut self.discriminator,
        }
    }
}

/// Where real samples come from, and what is made of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataSpec {
    /// The source.
    pub source: Source,
    /// What pictures are turned into. Points do not use it.
    pub image: ImageSpec,
    /// The share held out for validation, 0 to 0.5. Held-out samples are never trained on.
    pub holdout: f32,
    /// Decoded pictures may take this much memory, in MiB; what does not fit is left out, and said.
    pub memory_limit_mib: usize,
}

/// A source of samples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Made in code from a seed.
    Builtin(Builtin),
    /// A folder, a `.zip`, an IDX file or a single picture.
    Path(PathBuf),
}

/// Data made in code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Builtin {
    /// Grey, ten classes, as if written by hand; drawn at the size asked for, 28 × 28 by itself.
    Digits,
    /// In colour, classes by form and colour; drawn at the size asked for, 32 × 32 by itself.
    Shapes,
    /// Eight Gaussians on the unit circle.
    Ring8,
    /// 5 × 5 Gaussians.
    Grid25,
    /// Two turns of a spiral.
    Spiral,
    /// Two half circles.
    Moons,
}

impl Builtin {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 6] = [Self::Digits, Self::Shapes, Self::Ring8, Self::Grid25, Self::Spiral, Self::Moons];

    /// As in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Shapes => "shapes",
            Self::Ring8 => "ring8",
            Self::Grid25 => "grid25",
            Self::Spiral => "spiral",
            Self::Moons => "moons",
        }
    }

    /// One sentence for people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Digits => "Digits as if written by hand, in grey, ten classes.",
            Self::Shapes => "Coloured shapes, classes by form and colour.",
            Self::Ring8 => "Eight tight clusters of points on a circle.",
            Self::Grid25 => "Twenty-five clusters of points on a grid.",
            Self::Spiral => "Points along a spiral.",
            Self::Moons => "Points on two interlocking half circles.",
        }
    }

    /// Are the samples 2-D points rather than pictures?
    pub const fn is_points(self) -> bool {
        matches!(self, Self::Ring8 | Self::Grid25 | Self::Spiral | Self::Moons)
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|builtin| builtin.name() == name)
    }
}

/// What pictures are turned into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSpec {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Grey or colour.
    pub colour: Colour,
    /// What is done where the proportions differ.
    pub fit: Fit,
}

/// Grey or colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// One channel.
    Grey,
    /// Three channels.
    Rgb,
}

impl Colour {
    /// 1 or 3.
    pub const fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

/// What is done with a picture of other proportions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// The largest part from the middle.
    Crop,
    /// The whole picture, with black bars.
    Letterbox,
}

impl DataSpec {
    /// Are the samples 2-D points rather than pictures?
    pub fn is_points(&self) -> bool {
        matches!(self.source, Source::Builtin(builtin) if builtin.is_points())
    }

    /// The shape of one sample.
    pub fn shape(&self) -> Shape {
        if self.is_points() { Shape::vector(2) } else { Shape::new(self.image.colour.channels(), self.image.height, self.image.width) }
    }
}

/// The objective and how it is pursued.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainSpec {
    /// What the two networks minimise.
    pub loss: Loss,
    /// How the generator's weights move.
    pub generator: OptimiserSpec,
    /// How the discriminator's weights move.
    pub discriminator: OptimiserSpec,
    /// Discriminator steps for each generator step.
    pub d_steps_per_g_step: usize,
    /// Samples in a batch.
    pub batch_size: usize,
    /// When training ends by itself.
    pub stop: Stop,
    /// How much of the averaged generator survives each step; 0 switches averaging off.
    pub ema_decay: f32,
    /// Where latent vectors come from. A run keeps it until its next start: what it learned belongs to it.
    pub latent: Latent,
    /// Bounds and penalties on the discriminator.
    #[serde(default)]
    pub regularisation: Regularisation,
    /// How learning rates change over the run.
    #[serde(default)]
    pub schedule: Schedule,
    /// The longest gradients that weights are moved along.
    #[serde(default)]
    pub clip_gradient: GradientClip,
    /// How far the discriminator's targets are from 1 and 0.
    #[serde(default)]
    pub smoothing: LabelSmoothing,
    /// Noise on what the discriminator sees.
    #[serde(default)]
    pub noise: InstanceNoise,
    /// Random changes of what the discriminator sees.
    #[serde(default)]
    pub augmentation: Augmentation,
    /// So many samples of a kind are judged at once (`PacGAN`, Lin et al., 2018): the discriminator reads them one after the other along
    /// channels, and sees how much they differ. 1 is each by itself. It belongs to the network: a run keeps it until its next start.
    #[serde(default = "one")]
    pub packing: usize,
    /// The averaged generator forgets its first steps sooner (as TensorFlow's `ExponentialMovingAverage` with a step count).
    #[serde(default = "yes")]
    pub ema_ramp: bool,
    /// Should a run whose losses or weights are no numbers any more, or whose samples collapse, go back to a good state by itself, with
    /// half the learning rates?
    #[serde(default = "yes")]
    pub recover: bool,
}

const fn yes() -> bool {
    true
}

const fn one() -> usize {
    1
}

impl TrainSpec {
    /// The optimiser of one network.
    pub fn optimiser(&self, role: Role) -> &OptimiserSpec {
        match role {
            Role::Generator => &self.generator,
            Role::Discriminator => &self.discriminator,
        }
    }

    /// These settings in a run that was begun with others: what a run keeps until its next start is as it was then.
    pub fn in_run_of(self, begun: &Self) -> Self {
        Self { latent: begun.latent, packing: begun.packing, ..self }
    }
}

/// When training ends by itself. Whichever way, it can go on afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// It does not.
    Never,
    /// After so many generator steps, counted from the beginning of the run.
    Steps(u64),
    /// After so many passes over the data, counted from the beginning of the run.
    Epochs(u64),
}

/// The distribution of latent vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Latent {
    /// N(0, 1) in every dimension.
    Normal,
    /// Uniform in -1..1 in every dimension.
    Uniform,
}

/// What the two networks minimise. `D` is the logit, `sigma` the logistic function.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Binary cross-entropy as the zero-sum game (Goodfellow et al., 2014, equation 1): G minimises `log(1 - sigma(D(G(z))))`.
    Minimax,
    /// Binary cross-entropy where G minimises `-log(sigma(D(G(z))))` (Goodfellow et al., 2014, section 3).
    NonSaturating,
    /// Least squares (Mao et al., 2016) with targets 1 for real and 0 for fake, halves included.
    LeastSquares,
    /// Hinge (Lim and Ye, 2017; Miyato et al., 2018).
    Hinge,
    /// Wasserstein (Arjovsky et al., 2017): the critic has to be kept from becoming steep, see [`Regularisation`].
    Wasserstein,
    /// Relativistic and paired (Jolicoeur-Martineau, 2018; R3GAN, Huang et al., 2024): each generated sample against one real sample.
    RelativisticPaired,
    /// Relativistic average (Jolicoeur-Martineau, 2018): each sample against the mean of the others.
    RelativisticAverage,
}

impl Loss {
    /// One of each, in the order they are offered.
    pub const ALL: [Self; 7] = [
        Self::NonSaturating,
        Self::Minimax,
        Self::LeastSquares,
        Self::Hinge,
        Self::Wasserstein,
        Self::RelativisticPaired,
        Self::RelativisticAverage,
    ];

    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minimax => "minimax (BCE)",
            Self::NonSaturating => "non-saturating (BCE)",
            Self::LeastSquares => "least squares",
            Self::Hinge => "hinge",
            Self::Wasserstein => "Wasserstein",
            Self::RelativisticPaired => "relativistic, paired",
            Self::RelativisticAverage => "relativistic average",
        }
    }

    /// Does the discriminator's output become a probability? Then a final sigmoid is part of the loss.
    pub const fn has_probability(self) -> bool {
        matches!(self, Self::Minimax | Self::NonSaturating)
    }

    /// Does the discriminator have a target for each sample, which [`LabelSmoothing`] moves?
    pub const fn has_targets(self) -> bool {
        matches!(self, Self::Minimax | Self::NonSaturating | Self::LeastSquares)
    }

    /// Is there a score on one side of which samples count as real? Losses that only compare scores have none.
    pub const fn has_border(self) -> bool {
        !matches!(self, Self::Wasserstein | Self::RelativisticPaired | Self::RelativisticAverage)
    }

    /// Is a sample judged beside others? Then the generator learns from real samples, too.
    pub const fn is_relativistic(self) -> bool {
        matches!(self, Self::RelativisticPaired | Self::RelativisticAverage)
    }
}

/// How weights move.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptimiserSpec {
    /// The step size.
    pub learning_rate: f32,
    /// The rule.
    pub rule: Optimiser,
}

/// The rule by which gradients move weights. Defaults and arithmetic follow PyTorch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Optimiser {
    /// Kingma and Ba, 2014.
    Adam {
        /// How much of the running mean of gradients survives a step.
        beta1: f32,
        /// How much of the running mean of squared gradients survives a step.
        beta2: f32,
        /// Added to the root of the latter.
        epsilon: f32,
    },
    /// Hinton, 2012.
    RmsProp {
        /// How much of the running mean of squared gradients survives a step.
        alpha: f32,
        /// Added to its root.
        epsilon: f32,
    },
    /// Gradient descent with momentum.
    Sgd {
        /// How much of the last move survives a step; 0 is plain descent.
        momentum: f32,
    },
    /// Adam whose weights shrink by themselves (Loshchilov and Hutter, 2017).
    AdamW {
        /// As Adam's.
        beta1: f32,
        /// As Adam's.
        beta2: f32,
        /// As Adam's.
        epsilon: f32,
        /// The share of each weight that goes at a step, times the learning rate.
        decay: f32,
    },
    /// Chen et al., 2023: each weight moves by the learning rate, whatever the size of its gradient.
    Lion {
        /// How much of the running mean counts beside the new gradient in the direction of a step.
        beta1: f32,
        /// How much of the running mean of gradients survives a step.
        beta2: f32,
        /// The share of each weight that goes at a step, times the learning rate.
        decay: f32,
    },
}

impl Optimiser {
    /// How much of what it remembers survives a step, and the like: each at least 0 and below 1, with its name.
    pub fn shares(&mut self) -> Vec<(&'static str, &mut f32)> {
        match self {
            Self::Adam { beta1, beta2, .. } | Self::AdamW { beta1, beta2, .. } | Self::Lion { beta1, beta2, .. } => {
                vec![("beta1", beta1), ("beta2", beta2)]
            }
            Self::RmsProp { alpha, .. } => vec![("alpha", alpha)],
            Self::Sgd { momentum } => vec![("momentum", momentum)],
        }
    }

    /// All its numbers by name: [shares](Self::shares), and how weights decay and what is added to a root.
    pub fn numbers(&mut self) -> Vec<(&'static str, &mut f32)> {
        match self {
            Self::Adam { beta1, beta2, epsilon } => vec![("beta1", beta1), ("beta2", beta2), ("epsilon", epsilon)],
            Self::AdamW { beta1, beta2, epsilon, decay } => {
                vec![("beta1", beta1), ("beta2", beta2), ("epsilon", epsilon), ("decay", decay)]
            }
            Self::RmsProp { alpha, epsilon } => vec![("alpha", alpha), ("epsilon", epsilon)],
            Self::Sgd { momentum } => vec![("momentum", momentum)],
            Self::Lion { beta1, beta2, decay } => vec![("beta1", beta1), ("beta2", beta2), ("decay", decay)],
        }
    }

    /// One of each, in the order they are offered: Adam and AdamW with DCGAN's betas, Lion with its paper's, the others with PyTorch's
    /// defaults.
    pub const ALL: [Self; 5] = [
        Self::Adam { beta1: 0.5, beta2: 0.999, epsilon: 1e-8 },
        Self::RmsProp { alpha: 0.99, epsilon: 1e-8 },
        Self::Sgd { momentum: 0.0 },
        Self::AdamW { beta1: 0.5, beta2: 0.999, epsilon: 1e-8, decay: 0.01 },
        Self::Lion { beta1: 0.9, beta2: 0.99, decay: 0.0 },
    ];

    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Adam { .. } => "Adam",
            Self::RmsProp { .. } => "RMSprop",
            Self::Sgd { .. } => "SGD",
            Self::AdamW { .. } => "AdamW",
            Self::Lion { .. } => "Lion",
        }
    }
}
