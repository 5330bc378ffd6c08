//! The column left of the cards: the tensor that flows through a network, drawn where it changes, and between as a band that narrows and
//! widens with it.

use eframe::egui::{Id, Painter, Pos2, Rect, RichText, Sense, Shape as Paint, Stroke, Ui, pos2};

use super::density::Density;
use super::solid::{Bounds, Scale, Solid};
use crate::gui::theme::{self, Faces, SMALL, SPACE, Tokens};
use crate::gui::widgets::format;
use crate::spec::{LayerShape, Role, Shape};

/// What happens to the tensor at a place of the column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Event {
    /// It becomes this one.
    Becomes(Shape),
    /// It stays what it is.
    Passes,
    /// It does not fit what is here; what goes on from here, where that is known.
    Breaks(Option<Shape>),
    /// Nobody knows.
    Unknown,
}

impl Event {
    /// What a layer does.
    pub fn of(shape: &LayerShape) -> Self {
        match shape {
            LayerShape::Known { input, output } if input == output => Self::Passes,
            LayerShape::Known { output, .. } => Self::Becomes(*output),
            LayerShape::Fault { promised, .. } => Self::Breaks(*promised),
            LayerShape::Unknown => Self::Unknown,
        }
    }
}

/// A place of the column.
#[derive(Clone, Copy, Debug)]
struct Station {
    /// Names it from frame to frame.
    id: Id,
    /// Where what it belongs to begins.
    top: f32,
    /// Where the tensor is drawn.
    centre: f32,
    event: Event,
    /// In whose colour.
    owner: Owner,
}

/// Whose tensor it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A network's.
    Network(Role),
    /// The data's.
    Data,
}

/// One network's column while it is laid out.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    role: Role,
    stations: Vec<Station>,
}

impl Flow {
    pub fn new(role: Role) -> Self {
        Self { role, stations: Vec::new() }
    }

    /// Whose column it is.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Notes what happens beside `rect`, and explains it under the pointer. `shape` is what flows on from there.
    pub fn station(&mut self, ui: &Ui, id: Id, rect: Rect, event: Event, shape: Option<Shape>) {
        self.station_of(ui, id, rect, event, shape, Owner::Network(self.role));
    }

    /// The same for a tensor that is not the network's own.
    pub fn station_of(&mut self, ui: &Ui, id: Id, rect: Rect, event: Event, shape: Option<Shape>, owner: Owner) {
        self.stations.push(Station { id, top: rect.top(), centre: rect.center().y, event, owner });
        let column = rect.with_max_x(rect.left() + Density::of(ui.ctx()).column() - SPACE);
        let response = ui.interact(column, id.with("tensor"), Sense::hover());
        response.on_hover_ui(|ui| match shape {
            Some(shape) => shape_ui(ui, shape),
            None => drop(ui.label("What flows here is not known: a layer before does not fit.")),
        });
    }

    /// Paints the column. `left` is where it begins, `end` how far down the band goes on after the last station.
    pub fn paint(&self, ui: &Ui, scale: &Scale, left: f32, end: f32) {
        let density = Density::of(ui.ctx());
        let tokens = theme::tokens(ui);
        let brush = Brush { painter: ui.painter(), tokens, x: left + density.axis() };
        let colour = tokens.role(self.role);
        let mut band: Option<Band> = None;
        let mut solids = Vec::new();
        for station in &self.stations {
            match station.event {
                Event::Passes => {}
                Event::Becomes(shape) => {
                    let solid = glide(ui, station.id, scale.solid(shape, &density.bounds()));
                    if let Some(band) = band {
                        brush.band(band, station.top, station.centre, solid.width, &tokens.faces(colour));
                    }
                    band = Some(Band { from: station.centre, width: solid.width });
                    solids.push((solid, station, false));
                }
                Event::Breaks(promised) => {
                    brush.torn(band.take(), station.top, &tokens.faces(colour));
                    if let Some(shape) = promised {
                        let solid = glide(ui, station.id, scale.solid(shape, &density.bounds()));
                        band = Some(Band { from: station.centre, width: solid.width });
                        solids.push((solid, station, true));
                    }
                }
                Event::Unknown => band = None,
            }
        }
        if let Some(band) = band.filter(|band| band.from < end) {
            brush.straight(band, end, &tokens.faces(colour));
        }
        for (solid, station, is_hollow) in solids {
            let colour = match station.owner {
                Owner::Network(role) => tokens.role(role),
                Owner::Data => tokens.real,
            };
            brush.solid(solid, station.centre, &tokens.faces(colour), is_hollow);
        }
    }
}

/// The band below a solid.
#[derive(Clone, Copy, Debug)]
struct Band {
    from: f32,
    width: f32,
}

/// The points that a solid's sides have in this frame, on the way to what they are to be.
fn glide(ui: &Ui, id: Id, target: Solid) -> Solid {
    let time = ui.style().animation_time;
    let to = |name: &str, target: f32| ui.ctx().animate_value_with_time(id.with(name), target, time);
    Solid { width: to("width", target.width), height: to("height", target.height), depth: to("depth", target.depth) }
}

