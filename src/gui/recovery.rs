//! The window's copy of what is in no file yet, and the copies that were left behind by windows that ended otherwise than by closing.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::widgets::format;
use crate::project::{Found, RecoveryCopy};
use crate::spec::Project;
use crate::train::{Autosave, SaveTarget};

/// A run is copied so often; more seldom where that would take too much of the time.
const EVERY: Duration = Duration::from_secs(60);
/// Edits are copied so long after the first of them.
const SETTLES: Duration = Duration::from_secs(3);

/// It is looked for copies so often, and at such intervals.
const LOOKS: u32 = 8;
const LOOKS_EVERY: Duration = Duration::from_secs(2);

/// What the window copies, and what it found.
#[derive(Debug, Default)]
pub struct Recovery {
    /// Where copies are; without it there are none.
    folder: Option<PathBuf>,
    own: Option<Own>,
    /// What was left behind, the newest first.
    found: Vec<Found>,
    /// How often it was looked for, and when last.
    looks: u32,
    looked: Option<Instant>,
}

/// The copy of this window.
#[derive(Debug)]
pub struct Own {
    copy: RecoveryCopy,
    target: SaveTarget,
    /// The revision that was handed over, or that is about to be.
    revision: Option<u64>,
    /// Since when something waits to be handed over.
    waits: Option<Instant>,
    /// The project's own file, as it is noted beside the copy.
    origin: Option<PathBuf>,
}

/// A copy that was left behind, as it is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Which one.
    pub path: PathBuf,
    /// What it is, in a sentence.
    pub sentence: String,
}

impl Own {
    fn new(copy: RecoveryCopy, target: SaveTarget) -> Self {
        Self { copy, target, revision: None, waits: None, origin: None }
    }

    /// Nobody needs the copy any more. Waits for what is being written.
    pub fn remove(self) {
        self.target.give_up();
        self.copy.remove();
    }
}

impl Recovery {
    /// Copies are in this folder.
    pub fn in_folder(folder: Option<PathBuf>) -> Self {
        Self { folder, ..Self::default() }
    }

    /// The folder to look for copies in, where it is time to do so. A program that was killed may take a while to be gone, and so it is
    /// looked for several times.
    pub fn to_look_in(&mut self) -> Option<PathBuf> {
        if self.looks >= LOOKS || self.looked.is_some_and(|last| last.elapsed() < LOOKS_EVERY) {
            return None;
        }
        self.looks += 1;
        self.looked = Some(Instant::now());
        self.folder.clone()
    }

    /// These were left behind, too.
    pub fn take_in(&mut self, found: Vec<Found>) {
        self.found.extend(found);
        self.found.sort_by_key(|found| std::cmp::Reverse(found.at));
    }

    /// What is offered at the start.
    pub fn offers(&self) -> Vec<Offer> {
        self.found.iter().map(|found| Offer { path: found.copy.path().to_owned(), sentence: sentence(found, SystemTime::now()) }).collect()
    }

    /// Takes one that was found.
    pub fn take(&mut self, path: &Path) -> Option<Found> {
        let index = self.found.iter().position(|found| found.copy.path() == path)?;
        Some(self.found.remove(index))
    }

    /// Goes on with a copy that was found: it becomes this window's.
    pub fn adopt(&mut self, found: Found) {
        let target = SaveTarget::existing(found.copy.path().to_owned());
        self.own = Some(Own { origin: found.origin, ..Own::new(found.copy, target) });
    }

    /// The window has another project: its copy is to be removed, which may have to wait for what is being written.
    pub fn leave(&mut self) -> Option<Own> {
        self.own.take()
    }

    /// Another project is in hand, with a copy of its own where it has one.
    pub fn change_hands(&mut self, own: &mut Option<Own>) {
        std::mem::swap(&mut self.own, own);
    }

    /// Everything is in its file. Returns false while that cannot be taken in because the copy is being written.
    pub fn is_saved(&mut self) -> bool {
        self.own.as_mut().is_none_or(|own| {
            own.revision = None;
            own.target.clear()
        })
    }

    /// What is to be copied from now on, where that has changed and settled. A run is copied at once.
    ///
    /// # Errors
    /// There can be no copy, in words; that is said once.
    pub fn due(&mut self, revision: u64, project: &Project, origin: Option<&Path>, at_once: bool) -> Result<Option<Autosave>, String> {
        let Some(own) = self.own()? else { return Ok(None) };
        if own.revision == Some(revision) {
            return Ok(None);
        }
        let waits = *own.waits.get_or_insert_with(Instant::now);
        if !at_once && waits.elapsed() < SETTLES {
            return Ok(None);
        }
        (own.revision, own.waits) = (Some(revision), None);
        if own.origin.as_deref() != origin {
            own.origin = origin.map(Path::to_owned);
            if let Err(error) = own.copy.set_origin(origin) {
                log::warn!("the project's file cannot be noted beside its copy: {error}");
            }
        }
        Ok(Some(Autosave { project: Box::new(project.clone()), target: own.target.clone(), every: EVERY }))
    }

