//! Pictures as PNG: one, a grid of many, or a folder.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{ColorType, DynamicImage, GrayImage, ImageFormat, RgbImage};

use super::{ExportError, atomic};
use crate::spec::Shape;
use crate::train::Pictures;

/// Pixels between the pictures of a grid, and around it.
const MARGIN: u32 = 2;
/// The margin's grey: neither the black nor the white that pictures end in.
const MARGIN_GREY: u8 = 96;

/// How many pictures stand side by side in a grid of `count`: as many as below each other, or one more.
pub fn columns_for(count: usize) -> usize {
    (count as f64).sqrt().ceil() as usize
}

/// One picture of several: grey with 1 channel, colour with 3.
///
/// # Errors
/// There is no picture at `index`, or pictures of this shape cannot be shown.
pub fn picture(pictures: &Pictures, index: usize) -> Result<DynamicImage, ExportError> {
    let Shape { channels, height, width } = pictures.shape;
    let size = pictures.shape.values();
    let bytes = pictures.bytes.get(index.saturating_mul(size)..index.saturating_add(1).saturating_mul(size));
    let bytes = bytes.ok_or_else(|| ExportError(format!("there is no picture number {index}")))?.to_vec();
    let (columns, rows) = (width as u32, height as u32);
    let image = match channels {
        1 => GrayImage::from_raw(columns, rows, bytes).map(DynamicImage::from),
        3 => RgbImage::from_raw(columns, rows, bytes).map(DynamicImage::from),
        _ => None,
    };
    image.ok_or_else(|| ExportError(format!("samples of {} are not pictures with one or three channels", pictures.shape)))
}

/// All pictures in one, row by row, `columns` side by side, with narrow grey margins.
///
/// # Errors
/// There are no pictures, they cannot be shown, or the grid would be larger than a PNG can be.
pub fn grid(pictures: &Pictures, columns: usize) -> Result<DynamicImage, ExportError> {
    let count = pictures.count();
    if count == 0 || columns == 0 {
        return Err(ExportError("there are no pictures to write".to_owned()));
    }
    let side = |pictures: usize, pixels: usize| -> Option<u32> {
        let pixels = pictures.checked_mul(pixels + MARGIN as usize)? + MARGIN as usize;
        u32::try_from(pixels).ok().filter(|&pixels| pixels <= 1 << 16)
    };
    let too_large = || ExportError(format!("a grid of {count} pictures is too large for one file: write them to a folder instead"));
    let width = side(columns, pictures.shape.width).ok_or_else(too_large)?;
    let height = side(count.div_ceil(columns), pictures.shape.height).ok_or_else(too_large)?;
    let mut sheet = DynamicImage::new(width, height, color(pictures.shape));
    fill(&mut sheet, MARGIN_GREY);
    for index in 0..count {
        let left = MARGIN as usize + (index % columns) * (pictures.shape.width + MARGIN as usize);
        let top = MARGIN as usize + (index / columns) * (pictures.shape.height + MARGIN as usize);
        image::imageops::replace(&mut sheet, &picture(pictures, index)?, left as i64, top as i64);
    }
    Ok(sheet)
}

/// Two images in one, side by side, each at the top, with a wider margin between them.
pub fn beside(left: &DynamicImage, right: &DynamicImage) -> DynamicImage {
    let gap = 4 * MARGIN;
    let (width, height) = (left.width() + gap + right.width(), left.height().max(right.height()));
    let is_grey = [left, right].into_iter().all(|image| image.color() == ColorType::L8);
    let mut sheet = DynamicImage::new(width, height, if is_grey { ColorType::L8 } else { ColorType::Rgb8 });
    fill(&mut sheet, MARGIN_GREY);
    for (image, x) in [(left, 0), (right, left.width() + gap)] {
        image::imageops::replace(&mut sheet, image, i64::from(x), 0);
    }
    sheet
}

fn color(shape: Shape) -> ColorType {
    if shape.channels == 1 { ColorType::L8 } else { ColorType::Rgb8 }
}

fn fill(image: &mut DynamicImage, grey: u8) {
    match image {
        DynamicImage::ImageLuma8(pixels) => pixels.fill(grey),
        DynamicImage::ImageRgb8(pixels) => pixels.fill(grey),
        _ => {}
    }
}

/// Writes an image as PNG.
///
/// # Errors
/// The file cannot be written; what was there stays.
pub fn write_png(image: &DynamicImage, path: &Path) -> Result<(), ExportError> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).map_err(|error| ExportError::writing(path, &error))?;
    atomic::write(path, bytes.get_ref())
}

/// Writes all pictures as one PNG, about as many side by side as below each other.
///
/// # Errors
/// There are no pictures, or the file cannot be written; what was there stays.
pub fn write_grid(pictures: &Pictures, path: &Path) -> Result<(), ExportError> {
    write_png(&grid(pictures, columns_for(pictures.count()))?, path)
}

