//! The thread that owns the device and trains.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use super::checkpoint::Checkpoint;
use super::message::{Command, Event};
use super::snapshot::{Slot, Snapshot};

/// A training thread. It ends, after its current step, when this handle is dropped.
#[derive(Debug)]
pub struct Worker {
    commands: SyncSender<Command>,
    events: Receiver<Event>,
    snapshot: Slot<Snapshot>,
    checkpoint: Slot<Checkpoint>,
}

impl Worker {
    /// Starts the thread. It calls `wake` after each event and snapshot, so that a sleeping window looks at it.
    pub fn spawn(wake: impl Fn() + Send + Sync + 'static) -> Self {
        let _ = wake;
        todo!()
    }

    /// Tells the worker something; it listens between two steps.
    pub fn send(&self, command: Command) {
        let _ = &self.commands;
        let _ = command;
        todo!()
    }

    /// The next event, if there is one; never waits.
    pub fn try_event(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// The next event; waits for it at most so long.
    pub fn wait_event(&self, timeout: std::time::Duration) -> Option<Event> {
        self.events.recv_timeout(timeout).ok()
    }

    /// The newest samples and generator of the run.
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.snapshot.newest()
    }

    /// The last state from which the run can go on: from the last save, pause, stop or fault, or from a regular one in between.
    pub fn checkpoint(&self) -> Option<Arc<Checkpoint>> {
        self.checkpoint.newest()
    }
}
