//! One layer as a card.

use std::sync::Arc;

use eframe::egui::epaint::RectShape;
use eframe::egui::{
    self, Align, Align2, Color32, CornerRadius, FontId, Galley, Pos2, Rect, Response, Sense, Shape as Paint, Stroke, StrokeKind, Ui,
    UiBuilder, Vec2, pos2, vec2,
};

use super::{Focus, StackPanel, drag, fields};
use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::layer_icons;
use crate::gui::panels::findings::{self, Detail};
use crate::gui::panels::status::capitalised;
use crate::gui::theme::{self, BODY, SMALL, SPACE};
use crate::gui::widgets::button::menu;
use crate::gui::widgets::format;
use crate::spec::{Cost, Edit, Family, Layer, LayerShape, Place, Role, Severity, StackLayer};

/// Points of a card with one line of text.
const LOW: f32 = 7.0 * SPACE;
/// Points of a card with two: one whose layer has weights.
const HIGH: f32 = 11.0 * SPACE;
/// Points left of the name: the handle and the switch.
pub(super) const GUTTER: f32 = 9.0 * SPACE;
/// Points of the drawing of the kind, and after it.
const ICON: f32 = 3.5 * SPACE;
const AFTER_ICON: f32 = 1.5 * SPACE;
/// Points right of the shape: the menu.
const MENU: f32 = 6.0 * SPACE;

/// What a card shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Card<'a> {
    /// Of which stack.
    pub role: Role,
    /// Its place in the stack.
    pub index: usize,
    /// The layer.
    pub layer: &'a StackLayer,
    /// What it makes of its input.
    pub shape: &'a LayerShape,
    /// What it costs.
    pub cost: Cost,
}

impl Card<'_> {
    /// `Generator layer 2: ConvTranspose2d`
    fn name(&self) -> String {
        let role = capitalised(self.role.name());
        format!("{role} layer {}: {}", self.index + 1, self.layer.layer.name())
    }

    fn place(&self) -> Place {
        Place::Layer(self.role, self.layer.id)
    }

    fn height(&self) -> f32 {
        if self.layer.layer.family() == Family::Weighted { HIGH } else { LOW }
    }

    /// What it is set to, in a few characters.
    fn summary(&self) -> String {
        let weights = || format!("{} weights", format::short_count(self.cost.parameters));
        match (&self.layer.layer, self.shape) {
            (Layer::Dense { units, .. }, LayerShape::Known { input, .. }) => format!("{input} → {units}"),
            // Nothing of it is worth saying but what it costs.
            (Layer::BatchNorm { .. } | Layer::LayerNorm { .. } | Layer::InstanceNorm { affine: true, .. }, LayerShape::Known { .. })
                if self.layer.on =>
            {
                weights()
            }
            (layer, _) => layer.summary(),
        }
    }

    /// All that the card shows, for those who do not see it.
    fn description(&self, ctx: &ViewContext<'_>) -> String {
        let state = if self.layer.on { "" } else { "off; " };
        let made = match self.shape {
            LayerShape::Known { output, .. } => format!("makes {output}"),
            LayerShape::Fault { error, .. } => error.to_string(),
            LayerShape::Unknown => "its input is unknown".to_owned(),
        };
        let found = ctx.findings_at(self.place()).filter(|finding| finding.severity > Severity::Error);
        let found: String = found.map(|finding| format!("; {}: {}", finding.severity.name(), finding.what)).collect();
        format!("{state}{}; {made}; {} weights{found}", self.summary(), format::grouped(self.cost.parameters))
    }

    fn shape_text(&self) -> String {
        self.shape.output().map_or_else(|| "–".to_owned(), |shape| shape.to_string())
    }

    /// Does it make another shape of its input?
    fn changes_shape(&self) -> bool {
        matches!(self.shape, LayerShape::Known { input, output } if input != output)
    }
}

