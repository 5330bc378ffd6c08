//! What the generator makes, beside what it should make.

mod slow;

use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, EventFilter, Key, Layout, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use self::slow::SlowPictures;
use super::shown::{Beside, Mark, Shown, caption};
use crate::data::{Dataset, Values};
use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::run::Phase;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::controls::{self, Segment};
use crate::gui::widgets::pictures::{Drawn, PictureGrid, Raster, SinglePicture, Tiling};
use crate::gui::widgets::place::Empty;
use crate::gui::widgets::revision::Revision;
use crate::gui::widgets::{format, rows};
use crate::latent;
use crate::measure::{Measure, Neighbour, Training};
use crate::random::Purpose;
use crate::spec::Project;
use crate::train::{Samples, Show};

/// Below this width the header takes two lines.
const NARROW: f32 = 125.0 * SPACE;
/// The side of an enlarged picture.
const LARGE: f32 = 48.0 * SPACE;
/// Grids a person can choose between, by their number of pictures.
const SIZES: [usize; 7] = [9, 16, 36, 64, 100, 144, 256];

/// Which pictures are in sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    Generated,
    Real,
    Both,
}

/// Which grid a picture is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Generated,
    Real,
    /// Generated at another moment, or by another run.
    Newest,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Real => "real",
            Self::Newest => "other",
        }
    }
}

/// Grids of generated and of real pictures.
#[derive(Debug, Default)]
pub(super) struct SamplesView {
    /// What a person chose; until then the room decides.
    sight: Option<Sight>,
    dataset: Revision<Dataset>,
    generated: PictureGrid,
    newest: PictureGrid,
    real: PictureGrid,
    enlarged: SinglePicture,
    nearest: Nearest,
    /// The picture the keyboard is at.
    cursor: Option<(Kind, usize)>,
    slow: SlowPictures,
}

/// The training picture that is nearest to the enlarged one.
#[derive(Debug, Default)]
struct Nearest {
    training: Revision<Training>,
    /// Found for which training pictures, which snapshot, and which of its pictures.
    found: Option<((u64, u64, usize), Option<Neighbour>)>,
    picture: SinglePicture,
}

impl Nearest {
    /// Looks for it, once for each picture.
    fn of(&mut self, training: &Arc<Training>, shown: Shown<'_>, index: usize) -> Option<Neighbour> {
        let key = (self.training.of(Some(training)), shown.revision, index);
        match self.found {
            Some((found_for, found)) if found_for == key => found,
            _ => {
                let Samples::Pictures(pictures) = &shown.snapshot.samples else { return None };
                let found = training.nearest_to(&pictures.values(index));
                self.found = Some((key, found));
                found
            }
        }
    }
}

/// One grid to draw.
struct Grid<'a> {
    kind: Kind,
    raster: Raster<'a>,
    indices: Vec<usize>,
    revision: u64,
    rect: Rect,
    /// What stands above it.
    title: Option<String>,
    /// Of which of two moments.
    mark: Option<Mark>,
    /// Are they of the run in hand, so that the explorer has their generator?
    is_ours: bool,
}

impl SamplesView {
    /// Draws the view into the available room; with `beside`, both alone.
    pub(super) fn ui(&mut self, ctx: &ViewContext<'_>, shown: Option<Shown<'_>>, beside: Option<Beside<'_>>, ui: &mut Ui) {
        let mut sight = self.sight.unwrap_or(if ui.available_width() > 150.0 * SPACE { Sight::Both } else { Sight::Generated });
        let room = rows::header(
            ui,
            "Samples",
            NARROW,
            (&mut *self, &mut sight),
            |(view, sight), ui| view.sight_ui(sight, ui),
            |_, ui| {
                export_ui(ctx, shown.is_some() && !is_earlier(ctx, shown), ui);
                size_ui(ctx, ui);
                averaged_ui(ctx, ui);
                step_ui(ctx, shown, ui);
            },
        );
        let room = room.with_min_y(room.top() + SPACE);
        if let Some(story) = ctx.run.slow.story() {
            self.slow.ui(&ctx.run.slow, story, room, ui);
            return;
        }
        match (shown, beside) {
            (Some(shown), Some(beside)) => self.pair_ui(ctx, shown, beside, room, ui),
            _ => self.grids_ui(ctx, shown, sight, room, ui),
        }
    }

