//! Real pictures, and what generated ones have beside them.

use std::sync::Arc;

use super::classifier::{Classifier, ClassifierError};
use super::copies::{Pair, Training};
use super::features::Features;
use super::judge::{JudgeError, Scope, both, keep_going};
use super::neighbours::{Coverage, Neighbour, coverage};
use super::pace::Pace;
use super::parts::{Floor, Parts};
use super::report::{Measures, PictureReport};
use super::sliced::{Pyramid, sliced_distances_at};
use super::{frechet_distance, kernel_distance};
use crate::data::Dataset;
use crate::spec::Shape;

/// What generated pictures are compared with.
#[derive(Debug)]
pub(super) struct RealPictures {
    shape: Shape,
    seed: u64,
    classifier: Classifier,
    class_names: Vec<String>,
    training: Arc<Training>,
    reference: Features,
    reference_pyramid: Option<Pyramid>,
    patches: usize,
    /// What real pictures have beside the reference that stand for a perfect generator, and which ones these are.
    floor: Numbers,
    floor_classes: Vec<f64>,
    floor_of: Floor,
}

/// What one set of pictures has beside the reference.
#[derive(Debug, Default)]
struct Numbers {
    frechet: Option<f64>,
    kernel: Option<f64>,
    coverage: Option<Coverage>,
    sliced: Vec<f64>,
    nearest: f32,
}

impl RealPictures {
    /// Trains the classifier, and measures the pictures that stand for a perfect generator as if they were generated.
    pub(super) fn new(
        dataset: &Dataset,
        parts: &Parts<'_>,
        memory_limit_mib: usize,
        scope: Scope,
        seed: u64,
        pace: &dyn Pace,
    ) -> Result<Self, JudgeError> {
        let classifier = Classifier::train(dataset, parts, memory_limit_mib, seed, pace)?;
        let class_names = match classifier.stand_in() {
            None => dataset.class_names().to_vec(),
            Some(_) => Vec::new(),
        };
        let shape = dataset.shape();
        let reference = features(&classifier, dataset, parts.compared(scope.reference), pace)?;
        let stand_in = parts.standing_in(scope.samples);
        let beside = parts.compared(scope.reference.min(stand_in.len()));
        let training = Training::within(dataset, scope.copies, pace).ok_or(ClassifierError::Cancelled)?;
        let mut real = Self {
            shape,
            seed,
            classifier,
            class_names,
            training: Arc::new(training),
            reference,
            reference_pyramid: Pyramid::of(&dataset.gather(beside), shape, scope.patches, seed),
            patches: scope.patches,
            floor: Numbers::default(),
            floor_classes: Vec::new(),
            floor_of: parts.floor,
        };
        let pictures = dataset.gather(stand_in);
        let (features, said) = real.classifier.see(&pictures, pace)?;
        real.floor_classes = shares(&said, real.class_names.len());
        real.floor = real.numbers(&pictures, &features, stand_in, pace)?.0;
        Ok(real)
    }

    pub(super) fn training(&self) -> Arc<Training> {
        Arc::clone(&self.training)
    }

    /// What pictures have beside the reference. Where they are samples of the data, `own` says which: none is a copy of itself.
    fn numbers(
        &self,
        pictures: &[f32],
        features: &Features,
        own: &[u32],
        pace: &dyn Pace,
    ) -> Result<(Numbers, Vec<Neighbour>), JudgeError> {
        // Of the same size for all three, so that their balls are comparable and the products stay small.
        let beside = self.reference.first(features.len());
        let pyramid = Pyramid::of(pictures, self.shape, self.patches, self.seed + 1);
        keep_going(pace)?;
        let sliced = self.reference_pyramid.as_ref().zip(pyramid);
        let sliced = sliced.and_then(|(real, pyramid)| sliced_distances_at(real, &pyramid, self.seed, pace)).unwrap_or_default();
        let found = self.training.nearest_other(pictures, own, pace);
        keep_going(pace)?;
        let frechet = frechet_distance(&self.reference, features);
        keep_going(pace)?;
        let kernel = kernel_distance(&beside, features);
        keep_going(pace)?;
        let coverage = coverage(&beside, features);
        keep_going(pace)?;
        // Real pictures may have no other beside them; generated ones that are near none are no pictures.
        let nearest = median(&found).unwrap_or(if own.is_empty() { f32::NAN } else { 0.0 });
        Ok((Numbers { frechet, kernel, coverage, sliced, nearest }, found))
    }

    /// What is measured of pictures, `[n, channels, height, width]` flat in -1..1, and the `closest` ones to training pictures.
    pub(super) fn examine(&self, pictures: &[f32], closest: usize, pace: &dyn Pace) -> Result<(PictureReport, Vec<Pair>), JudgeError> {
        let (features, said) = self.classifier.see(pictures, pace)?;
        let (now, found) = self.numbers(pictures, &features, &[], pace)?;
        let floor = &self.floor;
        let sizes = self.reference_pyramid.as_ref().map(Pyramid::sizes).unwrap_or_default();
        let sliced = now.sliced.iter().zip(&floor.sliced).map(|(&generated, &floor)| Measures { generated, floor });
        let classes = shares(&said, self.class_names.len()).into_iter().zip(&self.floor_classes);
        let report = PictureReport {
            samples: features.len(),
            reference: self.reference.len(),
            floor: self.floor_of,
            frechet: beside(now.frechet, floor.frechet),
            kernel: beside(now.kernel, floor.kernel),
            coverage: both(now.coverage, floor.coverage),
            sliced: sizes.into_iter().zip(sliced).collect(),
            nearest: Measures { generated: now.nearest, floor: floor.nearest },
            classes: self.class_names.iter().cloned().zip(classes.map(|(generated, &floor)| Measures { generated, floor })).collect(),
            search: Some(self.training.search()),
            accuracy: self.classifier.accuracy(),
            tested: Some(self.classifier.tested()),
            stand_in: self.classifier.stand_in(),
        };
        Ok((report, self.training.closest(pictures, &found, closest)))
    }
}

/// A distance beside that of real pictures. These have none where they are too few, and then there is nothing to compare; generated ones
/// have none where they are no numbers, which is not the same as not to be measured.
fn beside(generated: Option<f64>, floor: Option<f64>) -> Option<Measures<f64>> {
    floor.map(|floor| Measures { generated: generated.unwrap_or(f64::NAN), floor })
}

/// Real pictures gathered and computed at once.
const SEEN_AT_ONCE: usize = 64;

/// What the classifier sees of samples of the data, some at a time.
fn features(classifier: &Classifier, dataset: &Dataset, indices: &[u32], pace: &dyn Pace) -> Result<Features, JudgeError> {
    let mut values = Vec::new();
    for chunk in indices.chunks(SEEN_AT_ONCE) {
        keep_going(pace)?;
        values.extend_from_slice(classifier.see(&dataset.gather(chunk), pace)?.0.values());
    }
    Ok(Features::new(values, classifier.dims()))
}

/// The median distance; none where most are near no picture.
fn median(found: &[Neighbour]) -> Option<f32> {
    let mut distances: Vec<f32> = found.iter().map(|found| found.distance).collect();
    distances.sort_unstable_by(f32::total_cmp);
    distances.get(distances.len() / 2).copied().filter(|distance| *distance < f32::INFINITY)
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
