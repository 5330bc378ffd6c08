//! The line at the bottom: what is happening, in one sentence, with the one thing to do about it.

use eframe::egui::{self, Align, Button, Layout, ProgressBar, RichText, Spinner, Ui};

use crate::data::LoadProgress;
use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::run::Phase;
use crate::gui::theme::{self, SPACE};
use crate::gui::widgets::button::IconButton;
use crate::gui::widgets::format::grouped;
use crate::measure::doctor::{Diagnosis, Remedy};
use crate::spec::Stop;
use crate::train::Finish;

/// Points of its height.
pub const HEIGHT: f32 = 32.0;

/// What the line says.
#[derive(Clone, Debug)]
pub struct Status {
    /// One sentence.
    pub sentence: String,
    /// How it is meant.
    pub tone: Tone,
    /// The thing to do about it: its name and what it does.
    pub action: Option<(&'static str, Command)>,
    /// What the doctor would do about it.
    pub remedy: Option<Remedy>,
}

/// How a status is meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tone {
    /// Nothing to wait for.
    Quiet,
    /// Something is under way; how much of it is done, where that is known.
    Busy(Option<f32>),
    /// It goes on, but not well; how much of it is done, where that is known.
    Poor(Option<f32>),
    /// Something is wrong.
    Wrong,
}

/// What is happening: faults first, then what is under way, then what could be.
pub fn status(ctx: &ViewContext<'_>) -> Status {
    let quiet = |sentence: String| Status { sentence, tone: Tone::Quiet, action: None, remedy: None };
    let run = ctx.run;
    let step = grouped(run.progress.step);
    match (&run.phase, ctx.faults.first()) {
        (Phase::Failed(reason), None) => {
            let remedy = alarm(ctx).and_then(|diagnosis| diagnosis.remedies.first().cloned());
            Status { sentence: reason.clone(), tone: Tone::Wrong, action: Some(("Try again", Command::Train)), remedy }
        }
        (_, Some(fault)) => {
            let more = ctx.faults.len() - 1;
            let more = if more > 0 { format!(" ({more} more)") } else { String::new() };
            let on = if run.phase == Phase::Running { " The run goes on with the networks it began with." } else { "" };
            let sentence = format!("{}{more}.{on}", capitalised(&fault.to_string()));
            Status { sentence, tone: Tone::Wrong, action: Some(("Show", Command::Reveal(fault.place))), remedy: None }
        }
        (Phase::Loading(progress), None) => loading(*progress),
        (Phase::Preparing { device, progress }, None) => Status {
            sentence: format!("{device}: {progress}"),
            tone: Tone::Busy(progress.share()),
            action: Some(("Cancel", Command::Cancel)),
            remedy: None,
        },
        (Phase::Running, None) => running(ctx),
        (Phase::Paused, None) => match alarm(ctx) {
            Some(diagnosis) => {
                let sentence = format!("Paused at step {step}. {}", diagnosis.sentence);
                Status { sentence, tone: Tone::Poor(None), action: None, remedy: diagnosis.remedies.first().cloned() }
            }
            None => quiet(format!("Paused at step {step}. Train goes on from here")),
        },
        (Phase::Finished(Finish::Complete), None) => {
            quiet(format!("Done after {step} steps. To go on, raise the limit in the training settings and press Train"))
        }
        (Phase::Finished(Finish::Stopped), None) => quiet(format!("Stopped at step {step}. Train goes on from here")),
        (Phase::Idle, None) if run.checkpoint.is_some() => quiet(format!("Trained for {step} steps so far. Train goes on from here")),
        (Phase::Idle, None) => quiet(format!("Ready to learn {}. Press Train", source(ctx))),
    }
}

/// What the doctor says first, where it is bad.
fn alarm<'a>(ctx: &ViewContext<'a>) -> Option<&'a Diagnosis> {
    ctx.diagnoses.first().filter(|diagnosis| diagnosis.gravity.is_alarm())
}