    /// Two moments, or two runs, side by side, from the same latent vectors.
    fn pair_ui(
        &mut self,
        ctx: &ViewContext<'_>,
        first: Shown<'_>,
        Beside { shown: second, other, names, marks }: Beside<'_>,
        room: Rect,
        ui: &mut Ui,
    ) {
        let (Samples::Pictures(left), Samples::Pictures(right)) = (&first.snapshot.samples, &second.snapshot.samples) else { return };
        let count = left.count().min(right.count()).min(ctx.run.show.pictures);
        let rects = halves(room, Raster::interleaved(right).size(), count, ui.pixels_per_point());
        let grids = [(Kind::Generated, left, first), (Kind::Newest, right, second)];
        let marks = marks.map_or([None; 2], |marks| marks.map(Some));
        for ((((kind, pictures, shown), title), mark), rect) in grids.into_iter().zip(names).zip(marks).zip(rects) {
            let title = Some(title);
            let is_ours = kind == Kind::Generated || other.is_none();
            let raster = Raster::interleaved(pictures);
            let grid = Grid { kind, raster, indices: (0..count).collect(), revision: shown.revision, rect, title, mark, is_ours };
            self.grid_ui(ctx, Some(shown), grid, ui);
        }
    }

    fn sight_ui(&mut self, sight: &mut Sight, ui: &mut Ui) {
        let segments = [
            Segment {
                value: Sight::Generated,
                name: "generated",
                tip: "What the generator makes of the same latent vectors at every refresh.",
            },
            Segment { value: Sight::Real, name: "real", tip: "A fixed selection of the training data." },
            Segment { value: Sight::Both, name: "both", tip: "Generated beside real." },
        ];
        if controls::segmented(ui, "pictures in sight", sight, &segments) {
            self.sight = Some(*sight);
        }
    }

    fn grids_ui(&mut self, ctx: &ViewContext<'_>, shown: Option<Shown<'_>>, sight: Sight, room: Rect, ui: &mut Ui) {
        let dataset_revision = self.dataset.of(ctx.run.dataset.as_ref());
        let wanted = ctx.run.show.pictures;
        let generated = shown.and_then(|shown| match &shown.snapshot.samples {
            Samples::Pictures(pictures) => Some((Raster::interleaved(pictures), shown.revision)),
            Samples::Points { .. } => None,
        });
        let real = ctx.run.dataset.as_deref().and_then(|dataset| real_raster(dataset).map(|raster| (raster, selection(dataset, wanted))));
        if generated.is_none() && real.is_none() && sight != Sight::Real {
            nothing_generated(ctx, room, ui);
            return;
        }
        let two = sight == Sight::Both;
        let size = generated.as_ref().map(|(raster, _)| raster.size()).or(real.as_ref().map(|(raster, _)| raster.size()));
        let [first, second] = if two { halves(room, size.unwrap_or([1, 1]), wanted, ui.pixels_per_point()) } else { [room; 2] };
        if sight != Sight::Real {
            match generated {
                Some((raster, revision)) => {
                    let indices = (0..raster.count().min(wanted)).collect();
                    let title = two.then(|| Kind::Generated.name().to_owned());
                    let grid = Grid { kind: Kind::Generated, raster, indices, revision, rect: first, title, mark: None, is_ours: true };
                    self.grid_ui(ctx, shown, grid, ui);
                }
                None => nothing_generated(ctx, first, ui),
            }
        }
        if sight != Sight::Generated {
            match real {
                Some((raster, indices)) => {
                    // The selection depends on how many are wanted, so that it belongs to what is shown.
                    let revision = dataset_revision.wrapping_mul(1 << 16).wrapping_add(wanted as u64);
                    let title = two.then(|| Kind::Real.name().to_owned());
                    let grid = Grid { kind: Kind::Real, raster, indices, revision, rect: second, title, mark: None, is_ours: true };
                    self.grid_ui(ctx, shown, grid, ui);
                }
                None => {
                    Empty::new("No real pictures yet", "The training data is shown here once it is loaded.").ui(ui, second);
                }
            }
        }
    }

