//! What a restart with an edited project keeps of what was learned.

use std::collections::HashMap;

use super::project::Project;
use super::shape::Shape;
use super::stack::{LayerId, LayerShape, Role, Stack, StackLayer};
use super::tensors::TensorShape;

/// What becomes of what a layer learned when a run starts again with the project as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes on with its weights.
    Keeps,
    /// It has other weights than in the run, in number, name or shape, and starts with new ones.
    StartsAfresh,
}

impl Project {
    /// Is there anything of a run of `before` to go on from: a layer with weights that is still there, for inputs of the same shape? A run
    /// of other networks altogether begins at step 0.
    pub fn goes_on_from(&self, before: &Self) -> bool {
        Role::BOTH.into_iter().any(|role| {
            let known = before.stack(role).weighted_layers();
            self.stack(role).weighted_layers().iter().any(|layer| known.contains(layer))
        })
    }

    /// The fate of each layer of a stack, in order, at a restart of a run that was begun with `before`. None for layers that learn
    /// nothing, are off or do not fit.
    ///
    /// A layer keeps its weights where the run has every one of its tensors, by the layer's number, the tensor's name and its shape; whether
    /// spectral norm stands before them, in the run or now, makes no difference.
    pub fn fates(&self, before: &Self, role: Role) -> Vec<Option<Fate>> {
        let goes_on = self.goes_on_from(before);
        let trained: HashMap<LayerId, Vec<TensorShape>> =
            before.stack(role).tensors().into_iter().filter_map(|(id, tensors)| Some((id, without_spectral_norm(tensors?)))).collect();
        let fate = |(id, tensors): (LayerId, Option<Vec<TensorShape>>)| {
            let wanted = tensors.map(without_spectral_norm).filter(|tensors| !tensors.is_empty())?;
            let found = goes_on && trained.get(&id).is_some_and(|trained| wanted.iter().all(|tensor| trained.contains(tensor)));
            Some(if found { Fate::Keeps } else { Fate::StartsAfresh })
        };
        self.stack(role).tensors().into_iter().map(fate).collect()
    }
}

/// As they would be called without it.
fn without_spectral_norm(tensors: Vec<TensorShape>) -> Vec<TensorShape> {
    let is_direction = |name: &str| name.ends_with("weight_u") || name.ends_with("weight_v");
    let plain = |(name, shape): TensorShape| (name.strip_suffix("_orig").map(str::to_owned).unwrap_or(name), shape);
    tensors.into_iter().filter(|(name, _)| !is_direction(name)).map(plain).collect()
}

impl Stack {
    /// The tensors of each layer, in order; none for layers that are off or do not fit.
    fn tensors(&self) -> Vec<(LayerId, Option<Vec<TensorShape>>)> {
        let tensors = |(entry, shape): (&StackLayer, LayerShape)| match shape {
            LayerShape::Known { input, .. } if entry.on => (entry.id, Some(entry.layer.tensors(input))),
            _ => (entry.id, None),
        };
        self.layers.iter().zip(self.shapes()).map(tensors).collect()
    }

    /// Every layer with weights: its number, its kind, the shape of its input, and how many weights it has.
    fn weighted_layers(&self) -> Vec<(LayerId, &'static str, Shape, u64)> {
        let describe = |(entry, shape): (&StackLayer, LayerShape)| match shape {
            LayerShape::Known { input, output } if entry.on && entry.layer.has_weights() => {
                Some((entry.id, entry.layer.name(), input, entry.layer.cost(input, output).parameters))
            }
            _ => None,
        };
        self.layers.iter().zip(self.shapes()).filter_map(describe).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Edit, Layer, Preset};

    fn digits() -> Project {
        Preset::from_name("digits").unwrap().project()
    }

    fn afresh(now: &Project, before: &Project, role: Role) -> Vec<usize> {
        let fates = now.fates(before, role);
        (0..fates.len()).filter(|&index| fates[index] == Some(Fate::StartsAfresh)).collect()
    }

    #[test]
    fn what_was_not_edited_keeps_its_weights_and_layers_without_any_have_no_fate() {
        let project = digits();
        let fates = project.fates(&project, Role::Discriminator);
        let keeps = Some(Fate::Keeps);
        assert_eq!(fates, [keeps, None, keeps, None, None, None, keeps]);
    }

    #[test]
    fn more_filters_reach_as_far_as_the_channels_do() {
        let (before, mut now) = (digits(), digits());
        let id = now.generator.layers[5].id;
        Edit::Replace { role: Role::Generator, id, layer: Layer::conv(48, 3, 1, 1) }.apply(&mut now).unwrap();
        assert_eq!(afresh(&now, &before, Role::Generator), [5, 6, 9], "the convolution, its normalisation, and the next convolution");
        assert!(afresh(&now, &before, Role::Discriminator).is_empty());
    }

    #[test]
    fn a_layer_that_is_only_moved_or_joined_by_others_keeps_its_weights() {
        let (before, mut now) = (digits(), digits());
        Edit::insert(&now, Role::Discriminator, 2, Layer::Tanh).apply(&mut now).unwrap();
        Edit::insert(&now, Role::Discriminator, 1, Layer::conv(32, 3, 1, 1)).apply(&mut now).unwrap();
        assert_eq!(afresh(&now, &before, Role::Discriminator), [1]);
    }

    #[test]
    fn other_networks_altogether_begin_anew() {
        let (before, now) = (digits(), Preset::from_name("shapes").unwrap().project());
        for role in Role::BOTH {
            assert!(now.fates(&before, role).iter().flatten().all(|fate| *fate == Fate::StartsAfresh));
        }
        assert!(!now.goes_on_from(&before));
    }

    #[test]
    fn a_layer_that_is_off_or_does_not_fit_has_no_fate() {
        let (before, mut now) = (digits(), digits());
        let id = now.discriminator.layers[4].id;
        Edit::Switch { role: Role::Discriminator, id, on: false }.apply(&mut now).unwrap();
        let fates = now.fates(&before, Role::Discriminator);
        assert_eq!(fates[6], None, "a Dense gets a picture");
        assert_eq!(fates[0], Some(Fate::Keeps));
    }
}
