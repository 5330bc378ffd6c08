//! What is done to several layers at once, as one step.
//!
//! A [`Group`] is a selection: layers of one stack or of both. Each action returns an [`Edit`] that says what it does, and the layers to
//! look at afterwards. In edits layers keep their numbers while they stay in their stack; where they change it they get new ones.

use std::collections::HashSet;

use super::edit::Edit;
use super::layer::Layer;
use super::project::Project;
use super::stack::{LayerId, Role, Stack, StackLayer};
use super::text::layers_to_text;

/// A layer of a project: its stack and its number there.
pub type Spot = (Role, LayerId);

/// Layers of a project, in the order of computation, the generator's first.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    pub(super) project: &'a Project,
    pub(super) spots: Vec<Spot>,
}

/// An edit of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupEdit {
    /// One step, with a label that says what it does.
    pub edit: Edit,
    /// The layers to look at afterwards: the copies, those that moved, those that took the place of others, or the one that follows where
    /// layers were taken out.
    pub spots: Vec<Spot>,
}

impl GroupEdit {
    pub(super) fn new(label: String, edits: Vec<Edit>, spots: Vec<Spot>) -> Self {
        Self { edit: Edit::All { label, edits }, spots }
    }

    /// Puts layers, each with whether it is switched on, before the layer at `index` of a stack. `None` where there are none.
    pub fn paste(project: &Project, role: Role, index: usize, layers: Vec<(Layer, bool)>) -> Option<Self> {
        let label = match &layers[..] {
            [] => return None,
            [(layer, _)] => format!("paste {}", layer.name()),
            _ => format!("paste {} layers", layers.len()),
        };
        let (edits, spots) = insert_all(project.stack(role), role, index, layers);
        Some(Self::new(label, edits, spots))
    }
}

/// The edits that put layers before the layer at `index`, in their order, and where they then are.
pub(super) fn insert_all(stack: &Stack, role: Role, index: usize, layers: Vec<(Layer, bool)>) -> (Vec<Edit>, Vec<Spot>) {
    let first = stack.free_id().0;
    let inserted = layers.into_iter().zip(0..).map(|((layer, on), nth)| {
        let id = LayerId(first.saturating_add(nth));
        (Edit::Insert { role, index: index + nth as usize, layer: StackLayer { id, on, layer } }, (role, id))
    });
    inserted.unzip()
}

/// `ReLU`, or `3 layers`.
pub(super) fn named<'a>(layers: impl ExactSizeIterator<Item = &'a StackLayer>) -> String {
    let count = layers.len();
    match layers.last() {
        Some(layer) if count == 1 => layer.layer.name().to_owned(),
        _ => format!("{count} layers"),
    }
}

impl<'a> Group<'a> {
    /// The layers of these that there are.
    pub fn new(project: &'a Project, spots: impl IntoIterator<Item = Spot>) -> Self {
        let wanted: HashSet<Spot> = spots.into_iter().collect();
        let all = Role::BOTH.into_iter().flat_map(|role| project.stack(role).layers.iter().map(move |layer| (role, layer.id)));
        Self { project, spots: all.filter(|spot| wanted.contains(spot)).collect() }
    }