/// What the doctor says of a run that goes on, or else that it does.
fn running(ctx: &ViewContext<'_>) -> Status {
    let share = share_done(ctx);
    match ctx.diagnoses.first() {
        Some(diagnosis) => {
            let tone = if diagnosis.gravity.is_alarm() { Tone::Poor(share) } else { Tone::Busy(share) };
            // Where all is well there is nothing to press.
            let remedy = alarm(ctx).and_then(|diagnosis| diagnosis.remedies.first().cloned());
            Status { sentence: diagnosis.sentence.clone(), tone, action: None, remedy }
        }
        None => {
            let device = ctx.run.device.as_deref().map(|device| format!(" on {device}")).unwrap_or_default();
            Status { sentence: format!("Training{device}{}", until(ctx)), tone: Tone::Busy(share), action: None, remedy: None }
        }
    }
}

fn loading(progress: LoadProgress) -> Status {
    let LoadProgress { done, total } = progress;
    let share = (total > 0).then(|| done as f32 / total as f32);
    let count = if total > 0 { format!(": {} of {} samples", grouped(done as u64), grouped(total as u64)) } else { String::new() };
    Status {
        sentence: format!("Loading the data{count}"),
        tone: Tone::Busy(share),
        action: Some(("Cancel", Command::Cancel)),
        remedy: None,
    }
}

fn until(ctx: &ViewContext<'_>) -> String {
    match ctx.project().train.stop {
        Stop::Never => " until you pause".to_owned(),
        Stop::Steps(steps) => format!(" until step {}", grouped(steps)),
        Stop::Epochs(epochs) => format!(" until epoch {}", grouped(epochs)),
    }
}

fn share_done(ctx: &ViewContext<'_>) -> Option<f32> {
    let progress = &ctx.run.progress;
    let share = match ctx.project().train.stop {
        Stop::Never => return None,
        Stop::Steps(steps) => progress.step as f64 / steps.max(1) as f64,
        Stop::Epochs(epochs) => progress.epoch / epochs.max(1) as f64,
    };
    Some(share.clamp(0.0, 1.0) as f32)
}

fn source(ctx: &ViewContext<'_>) -> String {
    match &ctx.project().data.source {
        crate::spec::Source::Builtin(builtin) => {
            let sentence = builtin.sentence();
            let (first, rest) = sentence.split_at(sentence.chars().next().map_or(0, char::len_utf8));
            format!("{}{}", first.to_lowercase(), rest.trim_end_matches('.'))
        }
        crate::spec::Source::Path(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
    }
}

/// With a capital at the beginning.
pub fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Draws the line.
pub fn ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let Status { sentence, tone, action, remedy } = status(ctx);
    let tokens = theme::tokens(ui);
    ui.horizontal_centered(|ui| {
        tone_ui(ctx, ui, tone);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            doctor_button_ui(ctx, ui);
            if let Some((name, command)) = action
                && ui.add(Button::new(name)).clicked()
            {
                ctx.command(command);
            }
            if let Some(remedy) = remedy {
                super::doctor::remedy_ui(ctx, ui, &remedy);
            }
            if let Tone::Busy(Some(share)) | Tone::Poor(Some(share)) = tone {
                ui.add(ProgressBar::new(share).desired_width(120.0).desired_height(2.0 * SPACE).fill(tokens.accent));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let colour = if tone == Tone::Wrong { tokens.error } else { tokens.text };
                ui.add(egui::Label::new(RichText::new(&sentence).color(colour)).truncate()).on_hover_text(&sentence);
            });
        });
    });
}

/// The mark at the beginning.
fn tone_ui(ctx: &ViewContext<'_>, ui: &mut Ui, tone: Tone) {
    let tokens = theme::tokens(ui);
    let warning = |ui: &mut Ui, colour| {
        let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(16.0), egui::Sense::hover());
        Icon::Warning.paint(ui.painter(), rect, colour);
    };
    match tone {
        Tone::Busy(None) if ctx.run.phase != Phase::Running => drop(ui.add(Spinner::new().size(14.0).color(tokens.quiet))),
        Tone::Busy(_) => dot(ui, tokens.accent),
        Tone::Poor(_) => warning(ui, tokens.warning),
        Tone::Wrong => warning(ui, tokens.error),
        Tone::Quiet => dot(ui, tokens.quiet),
    }
}

