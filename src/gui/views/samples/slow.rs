//! Pictures in slow motion: those of one step, with what the discriminator says under each.

use eframe::egui::{Align2, FontId, Rect, Ui, Vec2, pos2, vec2};

use crate::gui::slow::{Slow, Stage};
use crate::gui::theme::{self, SMALL, SPACE};
use crate::gui::widgets::format;
use crate::gui::widgets::pictures::{Raster, SinglePicture, Zoom};
use crate::spec::Role;
use crate::train::{Pictures, Story};

/// What is drawn of a step.
#[derive(Debug, Default)]
pub(super) struct SlowPictures {
    /// Of which step the pictures below are.
    step: Option<u64>,
    /// Real ones, generated ones, and what the generator makes after its step.
    pictures: Vec<Pictures>,
    textures: Vec<SinglePicture>,
}

/// Room for what is said under a picture.
const LINE: f32 = 4.5 * SPACE;
/// Around each picture.
const MARGIN: f32 = 2.0;

impl SlowPictures {
    /// Draws the moment in sight into `room`.
    pub(super) fn ui(&mut self, slow: &Slow, story: &Story, room: Rect, ui: &mut Ui) {
        if self.step != Some(story.step) {
            self.pictures = [&story.real, &story.made, &story.moved].map(|samples| story.pictures(samples)).to_vec();
            self.textures.resize_with(2 * story.shown(), SinglePicture::default);
            self.step = Some(story.step);
        }
        let tokens = theme::tokens(ui);
        let (left, right) = room.split_left_right_at_fraction(0.5);
        let (left, right) = (left.with_max_x(left.right() - 2.0 * SPACE), right.with_min_x(right.left() + 2.0 * SPACE));
        let moved = slow.moment().stage == Stage::Updates && slow.moment().role == Role::Generator && slow.motion() > 0.5;
        let title = if moved { "generated, after G's update" } else { "generated" };
        let made = (slow.moment().stage != Stage::Latents).then_some(if moved { 2 } else { 1 });
        let real = (!matches!(slow.moment().stage, Stage::Latents | Stage::Making)).then_some(0);
        self.grid(slow, story, (made, title, tokens.generator), left, ui);
        self.grid(slow, story, (real, "real", tokens.real), right, ui);
    }

    fn grid(
        &mut self,
        slow: &Slow,
        story: &Story,
        (which, title, colour): (Option<usize>, &str, eframe::egui::Color32),
        room: Rect,
        ui: &mut Ui,
    ) {
        let (head, room) = room.split_top_bottom_at_y(room.top() + 5.0 * SPACE);
        ui.painter().text(head.left_center(), Align2::LEFT_CENTER, title, FontId::proportional(SMALL), colour);
        let count = story.shown();
        let columns = columns(room, count, [story.shape.width, story.shape.height], ui.pixels_per_point());
        let cell = vec2(room.width() / columns as f32, room.height() / count.div_ceil(columns).max(1) as f32);
        let Some(pictures) = which.and_then(|which| self.pictures.get(which)) else { return };
        let scores = which.and_then(|which| scores(slow, story, which == 0));
        for index in 0..count.min(pictures.count()) {
            let corner = room.min + vec2((index % columns) as f32 * cell.x, (index / columns) as f32 * cell.y);
            let place = Rect::from_min_size(corner, cell).shrink(MARGIN);
            let (place, below) = place.split_top_bottom_at_y(place.bottom() - LINE);
            let texture = if which == Some(0) { index } else { count + index };
            let revision = story.step.wrapping_mul(4).wrapping_add(which.unwrap_or_default() as u64);
            let Some(texture) = self.textures.get_mut(texture) else { return };
            let drawn = texture.paint(ui, place, Raster::interleaved(pictures), index, revision);
            if let Some(verdict) = scores.and_then(|scores| story.verdict_on(scores, index)) {
                let at = pos2(drawn.center().x, (drawn.bottom() + 1.0).min(below.top() + 2.0));
                let text = format::reading(f64::from(verdict));
                ui.painter().text(at, Align2::CENTER_TOP, text, FontId::proportional(SMALL), theme::tokens(ui).discriminator);
            }
        }
    }
}

/// What the discriminator says at this moment, where it has said anything.
fn scores<'a>(slow: &Slow, story: &'a Story, real: bool) -> Option<&'a [f32]> {
    let (moment, scores) = (slow.moment(), &story.scores);
    let later = slow.motion() > 0.5;
    let of = |pair: &'a [Vec<f32>; 2], after: bool| Some(&pair[usize::from(after)][..]);
    match (moment.stage, moment.role) {
        (Stage::Latents | Stage::Making, _) => None,
        (Stage::Real, _) if !real => None,
        (Stage::Updates, Role::Discriminator) => of(if real { &scores.real } else { &scores.fake }, later),
        (_, Role::Discriminator) => of(if real { &scores.real } else { &scores.fake }, false),
        (_, Role::Generator) if real => of(&scores.real, true),
        (stage, Role::Generator) => of(&scores.made, stage == Stage::Updates && later),
    }
}

/// The room of a picture in a grid of so many columns, what is said under it left out.
fn inner(room: Rect, count: usize, columns: usize) -> Vec2 {
    let rows = count.div_ceil(columns).max(1);
    vec2(room.width() / columns as f32, room.height() / rows as f32) - vec2(2.0 * MARGIN, 2.0 * MARGIN + LINE)
}

/// So many side by side that pictures of `size` are as large as can be; of several such numbers the one with the most even room around.
fn columns(room: Rect, count: usize, size: [usize; 2], scale: f32) -> usize {
    let worth = |columns: usize| {
        let inner = inner(room, count, columns);
        (Zoom::fitting(size, inner * scale).of(size[0]), inner.min_elem())
    };
    let better = |a: &usize, b: &usize| {
        let (a, b) = (worth(*a), worth(*b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    };
    (1..=count.max(1)).rev().max_by(better).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_pictures_fill_a_room_of_any_form() {
        let room = |width, height| Rect::from_min_size(pos2(0.0, 0.0), vec2(width, height));
        let columns = |room| columns(room, 16, [28, 28], 1.0);
        assert_eq!([room(400.0, 480.0), room(1200.0, 200.0), room(100.0, 2000.0)].map(columns), [4, 8, 1]);
        assert_eq!(columns(room(296.0, 316.0)), 4, "twice as large, where five columns would have them as they are");
    }
}
