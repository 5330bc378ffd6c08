//! What a card's head shows: the kind, what it is set to, what it makes, what it costs.

use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextWrapping};
use eframe::egui::{Align2, Color32, CornerRadius, FontId, Galley, Pos2, Rect, Response, RichText, Sense, Ui, Vec2, pos2, vec2};

use super::card::{Card, GUTTER};
use super::density::Density;
use super::{brief, flow, health};
use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::layer_icons;
use crate::gui::panels::status::capitalised;
use crate::gui::theme::{self, BODY, SMALL, SPACE, Tokens};
use crate::gui::widgets::format;
use crate::spec::{Fate, LayerShape, Severity};

/// Points of the drawing of the kind, and after it.
const ICON: f32 = 3.5 * SPACE;
const AFTER_ICON: f32 = 1.5 * SPACE;
/// Points of a mark.
const MARK: f32 = 3.0 * SPACE;
/// Points of the bar that says how many of the weights are here.
const BAR: f32 = 2.0;

/// Paints the head of a card into `rect`.
pub(super) fn paint(ctx: &ViewContext<'_>, ui: &Ui, card: &Card<'_>, rect: Rect, response: &Response) {
    let tokens = theme::tokens(ui);
    if response.hovered() || response.dragged() {
        let handle = Rect::from_center_size(pos2(rect.left() + 1.25 * SPACE, rect.center().y), Vec2::splat(3.0 * SPACE));
        Icon::Handle.paint(ui.painter(), handle, tokens.quiet);
    }
    let is_known = matches!(card.shape, LayerShape::Known { .. }) && card.layer.on;
    let face = Face { ctx, ui, card, tokens, rect, colour: if is_known { tokens.text } else { tokens.quiet } };
    let figures = match (card.density, card.has_two_lines()) {
        (Density::Roomy, true) => face.two_lines(),
        (Density::Roomy, false) => face.one_line(card.summary(), true),
        (Density::Compact, _) => face.one_line(brief::parameter(card), false),
    };
    face.bar();
    let figures = ui.interact(figures, ui.scope_id().with("figures"), Sense::hover());
    figures.on_hover_ui(|ui| {
        figures_ui(ui, card);
        if let Some(vitals) = card.vitals(ctx) {
            health::ui(ui, vitals);
        }
    });
}

struct Face<'a> {
    ctx: &'a ViewContext<'a>,
    ui: &'a Ui,
    card: &'a Card<'a>,
    tokens: &'static Tokens,
    rect: Rect,
    /// Of what is written large.
    colour: Color32,
}

