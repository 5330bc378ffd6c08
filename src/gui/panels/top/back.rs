//! The menu at the step counter: states that the run kept and can go back to, or be copied from.

use eframe::egui::{Button, Response, RichText, ScrollArea, Ui, vec2};

use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::fork::ForkCommand;
use crate::gui::icons::Icon;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::button::{IconButton, menu};
use crate::gui::widgets::format;

/// Points of the list, which scrolls beyond.
const HEIGHT: f32 = 360.0;
/// Points of its width.
const WIDTH: f32 = 256.0;
/// Points of the button that copies.
const COPY: f32 = 8.0 * SPACE;

/// The menu that a press of the step counter opens, where there is anything to go back to.
pub(super) fn back_menu(ctx: &ViewContext<'_>, ui: &Ui, counter: Response) {
    if ctx.run.states.is_empty() {
        counter.on_hover_text("Steps of the generator");
        return;
    }
    let counter = counter.on_hover_text("Steps of the generator\nPress to go back to an earlier one, or to copy the run there");
    let quiet = theme::tokens(ui).quiet;
    menu(&counter, |ui| {
        ui.set_width(WIDTH);
        ui.horizontal(|ui| {
            ui.add_space(2.0 * SPACE);
            ui.label(RichText::new("Go back to…").size(SMALL).color(quiet));
        });
        ScrollArea::vertical().max_height(HEIGHT).show(ui, |ui| {
            for state in ctx.run.states.iter().rev() {
                let name = format!("Step {}", format::grouped(state.g_steps));
                let when = when(state.elapsed_secs, ctx.run.progress.elapsed_secs);
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 0.0;
                    let button = Button::new(name.as_str()).right_text(RichText::new(when.as_str()).size(SMALL).color(quiet));
                    let response = ui.add(button.min_size(vec2(ui.available_width() - COPY, 7.0 * SPACE)));
                    let response = response.accessible_name(format!("{name}, {when}"));
                    if response.clicked() {
                        ui.close();
                        ctx.command(Command::GoBack { step: state.g_steps, lower_rates: false });
                    }
                    let copy = format!("Fork at step {}", format::grouped(state.g_steps));
                    let help = "Copies the run as it was here, to change one thing and train both. This run stays as it is.";
                    if IconButton::new(Icon::Copy, &copy).help(help).enabled(ctx.fork.is_none()).show(ui).clicked() {
                        ui.close();
                        ctx.command(Command::Fork(ForkCommand::Begin(Some(state.g_steps))));
                    }
                });
            }
        });
    });
}

/// How far a state is from now, in time of training.
fn when(secs: f64, now: f64) -> String {
    let between = now - secs;
    if between.abs() < 0.05 {
        "now".to_owned()
    } else if between > 0.0 {
        format!("{} ago", format::duration(between))
    } else {
        format!("{} ahead", format::duration(-between))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_before_and_after_are_told_apart() {
        assert_eq!([when(60.0, 185.0), when(60.0, 60.0), when(60.0, 48.0)], ["2 min 05 s ago", "now", "12 s ahead"]);
    }
}
