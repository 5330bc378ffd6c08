//! What was read of a text: the networks, layer by layer with their lines, and what is to be said about the rest.

use std::collections::BTreeMap;

use eframe::egui::{self, Align, Frame, Label, Layout, Margin, RichText, Sense, Ui, UiBuilder, vec2};

use super::listing::Mark;
use crate::code::{CodeError, Import, Place, Remark};
use crate::gui::panels::status::capitalised;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::{format, rows};
use crate::spec::{Cost, Layer, LayerShape, Role, Severity, StackLayer};

/// The lines that something is said about; the gravest where there is more than one thing.
pub(super) fn marks(import: &Import) -> BTreeMap<usize, Mark> {
    let layers = import.origins.iter().map(|origin| (origin.place.line, Mark::Layer));
    let remarks = import.remarks.iter().map(|remark| (remark.place.line, Mark::Remark));
    let gaps = import.gaps().into_iter().map(|gap| (gap.place.line, Mark::Gap));
    let mut marks = BTreeMap::new();
    for (line, mark) in layers.chain(remarks).chain(gaps) {
        let known = marks.entry(line).or_insert(mark);
        *known = mark.max(*known);
    }
    marks
}

/// What can be pasted, as long as nothing is.
pub(super) fn nothing_ui(ui: &mut Ui) {
    for sentence in [
        "Paste the code of a GAN: here you see at once which networks it holds, layer by layer.",
        "It is read, not run. Names, loops, functions, classes and the arithmetic of sizes are followed.",
        "What cannot be read is marked with its line and the reason; nothing is left out in silence.",
    ] {
        ui.add(Label::new(RichText::new(sentence).color(theme::tokens(ui).quiet)).wrap());
        ui.add_space(2.0 * SPACE);
    }
    if ui.button("Paste").on_hover_text("Puts in what is on the clipboard.").clicked() {
        ui.ctx().send_viewport_cmd(egui::ViewportCommand::RequestPaste);
    }
}

/// Why there is nothing to use.
pub(super) fn error_ui(ui: &mut Ui, error: &CodeError) {
    let tokens = theme::tokens(ui);
    let text = capitalised(&error.to_string());
    ui.add(Label::new(RichText::new(format!("{text}.")).color(tokens.error)).wrap());
}

/// Everything that was read. Returns the line that was pressed.
pub(super) fn import_ui(ui: &mut Ui, import: &Import) -> Option<usize> {
    let tokens = theme::tokens(ui);
    let mut pressed = None;
    ui.spacing_mut().item_spacing.y = 2.0;
    ui.label(RichText::new(format!("Written for {}", import.framework.name())).size(SMALL).color(tokens.quiet));
    for role in Role::BOTH {
        ui.add_space(2.0 * SPACE);
        let network = network_ui(ui, import, role);
        pressed = pressed.or(network);
    }
    let train = &import.project.train;
    ui.add_space(2.0 * SPACE);
    head_ui(ui, "TRAINING", tokens.quiet);
    let settings = format!("{}, batches of {}", train.loss.name(), format::grouped(train.batch_size as u64));
    rows::note(ui, &settings);
    if !import.remarks.is_empty() {
        ui.add_space(3.0 * SPACE);
        head_ui(ui, "TO KNOW", tokens.quiet);
        for remark in &import.remarks {
            pressed = remark_ui(ui, remark, Mark::Remark).or(pressed);
        }
    }
    pressed
}

fn head_ui(ui: &mut Ui, text: &str, colour: egui::Color32) {
    ui.label(RichText::new(text).size(SMALL).extra_letter_spacing(1.0).color(colour));
}

fn network_ui(ui: &mut Ui, import: &Import, role: Role) -> Option<usize> {
    let tokens = theme::tokens(ui);
    let stack = import.project.stack(role);
    let parameters = stack.costs().iter().copied().sum::<Cost>().parameters;
    ui.horizontal(|ui| {
        head_ui(ui, &role.name().to_uppercase(), tokens.role(role));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            rows::note(ui, &format!("{} weights", format::short_count(parameters)));
        });
    });
    let mut pressed = None;
    line_ui(ui, None, "input", &stack.input.to_string(), tokens.quiet, None);
    for (layer, shape) in stack.layers.iter().zip(stack.shapes()) {
        pressed = layer_ui(ui, layer, &shape, import.place(role, layer.id)).or(pressed);
    }
    pressed
}

