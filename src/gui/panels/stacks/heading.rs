//! The name of a network, and what it costs as a whole.

use eframe::egui::{Align, Layout, RichText, Ui};

use super::costs::Ledger;
use super::density::Density;
use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::keyboard;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::button::IconButton;
use crate::gui::widgets::{controls, format};
use crate::spec::Role;

/// Draws the heading; that of the generator, which is the panel's, with the button for the compact view.
pub(super) fn ui(ctx: &ViewContext<'_>, ui: &mut Ui, role: Role, ledger: &Ledger) {
    let tokens = theme::tokens(ui);
    ui.add_space(2.0 * SPACE);
    ui.horizontal(|ui| {
        ui.set_min_height(6.0 * SPACE);
        let title = role.name().to_uppercase();
        ui.label(RichText::new(title).size(SMALL).extra_letter_spacing(1.0).color(tokens.role(role)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if role == Role::Generator {
                density_ui(ctx, ui);
            }
            totals_ui(ui, ledger);
        });
    });
}

fn density_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let (icon, name, help) = match Density::of(ui.ctx()) {
        Density::Roomy => (Icon::Lines, "Compact layers", "One line for each layer, so that more of them are in sight."),
        Density::Compact => (Icon::Cards, "Layers as cards", "A card for each layer, with what it is set to and what it costs."),
    };
    ui.spacing_mut().item_spacing.x = SPACE;
    if IconButton::new(icon, name).small().help(help).shortcut(keyboard::COMPACT).show(ui).clicked() {
        ctx.command(Command::ToggleCompact);
    }
}

fn totals_ui(ui: &mut Ui, ledger: &Ledger) {
    let (cost, batch_size) = (ledger.total(), ledger.batch_size());
    let parameters = format::short_count(cost.parameters);
    let work = format::short_count(cost.multiply_adds);
    let memory = format::bytes(cost.activation_bytes(batch_size));
    // Where there is no room for all of it multiply-adds are left to the tooltip.
    let all = format!("{parameters} weights · {work} MACs · {memory}");
    let fits = controls::text_width(ui, &all, SMALL) <= ui.available_width() - 2.0 * SPACE;
    let text = if fits { all } else { format!("{parameters} weights · {memory}") };
    let label = ui.label(RichText::new(text).size(SMALL).color(theme::tokens(ui).quiet));
    label.on_hover_text(format!(
        "{} numbers that training changes\n{} multiply-adds for one forward pass of one sample\n{memory} of activations kept for the backward pass at batch size {batch_size}\nThe bar on a card is its share of the weights; marks stand where most weights, multiply-adds and memory are.",
        format::grouped(cost.parameters),
        format::grouped(cost.multiply_adds),
    ));
}
