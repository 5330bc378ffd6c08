//! 2-D data: real and generated points over what the discriminator thinks of the plane.

mod slow;

use std::ops::RangeInclusive;
use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, Color32, ColorImage, FontId, Rect, Sense, TextureOptions, Ui, UiBuilder, Vec2, WidgetInfo, vec2};
use egui_plot::{AxisHints, GridMark, Plot, PlotBounds, PlotImage, PlotPoint, PlotPoints, PlotUi, Points};

use self::slow::SlowPlot;
use super::samples::{nothing_generated, step_ui};
use super::shown::{Beside, Shown, caption};
use crate::data::Dataset;
use crate::gui::context::ViewContext;
use crate::gui::theme::{self, SMALL, SPACE, Tokens};
use crate::gui::widgets::controls;
use crate::gui::widgets::pictures::Texture;
use crate::gui::widgets::plot_scale::Scale;
use crate::gui::widgets::revision::Revision;
use crate::gui::widgets::{format, rows};
use crate::train::{HeatMap, Samples};

/// How many points of each kind are drawn at most: enough to see a distribution, few enough for every frame.
const MAX_POINTS: usize = 2_000;

/// Which layers are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layers {
    /// Real points.
    pub real: bool,
    /// Generated points.
    pub generated: bool,
    /// The discriminator's verdict.
    pub verdict: bool,
}

impl Default for Layers {
    fn default() -> Self {
        Self { real: true, generated: true, verdict: true }
    }
}

/// The middle for 2-D data.
#[derive(Debug, Default)]
pub(super) struct PointsView {
    plot: PointsPlot,
    /// Another moment, or the other run.
    newest: PointsPlot,
    layers: Layers,
    slow: SlowPlot,
}

impl PointsView {
    /// Draws the view into the available room; with `beside`, both side by side.
    pub(super) fn ui(&mut self, ctx: &ViewContext<'_>, shown: Option<Shown<'_>>, beside: Option<Beside<'_>>, ui: &mut Ui) {
        self.plot.update(ctx.run.dataset.as_ref(), shown, ui);
        let room = rows::header(
            ui,
            "Samples",
            110.0 * SPACE,
            &mut *self,
            |view, ui| view.layers_ui(ui),
            |view, ui| view.actions_ui(ctx, shown, ui),
        );
        if let Some(story) = ctx.run.slow.story().filter(|story| !story.points(&story.made).is_empty()) {
            let mut ui = ui.new_child(UiBuilder::new().max_rect(room));
            self.slow.ui(&self.plot, self.layers, &ctx.run.slow, story, &mut ui);
            return;
        }
        if shown.is_none() && self.plot.real.is_empty() {
            nothing_generated(ctx, room, ui);
            return;
        }
        if let Some(beside) = beside {
            return self.pair_ui(ctx, beside, room, ui);
        }
        let mut ui = ui.new_child(UiBuilder::new().max_rect(room));
        self.plot.ui(self.layers, None, true, &mut ui);
        if shown.is_none() {
            nothing_generated(ctx, room, &mut ui);
        }
    }

    /// Two moments, or two runs, from the same latent vectors.
    fn pair_ui(&mut self, ctx: &ViewContext<'_>, Beside { shown, other, names, marks }: Beside<'_>, room: Rect, ui: &mut Ui) {
        self.newest.update(other.unwrap_or(ctx.run).dataset.as_ref(), Some(shown), ui);
        if other.is_none() {
            // An earlier moment has no verdict that says which part of the plane to show: it is shown as now is, or as it was before.
            let home = if self.newest.square.is_some() { self.newest.home } else { self.plot.home };
            (self.plot.home, self.newest.home) = (home, home);
        }
        let marks = marks.map_or([None; 2], |marks| marks.map(Some));
        let (left, right) = room.split_left_right_at_fraction(0.5);
        let halves = [left.with_max_x(left.right() - 2.0 * SPACE), right.with_min_x(right.left() + 2.0 * SPACE)];
        let parts = [&mut self.plot, &mut self.newest].into_iter().zip(names).zip(marks).zip(halves).enumerate();
        for (side, (((plot, text), mark), rect)) in parts {
            let builder = UiBuilder::new().max_rect(rect.with_min_y(rect.top() + 5.0 * SPACE)).scope_id(ui.scope_id().with(("side", side)));
            plot.ui(self.layers, None, true, &mut ui.new_child(builder));
            let at = rect.left_top() + vec2(0.0, SPACE);
            let written = caption(ui, mark, &text, (at, Align2::LEFT_TOP), theme::tokens(ui).generator);
            let name = ui.interact(written, ui.scope_id().with(("name", side)), Sense::hover());
            name.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
        }
    }