    fn grid_ui(&mut self, ctx: &ViewContext<'_>, shown: Option<Shown<'_>>, grid: Grid<'_>, ui: &mut Ui) {
        let mut room = grid.rect;
        if grid.title.is_some() {
            room = room.with_min_y(room.top() + 5.0 * SPACE);
        }
        let tiling = Tiling::fit(room.size() * ui.pixels_per_point(), grid.raster.size(), grid.indices.len());
        let textures = match grid.kind {
            Kind::Generated => &mut self.generated,
            Kind::Real => &mut self.real,
            Kind::Newest => &mut self.newest,
        };
        let drawn = textures.paint_chosen(ui, room, grid.raster, &grid.indices, grid.revision, tiling);
        if let Some(text) = &grid.title {
            title(ui, &grid, text, &drawn);
        }
        let response = ui.interact(drawn.rect, ui.scope_id().with(grid.kind), Sense::click());
        let which = grid.title.as_ref().map(|title| format!(", {title}")).unwrap_or_default();
        let name = format!("{} pictures, {} × {}{which}", grid.kind.name(), tiling.columns, tiling.rows);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        let picked = self.picked(grid.kind, &drawn, &response, ui);
        let Some(index) = picked else { return };
        ui.painter().rect_stroke(drawn.cell(index), 0.0, Stroke::new(2.0, theme::tokens(ui).accent), StrokeKind::Outside);
        self.enlarged_ui(ctx, shown, &grid, index, &response);
        let entered = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if grid.kind != Kind::Real
            && grid.is_ours
            && (response.clicked() || entered)
            && let Some(shown) = shown
        {
            ctx.command(Command::Explore(latent_of(ctx.begun(), shown.snapshot.generator.latent_size(), index)));
        }
    }

    /// The picture under the pointer, or where the arrow keys led.
    fn picked(&mut self, kind: Kind, drawn: &Drawn, response: &Response, ui: &Ui) -> Option<usize> {
        if let Some(index) = response.hover_pos().and_then(|position| drawn.at(position)) {
            self.cursor = Some((kind, index));
            return Some(index);
        }
        if !response.has_focus() {
            return None;
        }
        let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
        let index = self.cursor.filter(|(of, _)| *of == kind).map_or(0, |(_, index)| index);
        let index = ui.input(|input| {
            let pressed = |key| input.num_presses(key);
            let forwards = index + pressed(Key::ArrowRight) + drawn.columns() * pressed(Key::ArrowDown);
            forwards.saturating_sub(pressed(Key::ArrowLeft) + drawn.columns() * pressed(Key::ArrowUp))
        });
        let index = index.min(drawn.count().saturating_sub(1));
        self.cursor = Some((kind, index));
        Some(index)
    }

    fn enlarged_ui(&mut self, ctx: &ViewContext<'_>, shown: Option<Shown<'_>>, grid: &Grid<'_>, index: usize, response: &Response) {
        let Some(&picture) = grid.indices.get(index) else { return };
        let revision = grid.revision.wrapping_mul(2).wrapping_add(u64::from(grid.kind == Kind::Real));
        let training = ctx.run.assessed.as_ref().and_then(|assessed| assessed.training.as_ref());
        let training = training.filter(|_| grid.kind != Kind::Real && grid.is_ours);
        response.clone().on_hover_ui_at_pointer(|ui| {
            let near = training.zip(shown).and_then(|(training, shown)| self.nearest.of(training, shown, index));
            let near = near.zip(ctx.run.dataset.as_deref().and_then(real_raster));
            let size = vec2(if near.is_some() { 2.0 } else { 1.0 } * LARGE + if near.is_some() { 2.0 * SPACE } else { 0.0 }, LARGE);
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            self.enlarged.paint(ui, rect.with_max_x(rect.left() + LARGE), grid.raster, picture, revision);
            if let Some((near, raster)) = near {
                self.nearest.picture.paint(ui, rect.with_min_x(rect.right() - LARGE), raster, near.index, revision);
                let floor = ctx.run.series().floor(Measure::Nearest);
                let floor = floor.map(|floor| format!("; real pictures are {floor:.2} away, at the median")).unwrap_or_default();
                let part = training.map(|training| training.search()).filter(|search| !search.is_of_all());
                let among = part.map(|search| format!(" ({})", search.words())).unwrap_or_default();
                let text = RichText::new(format!("at the right the nearest training picture{among}, {:.2} away{floor}", near.distance));
                ui.label(text.size(SMALL).color(theme::tokens(ui).real));
            }
            let text = match grid.kind {
                Kind::Generated | Kind::Newest if grid.is_ours => format!("generated {}: click to explore this one", index + 1),
                Kind::Generated | Kind::Newest => format!("generated {} by the run that is not in hand", index + 1),
                Kind::Real => format!("real, sample {}", format::grouped(picture as u64)),
            };
            rows::note(ui, &text);
        });
    }
}

