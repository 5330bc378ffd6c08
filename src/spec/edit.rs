//! The one way to change a project.
//!
//! Whatever changes a project - a card, a preset, a fix, undo itself - makes an [`Edit`]. Applying one returns its exact inverse.

use super::group::Spot;
use super::layer::Layer;
use super::project::{DataSpec, Project, TrainSpec};
use super::shape::Shape;
use super::stack::{LayerId, Role, StackLayer};

/// A change to a project.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Puts a layer at an index of a stack.
    Insert {
        /// Which stack.
        role: Role,
        /// Where; at most the number of layers.
        index: usize,
        /// The layer; its id must be free.
        layer: StackLayer,
    },
    /// Takes a layer out.
    Remove {
        /// Which stack.
        role: Role,
        /// Which layer.
        id: LayerId,
    },
    /// Moves a layer within its stack.
    Move {
        /// Which stack.
        role: Role,
        /// Which layer.
        id: LayerId,
        /// Its index afterwards.
        to: usize,
    },
    /// Gives a layer other parameters, or makes it another kind.
    Replace {
        /// Which stack.
        role: Role,
        /// Which layer.
        id: LayerId,
        /// What it becomes.
        layer: Layer,
    },
    /// Switches a layer on or off.
    Switch {
        /// Which stack.
        role: Role,
        /// Which layer.
        id: LayerId,
        /// On?
        on: bool,
    },
    /// Changes the shape of a stack's input.
    SetInput {
        /// Which stack.
        role: Role,
        /// The shape.
        shape: Shape,
    },
    /// Changes the data.
    SetData(DataSpec),
    /// Changes objective, optimisers or batch.
    SetTrain(TrainSpec),
    /// Changes the seed.
    SetSeed(u64),
    /// Changes the name.
    SetName(String),
    /// Changes everything at once, as a preset does.
    SetProject(Box<Project>),
    /// Several edits as one, applied in order.
    All {
        /// What they do together, as shown for undo.
        label: String,
        /// In order of application.
        edits: Vec<Edit>,
    },
}

/// Why an edit does not fit the project it was applied to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The layer it names is not there.
    #[error("the {} has no layer with the number {}", .0.name(), .1.0)]
    NoSuchLayer(Role, LayerId),
    /// The layer to insert has the id of another one.
    #[error("the {} already has a layer with the number {}", .0.name(), .1.0)]
    IdTaken(Role, LayerId),
    /// The place is beyond the end of the stack.
    #[error("the {} has no place {}", .0.name(), .1)]
    NoSuchPlace(Role, usize),
}

impl Edit {
    /// Inserts `layer` at `index` with a free id.
    pub fn insert(project: &Project, role: Role, index: usize, layer: Layer) -> Self {
        Self::Insert { role, index, layer: StackLayer { id: project.stack(role).free_id(), on: true, layer } }
    }

    /// Inserts `layer` before the last layer with weights; none where there is one of its kind already, or none with weights.
    pub fn insert_before_last(project: &Project, role: Role, layer: Layer) -> Option<Self> {
        let stack = project.stack(role);
        if stack.active().any(|other| other.layer.name() == layer.name()) {
            return None;
        }
        let last = stack.layers.iter().rposition(|other| other.on && other.layer.has_weights())?;
        Some(Self::insert(project, role, last, layer))
    }

    /// Divides the weights of all layers of a network by their largest singular value, or no longer.
    pub fn spectral_norm(project: &Project, role: Role, on: bool) -> Vec<Self> {
        let changed = |entry: &StackLayer| {
            let mut layer = entry.layer.clone();
            *layer.weights_mut()?.spectral_norm = on;
            (layer != entry.layer).then_some(Self::Replace { role, id: entry.id, layer })
        };
        project.stack(role).layers.iter().filter_map(changed).collect()
    }

