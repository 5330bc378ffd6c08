//! The data: where it comes from, what it looks like, how much there is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::{Align2, CollapsingHeader, ComboBox, CornerRadius, FontId, Key, Rect, RichText, Sense, TextEdit, Ui, pos2, vec2};

use super::commit;
use super::findings::{self, Detail};
use crate::data::{Dataset, Values};
use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::preview::State;
use crate::gui::run::Phase;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::views::{Layers, PointsPlot};
use crate::gui::widgets::controls::{self, Segment};
use crate::gui::widgets::number::{Pace, Rules};
use crate::gui::widgets::pictures::{PictureGrid, Raster, Tiling};
use crate::gui::widgets::revision::Revision;
use crate::gui::widgets::{format, rows};
use crate::spec::{Builtin, Colour, DataSpec, Edit, Fit, Place, Preset, Severity, Source, builtin_data};

/// Classes that are listed with a bar; the rest is counted.
const MAX_CLASSES: usize = 24;
/// Skipped files that are listed.
const MAX_SKIPPED: usize = 200;

/// The data and its settings.
#[derive(Debug, Default)]
pub(super) struct DataPanel {
    /// What is typed into the field for a path.
    path: String,
    path_error: Option<String>,
    dataset: Revision<Dataset>,
    /// Samples of each class, for this revision of the data.
    classes: (u64, Vec<(String, u64)>),
    pictures: PictureGrid,
    points: PointsPlot,
}

impl DataPanel {
    pub(super) fn ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) {
        rows::section(ui, "Source");
        self.source_ui(ctx, ui);
        self.path_ui(ctx, ui);
        faults_ui(ctx, ui);
        rows::section(ui, "Samples");
        match ctx.dataset() {
            State::Loaded(dataset) => {
                self.preview_ui(&dataset, ui);
                counts_ui(&dataset, ui);
                self.classes_ui(&dataset, ui);
                report_ui(&dataset, ui);
            }
            state => not_loaded_ui(ctx, &state, ui),
        }
        settings_ui(ctx, ui);
    }

    fn source_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) {
        let data = &ctx.project().data;
        let (name, sentence) = match &data.source {
            Source::Builtin(builtin) => (builtin.name().to_owned(), builtin.sentence().to_owned()),
            Source::Path(path) => (file_name(path), path.display().to_string()),
        };
        rows::row(ui, "source", "Where real samples come from: made by Ganvas, or your own pictures.", |ui| {
            ComboBox::from_id_salt("source").width(ui.available_width()).selected_text(name).truncate().show_ui(ui, |ui| {
                for builtin in Builtin::ALL {
                    let chosen = data.source == Source::Builtin(builtin);
                    if ui.selectable_label(chosen, builtin.name()).on_hover_text(builtin.sentence()).clicked() && !chosen {
                        ctx.edit(Edit::SetData(with_builtin(data, builtin)));
                    }
                }
            });
        });
        rows::note(ui, &sentence);
    }

    fn path_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) {
        let tip = "A folder, a .zip, an IDX file or a picture. Press Enter to use it. Dropping it on the window does the same.";
        let response = rows::row(ui, "own data", tip, |ui| {
            ui.add(TextEdit::singleline(&mut self.path).hint_text("path").desired_width(f32::INFINITY)).accessible_name("own data")
        });
        if response.changed() {
            self.path_error = None;
        }
        if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) && !self.path.trim().is_empty() {
            let path = PathBuf::from(self.path.trim());
            if path.exists() {
                ctx.command(Command::OpenPath(path));
            } else {
                self.path_error = Some(format!("There is no such folder or file. Check the spelling: {}", path.display()));
            }
        }
        if let Some(error) = &self.path_error {
            rows::wrong(ui, error);
        }
        rows::row(ui, "", "", |ui| {
            if controls::button(ui, "Folder…", "Asks for a folder of pictures. Folders in it are taken for classes.").clicked() {
                ctx.command(Command::OpenDataFolder);
            }
            if controls::button(ui, "File…", "Asks for a .zip of pictures, an IDX file such as MNIST, or one picture.").clicked() {
                ctx.command(Command::OpenDataFile);
            }
        });
    }

    fn preview_ui(&mut self, dataset: &Arc<Dataset>, ui: &mut Ui) {
        let revision = self.dataset.of(Some(dataset));
        match dataset.values() {
            Values::Pictures(bytes) => {
                let raster = Raster::planar(dataset.shape(), bytes);
                let room = vec2(ui.available_width(), 40.0 * SPACE);
                let tiling = Tiling::fit(room * ui.pixels_per_point(), raster.size(), 32);
                let chosen: Vec<usize> = dataset.train().iter().take(tiling.count()).map(|&index| index as usize).collect();
                let (rect, _) = ui.allocate_exact_size(room, Sense::hover());
                self.pictures.paint_chosen(ui, rect, raster, &chosen, revision, tiling);
            }
            Values::Points(_) => {
                self.points.update(Some(dataset), None, ui);
                let layers = Layers { generated: false, verdict: false, real: true };
                ui.scope(|ui| {
                    ui.set_max_height(ui.available_width().min(60.0 * SPACE));
                    self.points.ui(layers, None, false, ui);
                });
            }
        }
    }

    fn classes_ui(&mut self, dataset: &Arc<Dataset>, ui: &mut Ui) {
        let revision = self.dataset.of(Some(dataset));
        if self.classes.0 != revision {
            self.classes = (revision, class_counts(dataset));
        }
        let counts = &self.classes.1;
        if counts.is_empty() {
            return;
        }
        rows::section(ui, "Classes");
        let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
        for (name, count) in counts.iter().take(MAX_CLASSES) {
            class_ui(ui, name, *count, most);
        }
        if counts.len() > MAX_CLASSES {
            rows::note(ui, &format!("and {} more", counts.len() - MAX_CLASSES));
        }
    }
}

