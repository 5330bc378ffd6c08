//! How good samples are: the numbers beside those of real samples, the best so far, the classes, and what may be copied.

use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, Color32, FontId, Pos2, Rect, RichText, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::data::{Dataset, Values};
use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::run::Measuring;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::controls::{self, Segment};
use crate::gui::widgets::pictures::{PictureGrid, Raster, Tiling};
use crate::gui::widgets::revision::Revision;
use crate::gui::widgets::{format, measures, rows};
use crate::measure::{Assessment, Best, Measure, Measures, PictureReport, Report, Search};
use crate::train::{Assessed, Assessing, Pictures};

/// The panel.
#[derive(Debug, Default)]
pub(super) struct QualityPanel {
    assessed: Revision<Assessed>,
    dataset: Revision<Dataset>,
    copies: [PictureGrid; 2],
}

impl QualityPanel {
    /// Draws the panel; it is scrolled as a whole.
    pub(super) fn ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) {
        switch_ui(ctx, ui);
        let series = ctx.run.series();
        let Some(last) = series.last() else {
            ui.add_space(2.0 * SPACE);
            rows::note(ui, NOTHING);
            return;
        };
        if let Some(best) = ctx.run.best() {
            best_ui(ctx, &best, ui);
        }
        rows::section(ui, &format!("Step {}", format::grouped(last.step)));
        table_ui(last, ui);
        sources_ui(&last.report, ui);
        if let Some(report) = last.report.pictures().filter(|report| !report.classes.is_empty()) {
            classes_ui(&report.classes, ui);
        }
        self.copies_ui(ctx, last, ui);
        ui.add_space(2.0 * SPACE);
        if controls::button(ui, "Export numbers", "Saves everything that was measured as a table (CSV).").clicked() {
            ctx.command(Command::ExportQuality);
        }
    }

    /// The samples that are nearest to a training picture, beside those pictures.
    fn copies_ui(&mut self, ctx: &ViewContext<'_>, last: &Assessment, ui: &mut Ui) {
        let (Some(assessed), Some(dataset)) = (&ctx.run.assessed, &ctx.run.dataset) else { return };
        let (false, Values::Pictures(bytes)) = (assessed.closest.is_empty(), dataset.values()) else { return };
        rows::section(ui, "Closest to training pictures").on_hover_text(
            "Of all samples measured last, the eight that are nearest to a picture of the training data, and below each that picture. \
             If they are the same, the generator copies.",
        );
        let revision = self.assessed.of(Some(assessed)).wrapping_mul(1 << 20).wrapping_add(self.dataset.of(Some(dataset)));
        let shape = dataset.shape();
        let values: Vec<f32> = assessed.closest.iter().flat_map(|pair| pair.generated.iter().copied()).collect();
        let generated = Pictures::from_values(shape, &values);
        let indices: Vec<usize> = assessed.closest.iter().map(|pair| pair.training as usize).collect();
        let columns: Vec<usize> = (0..indices.len()).collect();
        let tokens = theme::tokens(ui);
        for (line, (name, colour)) in [("generated", tokens.generator), ("training data", tokens.real)].into_iter().enumerate() {
            ui.label(RichText::new(name).size(SMALL).color(colour));
            let width = ui.available_width();
            let size = [shape.width, shape.height];
            let (rect, response) = ui.allocate_exact_size(vec2(width, width / 4.0 * 2.0), Sense::hover());
            let tiling = Tiling::fit(rect.size() * ui.pixels_per_point(), size, indices.len());
            let (raster, chosen) = match line {
                0 => (Raster::interleaved(&generated), &columns),
                _ => (Raster::planar(shape, bytes), &indices),
            };
            let drawn = self.copies[line].paint_chosen(ui, rect, raster, chosen, revision, tiling);
            let over = response.hover_pos().and_then(|at| drawn.at(at)).and_then(|index| assessed.closest.get(index));
            if let Some(pair) = over {
                let text = format!("distance {:.3}; training sample {}", pair.distance, format::grouped(u64::from(pair.training)));
                response.on_hover_text_at_pointer(text);
            }
        }
        if let (Some(first), Some(near)) = (assessed.closest.first(), last.get(Measure::Nearest)) {
            let text = format!(
                "The closest is {:.3} away; the median is {:.3}, of real pictures ({}) {:.3}.",
                first.distance,
                near.generated,
                last.report.floor().name(),
                near.floor
            );
            rows::note(ui, &text);
        }
    }
}

const NOTHING: &str = "While a run trains, its samples are measured now and then, on a thread of its own and beside held-out real samples (where \
                       fewer than 200 are held out, beside half of the training samples). The numbers stand here, and as a curve beside \
                       the losses.";

