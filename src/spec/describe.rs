//! What an edit does, in the words that undo shows: `change filters to 64`.

use super::changes::{Change, data_changes, layer_changes, training_changes};
use super::edit::Edit;
use super::layer::Layer;
use super::project::Project;
use super::stack::{LayerId, Role, StackLayer};

impl Edit {
    /// What it does to `project`, the state before it, as shown for undo: `change filters to 64`. Of several changes the first is named.
    pub fn describe(&self, project: &Project) -> String {
        let name = |role: Role, id: LayerId| project.stack(role).find(id).map_or("layer", |layer| layer.layer.name());
        match self {
            Self::Insert { layer, .. } => format!("add {}", layer.layer.name()),
            Self::Remove { role, id } => format!("remove {}", name(*role, *id)),
            Self::Move { role, id, .. } => format!("move {}", name(*role, *id)),
            Self::Replace { role, id, layer } => replaced(project, *role, *id, layer),
            Self::Switch { role, id, on } => format!("switch {} {}", name(*role, *id), if *on { "on" } else { "off" }),
            Self::SetInput { role: Role::Generator, shape } => format!("change latent size to {shape}"),
            Self::SetInput { shape, .. } => format!("change discriminator input to {shape}"),
            Self::SetData(data) => said(&data_changes(&project.data, data), "change data"),
            Self::SetTrain(train) => said(&training_changes(&project.train, train), "change training settings"),
            Self::SetSeed(seed) => format!("change seed to {seed}"),
            Self::SetName(name) => format!("rename to {name}"),
            Self::SetProject(new) => format!("load {}", new.name),
            Self::All { label, .. } => label.clone(),
        }
    }
}

fn replaced(project: &Project, role: Role, id: LayerId, layer: &Layer) -> String {
    let Some(old) = project.stack(role).find(id) else { return "change layer".to_owned() };
    if old.layer.name() != layer.name() {
        return format!("make {} a {}", old.layer.name(), layer.name());
    }
    let new = StackLayer { layer: layer.clone(), ..old.clone() };
    said(&layer_changes(old, &new), &format!("change {}", layer.name()))
}

/// The first of several changes.
fn said(changes: &[Change], otherwise: &str) -> String {
    changes.first().map_or_else(|| otherwise.to_owned(), |Change { name, after, .. }| format!("change {name} to {after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Builtin, DataSpec, ImageSpec, Loss, Optimiser, Preset, Source, TrainSpec};

    #[test]
    fn a_change_of_the_settings_is_named_with_its_value() {
        let project = Preset::from_name("digits").unwrap().project();
        let named = |change: &dyn Fn(&mut TrainSpec)| {
            let mut train = project.train.clone();
            change(&mut train);
            Edit::SetTrain(train).describe(&project)
        };
        assert_eq!(named(&|train| train.batch_size = 32), "change batch size to 32");
        assert_eq!(named(&|train| *train = train.with_loss(Loss::Wasserstein)), "change loss to Wasserstein");
        assert_eq!(named(&|train| train.generator.learning_rate = 1e-4), "change G learning rate to 1e-4");
        assert_eq!(named(&|train| train.discriminator.rule = Optimiser::ALL[2]), "change D optimiser to SGD");
        assert_eq!(named(&|train| train.regularisation.r1 = 0.5), "change R1 to 0.5");
        assert_eq!(named(&|train| train.ema_decay = 0.0), "change averaging decay to off");
        assert_eq!(named(&|train| train.packing = 2), "change packing to 2");
        assert_eq!(named(&|train| train.augmentation.cutout = true), "change augmentation to cutout");
        assert_eq!(named(&|train| train.augmentation.adaptive = true), "change strength of augmentation to adaptive");
        assert_eq!(named(&|train| train.augmentation.ramp = 20), "change ramp of augmentation to 20 thousand samples");
        assert_eq!(named(&|train| train.recover = false), "change recovery to off");
        assert_eq!(named(&|train| train.noise.steps = 7), "change end of the noise to 7");
    }

    #[test]
    fn a_change_of_the_data_is_named_with_its_value() {
        let project = Preset::from_name("digits").unwrap().project();
        let named = |data: DataSpec| Edit::SetData(data).describe(&project);
        assert_eq!(named(DataSpec { source: Source::Builtin(Builtin::Shapes), ..project.data.clone() }), "change data to shapes");
        assert_eq!(named(DataSpec { source: Source::Path("a/cats.zip".into()), ..project.data.clone() }), "change data to cats.zip");
        assert_eq!(named(DataSpec { holdout: 0.25, ..project.data.clone() }), "change held-out share to 25 %");
        let image = ImageSpec { width: 64, height: 48, ..project.data.image };
        assert_eq!(named(DataSpec { image, ..project.data.clone() }), "change picture size to 64 × 48");
    }
}
