//! How good a run is: listening to what measures it, and what can be done with its best.

use std::sync::Arc;

use crate::gui::app::App;
use crate::gui::command::{Command, Notice};
use crate::gui::run::{Measuring, Phase};
use crate::gui::tasks::{self, Outcome};
use crate::latent;
use crate::measure::Best;
use crate::random::Purpose;
use crate::train::{self, Assessed, Checkpoint, Pictures, SHOWN_POINTS, Samples, Snapshot};

impl App {
    /// Takes in what was measured.
    pub(super) fn hear_assessor(&mut self) {
        let assessed = self.worker.as_ref().and_then(|worker| self.before.newest_assessed(worker, &self.run));
        let is_known = |newest: &Arc<Assessed>| self.run.assessed.as_ref().is_some_and(|known| Arc::ptr_eq(known, newest));
        let Some(assessed) = assessed.filter(|newest| !is_known(newest)) else { return };
        let step = |best: Option<Arc<Best>>| best.map(|best| best.assessment.step);
        let before = step(self.run.best());
        self.run.assessed = Some(assessed);
        if self.run.shows_best && step(self.run.best()) != before {
            self.draw_best();
        }
    }

    pub(super) fn measure(&mut self, measuring: Measuring) {
        self.run.measuring = measuring;
        self.tell(train::Command::Measure(measuring.0));
        if let Some(fork) = &mut self.fork {
            fork.measure(measuring);
        }
    }

    /// Shows the generator at its best, or the newest again.
    pub(super) fn show_best(&mut self, shows: bool) {
        self.run.shows_best = shows && self.run.best().is_some();
        if self.run.shows_best {
            self.draw_best();
        } else if let Some(newest) = self.newest_snapshot() {
            self.run.snapshot = Some(newest);
        }
    }

    /// Makes samples of the best, where it is shown, from the latents that the newest ones are made from.
    pub(super) fn draw_best(&mut self) {
        let Some(best) = self.run.best().filter(|_| self.run.shows_best) else { return };
        let (pictures, newest) = (self.run.show.pictures, self.newest_snapshot());
        self.spawn(tasks::name::BEST, move || Outcome::BestDrawn(draw(&best, pictures, newest.as_deref()).map(Box::new)));
    }

    pub(super) fn best_drawn(&mut self, drawn: Result<Box<Snapshot>, String>) {
        if !self.run.shows_best {
            return;
        }
        let best = self.run.best().map(|best| best.assessment.step);
        match drawn {
            // Of a best that was bettered meanwhile there are newer samples on their way.
            Ok(snapshot) if Some(snapshot.step) != best => {}
            Ok(snapshot) => self.run.snapshot = Some(Arc::from(snapshot)),
            Err(reason) => {
                self.show_best(false);
                self.notify(Notice::error(format!("The best generator cannot be shown: {reason}.")));
            }
        }
    }

    /// Trains on from the step that was best. What was measured later goes with what came later.
    pub(super) fn go_back_to_best(&mut self) {
        // What was learned since comes back from a file alone.
        if self.asks_first(Command::GoBackToBest, true) {
            return;
        }
        let Some(assessed) = &self.run.assessed else { return };
        let Some(checkpoint) = &assessed.best else { return };
        let quality = assessed.quality.until(checkpoint.g_steps);
        let checkpoint = Checkpoint { quality, ..Checkpoint::clone(checkpoint) };
        let paused = self.run.phase != Phase::Running;
        self.begin(Some(Arc::new(checkpoint)), paused);
    }
}

/// Samples of the best. What the discriminator thinks of the plane is what it thinks now.
fn draw(best: &Best, pictures: usize, newest: Option<&Snapshot>) -> Result<Snapshot, String> {
    let generator = best.generator().map_err(|error| error.to_string())?;
    let verdict = newest.and_then(|newest| match &newest.samples {
        Samples::Points { verdict, .. } => Some(verdict.clone()),
        Samples::Pictures(_) => None,
    });
    let count = if verdict.is_some() { SHOWN_POINTS } else { pictures };
    let project = &best.project;
    let latents = latent::draw(project.train.latent, generator.latent_size(), count, project.seed, Purpose::FixedLatents, 0);
    let values = generator.generate(&latents).map_err(|error| error.to_string())?;
    let samples = match verdict {
        Some(verdict) => Samples::Points { generated: values.as_chunks().0.to_vec(), verdict },
        None => Samples::Pictures(Pictures::from_values(generator.shape(), &values)),
    };
    Ok(Snapshot { step: best.assessment.step, averaged: project.train.ema_decay > 0.0, samples, generator })
}
