//! How good a run's generator was, again and again.

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

/// The assessments of a run, oldest first. All have as many samples and the same real ones, so that they compare. Cheap to clone.
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

/// Where there are more classes, their shares are kept of the newest assessment alone.
const MOST_CLASSES: usize = 64;

impl Series {
    /// None at all.
    pub const EMPTY: Self = Self(Vec::new());

    /// Adds one at the end. Where it does not compare with those before, because real samples or their number are others now, those go;
    /// and so do those of the same step and of later ones, which belong to what was given up.
    pub fn push(&mut self, assessment: Assessment) {
        self.0.retain(|earlier| earlier.step < assessment.step && earlier.report.compares_with(&assessment.report));
        if let Some(last) = self.0.last_mut()
            && last.report.pictures().is_some_and(|report| report.classes.len() > MOST_CLASSES)
            && let Report::Pictures(report) = &mut Arc::make_mut(last).report
        {
            report.classes = Vec::new();
        }
        self.0.push(Arc::new(assessment));
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
        let of = |found: &Assessment, measure: Measure| Some(found.get(measure)?.generated);
        let kinds: [&dyn Fn(&Assessment) -> Option<f64>; 3] = [
            &|found| of(found, Measure::Frechet),
            &|found| Some(of(found, Measure::ReverseKl)? + 1.0 - of(found, Measure::HighQuality)?),
            &|found| Some(2.0 - of(found, Measure::Precision)? - of(found, Measure::Recall)?),
        ];
        let last = self.last()?;
        let kind = kinds.into_iter().find(|kind| kind(last).is_some())?;
        Some(self.iter().filter_map(|found| Some((found.step, kind(found)?))).collect())
    }

    /// Those up to a step.
    pub fn until(&self, step: u64) -> Self {
        Self(self.0.iter().filter(|assessment| assessment.step <= step).cloned().collect())
    }

    /// Writes comma-separated values, a line for each assessment: step, seconds, and every number beside the one of real samples.
    ///
    /// # Errors
    /// What is written to fails.
    pub fn write_csv(&self, to: &mut impl Write) -> io::Result<()> {
        let measures = self.measures();
        write!(to, "step,seconds,samples")?;
        for measure in &measures {
            write!(to, ",{0},{0}_of_real", measure.column())?;
        }
        writeln!(to)?;
        for assessment in self.iter() {
            write!(to, "{},{},{}", assessment.step, assessment.elapsed_secs, assessment.report.samples())?;
            for measure in &measures {
                match assessment.get(*measure) {
                    Some(Measures { generated, floor }) => write!(to, ",{generated},{floor}")?,
                    None => write!(to, ",,")?,
                }
            }
            writeln!(to)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::{pictures, ring};
    use super::*;

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
        assert_eq!(series.curve(), Some(vec![(10, 0.6), (20, 0.6)]), "unevenness 0.1, and half of the points near no mode");
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

    #[test]
    fn the_table_has_a_column_for_each_number_and_one_for_real_samples() {
        let mut series = Series::default();
        series.push(at(3, ring(7, 0.5)));
        let mut table = Vec::new();
        series.write_csv(&mut table).unwrap();
        let expected = "step,seconds,samples,modes,modes_of_real,high_quality,high_quality_of_real,reverse_kl,reverse_kl_of_real\n\
                        3,1,1000,7,8,0.5,0.99,0.1,0.1\n";
        assert_eq!(String::from_utf8(table).unwrap(), expected);
    }
}
