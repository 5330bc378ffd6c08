//! How the run goes: both losses, and what the discriminator says of real and of generated samples.

mod quality;

use eframe::egui::{Align, Color32, FontId, Layout, Rect, RichText, Slider, Ui, UiBuilder, Vec2, vec2};
use egui_plot::PlotPoint;

use self::quality::{QualityChart, Sight as QualitySight};
use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::theme::{self, SMALL, SPACE, Tokens};
use crate::gui::widgets::controls::{self, Segment};
use crate::gui::widgets::curves::{self, Along, Curves, Sight};
use crate::gui::widgets::metric_plot::{self, Landmark, MetricPlot, Outcome, Readout, Trace};
use crate::gui::widgets::place::Empty;
use crate::gui::widgets::plot_scale::Scale;
use crate::gui::widgets::{format, rows};
use crate::spec::{Loss, TrainSpec};
use crate::train::{self, History, Metric, Place, Sample, StepRecord};

/// The two charts: which series they hold.
const CHARTS: [[Metric; 2]; 2] = [[Metric::GeneratorLoss, Metric::DiscriminatorLoss], [Metric::Real, Metric::Fake]];

/// The third chart: how good samples are.
const QUALITY: usize = 2;

/// Charts of a run's numbers.
#[derive(Debug)]
pub(super) struct Charts {
    /// Steps over which curves are smoothed; 1 is none.
    window: u32,
    along: Along,
    loss_scale: Scale,
    /// The part of the horizontal axis in sight; none follows the run.
    x: Option<(f64, f64)>,
    /// The same for the vertical axis of each chart.
    y: [Option<(f64, f64)>; 3],
    visible: [bool; 4],
    /// Where the pointer is on the horizontal axis, and over which chart.
    pointer: Option<(usize, f64)>,
    lines: Lines,
    quality: QualityChart,
    /// Which chart stands beside the losses, where there is room for two.
    second: usize,
    /// Was a picture asked for in this frame? It shows the charts without the line of controls above.
    is_photographed: bool,
}

impl Default for Charts {
    fn default() -> Self {
        Self {
            window: 20,
            along: Along::Step,
            loss_scale: Scale::Linear,
            x: None,
            y: [None; 3],
            visible: [true; 4],
            pointer: None,
            lines: Lines::default(),
            quality: QualityChart::default(),
            second: QUALITY,
            is_photographed: false,
        }
    }
}

/// What is drawn, kept until something changes.
#[derive(Debug, Default)]
struct Lines {
    made_for: Option<LinesKey>,
    raw: [Vec<PlotPoint>; 4],
    smooth: [Vec<PlotPoint>; 4],
    /// Of the run beside, smoothed as these are.
    beside: [Vec<PlotPoint>; 4],
    /// Finite values that have no place on their axis.
    left_out: usize,
    range: [Option<(f64, f64)>; 2],
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct LinesKey {
    /// Of each run, how many records there are, and the first and the last of them.
    records: [(usize, [Option<Place>; 2]); 2],
    sight: Sight,
    loss_scale: Scale,
    visible: [bool; 4],
}

impl Charts {
    /// Draws the charts and what belongs to them into the available room.
    pub fn ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) {
        let history = &ctx.run.history;
        let offer = Offer::of(ctx, ui.available_size());
        let plots = self.toolbar_ui(ctx, offer, ui);
        if std::mem::take(&mut self.is_photographed) {
            ctx.command(Command::ExportCharts(plots));
        }
        if history.is_empty() && ctx.fork.is_none_or(|fork| fork.run.history.is_empty()) {
            Empty::new("No curves yet", "Losses and verdicts are drawn here, one point for every step.").ui(ui, plots);
            return;
        }
        let charts = match offer {
            Offer::WithoutQuality => vec![0, 1],
            Offer::Choice => vec![0, self.second],
            Offer::All => vec![0, 1, QUALITY],
        };
        let rooms = split(plots, charts.len());
        self.place_lines(history, ctx.fork.map(|fork| &fork.run.history), columns(rooms[0].width() * ui.pixels_per_point()));
        for (chart, rect) in charts.into_iter().zip(rooms) {
            // The last number of the axis may stick out to the right.
            let mut ui = ui.new_child(UiBuilder::new().max_rect(rect.with_max_x(rect.right() - 3.0 * SPACE)).id_salt(chart));
            ui.set_clip_rect(rect.expand(SPACE).intersect(ui.clip_rect()));
            if chart == QUALITY { self.quality_ui(ctx, &mut ui) } else { self.chart_ui(ctx, chart, &mut ui) }
        }
    }

