//! A run whose samples were diverse and are not any more.

use super::vitals::Series;
use super::{case, rules};
use crate::spec::Project;

/// A generator whose samples stay this diverse, beside the data,
const DIVERSE: f32 = 0.3;
/// for so many looks in a row has learned something that is worth going back to.
const LOOKS: usize = 4;

/// The step from which on the samples of a run are nearly all the same, where they were diverse before: what a run goes back from by itself.
/// Nothing of a generator that never began.
pub fn collapsed_since(project: &Project, series: &Series) -> Option<u64> {
    let since = rules::collapsed_since(&case(project, series, None)?)?;
    let (mut diverse, mut most) = (0, 0);
    for vitals in series.iter().take_while(|vitals| vitals.step < since) {
        diverse = if vitals.samples.diversity >= DIVERSE { diverse + 1 } else { 0 };
        most = most.max(diverse);
    }
    (most >= LOOKS).then_some(since)
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use super::super::vitals::{SampleVitals, ScoreVitals, Vitals};
    use super::*;
    use crate::spec::Preset;

    /// A run of the ring whose samples had this diversity, look by look.
    pub fn series(diversity: impl IntoIterator<Item = f32>) -> (Project, Series) {
        let project = Preset::from_name("ring8").unwrap().project();
        let settings = Arc::new(project.train.clone());
        let mut series = Series::default();
        for (index, diversity) in diversity.into_iter().enumerate() {
            series.push(Arc::new(Vitals {
                step: 50 * (index as u64 + 1),
                settings: Arc::clone(&settings),
                g_loss: 0.7,
                d_loss: 1.4,
                gradients: [1.0; 2],
                layers: Vec::new(),
                scores: ScoreVitals::default(),
                samples: SampleVitals { diversity, ..SampleVitals::default() },
                broken: None,
            }));
        }
        (project, series)
    }

    fn run(diversity: impl IntoIterator<Item = f32>) -> Option<u64> {
        let (project, series) = series(diversity);
        collapsed_since(&project, &series)
    }

    #[test]
    fn only_what_was_diverse_collapses() {
        let after = |first: f32, looks: usize| [vec![first; 10], vec![0.02; looks]].concat();
        assert_eq!(run(after(0.9, 6)), Some(550));
        assert_eq!(run(after(0.9, 3)), None, "it may be a moment");
        assert_eq!(run(after(0.05, 12)), None, "it never was");
        assert_eq!(run([vec![0.9; 3], vec![0.02; 12]].concat()), None, "too short to count");
        assert_eq!(run([after(0.9, 12), vec![0.8; 4]].concat()), None, "it healed");
    }
}