impl StackPanel {
    /// Draws a card and says what its keys, its menu and its fields ask for.
    pub(super) fn card_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui, card: &Card<'_>) {
        let spot = (card.role, card.layer.id);
        // Names of its own make the card keep the keyboard wherever it goes.
        ui.scope_builder(UiBuilder::new().scope_id(egui::Id::unique(("card", spot))), |ui| {
            let ground = ui.painter().add(Paint::Noop);
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), card.height()), Sense::click_and_drag());
            self.take_focus(ctx, ui, card, &response);
            let is_selected = self.selection.contains(spot);
            let name = card.name();
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
            ui.ctx().accesskit_node_builder(response.id, |node| {
                node.set_description(card.description(ctx));
                node.set_selected(is_selected);
                node.set_expanded(self.open.contains(&spot));
            });
            paint_texts(ctx, ui, card, rect, &response);
            self.switch_ui(ctx, ui, card, rect);
            self.menu_ui(ctx, ui, card, rect, &response);
            let bottom = self.body_ui(ctx, ui, card, rect);
            let whole = rect.with_max_y(bottom);
            self.note_field(ui, spot, response.id, whole);
            ui.painter().set(ground, paint_ground(ui, whole, &response, is_selected));
            if drag::is_dragged(ui, spot) {
                ui.painter().rect_filled(whole, CornerRadius::same(theme::CORNER), theme::tokens(ui).panel.gamma_multiply(0.6));
            }
        });
    }

    /// Takes the keyboard where it is to, and selects what is pressed: alone, or with Shift or Ctrl beside what is selected.
    fn take_focus(&mut self, ctx: &ViewContext<'_>, ui: &Ui, card: &Card<'_>, response: &Response) {
        let spot = (card.role, card.layer.id);
        let is_next = self.next == Some(spot);
        if is_next || self.sight == Some(spot) {
            response.scroll_to_me((self.reveal == Some(card.place())).then_some(Align::Center));
            (self.next, self.sight) = (self.next.filter(|_| !is_next), None);
        }
        if is_next || response.clicked() || response.secondary_clicked() {
            response.request_focus();
        }
        let modifiers = ui.input(|input| input.modifiers);
        if response.clicked() && modifiers.shift {
            self.selection.extend(ctx.project(), spot, modifiers.command);
        } else if response.clicked() && modifiers.command {
            self.selection.toggle(spot);
        } else if response.clicked() {
            self.selection.only(spot);
            if !self.open.remove(&spot) {
                self.open.insert(spot);
            }
        } else if response.secondary_clicked() || response.gained_focus() && !is_next {
            self.selection.reach(spot);
        }
        if response.drag_started() {
            self.begin_drag(response, spot);
        }
        if response.has_focus() {
            self.focus = Some(Focus { id: response.id, rect: response.rect });
            // While its menu is open, the arrow keys go into that.
            let arrows = !egui::Popup::is_any_open(ui.ctx());
            let filter = egui::EventFilter { vertical_arrows: arrows, horizontal_arrows: arrows, escape: true, ..Default::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        }
    }

    /// The dot that switches the layer on and off.
    fn switch_ui(&self, ctx: &ViewContext<'_>, ui: &mut Ui, card: &Card<'_>, rect: Rect) {
        let centre = pos2(rect.left() + 6.0 * SPACE, rect.center().y);
        let switch = Rect::from_center_size(centre, Vec2::splat(5.0 * SPACE));
        let response = ui.interact(switch, ui.scope_id().with("switch"), Sense::click());
        let tokens = theme::tokens(ui);
        let on = card.layer.on;
        let colour = if matches!(card.shape, LayerShape::Fault { .. }) { tokens.error } else { tokens.role(card.role) };
        let radius = if response.hovered() || response.has_focus() { 5.0 } else { 4.0 };
        if on && card.layer.layer.has_weights() {
            ui.painter().circle_filled(centre, radius, colour);
        } else if on {
            ui.painter().circle(centre, radius - 1.0, theme::mix(tokens.raised, colour, 0.45), Stroke::NONE);
        } else {
            ui.painter().circle_stroke(centre, radius - 0.5, Stroke::new(1.2, tokens.quiet));
        }
        if response.has_focus() {
            ui.painter().circle_stroke(centre, 8.0, Stroke::new(1.5, tokens.accent));
        }
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Switch, true, on, format!("Layer {} on", card.name())));
        let help = if on { "Switches the layer off: it stays here and does nothing." } else { "Switches the layer on." };
        if response.on_hover_text(help).clicked() {
            ctx.edit(Edit::Switch { role: card.role, id: card.layer.id, on: !on });
        }
    }

    fn menu_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui, card: &Card<'_>, rect: Rect, response: &Response) {
        let button = Rect::from_center_size(pos2(rect.right() - 3.0 * SPACE, rect.center().y), Vec2::splat(5.0 * SPACE));
        let more = ui.interact(button, ui.scope_id().with("menu"), Sense::click());
        let tokens = theme::tokens(ui);
        let strong = response.hovered() || more.hovered() || more.has_focus() || response.has_focus();
        if more.hovered() || more.has_focus() {
            let stroke = if more.has_focus() { Stroke::new(1.5, tokens.accent) } else { Stroke::NONE };
            ui.painter().rect(button, 4.0, tokens.hairline, stroke, StrokeKind::Inside);
        }
        let colour = if strong { tokens.text } else { theme::mix(tokens.raised, tokens.quiet, 0.4) };
        Icon::More.paint(ui.painter(), Rect::from_center_size(button.center(), Vec2::splat(14.0)), colour);
        more.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Menu of {}", card.name())));
        if more.clicked() {
            self.selection.reach((card.role, card.layer.id));
        }
        menu(&more, |ui| self.menu_items(ctx, ui));
        let _ = egui::Popup::context_menu(response).style(theme::menu_style).show(|ui| self.menu_items(ctx, ui));
    }

    /// What is below the head: what is wrong, and the parameters and advice where the card is open. Returns its lower end.
    fn body_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui, card: &Card<'_>, head: Rect) -> f32 {
        let is_open = self.open.contains(&(card.role, card.layer.id));
        let (least, detail) = if is_open { (Severity::Advice, Detail::Full) } else { (Severity::Warning, Detail::Short) };
        if !is_open && !ctx.findings_at(card.place()).any(|finding| finding.severity <= least) {
            return head.bottom();
        }
        let room = Rect::from_min_max(pos2(head.left() + 2.0 * SPACE, head.bottom()), pos2(head.right() - 2.0 * SPACE, f32::INFINITY));
        let mut body = ui.new_child(UiBuilder::new().max_rect(room).layout(egui::Layout::top_down(Align::Min)));
        findings::at_ui(ctx, &mut body, card.place(), least, detail);
        if is_open {
            theme::on_card(&mut body);
            fields::ui(ctx, &mut body, card.role, card.layer);
        }
        let bottom = body.min_rect().bottom().max(head.bottom()) + 2.0 * SPACE;
        ui.advance_cursor_after_rect(Rect::from_min_max(head.left_bottom(), pos2(head.right(), bottom)));
        bottom
    }
}

