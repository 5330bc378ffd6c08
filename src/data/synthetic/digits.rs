//! Digits as if written by hand: the strokes of a digit, bent, slanted and drawn with a pen.
//!
//! As in MNIST, ink is white on black, a digit is about 20 of 28 pixels tall, and its centre of mass lies in the middle.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};

use super::canvas::Canvas;
use super::glyphs::{GLYPHS, Glyph, Point};
use crate::random::{self, Purpose};

/// All lengths below are in pixels of a picture of this side; other sizes are drawn to scale.
const SIDE: f32 = 28.0;
/// A curve between two points of a stroke is drawn as so many straight pieces.
const PIECES: usize = 8;

/// The path of a pen stays so far from the border: its line is at most half as thick.
const MARGIN: f32 = 3.3;

/// `0` to `9`.
pub(super) fn class_names() -> Vec<String> {
    (0..10).map(|digit| digit.to_string()).collect()
}

/// Draws the digit with this index into `out`, `channels x height x width`, and gives back its class.
pub(super) fn draw(seed: u64, index: u64, canvas: Canvas, out: &mut [u8]) -> u16 {
    let mut rng = random::stream(seed, Purpose::Synthetic, index);
    let digit = (index % 10) as u16;
    let mut strokes = written(pick(GLYPHS[usize::from(digit)], &mut rng), &mut rng);
    place(&mut strokes, &mut rng);
    let ink = Pen::new(&mut rng).ink(&strokes, canvas);
    for channel in out.chunks_exact_mut(ink.len()) {
        channel.copy_from_slice(&ink);
    }
    digit
}

