//! The window without a system around it: frames are drawn when the app asks for them or a hand moves, up to the point where a graphics
//! driver would take over.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use eframe::egui::{self, Event, FullOutput, Modifiers, PointerButton, Pos2, RawInput, Rect, Vec2, ViewportId, pos2};

use crate::gui::app::App;
use crate::gui::{AppOptions, GuiError};
use crate::system;

/// The window, and the hand on it.
pub(super) struct Driver {
    ctx: egui::Context,
    pub(super) app: App,
    frame: eframe::Frame,
    began: Instant,
    size: Vec2,
    events: Vec<Event>,
    pointer: Pos2,
    alarm: Arc<Alarm>,
}

/// Milliseconds of work for one frame, waiting for a processor left out where the system says how long that was.
pub(super) type Millis = f64;

/// When the next frame was asked for.
#[derive(Debug, Default)]
struct Alarm {
    due: Mutex<Option<Instant>>,
    changed: Condvar,
}

impl Alarm {
    fn set(&self, delay: Duration) {
        // A delay beyond all time means: never.
        let Some(due) = Instant::now().checked_add(delay) else { return };
        let mut slot = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = Some(slot.map_or(due, |before| before.min(due)));
        self.changed.notify_one();
    }

    /// Waits until a frame is due, or until `latest`.
    fn wait(&self, latest: Instant) {
        let mut slot = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let next = slot.map_or(latest, |due| due.min(latest));
            let Some(left) = next.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else { break };
            slot = self.changed.wait_timeout(slot, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *slot = None;
    }
}

impl Driver {
    /// A window of so many points, with a pixel for each, which has drawn nothing yet.
    pub(super) fn new(options: AppOptions, size: [f32; 2]) -> Self {
        let ctx = egui::Context::default();
        let alarm = Arc::new(Alarm::default());
        let bell = Arc::clone(&alarm);
        ctx.set_request_repaint_callback(move |info| bell.set(info.delay));
        let app = App::new(&eframe::CreationContext::_new_kittest(ctx.clone()), AppOptions { system_dialogs: false, ..options });
        Self {
            app,
            frame: eframe::Frame::_new_kittest(),
            began: Instant::now(),
            size: size.into(),
            events: Vec::new(),
            pointer: pos2(0.0, 0.0),
            alarm,
            ctx,
        }
    }

    /// Draws a frame of the whole window.
    pub(super) fn frame(&mut self) -> Millis {
        self.frame_of(|app, ui, frame| {
            eframe::App::logic(app, ui.ctx(), frame);
            eframe::App::ui(app, ui, frame);
        })
    }

    /// Draws a frame of something else.
    pub(super) fn frame_of(&mut self, mut draw: impl FnMut(&mut App, &mut egui::Ui, &mut eframe::Frame)) -> Millis {
        let input = self.input();
        let (app, frame) = (&mut self.app, &mut self.frame);
        let waited = system::waited();
        let begin = Instant::now();
        let FullOutput { shapes, pixels_per_point, textures_delta, .. } = self.ctx.run_ui(input, |ui| draw(app, ui, frame));
        let meshes = self.ctx.tessellate(shapes, pixels_per_point);
        let passed = begin.elapsed();
        let elsewhere = system::waited().zip(waited).map(|(after, before)| after.saturating_sub(before));
        // The driver's.
        drop((meshes, textures_delta));
        passed.saturating_sub(elsewhere.unwrap_or_default()).as_secs_f64() * 1e3
    }

    fn input(&mut self) -> RawInput {
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, self.size)),
            time: Some(self.began.elapsed().as_secs_f64()),
            predicted_dt: 1.0 / 60.0,
            events: std::mem::take(&mut self.events),
            ..RawInput::default()
        };
        if let Some(viewport) = input.viewports.get_mut(&ViewportId::ROOT) {
            viewport.native_pixels_per_point = Some(1.0);
            viewport.focused = Some(true);
        }
        input
    }

    /// Draws frames as they are asked for until `done`, and returns how long that took.
    ///
    /// # Errors
    /// It took longer than anybody waits; `what` says what for.
    pub(super) fn until(&mut self, what: &str, done: impl Fn(&App) -> bool) -> Result<Duration, GuiError> {
        let begin = Instant::now();
        loop {
            self.frame();
            if done(&self.app) {
                return Ok(begin.elapsed());
            }
            if begin.elapsed() > PATIENCE {
                return Err(GuiError::Other(format!("waited in vain until {what}; the run is {:?}", self.app.run().phase)));
            }
            self.alarm.wait(begin + PATIENCE);
        }
    }

    /// Draws a frame at every refresh of a screen for so long, `hand` moving before each, and hands their times to `note`.
    pub(super) fn refresh(&mut self, length: Duration, mut hand: impl FnMut(&mut Self, u32), mut note: impl FnMut(Millis)) {
        let begin = Instant::now();
        for number in 1.. {
            hand(self, number);
            note(self.frame());
            let next = begin + REFRESH * number;
            if next > begin + length {
                break;
            }
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }

    /// Where the control of this name is.
    ///
    /// # Errors
    /// There is none in sight.
    pub(super) fn place_of(&mut self, name: &str) -> Result<Rect, GuiError> {
        self.ctx.enable_accesskit();
        let input = self.input();
        let (app, frame) = (&mut self.app, &mut self.frame);
        let output = self.ctx.run_ui(input, |ui| eframe::App::ui(app, ui, frame));
        self.ctx.disable_accesskit();
        let nodes = output.platform_output.accesskit_update.map(|update| update.nodes).unwrap_or_default();
        let found = nodes.iter().find(|(_, node)| node.label() == Some(name)).and_then(|(_, node)| node.bounds());
        let rect = found.map(|rect| Rect::from_min_max(pos2(rect.x0 as f32, rect.y0 as f32), pos2(rect.x1 as f32, rect.y1 as f32)));
        rect.ok_or_else(|| GuiError::Other(format!("there is no control called {name}")))
    }

    /// The pointer goes there with the next frame.
    pub(super) fn point(&mut self, at: Pos2) {
        self.pointer = at;
        self.events.push(Event::PointerMoved(at));
    }

    /// The button goes down or up with the next frame.
    pub(super) fn button(&mut self, pressed: bool) {
        let event = Event::PointerButton { pos: self.pointer, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE };
        self.events.push(event);
    }

    /// The wheel turns with the next frame.
    pub(super) fn wheel(&mut self, points: f32) {
        let event = Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            source: egui::MouseWheelSource::Trackpad,
            delta: Vec2::new(0.0, points),
            phase: egui::TouchPhase::Move,
            modifiers: Modifiers::NONE,
        };
        self.events.push(event);
    }

    /// Presses the control of this name.
    ///
    /// # Errors
    /// There is none in sight.
    pub(super) fn press(&mut self, name: &str) -> Result<(), GuiError> {
        let place = self.place_of(name)?;
        self.point(place.center());
        for pressed in [true, false] {
            self.button(pressed);
            self.frame();
        }
        self.frame();
        Ok(())
    }
}

/// A screen shows a new picture so often.
const REFRESH: Duration = Duration::from_micros(16_667);

/// So long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(120);
