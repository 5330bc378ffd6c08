//! Everything a run needs to go on exactly where it was, as plain data.

use super::history::History;
use super::keep::Recovery;
use super::reel::Reel;
use super::vitals::Signs;
use crate::measure::Quality;
use crate::nn::{Named, TensorValues};
use crate::spec::{Project, Stop};

/// The state of a run between two steps. Random numbers need no state: they are functions of the seed and these counters.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What was trained.
    pub project: Project,
    /// Generator steps done.
    pub g_steps: u64,
    /// Discriminator steps done.
    pub d_steps: u64,
    /// Steps the generator's optimiser counts; Adam corrects its moments by it, but for parameters with `/begun` beside them.
    pub g_optimiser_steps: u64,
    /// Steps the discriminator's optimiser counts.
    pub d_optimiser_steps: u64,
    /// Real samples drawn.
    pub samples_seen: u64,
    /// Seconds of training, pauses not counted.
    pub elapsed_secs: f64,
    /// The stop that was reached already: a run that went on afterwards does not stop there again.
    pub passed: Option<Stop>,
    /// Weights, running statistics, averaged weights and optimiser state by name: `generator.<layer id>.weight`,
    /// `average.<layer id>.weight`, `generator.<layer id>.weight/moment1`.
    pub tensors: Named,
    /// The numbers of every step.
    pub history: History,
    /// What was measured of it so far, and its generator at its best.
    pub quality: Quality,
    /// What its generator made of the same latent vectors, from the beginning to here.
    pub reel: Reel,
    /// Its vital signs, and what the next ones are compared with.
    pub signs: Signs,
    /// How often it went back by itself, and from where.
    pub recovery: Recovery,
}

impl Checkpoint {
    /// The tensors whose names begin with `prefix`, without it.
    pub fn part(&self, prefix: &str) -> Named {
        self.tensors.iter().filter_map(|(name, values)| Some((name.strip_prefix(prefix)?.to_owned(), values.clone()))).collect()
    }

    /// The weights and running statistics of the generator to show: the averaged one where the run averages.
    pub fn generator_to_show(&self) -> Named {
        self.part(if self.project.train.ema_decay > 0.0 { "average." } else { "generator." })
    }

    /// The same with the generator as it was at its best, where that was measured, and with what was known of the run at that step: the
    /// numbers that stand beside it are of then. The discriminator stays, and training cannot go on from there as if nothing had happened
    /// since.
    pub fn at_best(&self) -> Option<Self> {
        let best = self.quality.best.as_deref()?;
        let mut tensors = self.tensors.clone();
        tensors.retain(|name, _| !name.starts_with("generator.") && !name.starts_with("average."));
        for part in ["generator", "average"] {
            tensors.extend(best.weights.iter().map(|(name, values)| (format!("{part}.{name}"), values.clone())));
        }
        let step = best.assessment.step;
        // Where the run went back from it and took another way, what is known until then is not of the way there.
        let came_by = self.quality.series.iter().any(|found| *found == best.assessment);
        let history = if came_by { self.history.until(step) } else { History::default() };
        Some(Self {
            project: best.project.clone(),
            g_steps: step,
            elapsed_secs: best.assessment.elapsed_secs,
            tensors,
            history,
            quality: self.quality.until(step),
            reel: self.reel.until(step),
            // What the next signs would be compared with is of the newest step.
            signs: Signs { series: self.signs.series.until(step), samples: None },
            ..self.clone()
        })
    }

    /// Is it of the same run as `project` is: of the same networks, data and seed? Settings of training may differ: they change during a run.
    pub fn is_of_run(&self, project: &Project) -> bool {
        let was = &self.project;
        (&was.generator, &was.discriminator, &was.data, was.seed)
            == (&project.generator, &project.discriminator, &project.data, project.seed)
    }

    /// Is it an earlier state of the way that led to `newest`? A run that went back and on has others, which are none.
    pub fn leads_to(&self, newest: &Self) -> bool {
        self.g_steps < newest.g_steps && self.is_of_run(&newest.project) && self.is_on_the_way_of(&newest.history)
    }

    /// Did the run with these numbers come by here?
    pub fn is_on_the_way_of(&self, history: &History) -> bool {
        let until = history.partition_point(|place| place.step <= self.g_steps);
        let then = until.checked_sub(1).and_then(|index| history.get(index));
        // Seconds of training are among the numbers of a step: two ways have none in common.
        self.history.last() == then
    }

