//! What the doctor says, unfolded: what it is told by, why, and all that may be done about it.

use eframe::egui::{self, Button, Frame, Label, Margin, Panel, Rect, RichText, ScrollArea, Ui, UiBuilder, vec2};
use egui_plot::PlotPoint;

use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::curves::Along;
use crate::gui::widgets::format;
use crate::gui::widgets::metric_plot::{Landmark, MetricPlot, Readout, Trace, range_of};
use crate::gui::widgets::plot_scale::Scale;
use crate::measure::doctor::{Diagnosis, Evidence, Gravity, Remedy};

/// Points of its height, and of the chart's width.
const HEIGHT: f32 = 44.0 * SPACE;
const CHART: f32 = 72.0 * SPACE;

/// Draws it above the line at the bottom, where it is open.
pub fn panel_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    if !ctx.doctor_open || ctx.diagnoses.is_empty() {
        return;
    }
    let frame = Frame::new().inner_margin(Margin::symmetric(12, 8)).fill(theme::tokens(ui).panel);
    Panel::bottom("doctor").exact_size(HEIGHT).resizable(false).frame(frame).show(ui, |ui| self::ui(ctx, ui));
}

/// Which diagnosis is shown, by the name of its rule.
fn place() -> egui::Id {
    egui::Id::unique("diagnosis shown")
}

fn ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let wanted = ui.data(|data| data.get_temp::<&'static str>(place()));
    let shown = ctx.diagnoses.iter().find(|diagnosis| Some(diagnosis.rule) == wanted).or(ctx.diagnoses.first());
    let Some(shown) = shown else { return };
    let room = ui.available_rect_before_wrap();
    let others: Vec<_> = ctx.diagnoses.iter().filter(|other| other.rule != shown.rule).collect();
    let is_wide = room.width() > 180.0 * SPACE;
    let chart = room.with_max_x(room.left() + if is_wide { CHART } else { 0.6 * CHART });
    let list = if is_wide && !others.is_empty() { 64.0 * SPACE } else { 0.0 };
    let words = Rect::from_x_y_ranges(chart.right() + 4.0 * SPACE..=room.right() - list, room.y_range());
    ui.scope_builder(UiBuilder::new().max_rect(chart), |ui| evidence_ui(ui, &shown.evidence));
    ui.scope_builder(UiBuilder::new().max_rect(words), |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            words_ui(ctx, ui, shown);
            if !is_wide {
                others_ui(ui, &others);
            }
        });
    });
    if list > 0.0 {
        let list = room.with_min_x(words.right() + 4.0 * SPACE);
        ui.scope_builder(UiBuilder::new().max_rect(list), |ui| {
            ScrollArea::vertical().id_salt("others").auto_shrink(false).show(ui, |ui| others_ui(ui, &others));
        });
    }
    ui.advance_cursor_after_rect(room);
}

/// What is happening, why, and what may be done.
fn words_ui(ctx: &ViewContext<'_>, ui: &mut Ui, shown: &Diagnosis) {
    let tokens = theme::tokens(ui);
    ui.add(Label::new(RichText::new(&shown.sentence).strong().color(tokens.text)).wrap());
    ui.add(Label::new(RichText::new(shown.why).size(SMALL).color(tokens.text)).wrap());
    ui.add_space(SPACE);
    ui.horizontal_wrapped(|ui| {
        back_ui(ctx, ui, shown);
        for remedy in &shown.remedies {
            remedy_ui(ctx, ui, remedy);
        }
        if let Some(place) = shown.place.filter(|place| matches!(place, crate::spec::Place::Layer(..)))
            && ui.add(Button::new(RichText::new("Show the layer").size(SMALL))).clicked()
        {
            ctx.command(Command::Reveal(place));
        }
    });
}

/// A button that takes the run back to before it began, where something was lost and there is such a state.
fn back_ui(ctx: &ViewContext<'_>, ui: &mut Ui, shown: &Diagnosis) {
    let is_before = |step: &u64| *step > 0 && *step < shown.evidence.since;
    let states = ctx.run.states.iter().rev().map(|state| state.g_steps);
    let Some(step) = states.into_iter().find(is_before).filter(|_| shown.is_a_loss()) else { return };
    let text = RichText::new(format!("Go back to step {}", format::grouped(step))).size(SMALL);
    let help = "To before it began, and on with half of both learning rates. What is now stays in the list at the step counter.";
    if ui.add(Button::new(text)).on_hover_text(help).clicked() {
        ctx.command(Command::GoBack { step, lower_rates: true });
    }
}

/// A button that does it.
pub(super) fn remedy_ui(ctx: &ViewContext<'_>, ui: &mut Ui, remedy: &Remedy) {
    let help = if remedy.needs_restart {
        "Changes a network: it takes effect at the next restart, where the other layers go on with what they learned. It can be undone."
    } else {
        "Changes the training settings: the run goes on with them from its next step. It can be undone."
    };
    if ui.add(Button::new(RichText::new(&remedy.name).size(SMALL))).on_hover_text(help).clicked() {
        ctx.edit(remedy.edit.clone());
    }
}

