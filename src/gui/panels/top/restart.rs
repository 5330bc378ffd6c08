//! Beginning anew: the button, and the menu beside it with what a run can be repeated with, or copied.

use eframe::egui::{RichText, Ui};

use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::fork::ForkCommand;
use crate::gui::icons::Icon;
use crate::gui::keyboard;
use crate::gui::run::Phase;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::button::{IconButton, menu, menu_item};

/// Draws both.
pub(super) fn ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let is_begun = ctx.run.phase != Phase::Idle || ctx.run.checkpoint.is_some();
    let reset = IconButton::new(Icon::Reset, "Reset").shortcut(keyboard::RESET);
    let reset = reset.help("Throws away what was learned and waits at step 0, with new weights from the seed.");
    if reset.enabled(is_begun).show(ui).clicked() {
        ctx.command(Command::Reset);
    }
    let spacing = std::mem::replace(&mut ui.spacing_mut().item_spacing.x, 0.0);
    let more = IconButton::new(Icon::ChevronDown, "Restart menu").small().enabled(is_begun);
    let more = more.help("Trains from step 0 again, with the same seed or with another one; or copies the run.").show(ui);
    ui.spacing_mut().item_spacing.x = spacing;
    menu(&more, |ui| menu_ui(ctx, ui));
}

fn menu_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    ui.set_min_width(56.0 * SPACE);
    let seed = ctx.begun().seed;
    ui.horizontal(|ui| {
        ui.add_space(2.0 * SPACE);
        ui.label(RichText::new(format!("This run has seed {seed}")).size(SMALL).color(theme::tokens(ui).quiet));
    });
    let tip = format!(
        "Forgets what was learned and trains from step 0 with seed {seed}: the same first weights, latent vectors and order of the data. \
         With the same networks and settings on the same device, it is the same run again, number for number."
    );
    if menu_item(ui, Some(Icon::Reset), "Restart with the same seed", None).on_hover_text(tip).clicked() {
        ctx.command(Command::Repeat { other_seed: false });
    }
    let tip = "Forgets what was learned and trains from step 0 with other first weights, latent vectors and another order of the data: \
               what then differs is chance. Undo brings the seed back.";
    if menu_item(ui, Some(Icon::Dice), "Restart with another seed", None).on_hover_text(tip).clicked() {
        ctx.command(Command::Repeat { other_seed: true });
    }
    ui.separator();
    let tip = "Copies this run as it is now, with everything learned. Change one thing in the copy and train both: their curves lie on each \
               other, their samples stand side by side, from the same latent vectors. At the step counter an earlier moment can be copied.";
    ui.add_enabled_ui(ctx.fork.is_none(), |ui| {
        if menu_item(ui, Some(Icon::Copy), "Fork: copy this run", Some(keyboard::FORK)).on_hover_text(tip).clicked() {
            ctx.command(Command::Fork(ForkCommand::Begin(None)));
        }
    });
}
