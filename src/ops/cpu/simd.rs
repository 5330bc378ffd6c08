//! Loops compiled for the widest vectors that the processor has.

use pulp::{Arch, WithSimd};

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
