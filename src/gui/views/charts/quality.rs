//! The chart of how good samples are, beside the losses: what was measured while the run trained, and what real samples reach.

use eframe::egui::{Color32, ComboBox, RichText, Ui};
use egui_plot::PlotPoint;

use crate::gui::context::ViewContext;
use crate::gui::theme::{self, SMALL, SPACE, Tokens};
use crate::gui::widgets::controls;
use crate::gui::widgets::curves::Along;
use crate::gui::widgets::metric_plot::{Landmark, MetricPlot, Outcome, Readout, Trace, nearest_point, range_of, rows_beside};
use crate::gui::widgets::place::Empty;
use crate::gui::widgets::plot_scale::Scale;
use crate::gui::widgets::{format, measures};
use crate::measure::{Assessment, Floor, Measure, Series};
use crate::train::{Assessing, Place};

/// What may be drawn together: one measure, or two of the same kind.
const ASPECTS: [&[Measure]; 8] = [
    &[Measure::Frechet],
    &[Measure::Kernel],
    &[Measure::HighQuality],
    &[Measure::Modes],
    &[Measure::ReverseKl],
    &[Measure::Precision, Measure::Recall],
    &[Measure::Density, Measure::Coverage],
    &[Measure::Sliced],
];
/// The last one stands alone, since it is about copies.
const NEAREST: &[Measure] = &[Measure::Nearest];

/// The chart.
#[derive(Debug)]
pub(super) struct QualityChart {
    /// What a person chose; until then the first that there are numbers of.
    chosen: Option<&'static [Measure]>,
    is_log: bool,
}

impl Default for QualityChart {
    fn default() -> Self {
        Self { chosen: None, is_log: true }
    }
}

/// The part of the axes in sight, and the pointer in another chart.
pub(super) struct Sight {
    pub along: Along,
    pub x: (f64, f64),
    pub y: Option<(f64, f64)>,
    pub marker: Option<f64>,
}

impl QualityChart {
    /// Draws the chart and its line of controls into the available room.
    pub(super) fn ui(&mut self, ctx: &ViewContext<'_>, sight: &Sight, ui: &mut Ui) -> Outcome {
        let series = ctx.run.series();
        let Some(aspect) = self.aspect(series) else {
            let rect = ui.available_rect_before_wrap();
            let sentence = waiting_for(ctx.run.assessing());
            Empty::new("Not measured yet", &sentence).ui(ui, rect);
            return Outcome::default();
        };
        ui.spacing_mut().item_spacing.y = SPACE;
        self.legend_ui(series, aspect, ui);
        let tokens = theme::tokens(ui);
        let scale = self.scale(aspect);
        let lines: Vec<Vec<PlotPoint>> = aspect.iter().map(|&measure| placed(series, measure, sight.along, scale)).collect();
        let traces: Vec<Trace<'_>> = (aspect.iter().zip(&lines))
            .map(|(&measure, line)| Trace {
                name: measures::name(measure),
                colour: colour(measure, tokens),
                raw: line,
                smooth: &[],
                broken_at: None,
            })
            .collect();
        let other = ctx.fork.map(|fork| (fork.letter, fork.run.series()));
        let others: Vec<(String, Vec<PlotPoint>)> = other.map_or_else(Vec::new, |(letter, series)| {
            let line = |&measure| (format!("{}: {}", letter.name(), measures::name(measure)), placed(series, measure, sight.along, scale));
            aspect.iter().map(line).collect()
        });
        let beside: Vec<Trace<'_>> = (aspect.iter().zip(&others))
            .map(|(&measure, (name, line))| Trace { name, colour: colour(measure, tokens), raw: line, smooth: &[], broken_at: None })
            .collect();
        let landmarks = landmarks(series, aspect);
        let drawn: Vec<&[PlotPoint]> = lines.iter().chain(others.iter().map(|(_, line)| line)).map(Vec::as_slice).collect();
        let plot = MetricPlot {
            id: "quality",
            traces: &traces,
            beside: &beside,
            landmarks: &landmarks,
            scale,
            along: sight.along,
            x: sight.x,
            y: sight.y.or_else(|| range(aspect, &drawn, &landmarks, scale)).unwrap_or((0.0, 1.0)),
            marker: sight.marker,
            dots: true,
        };
        plot.ui(ui, |place| {
            let mut readout = readout(series, aspect, sight.along, place, tokens);
            for (&measure, trace) in aspect.iter().zip(&beside) {
                let text = |place| measures::text(measure, scale.value(place));
                readout.rows.extend(rows_beside(std::slice::from_ref(trace), readout.at, text));
            }
            readout
        })
    }