/// Is it measured at all, and what is being done?
fn switch_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let mut on = ctx.run.measuring.0.is_some();
    let tip = "Measures how good samples are beside training, and keeps the best generator. Takes at most a tenth of the processor, and a \
               quarter while it gets ready.";
    if controls::switch(ui, "measure while training", &mut on, tip) {
        ctx.command(Command::Measure(if on { Measuring::default() } else { Measuring(None) }));
    }
    let text = match ctx.run.assessing() {
        Assessing::Failed(reason) => {
            rows::wrong(ui, &format!("Samples cannot be measured: {reason}."));
            return;
        }
        Assessing::Off if on => "begins with training".to_owned(),
        Assessing::Off => "off".to_owned(),
        Assessing::Preparing => "a classifier learns the data first…".to_owned(),
        Assessing::Waiting => "waits for the next steps".to_owned(),
        Assessing::Measuring(step) => format!("measuring step {}…", format::grouped(*step)),
    };
    rows::note(ui, &text);
}

/// The generator at its best: what it was, and what to do with it.
fn best_ui(ctx: &ViewContext<'_>, best: &Arc<Best>, ui: &mut Ui) {
    rows::section(ui, &format!("Best so far: step {}", format::grouped(best.assessment.step)));
    rows::note(ui, &in_a_line(&best.assessment));
    ui.add_space(SPACE);
    let segments = [
        Segment { value: false, name: "show newest", tip: "Samples and explorer show the generator as it is now." },
        Segment {
            value: true,
            name: "show best",
            tip: "Samples and explorer show the generator as it was at its best, while training goes on.",
        },
    ];
    let mut shows_best = ctx.run.shows_best;
    if controls::segmented(ui, "which generator", &mut shows_best, &segments) {
        ctx.command(Command::ShowBest(shows_best));
    }
    ui.add_space(SPACE);
    let can_go_back =
        ctx.run.assessed.as_ref().is_some_and(|assessed| assessed.best.is_some()) && ctx.run.progress.step != best.assessment.step;
    ui.add_enabled_ui(can_go_back, |ui| {
        let tip = "Trains on from that step, with both networks and their optimisers as they were. What came after is given up. Where the \
                   run of a file went back to before that step, only its generator is kept, which cannot be trained on.";
        if controls::button(ui, "Go back to it", tip).clicked() {
            ctx.command(Command::GoBackToBest);
        }
    });
}

/// What the best is ranked by.
fn in_a_line(assessment: &Assessment) -> String {
    let of = |measure: &Measure| {
        let Measures { generated, floor } = assessment.get(*measure)?.map(|value| measures::text(*measure, *value));
        Some(format!("{} {generated} ({} {floor})", measures::name(*measure), assessment.report.floor().name()))
    };
    assessment.report.rank().iter().filter_map(of).collect::<Vec<_>>().join(", ")
}

/// Every number beside the one of real samples.
fn table_ui(assessment: &Assessment, ui: &mut Ui) {
    let tokens = theme::tokens(ui);
    let samples = format!("{} samples", format::grouped(assessment.report.samples() as u64));
    let floor = assessment.report.floor();
    let head = [(samples.as_str(), tokens.quiet), ("generated", tokens.generator), (floor.name(), tokens.real)];
    let tip = "How many samples are measured each time, the same latent vectors, and as many real ones.";
    line_ui(ui, head, &format!("{tip} {}", floor.sentence()));
    for measure in Measure::ALL {
        let Some(Measures { generated, floor }) = assessment.get(measure) else { continue };
        let (generated, floor) = (measures::text(measure, generated), measures::text(measure, floor));
        let cells = [(measures::name(measure), tokens.text), (generated.as_str(), tokens.text), (floor.as_str(), tokens.quiet)];
        line_ui(ui, cells, measures::tip(measure));
    }
}

/// What the numbers are of and over, and how far they can be trusted.
fn sources_ui(report: &Report, ui: &mut Ui) {
    let pictures = report.pictures();
    let sentences = [
        Some(report.floor().sentence().to_owned()),
        pictures.and_then(|pictures| pictures.search).map(Search::sentence),
        pictures.map(PictureReport::classifier_sentences),
    ];
    for sentence in sentences.into_iter().flatten() {
        ui.add_space(SPACE);
        rows::note(ui, &sentence);
    }
}

/// A line of the table: a name to the left, two numbers to the right below each other.
fn line_ui(ui: &mut Ui, [name, generated, floor]: [(&str, Color32); 3], tip: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 4.0 * SPACE), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{}: {}, {}", name.0, generated.0, floor.0)));
    let font = FontId::proportional(SMALL);
    let text = |at: Pos2, align, (text, colour): (&str, Color32)| ui.painter().text(at, align, text, font.clone(), colour);
    text(rect.left_center(), Align2::LEFT_CENTER, name);
    text(rect.right_center() - vec2(15.0 * SPACE, 0.0), Align2::RIGHT_CENTER, generated);
    text(rect.right_center(), Align2::RIGHT_CENTER, floor);
    response.on_hover_text(tip);
}

/// Classes drawn at most; the rest is counted.
const MOST_CLASSES: usize = 20;

