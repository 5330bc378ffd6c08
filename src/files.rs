//! Writing files so that a crash, a full disk or a power cut never leaves half of one.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::system;

/// What becomes of a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Previous {
    /// It is replaced.
    Replace,
    /// It is replaced, and kept under the same name with `.bak` behind it.
    KeepAsBackup,
}

/// Writes a file: to a temporary one in the same folder, synced, then renamed. The folder is made where it is missing. If anything
/// fails, what was there stays as it was.
///
/// # Errors
/// The folder cannot be made or written to, the disk is full, or `write` failed.
pub fn write_atomic(path: &Path, previous: Previous, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    // Removed again by itself if anything fails before it gets its name.
    let temporary = temporary_in(folder)?;
    let mut writer = BufWriter::new(temporary.reopen()?);
    write(&mut writer)?;
    writer.flush()?;
    writer.get_ref().sync_all()?;
    if previous == Previous::KeepAsBackup && path.exists() {
        keep_backup(path)?;
    }
    temporary.persist(path).map_err(|error| error.error)?;
    sync_folder(folder);
    Ok(())
}

/// Where the previous version of a file is kept.
pub fn backup_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".bak");
    PathBuf::from(name)
}

/// A second name for the same file, so that at no moment there is none under the first; a copy where the disk knows no second names.
fn keep_backup(path: &Path) -> io::Result<()> {
    let backup = backup_path(path);
    match fs::remove_file(&backup) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::hard_link(path, &backup).or_else(|_| fs::copy(path, &backup).map(drop))
}

fn temporary_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let (mut builder, prefix) = (tempfile::Builder::new(), format!("{TEMPORARY}{}-", std::process::id()));
    builder.prefix(&prefix);
    // A temporary file is private by default; what is kept is for everybody, as any other new file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// What the names of temporary files begin with; the number of the process follows.
const TEMPORARY: &str = ".ganvas-";
/// A temporary file is not older while it is being written.
const WRITING_TAKES: Duration = Duration::from_secs(60);
/// Nor is it where it is not known whether its process still lives.
const WRITING_TAKES_AT_MOST: Duration = Duration::from_secs(86_400);

/// Removes the temporary files beside `path` that programs left which were ended while they wrote.
pub fn sweep(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let age = entry.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|at| at.elapsed().ok());
        if name.to_str().zip(age).is_some_and(|(name, age)| is_left_over(name, age)) {
            // What cannot be removed is in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Was a file of this name and age left by a program that is no more?
fn is_left_over(name: &str, age: Duration) -> bool {
    let Some(rest) = name.strip_prefix(TEMPORARY) else { return false };
    let lives = rest.split_once('-').and_then(|(process, _)| process.parse().ok()).and_then(system::is_alive);
    age > if lives == Some(false) { WRITING_TAKES } else { WRITING_TAKES_AT_MOST }
}

/// A rename is on the disk only when its folder is; not every system lets a folder be synced, and then it does without.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_previous_version_is_kept_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/folder/file.txt");
        for text in ["one", "two", "three"] {
            write_atomic(&path, Previous::KeepAsBackup, |file| file.write_all(text.as_bytes())).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        assert_eq!(fs::read_to_string(backup_path(&path)).unwrap(), "two");
    }

    #[test]
    fn a_failed_write_changes_nothing_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.txt");
        write_atomic(&path, Previous::Replace, |file| file.write_all(b"good")).unwrap();
        let failed = write_atomic(&path, Previous::KeepAsBackup, |file| {
            file.write_all(b"half")?;
            Err(io::Error::other("disk full"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "good");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_dead_program_left_is_told_from_what_is_being_written() {
        let own = format!("{TEMPORARY}{}-abc", std::process::id());
        // No system gives so large a number to a process.
        let dead = format!("{TEMPORARY}4294967295-abc");
        let (now, minutes, days) = (Duration::ZERO, Duration::from_secs(600), Duration::from_secs(200_000));
        assert!(!is_left_over(&own, minutes) && is_left_over(&own, days));
        assert!(!is_left_over(&dead, now));
        assert_eq!(is_left_over(&dead, minutes), cfg!(target_os = "linux"));
        assert!(!is_left_over("project.ganvas", days) && !is_left_over("ganvas-1-abc", days));
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(&dead), b"half").unwrap();
        sweep(&folder.path().join("project.ganvas"));
        assert!(folder.path().join(&dead).exists(), "it may still be written");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_can_be_read_by_whoever_can_read_any_new_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
        write_atomic(&ours, Previous::Replace, |_| Ok(())).unwrap();
        fs::write(&plain, b"").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }
}
