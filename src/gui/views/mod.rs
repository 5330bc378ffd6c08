//! The middle of the window: what the run makes, and how it goes.

mod charts;
mod fork;
mod points;
mod samples;
mod shown;
mod timeline;

pub use points::{Layers, PointsPlot};
pub use shown::{Beside, Mark, Shown};

use eframe::egui::{CentralPanel, Frame, Margin, Panel, Ui, UiBuilder};

use self::charts::Charts;
use self::points::PointsView;
use self::samples::SamplesView;
use self::timeline::Timeline;
use super::context::ViewContext;
use super::fork::are_comparable;
use super::theme::SPACE;
use super::widgets::revision::Revision;
use crate::train::{Samples, Snapshot};

/// Revisions of the run beside are apart from those of the run in hand.
const OTHER: u64 = 1 << 41;

/// The middle: pictures or points above, curves below.
#[derive(Debug, Default)]
pub struct Centre {
    samples: SamplesView,
    points: PointsView,
    charts: Charts,
    timeline: Timeline,
    snapshot: Revision<Snapshot>,
    /// Of the run beside.
    other: Revision<Snapshot>,
}

impl Centre {
    /// Draws the curves alone.
    pub fn charts_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) {
        self.charts.ui(ctx, ui);
    }

    /// Draws the middle.
    pub fn ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) {
        let revision = self.snapshot.of(ctx.run.snapshot.as_ref());
        let shown = Shown::of(ctx.run, revision);
        let other = ctx.fork.filter(|fork| are_comparable(&fork.run, ctx.run)).and_then(|fork| {
            let revision = OTHER + self.other.of(fork.run.snapshot.as_ref());
            Some((fork, Shown::of(&fork.run, revision)?))
        });
        let room = ui.available_height();
        let frame = Frame::NONE.inner_margin(Margin::symmetric(3 * SPACE as i8, 2 * SPACE as i8));
        Panel::bottom("charts")
            .resizable(true)
            .default_size((room * 0.38).round())
            .size_range((room * 0.2).min(30.0 * SPACE)..=room * 0.7)
            .frame(frame)
            .show(ui, |ui| self.charts.ui(ctx, ui));
        CentralPanel::default().frame(frame).show(ui, |ui| {
            fork::ui(ctx, ui);
            let room = self.timeline.ui(ctx, ui);
            let (shown, beside) = self.timeline.moments(shown, other);
            let points = match &shown {
                Some(shown) => matches!(shown.snapshot.samples, Samples::Points { .. }),
                None => ctx.project().data.is_points(),
            };
            ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
                if points { self.points.ui(ctx, shown, beside, ui) } else { self.samples.ui(ctx, shown, beside, ui) }
            });
        });
    }
}

#[cfg(test)]
mod tests;
