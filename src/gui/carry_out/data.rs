//! Taking data from files.

use std::path::PathBuf;

use crate::data::{self, DataError};
use crate::gui::app::{App, OpenFile};
use crate::gui::command::Notice;
use crate::gui::tasks::{self, Outcome};
use crate::spec::{DataSpec, Edit, Place, Preset, Project};

impl App {
    /// Looks at a path on a thread of its own; then its data takes the place of what there was.
    pub(in crate::gui) fn open_data(&mut self, path: PathBuf) {
        self.spawn("look at data", move || {
            let looked_at = data::spec_for_path(&path);
            Outcome::DataLookedAt(path, looked_at)
        });
    }

    /// Loads the project's data on a thread of its own, to be looked at.
    pub(in crate::gui) fn load_data(&mut self) {
        if let Some(work) = self.preview.begin(self.editor.project()) {
            self.spawn(tasks::name::PREVIEW, work);
        }
    }

    /// The data is known: networks that do not fit it make room for those that do, as one step that undo takes back.
    pub(in crate::gui) fn data_looked_at(&mut self, path: PathBuf, looked_at: Result<DataSpec, DataError>) {
        let data = match looked_at {
            Ok(data) => data,
            Err(error) => return self.notify(Notice::error(format!("{error}."))),
        };
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let (project, kept) = with_data(self.editor.project(), data, &name, self.is_fresh);
        if self.is_fresh {
            self.take_up(project.clone());
            self.file = OpenFile::new(project);
            self.enter();
        } else {
            let label = format!("use {name}");
            self.edit(Edit::All { label, edits: vec![Edit::SetProject(Box::new(project))] }, None);
            self.at_start = false;
        }
        let networks = if kept { "Your networks fit it" } else { "Networks that fit it were chosen; undo brings yours back" };
        self.notify(Notice::note(format!("Using {name}. {networks}. Press Train.")));
    }
}

/// The project with other data, and whether its networks stay: they do where they fit.
fn with_data(project: &Project, mut data: DataSpec, name: &str, is_fresh: bool) -> (Project, bool) {
    let candidate = Project { data: data.clone(), name: name.to_owned(), ..project.clone() };
    let misfits = |project: &Project| {
        let joints = [Place::GeneratorToData, Place::DataToDiscriminator];
        project.faults().iter().any(|fault| joints.contains(&fault.place))
    };
    if !is_fresh && !misfits(&candidate) {
        return (candidate, true);
    }
    let suited = Preset::suited_to(&data).project();
    // Pictures can be made to any size, so they take that of the networks.
    if suited.data.shape() != data.shape() {
        data.image = crate::spec::ImageSpec { fit: data.image.fit, ..suited.data.image };
    }
    (Project { data, name: name.to_owned(), seed: project.seed, ..suited }, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Colour, Fit, ImageSpec, Source};

    fn pictures(width: usize, height: usize, colour: Colour) -> DataSpec {
        let image = ImageSpec { width, height, colour, fit: Fit::Crop };
        DataSpec { source: Source::Path("cats".into()), image, holdout: 0.1, memory_limit_mib: 64 }
    }

    #[test]
    fn data_of_every_size_gets_networks_that_can_be_trained() {
        let project = Preset::from_name("ring8").unwrap().project();
        for (width, height) in [(28, 28), (32, 32), (64, 64), (40, 30), (1, 1), (7, 300)] {
            for colour in [Colour::Grey, Colour::Rgb] {
                let (made, kept) = with_data(&project, pictures(width, height, colour), "cats", false);
                assert_eq!(made.faults(), [], "{width} × {height} {colour:?}");
                assert!(!kept);
                assert_eq!(made.data.source, Source::Path("cats".into()));
            }
        }
    }

    #[test]
    fn networks_that_fit_stay() {
        let project = Preset::from_name("seed28").unwrap().project();
        let (made, kept) = with_data(&project, pictures(28, 28, Colour::Grey), "cats", false);
        assert!(kept);
        assert_eq!(made.generator, project.generator);
        assert_eq!(made.name, "cats");
    }
}
