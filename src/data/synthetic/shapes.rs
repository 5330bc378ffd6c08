//! Coloured shapes on soft backgrounds, classes by form and colour.

use std::f32::consts::{PI, TAU};

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use crate::random::{self, Purpose};
use crate::spec::Colour;

type Rgb = [f32; 3];

#[derive(Clone, Copy, Debug)]
enum Form {
    Circle,
    Square,
    Triangle,
    Star,
    Ring,
    Cross,
}

const FORMS: [(Form, &str); 6] = [
    (Form::Circle, "circle"),
    (Form::Square, "square"),
    (Form::Triangle, "triangle"),
    (Form::Star, "star"),
    (Form::Ring, "ring"),
    (Form::Cross, "cross"),
];

/// Colours and their hues, in turns of the colour circle.
const COLOURS: [(f32, &str); 5] = [(0.0, "red"), (0.155, "yellow"), (0.35, "green"), (0.6, "blue"), (0.8, "purple")];

/// `red circle`, `red square`, ..., `purple cross`: colour by colour.
pub(super) fn class_names() -> Vec<String> {
    COLOURS.iter().flat_map(|(_, colour)| FORMS.iter().map(move |(_, form)| format!("{colour} {form}"))).collect()
}

/// Draws the shape with this index into `out`, `channels x height x width`, and gives back its class.
pub(super) fn draw(seed: u64, index: u64, canvas: Canvas, out: &mut [u8]) -> u16 {
    let mut rng = random::stream(seed, Purpose::Synthetic, index);
    let class = index as usize % (FORMS.len() * COLOURS.len());
    let figure = Figure::new(FORMS[class % FORMS.len()].0, COLOURS[class / FORMS.len()].0, &mut rng);
    let background = Background::new(&mut rng);
    let (width, pixels) = (canvas.image.width, canvas.image.width * canvas.image.height);
    for pixel in 0..pixels {
        let place = canvas.drawing_from_pixel(pixel % width, pixel / width);
        let inside = place.iter().all(|coordinate| (0.0..=1.0).contains(coordinate));
        let colour = if inside { figure.over(background.at(place), place, canvas.side) } else { [0.0; 3] };
        match canvas.image.colour {
            Colour::Grey => out[pixel] = byte(0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]),
            Colour::Rgb => (0..3).for_each(|channel| out[channel * pixels + pixel] = byte(colour[channel])),
        }
    }
    class as u16
}

fn byte(value: f32) -> u8 {
    (value * 255.0).round() as u8
}

/// One shape: where it lies, how large it is, and its colours.
struct Figure {
    form: Form,
    centre: [f32; 2],
    size: f32,
    rotation: (f32, f32),
    /// The colours of its upper left and its lower right.
    shades: [Rgb; 2],
}

impl Figure {
    fn new(form: Form, hue: f32, rng: &mut ChaCha8Rng) -> Self {
        let size = rng.random_range(0.24..0.42);
        // It may touch the border but is never cut.
        let room = 0.5 - size;
        let mut coordinate = || 0.5 + rng.random_range(-room..room);
        let centre = [coordinate(), coordinate()];
        // Forms that look the same after a part of a turn are turned by no more than that.
        let turn = match form {
            Form::Circle | Form::Ring => 0.0,
            Form::Square | Form::Cross => TAU / 4.0,
            Form::Triangle => TAU / 3.0,
            Form::Star => TAU / 5.0,
        };
        let rotation = (turn * rng.random_range(-0.5..0.5_f32)).sin_cos();
        let hue = hue + rng.random_range(-0.025..0.025);
        let (saturation, value) = (rng.random_range(0.75..1.0), rng.random_range(0.75..1.0));
        let shade = rng.random_range(0.7..0.95);
        Self { form, centre, size, rotation, shades: [rgb(hue, saturation, value), rgb(hue, saturation, value * shade)] }
    }

