//! Several states of a run, from its beginning to now: dense where they are recent, thinner the older they are.

use std::sync::Arc;

use crate::spec::Project;
use crate::train::checkpoint::Checkpoint;

/// States of a run, oldest first.
pub type States = Vec<Arc<Checkpoint>>;

/// States of a run by step. What they take together is bounded; history is shared and does not count.
#[derive(Debug)]
pub struct Ring {
    /// By step, each step once.
    kept: Vec<Kept>,
    /// Bytes that their tensors may take together.
    budget: usize,
}

#[derive(Debug)]
struct Kept {
    checkpoint: Arc<Checkpoint>,
    bytes: usize,
    /// The run went back to before it, and takes another way now.
    is_left: bool,
}

impl Kept {
    fn step(&self) -> u64 {
        self.checkpoint.g_steps
    }
}

/// Bytes that the states of a run may take.
const BUDGET: usize = 96 << 20;
/// There are no more of them, however small they are: a person chooses among them.
const MOST: usize = 24;
/// There are so many, however large they are: should one be the beginning of the end, there is another.
const FEWEST: usize = 2;
/// With so many the oldest stays, too, so that the whole of the run is covered.
const ENOUGH_TO_SPREAD: usize = 5;

impl Default for Ring {
    fn default() -> Self {
        Self::with_budget(BUDGET)
    }
}

impl Ring {
    /// Nothing is kept yet; what will be takes so many bytes at most.
    pub fn with_budget(budget: usize) -> Self {
        Self { kept: Vec::new(), budget }
    }

    /// Keeps a state: the newest of the run. Of the way that the run left, what it has passed goes.
    pub fn push(&mut self, checkpoint: Arc<Checkpoint>) {
        let step = checkpoint.g_steps;
        self.kept.retain(|kept| kept.step() != step && !(kept.is_left && kept.step() < step));
        let place = self.kept.partition_point(|kept| kept.step() < step);
        self.kept.insert(place, Kept { bytes: bytes(&checkpoint), checkpoint, is_left: false });
        while self.kept.len() > FEWEST && (self.kept.len() > MOST || self.bytes() > self.budget) {
            let Some(index) = self.most_dispensable(step) else { break };
            self.kept.remove(index);
        }
    }

    /// Bytes of all of them.
    fn bytes(&self) -> usize {
        self.kept.iter().map(|kept| kept.bytes).sum()
    }

    /// The one without which the gap is smallest for its age. So gaps grow with age, as in a list of powers of two.
    fn most_dispensable(&self, now: u64) -> Option<usize> {
        let steps: Vec<u64> = self.kept.iter().map(Kept::step).collect();
        let gap = |index: usize| {
            let (before, after) = (index.checked_sub(1).map(|before| steps[before]), steps.get(index + 1).copied());
            let here = steps[index];
            // At an end the gap counts as if it were the same on the other side.
            let [left, right] = [before.map(|before| here - before), after.map(|after| after - here)];
            left.or(right).unwrap_or(0) + right.or(left).unwrap_or(0)
        };
        let cost = |index: usize| gap(index) as f64 / steps[index].abs_diff(now).max(1) as f64;
        let first = usize::from(steps.len() > ENOUGH_TO_SPREAD);
        (first..steps.len()).filter(|&index| steps[index] != now).min_by(|&a, &b| cost(a).total_cmp(&cost(b)))
    }

    /// The newest state that is not after `step`; where there is none, the oldest.
    pub fn at_or_before(&self, step: u64) -> Option<Arc<Checkpoint>> {
        let after = self.kept.partition_point(|kept| kept.step() <= step);
        self.kept.get(after.saturating_sub(1)).map(|kept| Arc::clone(&kept.checkpoint))
    }

    /// The same among the states on the way to where the run is now: what a person left is not what a run falls back to by itself.
    pub fn on_the_way(&self, step: u64) -> Option<Arc<Checkpoint>> {
        let mut own = self.kept.iter().filter(|kept| !kept.is_left);
        let oldest = own.clone().next();
        let found = own.rfind(|kept| kept.step() <= step).or(oldest)?;
        Some(Arc::clone(&found.checkpoint))
    }

    /// The run went back to a state. What came after, or did not lead there, stays until the run has passed it on its new way.
    pub fn leave_for(&mut self, to: &Checkpoint) {
        for kept in &mut self.kept {
            kept.is_left = kept.step() > to.g_steps || !kept.checkpoint.is_on_the_way_of(&to.history);
        }
    }

