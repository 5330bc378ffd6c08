//! A small classifier of the data's own classes, whose features say how alike pictures are.

use std::sync::atomic::AtomicBool;

use burn::module::Module as _;
use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::pace::Pace;
use super::parts::Parts;
use crate::data::{self, Dataset};
use crate::device;
use crate::nn::{BuildError, Network, Pass};
use crate::random::{self, Purpose};
use crate::spec::{Builtin, DataSpec, ImageSpec, Layer, Optimiser, OptimiserSpec, Role, Shape, Source, Stack, builtin_data};
use crate::train::OptimiserState;

/// A trained classifier, on the CPU.
#[derive(Clone, Debug)]
pub struct Classifier {
    /// From pictures to features.
    body: Network,
    /// From features to the logits of the classes.
    head: Network,
    /// Features are multiplied by this.
    scale: f32,
    accuracy: f64,
    tested: Tested,
    /// The data it was trained on, where that is not the data itself.
    stand_in: Option<Builtin>,
}

/// What a classifier was tested with: pictures that it was not trained on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tested {
    /// How many they were.
    pub pictures: usize,
    /// The share of them that is of the commonest class, 0 to 1: as often is right who has learned nothing.
    pub guessed: f64,
}

/// Why there is no classifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClassifierError {
    /// The pictures are too small, or too large.
    #[error("no classifier fits these pictures: {0}")]
    Shape(String),
    /// The data without classes has no stand-in.
    #[error("the built-in pictures that stand in for data without classes could not be made: {0}")]
    StandIn(String),
    /// The computation failed.
    #[error("the classifier could not be computed: {0}")]
    Failed(String),
    /// It was asked to stop.
    #[error("measuring was cancelled")]
    Cancelled,
}

impl From<BuildError> for ClassifierError {
    fn from(error: BuildError) -> Self {
        Self::Shape(error.to_string())
    }
}

/// Numbers that a picture is seen as.
const FEATURES: usize = 64;
/// Training steps, and samples of each.
const STEPS: usize = 600;
const BATCH: usize = 64;
/// The learning rate at first; it falls evenly to zero.
const RATE: f32 = 2e-3;
/// Pictures computed at once.
const CHUNK: usize = 64;
/// It is tested with no more pictures than this, of those that it does not learn,
const MOST_TESTED: usize = 2_000;
/// and where these are fewer than this, one of ten that it would learn is kept back for the test.
const FEWEST_TESTED: usize = 50;
const KEPT_BACK: usize = 10;
/// The most pictures that say how large features are.
const SCALED_BY: usize = 512;
/// Pictures that stand in for data without classes take so many MiB at most, and no more than the project allows its own: room for all 10,000
/// up to 94 x 94 in colour, and for as much as training on larger ones takes beside them.
const MOST_STANDING_IN: usize = 256;
/// But there are no fewer of them than this, of which it learns 16 of each digit, or 5 of each shape in each colour.
const FEWEST_STANDING_IN: usize = 200;

impl Classifier {
    /// Trains a classifier on the classes of `dataset`, some seconds on the CPU; on the built-in digits or shapes, drawn at the same
    /// size and within `memory_limit_mib`, where the data has fewer than two. The same data and seed give the same classifier. It learns the reference of `parts` and
    /// nothing of those samples that stand for a perfect generator: to it these are as new as generated ones. With them it is tested.
    ///
    /// # Errors
    /// The pictures are of no size for it, or `pace` says to stop.
    pub fn train(
        dataset: &Dataset,
        parts: &Parts<'_>,
        memory_limit_mib: usize,
        seed: u64,
        pace: &dyn Pace,
    ) -> Result<Self, ClassifierError> {
        let mut classifier = if dataset.class_names().len() >= 2 {
            fit(dataset, parts, None, seed, pace)?
        } else {
            let (builtin, spec) = stand_in(dataset.shape(), memory_limit_mib);
            let dataset = drawn(&spec, pace)?;
            fit(&dataset, &all_but_held_out(&dataset), Some(builtin), seed, pace)?
        };
        classifier.set_scale(dataset, parts.compared(SCALED_BY), pace)?;
        Ok(classifier)
    }

    /// Numbers that a picture is seen as.
    pub fn dims(&self) -> usize {
        self.body.output().values()
    }