/// The latent vector that a picture of the grid was made from.
fn latent_of(project: &Project, size: usize, index: usize) -> Vec<f32> {
    let all = latent::draw(project.train.latent, size, index + 1, project.seed, Purpose::FixedLatents, 0);
    all[index * size..].to_vec()
}

fn real_raster(dataset: &Dataset) -> Option<Raster<'_>> {
    match dataset.values() {
        Values::Pictures(bytes) => Some(Raster::planar(dataset.shape(), bytes)),
        Values::Points(_) => None,
    }
}

/// The first of the training part, which is in random order.
fn selection(dataset: &Dataset, wanted: usize) -> Vec<usize> {
    dataset.train().iter().take(wanted).map(|&index| index as usize).collect()
}

/// The room for two grids: beside each other or one above the other, whichever shows more.
fn halves(room: Rect, size: [usize; 2], wanted: usize, scale: f32) -> [Rect; 2] {
    let gap = 4.0 * SPACE;
    let (left, right) = room.split_left_right_at_fraction(0.5);
    let beside = [left.with_max_x(left.right() - gap / 2.0), right.with_min_x(right.left() + gap / 2.0)];
    let (top, bottom) = room.split_top_bottom_at_fraction(0.5);
    let stacked = [top.with_max_y(top.bottom() - gap / 2.0), bottom.with_min_y(bottom.top() + gap / 2.0)];
    let worth = |rect: Rect| Tiling::fit((rect.size() - vec2(0.0, 5.0 * SPACE)) * scale, size, wanted).worth();
    if worth(stacked[0]) > worth(beside[0]) { stacked } else { beside }
}

fn title(ui: &Ui, grid: &Grid<'_>, text: &str, drawn: &Drawn) {
    let tokens = theme::tokens(ui);
    let colour = if grid.kind == Kind::Real { tokens.real } else { tokens.generator };
    let at = drawn.rect.left_top() - vec2(0.0, SPACE);
    caption(ui, grid.mark, text, (at, Align2::LEFT_BOTTOM), colour);
}

/// Is that another moment than the newest one?
pub(super) fn is_earlier(ctx: &ViewContext<'_>, shown: Option<Shown<'_>>) -> bool {
    let newest = ctx.run.snapshot.as_ref();
    newest.zip(shown).is_some_and(|(newest, shown)| newest.step != shown.snapshot.step)
}

/// The step that samples were made at; said aloud where it is not the newest.
pub(super) fn step_ui(ctx: &ViewContext<'_>, shown: Option<Shown<'_>>, ui: &mut Ui) {
    let Some(shown) = shown else { return };
    let step = format::grouped(shown.snapshot.step);
    let tokens = theme::tokens(ui);
    let is_best = ctx.run.shows_best && ctx.run.best().is_some_and(|best| best.assessment.step == shown.snapshot.step);
    let now = ctx.run.snapshot.as_ref().map_or(0, |newest| newest.step.max(ctx.run.progress.step));
    let (text, colour) = if is_earlier(ctx, Some(shown)) {
        (format!("step {step} of {}", format::grouped(now)), tokens.accent)
    } else if is_best {
        (format!("best, step {step}"), tokens.accent)
    } else {
        (format!("step {step}"), tokens.quiet)
    };
    ui.label(RichText::new(text).size(SMALL).color(colour)).on_hover_text("The step these samples were made at.");
}

