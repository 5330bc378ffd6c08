//! What is to be looked at: a project file, source code, or a preset.

use std::collections::HashMap;
use std::path::Path;

use crate::cli::error::Failure;
use crate::code::{self, Import, Remark};
use crate::project::ProjectFile;
use crate::spec::{LayerId, Preset, Project, Role};

/// A project, and what is known of where it came from.
#[derive(Debug)]
pub(super) struct Subject {
    /// With what was learned, where it is a project file.
    pub file: ProjectFile,
    /// Can it be written back where it came from?
    pub is_writable: bool,
    /// For a project that was read from source code: where each layer stands in it.
    pub origins: HashMap<(Role, LayerId), code::Place>,
    /// What was noticed while reading it.
    pub remarks: Vec<Remark>,
}

impl Subject {
    /// Reads what is named: a project file, the source code of one, or else a preset.
    ///
    /// # Errors
    /// There is no such file, it cannot be read, or there is no project in it.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        if let Some(preset) = path.to_str().and_then(Preset::from_name).filter(|_| !path.exists()) {
            return Ok(Self::of(ProjectFile::from(preset.project()), false));
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("ganvas") | None => Ok(Self::of(ProjectFile::load(path)?, true)),
            Some(_) => code::read_file(path).map(Self::of_source).map_err(|error| Failure::failed(error.to_string())),
        }
    }

    fn of(file: ProjectFile, is_writable: bool) -> Self {
        Self { file, is_writable, origins: HashMap::new(), remarks: Vec::new() }
    }

    fn of_source(import: Import) -> Self {
        let origins = import.origins.iter().map(|origin| ((origin.role, origin.id), origin.place)).collect();
        let file = ProjectFile::from(import.project);
        Self { file, is_writable: false, origins, remarks: import.remarks }
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
        assert!(text("Cargo.toml").starts_with("no network of Keras or PyTorch is in it"), "{}", text("Cargo.toml"));
    }
}
