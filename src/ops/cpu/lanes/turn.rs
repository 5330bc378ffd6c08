//! Small square blocks turned, rows for columns, with the shuffles that the processor has: compilers make single loads and stores of it.

use pulp::Arch;

use super::LANES;
use crate::ops::cpu::threads;

/// Rows of a block.
pub type Block = [[f32; LANES]; LANES];

/// How blocks are turned.
pub trait Turn: Copy {
    /// Rows for columns.
    fn turn(self, rows: &Block) -> Block;
}

/// Work that turns blocks.
pub trait WithTurn {
    /// Does it. It is inlined into a function that is compiled for the processor.
    fn run(self, turn: impl Turn);
}

/// Runs `work` as fast as this processor turns blocks.
pub fn with(work: impl WithTurn) {
    match Arch::new() {
        #[cfg(target_arch = "x86_64")]
        Arch::V4(simd) => pulp::Simd::vectorize(
            simd,
            #[inline(always)]
            || work.run(simd),
        ),
        #[cfg(target_arch = "x86_64")]
        Arch::V3(simd) => pulp::Simd::vectorize(
            simd,
            #[inline(always)]
            || work.run(simd),
        ),
        arch => arch.dispatch(
            #[inline(always)]
            || work.run(OneByOne),
        ),
    }
}

/// `to[column][row] = sum of parts[row][column]`: adds matrices of `rows` by `columns` and turns the sum.
pub fn sum_transposed(parts: &[&[f32]], rows: usize, columns: usize, to: &mut [f32]) {
    let bands = to.chunks_mut(LANES * rows).enumerate();
    threads::each_of_many(rows * columns, bands, |(band, to)| with(Band { parts, sizes: [rows, columns], column: band * LANES, to }));
}

/// Some rows of the turned sum, which are columns from `column` on.
struct Band<'a> {
    parts: &'a [&'a [f32]],
    sizes: [usize; 2],
    column: usize,
    to: &'a mut [f32],
}

impl WithTurn for Band<'_> {
    #[inline(always)]
    fn run(self, turn: impl Turn) {
        let Self { parts, sizes: [rows, columns], column, to } = self;
        let width = LANES.min(columns - column);
        for start in (0..rows).step_by(LANES) {
            let height = LANES.min(rows - start);
            let mut block = [[0.0; LANES]; LANES];
            for part in parts {
                for (row, sums) in block[..height].iter_mut().enumerate() {
                    add(sums, &part[(start + row) * columns + column..][..width]);
                }
            }
            let turned = turn.turn(&block);
            for (to, values) in to.chunks_exact_mut(rows).zip(&turned) {
                to[start..start + height].copy_from_slice(&values[..height]);
            }
        }
    }
}

/// Adds up to [`LANES`] values.
#[inline(always)]
fn add(sums: &mut [f32; LANES], values: &[f32]) {
    match values.first_chunk::<LANES>() {
        Some(values) => (0..LANES).for_each(|lane| sums[lane] += values[lane]),
        None => sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value),
    }
}

/// Value by value.
#[derive(Clone, Copy)]
struct OneByOne;