    /// The share of pictures it was not trained on whose class it says, 0 to 1; 0 where there are none.
    pub fn accuracy(&self) -> f64 {
        self.accuracy
    }

    /// What its accuracy was measured with.
    pub fn tested(&self) -> Tested {
        self.tested
    }

    /// The built-in data it was trained on, where the data itself has no classes.
    pub fn stand_in(&self) -> Option<Builtin> {
        self.stand_in
    }

    /// Divides features by the root of their mean square over real pictures. How large they are is chance: it depends on how long the
    /// classifier was trained, and on its seed. At this scale a real picture has a mean product of 1 with itself, for which the kernel
    /// of the kernel distance is made, and distances of two classifiers are of the same order.
    fn set_scale(&mut self, dataset: &Dataset, indices: &[u32], pace: &dyn Pace) -> Result<(), ClassifierError> {
        let (features, _) = self.see(&dataset.gather(indices), pace)?;
        let squares = features.values().iter().map(|&value| f64::from(value).powi(2)).sum::<f64>() / features.values().len().max(1) as f64;
        self.scale = if squares > 0.0 { (1.0 / squares.sqrt()) as f32 } else { 1.0 };
        Ok(())
    }

    /// Measures how often it is right about pictures that it did not learn.
    fn test(&mut self, dataset: &Dataset, tested: &[Labelled], pace: &dyn Pace) -> Result<(), ClassifierError> {
        let (_, said) = self.see(&dataset.gather(&indices(tested)), pace)?;
        let right = said.iter().zip(tested).filter(|(said, (_, label))| **said == usize::from(*label)).count();
        let mut counts = vec![0_usize; dataset.class_names().len()];
        for (_, label) in tested {
            counts[usize::from(*label)] += 1;
        }
        let share = |count: usize| count as f64 / tested.len().max(1) as f64;
        self.accuracy = share(right);
        self.tested = Tested { pictures: tested.len(), guessed: share(counts.into_iter().max().unwrap_or_default()) };
        Ok(())
    }

    /// The features and the likeliest class of each picture, `[n, channels, height, width]` flat in -1..1. Over the data it was made for,
    /// features have a mean square of 1.
    ///
    /// # Errors
    /// The computation failed, or `pace` says to stop.
    pub fn see(&self, pictures: &[f32], pace: &dyn Pace) -> Result<(Features, Vec<usize>), ClassifierError> {
        let shape = self.body.input();
        let (mut values, mut classes) = (Vec::new(), Vec::new());
        for chunk in pictures.chunks(CHUNK * shape.values()) {
            keep_going(pace)?;
            let batch = batch(chunk.to_vec(), shape, &device::cpu());
            let features = self.body.forward(batch, &Pass::inference());
            let logits = self.head.forward(features.clone(), &Pass::inference());
            let likeliest = flat(logits).argmax(1);
            values.extend(numbers(features)?.into_iter().map(|value| value * self.scale));
            classes.extend(likeliest.into_data().iter::<i64>().map(|class| class as usize));
        }
        Ok((Features::new(values, self.body.output().values()), classes))
    }
}

fn keep_going(pace: &dyn Pace) -> Result<(), ClassifierError> {
    if pace.go_on() { Ok(()) } else { Err(ClassifierError::Cancelled) }
}

/// Pictures with classes of the same shape, drawn in code: as many as there is room for.
fn stand_in(shape: Shape, memory_limit_mib: usize) -> (Builtin, DataSpec) {
    let builtin = if shape.channels == 1 { Builtin::Digits } else { Builtin::Shapes };
    let usual = builtin_data(builtin);
    let image = ImageSpec { width: shape.width, height: shape.height, ..usual.image };
    let least = FEWEST_STANDING_IN.saturating_mul(shape.values()).div_ceil(1 << 20);
    let memory_limit_mib = memory_limit_mib.min(MOST_STANDING_IN).max(least);
    (builtin, DataSpec { source: Source::Builtin(builtin), image, memory_limit_mib, ..usual })
}

fn drawn(spec: &DataSpec, pace: &dyn Pace) -> Result<Dataset, ClassifierError> {
    let cancel = AtomicBool::new(false);
    let mut watch = |_| cancel.store(!pace.go_on(), std::sync::atomic::Ordering::Relaxed);
    let loaded = data::load(spec, 1, &mut watch, &cancel);
    loaded.map_err(|error| if error.is_cancelled() { ClassifierError::Cancelled } else { ClassifierError::StandIn(error.0) })
}