fn averaged_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let Show { mut averaged, pictures } = ctx.run.show;
    let averages = ctx.project().train.ema_decay > 0.0;
    let tip = if averages {
        "Samples of the averaged generator, whose weights follow the trained ones slowly (EMA). They are steadier, and usually better."
    } else {
        "This run does not average: set an averaging decay above 0 in the training settings."
    };
    ui.add_enabled_ui(averages, |ui| {
        if controls::switch(ui, "averaged", &mut averaged, tip) {
            ctx.command(Command::Show(Show { averaged, pictures }));
        }
    });
}

/// Fewer and more pictures; from right to left.
fn size_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let Show { averaged, pictures } = ctx.run.show;
    let fewer = SIZES.into_iter().rev().find(|&size| size < pictures);
    let more = SIZES.into_iter().find(|&size| size > pictures);
    let set = |pictures| ctx.command(Command::Show(Show { averaged, pictures }));
    let spacing = std::mem::take(&mut ui.spacing_mut().item_spacing.x);
    ui.add_enabled_ui(more.is_some(), |ui| {
        let button = controls::quiet_button(ui, "+", "More pictures, each smaller.");
        if button.clicked() {
            more.map(set);
        }
    });
    let tip = "Pictures made at each refresh. As many as fit the room at a whole zoom are shown.";
    let width = controls::text_width(ui, "000", SMALL);
    ui.allocate_ui_with_layout(vec2(width, controls::HEIGHT), Layout::centered_and_justified(eframe::egui::Direction::TopDown), |ui| {
        ui.label(RichText::new(pictures.to_string()).size(SMALL)).on_hover_text(tip);
    });
    ui.add_enabled_ui(fewer.is_some(), |ui| {
        if controls::quiet_button(ui, "−", "Fewer pictures, each larger.").clicked() {
            fewer.map(set);
        }
    });
    ui.spacing_mut().item_spacing.x = spacing;
}

fn export_ui(ctx: &ViewContext<'_>, any: bool, ui: &mut Ui) {
    ui.add_enabled_ui(any, |ui| {
        if controls::quiet_button(ui, "PNG", "Saves the generated grid as a picture.").clicked() {
            ctx.command(Command::ExportSamples);
        }
    });
}

/// What stands where generated samples will be.
pub(super) fn nothing_generated(ctx: &ViewContext<'_>, rect: Rect, ui: &mut Ui) {
    match &ctx.run.phase {
        Phase::Loading(progress) => {
            let sentence = format!("{} of {} samples read.", format::grouped(progress.done as u64), format::grouped(progress.total as u64));
            let share = progress.done as f32 / progress.total.max(1) as f32;
            Empty { progress: Some(share), ..Empty::new("Loading the data", &sentence) }.ui(ui, rect);
        }
        Phase::Preparing { device, progress } => {
            let sentence = format!("{device}: {progress}. It is kept: the next time takes moments.");
            Empty { progress: progress.share(), ..Empty::new("Preparing", &sentence) }.ui(ui, rect);
        }
        Phase::Running | Phase::Paused => {
            Empty::new("The first samples are on their way", "They appear after the first step.").ui(ui, rect);
        }
        Phase::Failed(reason) => {
            Empty { is_error: true, ..Empty::new("The run ended by a fault", reason) }.ui(ui, rect);
        }
        Phase::Idle | Phase::Finished(_) => offer_training(ctx, rect, ui),
    }
}

fn offer_training(ctx: &ViewContext<'_>, rect: Rect, ui: &mut Ui) {
    if let Some(fault) = ctx.faults.first() {
        let sentence = format!("Before training can start: {fault}.");
        Empty::new("No samples yet", &sentence).ui(ui, rect);
        return;
    }
    let action = Some(("Train", "Starts training."));
    if (Empty { action, ..Empty::new("No samples yet", "Press Train to see samples appear here.") }).ui(ui, rect) {
        ctx.command(Command::Train);
    }
}