struct Brush<'a> {
    painter: &'a Painter,
    tokens: &'a Tokens,
    /// The middle of the column.
    x: f32,
}

impl Brush<'_> {
    fn trapezoid(&self, top: (f32, f32), bottom: (f32, f32), faces: &Faces) {
        let corner = |(y, width): (f32, f32), side: f32| pos2(self.x + side * width / 2.0, y);
        let [a, b, c, d] = [corner(top, -1.0), corner(top, 1.0), corner(bottom, 1.0), corner(bottom, -1.0)];
        self.painter.add(Paint::convex_polygon(vec![a, b, c, d], faces.band, Stroke::NONE));
        let edge = Stroke::new(1.0, faces.edge);
        self.painter.line_segment([a, d], edge);
        self.painter.line_segment([b, c], edge);
    }

    fn straight(&self, band: Band, to: f32, faces: &Faces) {
        self.trapezoid((band.from, band.width), (to, band.width), faces);
    }

    /// Straight down to where the next layer begins, then as wide as what the layer makes.
    fn band(&self, band: Band, top: f32, centre: f32, width: f32, faces: &Faces) {
        let turn = top.max(band.from);
        self.straight(band, turn, faces);
        self.trapezoid((turn, band.width), (centre, width), faces);
    }

    /// The end of a band that does not fit what comes: torn off, in the colour of errors.
    fn torn(&self, band: Option<Band>, top: f32, faces: &Faces) {
        let error = Stroke::new(1.5, self.tokens.error);
        let width = band.map_or(4.0 * SPACE, |band| band.width.max(3.0 * SPACE));
        let y = top - SPACE;
        if let Some(band) = band {
            self.straight(band, y, faces);
        }
        const TEETH: u8 = 6;
        let tooth = |index: u8| {
            let x = self.x - width / 2.0 + width * f32::from(index) / f32::from(TEETH);
            pos2(x, y + if index.is_multiple_of(2) { 2.0 } else { -2.0 })
        };
        self.painter.line((0..=TEETH).map(tooth).collect(), error);
    }

    fn solid(&self, solid: Solid, centre: f32, faces: &Faces, is_hollow: bool) {
        let at = Pos2::new(self.x, centre);
        if !is_hollow {
            self.painter.extend(solid.faces(at, faces));
            return;
        }
        let ground = self.tokens.panel;
        self.painter.extend(solid.faces(at, &Faces { front: ground, top: ground, side: ground, band: ground, edge: ground }));
        for edge in solid.edges(at) {
            self.painter.line_segment(edge, Stroke::new(1.0, self.tokens.error));
        }
    }
}

/// What there is to say about a shape: in both orders, and how much it is.
pub(super) fn shape_ui(ui: &mut Ui, shape: Shape) {
    let quiet = theme::tokens(ui).quiet;
    ui.spacing_mut().item_spacing.y = 0.0;
    for (index, line) in shape_lines(shape).into_iter().enumerate() {
        let text = RichText::new(line);
        ui.label(if index == 0 { text.strong() } else { text.size(SMALL).color(quiet) });
    }
}

/// The shape in our order and PyTorch's, in Keras's, and the number of values.
pub(super) fn shape_lines(shape: Shape) -> Vec<String> {
    let values = format!("{} values for each sample", format::grouped(shape.values() as u64));
    let Shape { channels, height, width } = shape;
    if shape.is_vector() {
        let noun = if channels == 1 { "one value".to_owned() } else { format!("a vector of {} values", format::grouped(channels as u64)) };
        return vec![noun, format!("PyTorch (N, {channels}), Keras (None, {channels})")];
    }
    vec![
        format!("{channels} × {height} × {width}"),
        "channels × rows × columns".to_owned(),
        format!("PyTorch (N, {channels}, {height}, {width})"),
        format!("Keras (None, {height}, {width}, {channels})"),
        values,
    ]
}

/// Points of the solids' sides beside cards, and in the compact view.
pub(super) const fn bounds(density: Density) -> Bounds {
    match density {
        Density::Roomy => Bounds { least: 4.0, most: 22.0, deepest: 13.0, longest: 36.0 },
        Density::Compact => Bounds { least: 3.0, most: 14.0, deepest: 10.0, longest: 28.0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_said_in_the_orders_of_both_libraries() {
        assert_eq!(
            shape_lines(Shape::new(128, 7, 14)),
            [
                "128 × 7 × 14",
                "channels × rows × columns",
                "PyTorch (N, 128, 7, 14)",
                "Keras (None, 7, 14, 128)",
                "12,544 values for each sample"
            ]
        );
        assert_eq!(shape_lines(Shape::vector(100)), ["a vector of 100 values", "PyTorch (N, 100), Keras (None, 100)"]);
        assert_eq!(shape_lines(Shape::vector(1))[0], "one value");
    }
}