/// The settings for a built-in source; what is no matter of the source stays.
fn with_builtin(data: &DataSpec, builtin: Builtin) -> DataSpec {
    DataSpec { holdout: data.holdout, memory_limit_mib: data.memory_limit_mib, ..builtin_data(builtin) }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn faults_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    findings::at_ui(ctx, ui, Place::Data, Severity::Advice, Detail::Short);
    let mismatch = ctx.faults.iter().find(|fault| matches!(fault.place, Place::GeneratorToData | Place::DataToDiscriminator));
    let Some(mismatch) = mismatch else { return };
    rows::wrong(ui, &format!("The networks do not fit this data: {}.", mismatch.message));
    let tip = "Replaces both networks and the training settings by the preset that suits this data best. It can be undone.";
    if controls::button(ui, "Use networks made for this data", tip).clicked() {
        ctx.edit(suited(ctx));
    }
}

/// The preset that suits the data, with this data.
fn suited(ctx: &ViewContext<'_>) -> Edit {
    let project = ctx.project();
    let mut suited = Preset::suited_to(&project.data).project();
    // Presets of other sizes than the data's would not fit either: the data takes the preset's.
    suited.data = match &project.data.source {
        Source::Builtin(_) => project.data.clone(),
        Source::Path(_) => DataSpec { image: suited.data.image, ..project.data.clone() },
    };
    suited.name.clone_from(&project.name);
    suited.seed = project.seed;
    Edit::All { label: "use networks made for this data".to_owned(), edits: vec![Edit::SetProject(Box::new(suited))] }
}

fn not_loaded_ui(ctx: &ViewContext<'_>, state: &State, ui: &mut Ui) {
    let progress = match (state, &ctx.run.phase) {
        (State::Failed(reason), _) => {
            rows::wrong(ui, reason);
            return;
        }
        (_, Phase::Loading(progress)) | (State::Loading(progress), _) => *progress,
        _ => {
            ctx.command(Command::LoadData);
            Default::default()
        }
    };
    let (done, total) = (progress.done as u64, progress.total as u64);
    rows::note(ui, &format!("Loading: {} of {} samples read.", format::grouped(done), format::grouped(total)));
    ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
}

fn counts_ui(dataset: &Dataset, ui: &mut Ui) {
    let line = |ui: &mut Ui, name: &str, tip: &str, value: String| {
        rows::row(ui, name, tip, |ui| ui.label(value));
    };
    ui.spacing_mut().item_spacing.y = 0.0;
    line(ui, "samples", "All that were loaded.", format::grouped(dataset.len() as u64));
    line(ui, "to train on", "The networks see these.", format::grouped(dataset.train().len() as u64));
    let tip = "Never trained on: a discriminator that is much surer of the training part than of these has learned it by heart.";
    line(ui, "held out", tip, format::grouped(dataset.holdout().len() as u64));
    line(ui, "shape", "Of one sample: channels × rows × columns.", dataset.shape().to_string());
    ui.spacing_mut().item_spacing.y = SPACE;
}

