//! Work that would make the window wait, done on threads of its own. Results come back through one channel.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use eframe::egui;

use super::files::Purpose;
use super::preview::Wanted;
use super::start::Illustrations;
use crate::code::{self, CodeError, Import, Source};
use crate::data::{DataError, Dataset};
use crate::project::{FileError, Found, ProjectFile};
use crate::spec::DataSpec;
use crate::train::{Snapshot, panic_text};

/// Names of the tasks that something in the window waits for.
pub mod name {
    /// Writing the project.
    pub const SAVE: &str = "save project";
    /// A dialog of the system.
    pub const DIALOG: &str = "file dialog";
    /// Loading data to look at.
    pub const PREVIEW: &str = "preview";
    /// Reading source code.
    pub const READ_CODE: &str = "read source code";
    /// Samples of the best.
    pub const BEST: &str = "best";
}

/// What came of a task.
#[derive(Debug)]
pub enum Outcome {
    /// A project file was read, or not.
    ProjectRead(PathBuf, Box<Result<ProjectFile, FileError>>),
    /// A file of source code was opened, or not.
    SourceOpened(Result<Source, code::FileError>),
    /// Source code was read, or not.
    CodeRead(Box<Result<Import, CodeError>>),
    /// A project file was written, or not.
    ProjectWritten(PathBuf, Result<(), FileError>),
    /// Copies were found that windows left behind.
    CopiesFound(Vec<Found>),
    /// A copy was read, or not.
    CopyRead(PathBuf, Box<Result<ProjectFile, FileError>>),
    /// A copy was written or removed, or not.
    CopyWritten(Result<(), FileError>),
    /// A path was looked at as data.
    DataLookedAt(PathBuf, Result<DataSpec, DataError>),
    /// Data was loaded to be looked at, or not.
    DataLoaded(Box<Wanted>, Box<Result<Dataset, DataError>>),
    /// An export was written, or not; in words.
    Exported(PathBuf, Result<(), String>),
    /// A person chose a path, or none.
    Picked {
        /// What for.
        purpose: Purpose,
        /// Which.
        path: Option<PathBuf>,
        /// The system could not show a dialog, so nobody was asked.
        failed: bool,
    },
    /// The window as it was.
    Screenshot(Arc<egui::ColorImage>, egui::Rect),
    /// The names of the devices there are.
    Devices(Vec<String>),
    /// A page was opened in the system's browser, or not; in words.
    PageOpened(Result<(), String>),
    /// Samples of the generator at its best, or why there are none, in words.
    BestDrawn(Result<Box<Snapshot>, String>),
    /// Samples for the start screen.
    Illustrated(Illustrations),
    /// The task of this name broke down, which is a fault in the program itself; what it said.
    BrokeDown(&'static str, String),
}

/// The channel that results come back through.
#[derive(Debug)]
pub struct Tasks {
    sender: SyncSender<Outcome>,
    receiver: Receiver<Outcome>,
    ctx: egui::Context,
}

/// Results that may wait; far more than there are tasks at a time.
const CAPACITY: usize = 64;

impl Tasks {
    /// A channel that wakes the window of `ctx`.
    pub fn new(ctx: egui::Context) -> Self {
        let (sender, receiver) = sync_channel(CAPACITY);
        Self { sender, receiver, ctx }
    }

    /// Does `work` on a thread with this name; a fault to start the thread comes back in words. Something always comes of it: whoever waits
    /// for it would wait forever.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn spawn(&self, name: &'static str, work: impl FnOnce() -> Outcome + Send + 'static) -> Result<(), String> {
        let post = self.poster();
        let task = move || {
            let done = catch_unwind(AssertUnwindSafe(work));
            post(done.unwrap_or_else(|panic| Outcome::BrokeDown(name, panic_text(&*panic).to_owned())));
        };
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(task)
            .map(|_| ())
            .map_err(|error| format!("The system gives the program no further thread ({error}). Close other programs and try again."))
    }

    /// Something that brings a result in from elsewhere.
    pub fn poster(&self) -> impl Fn(Outcome) + Send + 'static {
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        move |outcome| {
            // An error means that the window is gone, and with it whoever would want to know.
            if sender.send(outcome).is_ok() {
                ctx.request_repaint();
            }
        }
    }

    /// A result that has come in, if there is one; never waits.
    pub fn next(&self) -> Option<Outcome> {
        self.receiver.try_recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_task_that_breaks_down_says_so_and_the_next_one_is_done() {
        let tasks = Tasks::new(egui::Context::default());
        let next = || tasks.receiver.recv_timeout(Duration::from_secs(60)).unwrap();
        tasks.spawn("first", || panic!("shelf {} is empty", 7)).unwrap();
        assert!(matches!(next(), Outcome::BrokeDown("first", said) if said == "shelf 7 is empty"));
        tasks.spawn("second", || std::panic::panic_any(7)).unwrap();
        assert!(matches!(next(), Outcome::BrokeDown("second", said) if said == "no reason given"));
        tasks.spawn("third", || Outcome::PageOpened(Ok(()))).unwrap();
        assert!(matches!(next(), Outcome::PageOpened(Ok(()))));
    }
}