impl Turn for OneByOne {
    #[inline(always)]
    fn turn(self, rows: &Block) -> Block {
        let mut turned = [[0.0; LANES]; LANES];
        for (row, values) in rows.iter().enumerate() {
            for (column, value) in values.iter().enumerate() {
                turned[column][row] = *value;
            }
        }
        turned
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{__m256, __m512};

    use pulp::cast;
    use pulp::x86::{V3, V4};

    use super::{Block, LANES, Turn};

    /// Pairs of rows, then pairs of pairs: afterwards each quarter of a vector has one column of four rows.
    macro_rules! turn_quarters {
        ($low:path, $high:path, $low_pair:path, $high_pair:path, $cast:ident, $simd:expr, $rows:expr) => {{
            let rows = $rows;
            let [a, b, c, d] = [cast(rows[0]), cast(rows[1]), cast(rows[2]), cast(rows[3])];
            let [low, high] = [$low($simd, a, b), $high($simd, a, b)];
            let [next_low, next_high] = [$low($simd, c, d), $high($simd, c, d)];
            [
                $cast($low_pair($simd, $cast(low), $cast(next_low))),
                $cast($high_pair($simd, $cast(low), $cast(next_low))),
                $cast($low_pair($simd, $cast(high), $cast(next_high))),
                $cast($high_pair($simd, $cast(high), $cast(next_high))),
            ]
        }};
    }

    /// Four rows of 16 values, each quarter a column of them.
    #[inline(always)]
    fn quarters_v4(simd: V4, rows: &[[f32; LANES]]) -> [__m512; 4] {
        use pulp::core_arch::x86::Avx512f as F;
        turn_quarters!(F::_mm512_unpacklo_ps, F::_mm512_unpackhi_ps, F::_mm512_unpacklo_pd, F::_mm512_unpackhi_pd, cast, simd.avx512f, rows)
    }

    impl Turn for V4 {
        #[inline(always)]
        fn turn(self, rows: &Block) -> Block {
            let simd = self.avx512f;
            let [a, b] = [quarters_v4(self, &rows[..4]), quarters_v4(self, &rows[4..8])];
            let [c, d] = [quarters_v4(self, &rows[8..12]), quarters_v4(self, &rows[12..])];
            let mut turned = [[0.0; LANES]; LANES];
            for column in 0..4 {
                let [a, b, c, d] = [a[column], b[column], c[column], d[column]];
                // Even quarters of two vectors, and odd ones.
                let even = [simd._mm512_shuffle_f32x4::<0x88>(a, b), simd._mm512_shuffle_f32x4::<0x88>(c, d)];
                let odd = [simd._mm512_shuffle_f32x4::<0xdd>(a, b), simd._mm512_shuffle_f32x4::<0xdd>(c, d)];
                turned[column] = cast(simd._mm512_shuffle_f32x4::<0x88>(even[0], even[1]));
                turned[column + 4] = cast(simd._mm512_shuffle_f32x4::<0x88>(odd[0], odd[1]));
                turned[column + 8] = cast(simd._mm512_shuffle_f32x4::<0xdd>(even[0], even[1]));
                turned[column + 12] = cast(simd._mm512_shuffle_f32x4::<0xdd>(odd[0], odd[1]));
            }
            turned
        }
    }

    /// Four rows of eight values, each half a column of them.
    #[inline(always)]
    fn quarters_v3(simd: V3, rows: &[[[f32; 8]; 2]], half: usize) -> [__m256; 4] {
        use pulp::core_arch::x86::Avx as F;
        let rows = [rows[0][half], rows[1][half], rows[2][half], rows[3][half]];
        turn_quarters!(F::_mm256_unpacklo_ps, F::_mm256_unpackhi_ps, F::_mm256_unpacklo_pd, F::_mm256_unpackhi_pd, cast, simd.avx, rows)
    }

    impl Turn for V3 {
        #[inline(always)]
        fn turn(self, rows: &Block) -> Block {
            let rows: [[[f32; 8]; 2]; LANES] = cast(*rows);
            let mut turned = [[[0.0_f32; 8]; 2]; LANES];
            for part in 0..2 {
                for half in 0..2 {
                    let above = quarters_v3(self, &rows[8 * part..8 * part + 4], half);
                    let below = quarters_v3(self, &rows[8 * part + 4..8 * part + 8], half);
                    for column in 0..4 {
                        let (above, below) = (above[column], below[column]);
                        turned[8 * half + column][part] = cast(self.avx._mm256_permute2f128_ps::<0x20>(above, below));
                        turned[8 * half + column + 4][part] = cast(self.avx._mm256_permute2f128_ps::<0x31>(above, below));
                    }
                }
            }
            cast(turned)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(turn: impl Turn) {
        let mut rows = [[0.0; LANES]; LANES];
        rows.as_flattened_mut().iter_mut().enumerate().for_each(|(index, value)| *value = index as f32);
        let turned = turn.turn(&rows);
        for (row, values) in turned.iter().enumerate() {
            for (column, &value) in values.iter().enumerate() {
                assert_eq!(value, (column * LANES + row) as f32, "row {row}, column {column}");
            }
        }
    }

    #[test]
    fn every_way_of_turning_makes_rows_of_columns() {
        check(OneByOne);
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(simd) = pulp::x86::V3::try_new() {
                check(simd);
            }
            if let Some(simd) = pulp::x86::V4::try_new() {
                check(simd);
            }
        }
    }
}
