//! Tiles in memory, transformed from one place to another.

use std::marker::PhantomData;

use pulp::{Simd, WithSimd};

use super::transforms::Transform;
use crate::ops::cpu::lanes::LANES;
use crate::ops::cpu::simd;

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
