//! The start screen: four examples to begin with, the other presets, and what was opened lately.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use eframe::egui::{
    self, Align2, Button, Color32, ColorImage, CornerRadius, FontId, Pos2, Rect, Response, RichText, ScrollArea, Sense, Stroke, StrokeKind,
    TextureHandle, TextureOptions, Ui, Vec2, pos2, vec2,
};

use super::command::Command;
use super::context::ViewContext;
use super::icons::Icon;
use super::keyboard;
use super::recovery::Offer;
use super::theme::{self, BODY, HEADING, SMALL, SPACE, TITLE};
use super::widgets::button::IconButton;
use crate::data::{self, Values};
use crate::spec::{Builtin, DataSpec, PRESETS, PresetKind, Shape, TUTORIAL, builtin_data};

/// Real samples for the pictures on the cards.
#[derive(Clone, Debug, Default)]
pub struct Illustrations {
    /// Points of the ring, in their own coordinates.
    pub ring: Vec<[f32; 2]>,
    /// Digits, one after the other, `height x width` each.
    pub digits: Vec<u8>,
    /// The shape of one digit.
    pub digit_shape: Option<Shape>,
}

impl Illustrations {
    /// Makes them; takes a moment.
    pub fn make() -> Self {
        let load = |builtin| {
            let spec = DataSpec { memory_limit_mib: 1, ..builtin_data(builtin) };
            data::load(&spec, 3, &mut |_| {}, &AtomicBool::new(false)).ok()
        };
        let mut made = Self::default();
        if let Some(ring) = load(Builtin::Ring8)
            && let Values::Points(points) = ring.values()
        {
            made.ring.clone_from(points);
        }
        if let Some(digits) = load(Builtin::Digits)
            && let Values::Pictures(bytes) = digits.values()
        {
            made.digits.clone_from(bytes);
            made.digit_shape = Some(digits.shape());
        }
        made
    }
}

/// The start screen.
#[derive(Default)]
pub struct StartScreen {
    illustrations: Illustrations,
    digits: Option<TextureHandle>,
}

/// What there is beside the examples.
#[derive(Clone, Copy, Debug)]
pub struct Entrance<'a> {
    /// What was opened lately.
    pub recent: &'a [PathBuf],
    /// What windows left behind that did not close.
    pub offers: &'a [Offer],
    /// Is there a project to go back to?
    pub can_return: bool,
}

/// Points of the widest it gets.
const WIDTH: f32 = 1152.0;
/// Points between a card's picture and its sentence.
const HEADED: f32 = 10.0 * SPACE;
/// Copies that are offered at once; the others come when these are gone.
const MAX_OFFERS: usize = 3;
/// Digits shown in each row, and rows.
const DIGITS: (usize, usize) = (8, 4);

/// One of the large cards.
struct Example {
    name: &'static str,
    title: &'static str,
    sentence: &'static str,
    command: Command,
}

impl StartScreen {
    /// The samples for the cards have been made.
    pub fn illustrate(&mut self, illustrations: Illustrations) {
        self.illustrations = illustrations;
        self.digits = None;
    }

