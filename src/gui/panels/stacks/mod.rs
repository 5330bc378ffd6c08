//! The left panel: both networks as stacks of cards, and the joint between them.

mod about;
mod actions;
mod card;
mod catalogue;
mod clipboard;
mod drag;
mod fields;
mod guide;
mod joint;
mod keys;
mod menu;
mod selection;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use eframe::egui::{self, Align, Button, Frame, Layout, Margin, Rect, RichText, ScrollArea, Sense, Ui, vec2};

use self::card::Card;
use self::catalogue::Adding;
use self::drag::Gap;
use self::selection::Selection;
use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::panels::findings::{self, Detail};
use crate::gui::run::Difference;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::{controls, format};
use crate::spec::{Cost, Edit, LayerId, Place, Role, Severity, Shape, Spot};

/// The card that has the keyboard, as drawn last.
#[derive(Clone, Copy, Debug)]
struct Focus {
    id: egui::Id,
    rect: Rect,
}

/// What an edit leaves to look at, once it is carried out.
#[derive(Clone, Debug)]
struct Shown {
    spots: Vec<Spot>,
    /// Does the keyboard go there, wherever it is?
    takes_keyboard: bool,
}

/// The left panel.
#[derive(Debug, Default)]
pub struct StackPanel {
    /// The cards that keys, menus and "+ layer" refer to.
    selection: Selection,
    /// The card that has the keyboard, if one has.
    focus: Option<Focus>,
    /// The card whose field or menu has the keyboard, or had it when nothing else has it yet.
    field_of: Option<Spot>,
    /// All cards as they were drawn last.
    seen: Vec<Spot>,
    /// What is to be selected in the next frame.
    shown: Option<Shown>,
    /// Cards that show their parameters.
    open: HashSet<Spot>,
    /// The catalogue, while it is open.
    adding: Option<Adding>,
    /// The card to give the keyboard to, in sight.
    next: Option<Spot>,
    /// The card to bring into sight.
    sight: Option<Spot>,
    /// The place of a fault to bring into sight.
    reveal: Option<Place>,
    /// Where layers can be put, as drawn in this frame.
    gaps: Vec<Gap>,
}

impl StackPanel {
    /// Brings the place of a fault into sight, and opens its card.
    pub fn reveal(&mut self, place: Place) {
        if let Place::Layer(role, id) = place {
            self.open.insert((role, id));
            self.selection.only((role, id));
            self.next = Some((role, id));
        }
        self.reveal = Some(place);
    }

    /// Selects these layers, of those that there are, as undo and redo do with what they change.
    pub fn show(&mut self, spots: Vec<Spot>) {
        self.shown = Some(Shown { spots, takes_keyboard: false });
    }

    /// Draws the panel.
    pub fn ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) {
        self.gaps.clear();
        self.follow(ctx, ui);
        self.return_keyboard(ui);
        self.obey(ctx, ui);
        banner_ui(ctx, ui);
        findings::summary_ui(ctx, ui);
        let area = ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = SPACE;
            self.stack_ui(ctx, ui, Role::Generator);
            let revealed = self.reveal;
            joint::data_ui(ctx, ui, revealed);
            self.stack_ui(ctx, ui, Role::Discriminator);
            joint::logit_ui(ctx, ui, revealed);
            ui.add_space(4.0 * SPACE);
        });
        self.reveal = None;
        self.drag_ui(ctx, ui, area.inner_rect);
        self.adding_ui(ctx, ui);
    }

    fn stack_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui, role: Role) {
        let project = ctx.project();
        let stack = project.stack(role);
        let shapes = stack.shapes();
        let costs = stack.costs();
        heading_ui(ui, role, costs.iter().copied().sum(), project.train.batch_size);
        if ctx.guides {
            guide::note_ui(ctx, ui, role);
        }
        if role == Role::Generator {
            latent_ui(ctx, ui);
        }
        if matches!(self.reveal, Some(Place::Input(place)) if place == role) {
            ui.scroll_to_cursor(Some(Align::Center));
        }
        findings::at_ui(ctx, ui, Place::Input(role), Severity::Advice, Detail::Short);
        for (index, ((layer, shape), cost)) in stack.layers.iter().zip(&shapes).zip(&costs).enumerate() {
            self.gap_ui(ui, role, index);
            let card = Card { role, index, layer, shape, cost: *cost };
            self.card_ui(ctx, ui, &card);
        }
        self.gap_ui(ui, role, stack.layers.len());
        self.add_ui(ctx, ui, role);
    }

    /// The room between two cards: pressed, it opens the catalogue for that place.
    fn gap_ui(&mut self, ui: &mut Ui, role: Role, index: usize) {
        let y = ui.cursor().top() - SPACE / 2.0;
        let x = ui.max_rect().x_range();
        self.gaps.push(Gap { role, index, y, x });
        let rect = Rect::from_x_y_ranges(x.shrink(12.0 * SPACE), y - SPACE..=y + SPACE);
        // Not reached by Tab: every card offers the same in its menu and with a key.
        let response = ui.interact(rect, ui.scope_id().with(("gap", role, index)), Sense::CLICK);
        response
            .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Insert {} layer at {}", role.name(), index + 1)));
        if response.hovered() {
            let accent = theme::tokens(ui).accent;
            let painter = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Middle, response.id)).with_clip_rect(ui.clip_rect());
            painter.hline(x.shrink(2.0 * SPACE), y, (1.5, accent));
            painter.circle_filled(rect.center(), 2.0 * SPACE, accent);
            Icon::Plus.paint(&painter, Rect::from_center_size(rect.center(), vec2(12.0, 12.0)), theme::tokens(ui).on_accent);
        }
        if response.clicked() {
            self.adding = Some(Adding::new(role, index, rect));
        }
    }

    fn add_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui, role: Role) {
        let button = Button::new((Icon::Plus.atom(), RichText::new("layer").size(SMALL))).gap(SPACE).frame_when_inactive(false);
        let response = ui.add(button).accessible_name(format!("Add {} layer", role.name()));
        let response = response.on_hover_text("Adds a layer from the catalogue, after the selected one.");
        if response.clicked() {
            let index = self.place_for_new(ctx, role);
            self.adding = Some(Adding::new(role, index, response.rect));
        }
    }

    /// After the last selected card of this stack, or at its end.
    fn place_for_new(&self, ctx: &ViewContext<'_>, role: Role) -> usize {
        self.selection.last_place(ctx.project(), role).map_or(ctx.project().stack(role).layers.len(), |place| place + 1)
    }
}

