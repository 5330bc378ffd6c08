//! Everything that is measured of a generator, beside what held-out real samples reach.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::classifier::ClassifierError;
use super::copies::{Pair, Training};
use super::features::Features;
use super::modes::ModeReport;
use super::neighbours::coverage;
use super::pace::Pace;
use super::real::RealPictures;
use super::report::{Measures, Report};
use crate::data::{self, Dataset};
use crate::latent::{self, GeneratorError, GeneratorHandle};
use crate::random::Purpose;
use crate::spec::{Latent, Shape, Source};

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// There is no classifier.
    #[error("{0}")]
    Classifier(#[from] ClassifierError),
    /// The generator does not answer.
    #[error("{0}")]
    Generator(#[from] GeneratorError),
    /// The generator makes something else.
    #[error("the generator makes {generated}, but the data is {real}")]
    Shape {
        /// What it makes.
        generated: Shape,
        /// What the data is.
        real: Shape,
    },
}

/// Fewer held-out samples than this say too little; then the floor is taken from samples that were trained on.
const FEWEST_HELD_OUT: usize = 200;
/// Pairs that are looked at as possible copies.
const CLOSEST: usize = 8;

/// Values of all samples that are measured in a run: 64 MB. Of pictures of 64 x 64 in colour these are a thousand.
const MOST_VALUES: usize = 1 << 24;

/// How many samples are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Generated samples, and as many held-out real ones, at most.
    pub samples: usize,
    /// Real pictures that both are compared with, at most.
    pub reference: usize,
    /// Patches of each picture at each size, for the sliced Wasserstein distance.
    pub patches: usize,
}

impl Scope {
    /// So many samples, and as much to compare them with as is sensible.
    pub fn of(samples: usize) -> Self {
        Self { samples, reference: 10_000, patches: 64 }
    }

    /// Few enough to be measured while something trains: 1,000, and of large pictures so few that they take little memory.
    pub fn in_a_run(shape: Shape) -> Self {
        Self { samples: (MOST_VALUES / shape.values().max(1)).clamp(100, 1_000), reference: 4_000, patches: 16 }
    }
}

/// What generators are measured against: made once for the data, used again and again.
#[derive(Debug)]
pub struct Judge {
    shape: Shape,
    samples: usize,
    seed: u64,
    real: Real,
}

#[derive(Debug)]
enum Real {
    Points { reference: Features, held_out: Features, mixture: Option<(Vec<[f32; 2]>, f32)> },
    Pictures(Box<RealPictures>),
}

/// A report, and pictures to look at.
#[derive(Clone, Debug)]
pub struct Examined {
    /// What was measured.
    pub report: Report,
    /// Of pictures, the eight samples that are nearest to a training picture, the nearest first.
    pub closest: Vec<Pair>,
}

impl Judge {
    /// Gets ready to measure generators of `dataset`: for pictures, trains the classifier, which takes some seconds. At most `samples`
    /// samples of each kind are compared; as many as are held out, where those are fewer.
    ///
    /// # Errors
    /// No classifier fits the pictures, or `cancel` was set.
    pub fn new(dataset: &Dataset, source: &Source, samples: usize, seed: u64, cancel: &AtomicBool) -> Result<Self, JudgeError> {
        Self::paced(dataset, source, Scope::of(samples), seed, cancel)
    }

    /// The same at a pace.
    ///
    /// # Errors
    /// No classifier fits the pictures, or `pace` says to stop.
    pub fn paced(dataset: &Dataset, source: &Source, scope: Scope, seed: u64, pace: &dyn Pace) -> Result<Self, JudgeError> {
        let (trained, held_out) = parts(dataset, scope);
        let samples = held_out.len();
        let shape = dataset.shape();
        let real = if shape == Shape::vector(2) {
            let mixture = match source {
                Source::Builtin(builtin) => data::modes(*builtin),
                Source::Path(_) => None,
            };
            let points = |indices: &[u32]| Features::new(dataset.gather(indices), 2);
            Real::Points { reference: points(&trained[..samples.min(trained.len())]), held_out: points(&held_out), mixture }
        } else {
            Real::Pictures(Box::new(RealPictures::new(dataset, [&trained, &held_out], scope.patches, seed, pace)?))
        };
        Ok(Self { shape, samples, seed, real })
    }