    /// Forgets what came after `step`.
    pub fn forget_after(&mut self, step: u64) {
        self.kept.retain(|kept| kept.step() <= step);
    }

    /// A run of `project` begins, from `checkpoint` if there is one. The states of the run before stay where it is the same run that goes
    /// on: from one of them, with the same networks and the same samples. Else those of `earlier` are its states that come before
    /// `checkpoint` and are of the same run.
    pub fn begin(&mut self, project: &Project, checkpoint: Option<&Arc<Checkpoint>>, earlier: &[Arc<Checkpoint>]) {
        let goes_on = checkpoint.is_some_and(|from| self.kept.iter().any(|kept| Arc::ptr_eq(&kept.checkpoint, from)));
        self.kept.retain(|kept| goes_on && kept.checkpoint.is_of_run(project));
        let Some(from) = checkpoint else { return };
        if !goes_on && from.is_of_run(project) {
            earlier.iter().filter(|state| state.leads_to(from)).for_each(|state| self.push(Arc::clone(state)));
        }
        self.leave_for(from);
    }

    /// All of them, oldest first.
    pub fn list(&self) -> States {
        self.kept.iter().map(|kept| Arc::clone(&kept.checkpoint)).collect()
    }
}

/// What the tensors of a state take, and the samples that are kept with it.
fn bytes(checkpoint: &Checkpoint) -> usize {
    let samples = checkpoint.signs.samples.as_ref().map_or(0, |samples| size_of_val(samples.values()));
    samples + checkpoint.tensors.values().map(|tensor| size_of_val(tensor.values.as_slice())).sum::<usize>()
}

/// Bytes that states before the newest may take in a file.
const FILE_BUDGET: usize = 48 << 20;

