//! The look: type, spacing and colour, each named once. No other file of the window writes a colour or a size of type.

use std::collections::BTreeMap;

use eframe::egui::epaint::Shadow;
use eframe::egui::style::{HandleShape, ScrollStyle, Selection, WidgetVisuals};
use eframe::egui::{self, Color32, CornerRadius, FontDefinitions, FontFamily, FontId, Margin, Stroke, Style, TextStyle, Visuals, vec2};

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
    /// Warnings.
    pub warning: Color32,
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
    warning: Color32::from_rgb(0xF0, 0xE4, 0x42),
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
    error: Color32::from_rgb(0xB8, 0x3C, 0x00),
    warning: Color32::from_rgb(0x6E, 0x5F, 0x00),
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

/// Installs fonts and both themes. Which of the two is drawn follows the system until somebody chooses.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    ctx.set_style_of(egui::Theme::Dark, style(&DARK, egui::Visuals::dark()));
    ctx.set_style_of(egui::Theme::Light, style(&LIGHT, egui::Visuals::light()));
}

/// egui's fonts; arrows and mathematical signs, which the text font lacks, come from the code font.
fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    fonts.families.entry(FontFamily::Proportional).or_default().push("Hack".to_owned());
    fonts
}

fn style(tokens: &Tokens, visuals: Visuals) -> Style {
    let mut style = Style { text_styles: text_styles(), visuals: themed(tokens, visuals), animation_time: 0.12, ..Style::default() };
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(2.0 * SPACE, SPACE);
    spacing.button_padding = vec2(2.0 * SPACE, SPACE);
    spacing.menu_margin = Margin::same(SPACE as i8);
    spacing.window_margin = Margin::same(4 * SPACE as i8);
    spacing.interact_size = vec2(10.0 * SPACE, 6.0 * SPACE);
    spacing.icon_width = 4.0 * SPACE;
    spacing.icon_width_inner = 2.0 * SPACE;
    spacing.icon_spacing = 1.5 * SPACE;
    spacing.combo_width = 24.0 * SPACE;
    spacing.tooltip_width = 80.0 * SPACE;
    spacing.menu_width = 100.0 * SPACE;
    spacing.scroll = ScrollStyle { bar_width: 2.0 * SPACE, ..ScrollStyle::thin() };
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    style
}

fn text_styles() -> BTreeMap<TextStyle, FontId> {
    [
        (TextStyle::Small, FontId::proportional(SMALL)),
        (TextStyle::Body, FontId::proportional(BODY)),
        (TextStyle::Button, FontId::proportional(BODY)),
        (TextStyle::Monospace, FontId::monospace(SMALL)),
        (TextStyle::Heading, FontId::proportional(HEADING)),
    ]
    .into()
}

fn themed(tokens: &Tokens, mut visuals: Visuals) -> Visuals {
    let corner_radius = CornerRadius::same(CORNER);
    let state = |fill: Color32, stroke: Stroke, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: stroke,
        corner_radius,
        fg_stroke: Stroke::new(1.5, text),
        expansion: 0.0,
    };
    let widgets = &mut visuals.widgets;
    widgets.noninteractive = state(tokens.panel, Stroke::new(1.0, tokens.hairline), tokens.text);
    // Check boxes and slider rails take `bg_fill`, buttons and fields `weak_bg_fill`: the former lie on cards and have to stand out more.
    widgets.inactive = WidgetVisuals { bg_fill: tokens.hairline, ..state(tokens.raised, Stroke::NONE, tokens.text) };
    widgets.hovered = state(tokens.hovered, Stroke::NONE, tokens.text);
    // Also worn by whatever has the keyboard: this stroke is the focus ring.
    widgets.active = state(tokens.hovered, Stroke::new(1.5, tokens.accent), tokens.text);
    widgets.open = state(tokens.hovered, Stroke::NONE, tokens.text);
    visuals.selection = Selection { bg_fill: tokens.selected(), stroke: Stroke::new(1.5, tokens.accent) };
    visuals.weak_text_color = Some(tokens.quiet);
    visuals.hyperlink_color = tokens.accent;
    visuals.warn_fg_color = tokens.error;
    visuals.error_fg_color = tokens.error;
    visuals.faint_bg_color = tokens.raised;
    visuals.extreme_bg_color = tokens.ground;
    visuals.code_bg_color = tokens.raised;
    visuals.panel_fill = tokens.panel;
    visuals.window_fill = tokens.panel;
    visuals.window_stroke = Stroke::new(1.0, tokens.hairline);
    visuals.window_corner_radius = corner_radius;
    visuals.menu_corner_radius = corner_radius;
    let shade = Shadow { offset: [0, 4], blur: 16, spread: 0, color: Color32::from_black_alpha(if visuals.dark_mode { 110 } else { 40 }) };
    visuals.window_shadow = shade;
    visuals.popup_shadow = shade;
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = HandleShape::Circle;
    visuals.indent_has_left_vline = false;
    visuals
}

impl Tokens {
    /// The ground of what is chosen: the accent, thinned over a panel.
    pub fn selected(&self) -> Color32 {
        mix(self.panel, self.accent, 0.22)
    }

    /// The ground of a card that is chosen: strong enough to be told from others, and text still reads on it.
    pub fn selected_card(&self) -> Color32 {
        mix(self.ground, self.accent, 0.16)
    }