/// Nothing but the classifier is measured with what stands in: it learns all training samples, however few are held out.
fn all_but_held_out(stand_in: &Dataset) -> Parts<'_> {
    Parts::of(stand_in, 1)
}

/// A sample and its class.
type Labelled = (u32, u16);

/// What a classifier learns, and what it is tested with. No sample is in both.
struct Lessons {
    learned: Vec<Labelled>,
    tested: Vec<Labelled>,
}

impl Lessons {
    fn of(dataset: &Dataset, parts: &Parts<'_>) -> Self {
        let [learned, mut tested] = [parts.reference, parts.real].map(|indices| labelled(dataset, indices));
        tested.truncate(MOST_TESTED);
        if tested.len() >= FEWEST_TESTED {
            return Self { learned, tested };
        }
        // The order of a data set is drawn, not that of its files or classes: every tenth picture is a fair sample.
        let (kept, learned): (Vec<_>, Vec<_>) = learned.into_iter().enumerate().partition(|(place, _)| place % KEPT_BACK == KEPT_BACK - 1);
        let [kept, learned] = [kept, learned].map(|part| part.into_iter().map(|(_, sample)| sample).collect::<Vec<_>>());
        tested.extend(kept.into_iter().take(MOST_TESTED));
        Self { learned, tested }
    }
}

/// Those of the samples that are of a class.
fn labelled(dataset: &Dataset, indices: &[u32]) -> Vec<Labelled> {
    let classes = dataset.class_names().len();
    let labelled = indices.iter().filter_map(|&index| Some((index, dataset.label(index)?)));
    labelled.filter(|(_, label)| usize::from(*label) < classes).collect()
}

fn indices(samples: &[Labelled]) -> Vec<u32> {
    samples.iter().map(|(index, _)| *index).collect()
}

fn fit(dataset: &Dataset, parts: &Parts<'_>, stand_in: Option<Builtin>, seed: u64, pace: &dyn Pace) -> Result<Classifier, ClassifierError> {
    let Lessons { learned, tested } = Lessons::of(dataset, parts);
    let [body, head] = learn(dataset, &learned, seed, pace)?;
    let mut classifier = Classifier { body, head, scale: 1.0, accuracy: 0.0, tested: Tested::default(), stand_in };
    classifier.test(dataset, &tested, pace)?;
    Ok(classifier)
}

/// Trains a body and a head.
fn learn(dataset: &Dataset, learned: &[Labelled], seed: u64, pace: &dyn Pace) -> Result<[Network; 2], ClassifierError> {
    let device = device::cpu().autodiff();
    let (body, head) = stacks(dataset.shape(), dataset.class_names().len());
    let mut body = Network::new(&body, Role::Discriminator, seed, &device)?;
    let mut head = Network::new(&head, Role::Generator, seed, &device)?;
    let mut states = [OptimiserState::default(), OptimiserState::default()];
    let mut rng = random::stream(seed, Purpose::Measure, 0);
    for step in 0..STEPS {
        keep_going(pace)?;
        let chosen: Vec<Labelled> = (0..BATCH).filter_map(|_| learned.get(rng.random_range(0..learned.len().max(1))).copied()).collect();
        let pictures = batch(dataset.gather(&indices(&chosen)), dataset.shape(), &device);
        let pass = Pass::training(seed, step as u64);
        let logits = flat(head.forward(body.forward(pictures, &pass), &pass));
        let mut gradients = cross_entropy(logits, &chosen, &device).backward();
        let spec = optimiser(step);
        let [first, second] = &mut states;
        body = first.step(&spec, 0.0, body, &mut gradients).absorb(&pass);
        head = second.step(&spec, 0.0, head, &mut gradients).absorb(&pass);
    }
    Ok([body.valid(), head.valid()])
}

fn optimiser(step: usize) -> OptimiserSpec {
    let left = 1.0 - step as f32 / STEPS as f32;
    OptimiserSpec { learning_rate: RATE * left, rule: Optimiser::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } }
}

