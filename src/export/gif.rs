//! The frames of a run: all of them as an animated GIF, or one as a picture.

use std::io;
use std::path::Path;

use image::codecs::gif::{GifEncoder, Repeat};
use image::imageops::{self, FilterType};
use image::{Delay, DynamicImage, Rgb, RgbImage};

use super::{ExportError, Scatter, atomic, columns_for, grid, lettering, scatter_around};
use crate::train::{Frame, Reel, Still};

/// How a run is shown as a moving picture.
#[derive(Clone, Copy, Debug)]
pub struct Timelapse<'a> {
    /// Frames a second, 1 to 50; as many as show the whole run in about eight seconds, unless given.
    pub frames_per_s: Option<f32>,
    /// Pictures side by side; about as many as below each other, unless given.
    pub columns: Option<usize>,
    /// Pixels of the longer side, at most.
    pub longest_side: u32,
    /// Real points, drawn below the generated ones; none of a run of pictures.
    pub real: &'a [[f32; 2]],
}

impl Default for Timelapse<'_> {
    fn default() -> Self {
        Self { frames_per_s: None, columns: None, longest_side: 512, real: &[] }
    }
}

/// The whole run takes about so many seconds.
const SECONDS: f32 = 8.0;
/// The newest frame is held so long, in milliseconds, before it begins again.
const HOLD_MS: u32 = 1_500;
/// The line with the step below the picture, and the text in it.
const LINE: Rgb<u8> = Rgb([24; 3]);
const TEXT: Rgb<u8> = Rgb([224; 3]);
/// From so many pixels of the longest side on, the text is twice as large.
const LARGE: u32 = 240;
/// Pixels around the text, at a zoom of one.
const ROOM: u32 = 2;
/// How carefully colours are chosen where there are more than a GIF can hold: 1 is slowest and best, 30 fastest.
const SPEED: i32 = 10;

/// Writes the frames of a run as an animated GIF that begins again and again: the grid of its pictures, or the plot of its points, with
/// the step below. A picture is enlarged by whole numbers, so that it stays crisp, and shrunk where it is too large.
///
/// # Errors
/// There are no frames, they cannot be shown, or the file cannot be written; what was there stays.
pub fn write_timelapse(reel: &Reel, look: Timelapse<'_>, path: &Path) -> Result<(), ExportError> {
    let Some(last) = reel.last() else {
        return Err(ExportError("there are no frames of this run to write".to_owned()));
    };
    // The first picture says whether all can be drawn, before a file is begun.
    let steps = last.step;
    let Some(first) = reel.iter().next() else { return Ok(()) };
    draw(first, last, look)?;
    let delay_ms = delay_ms(look.frames_per_s.unwrap_or(reel.len() as f32 / SECONDS));
    atomic::write_with(path, |file| {
        let mut encoder = GifEncoder::new_with_speed(file, SPEED);
        encoder.set_repeat(Repeat::Infinite).map_err(io::Error::other)?;
        for frame in reel.iter() {
            let canvas = draw(frame, last, look).map_err(|error| io::Error::other(error.0))?;
            let delay = if frame.step == steps { delay_ms.max(HOLD_MS) } else { delay_ms };
            let delay = Delay::from_numer_denom_ms(delay, 1);
            let canvas = DynamicImage::from(canvas).into_rgba8();
            encoder.encode_frame(image::Frame::from_parts(canvas, 0, 0, delay)).map_err(io::Error::other)?;
        }
        Ok(())
    })
}

/// One of the frames as it is in the moving picture.
///
/// # Errors
/// There is no such frame, or it cannot be shown.
pub fn moment(reel: &Reel, index: usize, look: Timelapse<'_>) -> Result<DynamicImage, ExportError> {
    let (Some(frame), Some(last)) = (reel.get(index), reel.last()) else {
        return Err(ExportError(format!("there is no frame number {index} of this run")));
    };
    draw(frame, last, look).map(DynamicImage::from)
}

/// A GIF counts in hundredths of a second, and players make much more of a single one.
fn delay_ms(frames_per_s: f32) -> u32 {
    (100.0 / frames_per_s.clamp(1.0, 50.0)).round() as u32 * 10
}

/// One frame as it is shown; `last` says how much of the plane is in sight where there are no real points.
fn draw(frame: &Frame, last: &Frame, look: Timelapse<'_>) -> Result<RgbImage, ExportError> {
    let sheet = match (&frame.samples, &last.samples) {
        (Still::Pictures(pictures), _) => grid(pictures, look.columns.unwrap_or(columns_for(pictures.count())))?,
        (Still::Points(generated), Still::Points(newest)) => {
            let around = if look.real.is_empty() { newest } else { look.real };
            scatter_around(Scatter { real: look.real, generated }, around)
        }
        (Still::Points(_), Still::Pictures(_)) => return Err(ExportError("the frames of this run are of two kinds".to_owned())),
    };
    let zoom = if look.longest_side >= LARGE { 2 } else { 1 };
    let text = format!("step {}", frame.step);
    let line = lettering::size(&text, zoom)[1] + 2 * ROOM * zoom;
    let sheet = fitted(sheet, [look.longest_side.max(1), look.longest_side.saturating_sub(line).max(1)]).into_rgb8();
    let mut canvas = RgbImage::from_pixel(sheet.width(), sheet.height() + line, LINE);
    imageops::replace(&mut canvas, &sheet, 0, 0);
    let at = [ROOM * zoom, sheet.height() + ROOM * zoom];
    lettering::draw(&mut canvas, &text, at, zoom, TEXT);
    Ok(canvas)
}

