//! Icons, painted rather than typed: no font has all of these signs, and they take the colour and the weight of the text beside them.

use std::f32::consts::PI;

use eframe::egui::{self, Atom, Color32, Painter, Pos2, Rect, Shape, Stroke, vec2};

/// Points of one side of an icon on the screen; its drawing is laid out on a grid of 16.
pub const SIZE: f32 = 16.0;

/// A picture for something that can be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Goes on.
    Play,
    /// Holds.
    Pause,
    /// One step.
    Step,
    /// From the beginning.
    Reset,
    /// Takes back.
    Undo,
    /// Does again.
    Redo,
    /// Removes.
    Trash,
    /// Adds.
    Plus,
    /// Can be dragged.
    Handle,
    /// Is on.
    Eye,
    /// Is off.
    EyeOff,
    /// Opens a file.
    Folder,
    /// Writes a file.
    Save,
    /// A new project.
    Page,
    /// Draws at random.
    Dice,
    /// Opens downwards.
    ChevronDown,
    /// Opens to the side.
    ChevronRight,
    /// More of it in a menu.
    More,
    /// Goes away.
    Close,
    /// Copies.
    Copy,
    /// Source code.
    Code,
    /// Searches.
    Search,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Is done, or chosen.
    Check,
    /// Something is wrong.
    Warning,
    /// Something could be better.
    Advice,
    /// Presets.
    Grid,
    /// A device.
    Chip,
    /// How it looks.
    Contrast,
    /// Pictures.
    Image,
    /// Numbers that are learned.
    Weights,
    /// Arithmetic.
    Bolt,
    /// One line each.
    Lines,
    /// A card each.
    Cards,
    /// One back.
    StepBack,
    /// Slowly, one after the other.
    Slow,
}

impl Icon {
    /// Paints the icon into `rect`, whose shorter side it fills.
    pub fn paint(self, painter: &Painter, rect: Rect, colour: Color32) {
        Pen::new(painter, rect, colour).draw(self);
    }

    /// The icon as a part of a button, in the colour of its text.
    pub fn atom<'a>(self) -> Atom<'a> {
        Atom::paint(vec2(SIZE, SIZE), move |ui, args| self.paint(ui.painter(), args.rect, args.fallback_text_color))
    }

    /// The icon as a part of a button, in a colour of its own.
    pub fn atom_in<'a>(self, colour: Color32) -> Atom<'a> {
        Atom::paint(vec2(SIZE, SIZE), move |ui, args| self.paint(ui.painter(), args.rect, colour))
    }
}

/// Draws on a grid of 16 × 16.
pub(super) struct Pen<'a> {
    painter: &'a Painter,
    rect: Rect,
    colour: Color32,
    scale: f32,
}

impl<'a> Pen<'a> {
    /// Draws into `rect`, whose shorter side the grid fills.
    pub(super) fn new(painter: &'a Painter, rect: Rect, colour: Color32) -> Self {
        let side = rect.width().min(rect.height());
        Self { painter, rect: Rect::from_center_size(rect.center(), vec2(side, side)), colour, scale: side / SIZE }
    }

    fn at(&self, x: f32, y: f32) -> Pos2 {
        self.rect.min + vec2(x, y) * self.scale
    }

    fn stroke(&self) -> Stroke {
        Stroke::new(1.4 * self.scale.max(0.8), self.colour)
    }

    pub(super) fn line(&self, points: &[(f32, f32)]) {
        self.painter.line(points.iter().map(|&(x, y)| self.at(x, y)).collect(), self.stroke());
    }

    /// A line that stands back.
    pub(super) fn thin(&self, points: &[(f32, f32)]) {
        let stroke = Stroke::new(0.8 * self.scale.max(0.8), self.colour);
        self.painter.line(points.iter().map(|&(x, y)| self.at(x, y)).collect(), stroke);
    }

    fn filled(&self, points: &[(f32, f32)]) {
        let points = points.iter().map(|&(x, y)| self.at(x, y)).collect();
        self.painter.add(Shape::convex_polygon(points, self.colour, Stroke::NONE));
    }

    /// Convex parts of one figure.
    fn filled_parts(&self, parts: &[&[(f32, f32)]]) {
        parts.iter().for_each(|points| self.filled(points));
    }

    pub(super) fn dot(&self, x: f32, y: f32, radius: f32) {
        self.painter.circle_filled(self.at(x, y), radius * self.scale, self.colour);
    }

    pub(super) fn ring(&self, x: f32, y: f32, radius: f32) {
        self.painter.circle_stroke(self.at(x, y), radius * self.scale, self.stroke());
    }

    pub(super) fn frame(&self, left: f32, top: f32, right: f32, bottom: f32) {
        let rect = Rect::from_min_max(self.at(left, top), self.at(right, bottom));
        self.painter.rect_stroke(rect, 2.0 * self.scale, self.stroke(), egui::StrokeKind::Middle);
    }

