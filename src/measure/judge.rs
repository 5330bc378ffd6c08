//! Everything that is measured of a generator, beside what real samples reach.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::classifier::ClassifierError;
use super::copies::{Pair, Training};
use super::features::Features;
use super::modes::ModeReport;
use super::neighbours::coverage;
use super::pace::Pace;
use super::parts::{Floor, Parts};
use super::real::RealPictures;
use super::report::{Measures, Report};
use crate::data::{self, Dataset};
use crate::latent::{self, GeneratorError, GeneratorHandle};
use crate::random::Purpose;
use crate::spec::{DataSpec, Latent, Shape, Source};

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

/// Pairs that are looked at as possible copies.
const CLOSEST: usize = 8;

/// Values of all samples that are measured in a run: 64 MiB. Of pictures of 64 x 64 in colour these are a thousand.
const MOST_VALUES: usize = 1 << 24;

/// Samples that are measured in a run at most,
const MOST_IN_A_RUN: usize = 1_000;
/// and at least, however large: fewer say nothing of a distance. Of 256 x 256 in colour they take 75 MiB, of 1024 x 1024 1.2 GiB.
const FEWEST_IN_A_RUN: usize = 100;

/// Bytes of the training pictures that are looked through: 64 MiB are all 60,000 of MNIST, or 21,845 of 32 x 32 in colour.
const MOST_COPIED: usize = 64 << 20;
/// The same in a run, where it is done again and again: 12 MiB are 16,049 of MNIST, or 4,096 of 32 x 32 in colour.
const MOST_COPIED_IN_A_RUN: usize = 12 << 20;

/// How many samples are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Generated samples, and as many real ones that stand for a perfect generator, at most.
    pub samples: usize,
    /// Training pictures whose features both are compared with, at most.
    pub reference: usize,
    /// Bytes of the training pictures among which copies are looked for, at most: one for each value of a picture of no more than 32
    /// pixels a side. What a search costs grows with them and with the samples.
    pub copies: usize,
    /// Patches of each picture at each size, for the sliced Wasserstein distance.
    pub patches: usize,
}

impl Scope {
    /// So many samples, and as much to compare them with as is sensible.
    pub fn of(samples: usize) -> Self {
        Self { samples, reference: 10_000, copies: MOST_COPIED, patches: 64 }
    }

    /// Few enough to be measured while something trains: 1,000, and of large pictures so few that they take 64 MiB, but no fewer than 100.
    pub fn in_a_run(shape: Shape) -> Self {
        let samples = (MOST_VALUES / shape.values().max(1)).clamp(FEWEST_IN_A_RUN, MOST_IN_A_RUN);
        Self { samples, reference: 4_000, copies: MOST_COPIED_IN_A_RUN, patches: 16 }
    }
}

/// What generators are measured against: made once for the data, used again and again.
#[derive(Debug)]
pub struct Judge {
    shape: Shape,
    samples: usize,
    seed: u64,
    floor: Floor,
    real: Real,
}

#[derive(Debug)]
enum Real {
    Points { reference: Features, stand_in: Features, mixture: Option<(Vec<[f32; 2]>, f32)> },
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
    /// Gets ready to measure generators of `dataset`, which was loaded as `spec` says: for pictures, trains the classifier, which takes some seconds. At most `samples`
    /// samples of each kind are compared; as many as are held out, where those are fewer; half of the training samples stand in for
    /// held-out ones where these are fewer than 200.
    ///
    /// # Errors
    /// No classifier fits the pictures, or `cancel` was set.
    pub fn new(dataset: &Dataset, spec: &DataSpec, samples: usize, seed: u64, cancel: &AtomicBool) -> Result<Self, JudgeError> {
        Self::paced(dataset, spec, Scope::of(samples), seed, cancel)
    }

