//! The menu of a card: everything that can be done with it, or with all that are selected, and the keys for it.

use eframe::egui::{Align, Frame, Label, Layout, Margin, RichText, Ui};

use super::StackPanel;
use super::actions::Action;
use crate::gui::context::ViewContext;
use crate::gui::panels::status::capitalised;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::button::menu_item;
use crate::spec::{Group, Layer, Wrapped};

/// Points of the menu's width.
const WIDTH: f32 = 72.0 * SPACE;

impl StackPanel {
    /// The lines of the menu. They act on the selected cards.
    pub(super) fn menu_items(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) {
        ui.set_width(WIDTH);
        let group = self.group(ctx);
        let is_open = self.selection.spots().all(|spot| self.open.contains(&spot));
        self.line_ui(ctx, ui, Action::Parameters, if is_open { "Hide parameters" } else { "Show parameters" });
        self.line_ui(ctx, ui, Action::Switch, &words("Switch", &group, if group.is_on() { "off" } else { "on" }));
        ui.separator();
        self.line_ui(ctx, ui, Action::Cut, &words("Cut", &group, ""));
        self.line_ui(ctx, ui, Action::Copy, &words("Copy", &group, ""));
        self.line_ui(ctx, ui, Action::Paste, "Paste after");
        self.line_ui(ctx, ui, Action::Duplicate, &words("Duplicate", &group, ""));
        self.line_ui(ctx, ui, Action::Add, "Add after…");
        ui.separator();
        let (up, down) = (words("Move", &group, "up"), words("Move", &group, "down"));
        ui.add_enabled_ui(group.move_up().is_some(), |ui| self.line_ui(ctx, ui, Action::MoveUp, &up));
        ui.add_enabled_ui(group.move_down().is_some(), |ui| self.line_ui(ctx, ui, Action::MoveDown, &down));
        self.blocks_ui(ctx, ui, &group);
        ui.separator();
        self.line_ui(ctx, ui, Action::SelectAll, &format!("Select the whole {}", self.selection.role().name()));
        self.line_ui(ctx, ui, Action::Delete, &words("Delete", &group, ""));
    }

    /// Wrapping, or why it cannot be; and unwrapping, where there are blocks.
    fn blocks_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui, group: &Group<'_>) {
        if group.layers().iter().any(|layer| matches!(layer.layer, Layer::Residual { .. })) {
            let words = if group.len() == 1 { "Unwrap residual block" } else { "Unwrap residual blocks" };
            match group.unwrap_blocks() {
                Ok(_) => self.line_ui(ctx, ui, Action::Unwrap, words),
                Err(why) => disabled_ui(ui, Action::Unwrap, words, &why.to_string()),
            }
            note_ui(ui, "Layer by layer; the shortcut past them is lost.");
            return;
        }
        let words = words("Wrap", group, "in a residual block");
        match group.wrap() {
            Ok(wrapped) => {
                self.line_ui(ctx, ui, Action::Wrap, &words);
                note_ui(ui, &what_becomes(&wrapped));
            }
            Err(why) => disabled_ui(ui, Action::Wrap, &words, &why.to_string()),
        }
    }

    fn line_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui, action: Action, words: &str) {
        let icon = action.icon(self.group(ctx).is_on());
        let response = menu_item(ui, icon, words, Some(action.shortcut()));
        if response.clicked() {
            self.act(ctx, ui, action, ui.min_rect());
        }
    }
}

/// `Delete` for one layer, `Delete 3 layers` for more; `Move 3 layers up`.
fn words(verb: &str, group: &Group<'_>, rest: &str) -> String {
    let what = if group.len() == 1 { String::new() } else { format!(" {} layers", group.len()) };
    format!("{verb}{what} {rest}").trim_end().to_owned()
}

/// `Residual 64, up. Left out: Dropout`
fn what_becomes(wrapped: &Wrapped) -> String {
    let left_out = if wrapped.left_out.is_empty() { String::new() } else { format!(". Left out: {}", wrapped.left_out.join(", ")) };
    format!("{} {}{left_out}", wrapped.block.name(), wrapped.block.summary())
}

/// A line that cannot be pressed now, and why.
fn disabled_ui(ui: &mut Ui, action: Action, words: &str, why: &str) {
    ui.add_enabled_ui(false, |ui| {
        menu_item(ui, action.icon(true), words, Some(action.shortcut())).on_disabled_hover_text(why);
    });
    note_ui(ui, why);
}

/// Small words below a line, under its own.
fn note_ui(ui: &mut Ui, words: &str) {
    // Under the words of the line above: past its margin, its icon and the gap between.
    let margin = Margin { left: (7.5 * SPACE) as i8, right: (2.0 * SPACE) as i8, top: 0, bottom: SPACE as i8 };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        // Lines of a menu fill its width, which would space these words apart.
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            ui.add(Label::new(RichText::new(capitalised(words)).size(SMALL).color(theme::tokens(ui).quiet)).wrap());
        });
    });
}
