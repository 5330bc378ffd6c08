//! The window: one of the two readers of the engine, and the only place that names egui.
//!
//! Panels and views read a [`context::ViewContext`] and push [`command::Command`]s; the app carries those out after the frame. Nothing
//! here changes a project except through `spec::Edit`.

pub mod app;
mod bench;
mod carry_out;
pub mod command;
pub mod context;
mod dialog_failures;
pub mod dialogs;
mod doctor;
pub mod exports;
pub mod files;
pub mod fork;
mod graphics;
pub mod icons;
pub mod keyboard;
pub mod layer_icons;
pub mod notifications;
pub mod pages;
pub mod panels;
pub mod preview;
pub mod recovery;
pub mod run;
mod screenshot;
pub mod slow;
pub mod start;
pub mod tasks;
pub mod theme;
pub mod views;
pub mod widgets;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod look;

use std::path::PathBuf;

use eframe::egui::{self, ViewportBuilder};

use crate::device::DeviceChoice;

pub use bench::{FrameReport, MemoryReport, Times, Trial, measure_frames, measure_memory};
pub use screenshot::{Shot, screenshot};

/// Which of the two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// For dark rooms.
    Dark,
    /// For bright ones.
    Light,
}

impl From<Theme> for egui::Theme {
    fn from(theme: Theme) -> Self {
        match theme {
            Theme::Dark => Self::Dark,
            Theme::Light => Self::Light,
        }
    }
}

/// How the window begins.
#[derive(Clone, Debug)]
pub struct AppOptions {
    /// A project file to open, or data; without one the start screen is shown.
    pub path: Option<PathBuf>,
    /// A preset to begin with, by name; also without the start screen.
    pub preset: Option<String>,
    /// Where to train.
    pub device: DeviceChoice,
    /// Which look; without one that of the system, or what was chosen last.
    pub theme: Option<Theme>,
    /// Begin training at once?
    pub train: bool,
    /// May the system's file dialogs be used? Else the window's own.
    pub system_dialogs: bool,
    /// Where copies of what is in no file yet are kept for the case of a crash; without it there are none.
    pub recovery: Option<PathBuf>,
}

impl Default for AppOptions {
    fn default() -> Self {
        Self { path: None, preset: None, device: DeviceChoice::default(), theme: None, train: false, system_dialogs: true, recovery: None }
    }
}

/// Why there is no window, in words.
#[derive(Debug, thiserror::Error)]
pub enum GuiError {
    /// Nothing to show a window on.
    #[error("there is no display to show a window on; the command line works without one, see `ganvas --help` ({0})")]
    NoDisplay(String),
    /// Nothing to draw with.
    #[error(
        "there is no graphics driver to draw the window with: install one (on Linux `mesa-vulkan-drivers`), or set WGPU_BACKEND=gl ({0})"
    )]
    NoGraphics(String),
    /// Something else.
    #[error("the window cannot be shown: {0}")]
    Other(String),
}

/// The name under which the system knows the program.
const APP_ID: &str = "ganvas";
/// Points of the window as it begins.
const SIZE: [f32; 2] = [1280.0, 800.0];
/// Points below which it cannot be made.
const MIN_SIZE: [f32; 2] = [960.0, 600.0];

/// Where the window keeps copies for the case of a crash: in a folder of the user's data.
fn recovery_folder() -> Option<PathBuf> {
    eframe::storage_dir(APP_ID).map(|folder| folder.join("recovery"))
}

/// Shows the window and returns when it is closed.
///
/// # Errors
/// There is no display, or no way to draw on it.
pub fn run(options: AppOptions) -> Result<(), GuiError> {
    crate::logging::init();
    dialog_failures::watch();
    let options = AppOptions { recovery: options.recovery.or_else(recovery_folder), ..options };
    let mut viewport =
        ViewportBuilder::default().with_app_id(APP_ID).with_title("Ganvas").with_inner_size(SIZE).with_min_inner_size(MIN_SIZE);
    viewport = viewport.with_drag_and_drop(true);
    if let Some(icon) = icon() {
        viewport = viewport.with_icon(icon);
    }
    let native = eframe::NativeOptions { viewport, renderer: eframe::Renderer::Wgpu, ..Default::default() };
    let made = eframe::run_native(APP_ID, native, Box::new(|cc| Ok(Box::new(app::App::new(cc, options)))));
    made.map_err(|error| match error {
        eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_) => GuiError::NoDisplay(error.to_string()),
        eframe::Error::Wgpu(_) => GuiError::NoGraphics(error.to_string()),
        _ => GuiError::Other(error.to_string()),
    })
}

/// The picture on the window's frame.
fn icon() -> Option<egui::IconData> {
    eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon.png")).ok()
}