/// The name of a network and what it costs as a whole.
fn heading_ui(ui: &mut Ui, role: Role, cost: Cost, batch_size: usize) {
    let tokens = theme::tokens(ui);
    ui.add_space(2.0 * SPACE);
    ui.horizontal(|ui| {
        let title = role.name().to_uppercase();
        ui.label(RichText::new(title).size(SMALL).extra_letter_spacing(1.0).color(tokens.role(role)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let parameters = format::short_count(cost.parameters);
            let work = format::short_count(cost.multiply_adds);
            let memory = format::bytes(cost.activation_bytes(batch_size));
            // Where there is no room for all of it multiply-adds are left to the tooltip.
            let all = format!("{parameters} weights · {work} MACs · {memory}");
            let fits = controls::text_width(ui, &all, SMALL) <= ui.available_width() - 2.0 * SPACE;
            let text = if fits { all } else { format!("{parameters} weights · {memory}") };
            let label = ui.label(RichText::new(text).size(SMALL).color(tokens.quiet));
            label.on_hover_text(format!(
                "{} numbers that training changes\n{} multiply-adds for one forward pass of one sample\n{memory} of activations kept for the backward pass at batch size {batch_size}",
                format::grouped(cost.parameters),
                format::grouped(cost.multiply_adds),
            ));
        });
    });
}

/// What goes into the generator, with its size to edit.
fn latent_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let tokens = theme::tokens(ui);
    let input = ctx.project().generator.input;
    let place = ui.scope_id().with("latent size");
    ui.horizontal(|ui| {
        // Under the names of the cards, on the line that their switches are on.
        let (rect, _) = ui.allocate_exact_size(vec2(card::GUTTER - ui.spacing().item_spacing.x, 6.0 * SPACE), Sense::hover());
        ui.painter().circle_stroke(egui::pos2(rect.left() + 6.0 * SPACE, rect.center().y), 3.5, (1.5, tokens.generator));
        let label = ui.label(RichText::new("latent size").color(tokens.quiet));
        let mut size = input.channels;
        let response = fields::count_ui(ui, place, fields::Name::Label(label.id), &mut size, 1..=65_536);
        let response =
            response.on_hover_text("How many random numbers each sample is made from. More can hold more variety; 16 to 128 is usual.");
        if size != input.channels {
            let edit = Edit::SetInput { role: Role::Generator, shape: Shape::vector(size) };
            ctx.command(Command::EditMerged(edit, fields::merge_key(Role::Generator, LayerId(u32::MAX), "latent size")));
        }
        if response.drag_stopped() || response.lost_focus() {
            ctx.command(Command::SealEdits);
        }
    });
    fields::note_ui(ui, place);
}

/// What a restart would change, where the project is no longer what is trained.
fn banner_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let Difference { networks, data, seed } = ctx.run.difference(ctx.project());
    let what = match (networks, data, seed) {
        (false, false, false) => return,
        (true, false, false) => "The networks changed",
        (false, true, false) => "The data changed",
        (false, false, true) => "The seed changed",
        _ => "Networks and data changed",
    };
    let tokens = theme::tokens(ui);
    Frame::new().fill(tokens.selected()).corner_radius(theme::CORNER).inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let help = "Begins again with this project. Layers that stayed the same keep what they learned.";
                let button = ui.add_enabled(ctx.faults.is_empty(), Button::new("Restart"));
                if button.on_hover_text(help).on_disabled_hover_text("First mend what is marked below.").clicked() {
                    ctx.command(Command::Restart);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(egui::Label::new(format!("{what}. Restart to train with it")).wrap());
                });
            });
        });
    });
}
