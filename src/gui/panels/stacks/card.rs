//! One layer as a card.

use eframe::egui::epaint::RectShape;
use eframe::egui::{
    self, Align, Color32, CornerRadius, Rect, Response, Sense, Shape as Paint, Stroke, StrokeKind, Ui, UiBuilder, Vec2, pos2, vec2,
};

use super::costs::Ledger;
use super::density::Density;
use super::flow::{Event, Flow};
use super::{Focus, StackPanel, drag, face, fields, health};
use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::panels::findings::{self, Detail};
use crate::gui::panels::status::capitalised;
use crate::gui::theme::{self, SPACE};
use crate::gui::widgets::button::menu;
use crate::gui::widgets::format;
use crate::measure::doctor::LayerVitals;
use crate::spec::{Edit, Family, Fate, Layer, LayerShape, Place, Role, Severity, StackLayer};

/// Points left of the name: the handle and the switch.
pub(super) const GUTTER: f32 = 6.0 * SPACE;

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
    /// What it and the others of its stack cost.
    pub ledger: &'a Ledger,
    /// What a restart would do with its weights, where there is a run that it would change.
    pub fate: Option<Fate>,
    /// How much room it has.
    pub density: Density,
}

impl Card<'_> {
    /// `Generator layer 2: ConvTranspose2d`
    fn name(&self) -> String {
        let role = capitalised(self.role.name());
        format!("{role} layer {}: {}", self.index + 1, self.layer.layer.name())
    }

    pub(super) fn place(&self) -> Place {
        Place::Layer(self.role, self.layer.id)
    }

    /// Has it room for what its weights cost?
    pub(super) fn has_two_lines(&self) -> bool {
        self.density == Density::Roomy && self.layer.layer.family() == Family::Weighted
    }

    fn height(&self) -> f32 {
        let (low, high) = self.density.heights();
        if self.has_two_lines() { high } else { low }
    }

    fn parameters(&self) -> u64 {
        self.ledger.cost(self.index).parameters
    }

    /// How many weights it has, and what becomes of them.
    pub(super) fn weights_text(&self) -> String {
        face::weights_text(self.parameters(), self.fate, !self.has_two_lines())
    }

    /// What it is set to, in a few characters.
    pub(super) fn summary(&self) -> String {
        let weights = || self.weights_text();
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
        let fate = self.fate.map(|fate| format!("; {}", face::fate_text(fate))).unwrap_or_default();
        let most: String = self.ledger.marks(self.index).map(|metric| format!("; {}", self.ledger.mark_text(self.index, metric))).collect();
        let health = self.vitals(ctx).map(|vitals| format!("; in the run: {}", health::text(vitals))).unwrap_or_default();
        format!("{state}{}; {made}; {} weights{most}{fate}{found}{health}", self.summary(), format::grouped(self.parameters()))
    }

    /// How the layer did in the run when its signs were taken last.
    pub(super) fn vitals<'c>(&self, ctx: &ViewContext<'c>) -> Option<&'c LayerVitals> {
        ctx.run.vitals.last().and_then(|vitals| vitals.layer(self.role, self.layer.id)).filter(|_| self.layer.on)
    }

    pub(super) fn shape_text(&self) -> String {
        self.shape.output().map_or_else(|| "–".to_owned(), |shape| shape.to_string())
    }

    /// Does it make another shape of its input?
    pub(super) fn changes_shape(&self) -> bool {
        matches!(self.shape, LayerShape::Known { input, output } if input != output)
    }
}

impl StackPanel {
    /// Draws a card and says what its keys, its menu and its fields ask for.
    pub(super) fn card_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui, card: &Card<'_>, flow: &mut Flow) {
        let spot = (card.role, card.layer.id);
        // Names of its own make the card keep the keyboard wherever it goes.
        ui.scope_builder(UiBuilder::new().scope_id(egui::Id::unique(("card", spot))), |ui| {
            let ground = ui.painter().add(Paint::Noop);
            let (row, response) = ui.allocate_exact_size(vec2(ui.available_width(), card.height()), Sense::click_and_drag());
            flow.station(ui, response.id, row, Event::of(card.shape), card.shape.output());
            let rect = row.with_min_x(row.left() + card.density.column());
            self.take_focus(ctx, ui, card, &response);
            let is_selected = self.selection.contains(spot);
            let is_open = self.open.contains(&spot);
            let name = card.name();
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
            ui.ctx().accesskit_node_builder(response.id, |node| {
                node.set_description(card.description(ctx));
                node.set_selected(is_selected);
                node.set_expanded(is_open);
            });
            face::paint(ctx, ui, card, rect, &response);
            self.switch_ui(ctx, ui, card, rect);
            self.menu_ui(ctx, ui, card, rect, &response);
            let bottom = self.body_ui(ctx, ui, card, rect);
            let whole = rect.with_max_y(bottom);
            self.note_field(ui, spot, response.id, row.with_max_y(bottom));
            // Lines of a table have no ground of their own.
            let is_bare = card.density == Density::Compact && !is_open;
            ui.painter().set(ground, paint_ground(ui, whole, &response, is_selected, is_bare));
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
        let centre = pos2(rect.left() + 3.5 * SPACE, rect.center().y);
        let switch = Rect::from_center_size(centre, Vec2::splat(4.5 * SPACE));
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
        let from_right = if card.density == Density::Compact { 2.0 } else { 2.5 };
        let button = Rect::from_center_size(pos2(rect.right() - from_right * SPACE, rect.center().y), Vec2::splat(4.5 * SPACE));
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
        let is_low = card.density == Density::Compact;
        if !is_open && (is_low || !ctx.findings_at(card.place()).any(|finding| finding.severity <= least)) {
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

fn paint_ground(ui: &Ui, rect: Rect, response: &Response, selected: bool, is_bare: bool) -> Paint {
    let tokens = theme::tokens(ui);
    let plain = match (response.hovered(), is_bare) {
        (true, _) => tokens.hovered,
        (false, true) => Color32::TRANSPARENT,
        (false, false) => tokens.raised,
    };
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
