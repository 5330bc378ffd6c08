//! The look: type, spacing and colour, each named once. No other file of the window writes a colour or a size of type.

use eframe::egui::{self, Color32};

/// Captions, axis labels.
pub const SMALL: f32 = 11.0;
/// Everything.
pub const BODY: f32 = 13.0;
/// Headings of panels.
pub const HEADING: f32 = 15.0;
/// The start screen.
pub const TITLE: f32 = 20.0;
/// The unit of spacing; all distances are multiples of it.
pub const SPACE: f32 = 4.0;
/// Rounding of corners.
pub const CORNER: u8 = 6;

/// Colours that mean something, the same thing everywhere. The hues are Okabe and Ito's, told apart also by colour-blind eyes,
/// shifted in lightness to read on each ground.
#[derive(Clone, Copy, Debug)]
pub struct Tokens {
    /// The generator and what it makes.
    pub generator: Color32,
    /// The discriminator.
    pub discriminator: Color32,
    /// Real data.
    pub real: Color32,
    /// Errors.
    pub error: Color32,
    /// What can be pressed.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Text.
    pub text: Color32,
    /// Text that stands back.
    pub quiet: Color32,
    /// The ground of panels.
    pub panel: Color32,
    /// The ground of the middle, where pictures and curves are.
    pub ground: Color32,
    /// Cards and fields on a panel.
    pub raised: Color32,
    /// The same under the pointer.
    pub hovered: Color32,
    /// Separators.
    pub hairline: Color32,
}

/// For dark windows.
pub const DARK: Tokens = Tokens {
    generator: Color32::from_rgb(0xE6, 0x9F, 0x00),
    discriminator: Color32::from_rgb(0x56, 0xB4, 0xE9),
    real: Color32::from_rgb(0x1F, 0xC2, 0x8E),
    error: Color32::from_rgb(0xFF, 0x7A, 0x45),
    accent: Color32::from_rgb(0x7C, 0x8C, 0xF8),
    on_accent: Color32::from_rgb(0x0E, 0x10, 0x18),
    text: Color32::from_rgb(0xE4, 0xE6, 0xEB),
    quiet: Color32::from_rgb(0x9A, 0xA0, 0xAC),
    panel: Color32::from_rgb(0x1B, 0x1D, 0x23),
    ground: Color32::from_rgb(0x13, 0x15, 0x1A),
    raised: Color32::from_rgb(0x26, 0x29, 0x31),
    hovered: Color32::from_rgb(0x31, 0x35, 0x3F),
    hairline: Color32::from_rgb(0x33, 0x37, 0x41),
};

/// For light windows.
pub const LIGHT: Tokens = Tokens {
    generator: Color32::from_rgb(0xB8, 0x6E, 0x00),
    discriminator: Color32::from_rgb(0x00, 0x72, 0xB2),
    real: Color32::from_rgb(0x00, 0x87, 0x62),
    error: Color32::from_rgb(0xC4, 0x42, 0x00),
    accent: Color32::from_rgb(0x4A, 0x55, 0xD6),
    on_accent: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    text: Color32::from_rgb(0x1D, 0x20, 0x26),
    quiet: Color32::from_rgb(0x5D, 0x64, 0x70),
    panel: Color32::from_rgb(0xF6, 0xF7, 0xF9),
    ground: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    raised: Color32::from_rgb(0xEA, 0xEC, 0xF0),
    hovered: Color32::from_rgb(0xDE, 0xE1, 0xE7),
    hairline: Color32::from_rgb(0xD4, 0xD8, 0xDF),
};

/// The colours for the theme that `ui` is drawn in.
pub fn tokens(ui: &egui::Ui) -> &'static Tokens {
    if ui.visuals().dark_mode { &DARK } else { &LIGHT }
}
