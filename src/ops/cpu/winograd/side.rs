//! One side of a convolution, the image or its positions, as tiles see it.

use std::ops::Range;

use super::layout::{self, Layout};
use super::tiles::Transformed;
use super::transforms::Transform;
use crate::ops::cpu::lanes::{self, LANES};

/// Pictures on one side. With a stride of two, an image is four pictures of half its size, its phases: those of its pixels that one tap
/// sees belong to one of them.
#[derive(Debug)]
pub struct Side {
    /// Channels, a multiple of [`LANES`].
    channels: usize,
    stride: usize,
    /// Pixels from one row of the plane to the next.
    pitch: usize,
    /// Values of the plane.
    len: usize,
    /// Where each pixel of the picture lies in the plane.
    places: Vec<usize>,
    /// From one tile of a phase to the next, in its pixels.
    step: usize,
    /// Tiles, down and across.
    tiles: [usize; 2],
}

impl Side {
    /// Pictures of `size` pixels on a plane that holds so many `tiles`, `step` pixels of a phase from one to the next, each of which reads or
    /// writes `tile` of them. The picture's first pixel is `origin` pixels from that of the plane; it may lie above and left of it.
    pub fn new(channels: usize, size: [usize; 2], origin: [isize; 2], stride: usize, [step, tile]: [usize; 2], tiles: [usize; 2]) -> Self {
        let [rows, pitch] = tiles.map(|count| ((count - 1) * step + tile) * stride);
        // What no tile sees goes behind the plane.
        let nowhere = rows * pitch;
        let place = |row: usize, column: usize| {
            let row = usize::try_from(row as isize + origin[0]).ok().filter(|&row| row < rows);
            let column = usize::try_from(column as isize + origin[1]).ok().filter(|&column| column < pitch);
            row.zip(column).map_or(nowhere, |(row, column)| row * pitch + column) * LANES
        };
        let places =
            (0..size[0]).flat_map(|row| (0..size[1]).map(move |column| (row, column))).map(|(row, column)| place(row, column)).collect();
        Self { channels, stride, pitch, len: (nowhere + 1) * LANES, places, step, tiles }
    }

    /// Values of one picture with all its channels.
    pub fn values(&self) -> usize {
        self.channels * self.places.len()
    }

    /// Channels of all phases.
    pub fn depth(&self) -> usize {
        self.channels * self.stride * self.stride
    }

    /// Values of a plane.
    pub fn plane_len(&self) -> usize {
        self.len
    }

    /// Tiles of a picture.
    pub fn tiles_of_picture(&self) -> usize {
        self.tiles[0] * self.tiles[1]
    }

    fn layout(&self, [down, across]: [usize; 2]) -> Layout {
        let rows = |rows: usize| rows * self.stride * self.pitch * LANES;
        let columns = |columns: usize| columns * self.stride * LANES;
        Layout { start: (down * self.pitch + across) * LANES, tile: [rows(self.step), columns(self.step)], value: [rows(1), columns(1)] }
    }

    fn phases(&self) -> impl Iterator<Item = [usize; 2]> + use<> {
        let stride = self.stride;
        (0..stride).flat_map(move |down| (0..stride).map(move |across| [down, across]))
    }

    /// Blocks of channels: each phase with the column of its first channel among [`Side::depth`].
    fn columns(&self, block: usize) -> impl Iterator<Item = ([usize; 2], usize)> + use<> {
        let channels = self.channels;
        self.phases().enumerate().map(move |(index, phase)| (phase, index * channels + block * LANES))
    }

    /// Transforms the tiles of some `pictures`. The padding in `plane` is zero.
    pub fn lift<T: Transform>(&self, pictures: &[f32], range: Range<usize>, plane: &mut [f32], to: &mut Transformed) {
        for (index, picture) in pictures.chunks_exact(self.values()).take(range.end).skip(range.start).enumerate() {
            for (block, channels) in picture.chunks_exact(LANES * self.places.len()).enumerate() {
                lanes::gather(channels, &self.places, plane);
                for (phase, column) in self.columns(block) {
                    let put = to.layout(index * self.tiles_of_picture(), self.tiles[1], column);
                    layout::transform::<T>(self.tiles, plane, self.layout(phase), &mut to.values, put);
                }
            }
        }
    }

    /// Some `pictures` from their transformed tiles; `finish` sees each channel of each, with its number.
    pub fn lower<T: Transform>(
        &self,
        from: &Transformed,
        range: Range<usize>,
        plane: &mut [f32],
        pictures: &mut [f32],
        finish: &impl Fn(usize, &mut [f32]),
    ) {
        for (index, picture) in pictures.chunks_exact_mut(self.values()).take(range.end).skip(range.start).enumerate() {
            for (block, channels) in picture.chunks_exact_mut(LANES * self.places.len()).enumerate() {
                for (phase, column) in self.columns(block) {
                    let at = from.layout(index * self.tiles_of_picture(), self.tiles[1], column);
                    layout::transform::<T>(self.tiles, &from.values, at, plane, self.layout(phase));
                }
                lanes::scatter(plane, &self.places, channels);
                for (channel, run) in channels.chunks_exact_mut(self.places.len()).enumerate() {
                    finish(block * LANES + channel, run);
                }
            }
        }
    }
}
