//! A chart of a few series over a run: what was measured faintly, smoothed strongly, and what the pointer is on in a label.

use eframe::egui::{Align2, Color32, FontId, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};
use egui_plot::{
    AxisHints, GridMark, HLine, Line, LineStyle, Plot, PlotBounds, PlotPoint, PlotPoints, PlotTransform, PlotUi, Points, VLine,
};

use super::curves::Along;
use super::format;
use super::plot_scale::{self, Scale};
use crate::gui::theme::{self, CORNER, SMALL, SPACE};

/// One series, placed on its axes.
#[derive(Clone, Copy, Debug)]
pub struct Trace<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its colour.
    pub colour: Color32,
    /// As measured.
    pub raw: &'a [PlotPoint],
    /// Smoothed; empty where nothing is smoothed.
    pub smooth: &'a [PlotPoint],
    /// Where the first value that is no number would be.
    pub broken_at: Option<f64>,
}

impl<'a> Trace<'a> {
    /// The line that is drawn strongly.
    pub fn main(&self) -> &'a [PlotPoint] {
        if self.smooth.is_empty() { self.raw } else { self.smooth }
    }
}

/// A value worth comparing with.
#[derive(Clone, Debug)]
pub struct Landmark {
    /// The value.
    pub value: f64,
    /// What it is, in a few characters; nothing where that is said beside.
    pub name: String,
    /// What it means when a curve is there.
    pub meaning: String,
}

/// What is known at one place of the horizontal axis.
#[derive(Clone, Debug, Default)]
pub struct Readout {
    /// The place in words.
    pub title: String,
    /// The place.
    pub at: f64,
    /// Colour, name and values of each series, smoothed and as measured.
    pub rows: Vec<(Color32, String, String, String)>,
}

/// A chart.
#[derive(Debug)]
pub struct MetricPlot<'a> {
    /// Tells charts apart.
    pub id: &'static str,
    /// What is drawn.
    pub traces: &'a [Trace<'a>],
    /// The same of another run, dashed.
    pub beside: &'a [Trace<'a>],
    /// Dotted lines.
    pub landmarks: &'a [Landmark],
    /// The vertical axis.
    pub scale: Scale,
    /// The horizontal axis.
    pub along: Along,
    /// The part of the horizontal axis in sight.
    pub x: (f64, f64),
    /// The part of the vertical axis in sight, placed by `scale`.
    pub y: (f64, f64),
    /// Where the pointer is in the other chart.
    pub marker: Option<f64>,
    /// Has each point a dot, where there are few?
    pub dots: bool,
}

/// More dots would be a thick line.
const MOST_DOTS: usize = 80;

/// What a person did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// The bounds they moved to.
    pub moved: Option<PlotBounds>,
    /// They want to see everything again.
    pub reset: bool,
    /// Where the pointer is on the horizontal axis.
    pub pointer: Option<f64>,
}

