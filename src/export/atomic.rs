//! Whole files or none.

use std::io::Write as _;
use std::path::Path;

use super::ExportError;

/// Writes `bytes` to a temporary file beside `path` and renames it; makes the folder where it is missing.
///
/// # Errors
/// The folder or the file cannot be written; what was at `path` stays.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_folder(folder)?;
    let put = || -> std::io::Result<()> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".ganvas-");
        // A temporary file is private by default; an exported picture is for everybody, as any other new file.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    put().map_err(|error| ExportError::writing(path, &error))
}

/// Makes a folder and those above it, where they are missing.
///
/// # Errors
/// It cannot be made.
pub(super) fn create_folder(folder: &Path) -> Result<(), ExportError> {
    let say = |error| ExportError(format!("this folder cannot be made ({error}): {}", folder.display()));
    std::fs::create_dir_all(folder).map_err(say)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/folder/file.txt");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_written_is_said_with_the_path_last() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        write(&file, b"").unwrap();
        let inside = file.join("picture.png");
        let text = write(&inside, b"").unwrap_err().to_string();
        assert!(text.starts_with("this folder cannot be made (") && text.ends_with(&file.display().to_string()), "{text}");
        let text = write(folder.path(), b"").unwrap_err().to_string();
        assert!(text.starts_with("this file cannot be written ("), "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_can_be_read_by_others() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
        write(&ours, b"").unwrap();
        std::fs::write(&plain, b"").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }
}
