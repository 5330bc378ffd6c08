//! The keys of the stacks. They are read before the cards are drawn, so that no card takes Space or Enter for a press of its own.

use eframe::egui::{self, Id, Key, Modifiers, Popup, Rect, Ui};

use super::actions::Action;
use super::{Focus, StackPanel, selection};
use crate::gui::context::ViewContext;
use crate::gui::keyboard;
use crate::spec::{Role, Spot};

/// How the keyboard goes to another card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Going {
    /// It leaves the selection as it is.
    Past,
    /// All on the way are selected.
    Extending,
    /// That card alone is selected.
    Selecting,
}

impl StackPanel {
    /// The card that has the keyboard.
    pub(super) fn focused_card(&self, ui: &Ui) -> Option<Focus> {
        self.focus.filter(|focus| ui.memory(|memory| memory.has_focus(focus.id)))
    }

    /// Brings the keyboard back to the card whose field or menu has let it go, as with Enter or Escape. A press of the pointer takes it away for good.
    pub(super) fn return_keyboard(&mut self, ui: &Ui) {
        if ui.input(|input| input.pointer.any_pressed()) {
            self.field_of = None;
        } else if ui.memory(|memory| memory.focused().is_none())
            && let Some(spot) = self.field_of.take().filter(|spot| self.seen.contains(spot))
        {
            self.selection.reach(spot);
            self.next = Some(spot);
        }
    }

    /// Remembers where the keyboard is, if it is in a field of the card that fills `rect`, or at the card itself and may go into its menu.
    pub(super) fn note_field(&mut self, ui: &Ui, spot: Spot, card: Id, rect: Rect) {
        let focused = ui.memory(egui::Memory::focused).and_then(|id| ui.ctx().read_response(id));
        // In a menu it comes from where it was before.
        let Some(field) = focused.filter(|field| field.layer_id == ui.layer_id()) else { return };
        if rect.contains_rect(field.rect) && (field.id != card || Popup::is_any_open(ui.ctx())) {
            self.field_of = Some(spot);
        } else if self.field_of == Some(spot) {
            self.field_of = None;
        }
    }

    /// Does what the keys ask for. Those that change the project are for the card that has the keyboard; where nothing has it, the
    /// arrow keys bring it back to the cards, and copying and pasting go on.
    pub(super) fn obey(&mut self, ctx: &ViewContext<'_>, ui: &Ui) {
        let is_covered = self.adding.is_some() || Popup::is_any_open(ui.ctx()) || ui.memory(|memory| memory.top_modal_layer().is_some());
        let card = self.focused_card(ui);
        if is_covered || card.is_none() && ui.memory(|memory| memory.focused().is_some()) {
            return;
        }
        if self.obey_clipboard(ctx, ui, card.is_some()) {
            return;
        }
        let actions: &[Action] = if card.is_some() { &Action::BY_KEY } else { &[Action::SelectAll] };
        let pressed = |action: &&Action| {
            let mut shortcuts = std::iter::once(action.shortcut()).chain(action.more_shortcuts().iter().copied());
            ui.input_mut(|input| shortcuts.any(|shortcut| input.consume_shortcut(&shortcut)))
        };
        if let Some(action) = actions.iter().find(pressed) {
            self.act(ctx, ui, *action, card.map_or(Rect::NOTHING, |card| card.rect));
        } else if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
            self.leave(ui, card);
        } else {
            self.obey_arrows(ctx, ui);
        }
    }

    /// Leaves one selected card of several, or none.
    fn leave(&mut self, ui: &Ui, card: Option<Focus>) {
        if !self.selection.reduce()
            && let Some(card) = card
        {
            ui.memory_mut(|memory| memory.surrender_focus(card.id));
        }
    }

    /// Goes to another card, or opens and closes those that are selected.
    fn obey_arrows(&mut self, ctx: &ViewContext<'_>, ui: &Ui) {
        let Some(head) = self.selection.head() else { return };
        if ui.input_mut(|input| input.consume_shortcut(&keyboard::SELECT_TOO)) {
            return self.selection.toggle(head);
        }
        let ways = [(Modifiers::COMMAND, Going::Past), (Modifiers::SHIFT, Going::Extending), (Modifiers::NONE, Going::Selecting)];
        for (modifiers, going) in ways {
            let places = places(ui, modifiers);
            if places != 0 {
                return self.go(ctx, head, places, going);
            }
        }
        let key = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if key(Key::ArrowRight) {
            self.open.extend(self.selection.spots());
        } else if key(Key::ArrowLeft) {
            self.open.retain(|&spot| !self.selection.contains(spot));
        }
    }

    fn go(&mut self, ctx: &ViewContext<'_>, head: Spot, places: isize, going: Going) {
        let stays: Option<Role> = (going == Going::Extending).then_some(head.0);
        let spots: Vec<Spot> = self.seen.iter().copied().filter(|spot| stays.is_none_or(|role| spot.0 == role)).collect();
        let Some(to) = selection::neighbour(&spots, head, places) else { return };
        match going {
            Going::Past => self.selection.touch(to),
            Going::Extending => self.selection.extend(ctx.project(), to, false),
            Going::Selecting => self.selection.only(to),
        }
        self.next = Some(to);
    }
}

/// How far the arrow keys, Home and End go in this frame; downwards is positive.
fn places(ui: &Ui, modifiers: Modifiers) -> isize {
    const FAR: isize = 1 << 20;
    ui.input_mut(|input| {
        let mut count = |key| input.count_and_consume_key(modifiers, key) as isize;
        count(Key::ArrowDown) - count(Key::ArrowUp) + FAR * (count(Key::End) - count(Key::Home))
    })
}