/// Unfolds what the doctor says, where it says something.
fn doctor_button_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    if ctx.diagnoses.is_empty() {
        return;
    }
    let (icon, name) =
        if ctx.doctor_open { (Icon::ChevronDown, "Fold the diagnosis up") } else { (Icon::ChevronRight, "Show the diagnosis") };
    let help = "What this is told by, why it is so, and all that may be done about it.";
    if IconButton::new(icon, name).help(help).show(ui).clicked() {
        ctx.command(Command::ToggleDoctor);
    }
}

fn dot(ui: &mut Ui, colour: egui::Color32) {
    let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(14.0), egui::Sense::hover());
    ui.painter().circle_filled(rect.center(), 4.0, colour);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::fixtures::World;
    use crate::gui::look::{Window, drive};
    use crate::train::{Preparing, Task};
    use egui_kittest::kittest::Queryable as _;

    #[test]
    fn a_device_that_gets_ready_says_how_far_it_is_and_can_be_cancelled() {
        let mut world = World::new("digits");
        let progress = Preparing { task: Task::Kernels, done: 11, total: 44 };
        world.run.phase = Phase::Preparing { device: "Radeon".to_owned(), progress };
        let Status { sentence, tone, action, .. } = status(&world.context());
        assert_eq!(sentence, "Radeon: preparing kernels, part 12 of 44");
        assert_eq!(tone, Tone::Busy(Some(0.25)));
        assert!(matches!(action, Some(("Cancel", Command::Cancel))));
        let mut harness = drive(Window::new(world));
        harness.step();
        assert!(harness.query_by_label("Radeon: preparing kernels, part 12 of 44. It is kept: the next time takes moments.").is_some());
    }

    #[test]
    fn what_goes_wrong_is_said_with_a_button_that_does_the_first_thing_about_it() {
        let mut world = World::running("ring8", 400);
        world.diagnoses = vec![world.too_strong()];
        let Status { sentence, tone, remedy, .. } = status(&world.context());
        assert_eq!((sentence.as_str(), tone), ("The discriminator is too strong", Tone::Poor(None)));
        assert_eq!(remedy.unwrap().name, "D learning rate 5e-4");
        let builder = egui_kittest::Harness::builder().with_context_setup(theme::install).with_size([960.0, HEIGHT]);
        let mut harness = builder.build_ui_state(|ui, world: &mut World| super::ui(&world.context(), ui), world);
        harness.step();
        harness.get_by_label("D learning rate 5e-4").click();
        harness.run_steps(2);
        harness.state_mut().settle();
        assert_eq!(harness.state().editor.project().train.discriminator.learning_rate, 5e-4);
        harness.get_by_label("Show the diagnosis").click();
        harness.run_steps(2);
        assert!(harness.state_mut().commands.take().iter().any(|command| matches!(command, Command::ToggleDoctor)));
    }

    #[test]
    fn a_paused_run_says_what_was_wrong_and_a_healthy_one_how_it_goes_on() {
        let mut world = World::running("ring8", 400);
        assert!(status(&world.context()).sentence.starts_with("Training"));
        world.diagnoses = vec![Diagnosis { gravity: crate::measure::doctor::Gravity::Note, ..world.too_strong() }];
        let Status { tone, remedy, .. } = status(&world.context());
        assert_eq!((tone, remedy), (Tone::Busy(None), None), "all is well, and there is nothing to press");
        world.diagnoses = vec![world.too_strong()];
        world.run.phase = Phase::Paused;
        assert_eq!(status(&world.context()).sentence, "Paused at step 400. The discriminator is too strong");
    }
}
