//! From the words of a command line to a project that can be trained.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::console;
use super::error::Failure;
use super::train::layers::LayerArguments;
use super::train::objective::ObjectiveArguments;
use crate::data;
use crate::project::ProjectFile;
use crate::spec::{Builtin, DataSpec, Edit, PRESETS, Preset, Project, Source, builtin_data};
use crate::train::{Checkpoint, States};

/// What to begin from, and what to change about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Wishes {
    /// A project file.
    pub file: Option<PathBuf>,
    /// The name of a preset.
    pub preset: Option<String>,
    /// The name of a built-in source, or a path.
    pub data: Option<String>,
    pub batch: Option<usize>,
    pub seed: Option<u64>,
    pub learning_rate: Option<f32>,
    pub objective: ObjectiveArguments,
    pub layers: LayerArguments,
    /// The length of the run, in steps of the generator.
    pub steps: Option<u64>,
    /// Which of a file's states to go on from, where not from the newest.
    pub from: Option<From>,
}

/// An earlier state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// The newest that is not after this step.
    Step(u64),
    /// The one that was measured to be the best.
    Best,
}

impl std::str::FromStr for From {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "best" => Ok(Self::Best),
            step => step.parse().map(Self::Step).map_err(|_| "this is a step, such as 2000, or best".to_owned()),
        }
    }
}

/// A project without faults, and from where to go on.
#[derive(Debug)]
pub(super) struct Beginning {
    pub project: Project,
    pub checkpoint: Option<Arc<Checkpoint>>,
    /// The states before it, to go back to.
    pub earlier: States,
}

/// The preset that is trained when nothing is said.
pub(super) const DEFAULT_PRESET: &str = "grey28";

/// Reads the file or takes the preset, and changes what was asked for.
///
/// # Errors
/// A file cannot be read, there is no such data, or the project has faults.
pub(super) fn prepare(wishes: &Wishes) -> Result<Beginning, Failure> {
    let data = wishes.data.as_deref().map(find_data).transpose()?;
    let ProjectFile { mut project, checkpoint, earlier } = match (&wishes.file, &wishes.preset, &data) {
        (Some(path), ..) => ProjectFile::load(path)?,
        (None, Some(name), _) => fresh(preset(name)?),
        (None, None, Some(data)) => fresh(Preset::suited_to(data)),
        (None, None, None) => fresh(preset(DEFAULT_PRESET)?),
    };
    let checkpoint = match (wishes.from, checkpoint) {
        (None, checkpoint) => checkpoint,
        (Some(from), Some(newest)) => Some(earlier_state(from, &newest, &earlier)?),
        (Some(_), None) => return Err(Failure::failed("this project has not been trained yet: there is no earlier state to go on from")),
    };
    let now = checkpoint.as_ref().filter(|checkpoint| checkpoint.fits(&project)).map_or(0, |checkpoint| checkpoint.g_steps);
    let edits = edits(&project, data, wishes, now);
    Edit::All { label: "command line".to_owned(), edits }.apply(&mut project)?;
    let faults: Vec<String> = project.faults().iter().map(ToString::to_string).collect();
    if !faults.is_empty() {
        return Err(Failure::failed(format!("this project cannot be trained: {}", faults.join("; "))));
    }
    if checkpoint.as_ref().is_some_and(|checkpoint| !checkpoint.fits(&project)) {
        console::say("note: these networks have nothing in common with those that were trained: training begins at step 0");
        return Ok(Beginning { project, checkpoint: None, earlier: States::new() });
    }
    Ok(Beginning { project, checkpoint, earlier })
}

