//! How fast the window is: the real one, driven by a script without a display.

mod driver;
mod script;
mod times;

use std::time::Duration;

pub use times::Times;

use self::driver::Driver;
use super::app::App;
use super::command::Command;
use super::run::Phase;
use super::{AppOptions, GuiError};
use crate::system;
use crate::train::{History, StepRecord};

/// How the window is measured.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What it shows: a preset, and where that is trained.
    pub options: AppOptions,
    /// Points of the window, each a pixel.
    pub size: [f32; 2],
    /// Seconds of training that frames are measured in.
    pub seconds: f64,
    /// Steps of the made-up run whose charts are measured.
    pub steps: u64,
}

/// How long the window takes. Frames are measured up to where a graphics driver takes over: the code that lays them out, and the cutting
/// into triangles.
#[derive(Clone, Debug)]
pub struct FrameReport {
    /// The device it trains on, by name.
    pub device: String,
    /// Seconds from the process's start to its first frame; none where the system does not say when it started.
    pub first_frame_secs: Option<f64>,
    /// Seconds from the order to train to the first samples in a frame.
    pub train_to_samples_secs: f64,
    /// From a moved slider of the latent vector to its picture, while the run is held.
    pub slider_idle: Times,
    /// The same while it trains.
    pub slider_training: Times,
    /// Frames of the whole window while it trains.
    pub frames: Times,
    /// Frames of the charts alone, with a run as long as asked for.
    pub plots: Times,
    /// Is waiting for a processor left out of the frames' times? Else they are by the clock on the wall.
    pub is_processor_time: bool,
}

/// How much memory the window takes, with its training, without what a graphics driver takes.
#[derive(Clone, Debug)]
pub struct MemoryReport {
    /// The device it trains on, by name.
    pub device: String,
    /// The process with the window open and the run held again.
    pub held: u64,
    /// The most while it trained.
    pub peak: u64,
    /// The same with as many steps as asked for, drawn as charts and held by a checkpoint.
    pub with_history: u64,
}

/// Measures frames, and how soon the window answers.
///
/// # Errors
/// The window does not do what the script waits for.
pub fn measure_frames(trial: &Trial) -> Result<FrameReport, GuiError> {
    let mut driver = Driver::new(trial.options.clone(), trial.size);
    driver.frame();
    let first_frame_secs = system::age().map(|age| age.as_secs_f64());
    let train_to_samples_secs = script::train(&mut driver)?.as_secs_f64();
    script::hold(&mut driver)?;
    driver.press("Explore")?;
    let slider_idle = script::slide(&mut driver, Duration::from_secs_f64(trial.seconds * 0.25))?;
    script::train(&mut driver)?;
    let slider_training = script::slide(&mut driver, Duration::from_secs_f64(trial.seconds * 0.5))?;
    let frames = script::wander(&mut driver, Duration::from_secs_f64(trial.seconds))?;
    script::hold(&mut driver)?;
    let plots = script::plots(&mut driver, trial.steps);
    let is_processor_time = system::waited().is_some();
    Ok(FrameReport {
        device: device(&driver),
        first_frame_secs,
        train_to_samples_secs,
        slider_idle,
        slider_training,
        frames,
        plots,
        is_processor_time,
    })
}

/// Measures memory; none where the system does not say.
///
/// # Errors
/// The window does not do what the script waits for.
pub fn measure_memory(trial: &Trial) -> Result<Option<MemoryReport>, GuiError> {
    if system::resident().is_none() {
        return Ok(None);
    }
    let mut driver = Driver::new(trial.options.clone(), trial.size);
    script::train(&mut driver)?;
    script::wander(&mut driver, Duration::from_secs_f64(trial.seconds))?;
    script::hold(&mut driver)?;
    let Some(before) = system::resident() else { return Ok(None) };
    let history = script::made_up(trial.steps);
    driver.app.run.history = history.clone();
    script::plots(&mut driver, 0);
    let after = system::resident();
    drop(history);
    let device = device(&driver);
    Ok(after.map(|after| MemoryReport { device, held: before.now, peak: before.peak, with_history: after.now }))
}

fn device(driver: &Driver) -> String {
    driver.app.run().device.clone().unwrap_or_default()
}
