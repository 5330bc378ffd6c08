//! Copies of projects that are in no file yet, for the next start after a crash.
//!
//! In a folder of the user's data each window has a copy of its own, with a lock beside it that the system lifts when the process ends,
//! however it ends. So a copy without a lock is one that somebody lost, and no window takes that of another.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{Glance, ProjectFile};

/// The right to a copy: nobody else has it as long as this process holds it.
#[derive(Debug)]
pub struct RecoveryCopy {
    path: PathBuf,
    lock: File,
}

/// A copy that was left behind.
#[derive(Debug)]
pub struct Found {
    /// The right to it.
    pub copy: RecoveryCopy,
    /// What it holds.
    pub glance: Glance,
    /// When it was written last.
    pub at: SystemTime,
    /// The project's own file, if it had one.
    pub origin: Option<PathBuf>,
}

const COPY: &str = "ganvas";
const LOCK: &str = "lock";
/// A lock without a copy may be that of a window which is just opening.
const OPENING_TAKES: Duration = Duration::from_secs(60);
/// No path is longer, in bytes.
const LONGEST_PATH: u64 = 1 << 16;

impl RecoveryCopy {
    /// The right to a copy of its own in `folder`, which is made where it is missing. There is no copy yet.
    ///
    /// # Errors
    /// The folder or the lock cannot be made.
    pub fn claim(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let path = folder.join(format!("{}-{}", std::process::id(), now.as_nanos())).with_extension(COPY);
        let lock = OpenOptions::new().read(true).write(true).create_new(true).open(path.with_extension(LOCK))?;
        lock.try_lock()?;
        Ok(Self { path, lock })
    }

    /// The right to a copy that is there, unless somebody has it.
    fn take_over(path: PathBuf) -> Option<Self> {
        let lock = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path.with_extension(LOCK)).ok()?;
        lock.try_lock().ok()?;
        Some(Self { path, lock })
    }

    /// Where the copy is, or will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes which file the project was opened from or saved to.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn set_origin(&self, origin: Option<&Path>) -> io::Result<()> {
        let mut lock = &self.lock;
        lock.set_len(0)?;
        lock.rewind()?;
        lock.write_all(origin.and_then(Path::to_str).unwrap_or_default().as_bytes())
    }

    fn origin(&self) -> Option<PathBuf> {
        let mut text = String::new();
        let mut lock = &self.lock;
        lock.rewind().ok()?;
        lock.take(LONGEST_PATH).read_to_string(&mut text).ok()?;
        (!text.is_empty()).then(|| PathBuf::from(text))
    }

    /// Gives it up for good: neither copy nor lock is left.
    pub fn remove(self) {
        // The copy first: without its lock it would be offered.
        for path in [self.path.clone(), self.path.with_extension(LOCK)] {
            if let Err(error) = fs::remove_file(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                log::warn!("a copy that is not needed any more cannot be removed ({error}): {}", path.display());
            }
        }
    }
}

/// The copies in `folder` that were left behind, the newest first. They are this process's as long as it holds them.
pub fn find_copies(folder: &Path) -> Vec<Found> {
    let paths = || fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let has_ending = |path: &PathBuf, ending: &str| path.extension().is_some_and(|extension| extension == ending);
    for lock in paths().filter(|path| has_ending(path, LOCK) && !path.with_extension(COPY).exists()) {
        let age = fs::metadata(&lock).and_then(|metadata| metadata.modified()).ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > OPENING_TAKES)
            && let Some(copy) = RecoveryCopy::take_over(lock.with_extension(COPY))
        {
            copy.remove();
        }
    }
    let mut found: Vec<Found> = paths().filter(|path| has_ending(path, COPY)).filter_map(find).collect();
    found.sort_by_key(|found| std::cmp::Reverse(found.at));
    found
}

fn find(path: PathBuf) -> Option<Found> {
    let at = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok()?;
    let copy = RecoveryCopy::take_over(path)?;
    match ProjectFile::glance(copy.path()) {
        Ok(glance) => Some(Found { glance, at, origin: copy.origin(), copy }),
        Err(error) => {
            log::warn!("{error}");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Preset;

    fn write(copy: &RecoveryCopy, name: &str) {
        let project = crate::spec::Project { name: name.to_owned(), ..Preset::from_name("ring8").unwrap().project() };
        ProjectFile::from(project).save_over(copy.path()).unwrap();
    }

    fn names(found: &[Found]) -> Vec<&str> {
        found.iter().map(|found| found.glance.name.as_str()).collect()
    }

    #[test]
    fn a_copy_is_found_once_its_window_is_gone_and_by_one_window_alone() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("recovery");
        let (mine, theirs) = (RecoveryCopy::claim(&folder).unwrap(), RecoveryCopy::claim(&folder).unwrap());
        write(&mine, "mine");
        write(&theirs, "theirs");
        mine.set_origin(Some(Path::new("/somewhere/long/ago.ganvas"))).unwrap();
        mine.set_origin(Some(Path::new("/home/me/mine.ganvas"))).unwrap();
        assert!(find_copies(&folder).is_empty(), "both windows are open");
        // As when the process is killed: the system lifts its locks.
        drop(mine);
        let found = find_copies(&folder);
        assert_eq!((names(&found), found[0].glance.step), (vec!["mine"], None));
        assert_eq!(found[0].origin.as_deref(), Some(Path::new("/home/me/mine.ganvas")));
        assert!(find_copies(&folder).is_empty(), "somebody has found it already");
        drop(found);
        assert_eq!(names(&find_copies(&folder)), ["mine"], "who does nothing about it leaves it for the next start");
        for found in find_copies(&folder) {
            found.copy.remove();
        }
        drop(theirs);
        assert_eq!(names(&find_copies(&folder)), ["theirs"]);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "of what was removed nothing is left");
    }

    #[test]
    fn what_is_no_copy_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("broken.ganvas"), b"PK and no more").unwrap();
        fs::write(folder.path().join("notes.txt"), b"").unwrap();
        assert!(find_copies(folder.path()).is_empty());
        assert!(folder.path().join("broken.ganvas").exists() && folder.path().join("notes.txt").exists());
        assert!(find_copies(&folder.path().join("nowhere")).is_empty());
    }
}
