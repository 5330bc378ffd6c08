//! The catalogue of layers: opened where one is to be added, searched by typing.

use eframe::egui::{self, Button, FontId, Id, Key, Modifiers, Popup, PopupCloseBehavior, Rect, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::{Shown, StackPanel, about};
use crate::gui::context::ViewContext;
use crate::gui::layer_icons;
use crate::gui::theme::{self, BODY, SMALL, SPACE};
use crate::spec::{Edit, Entry, Role, catalogue};

/// The catalogue while it is open.
#[derive(Clone, Debug)]
pub(super) struct Adding {
    role: Role,
    /// Before which layer.
    index: usize,
    /// What it was opened from.
    anchor: Rect,
    query: String,
    /// The entry that Enter takes, counted among those that match.
    marked: usize,
    /// Not drawn yet: the search field is still to get the keyboard.
    is_new: bool,
    /// The mark moved: it is still to be brought into sight.
    moved: bool,
}

impl Adding {
    pub(super) fn new(role: Role, index: usize, anchor: Rect) -> Self {
        Self { role, index, anchor, query: String::new(), marked: 0, is_new: true, moved: false }
    }
}

impl StackPanel {
    /// Draws the catalogue where it is open, and adds the layer that is taken from it.
    pub(super) fn adding_ui(&mut self, ctx: &ViewContext<'_>, ui: &Ui) {
        let Some(adding) = &mut self.adding else { return };
        let mut open = true;
        let popup = Popup::new(Id::unique("layer catalogue"), ui.ctx().clone(), adding.anchor, ui.layer_id());
        let popup = popup.open_bool(&mut open).close_behavior(PopupCloseBehavior::CloseOnClickOutside).width(320.0).gap(SPACE);
        let taken = popup.accessible_name("Layer catalogue").show(|ui| catalogue_ui(ctx, ui, adding)).and_then(|shown| shown.inner);
        if let Some(entry) = taken {
            let (role, index) = (adding.role, adding.index.min(ctx.project().stack(adding.role).layers.len()));
            let id = ctx.project().stack(role).free_id();
            ctx.edit(Edit::insert(ctx.project(), role, index, entry.layer));
            self.shown = Some(Shown { spots: vec![(role, id)], takes_keyboard: true });
            open = false;
        } else if !open && ui.input(|input| input.key_pressed(Key::Escape)) {
            // The keyboard goes back to where it came from.
            self.shown = Some(Shown { spots: self.selection.spots().collect(), takes_keyboard: true });
        }
        if !open {
            self.adding = None;
        }
    }
}

fn catalogue_ui(ctx: &ViewContext<'_>, ui: &mut Ui, adding: &mut Adding) -> Option<Entry> {
    ui.set_width(320.0);
    let step = ui.input_mut(|input| {
        input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown) as isize
            - input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp) as isize
    });
    let accepted = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    let field = TextEdit::singleline(&mut adding.query).hint_text("Search layers").desired_width(f32::INFINITY);
    let field = ui.add(field).accessible_name("Search layers");
    if std::mem::take(&mut adding.is_new) {
        field.request_focus();
    }
    let entries: Vec<Entry> = catalogue().into_iter().filter(|entry| entry.matches(&adding.query)).collect();
    if field.changed() {
        adding.marked = best(&entries, &adding.query);
    }
    let last = entries.len().saturating_sub(1);
    adding.marked = adding.marked.saturating_add_signed(step).min(last);
    adding.moved = step != 0 || field.changed();
    ui.add_space(SPACE);
    if entries.is_empty() {
        ui.label(RichText::new("No layer is called that. Try “conv”, “norm” or “relu”.").color(theme::tokens(ui).quiet));
        return None;
    }
    let clicked = ScrollArea::vertical().max_height(340.0).show(ui, |ui| list_ui(ctx, ui, &entries, adding)).inner;
    let taken = clicked.or(accepted.then_some(adding.marked))?;
    entries.into_iter().nth(taken)
}

/// The entry that was most likely meant: that of this name, else one whose name begins with it or has it in it, else the first.
fn best(entries: &[Entry], query: &str) -> usize {
    let query = query.trim().to_lowercase();
    let rank = |entry: &Entry| match entry.layer.name().to_lowercase() {
        name if name == query => 0,
        name if name.starts_with(&query) => 1,
        name if name.contains(&query) => 2,
        _ => 3,
    };
    entries.iter().map(rank).zip(0..).min().map_or(0, |(_, index)| index)
}

/// The entries under the names of their families. Returns which was pressed.
fn list_ui(ctx: &ViewContext<'_>, ui: &mut Ui, entries: &[Entry], adding: &Adding) -> Option<usize> {
    theme::menu_style(ui.style_mut());
    let tokens = theme::tokens(ui);
    let mut clicked = None;
    for (index, entry) in entries.iter().enumerate() {
        if index == 0 || entries[index - 1].family != entry.family {
            ui.add_space(SPACE);
            ui.horizontal(|ui| {
                ui.add_space(2.0 * SPACE);
                ui.label(RichText::new(entry.family.name()).size(SMALL).color(tokens.quiet));
            });
        }
        let mut words = egui::text::LayoutJob::default();
        let format = |size, color| egui::TextFormat { font_id: FontId::proportional(size), color, ..Default::default() };
        words.append(entry.layer.name(), 0.0, format(BODY, tokens.text));
        words.append("\n", 0.0, format(SMALL, tokens.quiet));
        words.append(entry.sentence, 0.0, format(SMALL, tokens.quiet));
        let icon = layer_icons::atom(&entry.layer, tokens.quiet);
        let mut button = Button::new((icon, words)).gap(2.0 * SPACE).wrap().min_size(vec2(ui.available_width(), 0.0));
        if index == adding.marked {
            button = button.fill(tokens.selected());
        }
        let response = ui.add(button).accessible_name(format!("Insert {}", entry.layer.name()));
        if index == adding.marked && adding.moved {
            response.scroll_to_me(None);
        }
        if response.on_hover_ui(|ui| about::tooltip_ui(ctx, ui, entry)).clicked() {
            clicked = Some(index);
        }
    }
    clicked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_so_comes_before_what_only_mentions_it() {
        for (query, wanted) in [("tanh", "Tanh"), ("relu", "ReLU"), ("Conv", "Conv2d"), ("norm", "BatchNorm"), ("swish", "SiLU")] {
            let entries: Vec<Entry> = catalogue().into_iter().filter(|entry| entry.matches(query)).collect();
            assert_eq!(entries[best(&entries, query)].layer.name(), wanted, "{query}");
        }
    }
}
