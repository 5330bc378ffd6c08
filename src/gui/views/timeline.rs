//! The time machine: goes through what the generator made since the run began, while training goes on, and holds two moments of it beside
//! each other.

use eframe::egui::accesskit::{Action, ActionData};
use eframe::egui::{
    Align, EventFilter, Key, Layout, Pos2, Rangef, Rect, Response, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, lerp, pos2, remap_clamp,
    vec2,
};

use super::OTHER;
use super::shown::{Beside, Mark, Shown};
use crate::gui::command::Command;
use crate::gui::context::ViewContext;
use crate::gui::fork::{Fork, Letter};
use crate::gui::icons::Icon;
use crate::gui::theme::{self, SPACE};
use crate::gui::widgets::button::IconButton;
use crate::gui::widgets::revision::Revision;
use crate::gui::widgets::{controls, format};
use crate::train::{Frame, HeatMap, Reel, Samples, Snapshot, Still};

/// The height of the strip with the line, and of the room above it.
const HEIGHT: f32 = controls::HEIGHT + 2.0 * SPACE;

/// The whole run is played in so many seconds.
const PLAYS_SECS: f64 = 8.0;

/// Which moments of the run are in sight, and what they showed.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// The one that the line goes through, and the one that it is compared with.
    moments: [Moment; 2],
    /// Are both shown beside each other?
    compares: bool,
    /// Where comparing put the first by itself.
    put_at: Option<u64>,
    /// Which of them the pointer has hold of.
    held: Option<usize>,
    /// The first is being played: when that began, and from which share of the run.
    playing: Option<(f64, f64)>,
    /// The same moment of the run beside.
    other: Past,
}

/// What the two are called, in their order.
const NAMES: [&str; 2] = ["moment of the run", "moment to compare with"];

/// A moment of the run: an earlier one, or now, which goes on with the run.
#[derive(Debug, Default)]
struct Moment {
    /// The step gone back to; none for now.
    at: Option<u64>,
    past: Past,
}

impl Moment {
    /// Shows the frame that is nearest to a step; the newest one is now.
    fn go_to(&mut self, reel: &Reel, step: u64) {
        self.at = reel.nearest(step).filter(|index| index + 1 < reel.len()).and_then(|index| Some(reel.get(index)?.step));
    }

    /// Goes so many frames on, or back.
    fn go_by(&mut self, reel: &Reel, frames: i64) {
        let newest = reel.len().saturating_sub(1);
        let index = self.at.and_then(|step| reel.nearest(step)).unwrap_or(newest);
        let index = index.saturating_add_signed(frames as isize).min(newest);
        self.go_to(reel, reel.get(index).map_or(0, |frame| frame.step));
    }

    /// Where it stands on the line; at its end where the run went back to before it.
    fn step(&self, reel: &Reel) -> u64 {
        let last = reel.last().map_or(0, |frame| frame.step);
        self.at.map_or(last, |at| at.min(last))
    }
}

/// An earlier moment as samples to show.
#[derive(Debug, Default)]
struct Past {
    frame: Revision<Frame>,
    /// What the frame shows, by its revision.
    made: Option<(u64, Snapshot)>,
}

impl Past {
    /// Takes the frame that is nearest to a step; none where there is no step.
    fn take(&mut self, reel: &Reel, at: Option<u64>, live: &Snapshot) {
        let frame = at.and_then(|step| reel.get(reel.nearest(step)?));
        let Some(frame) = frame else {
            self.made = None;
            return;
        };
        let revision = self.frame.of(Some(frame));
        if self.made.as_ref().is_none_or(|(made, _)| *made != revision) {
            self.made = Some((revision, snapshot_of(frame, live)));
        }
    }

    fn shown(&self, apart: u64) -> Option<Shown<'_>> {
        self.made.as_ref().map(|(revision, snapshot)| Shown { snapshot, revision: apart + revision })
    }
}

/// Revisions of earlier moments are apart from those of newest samples, and from each other.
const PAST: [u64; 2] = [1 << 40, 1 << 42];