    /// Applies this edit and returns its inverse. An edit that fails changes nothing.
    ///
    /// # Errors
    /// The edit does not fit the project.
    pub fn apply(self, project: &mut Project) -> Result<Self, EditError> {
        match self {
            Self::Insert { role, index, layer } => insert(project, role, index, layer),
            Self::Remove { role, id } => {
                let index = position(project, role, id)?;
                let layer = project.stack_mut(role).layers.remove(index);
                Ok(Self::Insert { role, index, layer })
            }
            Self::Move { role, id, to } => {
                let from = position(project, role, id)?;
                let layers = &mut project.stack_mut(role).layers;
                if to >= layers.len() {
                    return Err(EditError::NoSuchPlace(role, to));
                }
                let layer = layers.remove(from);
                layers.insert(to, layer);
                Ok(Self::Move { role, id, to: from })
            }
            Self::Replace { role, id, layer } => {
                let old = std::mem::replace(&mut layer_mut(project, role, id)?.layer, layer);
                Ok(Self::Replace { role, id, layer: old })
            }
            Self::Switch { role, id, on } => {
                let old = std::mem::replace(&mut layer_mut(project, role, id)?.on, on);
                Ok(Self::Switch { role, id, on: old })
            }
            Self::SetInput { role, shape } => {
                let old = std::mem::replace(&mut project.stack_mut(role).input, shape);
                Ok(Self::SetInput { role, shape: old })
            }
            Self::SetData(data) => Ok(Self::SetData(std::mem::replace(&mut project.data, data))),
            Self::SetTrain(train) => Ok(Self::SetTrain(std::mem::replace(&mut project.train, train))),
            Self::SetSeed(seed) => Ok(Self::SetSeed(std::mem::replace(&mut project.seed, seed))),
            Self::SetName(name) => Ok(Self::SetName(std::mem::replace(&mut project.name, name))),
            Self::SetProject(new) => Ok(Self::SetProject(Box::new(std::mem::replace(project, *new)))),
            Self::All { label, edits } => apply_all(project, label, edits),
        }
    }

    /// The layers it names, in the order in which they are touched; none where it changes something else, or everything.
    pub fn spots(&self) -> Vec<Spot> {
        match *self {
            Self::Insert { role, layer: StackLayer { id, .. }, .. }
            | Self::Remove { role, id }
            | Self::Move { role, id, .. }
            | Self::Replace { role, id, .. }
            | Self::Switch { role, id, .. } => vec![(role, id)],
            Self::All { ref edits, .. } => edits.iter().flat_map(Self::spots).collect(),
            Self::SetInput { .. } | Self::SetData(_) | Self::SetTrain(_) | Self::SetSeed(_) | Self::SetName(_) | Self::SetProject(_) => {
                Vec::new()
            }
        }
    }
}

fn position(project: &Project, role: Role, id: LayerId) -> Result<usize, EditError> {
    project.stack(role).position(id).ok_or(EditError::NoSuchLayer(role, id))
}

fn layer_mut(project: &mut Project, role: Role, id: LayerId) -> Result<&mut StackLayer, EditError> {
    let found = project.stack_mut(role).layers.iter_mut().find(|layer| layer.id == id);
    found.ok_or(EditError::NoSuchLayer(role, id))
}

fn insert(project: &mut Project, role: Role, index: usize, layer: StackLayer) -> Result<Edit, EditError> {
    let stack = project.stack_mut(role);
    if stack.position(layer.id).is_some() {
        return Err(EditError::IdTaken(role, layer.id));
    }
    if index > stack.layers.len() {
        return Err(EditError::NoSuchPlace(role, index));
    }
    let id = layer.id;
    stack.layers.insert(index, layer);
    Ok(Edit::Remove { role, id })
}

fn apply_all(project: &mut Project, label: String, edits: Vec<Edit>) -> Result<Edit, EditError> {
    let before = project.clone();
    let mut inverses = Vec::with_capacity(edits.len());
    for edit in edits {
        match edit.apply(project) {
            Ok(inverse) => inverses.push(inverse),
            Err(error) => {
                *project = before;
                return Err(error);
            }
        }
    }
    inverses.reverse();
    Ok(Edit::All { label, edits: inverses })
}

#[cfg(test)]
pub(super) mod tests {
    use rand::RngExt as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::random::{Purpose, stream};
    use crate::spec::{Group, GroupEdit, Loss, PRESETS, catalogue, layers_from_text, lint};