/// As large as fits: whole pixels for each pixel, or fewer where it is larger than the room.
fn fitted(sheet: DynamicImage, [width, height]: [u32; 2]) -> DynamicImage {
    let zoom = (width / sheet.width()).min(height / sheet.height());
    if zoom == 0 {
        return sheet.resize(width, height, FilterType::Triangle);
    }
    sheet.resize_exact(sheet.width() * zoom, sheet.height() * zoom, FilterType::Nearest)
}

#[cfg(test)]
mod tests {
    use image::AnimationDecoder as _;
    use image::codecs::gif::GifDecoder;

    use super::*;
    use crate::spec::Shape;
    use crate::train::Pictures;

    fn reel(still: impl Fn(u64) -> Still) -> Reel {
        let mut reel = Reel::default();
        (0..6).for_each(|index| reel.push(Frame { step: 70 * index, elapsed_secs: 0.0, samples: still(index) }));
        reel
    }

    /// Nine pictures of 4 x 6 pixels; each has one grey, which grows from frame to frame.
    fn greys(index: u64) -> Still {
        let bytes = (0..9_u8).flat_map(|picture| vec![20 * picture + 5 * index as u8; 24]).collect();
        Still::Pictures(Pictures { shape: Shape::new(1, 6, 4), bytes })
    }

    fn read(path: &Path) -> Vec<image::Frame> {
        let file = io::BufReader::new(std::fs::File::open(path).unwrap());
        GifDecoder::new(file).unwrap().into_frames().collect_frames().unwrap()
    }

    #[test]
    fn a_gif_holds_every_frame_with_every_picture_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.gif");
        let look = Timelapse { frames_per_s: Some(10.0), columns: Some(3), longest_side: 100, ..Timelapse::default() };
        write_timelapse(&reel(greys), look, &path).unwrap();
        let frames = read(&path);
        assert_eq!(frames.len(), 6);
        // A sheet of 20 x 26 pixels three times as large, and a line of 5 + 4 pixels.
        for (index, frame) in frames.iter().enumerate() {
            let canvas = frame.buffer();
            assert_eq!(canvas.dimensions(), (60, 78 + 9));
            for picture in 0..9 {
                let (x, y) = (3 * (2 + 6 * (picture % 3) + 1), 3 * (2 + 8 * (picture / 3) + 1));
                let grey = 20 * picture as u8 + 5 * index as u8;
                assert_eq!(canvas.get_pixel(x, y).0, [grey, grey, grey, 255], "frame {index}, picture {picture}");
            }
            let delay = frame.delay().numer_denom_ms();
            assert_eq!(delay.0 / delay.1, if index == 5 { 1_500 } else { 100 });
        }
        // A seven and a zero at the end of "step 70": its upper edge.
        let ink = |frame: usize, x| frames[frame].buffer().get_pixel(x, 80).0[0] == TEXT.0[0];
        assert_eq!([22, 23, 24].map(|x| ink(1, x)), [true; 3]);
        assert!(!ink(1, 25) && ink(1, 26));
        assert_eq!(moment(&reel(greys), 1, look).unwrap().into_rgba8(), *frames[1].buffer(), "one of them is the same picture");
        assert!(moment(&reel(greys), 6, look).unwrap_err().to_string().contains("no frame number 6"));
    }

    #[test]
    fn points_are_shown_where_they_are_and_the_plane_does_not_move() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("points.gif");
        // A heap of points that comes nearer to the one that stays.
        let still = |index: u64| Still::Points([[[-1.0, -1.0]; 20], [[1.0, 4.0 - 0.6 * index as f32]; 20]].concat());
        let real = [[-1.0, -1.0], [1.0, 1.0]];
        write_timelapse(&reel(still), Timelapse { longest_side: 654, real: &real, ..Timelapse::default() }, &path).unwrap();
        let frames = read(&path);
        assert_eq!((frames.len(), frames[0].buffer().dimensions()), (6, (640 * 636 / 640, 636 + 18)));
        let orange = |frame: &image::Frame, right: bool| {
            let is_orange = |pixel: [u8; 4]| pixel[0] > 190 && pixel[1] < 170 && pixel[2] < 90;
            let canvas = frame.buffer();
            canvas.enumerate_pixels().filter(|(x, _, pixel)| (*x > 318) == right && is_orange(pixel.0)).count()
        };
        let counts: Vec<_> = frames.iter().map(|frame| (orange(frame, false) > 5, orange(frame, true) > 5)).collect();
        assert_eq!(counts[0], (true, false), "far outside it is not shown");
        assert_eq!(counts[5], (true, true));
    }

    #[test]
    fn a_run_without_frames_says_so_and_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.gif");
        assert!(write_timelapse(&Reel::EMPTY, Timelapse::default(), &path).unwrap_err().to_string().contains("no frames"));
        assert!(!path.exists());
    }

    #[test]
    fn large_pictures_are_shrunk_to_the_longest_side() {
        let still = |_| Still::Pictures(Pictures { shape: Shape::new(3, 100, 100), bytes: vec![77; 4 * 30_000] });
        let reel = reel(still);
        let canvas = draw(reel.last().unwrap(), reel.last().unwrap(), Timelapse { longest_side: 120, ..Timelapse::default() }).unwrap();
        assert_eq!(canvas.dimensions(), (111, 120));
        assert_eq!([1.0, 30.0, 50.0, 1e9].map(delay_ms), [1_000, 30, 20, 20]);
    }
}