fn layer_ui(ui: &mut Ui, layer: &StackLayer, shape: &LayerShape, place: Option<Place>) -> Option<usize> {
    let tokens = theme::tokens(ui);
    if let Layer::Gap { source, reason, .. } = &layer.layer {
        let remark = Remark { place: place.unwrap_or(Place { cell: None, line: 0 }), what: source.clone(), why: reason.clone() };
        return remark_ui(ui, &remark, Mark::Gap);
    }
    let text = format!("{} {}", layer.layer.name(), layer.layer.summary());
    let (made, colour, help) = match shape {
        LayerShape::Known { output, .. } => (output.to_string(), tokens.text, None),
        LayerShape::Fault { error, .. } => ("does not fit".to_owned(), tokens.error, Some(capitalised(&error.to_string()))),
        LayerShape::Unknown => ("–".to_owned(), tokens.quiet, None),
    };
    line_ui(ui, place.map(|place| place.line), text.trim(), &made, colour, help)
}

/// Number of the line, text, and something at the far end, with what the pointer is told. Returns the line if it was pressed.
fn line_ui(ui: &mut Ui, line: Option<usize>, text: &str, end: &str, colour: egui::Color32, help: Option<String>) -> Option<usize> {
    let tokens = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 5.0 * SPACE), Sense::hover());
    let response = ui.interact(rect, ui.next_auto_id(), if line.is_some() { Sense::click() } else { Sense::hover() });
    ui.skip_ahead_auto_ids(1);
    if response.hovered() && line.is_some() {
        ui.painter().rect_filled(rect, theme::CORNER / 2, tokens.hovered);
    }
    let mut left = ui.new_child(UiBuilder::new().max_rect(rect.shrink2(vec2(SPACE, 0.0))).layout(Layout::left_to_right(Align::Center)));
    left.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.label(RichText::new(end).size(SMALL).color(colour));
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let number = line.filter(|&line| line > 0).map_or_else(String::new, |line| line.to_string());
            let (place, _) = ui.allocate_exact_size(vec2(7.0 * SPACE, 4.0 * SPACE), Sense::hover());
            let font = egui::FontId::monospace(SMALL);
            ui.painter().text(place.right_center(), egui::Align2::RIGHT_CENTER, number, font, tokens.quiet);
            ui.add(Label::new(RichText::new(text).size(SMALL).color(tokens.text)).truncate());
        });
    });
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{text}, {end}")));
    let response = if let Some(help) = help { response.on_hover_text(help) } else { response };
    line.filter(|_| response.clicked())
}

/// A remark or a gap on its own ground. Returns its line if it was pressed.
fn remark_ui(ui: &mut Ui, remark: &Remark, mark: Mark) -> Option<usize> {
    let tokens = theme::tokens(ui);
    let (fill, colour) = if mark == Mark::Gap { (tokens.finding(Severity::Error), tokens.error) } else { (tokens.raised, tokens.text) };
    let frame = Frame::new().fill(fill).corner_radius(theme::CORNER).inner_margin(Margin::symmetric(8, 4));
    let shown = frame.show(ui, |ui| {
        ui.take_available_width();
        ui.spacing_mut().item_spacing.y = 2.0;
        let what = format!("{}: {}", remark.place, remark.what);
        ui.add(Label::new(RichText::new(what).size(SMALL).monospace().color(colour)).truncate());
        ui.add(Label::new(RichText::new(&remark.why).size(SMALL).color(tokens.quiet)).wrap());
    });
    ui.add_space(SPACE);
    let response = shown.response.interact(Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, remark.to_string()));
    (response.clicked() && remark.place.line > 0).then_some(remark.place.line)
}