/// One of the states that a file holds.
fn earlier_state(from: From, newest: &Arc<Checkpoint>, earlier: &States) -> Result<Arc<Checkpoint>, Failure> {
    let states = || earlier.iter().chain([newest]);
    let list = || states().map(|state| console::grouped(state.g_steps)).collect::<Vec<_>>().join("; ");
    match (from, newest.quality.best.as_ref()) {
        (From::Step(step), _) => states().rfind(|state| state.g_steps <= step).cloned().ok_or_else(|| {
            let step = console::grouped(step);
            Failure::failed(format!("no state of step {step} or before is in the file; it has those of steps {}", list()))
        }),
        (From::Best, None) => Err(Failure::failed(
            "this project was not measured while it trained, so that no best is known; `ganvas train --measure` does".to_owned(),
        )),
        (From::Best, Some(best)) => states().find(|state| state.is_best_of(&newest.quality)).cloned().ok_or_else(|| {
            let step = console::grouped(best.assessment.step);
            Failure::failed(format!(
                "of the best, at step {step}, only the generator is in the file, which cannot be trained on; there are states of steps {}",
                list()
            ))
        }),
    }
}

fn fresh(preset: Preset) -> ProjectFile {
    ProjectFile::from(preset.project())
}

fn preset(name: &str) -> Result<Preset, Failure> {
    Preset::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        Failure::Usage(format!("there is no preset called {name}: choose one of {}", names.join(", ")))
    })
}

/// A built-in source by name, or else a path.
fn find_data(text: &str) -> Result<DataSpec, Failure> {
    if let Some(builtin) = Builtin::from_name(text) {
        return Ok(builtin_data(builtin));
    }
    let path = Path::new(text);
    if !path.exists() {
        let names: Vec<&str> = Builtin::ALL.iter().map(|builtin| builtin.name()).collect();
        let names = names.join(", ");
        return Err(Failure::failed(format!("there is no data here; built-in data has one of the names {names}: {text}")));
    }
    let spec = data::spec_for_path(path)?;
    // A project that is trained from another folder later still finds its data.
    let source = std::path::absolute(path).map_or(spec.source, Source::Path);
    Ok(DataSpec { source, ..spec })
}