    fn quality_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) {
        let sight = QualitySight {
            along: self.along,
            x: self.x.unwrap_or_else(|| self.whole_run(ctx)),
            y: self.y[QUALITY],
            marker: self.pointer.filter(|&(other, _)| other != QUALITY).map(|(_, place)| place),
        };
        let outcome = self.quality.ui(ctx, &sight, ui);
        self.heed(QUALITY, outcome);
    }

    /// The line of controls; returns the room below it.
    fn toolbar_ui(&mut self, ctx: &ViewContext<'_>, offer: Offer, ui: &mut Ui) -> Rect {
        rows::header(
            ui,
            "Curves",
            if offer == Offer::Choice { 140.0 * SPACE } else { 115.0 * SPACE },
            self,
            |charts, ui| {
                charts.smoothing_ui(ui);
                charts.along_ui(ui);
            },
            |charts, ui| charts.actions_ui(ctx, offer, ui),
        )
    }

    fn smoothing_ui(&mut self, ui: &mut Ui) {
        let tip = "How many steps each point of a curve is averaged over. Larger: a calmer curve that answers later. 1: none.";
        ui.label(RichText::new("smoothing").size(SMALL).color(theme::tokens(ui).quiet)).on_hover_text(tip);
        ui.spacing_mut().slider_width = 16.0 * SPACE;
        ui.spacing_mut().interact_size.y = 4.0 * SPACE;
        let slider = Slider::new(&mut self.window, 1..=1_000).logarithmic(true).show_value(false);
        ui.name_inputs("smoothing", |ui| ui.add(slider)).on_hover_text(tip);
        let text = if self.window == 1 { "off".to_owned() } else { format!("{} steps", format::grouped(u64::from(self.window))) };
        let width = controls::text_width(ui, "1,000 steps", SMALL);
        ui.allocate_ui_with_layout(vec2(width, controls::HEIGHT), Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(width);
            ui.label(RichText::new(text).size(SMALL));
        });
    }

    fn along_ui(&mut self, ui: &mut Ui) {
        let segments = [
            Segment { value: Along::Step, name: "step", tip: "The horizontal axis counts generator steps." },
            Segment { value: Along::Time, name: "time", tip: "The horizontal axis counts seconds of training, pauses left out." },
        ];
        if controls::segmented(ui, "horizontal axis", &mut self.along, &segments) {
            self.x = None;
        }
    }

    fn actions_ui(&mut self, ctx: &ViewContext<'_>, offer: Offer, ui: &mut Ui) {
        let any = !ctx.run.history.is_empty();
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_enabled_ui(any, |ui| {
            if controls::quiet_button(ui, "PNG", "Saves a picture of both charts as they are now.").clicked() {
                self.is_photographed = true;
            }
            if controls::quiet_button(ui, "CSV", "Saves the numbers of every step as a table.").clicked() {
                ctx.command(Command::ExportHistory);
            }
        });
        if offer == Offer::Choice {
            self.second_ui(ui);
        }
        if self.x.is_some() || self.y != [None; 3] {
            let tip = "Shows the whole run again and goes along with it. A double click on a chart does the same.";
            if controls::quiet_button(ui, "Follow", tip).clicked() {
                self.follow();
            }
        }
    }

    /// Which chart stands beside the losses.
    fn second_ui(&mut self, ui: &mut Ui) {
        let segments = [
            Segment { value: 1, name: "verdicts", tip: "What the discriminator says of real and of generated samples." },
            Segment { value: QUALITY, name: "quality", tip: "How good samples are, as it is measured beside training." },
        ];
        controls::segmented(ui, "chart beside the losses", &mut self.second, &segments);
    }

    fn follow(&mut self) {
        self.x = None;
        self.y = [None; 3];
    }

    fn scale(&self, chart: usize) -> Scale {
        if chart == 0 { self.loss_scale } else { Scale::Linear }
    }

    /// Puts the points of all lines in place, if anything changed since the last frame.
    fn place_lines(&mut self, history: &History, beside: Option<&History>, columns: usize) {
        let (along, loss_scale, visible) = (self.along, self.loss_scale, self.visible);
        let sight = Sight { along, range: self.x, columns, window: self.window };
        let none = History::default();
        let beside = beside.unwrap_or(&none);
        let key = LinesKey { records: [extent(history), extent(beside)], sight, loss_scale, visible };
        if self.lines.made_for == Some(key) {
            return;
        }
        let (curves, others) = (Curves::of(history, &sight), Curves::of(beside, &sight));
        let mut lines = Lines { made_for: Some(key), ..Lines::default() };
        for (chart, metrics) in CHARTS.into_iter().enumerate() {
            let scale = self.scale(chart);
            for metric in metrics {
                let (raw, smooth) = (&curves.raw[metric as usize], &curves.smooth[metric as usize]);
                lines.left_out += raw.iter().filter(|sample| scale.place(f64::from(sample.value)).is_none()).count();
                lines.raw[metric as usize] = placed(raw, along, scale);
                lines.smooth[metric as usize] = placed(smooth, along, scale);
                let (raw, smooth) = (&others.raw[metric as usize], &others.smooth[metric as usize]);
                lines.beside[metric as usize] = placed(if smooth.is_empty() { raw } else { smooth }, along, scale);
            }
            let shown = metrics.into_iter().filter(|&metric| visible[metric as usize]).map(|metric| metric as usize);
            let drawn: Vec<_> =
                shown.flat_map(|metric| [(&lines.raw[metric][..], &lines.smooth[metric][..]), (&lines.beside[metric][..], &[])]).collect();
            lines.range[chart] = metric_plot::range_of(&drawn);
        }
        self.lines = lines;
    }

    fn chart_ui(&mut self, ctx: &ViewContext<'_>, chart: usize, ui: &mut Ui) {
        let tokens = theme::tokens(ui);
        let history = &ctx.run.history;
        let loss = ctx.project().train.loss;
        ui.spacing_mut().item_spacing.y = SPACE;
        self.legend_ui(chart, loss, history, ui);
        let traces: Vec<Trace<'_>> = CHARTS[chart]
            .into_iter()
            .filter(|&metric| self.visible[metric as usize])
            .map(|metric| Trace {
                name: name(metric, loss),
                colour: colour(metric, tokens),
                raw: &self.lines.raw[metric as usize],
                smooth: &self.lines.smooth[metric as usize],
                broken_at: history.broken(metric).map(|place| self.along.of(&place)),
            })
            .collect();
        let names =
            CHARTS[chart].map(|metric| ctx.fork.map_or_else(String::new, |fork| format!("{}: {}", fork.letter.name(), name(metric, loss))));
        let beside: Vec<Trace<'_>> = (CHARTS[chart].into_iter().zip(&names))
            .filter(|&(metric, _)| ctx.fork.is_some() && self.visible[metric as usize])
            .map(|(metric, name)| Trace {
                name,
                colour: colour(metric, tokens),
                raw: &self.lines.beside[metric as usize],
                smooth: &[],
                broken_at: None,
            })
            .collect();
        let landmarks = landmarks(chart, &ctx.project().train);
        let plot = MetricPlot {
            id: ["losses", "verdicts"][chart],
            traces: &traces,
            beside: &beside,
            landmarks: &landmarks,
            scale: self.scale(chart),
            along: self.along,
            x: self.x.unwrap_or_else(|| self.whole_run(ctx)),
            y: self.y[chart].or_else(|| self.range(chart, loss)).unwrap_or((0.0, 1.0)),
            marker: self.pointer.filter(|&(other, _)| other != chart).map(|(_, place)| place),
            dots: false,
        };
        let lookup = Lookup { history, along: self.along, scale: self.scale(chart), traces: &traces, beside: &beside, loss };
        let outcome = plot.ui(ui, |place| lookup.at(place, tokens));
        self.heed(chart, outcome);
    }

    /// Takes in what was done in a chart.
    fn heed(&mut self, chart: usize, outcome: Outcome) {
        match outcome.pointer {
            Some(place) => self.pointer = Some((chart, place)),
            None if self.pointer.is_some_and(|(owner, _)| owner == chart) => self.pointer = None,
            None => {}
        }
        if let Some(bounds) = outcome.moved {
            self.x = Some((bounds.min()[0], bounds.max()[0]));
            self.y[chart] = Some((bounds.min()[1], bounds.max()[1]));
        }
        if outcome.reset {
            self.follow();
        }
    }

    fn legend_ui(&mut self, chart: usize, loss: Loss, history: &History, ui: &mut Ui) {
        let tokens = theme::tokens(ui);
        let roomy = ui.available_width() > 55.0 * SPACE;
        ui.horizontal(|ui| {
            for metric in CHARTS[chart] {
                let newest = self.lines.newest(metric).map(|place| format::reading(self.scale(chart).value(place)));
                // Where there is no room for values the pointer still reads them out.
                let value = newest.as_deref().map(|text| (text, "0.000")).filter(|_| roomy);
                let on = &mut self.visible[metric as usize];
                controls::legend(ui, colour(metric, tokens), name(metric, loss), on, value, tip(metric, loss));
            }
            if chart == 0 {
                let mut log = self.loss_scale == Scale::Log;
                let tip =
                    "Spreads small values out: each line of the grid is ten times the one below. Values of 0 and less have no place on it.";
                if controls::legend(ui, tokens.accent, "log", &mut log, None, tip) {
                    self.loss_scale = if log { Scale::Log } else { Scale::Linear };
                    self.y[0] = None;
                }
                if let Some(penalty) = history.last().map(|record| record.penalty).filter(|&penalty| penalty != 0.0) {
                    aside_ui(ui, &format!("penalty {}", format::reading(f64::from(penalty))), PENALTY_TIP);
                }
                if self.lines.left_out > 0 {
                    aside_ui(ui, "values of 0 and less left out", "They have no place on this axis.");
                }
            }
            let broken = CHARTS[chart].into_iter().filter_map(|metric| history.broken(metric)).min_by_key(|broken| broken.step);
            if let Some(broken) = broken {
                let text = format!("NaN since step {}", format::grouped(broken.step));
                ui.label(RichText::new(text).size(SMALL).color(tokens.error))
                    .on_hover_text("A loss or a verdict is not a number any more: the weights have run away. Reset, then lower the learning rate or choose a gentler loss.");
            }
        });
    }

    /// From the beginning to a little beyond the end, of both runs where there are two.
    fn whole_run(&self, ctx: &ViewContext<'_>) -> (f64, f64) {
        let runs = [Some(&ctx.run.history), ctx.fork.map(|fork| &fork.run.history)];
        let at = |record: StepRecord| self.along.of(&record.place());
        let first = runs.iter().flatten().filter_map(|history| history.first().map(at)).reduce(f64::min).unwrap_or(0.0);
        let last = runs.iter().flatten().filter_map(|history| history.last().map(at)).reduce(f64::max).unwrap_or(0.0);
        let first = if first <= 1.0 { 0.0 } else { first };
        (first, if last > first { last + 0.01 * (last - first) } else { first + 1.0 })
    }

    fn range(&self, chart: usize, loss: Loss) -> Option<(f64, f64)> {
        // Probabilities keep their range, so that one run can be compared with another at a glance.
        if chart == 1 && loss.has_probability() { Some((-0.04, 1.04)) } else { self.lines.range[chart] }
    }
}