fn paint_ground(ui: &Ui, rect: Rect, response: &Response, selected: bool) -> Paint {
    let tokens = theme::tokens(ui);
    let plain = if response.hovered() { tokens.hovered } else { tokens.raised };
    let fill = if selected { tokens.selected_card() } else { plain };
    // The keyboard is at one card, also where several are selected.
    let stroke = if response.has_focus() {
        Stroke::new(2.0, tokens.accent)
    } else if selected {
        Stroke::new(1.0, tokens.accent)
    } else {
        Stroke::NONE
    };
    RectShape::new(rect, CornerRadius::same(theme::CORNER), fill, stroke, StrokeKind::Inside).into()
}

fn paint_texts(ctx: &ViewContext<'_>, ui: &Ui, card: &Card<'_>, rect: Rect, response: &Response) {
    let tokens = theme::tokens(ui);
    let is_known = matches!(card.shape, LayerShape::Known { .. }) && card.layer.on;
    let colour = if is_known { tokens.text } else { tokens.quiet };
    if response.hovered() || response.dragged() {
        Icon::Handle.paint(
            ui.painter(),
            Rect::from_center_size(pos2(rect.left() + 2.0 * SPACE, rect.center().y), Vec2::splat(14.0)),
            tokens.quiet,
        );
    }
    let two_lines = card.height() == HIGH;
    let upper = if two_lines { rect.top() + 3.5 * SPACE } else { rect.center().y };
    let right = rect.right() - MENU;
    let shape_colour = if card.changes_shape() { colour } else { tokens.quiet };
    let shape = text(ui, pos2(right, upper), Align2::RIGHT_CENTER, &card.shape_text(), SMALL, shape_colour, f32::INFINITY);
    let icon = Rect::from_center_size(pos2(rect.left() + GUTTER + ICON / 2.0, upper), Vec2::splat(ICON));
    layer_icons::paint(&card.layer.layer, ui.painter(), icon, tokens.quiet);
    let left = icon.right() + AFTER_ICON;
    let mark = if ctx.findings_at(card.place()).any(|finding| finding.severity == Severity::Advice) { 5.0 * SPACE } else { 0.0 };
    let room = shape.left() - left - SPACE - mark;
    let name = text(ui, pos2(left, upper), Align2::LEFT_CENTER, card.layer.layer.name(), BODY, colour, room);
    if !card.layer.on {
        ui.painter().hline(name.x_range(), name.center().y, (1.0, tokens.quiet));
    }
    let name = advice_mark(ctx, ui, card, name);
    let summary = card.summary();
    let lower = rect.bottom() - 3.5 * SPACE;
    if two_lines {
        let cost = format!("{} weights", format::short_count(card.cost.parameters));
        let cost = text(ui, pos2(right, lower), Align2::RIGHT_CENTER, &cost, SMALL, tokens.quiet, f32::INFINITY);
        text(ui, pos2(left, lower), Align2::LEFT_CENTER, &summary, SMALL, tokens.quiet, cost.left() - left - 2.0 * SPACE);
    } else if !summary.is_empty() {
        let from = name.right() + 2.0 * SPACE;
        let room = shape.left() - from - SPACE;
        // Where there is no room an ellipsis alone would run into the shape.
        if room >= 3.0 * SPACE {
            text(ui, pos2(from, upper + 0.5), Align2::LEFT_CENTER, &summary, SMALL, tokens.quiet, room);
        }
    }
}

