//! What a restart keeps is what the project says beforehand that it keeps.

use super::trainer::tests::project_of_the_whole_catalogue;
use super::{Checkpoint, History, Trainer};
use crate::device;
use crate::nn::{Named, TensorValues};
use crate::spec::{BlockNorm, Edit, Fate, Layer, LayerId, Preset, Project, Resample, Role, Slot, catalogue};

/// A checkpoint whose numbers no fresh layer has.
fn trained(project: &Project) -> Checkpoint {
    let trainer = Trainer::new(project, &device::cpu()).unwrap();
    let mut checkpoint = trainer.checkpoint(project, 0.0, &History::default()).unwrap();
    checkpoint.tensors.values_mut().flat_map(|tensor| &mut tensor.values).for_each(|value| *value += 0.375);
    checkpoint
}

/// What became of each layer, seen from its numbers.
fn seen(project: &Project, checkpoint: &Checkpoint, role: Role) -> Vec<Option<Fate>> {
    let device = device::cpu();
    let resumed = if checkpoint.fits(project) { Trainer::resume(project, &device, checkpoint) } else { Trainer::new(project, &device) };
    let now = resumed.unwrap().checkpoint(project, 0.0, &History::default()).unwrap().part(&format!("{}.", role.name()));
    let before = checkpoint.part(&format!("{}.", role.name()));
    let fate = |id: LayerId| {
        let prefix = format!("{}.", id.0);
        let mut own = now.iter().filter(|(name, _)| name.starts_with(&prefix) && !name.contains('/')).peekable();
        own.peek()?;
        let kept = own.all(|(name, values)| before.get(name) == Some(values) || is_switched(&before, name, values));
        Some(if kept { Fate::Keeps } else { Fate::StartsAfresh })
    };
    project.stack(role).layers.iter().map(|layer| fate(layer.id)).collect()
}

/// Is it what a weight, or a direction of it, becomes where spectral norm was switched on or off?
fn is_switched(before: &Named, name: &str, values: &TensorValues) -> bool {
    if let Some(stem) = name.strip_suffix("_u").or(name.strip_suffix("_v")) {
        return before.contains_key(stem);
    }
    if let Some(stem) = name.strip_suffix("_orig") {
        return before.get(stem) == Some(values);
    }
    let Some(orig) = before.get(&format!("{name}_orig")) else { return false };
    let ratio = |index: usize| values.values[index] / orig.values[index];
    values.shape == orig.shape && (0..values.values.len()).all(|index| (ratio(index) / ratio(0) - 1.0).abs() < 1e-4)
}

/// Another value for a parameter, near the one it has.
fn change(slot: &mut Slot<'_>) {
    match slot {
        Slot::Count(value, range) => **value = if **value < *range.end() { **value + 1 } else { **value - 1 },
        Slot::Float(value, range) => **value = 0.5 * (**value + range.end()),
        Slot::Flag(value) => **value = !**value,
        Slot::Size(size, _) => size.height += 2,
        Slot::Resample(value) => **value = if **value == Resample::None { Resample::Up } else { Resample::None },
        Slot::BlockNorm(value) => **value = if **value == BlockNorm::None { BlockNorm::Batch } else { BlockNorm::None },
        _ => {}
    }
}

/// Each project that is one edit away: a parameter changed, a layer moved, switched off, taken out, or made another kind.
fn edited(project: &Project) -> Vec<Project> {
    let mut edits = Vec::new();
    for role in Role::BOTH {
        for entry in &project.stack(role).layers {
            let id = entry.id;
            for field in 0..entry.layer.clone().fields().len() {
                let mut layer = entry.layer.clone();
                change(&mut layer.fields()[field].slot);
                edits.push(Edit::Replace { role, id, layer });
            }
            edits.push(Edit::Remove { role, id });
            edits.push(Edit::Switch { role, id, on: false });
            edits.push(Edit::Move { role, id, to: 0 });
            edits.extend(catalogue().into_iter().map(|entry| Edit::Replace { role, id, layer: entry.layer }));
            edits.push(Edit::insert(project, role, project.stack(role).position(id).unwrap(), Layer::conv(4, 1, 1, 0)));
        }
    }
    let apply = |edit: Edit| {
        let mut edited = project.clone();
        edit.apply(&mut edited).unwrap();
        edited
    };
    edits.into_iter().map(apply).filter(|edited| edited.faults().is_empty()).collect()
}

#[test]
fn what_a_restart_keeps_is_known_beforehand() {
    for project in [project_of_the_whole_catalogue(), Preset::from_name("ring8").unwrap().project()] {
        let checkpoint = trained(&project);
        let (mut kept, mut afresh) = (0, 0);
        let edited = edited(&project);
        assert!(edited.len() > 40, "{} edits leave a project that can be trained", edited.len());
        for edited in edited {
            for role in Role::BOTH {
                let fates = edited.fates(&project, role);
                assert_eq!(fates, seen(&edited, &checkpoint, role), "{edited:?}");
                kept += fates.iter().filter(|fate| **fate == Some(Fate::Keeps)).count();
                afresh += fates.iter().filter(|fate| **fate == Some(Fate::StartsAfresh)).count();
            }
        }
        assert!(kept > 50 && afresh > 20, "{kept} kept, {afresh} afresh: the edits should do both");
    }
}

#[test]
fn another_packing_begins_the_discriminators_first_layer_anew_and_no_other() {
    let before = Preset::from_name("digits").unwrap().project();
    let checkpoint = trained(&before);
    let mut now = before.clone();
    let train = crate::spec::TrainSpec { packing: 2, ..before.train.clone() };
    Edit::settings(&before, train).apply(&mut now).unwrap();
    let role = Role::Discriminator;
    let fates = now.fates(&before, role);
    assert_eq!(fates, seen(&now, &checkpoint, role));
    assert_eq!(fates[0], Some(Fate::StartsAfresh));
    assert!(fates[1..].iter().flatten().all(|fate| *fate == Fate::Keeps));
    assert!(now.fates(&before, Role::Generator).iter().flatten().all(|fate| *fate == Fate::Keeps));
}