    /// The colour of a finding.
    pub fn severity(&self, severity: crate::spec::Severity) -> Color32 {
        match severity {
            crate::spec::Severity::Error => self.error,
            crate::spec::Severity::Warning => self.warning,
            crate::spec::Severity::Advice => self.quiet,
        }
    }

    /// The ground of a finding: its colour, thinned over a panel. Advice stands back.
    pub fn finding(&self, severity: crate::spec::Severity) -> Color32 {
        mix(self.panel, self.severity(severity), if severity == crate::spec::Severity::Advice { 0.06 } else { 0.1 })
    }

    /// The colour of one network.
    pub fn role(&self, role: crate::spec::Role) -> Color32 {
        match role {
            crate::spec::Role::Generator => self.generator,
            crate::spec::Role::Discriminator => self.discriminator,
        }
    }
}

/// The faces of a solid in one colour, lit from above, and the band it leaves.
#[derive(Clone, Copy, Debug)]
pub struct Faces {
    /// Towards us.
    pub front: Color32,
    /// Lighter.
    pub top: Color32,
    /// In the shade.
    pub side: Color32,
    /// Thinned over a panel.
    pub band: Color32,
    /// Of the band.
    pub edge: Color32,
}

impl Tokens {
    /// The faces of a solid in this colour.
    pub fn faces(&self, colour: Color32) -> Faces {
        let dark = self.panel.r() < 128;
        Faces {
            front: colour,
            top: mix(colour, Color32::WHITE, if dark { 0.45 } else { 0.35 }),
            side: mix(colour, Color32::BLACK, if dark { 0.4 } else { 0.25 }),
            band: mix(self.panel, colour, 0.12),
            edge: mix(self.panel, colour, 0.35),
        }
    }
}

/// `share` of `over`, the rest `ground`.
pub fn mix(ground: Color32, over: Color32, share: f32) -> Color32 {
    ground.lerp_to_gamma(over, share)
}

/// Makes fields and buttons stand out on a card, whose ground is what they have elsewhere.
pub fn on_card(ui: &mut egui::Ui) {
    let tokens = tokens(ui);
    let widgets = &mut ui.visuals_mut().widgets;
    widgets.inactive.weak_bg_fill = tokens.panel;
    widgets.inactive.bg_fill = tokens.panel;
    widgets.inactive.bg_stroke = Stroke::new(1.0, tokens.hairline);
}

/// The style of menus: roomy lines without a frame, a visible focus.
pub fn menu_style(style: &mut Style) {
    style.spacing.button_padding = vec2(2.0 * SPACE, SPACE);
    style.spacing.item_spacing = vec2(2.0 * SPACE, 0.0);
    let widgets = &mut style.visuals.widgets;
    widgets.inactive.weak_bg_fill = Color32::TRANSPARENT;
    widgets.inactive.bg_stroke = Stroke::NONE;
    widgets.hovered.bg_stroke = Stroke::NONE;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: Color32) -> f32 {
        let [r, g, b, _] = egui::Rgba::from(colour).to_array();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// WCAG's contrast ratio.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        if a > b { a / b } else { b / a }
    }

    #[test]
    fn text_reads_on_every_ground_of_both_themes() {
        for (name, tokens) in [("dark", &DARK), ("light", &LIGHT)] {
            for ground in [tokens.panel, tokens.ground, tokens.raised, tokens.selected_card()] {
                for (what, colour) in [("text", tokens.text), ("quiet", tokens.quiet), ("error", tokens.error), ("warning", tokens.warning)]
                {
                    let ratio = contrast(colour, ground);
                    assert!(ratio >= 4.5, "{what} on {ground:?} in the {name} theme has a contrast of {ratio:.2}");
                }
            }
            for severity in crate::spec::Severity::ALL {
                for colour in [tokens.text, tokens.severity(severity)] {
                    let ratio = contrast(colour, tokens.finding(severity));
                    assert!(
                        ratio >= 4.5,
                        "{colour:?} on the ground of {} in the {name} theme has a contrast of {ratio:.2}",
                        severity.name()
                    );
                }
            }
            assert!(contrast(tokens.on_accent, tokens.accent) >= 4.5, "the accented button in the {name} theme");
        }
    }

    #[test]
    fn digits_are_equally_wide_so_that_numbers_do_not_jump() {
        let ctx = egui::Context::default();
        install(&ctx);
        let _ = ctx.run_ui(egui::RawInput::default(), |ui| {
            for size in [SMALL, BODY, HEADING, TITLE] {
                let font = FontId::proportional(size);
                let widths: Vec<f32> = ('0'..='9').map(|digit| ui.fonts_mut(|fonts| fonts.glyph_width(&font, digit))).collect();
                assert!(widths.iter().all(|width| *width == widths[0]), "{size}: {widths:?}");
            }
        });
    }

    #[test]
    fn the_fonts_have_the_signs_we_use() {
        let ctx = egui::Context::default();
        install(&ctx);
        let _ = ctx.run_ui(egui::RawInput::default(), |ui| {
            let font = FontId::proportional(BODY);
            assert!(ui.fonts_mut(|fonts| fonts.has_glyphs(&font, "× → ← ↑ ↓ ∇ Δ σ · … ±")));
        });
    }
}