    /// Draws the screen.
    pub fn ui(&mut self, ctx: &ViewContext<'_>, entrance: &Entrance<'_>, ui: &mut Ui) {
        let &Entrance { recent, offers, can_return } = entrance;
        let tokens = theme::tokens(ui);
        let escape = can_return && ui.input(|input| input.key_pressed(egui::Key::Escape));
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let width = (ui.available_width() - 12.0 * SPACE).min(WIDTH.min(ui.available_height() * 1.6)).max(640.0);
            let side = (ui.available_width() - width) / 2.0;
            let above = ((ui.available_height() - 0.13 * width - 360.0) / 2.5).max(4.0 * SPACE);
            ui.add_space(above);
            ui.horizontal(|ui| {
                ui.add_space(side);
                ui.vertical(|ui| {
                    ui.set_width(width);
                    ui.horizontal(|ui| {
                        ui.label(RichText::new("Ganvas").size(TITLE).color(tokens.text));
                        if can_return {
                            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                                if IconButton::new(Icon::Close, "Back to the project").show(ui).clicked() || escape {
                                    ctx.command(Command::CloseStart);
                                }
                            });
                        }
                    });
                    ui.label(
                        RichText::new("Two networks learn from each other: one invents samples, the other tells them from real ones.")
                            .color(tokens.quiet),
                    );
                    offers_ui(ctx, ui, offers);
                    ui.add_space(4.0 * SPACE);
                    self.examples_ui(ctx, ui, width);
                    ui.add_space(5.0 * SPACE);
                    presets_ui(ctx, ui);
                    ui.add_space(5.0 * SPACE);
                    open_ui(ctx, ui, recent);
                });
            });
        });
    }

    fn examples_ui(&mut self, ctx: &ViewContext<'_>, ui: &mut Ui, width: f32) {
        let examples = [
            Example {
                name: "2-D ring",
                title: "2-D ring",
                sentence: "Eight clusters of points. See the whole game at a glance; it learns within a minute.",
                command: Command::BeginExample("points"),
            },
            Example {
                name: "Built-in digits",
                title: "Digits",
                sentence: "Small pictures as if written by hand. They can be read within a minute.",
                command: Command::BeginExample("grey28"),
            },
            Example {
                name: "The tutorial",
                title: "The tutorial",
                sentence: "A beginner's network as printed, mistakes and all. Mend them with one button and train it.",
                command: Command::LoadPreset(TUTORIAL.name),
            },
            Example {
                name: "Own images",
                title: "Your own images…",
                sentence: "Choose a folder of pictures, or drop one anywhere on the window.",
                command: Command::OpenDataFolder,
            },
        ];
        let side = (width - 3.0 * 4.0 * SPACE) / 4.0;
        // As tall as the longest sentence asks for.
        let sentences = examples.each_ref().map(|example| sentence(ui, side, example.sentence));
        let words = HEADED + sentences.iter().map(|galley| galley.size().y).fold(0.0, f32::max) + 4.0 * SPACE;
        let size = vec2(side, (side * 0.52).round() + words);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0 * SPACE;
            for (index, (example, sentence)) in examples.into_iter().zip(sentences).enumerate() {
                let (rect, response) = ui.allocate_exact_size(size, Sense::click());
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, example.name));
                let picture = card_ui(ui, rect, &response, &example, sentence, words);
                match index {
                    0 => self.ring_ui(ui, picture),
                    1 => self.digits_ui(ui, picture),
                    2 => stack_ui(ui, picture),
                    _ => folder_ui(ui, picture, response.hovered()),
                }
                if response.clicked() {
                    ctx.command(example.command);
                }
            }
        });
    }

    /// The ring, and generated points on their way to it.
    fn ring_ui(&self, ui: &Ui, rect: Rect) {
        let tokens = theme::tokens(ui);
        let painter = ui.painter().with_clip_rect(rect);
        let scale = rect.height() * 0.42;
        let at = |[x, y]: [f32; 2]| rect.center() + vec2(x, -y) * scale;
        for &point in self.illustrations.ring.iter().take(400) {
            painter.circle_filled(at(point), 2.2, tokens.real.gamma_multiply(0.55));
        }
        let time = ui.input(|input| input.time);
        // Comes to the ring within four seconds, stays for two, begins again.
        let share = smooth(((time % 6.0) / 4.0).min(1.0) as f32);
        let centre = [0.08, -0.05];
        for (i, &[x, y]) in self.illustrations.ring.iter().skip(400).take(160).enumerate() {
            let spread = 0.5 * ((i * 37 % 100) as f32 / 100.0 - 0.5);
            let from = [centre[0] + spread, centre[1] + 0.5 * ((i * 61 % 100) as f32 / 100.0 - 0.5)];
            let point = [from[0] + (x - from[0]) * share, from[1] + (y - from[1]) * share];
            painter.circle_filled(at(point), 2.2, tokens.generator);
        }
        if share < 1.0 {
            ui.ctx().request_repaint_after_secs(1.0 / 30.0);
        } else {
            ui.ctx().request_repaint_after_secs((6.0 - time % 6.0) as f32);
        }
    }

    fn digits_ui(&mut self, ui: &Ui, rect: Rect) {
        let Some(shape) = self.illustrations.digit_shape else { return };
        let texture = self.digits.get_or_insert_with(|| {
            let image = mosaic(&self.illustrations.digits, shape, DIGITS);
            ui.ctx().load_texture("example digits", image, TextureOptions::NEAREST)
        });
        let size = texture.size_vec2();
        let scale = (rect.height() / size.y).min(rect.width() / size.x);
        let scale = if scale >= 1.0 { scale.floor() } else { scale };
        let place = Rect::from_center_size(rect.center(), size * scale);
        ui.painter().with_clip_rect(rect).image(
            texture.id(),
            place,
            Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)),
            theme::tokens(ui).text,
        );
    }
}

