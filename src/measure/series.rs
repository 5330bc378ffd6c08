//! How good a run's generator was, again and again.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::report::{Measure, Measures, Report};

/// What was measured of a run's generator at one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// Generator steps done.
    pub step: u64,
    /// Seconds of training up to there, pauses not counted.
    pub elapsed_secs: f64,
    /// What was measured.
    pub report: Report,
}

impl Assessment {
    /// A number of it, beside the one of real samples.
    pub fn get(&self, measure: Measure) -> Option<Measures<f64>> {
        measure.of(&self.report)
    }
}

/// The assessments of a run, oldest first. All have as many samples and the same real ones, so that they compare. There are never more than
/// 8,192, and of each so little is kept that a file has room for all. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Assessment>", into = "Vec<Assessment>")]
pub struct Series(Vec<Arc<Assessment>>);

impl From<Vec<Assessment>> for Series {
    fn from(assessments: Vec<Assessment>) -> Self {
        Self(assessments.into_iter().map(Arc::new).collect())
    }
}

impl From<Series> for Vec<Assessment> {
    fn from(series: Series) -> Self {
        series.0.into_iter().map(Arc::unwrap_or_clone).collect()
    }
}

/// Where there are more assessments, every second goes. A run waits the longer between two the longer it has become, and measured every second
/// has so many after seventy years: only one that was held and gone on with thousands of times comes there.
pub(crate) const MOST: usize = 8_192;

impl Assessment {
    /// How far samples are from the data by what may be known of them: pictures, points of clusters, other points.
    fn distances(&self) -> [Option<f64>; 3] {
        let of = |measure| Some(self.get(measure)?.generated);
        let both = |a: Option<f64>, b: Option<f64>| Some(a? + b?);
        let lacks = |measure| Some(1.0 - of(measure)?);
        [
            of(Measure::Frechet),
            both(of(Measure::ReverseKl), lacks(Measure::HighQuality)),
            both(lacks(Measure::Precision), lacks(Measure::Recall)),
        ]
    }
}

/// Where there are more classes, their shares are kept of the newest assessment alone;
const MOST_CLASSES: usize = 64;
/// and also where their names take more bytes than this.
const MOST_NAMES: usize = 64 * MOST_CLASSES;

/// Bytes that no assessment but the newest takes as JSON: names whose every byte is written as six, and some 130 pairs of numbers with theirs.
pub(crate) const LARGEST: usize = 40 << 10;

impl Series {
    /// None at all.
    pub const EMPTY: Self = Self(Vec::new());

    /// Adds one at the end. Where it does not compare with those before, because real samples or their number are others now, those go;
    /// and so do those of the same step and of later ones, which belong to what was given up.
    pub fn push(&mut self, assessment: Assessment) {
        self.0.retain(|earlier| earlier.step < assessment.step && earlier.report.compares_with(&assessment.report));
        if let Some(last) = self.0.last_mut()
            && last.report.pictures().is_some_and(|report| are_many(&report.classes))
            && let Report::Pictures(report) = &mut Arc::make_mut(last).report
        {
            report.classes = Vec::new();
        }
        self.0.push(Arc::new(assessment));
        while self.0.len() > MOST {
            self.thin();
        }
    }

    /// Every second goes, but not the first and the newest.
    fn thin(&mut self) {
        let last = self.0.len().saturating_sub(1);
        let mut places = 0..=last;
        self.0.retain(|_| places.next().is_some_and(|place| place % 2 == 0 || place == last));
    }

