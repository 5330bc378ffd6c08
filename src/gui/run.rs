//! The window's side of a run: it listens to the worker and remembers what it said.

use std::sync::Arc;
use std::time::Duration;

use super::slow::Slow;
use crate::data::{Dataset, LoadProgress};
use crate::measure::{Best, Series, doctor};
use crate::project::ProjectFile;
use crate::spec::{Project, Stack};
use crate::train::{Assessed, Assessing, Checkpoint, Event, Finish, History, Preparing, Progress, Reel, Show, Snapshot, Worker};

/// What a run is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    /// There is none.
    #[default]
    Idle,
    /// Its data is being loaded.
    Loading(LoadProgress),
    /// The device is being opened, checked and prepared.
    Preparing {
        /// By name.
        device: String,
        /// How far it is.
        progress: Preparing,
    },
    /// It trains.
    Running,
    /// It is held.
    Paused,
    /// It is over.
    Finished(Finish),
    /// It ended by a fault, in words.
    Failed(String),
}

impl Phase {
    /// Does a worker work on it?
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Loading(_) | Self::Preparing { .. } | Self::Running)
    }

    /// Is there a run that can be held, or go on?
    pub fn is_live(&self) -> bool {
        self.is_busy() || *self == Self::Paused
    }
}

/// How often a run is measured beside training, at most; none not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measuring(pub Option<Duration>);

impl Default for Measuring {
    fn default() -> Self {
        Self(Some(Duration::from_secs(5)))
    }
}

/// All the window knows about its run. Panels read it.
#[derive(Debug, Default)]
pub struct Run {
    /// What it is doing.
    pub phase: Phase,
    /// The device it runs on, by name.
    pub device: Option<String>,
    /// Step, epoch, speed.
    pub progress: Progress,
    /// The numbers of every step.
    pub history: History,
    /// Its vital signs.
    pub vitals: doctor::Series,
    /// The data, once loaded.
    pub dataset: Option<Arc<Dataset>>,
    /// The newest samples and generator.
    pub snapshot: Option<Arc<Snapshot>>,
    /// From where the run can go on: set when a project was opened, paused, stopped or failed.
    pub checkpoint: Option<Arc<Checkpoint>>,
    /// The states that the run can go back to, oldest first.
    pub states: Arc<Vec<Arc<Checkpoint>>>,
    /// What the generator made of the same latent vectors, from the beginning to now.
    pub reel: Arc<Reel>,
    /// What is shown.
    pub show: Show,
    /// How often it is measured.
    pub measuring: Measuring,
    /// How good it is, as far as that was measured.
    pub assessed: Option<Arc<Assessed>>,
    /// Is the snapshot that of the generator at its best?
    pub shows_best: bool,
    /// Its slow motion.
    pub slow: Slow,
    /// What is trained: the project as it was when the run began. Networks, data, latent vectors and seed stay like this until the next
    /// start, whatever is edited meanwhile.
    pub begun: Option<Box<Project>>,
    /// Starts that the worker was sent and has not heard yet: what it says until then is about the run before.
    awaited: u32,
    /// The run was given up: what is still said about it is not heard.
    is_deaf: bool,
}

/// What differs between a project and the run that was begun with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// A layer, or what goes into a stack.
    pub networks: bool,
    /// The source, or what is made of it.
    pub data: bool,
    /// Where latent vectors come from.
    pub latent: bool,
    /// The seed.
    pub seed: bool,
}

impl Difference {
    /// Is there any?
    pub fn any(self) -> bool {
        self.networks || self.data || self.latent || self.seed
    }
}

/// Do two stacks compute the same? Layers that are off do not count.
fn same_network(a: &Stack, b: &Stack) -> bool {
    a.input == b.input && a.active().map(|layer| &layer.layer).eq(b.active().map(|layer| &layer.layer))
}

impl Run {
    /// What a restart would change.
    pub fn difference(&self, project: &Project) -> Difference {
        let Some(begun) = self.begun.as_deref().filter(|_| self.phase != Phase::Idle) else { return Difference::default() };
        let networks = !same_network(&begun.generator, &project.generator) || !same_network(&begun.discriminator, &project.discriminator);
        let latent = begun.train.latent != project.train.latent;
        Difference { networks, data: begun.data != project.data, latent, seed: begun.seed != project.seed }
    }

