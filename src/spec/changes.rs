//! In what two projects differ, setting by setting, in words: `D learning rate 2e-4 → 1e-4`.

use std::fmt;

use super::augmentation::Augmentation;
use super::fields::Field;
use super::project::{Colour, DataSpec, Fit, ImageSpec, Latent, Optimiser, OptimiserSpec, Project, Source, Stop, TrainSpec};
use super::regularisation::Regularisation;
use super::schedule::Schedule;
use super::stack::{LayerId, Role, Stack, StackLayer};

/// A setting that has another value than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The setting, as people call it.
    pub name: String,
    /// Its value before.
    pub before: String,
    /// Its value now.
    pub after: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} → {}", self.name, self.before, self.after)
    }
}

impl Project {
    /// In what `after` trains otherwise than this project: networks, settings, data, seed. Names do not count. Empty where both are the
    /// same run.
    pub fn changes(&self, after: &Self) -> Vec<Change> {
        let mut changes = training_changes(&self.train, &after.train);
        for role in Role::BOTH {
            changes.extend(stack_changes(role, self.stack(role), after.stack(role)));
        }
        changes.extend(data_changes(&self.data, &after.data));
        changes.extend(change("seed", &self.seed, &after.seed, u64::to_string));
        changes
    }
}

fn change<T: PartialEq + ?Sized>(name: impl Into<String>, before: &T, after: &T, text: impl Fn(&T) -> String) -> Option<Change> {
    (before != after).then(|| Change { name: name.into(), before: text(before), after: text(after) })
}

/// Numbers that switch something off at zero.
fn strength(name: &str, before: f32, after: f32) -> Option<Change> {
    change(name, &before, &after, |&value| if value == 0.0 { "off".to_owned() } else { number(value) })
}

fn number(value: f32) -> String {
    if value.abs() >= 0.01 || value == 0.0 { format!("{value}") } else { format!("{value:e}") }
}

fn switch(is_on: bool) -> String {
    if is_on { "on" } else { "off" }.to_owned()
}

/// What differs between the parameters of two layers of one kind.
pub(super) fn layer_changes(before: &StackLayer, after: &StackLayer) -> Vec<Change> {
    let (mut old, mut new) = (before.layer.clone(), after.layer.clone());
    let changed = |(old, new): (Field<'_>, Field<'_>)| change(new.name, &old.value_text(), &new.value_text(), Clone::clone);
    old.fields().into_iter().zip(new.fields()).filter_map(changed).collect()
}

fn stack_changes(role: Role, before: &Stack, after: &Stack) -> Vec<Change> {
    let whose = if role == Role::Generator { "G" } else { "D" };
    let name = |layer: &StackLayer| format!("{whose} {}", layer.layer.name());
    let is = |name: String, before: &str, after: &str| Change { name, before: before.to_owned(), after: after.to_owned() };
    let input = if role == Role::Generator { "latent size".to_owned() } else { format!("{whose} input") };
    let mut changes: Vec<Change> = change(input, &before.input, &after.input, ToString::to_string).into_iter().collect();
    for layer in &before.layers {
        let Some(now) = after.find(layer.id) else {
            changes.push(is(name(layer), "there", "removed"));
            continue;
        };
        if layer.layer.name() == now.layer.name() {
            let own = |change: Change| Change { name: format!("{} {}", name(now), change.name), ..change };
            changes.extend(layer_changes(layer, now).into_iter().map(own));
        } else {
            changes.push(is(format!("{whose} layer"), layer.layer.name(), now.layer.name()));
        }
        changes.extend(change(name(now), &layer.on, &now.on, |&is_on| switch(is_on)));
    }
    for layer in after.layers.iter().filter(|layer| before.find(layer.id).is_none()) {
        changes.push(is(name(layer), "not there", "added"));
    }
    let common = |stack: &Stack, other: &Stack| -> Vec<LayerId> {
        stack.layers.iter().map(|layer| layer.id).filter(|&id| other.find(id).is_some()).collect()
    };
    if common(before, after) != common(after, before) {
        changes.push(is(format!("{whose} layers"), "one order", "another"));
    }
    changes
}