fn others_ui(ui: &mut Ui, others: &[&Diagnosis]) {
    if others.is_empty() {
        return;
    }
    let tokens = theme::tokens(ui);
    ui.add_space(SPACE);
    ui.label(RichText::new("Also").size(SMALL).color(tokens.quiet));
    for other in others {
        let colour = if other.gravity == Gravity::Note { tokens.quiet } else { tokens.warning };
        let text = RichText::new(&other.sentence).size(SMALL).color(colour);
        let button = ui.add(Button::new(text).frame(false).wrap());
        if button.on_hover_text("Shows what it is told by, and what may be done").clicked() {
            ui.data_mut(|data| data.insert_temp(place(), other.rule));
        }
    }
}

/// The curve with the value where trouble begins.
fn evidence_ui(ui: &mut Ui, evidence: &Evidence) {
    let tokens = theme::tokens(ui);
    ui.spacing_mut().item_spacing.y = 2.0;
    let name = format!("{}, from step {} on", evidence.name, format::grouped(evidence.since));
    ui.add(Label::new(RichText::new(name).size(SMALL).color(tokens.quiet)).truncate());
    let scale = if evidence.logarithmic { Scale::Log } else { Scale::Linear };
    let placed = |(step, value): &(u64, f32)| Some(PlotPoint::new(*step as f64, scale.place(f64::from(*value))?));
    let points: Vec<PlotPoint> = evidence.points.iter().filter_map(placed).collect();
    let border = evidence.threshold.map(f64::from).and_then(|value| Some((value, scale.place(value)?)));
    let range = range_of(&[(&points, &[])]).unwrap_or((0.0, 1.0));
    // The border is always in sight.
    let (low, high) = border.map_or(range, |(_, place)| (range.0.min(place), range.1.max(place)));
    let air = 0.06 * (high - low).max(1e-3);
    let [first, last] = [points.first(), points.last()].map(|point| point.map_or(0.0, |point| point.x));
    let landmarks: Vec<Landmark> = border
        .into_iter()
        .map(|(value, _)| Landmark { value, name: format::scientific(value), meaning: "Where trouble begins.".to_owned() })
        .collect();
    let traces = [Trace { name: evidence.name, colour: tokens.text, raw: &points, smooth: &[], broken_at: None }];
    let plot = MetricPlot {
        id: "evidence",
        traces: &traces,
        beside: &[],
        landmarks: &landmarks,
        scale,
        along: Along::Step,
        x: (first.min(last - 1.0), last + 0.02 * (last - first).max(1.0)),
        y: (low - air, high + air),
        marker: Some(evidence.since as f64),
        dots: false,
    };
    ui.allocate_ui(vec2(ui.available_width(), ui.available_height()), |ui| plot.ui(ui, |_| Readout::default()));
}

#[cfg(test)]
mod tests {
    use egui_kittest::kittest::Queryable as _;

    use super::*;
    use std::sync::Arc;

    use crate::gui::fixtures::World;
    use crate::train::Checkpoint;

    #[test]
    fn unfolded_it_tells_why_and_offers_what_may_be_done_and_what_else_there_is() {
        let mut world = World::running("ring8", 400);
        let other = Diagnosis { rule: "other", sentence: "Something else".to_owned(), why: "For another reason.", ..world.too_strong() };
        world.diagnoses = vec![world.too_strong(), other];
        for size in [[1280.0, 800.0], [960.0, 600.0]] {
            let mut world = World { diagnoses: world.diagnoses.clone(), ..World::running("ring8", 400) };
            world.doctor_open = true;
            let builder = egui_kittest::Harness::builder().with_context_setup(theme::install).with_size(size);
            let mut harness = builder.build_ui_state(|ui, world: &mut World| panel_ui(&world.context(), ui), world);
            harness.run_steps(3);
            assert!(harness.query_by_label("Where it is certain it teaches nothing.").is_some());
            harness.get_by_label("D learning rate 5e-4").click();
            harness.run_steps(2);
            harness.state_mut().settle();
            assert_eq!(harness.state().editor.project().train.discriminator.learning_rate, 5e-4);
            harness.get_by_label("Something else").click();
            harness.run_steps(3);
            assert!(harness.query_by_label("For another reason.").is_some());
        }
    }

    #[test]
    fn of_a_loss_it_offers_to_go_back_to_before_it() {
        let mut world = World::running("ring8", 400);
        let state = |step| Arc::new(Checkpoint::blank(world.editor.project().clone(), step));
        world.run.states = Arc::new([0, 100, 300, 450].map(state).into());
        world.diagnoses = vec![Diagnosis { rule: "mode-collapse", ..world.too_strong() }];
        world.doctor_open = true;
        let builder = egui_kittest::Harness::builder().with_context_setup(theme::install).with_size([1280.0, 800.0]);
        let mut harness = builder.build_ui_state(|ui, world: &mut World| panel_ui(&world.context(), ui), world);
        harness.run_steps(3);
        harness.get_by_label("Go back to step 300").click();
        harness.run_steps(2);
        let asked = harness.state_mut().commands.take();
        assert!(asked.iter().any(|command| matches!(command, Command::GoBack { step: 300, lower_rates: true })), "{asked:?}");
    }
}
