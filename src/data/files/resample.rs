//! Changes the size of a picture with Lanczos's filter: sharp, and what it shrinks does not flicker.

use std::f64::consts::PI;

/// The filter reaches so many lobes to each side.
const LOBES: f64 = 3.0;

/// Part of a picture of 8-bit values, pixel by pixel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    /// `height x width x channels` of the whole picture.
    pub(super) values: &'a [u8],
    pub(super) channels: usize,
    /// Columns of the whole picture.
    pub(super) width: usize,
    /// Rows of the whole picture.
    pub(super) height: usize,
    /// The columns the part begins at and is wide.
    pub(super) across: (f64, f64),
    /// The rows the part begins at and is high.
    pub(super) down: (f64, f64),
}

/// Resamples `part` to `to_width` x `to_height`; `put` is called with channel, row, column and value.
pub(super) fn resample(part: Part, to_width: usize, to_height: usize, mut put: impl FnMut(usize, usize, usize, u8)) {
    let columns = taps(part.across, part.width, to_width);
    let row_values = part.width * part.channels;
    let mut blended = vec![0.0_f32; row_values];
    for (y, row) in taps(part.down, part.height, to_height).iter().enumerate() {
        blended.fill(0.0);
        let rows = part.values.chunks_exact(row_values).skip(row.start);
        for (weight, values) in row.weights.iter().zip(rows) {
            blended.iter_mut().zip(values).for_each(|(sum, &value)| *sum += weight * f32::from(value));
        }
        for (x, column) in columns.iter().enumerate() {
            for channel in 0..part.channels {
                let values = blended[column.start * part.channels + channel..].iter().step_by(part.channels);
                let sum: f32 = column.weights.iter().zip(values).map(|(weight, value)| weight * value).sum();
                // A cast from float to byte saturates, which cuts what the filter overshoots.
                put(channel, y, x, (sum + 0.5) as u8);
            }
        }
    }
}

/// Which values one new value is made of.
struct Taps {
    start: usize,
    /// Their shares; the sum is 1.
    weights: Vec<f32>,
}

/// The taps of `to` new values that divide the stretch of `part` (where it begins, how long it is) among `len` old ones evenly.
fn taps((begin, part): (f64, f64), len: usize, to: usize) -> Vec<Taps> {
    let step = part / to as f64;
    // Shrinking widens the filter, so that every old value counts.
    let widen = step.max(1.0);
    let reach = LOBES * widen;
    let taps_of = |index: usize| {
        let centre = begin + (index as f64 + 0.5) * step;
        let first = (centre - reach).floor().max(0.0) as usize;
        let last = ((centre + reach).ceil().max(1.0) as usize).min(len);
        let weights: Vec<f64> = (first..last).map(|place| lanczos((place as f64 + 0.5 - centre) / widen)).collect();
        let sum: f64 = weights.iter().sum();
        // Old values that do not count cost time; where the size stays the same all but one do not.
        let is_nothing = |weight: &&f64| weight.abs() < 1e-9;
        let skipped = weights.iter().take_while(is_nothing).count();
        let kept = weights.len() - weights.iter().rev().take_while(is_nothing).count();
        let weights = weights[skipped.min(kept)..kept].iter().map(|weight| (weight / sum) as f32).collect();
        Taps { start: first + skipped.min(kept), weights }
    };
    (0..to).map(taps_of).collect()
}

/// Lanczos's filter: a sinc in the window of a wider one.
fn lanczos(x: f64) -> f64 {
    let sinc = |x: f64| if x.abs() < 1e-9 { 1.0 } else { (PI * x).sin() / (PI * x) };
    if x.abs() < LOBES { sinc(x) * sinc(x / LOBES) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::imageops::{self, FilterType};
    use image::{Rgb, RgbImage};

    fn resampled(picture: &RgbImage, x: usize, y: usize, width: usize, height: usize, to_width: usize, to_height: usize) -> Vec<u8> {
        let part = Part {
            values: picture.as_raw(),
            channels: 3,
            width: picture.width() as usize,
            height: picture.height() as usize,
            across: (x as f64, width as f64),
            down: (y as f64, height as f64),
        };
        let mut out = vec![0; to_width * to_height * 3];
        resample(part, to_width, to_height, |channel, y, x, value| out[(y * to_width + x) * 3 + channel] = value);
        out
    }

    fn noisy(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            Rgb([(x * 37 + y * 91) as u8, (x * x + y) as u8, if (x / 3 + y / 5) % 2 == 0 { 255 } else { 0 }])
        })
    }

    #[test]
    fn another_implementation_agrees() {
        let picture = noisy(50, 41);
        for (width, height) in [(50, 41), (25, 20), (7, 30), (90, 100), (1, 1), (64, 3)] {
            let expected = imageops::resize(&picture, width, height, FilterType::Lanczos3);
            let out = resampled(&picture, 0, 0, 50, 41, width as usize, height as usize);
            for (place, (value, expected)) in out.iter().zip(expected.as_raw()).enumerate() {
                assert!(value.abs_diff(*expected) <= 1, "{width} x {height} at {place}: {value}, not {expected}");
            }
        }
    }

    #[test]
    fn a_part_of_the_same_size_is_a_copy() {
        let picture = noisy(30, 20);
        let expected = imageops::crop_imm(&picture, 5, 3, 12, 9).to_image();
        assert_eq!(resampled(&picture, 5, 3, 12, 9, 12, 9), *expected.as_raw());
    }
}
