//! What was measured of a generator, beside what real samples reach.

use serde::{Deserialize, Serialize};

use super::classifier::Tested;
use super::copies::Search;
use super::modes::ModeReport;
use super::neighbours::Coverage;
use super::parts::Floor;
use crate::spec::Builtin;

/// A number of generated samples, and the same number of real ones. Which these are, the report's [`Floor`] says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measures<T> {
    /// Of generated samples.
    pub generated: T,
    /// Of real samples that the classifier was not trained on: what a perfect generator would reach.
    pub floor: T,
}

impl<T> Measures<T> {
    /// The same of another form.
    pub fn map<U>(&self, of: impl Fn(&T) -> U) -> Measures<U> {
        Measures { generated: of(&self.generated), floor: of(&self.floor) }
    }
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// Of points.
    Points {
        /// Points of each kind that were compared.
        samples: usize,
        /// Which points the real ones are.
        #[serde(default)]
        floor: Floor,
        /// How the modes are found, where the source is a mixture.
        modes: Option<Measures<ModeReport>>,
        /// How generated and real points cover each other.
        coverage: Option<Measures<Coverage>>,
    },
    /// Of pictures.
    Pictures(Box<PictureReport>),
}

/// What was measured of pictures. Distances are between as many pictures and the same real ones, so that they compare with their floors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PictureReport {
    /// Pictures of each kind that were compared.
    pub samples: usize,
    /// Training pictures they were compared with.
    pub reference: usize,
    /// Which pictures the real ones are.
    #[serde(default)]
    pub floor: Floor,
    /// The Fréchet distance over the classifier's features.
    pub frechet: Option<Measures<f64>>,
    /// The kernel distance over the same.
    pub kernel: Option<Measures<f64>>,
    /// How the sets cover each other over the same.
    pub coverage: Option<Measures<Coverage>>,
    /// The sliced Wasserstein distance of each level, times 1000, with the pixels of its side, the finest first.
    pub sliced: Vec<(usize, Measures<f64>)>,
    /// How far the nearest picture of the training data is, at the median: the root of the mean squared difference of values in -1..1.
    /// Far below its floor, pictures are copies. Where the floor is of training pictures, it is the nearest other one.
    pub nearest: Measures<f32>,
    /// Among how many it was looked for; a file of an earlier version does not say.
    #[serde(default)]
    pub search: Option<Search>,
    /// The share of each class among generated and among real pictures, as the classifier sees both.
    pub classes: Vec<(String, Measures<f64>)>,
    /// The share of pictures it was not trained on that the classifier was right about, 0 to 1.
    pub accuracy: f64,
    /// What these pictures were; a file of an earlier version does not say.
    #[serde(default)]
    pub tested: Option<Tested>,
    /// What the classifier was trained on, where not on the data itself.
    pub stand_in: Option<Builtin>,
}

impl Report {
    /// Samples of each kind that were compared.
    pub fn samples(&self) -> usize {
        match self {
            Self::Points { samples, .. } => *samples,
            Self::Pictures(report) => report.samples,
        }
    }

    /// Which real samples stand beside generated ones.
    pub fn floor(&self) -> Floor {
        match self {
            Self::Points { floor, .. } => *floor,
            Self::Pictures(report) => report.floor,
        }
    }

    /// Can it be compared with another one: of the same kind, with as many samples, and with the same real ones?
    pub fn compares_with(&self, other: &Self) -> bool {
        self.samples() == other.samples()
            && Measure::ALL
                .into_iter()
                .all(|measure| measure.of(self).map(|found| found.floor) == measure.of(other).map(|found| found.floor))
    }

    /// Is every number in it a number?
    pub fn is_finite(&self) -> bool {
        let numbers = Measure::ALL.into_iter().filter_map(|measure| measure.of(self));
        numbers.into_iter().all(|found| found.generated.is_finite() && found.floor.is_finite())
    }

    /// How good it is, by what matters most, first: generators are compared by the first number, and where that is the same by the
    /// second. Of pictures the Fréchet distance; of a mixture's points the modes, then the share of high quality.
    pub fn rank(&self) -> &'static [Measure] {
        match self {
            Self::Pictures(_) => &[Measure::Frechet],
            Self::Points { modes: Some(_), .. } => &[Measure::Modes, Measure::HighQuality],
            Self::Points { .. } => &[Measure::Coverage, Measure::Density],
        }
    }

    /// Is it better than another one of the same data, by [`Report::rank`]?
    pub fn is_better_than(&self, other: &Self) -> bool {
        for measure in self.rank() {
            let (Some(mine), Some(theirs)) = (measure.of(self), measure.of(other)) else { return false };
            let (mine, theirs) = (measure.badness(mine), measure.badness(theirs));
            if mine != theirs {
                return mine < theirs;
            }
        }
        false
    }
}

