//! Everything that is measured of a generator, beside what held-out real samples reach.

use std::sync::atomic::AtomicBool;

use super::classifier::{Classifier, ClassifierError};
use super::features::Features;
use super::modes::ModeReport;
use super::neighbours::{Coverage, coverage, nearest};
use super::report::{Measures, PictureReport, Report};
use super::sliced::{Pyramid, sliced_distances};
use super::{frechet_distance, kernel_distance};
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
/// The most real pictures that generated ones are compared with.
const MOST_REAL: usize = 10_000;

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

#[derive(Debug)]
struct RealPictures {
    classifier: Classifier,
    class_names: Vec<String>,
    /// The values of the training pictures.
    raw: Features,
    reference: Features,
    reference_pyramid: Option<Pyramid>,
    held_out: Numbers,
    held_out_classes: Vec<f64>,
}

/// What one set of pictures has beside the reference.
#[derive(Debug)]
struct Numbers {
    frechet: Option<f64>,
    kernel: Option<f64>,
    coverage: Option<Coverage>,
    sliced: Vec<f64>,
    nearest: f32,
}

impl Judge {
    /// Gets ready to measure generators of `dataset`: for pictures, trains the classifier, which takes some seconds. At most `samples`
    /// samples of each kind are compared; as many as are held out, where those are fewer.
    ///
    /// # Errors
    /// No classifier fits the pictures, or `cancel` was set.
    pub fn new(dataset: &Dataset, source: &Source, samples: usize, seed: u64, cancel: &AtomicBool) -> Result<Self, JudgeError> {
        let (trained, held_out) = parts(dataset, samples);
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
            Real::Pictures(Box::new(RealPictures::new(dataset, &trained, &held_out, seed, cancel)?))
        };
        Ok(Self { shape, samples, seed, real })
    }

    /// Measures a generator on latent vectors that are always the same.
    ///
    /// # Errors
    /// The generator makes something else than the data is, or does not answer.
    pub fn measure(&self, generator: &GeneratorHandle, latent: Latent) -> Result<Report, JudgeError> {
        if generator.shape() != self.shape {
            return Err(JudgeError::Shape { generated: generator.shape(), real: self.shape });
        }
        let latents = latent::draw(latent, generator.latent_size(), self.samples, self.seed, Purpose::Measure, 1);
        self.measure_samples(&generator.generate(&latents)?)
    }

    /// How many samples of a generator are measured.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Measures samples, `[n, channels, height, width]` flat, pictures in -1..1.
    ///
    /// # Errors
    /// The computation failed.
    pub fn measure_samples(&self, samples: &[f32]) -> Result<Report, JudgeError> {
        match &self.real {
            Real::Points { reference, held_out, mixture } => {
                let generated = Features::new(samples.to_vec(), 2);
                let modes = mixture.as_ref().map(|(centres, sigma)| {
                    let of = |points: &Features| ModeReport::of(&pairs(points), centres, *sigma);
                    Measures { generated: of(&generated), floor: of(held_out) }
                });
                let coverage = both(coverage(reference, &generated), coverage(reference, held_out));
                Ok(Report::Points { samples: generated.len(), modes, coverage })
            }
            Real::Pictures(real) => Ok(Report::Pictures(Box::new(real.measure(samples, self.shape, self.seed)?))),
        }
    }
}

/// Samples to compare with, and those that stand for a perfect generator.
fn parts(dataset: &Dataset, samples: usize) -> (Vec<u32>, Vec<u32>) {
    let (trained, held_out) = (dataset.train(), dataset.holdout());
    if held_out.len() >= FEWEST_HELD_OUT.min(samples) && !held_out.is_empty() {
        let count = held_out.len().min(samples);
        return (trained[..trained.len().min(MOST_REAL)].to_vec(), held_out[..count].to_vec());
    }
    // The order was drawn once and is kept: both halves are fair draws.
    let (first, second) = trained.split_at(trained.len().div_ceil(2));
    let stands_in = if second.is_empty() { first } else { second };
    (first[..first.len().min(MOST_REAL)].to_vec(), stands_in[..stands_in.len().min(samples)].to_vec())
}