impl MetricPlot<'_> {
    /// Draws the chart into the available room. `read` looks up what is known at a place.
    pub fn ui(self, ui: &mut Ui, read: impl FnOnce(f64) -> Readout) -> Outcome {
        let tokens = theme::tokens(ui);
        let (along, scale) = (self.along, self.scale);
        let axis = |hints: AxisHints<'static>| {
            let font = FontId::proportional(SMALL);
            hints.tick_label_font(font).tick_label_color(tokens.quiet).label_spacing(0.0..=1.0)
        };
        let x_axis = axis(AxisHints::new_x()).formatter(move |mark, _| x_text(along, mark));
        let y_axis = axis(AxisHints::new_y()).formatter(move |mark, _| scale.mark_text(&mark)).min_thickness(10.0 * SPACE);
        let plot = Plot::new(self.id)
            .custom_x_axes(vec![x_axis])
            .custom_y_axes(vec![y_axis])
            .x_grid_spacer(move |mut input| {
                input.base_step_size *= 2.0;
                if along == Along::Step { plot_scale::step_marks(&input) } else { plot_scale::time_marks(&input) }
            })
            .y_grid_spacer(move |input| scale.marks(&input))
            .grid_spacing(9.0 * SPACE..=9.0 * SPACE + 1.0)
            .grid_color(tokens.hairline)
            .show_background(false)
            .show_x(false)
            .show_y(false)
            .allow_scroll(false)
            .allow_axis_zoom_drag(false)
            .allow_double_click_reset(false)
            .sense(Sense::click_and_drag())
            .label_formatter(|_| None);
        let bounds = PlotBounds::from_min_max([self.x.0, self.y.0], [self.x.1, self.y.1]);
        let shown = plot.show(ui, |plot_ui| self.items(plot_ui, bounds, tokens));
        self.landmark_names(ui, &shown.transform);
        let pointer = shown.response.hover_pos().map(|at| shown.transform.value_from_position(at).x);
        if let (Some(at), Some(place)) = (shown.response.hover_pos(), pointer) {
            self.readout(ui, &shown.transform, at, &read(place));
        }
        let now = *shown.transform.bounds();
        Outcome { moved: differ(&now, &bounds).then_some(now), reset: shown.response.double_clicked(), pointer }
    }

    fn items<'a>(&'a self, plot_ui: &mut PlotUi<'a>, bounds: PlotBounds, tokens: &theme::Tokens) {
        plot_ui.set_plot_bounds_x(bounds.range_x());
        plot_ui.set_plot_bounds_y(bounds.range_y());
        if plot_ui.response().hovered() {
            // The wheel zooms the horizontal axis, with shift the vertical one.
            let (scroll, vertical) = plot_ui.ctx().input(|input| (input.smooth_scroll_delta(), input.modifiers.shift));
            let factor = ((scroll.x + scroll.y) / 400.0).exp();
            if factor != 1.0 {
                plot_ui.zoom_bounds_around_hovered(if vertical { vec2(1.0, factor) } else { vec2(factor, 1.0) });
            }
        }
        for landmark in self.landmarks {
            if let Some(place) = self.scale.place(landmark.value) {
                let style = LineStyle::Dotted { spacing: 1.5 * SPACE };
                plot_ui.hline(HLine::new(landmark.name.as_str(), place).color(tokens.quiet).width(1.0).style(style).allow_hover(false));
            }
        }
        for place in self.traces.iter().filter_map(|trace| trace.broken_at) {
            plot_ui.vline(VLine::new("not a number", place).color(tokens.error).width(1.0).allow_hover(false));
        }
        if let Some(place) = self.marker {
            plot_ui.vline(VLine::new("pointer", place).color(tokens.quiet).width(1.0).allow_hover(false));
        }
        for trace in self.beside {
            let line = Line::new(trace.name, PlotPoints::Borrowed(trace.main()));
            let style = LineStyle::Dashed { length: 2.0 * SPACE };
            plot_ui.line(line.color(trace.colour.gamma_multiply(0.8)).width(1.5).style(style).allow_hover(false));
        }
        for trace in self.traces.iter().filter(|trace| !trace.smooth.is_empty()) {
            let line = Line::new(format!("{} as measured", trace.name), PlotPoints::Borrowed(trace.raw));
            plot_ui.line(line.color(trace.colour.gamma_multiply(0.28)).width(1.0).allow_hover(false));
        }
        for trace in self.traces {
            let line = Line::new(trace.name, PlotPoints::Borrowed(trace.main()));
            plot_ui.line(line.color(trace.colour).width(1.75).allow_hover(false));
            if self.dots && trace.raw.len() <= MOST_DOTS {
                let dots = Points::new(trace.name, PlotPoints::Borrowed(trace.raw));
                plot_ui.points(dots.color(trace.colour).radius(2.5).allow_hover(false));
            }
        }
    }

    /// The names of the dotted lines, each with what it means under the pointer. Where two lie on each other their names stand side by side.
    fn landmark_names(&self, ui: &Ui, transform: &PlotTransform) {
        let tokens = theme::tokens(ui);
        let painter = ui.painter().with_clip_rect(*transform.frame());
        let mut taken: Vec<Rect> = Vec::new();
        for (index, landmark) in self.landmarks.iter().enumerate().filter(|(_, landmark)| !landmark.name.is_empty()) {
            let Some(place) = self.scale.place(landmark.value) else { continue };
            let y = transform.position_from_point_y(place);
            if !transform.frame().y_range().contains(y) {
                continue;
            }
            let galley = painter.layout_no_wrap(landmark.name.clone(), FontId::proportional(SMALL), tokens.quiet);
            let at = pos2(transform.frame().right() - SPACE, y - 2.0);
            let mut rect = Align2::RIGHT_BOTTOM.anchor_size(at, galley.size());
            // At the upper edge there is room below the line only.
            if rect.top() < transform.frame().top() {
                rect = rect.translate(vec2(0.0, rect.height() + 4.0));
            }
            while let Some(other) = taken.iter().find(|other| other.intersects(rect)) {
                rect = rect.translate(vec2(other.left() - rect.right() - 2.0 * SPACE, 0.0));
            }
            taken.push(rect);
            // Curves run behind the name.
            painter.rect_filled(rect.expand2(vec2(SPACE / 2.0, 0.0)), 2, tokens.ground.gamma_multiply(0.75));
            painter.galley(rect.min, galley, tokens.quiet);
            if !landmark.meaning.is_empty() {
                let response = ui.interact(rect.expand(3.0), ui.scope_id().with(("landmark", self.id, index)), Sense::hover());
                response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{}: {}", landmark.name, landmark.meaning)));
                response.on_hover_text(&landmark.meaning);
            }
        }
    }

    /// A line at the place, a dot on each series, and what they are there.
    fn readout(&self, ui: &Ui, transform: &PlotTransform, pointer: Pos2, readout: &Readout) {
        if readout.rows.is_empty() {
            return;
        }
        let tokens = theme::tokens(ui);
        let frame = *transform.frame();
        let painter = ui.painter().with_clip_rect(frame);
        let x = transform.position_from_point_x(readout.at);
        painter.vline(x, frame.y_range(), Stroke::new(1.0, tokens.quiet));
        for trace in self.traces {
            if let Some(point) = nearest_point(trace.main(), readout.at) {
                let at = transform.position_from_point(&point);
                painter.circle(at, 3.5, trace.colour, Stroke::new(1.5, tokens.ground));
            }
        }
        readout_label(ui, frame, pos2(x, pointer.y), readout);
    }
}