    /// The colour at `place` over `below`, blended where the border passes through the pixel.
    fn over(&self, below: Rgb, place: [f32; 2], side: f32) -> Rgb {
        let (x, y) = ((place[0] - self.centre[0]) / self.size, (place[1] - self.centre[1]) / self.size);
        let (sin, cos) = self.rotation;
        let outside = outside(self.form, x * cos + y * sin, y * cos - x * sin) * self.size * side;
        let cover = (0.5 - outside).clamp(0.0, 1.0);
        let colour = mix(self.shades[0], self.shades[1], ((x + y) / 3.0 + 0.5).clamp(0.0, 1.0));
        mix(below, colour, cover)
    }
}

/// How far a place lies outside of a form of radius 1; negative within.
fn outside(form: Form, x: f32, y: f32) -> f32 {
    match form {
        Form::Circle => x.hypot(y) - 1.0,
        Form::Ring => (x.hypot(y) - 0.76).abs() - 0.24,
        // The corners of the square lie on the circle of radius 1.
        Form::Square => x.abs().max(y.abs()) - 0.5_f32.sqrt(),
        Form::Cross => {
            let (long, short) = (x.abs().max(y.abs()), x.abs().min(y.abs()));
            (long - 0.92).max(short - 0.3)
        }
        Form::Triangle => spikes(x, y, 3.0, 0.5),
        Form::Star => spikes(x, y, 5.0, 0.42),
    }
}

/// A star with `count` corners at radius 1, the first at the top, and notches at radius `notch`.
fn spikes(x: f32, y: f32, count: f32, notch: f32) -> f32 {
    let half = PI / count;
    // Folded into the wedge between a corner (angle 0) and the notch beside it (angle `half`).
    let angle = (x.atan2(-y).rem_euclid(2.0 * half) - half).abs();
    let (radius, angle) = (x.hypot(y), half - angle);
    let (px, py) = (radius * angle.cos(), radius * angle.sin());
    // The border runs from (1, 0) to the notch.
    let (nx, ny) = (notch * half.cos() - 1.0, notch * half.sin());
    ((px - 1.0) * ny - py * nx) / nx.hypot(ny)
}

/// A soft gradient between two quiet colours.
struct Background {
    colours: [Rgb; 2],
    direction: (f32, f32),
    bend: f32,
}

impl Background {
    fn new(rng: &mut ChaCha8Rng) -> Self {
        let value = rng.random_range(0.08..0.62_f32);
        let mut quiet = || {
            let value = (value + rng.random_range(-0.16..0.16)).clamp(0.0, 1.0);
            rgb(rng.random_range(0.0..1.0), rng.random_range(0.0..0.25), value)
        };
        let colours = [quiet(), quiet()];
        Self { colours, direction: rng.random_range(0.0..TAU).sin_cos(), bend: rng.random_range(-0.6..0.6) }
    }

    fn at(&self, [x, y]: [f32; 2]) -> Rgb {
        let (x, y) = (x - 0.5, y - 0.5);
        let (across, along) = (x * self.direction.1 - y * self.direction.0, x * self.direction.0 + y * self.direction.1);
        let t = (along + self.bend * across * across + 0.5).clamp(0.0, 1.0);
        mix(self.colours[0], self.colours[1], t * t * (3.0 - 2.0 * t))
    }
}

fn mix(from: Rgb, to: Rgb, t: f32) -> Rgb {
    std::array::from_fn(|channel| from[channel] + (to[channel] - from[channel]) * t)
}