    /// Forgets the run before and waits for one of `project` that goes on from `checkpoint`, or begins at step 0.
    pub fn begin(&mut self, project: Project, device: String, checkpoint: Option<Arc<Checkpoint>>) {
        let dataset = self.dataset.take().filter(|_| self.begun.as_ref().is_some_and(|begun| same_samples(begun, &project)));
        let progress = checkpoint.as_deref().map(progress_of).unwrap_or_default();
        let history = checkpoint.as_ref().map(|checkpoint| checkpoint.history.clone()).unwrap_or_default();
        let reel = checkpoint.as_ref().map(|checkpoint| Arc::new(checkpoint.reel.clone())).unwrap_or_default();
        // Until the worker says which there are.
        let leads_here = |state: &&Arc<Checkpoint>| checkpoint.as_ref().is_some_and(|from| state.leads_to(from));
        let states = self.states.iter().filter(leads_here).cloned().collect();
        let watched = checkpoint.as_ref().filter(|checkpoint| checkpoint.is_of_run(&project));
        let vitals = watched.map(|checkpoint| checkpoint.signs.series.clone()).unwrap_or_default();
        *self = Self {
            phase: Phase::Preparing { device, progress: Preparing::OPENING },
            device: None,
            progress,
            history,
            vitals,
            dataset,
            snapshot: None,
            checkpoint,
            states: Arc::new(states),
            reel,
            show: self.show,
            measuring: self.measuring,
            assessed: None,
            shows_best: false,
            slow: self.slow.anew(),
            begun: Some(Box::new(project)),
            awaited: self.awaited + 1,
            is_deaf: false,
        };
    }

    /// Forgets the run; what the worker still says about it is not heard.
    pub fn forget(&mut self) {
        *self = Self {
            show: self.show,
            slow: self.slow.anew(),
            measuring: self.measuring,
            awaited: self.awaited,
            is_deaf: true,
            ..Self::default()
        };
    }

    /// A run that has not begun, beside this one: with the same data, shown and measured alike.
    pub fn beside(&self) -> Self {
        Self {
            show: self.show,
            measuring: self.measuring,
            dataset: self.dataset.clone(),
            states: Arc::clone(&self.states),
            begun: self.begun.clone(),
            ..Self::default()
        }
    }

    /// All of it that goes into a file, beside this project.
    pub fn file(&self, project: Project) -> ProjectFile {
        let best = self.assessed.as_ref().and_then(|assessed| assessed.best.as_ref());
        ProjectFile::of_run(project, self.checkpoint.clone(), &self.states, best)
    }

    /// The run went back to this state, or has gone on from there since: its signs are those of the way there, which may be another way.
    pub fn is_back_at(&mut self, checkpoint: Arc<Checkpoint>) {
        self.vitals = checkpoint.signs.series.clone();
        self.checkpoint = Some(checkpoint);
    }

    /// What was measured of it.
    pub fn series(&self) -> &Series {
        self.assessed.as_ref().map_or(const { &Series::EMPTY }, |assessed| &assessed.quality.series)
    }

    /// Its generator at its best, where that is known.
    pub fn best(&self) -> Option<Arc<Best>> {
        self.assessed.as_ref()?.quality.best.clone()
    }

    /// What is being done about measuring it.
    pub fn assessing(&self) -> &Assessing {
        self.assessed.as_ref().map_or(&Assessing::Off, |assessed| &assessed.stage)
    }

    /// Is what the worker says and shows about this run, and not about the one before?
    fn is_heard(&self) -> bool {
        self.awaited == 0 && !self.is_deaf
    }

    /// Takes in what the worker said, as far as it belongs here. Returns whether it is about this run at all.
    pub fn hear(&mut self, event: &Event) -> bool {
        if matches!(event, Event::Starting) {
            self.awaited = self.awaited.saturating_sub(1);
        }
        if !self.is_heard() {
            return false;
        }
        match event {
            Event::Loading(progress) => self.phase = Phase::Loading(*progress),
            Event::Loaded(dataset) => self.dataset = Some(Arc::clone(dataset)),
            Event::Preparing { device, progress } => self.phase = Phase::Preparing { device: device.clone(), progress: *progress },
            Event::Running { device } => {
                self.device = Some(device.clone());
                self.phase = Phase::Running;
            }
            Event::Progress(progress) => {
                self.history.clone_from(&progress.history);
                self.progress.clone_from(progress);
            }
            Event::Paused => self.phase = Phase::Paused,
            Event::Finished(finish) => self.phase = Phase::Finished(*finish),
            Event::Failed(reason) => {
                self.phase = Phase::Failed(reason.clone());
                self.slow.leave();
            }
            Event::Vitals(vitals) => self.vitals.push(Arc::clone(vitals)),
            Event::Told(story) => self.slow.hear(story),
            Event::Starting | Event::Saved { .. } | Event::SaveFailed(_) | Event::Warning(_) => {}
            // What was given up says nothing about what is to come.
            Event::WentBack { to, .. } | Event::Recovered { to, .. } => self.vitals = self.vitals.until(*to),
        }
        true
    }
}