    /// The same at a pace.
    ///
    /// # Errors
    /// No classifier fits the pictures, or `pace` says to stop.
    pub fn paced(dataset: &Dataset, spec: &DataSpec, scope: Scope, seed: u64, pace: &dyn Pace) -> Result<Self, JudgeError> {
        let parts = Parts::of(dataset, scope.samples);
        let stand_in = parts.standing_in(scope.samples);
        let samples = stand_in.len();
        let shape = dataset.shape();
        let real = if shape == Shape::vector(2) {
            let mixture = match spec.source {
                Source::Builtin(builtin) => data::modes(builtin),
                Source::Path(_) => None,
            };
            let points = |indices: &[u32]| Features::new(dataset.gather(indices), 2);
            Real::Points { reference: points(parts.compared(samples)), stand_in: points(stand_in), mixture }
        } else {
            Real::Pictures(Box::new(RealPictures::new(dataset, &parts, spec.memory_limit_mib, scope, seed, pace)?))
        };
        Ok(Self { shape, samples, seed, floor: parts.floor, real })
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
            Real::Points { reference, stand_in, mixture } => {
                let generated = Features::new(samples.to_vec(), 2);
                let modes = mixture.as_ref().map(|(centres, sigma)| {
                    let of = |points: &Features| ModeReport::of(&pairs(points), centres, *sigma);
                    Measures { generated: of(&generated), floor: of(stand_in) }
                });
                let coverage = both(coverage(reference, &generated), coverage(reference, stand_in));
                let report = Report::Points { samples: generated.len(), floor: self.floor, modes, coverage };
                Ok(Examined { report, closest: Vec::new() })
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

fn pairs(points: &Features) -> Vec<[f32; 2]> {
    points.rows().map(|row| [row[0], row[1]]).collect()
}

pub(super) fn both<T>(generated: Option<T>, floor: Option<T>) -> Option<Measures<T>> {
    Some(Measures { generated: generated?, floor: floor? })
}

#[cfg(test)]
mod tests {
    use super::super::copies::Search;
    use super::super::parts::tests::pictures;
    use super::super::report::PictureReport;
    use super::*;
    use crate::data::{LoadReport, Values};
    use crate::spec::{Builtin, builtin_data};

    fn judge(dataset: &Dataset, scope: Scope) -> Judge {
        let never = AtomicBool::new(false);
        Judge::paced(dataset, &builtin_data(Builtin::Ring8), scope, 5, &never).unwrap()
    }

    fn report(judge: &Judge, samples: &[f32]) -> PictureReport {
        judge.measure_samples(samples).unwrap().pictures().unwrap().clone()
    }

    #[test]
    fn in_a_run_samples_take_64_mib_and_are_a_hundred_at_least() {
        let of = |side| {
            let shape = Shape::new(3, side, side);
            let samples = Scope::in_a_run(shape).samples;
            (samples, (samples * shape.values() * size_of::<f32>()) >> 20)
        };
        assert_eq!([28, 64, 128, 236, 256, 1024].map(of), [(1_000, 8), (1_000, 46), (341, 63), (100, 63), (100, 75), (100, 1_200)]);
    }

    #[test]
    fn a_report_of_pictures_says_what_its_floor_is_of() {
        for (count, floor, samples) in [(1_000, Floor::HeldOut, 250), (200, Floor::Halves, 75)] {
            let dataset = pictures(count, 0.25);
            let report = report(&judge(&dataset, Scope::of(300)), &dataset.gather(dataset.train()));
            assert_eq!((report.floor, report.tested.unwrap().pictures), (floor, samples), "{count}");
            assert_eq!(report.search, Some(Search { among: dataset.train().len(), of: dataset.train().len() }));
            assert!(report.nearest.generated < 1e-2, "training samples are copies of themselves: {:?}", report.nearest);
            assert!(report.nearest.floor > 0.1, "but a training sample that stands for a generated one is none: {:?}", report.nearest);
        }
    }

    #[test]
    fn pictures_that_are_no_numbers_have_no_distance_from_real_ones() {
        let dataset = pictures(400, 0.5);
        let judge = judge(&dataset, Scope::of(100));
        let real = judge.measure_samples(&dataset.gather(&dataset.train()[..100])).unwrap();
        assert!(real.is_finite());
        // The second are so large that the squares of their features are no numbers.
        for lost in [f32::NAN, 1e30] {
            let report = judge.measure_samples(&vec![lost; 100 * dataset.shape().values()]).unwrap();
            assert!(!report.is_finite() && report.compares_with(&real) && !report.is_better_than(&real), "{report:?}");
            assert!(report.pictures().unwrap().nearest.generated.is_nan(), "they are near no training picture, and no copies");
        }
    }

    #[test]
    fn a_report_says_among_how_many_training_pictures_copies_were_looked_for() {
        let dataset = pictures(400, 0.5);
        let report = report(&judge(&dataset, Scope { copies: 64 * 30, ..Scope::of(300) }), &dataset.gather(&dataset.train()[..50]));
        assert_eq!(report.search, Some(Search { among: 30, of: 200 }));
        assert!(report.floor == Floor::HeldOut && report.reference == 200, "distances over features are to all");
    }

    #[test]
    fn a_report_of_points_says_what_its_floor_is_of() {
        for (holdout, floor, samples) in [(0.5, Floor::HeldOut, 300), (0.1, Floor::Halves, 270)] {
            let points = Values::Points((0..600).map(|index| [(index as f32).sin(), (index as f32).cos()]).collect());
            let dataset = Dataset::new(Shape::vector(2), points, None, Vec::new(), LoadReport::default(), holdout, 1).unwrap();
            let judge = judge(&dataset, Scope::of(1_000));
            let report = judge.measure_samples(&dataset.gather(dataset.train())).unwrap();
            assert_eq!((report.floor(), judge.samples()), (floor, samples));
            assert!(report.modes().is_some() && report.coverage().is_some());
        }
    }
}
