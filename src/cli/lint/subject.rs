//! What is to be looked at: a project file, or a preset.

use std::collections::HashMap;
use std::path::Path;

use crate::cli::error::Failure;
use crate::project::ProjectFile;
use crate::spec::{LayerId, Preset, Project, Role};

/// A project, and what is known of where it came from.
#[derive(Debug)]
pub(super) struct Subject {
    /// With what was learned, where it is a project file.
    pub file: ProjectFile,
    /// Can it be written back where it came from?
    pub is_writable: bool,
    /// For a project that was read from source code: the line of each layer.
    pub lines: HashMap<(Role, LayerId), usize>,
    /// What was noticed while reading it.
    pub remarks: Vec<Remark>,
}

/// Something noticed while reading source code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remark {
    /// The line, from 1.
    pub line: usize,
    /// What.
    pub what: String,
    /// Why it matters.
    pub why: String,
}

impl Subject {
    /// Reads what is named: the one place where a command finds its project. A reader of source code belongs here, with the lines of
    /// layers and its remarks.
    ///
    /// # Errors
    /// There is no such file, it cannot be read, or it is no project.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if let Some(preset) = path.to_str().and_then(Preset::from_name).filter(|_| !path.exists()) {
            return Ok(Self::of(ProjectFile { project: preset.project(), checkpoint: None }, false));
        }
        match ending.as_deref() {
            Some("ganvas") | None => Ok(Self::of(ProjectFile::load(path)?, true)),
            Some(_) if !path.exists() => Err(Failure::failed(format!("there is no such file: {}", path.display()))),
            Some(ending) => Err(Failure::failed(format!(
                "a project or the name of a preset can be looked at, not a file of the kind .{ending}: {}",
                path.display()
            ))),
        }
    }

    fn of(file: ProjectFile, is_writable: bool) -> Self {
        Self { file, is_writable, lines: HashMap::new(), remarks: Vec::new() }
    }

    /// What is looked at.
    pub(super) fn project(&self) -> &Project {
        &self.file.project
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_found_by_name_and_files_by_their_ending() {
        let preset = Subject::read(Path::new("ring8")).unwrap();
        assert!(!preset.is_writable && preset.project().name == "ring8");
        let text = |path: &str| Subject::read(Path::new(path)).unwrap_err().to_string();
        assert_eq!(text("no/such.ganvas"), "there is no such file: no/such.ganvas");
        assert_eq!(text("no/such.py"), "there is no such file: no/such.py");
        assert!(text("Cargo.toml").starts_with("a project or the name of a preset can be looked at, not a file of the kind .toml"));
    }
}
