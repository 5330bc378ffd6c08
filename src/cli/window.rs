//! `ganvas` without a command: the window, or what can be done without one.

use std::path::{Path, PathBuf};

use super::console;
use super::error::Failure;
use super::train::{self, TrainArguments};
use crate::device::DeviceChoice;

/// Without a display and without an end, training in the terminal goes on for so many seconds.
const SECONDS: f64 = 120.0;

/// Opens the window. Where there is none, says so and trains in the terminal instead.
pub(super) fn open(path: Option<PathBuf>, device: DeviceChoice) -> Result<(), Failure> {
    if let Some(path) = path.as_deref().filter(|path| !path.exists()) {
        return Err(Failure::failed(format!("there is no such file or folder: {}", path.display())));
    }
    match open_window(path.clone(), device.clone())? {
        #[cfg(feature = "gui")]
        Shown::Yes => Ok(()),
        Shown::No(reason) => train_instead(reason, path.as_deref(), device),
    }
}

/// Was there a window?
enum Shown {
    /// It was closed again.
    #[cfg(feature = "gui")]
    Yes,
    /// Why not.
    No(&'static str),
}

/// The window, until it is closed.
///
/// # Errors
/// It failed otherwise than for want of something to show it on.
#[cfg(feature = "gui")]
fn open_window(path: Option<PathBuf>, device: DeviceChoice) -> Result<Shown, Failure> {
    use crate::gui::{self, AppOptions, GuiError};
    if !has_display() {
        return Ok(Shown::No("there is no display"));
    }
    match gui::run(AppOptions { path, device, ..AppOptions::default() }) {
        Ok(()) => Ok(Shown::Yes),
        Err(GuiError::NoDisplay(reason)) => {
            log::info!("{reason}");
            Ok(Shown::No("the display cannot be reached"))
        }
        Err(GuiError::NoGraphics(reason)) => {
            log::info!("{reason}");
            Ok(Shown::No("there is no graphics driver to draw a window with (on Linux, mesa-vulkan-drivers brings one)"))
        }
        Err(error @ GuiError::Other(_)) => Err(Failure::failed(error.to_string())),
    }
}

#[cfg(not(feature = "gui"))]
fn open_window(_path: Option<PathBuf>, _device: DeviceChoice) -> Result<Shown, Failure> {
    Ok(Shown::No("this ganvas was built without its window"))
}

/// Is there anything to draw a window on? Elsewhere than on Linux there always is.
#[cfg(feature = "gui")]
fn has_display() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"].into_iter().any(is_set)
}

fn train_instead(reason: &str, path: Option<&Path>, device: DeviceChoice) -> Result<(), Failure> {
    let mut arguments = match path {
        Some(path) if is_project(path) => TrainArguments::of(Some(path.to_owned()), None, device),
        Some(path) => TrainArguments::of(None, Some(path.to_string_lossy().into_owned()), device),
        None => TrainArguments::of(None, None, device),
    };
    arguments.seconds = Some(SECONDS);
    let what = path.map_or_else(|| "the built-in digits".to_owned(), |path| path.display().to_string());
    let out = arguments.out.display();
    console::say(&format!("{reason}, so {what} will be trained in this terminal for {SECONDS} seconds, into {out}/"));
    train::run(&arguments)
}

fn is_project(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("ganvas"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_are_told_from_data_by_their_ending() {
        assert!(is_project(Path::new("a/b.ganvas")) && is_project(Path::new("B.GANVAS")));
        assert!(!is_project(Path::new("photos")) && !is_project(Path::new("photos.zip")));
    }
}