    /// Is it the state whose generator was measured to be the best?
    pub fn is_best_of(&self, quality: &Quality) -> bool {
        let best = quality.best.as_ref().filter(|best| best.assessment.step == self.g_steps);
        best.is_some_and(|best| best.weights == self.generator_to_show())
    }

    /// Is every number in it a number?
    pub fn is_finite(&self) -> bool {
        self.broken().is_none()
    }

    /// The name of a tensor that holds something else than numbers, the discriminator's first, which learns first.
    pub fn broken(&self) -> Option<&str> {
        let is_broken = |(_, tensor): &(&String, &TensorValues)| !tensor.values.iter().all(|value| value.is_finite());
        let mut names = self.tensors.iter().filter(is_broken).map(|(name, _)| name.as_str());
        names.clone().find(|name| name.starts_with("discriminator.")).or_else(|| names.next())
    }

    /// Is there anything in it that `project` can go on from: a layer with weights that is still there, for inputs of the same shape?
    /// A run of other networks altogether begins at step 0.
    pub fn fits(&self, project: &Project) -> bool {
        project.goes_on_from(&self.project)
    }
}

#[cfg(test)]
impl Checkpoint {
    /// A state at a step that holds no weights, for tests.
    pub fn blank(project: Project, step: u64) -> Self {
        Self {
            project,
            g_steps: step,
            d_steps: step,
            g_optimiser_steps: step,
            d_optimiser_steps: step,
            samples_seen: 64 * step,
            elapsed_secs: step as f64,
            passed: None,
            tensors: Named::new(),
            history: History::default(),
            quality: Quality::default(),
            reel: Reel::default(),
            signs: Signs::default(),
            recovery: Recovery::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::measure::doctor::Vitals;
    use crate::measure::{Assessment, Best, Report};
    use crate::spec::{Edit, Layer, Preset, Role};
    use crate::train::StepRecord;

    fn checkpoint(preset: &str) -> Checkpoint {
        Checkpoint::blank(Preset::from_name(preset).unwrap().project(), 1)
    }

    #[test]
    fn edited_networks_go_on_and_others_begin_anew() {
        let digits = checkpoint("digits");
        let mut edited = digits.project.clone();
        let place = edited.discriminator.layers.len() - 1;
        Edit::insert(&edited, Role::Discriminator, place, Layer::dense(16)).apply(&mut edited).unwrap();
        assert!(digits.fits(&edited));
        assert!(!digits.fits(&Preset::from_name("shapes").unwrap().project()));
        assert!(!digits.fits(&Preset::from_name("ring8").unwrap().project()));
    }

    #[test]
    fn beside_the_best_stands_what_was_known_of_the_run_then() {
        let mut newest = checkpoint("ring8");
        let report = || Report::Points { samples: 1, floor: Default::default(), modes: None, coverage: None };
        let settings = Arc::new(newest.project.train.clone());
        for step in 1..=5 {
            let elapsed_secs = step as f64 / 4.0;
            newest.history.push(StepRecord { step, elapsed_secs, d_loss: step as f32, ..StepRecord::default() });
            newest.signs.series.push(Arc::new(Vitals::blank(step, &settings)));
            let best = Best {
                assessment: Assessment { step: 3, elapsed_secs: 0.75, report: report() },
                project: newest.project.clone(),
                weights: Named::new(),
            };
            newest.quality.add(Assessment { step, elapsed_secs, report: report() }, |_| best);
        }
        (newest.g_steps, newest.elapsed_secs) = (5, 1.25);
        let best = newest.at_best().unwrap();
        assert_eq!((best.g_steps, best.elapsed_secs), (3, 0.75));
        assert_eq!(best.history.last().map(|record| record.d_loss), Some(3.0));
        assert_eq!(best.signs.series.last().map(|vitals| vitals.step), Some(3));
        assert_eq!(best.quality.series.last().map(|assessment| assessment.step), Some(3));
        assert_eq!(best.quality.best, newest.quality.best, "it is still known which it is");
        assert!(checkpoint("ring8").at_best().is_none(), "of a run that was not measured there is none");
    }
}