fn class_counts(dataset: &Dataset) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = dataset.class_names().iter().map(|name| (name.clone(), 0)).collect();
    for index in 0..dataset.len() as u32 {
        let class = dataset.label(index).and_then(|label| counts.get_mut(usize::from(label)));
        if let Some((_, count)) = class {
            *count += 1;
        }
    }
    counts
}

/// A class as a bar: its name to the left, its count to the right.
fn class_ui(ui: &mut Ui, name: &str, count: u64, most: u64) {
    let tokens = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 4.0 * SPACE), Sense::hover());
    let font = FontId::proportional(SMALL);
    let bar =
        Rect::from_min_max(pos2(rect.left() + 24.0 * SPACE, rect.top() + 2.0), pos2(rect.right() - 12.0 * SPACE, rect.bottom() - 2.0));
    let filled = bar.with_max_x(bar.left() + bar.width() * count as f32 / most as f32);
    ui.painter().rect_filled(bar, CornerRadius::same(2), tokens.raised);
    ui.painter().rect_filled(filled, CornerRadius::same(2), tokens.real.gamma_multiply(0.7));
    let names = ui.painter().with_clip_rect(rect.with_max_x(bar.left() - SPACE));
    names.text(rect.left_center(), Align2::LEFT_CENTER, name, font.clone(), tokens.text);
    ui.painter().text(rect.right_center(), Align2::RIGHT_CENTER, format::grouped(count), font, tokens.quiet);
}

fn report_ui(dataset: &Dataset, ui: &mut Ui) {
    let report = dataset.report();
    ui.add_space(SPACE);
    if !report.description.is_empty() {
        rows::note(ui, &report.description);
    }
    if report.left_out > 0 {
        let text = format!("{} samples were left out: the memory limit was reached.", format::grouped(report.left_out as u64));
        rows::wrong(ui, &text);
    }
    if report.skipped.is_empty() {
        return;
    }
    let title = format!("{} files could not be used", format::grouped(report.skipped_count as u64));
    CollapsingHeader::new(RichText::new(title).size(SMALL)).id_salt("skipped").show(ui, |ui| {
        for skipped in report.skipped.iter().take(MAX_SKIPPED) {
            rows::note(ui, &format!("{}: {}", skipped.name, skipped.reason));
        }
        if report.skipped_count > MAX_SKIPPED {
            rows::note(ui, &format!("and {} more", report.skipped_count - MAX_SKIPPED));
        }
    });
}

fn settings_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let mut data = ctx.project().data.clone();
    if !data.is_points() {
        rows::section(ui, "Pictures become");
        image_ui(ctx, &mut data, ui);
    }
    rows::section(ui, "Loading");
    let tip = "The share that is never trained on. Larger: a fairer test of what was learned, but less to learn from.";
    let mut percent = (data.holdout * 100.0).round();
    let response = rows::number(ui, "held out", tip, &Rules::count(0, 50).ending(" %"), &mut percent);
    data.holdout = percent / 100.0;
    commit(ctx, &response, "holdout", || Edit::SetData(data.clone()));
    if matches!(data.source, Source::Path(_)) {
        let tip = "Decoded pictures may take this much memory. What does not fit is left out, and said.";
        let response = rows::number(ui, "memory limit", tip, &Rules::count(16, 1_048_576).ending(" MiB"), &mut data.memory_limit_mib);
        commit(ctx, &response, "memory", || Edit::SetData(data.clone()));
    }
    rows::note(ui, "All of this applies from the next start.");
}