/// A mark behind the name of a layer that there is advice on, which the open card shows. Returns where both stand.
fn advice_mark(ctx: &ViewContext<'_>, ui: &Ui, card: &Card<'_>, name: Rect) -> Rect {
    let mut advice = ctx.findings_at(card.place()).filter(|finding| finding.severity == Severity::Advice);
    let Some(first) = advice.next() else { return name };
    let mark = Rect::from_center_size(pos2(name.right() + 3.0 * SPACE, name.center().y), Vec2::splat(3.0 * SPACE));
    let colour = theme::tokens(ui).severity(first.severity);
    Icon::Advice.paint(ui.painter(), mark, colour);
    let response = ui.interact(mark, ui.scope_id().with("advice"), Sense::hover());
    response.on_hover_text(std::iter::once(first).chain(advice).map(|finding| capitalised(&finding.what)).collect::<Vec<_>>().join("\n"));
    name.union(mark)
}

/// Paints a text of at most `room` points, with an ellipsis where it is longer. Returns where it stands.
fn text(ui: &Ui, at: Pos2, anchor: Align2, words: &str, size: f32, colour: Color32, room: f32) -> Rect {
    let mut job = egui::text::LayoutJob::simple_singleline(words.to_owned(), FontId::proportional(size), colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room.max(0.0));
    let galley: Arc<Galley> = ui.painter().layout_job(job);
    let rect = anchor.anchor_size(at, galley.size());
    ui.painter().galley(rect.min, galley, colour);
    rect
}
