//! Pixels of many channels side by side: the values of one pixel in [`LANES`] neighbouring channels lie one after the other, so that a
//! vector computes with whole pixels, however narrow the picture.

use std::marker::PhantomData;

use pulp::{Simd, WithSimd};

use super::transforms::Transform;
use super::turn::{self, Turn, WithTurn};
use crate::ops::cpu::simd;

/// Channels side by side: as many as the widest vector holds.
pub const LANES: usize = 16;

/// How tiles lie in memory, in values.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The first value of the first tile.
    pub start: usize,
    /// From one tile to the next, down and across.
    pub tile: [usize; 2],
    /// From one value of a tile to the next, down and across.
    pub value: [usize; 2],
}

impl Layout {
    #[inline(always)]
    fn of_tile(&self, [row, column]: [usize; 2]) -> usize {
        self.start + row * self.tile[0] + column * self.tile[1]
    }

    #[inline(always)]
    fn of_value(&self, [row, column]: [usize; 2]) -> usize {
        row * self.value[0] + column * self.value[1]
    }
}

/// Transforms `[down, across]` tiles of [`LANES`] channels.
pub fn transform<T: Transform>(tiles: [usize; 2], from: &[f32], at: Layout, to: &mut [f32], put: Layout) {
    simd::with(Tiles::<T> { tiles, from, at, to, put, transform: PhantomData });
}

struct Tiles<'a, T> {
    tiles: [usize; 2],
    from: &'a [f32],
    at: Layout,
    to: &'a mut [f32],
    put: Layout,
    transform: PhantomData<T>,
}

impl<T: Transform> WithSimd for Tiles<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { tiles: [rows, columns], from, at, to, put, .. } = self;
        for tile in (0..rows).flat_map(|row| (0..columns).map(move |column| [row, column])) {
            for lanes in (0..LANES).step_by(S::F32_LANES) {
                let from = &from[at.of_tile(tile) + lanes..];
                let to = &mut to[put.of_tile(tile) + lanes..];
                T::tile(
                    simd,
                    #[inline(always)]
                    |value| load::<S>(from, at.of_value(value)),
                    #[inline(always)]
                    |value, vector| store::<S>(to, put.of_value(value), vector),
                );
            }
        }
    }
}

#[inline(always)]
fn load<S: Simd>(values: &[f32], at: usize) -> S::f32s {
    S::as_simd_f32s(&values[at..at + S::F32_LANES]).0[0]
}

#[inline(always)]
fn store<S: Simd>(values: &mut [f32], at: usize, lanes: S::f32s) {
    S::as_mut_simd_f32s(&mut values[at..at + S::F32_LANES]).0[0] = lanes;
}

/// Puts the pixels of [`LANES`] channels, `[channels, pixels]`, side by side, each at its place of `plane`.
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