impl Lines {
    fn newest(&self, metric: Metric) -> Option<f64> {
        let (raw, smooth) = (&self.raw[metric as usize], &self.smooth[metric as usize]);
        if smooth.is_empty() { raw.last() } else { smooth.last() }.map(|point| point.y)
    }
}

/// Which charts there are to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    /// Nothing is measured, or there are no numbers at all yet.
    WithoutQuality,
    /// There is room for the losses and one more.
    Choice,
    /// Side by side, or one above the other.
    All,
}

impl Offer {
    fn of(ctx: &ViewContext<'_>, room: Vec2) -> Self {
        let has_quality = ctx.run.measuring.0.is_some() || !ctx.run.series().is_empty();
        match () {
            () if !has_quality || ctx.run.history.is_empty() => Self::WithoutQuality,
            () if room.x > 200.0 * SPACE || room.y > 115.0 * SPACE => Self::All,
            () => Self::Choice,
        }
    }
}

/// Side by side where there is width for it, else one above the other.
fn split(room: Rect, count: usize) -> Vec<Rect> {
    let gap = 3.0 * SPACE;
    let of = count.max(1) as f32;
    let is_wide = room.width() > 60.0 * of * SPACE || room.height() < 35.0 * of * SPACE;
    let size =
        if is_wide { vec2((room.width() + gap) / of - gap, room.height()) } else { vec2(room.width(), (room.height() + gap) / of - gap) };
    let step = if is_wide { vec2(size.x + gap, 0.0) } else { vec2(0.0, size.y + gap) };
    (0..count).map(|index| Rect::from_min_size(room.min + step * index as f32, size)).collect()
}