/// One of the ways to write a digit.
fn pick(glyphs: &'static [Glyph], rng: &mut ChaCha8Rng) -> &'static Glyph {
    let mut left = rng.random_range(0.0..glyphs.iter().map(|glyph| glyph.weight).sum());
    for glyph in glyphs {
        left -= glyph.weight;
        if left < 0.0 {
            return glyph;
        }
    }
    &glyphs[0]
}

fn normal(rng: &mut ChaCha8Rng) -> f32 {
    StandardNormal.sample(rng)
}

/// The strokes of a glyph as one hand wrote them once: straight pieces, about one unit tall.
fn written(glyph: &Glyph, rng: &mut ChaCha8Rng) -> Vec<Vec<Point>> {
    let hand = Hand::new(glyph, rng);
    let mut strokes = Vec::new();
    for stroke in glyph.strokes {
        let mut points: Vec<Point> = Vec::new();
        for (index, &point) in stroke.iter().enumerate() {
            if index > 0 && stroke[index - 1] == point {
                // A corner: the curve ends, and another begins at the same point.
                strokes.push(curve(&points, &hand));
                points = points.last().copied().into_iter().collect();
            } else {
                points.push([point[0] + 0.045 * normal(rng), point[1] + 0.035 * normal(rng)]);
            }
        }
        strokes.push(curve(&points, &hand));
    }
    strokes
}

/// A Catmull-Rom curve through `points`, in straight pieces.
fn curve(points: &[Point], hand: &Hand) -> Vec<Point> {
    let at = |index: isize| points[index.clamp(0, points.len() as isize - 1) as usize];
    let mut pieces = Vec::with_capacity(points.len() * PIECES);
    for index in 0..points.len() as isize - 1 {
        let [before, from, to, after] = [at(index - 1), at(index), at(index + 1), at(index + 2)];
        for piece in 0..PIECES {
            let t = piece as f32 / PIECES as f32;
            let coordinate = |axis: usize| {
                let (a, b, c, d) = (before[axis], from[axis], to[axis], after[axis]);
                b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
            };
            pieces.push(hand.moved([coordinate(0), coordinate(1)]));
        }
    }
    pieces.extend(points.last().map(|&last| hand.moved(last)));
    pieces
}

/// How a hand deforms what it writes: proportions, slant, rotation, and a slow wave over all of it.
struct Hand {
    width: f32,
    slant: f32,
    rotation: (f32, f32),
    waves: [[f32; 3]; 2],
}

impl Hand {
    fn new(glyph: &Glyph, rng: &mut ChaCha8Rng) -> Self {
        let width = glyph.width * (0.2 * normal(rng)).exp();
        let slant = (0.2 + 0.25 * normal(rng)).clamp(-0.5, 0.85);
        let rotation = (0.07 * normal(rng)).sin_cos();
        let mut wave = || [0.05 * normal(rng), rng.random_range(2.0..6.0), rng.random_range(0.0..6.3)];
        Self { width, slant, rotation, waves: [wave(), wave()] }
    }

    fn moved(&self, [x, y]: Point) -> Point {
        let [across, along] = self.waves;
        let (x, y) = (x - 0.5 + across[0] * (across[1] * y + across[2]).sin(), y - 0.5 + along[0] * (along[1] * x + along[2]).sin());
        let x = x * self.width - y * self.slant;
        let (sin, cos) = self.rotation;
        [x * cos - y * sin, x * sin + y * cos]
    }
}

/// Scales strokes to the usual size and puts their centre of mass near the middle; from here on lengths are in pixels of [`SIDE`].
fn place(strokes: &mut [Vec<Point>], rng: &mut ChaCha8Rng) {
    let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
    for point in strokes.iter().flatten() {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    // The ink adds its own thickness to the 20 pixels of the box.
    let scale = rng.random_range(16.5..18.5) / (high[0] - low[0]).max(high[1] - low[1]);
    let centre = centre_of_mass(strokes);
    let shift = [0.3 * normal(rng), 0.3 * normal(rng)];
    for point in strokes.iter_mut().flatten() {
        for axis in 0..2 {
            // The centre of mass comes to the middle, as far as the ink stays within the picture.
            let (middle, half) = ((low[axis] + high[axis]) / 2.0, (high[axis] - low[axis]) / 2.0 * scale);
            let room = (SIDE / 2.0 - MARGIN - half).max(0.0);
            let off = ((middle - centre[axis]) * scale + shift[axis]).clamp(-room, room);
            point[axis] = SIDE / 2.0 + (point[axis] - middle) * scale + off;
        }
    }
}

/// The mean of all places a pen passes, weighted by length.
fn centre_of_mass(strokes: &[Vec<Point>]) -> Point {
    let (mut sum, mut total) = ([0.0; 2], 1e-6);
    for piece in strokes.iter().flat_map(|stroke| stroke.windows(2)) {
        let length = (piece[1][0] - piece[0][0]).hypot(piece[1][1] - piece[0][1]);
        total += length;
        for axis in 0..2 {
            sum[axis] += length * (piece[0][axis] + piece[1][axis]) / 2.0;
        }
    }
    sum.map(|sum| sum / total)
}

/// A pen: how thick its line is, and how that changes along the way.
struct Pen {
    /// Half the width of the line.
    radius: f32,
    /// Over this distance the line fades to black.
    softness: f32,
    /// How much thinner and thicker it gets, and how often.
    pressure: [f32; 3],
}

impl Pen {
    fn new(rng: &mut ChaCha8Rng) -> Self {
        let radius = (1.205 * (0.27 * normal(rng)).exp()).clamp(0.65, 2.4);
        let pressure = [rng.random_range(0.0..0.22), rng.random_range(0.1..0.4), rng.random_range(0.0..6.3)];
        Self { radius, softness: rng.random_range(0.9..1.6), pressure }
    }

    /// The picture of the strokes, `height x width`.
    fn ink(&self, strokes: &[Vec<Point>], canvas: Canvas) -> Vec<u8> {
        let (width, height) = (canvas.image.width, canvas.image.height);
        // How far each pixel lies outside of the line; negative within.
        let mut outside = vec![f32::MAX; width * height];
        for stroke in strokes {
            let mut along = 0.0;
            for piece in stroke.windows(2) {
                along += (piece[1][0] - piece[0][0]).hypot(piece[1][1] - piece[0][1]);
                let [amount, pace, phase] = self.pressure;
                let radius = self.radius * (1.0 + amount * (pace * along + phase).sin());
                self.press(piece[0], piece[1], radius, canvas, &mut outside);
            }
        }
        outside.into_iter().map(|distance| self.value(distance)).collect()
    }

    /// Marks the pixels that the piece from `a` to `b` can reach.
    fn press(&self, a: Point, b: Point, radius: f32, canvas: Canvas, outside: &mut [f32]) {
        let reach = radius + self.softness;
        let low = canvas.pixel_from_drawing([(a[0].min(b[0]) - reach) / SIDE, (a[1].min(b[1]) - reach) / SIDE]);
        let high = canvas.pixel_from_drawing([(a[0].max(b[0]) + reach) / SIDE, (a[1].max(b[1]) + reach) / SIDE]);
        let columns = low[0].max(0.0) as usize..(high[0].max(0.0) as usize + 1).min(canvas.image.width);
        for y in low[1].max(0.0) as usize..(high[1].max(0.0) as usize + 1).min(canvas.image.height) {
            for x in columns.clone() {
                let place = canvas.drawing_from_pixel(x, y).map(|coordinate| coordinate * SIDE);
                let distance = distance_to_piece(place, a, b) - radius;
                let pixel = &mut outside[y * canvas.image.width + x];
                *pixel = pixel.min(distance);
            }
        }
    }

    /// White within the line, black outside, and a smooth step between.
    fn value(&self, outside: f32) -> u8 {
        let t = (0.5 - outside / self.softness).clamp(0.0, 1.0);
        (t * t * (3.0 - 2.0 * t) * 255.0).round() as u8
    }
}

fn distance_to_piece(place: Point, a: Point, b: Point) -> f32 {
    let (along, to) = ([b[0] - a[0], b[1] - a[1]], [place[0] - a[0], place[1] - a[1]]);
    let length_squared = (along[0] * along[0] + along[1] * along[1]).max(1e-12);
    let t = ((to[0] * along[0] + to[1] * along[1]) / length_squared).clamp(0.0, 1.0);
    (to[0] - t * along[0]).hypot(to[1] - t * along[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Colour, Fit, ImageSpec};

    fn drawn(index: u64, width: usize, height: usize, colour: Colour, fit: Fit) -> Vec<u8> {
        let image = ImageSpec { width, height, colour, fit };
        let mut out = vec![0; width * height * colour.channels()];
        assert_eq!(u64::from(draw(3, index, Canvas::new(image), &mut out)), index % 10);
        out
    }

    /// Mean column and row of the ink, and the rows it spans.
    fn extent(picture: &[u8], width: usize) -> (f32, f32, usize) {
        let ink: f32 = picture.iter().map(|&value| f32::from(value)).sum();
        let mean = |coordinate: fn(usize, usize) -> usize| {
            picture.iter().enumerate().map(|(index, &value)| (coordinate(index, width) as f32 + 0.5) * f32::from(value)).sum::<f32>() / ink
        };
        let rows: Vec<_> = picture.chunks_exact(width).enumerate().filter(|(_, row)| row.iter().any(|&value| value > 100)).collect();
        let span = rows.last().map_or(0, |(last, _)| last + 1 - rows[0].0);
        (mean(|index, width| index % width), mean(|index, width| index / width), span)
    }

    #[test]
    fn digits_are_centred_and_about_twenty_pixels_tall() {
        let mut spans = 0;
        for index in 0..1000 {
            let (x, y, span) = extent(&drawn(index, 28, 28, Colour::Grey, Fit::Crop), 28);
            assert!((x - 14.0).abs() < 2.5 && (y - 14.0).abs() < 2.5, "digit {index} lies at ({x}, {y})");
            spans += span;
        }
        assert!((18_000..21_000).contains(&spans), "{spans} rows in 1000 digits");
    }

    #[test]
    fn ink_is_white_on_black_and_the_border_is_black() {
        for index in 0..1000 {
            let picture = drawn(index, 28, 28, Colour::Grey, Fit::Crop);
            assert!(picture.iter().any(|&value| value > 200), "digit {index}");
            assert!(picture[..28].iter().chain(&picture[27 * 28..]).all(|&value| value < 30), "digit {index} is cut");
        }
    }

    #[test]
    fn a_digit_is_the_same_drawing_at_every_size() {
        for index in 0..50 {
            let small = drawn(index, 28, 28, Colour::Grey, Fit::Crop);
            let large = drawn(index, 84, 84, Colour::Grey, Fit::Crop);
            for (place, &value) in small.iter().enumerate() {
                // The middle one of nine pixels lies where the small one does.
                let middle = large[(3 * (place / 28) + 1) * 84 + 3 * (place % 28) + 1];
                assert!(middle.abs_diff(value) <= 1, "digit {index} at {place}: {value} and {middle}");
            }
        }
    }

    #[test]
    fn colour_is_three_times_the_same_and_bars_are_black() {
        let grey = drawn(4, 28, 28, Colour::Grey, Fit::Crop);
        assert_eq!(drawn(4, 28, 28, Colour::Rgb, Fit::Crop), [grey.clone(), grey.clone(), grey.clone()].concat());
        let letterboxed = drawn(4, 60, 28, Colour::Grey, Fit::Letterbox);
        for (row, expected) in letterboxed.chunks_exact(60).zip(grey.chunks_exact(28)) {
            assert_eq!(row[16..44], *expected);
            assert!(row[..16].iter().chain(&row[44..]).all(|&value| value == 0));
        }
    }

    #[test]
    fn every_way_to_write_a_digit_is_used() {
        let mut rng = random::stream(1, Purpose::Synthetic, 0);
        for ways in GLYPHS {
            let picked: Vec<_> = (0..500).map(|_| std::ptr::from_ref(pick(ways, &mut rng))).collect();
            assert!(ways.iter().all(|way| picked.contains(&std::ptr::from_ref(way))));
        }
    }
}