/// A number that a [`Report`] may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// The Fréchet distance over the classifier's features.
    Frechet,
    /// The kernel distance over the same.
    Kernel,
    /// The sliced Wasserstein distance times 1000, the mean over all levels.
    Sliced,
    /// How far the nearest training picture is, at the median.
    Nearest,
    /// Modes of the mixture that were found, as a number of them.
    Modes,
    /// The share of points within three deviations of a mode.
    HighQuality,
    /// How unevenly points are spread over the modes, in nats.
    ReverseKl,
    /// The share of samples among real ones.
    Precision,
    /// The share of real samples among generated ones.
    Recall,
    /// How densely samples lie where real ones are.
    Density,
    /// The share of real samples with a generated one near them.
    Coverage,
}

impl Measure {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 11] = [
        Self::Frechet,
        Self::Kernel,
        Self::Modes,
        Self::HighQuality,
        Self::ReverseKl,
        Self::Precision,
        Self::Recall,
        Self::Density,
        Self::Coverage,
        Self::Sliced,
        Self::Nearest,
    ];

    /// Its value in a report, where it has one.
    pub fn of(self, report: &Report) -> Option<Measures<f64>> {
        let coverage = |of: fn(&Coverage) -> f64| report.coverage().map(|found| found.map(of));
        let modes = |of: fn(&ModeReport) -> f64| report.modes().map(|found| found.map(of));
        match self {
            Self::Modes => modes(|report| report.captured as f64),
            Self::HighQuality => modes(|report| report.high_quality),
            Self::ReverseKl => modes(|report| report.reverse_kl),
            Self::Precision => coverage(|coverage| coverage.precision),
            Self::Recall => coverage(|coverage| coverage.recall),
            Self::Density => coverage(|coverage| coverage.density),
            Self::Coverage => coverage(|coverage| coverage.coverage),
            Self::Frechet => report.pictures()?.frechet,
            Self::Kernel => report.pictures()?.kernel,
            Self::Nearest => Some(report.pictures()?.nearest.map(|&distance| f64::from(distance))),
            Self::Sliced => mean(&report.pictures()?.sliced),
        }
    }

    /// Is more of it better? None where neither is: a picture too near to a training picture is a copy, one too far away is none.
    pub fn more_is_better(self) -> Option<bool> {
        match self {
            Self::Frechet | Self::Kernel | Self::Sliced | Self::ReverseKl => Some(false),
            Self::Modes | Self::HighQuality | Self::Precision | Self::Recall | Self::Density | Self::Coverage => Some(true),
            Self::Nearest => None,
        }
    }

    /// The smaller, the better.
    fn badness(self, found: Measures<f64>) -> f64 {
        match self.more_is_better() {
            Some(true) => -found.generated,
            Some(false) => found.generated,
            None => (found.generated - found.floor).abs(),
        }
    }

    /// Its column in a table.
    pub fn column(self) -> &'static str {
        match self {
            Self::Frechet => "frechet",
            Self::Kernel => "kernel",
            Self::Sliced => "sliced_wasserstein",
            Self::Nearest => "nearest_training_picture",
            Self::Modes => "modes",
            Self::HighQuality => "high_quality",
            Self::ReverseKl => "reverse_kl",
            Self::Precision => "precision",
            Self::Recall => "recall",
            Self::Density => "density",
            Self::Coverage => "coverage",
        }
    }
}

fn mean(levels: &[(usize, Measures<f64>)]) -> Option<Measures<f64>> {
    let mean = |of: fn(&Measures<f64>) -> f64| levels.iter().map(|(_, level)| of(level)).sum::<f64>() / levels.len() as f64;
    (!levels.is_empty()).then(|| Measures { generated: mean(|level| level.generated), floor: mean(|level| level.floor) })
}

impl Report {
    /// Of pictures, what was measured of them.
    pub fn pictures(&self) -> Option<&PictureReport> {
        match self {
            Self::Pictures(report) => Some(report),
            Self::Points { .. } => None,
        }
    }

