//! Makes any picture one of the size, proportions and colour a project asks for.

use image::DynamicImage;
use image::imageops::FilterType;

use crate::spec::{Colour, Fit, ImageSpec};

/// Smooth without blur; what it shrinks does not flicker.
const FILTER: FilterType = FilterType::Lanczos3;
/// Pictures more than this many times too large are first shrunk by plain averaging, which is much quicker.
const COARSE: u32 = 4;

/// Writes `picture` into `out`, `channels x height x width`, which is all zero before.
///
/// Transparent parts are shown on white, as on paper. Grey is the luminance of ITU-R BT.709.
pub(super) fn fit(picture: DynamicImage, spec: ImageSpec, out: &mut [u8]) {
    let (width, height) = (spec.width as u32, spec.height as u32);
    let picture = coloured(picture, spec.colour);
    match spec.fit {
        Fit::Crop => write(&resized(&cropped(picture, width, height), width, height), spec, out),
        Fit::Letterbox => {
            let (inner_width, inner_height) = within(picture.width(), picture.height(), width, height);
            write(&resized(&picture, inner_width, inner_height), spec, out);
        }
    }
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

/// The largest part from the middle that has the proportions of `width` x `height`.
fn cropped(picture: DynamicImage, width: u32, height: u32) -> DynamicImage {
    let (from_width, from_height) = (picture.width(), picture.height());
    // As large as the picture in one direction, and smaller in the other.
    let (part_width, part_height) = within(width, height, from_width, from_height);
    if (part_width, part_height) == (from_width, from_height) {
        return picture;
    }
    picture.crop_imm((from_width - part_width) / 2, (from_height - part_height) / 2, part_width, part_height)
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

fn resized(picture: &DynamicImage, width: u32, height: u32) -> DynamicImage {
    if (picture.width(), picture.height()) == (width, height) {
        return picture.clone();
    }
    let is_much_larger = |from: u32, to: u32| from / COARSE >= to;
    if is_much_larger(picture.width(), width) && is_much_larger(picture.height(), height) {
        return picture.thumbnail_exact(2 * width, 2 * height).resize_exact(width, height, FILTER);
    }
    picture.resize_exact(width, height, FILTER)
}

/// Puts an 8-bit picture of one or three channels into the middle of `out`.
fn write(picture: &DynamicImage, spec: ImageSpec, out: &mut [u8]) {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let channels = spec.colour.channels();
    let (left, top) = ((spec.width - width) / 2, (spec.height - height) / 2);
    for (y, row) in picture.as_bytes().chunks_exact(width * channels).enumerate() {
        for channel in 0..channels {
            let start = (channel * spec.height + top + y) * spec.width + left;
            let values = row.iter().skip(channel).step_by(channels);
            out[start..start + width].iter_mut().zip(values).for_each(|(to, &from)| *to = from);
        }
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