/// A colour from its hue (in turns), saturation and value.
fn rgb(hue: f32, saturation: f32, value: f32) -> Rgb {
    [5.0, 3.0, 1.0].map(|offset| {
        let k = (offset + hue * 6.0).rem_euclid(6.0);
        value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Fit, ImageSpec};

    const SIDE: usize = 64;

    /// Classes and pictures, as pixels.
    fn drawn(count: u64) -> Vec<(usize, Vec<Rgb>)> {
        let image = ImageSpec { width: SIDE, height: SIDE, colour: Colour::Rgb, fit: Fit::Crop };
        let draw = |index| {
            let mut out = vec![0; 3 * SIDE * SIDE];
            let class = draw(3, index, Canvas::new(image), &mut out);
            let pixel = |place: usize| [0, 1, 2].map(|channel| f32::from(out[channel * SIDE * SIDE + place]) / 255.0);
            (usize::from(class), (0..SIDE * SIDE).map(pixel).collect())
        };
        (0..count).map(draw).collect()
    }

    fn saturation(colour: &Rgb) -> f32 {
        let (low, high) = (colour.iter().copied().fold(1.0, f32::min), colour.iter().copied().fold(0.0, f32::max));
        if high > 0.0 { (high - low) / high } else { 0.0 }
    }

    /// Which colour circle's sixth a colour lies in, from its largest and smallest channel.
    fn hue(&[r, g, b]: &Rgb) -> f32 {
        let (low, high) = (r.min(g).min(b), r.max(g).max(b));
        let sixths = match high {
            high if high == r => (g - b) / (high - low),
            high if high == g => 2.0 + (b - r) / (high - low),
            _ => 4.0 + (r - g) / (high - low),
        };
        (sixths / 6.0).rem_euclid(1.0)
    }

    /// The pixels of the shape: more saturated than any background, and not too dark to tell.
    fn is_figure(colour: &Rgb) -> bool {
        saturation(colour) > 0.6 && colour.iter().any(|&value| value > 0.35)
    }

    #[test]
    fn the_class_names_the_colour() {
        for (class, picture) in drawn(600) {
            let expected = COLOURS[class / FORMS.len()].0;
            let figure: Vec<_> = picture.iter().filter(|colour| is_figure(colour)).collect();
            assert!(figure.len() > 80, "{} pixels of {}", figure.len(), class_names()[class]);
            let near = figure.iter().filter(|colour| ((hue(colour) - expected + 0.5).rem_euclid(1.0) - 0.5).abs() < 0.04);
            assert!(near.count() * 10 > figure.len() * 9, "{}", class_names()[class]);
        }
    }

    #[test]
    fn the_class_names_the_form() {
        // The share of the circle of radius 1 that a form covers, from its geometry.
        let area = |form: Form| match form {
            Form::Circle => 1.0,
            Form::Square => 2.0 / PI,
            Form::Triangle => 3.0 * 3.0_f32.sqrt() / 4.0 / PI,
            // Ten triangles between the centre, a corner and a notch.
            Form::Star => 5.0 * 0.42 * (PI / 5.0).sin() / PI,
            Form::Ring => 1.0 - 0.52 * 0.52,
            Form::Cross => (4.0 * 0.3 * 0.92 * 2.0 - 4.0 * 0.3 * 0.3) / PI,
        };
        let steps = 400;
        for (form, name) in FORMS {
            let place = |index: i32| (index as f32 + 0.5) / steps as f32 * 1.2;
            let inside = |x: i32| (-steps..steps).filter(|&y| outside(form, place(x), place(y)) < 0.0).count();
            let covered = (-steps..steps).map(inside).sum::<usize>() as f32 * (1.2 / steps as f32).powi(2) / PI;
            assert!((covered - area(form)).abs() < 0.003, "{name} covers {covered}, not {}", area(form));
        }
        assert_eq!(class_names().len(), 30);
        assert_eq!((class_names()[0].as_str(), class_names()[29].as_str()), ("red circle", "purple cross"));
    }

    #[test]
    fn shapes_are_never_cut() {
        for (class, picture) in drawn(600) {
            let on_border = |place: usize| [place % SIDE, place / SIDE].iter().any(|&coordinate| coordinate == 0 || coordinate == SIDE - 1);
            let cut = (0..SIDE * SIDE).filter(|&place| on_border(place) && is_figure(&picture[place])).count();
            // A circle may touch the border, which covers a few pixels of it.
            assert!(cut < 12, "{cut} pixels of a {} on the border", class_names()[class]);
        }
    }
}