pub(super) fn data_changes(before: &DataSpec, after: &DataSpec) -> Vec<Change> {
    let file = |source: &Source| match source {
        Source::Builtin(builtin) => builtin.name().to_owned(),
        Source::Path(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
    };
    let is_clear = file(&before.source) != file(&after.source);
    let source = |source: &Source| match source {
        Source::Path(path) if !is_clear => path.display().to_string(),
        source => file(source),
    };
    let size = |image: ImageSpec| [image.width, image.height];
    let colour = |colour: &Colour| if *colour == Colour::Grey { "grey" } else { "RGB" }.to_owned();
    let fit = |fit: &Fit| if *fit == Fit::Crop { "crop" } else { "letterbox" }.to_owned();
    let changes = [
        change("data", &before.source, &after.source, source),
        change("picture size", &size(before.image), &size(after.image), |[width, height]| format!("{width} × {height}")),
        change("colour", &before.image.colour, &after.image.colour, colour),
        change("fit", &before.image.fit, &after.image.fit, fit),
        change("held-out share", &before.holdout, &after.holdout, |&share| format!("{} %", (1e4 * share).round() / 100.0)),
        change("memory limit", &before.memory_limit_mib, &after.memory_limit_mib, |mib| format!("{mib} MiB")),
    ];
    changes.into_iter().flatten().collect()
}

/// In the order in which people think of them.
pub(super) fn training_changes(before: &TrainSpec, after: &TrainSpec) -> Vec<Change> {
    let latent = |latent: &Latent| if *latent == Latent::Normal { "normal" } else { "uniform" }.to_owned();
    let stop = |stop: &Stop| match stop {
        Stop::Never => "never".to_owned(),
        Stop::Steps(steps) => format!("after {steps} steps"),
        Stop::Epochs(epochs) => format!("after {epochs} epochs"),
    };
    let mut changes: Vec<Change> = change("loss", &before.loss, &after.loss, |loss| loss.name().to_owned()).into_iter().collect();
    changes.extend(regularisation_changes(&before.regularisation, &after.regularisation));
    changes.extend(optimiser_changes("G", &before.generator, &after.generator));
    changes.extend(optimiser_changes("D", &before.discriminator, &after.discriminator));
    let count = |count: &usize| count.to_string();
    changes.extend(change("batch size", &before.batch_size, &after.batch_size, count));
    changes.extend(change("D steps per G", &before.d_steps_per_g_step, &after.d_steps_per_g_step, count));
    changes.extend(change("stop", &before.stop, &after.stop, stop));
    changes.extend(strength("averaging decay", before.ema_decay, after.ema_decay));
    changes.extend(change("averaging from the first steps", &before.ema_ramp, &after.ema_ramp, |&is_on| switch(is_on)));
    changes.extend(change("latent vectors", &before.latent, &after.latent, latent));
    changes.extend(schedule_changes(&before.schedule, &after.schedule));
    changes.extend(strength("G gradient clipping", before.clip_gradient.generator, after.clip_gradient.generator));
    changes.extend(strength("D gradient clipping", before.clip_gradient.discriminator, after.clip_gradient.discriminator));
    changes.extend(strength("smoothing of real labels", before.smoothing.real, after.smoothing.real));
    changes.extend(strength("smoothing of fake labels", before.smoothing.fake, after.smoothing.fake));
    changes.extend(strength("instance noise", before.noise.deviation, after.noise.deviation));
    changes.extend(change("end of the noise", &before.noise.steps, &after.noise.steps, u64::to_string));
    changes.extend(change("packing", &before.packing, &after.packing, count));
    changes.extend(augmentation_changes(&before.augmentation, &after.augmentation));
    changes.extend(change("recovery", &before.recover, &after.recover, |&is_on| switch(is_on)));
    changes
}

fn regularisation_changes(before: &Regularisation, after: &Regularisation) -> impl Iterator<Item = Change> {
    let changes = [
        strength("weight clipping", before.clip, after.clip),
        strength("gradient penalty", before.gradient_penalty, after.gradient_penalty),
        strength("R1", before.r1, after.r1),
        strength("R2", before.r2, after.r2),
        strength("LeCam", before.lecam, after.lecam),
        change("steps between penalties", &before.every, &after.every, ToString::to_string),
    ];
    changes.into_iter().flatten()
}

fn schedule_changes(before: &Schedule, after: &Schedule) -> impl Iterator<Item = Change> {
    let changes = [
        change("learning rate schedule", &before.decay, &after.decay, |decay| decay.name().to_owned()),
        change("end of the schedule", &before.steps, &after.steps, u64::to_string),
        strength("floor of learning rates", before.floor, after.floor),
        change("warm-up", &before.warm_up, &after.warm_up, u64::to_string),
    ];
    changes.into_iter().flatten()
}

fn augmentation_changes(before: &Augmentation, after: &Augmentation) -> impl Iterator<Item = Change> {
    let changes = [
        change("augmentation", &before.text(), &after.text(), Clone::clone),
        change("strength of augmentation", &before.adaptive, &after.adaptive, |is| if *is { "adaptive" } else { "fixed" }.to_owned()),
        change("probability of augmentation", &before.probability, &after.probability, |&value| number(value)),
        change("target of augmentation", &before.target, &after.target, |&value| number(value)),
        change("ramp of augmentation", &before.ramp, &after.ramp, |ramp| format!("{ramp} thousand samples")),
    ];
    changes.into_iter().flatten()
}

fn optimiser_changes(whose: &str, before: &OptimiserSpec, after: &OptimiserSpec) -> impl Iterator<Item = Change> {
    let is_same_rule = before.rule.name() == after.rule.name();
    let changes = [
        change(format!("{whose} optimiser"), before.rule.name(), after.rule.name(), str::to_owned),
        change(format!("{whose} optimiser's settings"), &before.rule, &after.rule, rule).filter(|_| is_same_rule),
        change(format!("{whose} learning rate"), &before.learning_rate, &after.learning_rate, |&rate| number(rate)),
    ];
    changes.into_iter().flatten()
}

/// `beta1 0.5, beta2 0.999, epsilon 1e-8`, whichever settings a rule has.
fn rule(rule: &Optimiser) -> String {
    let text = format!("{rule:?}");
    let inner = text.split_once('{').map_or("none", |(_, inner)| inner);
    inner.trim_matches([' ', '}']).replace(": ", " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Edit, Layer, Preset};

    fn told(before: &Project, after: &Project) -> Vec<String> {
        before.changes(after).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn one_change_of_the_settings_is_told_as_one() {
        let before = Preset::from_name("digits").unwrap().project();
        let with = |change: &dyn Fn(&mut Project)| {
            let mut after = before.clone();
            change(&mut after);
            told(&before, &after)
        };
        assert_eq!(with(&|project| project.name = "another".to_owned()), Vec::<String>::new());
        assert_eq!(with(&|project| project.train.discriminator.learning_rate = 1e-4), ["D learning rate 2e-3 → 1e-4"]);
        assert_eq!(with(&|project| project.train.regularisation.r1 = 0.1), ["R1 off → 0.1"]);
        assert_eq!(with(&|project| project.train.packing = 2), ["packing 1 → 2"]);
        assert_eq!(with(&|project| project.seed = 77), [format!("seed {} → 77", before.seed)]);
        let Optimiser::Adam { beta1, .. } = before.train.generator.rule else { panic!() };
        let slower = Optimiser::Adam { beta1: 0.25, beta2: 0.9, epsilon: 1e-8 };
        let told = with(&|project| project.train.generator.rule = slower);
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with(&format!("G optimiser's settings beta1 {beta1}, "))
                && told[0].ends_with("→ beta1 0.25, beta2 0.9, epsilon 1e-8")
        );
    }

    #[test]
    fn values_that_differ_are_told_apart() {
        let before = Preset::from_name("digits").unwrap().project().data;
        let with = |path: &str, holdout: f32| DataSpec { source: Source::Path(path.into()), holdout, ..before.clone() };
        let told = |a: &DataSpec, b: &DataSpec| data_changes(a, b).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(told(&with("a/cats", 0.1), &with("b/dogs", 0.1)), ["data cats → dogs"]);
        assert_eq!(told(&with("a/cats", 0.1), &with("b/cats", 0.1)), ["data a/cats → b/cats"]);
        assert_eq!(told(&with("a/cats", 0.101), &with("a/cats", 0.104)), ["held-out share 10.1 % → 10.4 %"]);
    }

    #[test]
    fn changes_of_layers_are_told_by_kind_and_parameter() {
        let before = Preset::from_name("ring8").unwrap().project();
        let mut after = before.clone();
        let id = before.discriminator.layers[0].id;
        Edit::Replace { role: Role::Discriminator, id, layer: Layer::dense(96) }.apply(&mut after).unwrap();
        let units = told(&before, &after);
        assert!(units.len() == 1 && units[0].starts_with("D Dense units ") && units[0].ends_with(" → 96"), "{units:?}");
        let mut after = before.clone();
        Edit::insert(&after, Role::Generator, 1, Layer::Tanh).apply(&mut after).unwrap();
        assert_eq!(told(&before, &after), ["G Tanh not there → added"]);
        assert_eq!(told(&after, &before), ["G Tanh there → removed"]);
        let mut moved = after.clone();
        Edit::Move { role: Role::Generator, id: after.generator.layers[1].id, to: 0 }.apply(&mut moved).unwrap();
        assert_eq!(told(&after, &moved), ["G layers one order → another"]);
    }

    /// Every value that a project file holds of training has a name here, so that two runs that differ are never said to be the same.
    #[test]
    fn nothing_that_differs_goes_untold() {
        let before = Preset::from_name("points").unwrap().project();
        let whole = serde_json::to_value(&before.train).unwrap();
        let mut paths = Vec::new();
        leaves(&whole, String::new(), &mut paths);
        assert!(paths.len() > 25, "{paths:?}");
        for path in paths {
            let mut changed = whole.clone();
            let value = changed.pointer_mut(&path).unwrap();
            *value = match &*value {
                serde_json::Value::Bool(is) => (!*is).into(),
                serde_json::Value::Number(number) if number.is_f64() => (number.as_f64().unwrap() * 0.5 + 0.125).into(),
                serde_json::Value::Number(number) => (number.as_u64().unwrap() + 1).into(),
                _ => continue,
            };
            let train: TrainSpec = serde_json::from_value(changed).unwrap();
            assert_eq!(training_changes(&before.train, &train).len(), 1, "{path}");
        }
    }

    fn leaves(value: &serde_json::Value, path: String, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(map) => map.iter().for_each(|(key, value)| leaves(value, format!("{path}/{key}"), found)),
            _ => found.push(path),
        }
    }
}