impl Face<'_> {
    /// Left of the menu.
    fn right(&self) -> f32 {
        self.rect.right() - if self.card.density == Density::Compact { 3.5 * SPACE } else { 5.0 * SPACE }
    }

    fn left(&self) -> f32 {
        self.rect.left() + GUTTER + ICON + AFTER_ICON
    }

    /// The kind as a drawing and its name, with a mark where there is something to say. Returns where they end.
    fn name(&self, y: f32, until: f32) -> f32 {
        let icon = Rect::from_center_size(pos2(self.rect.left() + GUTTER + ICON / 2.0, y), Vec2::splat(ICON));
        layer_icons::paint(&self.card.layer.layer, self.ui.painter(), icon, self.tokens.quiet);
        let marked = self.finding().is_some();
        let room = until - self.left() - if marked { MARK + 2.0 * SPACE } else { SPACE };
        let name = self.text(pos2(self.left(), y), Align2::LEFT_CENTER, self.card.layer.layer.name(), BODY, self.colour, room);
        if !self.card.layer.on {
            self.ui.painter().hline(name.x_range(), name.center().y, (1.0, self.tokens.quiet));
        }
        if marked { self.finding_mark(pos2(name.right() + SPACE, y)) } else { name.right() }
    }

    /// The worst of what is found here and not written below.
    fn finding(&self) -> Option<Severity> {
        let written = if self.card.density == Density::Compact { None } else { Some(Severity::Warning) };
        let found = self.ctx.findings_at(self.card.place()).map(|finding| finding.severity);
        found.filter(|severity| written.is_none_or(|written| *severity > written)).min()
    }

    /// Returns where it ends.
    fn finding_mark(&self, at: Pos2) -> f32 {
        let Some(worst) = self.finding() else { return at.x };
        let mark = Rect::from_center_size(at + vec2(MARK / 2.0, 0.0), Vec2::splat(MARK));
        let icon = if worst == Severity::Advice { Icon::Advice } else { Icon::Warning };
        icon.paint(self.ui.painter(), mark, self.tokens.severity(worst));
        let findings = self.ctx.findings_at(self.card.place()).map(|finding| capitalised(&finding.what));
        let response = self.ui.interact(mark.expand(2.0), self.ui.scope_id().with("advice"), Sense::hover());
        response.on_hover_text(findings.collect::<Vec<_>>().join("\n"));
        mark.right()
    }

    /// Returns where the figures stand.
    fn two_lines(&self) -> Rect {
        let (upper, lower) = (self.rect.top() + 3.5 * SPACE, self.rect.bottom() - 3.5 * SPACE);
        let shape = self.card.shape_text();
        let width = |text: &str, size| self.layout(text, size, self.colour, f32::INFINITY).size().x;
        // Where the name needs the line for itself the shape stands below it, and the costs under the pointer.
        let mark = if self.finding().is_some() { MARK + SPACE } else { 0.0 };
        let fits = width(self.card.layer.layer.name(), BODY) + mark + width(&shape, SMALL) + 3.0 * SPACE <= self.right() - self.left();
        let shape = self.shape(if fits { upper } else { lower }, &shape);
        self.name(upper, if fits { shape.left() } else { self.right() + SPACE });
        let costs = if fits { self.weights(lower) } else { shape };
        let costs = self.health(self.marks(costs), &self.card.summary(), SMALL);
        let room = costs.left() - self.left() - 2.0 * SPACE;
        if room >= 3.0 * SPACE {
            self.text(pos2(self.left(), lower), Align2::LEFT_CENTER, &self.card.summary(), SMALL, self.tokens.quiet, room);
        }
        shape.union(costs)
    }

    /// Returns where the figures stand.
    fn one_line(&self, parameter: String, spaced: bool) -> Rect {
        let y = self.rect.center().y;
        let shape = self.card.shape_text();
        let width = |text: &str, size| self.layout(text, size, self.colour, f32::INFINITY).size().x;
        // The shape gives way before the name, and the name before the marks.
        let mark = if self.finding().is_some() { MARK + SPACE } else { 0.0 };
        let room = self.right() - self.left() - mark - SPACE;
        let spaced = spaced && width(self.card.layer.layer.name(), BODY) + width(&shape, SMALL) <= room;
        let shape = self.shape(y, &if spaced { shape } else { shape.replace(' ', "") });
        let figures = self.marks(shape);
        let figures = self.fate_mark(figures);
        let figures = self.health(figures, self.card.layer.layer.name(), BODY);
        let end = self.name(y, figures.left());
        let from = end + 2.0 * SPACE;
        let room = figures.left() - from - SPACE;
        let colour = self.parameter_colour();
        let wanted = self.layout(&parameter, SMALL, colour, f32::INFINITY).size().x;
        // Where there is little room an ellipsis would say nothing, and nothing is to be said twice.
        if (room >= wanted || room >= 10.0 * SPACE) && parameter != self.card.shape_text() {
            self.text(pos2(from, y + 0.5), Align2::LEFT_CENTER, &parameter, SMALL, colour, room);
        }
        figures
    }

    fn shape(&self, y: f32, text: &str) -> Rect {
        let colour = if self.card.changes_shape() { self.colour } else { self.tokens.quiet };
        self.text(pos2(self.right(), y), Align2::RIGHT_CENTER, text, SMALL, colour, f32::INFINITY)
    }

    fn weights(&self, y: f32) -> Rect {
        let colour = self.parameter_colour();
        self.text(pos2(self.right(), y), Align2::RIGHT_CENTER, &self.card.weights_text(), SMALL, colour, f32::INFINITY)
    }

    /// What starts afresh stands out.
    fn parameter_colour(&self) -> Color32 {
        if self.card.fate == Some(Fate::StartsAfresh) { self.tokens.accent } else { self.tokens.quiet }
    }

    /// What becomes of the weights, where it is not written. Returns all that stands from there on.
    fn fate_mark(&self, figures: Rect) -> Rect {
        let Some(fate) = self.card.fate.filter(|_| self.card.density == Density::Compact) else { return figures };
        let mark = self.left_of(figures);
        let (icon, colour) = if fate == Fate::Keeps { (Icon::Check, self.tokens.quiet) } else { (Icon::Reset, self.tokens.accent) };
        icon.paint(self.ui.painter(), mark, colour);
        figures.union(mark)
    }

    /// A mark for everything that this layer has most of. Returns all that stands from there on.
    fn marks(&self, figures: Rect) -> Rect {
        let colour = theme::mix(self.tokens.raised, self.tokens.role(self.card.role), 0.8);
        self.card.ledger.marks(self.card.index).fold(figures, |figures, metric| {
            let mark = self.left_of(figures);
            metric.icon().paint(self.ui.painter(), mark, colour);
            figures.union(mark)
        })
    }

    /// How the layer does in the run, where there is room beside `words`; else a mark, if it does badly. Returns all that stands from there on.
    fn health(&self, figures: Rect, words: &str, size: f32) -> Rect {
        let Some(vitals) = self.card.vitals(self.ctx) else { return figures };
        let colour = if vitals.is_in_trouble() { self.tokens.warning } else { self.tokens.quiet };
        let width = |text: &str, size| self.layout(text, size, colour, f32::INFINITY).size().x;
        let room = figures.left() - self.left() - width(words, size) - 4.0 * SPACE;
        let texts = [health::text(vitals), health::brief(vitals)];
        let fitting = texts.iter().find(|text| !text.is_empty() && width(text, SMALL) <= room);
        if let Some(text) = fitting.filter(|_| self.card.density == Density::Roomy) {
            let at = pos2(figures.left() - 2.0 * SPACE, figures.center().y);
            return figures.union(self.text(at, Align2::RIGHT_CENTER, text, SMALL, colour, f32::INFINITY));
        }
        if !vitals.is_in_trouble() {
            return figures;
        }
        let mark = self.left_of(figures);
        Icon::Warning.paint(self.ui.painter(), mark, colour);
        figures.union(mark)
    }

    fn left_of(&self, figures: Rect) -> Rect {
        Rect::from_center_size(pos2(figures.left() - SPACE - MARK / 2.0, figures.center().y), Vec2::splat(MARK))
    }

    /// How many of the network's weights are here: the whole width would be all of them.
    fn bar(&self) {
        let Some(share) = self.card.ledger.share(self.card.index) else { return };
        let left = self.rect.left() + GUTTER;
        let length = share * (self.right() - left);
        if length < 1.0 {
            return;
        }
        let bottom = self.rect.bottom() - if self.card.density == Density::Compact { 0.0 } else { 2.0 };
        let bar = Rect::from_min_max(pos2(left, bottom - BAR), pos2(left + length, bottom));
        let colour = theme::mix(self.tokens.raised, self.tokens.role(self.card.role), 0.5);
        self.ui.painter().rect_filled(bar, CornerRadius::same(1), colour);
    }

    /// Paints a text of at most `room` points, with an ellipsis where it is longer. Returns where it stands.
    fn text(&self, at: Pos2, anchor: Align2, words: &str, size: f32, colour: Color32, room: f32) -> Rect {
        let galley = self.layout(words, size, colour, room);
        let rect = anchor.anchor_size(at, galley.size());
        self.ui.painter().galley(rect.min, galley, colour);
        rect
    }

    fn layout(&self, words: &str, size: f32, colour: Color32, room: f32) -> Arc<Galley> {
        let mut job = LayoutJob::simple_singleline(words.to_owned(), FontId::proportional(size), colour);
        job.wrap = TextWrapping::truncate_at_width(room.max(0.0));
        self.ui.painter().layout_job(job)
    }
}