fn smooth(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

/// Pictures in rows as one picture: white ink on nothing, to be tinted.
fn mosaic(bytes: &[u8], shape: Shape, (columns, rows): (usize, usize)) -> ColorImage {
    let (width, height) = (shape.width * columns, shape.height * rows);
    let mut image = ColorImage::filled([width, height], Color32::TRANSPARENT);
    for (index, picture) in bytes.chunks_exact(shape.values().max(1)).take(columns * rows).enumerate() {
        let (left, top) = (index % columns * shape.width, index / columns * shape.height);
        for (pixel, &value) in picture.iter().take(shape.width * shape.height).enumerate() {
            let place = (top + pixel / shape.width) * width + left + pixel % shape.width;
            if let Some(target) = image.pixels.get_mut(place) {
                *target = Color32::from_white_alpha(value);
            }
        }
    }
    image
}

/// A sentence as it is laid out on a card of this width.
fn sentence(ui: &Ui, width: f32, text: &str) -> Arc<egui::Galley> {
    ui.painter().layout(text.to_owned(), FontId::proportional(BODY), theme::tokens(ui).quiet, width - 8.0 * SPACE)
}

/// Paints a card, whose words take so many points, and returns the place for its picture.
fn card_ui(ui: &Ui, rect: Rect, response: &Response, example: &Example, sentence: Arc<egui::Galley>, words: f32) -> Rect {
    let tokens = theme::tokens(ui);
    let corner = CornerRadius::same(theme::CORNER);
    let stroke = if response.has_focus() {
        Stroke::new(2.0, tokens.accent)
    } else if response.hovered() {
        Stroke::new(1.0, tokens.accent)
    } else {
        Stroke::new(1.0, tokens.hairline)
    };
    let fill = if response.hovered() { tokens.hovered } else { tokens.panel };
    ui.painter().rect(rect, corner, fill, stroke, StrokeKind::Inside);
    let picture = Rect::from_min_max(rect.min, pos2(rect.right(), rect.bottom() - words)).shrink(1.0);
    let top = CornerRadius { nw: theme::CORNER, ne: theme::CORNER, sw: 0, se: 0 };
    ui.painter().rect_filled(picture, top, tokens.ground);
    let left = rect.left() + 4.0 * SPACE;
    ui.painter().text(
        pos2(left, picture.bottom() + 4.0 * SPACE),
        Align2::LEFT_TOP,
        example.title,
        FontId::proportional(HEADING),
        tokens.text,
    );
    ui.painter().galley(pos2(left, picture.bottom() + HEADED), sentence, tokens.quiet);
    picture.shrink(3.0 * SPACE)
}

/// A stack whose layers grow and shrink, with a joint that does not fit.
fn stack_ui(ui: &Ui, rect: Rect) {
    /// Widths of the layers, as shares of the room.
    const WIDTHS: [f32; 6] = [0.22, 0.62, 0.5, 0.38, 0.5, 0.16];
    /// The layer that does not fit the one before.
    const WRONG: usize = 1;
    let tokens = theme::tokens(ui);
    let painter = ui.painter().with_clip_rect(rect);
    let pitch = rect.height() / WIDTHS.len() as f32;
    for (index, share) in WIDTHS.into_iter().enumerate() {
        let size = vec2(share * rect.width().min(220.0), (0.62 * pitch).round());
        let bar = Rect::from_center_size(pos2(rect.center().x, rect.top() + (index as f32 + 0.5) * pitch), size);
        let colour = if index < 4 { tokens.generator } else { tokens.discriminator };
        if index == WRONG {
            painter.rect_stroke(bar, theme::CORNER / 2, Stroke::new(1.5, tokens.error), StrokeKind::Inside);
            let mark = Rect::from_center_size(pos2(bar.right() + 4.0 * SPACE, bar.center().y), Vec2::splat(16.0));
            Icon::Warning.paint(&painter, mark, tokens.error);
        } else {
            painter.rect_filled(bar, theme::CORNER / 2, colour.gamma_multiply(0.75));
        }
    }
}

fn folder_ui(ui: &Ui, rect: Rect, hovered: bool) {
    let tokens = theme::tokens(ui);
    let colour = if hovered { tokens.accent } else { tokens.quiet };
    let frame = Rect::from_center_size(rect.center(), vec2(rect.width().min(180.0), rect.height() - 2.0 * SPACE));
    let corners = [frame.left_top(), frame.right_top(), frame.right_bottom(), frame.left_bottom(), frame.left_top()];
    for shape in egui::Shape::dashed_line(&corners, Stroke::new(1.2, colour), 6.0, 5.0) {
        ui.painter().add(shape);
    }
    Icon::Image.paint(ui.painter(), Rect::from_center_size(frame.center() - vec2(0.0, 10.0), Vec2::splat(48.0)), colour);
    ui.painter().text(
        frame.center() + vec2(0.0, 28.0),
        Align2::CENTER_CENTER,
        "PNG, JPEG, zip, IDX",
        FontId::proportional(SMALL),
        tokens.quiet,
    );
}

/// What was not saved when the program ended, a line for each.
fn offers_ui(ctx: &ViewContext<'_>, ui: &mut Ui, offers: &[Offer]) {
    let tokens = theme::tokens(ui);
    for offer in offers.iter().take(MAX_OFFERS) {
        ui.add_space(3.0 * SPACE);
        let frame = egui::Frame::new().fill(tokens.panel).stroke(Stroke::new(1.0, tokens.accent)).corner_radius(theme::CORNER);
        frame.inner_margin(egui::Margin::symmetric(12, 6)).show(ui, |ui| {
            ui.horizontal(|ui| {
                let (icon, _) = ui.allocate_exact_size(Vec2::splat(16.0), Sense::hover());
                Icon::Reset.paint(ui.painter(), icon, tokens.accent);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let discard = Button::new("Discard").min_size(vec2(0.0, 7.0 * SPACE));
                    if ui.add(discard).on_hover_text("Throws this copy away. Your own files stay as they are.").clicked() {
                        ctx.command(Command::DiscardCopy(offer.path.clone()));
                    }
                    let open = RichText::new("Open it").color(tokens.on_accent);
                    if ui.add(Button::new(open).fill(tokens.accent).min_size(vec2(0.0, 7.0 * SPACE))).clicked() {
                        ctx.command(Command::OpenCopy(offer.path.clone()));
                    }
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                        ui.add(egui::Label::new(RichText::new(&offer.sentence).color(tokens.text)).truncate());
                    });
                });
            });
        });
    }
}

