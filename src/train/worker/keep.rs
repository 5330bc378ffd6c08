//! What is kept of a run: its last state, and the file.

use std::path::Path;

use super::{Bench, Fault, session_step};
use crate::project::ProjectFile;
use crate::spec::Project;
use crate::train::message::Event;

impl Bench {
    pub(super) fn keep_checkpoint(&mut self) -> Result<(), Fault> {
        let kept = self.kept_step();
        let Some(session) = &mut self.session else { return Ok(()) };
        self.checkpoint.put(session.checkpoint(kept).map_err(|error| error.to_string())?);
        Ok(())
    }

    pub(super) fn kept_step(&self) -> u64 {
        session_step(self.checkpoint.newest().as_deref())
    }

    pub(super) fn save(&mut self, project: Project, path: &Path) -> Result<(), Fault> {
        if self.session.is_some() {
            self.tell_progress()?;
            self.keep_checkpoint()?;
        }
        let file = ProjectFile { project, checkpoint: self.checkpoint.newest() };
        self.voice.say(match file.save(path) {
            Ok(()) => Event::Saved(path.to_owned()),
            Err(error) => Event::SaveFailed(error.to_string()),
        });
        Ok(())
    }
}
