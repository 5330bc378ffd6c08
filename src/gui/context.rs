//! What every panel may look at.

use std::path::Path;
use std::sync::Arc;

use super::command::{Command, Commands};
use super::fork::Fork;
use super::preview::{Preview, State};
use super::run::Run;
use crate::device::DeviceChoice;
use crate::measure::doctor::Diagnosis;
use crate::spec::{Edit, Editor, Fault, Finding, Limits, Place, Project};

/// The state of the app, to look at while a frame is drawn.
#[derive(Clone, Copy, Debug)]
pub struct ViewContext<'a> {
    /// The project with its undo history.
    pub editor: &'a Editor,
    /// What keeps the project from being trained; computed once for each revision.
    pub faults: &'a [Fault],
    /// All that there is to say about the project, faults first; computed once for each revision.
    pub findings: &'a [Finding],
    /// What happens to the run, what matters most first; computed once for each set of vital signs.
    pub diagnoses: &'a [Diagnosis],
    /// Are the diagnoses unfolded?
    pub doctor_open: bool,
    /// What is known of the machine.
    pub limits: Limits,
    /// Are there notes that explain both networks?
    pub guides: bool,
    /// The run, if there is one.
    pub run: &'a Run,
    /// The run beside it, where it was copied.
    pub fork: Option<&'a Fork>,
    /// The device chosen.
    pub device: &'a DeviceChoice,
    /// The names of the devices there are; empty until they were looked up.
    pub devices: &'a [String],
    /// The project's file, where it has one.
    pub path: Option<&'a Path>,
    /// Is there anything that the file does not hold?
    pub unsaved: bool,
    /// The project's data, loaded to be looked at.
    pub preview: &'a Preview,
    /// Where commands go.
    pub commands: &'a Commands,
}

impl ViewContext<'_> {
    /// The project as it is now.
    pub fn project(&self) -> &Project {
        self.editor.project()
    }

    /// The project that samples and generator come from: as it was when the run began, whatever was edited since.
    pub fn begun(&self) -> &Project {
        self.run.begun.as_deref().unwrap_or(self.project())
    }

    /// The data that the project asks for: the run's, where it is the same, or else what was loaded to be looked at.
    pub fn dataset(&self) -> State {
        match &self.run.dataset {
            Some(dataset) if self.begun().data == self.project().data && self.begun().seed == self.project().seed => {
                State::Loaded(Arc::clone(dataset))
            }
            _ => self.preview.of(self.project()),
        }
    }

    /// What there is to say about this place.
    pub fn findings_at(&self, place: Place) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.place == place)
    }

    /// Leaves a command.
    pub fn command(&self, command: Command) {
        self.commands.push(command);
    }

    /// Leaves an edit.
    pub fn edit(&self, edit: Edit) {
        self.command(Command::Edit(edit));
    }
}
