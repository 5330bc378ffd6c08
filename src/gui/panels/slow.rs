//! The band of slow motion: the stages of a step with the present one lit, what happens in it, and the controls.

use eframe::egui::{
    Align, Align2, Color32, FontId, Frame, Key, Label, Layout, Margin, Panel, Rect, Response, RichText, Sense, Ui, WidgetInfo, pos2, vec2,
};

use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::keyboard;
use crate::gui::run::Phase;
use crate::gui::slow::{MOMENTS, SPEEDS, Slow, SlowCommand, Stage, sentence};
use crate::gui::theme::{self, BODY, CORNER, HEADING, SMALL, SPACE};
use crate::gui::widgets::button::{IconButton, menu, menu_item};
use crate::gui::widgets::controls;
use crate::spec::Role;

/// Points of its height.
const HEIGHT: f32 = 19.0 * SPACE;

/// Draws it under the bar at the top, in slow motion.
pub fn panel_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    if !ctx.run.slow.is_on() {
        return;
    }
    let frame = Frame::new().inner_margin(Margin::symmetric(8, 4)).fill(theme::tokens(ui).panel);
    Panel::top("slow motion").exact_size(HEIGHT).resizable(false).frame(frame).show(ui, |ui| {
        ui.spacing_mut().item_spacing = vec2(SPACE, SPACE);
        ui.horizontal(|ui| {
            stages_ui(ctx, ui);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| controls_ui(ctx, ui));
        });
        sentence_ui(ctx, ui);
    });
}

fn sentence_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let slow = &ctx.run.slow;
    let text = match (slow.story(), &ctx.run.phase) {
        (Some(story), _) => sentence(ctx.begun(), story, slow.index()),
        (None, Phase::Loading(_)) => "The data is being loaded, then a step is taken.".to_owned(),
        (None, Phase::Preparing { device, progress }) => format!("{device}: {progress}. Then a step is taken."),
        (None, _) => "A step is being taken.".to_owned(),
    };
    let size = if ui.available_width() < 1100.0 { BODY } else { HEADING };
    let label = Label::new(RichText::new(&text).size(size).color(theme::tokens(ui).text)).wrap();
    ui.add(label);
}

fn stages_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let slow = &ctx.run.slow;
    for stage in Stage::ALL {
        let response = stage_ui(slow, stage, ui);
        if response.clicked()
            && let Some(index) = moment_of(slow, stage)
        {
            ctx.command(Command::Slow(SlowCommand::Play(false)));
            ctx.command(Command::Slow(SlowCommand::Show(index)));
        }
    }
}

/// The moment that a press of a stage shows: of those of both networks the other one than is shown, else the discriminator's.
fn moment_of(slow: &Slow, stage: Stage) -> Option<usize> {
    let all = || MOMENTS.iter().enumerate().filter(move |(_, moment)| moment.stage == stage).map(|(index, _)| index);
    all().find(|index| *index > slow.index() && slow.moment().stage == stage).or_else(|| all().next())
}

fn stage_ui(slow: &Slow, stage: Stage, ui: &mut Ui) -> Response {
    let tokens = theme::tokens(ui);
    let now = slow.moment();
    let is_now = slow.story().is_some() && now.stage == stage;
    let letters = if stage.is_for_both() { 2.0 * LETTER } else { 0.0 };
    let width = controls::text_width(ui, stage.name(), BODY) + letters + 4.0 * SPACE;
    let (rect, response) = ui.allocate_exact_size(vec2(width, controls::HEIGHT), Sense::click());
    let colour = |role| if role == Role::Generator { tokens.generator } else { tokens.discriminator };
    let painter = ui.painter();
    if is_now {
        painter.rect_filled(rect, CORNER, theme::mix(tokens.panel, colour(now.role), 0.28));
        let line = Rect::from_min_size(rect.left_bottom() - vec2(0.0, 2.0), vec2(rect.width() * slow.share(), 2.0));
        painter.rect_filled(line, 1.0, colour(now.role));
    } else {
        painter.rect_filled(rect, CORNER, if response.hovered() { tokens.hovered } else { tokens.raised });
    }
    let text = if is_now || response.hovered() || response.has_focus() { tokens.text } else { tokens.quiet };
    let at = pos2(rect.left() + 2.0 * SPACE, rect.center().y);
    painter.text(at, Align2::LEFT_CENTER, stage.name(), FontId::proportional(BODY), text);
    if stage.is_for_both() {
        for (place, role, letter) in [(1.5, Role::Discriminator, "D"), (0.5, Role::Generator, "G")] {
            let lit = is_now && now.role == role;
            let colour = if lit { colour(role) } else { theme::mix(tokens.panel, tokens.quiet, 0.6) };
            let at = pos2(rect.right() - 1.5 * SPACE - place * LETTER + 2.0, rect.center().y);
            painter.text(at, Align2::CENTER_CENTER, letter, FontId::proportional(SMALL), colour);
        }
    }
    response.widget_info(|| WidgetInfo::selected(eframe::egui::Role::RadioButton, true, is_now, stage.name()));
    response.on_hover_text(stage.tip())
}

