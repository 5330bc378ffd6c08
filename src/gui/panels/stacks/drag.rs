//! Cards dragged to another place.

use eframe::egui::{self, Area, DragAndDrop, Frame, Id, Label, Order, Rangef, Rect, Response, Ui, vec2};

use super::StackPanel;
use crate::gui::context::ViewContext;
use crate::gui::theme::{self, SPACE};
use crate::spec::{Group, Role, Spot};

/// The layers being dragged.
#[derive(Clone, Debug)]
pub(super) struct Dragged(Vec<Spot>);

/// A place where a layer can be put.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// In which stack.
    pub role: Role,
    /// Before which layer.
    pub index: usize,
    /// Where it is on the screen.
    pub y: f32,
    /// How far it reaches.
    pub x: Rangef,
}

impl StackPanel {
    /// Begins to drag the card, and with it all that are selected if it is one of them.
    pub(super) fn begin_drag(&mut self, response: &Response, spot: Spot) {
        self.selection.reach(spot);
        response.dnd_set_drag_payload(Dragged(self.selection.spots().collect()));
    }

    /// Shows where the dragged cards would go, and puts them there when they are let go.
    pub(super) fn drag_ui(&mut self, ctx: &ViewContext<'_>, ui: &Ui, panel: Rect) {
        let (Some(dragged), Some(pointer)) = (DragAndDrop::payload::<Dragged>(ui.ctx()), ui.ctx().pointer_latest_pos()) else { return };
        scroll_near_the_ends(ui, panel, pointer.y);
        ghost_ui(ctx, ui, &dragged, pointer);
        if !panel.expand(4.0 * SPACE).contains(pointer) {
            return;
        }
        let distance = |gap: &Gap| (gap.y - pointer.y).abs();
        let Some(gap) = self.gaps.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).copied() else { return };
        let Some(change) = Group::new(ctx.project(), dragged.0.iter().copied()).put(gap.role, gap.index) else { return };
        let accent = theme::tokens(ui).accent;
        let painter = ui.ctx().layer_painter(egui::LayerId::new(Order::Middle, Id::unique("insertion line"))).with_clip_rect(panel);
        painter.hline(gap.x, gap.y, (2.0, accent));
        painter.circle_filled(egui::pos2(gap.x.min, gap.y), 3.5, accent);
        if ui.input(|input| input.pointer.any_released()) {
            DragAndDrop::clear_payload(ui.ctx());
            self.change(ctx, Some(change));
        }
    }
}

/// Is this card being dragged?
pub(super) fn is_dragged(ui: &Ui, spot: Spot) -> bool {
    DragAndDrop::payload::<Dragged>(ui.ctx()).is_some_and(|dragged| dragged.0.contains(&spot))
}

/// What is dragged, beside the pointer: `ReLU`, `3 layers`.
fn ghost_ui(ctx: &ViewContext<'_>, ui: &Ui, dragged: &Dragged, pointer: egui::Pos2) {
    let words = Group::new(ctx.project(), dragged.0.iter().copied()).name();
    ui.set_cursor_icon(egui::CursorIcon::Grabbing);
    Area::new(Id::unique("dragged card")).order(Order::Tooltip).interactable(false).fixed_pos(pointer + vec2(12.0, -8.0)).show(
        ui.ctx(),
        |ui| {
            Frame::popup(ui.style()).show(ui, |ui| ui.add(Label::new(words).extend()));
        },
    );
}

fn scroll_near_the_ends(ui: &Ui, panel: Rect, y: f32) {
    let edge = 8.0 * SPACE;
    let speed = if y < panel.top() + edge {
        1.0
    } else if y > panel.bottom() - edge {
        -1.0
    } else {
        return;
    };
    ui.scroll_with_delta(vec2(0.0, 6.0 * speed));
    ui.request_repaint();
}