    fn layers_ui(&mut self, ui: &mut Ui) {
        let tokens = theme::tokens(ui);
        let count = |points: &Vec<PlotPoint>| format::grouped(points.len() as u64);
        let (real, generated) = (count(&self.plot.real), count(&self.plot.generated));
        let layers = &mut self.layers;
        controls::legend(ui, tokens.real, "real", &mut layers.real, Some((&real, "0,000")), "Real points: a fixed selection of the data.");
        let tip = "Generated points, from the same latent vectors at every refresh.";
        controls::legend(ui, tokens.generator, "generated", &mut layers.generated, Some((&generated, "0,000")), tip);
        let tip = "What the discriminator thinks of every place: green where it takes a point for real, blue where for generated.";
        controls::legend(ui, tokens.discriminator, "verdict", &mut layers.verdict, None, tip);
    }

    fn actions_ui(&mut self, ctx: &ViewContext<'_>, shown: Option<Shown<'_>>, ui: &mut Ui) {
        if self.plot.moved && controls::quiet_button(ui, "Reset view", "Shows the whole plane again; so does a double click.").clicked() {
            self.plot.moved = false;
        }
        step_ui(ctx, shown, ui);
    }
}

/// Points over the verdict. The middle shows it large, the explorer small.
#[derive(Debug, Default)]
pub struct PointsPlot {
    dataset: Revision<Dataset>,
    /// What the parts below were made of: data, snapshot, theme.
    made: Option<(u64, u64, bool)>,
    real: Vec<PlotPoint>,
    generated: Vec<PlotPoint>,
    verdict: Texture,
    /// The square of the plane the verdict covers: its centre's coordinate and its side.
    square: Option<(f64, f32)>,
    /// The square that is in sight from the beginning.
    home: Option<(f64, f64)>,
    /// Did somebody pan or zoom?
    moved: bool,
}

impl PointsPlot {
    /// Takes in what is new.
    pub fn update(&mut self, dataset: Option<&Arc<Dataset>>, shown: Option<Shown<'_>>, ui: &Ui) {
        let key = (self.dataset.of(dataset), shown.map_or(0, |shown| shown.revision), ui.visuals().dark_mode);
        if self.made == Some(key) {
            return;
        }
        if self.made.is_none_or(|made| made.0 != key.0) {
            self.real = dataset.map(|dataset| real_points(dataset)).unwrap_or_default();
            self.home = None;
        }
        self.made = Some(key);
        self.generated.clear();
        self.square = None;
        if let Some(Samples::Points { generated, verdict }) = shown.map(|shown| &shown.snapshot.samples) {
            let finite = generated.iter().filter(|point| point.iter().all(|value| value.is_finite()));
            self.generated.extend(finite.take(MAX_POINTS).map(|&[x, y]| PlotPoint::new(x, y)));
            if let Some(image) = heat_image(verdict, theme::tokens(ui)) {
                self.verdict.set(ui.ctx(), image, TextureOptions::LINEAR);
                self.square = Some((f64::from(verdict.low + verdict.high) / 2.0, verdict.high - verdict.low));
                self.home = Some((f64::from(verdict.low), f64::from(verdict.high)));
            }
        }
        self.home = self.home.or_else(|| around(&self.real));
    }

