//! 2-D data in slow motion: latent vectors become points, the verdict changes, points are pushed and move.

use eframe::egui::{Color32, ColorImage, TextureOptions, Ui, Vec2};
use egui_plot::{Arrows, AxisHints, Plot, PlotBounds, PlotImage, PlotPoint, PlotPoints, PlotUi, Points};

use super::{Layers, PointsPlot, hints, verdict_colour};
use crate::gui::slow::{Slow, Stage};
use crate::gui::theme::{self, SPACE, Tokens};
use crate::gui::widgets::pictures::Texture;
use crate::gui::widgets::plot_scale::Scale;
use crate::spec::Role;
use crate::train::{HeatMap, Story};

/// What is drawn of a step.
#[derive(Debug, Default)]
pub(super) struct SlowPlot {
    verdict: Texture,
    /// What the texture shows: the step, how far the verdict has changed, in parts of [`BLENDS`], and the theme.
    made: Option<(u64, u8, bool)>,
}

/// A verdict that changes is drawn in so many states.
const BLENDS: f32 = 20.0;
/// The longest arrow, as a share of the plane.
const LONGEST: f64 = 0.09;

/// What is in sight at a moment.
#[derive(Clone, Debug, PartialEq)]
struct Scene {
    /// Generated points, or latent vectors that are none yet.
    points: Vec<[f64; 2]>,
    /// Are they points already? From 0 to 1.
    are_points: f32,
    /// Are the real ones of the batch in sight?
    real: bool,
    /// Which kind is being looked at.
    looked_at: Option<bool>,
    /// How far the verdict has changed, from 0 to 1.
    judged: f32,
    /// Where points are pushed.
    arrows: bool,
}

impl Scene {
    fn of(slow: &Slow, story: &Story) -> Self {
        let moment = slow.moment();
        let after_judge = moment.role == Role::Generator && moment.stage.is_for_both();
        let is_update = |role| moment.stage == Stage::Updates && moment.role == role;
        let made = story.points(&story.made);
        let (from, to, share) = match moment.stage {
            Stage::Latents => (latents(story), latents(story), 0.0),
            Stage::Making => (latents(story), wide(made), slow.motion()),
            _ if is_update(Role::Generator) => (wide(made), wide(story.points(&story.moved)), slow.motion()),
            _ => (wide(made), wide(made), 0.0),
        };
        let between = |(a, b): (&[f64; 2], &[f64; 2])| [0, 1].map(|axis| (1.0 - f64::from(share)) * a[axis] + f64::from(share) * b[axis]);
        Self {
            points: from.iter().zip(&to).map(between).collect(),
            are_points: match moment.stage {
                Stage::Latents => 0.0,
                Stage::Making => slow.motion(),
                _ => 1.0,
            },
            real: !matches!(moment.stage, Stage::Latents | Stage::Making) && !after_judge,
            looked_at: match moment.stage {
                Stage::Real => Some(true),
                Stage::Fake => Some(false),
                _ => None,
            },
            judged: if after_judge {
                1.0
            } else if is_update(Role::Discriminator) {
                slow.motion()
            } else {
                0.0
            },
            arrows: moment.stage == Stage::Gradients && moment.role == Role::Generator,
        }
    }
}

impl Scene {
    /// The samples of the step, and where they are pushed, with so large dots in a plane of so many units.
    fn items(&self, story: &Story, layers: Layers, (radius, side): (f32, f64), tokens: &Tokens, plot_ui: &mut PlotUi<'_>) {
        let mut cloud = |name: &str, points: Vec<[f64; 2]>, colour: Color32, looked_at: Option<bool>| {
            let (colour, size) = emphasis(tokens, colour, looked_at);
            plot_ui.points(Points::new(name, points).color(colour).radius(size * radius).allow_hover(false));
        };
        if self.real && layers.real {
            cloud("real", wide(story.points(&story.real)), tokens.real, self.looked_at);
        }
        if layers.generated {
            let colour = theme::mix(tokens.quiet, tokens.generator, self.are_points);
            cloud("generated", self.points.clone(), colour, self.looked_at.map(|real| !real));
        }
        if self.arrows && layers.generated {
            let arrows = Arrows::new("pushes", self.points.clone(), tips(story, side));
            plot_ui.arrows(arrows.color(tokens.text).tip_length(5.0).allow_hover(false));
        }
    }
}

fn wide(points: &[[f32; 2]]) -> Vec<[f64; 2]> {
    points.iter().map(|point| point.map(f64::from)).collect()
}

/// The first two numbers of each latent vector.
fn latents(story: &Story) -> Vec<[f64; 2]> {
    let size = story.latent_size.max(1);
    story.latents.chunks_exact(size).map(|latent| [latent[0], latent.get(1).copied().unwrap_or(0.0)].map(f64::from)).collect()
}

