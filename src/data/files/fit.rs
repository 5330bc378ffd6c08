//! Makes any picture one of the size, proportions and colour a project asks for.

use image::DynamicImage;

use super::resample::{Part, resample};
use crate::spec::{Colour, Fit, ImageSpec};

/// Pictures are shrunk to no less than so many times the wanted size by plain averaging, which is much quicker than the filter.
const FINE: u32 = 3;

/// Writes `picture` into `out`, `channels x height x width`, which is all zero before.
///
/// Transparent parts are shown on white, as on paper. Grey is the luminance of ITU-R BT.709.
pub(super) fn fit(picture: DynamicImage, spec: ImageSpec, out: &mut [u8]) {
    let (width, height) = (spec.width as u32, spec.height as u32);
    let picture = coloured(picture, spec.colour);
    let (from_width, from_height) = (picture.width(), picture.height());
    let (part, (to_width, to_height)) = match spec.fit {
        // The largest part that has the wanted proportions: as large as the picture in one direction, and smaller in the other.
        Fit::Crop => (within(width, height, from_width, from_height), (width, height)),
        Fit::Letterbox => ((from_width, from_height), within(from_width, from_height, width, height)),
    };
    let coarse = averaged(&picture, (part.0 / to_width).min(part.1 / to_height) / FINE);
    let part = Part {
        values: coarse.as_ref().unwrap_or(&picture).as_bytes(),
        channels: spec.colour.channels(),
        width: coarse.as_ref().unwrap_or(&picture).width() as usize,
        height: coarse.as_ref().unwrap_or(&picture).height() as usize,
        across: middle(from_width, part.0, coarse.as_ref().map(DynamicImage::width)),
        down: middle(from_height, part.1, coarse.as_ref().map(DynamicImage::height)),
    };
    let (left, top) = ((spec.width - to_width as usize) / 2, (spec.height - to_height as usize) / 2);
    resample(part, to_width as usize, to_height as usize, |channel, y, x, value| {
        out[(channel * spec.height + top + y) * spec.width + left + x] = value;
    });
}

/// Where the middle `part` of `len` values begins and how long it is; in a picture shrunk to `coarse_len`, if it was shrunk.
fn middle(len: u32, part: u32, coarse_len: Option<u32>) -> (f64, f64) {
    let scale = coarse_len.map_or(1.0, |coarse| f64::from(coarse) / f64::from(len));
    (f64::from((len - part) / 2) * scale, f64::from(part) * scale)
}

/// The picture about `factor` times smaller, by averaging; `None` where that is no smaller.
fn averaged(picture: &DynamicImage, factor: u32) -> Option<DynamicImage> {
    (factor > 1).then(|| picture.thumbnail_exact((picture.width() / factor).max(1), (picture.height() / factor).max(1)))
}

/// Without transparency, as grey or RGB of 8 bits.
fn coloured(picture: DynamicImage, colour: Colour) -> DynamicImage {
    let opaque = if picture.color().has_alpha() { on_white(&picture) } else { picture };
    match colour {
        Colour::Grey => DynamicImage::ImageLuma8(opaque.into_luma8()),
        Colour::Rgb => DynamicImage::ImageRgb8(opaque.into_rgb8()),
    }
}

fn on_white(picture: &DynamicImage) -> DynamicImage {
    let source = picture.to_rgba8();
    let mut opaque = image::RgbImage::new(source.width(), source.height());
    for (to, from) in opaque.pixels_mut().zip(source.pixels()) {
        let [r, g, b, alpha] = from.0.map(u32::from);
        to.0 = [r, g, b].map(|value| ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8);
    }
    DynamicImage::ImageRgb8(opaque)
}