/// What turns `project`, which is at step `now`, into what was asked for. The networks decide what pictures are turned into, so that any picture will do.
fn edits(project: &Project, data: Option<DataSpec>, wishes: &Wishes, now: u64) -> Vec<Edit> {
    let data = data.map(|data| DataSpec { source: data.source, ..project.data.clone() });
    let mut edits: Vec<Edit> = data.clone().map(Edit::SetData).into_iter().collect();
    let mut train = project.train.clone();
    if let Some(rate) = wishes.learning_rate {
        train.generator.learning_rate = rate;
        train.discriminator.learning_rate = rate;
    }
    // A rate for one network alone counts more than one for both.
    train = wishes.objective.applied(&train, now, wishes.steps.map(|steps| now.saturating_add(steps)));
    wishes.objective.idle(&train).iter().for_each(|idle| console::say(&format!("note: {idle}")));
    train.batch_size = wishes.batch.unwrap_or(train.batch_size);
    if train != project.train {
        let with_data = Project { data: data.unwrap_or_else(|| project.data.clone()), ..project.clone() };
        edits.push(Edit::settings(&with_data, train));
    }
    edits.extend(wishes.seed.map(Edit::SetSeed));
    edits.extend(wishes.layers.edits(project));
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Loss;

    fn project(wishes: Wishes) -> Project {
        prepare(&wishes).unwrap().project
    }

    fn failure(wishes: Wishes) -> Failure {
        prepare(&wishes).unwrap_err()
    }

    #[test]
    fn without_wishes_the_digits_are_trained() {
        assert_eq!(project(Wishes::default()), Preset::from_name("grey28").unwrap().project());
    }

    #[test]
    fn data_alone_chooses_a_preset_that_suits_it() {
        for (data, name) in [("spiral", "points"), ("grid25", "points"), ("shapes", "colour32"), ("digits", "grey28")] {
            let project = project(Wishes { data: Some(data.to_owned()), ..Wishes::default() });
            assert_eq!(project.name, name);
            assert_eq!(project.data.source, Source::Builtin(Builtin::from_name(data).unwrap()));
        }
    }

    #[test]
    fn what_was_trained_in_other_networks_is_not_gone_on_from() {
        let folder = tempfile::tempdir().unwrap();
        let file = |project: &str| {
            let project = Preset::from_name(project).unwrap().project();
            let trained = Checkpoint::blank(Preset::from_name("digits").unwrap().project(), 700);
            let path = folder.path().join(format!("{}.ganvas", project.name));
            ProjectFile::trained(project, Arc::new(trained)).save(&path).unwrap();
            prepare(&Wishes { file: Some(path), steps: Some(500), ..Wishes::default() }).unwrap()
        };
        assert_eq!(file("digits").checkpoint.map(|checkpoint| checkpoint.g_steps), Some(700));
        assert!(file("ring8").checkpoint.is_none());
    }

    #[test]
    fn a_named_preset_keeps_its_picture_size_whatever_the_data() {
        let wishes = Wishes { preset: Some("dcgan28".to_owned()), data: Some("shapes".to_owned()), ..Wishes::default() };
        let data = project(wishes).data;
        assert_eq!((data.source, data.image), (Source::Builtin(Builtin::Shapes), builtin_data(Builtin::Digits).image));
    }

    #[test]
    fn flags_change_the_project() {
        let objective = ObjectiveArguments { loss: Some(Loss::Hinge), ..ObjectiveArguments::default() };
        let wishes = Wishes { batch: Some(7), seed: Some(9), learning_rate: Some(0.5), objective, ..Wishes::default() };
        let project = project(wishes);
        assert_eq!((project.train.batch_size, project.seed, project.train.loss), (7, 9, Loss::Hinge));
        assert_eq!((project.train.generator.learning_rate, project.train.discriminator.learning_rate), (0.5, 0.5));
    }

    #[test]
    fn packing_takes_the_discriminators_input_along_and_augmentation_is_for_pictures() {
        let with = |objective, data: &str| Wishes { data: Some(data.to_owned()), objective, ..Wishes::default() };
        let packed = ObjectiveArguments { packing: Some(2), ..ObjectiveArguments::default() };
        let project = project(with(packed.clone(), "grid25"));
        assert_eq!((project.train.packing, project.discriminator.input), (2, crate::spec::Shape::vector(4)));
        let text = failure(Wishes { batch: Some(7), ..with(packed, "digits") }).to_string();
        assert!(text.ends_with("the batch size is 7, but has to be a multiple of 2, the samples in a pack"), "{text}");
        #[derive(Debug, clap::Parser)]
        struct Line {
            #[command(flatten)]
            objective: ObjectiveArguments,
        }
        let augmented = <Line as clap::Parser>::parse_from(["train", "--augment", "cutout"]).objective;
        let text = failure(with(augmented, "ring8")).to_string();
        assert!(text.contains("augmentation (cutout) changes pictures, but the data are points"), "{text}");
    }

    #[test]
    fn what_does_not_fit_is_said_in_one_sentence() {
        let wishes = Wishes { preset: Some("mlp".to_owned()), data: Some("digits".to_owned()), ..Wishes::default() };
        let Failure::Failed(text) = failure(wishes) else { unreachable!() };
        assert_eq!(
            text,
            "this project cannot be trained: the generator makes 2, but the data is 1 × 28 × 28; \
             the discriminator reads 2, but the data is 1 × 28 × 28"
        );
        let text = failure(Wishes { data: Some("no/such/folder".to_owned()), ..Wishes::default() }).to_string();
        assert!(text.starts_with("there is no data here;") && text.ends_with(": no/such/folder"), "{text}");
        assert_eq!(failure(Wishes { preset: Some("nothing".to_owned()), ..Wishes::default() }).exit_code(), 2);
        assert_eq!(failure(Wishes { file: Some("no.ganvas".into()), ..Wishes::default() }).exit_code(), 1);
    }
}
