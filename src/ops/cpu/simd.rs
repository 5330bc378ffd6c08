//! Loops compiled for the widest vectors that the processor has.

use pulp::Arch;
use rayon::prelude::*;

/// Runs `work`, whose loops are compiled for each kind of processor, as compiled for this one. `work` and what it calls must be inlined.
#[inline(always)]
pub fn dispatch<R>(work: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(work)
}

/// Values added side by side.
const LANES: usize = 16;

/// The sum of some values.
#[inline(always)]
pub fn sum(values: &[f32]) -> f32 {
    let (blocks, rest) = values.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for block in blocks {
        sums.iter_mut().zip(block).for_each(|(sum, value)| *sum += value);
    }
    sums.iter().chain(rest).sum()
}

/// Rows and columns of a block that is transposed at once.
const BLOCK: usize = 32;

/// `to[column][row] = sum of parts[row][column]`: adds matrices of `rows` by `columns` and turns the sum.
pub fn sum_transposed(parts: &[&[f32]], rows: usize, columns: usize, to: &mut [f32]) {
    let turn = |(block, to): (usize, &mut [f32])| {
        let first = block * BLOCK;
        let width = to.len() / rows;
        for start in (0..rows).step_by(BLOCK) {
            for row in start..(start + BLOCK).min(rows) {
                for column in 0..width {
                    let at = row * columns + first + column;
                    to[column * rows + row] = parts.iter().map(|part| part[at]).sum();
                }
            }
        }
    };
    to.par_chunks_mut(BLOCK * rows).enumerate().for_each(turn);
}
