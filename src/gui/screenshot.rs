//! Pictures of the window, drawn without a display: for documentation and for looking at it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use eframe::wgpu;
use egui_kittest::Harness;

use super::app::App;
use super::command::Command;
use super::run::Phase;
use super::{AppOptions, GuiError, Theme};

/// What a picture shows.
#[derive(Clone, Debug)]
pub struct Shot {
    /// Points of the window: width and height.
    pub size: [f32; 2],
    /// Pixels for each point.
    pub scale: f32,
    /// Which look.
    pub theme: Theme,
    /// Trains for so many seconds before the picture is taken, then holds.
    pub train_secs: f64,
    /// Presses the controls with these names, one after the other, before the picture is taken.
    pub presses: Vec<String>,
}

impl Default for Shot {
    fn default() -> Self {
        Self { size: super::SIZE, scale: 1.0, theme: Theme::Dark, train_secs: 0.0, presses: Vec::new() }
    }
}

/// So long a window is waited for until it is quiet.
const PATIENCE: Duration = Duration::from_secs(3);
/// So long a run is waited for until it begins, or holds.
const LONG_PATIENCE: Duration = Duration::from_secs(60);

/// Draws the window as it really is, without a display, and writes it as PNG.
///
/// # Errors
/// There is no way to draw, a control to press is not there, or the file cannot be written.
pub fn screenshot(options: AppOptions, shot: &Shot, out: &Path) -> Result<(), GuiError> {
    if !has_adapter() {
        return Err(GuiError::NoGraphics("no adapter was found".to_owned()));
    }
    // The harness is made for tests and panics where it cannot go on.
    let drawn = catch_unwind(AssertUnwindSafe(|| draw(options, shot)));
    let image = drawn.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(GuiError::Other(text.unwrap_or("the drawing failed").to_owned()))
    })?;
    crate::export::write_png(&image, out).map_err(|error| GuiError::Other(error.to_string()))
}

fn has_adapter() -> bool {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    !pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all())).is_empty()
}

fn draw(options: AppOptions, shot: &Shot) -> Result<image::DynamicImage, GuiError> {
    let options = AppOptions { system_dialogs: false, theme: Some(shot.theme), ..options };
    let builder = Harness::builder().with_size(shot.size).with_pixels_per_point(shot.scale).with_theme(shot.theme.into());
    let builder = builder.with_max_steps(16).with_step_dt(1.0 / 30.0).with_render_cursor(false).wgpu();
    let mut harness = builder.build_eframe(|cc| App::new(cc, options));
    settle(&mut harness);
    if shot.train_secs > 0.0 {
        train(&mut harness, shot.train_secs);
    }
    for name in &shot.presses {
        press(&mut harness, name)?;
    }
    harness.render().map(image::DynamicImage::from).map_err(GuiError::NoGraphics)
}

/// Goes on until nothing changes any more.
fn settle(harness: &mut Harness<'_, App>) {
    wait(harness, PATIENCE, |app, quiet| quiet > 12 && !app.run().phase.is_busy());
    let has_checkpoint = harness.state().run().checkpoint.is_some();
    if has_checkpoint {
        wait(harness, LONG_PATIENCE, |app, _| app.run().snapshot.is_some());
    }
}

/// Draws frames until `done`, given how many frames there were, or until patience ends.
fn wait(harness: &mut Harness<'_, App>, patience: Duration, done: impl Fn(&App, u32) -> bool) {
    let end = Instant::now() + patience;
    let mut frames = 0;
    while !done(harness.state(), frames) && Instant::now() < end {
        harness.step();
        frames += 1;
        std::thread::sleep(Duration::from_millis(16));
    }
}

fn train(harness: &mut Harness<'_, App>, secs: f64) {
    harness.state().command(Command::Train);
    wait(harness, LONG_PATIENCE, |app, _| matches!(app.run().phase, Phase::Running | Phase::Finished(_) | Phase::Failed(_)));
    wait(harness, Duration::from_secs_f64(secs), |app, _| !app.run().phase.is_busy());
}

fn press(harness: &mut Harness<'_, App>, name: &str) -> Result<(), GuiError> {
    use egui_kittest::kittest::Queryable as _;
    let Some(node) = harness.query_all_by_label(name).next() else {
        return Err(GuiError::Other(format!("there is no control called {name} to press")));
    };
    node.click_accesskit();
    harness.run_steps(4);
    wait(harness, Duration::from_millis(300), |_, _| false);
    Ok(())
}
