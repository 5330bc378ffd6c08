//! The left panel: both networks as stacks of cards, and the joint between them.

mod about;
mod actions;
mod brief;
mod card;
mod catalogue;
mod clipboard;
mod costs;
mod density;
mod drag;
mod face;
mod fields;
mod flow;
mod guide;
mod heading;
mod health;
mod joint;
mod keys;
#[cfg(test)]
mod look_tests;
mod menu;
mod selection;
mod solid;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use eframe::egui::{self, Align, Button, Frame, Layout, Margin, Rect, RichText, ScrollArea, Sense, Ui, UiBuilder, vec2};

pub use self::density::toggle_compact;

use self::card::Card;
use self::catalogue::Adding;
use self::costs::Ledger;
use self::density::Density;
use self::drag::Gap;
use self::flow::{Event, Flow};
use self::selection::Selection;
use self::solid::Scale;
use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::panels::findings::{self, Detail};
use crate::gui::run::Difference;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::number::{self, Rules};
use crate::gui::widgets::rows;
use crate::spec::{Edit, Fate, LayerId, LayerShape, Place, Project, Role, Severity, Shape, Spot};

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
        let shapes = Role::BOTH.map(|role| ctx.project().stack(role).shapes());
        let scale = Scale::of(drawn(ctx.project(), &shapes));
        let area = ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let density = Density::of(ui.ctx());
            ui.spacing_mut().item_spacing.y = density.gap();
            let left = ui.max_rect().left();
            let revealed = self.reveal;
            let mut flow = Flow::new(Role::Generator);
            self.stack_ui(ctx, ui, &shapes[0], &mut flow);
            let data = joint::data_ui(ctx, ui, revealed, &mut flow);
            flow.paint(ui, &scale, left, data);
            let mut flow = Flow::new(Role::Discriminator);
            self.stack_ui(ctx, ui, &shapes[1], &mut flow);
            let logit = joint::logit_ui(ctx, ui, revealed, &mut flow);
            flow.paint(ui, &scale, left, logit);
            ui.add_space(4.0 * SPACE);
        });
        self.reveal = None;
        self.drag_ui(ctx, ui, area.inner_rect);
        self.adding_ui(ctx, ui);
    }

    fn stack_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui, shapes: &[LayerShape], flow: &mut Flow) {
        let (project, role) = (ctx.project(), flow.role());
        let stack = project.stack(role);
        let ledger = Ledger::new(role, stack.costs(), project.judged_at_once(role));
        heading::ui(ctx, ui, role, &ledger);
        if ctx.guides {
            guide::note_ui(ctx, ui, role);
        }
        match role {
            Role::Generator => latent_ui(ctx, ui, flow),
            Role::Discriminator => joint::input_ui(ctx, ui, self.reveal, flow),
        }
        if matches!(self.reveal, Some(Place::Input(place)) if place == role) {
            ui.scroll_to_cursor(Some(Align::Center));
        }
        beside(ui, |ui| findings::at_ui(ctx, ui, Place::Input(role), Severity::Advice, Detail::Short));
        let fates = fates(ctx, role);
        let density = Density::of(ui.ctx());
        for (index, (layer, shape)) in stack.layers.iter().zip(shapes).enumerate() {
            self.gap_ui(ui, role, index);
            let fate = fates.get(index).copied().flatten();
            let card = Card { role, index, layer, shape, ledger: &ledger, fate, density };
            self.card_ui(ctx, ui, &card, flow);
        }
        self.gap_ui(ui, role, stack.layers.len());
        beside(ui, |ui| self.add_ui(ctx, ui, role));
    }

    /// The room between two cards: pressed, it opens the catalogue for that place.
    fn gap_ui(&mut self, ui: &mut Ui, role: Role, index: usize) {
        let density = Density::of(ui.ctx());
        let y = ui.cursor().top() - density.gap() / 2.0;
        let whole = ui.max_rect();
        let x = whole.with_min_x(whole.left() + density.column()).x_range();
        self.gaps.push(Gap { role, index, y, x });
        let reach = density.gap() / 2.0 + 2.0;
        let rect = Rect::from_x_y_ranges(x.shrink(12.0 * SPACE), y - reach..=y + reach);
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

/// Draws beside the column that the tensors are drawn in.
fn beside<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let room = ui.available_rect_before_wrap();
    let room = room.with_min_x(room.left() + Density::of(ui.ctx()).column());
    ui.scope_builder(UiBuilder::new().max_rect(room), contents).inner
}