/// How many stretches of a run are drawn over a width in physical pixels: one for every pixel. In steps, so that a chart whose width
/// changes a little keeps its lines.
fn columns(width: f32) -> usize {
    (width.max(1.0) as usize).next_multiple_of(64)
}

/// What tells a run's records from those of another moment.
fn extent(history: &History) -> (usize, [Option<Place>; 2]) {
    (history.len(), [history.first(), history.last()].map(|record| record.map(|record| record.place())))
}

fn placed(samples: &[Sample], along: Along, scale: Scale) -> Vec<PlotPoint> {
    let place = |sample: &Sample| Some(PlotPoint::new(along.of(&sample.place()), scale.place(f64::from(sample.value))?));
    samples.iter().filter_map(place).collect()
}

fn colour(metric: Metric, tokens: &Tokens) -> Color32 {
    match metric {
        Metric::GeneratorLoss | Metric::Fake => tokens.generator,
        Metric::DiscriminatorLoss => tokens.discriminator,
        Metric::Real => tokens.real,
    }
}

fn name(metric: Metric, loss: Loss) -> &'static str {
    match metric {
        Metric::GeneratorLoss => "G loss",
        Metric::DiscriminatorLoss => "D loss",
        Metric::Real if loss.has_probability() => "D(x)",
        Metric::Fake if loss.has_probability() => "D(G(z))",
        Metric::Real => "score of real",
        Metric::Fake => "score of generated",
    }
}