fn image_ui(ctx: &ViewContext<'_>, data: &mut DataSpec, ui: &mut Ui) {
    for (name, tip) in [
        ("width", "Columns of a picture. The networks have to be made for it. Larger: more detail, and much slower training."),
        ("height", "Rows of a picture. The networks have to be made for it. Larger: more detail, and much slower training."),
    ] {
        let slot = if name == "width" { &mut data.image.width } else { &mut data.image.height };
        let rules = Rules::count(1, 1_024).counting("pixels").paced(Pace::Doubling);
        let response = rows::number(ui, name, tip, &rules, slot);
        commit(ctx, &response, name, || Edit::SetData(data.clone()));
    }
    let colours = [
        Segment { value: Colour::Grey, name: "grey", tip: "One channel: learns faster." },
        Segment { value: Colour::Rgb, name: "colour", tip: "Three channels." },
    ];
    if rows::row(ui, "colour", "Grey or colour.", |ui| controls::segmented_filling(ui, "colour", &mut data.image.colour, &colours)) {
        ctx.edit(Edit::SetData(data.clone()));
    }
    let fits = [
        Segment { value: Fit::Crop, name: "crop", tip: "The largest part from the middle." },
        Segment { value: Fit::Letterbox, name: "letterbox", tip: "The whole picture, with black bars, which the generator learns, too." },
    ];
    let tip = "What is done with a picture of other proportions.";
    if rows::row(ui, "fit", tip, |ui| controls::segmented_filling(ui, "fit", &mut data.image.fit, &fits)) {
        ctx.edit(Edit::SetData(data.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::LoadReport;
    use crate::spec::Shape;

    #[test]
    fn classes_are_counted() {
        let labels = vec![0, 1, 1, 2, 1];
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        let dataset =
            Dataset::new(Shape::new(1, 1, 1), Values::Pictures(vec![0; 5]), Some(labels), names, LoadReport::default(), 0.2, 1).unwrap();
        let counts: Vec<u64> = class_counts(&dataset).into_iter().map(|(_, count)| count).collect();
        assert_eq!(counts, [1, 3, 1]);
    }

    #[test]
    fn another_builtin_source_keeps_holdout_and_limit() {
        let data = DataSpec { holdout: 0.3, memory_limit_mib: 77, ..builtin_data(Builtin::Digits) };
        let other = with_builtin(&data, Builtin::Shapes);
        assert_eq!((other.holdout, other.memory_limit_mib), (0.3, 77));
        assert_eq!(other.shape(), Shape::new(3, 32, 32));
    }

    use crate::gui::fixtures::World;
    use eframe::egui::accesskit::Role;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    fn harness(world: World) -> Harness<'static, (World, DataPanel, Vec<Command>)> {
        let mut harness = Harness::builder().with_context_setup(theme::install).with_size([300.0, 1_200.0]).build_ui_state(
            |ui, (world, panel, commands): &mut (World, DataPanel, Vec<Command>)| {
                panel.ui(&world.context(), ui);
                commands.extend(world.settle());
            },
            (world, DataPanel::default(), Vec::new()),
        );
        harness.run();
        harness
    }

    #[test]
    fn a_path_is_opened_if_there_is_something_and_refused_in_words_if_not() {
        let mut harness = harness(World::new("digits"));
        for (path, there) in [("/no/such/place", false), ("/", true)] {
            harness.state_mut().1.path.clear();
            harness.get_by_role_and_label(Role::TextInput, "own data").focus();
            harness.run();
            harness.event(eframe::egui::Event::Text(path.to_owned()));
            harness.run();
            harness.key_press(Key::Enter);
            harness.run();
            let opened = harness.state().2.iter().any(|command| matches!(command, Command::OpenPath(opened) if opened == Path::new(path)));
            assert_eq!(opened, there, "{path}");
            assert_eq!(harness.query_by_label_contains("There is no such folder").is_some(), !there, "{path}");
        }
    }

    #[test]
    fn data_that_the_networks_do_not_fit_comes_with_a_way_out_that_can_be_undone() {
        let mut harness = harness(World::new("digits"));
        harness.get_by_role_and_label(Role::ComboBox, "source").click();
        harness.run();
        harness.get_by_label("shapes").click();
        harness.run();
        let fault = "The networks do not fit this data";
        assert!(harness.query_by_label_contains(fault).is_some());
        harness.get_by_label("Use networks made for this data").click();
        harness.run();
        assert!(harness.query_by_label_contains(fault).is_none());
        let editor = &mut harness.state_mut().0.editor;
        assert!(editor.project().faults().is_empty());
        assert_eq!(editor.project().name, "digits", "the project keeps its name");
        assert!(editor.undo() && editor.undo() && !editor.undo());
    }

    #[test]
    fn loaded_data_is_counted_and_what_was_skipped_is_listed() {
        let mut harness = harness(World::running("digits", 5));
        for text in ["3,000", "2,700", "1 × 28 × 28", "3000 pictures of 28 × 28"] {
            assert!(harness.query_all_by_label(text).count() > 0, "{text}");
        }
        harness.get_by_label("1 files could not be used").click();
        harness.run_steps(10);
        assert!(harness.query_by_label_contains("cat/broken.png").is_some());
    }

    #[test]
    fn pictures_have_settings_and_points_have_none() {
        let mut pictures = harness(World::new("digits"));
        pictures.get_by_label("letterbox").click();
        pictures.run();
        assert_eq!(pictures.state().0.editor.project().data.image.fit, Fit::Letterbox);
        let points = harness(World::new("ring8"));
        assert!(points.query_by_label("letterbox").is_none());
    }
}