/// Every shape that may be drawn.
fn drawn<'a>(project: &'a Project, shapes: &'a [Vec<LayerShape>; 2]) -> impl Iterator<Item = Shape> + 'a {
    let ends = [project.generator.input, project.data.shape(), project.discriminator.input];
    ends.into_iter().chain(shapes.iter().flatten().filter_map(LayerShape::output))
}

/// What a restart would do with the weights of each layer; nothing where there is no run, or one of the same networks.
fn fates(ctx: &ViewContext<'_>, role: Role) -> Vec<Option<Fate>> {
    let project = ctx.project();
    match (&ctx.run.begun, &ctx.run.checkpoint) {
        (Some(begun), _) if ctx.run.difference(project).networks => project.fates(begun, role),
        // A file whose networks have to be mended before its run goes on.
        (None, Some(checkpoint)) => project.fates(&checkpoint.project, role),
        _ => Vec::new(),
    }
}

/// What goes into the generator, with its size to edit.
fn latent_ui(ctx: &ViewContext<'_>, ui: &mut Ui, flow: &mut Flow) {
    let input = ctx.project().generator.input;
    let line = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), 6.0 * SPACE));
    flow.station(ui, ui.scope_id().with("latent"), line, Event::Becomes(input), Some(input));
    let own = UiBuilder::new().scope_id(egui::Id::unique("latent size"));
    let wrong = beside(ui, |ui| {
        let words = |ui: &mut Ui| {
            ui.add_space(2.0 * SPACE);
            let label = ui.label(RichText::new("latent size").color(theme::tokens(ui).quiet));
            let mut size = input.channels;
            let rules = Rules::count(1, 65_536).counting("random numbers");
            let shown = number::one(ui, &rules, &mut size, fields::NUMBER);
            let help = "How many random numbers each sample is made from. More can hold more variety; 16 to 128 is usual.";
            let response = shown.response.labelled_by(label.id).on_hover_text(help);
            if size != input.channels {
                let edit = Edit::SetInput { role: Role::Generator, shape: Shape::vector(size) };
                ctx.command(Command::EditMerged(edit, fields::merge_key(Role::Generator, LayerId(u32::MAX), "latent size")));
            }
            if response.drag_stopped() || response.lost_focus() {
                ctx.command(Command::SealEdits);
            }
            shown.wrong
        };
        ui.scope_builder(own, |ui| ui.horizontal(words).inner).inner
    });
    if let Some(wrong) = &wrong {
        beside(ui, |ui| rows::wrong(ui, wrong));
    }
}

/// What a restart would change, where the project is no longer what is trained.
fn banner_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let Difference { networks, data, latent, seed } = ctx.run.difference(ctx.project());
    let what = match (networks, data, latent, seed) {
        (false, false, false, false) => return,
        (true, false, false, false) => "The networks changed",
        (false, true, false, false) => "The data changed",
        (false, false, true, false) => "The latent vectors changed",
        (false, false, false, true) => "The seed changed",
        (true, true, ..) => "Networks and data changed",
        _ => "Several things changed",
    };
    let tokens = theme::tokens(ui);
    Frame::new().fill(tokens.selected()).corner_radius(theme::CORNER).inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let button = ui.add_enabled(ctx.faults.is_empty(), Button::new("Restart"));
                if button.on_hover_text(restart_help(ctx)).on_disabled_hover_text("First mend what is marked below.").clicked() {
                    ctx.command(Command::Restart);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(egui::Label::new(format!("{what}. Restart to train with this")).wrap());
                });
            });
        });
    });
}

/// What a restart keeps and what it begins anew.
fn restart_help(ctx: &ViewContext<'_>) -> String {
    let fates: Vec<Fate> = Role::BOTH.into_iter().flat_map(|role| fates(ctx, role)).flatten().collect();
    let afresh = fates.iter().filter(|fate| **fate == Fate::StartsAfresh).count();
    let kept = match (fates.len() - afresh, afresh) {
        (_, 0) => "All layers keep what they learned.".to_owned(),
        (0, _) => "All layers start afresh: nothing of the run fits them.".to_owned(),
        (kept, afresh) => format!("Of the layers with weights {kept} keep what they learned and {afresh} start afresh."),
    };
    format!("Begins again with this project. {kept}")
}
