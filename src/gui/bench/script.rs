//! What a hand does while the window is measured.

use std::time::{Duration, Instant};

use eframe::egui::{CentralPanel, Frame, pos2, vec2};

use super::driver::Driver;
use super::{App, Command, GuiError, History, Phase, StepRecord, Times};

/// Trains, and returns how long the first samples took.
pub(super) fn train(driver: &mut Driver) -> Result<Duration, GuiError> {
    driver.app.command(Command::Train);
    let waited = driver.until("the first samples are there", |app| app.run().snapshot.is_some())?;
    driver.until("it trains", is_training_or_over)?;
    Ok(waited)
}

fn is_training_or_over(app: &App) -> bool {
    matches!(app.run().phase, Phase::Running | Phase::Finished(_) | Phase::Failed(_))
}

/// Holds the run.
pub(super) fn hold(driver: &mut Driver) -> Result<(), GuiError> {
    driver.app.command(Command::Pause);
    driver.until("the run holds", |app| !app.run().phase.is_busy()).map(|_| ())
}

/// Drags a latent slider to and fro for so long, and measures how soon the picture follows each move.
pub(super) fn slide(driver: &mut Driver, length: Duration) -> Result<Times, GuiError> {
    driver.until("the explorer shows a picture", |app| app.right.is_drawn())?;
    let slider = driver.place_of("z2")?;
    driver.point(slider.center());
    driver.button(true);
    driver.frame();
    let mut times = Times::default();
    let begin = Instant::now();
    while begin.elapsed() < length || times.count() == 0 {
        // Half of the slider's width, in steps that are no multiple of each other.
        let share = (times.count() as f32 * 0.37).fract() - 0.5;
        driver.point(slider.center() + vec2(0.5 * share * slider.width(), 0.0));
        let waited = driver.until("the picture follows the slider", |app| app.right.is_drawn())?;
        times.add(waited.as_secs_f64() * 1e3);
        // A hand is slower than this.
        std::thread::sleep(Duration::from_millis(20));
    }
    driver.button(false);
    driver.frame();
    Ok(times)
}

/// Looks into every corner while the run goes on: settings, data, explorer with a slider dragged, charts with the wheel turned.
pub(super) fn wander(driver: &mut Driver, length: Duration) -> Result<Times, GuiError> {
    let mut times = Times::default();
    let part = length / 4;
    let size = driver.app.ctx.content_rect().size();
    for tab in ["Train", "Data", "Explore"] {
        // The tabs stand at the top of the right side; the button that trains is called Pause now.
        driver.press(tab)?;
        let slider = if tab == "Explore" { Some(driver.place_of("z2")?) } else { None };
        if let Some(slider) = slider {
            driver.point(slider.center());
            driver.button(true);
        }
        let hand = |driver: &mut Driver, number: u32| {
            let turn = number as f32 * 0.05;
            driver.point(match slider {
                Some(slider) => slider.center() + vec2(0.4 * slider.width() * turn.sin(), 0.0),
                None => pos2(size.x * (0.5 + 0.48 * turn.sin()), size.y * (0.5 + 0.45 * (0.7 * turn).cos())),
            });
        };
        driver.refresh(part, hand, |millis| times.add(millis));
        driver.button(false);
        driver.frame();
    }
    driver.refresh(part, over_charts(size.y * 0.82, size.x * 0.35), |millis| times.add(millis));
    Ok(times)
}

/// Moves over a chart around a place, and turns the wheel in and out again.
fn over_charts(y: f32, x: f32) -> impl FnMut(&mut Driver, u32) {
    move |driver, number| {
        driver.point(pos2(x + 60.0 * (number as f32 * 0.03).sin(), y));
        if number % 4 == 0 {
            driver.wheel(if number % 240 < 120 { 40.0 } else { -40.0 });
        }
    }
}

/// Frames of the charts alone, with a run of so many steps that goes on, looked at from far and near. With no steps the run that is there
/// is looked at.
pub(super) fn plots(driver: &mut Driver, steps: u64) -> Times {
    if steps > 0 {
        driver.app.run.history = made_up(steps);
    }
    let mut times = Times::default();
    let size = driver.app.ctx.content_rect().size();
    // Charts that nobody has moved yet.
    driver.app.centre = Default::default();
    let room = vec2(0.55 * size.x, 0.38 * size.y);
    let mut hand = over_charts(0.6 * room.y, 0.25 * room.x);
    for number in 1..=FRAMES {
        hand(driver, number);
        if steps > 0 {
            driver.app.run.history.push(record(steps + u64::from(number)));
        }
        let millis = driver.frame_of(|app, ui, _| {
            let ground = Frame::new().inner_margin(12.0);
            // The room that charts have in a window of this size.
            CentralPanel::default().frame(ground).show(ui, |ui| {
                ui.set_max_size(room);
                app.charts_ui(ui);
            });
        });
        times.add(millis);
    }
    times
}

/// Frames of charts that are measured.
const FRAMES: u32 = 300;

/// A run that nobody trained.
pub(super) fn made_up(steps: u64) -> History {
    (1..=steps).map(record).collect()
}

/// Losses that settle under noise.
fn record(step: u64) -> StepRecord {
    let noise = |salt: u64| ((step ^ (salt << 40)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f32 / (1 << 24) as f32 - 0.5;
    let settling = (-(step as f32) / 2e5).exp();
    StepRecord {
        step,
        elapsed_secs: step as f64 * 0.011,
        d_loss: 1.28 - 0.9 * settling + 0.4 * noise(1),
        g_loss: 0.82 + 1.6 * settling + 0.7 * noise(2),
        d_real: 0.55 + 0.3 * settling + 0.2 * noise(3),
        d_fake: 0.43 - 0.3 * settling + 0.2 * noise(4),
        penalty: 0.0,
    }
}