    /// Another run has begun: it is told anew what to copy.
    pub fn begin(&mut self) {
        if let Some(own) = &mut self.own {
            own.revision = None;
        }
    }

    /// In how long something is handed over that waits.
    pub fn wakes_in(&self) -> Option<Duration> {
        let waits = self.own.as_ref()?.waits?;
        Some(SETTLES.saturating_sub(waits.elapsed()))
    }

    fn own(&mut self) -> Result<Option<&mut Own>, String> {
        if self.own.is_none() {
            let Some(folder) = self.folder.take() else { return Ok(None) };
            let copy = RecoveryCopy::claim(&folder).map_err(|error| {
                format!("No copy is kept for the case of a crash ({error}): save at times. The folder is {}.", folder.display())
            })?;
            self.folder = Some(folder);
            let target = SaveTarget::new(copy.path().to_owned());
            self.own = Some(Own::new(copy, target));
        }
        Ok(self.own.as_mut())
    }
}

/// `Ganvas ended before digits was saved: step 12,300, 3 minutes ago.`
fn sentence(found: &Found, now: SystemTime) -> String {
    let step = found.glance.step.map(|step| format!("step {}, ", format::grouped(step))).unwrap_or_default();
    let age = now.duration_since(found.at).unwrap_or_default();
    format!("Ganvas ended before {} was saved: {step}{}.", found.glance.name, ago(age))
}

/// A while in words: `3 minutes ago`.
fn ago(age: Duration) -> String {
    let count = |number: u64, unit: &str| format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" });
    match age.as_secs() {
        0..60 => "a moment ago".to_owned(),
        secs @ 60..3_600 => count(secs / 60, "minute"),
        secs @ 3_600..86_400 => count(secs / 3_600, "hour"),
        secs => count(secs / 86_400, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::ProjectFile;
    use crate::project::find_copies;
    use crate::spec::Preset;

    fn project() -> Project {
        Preset::from_name("ring8").unwrap().project()
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let texts = [5, 60, 200, 3_600, 7_300, 90_000, 900_000].map(|secs| ago(Duration::from_secs(secs)));
        assert_eq!(texts, ["a moment ago", "1 minute ago", "3 minutes ago", "1 hour ago", "2 hours ago", "1 day ago", "10 days ago"]);
    }

    #[test]
    fn edits_are_copied_once_they_settle_and_nothing_is_left_once_all_is_saved() {
        let folder = tempfile::tempdir().unwrap();
        let mut recovery = Recovery::in_folder(Some(folder.path().to_owned()));
        let begun = Instant::now();
        assert!(recovery.due(7, &project(), None, false).unwrap().is_none(), "a hand may still be at it");
        let wakes = recovery.wakes_in().unwrap();
        assert!(wakes <= SETTLES && wakes >= SETTLES.saturating_sub(begun.elapsed()), "{wakes:?}");
        let autosave = recovery.due(7, &project(), Some(Path::new("/a.ganvas")), true).unwrap().unwrap();
        assert!(recovery.due(7, &project(), None, true).unwrap().is_none(), "it was handed over");
        autosave.target.write(&ProjectFile::from(*autosave.project)).unwrap();
        assert!(autosave.target.path().exists());
        assert!(recovery.is_saved() && !autosave.target.path().exists());
        recovery.leave().unwrap().remove();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_was_left_behind_is_offered_in_words_and_taken_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut lost = Recovery::in_folder(Some(folder.path().to_owned()));
        let autosave = lost.due(1, &project(), Some(Path::new("/a.ganvas")), true).unwrap().unwrap();
        autosave.target.write(&ProjectFile::from(*autosave.project)).unwrap();
        drop(lost);
        let mut recovery = Recovery::in_folder(Some(folder.path().to_owned()));
        recovery.take_in(find_copies(folder.path()));
        let [Offer { path, sentence }] = &recovery.offers()[..] else { panic!("{recovery:?}") };
        assert_eq!(sentence, "Ganvas ended before ring8 was saved: a moment ago.");
        let found = recovery.take(path).unwrap();
        assert_eq!(found.origin.as_deref(), Some(Path::new("/a.ganvas")));
        recovery.adopt(found);
        assert!(recovery.offers().is_empty() && recovery.is_saved() && !path.exists());
    }

    #[test]
    fn without_a_folder_nothing_is_copied_and_without_room_that_is_said_once() {
        let mut none = Recovery::default();
        assert!(none.due(1, &project(), None, true).unwrap().is_none());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"").unwrap();
        let mut blocked = Recovery::in_folder(Some(file));
        assert!(blocked.due(1, &project(), None, true).unwrap_err().starts_with("No copy is kept"));
        assert!(blocked.due(1, &project(), None, true).unwrap().is_none());
    }
}