impl SlowPlot {
    /// Draws the moment in sight into the available room.
    pub(super) fn ui(&mut self, base: &PointsPlot, layers: Layers, slow: &Slow, story: &Story, ui: &mut Ui) {
        let tokens = theme::tokens(ui);
        let scene = Scene::of(slow, story);
        let square = self.take_in(story, scene.judged, ui);
        let (low, high) = square.map_or(base.home.unwrap_or((-2.0, 2.0)), |(low, high)| (f64::from(low), f64::from(high)));
        let plot = Plot::new("slow points")
            .data_aspect(1.0)
            .custom_x_axes(vec![hints(AxisHints::new_x(), tokens)])
            .custom_y_axes(vec![hints(AxisHints::new_y(), tokens).min_thickness(7.0 * SPACE)])
            .x_grid_spacer(|input| Scale::Linear.marks(&input))
            .y_grid_spacer(|input| Scale::Linear.marks(&input))
            .grid_spacing(12.0 * SPACE..=12.0 * SPACE + 1.0)
            .grid_color(tokens.hairline.gamma_multiply(0.6))
            .show_background(false)
            .show_x(false)
            .show_y(false)
            .allow_drag(false)
            .allow_scroll(false)
            .allow_zoom(false)
            .allow_boxed_zoom(false)
            .allow_double_click_reset(false)
            .label_formatter(|_| None);
        let radius = if ui.available_height() < 75.0 * SPACE { 2.0 } else { 3.0 };
        plot.show(ui, |plot_ui| {
            plot_ui.set_plot_bounds(PlotBounds::from_min_max([low; 2], [high; 2]));
            if let (Some(texture), true, true) = (self.verdict.id(), square.is_some(), layers.verdict) {
                let (centre, side) = (PlotPoint::new((low + high) / 2.0, (low + high) / 2.0), (high - low) as f32);
                plot_ui.image(PlotImage::new("verdict", texture, centre, Vec2::splat(side)).allow_hover(false));
            }
            if layers.real {
                let faint = theme::mix(tokens.ground, tokens.real, 0.45);
                let all = Points::new("all real", PlotPoints::Borrowed(&base.real));
                plot_ui.points(all.color(faint).radius(1.0).allow_hover(false));
            }
            scene.items(story, layers, (radius, high - low), tokens, plot_ui);
        });
    }

    /// The verdict of this moment as a texture; returns the square that it covers.
    fn take_in(&mut self, story: &Story, judged: f32, ui: &Ui) -> Option<(f32, f32)> {
        let [before, after] = story.fields.as_ref()?;
        let blend = (judged * BLENDS).round();
        let key = (story.step, blend as u8, ui.visuals().dark_mode);
        if self.made != Some(key) {
            let image = blended(before, after, blend / BLENDS, theme::tokens(ui))?;
            self.verdict.set(ui.ctx(), image, TextureOptions::LINEAR);
            self.made = Some(key);
        }
        Some((before.low, before.high))
    }
}

/// What is looked at stands out; the other kind stands back.
fn emphasis(tokens: &Tokens, colour: Color32, looked_at: Option<bool>) -> (Color32, f32) {
    match looked_at {
        Some(true) => (colour, 1.25),
        Some(false) => (theme::mix(tokens.ground, colour, 0.4), 0.8),
        None => (colour, 1.0),
    }
}

/// Where the arrows end, at places in the plane. Their lengths keep their proportions, up to the longest of nearly all.
fn tips(story: &Story, side: f64) -> Vec<[f64; 2]> {
    let pushes = wide(story.points(&story.pushes));
    let length = |push: &[f64; 2]| push[0].hypot(push[1]);
    let mut lengths: Vec<f64> = pushes.iter().map(length).collect();
    lengths.sort_by(f64::total_cmp);
    let long = lengths.get(lengths.len() * 9 / 10).copied().unwrap_or(0.0);
    let tip = |(at, push): (&[f64; 2], &[f64; 2])| {
        let own = length(push);
        let scale = if long > 0.0 && own > 0.0 { LONGEST * side * (own / long).min(1.0) / own } else { 0.0 };
        [at[0] + scale * push[0], at[1] + scale * push[1]]
    };
    wide(story.points(&story.made)).iter().zip(&pushes).map(tip).collect()
}

/// The verdict on its way from before to after.
fn blended(before: &HeatMap, after: &HeatMap, share: f32, tokens: &Tokens) -> Option<ColorImage> {
    if before.side == 0 || before.values.len() != before.side * before.side || after.values.len() != before.values.len() {
        return None;
    }
    let values: Vec<f32> = before.values.iter().zip(&after.values).map(|(a, b)| a + share * (b - a)).collect();
    let pixels = values.chunks_exact(before.side).rev().flatten().map(|&value| verdict_colour(value, tokens)).collect();
    Some(ColorImage::new([before.side, before.side], pixels))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::gui::fixtures::story;

    fn scene(moment: usize) -> Scene {
        let mut slow = Slow::default();
        slow.enter();
        slow.hear(&Arc::new(story(128)));
        slow.play(false);
        slow.show(moment);
        Scene::of(&slow, &story(128))
    }

    #[test]
    fn points_appear_are_judged_pushed_and_moved() {
        let story = story(128);
        assert_eq!(scene(0).points, latents(&story));
        assert_eq!((scene(0).are_points, scene(0).real), (0.0, false));
        for moment in 1..=8 {
            assert_eq!(scene(moment).points, wide(story.points(&story.made)), "moment {moment}");
            assert_eq!(scene(moment).arrows, moment == 8);
            assert_eq!(scene(moment).judged, if moment >= 6 { 1.0 } else { 0.0 });
        }
        assert_eq!(scene(9).points, wide(story.points(&story.moved)));
        assert_eq!([scene(2).looked_at, scene(3).looked_at, scene(4).looked_at], [Some(true), Some(false), None]);
    }

    #[test]
    fn arrows_point_where_points_are_pushed_and_none_is_too_long() {
        let story = story(128);
        let made = wide(story.points(&story.made));
        let pushes = wide(story.points(&story.pushes));
        for ((at, tip), push) in made.iter().zip(tips(&story, 4.0)).zip(pushes) {
            let arrow = [tip[0] - at[0], tip[1] - at[1]];
            assert!(arrow[0].hypot(arrow[1]) <= 4.0 * LONGEST + 1e-9);
            assert!((arrow[0] * push[1] - arrow[1] * push[0]).abs() < 1e-6 && arrow[0] * push[0] + arrow[1] * push[1] >= 0.0);
        }
    }
}