    pub(super) fn block(&self, left: f32, top: f32, right: f32, bottom: f32) {
        self.painter.rect_filled(Rect::from_min_max(self.at(left, top), self.at(right, bottom)), self.scale, self.colour);
    }

    /// An arc from one angle to another, clockwise where the latter is larger; 0 points to the right.
    pub(super) fn arc(&self, x: f32, y: f32, radius: f32, from: f32, to: f32) {
        let point = |i: u8| {
            let angle = from + (to - from) * f32::from(i) / 24.0;
            (x + radius * angle.cos(), y + radius * angle.sin())
        };
        self.line(&(0..=24).map(point).collect::<Vec<_>>());
    }

    fn draw(&self, icon: Icon) {
        match icon {
            Icon::Play => self.filled(&[(5.0, 3.0), (13.0, 8.0), (5.0, 13.0)]),
            Icon::Pause => {
                self.block(4.0, 3.0, 7.0, 13.0);
                self.block(9.0, 3.0, 12.0, 13.0);
            }
            Icon::Step => {
                self.filled(&[(4.0, 3.0), (10.5, 8.0), (4.0, 13.0)]);
                self.block(11.0, 3.0, 13.0, 13.0);
            }
            Icon::Reset => {
                self.arc(8.0, 8.5, 5.0, -0.35 * PI, 1.25 * PI);
                self.filled(&[(2.0, 1.8), (7.4, 3.2), (3.4, 7.0)]);
            }
            Icon::Undo => self.turn(false),
            Icon::Redo => self.turn(true),
            Icon::Plus => {
                self.line(&[(8.0, 3.0), (8.0, 13.0)]);
                self.line(&[(3.0, 8.0), (13.0, 8.0)]);
            }
            Icon::Handle => {
                for y in [4.0, 8.0, 12.0] {
                    self.dot(6.0, y, 1.1);
                    self.dot(10.0, y, 1.1);
                }
            }
            Icon::More => [3.5, 8.0, 12.5].into_iter().for_each(|y| self.dot(8.0, y, 1.3)),
            Icon::ChevronDown => self.line(&[(4.0, 6.0), (8.0, 10.0), (12.0, 6.0)]),
            Icon::ChevronRight => self.line(&[(6.0, 4.0), (10.0, 8.0), (6.0, 12.0)]),
            Icon::Up => self.line(&[(4.0, 10.0), (8.0, 6.0), (12.0, 10.0)]),
            Icon::Down => self.line(&[(4.0, 6.0), (8.0, 10.0), (12.0, 6.0)]),
            Icon::Check => self.line(&[(3.0, 8.5), (6.5, 12.0), (13.0, 4.5)]),
            Icon::Close => {
                self.line(&[(4.0, 4.0), (12.0, 12.0)]);
                self.line(&[(12.0, 4.0), (4.0, 12.0)]);
            }
            _ => self.draw_thing(icon),
        }
    }

