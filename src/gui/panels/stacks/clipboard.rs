//! Cards on the clipboard, as text that people can read.

use eframe::egui::{Event, Ui};

use super::StackPanel;
use super::card::Card;
use crate::gui::command::{Command, Notice};
use crate::gui::context::ViewContext;
use crate::spec::{Edit, Layer, LayerId, Project, Role, StackLayer, layers_from_text, layers_to_text};

impl StackPanel {
    /// What was copied, cut or pasted with the keyboard, while a card has it. Returns whether anything was.
    pub(super) fn obey_clipboard(&mut self, ctx: &ViewContext<'_>, ui: &Ui, card: &Card<'_>) -> bool {
        let wanted = |event: &Event| matches!(event, Event::Copy | Event::Cut | Event::Paste(_));
        match ui.input(|input| input.events.iter().find(|event| wanted(event)).cloned()) {
            Some(Event::Copy) => copy(ui, card),
            Some(Event::Cut) => self.cut(ctx, ui, card),
            Some(Event::Paste(text)) => self.paste(ctx, card, &text),
            _ => return false,
        }
        true
    }

    /// Copies a card and takes it out.
    pub(super) fn cut(&mut self, ctx: &ViewContext<'_>, ui: &Ui, card: &Card<'_>) {
        copy(ui, card);
        self.delete(ctx, card);
    }

    /// Puts the layers of a text after a card.
    fn paste(&mut self, ctx: &ViewContext<'_>, card: &Card<'_>, text: &str) {
        match layers_from_text(text) {
            Ok(layers) if layers.is_empty() => ctx.command(Command::Notify(Notice::error("There is nothing to paste."))),
            Ok(layers) => {
                let (edit, last) = pasted(ctx.project(), card.role, card.index + 1, layers);
                ctx.edit(edit);
                self.next = Some((card.role, last));
            }
            Err(error) => ctx.command(Command::Notify(Notice::error(format!(
                "What is to be pasted is no list of layers ({error}). Layers that are copied here look like: Dense: units 128; bias on"
            )))),
        }
    }
}

/// Puts a card's layer on the clipboard.
pub(super) fn copy(ui: &Ui, card: &Card<'_>) {
    ui.copy_text(layers_to_text([card.layer]));
}

/// The edit that puts layers at a place of a stack, and the number of the last of them.
fn pasted(project: &Project, role: Role, index: usize, layers: Vec<(Layer, bool)>) -> (Edit, LayerId) {
    let first = project.stack(role).free_id();
    let label = match &layers[..] {
        [(layer, _)] => format!("paste {}", layer.name()),
        _ => format!("paste {} layers", layers.len()),
    };
    let last = LayerId(first.0.saturating_add(layers.len().saturating_sub(1) as u32));
    let edits = layers.into_iter().enumerate().map(|(place, (layer, on))| {
        let id = LayerId(first.0.saturating_add(place as u32));
        Edit::Insert { role, index: index + place, layer: StackLayer { id, on, layer } }
    });
    (Edit::All { label, edits: edits.collect() }, last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Preset;

    #[test]
    fn layers_are_pasted_in_their_order_as_one_step() {
        let before = Preset::from_name("ring8").unwrap().project();
        let (edit, last) = pasted(&before, Role::Discriminator, 1, vec![(Layer::Tanh, true), (Layer::dense(7), false)]);
        assert_eq!(edit.describe(&before), "paste 2 layers");
        let mut after = before.clone();
        let inverse = edit.apply(&mut after).unwrap();
        let names: Vec<_> = after.discriminator.layers.iter().map(|layer| layer.layer.name()).collect();
        assert_eq!(names, ["Dense", "Tanh", "Dense", "LeakyReLU", "Dense", "LeakyReLU", "Dense"]);
        assert_eq!((after.discriminator.layers[2].id, after.discriminator.layers[2].on), (last, false));
        inverse.apply(&mut after).unwrap();
        assert_eq!(after, before);
    }
}