/// Writes one picture as PNG.
///
/// # Errors
/// There is no such picture, or the file cannot be written; what was there stays.
pub fn write_picture(pictures: &Pictures, index: usize, path: &Path) -> Result<(), ExportError> {
    write_png(&picture(pictures, index)?, path)
}

/// Writes each picture to a PNG of its own, `0000.png`, `0001.png` and so on, and returns their paths.
///
/// # Errors
/// The folder or a file cannot be written; files before it are there.
pub fn write_folder(pictures: &Pictures, folder: &Path) -> Result<Vec<PathBuf>, ExportError> {
    atomic::create_folder(folder)?;
    let count = pictures.count();
    let digits = count.saturating_sub(1).to_string().len().max(4);
    let write = |index: usize| {
        let path = folder.join(format!("{index:0digits$}.png"));
        write_picture(pictures, index, &path).map(|()| path)
    };
    (0..count).map(write).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_images_stand_side_by_side_whatever_their_size_and_colours() {
        let mut grey = DynamicImage::new(3, 2, ColorType::L8);
        fill(&mut grey, 7);
        let mut colour = DynamicImage::new(4, 5, ColorType::Rgb8);
        fill(&mut colour, 9);
        let both = beside(&grey, &colour).to_rgb8();
        assert_eq!((both.width(), both.height()), (15, 5));
        let at = |x, y| both.get_pixel(x, y).0;
        assert_eq!([at(2, 1), at(2, 2), at(3, 0), at(10, 0), at(11, 0), at(14, 4)].map(|pixel| pixel[0]), [7, 96, 96, 96, 9, 9]);
        assert_eq!(beside(&grey, &grey).color(), ColorType::L8);
    }

    /// `count` pictures of 2 x 3 pixels; every byte says which picture, pixel and channel it is.
    fn numbered(channels: usize, count: usize) -> Pictures {
        let shape = Shape::new(channels, 2, 3);
        Pictures { shape, bytes: (0..count * shape.values()).map(|byte| byte as u8).collect() }
    }

    fn read(path: &Path) -> DynamicImage {
        image::open(path).unwrap()
    }

    #[test]
    fn a_picture_survives_its_file() {
        let folder = tempfile::tempdir().unwrap();
        for channels in [1, 3] {
            let (pictures, path) = (numbered(channels, 3), folder.path().join("one.png"));
            write_picture(&pictures, 2, &path).unwrap();
            let image = read(&path);
            assert_eq!((image.width(), image.height()), (3, 2));
            assert_eq!(image.color().channel_count() as usize, channels);
            assert_eq!(image.as_bytes(), pictures.picture(2));
        }
    }

    #[test]
    fn a_grid_holds_every_picture_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let (pictures, path) = (numbered(3, 5), folder.path().join("grid.png"));
        write_grid(&pictures, &path).unwrap();
        let sheet = read(&path).to_rgb8();
        // 3 x 2 pictures of 3 x 2 pixels, 2 pixels around each.
        assert_eq!(sheet.dimensions(), (2 + 3 * 5, 2 + 2 * 4));
        for index in 0..5 {
            let (left, top) = (2 + (index % 3) * 5, 2 + (index / 3) * 4);
            let part = image::imageops::crop_imm(&sheet, left, top, 3, 2).to_image();
            assert_eq!(part.into_raw(), pictures.picture(index as usize), "picture {index}");
        }
        assert_eq!(sheet.get_pixel(0, 0).0, [MARGIN_GREY; 3]);
        assert_eq!(sheet.get_pixel(12, 6).0, [MARGIN_GREY; 3], "the sixth place is empty");
    }

    #[test]
    fn a_folder_holds_one_file_for_each_picture() {
        let folder = tempfile::tempdir().unwrap();
        let pictures = numbered(1, 12);
        let paths = write_folder(&pictures, &folder.path().join("out")).unwrap();
        assert_eq!(paths.len(), 12);
        assert!(paths[11].ends_with("out/0011.png"));
        assert_eq!(read(&paths[11]).as_bytes(), pictures.picture(11));
    }

    #[test]
    fn a_grid_is_about_square() {
        assert_eq!([1, 2, 4, 5, 9, 64, 65].map(columns_for), [1, 2, 2, 3, 3, 8, 9]);
    }

    #[test]
    fn what_is_no_picture_is_refused_in_words() {
        let text = |pictures: Pictures| grid(&pictures, 2).unwrap_err().to_string();
        assert_eq!(text(numbered(2, 1)), "samples of 2 × 2 × 3 are not pictures with one or three channels");
        assert_eq!(text(numbered(1, 0)), "there are no pictures to write");
        let many = Pictures { shape: Shape::new(1, 1, 1), bytes: vec![0; 100_000] };
        assert!(grid(&many, 100_000).unwrap_err().to_string().contains("write them to a folder instead"));
    }
}
