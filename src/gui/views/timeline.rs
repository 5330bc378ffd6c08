//! The time machine: goes through what the generator made since the run began, while training goes on.

use eframe::egui::accesskit::{Action, ActionData};
use eframe::egui::{
    Align, EventFilter, Key, Layout, Rect, Response, Sense, Stroke, Ui, UiBuilder, WidgetInfo, lerp, pos2, remap_clamp, vec2,
};

use super::OTHER;
use super::shown::{Beside, Shown};
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

/// Which moment of the run is in sight, and what it showed.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// The step gone back to; none for now.
    at: Option<u64>,
    /// It is being played: when that began, and from which share of the run.
    playing: Option<(f64, f64)>,
    /// Is now shown beside?
    compares: bool,
    past: Past,
    /// The same moment of the run beside.
    other: Past,
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

/// Revisions of earlier moments are apart from those of newest samples.
const PAST: u64 = 1 << 40;

impl Timeline {
    /// Draws the line at the bottom of the available room, where the run has frames. Returns the room above.
    pub(super) fn ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui) -> Rect {
        let whole = ui.available_rect_before_wrap();
        let reel = &ctx.run.reel;
        let (Some(live), false) = (ctx.run.snapshot.as_deref(), reel.is_empty()) else {
            (self.at, self.playing, self.past.made, self.other.made) = (None, None, None, None);
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
        self.past.take(reel, self.at, live);
        if let Some((fork, snapshot)) = ctx.fork.and_then(|fork| Some((fork, fork.run.snapshot.as_deref()?))) {
            self.other.take(&fork.run.reel, self.at, snapshot);
        }
        above
    }

    /// What is in sight, and what is to be shown beside it: now beside an earlier moment, or the other run as it was at the same step.
    pub(super) fn moments<'a>(
        &'a self,
        live: Option<Shown<'a>>,
        other: Option<(&'a Fork, Shown<'a>)>,
    ) -> (Option<Shown<'a>>, Option<Beside<'a>>) {
        let past = self.past.shown(PAST);
        let step = |shown: Shown<'_>| format::grouped(shown.snapshot.step);
        let (Some(first), Some(now)) = (past.or(live), live) else { return (live, None) };
        let beside = if self.compares && past.is_some() {
            Some(Beside { shown: now, other: None, names: [format!("step {}", step(first)), format!("now, step {}", step(now))] })
        } else {
            other.map(|(fork, newest)| {
                let shown = self.other.shown(PAST + OTHER).filter(|_| past.is_some()).unwrap_or(newest);
                let name = |letter: Letter, shown| format!("{}, step {}", letter.name(), step(shown));
                let names = [name(fork.letter.other(), first), format!("{} · dashed below", name(fork.letter, shown))];
                Beside { shown, other: Some(&fork.run), names }
            })
        };
        (Some(first), beside)
    }

    /// Goes on, where it plays; at the end it is now again.
    fn play(&mut self, reel: &Reel, ui: &Ui) {
        let Some((since, from)) = self.playing else { return };
        let share = from + (ui.input(|input| input.time) - since) / PLAYS_SECS;
        self.go_to(reel, step_at(reel, share.min(1.0)));
        if self.at.is_none() {
            self.playing = None;
        } else {
            ui.ctx().request_repaint_after_secs((PLAYS_SECS / reel.len() as f64 / 2.0) as f32);
        }
    }

    /// Shows the frame that is nearest to a step; the newest one is now.
    fn go_to(&mut self, reel: &Reel, step: u64) {
        self.at = reel.nearest(step).filter(|index| index + 1 < reel.len()).and_then(|index| Some(reel.get(index)?.step));
    }

    fn strip_ui(&mut self, ctx: &ViewContext<'_>, reel: &Reel, ui: &mut Ui) {
        self.play_ui(reel, ui);
        let strip = ui.available_rect_before_wrap();
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if controls::quiet_button(ui, "GIF", "Saves the whole run as a moving picture.").clicked() {
                ctx.command(Command::ExportTimelapse);
            }
            ui.add_enabled_ui(self.at.is_some(), |ui| {
                if controls::quiet_button(ui, "Now", "Shows the newest samples again. Training went on meanwhile.").clicked() {
                    (self.at, self.playing) = (None, None);
                }
            });
            let tip = "Shows an earlier moment beside now, from the same latent vectors.";
            if controls::switch(ui, "compare", &mut self.compares, tip) && self.compares && self.at.is_none() {
                // Two moments that are the same say nothing: the first is the one that differs most.
                self.go_to(reel, 0);
            }
            let room = strip.with_max_x(ui.min_rect().left() - 2.0 * SPACE);
            if room.width() > 8.0 * SPACE {
                self.line_ui(reel, room, ui);
            }
        });
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
                let from = self.at.map_or(0.0, |step| share_of(reel, step));
                self.go_to(reel, step_at(reel, from));
                ui.ctx().request_repaint();
                Some((ui.input(|input| input.time), from))
            }
        };
    }

    /// The line itself: dragged, pressed, or moved with the arrow keys.
    fn line_ui(&mut self, reel: &Reel, rect: Rect, ui: &Ui) {
        let response = ui.interact(rect, ui.scope_id().with("timeline"), Sense::click_and_drag());
        let track = rect.shrink2(vec2(2.0 * SPACE, 0.0)).x_range();
        let step_under = |x: f32| step_at(reel, f64::from(remap_clamp(x, track, 0.0..=1.0)));
        if let Some(pointer) = response.interact_pointer_pos() {
            response.request_focus();
            self.playing = None;
            self.go_to(reel, step_under(pointer.x));
        }
        self.keyboard(reel, &response, ui);
        let newest = reel.last().map_or(0, |frame| frame.step);
        let step = self.at.unwrap_or(newest);
        response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), step as f64, "moment of the run"));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_min_numeric_value(step_at(reel, 0.0) as f64);
            node.set_max_numeric_value(newest as f64);
            for action in [Action::SetValue, Action::Increment, Action::Decrement] {
                node.add_action(action);
            }
        });
        self.paint(ui, rect, lerp(track, share_of(reel, step) as f32), &response);
        if let Some(pointer) = response.hover_pos() {
            let frame = reel.nearest(step_under(pointer.x)).and_then(|index| reel.get(index));
            let text = frame.map(|frame| format!("step {}, after {}", format::grouped(frame.step), format::duration(frame.elapsed_secs)));
            response.on_hover_text_at_pointer(text.unwrap_or_default());
        }
    }

    /// Arrow keys go from frame to frame, Home and End to the first and to now; a screen reader asks for the same.
    fn keyboard(&mut self, reel: &Reel, response: &Response, ui: &Ui) {
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
            self.playing = None;
            self.go_to(reel, step);
        }
        if moved != 0 {
            self.playing = None;
            let newest = reel.len() - 1;
            let index = self.at.and_then(|step| reel.nearest(step)).unwrap_or(newest);
            let index = index.saturating_add_signed(moved as isize).min(newest);
            self.go_to(reel, reel.get(index).map_or(0, |frame| frame.step));
        }
    }

    fn paint(&self, ui: &Ui, rect: Rect, knob: f32, response: &Response) {
        let tokens = theme::tokens(ui);
        let (left, right, middle) = (rect.left() + 2.0 * SPACE, rect.right() - 2.0 * SPACE, rect.center().y);
        let colour = if self.at.is_some() { tokens.accent } else { tokens.quiet };
        ui.painter().hline(left..=right, middle, Stroke::new(2.0, tokens.hairline));
        ui.painter().hline(left..=knob, middle, Stroke::new(2.0, colour));
        let radius = if response.hovered() || response.dragged() { 1.5 * SPACE } else { 1.25 * SPACE };
        ui.painter().circle_filled(pos2(knob, middle), radius, if self.at.is_some() { tokens.accent } else { tokens.text });
        controls::focus_ring(ui, rect, response);
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
mod tests {
    use eframe::egui::{Pos2, pos2};
    use egui_kittest::Harness;
    use egui_kittest::kittest::{NodeT as _, Queryable as _};

    use super::*;
    use crate::gui::fixtures::World;
    use crate::gui::look::{Window, drive};

    fn filmed(preset: &str) -> Harness<'static, Window> {
        let mut harness = drive(Window::new(World::filmed(preset, 12_300, 100)));
        harness.run();
        harness
    }

    fn line(harness: &Harness<'static, Window>) -> Rect {
        harness.get_by_label("moment of the run").rect()
    }

    fn at(line: Rect, share: f32) -> Pos2 {
        pos2(lerp(line.left() + 2.0 * SPACE..=line.right() - 2.0 * SPACE, share), line.center().y)
    }

    /// What the line says it stands at.
    fn step(harness: &Harness<'static, Window>) -> u64 {
        harness.get_by_label("moment of the run").accesskit_node().numeric_value().unwrap() as u64
    }

    fn drag(harness: &mut Harness<'static, Window>, from: f32, to: f32) {
        let line = line(harness);
        harness.drag_at(at(line, from));
        harness.run_steps(2);
        harness.hover_at(at(line, to));
        harness.run_steps(2);
        harness.drop_at(at(line, to));
        harness.run_steps(2);
    }

    #[test]
    fn dragging_shows_an_earlier_moment_and_now_returns() {
        for preset in ["digits", "ring8"] {
            let mut harness = filmed(preset);
            assert!(harness.query_by_label("step 12,300").is_some(), "{preset}");
            drag(&mut harness, 1.0, 0.5);
            let middle = step(&harness);
            assert!((6_000..=6_300).contains(&middle), "{preset}: {middle}");
            assert!(harness.query_by_label(&format!("step {} of 12,300", format::grouped(middle))).is_some(), "{preset}");
            harness.get_by_label("Now").click();
            harness.run();
            assert_eq!(step(&harness), 12_300, "{preset}");
            assert!(harness.query_by_label("step 12,300").is_some(), "{preset}");
            drag(&mut harness, 0.2, 1.0);
            assert_eq!(step(&harness), 12_300, "{preset}: the end is now");
        }
    }

    #[test]
    fn the_arrow_keys_go_from_frame_to_frame() {
        let mut harness = filmed("digits");
        harness.get_by_label("moment of the run").focus();
        harness.run();
        harness.run();
        let mut seen = Vec::new();
        for key in [Key::ArrowLeft, Key::ArrowLeft, Key::ArrowRight, Key::Home, Key::ArrowLeft, Key::ArrowRight, Key::End] {
            harness.key_press(key);
            harness.run();
            seen.push(step(&harness));
        }
        let frame = |index: u64| 12_300 * index / 99;
        assert_eq!(seen, [frame(98), frame(97), frame(98), 0, 0, frame(1), 12_300]);
    }

    #[test]
    fn playing_goes_through_the_run_and_ends_at_now() {
        let mut harness = filmed("digits");
        harness.get_by_label("Play the run").click();
        harness.run_steps(3);
        let mut seen = Vec::new();
        while harness.query_by_label("Hold the moment").is_some() && seen.len() < 10_000 {
            harness.step();
            seen.push(step(&harness));
        }
        assert!(seen[0] < 2_000, "{seen:?}");
        assert!(seen.is_sorted() && seen.iter().collect::<std::collections::BTreeSet<_>>().len() > 10, "{seen:?}");
        assert_eq!(seen.last(), Some(&12_300));
    }

    #[test]
    fn what_is_played_can_be_held_while_the_run_goes_on() {
        let mut harness = filmed("digits");
        harness.get_by_label("Play the run").click();
        harness.run_steps(6);
        harness.get_by_label("Hold the moment").click();
        harness.run_steps(3);
        let held = step(&harness);
        assert!(held > 0 && held < 12_300, "{held}");
        let world = &mut harness.state_mut().world;
        let newer = World::running("digits", 13_000).run.snapshot.unwrap();
        world.run.snapshot = Some(newer);
        harness.run();
        assert_eq!(step(&harness), held);
        assert!(harness.query_by_label(&format!("step {} of 13,000", format::grouped(held))).is_some());
    }

    #[test]
    fn two_moments_are_shown_side_by_side() {
        let mut harness = filmed("digits");
        harness.get_by_label("compare").click();
        harness.run();
        assert_eq!(step(&harness), 0, "what differs most");
        let then = harness.get_by_label_contains("generated pictures").rect();
        let now = harness.get_by_label_contains("other pictures").rect();
        assert_eq!(then.size(), now.size());
        assert!(!then.intersects(now));
        harness.get_by_label("compare").click();
        harness.run();
        assert!(harness.query_by_label_contains("other pictures").is_none());
    }

    #[test]
    fn the_run_is_exported_and_a_single_frame_is_no_line() {
        let mut harness = filmed("digits");
        harness.get_by_label("GIF").click();
        harness.run();
        let asked = harness.state_mut().world.settle();
        assert!(matches!(asked[..], [Command::ExportTimelapse]), "{asked:?}");
        let mut harness = drive(Window::new(World::running("digits", 5)));
        harness.run();
        assert!(harness.query_by_label("moment of the run").is_none());
    }
}