fn presets_ui(ctx: &ViewContext<'_>, ui: &mut Ui) {
    let groups = [("For a kind of data", PresetKind::Default), ("Recipes", PresetKind::Recipe)];
    for (index, (title, kind)) in groups.into_iter().enumerate() {
        ui.add_space(if index > 0 { 3.0 * SPACE } else { 0.0 });
        ui.label(RichText::new(title).size(SMALL).color(theme::tokens(ui).quiet));
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(2.0 * SPACE);
            for preset in PRESETS.into_iter().filter(|preset| preset.kind == kind) {
                let button = Button::new(preset.name).min_size(vec2(0.0, 7.0 * SPACE));
                let button = ui.add(button).accessible_name(format!("Preset {}", preset.name));
                if button.on_hover_text(preset.sentence).clicked() {
                    ctx.command(Command::LoadPreset(preset.name));
                }
            }
        });
    }
}

fn open_ui(ctx: &ViewContext<'_>, ui: &mut Ui, recent: &[PathBuf]) {
    ui.label(RichText::new("Go on with a project").size(SMALL).color(theme::tokens(ui).quiet));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(2.0 * SPACE);
        let open = IconButton::new(Icon::Folder, "Open a project").text(Some("Open a project…")).shortcut(keyboard::OPEN).framed();
        if open.show(ui).clicked() {
            ctx.command(Command::Open);
        }
        let paste = IconButton::new(Icon::Code, "Paste code").text(Some("Paste code…")).shortcut(keyboard::PASTE).framed();
        if paste.help("Networks written in Keras or PyTorch, from a script or a tutorial.").show(ui).clicked() {
            ctx.command(Command::ReadCode(String::new()));
        }
        for path in recent.iter().take(4) {
            let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            let button = ui.add(Button::new(&name).min_size(vec2(0.0, 7.0 * SPACE)));
            if button.accessible_name(format!("Recent {name}")).on_hover_text(path.display().to_string()).clicked() {
                ctx.command(Command::OpenPath(path.clone()));
            }
        }
    });
}