    fn aspect(&self, series: &Series) -> Option<&'static [Measure]> {
        let has = |aspect: &&[Measure]| aspect.iter().all(|measure| series.floor(*measure).is_some());
        self.chosen.filter(has).or_else(|| ASPECTS.into_iter().chain([NEAREST]).find(has))
    }

    fn scale(&self, aspect: &[Measure]) -> Scale {
        if self.is_log && has_scale(aspect) { Scale::Log } else { Scale::Linear }
    }

    fn legend_ui(&mut self, series: &Series, aspect: &'static [Measure], ui: &mut Ui) {
        let tokens = theme::tokens(ui);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 1.5 * SPACE;
            self.choice_ui(series, aspect, ui);
            for &measure in aspect {
                let Some(found) = series.last().and_then(|last| last.get(measure)) else { continue };
                let name = if aspect.len() > 1 { format!("{} ", measures::name(measure)) } else { String::new() };
                let text = format!("{name}{}", measures::text(measure, found.generated));
                let width = controls::text_width(ui, &text, SMALL);
                if width < ui.available_width() {
                    let real = format!("real {}", measures::text(measure, found.floor));
                    let tip = format!("Measured last, of {} samples: {text}; {real}.", format::grouped(samples(series)));
                    ui.label(RichText::new(text).size(SMALL).color(colour(measure, tokens))).on_hover_text(tip);
                }
            }
            if ui.available_width() > 12.0 * SPACE && has_scale(aspect) {
                let tip = "Spreads small values out: each line of the grid is ten times the one below.";
                controls::legend(ui, tokens.accent, "log", &mut self.is_log, None, tip);
            }
        });
    }

    /// Which measures are drawn.
    fn choice_ui(&mut self, series: &Series, aspect: &'static [Measure], ui: &mut Ui) {
        let title = |aspect: &[Measure]| aspect.iter().map(|measure| measures::name(*measure)).collect::<Vec<_>>().join(", ");
        let width = (controls::text_width(ui, &title(aspect), SMALL) + 8.0 * SPACE).min(ui.available_width());
        ui.spacing_mut().interact_size.y = 5.0 * SPACE;
        ui.spacing_mut().button_padding.y = 0.0;
        let shown = ComboBox::from_id_salt("measure").width(width).selected_text(RichText::new(title(aspect)).size(SMALL));
        let response = shown.show_ui(ui, |ui| {
            for other in ASPECTS.into_iter().chain([NEAREST]) {
                if other.iter().all(|measure| series.floor(*measure).is_some()) {
                    let tips: Vec<&str> = other.iter().map(|measure| measures::tip(*measure)).collect();
                    let mut chosen = aspect == other;
                    if ui.toggle_value(&mut chosen, title(other)).on_hover_text(tips.join("\n\n")).clicked() {
                        self.chosen = Some(other);
                    }
                }
            }
        });
        let tips: Vec<&str> = aspect.iter().map(|measure| measures::tip(*measure)).collect();
        response.response.on_hover_text(tips.join("\n\n"));
    }
}

/// Does it span orders of magnitude, above 0?
fn has_scale(aspect: &[Measure]) -> bool {
    matches!(aspect, [Measure::Frechet | Measure::Sliced])
}

