//! A picture to draw on, whatever its size: drawings are made in units of its side.

use crate::spec::{Fit, ImageSpec};

/// Places a square drawing in a picture, as a square photograph would be: cropped, it covers the picture, letterboxed it lies within.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canvas {
    pub(super) image: ImageSpec,
    /// The side of the drawing, in pixels.
    pub(super) side: f32,
    /// Where the drawing begins, in pixels; negative where it is cropped.
    left: f32,
    top: f32,
}

impl Canvas {
    pub(super) fn new(image: ImageSpec) -> Self {
        let (width, height) = (image.width as f32, image.height as f32);
        let side = if image.fit == Fit::Crop { width.max(height) } else { width.min(height) };
        Self { image, side, left: (width - side) / 2.0, top: (height - side) / 2.0 }
    }

    /// The centre of a pixel in the drawing, whose corners are (0, 0) and (1, 1); y points down.
    pub(super) fn drawing_from_pixel(&self, x: usize, y: usize) -> [f32; 2] {
        [(x as f32 + 0.5 - self.left) / self.side, (y as f32 + 0.5 - self.top) / self.side]
    }

    /// A place of the drawing in pixels.
    pub(super) fn pixel_from_drawing(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [x * self.side + self.left, y * self.side + self.top]
    }
}