    fn draw_thing(&self, icon: Icon) {
        match icon {
            Icon::Trash => {
                self.line(&[(2.5, 4.0), (13.5, 4.0)]);
                self.line(&[(6.0, 4.0), (6.0, 2.0), (10.0, 2.0), (10.0, 4.0)]);
                self.line(&[(4.0, 4.0), (4.8, 14.0), (11.2, 14.0), (12.0, 4.0)]);
                self.line(&[(6.8, 7.0), (6.8, 11.0)]);
                self.line(&[(9.2, 7.0), (9.2, 11.0)]);
            }
            Icon::Eye | Icon::EyeOff => {
                self.lid(-1.0);
                self.lid(1.0);
                self.dot(8.0, 8.0, 2.0);
                if icon == Icon::EyeOff {
                    self.line(&[(3.0, 13.0), (13.0, 3.0)]);
                }
            }
            Icon::Folder => {
                self.line(&[(2.0, 13.0), (2.0, 3.5), (6.0, 3.5), (7.5, 5.5), (14.0, 5.5), (14.0, 13.0), (2.0, 13.0), (2.0, 12.0)]);
            }
            Icon::Save => {
                self.line(&[(2.5, 2.5), (11.0, 2.5), (13.5, 5.0), (13.5, 13.5), (2.5, 13.5), (2.5, 2.5), (4.0, 2.5)]);
                self.line(&[(5.0, 13.0), (5.0, 9.0), (11.0, 9.0), (11.0, 13.0)]);
                self.line(&[(5.5, 3.0), (5.5, 5.5), (9.5, 5.5), (9.5, 3.0)]);
            }
            Icon::Page => {
                self.line(&[(9.0, 1.8), (3.5, 1.8), (3.5, 14.2), (12.5, 14.2), (12.5, 5.3), (9.0, 1.8), (9.0, 5.3), (12.5, 5.3)]);
            }
            Icon::Dice => {
                self.frame(2.5, 2.5, 13.5, 13.5);
                for (x, y) in [(5.5, 5.5), (10.5, 5.5), (8.0, 8.0), (5.5, 10.5), (10.5, 10.5)] {
                    self.dot(x, y, 1.0);
                }
            }
            Icon::Copy => {
                self.frame(5.5, 5.5, 13.5, 13.5);
                self.line(&[(3.5, 10.5), (2.5, 10.5), (2.5, 2.5), (10.5, 2.5), (10.5, 3.5)]);
            }
            Icon::Code => {
                self.line(&[(5.2, 4.5), (1.7, 8.0), (5.2, 11.5)]);
                self.line(&[(10.8, 4.5), (14.3, 8.0), (10.8, 11.5)]);
                self.line(&[(9.4, 2.8), (6.6, 13.2)]);
            }
            Icon::Search => {
                self.ring(6.8, 6.8, 4.3);
                self.line(&[(10.0, 10.0), (13.8, 13.8)]);
            }
            Icon::Warning => {
                self.line(&[(8.0, 2.0), (14.5, 13.5), (1.5, 13.5), (8.0, 2.0), (8.5, 3.0)]);
                self.line(&[(8.0, 6.5), (8.0, 10.0)]);
                self.dot(8.0, 11.8, 0.9);
            }
            Icon::Advice => {
                self.ring(8.0, 8.0, 6.0);
                self.dot(8.0, 4.9, 1.0);
                self.line(&[(8.0, 7.3), (8.0, 11.4)]);
            }
            Icon::Grid => {
                for (x, y) in [(2.5, 2.5), (9.0, 2.5), (2.5, 9.0), (9.0, 9.0)] {
                    self.frame(x, y, x + 4.5, y + 4.5);
                }
            }
            Icon::Chip => self.chip(),
            Icon::Weights => {
                self.ring(8.0, 4.2, 2.4);
                self.filled(&[(4.8, 6.5), (11.2, 6.5), (13.5, 14.5), (2.5, 14.5)]);
            }
            Icon::Bolt => self.filled_parts(&[&[(9.5, 1.5), (3.5, 9.0), (8.0, 9.0)], &[(8.0, 7.0), (12.5, 7.0), (6.5, 14.5)]]),
            Icon::Lines => [4.0, 8.0, 12.0].into_iter().for_each(|y| self.line(&[(2.5, y), (13.5, y)])),
            Icon::Cards => [2.5, 9.0].into_iter().for_each(|y| self.frame(2.5, y, 13.5, y + 4.5)),
            Icon::StepBack => {
                self.filled(&[(12.0, 3.0), (12.0, 13.0), (5.5, 8.0)]);
                self.block(3.0, 3.0, 5.0, 13.0);
            }
            Icon::Slow => {
                [2.5, 5.5].into_iter().for_each(|x| self.line(&[(x, 3.0), (x, 13.0)]));
                self.line(&[(8.5, 3.5), (14.0, 8.0), (8.5, 12.5), (8.5, 3.5)]);
            }
            Icon::Contrast => {
                self.ring(8.0, 8.0, 5.5);
                let half = (0..=16).map(|i| -0.5 * PI + PI * i as f32 / 16.0).map(|a| (8.0 + 5.5 * a.cos(), 8.0 + 5.5 * a.sin()));
                self.filled(&half.collect::<Vec<_>>());
            }
            Icon::Image => {
                self.frame(2.0, 3.0, 14.0, 13.0);
                self.line(&[(2.5, 11.5), (6.0, 7.5), (9.0, 11.0), (11.0, 9.0), (13.5, 11.5)]);
                self.dot(10.8, 6.0, 1.1);
            }
            _ => {}
        }
    }

    /// The arrow of undo, or in the mirror that of redo.
    fn turn(&self, mirrored: bool) {
        let flip = |points: &[(f32, f32)]| -> Vec<(f32, f32)> {
            points.iter().map(|&(x, y)| if mirrored { (16.0 - x, y) } else { (x, y) }).collect()
        };
        let bow = (0..=16).map(|i| -0.5 * PI + PI * i as f32 / 16.0).map(|angle| (9.5 + 3.5 * angle.cos(), 9.0 + 3.5 * angle.sin()));
        let path: Vec<_> = [(3.0, 5.5)].into_iter().chain(bow).chain([(5.0, 12.5)]).collect();
        self.line(&flip(&path));
        self.line(&flip(&[(6.0, 2.5), (3.0, 5.5), (6.0, 8.5)]));
    }

    fn lid(&self, side: f32) {
        let point = |i: u8| {
            let t = f32::from(i) / 12.0;
            (1.5 + 13.0 * t, 8.0 + side * 4.5 * (PI * t).sin())
        };
        self.line(&(0..=12).map(point).collect::<Vec<_>>());
    }

    fn chip(&self) {
        self.frame(4.0, 4.0, 12.0, 12.0);
        self.block(6.5, 6.5, 9.5, 9.5);
        for t in [6.0, 10.0] {
            self.line(&[(t, 1.5), (t, 4.0)]);
            self.line(&[(t, 12.0), (t, 14.5)]);
            self.line(&[(1.5, t), (4.0, t)]);
            self.line(&[(12.0, t), (14.5, t)]);
        }
    }
}
