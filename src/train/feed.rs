//! The batches of a run, one step ahead.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::data::{Batches, Dataset};

/// Gathers what the next steps train on.
#[derive(Debug)]
pub struct Feed {
    dataset: Arc<Dataset>,
    batches: Batches,
    /// Batches prepared already, in the order of their use.
    ready: VecDeque<Batch>,
}

/// The samples from a place in the endless line of them on.
#[derive(Debug)]
struct Batch {
    seen: u64,
    count: usize,
    values: Vec<f32>,
}

impl Feed {
    /// Nothing is prepared yet.
    pub fn new(dataset: Arc<Dataset>, seed: u64) -> Self {
        Self { batches: Batches::new(&dataset, seed), dataset, ready: VecDeque::new() }
    }

    /// How many passes over the training data `seen` samples are, as a fraction.
    pub fn epoch(&self, seen: u64) -> f64 {
        self.batches.epoch(seen)
    }

    /// The next `count` samples of a run that has seen so many, `[count, values]`: those prepared before, if it is those.
    pub fn take(&mut self, seen: u64, count: usize) -> Vec<f32> {
        match self.ready.pop_front() {
            Some(batch) if (batch.seen, batch.count) == (seen, count) => batch.values,
            _ => {
                // Another step than the one that was prepared for.
                self.ready.clear();
                self.gather(seen, count)
            }
        }
    }

    fn gather(&mut self, seen: u64, count: usize) -> Vec<f32> {
        self.dataset.gather(&self.batches.indices(seen, count))
    }

    /// Prepares so many batches of `count` samples each, for a run that will have seen so many.
    pub fn prepare(&mut self, seen: u64, count: usize, batches: usize) {
        self.ready = (0..batches as u64)
            .map(|index| seen + index * count as u64)
            .map(|seen| Batch { seen, count, values: self.gather(seen, count) })
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::spec::Preset;

    fn feed() -> Feed {
        let project = Preset::from_name("ring8").unwrap().project();
        let dataset = crate::data::load(&project.data, project.seed, &mut |_| {}, &AtomicBool::new(false)).unwrap();
        Feed::new(Arc::new(dataset), 3)
    }

    #[test]
    fn what_was_prepared_is_what_would_have_been_gathered() {
        let (mut ahead, mut plain) = (feed(), feed());
        ahead.prepare(40, 20, 3);
        for seen in [40, 60, 80, 100] {
            assert_eq!(ahead.take(seen, 20), plain.take(seen, 20), "{seen}");
        }
        assert_ne!(plain.take(40, 20), plain.take(60, 20));
    }

    #[test]
    fn another_step_than_the_one_prepared_for_gets_its_own_samples() {
        let (mut ahead, mut plain) = (feed(), feed());
        ahead.prepare(40, 20, 2);
        assert_eq!(ahead.take(0, 20), plain.take(0, 20));
        ahead.prepare(40, 20, 2);
        assert_eq!(ahead.take(40, 10), plain.take(40, 10), "the size of a batch was changed");
        assert_eq!(ahead.take(60, 20), plain.take(60, 20), "what was prepared before is stale");
    }
}
