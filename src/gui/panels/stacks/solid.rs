//! A tensor as a solid in slight perspective: how large each of its sides is drawn.
//!
//! Sides follow the sizes on a logarithmic scale between fixed bounds, so that doubling is always the same step and nothing leaves its
//! place: the largest picture of a project is as high as there is room, a single value is a dot. A vector is a thin bar.

use eframe::egui::{Pos2, Shape as Paint, Stroke, Vec2, pos2, vec2};

use crate::gui::theme::Faces;
use crate::spec::Shape;

/// Points of the sides, at most and at least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    /// The side of a single value.
    pub least: f32,
    /// The side of the largest picture.
    pub most: f32,
    /// The depth of the most channels.
    pub deepest: f32,
    /// The length of the longest vector.
    pub longest: f32,
}

/// How far back the depth goes up, for each point to the right.
const RISE: f32 = 0.45;
/// The depth of one channel, and of a vector.
const SHEET: f32 = 1.5;

/// The sizes that count as largest: those of a project.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    side: f32,
    channels: f32,
    features: f32,
}

impl Scale {
    /// The scale for these shapes.
    pub fn of(shapes: impl IntoIterator<Item = Shape>) -> Self {
        // Where nothing is large, small sizes still are told apart.
        let start = Self { side: 3.0, channels: 5.0, features: 5.0 };
        shapes.into_iter().fold(start, |largest, shape| {
            if shape.is_vector() {
                Self { features: largest.features.max(octaves(shape.channels)), ..largest }
            } else {
                let side = octaves(shape.height.max(shape.width));
                Self { side: largest.side.max(side), channels: largest.channels.max(octaves(shape.channels)), ..largest }
            }
        })
    }

    /// The solid for a tensor.
    pub fn solid(&self, shape: Shape, bounds: &Bounds) -> Solid {
        let between = |low: f32, high: f32, share: f32| low + (high - low) * share.clamp(0.0, 1.0);
        if shape.is_vector() {
            let width = between(bounds.least, bounds.longest, octaves(shape.channels) / self.features);
            return Solid { width, height: bounds.least, depth: SHEET };
        }
        // From 2 on: fewer rows than that are no picture, and the others are told apart better.
        let side = |size| between(bounds.least, bounds.most, (octaves(size) - 1.0) / (self.side - 1.0));
        let depth = between(SHEET, bounds.deepest, octaves(shape.channels) / self.channels);
        Solid { width: side(shape.width), height: side(shape.height), depth }
    }
}

/// How often a size is doubled from one.
fn octaves(size: usize) -> f32 {
    (size.max(1) as f32).log2()
}

/// A box with its front towards us: points on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Solid {
    /// Of the front.
    pub width: f32,
    /// Of the front.
    pub height: f32,
    /// How far it reaches to the right behind the front.
    pub depth: f32,
}

impl Solid {
    /// The corners of its front, from the lower left and against the clock, and the way from there to its back. The middle of the front
    /// is at `centre.x`, and the middle of all of it at `centre.y`.
    fn corners(self, centre: Pos2) -> ([Pos2; 4], Vec2) {
        let left = centre.x - self.width / 2.0;
        let bottom = centre.y + (self.height + RISE * self.depth) / 2.0;
        let [a, b] = [pos2(left, bottom), pos2(left + self.width, bottom)];
        let up = vec2(0.0, -self.height);
        ([a, b, b + up, a + up], vec2(self.depth, -RISE * self.depth))
    }

    /// Its faces. They have no edges: those of sharp corners would stand out as spikes.
    pub fn faces(self, centre: Pos2, faces: &Faces) -> [Paint; 3] {
        let ([a, b, c, d], back) = self.corners(centre);
        let face = |points: [Pos2; 4], fill| Paint::convex_polygon(points.to_vec(), fill, Stroke::NONE);
        [face([d, c, c + back, d + back], faces.top), face([b, b + back, c + back, c], faces.side), face([a, b, c, d], faces.front)]
    }

    /// The edges that are seen.
    pub fn edges(self, centre: Pos2) -> [[Pos2; 2]; 9] {
        let ([a, b, c, d], back) = self.corners(centre);
        let front = [[a, b], [b, c], [c, d], [d, a]];
        let rest = [[b, b + back], [c, c + back], [d, d + back], [b + back, c + back], [c + back, d + back]];
        std::array::from_fn(|index| if index < 4 { front[index] } else { rest[index - 4] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { least: 4.0, most: 22.0, deepest: 14.0, longest: 36.0 };

    fn shapes() -> Vec<Shape> {
        vec![
            Shape::vector(100),
            Shape::vector(6272),
            Shape::new(256, 7, 7),
            Shape::new(128, 14, 14),
            Shape::new(1, 28, 28),
            Shape::vector(1),
        ]
    }

    fn solid(shape: Shape) -> Solid {
        Scale::of(shapes()).solid(shape, &BOUNDS)
    }

    #[test]
    fn a_picture_grows_and_its_channels_shrink_from_layer_to_layer() {
        let [small, middle, large] = [shapes()[2], shapes()[3], shapes()[4]].map(solid);
        assert!(small.width < middle.width && middle.width < large.width);
        assert!(small.depth > middle.depth && middle.depth > large.depth);
        // 7 to 14 is as large a step as 14 to 28.
        assert!((large.width - 2.0 * middle.width + small.width).abs() < 1e-3);
        assert_eq!((large.width, large.height, large.depth), (BOUNDS.most, BOUNDS.most, SHEET));
    }

    #[test]
    fn a_vector_is_a_thin_bar_as_long_as_it_has_features() {
        let [latent, wide, logit] = [shapes()[0], shapes()[1], shapes()[5]].map(solid);
        assert!(latent.width < wide.width && wide.width == BOUNDS.longest);
        assert_eq!((latent.height, logit.height, logit.width), (BOUNDS.least, BOUNDS.least, BOUNDS.least), "one value is a dot");
    }

    #[test]
    fn rows_and_columns_are_told_apart() {
        let wide = solid(Shape::new(3, 7, 28));
        assert!(wide.width > 1.5 * wide.height);
    }

    #[test]
    fn nothing_leaves_its_place() {
        let huge = [Shape::new(1 << 20, 4, 4), Shape::new(1, 1 << 14, 1 << 14), Shape::vector(1 << 28), Shape::new(0, 0, 0)];
        for shape in huge.into_iter().chain(shapes()) {
            // Also a shape that the scale was not made for.
            for scale in [Scale::of(huge), Scale::of(shapes())] {
                let Solid { width, height, depth } = scale.solid(shape, &BOUNDS);
                assert!(width <= BOUNDS.longest && height <= BOUNDS.most && depth <= BOUNDS.deepest, "{shape}");
                assert!(width >= BOUNDS.least && height >= BOUNDS.least && depth >= SHEET, "{shape}");
            }
        }
    }
}