/// The share of each class as a bar, generated above real.
fn classes_ui(classes: &[(String, Measures<f64>)], ui: &mut Ui) {
    rows::section(ui, "Classes").on_hover_text(
        "The share of each class among generated samples (orange) and among real ones (green), as the classifier sees both. A class that \
         is missing among generated ones was dropped.",
    );
    let tokens = theme::tokens(ui);
    let largest = classes.iter().flat_map(|(_, share)| [share.generated, share.floor]).fold(0.0, f64::max).max(1e-9);
    let name_width =
        classes.iter().map(|(name, _)| controls::text_width(ui, name, SMALL)).fold(0.0, f32::max).min(ui.available_width() * 0.3);
    let value_width = controls::text_width(ui, "00.0 %", SMALL);
    for (name, share) in classes.iter().take(MOST_CLASSES) {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 3.5 * SPACE), Sense::hover());
        let painter = ui.painter().with_clip_rect(rect);
        let font = FontId::proportional(SMALL);
        painter.text(rect.left_center(), Align2::LEFT_CENTER, name, font.clone(), tokens.quiet);
        let text = measures::text(Measure::Precision, share.generated);
        painter.text(rect.right_center(), Align2::RIGHT_CENTER, &text, font, tokens.text);
        let bars = Rect::from_min_max(
            pos2(rect.left() + name_width + 2.0 * SPACE, rect.top() + 2.0),
            pos2(rect.right() - value_width - 2.0 * SPACE, rect.bottom() - 2.0),
        );
        let bar = |value: f64, top: f32, height: f32| {
            Rect::from_min_size(pos2(bars.left(), top), vec2(bars.width() * (value / largest) as f32, height))
        };
        let half = (bars.height() / 2.0).floor();
        painter.rect_filled(bar(share.generated, bars.top(), half), 1, tokens.generator);
        painter.rect_filled(bar(share.floor, bars.top() + half + 1.0, half), 1, tokens.real);
        response.on_hover_text(format!("{name}: generated {text}, real {}", measures::text(Measure::Precision, share.floor)));
    }
    if classes.len() > MOST_CLASSES {
        let rest = &classes[MOST_CLASSES..];
        let missing = classes.iter().filter(|(_, share)| share.generated == 0.0 && share.floor > 0.0).count();
        rows::note(ui, &format!("and {} more; {missing} of all are missing among generated ones", rest.len()));
    }
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;
    use crate::gui::fixtures::World;
    use crate::gui::look::{Window, drive};

    fn opened(world: World) -> Harness<'static, Window> {
        let mut harness = drive(Window::new(world));
        harness.run_steps(2);
        harness.get_by_label("Quality").click();
        harness.run_steps(3);
        harness
    }

    fn asked(harness: &mut Harness<'static, Window>, control: &str) -> Vec<Command> {
        harness.get_by_label(control).click();
        harness.run_steps(3);
        harness.state_mut().world.settle()
    }

    #[test]
    fn numbers_stand_beside_those_of_real_samples_under_names_that_are_true() {
        let harness = opened(World::measured("digits", 5_000, 30));
        assert!(harness.query_by_label("Fréchet distance: 0.410, 0.120").is_some());
        assert!(harness.query_by_label("Best so far: step 4,833").is_some(), "the last time was worse");
        assert!(harness.query_by_label("98.1 %").is_none(), "how often the classifier is right is said in a sentence");
        assert!(harness.query_by_label_contains("it is right about 98.1 %").is_some());
        assert!(Measure::ALL.into_iter().all(|measure| !measures::name(measure).contains("FID")));
        assert!(harness.query_by_label("1,000 samples: generated, held out").is_some());
        assert!(harness.query_by_label_contains("looked for among 4,096 of 9,000 training pictures").is_some());
    }

    #[test]
    fn what_can_be_done_is_asked_for() {
        let mut harness = opened(World::measured("ring8", 5_000, 30));
        let best = asked(&mut harness, "show best");
        assert!(matches!(best[..], [Command::ShowBest(true)]), "{best:?}");
        let table = asked(&mut harness, "Export numbers");
        assert!(matches!(table[..], [Command::ExportQuality]), "{table:?}");
        let off = asked(&mut harness, "measure while training");
        assert!(matches!(off[..], [Command::Measure(Measuring(None))]), "{off:?}");
        let back = asked(&mut harness, "Go back to it");
        assert!(back.is_empty(), "of a best that was read from a file there is only the generator: {back:?}");
    }

    #[test]
    fn before_anything_is_measured_it_says_what_will_be() {
        let harness = opened(World::new("digits"));
        assert!(harness.query_by_label("begins with training").is_some());
        assert!(harness.query_by_label_contains("its samples are measured now and then").is_some());
    }

    #[test]
    fn the_chart_stands_beside_the_losses_and_what_it_shows_can_be_chosen() {
        let mut harness = drive(Window::new(World::measured("digits", 5_000, 30)));
        harness.run_steps(3);
        assert!(harness.query_by_label("D(x)").is_none(), "there is room for two charts");
        harness.get_by_label("verdicts").click();
        harness.run_steps(3);
        assert!(harness.query_by_label("D(x)").is_some());
    }
}