/// What the figures of a card mean.
fn figures_ui(ui: &mut Ui, card: &Card<'_>) {
    let quiet = theme::tokens(ui).quiet;
    if let Some(shape) = card.shape.output() {
        flow::shape_ui(ui, shape);
        ui.add_space(SPACE);
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    for line in card.ledger.lines(card.index) {
        ui.label(line);
    }
    for metric in card.ledger.marks(card.index) {
        ui.label(RichText::new(card.ledger.mark_text(card.index, metric)).size(SMALL).color(quiet));
    }
    if let Some(fate) = card.fate {
        ui.add_space(SPACE);
        ui.label(RichText::new(fate_text(fate)).size(SMALL).color(quiet));
    }
}

/// What becomes of a layer's weights.
pub(super) const fn fate_text(fate: Fate) -> &'static str {
    match fate {
        Fate::Keeps => "At a restart it goes on with the weights it has learned.",
        Fate::StartsAfresh => "At a restart it starts afresh: the run has no weights of this shape for it.",
    }
}

/// `0.6 M weights`, and what becomes of them where a run exists; shorter where they share a line.
pub(super) fn weights_text(parameters: u64, fate: Option<Fate>, short: bool) -> String {
    let count = format::short_count(parameters);
    match (fate, short) {
        (None, _) => format!("{count} weights"),
        (Some(Fate::Keeps), true) => format!("{count} kept"),
        (Some(Fate::Keeps), false) => format!("{count} weights kept"),
        (Some(Fate::StartsAfresh), true) => format!("{count} new"),
        (Some(Fate::StartsAfresh), false) => format!("{count} new weights"),
    }
}