fn pairs(points: &Features) -> Vec<[f32; 2]> {
    points.rows().map(|row| [row[0], row[1]]).collect()
}

fn both<T>(generated: Option<T>, floor: Option<T>) -> Option<Measures<T>> {
    Some(Measures { generated: generated?, floor: floor? })
}

impl RealPictures {
    fn new(dataset: &Dataset, trained: &[u32], held_out: &[u32], seed: u64, cancel: &AtomicBool) -> Result<Self, JudgeError> {
        let classifier = Classifier::train(dataset, seed, cancel)?;
        let class_names = match classifier.stand_in() {
            None => dataset.class_names().to_vec(),
            Some(_) => Vec::new(),
        };
        let shape = dataset.shape();
        let raw = Features::new(dataset.gather(trained), shape.values());
        let (reference, _) = classifier.see(raw.values())?;
        let held = dataset.gather(held_out);
        let reference_pyramid = Pyramid::of(raw.first(held_out.len()).values(), shape, seed);
        let (features, said) = classifier.see(&held)?;
        let held_out_classes = shares(&said, class_names.len());
        let mut real = Self {
            classifier,
            class_names,
            raw,
            reference,
            reference_pyramid,
            held_out: Numbers { frechet: None, kernel: None, coverage: None, sliced: Vec::new(), nearest: 0.0 },
            held_out_classes,
        };
        real.held_out = real.numbers(&held, &features, shape, seed);
        Ok(real)
    }

    fn numbers(&self, pictures: &[f32], features: &Features, shape: Shape, seed: u64) -> Numbers {
        // Of the same size for all three, so that their balls are comparable and the products stay small.
        let beside = self.reference.first(features.len());
        let pyramid = Pyramid::of(pictures, shape, seed + 1);
        let sliced = self.reference_pyramid.as_ref().zip(pyramid).and_then(|(real, pyramid)| sliced_distances(real, &pyramid, seed));
        let mut distances: Vec<f32> =
            nearest(&Features::new(pictures.to_vec(), shape.values()), &self.raw).iter().map(|found| found.distance).collect();
        distances.sort_unstable_by(f32::total_cmp);
        Numbers {
            frechet: frechet_distance(&self.reference, features),
            kernel: kernel_distance(&beside, features),
            coverage: coverage(&beside, features),
            sliced: sliced.unwrap_or_default(),
            nearest: distances.get(distances.len() / 2).copied().unwrap_or_default(),
        }
    }

    fn measure(&self, pictures: &[f32], shape: Shape, seed: u64) -> Result<PictureReport, JudgeError> {
        let (features, said) = self.classifier.see(pictures)?;
        let (now, floor) = (self.numbers(pictures, &features, shape, seed), &self.held_out);
        let sizes = self.reference_pyramid.as_ref().map(Pyramid::sizes).unwrap_or_default();
        let sliced = now.sliced.iter().zip(&floor.sliced).map(|(&generated, &floor)| Measures { generated, floor });
        let classes = shares(&said, self.class_names.len()).into_iter().zip(&self.held_out_classes);
        Ok(PictureReport {
            samples: features.len(),
            reference: self.reference.len(),
            frechet: both(now.frechet, floor.frechet),
            kernel: both(now.kernel, floor.kernel),
            coverage: both(now.coverage, floor.coverage),
            sliced: sizes.into_iter().zip(sliced).collect(),
            nearest: Measures { generated: now.nearest, floor: floor.nearest },
            classes: self.class_names.iter().cloned().zip(classes.map(|(generated, &floor)| Measures { generated, floor })).collect(),
            accuracy: self.classifier.accuracy(),
            stand_in: self.classifier.stand_in(),
        })
    }
}

/// The share of each class among what was said.
fn shares(said: &[usize], classes: usize) -> Vec<f64> {
    let mut counts = vec![0_usize; classes];
    for &class in said {
        if let Some(count) = counts.get_mut(class) {
            *count += 1;
        }
    }
    counts.into_iter().map(|count| count as f64 / said.len().max(1) as f64).collect()
}