    /// Measures a generator on latent vectors that are always the same.
    ///
    /// # Errors
    /// The generator makes something else than the data is, or does not answer.
    pub fn measure(&self, generator: &GeneratorHandle, latent: Latent) -> Result<Report, JudgeError> {
        Ok(self.examine(generator, latent, &AtomicBool::new(false))?.report)
    }

    /// The same at a pace, with pictures to look at.
    ///
    /// # Errors
    /// The generator makes something else than the data is, or does not answer, or `pace` says to stop.
    pub fn examine(&self, generator: &GeneratorHandle, latent: Latent, pace: &dyn Pace) -> Result<Examined, JudgeError> {
        if generator.shape() != self.shape {
            return Err(JudgeError::Shape { generated: generator.shape(), real: self.shape });
        }
        let latents = latent::draw(latent, generator.latent_size(), self.samples, self.seed, Purpose::Measure, 1);
        let mut samples = Vec::with_capacity(self.samples * self.shape.values());
        for chunk in latents.chunks(CHUNK * generator.latent_size().max(1)) {
            keep_going(pace)?;
            samples.extend(generator.generate(chunk)?);
        }
        self.examine_samples(&samples, pace)
    }

    /// How many samples of a generator are measured.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// The training pictures that generated ones are compared with; none where the data is points.
    pub fn training(&self) -> Option<Arc<Training>> {
        match &self.real {
            Real::Points { .. } => None,
            Real::Pictures(real) => Some(real.training()),
        }
    }

    /// Measures samples, `[n, channels, height, width]` flat, pictures in -1..1.
    ///
    /// # Errors
    /// The computation failed.
    pub fn measure_samples(&self, samples: &[f32]) -> Result<Report, JudgeError> {
        Ok(self.examine_samples(samples, &AtomicBool::new(false))?.report)
    }

    fn examine_samples(&self, samples: &[f32], pace: &dyn Pace) -> Result<Examined, JudgeError> {
        match &self.real {
            Real::Points { reference, held_out, mixture } => {
                let generated = Features::new(samples.to_vec(), 2);
                let modes = mixture.as_ref().map(|(centres, sigma)| {
                    let of = |points: &Features| ModeReport::of(&pairs(points), centres, *sigma);
                    Measures { generated: of(&generated), floor: of(held_out) }
                });
                let coverage = both(coverage(reference, &generated), coverage(reference, held_out));
                Ok(Examined { report: Report::Points { samples: generated.len(), modes, coverage }, closest: Vec::new() })
            }
            Real::Pictures(real) => {
                let (report, closest) = real.examine(samples, CLOSEST, pace)?;
                Ok(Examined { report: Report::Pictures(Box::new(report)), closest })
            }
        }
    }
}

/// Generated samples computed at once.
const CHUNK: usize = 32;

/// # Errors
/// `pace` says to stop.
pub(super) fn keep_going(pace: &dyn Pace) -> Result<(), JudgeError> {
    if pace.go_on() { Ok(()) } else { Err(ClassifierError::Cancelled.into()) }
}

/// Samples to compare with, and those that stand for a perfect generator.
fn parts(dataset: &Dataset, Scope { samples, reference, .. }: Scope) -> (Vec<u32>, Vec<u32>) {
    let (trained, held_out) = (dataset.train(), dataset.holdout());
    if held_out.len() >= FEWEST_HELD_OUT.min(samples) && !held_out.is_empty() {
        let count = held_out.len().min(samples);
        return (trained[..trained.len().min(reference)].to_vec(), held_out[..count].to_vec());
    }
    // The order was drawn once and is kept: both halves are fair draws.
    let (first, second) = trained.split_at(trained.len().div_ceil(2));
    let stands_in = if second.is_empty() { first } else { second };
    (first[..first.len().min(reference)].to_vec(), stands_in[..stands_in.len().min(samples)].to_vec())
}

fn pairs(points: &Features) -> Vec<[f32; 2]> {
    points.rows().map(|row| [row[0], row[1]]).collect()
}

pub(super) fn both<T>(generated: Option<T>, floor: Option<T>) -> Option<Measures<T>> {
    Some(Measures { generated: generated?, floor: floor? })
}
