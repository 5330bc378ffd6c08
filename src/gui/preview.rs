//! The data that the project asks for, loaded to be looked at before a run needs it, and handed to the run that does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::tasks::Outcome;
use crate::data::{self, DataError, Dataset, LoadProgress};
use crate::spec::{DataSpec, Project};
use crate::train::Slot;

/// All that a data set depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    data: DataSpec,
    seed: u64,
}

impl Wanted {
    fn by(project: &Project) -> Self {
        Self { data: project.data.clone(), seed: project.seed }
    }
}

/// How far it is.
#[derive(Clone, Debug, Default)]
pub enum State {
    /// Nobody asked for it.
    #[default]
    Idle,
    /// It is being loaded.
    Loading(LoadProgress),
    /// It is there.
    Loaded(Arc<Dataset>),
    /// It cannot be loaded, in words.
    Failed(String),
}

/// The newest data asked for.
#[derive(Debug, Default)]
pub struct Preview {
    wanted: Option<Wanted>,
    state: State,
    progress: Slot<LoadProgress>,
    cancel: Arc<AtomicBool>,
}

impl Preview {
    /// How far the data of `project` is.
    pub fn of(&self, project: &Project) -> State {
        if self.wanted.as_ref() != Some(&Wanted::by(project)) {
            return State::Idle;
        }
        match &self.state {
            State::Loading(_) => State::Loading(self.progress.newest().map(|progress| *progress).unwrap_or_default()),
            state => state.clone(),
        }
    }

    /// The data of `project`, where it is there.
    pub fn dataset(&self, project: &Project) -> Option<Arc<Dataset>> {
        if let State::Loaded(dataset) = self.of(project) { Some(dataset) } else { None }
    }

    /// Begins to load the data of `project`, in place of what was being loaded; the work is for a thread. None where it is that already.
    pub fn begin(&mut self, project: &Project) -> Option<impl FnOnce() -> Outcome + Send + 'static> {
        let wanted = Wanted::by(project);
        // What failed may work now: a disk is there again.
        if self.wanted.as_ref() == Some(&wanted) && !matches!(self.state, State::Failed(_)) {
            return None;
        }
        self.cancel.store(true, Ordering::Relaxed);
        *self = Self { wanted: Some(wanted.clone()), state: State::Loading(LoadProgress::default()), ..Self::default() };
        let (progress, cancel) = (self.progress.clone(), Arc::clone(&self.cancel));
        Some(move || {
            let loaded = data::load(&wanted.data, wanted.seed, &mut |now| progress.put(now), &cancel);
            Outcome::DataLoaded(Box::new(wanted), Box::new(loaded))
        })
    }

    /// What loads it broke down, in words.
    pub fn broke_down(&mut self, reason: String) {
        if matches!(self.state, State::Loading(_)) {
            self.state = State::Failed(reason);
        }
    }

    /// Takes in what was loaded, if it is still wanted.
    pub fn take_in(&mut self, wanted: &Wanted, loaded: Result<Dataset, DataError>) {
        if self.wanted.as_ref() == Some(wanted) {
            self.state = match loaded {
                Ok(dataset) => State::Loaded(Arc::new(dataset)),
                Err(error) => State::Failed(error.to_string()),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Preset;

    #[test]
    fn the_newest_data_asked_for_is_shown_and_no_other() {
        let [ring, grid] = ["ring8", "grid25"].map(|name| Preset::from_name(name).unwrap().project());
        let mut preview = Preview::default();
        let load_ring = preview.begin(&ring).unwrap();
        assert!(matches!(preview.of(&ring), State::Loading(_)));
        assert!(preview.begin(&ring).is_none(), "it is being loaded already");
        let load_grid = preview.begin(&grid).unwrap();
        assert!(matches!(preview.of(&ring), State::Idle));
        for outcome in [load_grid(), load_ring()] {
            let Outcome::DataLoaded(wanted, loaded) = outcome else { panic!("data was loaded") };
            preview.take_in(&wanted, *loaded);
        }
        assert_eq!(preview.dataset(&grid).unwrap().len(), 20_000);
        assert!(preview.dataset(&ring).is_none());
    }

    #[test]
    fn data_that_cannot_be_loaded_says_why() {
        let mut project = Preset::from_name("dcgan28").unwrap().project();
        project.data.source = crate::spec::Source::Path("/nowhere/at/all".into());
        let mut preview = Preview::default();
        let Outcome::DataLoaded(wanted, loaded) = preview.begin(&project).unwrap()() else { panic!("data was looked for") };
        preview.take_in(&wanted, *loaded);
        assert!(matches!(preview.of(&project), State::Failed(reason) if reason.contains("/nowhere/at/all")));
    }
}
