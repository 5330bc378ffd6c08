//! The rules for warnings and advice: functions that look at a project and say what they find, each with repairs that may do.
//!
//! A rule never looks at the kind of a layer but at its nature, so that new kinds fall into place. A new rule is a function in one of
//! these files and a line in [`RULES`].

mod balance;
mod ends;
mod layers;
mod penalties;
mod training;
mod windows;

use super::view::{Chain, Link, View};
use super::{Finding, Fix, Severity};
use crate::spec::{Edit, Layer, StackLayer};

/// Adds what it finds.
pub type Rule = fn(&View<'_>, &mut Vec<Finding>);

/// All of them.
pub const RULES: &[Rule] = &[
    ends::generated_range,
    ends::verdict_range,
    ends::batch_norm_at_the_ends,
    ends::dropout_at_the_end,
    layers::relu_in_the_discriminator,
    layers::without_effect,
    layers::activations_in_a_row,
    layers::useless_bias,
    layers::linear_network,
    layers::linear_pair,
    windows::checkerboard,
    windows::kernel_beyond_picture,
    balance::no_normalisation,
    balance::unequal_networks,
    balance::latent_size,
    training::beta1,
    training::momentum_in_a_clipped_critic,
    penalties::unbounded_critic,
    penalties::batch_norm_with_a_gradient_penalty,
    penalties::without_targets,
    penalties::adaptation_without_a_border,
    training::saturating_loss,
    training::learning_rate,
    training::schedule_ends_early,
    training::batch_of_one,
    training::memory,
];

impl Chain<'_> {
    fn remove(&self, link: &Link<'_>) -> Edit {
        Edit::Remove { role: self.role, id: link.id }
    }

    fn replace(&self, link: &Link<'_>, layer: Layer) -> Edit {
        Edit::Replace { role: self.role, id: link.id, layer }
    }

    /// Puts layers in so that they stand at these places of the stack as it is now: from the end, so that no place moves.
    fn insert(&self, view: &View<'_>, mut layers: Vec<(usize, Layer)>) -> Vec<Edit> {
        let role = self.role;
        let mut id = view.project.stack(role).free_id();
        layers.sort_by_key(|(index, _)| std::cmp::Reverse(*index));
        let edit = |(index, layer)| {
            let edit = Edit::Insert { role, index, layer: StackLayer { id, on: true, layer } };
            id.0 = id.0.saturating_add(1);
            edit
        };
        layers.into_iter().map(edit).collect()
    }
}

/// Tools for the tests of rules.
#[cfg(test)]
pub mod testing {
    use crate::spec::lint::{Finding, Severity, lint};
    use crate::spec::{Layer, Place, Preset, Project, Role, Shape, Stack};

    pub fn preset(name: &str) -> Project {
        Preset::from_name(name).unwrap().project()
    }

    /// A preset with another stack of the same input.
    pub fn with(name: &str, role: Role, layers: impl IntoIterator<Item = Layer>) -> Project {
        let mut project = preset(name);
        *project.stack_mut(role) = Stack::new(project.stack(role).input, layers);
        project
    }

    /// A preset whose stack has one more layer at this place.
    pub fn inserted(name: &str, role: Role, index: usize, layer: Layer) -> Project {
        let mut layers: Vec<Layer> = preset(name).stack(role).layers.iter().map(|layer| layer.layer.clone()).collect();
        layers.insert(index, layer);
        with(name, role, layers)
    }

    pub fn found(project: &Project, rule: &str) -> Vec<Finding> {
        lint(project).into_iter().filter(|finding| finding.rule == rule).collect()
    }

    pub fn silent(project: &Project, rule: &str) {
        assert_eq!(found(project, rule), [], "{rule} is a wrong alarm");
    }

    /// The places in a stack, from 0, where the rule fires.
    pub fn indices(project: &Project, role: Role, rule: &str) -> Vec<usize> {
        let index = |finding: Finding| match finding.place {
            Place::Layer(at, id) if at == role => project.stack(role).position(id),
            _ => None,
        };
        found(project, rule).into_iter().filter_map(index).collect()
    }

    /// The rule fires once; the project after its first repair, where it is silent.
    pub fn mended(project: &Project, rule: &str, severity: Severity) -> Project {
        let all = found(project, rule);
        assert_eq!(all.len(), 1, "{rule}: {all:?}");
        assert_eq!(all[0].severity, severity, "{rule}");
        let mut after = project.clone();
        let fix = all[0].fixes.first().unwrap_or_else(|| panic!("{rule} has no repair"));
        fix.edit.clone().apply(&mut after).unwrap();
        silent(&after, rule);
        after
    }

    pub fn kinds(stack: &Stack) -> Vec<&'static str> {
        stack.layers.iter().map(|layer| layer.layer.name()).collect()
    }

    pub fn reshape(channels: usize, height: usize, width: usize) -> Layer {
        Layer::Reshape { shape: Shape::new(channels, height, width) }
    }
}