/// Convolutions that halve the picture until it is small, then features, then classes.
fn stacks(shape: Shape, classes: usize) -> (Stack, Stack) {
    let mut layers = Vec::new();
    let (mut filters, mut side) = (16, shape.height.min(shape.width));
    while side > 4 && filters <= 128 {
        layers.extend([Layer::conv(filters, 5, 2, 2), Layer::LeakyRelu { slope: 0.1 }]);
        side = side.div_ceil(2);
        filters *= 2;
    }
    layers.extend([Layer::Flatten, Layer::dense(FEATURES), Layer::LeakyRelu { slope: 0.1 }]);
    (Stack::new(shape, layers), Stack::new(Shape::vector(FEATURES), [Layer::dense(classes)]))
}

/// The mean over the batch of `-ln softmax(logits)[class]`, `[1]`; logits are `[n, classes]`.
fn cross_entropy(logits: Tensor<2>, chosen: &[(u32, u16)], device: &Device) -> Tensor<1> {
    let classes: Vec<i64> = chosen.iter().map(|(_, label)| i64::from(*label)).collect();
    let count = classes.len();
    let classes = Tensor::<2, Int>::from_data(TensorData::new(classes, [count, 1]), device);
    -activation::log_softmax(logits, 1).gather(1, classes).mean()
}

fn batch(values: Vec<f32>, shape: Shape, device: &Device) -> Tensor<4> {
    let count = values.len() / shape.values().max(1);
    Tensor::from_data(TensorData::new(values, shape.batched(count)), device)
}

fn flat(tensor: Tensor<4>) -> Tensor<2> {
    tensor.flatten(1, 3)
}

fn numbers(tensor: Tensor<4>) -> Result<Vec<f32>, ClassifierError> {
    let data = tensor.try_into_data().map_err(|error| ClassifierError::Failed(error.to_string()))?;
    data.try_into_vec::<f32>().map_err(|error| ClassifierError::Failed(format!("{error:?}")))
}

#[cfg(test)]
mod tests {
    use super::super::parts::Floor;
    use super::super::parts::tests::{dataset, pictures};
    use super::*;
    use crate::data::Values;

    fn load(builtin: Builtin) -> Dataset {
        data::load(&builtin_data(builtin), 5, &mut |_| {}, &AtomicBool::new(false)).unwrap()
    }

    fn train(dataset: &Dataset) -> Classifier {
        Classifier::train(dataset, &Parts::of(dataset, 1_000), 2048, 1, &AtomicBool::new(false)).unwrap()
    }

    /// Two classes of pictures, and the same training samples with held-out ones that are black and of the other class.
    fn with_and_without_sense_in_what_is_held_out(count: usize) -> [Dataset; 2] {
        let whole = pictures(count, 0.25);
        let Values::Pictures(bytes) = whole.values() else { panic!("these are pictures") };
        let mut bytes = bytes.clone();
        let mut labels: Vec<u16> = (0..count as u32).map(|index| whole.label(index).unwrap()).collect();
        for &index in whole.holdout() {
            bytes[64 * index as usize..64 * (index as usize + 1)].fill(0);
            labels[index as usize] = 1 - labels[index as usize];
        }
        [whole, dataset(bytes, labels, 0.25)]
    }

    #[test]
    fn held_out_samples_are_tested_with_and_teach_it_nothing() {
        // With 250 held out, and with 50, which are too few to stand for a perfect generator.
        for count in [1_000, 200] {
            let [with, without] = with_and_without_sense_in_what_is_held_out(count);
            assert_eq!(with.train(), without.train());
            let [one, other] = [&with, &without].map(train);
            let seen = |classifier: &Classifier| classifier.see(&with.gather(&with.train()[..20]), &AtomicBool::new(false)).unwrap();
            assert_eq!(seen(&one), seen(&other), "held-out samples changed what it learned");
            assert!(one.accuracy() > 0.9, "{}", one.accuracy());
            if Parts::of(&with, 1_000).floor == Floor::HeldOut {
                assert_eq!(one.tested().pictures, with.holdout().len());
                assert!(other.accuracy() < 0.7, "black pictures have no class: {}", other.accuracy());
                assert!((0.5..0.7).contains(&one.tested().guessed), "{:?}", one.tested());
            } else {
                assert_eq!((one.accuracy(), one.tested().pictures), (other.accuracy(), 75), "the other half of the training samples");
            }
        }
    }

