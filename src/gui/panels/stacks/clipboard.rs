//! Cards on the clipboard, as text that people can read.

use eframe::egui::{Event, Ui};

use super::StackPanel;
use crate::gui::command::{Command, Notice};
use crate::gui::context::ViewContext;
use crate::spec::{GroupEdit, layers_from_text};

impl StackPanel {
    /// What was copied, cut or pasted with the keyboard. Only a card that has it is cut. Returns whether anything was done.
    pub(super) fn obey_clipboard(&mut self, ctx: &ViewContext<'_>, ui: &Ui, at_card: bool) -> bool {
        let wanted = |event: &Event| matches!(event, Event::Copy | Event::Cut | Event::Paste(_));
        match ui.input(|input| input.events.iter().find(|event| wanted(event)).cloned()) {
            Some(Event::Copy) => self.copy(ctx, ui),
            Some(Event::Cut) if at_card => self.cut(ctx, ui),
            Some(Event::Paste(text)) => self.paste(ctx, &text),
            _ => return false,
        }
        true
    }

    /// Puts the selected layers on the clipboard.
    pub(super) fn copy(&self, ctx: &ViewContext<'_>, ui: &Ui) {
        let group = self.group(ctx);
        if !group.is_empty() {
            ui.copy_text(group.text());
        }
    }

    /// Copies the selected layers and takes them out.
    pub(super) fn cut(&mut self, ctx: &ViewContext<'_>, ui: &Ui) {
        self.copy(ctx, ui);
        self.change(ctx, self.group(ctx).cut());
    }

    /// Puts the layers of a text after the last selected card.
    fn paste(&mut self, ctx: &ViewContext<'_>, text: &str) {
        let (role, index) = self.selection.place_after(ctx.project());
        match layers_from_text(text) {
            Ok(layers) if layers.is_empty() => ctx.command(Command::Notify(Notice::error("There is nothing to paste."))),
            Ok(layers) => self.change(ctx, GroupEdit::paste(ctx.project(), role, index, layers)),
            Err(error) => ctx.command(Command::Notify(Notice::error(format!(
                "What is to be pasted is no list of layers ({error}). Layers that are copied here look like: Dense: units 128; bias on"
            )))),
        }
    }
}