/// What a worker showed of the run before, and shows until there is something new.
#[derive(Debug, Default)]
pub struct Before {
    snapshot: Option<Arc<Snapshot>>,
    checkpoint: Option<Arc<Checkpoint>>,
    states: Option<Arc<Vec<Arc<Checkpoint>>>>,
    assessed: Option<Arc<Assessed>>,
    reel: Option<Arc<Reel>>,
}

impl Before {
    /// What the worker shows now is old from here on.
    pub fn of(worker: &Worker) -> Self {
        Self {
            snapshot: worker.snapshot(),
            checkpoint: worker.checkpoint(),
            states: Some(worker.states()),
            assessed: worker.assessed(),
            reel: worker.reel(),
        }
    }

    /// The newest samples since then.
    pub fn newest_snapshot(&self, worker: &Worker) -> Option<Arc<Snapshot>> {
        newer(worker.snapshot(), &self.snapshot)
    }

    /// The last state since then.
    pub fn newest_checkpoint(&self, worker: &Worker) -> Option<Arc<Checkpoint>> {
        newer(worker.checkpoint(), &self.checkpoint)
    }

    /// What was measured of the run since then.
    pub fn newest_assessed(&self, worker: &Worker, run: &Run) -> Option<Arc<Assessed>> {
        newer(worker.assessed(), &self.assessed).filter(|_| run.is_heard())
    }

    /// Takes in what the worker shows of the run since then, but for what was measured.
    pub fn show(&self, worker: &Worker, run: &mut Run) {
        if !run.is_heard() {
            return;
        }
        if let Some(snapshot) = self.newest_snapshot(worker).filter(|_| !run.shows_best) {
            run.snapshot = Some(snapshot);
        }
        if let Some(states) = newer(Some(worker.states()), &self.states) {
            run.states = states;
        }
        if let Some(reel) = newer(worker.reel(), &self.reel) {
            run.reel = reel;
        }
    }
}

fn newer<T>(newest: Option<Arc<T>>, before: &Option<Arc<T>>) -> Option<Arc<T>> {
    newest.filter(|newest| !before.as_ref().is_some_and(|before| Arc::ptr_eq(before, newest)))
}

/// Would loading give the same samples in the same parts?
fn same_samples(a: &Project, b: &Project) -> bool {
    a.data == b.data && a.seed == b.seed
}

