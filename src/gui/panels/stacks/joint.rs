//! Where the networks meet the data, and where the discriminator ends.

use eframe::egui::{self, Align2, FontId, Rect, RichText, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::panels::findings::{self, Detail};
use crate::gui::theme::{self, BODY, SMALL, SPACE};
use crate::spec::{LayerShape, Place, Role, Severity, Shape, Source};

/// The line of the joints, right of the panel's edge: under the switches of the cards.
const X: f32 = 6.0 * SPACE;

/// What the generator makes, what the data is, what the discriminator reads.
pub(super) fn data_ui(ctx: &ViewContext<'_>, ui: &mut Ui, reveal: Option<Place>) {
    let project = ctx.project();
    let shape = project.data.shape();
    ui.spacing_mut().item_spacing.y = 0.0;
    let made = project.generator.output_shape().ok();
    // Where a layer does not fit, what comes after it may be known all the same.
    let promised = project.generator.shapes().last().and_then(LayerShape::output);
    let words = match (made, promised) {
        (Some(made), _) => format!("makes {made}"),
        (None, Some(promised)) => format!("would make {promised}"),
        (None, None) => "makes nothing yet".to_owned(),
    };
    half_ui(ui, Role::Generator, &words, made == Some(shape), !has_fault(ctx, Place::GeneratorToData));
    place_ui(ctx, ui, Place::GeneratorToData, reveal);
    data_node_ui(ctx, ui, shape);
    let read = project.discriminator.input;
    half_ui(ui, Role::Discriminator, &format!("reads {read}"), read == shape, false);
    place_ui(ctx, ui, Place::DataToDiscriminator, reveal);
    ui.spacing_mut().item_spacing.y = SPACE;
}

fn has_fault(ctx: &ViewContext<'_>, place: Place) -> bool {
    ctx.faults.iter().any(|fault| fault.place == place)
}

/// What there is to say about `place`.
fn place_ui(ctx: &ViewContext<'_>, ui: &mut Ui, place: Place, reveal: Option<Place>) {
    if reveal == Some(place) {
        ui.scroll_to_cursor(Some(egui::Align::Center));
    }
    if ctx.findings_at(place).next().is_some() {
        ui.add_space(SPACE);
        findings::at_ui(ctx, ui, place, Severity::Advice, Detail::Short);
        ui.add_space(SPACE);
    }
}

/// One side of the joint: a line in the network's colour to the data, broken where they do not fit.
fn half_ui(ui: &mut Ui, role: Role, words: &str, fits: bool, waits: bool) {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0 * SPACE), Sense::hover());
    let colour = if fits {
        tokens.role(role)
    } else if waits {
        tokens.quiet
    } else {
        tokens.error
    };
    let x = rect.left() + X;
    let painter = ui.painter();
    if fits {
        painter.vline(x, rect.y_range(), Stroke::new(1.5, colour));
        // The arrow points at the data from the generator, and at the discriminator from the data.
        let tip = rect.bottom() - if role == Role::Generator { 0.0 } else { SPACE };
        painter.line(vec![pos2(x - 4.0, tip - 5.0), pos2(x, tip), pos2(x + 4.0, tip - 5.0)], Stroke::new(1.5, colour));
    } else {
        let gap = 5.0;
        painter.vline(x, rect.top()..=rect.center().y - gap, Stroke::new(1.5, colour));
        painter.vline(x, rect.center().y + gap..=rect.bottom(), Stroke::new(1.5, colour));
        Icon::Close.paint(painter, Rect::from_center_size(pos2(x, rect.center().y), vec2(10.0, 10.0)), colour);
    }
    painter.text(
        pos2(rect.left() + 9.0 * SPACE, rect.center().y),
        Align2::LEFT_CENTER,
        words,
        FontId::proportional(SMALL),
        if fits { tokens.quiet } else { colour },
    );
    let name = format!("{} {words}", super::super::status::capitalised(role.name()));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
}

/// The data: its shape and its name.
fn data_node_ui(ctx: &ViewContext<'_>, ui: &mut Ui, shape: Shape) {
    let tokens = theme::tokens(ui);
    let name = match &ctx.project().data.source {
        Source::Builtin(builtin) => builtin.name().to_owned(),
        Source::Path(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
    };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LOW), Sense::hover());
    let fill = theme::mix(tokens.panel, tokens.real, 0.12);
    ui.painter().rect(rect, LOW / 2.0, fill, Stroke::new(1.0, theme::mix(tokens.panel, tokens.real, 0.5)), StrokeKind::Inside);
    ui.painter().circle_filled(pos2(rect.left() + X, rect.center().y), 4.0, tokens.real);
    let galley = ui.painter().layout_no_wrap(shape.to_string(), FontId::proportional(SMALL), tokens.text);
    let right = rect.right() - 4.0 * SPACE - galley.size().x;
    ui.painter().galley(pos2(right, rect.center().y - galley.size().y / 2.0), galley, tokens.text);
    let mut job = egui::text::LayoutJob::simple_singleline(format!("data: {name}"), FontId::proportional(BODY), tokens.text);
    job.wrap = egui::text::TextWrapping::truncate_at_width(right - rect.left() - 11.0 * SPACE);
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(pos2(rect.left() + 9.0 * SPACE, rect.center().y - galley.size().y / 2.0), galley, tokens.text);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("Data {shape}, {name}")));
}

const LOW: f32 = 7.0 * SPACE;

/// The end of the discriminator: one value for each sample.
pub(super) fn logit_ui(ctx: &ViewContext<'_>, ui: &mut Ui, reveal: Option<Place>) {
    let tokens = theme::tokens(ui);
    let ends = ctx.project().discriminator.output_shape().ok();
    let fits = ends == Some(Shape::vector(1));
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(X + 2.0 * SPACE, 5.0 * SPACE), Sense::hover());
        let colour = if fits { tokens.discriminator } else { tokens.error };
        let tip = pos2(rect.left() + X, rect.bottom() - SPACE);
        ui.painter().vline(tip.x, rect.top()..=tip.y, Stroke::new(1.5, colour));
        ui.painter().line(vec![tip - vec2(4.0, 5.0), tip, tip - vec2(-4.0, 5.0)], Stroke::new(1.5, colour));
        let words = if ctx.project().train.loss.has_probability() { "one logit: real or generated?" } else { "one score: how real?" };
        let label = ui.label(RichText::new(words).size(SMALL).color(if fits { tokens.quiet } else { tokens.error }));
        label.on_hover_text("The discriminator ends in one value for each sample. Above zero it takes the sample for real.");
    });
    place_ui(ctx, ui, Place::Logit, reveal);
}