/// The lines of a readout that say what another run's curves are at a place.
pub fn rows_beside<'a>(
    beside: &'a [Trace<'a>],
    at: f64,
    text: impl Fn(f64) -> String + 'a,
) -> impl Iterator<Item = (Color32, String, String, String)> + 'a {
    let row = move |trace: &Trace<'_>| {
        // Beyond its end it is nothing.
        let point = nearest_point(trace.main(), at).filter(|_| trace.main().last().is_some_and(|last| last.x >= at))?;
        Some((trace.colour, trace.name.to_owned(), text(point.y), String::new()))
    };
    beside.iter().filter_map(row)
}

fn readout_label(ui: &Ui, frame: Rect, at: Pos2, readout: &Readout) {
    let tokens = theme::tokens(ui);
    let font = FontId::proportional(SMALL);
    let layout = |text: &str, colour: Color32| ui.painter().layout_no_wrap(text.to_owned(), font.clone(), colour);
    let title = layout(&readout.title, tokens.quiet);
    let rows: Vec<_> = readout
        .rows
        .iter()
        .map(|(colour, name, smooth, raw)| (*colour, layout(name, tokens.text), layout(smooth, tokens.text), layout(raw, tokens.quiet)))
        .collect();
    let widest = |width: &dyn Fn(usize) -> f32| (0..rows.len()).map(width).fold(0.0, f32::max);
    let names = widest(&|row| rows[row].1.size().x);
    let smooth = widest(&|row| rows[row].2.size().x);
    let raw = widest(&|row| rows[row].3.size().x);
    let line = title.size().y + 2.0;
    let inner = (3.0 * SPACE + names + 3.0 * SPACE + smooth + if raw > 0.0 { 2.0 * SPACE + raw } else { 0.0 }).max(title.size().x);
    let size = vec2(inner, line * (rows.len() + 1) as f32) + Vec2::splat(4.0 * SPACE);
    // To the right of the pointer, or to the left where there is no room.
    let (left, right) = (at.x - 3.0 * SPACE - size.x, at.x + 3.0 * SPACE);
    let left = if right + size.x > frame.right() { left.max(frame.left()) } else { right };
    let top = (at.y - size.y / 2.0).clamp(frame.top(), (frame.bottom() - size.y).max(frame.top()));
    let rect = Rect::from_min_size(pos2(left, top), size);
    ui.painter().rect(rect, CORNER, tokens.panel.gamma_multiply(0.94), Stroke::new(1.0, tokens.hairline), eframe::egui::StrokeKind::Inside);
    let mut corner = rect.min + Vec2::splat(2.0 * SPACE);
    ui.painter().galley(corner, title, tokens.quiet);
    for (colour, name, smooth_text, raw_text) in rows {
        corner.y += line;
        ui.painter().rect_filled(Rect::from_min_size(corner + vec2(0.0, 3.0), Vec2::splat(2.0 * SPACE)), 2, colour);
        let right = corner.x + 3.0 * SPACE + names + 3.0 * SPACE + smooth;
        ui.painter().galley(pos2(corner.x + 3.0 * SPACE, corner.y), name, tokens.text);
        ui.painter().galley(pos2(right - smooth_text.size().x, corner.y), smooth_text, tokens.text);
        ui.painter().galley(pos2(right + 2.0 * SPACE + raw - raw_text.size().x, corner.y), raw_text, tokens.quiet);
    }
}

