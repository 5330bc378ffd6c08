//! Cards dragged to another place.

use eframe::egui::{self, Area, DragAndDrop, Frame, Id, Order, Rangef, Rect, Ui, vec2};

use super::{StackPanel, edits};
use crate::gui::context::ViewContext;
use crate::gui::theme::{self, SPACE};
use crate::spec::{LayerId, Role};

/// The layer being dragged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dragged {
    /// Of which stack.
    pub role: Role,
    /// Which layer.
    pub id: LayerId,
}

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
    /// Shows where the dragged card would go, and puts it there when it is let go.
    pub(super) fn drag_ui(&mut self, ctx: &ViewContext<'_>, ui: &Ui, panel: Rect) {
        let (Some(dragged), Some(pointer)) = (DragAndDrop::payload::<Dragged>(ui.ctx()), ui.ctx().pointer_latest_pos()) else { return };
        scroll_near_the_ends(ui, panel, pointer.y);
        ghost_ui(ctx, ui, *dragged, pointer);
        if !panel.expand(4.0 * SPACE).contains(pointer) {
            return;
        }
        let distance = |gap: &Gap| (gap.y - pointer.y).abs();
        let Some(gap) = self.gaps.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).copied() else { return };
        let spot = (dragged.role, dragged.id);
        let Some((edit, id)) = edits::put(ctx.project(), spot, gap.role, gap.index) else { return };
        let accent = theme::tokens(ui).accent;
        let painter = ui.ctx().layer_painter(egui::LayerId::new(Order::Middle, Id::unique("insertion line"))).with_clip_rect(panel);
        painter.hline(gap.x, gap.y, (2.0, accent));
        painter.circle_filled(egui::pos2(gap.x.min, gap.y), 3.5, accent);
        if ui.input(|input| input.pointer.any_released()) {
            DragAndDrop::clear_payload(ui.ctx());
            ctx.edit(edit);
            self.next = Some((gap.role, id));
        }
    }
}

fn ghost_ui(ctx: &ViewContext<'_>, ui: &Ui, dragged: Dragged, pointer: egui::Pos2) {
    let Some(layer) = ctx.project().stack(dragged.role).find(dragged.id) else { return };
    ui.set_cursor_icon(egui::CursorIcon::Grabbing);
    Area::new(Id::unique("dragged card")).order(Order::Tooltip).interactable(false).fixed_pos(pointer + vec2(12.0, -8.0)).show(
        ui.ctx(),
        |ui| {
            Frame::popup(ui.style()).show(ui, |ui| ui.label(layer.layer.name()));
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