/// Room for the letter of a network.
const LETTER: f32 = 2.5 * SPACE;

/// From right to left.
fn controls_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let slow = &ctx.run.slow;
    let ask = |command| ctx.command(Command::Slow(command));
    let leave = IconButton::new(Icon::Close, "Leave slow motion").shortcut(keyboard::SLOW).small();
    if leave.help("Back to normal: the run is held, and Train goes on from here.").show(ui).clicked() {
        ask(SlowCommand::Toggle);
    }
    speed_ui(slow, ask, ui);
    let has_story = slow.story().is_some();
    let next = IconButton::new(Icon::Step, "Next moment").help("After the last one another step is taken. Right arrow, too.").small();
    if next.enabled(has_story).show(ui).clicked() {
        ask(SlowCommand::Play(false));
        ask(SlowCommand::Next);
    }
    let (icon, name, help) = if slow.is_playing() {
        (Icon::Pause, "Hold slow motion", "Stays at this moment. Space, too.")
    } else {
        (Icon::Play, "Play slow motion", "Goes on by itself, moment by moment, step by step. Space, too.")
    };
    if IconButton::new(icon, name).help(help).small().show(ui).clicked() {
        ask(SlowCommand::Play(!slow.is_playing()));
    }
    let previous = IconButton::new(Icon::StepBack, "Previous moment").help("Of the same step. Left arrow, too.").small();
    if previous.enabled(has_story && slow.index() > 0).show(ui).clicked() {
        ask(SlowCommand::Play(false));
        ask(SlowCommand::Previous);
    }
    if let Some(story) = slow.story() {
        let text = format!("step {}", crate::gui::widgets::format::grouped(story.step));
        let tip = if story.d_steps > 1 {
            format!("D takes {} steps for each of G's; the last of them is shown.", story.d_steps)
        } else {
            "The step in sight.".to_owned()
        };
        ui.label(RichText::new(text).size(SMALL).color(quiet(ui))).on_hover_text(tip);
    }
}

fn quiet(ui: &Ui) -> Color32 {
    theme::tokens(ui).quiet
}

fn speed_ui(slow: &Slow, ask: impl Fn(SlowCommand), ui: &mut Ui) {
    let text = format!("{}×", slow.speed());
    let button = controls::quiet_button(ui, &text, "How fast moments follow each other.");
    let button = button.accessible_name("Speed of slow motion");
    menu(&button, |ui| {
        ui.set_min_width(30.0 * SPACE);
        for speed in SPEEDS {
            let chosen = (speed == slow.speed()).then_some(Icon::Check);
            if menu_item(ui, chosen, &format!("{speed}×"), None).clicked() {
                ask(SlowCommand::Speed(speed));
            }
        }
    });
}

/// What the arrow keys and the space bar ask for, where nothing else has the keyboard.
pub fn keys(slow: &Slow, key: Key) -> Option<[SlowCommand; 2]> {
    if !slow.is_on() {
        return None;
    }
    match key {
        Key::Space => Some([SlowCommand::Play(!slow.is_playing()); 2]),
        Key::ArrowRight => Some([SlowCommand::Play(false), SlowCommand::Next]),
        Key::ArrowLeft => Some([SlowCommand::Play(false), SlowCommand::Previous]),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