    /// All assessments, oldest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Assessment> + DoubleEndedIterator + Clone {
        self.0.iter().map(Arc::as_ref)
    }

    /// The newest.
    pub fn last(&self) -> Option<&Assessment> {
        self.0.last().map(Arc::as_ref)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number of real samples, which all assessments are compared with.
    pub fn floor(&self, measure: Measure) -> Option<f64> {
        Some(self.last()?.get(measure)?.floor)
    }

    /// The measures that there are numbers of.
    pub fn measures(&self) -> Vec<Measure> {
        let Some(last) = self.last() else { return Vec::new() };
        Measure::ALL.into_iter().filter(|measure| last.get(*measure).is_some()).collect()
    }

    /// How far the generator was from the data, by step, by a measure of which less is better; none where no such is taken. Of pictures that is
    /// their Fréchet distance. Of points it is what they lack to be spread evenly over the clusters and near to them, or, where the data has
    /// no clusters, to precision and recall of one.
    pub fn curve(&self) -> Option<Vec<(u64, f64)>> {
        let distance = self.last()?.distances().into_iter().position(|distance| distance.is_some())?;
        Some(self.iter().filter_map(|found| Some((found.step, found.distances()[distance]?))).collect())
    }

    /// Those up to a step.
    pub fn until(&self, step: u64) -> Self {
        Self(self.0.iter().filter(|assessment| assessment.step <= step).cloned().collect())
    }

    /// Writes comma-separated values, a line for each assessment: step, seconds, samples, which real samples the others are ([`Floor::name`]),
    /// and every number beside the one of real samples. Of pictures these are also the sliced distance of each level, by the pixels of its
    /// side, and the share of each class; where there are many classes, the newest line alone has shares.
    ///
    /// # Errors
    /// What is written to fails.
    ///
    /// [`Floor::name`]: super::Floor::name
    pub fn write_csv(&self, to: &mut impl Write) -> io::Result<()> {
        let columns = self.columns();
        write!(to, "step,seconds,samples,floor")?;
        for column in &columns {
            let name = column.name();
            write!(to, ",{},{}", cell(&name), cell(&format!("{name}_of_real")))?;
        }
        writeln!(to)?;
        for assessment in self.iter() {
            let Assessment { step, elapsed_secs, report } = assessment;
            write!(to, "{step},{elapsed_secs},{},{}", report.samples(), cell(report.floor().name()))?;
            for column in &columns {
                match column.of(report) {
                    Some(Measures { generated, floor }) => write!(to, ",{generated},{floor}")?,
                    None => write!(to, ",,")?,
                }
            }
            writeln!(to)?;
        }
        Ok(())
    }

    /// What there are numbers of, going by the newest assessment: all others have the same, or no shares.
    fn columns(&self) -> Vec<Column<'_>> {
        let measures = self.measures().into_iter().map(Column::Measure);
        let pictures = self.last().and_then(|last| last.report.pictures());
        let levels = pictures.into_iter().flat_map(|report| report.sliced.iter().map(|(side, _)| Column::Level(*side)));
        let classes = pictures.into_iter().flat_map(|report| report.classes.iter().enumerate());
        let classes = classes.map(|(place, (name, _))| Column::Class(place, name));
        measures.chain(levels).chain(classes).collect()
    }
}

/// Are the shares of these classes too much to be kept of every assessment?
fn are_many(classes: &[(String, Measures<f64>)]) -> bool {
    classes.len() > MOST_CLASSES || classes.iter().map(|(name, _)| name.len()).sum::<usize>() > MOST_NAMES
}

/// A number beside that of real samples, in a table.
enum Column<'a> {
    Measure(Measure),
    /// The sliced distance of the level with a side of so many pixels.
    Level(usize),
    /// The share of a class: its place and its name.
    Class(usize, &'a str),
}

impl Column<'_> {
    fn name(&self) -> String {
        match self {
            Self::Measure(measure) => measure.column().to_owned(),
            Self::Level(side) => format!("{}_{side}", Measure::Sliced.column()),
            Self::Class(_, name) => format!("share_of_{name}"),
        }
    }

    fn of(&self, report: &Report) -> Option<Measures<f64>> {
        match self {
            Self::Measure(measure) => measure.of(report),
            Self::Level(side) => report.pictures()?.sliced.iter().find(|(size, _)| size == side).map(|(_, found)| *found),
            Self::Class(place, name) => report.pictures()?.classes.get(*place).filter(|(class, _)| class == name).map(|(_, share)| *share),
        }
    }
}