    /// Draws the plot into the available room, with one point marked. `axes` are drawn where it is large.
    pub fn ui(&mut self, layers: Layers, marked: Option<[f32; 2]>, axes: bool, ui: &mut Ui) {
        let tokens = theme::tokens(ui);
        let radius = if ui.available_height() < 75.0 * SPACE { 1.25 } else { 1.75 };
        let home = self.home.unwrap_or((-2.0, 2.0));
        let (hints_x, hints_y) = (hints(AxisHints::new_x(), tokens), hints(AxisHints::new_y(), tokens).min_thickness(7.0 * SPACE));
        let plot = Plot::new("points")
            .data_aspect(1.0)
            .custom_x_axes(vec![hints_x])
            .custom_y_axes(vec![hints_y])
            .x_grid_spacer(|input| Scale::Linear.marks(&input))
            .y_grid_spacer(|input| Scale::Linear.marks(&input))
            .grid_spacing(12.0 * SPACE..=12.0 * SPACE + 1.0)
            .grid_color(tokens.hairline.gamma_multiply(0.6))
            .show_axes(axes)
            .show_background(false)
            .show_x(false)
            .show_y(false)
            .allow_drag(axes)
            .allow_scroll(false)
            .allow_zoom(axes)
            .allow_boxed_zoom(false)
            .allow_axis_zoom_drag(false)
            .allow_double_click_reset(false)
            .sense(if axes { Sense::click_and_drag() } else { Sense::hover() })
            .label_formatter(|_| None);
        let moved = self.moved;
        let shown = plot.show(ui, |plot_ui| {
            if !moved {
                plot_ui.set_plot_bounds(PlotBounds::from_min_max([home.0; 2], [home.1; 2]));
            }
            wheel_zoom(plot_ui, axes);
            self.items(plot_ui, layers, marked, radius, tokens);
        });
        let wheel = ui.input(|input| input.smooth_scroll_delta() != Vec2::ZERO || input.zoom_delta() != 1.0);
        self.moved |= axes && (shown.response.dragged() || (shown.response.hovered() && wheel));
        if shown.response.double_clicked() {
            self.moved = false;
        }
        if let (true, Some(at)) = (axes, shown.response.hover_pos()) {
            let place = shown.transform.value_from_position(at);
            coordinates(ui, *shown.transform.frame(), place);
        }
    }

    fn items<'a>(&'a self, plot_ui: &mut PlotUi<'a>, layers: Layers, marked: Option<[f32; 2]>, radius: f32, tokens: &Tokens) {
        if let (true, Some((centre, side)), Some(texture)) = (layers.verdict, self.square, self.verdict.id()) {
            plot_ui.image(PlotImage::new("verdict", texture, PlotPoint::new(centre, centre), Vec2::splat(side)).allow_hover(false));
        }
        let cloud = |name: &str, points: &'a [PlotPoint], colour: Color32, radius: f32| {
            Points::new(name, PlotPoints::Borrowed(points)).color(colour).radius(radius).allow_hover(false)
        };
        // Real points are larger, so that generated ones on top of them do not hide them.
        if layers.real {
            plot_ui.points(cloud("real", &self.real, tokens.real, 1.5 * radius));
        }
        if layers.generated {
            plot_ui.points(cloud("generated", &self.generated, tokens.generator, radius));
        }
        if let Some([x, y]) = marked.filter(|point| point.iter().all(|value| value.is_finite())) {
            for (name, colour, size) in [("mark's rim", tokens.text, 6.0), ("mark", tokens.generator, 4.5)] {
                plot_ui.points(Points::new(name, vec![[f64::from(x), f64::from(y)]]).color(colour).radius(size).allow_hover(false));
            }
        }
    }
}

