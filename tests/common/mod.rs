//! What tests of the worker have in common.

use std::sync::Arc;
use std::time::Duration;

use ganvas::device::DeviceChoice;
use ganvas::spec::Project;
use ganvas::train::{Checkpoint, Command, Event, Start, Worker};

/// Longer than anything takes on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Begins a run on the CPU.
pub fn start(worker: &Worker, project: &Project, checkpoint: Option<Arc<Checkpoint>>, paused: bool) {
    let start = Start { project: project.clone(), device: DeviceChoice::Cpu, checkpoint, earlier: Vec::new(), dataset: None, paused };
    worker.send(Command::Start(Box::new(start)));
}

/// Listens until an event is the one looked for; everything before it is given, too.
#[track_caller]
pub fn listen(worker: &Worker, until: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut heard = Vec::new();
    loop {
        let event = worker.wait_event(PATIENCE).unwrap_or_else(|| panic!("the worker fell silent after {heard:?}"));
        let found = until(&event);
        if let (Event::Failed(reason), false) = (&event, found) {
            panic!("the run failed: {reason}");
        }
        heard.push(event);
        if found {
            return heard;
        }
    }
}