/// Text in a table, in quotes where a comma, a quote or a new line would end it (RFC 4180).
fn cell(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")).into() } else { text.into() }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::classifier::Tested;
    use super::super::copies::Search;
    use super::super::neighbours::Coverage;
    use super::super::parts::Floor;
    use super::super::report::PictureReport;
    use super::super::report::tests::{pictures, ring};
    use super::*;
    use crate::spec::{Builtin, MAX_VALUES};

    /// An assessment whose every part is written as long as it can be, and that is kept whole.
    pub(crate) fn largest(step: u64) -> Assessment {
        let number = -1.234_567_890_123_456_8e-300;
        let both = Measures { generated: number, floor: number };
        let covered = Coverage { precision: number, recall: number, density: number, coverage: number };
        let report = PictureReport {
            samples: usize::MAX,
            reference: usize::MAX,
            floor: Floor::HeldOut,
            frechet: Some(both),
            kernel: Some(both),
            coverage: Some(Measures { generated: covered, floor: covered }),
            // Each level is half as large as the one before it.
            sliced: (0..MAX_VALUES.ilog2() as usize).map(|level| (usize::MAX >> level, both)).collect(),
            nearest: Measures { generated: -1.234_567_9e-30, floor: -1.234_567_9e-30 },
            search: Some(Search { among: usize::MAX, of: usize::MAX }),
            // What takes most bytes as JSON.
            classes: (0..MOST_CLASSES).map(|_| ("\u{1}".repeat(MOST_NAMES / MOST_CLASSES), both)).collect(),
            accuracy: number,
            tested: Some(Tested { pictures: usize::MAX, guessed: number }),
            stand_in: Some(Builtin::Digits),
        };
        Assessment { step, elapsed_secs: number, report: Report::Pictures(Box::new(report)) }
    }

    #[test]
    fn no_assessment_but_the_newest_is_larger_than_said() {
        let mut series = Series::default();
        series.push(largest(u64::MAX - 1));
        series.push(largest(u64::MAX));
        let json = serde_json::to_vec(series.iter().next().unwrap()).unwrap();
        assert!((LARGEST / 2..LARGEST).contains(&json.len()), "{}", json.len());
        let mut longer = largest(1);
        if let Report::Pictures(report) = &mut longer.report {
            report.classes[0].0.push('s');
        }
        let mut series = Series::default();
        series.push(longer);
        series.push(largest(2));
        let kept: Vec<usize> = series.iter().map(|found| found.report.pictures().unwrap().classes.len()).collect();
        assert_eq!(kept, [0, MOST_CLASSES], "longer names are kept of the newest alone");
    }

    #[test]
    fn there_are_never_too_many_and_those_that_stay_are_evenly_spread() {
        let mut series = Series::from((1..=MOST as u64).map(|step| at(step, ring(8, 0.5))).collect::<Vec<_>>());
        let steps = |series: &Series| series.iter().map(|found| found.step).collect::<Vec<_>>();
        let next = MOST as u64 + 1;
        series.push(at(next, ring(8, 0.5)));
        assert_eq!(steps(&series), (1..=next).step_by(2).collect::<Vec<_>>());
        series.push(at(next + 1, ring(8, 0.5)));
        assert_eq!((series.len(), series.last().unwrap().step), (MOST / 2 + 2, next + 1));
        // A file may hold more.
        let mut series = Series::from((1..=3 * MOST as u64).map(|step| at(step, ring(8, 0.5))).collect::<Vec<_>>());
        series.push(at(4 * next, ring(8, 0.5)));
        assert!(series.len() <= MOST, "{}", series.len());
        assert_eq!((steps(&series)[0], series.last().unwrap().step), (1, 4 * next));
    }

    fn at(step: u64, report: Report) -> Assessment {
        Assessment { step, elapsed_secs: step as f64 / 3.0, report }
    }

    #[test]
    fn what_does_not_compare_or_comes_later_goes() {
        let mut series = Series::default();
        for step in [10, 20, 30] {
            series.push(at(step, ring(8, 0.5)));
        }
        series.push(at(20, ring(7, 0.5)));
        assert_eq!(series.iter().map(|found| found.step).collect::<Vec<_>>(), [10, 20]);
        assert_eq!(series.floor(Measure::Modes), Some(8.0));
        let curve = series.curve().unwrap();
        assert!(
            curve.iter().all(|(_, value)| (value - 0.6).abs() < 1e-9),
            "unevenness 0.1, and half of the points near no mode: {curve:?}"
        );
        series.push(at(40, pictures(3.0)));
        assert_eq!(series.len(), 1);
        assert_eq!(series.curve(), Some(vec![(40, 3.0)]));
        assert_eq!(series.until(39).len(), 0);
    }

    #[test]
    fn as_json_every_number_comes_back_as_it_was() {
        let mut series = Series::default();
        series.push(at(7, pictures(1.0 / 3.0)));
        series.push(at(11, pictures(std::f64::consts::PI)));
        let json = serde_json::to_string(&series).unwrap();
        assert_eq!(serde_json::from_str::<Series>(&json).unwrap(), series);
    }

    fn table(series: &Series) -> String {
        let mut table = Vec::new();
        series.write_csv(&mut table).unwrap();
        String::from_utf8(table).unwrap()
    }

    #[test]
    fn the_table_has_a_column_for_each_number_and_one_for_real_samples() {
        let mut series = Series::default();
        series.push(at(3, ring(7, 0.5)));
        let expected = "step,seconds,samples,floor,modes,modes_of_real,high_quality,high_quality_of_real,reverse_kl,reverse_kl_of_real\n\
                        3,1,1000,held out,7,8,0.5,0.99,0.1,0.1\n";
        assert_eq!(table(&series), expected);
    }

    #[test]
    fn of_pictures_the_table_has_levels_and_shares_of_classes() {
        let mut series = Series::default();
        series.push(at(3, pictures(1.5)));
        let expected = "step,seconds,samples,floor,frechet,frechet_of_real,kernel,kernel_of_real,sliced_wasserstein,sliced_wasserstein_of_real,\
                        nearest_training_picture,nearest_training_picture_of_real,\
                        sliced_wasserstein_28,sliced_wasserstein_28_of_real,sliced_wasserstein_14,sliced_wasserstein_14_of_real,\
                        share_of_zero,share_of_zero_of_real,share_of_one,share_of_one_of_real";
        let table = table(&series);
        let (head, row) = table.trim_end().split_once('\n').unwrap();
        assert_eq!(head, expected);
        let numbers = "3,1,1000,other half,1.5,0.5,0.5,0.5,30,0.5,";
        assert!(row.starts_with(numbers) && row.ends_with(",20,0.5,40,0.5,0.1,0.5,0.9,0.5"), "{row}");
        assert_eq!(row.split(',').count(), head.split(',').count());
    }

    #[test]
    fn names_of_classes_are_quoted_and_many_have_shares_in_the_newest_line_alone() {
        let of = |step, names: &[&str]| {
            let Report::Pictures(mut report) = pictures(1.0) else { panic!("these are pictures") };
            report.classes = names.iter().map(|name| ((*name).to_owned(), Measures { generated: 0.25, floor: 0.75 })).collect();
            at(step, Report::Pictures(report))
        };
        let mut series = Series::default();
        series.push(of(3, &["cats, dogs", "the \"rest\""]));
        let head = table(&series).lines().next().unwrap().to_owned();
        let expected =
            ",\"share_of_cats, dogs\",\"share_of_cats, dogs_of_real\",\"share_of_the \"\"rest\"\"\",\"share_of_the \"\"rest\"\"_of_real\"";
        assert!(head.ends_with(expected), "{head}");

        let names: Vec<String> = (0..=MOST_CLASSES).map(|class| class.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut series = Series::default();
        [3, 6].into_iter().for_each(|step| series.push(of(step, &names)));
        let table = table(&series);
        let shares: Vec<usize> = table.lines().map(|line| line.matches(",0.25,0.75").count()).collect();
        assert_eq!(shares, [0, 0, MOST_CLASSES + 1]);
        let widths: Vec<usize> = table.lines().map(|line| line.split(',').count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{widths:?}");
    }
}