fn x_text(along: Along, mark: GridMark) -> String {
    match along {
        Along::Step if mark.value >= 0.0 => format::grouped(mark.value.round() as u64),
        // A run has no steps before its first.
        Along::Step => String::new(),
        Along::Time => plot_scale::time_text(&mark),
    }
}

/// The point of a line that is nearest to a place of the horizontal axis, along which it is ordered.
pub fn nearest_point(points: &[PlotPoint], place: f64) -> Option<PlotPoint> {
    let after = points.partition_point(|point| point.x < place);
    let candidates = [points.get(after.wrapping_sub(1)), points.get(after)];
    candidates.into_iter().flatten().min_by(|a, b| (a.x - place).abs().total_cmp(&(b.x - place).abs())).copied()
}

fn differ(a: &PlotBounds, b: &PlotBounds) -> bool {
    let off = |a: f64, b: f64, span: f64| (a - b).abs() > 1e-6 * span.abs();
    (0..2).any(|axis| {
        let span = b.max()[axis] - b.min()[axis];
        off(a.min()[axis], b.min()[axis], span) || off(a.max()[axis], b.max()[axis], span)
    })
}

/// The range that shows what matters of a few lines: all of what is smoothed, and of what was measured all but the outermost
/// hundredths, so that one spike does not flatten everything else. With some air above and below.
pub fn range_of(traces: &[(&[PlotPoint], &[PlotPoint])]) -> Option<(f64, f64)> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (raw, smooth) in traces {
        let mut values: Vec<f64> = raw.iter().map(|point| point.y).collect();
        if values.is_empty() {
            continue;
        }
        let outer = values.len() / 100;
        let last = values.len() - 1;
        low = low.min(*values.select_nth_unstable_by(outer, f64::total_cmp).1);
        high = high.max(*values.select_nth_unstable_by(last - outer, f64::total_cmp).1);
        for point in *smooth {
            (low, high) = (low.min(point.y), high.max(point.y));
        }
    }
    if low > high {
        return None;
    }
    let air = if high > low { 0.06 * (high - low) } else { 0.05 * high.abs().max(1.0) };
    Some((low - air, high + air))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: impl IntoIterator<Item = f64>) -> Vec<PlotPoint> {
        values.into_iter().enumerate().map(|(x, y)| PlotPoint::new(x as f64, y)).collect()
    }

    #[test]
    fn a_single_spike_does_not_set_the_range() {
        let raw = line((0..1_000).map(|x| if x == 400 { 1e6 } else { f64::from(x % 10) }));
        let smooth = line([2.0, 3.0]);
        let (low, high) = range_of(&[(&raw, &smooth)]).unwrap();
        assert!((low - -0.54).abs() < 1e-9 && (high - 9.54).abs() < 1e-9, "{low} {high}");
    }

    #[test]
    fn what_is_smoothed_is_always_in_range_and_a_constant_has_air() {
        let (low, high) = range_of(&[(&line([1.0; 10]), &line([5.0]))]).unwrap();
        assert!(low < 1.0 && high > 5.0);
        let (low, high) = range_of(&[(&line([2.0; 10]), &[])]).unwrap();
        assert!(low < 2.0 && high > 2.0);
        assert!(range_of(&[(&[], &[])]).is_none());
    }

    #[test]
    fn the_nearest_point_of_a_line_is_found() {
        let points = line([10.0, 11.0, 12.0]);
        assert_eq!(nearest_point(&points, 1.2).unwrap().y, 11.0);
        assert_eq!(nearest_point(&points, 99.0).unwrap().y, 12.0);
        assert_eq!(nearest_point(&points, -1.0).unwrap().y, 10.0);
        assert!(nearest_point(&[], 0.0).is_none());
    }
}
