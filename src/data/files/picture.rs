//! One picture file: PNG, JPEG, BMP, GIF (its first frame) or WebP, told apart by content.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

/// A picture may be this wide and this high.
const MAX_SIDE: u32 = 16_384;
/// A decoded picture may take this much memory.
const MAX_DECODED_BYTES: u64 = 256 << 20;

/// What the first bytes of a picture file say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    /// Columns, as shown: pictures that are stored lying down are turned.
    pub(super) width: u32,
    /// Rows, as shown.
    pub(super) height: u32,
    /// Does it have no colour channels?
    pub(super) is_grey: bool,
    /// The memory it takes when decoded.
    pub(super) decoded_bytes: u64,
}

/// Do these bytes begin as a picture does that can be read?
pub(super) fn is_known(start: &[u8]) -> bool {
    image::guess_format(start).is_ok_and(|format| format.reading_enabled())
}

/// Size and colour, without decoding the picture.
///
/// # Errors
/// It is no picture, or one too large, in words.
pub(super) fn header(bytes: &[u8]) -> Result<Header, String> {
    guarded(|| {
        let mut decoder = decoder(bytes)?;
        let (width, height) = decoder.dimensions();
        let is_grey = matches!(decoder.color_type(), ColorType::L8 | ColorType::La8 | ColorType::L16 | ColorType::La16);
        let decoded_bytes = decoder.total_bytes();
        let lies = matches!(
            decoder.orientation().unwrap_or(Orientation::NoTransforms),
            Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
        );
        let (width, height) = if lies { (height, width) } else { (width, height) };
        Ok(Header { width, height, is_grey, decoded_bytes })
    })
}

/// The picture, turned as its metadata says.
///
/// # Errors
/// It is no picture, damaged, cut off or too large, in words.
pub(super) fn decode(bytes: Vec<u8>) -> Result<DynamicImage, String> {
    if image::guess_format(&bytes).ok() == Some(ImageFormat::Jpeg) && is_cut_jpeg(&bytes) {
        return Err("it is cut off".to_owned());
    }
    guarded(|| {
        let mut decoder = decoder(&bytes)?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut image = DynamicImage::from_decoder(decoder).map_err(|error| words(&error))?;
        image.apply_orientation(orientation);
        Ok(image)
    })
}

/// A decoder that has refused what is too large, going by the header.
fn decoder(bytes: &[u8]) -> Result<impl ImageDecoder + '_, String> {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    let format = image::guess_format(bytes).map_err(|_| NO_PICTURE)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(|error| words(&error))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(format!("it has a size of {width} × {height}"));
    }
    if decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(format!("it is {width} × {height}, which is too large"));
    }
    // What the decoded picture takes is no longer free for the decoder's own use.
    limits.reserve(decoder.total_bytes()).map_err(|error| words(&error))?;
    decoder.set_limits(limits).map_err(|error| words(&error))?;
    Ok(decoder)
}

const NO_PICTURE: &str = "it is no picture that can be read (PNG, JPEG, BMP, GIF or WebP)";

/// Turns the panic of a decoder that met something its authors did not think of into words: one file must not end a load.
fn guarded<T>(decode: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| Err("its decoder broke down on it".to_owned()))
}

/// Why a picture cannot be used.
fn words(error: &ImageError) -> String {
    match error {
        ImageError::Limits(error) => match error.kind() {
            LimitErrorKind::DimensionError => format!("it is larger than {MAX_SIDE} × {MAX_SIDE}"),
            _ => "it needs too much memory".to_owned(),
        },
        ImageError::Unsupported(_) => NO_PICTURE.to_owned(),
        // Decoders may speak in several lines.
        error => format!("it is damaged ({})", error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}

/// Does a JPEG lack its end? The decoder would fill what is missing with grey and say nothing.
///
/// In JPEG's data a byte of 255 is always followed by 0, so markers are found by looking; the end marker must come after the last start
/// of data (an embedded preview has its own, before).
fn is_cut_jpeg(bytes: &[u8]) -> bool {
    let last = |marker: u8| bytes.windows(2).rposition(|pair| pair == [0xff, marker]);
    const START_OF_SCAN: u8 = 0xda;
    const END_OF_IMAGE: u8 = 0xd9;
    last(END_OF_IMAGE) < last(START_OF_SCAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let picture = image::RgbImage::from_fn(40, 30, |x, y| image::Rgb([(x * 6) as u8, (y * 8) as u8, ((x * y) % 256) as u8]));
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn all_formats_are_read_and_their_halves_refused() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::WebP] {
            let bytes = encoded(format);
            let header = header(&bytes).unwrap();
            assert_eq!((header.width, header.height, header.is_grey), (40, 30, false), "{format:?}");
            let image = decode(bytes.clone()).unwrap();
            assert_eq!((image.width(), image.height()), (40, 30), "{format:?}");
            for end in [0, 1, 10, 30, bytes.len() / 2, bytes.len() - 40] {
                assert!(decode(bytes[..end].to_vec()).is_err(), "{format:?} cut to {end} of {} bytes", bytes.len());
            }
        }
    }

    #[test]
    fn a_byte_changed_anywhere_is_no_panic() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::WebP] {
            let bytes = encoded(format);
            for place in (0..bytes.len()).step_by(7) {
                let mut bytes = bytes.clone();
                bytes[place] ^= 0xa5;
                let _ = decode(bytes);
            }
        }
    }

    #[test]
    fn huge_pictures_are_refused_by_their_header() {
        // A BMP header for 20,000 x 20,000 at 24 bits, with no data.
        let mut bmp = encoded(ImageFormat::Bmp)[..54].to_vec();
        bmp[18..22].copy_from_slice(&20_000_u32.to_le_bytes());
        bmp[22..26].copy_from_slice(&20_000_u32.to_le_bytes());
        let reason = decode(bmp).unwrap_err();
        assert!(reason.contains("larger than") || reason.contains("too large"), "{reason}");
    }

    #[test]
    fn a_jpeg_with_an_orientation_is_turned() {
        // An EXIF block that says "rotate by 90 degrees" (6), put behind the start of the file.
        let mut exif = vec![0xff, 0xe1, 0, 34];
        exif.extend(b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0");
        let mut bytes = encoded(ImageFormat::Jpeg);
        bytes.splice(2..2, exif);
        let header = header(&bytes).unwrap();
        assert_eq!((header.width, header.height), (30, 40));
        let image = decode(bytes).unwrap();
        assert_eq!((image.width(), image.height()), (30, 40));
    }
}
