//! When a run in the terminal ends.

use super::start::Beginning;
use crate::cli::error::Failure;
use crate::data::{Batches, Dataset};
use crate::spec::{Project, Stop};

/// How much is to be trained, counted from where the run is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Limit {
    /// Generator steps.
    Steps(u64),
    /// Passes over the data.
    Epochs(u64),
    /// Seconds of training.
    Seconds(f64),
    /// The project's own end.
    Project,
    /// Until it is told to end.
    None,
}

impl Limit {
    /// What was asked for, or else the project's own end, or else none.
    ///
    /// # Errors
    /// Nothing was asked for, and the project has reached its end.
    pub(super) fn choose(asked: Option<Self>, beginning: &Beginning) -> Result<Self, Failure> {
        let done = beginning.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.g_steps);
        let has_passed = |stop| beginning.checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.passed == Some(stop));
        match (asked, beginning.project.train.stop) {
            (Some(limit), _) => Ok(limit),
            (None, Stop::Never) => Ok(Self::None),
            (None, Stop::Steps(steps)) if steps <= done => Err(Failure::Usage(format!(
                "the project ends after {steps} steps, which are done: say with --steps, --epochs or --seconds how much more to train"
            ))),
            (None, Stop::Epochs(epochs)) if has_passed(Stop::Epochs(epochs)) => Err(Failure::Usage(format!(
                "the project ends after {epochs} passes over the data, which are done: say with --steps, --epochs or --seconds how much \
                 more to train"
            ))),
            (None, Stop::Steps(_) | Stop::Epochs(_)) => Ok(Self::Project),
        }
    }

    /// What the engine is told before the data is there.
    pub(super) fn stop(self, project: &Project, steps_done: u64) -> Stop {
        match self {
            Self::Steps(steps) => Stop::Steps(steps_done.saturating_add(steps)),
            Self::Project => project.train.stop,
            Self::Epochs(_) | Self::Seconds(_) | Self::None => Stop::Never,
        }
    }

    /// Passes over the data as steps, which can be known once the data is there.
    pub(super) fn stop_for_data(self, project: &Project, steps_done: u64, dataset: &Dataset) -> Option<Stop> {
        let Self::Epochs(epochs) = self else { return None };
        let samples = epochs.saturating_mul(Batches::new(dataset, project.seed).epoch_len() as u64);
        let each = samples_per_step(project);
        Some(Stop::Steps(steps_done.saturating_add(samples.div_ceil(each))))
    }
}

/// Real samples that one step of the generator goes with.
pub(super) fn samples_per_step(project: &Project) -> u64 {
    (project.train.batch_size as u64).saturating_mul(project.train.d_steps_per_g_step as u64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{LoadReport, Values};
    use crate::spec::{Preset, Shape};

    fn beginning(stop: Stop) -> Beginning {
        let mut project = Preset::from_name("mlp").unwrap().project();
        project.train.stop = stop;
        Beginning { project, checkpoint: None, earlier: Vec::new() }
    }

    #[test]
    fn what_is_asked_for_counts_before_the_projects_own_end() {
        let own = beginning(Stop::Steps(100));
        assert_eq!(Limit::choose(Some(Limit::Steps(5)), &own).unwrap(), Limit::Steps(5));
        assert_eq!(Limit::choose(None, &own).unwrap(), Limit::Project);
        assert_eq!(Limit::choose(None, &beginning(Stop::Never)).unwrap(), Limit::None);
        let reached = Limit::choose(None, &beginning(Stop::Steps(0))).unwrap_err();
        assert_eq!(reached.exit_code(), 2);
    }

    #[test]
    fn steps_count_from_where_the_run_is() {
        let project = beginning(Stop::Never).project;
        assert_eq!(Limit::Steps(20).stop(&project, 30), Stop::Steps(50));
        assert_eq!(Limit::Seconds(1.0).stop(&project, 30), Stop::Never);
    }

    #[test]
    fn epochs_are_steps_that_see_the_data_so_many_times() {
        let mut project = beginning(Stop::Never).project;
        project.train.batch_size = 32;
        let points = Values::Points(vec![[0.0; 2]; 1000]);
        let dataset = Dataset::new(Shape::vector(2), points, None, Vec::new(), LoadReport::default(), 0.0, 1).unwrap();
        // 2 x 1000 samples in batches of 32 are 62.5 steps.
        assert_eq!(Limit::Epochs(2).stop_for_data(&project, 10, &dataset), Some(Stop::Steps(73)));
        project.train.d_steps_per_g_step = 5;
        assert_eq!(Limit::Epochs(2).stop_for_data(&project, 0, &dataset), Some(Stop::Steps(13)));
        assert_eq!(Limit::Steps(2).stop_for_data(&project, 0, &dataset), None);
    }
}
