//! Which cards are selected, and which of them the keyboard goes on from. Plain data: nothing here knows of a window.

use std::collections::BTreeSet;

use crate::spec::{Project, Role, Spot};

/// The selected cards. Layers keep their numbers, so that a selection survives whatever is edited.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    chosen: BTreeSet<Spot>,
    /// Where a range begins.
    anchor: Option<Spot>,
    /// The card touched last, which may have been taken out of the selection: arrow keys go on from here.
    head: Option<Spot>,
    /// The stack that was used last, also once nothing is selected.
    used: Option<Role>,
}

impl Selection {
    /// Is this card selected?
    pub(super) fn contains(&self, spot: Spot) -> bool {
        self.chosen.contains(&spot)
    }

    /// How many cards are selected.
    pub(super) fn len(&self) -> usize {
        self.chosen.len()
    }

    /// The selected cards, in no order that matters.
    pub(super) fn spots(&self) -> impl Iterator<Item = Spot> + '_ {
        self.chosen.iter().copied()
    }

    /// The card that the keyboard goes on from.
    pub(super) fn head(&self) -> Option<Spot> {
        self.head
    }

    /// The stack used last: the generator's, before any was.
    pub(super) fn role(&self) -> Role {
        self.used.unwrap_or(Role::Generator)
    }

    /// Where the last selected card of a stack stands.
    pub(super) fn last_place(&self, project: &Project, role: Role) -> Option<usize> {
        project.stack(role).layers.iter().rposition(|layer| self.contains((role, layer.id)))
    }

    /// Where what is pasted belongs: after the last selected card, of the stack that the keyboard is in if there is one, or else at the
    /// end of the stack used last.
    pub(super) fn place_after(&self, project: &Project) -> (Role, usize) {
        let roles = [self.role(), Role::Generator, Role::Discriminator];
        let after = roles.into_iter().find_map(|role| Some((role, self.last_place(project, role)? + 1)));
        after.unwrap_or_else(|| (self.role(), project.stack(self.role()).layers.len()))
    }

    /// Selects one card and no other.
    pub(super) fn only(&mut self, spot: Spot) {
        self.set([spot]);
    }

    /// Selects these cards and no others; the last of them is the one that the keyboard goes on from.
    pub(super) fn set(&mut self, spots: impl IntoIterator<Item = Spot>) {
        self.chosen.clear();
        self.anchor = None;
        for spot in spots {
            self.chosen.insert(spot);
            self.anchor = self.anchor.or(Some(spot));
            self.touch(spot);
        }
    }

    /// Selects what an edit left to look at. Where that is what is selected already, the keyboard stays at its card.
    pub(super) fn show(&mut self, spots: &[Spot]) {
        let is_same = spots.len() == self.len() && spots.iter().all(|spot| self.contains(*spot));
        if !is_same {
            self.set(spots.iter().copied());
        }
    }

    /// Goes to a card: within the selection that stays as it is, elsewhere it selects that card alone.
    pub(super) fn reach(&mut self, spot: Spot) {
        if self.contains(spot) {
            self.touch(spot);
        } else {
            self.only(spot);
        }
    }

    /// Goes to a card and leaves the selection as it is.
    pub(super) fn touch(&mut self, spot: Spot) {
        self.head = Some(spot);
        self.used = Some(spot.0);
    }

    /// Adds a card, or takes it away.
    pub(super) fn toggle(&mut self, spot: Spot) {
        if !self.chosen.remove(&spot) {
            self.chosen.insert(spot);
        }
        self.anchor = Some(spot);
        self.touch(spot);
    }

    /// Selects all from the card where the range begins to this one, in place of what was selected or, if `adds`, beside it. A range
    /// stays within its stack: from the other one it begins here.
    pub(super) fn extend(&mut self, project: &Project, to: Spot, adds: bool) {
        let (role, id) = to;
        let stack = project.stack(role);
        let begin = self.anchor.or(self.head).filter(|spot| spot.0 == role).and_then(|(_, id)| stack.position(id));
        let Some(end) = stack.position(id) else { return };
        let begin = begin.unwrap_or(end);
        if !adds {
            self.chosen.clear();
        }
        let range = &stack.layers[begin.min(end)..=begin.max(end)];
        self.chosen.extend(range.iter().map(|layer| (role, layer.id)));
        self.anchor = Some((role, stack.layers[begin].id));
        self.touch(to);
    }

    /// Selects a whole stack. The keyboard stays where it is, if that is there.
    pub(super) fn all(&mut self, project: &Project, role: Role) {
        let head = self.head.filter(|&(other, id)| other == role && project.stack(role).position(id).is_some());
        self.set(project.stack(role).layers.iter().map(|layer| (role, layer.id)));
        if let Some(head) = head {
            self.touch(head);
        }
    }

    /// Leaves the one card that the keyboard is at, where several are selected, and else none. Returns whether one is left.
    pub(super) fn reduce(&mut self) -> bool {
        let left = self.head.filter(|_| self.len() > 1);
        self.set(left);
        if left.is_none() {
            self.head = None;
        }
        left.is_some()
    }

    /// Follows the project from the cards `before` to those that there are `now`, both in order: what is gone is selected no longer. Where
    /// nothing is left the card takes over that followed the last one, or else the one before.
    pub(super) fn follow(&mut self, before: &[Spot], now: &[Spot]) {
        let is_there = |spot: &Spot| now.contains(spot);
        let Some(head) = self.head else { return };
        let had_any = self.len() > 0;
        self.chosen.retain(|spot| is_there(spot));
        self.anchor = self.anchor.filter(is_there);
        if is_there(&head) {
            return;
        }
        let near = || {
            let place = before.iter().position(|spot| *spot == head)?;
            let is_heir = |spot: &&Spot| spot.0 == head.0 && is_there(spot);
            let (earlier, later) = before.split_at(place);
            later.iter().find(is_heir).or_else(|| earlier.iter().rev().find(is_heir)).copied()
        };
        self.head = self.chosen.last().copied().or_else(near);
        if let (Some(heir), true) = (self.head, had_any && self.len() == 0) {
            self.only(heir);
        }
    }
}

