//! `ganvas screenshot`: the window as a picture, also where there is no display.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::console;
use super::error::Failure;
use crate::device::DeviceChoice;
use crate::gui::{self, AppOptions, Shot, Theme};

/// Draw the window into a picture, without a display
#[derive(Debug, Args)]
#[command(
    long_about = "Draws the window into a PNG. It is the real window, drawn without a display, so that how it looks can be seen and kept \
                  anywhere.",
    after_help = EXAMPLES
)]
pub(super) struct ScreenshotArguments {
    /// A project to show, or data; the start screen without one
    path: Option<PathBuf>,
    /// A preset to show
    #[arg(long, value_name = "NAME", conflicts_with = "path", value_parser = super::train::preset_names())]
    preset: Option<String>,
    /// The picture
    #[arg(long, value_name = "FILE.png")]
    out: PathBuf,
    /// Width and height of the window, in points
    #[arg(long, value_name = "WxH", default_value = "1280x800", value_parser = size)]
    size: [f32; 2],
    /// Pixels for each point
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = scale)]
    scale: f32,
    /// Which look
    #[arg(long, value_enum, default_value_t = Look::Dark)]
    theme: Look,
    /// Train for so many seconds before the picture is taken
    #[arg(long, value_name = "S", default_value_t = 0.0, value_parser = super::train::seconds)]
    train_seconds: f64,
    /// Press the control with this name before the picture is taken; may be given several times
    #[arg(long, value_name = "NAME")]
    press: Vec<String>,
    /// Offer what windows left behind in this folder, as after a crash
    #[arg(long, value_name = "DIR")]
    recovery: Option<PathBuf>,
    /// Where to train: auto, cpu, gpu, or a part of a device's name
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    device: DeviceChoice,
}

const EXAMPLES: &str = "\
Examples:
  ganvas screenshot --out start.png
  ganvas screenshot --preset digits --train-seconds 60 --out digits.png
  ganvas screenshot run.ganvas --theme light --size 1600x1000 --press Explore --out explore.png";

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Look {
    /// For dark rooms
    Dark,
    /// For bright rooms
    Light,
}

impl From<Look> for Theme {
    fn from(look: Look) -> Self {
        match look {
            Look::Dark => Self::Dark,
            Look::Light => Self::Light,
        }
    }
}

/// `1280x800` as points.
pub(super) fn size(text: &str) -> Result<[f32; 2], String> {
    let side = |text: &str| text.parse::<u16>().ok().filter(|side| (320..=8192).contains(side)).map(f32::from);
    let sides = text.split_once(['x', 'X', '×']).and_then(|(width, height)| Some([side(width)?, side(height)?]));
    sides.ok_or_else(|| "a size is two numbers from 320 to 8192, such as 1280x800".to_owned())
}

fn scale(text: &str) -> Result<f32, String> {
    let scale = text.parse().ok().filter(|scale| (0.5..=4.0).contains(scale));
    scale.ok_or_else(|| "a factor is a number from 0.5 to 4".to_owned())
}

/// Draws and writes.
pub(super) fn run(arguments: &ScreenshotArguments) -> Result<(), Failure> {
    if let Some(path) = arguments.path.as_deref().filter(|path| !path.exists()) {
        return Err(Failure::failed(format!("there is no such file or folder: {}", path.display())));
    }
    let options = AppOptions {
        path: arguments.path.clone(),
        preset: arguments.preset.clone(),
        device: arguments.device.clone(),
        recovery: arguments.recovery.clone(),
        ..AppOptions::default()
    };
    let shot = Shot {
        size: arguments.size,
        scale: arguments.scale,
        theme: arguments.theme.into(),
        train_secs: arguments.train_seconds,
        presses: arguments.press.clone(),
    };
    gui::screenshot(options, &shot, &arguments.out).map_err(|error| Failure::failed(error.to_string()))?;
    console::say(&format!("written to {}", arguments.out.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_two_sensible_numbers() {
        assert_eq!(size("1280x800"), Ok([1280.0, 800.0]));
        assert_eq!(size("640X480"), Ok([640.0, 480.0]));
        for text in ["1280", "x800", "0x0", "99999x800", "1280x800x3", "1e3x800"] {
            assert!(size(text).is_err(), "{text}");
        }
        assert!(scale("NaN").is_err() && scale("2").is_ok());
    }
}
