//! What is measured of samples, as people read it.

use super::format;
use crate::measure::Measure;

/// The name of a number.
pub fn name(measure: Measure) -> &'static str {
    match measure {
        Measure::Frechet => "Fréchet distance",
        Measure::Kernel => "kernel distance",
        Measure::Sliced => "sliced Wasserstein",
        Measure::Nearest => "nearest training picture",
        Measure::Modes => "modes found",
        Measure::HighQuality => "near a mode",
        Measure::ReverseKl => "unevenness of modes",
        Measure::Precision => "precision",
        Measure::Recall => "recall",
        Measure::Density => "density",
        Measure::Coverage => "coverage",
    }
}

/// What it says.
pub fn tip(measure: Measure) -> &'static str {
    match measure {
        Measure::Frechet => {
            "How far generated pictures are from training pictures, over the features of a small classifier of the data's classes (of \
             built-in pictures where it has none). Smaller is better; what real pictures reach is the dotted line. It is no FID: that \
             would be Inception's features, on another scale."
        }
        Measure::Kernel => {
            "The same over a kernel instead of a Gaussian: not biased by the number of samples, and around 0 where the sets are alike. \
             Smaller is better."
        }
        Measure::Sliced => {
            "How far patches of generated pictures are from those of real ones, times 1000, the mean over all sizes. Needs no classifier. \
             Smaller is better."
        }
        Measure::Nearest => {
            "How far the nearest training picture is, at the median. Near the value of real pictures is good; far below it, samples are \
             copies. Of large data only a part is looked through; Quality says how much."
        }
        Measure::Modes => "How many of the mixture's clusters have at least one sample within three deviations.",
        Measure::HighQuality => "The share of samples within three deviations of a cluster. Larger is better.",
        Measure::ReverseKl => "How unevenly samples are spread over the clusters, in nats (reverse KL). 0 is even; smaller is better.",
        Measure::Precision => "The share of generated samples that are among real ones: how real they look. Larger is better.",
        Measure::Recall => "The share of real samples that are among generated ones: how much of the variety is there. Larger is better.",
        Measure::Density => "How densely samples lie where real ones are; 1 is as dense as real ones.",
        Measure::Coverage => "The share of real samples with a generated one near them. Larger is better.",
    }
}

/// A value of it.
pub fn text(measure: Measure, value: f64) -> String {
    match measure {
        Measure::Modes => format!("{value:.0}"),
        Measure::HighQuality | Measure::Precision | Measure::Recall | Measure::Coverage => format::percent(value, 1),
        _ => format::reading(value),
    }
}

/// Does it lie between 0 and 1?
pub fn is_share(measure: Measure) -> bool {
    matches!(measure, Measure::HighQuality | Measure::Precision | Measure::Recall | Measure::Coverage)
}
