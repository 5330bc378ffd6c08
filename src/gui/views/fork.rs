//! The line over the samples where there are two runs: which one is in hand, in what they differ, and what can be done with the other.

use eframe::egui::{Align, Label, Layout, Rect, RichText, Ui, UiBuilder};

use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::fork::{Fork, ForkCommand, Letter, trained};
use crate::gui::icons::Icon;
use crate::gui::run::Phase;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::button::IconButton;
use crate::gui::widgets::controls::{self, Segment};
use crate::gui::widgets::format;
use crate::spec::Change;
use crate::train::latent_differences;

/// Draws the line, where there are two.
pub(super) fn ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let Some(fork) = ctx.fork else { return };
    let room = ui.available_rect_before_wrap();
    let line = Rect::from_min_max(room.min, eframe::egui::pos2(room.right(), room.top() + controls::HEIGHT));
    ui.scope_builder(UiBuilder::new().max_rect(line).layout(Layout::right_to_left(Align::Center)), |ui| {
        ui.spacing_mut().item_spacing.x = SPACE;
        other_ui(ctx, fork, ui);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            hand_ui(ctx, fork, ui);
            ui.add_space(SPACE);
            changes_ui(ctx, fork, ui);
        });
    });
    ui.advance_cursor_after_rect(line);
    ui.add_space(SPACE);
}

/// Which one is in hand.
fn hand_ui(ctx: &ViewContext<'_>, fork: &Fork, ui: &mut Ui) {
    let mut letter = fork.letter.other();
    let segments = [
        Segment { value: Letter::A, name: "A", tip: "Takes the run in hand that was copied: its networks, settings and file." },
        Segment { value: Letter::B, name: "B", tip: "Takes the copy in hand: its networks, settings and file." },
    ];
    if controls::segmented(ui, "run in hand", &mut letter, &segments) {
        ctx.command(Command::Fork(ForkCommand::Swap));
    }
}

/// In what they differ, in as many words as there is room for.
fn changes_ui(ctx: &ViewContext<'_>, fork: &Fork, ui: &mut Ui) {
    let tokens = theme::tokens(ui);
    let [theirs, ours] = [trained(&fork.run, fork.editor.project()), trained(ctx.run, ctx.project())];
    let changes = if fork.letter == Letter::A { theirs.changes(&ours) } else { ours.changes(&theirs) };
    let (text, colour) = match &changes[..] {
        [] if ctx.run.difference(ctx.project()).any() => ("what was changed takes effect at a restart".to_owned(), tokens.accent),
        [] => ("no difference yet: change one thing".to_owned(), tokens.accent),
        [one] => (format!("B: {one}"), tokens.text),
        several => (format!("B: {}", listed(several, ", ")), tokens.text),
    };
    let at = fork.at.map(|at| format!(" · copied at step {}", format::grouped(at))).unwrap_or_default();
    let text = format!("{text}{at}");
    let mut tip = match &changes[..] {
        [] => "Both runs do the same so far.".to_owned(),
        some => format!("What B has otherwise than A:\n{}", listed(some, "\n")),
    };
    if !latent_differences(&theirs, &ours).is_empty() {
        tip.push_str("\nTheir samples are from different latent vectors: one does not answer to the other.");
    }
    ui.add(Label::new(RichText::new(text).size(SMALL).color(colour)).truncate()).on_hover_text(tip);
}

fn listed(changes: &[Change], between: &str) -> String {
    changes.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

/// What the other one is doing, and what can be done with it; from right to left.
fn other_ui(ctx: &ViewContext<'_>, fork: &Fork, ui: &mut Ui) {
    let letter = fork.letter.name();
    let drop = format!("Drop {letter}");
    let help = "Ends the run that is not in hand. Where it is in no file, you are asked first.";
    if IconButton::new(Icon::Close, &drop).help(help).small().show(ui).clicked() {
        ctx.command(Command::Fork(ForkCommand::Drop(fork.letter)));
    }
    let trains = fork.run.phase.is_busy();
    let (icon, name) = if trains { (Icon::Pause, format!("Hold {letter}")) } else { (Icon::Play, format!("Train {letter}")) };
    let can = matches!(fork.run.phase, Phase::Running | Phase::Paused | Phase::Finished(crate::train::Finish::Complete));
    let help = "Of the run that is not in hand alone. Train and Pause above do it with both.";
    if IconButton::new(icon, &name).help(help).small().enabled(can).show(ui).clicked() {
        ctx.command(Command::Fork(ForkCommand::TrainOther(!trains)));
    }
    let tokens = theme::tokens(ui);
    let (tip, colour) = match &fork.run.phase {
        Phase::Failed(reason) => (reason.as_str(), tokens.error),
        _ => ("What the run does that is not in hand.", tokens.quiet),
    };
    // On another device times are not comparable, and numbers not the same bit for bit.
    let device = fork.run.device.as_deref().filter(|&device| ctx.run.device.as_deref().is_some_and(|ours| ours != device));
    let text = format!("{letter} {}{}", fork.state(), device.map(|device| format!(" on {device}")).unwrap_or_default());
    if ui.available_width() > 90.0 * SPACE || matches!(fork.run.phase, Phase::Failed(_)) || device.is_some() {
        ui.label(RichText::new(text).size(SMALL).color(colour)).on_hover_text(tip);
    }
}