/// The largest size with the proportions of `width` x `height` that lies within a frame; no side is 0.
fn within(width: u32, height: u32, frame_width: u32, frame_height: u32) -> (u32, u32) {
    let [w, h, fw, fh] = [width, height, frame_width, frame_height].map(u64::from);
    let rounded = |product: u64, divisor: u64| ((product + divisor / 2) / divisor) as u32;
    if w * fh > h * fw {
        (frame_width, rounded(h * fw, w).clamp(1, frame_height))
    } else {
        (rounded(w * fh, h).clamp(1, frame_width), frame_height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};

    fn fitted(picture: impl Into<DynamicImage>, width: usize, height: usize, colour: Colour, fit_: Fit) -> Vec<u8> {
        let spec = ImageSpec { width, height, colour, fit: fit_ };
        let mut out = vec![0; width * height * colour.channels()];
        fit(picture.into(), spec, &mut out);
        out
    }

    #[test]
    fn the_same_size_is_copied_channel_by_channel() {
        let picture = RgbImage::from_fn(3, 2, |x, y| Rgb([x as u8, 10 + y as u8, 20 + (x + y) as u8]));
        let out = fitted(picture, 3, 2, Colour::Rgb, Fit::Crop);
        assert_eq!(out, [0, 1, 2, 0, 1, 2, 10, 10, 10, 11, 11, 11, 20, 21, 22, 21, 22, 23]);
    }

    #[test]
    fn cropping_takes_the_middle() {
        let wide = GrayImage::from_fn(8, 2, |x, _| Luma([x as u8 * 10]));
        assert_eq!(fitted(wide, 2, 2, Colour::Grey, Fit::Crop), [30, 40, 30, 40]);
        let high = GrayImage::from_fn(2, 7, |_, y| Luma([y as u8 * 10]));
        assert_eq!(fitted(high, 2, 3, Colour::Grey, Fit::Crop), [20, 20, 30, 30, 40, 40]);
    }

    #[test]
    fn letterboxing_keeps_all_and_adds_black_bars() {
        let wide = GrayImage::from_pixel(4, 2, Luma([200]));
        let out = fitted(wide, 4, 4, Colour::Grey, Fit::Letterbox);
        assert_eq!(out, [[0; 4], [200; 4], [200; 4], [0; 4]].concat());
        let thin = RgbImage::from_pixel(1, 1000, Rgb([9, 8, 7]));
        let out = fitted(thin, 5, 4, Colour::Rgb, Fit::Letterbox);
        assert_eq!(out.iter().filter(|&&value| value > 0).count(), 12, "a line of one column, four rows and three channels");
    }

    #[test]
    fn shrinking_keeps_the_mean_and_both_ways_agree() {
        let picture = GrayImage::from_fn(640, 480, |x, y| Luma([((x / 5 + y / 3) % 256) as u8]));
        let part = |low: u32| (low..low + 480).flat_map(|x| (0..480).map(move |y| (x / 5 + y / 3) % 256));
        let mean = part(80).map(f64::from).sum::<f64>() / (480.0 * 480.0);
        for size in [16, 48, 200] {
            let out = fitted(picture.clone(), size, size, Colour::Grey, Fit::Crop);
            let shrunk = out.iter().map(|&value| f64::from(value)).sum::<f64>() / out.len() as f64;
            assert!((shrunk - mean).abs() < 1.0, "{size}: {shrunk}, not {mean}");
        }
    }

    #[test]
    fn a_flat_colour_stays_what_it_is_at_any_size() {
        for (width, height) in [(1, 1), (3, 500), (31, 33), (700, 20)] {
            for fit_ in [Fit::Crop, Fit::Letterbox] {
                let out = fitted(RgbImage::from_pixel(width, height, Rgb([250, 120, 3])), 32, 32, Colour::Rgb, fit_);
                for (channel, value) in [250, 120, 3].into_iter().enumerate() {
                    let values = &out[channel * 1024..(channel + 1) * 1024];
                    assert!(values.iter().all(|&other| other == value || (fit_ == Fit::Letterbox && other == 0)), "{width} x {height}");
                    assert!(values.contains(&value));
                }
            }
        }
    }

    #[test]
    fn transparent_parts_are_white() {
        let picture = RgbaImage::from_fn(2, 1, |x, _| Rgba([0, 0, 0, if x == 0 { 0 } else { 255 }]));
        assert_eq!(fitted(picture.clone(), 2, 1, Colour::Grey, Fit::Crop), [255, 0]);
        assert_eq!(fitted(picture, 2, 1, Colour::Rgb, Fit::Crop), [255, 0, 255, 0, 255, 0]);
    }

    #[test]
    fn grey_is_luminance() {
        let picture = RgbImage::from_fn(3, 1, |x, _| Rgb(std::array::from_fn(|channel| if channel as u32 == x { 255 } else { 0 })));
        // BT.709: 0.2126, 0.7152, 0.0722.
        let out = fitted(picture, 3, 1, Colour::Grey, Fit::Crop);
        for (value, expected) in out.into_iter().zip([54_u8, 182, 18]) {
            assert!(value.abs_diff(expected) <= 1, "{value}, not {expected}");
        }
    }
}