fn tip(metric: Metric, loss: Loss) -> &'static str {
    match metric {
        Metric::GeneratorLoss => {
            "What the generator minimises. It cannot be compared between losses, and a falling one does not mean better samples."
        }
        Metric::DiscriminatorLoss => {
            "What the discriminator minimises. Near 0 it tells every sample apart, and the generator learns little."
        }
        Metric::Real if loss.has_probability() => "How sure the discriminator is that real samples are real, 0 to 1. At 0.5 it guesses.",
        Metric::Fake if loss.has_probability() => {
            "How sure the discriminator is that generated samples are real, 0 to 1. At 0.5 it guesses."
        }
        Metric::Real => "The discriminator's mean score of real samples. It has no bounds; the distance to the other one counts.",
        Metric::Fake => "The discriminator's mean score of generated samples. It has no bounds; the distance to the other one counts.",
    }
}

const PENALTY_TIP: &str = "What was added to the discriminator's loss to keep it in bounds, as it was computed last.";

/// The values that mean something. Where one of both networks' is the same, they share a line.
fn landmarks(chart: usize, train: &TrainSpec) -> Vec<Landmark> {
    if chart == 1 {
        let meaning = "The discriminator can only guess: it takes samples for real as often as the data.".to_owned();
        let guessing = Landmark { value: 0.5, name: "guessing".to_owned(), meaning };
        return train.loss.has_probability().then_some(guessing).into_iter().collect();
    }
    let mut found: Vec<Landmark> = Vec::new();
    for train::Landmark { value, name, meaning, .. } in train::landmarks(train.loss, train.smoothing) {
        let value = f64::from(value);
        match found.iter_mut().find(|other| (other.value - value).abs() < 1e-6) {
            Some(other) => other.meaning = format!("{}\n{meaning}", other.meaning),
            None => found.push(Landmark { value, name, meaning }),
        }
    }
    found
}