impl Timeline {
    /// Draws the line at the bottom of the available room, where the run has frames. Returns the room above.
    pub(super) fn ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) -> Rect {
        let whole = ui.available_rect_before_wrap();
        let reel = &ctx.run.reel;
        let (Some(live), false) = (ctx.run.snapshot.as_deref(), reel.is_empty()) else {
            self.go_to_now();
            for past in self.moments.iter_mut().map(|moment| &mut moment.past).chain([&mut self.other]) {
                past.made = None;
            }
            return whole;
        };
        let (above, strip) = whole.split_top_bottom_at_y(whole.bottom() - HEIGHT);
        if reel.len() > 1 {
            self.play(reel, ui);
            let strip = strip.with_min_y(strip.top() + 2.0 * SPACE);
            ui.scope_builder(UiBuilder::new().max_rect(strip).layout(Layout::left_to_right(Align::Center)), |ui| {
                self.strip_ui(ctx, reel, ui);
            });
        }
        let at = self.moments[0].at;
        for Moment { at, past } in &mut self.moments {
            past.take(reel, *at, live);
        }
        if let Some((fork, snapshot)) = ctx.fork.and_then(|fork| Some((fork, fork.run.snapshot.as_deref()?))) {
            self.other.take(&fork.run.reel, at, snapshot);
        }
        above
    }

    /// What is in sight, and what is to be shown beside it: another moment, or the other run as it was at the same step.
    pub(super) fn moments<'a>(
        &'a self,
        live: Option<Shown<'a>>,
        other: Option<(&'a Fork, Shown<'a>)>,
    ) -> (Option<Shown<'a>>, Option<Beside<'a>>) {
        let Some(now) = live else { return (None, None) };
        let [past, second] = [0, 1].map(|which| self.moments[which].past.shown(PAST[which]));
        let first = past.unwrap_or(now);
        let step = |shown: Shown<'_>| format::grouped(shown.snapshot.step);
        // Now beside now says nothing.
        let beside = if self.compares && (past.is_some() || second.is_some()) {
            let name = |past: Option<Shown<'_>>| match past {
                Some(past) => format!("step {}", step(past)),
                None => format!("now, step {}", step(now)),
            };
            let (names, marks) = ([past, second].map(name), Some([Mark::Dot, Mark::Ring]));
            Some(Beside { shown: second.unwrap_or(now), other: None, names, marks })
        } else {
            other.map(|(fork, newest)| {
                let shown = self.other.shown(PAST[0] + OTHER).filter(|_| past.is_some()).unwrap_or(newest);
                let name = |letter: Letter, shown| format!("{}, step {}", letter.name(), step(shown));
                let names = [name(fork.letter.other(), first), format!("{} · dashed below", name(fork.letter, shown))];
                Beside { shown, other: Some(&fork.run), names, marks: None }
            })
        };
        (Some(first), beside)
    }

    /// Both are now again.
    fn go_to_now(&mut self) {
        self.moments.iter_mut().for_each(|moment| moment.at = None);
        self.playing = None;
    }

    /// Goes on, where it plays; at the end it is now again.
    fn play(&mut self, reel: &Reel, ui: &Ui) {
        let Some((since, from)) = self.playing else { return };
        let share = from + (ui.input(|input| input.time) - since) / PLAYS_SECS;
        self.moments[0].go_to(reel, step_at(reel, share.min(1.0)));
        if self.moments[0].at.is_none() {
            self.playing = None;
        } else {
            ui.ctx().request_repaint_after_secs((PLAYS_SECS / reel.len() as f64 / 2.0) as f32);
        }
    }

    fn strip_ui(&mut self, ctx: &ViewContext<'_>, reel: &Reel, ui: &mut Ui) {
        self.play_ui(reel, ui);
        let strip = ui.available_rect_before_wrap();
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if controls::quiet_button(ui, "GIF", "Saves the whole run as a moving picture.").clicked() {
                ctx.command(Command::ExportTimelapse);
            }
            ui.add_enabled_ui(self.moments.iter().any(|moment| moment.at.is_some()), |ui| {
                if controls::quiet_button(ui, "Now", "Shows the newest samples again. Training went on meanwhile.").clicked() {
                    self.go_to_now();
                }
            });
            self.compare_ui(reel, ui);
            let room = strip.with_max_x(ui.min_rect().left() - 2.0 * SPACE);
            if room.width() > 8.0 * SPACE {
                self.line_ui(reel, room, ui);
            }
        });
    }

    fn compare_ui(&mut self, reel: &Reel, ui: &mut Ui) {
        let tip = "Shows two moments of the run beside each other, from the same latent vectors. The dot on the line is the first, the \
                   ring the second, which is now until you move it.";
        if !controls::switch(ui, "compare", &mut self.compares, tip) {
            return;
        }
        let [first, second] = &mut self.moments;
        second.at = None;
        let put_at = self.put_at.take();
        if self.compares && first.at.is_none() {
            // Two moments that are the same say nothing: the first is the one that differs most.
            first.go_to(reel, 0);
            self.put_at = first.at;
        } else if !self.compares && first.at == put_at {
            // Nobody chose it: without comparing, it is now as before.
            first.at = None;
        }
    }

    fn play_ui(&mut self, reel: &Reel, ui: &mut Ui) {
        let button = if self.playing.is_some() {
            IconButton::new(Icon::Pause, "Hold the moment").help("Stays at this moment of the run. Training goes on.")
        } else {
            IconButton::new(Icon::Play, "Play the run").help("Shows the whole run in about eight seconds. Training goes on.")
        };
        if !button.small().show(ui).clicked() {
            return;
        }
        self.playing = match self.playing {
            Some(_) => None,
            None => {
                let from = self.moments[0].at.map_or(0.0, |step| share_of(reel, step));
                self.moments[0].go_to(reel, step_at(reel, from));
                ui.ctx().request_repaint();
                Some((ui.input(|input| input.time), from))
            }
        };
    }

    /// The line itself: dragged, pressed, or moved with the arrow keys; with two moments on it, the nearer one is.
    fn line_ui(&mut self, reel: &Reel, rect: Rect, ui: &Ui) {
        let track = rect.shrink2(vec2(2.0 * SPACE, 0.0)).x_range();
        let step_under = |pointer: Pos2| step_at(reel, f64::from(remap_clamp(pointer.x, track, 0.0..=1.0)));
        // The first has the pointer for both, so that the keyboard and screen readers come to each alone.
        let responses: Vec<Response> = [Sense::click_and_drag(), Sense::focusable_noninteractive()][..self.count()]
            .iter()
            .zip(NAMES)
            .map(|(sense, name)| ui.interact(rect, ui.scope_id().with(name), *sense))
            .collect();
        let [line, ..] = &responses[..] else { return };
        self.held = line.interact_pointer_pos().map(|pointer| {
            let held = self.held.unwrap_or_else(|| self.nearer(reel, track, pointer));
            responses[held].request_focus();
            self.take(held, |moment| moment.go_to(reel, step_under(pointer)));
            held
        });
        for (which, response) in responses.iter().enumerate() {
            self.keyboard(reel, which, response, ui);
            self.tell(reel, which, response, ui);
        }
        let lit = self.held.or_else(|| line.hover_pos().map(|pointer| self.nearer(reel, track, pointer)));
        self.paint(reel, (rect, track), lit, &responses, ui);
        if let (Some(pointer), Some(lit)) = (line.hover_pos(), lit) {
            line.clone().on_hover_text_at_pointer(self.tip(reel, step_under(pointer), lit));
        }
    }

    /// How many moments the line has.
    fn count(&self) -> usize {
        if self.compares { 2 } else { 1 }
    }

    /// Somebody moves a moment: it is no longer played.
    fn take(&mut self, which: usize, go: impl FnOnce(&mut Moment)) {
        self.playing.take_if(|_| which == 0);
        go(&mut self.moments[which]);
    }

    /// Which moment a press takes. Of two at the same place, the one that lies in front goes back and the other one on.
    fn nearer(&self, reel: &Reel, track: Rangef, pointer: Pos2) -> usize {
        let [first, second] = [0, 1].map(|which| self.place(reel, which, track));
        let [to_first, to_second] = [first, second].map(|x| (x - pointer.x).abs());
        let is_second = to_second < to_first || (to_second == to_first && pointer.x > second);
        usize::from(self.compares && is_second)
    }

    /// Where a moment is on the line.
    fn place(&self, reel: &Reel, which: usize, track: Rangef) -> f32 {
        lerp(track, share_of(reel, self.moments[which].step(reel)) as f32)
    }

    /// What is under the pointer, and what a press does.
    fn tip(&self, reel: &Reel, step: u64, lit: usize) -> String {
        let Some(frame) = reel.nearest(step).and_then(|index| reel.get(index)) else { return String::new() };
        let place = format!("step {}, after {}", format::grouped(frame.step), format::duration(frame.elapsed_secs));
        let press = ["\nA press takes the first moment (the dot) here.", "\nA press takes the second moment (the ring) here."];
        if self.compares { place + press[lit] } else { place }
    }

    /// Tells screen readers where a moment is.
    fn tell(&self, reel: &Reel, which: usize, response: &Response, ui: &Ui) {
        let [oldest, newest] = ends(reel);
        let step = self.moments[which].step(reel);
        response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), step as f64, NAMES[which]));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_min_numeric_value(oldest as f64);
            node.set_max_numeric_value(newest as f64);
            for action in [Action::SetValue, Action::Increment, Action::Decrement] {
                node.add_action(action);
            }
        });
    }

    /// Arrow keys go from frame to frame, Home and End to the first and to now; a screen reader asks for the same.
    fn keyboard(&mut self, reel: &Reel, which: usize, response: &Response, ui: &Ui) {
        let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        // Asked beforehand: a response looks into the same memory, which is locked inside.
        let has_focus = response.has_focus();
        let (moved, end, set) = ui.input(|input| {
            let pressed = |key| if has_focus { input.num_presses(key) as i64 } else { 0 };
            let asked = |action| input.num_accesskit_action_requests(response.id, action) as i64;
            let moved = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft) + asked(Action::Increment) - asked(Action::Decrement);
            let end = if pressed(Key::Home) > 0 { Some(0) } else { (pressed(Key::End) > 0).then_some(u64::MAX) };
            let set = input.accesskit_action_requests(response.id, Action::SetValue).filter_map(|request| match request.data {
                Some(ActionData::NumericValue(value)) => Some(value.max(0.0) as u64),
                _ => None,
            });
            (moved, end, set.last())
        });
        if let Some(step) = end.or(set) {
            self.take(which, |moment| moment.go_to(reel, step));
        }
        if moved != 0 {
            self.take(which, |moment| moment.go_by(reel, moved));
        }
    }

    /// Draws the line, with the moment that the pointer is on larger.
    fn paint(&self, reel: &Reel, (rect, track): (Rect, Rangef), lit: Option<usize>, responses: &[Response], ui: &Ui) {
        let tokens = theme::tokens(ui);
        let middle = rect.center().y;
        let places: Vec<f32> = (0..responses.len()).map(|which| self.place(reel, which, track)).collect();
        let is_now = |which: usize| self.moments[which].at.is_none();
        // With one moment what is over is drawn stronger, with two what lies between them.
        let [from, to] = match places[..] {
            [first, second] => [first.min(second), first.max(second)],
            _ => [track.min, places[0]],
        };
        let colour = if (0..places.len()).all(is_now) { tokens.quiet } else { tokens.accent };
        ui.painter().hline(track, middle, Stroke::new(2.0, tokens.hairline));
        ui.painter().hline(from..=to, middle, Stroke::new(2.0, colour));
        // The first lies in front: where both are at one place it is a dot in a ring.
        for (which, &x) in places.iter().enumerate().rev() {
            let mark = [Mark::Dot, Mark::Ring][which];
            let colour = if places.len() == 1 && is_now(which) { tokens.text } else { tokens.accent };
            mark.paint(ui, pos2(x, middle), if lit == Some(which) { 1.5 * SPACE } else { 1.25 * SPACE }, colour);
            let ring = if responses.len() > 1 { Rect::from_center_size(pos2(x, middle), Vec2::splat(5.0 * SPACE)) } else { rect };
            controls::focus_ring(ui, ring, &responses[which]);
        }
    }
}

/// The step at a share of the run.
fn step_at(reel: &Reel, share: f64) -> u64 {
    let [first, last] = ends(reel);
    first + ((last - first) as f64 * share).round() as u64
}

/// The share of the run that is over at a step.
fn share_of(reel: &Reel, step: u64) -> f64 {
    let [first, last] = ends(reel);
    (step.saturating_sub(first)) as f64 / ((last - first).max(1)) as f64
}

fn ends(reel: &Reel) -> [u64; 2] {
    let step = |frame: Option<&Frame>| frame.map_or(0, |frame| frame.step);
    [step(reel.iter().next()), step(reel.last())]
}

/// A frame as samples to show. What the discriminator thought of the plane then is not kept.
fn snapshot_of(frame: &Frame, live: &Snapshot) -> Snapshot {
    let samples = match &frame.samples {
        Still::Pictures(pictures) => Samples::Pictures(pictures.clone()),
        Still::Points(generated) => {
            let verdict = HeatMap { low: 0.0, high: 0.0, side: 0, values: Vec::new() };
            Samples::Points { generated: generated.clone(), verdict }
        }
    };
    Snapshot { step: frame.step, samples, ..live.clone() }
}

#[cfg(test)]
mod tests;