fn hints<'a>(hints: AxisHints<'a>, tokens: &Tokens) -> AxisHints<'a> {
    let font = FontId::proportional(SMALL);
    let text = |mark: GridMark, range: &RangeInclusive<f64>| {
        // At the very ends a text would stick out.
        let margin = 0.02 * (range.end() - range.start());
        let inside = mark.value - range.start() > margin && range.end() - mark.value > margin;
        if inside { Scale::Linear.mark_text(&mark) } else { String::new() }
    };
    hints.tick_label_font(font).tick_label_color(tokens.quiet).label_spacing(0.0..=1.0).formatter(text)
}

fn wheel_zoom(plot_ui: &mut PlotUi<'_>, on: bool) {
    if on && plot_ui.response().hovered() {
        let scroll = plot_ui.ctx().input(|input| input.smooth_scroll_delta().y);
        if scroll != 0.0 {
            plot_ui.zoom_bounds_around_hovered(Vec2::splat((scroll / 400.0).exp()));
        }
    }
}

fn coordinates(ui: &Ui, frame: Rect, place: PlotPoint) {
    let text = format!("x {}   y {}", format::reading(place.x), format::reading(place.y));
    let at = frame.right_bottom() - vec2(2.0 * SPACE, SPACE);
    let align = eframe::egui::Align2::RIGHT_BOTTOM;
    ui.painter().text(at, align, text, FontId::proportional(SMALL), theme::tokens(ui).quiet);
}

/// Those of the data that are drawn.
fn real_points(dataset: &Dataset) -> Vec<PlotPoint> {
    dataset.some_points(MAX_POINTS).into_iter().map(|[x, y]| PlotPoint::new(x, y)).collect()
}

/// A square about the origin that holds all points, with room to spare.
fn around(points: &[PlotPoint]) -> Option<(f64, f64)> {
    let reach = points.iter().map(|point| point.x.abs().max(point.y.abs())).fold(0.0, f64::max);
    (reach > 0.0).then_some((-1.4 * reach, 1.4 * reach))
}

/// The verdict as colours: the discriminator's blue for generated, the green of real data for real, the ground where it can only
/// guess.
fn heat_image(map: &HeatMap, tokens: &Tokens) -> Option<ColorImage> {
    if map.side == 0 || map.values.len() != map.side * map.side || map.low >= map.high {
        return None;
    }
    // A texture begins at the top, the map at the smallest y.
    let rows = map.values.chunks_exact(map.side).rev();
    let pixels = rows.flatten().map(|&value| verdict_colour(value, tokens)).collect();
    Some(ColorImage::new([map.side, map.side], pixels))
}

fn verdict_colour(value: f32, tokens: &Tokens) -> Color32 {
    if value.is_nan() {
        return tokens.error;
    }
    let lean = (2.0 * value.clamp(0.0, 1.0) - 1.0) * 0.4;
    let side = if lean < 0.0 { tokens.discriminator } else { tokens.real };
    theme::mix(tokens.ground, side, lean.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_is_neutral_where_the_discriminator_guesses_and_turned_the_right_way_up() {
        let tokens = &theme::DARK;
        assert_eq!(verdict_colour(0.5, tokens), tokens.ground);
        let map = HeatMap { low: -1.0, high: 1.0, side: 2, values: vec![1.0, 0.5, 0.0, 0.5] };
        let image = heat_image(&map, tokens).unwrap();
        assert_eq!(image.pixels[0], verdict_colour(0.0, tokens), "the largest y is at the top");
        assert_eq!(image.pixels[2], verdict_colour(1.0, tokens));
        assert!(heat_image(&HeatMap { values: vec![0.5; 3], ..map }, tokens).is_none(), "a map that is not whole is not drawn");
    }

    #[test]
    fn a_square_holds_all_points() {
        let points = [PlotPoint::new(0.5, -2.0), PlotPoint::new(1.0, 0.0)];
        assert_eq!(around(&points), Some((-2.8, 2.8)));
        assert_eq!(around(&[]), None);
    }
}
