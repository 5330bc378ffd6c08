//! Buttons with an icon: named, explained and with their shortcut shown.

use eframe::egui::{self, Atoms, Button, KeyboardShortcut, Popup, Response, RichText, Ui, vec2};

use crate::gui::icons::{Icon, SIZE};
use crate::gui::theme::{self, SPACE};

/// A button with an icon, a name that a screen reader says and tests look for, and a tooltip.
#[must_use = "shown by `show`"]
pub struct IconButton<'a> {
    icon: Icon,
    name: &'a str,
    text: Option<&'a str>,
    help: Option<&'a str>,
    shortcut: Option<KeyboardShortcut>,
    enabled: bool,
    accented: bool,
    framed: bool,
    opens_menu: bool,
    side: f32,
}

impl<'a> IconButton<'a> {
    /// A quiet button that shows its icon alone.
    pub fn new(icon: Icon, name: &'a str) -> Self {
        Self {
            icon,
            name,
            text: None,
            help: None,
            shortcut: None,
            enabled: true,
            accented: false,
            framed: false,
            opens_menu: false,
            side: 7.0 * SPACE,
        }
    }

    /// Shows words beside the icon, where there is room for them.
    pub fn text(mut self, text: Option<&'a str>) -> Self {
        self.text = text;
        self
    }

    /// Explains it: what it does, what happens then.
    pub fn help(mut self, help: &'a str) -> Self {
        self.help = Some(help);
        self
    }

    /// Says which keys do the same.
    pub fn shortcut(mut self, shortcut: KeyboardShortcut) -> Self {
        self.shortcut = Some(shortcut);
        self
    }

    /// Can it be pressed now?
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Makes it the one button that stands out.
    pub fn accented(mut self) -> Self {
        self.accented = true;
        self
    }

    /// Gives it a ground of its own.
    pub fn framed(mut self) -> Self {
        self.framed = true;
        self
    }

    /// Makes it as low as a field.
    pub fn small(mut self) -> Self {
        self.side = 6.0 * SPACE;
        self
    }

    /// Marks it as the head of a menu.
    pub fn opens_menu(mut self) -> Self {
        self.opens_menu = true;
        self
    }

    /// Shows the button.
    pub fn show(self, ui: &mut Ui) -> Response {
        let tokens = theme::tokens(ui);
        let mut atoms = Atoms::default();
        let colour = (self.accented && self.enabled).then_some(tokens.on_accent);
        atoms.push_right(colour.map_or_else(|| self.icon.atom(), |colour| self.icon.atom_in(colour)));
        if let Some(text) = self.text {
            let text = RichText::new(text);
            atoms.push_right(colour.map_or_else(|| text.clone(), |colour| text.clone().color(colour)));
        }
        if self.opens_menu {
            atoms.push_right(egui::Atom::paint(vec2(SIZE * 0.6, SIZE), |ui, args| {
                Icon::ChevronDown.paint(ui.painter(), args.rect, args.fallback_text_color);
            }));
        }
        let mut button = Button::new(atoms).gap(1.5 * SPACE).frame_when_inactive(self.framed || self.accented);
        if self.accented && self.enabled {
            button = button.fill(tokens.accent);
        }
        let width = if self.text.is_none() { self.side } else { 0.0 };
        if self.side < 7.0 * SPACE {
            ui.spacing_mut().button_padding.x = SPACE;
        }
        let response = ui.add_enabled(self.enabled, button.min_size(vec2(width, self.side)));
        let tooltip = self.tooltip(ui);
        response.accessible_name(self.name).on_hover_text(&tooltip).on_disabled_hover_text(&tooltip)
    }

    /// Shows the button; pressed, it opens a menu.
    pub fn menu<R>(self, ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> Option<R> {
        let response = self.opens_menu().show(ui);
        menu(&response, contents)
    }

    fn tooltip(&self, ui: &Ui) -> String {
        let mut tooltip = self.name.to_owned();
        if let Some(shortcut) = &self.shortcut {
            tooltip += &format!(" ({})", ui.ctx().format_shortcut(shortcut));
        }
        if let Some(help) = self.help {
            tooltip += "\n";
            tooltip += help;
        }
        tooltip
    }
}

/// The menu that a press of `button` opens.
pub fn menu<R>(button: &Response, contents: impl FnOnce(&mut Ui) -> R) -> Option<R> {
    Popup::menu(button).style(theme::menu_style).gap(SPACE).show(contents).map(|shown| shown.inner)
}

/// One line of a menu: an icon or room for one, words, and the keys that do the same.
pub fn menu_item(ui: &mut Ui, icon: Option<Icon>, text: &str, shortcut: Option<KeyboardShortcut>) -> Response {
    let mut atoms = Atoms::default();
    match icon {
        Some(icon) => atoms.push_right(icon.atom()),
        None => atoms.push_right(egui::Atom::paint(vec2(SIZE, SIZE), |_, _| {})),
    }
    atoms.push_right(text);
    let mut button = Button::new(atoms).min_size(vec2(0.0, 7.0 * SPACE));
    if let Some(shortcut) = shortcut {
        button = button.shortcut_text(ui.ctx().format_shortcut(&shortcut));
    }
    let response = ui.add(button).accessible_name(text);
    if response.clicked() {
        ui.close();
    }
    response
}