    /// The layers, in order.
    pub fn layers(&self) -> Vec<&'a StackLayer> {
        self.spots.iter().filter_map(|&(role, id)| self.project.stack(role).find(id)).collect()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.spots.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.spots.is_empty()
    }

    /// As text that [`super::layers_from_text`] reads.
    pub fn text(&self) -> String {
        layers_to_text(self.layers())
    }

    /// Is any of them switched on? Then switching switches them off.
    pub fn is_on(&self) -> bool {
        self.layers().iter().any(|layer| layer.on)
    }

    /// `ReLU`, or `3 layers`.
    pub fn name(&self) -> String {
        named(self.layers().into_iter())
    }

    /// The places of those that are in `role`'s stack, in order.
    pub(super) fn places(&self, role: Role) -> Vec<usize> {
        let stack = self.project.stack(role);
        self.spots.iter().filter(|spot| spot.0 == role).filter_map(|&(_, id)| stack.position(id)).collect()
    }

    fn in_group(&self, role: Role) -> impl Fn(&&'a StackLayer) -> bool {
        move |layer| self.spots.contains(&(role, layer.id))
    }

    /// Takes them out.
    pub fn remove(&self) -> Option<GroupEdit> {
        self.take_out("remove")
    }

    /// Takes them out once they are copied.
    pub fn cut(&self) -> Option<GroupEdit> {
        self.take_out("cut")
    }

    fn take_out(&self, verb: &str) -> Option<GroupEdit> {
        let edits = self.spots.iter().map(|&(role, id)| Edit::Remove { role, id }).collect();
        (!self.is_empty()).then(|| GroupEdit::new(format!("{verb} {}", self.name()), edits, self.heir().into_iter().collect()))
    }

    /// The layer after the last one, or else the nearest before it, which is none of them.
    fn heir(&self) -> Option<Spot> {
        let (role, id) = *self.spots.last()?;
        let layers = &self.project.stack(role).layers;
        let (before, after) = layers.split_at(self.project.stack(role).position(id)?);
        let stays = |layer: &&StackLayer| !self.spots.contains(&(role, layer.id));
        after.iter().find(stays).or_else(|| before.iter().rev().find(stays)).map(|layer| (role, layer.id))
    }

    /// Puts a copy of each after the last one of its stack.
    pub fn duplicate(&self) -> Option<GroupEdit> {
        let (mut edits, mut spots) = (Vec::new(), Vec::new());
        for role in Role::BOTH {
            let stack = self.project.stack(role);
            let Some(last) = self.places(role).last().copied() else { continue };
            let copies = stack.layers.iter().filter(self.in_group(role)).map(|layer| (layer.layer.clone(), layer.on)).collect();
            let (more, copied) = insert_all(stack, role, last + 1, copies);
            edits.extend(more);
            spots.extend(copied);
        }
        (!self.is_empty()).then(|| GroupEdit::new(format!("duplicate {}", self.name()), edits, spots))
    }

    /// Switches all off where any is on, else all on.
    pub fn switch(&self) -> Option<GroupEdit> {
        let on = !self.is_on();
        let others = self.spots.iter().zip(self.layers()).filter(|(_, layer)| layer.on != on);
        let edits = others.map(|(&(role, id), _)| Edit::Switch { role, id, on }).collect();
        let label = format!("switch {} {}", self.name(), if on { "on" } else { "off" });
        (!self.is_empty()).then(|| GroupEdit::new(label, edits, self.spots.clone()))
    }

    /// Moves them one place towards the input. They keep their distances: where the first one cannot move, none does.
    pub fn move_up(&self) -> Option<GroupEdit> {
        let moves = self.spots.iter().map(|&(role, id)| {
            let to = self.project.stack(role).position(id)?.checked_sub(1)?;
            Some(Edit::Move { role, id, to })
        });
        self.moved(moves.collect::<Option<_>>()?)
    }

    /// Moves them one place away from the input. They keep their distances: where the last one cannot move, none does.
    pub fn move_down(&self) -> Option<GroupEdit> {
        // The last one first: each makes room for the one before.
        let moves = self.spots.iter().rev().map(|&(role, id)| {
            let to = self.project.stack(role).position(id)? + 1;
            (to < self.project.stack(role).layers.len()).then_some(Edit::Move { role, id, to })
        });
        self.moved(moves.collect::<Option<_>>()?)
    }

    fn moved(&self, edits: Vec<Edit>) -> Option<GroupEdit> {
        (!edits.is_empty()).then(|| GroupEdit::new(format!("move {}", self.name()), edits, self.spots.clone()))
    }

    /// Puts them, one after the other, before the layer at `index` of a stack. `None` where everything would stay as it is.
    pub fn put(&self, to: Role, index: usize) -> Option<GroupEdit> {
        let stack = self.project.stack(to);
        let mut order: Vec<LayerId> = stack.layers.iter().map(|layer| layer.id).collect();
        let mut next = stack.layers.get(index..)?.iter().find(|layer| !self.in_group(to)(layer)).map(|layer| layer.id);
        let newcomers = self.spots.iter().filter(|spot| spot.0 != to).count() as u32;
        let first = stack.free_id().0;
        let mut free = (first..first.saturating_add(newcomers)).rev();
        let (mut edits, mut spots) = (Vec::new(), Vec::new());
        // The last one first, so that each is put before one that is in its place.
        for (&(role, id), layer) in self.spots.iter().zip(self.layers()).rev() {
            let from = order.iter().position(|&other| role == to && other == id);
            if let Some(from) = from {
                order.remove(from);
            }
            let place = next.and_then(|next| order.iter().position(|&other| other == next)).unwrap_or(order.len());
            let new_id = if role == to { id } else { LayerId(free.next()?) };
            match from {
                Some(from) if from == place => {}
                Some(_) => edits.push(Edit::Move { role, id, to: place }),
                None => {
                    edits.push(Edit::Remove { role, id });
                    edits.push(Edit::Insert { role: to, index: place, layer: StackLayer { id: new_id, ..layer.clone() } });
                }
            }
            order.insert(place, new_id);
            next = Some(new_id);
            spots.insert(0, (to, new_id));
        }
        let crosses = self.spots.iter().any(|spot| spot.0 != to);
        let label = format!("move {}{}", self.name(), if crosses { format!(" to the {}", to.name()) } else { String::new() });
        (!edits.is_empty()).then(|| GroupEdit::new(label, edits, spots))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Preset, layers_from_text};

    const G: Role = Role::Generator;
    const D: Role = Role::Discriminator;

    fn ring() -> Project {
        Preset::from_name("ring8").unwrap().project()
    }

    fn group<'a>(project: &'a Project, places: &[(Role, usize)]) -> Group<'a> {
        Group::new(project, places.iter().map(|&(role, index)| (role, project.stack(role).layers[index].id)))
    }

    /// The numbers of a stack's layers, in order: the presets count theirs from 1.
    fn ids(project: &Project, role: Role) -> Vec<u32> {
        project.stack(role).layers.iter().map(|layer| layer.id.0).collect()
    }

    /// Applies it, looks that it can be taken back exactly and that what it says to look at is there.
    fn done(before: &Project, change: Option<GroupEdit>, label: &str) -> Project {
        let change = change.unwrap();
        assert_eq!(change.edit.describe(before), label);
        let mut after = before.clone();
        let inverse = change.edit.apply(&mut after).unwrap();
        assert_eq!(Group::new(&after, change.spots.clone()).spots, change.spots, "{label}");
        let mut back = after.clone();
        inverse.apply(&mut back).unwrap();
        assert_eq!(&back, before, "{label}");
        after
    }

    #[test]
    fn a_group_is_in_the_order_of_computation_and_holds_only_what_is_there() {
        let project = ring();
        let spots = [(D, LayerId(2)), (G, LayerId(77)), (G, LayerId(3)), (G, LayerId(1)), (G, LayerId(3))];
        assert_eq!(Group::new(&project, spots).spots, [(G, LayerId(1)), (G, LayerId(3)), (D, LayerId(2))]);
    }

    #[test]
    fn layers_are_taken_out_at_once_and_the_next_one_inherits() {
        let project = ring();
        let several = group(&project, &[(G, 1), (G, 2), (D, 4)]);
        let after = done(&project, several.remove(), "remove 3 layers");
        assert_eq!((ids(&after, G), ids(&after, D)), (vec![1, 4, 5], vec![1, 2, 3, 4]));
        assert_eq!(several.remove().unwrap().spots, [(D, LayerId(4))], "nothing follows the last one, so the one before it");
        assert_eq!(group(&project, &[(G, 0), (G, 1)]).remove().unwrap().spots, [(G, LayerId(3))]);
        done(&project, group(&project, &[(G, 0)]).cut(), "cut Dense");
        let all: Vec<_> = (0..5).map(|index| (G, index)).collect();
        assert!(group(&project, &all).remove().unwrap().spots.is_empty());
        assert!(group(&project, &[]).remove().is_none());
    }

    #[test]
    fn copies_come_after_the_last_of_their_stack() {
        let project = ring();
        let after = done(&project, group(&project, &[(G, 0), (G, 2), (D, 1)]).duplicate(), "duplicate 3 layers");
        assert_eq!((ids(&after, G), ids(&after, D)), (vec![1, 2, 3, 6, 7, 4, 5], vec![1, 2, 6, 3, 4, 5]));
        assert_eq!(after.generator.layers[3].layer, project.generator.layers[0].layer);
    }

    #[test]
    fn switching_goes_off_first() {
        let mut project = ring();
        project.generator.layers[1].on = false;
        let after = done(&project, group(&project, &[(G, 0), (G, 1)]).switch(), "switch 2 layers off");
        assert!(!after.generator.layers[0].on && !after.generator.layers[1].on);
        let again = done(&after, group(&after, &[(G, 0), (G, 1)]).switch(), "switch 2 layers on");
        assert!(again.generator.layers[0].on && again.generator.layers[1].on);
    }

    #[test]
    fn a_group_moves_as_a_whole_or_not_at_all() {
        let project = ring();
        let apart = [(G, 1), (G, 3)];
        let up = done(&project, group(&project, &apart).move_up(), "move 2 layers");
        assert_eq!(ids(&up, G), [2, 1, 4, 3, 5]);
        let down = done(&project, group(&project, &apart).move_down(), "move 2 layers");
        assert_eq!(ids(&down, G), [1, 3, 2, 5, 4]);
        let block = done(&project, group(&project, &[(G, 1), (G, 2), (G, 3)]).move_down(), "move 3 layers");
        assert_eq!(ids(&block, G), [1, 5, 2, 3, 4]);
        assert!(group(&project, &[(G, 0), (G, 2)]).move_up().is_none());
        assert!(group(&project, &[(G, 1), (D, 4)]).move_down().is_none());
    }

    #[test]
    fn what_moved_up_and_then_down_is_where_it_was() {
        let project = ring();
        for bits in 1..1 << 10_u32 {
            let spots = (0..10).filter(|bit| bits >> bit & 1 == 1).map(|bit| (if bit < 5 { G } else { D }, LayerId(bit % 5 + 1)));
            let spots: Vec<Spot> = spots.collect();
            let Some(up) = Group::new(&project, spots.iter().copied()).move_up() else { continue };
            let mut moved = project.clone();
            up.edit.apply(&mut moved).unwrap();
            Group::new(&moved, spots).move_down().unwrap().edit.apply(&mut moved).unwrap();
            assert_eq!(moved, project, "{bits:b}");
        }
    }

    #[test]
    fn a_group_is_put_together_where_the_line_was_drawn() {
        let project = ring();
        let apart = group(&project, &[(G, 0), (G, 2)]);
        assert_eq!(ids(&done(&project, apart.put(G, 5), "move 2 layers"), G), [2, 4, 5, 1, 3]);
        assert_eq!(ids(&done(&project, apart.put(G, 2), "move 2 layers"), G), [2, 1, 3, 4, 5]);
        assert_eq!(ids(&done(&project, apart.put(G, 0), "move 2 layers"), G), [1, 3, 2, 4, 5]);
        let block = group(&project, &[(G, 1), (G, 2)]);
        assert!((1..=3).all(|index| block.put(G, index).is_none()), "it is there already");
        assert!(group(&project, &[(G, 3), (G, 4)]).put(G, 5).is_none());
        assert!(block.put(G, 6).is_none(), "there is no such place");
    }

    #[test]
    fn putting_agrees_with_taking_out_and_putting_in() {
        let project = ring();
        for (bits, index) in (1..1 << 5_u32).flat_map(|bits| (0..=5).map(move |index| (bits, index))) {
            let is_in = |id: &u32| bits >> (id - 1) & 1 == 1;
            let (before, after): (Vec<u32>, Vec<u32>) = (1..=5).partition(|&id| id as usize <= index);
            let stay = |ids: &[u32]| ids.iter().copied().filter(|id| !is_in(id)).collect::<Vec<_>>();
            let expected = [stay(&before), (1..=5).filter(is_in).collect(), stay(&after)].concat();
            let spots = (1..=5).filter(is_in).map(|id| (G, LayerId(id)));
            let mut moved = project.clone();
            if let Some(change) = Group::new(&project, spots).put(G, index) {
                change.edit.apply(&mut moved).unwrap();
            }
            assert_eq!(ids(&moved, G), expected, "{bits:b} before {index}");
        }
    }

    #[test]
    fn a_group_of_both_stacks_is_put_into_one() {
        let project = ring();
        let change = group(&project, &[(G, 1), (G, 4), (D, 0), (D, 4)]).put(D, 2);
        let after = done(&project, change, "move 4 layers to the discriminator");
        assert_eq!((ids(&after, G), ids(&after, D)), (vec![1, 3, 4], vec![2, 6, 7, 1, 5, 3, 4]));
        assert_eq!(after.discriminator.layers[1].layer, project.generator.layers[1].layer);
    }

    #[test]
    fn what_is_copied_is_pasted_as_one_step_into_either_stack() {
        let mut project = ring();
        project.generator.layers[1].on = false;
        let text = group(&project, &[(G, 0), (G, 1)]).text();
        for role in Role::BOTH {
            let after = done(&project, GroupEdit::paste(&project, role, 1, layers_from_text(&text).unwrap()), "paste 2 layers");
            assert_eq!(ids(&after, role), [1, 6, 7, 2, 3, 4, 5]);
            assert_eq!((&after.stack(role).layers[1].layer, after.stack(role).layers[2].on), (&project.generator.layers[0].layer, false));
        }
        assert!(GroupEdit::paste(&project, G, 0, Vec::new()).is_none());
        done(&project, GroupEdit::paste(&project, G, 5, vec![(Layer::Tanh, true)]), "paste Tanh");
    }
}
