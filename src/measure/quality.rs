//! What is known of how good a run is: what was measured so far, and its generator at its best.

use std::sync::Arc;

use super::series::{Assessment, Series};
use crate::latent::{GeneratorError, GeneratorHandle};
use crate::nn::Named;
use crate::spec::Project;

/// A generator at its best.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// What was measured of it, and when.
    pub assessment: Assessment,
    /// What it was trained as.
    pub project: Project,
    /// Its weights and running statistics, averaged where the run averages, by the names of [`crate::nn::Network::read`].
    pub weights: Named,
}

impl Best {
    /// The generator, to be asked.
    ///
    /// # Errors
    /// Weights and project do not belong together.
    pub fn generator(&self) -> Result<GeneratorHandle, GeneratorError> {
        GeneratorHandle::from_numbers(&self.project.generator, &self.weights)
    }
}

/// How good a run was, and when it was best.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quality {
    /// All that was measured.
    pub series: Series,
    /// The best of it.
    pub best: Option<Arc<Best>>,
}

impl Quality {
    /// Takes in what was measured. `best` makes the generator to keep, and is asked only where it is better than the best so far, or
    /// where that one cannot be compared with. Says whether it is. A generator on its way to infinity has no numbers, and no place in a
    /// curve: what is measured of it is left out.
    pub fn add(&mut self, assessment: Assessment, best: impl FnOnce(&Assessment) -> Best) -> bool {
        if !assessment.report.is_finite() {
            return false;
        }
        self.series.push(assessment.clone());
        let report = &assessment.report;
        let is_best = self.best.as_ref().is_none_or(|best| {
            let before = &best.assessment.report;
            !report.compares_with(before) || report.is_better_than(before)
        });
        if is_best {
            self.best = Some(Arc::new(best(&assessment)));
        }
        is_best
    }

    /// What was known at a step, and the best of all.
    pub fn until(&self, step: u64) -> Self {
        Self { series: self.series.until(step), best: self.best.clone() }
    }

    /// What is known at a step that a run went back to: of the way that led here, or of another one, of which this was measured. The best of
    /// all is kept.
    #[must_use]
    pub fn back_at(&self, step: u64, other_way: Option<&Series>) -> Self {
        Self { series: other_way.unwrap_or(&self.series).until(step), best: self.best.clone() }
    }

    /// Is nothing known?
    pub fn is_empty(&self) -> bool {
        self.series.is_empty() && self.best.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::{pictures, ring};
    use super::*;
    use crate::spec::Preset;

    #[test]
    fn the_best_is_replaced_only_by_a_better_one() {
        let mut quality = Quality::default();
        let project = Preset::from_name("ring8").unwrap().project();
        let mut is_best = Vec::new();
        for (step, (captured, near)) in [(5, 0.5), (8, 0.1), (7, 0.9), (8, 0.1), (8, 0.2)].into_iter().enumerate() {
            let assessment = Assessment { step: step as u64, elapsed_secs: 0.0, report: ring(captured, near) };
            let best = |assessment: &Assessment| Best { assessment: assessment.clone(), project: project.clone(), weights: Named::new() };
            is_best.push(quality.add(assessment, best));
        }
        assert_eq!(is_best, [true, true, false, false, true]);
        assert_eq!(quality.best.as_ref().unwrap().assessment.step, 4);
        assert_eq!(quality.series.len(), 5);
        let earlier = quality.until(2);
        assert_eq!((earlier.series.len(), earlier.best), (3, quality.best));
    }

    #[test]
    fn what_is_no_number_is_not_the_best_also_where_there_is_nothing_else() {
        let mut quality = Quality::default();
        let project = Preset::from_name("digits").unwrap().project();
        let mut add = |step, report| {
            let best = |assessment: &Assessment| Best { assessment: assessment.clone(), project: project.clone(), weights: Named::new() };
            let is_best = quality.add(Assessment { step, elapsed_secs: 0.0, report }, best);
            (is_best, quality.series.len(), quality.best.as_ref().map(|best| best.assessment.step))
        };
        assert_eq!(add(1, pictures(f64::NAN)), (false, 0, None));
        assert_eq!(add(2, pictures(9.0)), (true, 1, Some(2)));
        for lost in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(add(3, pictures(lost)), (false, 1, Some(2)));
        }
        assert_eq!(add(4, pictures(8.0)), (true, 2, Some(4)));
    }
}
