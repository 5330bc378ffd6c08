//! Writing a run's file every so often, on a thread of its own: training never waits for the disk.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use crate::files::sweep;
use crate::project::{FileError, ProjectFile};
use crate::spec::Project;

/// What a worker writes by itself while it trains.
#[derive(Clone, Debug)]
pub struct Autosave {
    /// The project to write beside what was learned.
    pub project: Box<Project>,
    /// Where to.
    pub target: SaveTarget,
    /// How often. More seldom where it would take too much of the time.
    pub every: Duration,
}

/// A file that is written by itself until it is given up. Clones are the same.
#[derive(Clone, Debug)]
pub struct SaveTarget {
    path: PathBuf,
    /// Held while it is being written.
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    is_given_up: bool,
    is_written: bool,
}

impl SaveTarget {
    /// Nothing is written yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, state: Arc::default() }
    }

    /// A file that was written before, to be written on.
    pub fn existing(path: PathBuf) -> Self {
        Self { path, state: Arc::new(Mutex::new(State { is_given_up: false, is_written: true })) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From now on nobody writes it; waits for what is being written. Returns whether it was ever written.
    pub fn give_up(&self) -> bool {
        let mut state = self.lock();
        state.is_given_up = true;
        state.is_written
    }

    /// Removes the file, which is written again when it is next due. Returns false, and does nothing, while it is being written.
    pub fn clear(&self) -> bool {
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        if std::mem::take(&mut state.is_written) {
            // Where it is gone already, all the better.
            let _ = std::fs::remove_file(&self.path);
        }
        true
    }

    /// Was it written since it was last cleared? Not known while it is being written.
    pub fn is_written(&self) -> bool {
        self.state.try_lock().is_ok_and(|state| state.is_written)
    }

    /// Writes the file, unless it is given up. What was there before the first time stays as `.bak`; what was written on the way does not.
    ///
    /// # Errors
    /// It cannot be written; what was there stays.
    pub fn write(&self, file: &ProjectFile) -> Result<(), FileError> {
        let mut state = self.lock();
        if state.is_given_up {
            return Ok(());
        }
        if state.is_written {
            file.save_over(&self.path)?;
        } else {
            sweep(&self.path);
            file.save(&self.path)?;
        }
        state.is_written = true;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something to write.
#[derive(Debug)]
pub struct Job {
    /// What.
    pub file: ProjectFile,
    /// Where to.
    pub target: SaveTarget,
}

/// How writing went.
#[derive(Debug)]
pub struct Report {
    /// How long it took.
    pub took: Duration,
    /// What went wrong.
    pub written: Result<(), FileError>,
}

/// A thread that writes, one file at a time. It ends, after what it writes, when this is dropped.
#[derive(Debug)]
pub struct Writer {
    jobs: SyncSender<Job>,
    reports: Receiver<Report>,
    is_busy: bool,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives none.
    pub fn spawn() -> std::io::Result<Self> {
        let (jobs, inbox) = sync_channel::<Job>(1);
        let (outbox, reports) = sync_channel(1);
        std::thread::Builder::new().name("autosave".to_owned()).spawn(move || {
            for Job { file, target } in inbox {
                let began = Instant::now();
                let written = target.write(&file);
                if outbox.send(Report { took: began.elapsed(), written }).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { jobs, reports, is_busy: false })
    }

    /// Hands something over, to be written at once; false where something is being written already.
    pub fn offer(&mut self, job: Job) -> bool {
        if self.is_busy {
            return false;
        }
        match self.jobs.try_send(job) {
            Ok(()) => {
                self.is_busy = true;
                true
            }
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }

    /// How the last writing went, once.
    pub fn report(&mut self) -> Option<Report> {
        let report = self.reports.try_recv().ok()?;
        self.is_busy = false;
        Some(report)
    }

    /// The same of what is still being written; waits for it.
    pub fn last_report(&mut self) -> Option<Report> {
        let report = self.is_busy.then(|| self.reports.recv().ok())?;
        self.is_busy = false;
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::DeviceChoice;
    use crate::files::backup_path;
    use crate::spec::Preset;
    use crate::train::{Command, Event, Start, Worker};

    fn file(name: &str) -> ProjectFile {
        ProjectFile::from(Project { name: name.to_owned(), ..Preset::from_name("ring8").unwrap().project() })
    }

    fn name(path: &Path) -> String {
        ProjectFile::load(path).unwrap().project.name
    }

    #[test]
    fn what_was_there_before_the_run_stays_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ganvas");
        file("before").save(&path).unwrap();
        let target = SaveTarget::new(path.clone());
        for run in ["one", "two", "three"] {
            target.write(&file(run)).unwrap();
        }
        assert_eq!((name(&path), name(&backup_path(&path))), ("three".to_owned(), "before".to_owned()));
        assert!(target.give_up());
        target.write(&file("late")).unwrap();
        assert_eq!(name(&path), "three", "nobody wants it any more");
    }

    #[test]
    fn a_run_that_no_longer_saves_by_itself_does_not_wait_for_what_is_being_written() {
        let folder = tempfile::tempdir().unwrap();
        let target = SaveTarget::new(folder.path().join("a.ganvas"));
        // As if the disk took forever.
        let writing = target.lock();
        let project = Preset::from_name("ring8").unwrap().project();
        let worker = Worker::spawn(|| {});
        let autosave = Autosave { project: Box::new(project.clone()), target: target.clone(), every: Duration::from_millis(1) };
        worker.send(Command::Autosave(Some(autosave)));
        let start = Start { project, device: DeviceChoice::Cpu, checkpoint: None, earlier: Vec::new(), dataset: None, paused: false };
        worker.send(Command::Start(Box::new(start)));
        let wait = |until: fn(&Event) -> bool| while !until(&worker.wait_event(Duration::from_secs(60)).expect("the worker is stuck")) {};
        wait(|event| matches!(event, Event::Progress(progress) if progress.elapsed_secs > 0.2));
        worker.send(Command::Autosave(None));
        worker.send(Command::Pause);
        wait(|event| matches!(event, Event::Paused));
        drop(writing);
    }

    #[test]
    fn a_thread_writes_one_file_at_a_time_and_says_how_it_went() {
        let folder = tempfile::tempdir().unwrap();
        let target = SaveTarget::new(folder.path().join("a.ganvas"));
        let mut writer = Writer::spawn().unwrap();
        let wait = |writer: &mut Writer| loop {
            if let Some(report) = writer.report() {
                return report.written;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        assert!(writer.offer(Job { file: file("one"), target: target.clone() }));
        assert!(!writer.offer(Job { file: file("two"), target: target.clone() }), "until it has said how that went");
        wait(&mut writer).unwrap();
        assert_eq!(name(target.path()), "one");
        assert!(target.is_written() && target.clear() && !target.path().exists());
        let nowhere = SaveTarget::new(target.path().join("inside/a/file"));
        std::fs::write(target.path(), b"no folder").unwrap();
        assert!(writer.offer(Job { file: file("two"), target: nowhere }));
        assert!(wait(&mut writer).unwrap_err().to_string().starts_with("the project could not be saved"));
    }
}