/// What of a run's states goes into its file beside the newest: as many as there is room for, spread as in the ring, and the best.
pub fn states_for_file(newest: &Checkpoint, states: &[Arc<Checkpoint>], best: Option<&Arc<Checkpoint>>) -> States {
    let is_earlier = |state: &&Arc<Checkpoint>| state.leads_to(newest);
    let best = best.or_else(|| states.iter().find(|state| state.is_best_of(&newest.quality))).filter(is_earlier);
    let mut ring = Ring::with_budget(FILE_BUDGET.saturating_sub(best.map_or(0, |best| bytes(best))));
    let few = ring.budget.checked_div(bytes(newest)).unwrap_or(MOST);
    // Where hardly one finds room, two would be too many.
    if few > FEWEST {
        states.iter().filter(is_earlier).for_each(|state| ring.push(Arc::clone(state)));
    }
    let mut states = ring.list();
    if let Some(best) = best.filter(|best| states.iter().all(|state| state.g_steps != best.g_steps)) {
        states.push(Arc::clone(best));
        states.sort_by_key(|state| state.g_steps);
    }
    states
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::nn::{Named, TensorValues};
    use crate::spec::{Edit, Layer, Preset, Role};
    use crate::train::{History, StepRecord};

    /// A state at `step` whose tensors take `kib` KiB.
    pub fn state(step: u64, kib: usize) -> Arc<Checkpoint> {
        let values = TensorValues { shape: vec![kib * 256], values: vec![0.5; kib * 256] };
        let tensors = Named::from([("generator.1.weight".to_owned(), values)]);
        Arc::new(Checkpoint { tensors, ..Checkpoint::blank(Preset::from_name("ring8").unwrap().project(), step) })
    }

    pub fn ring(steps: impl IntoIterator<Item = u64>) -> Ring {
        let mut ring = Ring::default();
        steps.into_iter().for_each(|step| ring.push(state(step, 1)));
        ring
    }

    fn steps(ring: &Ring) -> Vec<u64> {
        ring.list().iter().map(|kept| kept.g_steps).collect()
    }

    #[test]
    fn old_states_are_sparse_and_recent_ones_dense_however_long_the_run() {
        for length in [30_u64, 500, 20_000] {
            let ring = ring((0..=length).map(|index| 10 * index));
            let (steps, now) = (steps(&ring), 10 * length);
            assert_eq!(steps.len(), MOST, "{steps:?}");
            assert_eq!((steps[0], steps[MOST - 1], steps[MOST - 2]), (0, now, now - 10), "the beginning, now, and the one before");
            for pair in steps.windows(2) {
                let (gap, age) = (pair[1] - pair[0], now - pair[0]);
                // Halving age 24 times covers 16 million: with 24 states a gap is never much more than half of the age.
                assert!(gap as f64 <= 10.0 + 0.75 * age as f64, "a gap of {gap} at an age of {age}: {steps:?}");
            }
            let young = steps.iter().filter(|&&step| now - step <= now / 8).count();
            assert!(young >= (MOST / 4).min(now as usize / 80), "few are of the last eighth of the run: {steps:?}");
        }
    }

    #[test]
    fn memory_is_bounded_but_for_two() {
        let mut ring = Ring::with_budget(100 << 10);
        for step in 0..200 {
            ring.push(state(step, 10));
            assert!(ring.bytes() <= 100 << 10, "{}", ring.bytes());
        }
        assert_eq!(ring.list().len(), 10);
        let mut ring = Ring::with_budget(1);
        (0..50).for_each(|step| ring.push(state(step, 10)));
        assert_eq!(steps(&ring), [48, 49], "the newest, and one before it");
    }

    #[test]
    fn the_newest_that_is_not_after_a_step_is_found() {
        let ring = ring([0, 10, 20, 30]);
        let found = |step| ring.at_or_before(step).unwrap().g_steps;
        assert_eq!([29, 30, 99, 0].map(found), [20, 30, 30, 0]);
        assert!(Ring::default().at_or_before(5).is_none());
        let mut late = ring;
        late.kept.remove(0);
        assert_eq!(late.at_or_before(3).unwrap().g_steps, 10, "there is nothing older");
    }

    #[test]
    fn what_a_person_goes_back_from_stays_until_the_run_has_passed_it() {
        let mut ring = ring([0, 10, 20, 30]);
        ring.leave_for(&state(10, 1));
        ring.push(state(15, 1));
        assert_eq!(steps(&ring), [0, 10, 15, 20, 30]);
        ring.push(state(25, 1));
        assert_eq!(steps(&ring), [0, 10, 15, 25, 30], "20 was on another way");
        ring.forget_after(15);
        assert_eq!(steps(&ring), [0, 10, 15]);
    }

    /// A state of a run that took so many seconds for each step after step 10.
    fn on_a_way(step: u64, pace: f64) -> Arc<Checkpoint> {
        let record = |step: u64| {
            let elapsed_secs = if step > 10 { pace * step as f64 } else { step as f64 };
            StepRecord { step, elapsed_secs, ..StepRecord::default() }
        };
        Arc::new(Checkpoint { history: (1..=step).map(record).collect(), ..Checkpoint::clone(&state(step, 1)) })
    }

    #[test]
    fn who_goes_to_a_state_ahead_leaves_the_way_that_does_not_lead_there() {
        let mut ring = Ring::default();
        for step in [0, 10, 20, 30] {
            ring.push(on_a_way(step, 1.0));
        }
        ring.leave_for(&on_a_way(10, 1.0));
        ring.push(on_a_way(15, 2.0));
        assert_eq!(steps(&ring), [0, 10, 15, 20, 30]);
        let own = [29, 12, 5].map(|step| ring.on_the_way(step).unwrap().g_steps);
        assert_eq!(own, [15, 10, 0], "20 is of the other way");
        ring.leave_for(&on_a_way(30, 1.0));
        ring.push(on_a_way(40, 1.0));
        assert_eq!(steps(&ring), [0, 10, 20, 30, 40], "15 was on the other way");
    }

    #[test]
    fn a_run_that_goes_on_keeps_its_states_and_another_one_does_not() {
        let project = Preset::from_name("ring8").unwrap().project();
        let started = |project: &Project, from: &dyn Fn(&Ring) -> Option<Arc<Checkpoint>>| {
            let mut ring = ring([0, 10, 20]);
            let from = from(&ring);
            ring.begin(project, from.as_ref(), &[]);
            steps(&ring)
        };
        assert_eq!(started(&project, &|ring| ring.at_or_before(20)), [0, 10, 20]);
        assert!(started(&project, &|_| None).is_empty(), "from the beginning");
        assert!(started(&project, &|_| Some(state(20, 1))).is_empty(), "from a file");
        let mut other = project.clone();
        Edit::insert(&project, Role::Discriminator, 2, Layer::dense(16)).apply(&mut other).unwrap();
        assert!(started(&other, &|ring| ring.at_or_before(20)).is_empty(), "other networks");
        let mut train = project.train.clone();
        train.batch_size = 7;
        Edit::SetTrain(train).apply(&mut other).unwrap();
        let slower = Project { train: other.train, ..project };
        assert_eq!(started(&slower, &|ring| ring.at_or_before(20)).len(), 3, "settings change during a run");
    }

    #[test]
    fn a_file_holds_what_there_is_room_for_and_the_best() {
        let steps_in = |newest: u64, states: &[Arc<Checkpoint>], best: Option<&Arc<Checkpoint>>| {
            let newest = state(newest, states[0].tensors["generator.1.weight"].values.len() / 256);
            states_for_file(&newest, states, best).iter().map(|kept| kept.g_steps).collect::<Vec<_>>()
        };
        let small: Vec<_> = [0, 10, 20, 30].map(|step| state(step, 1)).into();
        assert_eq!(steps_in(20, &small, None), [0, 10], "what comes before the newest");
        assert_eq!(steps_in(30, &small, Some(&small[1])), [0, 10, 20], "the best is one of them");
        let best = state(15, 1);
        assert_eq!(steps_in(30, &small, Some(&best)), [0, 10, 15, 20]);
        let mib = 1 << 10;
        let large: Vec<_> = (0..8).map(|step| state(10 * step, 10 * mib)).collect();
        let kept = steps_in(100, &large, None);
        assert!(kept.len() == FILE_BUDGET / (10 << 20) && kept.contains(&70), "{kept:?}");
        let huge: Vec<_> = (0..3).map(|step| state(10 * step, 30 * mib)).collect();
        assert_eq!(steps_in(100, &huge, Some(&huge[1])), [10], "too large, but the best is kept");
        let other = Arc::new(Checkpoint { project: Project { seed: 99, ..small[0].project.clone() }, ..Checkpoint::clone(&small[0]) });
        assert!(steps_in(30, &[other], None).is_empty(), "another run's");
    }

    #[test]
    fn a_run_from_a_file_begins_with_the_states_before_it() {
        let project = Preset::from_name("ring8").unwrap().project();
        let earlier: Vec<_> = [0, 10, 20, 30].map(|step| state(step, 1)).into();
        let mut ring = Ring::default();
        ring.begin(&project, Some(&state(20, 1)), &earlier);
        assert_eq!(steps(&ring), [0, 10]);
        ring.begin(&project, None, &earlier);
        assert!(steps(&ring).is_empty(), "from the beginning there is nothing before");
    }

    #[test]
    fn states_of_a_way_that_was_left_are_not_those_of_the_run() {
        let way = |secs: f64, steps: std::ops::RangeInclusive<u64>| {
            steps.map(move |step| StepRecord { step, elapsed_secs: secs + step as f64, ..StepRecord::default() })
        };
        let with = |step: u64, history: History| Arc::new(Checkpoint { history, ..Checkpoint::clone(&state(step, 1)) });
        let before = with(5, way(0.0, 1..=5).collect());
        let left = with(8, way(0.0, 1..=5).chain(way(100.0, 6..=8)).collect());
        let newest = with(10, way(0.0, 1..=10).collect());
        assert!(before.leads_to(&newest) && before.leads_to(&left) && !left.leads_to(&newest) && !newest.leads_to(&before));
        let file = states_for_file(&newest, &[Arc::clone(&before), Arc::clone(&left)], Some(&left));
        assert_eq!(file.iter().map(|kept| kept.g_steps).collect::<Vec<_>>(), [5]);
        let mut ring = Ring::default();
        ring.begin(&newest.project, Some(&newest), &[before, left]);
        assert_eq!(steps(&ring), [5]);
    }

    #[test]
    fn the_best_is_known_by_its_weights_and_not_by_its_step_alone() {
        // The ring averages, and what is measured is the average.
        let averaged = |step: u64, kib: usize| {
            let state = state(step, kib);
            let tensors = state.tensors.iter().map(|(name, tensor)| (name.replace("generator", "average"), tensor.clone())).collect();
            Checkpoint { tensors, ..Checkpoint::clone(&state) }
        };
        let best = averaged(10, 1);
        let report = crate::measure::Report::Points { samples: 1, floor: Default::default(), modes: None, coverage: None };
        let assessment = crate::measure::Assessment { step: 10, elapsed_secs: 0.0, report };
        let best = crate::measure::Best { assessment, project: best.project.clone(), weights: best.generator_to_show() };
        let quality = crate::measure::Quality { best: Some(Arc::new(best)), ..Default::default() };
        assert!(averaged(10, 1).is_best_of(&quality) && !averaged(11, 1).is_best_of(&quality) && !averaged(10, 2).is_best_of(&quality));
    }
}
