//! The explorer: one latent vector, what the generator makes of it, and ways to move.

mod studio;

use std::time::Duration;

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, Align2, DragValue, FontId, Key, Layout, Modifiers, Rect, RichText, ScrollArea, Sense, Slider, Ui, UiBuilder, Vec2, WidgetInfo,
    vec2,
};

use self::studio::{Sample, Studio};
use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::views::{Layers, PointsPlot, Shown};
use crate::gui::widgets::latent_slider::{self, LatentSlider};
use crate::gui::widgets::pictures::{Raster, SinglePicture};
use crate::gui::widgets::place::Empty;
use crate::gui::widgets::revision::Revision;
use crate::gui::widgets::{controls, rows};
use crate::latent::{self, Walk};
use crate::random::{self, Purpose};
use crate::spec::Latent;
use crate::train::{Pictures, Snapshot};

/// How often a walk takes a step.
const FRAME: Duration = Duration::from_millis(33);

/// The explorer.
#[derive(Debug)]
pub(super) struct ExplorePanel {
    vector: Vec<f32>,
    /// Grows whenever the vector changes.
    version: u64,
    /// Where the vector came from, unless it was moved since.
    seed: u64,
    snapshot: Revision<Snapshot>,
    studio: Studio,
    walk: Option<Stroll>,
    /// Stations of a walk in a second.
    speed: f64,
    kept: [Option<Kept>; 2],
    /// Between the two kept points.
    between: f32,
    large: SinglePicture,
    points: PointsPlot,
}

impl Default for ExplorePanel {
    fn default() -> Self {
        Self {
            vector: Vec::new(),
            version: 0,
            seed: 1,
            snapshot: Revision::default(),
            studio: Studio::default(),
            walk: None,
            speed: 0.5,
            kept: [None, None],
            between: 0.0,
            large: SinglePicture::default(),
            points: PointsPlot::default(),
        }
    }
}

/// A walk that is on.
#[derive(Debug)]
struct Stroll {
    walk: Walk,
    /// In stations.
    time: f64,
}

/// A point of the latent space that was kept.
#[derive(Debug)]
struct Kept {
    vector: Vec<f32>,
    picture: Option<Pictures>,
    texture: SinglePicture,
}