/// Where a run stands that goes on from `checkpoint`, before it has taken a step.
pub fn progress_of(checkpoint: &Checkpoint) -> Progress {
    Progress { step: checkpoint.g_steps, elapsed_secs: checkpoint.elapsed_secs, ..Progress::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::DeviceChoice;
    use crate::spec::{Edit, Latent, Layer, Preset, Role, StackLayer, TrainSpec};
    use crate::train::{Command, Start, States, StepRecord};

    fn ring() -> Project {
        Preset::from_name("ring8").unwrap().project()
    }

    fn running() -> Run {
        let mut run = Run::default();
        run.begin(ring(), "CPU".to_owned(), None);
        run.hear(&Event::Starting);
        run.hear(&Event::Running { device: "CPU".to_owned() });
        run
    }

    #[test]
    fn a_layer_that_is_off_makes_no_difference_and_a_new_one_does() {
        let run = running();
        let mut project = ring();
        assert!(!run.difference(&project).any());
        let layer = StackLayer { id: project.generator.free_id(), on: false, layer: Layer::Tanh };
        Edit::Insert { role: Role::Generator, index: 0, layer: layer.clone() }.apply(&mut project).unwrap();
        assert!(!run.difference(&project).any());
        Edit::Switch { role: Role::Generator, id: layer.id, on: true }.apply(&mut project).unwrap();
        assert_eq!(run.difference(&project), Difference { networks: true, ..Difference::default() });
    }

    #[test]
    fn latent_vectors_wait_for_a_restart_and_other_settings_do_not() {
        let run = running();
        let set = |change: fn(&mut TrainSpec)| {
            let mut project = ring();
            change(&mut project.train);
            run.difference(&project)
        };
        assert!(!set(|train| train.generator.learning_rate *= 2.0).any());
        assert_eq!(ring().train.latent, Latent::Normal);
        assert_eq!(set(|train| train.latent = Latent::Uniform), Difference { latent: true, ..Difference::default() });
    }

    #[test]
    fn what_still_arrives_from_the_run_before_is_not_taken_for_the_new_one() {
        let mut run = running();
        let progress = Event::Progress(Progress { step: 7, history: [Default::default(); 7].into_iter().collect(), ..Progress::default() });
        run.hear(&progress);
        assert_eq!(run.history.len(), 7);
        run.begin(ring(), "CPU".to_owned(), None);
        run.hear(&progress);
        run.hear(&Event::Paused);
        assert_eq!(run.phase, Phase::Preparing { device: "CPU".to_owned(), progress: Preparing::OPENING });
        assert!(run.history.is_empty());
        run.hear(&Event::Starting);
        run.hear(&progress);
        assert_eq!(run.progress.step, 7);
    }

    #[test]
    fn of_two_starts_only_the_second_is_heard() {
        let mut run = running();
        run.begin(ring(), "CPU".to_owned(), None);
        run.begin(ring(), "CPU".to_owned(), None);
        run.hear(&Event::Starting);
        run.hear(&Event::Failed("no such device".to_owned()));
        assert!(run.phase.is_busy());
        run.hear(&Event::Starting);
        run.hear(&Event::Paused);
        assert_eq!(run.phase, Phase::Paused);
    }

    #[test]
    fn signs_of_steps_that_were_given_up_go_with_them() {
        let train = ring().train;
        let settings = Arc::new(train.clone());
        let back = Event::WentBack { from: 150, to: 100 };
        let broken = Event::Recovered { from: 150, to: 100, train: Box::new(train), reason: "it broke".to_owned() };
        for event in [back, broken] {
            let mut run = running();
            for step in [50, 100, 150] {
                run.hear(&Event::Vitals(Arc::new(doctor::Vitals::blank(step, &settings))));
            }
            run.hear(&event);
            assert_eq!(run.vitals.iter().map(|vitals| vitals.step).collect::<Vec<_>>(), [50, 100]);
        }
    }

    #[test]
    fn of_the_states_only_those_on_the_way_to_the_start_are_kept() {
        let records = |steps: u64, pace: f64| -> History {
            (1..=steps).map(|step| StepRecord { step, elapsed_secs: pace * step as f64, ..StepRecord::default() }).collect()
        };
        let state = |step: u64, pace| Arc::new(Checkpoint { history: records(step, pace), ..Checkpoint::blank(ring(), step) });
        let mut run = running();
        // One went on from step 20 another way, and one is later than the start.
        run.states = Arc::new(vec![state(10, 1.0), state(20, 1.0), state(30, 2.0), state(50, 1.0)]);
        run.begin(ring(), "CPU".to_owned(), Some(state(40, 1.0)));
        assert_eq!(run.states.iter().map(|state| state.g_steps).collect::<Vec<_>>(), [10, 20]);
        run.begin(Project { seed: 77, ..ring() }, "CPU".to_owned(), None);
        assert!(run.states.is_empty());
    }

    #[test]
    fn what_a_worker_shows_of_a_run_that_was_left_is_not_taken_up() {
        let worker = Worker::spawn(|| {});
        let start =
            Start { project: ring(), device: DeviceChoice::Cpu, checkpoint: None, earlier: States::new(), dataset: None, paused: true };
        worker.send(Command::Start(Box::new(start)));
        while !matches!(worker.wait_event(Duration::from_secs(60)), Some(Event::Paused)) {}
        let shown = |mut run: Run| {
            Before::default().show(&worker, &mut run);
            (run.snapshot.is_some(), run.states.len(), Before::default().newest_assessed(&worker, &run).is_some())
        };
        assert_eq!(shown(running()), (true, 1, true));
        let mut left = running();
        left.forget();
        assert_eq!(shown(left), (false, 0, false));
        let mut awaiting = running();
        awaiting.begin(ring(), "CPU".to_owned(), None);
        assert_eq!(shown(awaiting), (false, 0, false));
    }

    #[test]
    fn a_run_that_was_given_up_stays_silent_until_the_next_one() {
        let mut run = running();
        run.forget();
        assert!(!run.hear(&Event::Progress(Progress { step: 9, ..Progress::default() })));
        assert_eq!(run.phase, Phase::Idle);
        run.begin(ring(), "CPU".to_owned(), None);
        assert!(run.hear(&Event::Starting));
        assert!(run.hear(&Event::Paused));
    }
}
