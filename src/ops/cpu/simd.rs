//! Loops compiled for the widest vectors that the processor has.

use pulp::{Arch, WithSimd};

use super::threads;

/// Runs `work`, whose loops are compiled for each kind of processor, as compiled for this one. `work` and what it calls must be inlined.
#[inline(always)]
pub fn dispatch<R>(work: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(work)
}

/// Runs `work`, which asks for vectors by itself, with the widest that there are.
#[inline(always)]
pub fn with<W: WithSimd>(work: W) -> W::Output {
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
        for lane in 0..LANES {
            sums[lane] += block[lane];
        }
    }
    let mut sum = 0.0;
    for &value in &sums {
        sum += value;
    }
    for &value in rest {
        sum += value;
    }
    sum
}

/// Rows and columns of a block that is transposed at once.
const BLOCK: usize = 32;

/// `to[column][row] = sum of parts[row][column]`: adds matrices of `rows` by `columns` and turns the sum.
pub fn sum_transposed(parts: &[&[f32]], rows: usize, columns: usize, to: &mut [f32]) {
    let bands = to.chunks_mut(BLOCK * rows).enumerate();
    threads::each_of_many(rows * columns, bands, |(band, to)| {
        dispatch(
            #[inline(always)]
            || {
                for start in (0..rows).step_by(BLOCK) {
                    sum_transposed_block(parts, [start, band * BLOCK], [rows, columns], to);
                }
            },
        );
    });
}

/// One block, which begins at `[row, column]`, into the band of `to` that holds its columns.
#[inline(always)]
fn sum_transposed_block(parts: &[&[f32]], [row, column]: [usize; 2], [rows, columns]: [usize; 2], to: &mut [f32]) {
    let (height, width) = (BLOCK.min(rows - row), BLOCK.min(columns - column));
    let mut block = [[0.0_f32; BLOCK]; BLOCK];
    for part in parts {
        for (index, sums) in block[..height].iter_mut().enumerate() {
            let from = &part[(row + index) * columns + column..][..width];
            sums.iter_mut().zip(from).for_each(|(sum, value)| *sum += value);
        }
    }
    for (index, to) in to.chunks_exact_mut(rows).enumerate() {
        to[row..row + height].iter_mut().zip(&block).for_each(|(to, sums)| *to = sums[index]);
    }
}