impl ExplorePanel {
    /// Draws the explorer into the available room.
    pub(super) fn ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) {
        let revision = self.snapshot.of(ctx.run.snapshot.as_ref());
        match Shown::of(ctx.run, revision) {
            Some(shown) => self.shown_ui(ctx, shown, ui),
            None => nothing_ui(ctx, ui),
        }
    }

    /// Goes to a point of the latent space.
    pub(super) fn go_to(&mut self, vector: Vec<f32>) {
        self.walk = None;
        self.set(vector);
    }

    /// Is it on a walk?
    pub(super) fn is_walking(&self) -> bool {
        self.walk.is_some()
    }

    /// Is the picture that of the vector?
    pub(super) fn is_drawn(&self) -> bool {
        self.studio.has_drawn(self.version)
    }

    /// The picture that is shown.
    pub(super) fn picture(&self) -> Option<Pictures> {
        self.studio.picture().cloned()
    }

    fn set(&mut self, vector: Vec<f32>) {
        if self.vector != vector {
            self.vector = vector;
            self.version += 1;
        }
    }

    fn shown_ui(&mut self, ctx: &ViewContext<'_>, shown: Shown<'_>, ui: &mut Ui) {
        let latent = ctx.begun().train.latent;
        self.fit(latent, shown.snapshot.generator.latent_size());
        if ui.input(|input| input.modifiers == Modifiers::NONE && input.key_pressed(Key::R)) && !ui.text_edit_focused() {
            self.random(latent);
        }
        self.stroll(ui);
        self.studio.ask(shown, &self.vector, self.version, ui);
        self.studio.listen();
        self.sample_ui(ctx, shown, ui);
        self.draw_ui(ctx, latent, ui);
        self.walk_ui(latent, ui);
        self.kept_ui(ui);
        self.sliders_ui(latent, ui);
        // What was moved in this frame is drawn by the next one.
        self.studio.ask(shown, &self.vector, self.version, ui);
    }

    /// Makes the vector as long as the generator wants it.
    fn fit(&mut self, latent: Latent, size: usize) {
        if self.vector.is_empty() {
            self.vector = drawn(latent, size, self.seed);
            self.version += 1;
        } else if self.vector.len() != size {
            self.walk = None;
            let mut vector = std::mem::take(&mut self.vector);
            vector.resize(size, 0.0);
            self.set(vector);
        }
        self.kept.iter_mut().for_each(|kept| {
            kept.take_if(|kept| kept.vector.len() != size);
        });
    }

    fn random(&mut self, latent: Latent) {
        self.seed = random::another_seed(self.seed);
        self.go_to(drawn(latent, self.vector.len(), self.seed));
    }

    /// Goes on with a walk.
    fn stroll(&mut self, ui: &Ui) {
        let Some(stroll) = &mut self.walk else { return };
        // A frame that took long must not make the walk jump.
        let passed = f64::from(ui.input(|input| input.stable_dt)).min(0.1);
        stroll.time += passed * self.speed;
        let vector = stroll.walk.at(stroll.time);
        self.set(vector);
        ui.request_repaint_after(FRAME);
    }

    fn sample_ui(&mut self, ctx: &ViewContext<'_>, shown: Shown<'_>, ui: &mut Ui) {
        // The picture takes what the sliders can spare.
        let side = ui.available_width().min(ui.available_height() * 0.45).floor();
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), side), Sense::hover());
        match &self.studio.answer {
            Some(Ok(Sample::Picture(picture))) => {
                self.large.paint(ui, rect, Raster::interleaved(picture), 0, self.studio.answered);
            }
            Some(Ok(Sample::Point(point))) => {
                let point = *point;
                self.points.update(ctx.run.dataset.as_ref(), Some(shown), ui);
                let square = Rect::from_center_size(rect.center(), Vec2::splat(side));
                let mut ui = ui.new_child(UiBuilder::new().max_rect(square));
                self.points.ui(Layers { generated: false, ..Layers::default() }, Some(point), false, &mut ui);
            }
            Some(Err(reason)) => {
                Empty { is_error: true, ..Empty::new("No picture", reason) }.ui(ui, rect);
            }
            None => {
                Empty::new("Drawing…", "").ui(ui, rect);
            }
        }
    }

    fn draw_ui(&mut self, ctx: &ViewContext<'_>, latent: Latent, ui: &mut Ui) {
        ui.horizontal(|ui| {
            if controls::button(ui, "Random", "Draws another latent vector (R).").clicked() {
                self.random(latent);
            }
            if controls::button(ui, "Reset", "Puts every dimension to 0, the middle of the latent space.").clicked() {
                self.go_to(vec![0.0; self.vector.len()]);
            }
            let mut seed = self.seed;
            let tip = "The same seed always draws the same vector.";
            let response = ui.name_inputs("latent seed", |ui| ui.add(DragValue::new(&mut seed).speed(0.05).prefix("seed ")));
            if response.on_hover_text(tip).changed() {
                self.seed = seed;
                self.go_to(drawn(latent, self.vector.len(), seed));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_enabled_ui(self.studio.picture().is_some(), |ui| {
                    if controls::quiet_button(ui, "PNG", "Saves this picture.").clicked() {
                        ctx.command(Command::ExportPicture);
                    }
                });
            });
        });
    }

    fn walk_ui(&mut self, latent: Latent, ui: &mut Ui) {
        ui.horizontal(|ui| {
            let mut walking = self.walk.is_some();
            if controls::switch(ui, "Walk", &mut walking, "Wanders from one random latent vector to the next, beginning here.") {
                let begin = || Stroll { walk: Walk::new(latent, self.vector.clone(), self.seed), time: 0.0 };
                self.walk = walking.then(begin);
            }
            ui.add_space(2.0 * SPACE);
            ui.spacing_mut().slider_width = (ui.available_width() - SPACE).max(10.0 * SPACE);
            ui.spacing_mut().interact_size.y = 4.0 * SPACE;
            let slider = Slider::new(&mut self.speed, 0.05..=4.0).logarithmic(true).show_value(false);
            ui.name_inputs("speed of the walk", |ui| ui.add(slider)).on_hover_text("How fast it wanders. Larger: faster.");
        });
    }

    fn kept_ui(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            self.kept_point_ui(0, "A", ui);
            self.kept_point_ui(1, "B", ui);
            let [Some(a), Some(b)] = &self.kept else {
                ui.vertical(|ui| rows::note(ui, "Keep two points, then go from one to the other."));
                return;
            };
            let (a, b) = (a.vector.clone(), b.vector.clone());
            let tip = "From A to B along the great circle between them (slerp).";
            ui.vertical(|ui| {
                ui.add_space(2.0 * SPACE);
                rows::note(ui, "from A to B").on_hover_text(tip);
                ui.spacing_mut().slider_width = (ui.available_width() - SPACE).max(10.0 * SPACE);
                ui.spacing_mut().interact_size.y = 4.0 * SPACE;
                let slider = Slider::new(&mut self.between, 0.0..=1.0).show_value(false);
                if ui.name_inputs("A to B", |ui| ui.add(slider)).on_hover_text(tip).changed() {
                    let vector = latent::slerp(&a, &b, self.between);
                    self.go_to(vector);
                }
            });
        });
    }

    /// A thumbnail of a kept point. A click keeps the present one, or goes back to it where one is kept; with the second button it is
    /// forgotten.
    fn kept_point_ui(&mut self, place: usize, name: &str, ui: &mut Ui) {
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(15.0 * SPACE), Sense::click());
        let tokens = theme::tokens(ui);
        let (title, tip) = match &self.kept[place] {
            None => (format!("Keep {name}"), format!("Keeps this point as {name}.")),
            Some(_) => (format!("Go to {name}"), format!("Goes to {name}. A right click forgets it.")),
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &title));
        ui.painter().rect_filled(rect, theme::CORNER, if response.hovered() { tokens.hovered } else { tokens.raised });
        if let Some(kept) = &mut self.kept[place]
            && let Some(picture) = &kept.picture
        {
            kept.texture.paint(ui, rect.shrink(SPACE / 2.0), Raster::interleaved(picture), 0, 0);
        }
        let (text, align) = match &self.kept[place] {
            None => (format!("keep {name}"), Align2::CENTER_CENTER),
            Some(kept) if kept.picture.is_none() => (name.to_owned(), Align2::CENTER_CENTER),
            Some(_) => (name.to_owned(), Align2::RIGHT_BOTTOM),
        };
        let galley = ui.painter().layout_no_wrap(text, FontId::proportional(SMALL), tokens.text);
        let label = align.align_size_within_rect(galley.size() + vec2(SPACE, 0.0), rect.shrink(SPACE / 2.0));
        if align == Align2::RIGHT_BOTTOM {
            ui.painter().rect_filled(label, 2, tokens.panel);
        }
        ui.painter().galley(label.min + vec2(SPACE / 2.0, 0.0), galley, tokens.text);
        controls::focus_ring(ui, rect, &response);
        let response = response.on_hover_text(tip);
        if response.secondary_clicked() {
            self.kept[place] = None;
        } else if response.clicked() {
            match &self.kept[place] {
                Some(kept) => {
                    let vector = kept.vector.clone();
                    self.between = place as f32;
                    self.go_to(vector);
                }
                None => {
                    self.kept[place] = Some(self.keep());
                    self.between = place as f32;
                }
            }
        }
    }

    fn keep(&self) -> Kept {
        Kept { vector: self.vector.clone(), picture: self.studio.picture().cloned(), texture: SinglePicture::default() }
    }

    fn sliders_ui(&mut self, latent: Latent, ui: &mut Ui) {
        let title = format!("Latent vector, {} dimensions", self.vector.len());
        ui.label(RichText::new(title).size(SMALL).color(theme::tokens(ui).quiet)).on_hover_text(
            "What the generator is given. The hills show how likely each value is. A double click puts a dimension back to 0.",
        );
        let mut changed = false;
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical().id_salt("dimensions").auto_shrink(false).show_rows(
            ui,
            latent_slider::HEIGHT,
            self.vector.len(),
            |ui, range| {
                ui.set_max_width(ui.available_width() - 2.0 * SPACE);
                for index in range {
                    let Some(value) = self.vector.get_mut(index) else { continue };
                    changed |= ui.push_id(index, |ui| ui.add(LatentSlider::new(index, value, latent)).changed()).inner;
                }
            },
        );
        if changed {
            self.walk = None;
            self.version += 1;
        }
    }
}

fn nothing_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let rect = ui.available_rect_before_wrap();
    if !ctx.faults.is_empty() || ctx.run.phase.is_live() {
        Empty::new("Nothing to explore yet", "The explorer opens with the first samples of a run.").ui(ui, rect);
        return;
    }
    let sentence = "Train for a moment, or open a trained project: then you can drag through its latent space here.";
    let action = Some(("Train", "Starts training."));
    if (Empty { action, ..Empty::new("Nothing to explore yet", sentence) }).ui(ui, rect) {
        ctx.command(Command::Train);
    }
}

/// The latent vector of a seed.
fn drawn(latent: Latent, size: usize, seed: u64) -> Vec<f32> {
    latent::draw(latent, size, 1, seed, Purpose::Explore, 0)
}

#[cfg(test)]
mod tests;
