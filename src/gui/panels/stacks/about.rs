//! What there is to say about a kind of layer: its sentence, its parameters, and a page to read more on.

use eframe::egui::{Link, RichText, Ui};

use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::spec::{Entry, Parameter};

/// The sentence and the link, on a card that is open.
pub(super) fn sentence_ui(ctx: &ViewContext<'_>, ui: &mut Ui, entry: &Entry) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = SPACE;
        ui.label(RichText::new(entry.sentence).size(SMALL).color(theme::tokens(ui).quiet));
        link_ui(ctx, ui, entry);
    });
}

fn link_ui(ctx: &ViewContext<'_>, ui: &mut Ui, entry: &Entry) {
    let link = ui.add(Link::new(RichText::new(entry.link.words).size(SMALL)));
    if link.on_hover_text(entry.link.url).clicked() {
        ctx.command(Command::OpenPage(entry.link.url));
    }
}

/// All of it, beside an entry of the catalogue.
pub(super) fn tooltip_ui(ctx: &ViewContext<'_>, ui: &mut Ui, entry: &Entry) {
    ui.label(RichText::new(entry.layer.name()).strong());
    ui.label(entry.sentence);
    for parameter in entry.parameters() {
        ui.add_space(SPACE);
        ui.label(RichText::new(format!("{}: {}", parameter.name, parameter.usual)).size(SMALL));
        ui.label(
            RichText::new(format!("{} {}.", parameter.help, capitalised(&parameter.range))).size(SMALL).color(theme::tokens(ui).quiet),
        );
    }
    ui.add_space(SPACE);
    link_ui(ctx, ui, entry);
}

/// What a parameter does, may be and usually is.
pub(super) fn parameter_text(parameter: &Parameter) -> String {
    format!("{}\n{}; usually {}.", parameter.help, capitalised(&parameter.range), parameter.usual)
}

fn capitalised(text: &str) -> String {
    crate::gui::panels::status::capitalised(text)
}