/// What a readout is put together from.
struct Lookup<'a> {
    history: &'a History,
    along: Along,
    scale: Scale,
    traces: &'a [Trace<'a>],
    beside: &'a [Trace<'a>],
    loss: Loss,
}

impl Lookup<'_> {
    fn at(&self, place: f64, tokens: &Tokens) -> Readout {
        let Some(record) = curves::nearest(self.history, self.along, place) else { return Readout::default() };
        let title = format!("step {}   {}", format::grouped(record.step), format::duration(record.elapsed_secs));
        let mut rows: Vec<_> = Metric::ALL.into_iter().filter_map(|metric| self.row(metric, &record, tokens)).collect();
        // It stands beside the loss that it is added to.
        let is_beside = self.traces.iter().any(|trace| trace.name == name(Metric::DiscriminatorLoss, self.loss));
        if record.penalty != 0.0 && is_beside {
            rows.push((tokens.quiet, "penalty".to_owned(), format::reading(f64::from(record.penalty)), String::new()));
        }
        let at = self.along.of(&record.place());
        rows.extend(metric_plot::rows_beside(self.beside, at, |place| format::reading(self.scale.value(place))));
        Readout { title, at, rows }
    }

    /// Colour, name, the smoothed and the measured value.
    fn row(&self, metric: Metric, record: &StepRecord, tokens: &Tokens) -> Option<(Color32, String, String, String)> {
        let trace = self.traces.iter().find(|trace| trace.name == name(metric, self.loss))?;
        let measured = format::reading(f64::from(metric.of(record)));
        let (strong, faint) = match metric_plot::nearest_point(trace.smooth, self.along.of(&record.place())) {
            Some(point) => (format::reading(self.scale.value(point.y)), measured),
            None => (measured, String::new()),
        };
        Some((colour(metric, tokens), trace.name.to_owned(), strong, faint))
    }
}

/// Quiet words at the end of a line, where there is room for them: what does not fit would make the chart below wider than its place.
fn aside_ui(ui: &mut Ui, text: &str, tip: &str) {
    let tokens = theme::tokens(ui);
    let galley = ui.painter().layout_no_wrap(text.to_owned(), FontId::proportional(SMALL), tokens.quiet);
    if galley.size().x <= ui.available_width() {
        ui.label(galley).on_hover_text(tip);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_legend_keeps_to_its_place_and_a_wide_one_says_the_penalty() {
        let history: History = (1..9).map(|step| StepRecord { step, penalty: 0.25, ..StepRecord::default() }).collect();
        for (width, says) in [(150.0, false), (400.0, true)] {
            let builder = egui_kittest::Harness::builder().with_context_setup(theme::install).with_size([600.0, 100.0]);
            let mut charts = Charts::default();
            let mut used = (0.0, 0);
            let mut harness = builder.build_ui(|ui| {
                ui.set_max_width(width);
                charts.legend_ui(0, Loss::NonSaturating, &history, ui);
                used.0 = ui.min_rect().width();
            });
            harness.run_steps(2);
            used.1 = egui_kittest::kittest::Queryable::query_all_by_label(&harness, "penalty 0.250").count();
            drop(harness);
            assert_eq!((used.0 <= width, used.1 == 1), (true, says), "{used:?} of {width}");
        }
    }
}