    #[test]
    fn what_it_learns_and_what_it_is_tested_with_have_no_sample_in_common() {
        // Held-out samples, halves, so few that some are kept back, and so few that none can be.
        for (count, holdout, learned, tested) in
            [(1_000, 0.25, 750, 250), (200, 0.25, 75, 75), (40, 0.0, 18, 22), (3, 0.0, 2, 1), (1, 0.0, 1, 0)]
        {
            let dataset = pictures(count, holdout);
            let lessons = Lessons::of(&dataset, &Parts::of(&dataset, 1_000));
            assert_eq!((lessons.learned.len(), lessons.tested.len()), (learned, tested), "{count}");
            assert!(lessons.learned.iter().all(|sample| !lessons.tested.contains(sample) && !dataset.holdout().contains(&sample.0)));
        }
    }

    #[test]
    fn what_stands_in_takes_no_more_than_it_may_and_is_enough() {
        // Pictures that fit, of the 10,000 there are.
        let count = |channels, side, limit| {
            let shape = Shape::new(channels, side, side);
            let (_, spec) = stand_in(shape, limit);
            assert_eq!(spec.shape(), shape);
            ((spec.memory_limit_mib << 20) / shape.values(), spec.memory_limit_mib)
        };
        for (channels, side) in [(1, 28), (3, 32), (3, 94)] {
            assert!(count(channels, side, 2048).0 >= 10_000, "{side}");
        }
        assert_eq!(count(3, 256, 2048), (1_365, 256), "not two gigabytes unasked");
        assert_eq!(count(3, 256, 64), (341, 64), "what the project allows, where that is less");
        for (side, limit) in [(256, 1), (512, 64), (1024, 2048)] {
            let (pictures, mib) = count(3, side, limit);
            assert!((200..210).contains(&pictures), "{pictures} of {side}: {mib} MiB");
        }
    }

    #[test]
    fn of_the_fewest_that_stand_in_most_are_learned() {
        let dataset = pictures(FEWEST_STANDING_IN, 0.1);
        let lessons = Lessons::of(&dataset, &all_but_held_out(&dataset));
        // 20 are held out, and one of ten of the others is kept back.
        assert_eq!((lessons.learned.len(), lessons.tested.len()), (162, 38));
        let dataset = pictures(1_000, 0.1);
        let lessons = Lessons::of(&dataset, &all_but_held_out(&dataset));
        assert_eq!((lessons.learned.len(), lessons.tested.len()), (900, 100));
    }

    #[test]
    fn it_learns_the_built_in_digits_and_says_so() {
        let digits = load(Builtin::Digits);
        let classifier = train(&digits);
        assert!(classifier.accuracy() > 0.9, "{}", classifier.accuracy());
        let Tested { pictures, guessed } = classifier.tested();
        assert!(pictures >= 200 && guessed < 0.2, "{pictures} {guessed}");
        assert_eq!(classifier.stand_in(), None);
        let (features, classes) = classifier.see(&digits.gather(&digits.train()[..70]), &AtomicBool::new(false)).unwrap();
        let (many, _) = classifier.see(&digits.gather(&digits.train()[..512]), &AtomicBool::new(false)).unwrap();
        let squares = many.values().iter().map(|value| value * value).sum::<f32>() / many.values().len() as f32;
        assert!((squares - 1.0).abs() < 1e-3, "{squares}");
        assert_eq!((features.len(), features.dims(), classes.len()), (70, FEATURES, 70));
        let right = digits.train().iter().zip(&classes).filter(|(index, class)| digits.label(**index) == Some(**class as u16)).count();
        assert!(right > 60, "{right}");
    }

    #[test]
    fn cross_entropy_of_even_logits_is_the_logarithm_of_the_number_of_classes() {
        let device = device::cpu();
        let loss = cross_entropy(Tensor::zeros([3, 10], &device), &[(0, 1), (1, 9), (2, 0)], &device);
        assert!((loss.into_scalar::<f32>() - 10.0_f32.ln()).abs() < 1e-6);
    }

    #[test]
    fn it_stops_when_asked_to() {
        let digits = load(Builtin::Digits);
        let stopped = Classifier::train(&digits, &Parts::of(&digits, 1_000), 2048, 1, &AtomicBool::new(true));
        assert_eq!(stopped.unwrap_err(), ClassifierError::Cancelled);
    }
}
