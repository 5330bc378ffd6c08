//! What can be done with a whole card.

use super::card::Card;
use super::{Spot, StackPanel};
use crate::gui::context::ViewContext;
use crate::spec::{Edit, LayerId, Project, Role, StackLayer};

impl StackPanel {
    pub(super) fn move_by(&mut self, ctx: &ViewContext<'_>, card: &Card<'_>, places: isize) {
        if let Some(to) = card.index.checked_add_signed(places).filter(|&to| to < card.count) {
            ctx.edit(Edit::Move { role: card.role, id: card.layer.id, to });
            self.next = Some((card.role, card.layer.id));
        }
    }

    pub(super) fn duplicate(&mut self, ctx: &ViewContext<'_>, card: &Card<'_>) {
        let id = ctx.project().stack(card.role).free_id();
        ctx.edit(Edit::Insert { role: card.role, index: card.index + 1, layer: StackLayer { id, ..card.layer.clone() } });
        self.next = Some((card.role, id));
    }

    pub(super) fn delete(&mut self, ctx: &ViewContext<'_>, card: &Card<'_>) {
        let spot = (card.role, card.layer.id);
        let stack = ctx.project().stack(card.role);
        let heir = stack.layers.get(card.index + 1).or_else(|| stack.layers.get(card.index.checked_sub(1)?));
        self.next = heir.map(|layer| (card.role, layer.id));
        self.selected = self.next;
        self.open.remove(&spot);
        ctx.edit(Edit::Remove { role: card.role, id: card.layer.id });
    }
}

/// The card so many places further on; the discriminator's cards follow the generator's.
pub(super) fn neighbour(project: &Project, (role, id): Spot, places: isize) -> Option<Spot> {
    let spots: Vec<Spot> =
        Role::BOTH.into_iter().flat_map(|role| project.stack(role).layers.iter().map(move |layer| (role, layer.id))).collect();
    let index = spots.iter().position(|spot| *spot == (role, id))?;
    spots.get(index.checked_add_signed(places)?).copied()
}

/// Puts a layer before the layer at `index` of a stack, be it of the same stack or the other. `None` where it would stay where it is.
pub(super) fn put(project: &Project, (from, id): Spot, to: Role, index: usize) -> Option<(Edit, LayerId)> {
    let position = project.stack(from).position(id)?;
    if from == to {
        let index = if index > position { index - 1 } else { index };
        return (index != position).then_some((Edit::Move { role: from, id, to: index }, id));
    }
    let layer = project.stack(from).find(id)?.clone();
    let name = layer.layer.name();
    let new_id = project.stack(to).free_id();
    let edits = vec![Edit::Remove { role: from, id }, Edit::Insert { role: to, index, layer: StackLayer { id: new_id, ..layer } }];
    Some((Edit::All { label: format!("move {name} to the {}", to.name()), edits }, new_id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Preset;

    fn names(project: &Project, role: Role) -> Vec<&'static str> {
        project.stack(role).layers.iter().map(|layer| layer.layer.name()).collect()
    }

    #[test]
    fn a_layer_is_put_where_the_line_was_drawn() {
        let project = Preset::from_name("ring8").unwrap().project();
        let spot = (Role::Generator, project.generator.layers[0].id);
        assert!(put(&project, spot, Role::Generator, 0).is_none());
        assert!(put(&project, spot, Role::Generator, 1).is_none());
        let mut moved = project.clone();
        put(&project, spot, Role::Generator, 2).unwrap().0.apply(&mut moved).unwrap();
        assert_eq!(names(&moved, Role::Generator), ["ReLU", "Dense", "Dense", "ReLU", "Dense"]);
    }

    #[test]
    fn a_layer_changes_stacks_as_one_step() {
        let project = Preset::from_name("ring8").unwrap().project();
        let spot = (Role::Generator, project.generator.layers[1].id);
        let (edit, id) = put(&project, spot, Role::Discriminator, 5).unwrap();
        let mut moved = project.clone();
        let inverse = edit.apply(&mut moved).unwrap();
        assert_eq!(names(&moved, Role::Generator).len(), 4);
        assert_eq!(moved.discriminator.layers[5].id, id);
        assert_eq!(names(&moved, Role::Discriminator)[5], "ReLU");
        inverse.apply(&mut moved).unwrap();
        assert_eq!(moved, project);
    }

    #[test]
    fn the_arrow_keys_walk_through_both_stacks() {
        let project = Preset::from_name("ring8").unwrap().project();
        let first = (Role::Generator, project.generator.layers[0].id);
        let last = (Role::Generator, project.generator.layers[4].id);
        assert_eq!(neighbour(&project, first, -1), None);
        assert_eq!(neighbour(&project, last, 1), Some((Role::Discriminator, project.discriminator.layers[0].id)));
    }
}