    fn random_layer(rng: &mut ChaCha8Rng) -> Layer {
        let entries = catalogue();
        let mut layer = entries[rng.random_range(0..entries.len())].layer.clone();
        if let Layer::Dense { units, .. } = &mut layer {
            *units = rng.random_range(1..500);
        }
        layer
    }

    /// Some edit or other, also ones that do not fit `project`.
    pub fn random_edit(project: &Project, rng: &mut ChaCha8Rng) -> Edit {
        let role = Role::BOTH[rng.random_range(0..2)];
        let layers = &project.stack(role).layers;
        let any = rng.random_range(0..=layers.len());
        // One past the end: a layer that is not there.
        let id = layers.get(any).map_or(LayerId(9999), |layer| layer.id);
        match rng.random_range(0..12) {
            0 => Edit::insert(project, role, any, random_layer(rng)),
            1 => Edit::Insert { role, index: any + 1, layer: StackLayer { id, on: false, layer: random_layer(rng) } },
            2 => Edit::Remove { role, id },
            3 => Edit::Move { role, id, to: rng.random_range(0..=layers.len()) },
            4 => Edit::Replace { role, id, layer: random_layer(rng) },
            5 => Edit::Switch { role, id, on: rng.random() },
            6 => Edit::SetInput { role, shape: Shape::new(rng.random_range(0..200), any, 1) },
            7 => Edit::SetData(PRESETS[rng.random_range(0..PRESETS.len())].project().data),
            8 => Edit::SetTrain(TrainSpec { loss: Loss::ALL[rng.random_range(0..Loss::ALL.len())], ..project.train.clone() }),
            9 => Edit::SetSeed(rng.random()),
            10 => Edit::SetName(format!("name {any}")),
            _ => {
                let edits = vec![Edit::insert(project, role, 0, random_layer(rng)), Edit::SetSeed(rng.random()), Edit::Remove { role, id }];
                Edit::All { label: "several".to_owned(), edits }
            }
        }
    }

    /// Some edit of several layers or other, or a repair, as keys, menus and buttons ask for; none where it does not apply.
    pub fn random_group_edit(project: &Project, rng: &mut ChaCha8Rng) -> Option<Edit> {
        let share = [0.1, 0.3, 1.0][rng.random_range(0..3)];
        let all = Role::BOTH.into_iter().flat_map(|role| project.stack(role).layers.iter().map(move |layer| (role, layer.id)));
        let mut spots: Vec<Spot> = all.filter(|_| rng.random_bool(share)).collect();
        if rng.random() {
            // A run, as it is selected with Shift.
            let layers = &project.stack(Role::BOTH[rng.random_range(0..2)]).layers;
            let start = rng.random_range(0..=layers.len());
            let run = layers[start..].iter().take(rng.random_range(1..6)).map(|layer| layer.id);
            let role = if std::ptr::eq(layers, &project.generator.layers) { Role::Generator } else { Role::Discriminator };
            spots = run.map(|id| (role, id)).collect();
        }
        let group = Group::new(project, spots);
        let role = Role::BOTH[rng.random_range(0..2)];
        let index = rng.random_range(0..=project.stack(role).layers.len());
        let change = match rng.random_range(0..13) {
            0 => group.remove(),
            1 => group.cut(),
            2 if group.len() < 10 => group.duplicate(),
            3 => group.switch(),
            4 => group.move_up(),
            5 => group.move_down(),
            6 => group.put(role, index),
            7 if group.len() < 10 => GroupEdit::paste(project, role, index, layers_from_text(&group.text()).unwrap()),
            // Often, since few runs of layers can be blocks.
            8..=10 => group.wrap().ok().map(|wrapped| wrapped.change),
            11 => {
                let is_block =
                    |&(role, id): &Spot| matches!(project.stack(role).find(id), Some(StackLayer { layer: Layer::Residual { .. }, .. }));
                Group::new(project, group.spots.iter().copied().filter(is_block)).unwrap_blocks().ok()
            }
            _ => return lint(project).into_iter().find_map(|finding| finding.fixes.into_iter().next()).map(|fix| fix.edit),
        };
        change.map(|change| change.edit)
    }