/// All cards, in order; the discriminator's follow the generator's.
pub(super) fn all_spots(project: &Project) -> Vec<Spot> {
    Role::BOTH.into_iter().flat_map(|role| project.stack(role).layers.iter().map(move |layer| (role, layer.id))).collect()
}

/// The card so many places further on among `spots`, or the last one on the way there.
pub(super) fn neighbour(spots: &[Spot], from: Spot, places: isize) -> Option<Spot> {
    let index = spots.iter().position(|spot| *spot == from)?;
    spots.get(index.saturating_add_signed(places).min(spots.len() - 1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{LayerId, Preset};

    const G: Role = Role::Generator;
    const D: Role = Role::Discriminator;

    fn ring() -> Project {
        Preset::from_name("ring8").unwrap().project()
    }

    fn g(id: u32) -> Spot {
        (G, LayerId(id))
    }

    fn d(id: u32) -> Spot {
        (D, LayerId(id))
    }

    fn chosen(selection: &Selection) -> Vec<Spot> {
        selection.spots().collect()
    }

    #[test]
    fn clicks_select_one_add_or_take_away() {
        let mut selection = Selection::default();
        selection.only(g(2));
        selection.toggle(d(4));
        selection.toggle(g(5));
        assert_eq!((chosen(&selection), selection.head()), (vec![g(2), g(5), d(4)], Some(g(5))));
        selection.toggle(g(2));
        assert_eq!((chosen(&selection), selection.head(), selection.role()), (vec![g(5), d(4)], Some(g(2)), G));
        selection.only(d(1));
        assert_eq!((chosen(&selection), selection.role()), (vec![d(1)], D));
    }

    #[test]
    fn a_range_turns_around_its_first_card() {
        let (project, mut selection) = (ring(), Selection::default());
        selection.only(g(3));
        selection.extend(&project, g(5), false);
        assert_eq!(chosen(&selection), [g(3), g(4), g(5)]);
        selection.extend(&project, g(2), false);
        assert_eq!((chosen(&selection), selection.head()), (vec![g(2), g(3)], Some(g(2))));
        selection.toggle(g(5));
        selection.extend(&project, g(4), true);
        assert_eq!(chosen(&selection), [g(2), g(3), g(4), g(5)]);
    }

    #[test]
    fn a_range_stays_in_its_stack() {
        let (project, mut selection) = (ring(), Selection::default());
        selection.only(g(3));
        selection.extend(&project, d(2), false);
        assert_eq!(chosen(&selection), [d(2)]);
        selection.extend(&project, d(3), false);
        assert_eq!(chosen(&selection), [d(2), d(3)]);
        selection.extend(&project, g(77), false);
        assert_eq!(chosen(&selection), [d(2), d(3)], "there is no such card");
    }

    #[test]
    fn a_whole_stack_is_selected_and_left_again() {
        let (project, mut selection) = (ring(), Selection::default());
        selection.only(d(2));
        selection.all(&project, D);
        assert_eq!((selection.len(), selection.head()), (5, Some(d(2))));
        assert!(selection.reduce());
        assert_eq!((chosen(&selection), selection.head()), (vec![d(2)], Some(d(2))));
        assert!(!selection.reduce());
        assert_eq!((selection.len(), selection.head(), selection.role()), (0, None, D), "the stack used last is remembered");
        selection.all(&project, G);
        assert_eq!((selection.len(), selection.head()), (5, Some(g(5))));
    }

    #[test]
    fn what_is_pasted_comes_after_the_last_selected_card_or_at_the_end_of_the_stack_used_last() {
        let (project, mut selection) = (ring(), Selection::default());
        assert_eq!(selection.place_after(&project), (G, 5));
        selection.set([g(4), g(2), d(1), d(3)]);
        assert_eq!(selection.place_after(&project), (D, 3));
        selection.touch(g(2));
        assert_eq!(selection.place_after(&project), (G, 4));
        selection.only(g(1));
        selection.toggle(g(1));
        selection.toggle(d(2));
        selection.touch(g(1));
        assert_eq!(selection.place_after(&project), (D, 2), "nothing is selected where the keyboard is");
        selection.reduce();
        assert_eq!(selection.place_after(&project), (G, 5));
    }

    #[test]
    fn the_keyboard_stays_where_an_edit_leaves_the_same_cards() {
        let mut selection = Selection::default();
        selection.set([g(1), g(2), g(3)]);
        selection.touch(g(2));
        selection.show(&[g(3), g(2), g(1)]);
        assert_eq!(selection.head(), Some(g(2)));
        selection.show(&[g(6), g(7)]);
        assert_eq!((chosen(&selection), selection.head()), (vec![g(6), g(7)], Some(g(7))));
    }

    #[test]
    fn reaching_a_card_keeps_the_selection_that_it_is_in() {
        let mut selection = Selection::default();
        selection.set([g(1), g(2), g(3)]);
        selection.reach(g(2));
        assert_eq!((selection.len(), selection.head()), (3, Some(g(2))));
        selection.reach(g(4));
        assert_eq!(chosen(&selection), [g(4)]);
    }

    #[test]
    fn what_is_gone_is_selected_no_longer_and_the_next_card_takes_over() {
        let before = all_spots(&ring());
        let without = |gone: &[Spot]| before.iter().copied().filter(|spot| !gone.contains(spot)).collect::<Vec<_>>();
        let mut selection = Selection::default();
        selection.set([g(1), g(3)]);
        let mut partly = selection.clone();
        partly.follow(&before, &without(&[g(3)]));
        assert_eq!((chosen(&partly), partly.head()), (vec![g(1)], Some(g(1))));
        selection.follow(&before, &without(&[g(1), g(3), g(4)]));
        assert_eq!((chosen(&selection), selection.head()), (vec![g(5)], Some(g(5))));
        let mut last = Selection::default();
        last.only(g(5));
        last.follow(&before, &without(&[g(5)]));
        assert_eq!(chosen(&last), [g(4)], "the next card is of the other stack");
        last.follow(&before, &without(&[g(1), g(2), g(3), g(4), g(5)]));
        assert_eq!((last.len(), last.head()), (0, None));
    }

    #[test]
    fn the_arrow_keys_walk_through_both_stacks_and_stop_at_the_ends() {
        let spots = all_spots(&ring());
        assert_eq!(neighbour(&spots, g(1), -1), Some(g(1)));
        assert_eq!(neighbour(&spots, g(5), 1), Some(d(1)));
        assert_eq!(neighbour(&spots, g(5), 99), Some(d(5)));
        assert_eq!(neighbour(&spots, g(77), 1), None);
    }
}
