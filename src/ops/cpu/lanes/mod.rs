//! Pixels of many channels side by side: the values of one pixel in [`LANES`] neighbouring channels lie one after the other, so that a
//! vector computes with whole pixels, however narrow the picture.

mod turn;

pub use turn::sum_transposed;
use turn::{Turn, WithTurn};

/// Channels side by side: as many as the widest vector holds.
pub const LANES: usize = 16;

/// Puts the pixels of [`LANES`] channels, `[channels, pixels]`, side by side, each at its place of `plane`.
///
/// # Panics
/// There are fewer than [`LANES`] places.
pub fn gather(channels: &[f32], places: &[usize], plane: &mut [f32]) {
    turn::with(Gather { channels, places, plane });
}

struct Gather<'a> {
    channels: &'a [f32],
    places: &'a [usize],
    plane: &'a mut [f32],
}

impl WithTurn for Gather<'_> {
    #[inline(always)]
    fn run(self, turn: impl Turn) {
        let Self { channels, places, plane } = self;
        for start in blocks(places.len()) {
            let mut rows = [[0.0; LANES]; LANES];
            for (channel, row) in rows.iter_mut().enumerate() {
                row.copy_from_slice(&channels[channel * places.len() + start..][..LANES]);
            }
            let pixels = turn.turn(&rows);
            for (pixel, &place) in pixels.iter().zip(&places[start..start + LANES]) {
                plane[place..place + LANES].copy_from_slice(pixel);
            }
        }
    }
}

/// The way back of [`gather`].
///
/// # Panics
/// There are fewer than [`LANES`] places.
pub fn scatter(plane: &[f32], places: &[usize], channels: &mut [f32]) {
    turn::with(Scatter { plane, places, channels });
}

struct Scatter<'a> {
    plane: &'a [f32],
    places: &'a [usize],
    channels: &'a mut [f32],
}

impl WithTurn for Scatter<'_> {
    #[inline(always)]
    fn run(self, turn: impl Turn) {
        let Self { plane, places, channels } = self;
        for start in blocks(places.len()) {
            let mut pixels = [[0.0; LANES]; LANES];
            for (pixel, &place) in pixels.iter_mut().zip(&places[start..start + LANES]) {
                pixel.copy_from_slice(&plane[place..place + LANES]);
            }
            let rows = turn.turn(&pixels);
            for (channel, row) in rows.iter().enumerate() {
                channels[channel * places.len() + start..][..LANES].copy_from_slice(row);
            }
        }
    }
}

/// The starts of blocks of [`LANES`] pixels; the last two may overlap.
#[inline(always)]
fn blocks(pixels: usize) -> impl Iterator<Item = usize> {
    (0..pixels).step_by(LANES).map(move |start| start.min(pixels - LANES))
}