fn samples(series: &Series) -> u64 {
    series.last().map_or(0, |last| last.report.samples() as u64)
}

/// Why there is nothing yet.
fn waiting_for(stage: &Assessing) -> String {
    match stage {
        Assessing::Off => "Switch it on under Quality, at the right, to see how good samples are while they are learned.".to_owned(),
        Assessing::Preparing => "A small classifier is learning the data first, beside training.".to_owned(),
        Assessing::Waiting | Assessing::Measuring(_) => "The first numbers come in a moment.".to_owned(),
        Assessing::Failed(reason) => format!("It cannot be: {reason}."),
    }
}

/// What is measured of generated samples is orange; what says how much of the real ones is there is green.
pub(super) fn colour(measure: Measure, tokens: &Tokens) -> Color32 {
    match measure {
        Measure::Recall | Measure::Coverage => tokens.real,
        _ => tokens.generator,
    }
}

fn place_of(assessment: &Assessment) -> Place {
    Place { step: assessment.step, secs: assessment.elapsed_secs }
}

fn placed(series: &Series, measure: Measure, along: Along, scale: Scale) -> Vec<PlotPoint> {
    let point = |assessment: &Assessment| {
        let value = assessment.get(measure)?.generated;
        Some(PlotPoint::new(along.of(&place_of(assessment)), scale.place(value)?))
    };
    series.iter().filter_map(point).collect()
}

fn landmarks(series: &Series, aspect: &[Measure]) -> Vec<Landmark> {
    let floors = aspect.iter().filter_map(|&measure| series.floor(measure)).enumerate();
    let of = series.last().map(|last| last.report.floor()).unwrap_or_default();
    // The lines of two shares lie close together: one name does for both.
    floors
        .map(|(index, value)| Landmark {
            value,
            name: if index == 0 { landmark(of) } else { "" }.to_owned(),
            meaning: if index == 0 { of.sentence() } else { "" }.to_owned(),
        })
        .collect()
}

fn landmark(floor: Floor) -> &'static str {
    match floor {
        Floor::HeldOut => "real, held out",
        Floor::Halves => "real, other half",
        Floor::Unsaid => "real",
    }
}

fn range(aspect: &[Measure], lines: &[&[PlotPoint]], landmarks: &[Landmark], scale: Scale) -> Option<(f64, f64)> {
    if aspect.iter().all(|&measure| measures::is_share(measure)) {
        return Some((-0.04, 1.18));
    }
    let floors: Vec<PlotPoint> = landmarks.iter().filter_map(|landmark| Some(PlotPoint::new(0.0, scale.place(landmark.value)?))).collect();
    let parts: Vec<(&[PlotPoint], &[PlotPoint])> = lines.iter().map(|line| (*line, &floors[..])).collect();
    let (low, high) = range_of(&parts)?;
    // Above the uppermost floor stands its name.
    Some((low, floors.iter().fold(high, |high, floor| high.max(floor.y + 0.14 * (high - low)))))
}

fn readout(series: &Series, aspect: &[Measure], along: Along, place: f64, tokens: &Tokens) -> Readout {
    let points: Vec<PlotPoint> =
        series.iter().enumerate().map(|(index, found)| PlotPoint::new(along.of(&place_of(found)), index as f64)).collect();
    let nearest = nearest_point(&points, place).and_then(|point| series.iter().nth(point.y as usize));
    let Some(found) = nearest else { return Readout::default() };
    let rows = aspect.iter().filter_map(|&measure| {
        let value = found.get(measure)?;
        let real = format!("real {}", measures::text(measure, value.floor));
        Some((colour(measure, tokens), measures::name(measure).to_owned(), measures::text(measure, value.generated), real))
    });
    Readout {
        title: format!("measured at step {}   {}", format::grouped(found.step), format::duration(found.elapsed_secs)),
        at: along.of(&place_of(found)),
        rows: rows.collect(),
    }
}
