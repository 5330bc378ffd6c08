//! A scatter plot of real and generated points, drawn onto an image.

use std::path::Path;

use image::{DynamicImage, Rgb, RgbImage};

use super::{ExportError, write_png};

/// What a scatter plot shows.
#[derive(Clone, Copy, Debug)]
pub struct Scatter<'a> {
    /// Real points, drawn first.
    pub real: &'a [[f32; 2]],
    /// Generated points, drawn over them.
    pub generated: &'a [[f32; 2]],
}

/// Pixels of each side.
const SIDE: u32 = 640;
/// Pixels between the points and the border.
const MARGIN: f32 = 24.0;
/// A point's radius in pixels.
const RADIUS: f32 = 2.6;
/// How much of the ground a point covers: points that lie on each other grow darker.
const OPACITY: f32 = 0.55;

const GROUND: Rgb<u8> = Rgb([255; 3]);
const FRAME: Rgb<u8> = Rgb([0xD4, 0xD8, 0xDF]);
/// Real data is green and what is generated orange everywhere in Ganvas; these are Okabe and Ito's, told apart by colour-blind eyes.
const REAL: Rgb<u8> = Rgb([0x00, 0x9E, 0x73]);
const GENERATED: Rgb<u8> = Rgb([0xE6, 0x7E, 0x00]);

/// Draws the points, up being the larger second coordinate. The picture spans the real points with some room around them, or the
/// generated ones where there are no real ones; points outside and points that are no numbers are left out.
pub fn scatter(points: Scatter<'_>) -> DynamicImage {
    scatter_around(points, if points.real.is_empty() { points.generated } else { points.real })
}

/// The same, of the part of the plane where the points of `around` are.
pub fn scatter_around(points: Scatter<'_>, around: &[[f32; 2]]) -> DynamicImage {
    let mut canvas = RgbImage::from_pixel(SIDE, SIDE, GROUND);
    let span = Span::around(around);
    frame(&mut canvas);
    for (cloud, colour) in [(points.real, REAL), (points.generated, GENERATED)] {
        for [x, y] in cloud.iter().filter_map(|&point| span.pixel(point)) {
            disc(&mut canvas, x, y, colour);
        }
    }
    DynamicImage::from(canvas)
}

/// Writes the plot as PNG.
///
/// # Errors
/// The file cannot be written; what was there stays.
pub fn write_scatter(points: Scatter<'_>, path: &Path) -> Result<(), ExportError> {
    write_png(&scatter(points), path)
}

/// A square of the plane.
#[derive(Clone, Copy, Debug)]
struct Span {
    centre: [f32; 2],
    half: f32,
}

impl Span {
    /// The smallest square around the points, a quarter larger.
    fn around(points: &[[f32; 2]]) -> Self {
        let ends = |axis: usize| {
            let coordinates = points.iter().map(|point| point[axis]).filter(|value| value.is_finite());
            coordinates.fold(None, |ends: Option<(f32, f32)>, value| {
                Some(ends.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
            })
        };
        let (Some((left, right)), Some((low, high))) = (ends(0), ends(1)) else { return Self { centre: [0.0; 2], half: 1.0 } };
        let half = (right - left).max(high - low) / 2.0 * 1.25;
        Self { centre: [left.midpoint(right), low.midpoint(high)], half: if half > 0.0 { half } else { 1.0 } }
    }

    /// Where a point is drawn, if it is within the picture.
    fn pixel(self, point: [f32; 2]) -> Option<[f32; 2]> {
        let inside = SIDE as f32 / 2.0 - MARGIN;
        let [x, y] = [0, 1].map(|axis| (point[axis] - self.centre[axis]) / self.half);
        let fits = x.abs() <= 1.0 && y.abs() <= 1.0;
        fits.then(|| [SIDE as f32 / 2.0 + x * inside, SIDE as f32 / 2.0 - y * inside])
    }
}

fn frame(canvas: &mut RgbImage) {
    let (low, high) = (MARGIN as u32 / 2, SIDE - 1 - MARGIN as u32 / 2);
    for along in low..=high {
        for (x, y) in [(along, low), (along, high), (low, along), (high, along)] {
            canvas.put_pixel(x, y, FRAME);
        }
    }
}

/// A disc with a soft edge.
fn disc(canvas: &mut RgbImage, x: f32, y: f32, colour: Rgb<u8>) {
    let ends = |centre: f32| (centre - RADIUS - 1.0).max(0.0) as u32..=((centre + RADIUS + 1.0) as u32).min(SIDE - 1);
    for row in ends(y) {
        for column in ends(x) {
            let distance = (column as f32 + 0.5 - x).hypot(row as f32 + 0.5 - y);
            let cover = (RADIUS + 0.5 - distance).clamp(0.0, 1.0) * OPACITY;
            let pixel = canvas.get_pixel_mut(column, row);
            for (below, above) in pixel.0.iter_mut().zip(colour.0) {
                *below = (f32::from(*below) * (1.0 - cover) + f32::from(above) * cover).round() as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many pixels are nearer to `colour` than to the ground.
    fn inked(image: &DynamicImage, colour: Rgb<u8>, region: impl Fn(u32, u32) -> bool) -> usize {
        let distance = |a: [u8; 3], b: [u8; 3]| a.iter().zip(b).map(|(&x, y)| (i32::from(x) - i32::from(y)).pow(2)).sum::<i32>();
        let image = image.to_rgb8();
        let is_ink = |pixel: [u8; 3]| distance(pixel, colour.0) < distance(pixel, GROUND.0);
        image.enumerate_pixels().filter(|&(x, y, pixel)| region(x, y) && is_ink(pixel.0)).count()
    }

    #[test]
    fn points_stand_where_they_belong() {
        // Many times the same point, so that it is opaque: real up left, generated down right.
        let (real, generated) = ([[-1.0, 1.0]; 20], [[1.0, -1.0]; 20]);
        let both = Scatter { real: &[real.as_slice(), &[[1.0, -1.0]]].concat(), generated: &generated };
        let image = scatter(both);
        let middle = SIDE / 2;
        assert!(inked(&image, REAL, |x, y| x < middle && y < middle) > 15);
        assert!(inked(&image, GENERATED, |x, y| x > middle && y > middle) > 15);
        assert_eq!(inked(&image, GENERATED, |x, y| x < middle - 50 && y > middle + 50), 0);
    }

    #[test]
    fn strange_points_are_left_out() {
        let blank = scatter(Scatter { real: &[], generated: &[] });
        let strange = [[f32::NAN, 0.0], [f32::INFINITY, f32::NEG_INFINITY]];
        let image = scatter(Scatter { real: &strange, generated: &strange });
        assert_eq!(image, blank);
        let real = [[0.0, 0.0], [1.0, 1.0]];
        let far = scatter(Scatter { real: &real, generated: &[[1e30, 0.0]] });
        assert_eq!(far, scatter(Scatter { real: &real, generated: &[] }));
    }

    #[test]
    fn a_single_point_stands_in_the_middle() {
        let image = scatter(Scatter { real: &[[7.0, 7.0]; 20], generated: &[] });
        let middle = |at: u32| at.abs_diff(SIDE / 2) < 5;
        assert!(inked(&image, REAL, |x, y| middle(x) && middle(y)) > 15);
    }
}
