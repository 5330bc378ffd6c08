//! `ganvas screenshot`: a picture of the window, drawn without a display.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::console;
use super::error::Failure;
use crate::device::DeviceChoice;
use crate::gui::{self, AppOptions, Shot, Theme};

/// Write a picture of the window
#[derive(Debug, Args)]
#[command(
    long_about = "Draws the window as it really is, without a display, and writes it as PNG. Needs a graphics driver; a software one will do."
)]
pub(super) struct ScreenshotArguments {
    /// A project to open, or data; without one the start screen is shown
    path: Option<PathBuf>,
    /// A preset to begin with
    #[arg(long, value_name = "NAME", conflicts_with = "path")]
    preset: Option<String>,
    /// Where to
    #[arg(long, value_name = "FILE.png")]
    out: PathBuf,
    /// The window's width and height in points
    #[arg(long, value_name = "WxH", default_value = "1280x800", value_parser = parse_size)]
    size: [f32; 2],
    /// Pixels for each point
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    scale: f32,
    /// Which look
    #[arg(long, value_enum, default_value_t = Look::Dark)]
    theme: Look,
    /// Train for so many seconds first
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    train_seconds: f64,
    /// Press the control of this name first; can be given more than once
    #[arg(long, value_name = "NAME")]
    press: Vec<String>,
    /// Where to train
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: DeviceChoice,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Look {
    Dark,
    Light,
}

fn parse_size(text: &str) -> Result<[f32; 2], String> {
    let (width, height) = text.split_once('x').ok_or_else(|| "give width and height, as in 1280x800".to_owned())?;
    let side = |text: &str| text.trim().parse::<f32>().ok().filter(|side| (320.0..=8192.0).contains(side));
    side(width).zip(side(height)).map(<[f32; 2]>::from).ok_or_else(|| "each side has to be between 320 and 8192".to_owned())
}

/// Draws and writes.
pub(super) fn run(arguments: ScreenshotArguments) -> Result<(), Failure> {
    let ScreenshotArguments { path, preset, out, size, scale, theme, train_seconds, press, device } = arguments;
    let theme = match theme {
        Look::Dark => Theme::Dark,
        Look::Light => Theme::Light,
    };
    let options = AppOptions { path, preset, device, ..AppOptions::default() };
    let shot = Shot { size, scale, theme, train_secs: train_seconds, presses: press };
    gui::screenshot(options, &shot, &out).map_err(|error| Failure::failed(error.to_string()))?;
    console::say(&format!("written: {}", out.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_bounds() {
        assert_eq!(parse_size("960x600"), Ok([960.0, 600.0]));
        assert!(parse_size("960").is_err());
        assert!(parse_size("0x600").is_err());
        assert!(parse_size("9000x600").is_err());
    }
}