    #[test]
    fn every_edit_has_an_exact_inverse_and_a_failed_one_changes_nothing() {
        let (mut done, mut failed) = (0, 0);
        for seed in 0..60 {
            let rng = &mut stream(seed, Purpose::Synthetic, 0);
            let mut project = PRESETS[seed as usize % PRESETS.len()].project();
            for _ in 0..50 {
                let before = project.clone();
                let edit = random_edit(&project, rng);
                match edit.clone().apply(&mut project) {
                    Ok(inverse) => {
                        let after = project.clone();
                        let again = inverse.apply(&mut project).unwrap();
                        assert_eq!(project, before, "{edit:?}");
                        again.apply(&mut project).unwrap();
                        assert_eq!(project, after, "{edit:?}");
                        done += 1;
                    }
                    Err(_) => {
                        assert_eq!(project, before, "{edit:?}");
                        failed += 1;
                    }
                }
            }
        }
        assert!(done > 1000 && failed > 200, "{done} edits done, {failed} refused: the sequences should hold many of both");
    }

    #[test]
    fn a_whole_sequence_is_inverted_in_reverse() {
        for seed in 0..40 {
            let rng = &mut stream(seed, Purpose::Synthetic, 1);
            let start = PRESETS[seed as usize % PRESETS.len()].project();
            let mut project = start.clone();
            let mut inverses = Vec::new();
            for _ in 0..30 {
                let edit = random_edit(&project, rng);
                inverses.extend(edit.apply(&mut project));
            }
            let inverse = Edit::All { label: String::new(), edits: inverses.into_iter().rev().collect() };
            inverse.apply(&mut project).unwrap();
            assert_eq!(project, start);
        }
    }

    #[test]
    fn edits_say_what_they_do() {
        let project = crate::spec::Preset::from_name("dcgan28").unwrap().project();
        let role = Role::Discriminator;
        let id = project.discriminator.layers[0].id;
        let text = |edit: Edit| edit.describe(&project);
        assert_eq!(text(Edit::Replace { role, id, layer: Layer::conv(48, 3, 2, 1) }), "change filters to 48");
        assert_eq!(text(Edit::Replace { role, id, layer: Layer::conv(32, 3, 1, 1) }), "change stride to 1 × 1");
        assert_eq!(text(Edit::Replace { role, id, layer: Layer::dense(8) }), "make Conv2d a Dense");
        assert_eq!(text(Edit::Remove { role, id }), "remove Conv2d");
        assert_eq!(text(Edit::Switch { role, id, on: false }), "switch Conv2d off");
        assert_eq!(text(Edit::SetInput { role: Role::Generator, shape: Shape::vector(64) }), "change latent size to 64");
    }

    #[test]
    fn an_edit_names_the_layers_that_it_touches() {
        let project = crate::spec::Preset::from_name("ring8").unwrap().project();
        let (role, id) = (Role::Discriminator, LayerId(2));
        let edits = vec![Edit::SetSeed(3), Edit::Remove { role, id }, Edit::insert(&project, Role::Generator, 0, Layer::Tanh)];
        let edit = Edit::All { label: String::new(), edits };
        assert_eq!(edit.spots(), [(role, id), (Role::Generator, LayerId(6))]);
        assert!(Edit::SetProject(Box::new(project)).spots().is_empty());
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let mut project = crate::spec::Preset::from_name("mlp").unwrap().project();
        let role = Role::Generator;
        let mut text = |edit: Edit| edit.apply(&mut project).unwrap_err().to_string();
        assert_eq!(text(Edit::Remove { role, id: LayerId(77) }), "the generator has no layer with the number 77");
        assert_eq!(text(Edit::Move { role, id: LayerId(1), to: 5 }), "the generator has no place 5");
        let layer = StackLayer { id: LayerId(1), on: true, layer: Layer::Relu };
        assert_eq!(text(Edit::Insert { role, index: 0, layer }), "the generator already has a layer with the number 1");
    }
}
