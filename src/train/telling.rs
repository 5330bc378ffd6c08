//! How a step is told: in which parts, and in which words. The window shows them one after the other, the terminal below each other.

mod words;

pub use self::words::sentence;
use crate::spec::Role;

/// What a step consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Latent vectors are drawn.
    Latents,
    /// The generator makes samples of them.
    Making,
    /// The discriminator sees real samples.
    Real,
    /// It sees generated ones.
    Fake,
    /// What a network says becomes a number that shall fall.
    Losses,
    /// Which way it falls.
    Gradients,
    /// Weights move.
    Updates,
}

impl Stage {
    /// In the order of a step.
    pub const ALL: [Self; 7] = [Self::Latents, Self::Making, Self::Real, Self::Fake, Self::Losses, Self::Gradients, Self::Updates];

    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latents => "Latents",
            Self::Making => "G makes",
            Self::Real => "D on real",
            Self::Fake => "D on fake",
            Self::Losses => "Losses",
            Self::Gradients => "Gradients",
            Self::Updates => "Updates",
        }
    }

    /// What happens then.
    pub const fn tip(self) -> &'static str {
        match self {
            Self::Latents => "Random vectors are drawn, one for each sample to be made.",
            Self::Making => "The generator makes a sample of each latent vector.",
            Self::Real => "The discriminator sees real samples and says how real they look.",
            Self::Fake => "The discriminator sees what the generator made.",
            Self::Losses => "How wrong a network was, as one number that shall fall. First the discriminator's, later the generator's.",
            Self::Gradients => "How the loss changes with every weight. For the generator also: which way each sample should go.",
            Self::Updates => "The weights move a little against the gradient. The discriminator's first, then the generator's.",
        }
    }

    /// Is it gone through twice, once for each network?
    pub const fn is_for_both(self) -> bool {
        matches!(self, Self::Losses | Self::Gradients | Self::Updates)
    }
}

/// A part of a step that is told at once: a stage, and which network is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What happens.
    pub stage: Stage,
    /// Who does it.
    pub role: Role,
}

/// All moments of a step. The discriminator has moved before the generator learns from it.
pub const MOMENTS: [Moment; 10] = {
    use Role::{Discriminator as D, Generator as G};
    const fn at(stage: Stage, role: Role) -> Moment {
        Moment { stage, role }
    }
    [
        at(Stage::Latents, G),
        at(Stage::Making, G),
        at(Stage::Real, D),
        at(Stage::Fake, D),
        at(Stage::Losses, D),
        at(Stage::Gradients, D),
        at(Stage::Updates, D),
        at(Stage::Losses, G),
        at(Stage::Gradients, G),
        at(Stage::Updates, G),
    ]
};
