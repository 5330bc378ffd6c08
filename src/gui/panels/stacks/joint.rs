//! Where the networks meet the data, and where the discriminator ends.

use eframe::egui::{self, Align2, Color32, FontId, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use super::beside;
use super::density::Density;
use super::flow::{Event, Flow, Owner};
use crate::gui::context::ViewContext;
use crate::gui::panels::findings::{self, Detail};
use crate::gui::panels::status::capitalised;
use crate::gui::theme::{self, BODY, SMALL, SPACE};
use crate::spec::{LayerShape, Place, Severity, Shape, Source};

/// What the generator makes, and what the data is. Returns where the generator's column ends.
pub(super) fn data_ui(ctx: &ViewContext<'_>, ui: &mut Ui, reveal: Option<Place>, flow: &mut Flow) -> f32 {
    let project = ctx.project();
    let shape = project.data.shape();
    let made = project.generator.output_shape().ok();
    let fits = made == Some(shape);
    // In the compact view what fits is seen from the shapes above and below.
    if !fits || Density::of(ui.ctx()) == Density::Roomy {
        // Where a layer does not fit, what comes after it may be known all the same.
        let promised = project.generator.shapes().last().and_then(LayerShape::output);
        let words = match (made, promised) {
            (Some(made), _) => format!("makes {made}"),
            (None, Some(promised)) => format!("would make {promised}"),
            (None, None) => "makes nothing yet".to_owned(),
        };
        let waits = !ctx.faults.iter().any(|fault| fault.place == Place::GeneratorToData);
        let tokens = theme::tokens(ui);
        let colour = if fits || waits { tokens.quiet } else { tokens.error };
        line_ui(ui, &format!("Generator {words}"), &words, colour);
    }
    place_ui(ctx, ui, Place::GeneratorToData, reveal);
    data_node_ui(ctx, ui, shape, fits, flow)
}

/// What the discriminator reads.
pub(super) fn input_ui(ctx: &ViewContext<'_>, ui: &mut Ui, reveal: Option<Place>, flow: &mut Flow) {
    let (read, shape) = (ctx.project().discriminator.input, ctx.project().pack_shape());
    let tokens = theme::tokens(ui);
    let words = match ctx.project().train.packing {
        1 => format!("reads {read}"),
        packing => format!("reads {read}: {packing} samples at once"),
    };
    let line = line_ui(ui, &format!("Discriminator {words}"), &words, if read == shape { tokens.quiet } else { tokens.error });
    let id = ui.scope_id().with("discriminator input");
    if read != shape {
        flow.station(ui, id.with("break"), line, Event::Breaks(None), None);
    }
    flow.station(ui, id, line, Event::Becomes(read), Some(read));
    place_ui(ctx, ui, Place::DataToDiscriminator, reveal);
}

/// What there is to say about `place`.
fn place_ui(ctx: &ViewContext<'_>, ui: &mut Ui, place: Place, reveal: Option<Place>) {
    if reveal == Some(place) {
        ui.scroll_to_cursor(Some(egui::Align::Center));
    }
    if ctx.findings_at(place).next().is_some() {
        ui.add_space(SPACE);
        beside(ui, |ui| findings::at_ui(ctx, ui, place, Severity::Advice, Detail::Short));
        ui.add_space(SPACE);
    }
}

/// A line of small words beside the column. Returns all of it.
fn line_ui(ui: &mut Ui, name: &str, words: &str, colour: Color32) -> Rect {
    let density = Density::of(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), density.line()), Sense::hover());
    let at = pos2(rect.left() + density.column() + 2.0 * SPACE, rect.center().y);
    ui.painter().text(at, Align2::LEFT_CENTER, words, FontId::proportional(SMALL), colour);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, name));
    rect
}

/// The data: its shape and its name. Returns where its middle is.
fn data_node_ui(ctx: &ViewContext<'_>, ui: &mut Ui, shape: Shape, fits: bool, flow: &mut Flow) -> f32 {
    let tokens = theme::tokens(ui);
    let name = match &ctx.project().data.source {
        Source::Builtin(builtin) => builtin.name().to_owned(),
        Source::Path(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
    };
    let density = Density::of(ui.ctx());
    let height = density.line() + SPACE;
    let (line, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let id = ui.scope_id().with("data");
    if !fits {
        flow.station(ui, id.with("break"), line, Event::Breaks(None), None);
    }
    flow.station_of(ui, id, line, Event::Becomes(shape), Some(shape), Owner::Data);
    let rect = line.with_min_x(line.left() + density.column());
    let fill = theme::mix(tokens.panel, tokens.real, 0.12);
    ui.painter().rect(rect, height / 2.0, fill, Stroke::new(1.0, theme::mix(tokens.panel, tokens.real, 0.5)), StrokeKind::Inside);
    let galley = ui.painter().layout_no_wrap(shape.to_string(), FontId::proportional(SMALL), tokens.text);
    let right = rect.right() - 3.0 * SPACE - galley.size().x;
    ui.painter().galley(pos2(right, rect.center().y - galley.size().y / 2.0), galley, tokens.text);
    let left = rect.left() + 3.0 * SPACE;
    let mut job = egui::text::LayoutJob::simple_singleline(format!("data: {name}"), FontId::proportional(BODY), tokens.text);
    job.wrap = egui::text::TextWrapping::truncate_at_width((right - left - 2.0 * SPACE).max(0.0));
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, tokens.text);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("Data {shape}, {name}")));
    line.center().y
}

/// The end of the discriminator: one value for each sample. Returns where its column ends.
pub(super) fn logit_ui(ctx: &ViewContext<'_>, ui: &mut Ui, reveal: Option<Place>, flow: &mut Flow) -> f32 {
    let tokens = theme::tokens(ui);
    let one = Shape::vector(1);
    let fits = ctx.project().discriminator.output_shape() == Ok(one);
    let words = if ctx.project().train.loss.has_probability() { "one logit: real or generated?" } else { "one score: how real?" };
    let line = line_ui(ui, &capitalised(words), words, if fits { tokens.quiet } else { tokens.error });
    let id = ui.scope_id().with("logit");
    flow.station(ui, id, line, if fits { Event::Becomes(one) } else { Event::Breaks(Some(one)) }, Some(one));
    let explained = ui.interact(line.with_min_x(line.left() + Density::of(ui.ctx()).column()), id.with("words"), Sense::hover());
    explained.on_hover_text("The discriminator ends in one value for each sample. Above zero it takes the sample for real.");
    place_ui(ctx, ui, Place::Logit, reveal);
    line.center().y
}