    /// Of a mixture's points, how its modes are found.
    pub fn modes(&self) -> Option<&Measures<ModeReport>> {
        match self {
            Self::Points { modes, .. } => modes.as_ref(),
            Self::Pictures(_) => None,
        }
    }

    /// How generated and real samples cover each other.
    pub fn coverage(&self) -> Option<&Measures<Coverage>> {
        match self {
            Self::Points { coverage, .. } => coverage.as_ref(),
            Self::Pictures(report) => report.coverage.as_ref(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A report of the ring of eight with as many modes found, and as many points near them.
    pub(crate) fn ring(captured: usize, high_quality: f64) -> Report {
        let modes = |captured, high_quality| ModeReport { modes: 8, captured, high_quality, reverse_kl: 0.1 };
        Report::Points {
            samples: 1000,
            floor: Floor::HeldOut,
            modes: Some(Measures { generated: modes(captured, high_quality), floor: modes(8, 0.99) }),
            coverage: None,
        }
    }

    /// A report of pictures at this distance.
    pub(crate) fn pictures(frechet: f64) -> Report {
        let half = |generated| Measures { generated, floor: 0.5 };
        Report::Pictures(Box::new(PictureReport {
            samples: 1000,
            reference: 5000,
            floor: Floor::Halves,
            frechet: Some(half(frechet)),
            kernel: Some(half(frechet / 3.0)),
            coverage: None,
            sliced: vec![(28, half(20.0)), (14, half(40.0))],
            nearest: Measures { generated: 0.31, floor: 0.3 },
            classes: vec![("zero".to_owned(), half(0.1)), ("one".to_owned(), half(0.9))],
            search: Some(Search { among: 4_096, of: 50_000 }),
            accuracy: 0.98,
            tested: Some(Tested { pictures: 500, guessed: 0.9 }),
            stand_in: None,
        }))
    }

    #[test]
    fn of_points_modes_come_first_and_then_the_share_of_high_quality() {
        assert!(ring(8, 0.2).is_better_than(&ring(7, 0.9)));
        assert!(!ring(7, 0.9).is_better_than(&ring(8, 0.2)));
        assert!(ring(8, 0.3).is_better_than(&ring(8, 0.2)));
        assert!(!ring(8, 0.3).is_better_than(&ring(8, 0.3)), "what is as good is no better");
    }

    #[test]
    fn of_pictures_the_smaller_distance_is_better_and_what_is_no_number_never_is() {
        assert!(pictures(10.0).is_better_than(&pictures(11.0)));
        assert!(!pictures(11.0).is_better_than(&pictures(10.0)));
        assert!(!pictures(f64::NAN).is_better_than(&pictures(10.0)));
        assert!(!pictures(f64::NAN).is_finite() && pictures(1.0).is_finite());
    }

    #[test]
    fn levels_have_one_mean() {
        assert_eq!(Measure::Sliced.of(&pictures(1.0)), Some(Measures { generated: 30.0, floor: 0.5 }));
        assert_eq!(Measure::Modes.of(&pictures(1.0)), None);
        assert_eq!(Measure::Modes.of(&ring(7, 0.9)), Some(Measures { generated: 7.0, floor: 8.0 }));
    }

    #[test]
    fn a_file_of_an_earlier_version_is_read_and_says_no_more_than_it_knows() {
        let without = |report: &Report, fields: &[&str]| {
            let mut json = serde_json::to_value(report).unwrap();
            let inside = json.as_object_mut().unwrap().values_mut().next().unwrap().as_object_mut().unwrap();
            fields.iter().for_each(|field| assert!(inside.remove(*field).is_some(), "{field}"));
            serde_json::from_value::<Report>(json).unwrap()
        };
        let pictures = without(&pictures(1.0), &["floor", "search", "tested"]);
        let report = pictures.pictures().unwrap();
        assert_eq!((report.floor, report.search, report.tested), (Floor::Unsaid, None, None));
        assert_eq!(without(&ring(8, 0.5), &["floor"]).floor(), Floor::Unsaid);
    }

    #[test]
    fn reports_of_other_real_samples_do_not_compare() {
        assert!(pictures(1.0).compares_with(&pictures(2.0)));
        assert!(!pictures(1.0).compares_with(&ring(8, 1.0)));
    }
}
