//! What an edit does, in the words that undo shows: `change filters to 64`.

use super::augmentation::Augmentation;
use super::edit::Edit;
use super::fields::Field;
use super::layer::Layer;
use super::project::{Colour, DataSpec, Fit, ImageSpec, Latent, OptimiserSpec, Project, Source, Stop, TrainSpec};
use super::regularisation::Regularisation;
use super::stack::{LayerId, Role};

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
            Self::SetData(data) => data_changed(&project.data, data),
            Self::SetTrain(train) => training_changed(&project.train, train),
            Self::SetSeed(seed) => format!("change seed to {seed}"),
            Self::SetName(name) => format!("rename to {name}"),
            Self::SetProject(new) => format!("load {}", new.name),
            Self::All { label, .. } => label.clone(),
        }
    }
}

fn replaced(project: &Project, role: Role, id: LayerId, layer: &Layer) -> String {
    let Some(old) = project.stack(role).find(id) else { return "change layer".to_owned() };
    let (mut old, mut new) = (old.layer.clone(), layer.clone());
    if old.name() != new.name() {
        return format!("make {} a {}", old.name(), new.name());
    }
    let changed = |(before, after): (Field<'_>, Field<'_>)| {
        (before.value_text() != after.value_text()).then(|| format!("change {} to {}", after.name, after.value_text()))
    };
    let first = old.fields().into_iter().zip(new.fields()).find_map(changed);
    first.unwrap_or_else(|| format!("change {}", layer.name()))
}

/// A setting by its name and its value, where it has changed.
type Change = Option<(&'static str, String)>;

fn change<T: PartialEq>(name: &'static str, before: T, after: T, text: impl Fn(&T) -> String) -> Change {
    (before != after).then(|| (name, text(&after)))
}

/// Numbers that switch something off at zero.
fn strength(name: &'static str, before: f32, after: f32) -> Change {
    change(name, before, after, |&value| if value == 0.0 { "off".to_owned() } else { number(value) })
}

fn number(value: f32) -> String {
    if value.abs() >= 0.01 || value == 0.0 { format!("{value}") } else { format!("{value:e}") }
}

fn said(change: Option<(&'static str, String)>, otherwise: &str) -> String {
    change.map_or_else(|| otherwise.to_owned(), |(name, value)| format!("change {name} to {value}"))
}

fn data_changed(before: &DataSpec, after: &DataSpec) -> String {
    let source = |source: &Source| match source {
        Source::Builtin(builtin) => builtin.name().to_owned(),
        Source::Path(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
    };
    let size = |image: ImageSpec| [image.width, image.height];
    let colour = |colour: &Colour| if *colour == Colour::Grey { "grey" } else { "RGB" }.to_owned();
    let fit = |fit: &Fit| if *fit == Fit::Crop { "crop" } else { "letterbox" }.to_owned();
    let first = change("data", &before.source, &after.source, |value| source(value))
        .or_else(|| change("picture size", size(before.image), size(after.image), |[width, height]| format!("{width} × {height}")))
        .or_else(|| change("colour", before.image.colour, after.image.colour, colour))
        .or_else(|| change("fit", before.image.fit, after.image.fit, fit))
        .or_else(|| change("held-out share", before.holdout, after.holdout, |&share| format!("{:.0} %", 100.0 * share)))
        .or_else(|| change("memory limit", before.memory_limit_mib, after.memory_limit_mib, |mib| format!("{mib} MiB")));
    said(first, "change data")
}

fn training_changed(before: &TrainSpec, after: &TrainSpec) -> String {
    let latent = |latent: &Latent| if *latent == Latent::Normal { "normal" } else { "uniform" }.to_owned();
    let stop = |stop: &Stop| match stop {
        Stop::Never => "never".to_owned(),
        Stop::Steps(steps) => format!("after {steps} steps"),
        Stop::Epochs(epochs) => format!("after {epochs} epochs"),
    };
    let first = change("loss", before.loss, after.loss, |loss| loss.name().to_owned())
        .or_else(|| regularisation_change(&before.regularisation, &after.regularisation))
        .or_else(|| optimiser_change(["G optimiser", "G learning rate"], &before.generator, &after.generator))
        .or_else(|| optimiser_change(["D optimiser", "D learning rate"], &before.discriminator, &after.discriminator))
        .or_else(|| change("batch size", before.batch_size, after.batch_size, usize::to_string))
        .or_else(|| change("D steps per G", before.d_steps_per_g_step, after.d_steps_per_g_step, usize::to_string))
        .or_else(|| change("stop", before.stop, after.stop, stop))
        .or_else(|| strength("averaging decay", before.ema_decay, after.ema_decay))
        .or_else(|| change("latent vectors", before.latent, after.latent, latent))
        .or_else(|| change("learning rate schedule", before.schedule.decay, after.schedule.decay, |decay| decay.name().to_owned()))
        .or_else(|| strength("G gradient clipping", before.clip_gradient.generator, after.clip_gradient.generator))
        .or_else(|| strength("D gradient clipping", before.clip_gradient.discriminator, after.clip_gradient.discriminator))
        .or_else(|| strength("smoothing of real labels", before.smoothing.real, after.smoothing.real))
        .or_else(|| strength("smoothing of fake labels", before.smoothing.fake, after.smoothing.fake))
        .or_else(|| strength("instance noise", before.noise.deviation, after.noise.deviation))
        .or_else(|| change("packing", before.packing, after.packing, usize::to_string))
        .or_else(|| augmentation_change(&before.augmentation, &after.augmentation));
    said(first, "change training settings")
}

fn regularisation_change(before: &Regularisation, after: &Regularisation) -> Change {
    strength("weight clipping", before.clip, after.clip)
        .or_else(|| strength("gradient penalty", before.gradient_penalty, after.gradient_penalty))
        .or_else(|| strength("R1", before.r1, after.r1))
        .or_else(|| strength("R2", before.r2, after.r2))
        .or_else(|| strength("LeCam", before.lecam, after.lecam))
}

fn augmentation_change(before: &Augmentation, after: &Augmentation) -> Change {
    change("augmentation", before.text(), after.text(), Clone::clone)
        .or_else(|| change("augmentation", before.adaptive, after.adaptive, |is| if *is { "adaptive" } else { "fixed" }.to_owned()))
        .or_else(|| change("probability of augmentation", before.probability, after.probability, |&value| number(value)))
        .or_else(|| change("target of augmentation", before.target, after.target, |&value| number(value)))
        .or_else(|| change("ramp of augmentation", before.ramp, after.ramp, |ramp| format!("{ramp} thousand samples")))
}

fn optimiser_change([rule, rate]: [&'static str; 2], before: &OptimiserSpec, after: &OptimiserSpec) -> Change {
    change(rule, before.rule.name(), after.rule.name(), |name| (*name).to_owned())
        .or_else(|| change(rate, before.learning_rate, after.learning_rate, |&rate| number(rate)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Builtin, Loss, Optimiser, Preset};

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
        assert_eq!(named(&|train| train.augmentation.adaptive = true), "change augmentation to adaptive");
        assert_eq!(named(&|train| train.augmentation.ramp = 20), "change ramp of augmentation to 20 thousand samples");
        assert_eq!(named(&|train| train.noise.steps = 7), "change training settings", "what has no name of its own");
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
