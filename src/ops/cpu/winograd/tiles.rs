//! Transformed tiles: a matrix for each place of a tile.

use super::layout::Layout;
use crate::ops::cpu::gemm::{Matrix, Put, multiply};
use crate::ops::cpu::lanes::LANES;
use crate::ops::cpu::memory::Buffer;

/// Transformed tiles, `[places, tiles, depth]`.
#[derive(Debug)]
pub struct Transformed {
    /// The values.
    pub values: Buffer,
    /// Places of a tile, across and down.
    tile: usize,
    depth: usize,
    /// Tiles that are there; there may be room for more.
    pub count: usize,
    /// From one place to the next.
    size: usize,
}

impl Transformed {
    /// Room for so many tiles.
    pub fn with_room(tile: usize, tiles: usize, depth: usize) -> Self {
        // A little more than a round number, so that the places of a tile do not compete for the same lines of the cache.
        let size = tiles * depth + LANES;
        Self { values: Buffer::take(tile * tile * size), tile, depth, count: tiles, size }
    }

    /// How the values of one column lie, from a tile on, where a picture has so many tiles `across`.
    pub fn layout(&self, tile: usize, across: usize, column: usize) -> Layout {
        Layout { start: tile * self.depth + column, tile: [across * self.depth, self.depth], value: [self.tile * self.size, self.size] }
    }

    fn place(&self, place: usize) -> Matrix<'_> {
        Matrix::new(&self.values[place * self.size..][..self.count * self.depth], self.count, self.depth, self.depth)
    }

    /// `self = tiles * kernels`, place by place; kernels are `[places, depth of tiles, own depth]`, with `pitch` values from one place to
    /// the next.
    pub fn multiply(&mut self, tiles: &Self, kernels: &[f32], pitch: usize) {
        self.count = tiles.count;
        let (count, depth, size) = (self.count, self.depth, self.size);
        for (place, kernels) in kernels.chunks_exact(pitch).enumerate() {
            let kernels = Matrix::new(kernels, tiles.depth, depth, depth);
            multiply(tiles.place(place), kernels, &mut self.values[place * size..][..count * depth], depth, Put::Over);
        }
    }

    /// `sums = self^T * other`, or added to them, `[places, own depth, other's depth]`, with `pitch` values from one place to the next.
    pub fn add_products(&self, other: &Self, sums: &mut [f32], pitch: usize, put: Put) {
        for (place, sum) in sums.chunks_exact_mut(pitch).enumerate() {
            multiply(self.place(place).transposed(), other.place(place), sum, other.depth, put);
        }
    }
}
