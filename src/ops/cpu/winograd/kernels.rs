//! The weight, transformed, and the way back of its gradient.
//!
//! A weight is `[filters, channels, kernel]`. With a stride of two, every second tap belongs to the same phase of the image; a phase that
//! has fewer taps than others gets zeros.

use super::layout::{self, Layout};
use super::scheme::Scheme;
use crate::ops::cpu::lanes::LANES;
use crate::ops::cpu::memory::Buffer;
use crate::ops::cpu::{simd, threads};

/// The sizes of a weight.
#[derive(Clone, Copy, Debug)]
pub struct Kernels {
    /// Filters, a multiple of [`LANES`].
    pub filters: usize,
    /// Channels, a multiple of [`LANES`].
    pub channels: usize,
    /// Taps, across and down.
    pub taps: usize,
    /// Pixels from one position to the next.
    pub stride: usize,
}

/// Who is summed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Channels of all phases: from an image to positions.
    Convolve,
    /// Filters, with the kernel turned: from positions to an image.
    Transpose,
}

impl Kernels {
    /// Values of a transformed weight.
    pub fn transformed_len<S: Scheme>(&self) -> usize {
        S::TILE * S::TILE * self.pitch()
    }

    /// From one place of the transformed weight to the next: a little more than a round number, so that places do not compete for the same
    /// lines of the cache.
    pub fn pitch(&self) -> usize {
        self.filters * self.depth() + LANES
    }

    /// Channels of all phases.
    fn depth(&self) -> usize {
        self.channels * self.stride * self.stride
    }

    /// Phases with the column of their first channel.
    fn phases(&self) -> impl Iterator<Item = (usize, [usize; 2])> + use<> {
        let Self { channels, stride, .. } = *self;
        (0..stride * stride).map(move |index| (index * channels, [index / stride, index % stride]))
    }

    /// Where a tap of a phase is in a kernel.
    fn tap(&self, phase: [usize; 2], tap: [usize; 2]) -> Option<usize> {
        let [row, column] = [0, 1].map(|axis| phase[axis] + tap[axis] * self.stride);
        (row < self.taps && column < self.taps).then_some(row * self.taps + column)
    }

    /// The weight, transformed: `[places, channels of all phases, filters]`, or `[places, filters, channels of all phases]`.
    pub fn transform<S: Scheme>(&self, weight: &[f32], direction: Direction) -> Buffer {
        let mut transformed = Buffer::take(self.transformed_len::<S>());
        let area = self.taps * self.taps;
        let size = self.pitch();
        let [filter_step, channel_step] = [self.channels * area, area];
        let mut block = vec![0.0; S::TAPS * S::TAPS * LANES];
        for (first, phase) in self.phases() {
            // The axis whose values lie side by side, and the other one.
            let (lanes, others, steps) = match direction {
                Direction::Convolve => (self.filters, self.channels, [filter_step, channel_step]),
                Direction::Transpose => (self.channels, self.filters, [channel_step, filter_step]),
            };
            for (other, lane) in (0..others).flat_map(|other| (0..lanes).step_by(LANES).map(move |lane| (other, lane))) {
                let from = &weight[other * steps[1] + lane * steps[0]..];
                self.take::<S>(from, steps[0], phase, direction, &mut block);
                let start = match direction {
                    Direction::Convolve => (first + other) * self.filters + lane,
                    Direction::Transpose => other * self.depth() + first + lane,
                };
                let put = Layout { start, tile: [0; 2], value: [S::TILE * size, size] };
                layout::transform::<S::Kernel>([1, 1], &block, in_block::<S>(), &mut transformed, put);
            }
        }
        transformed
    }

    /// One phase of [`LANES`] kernels, `step` values from one to the next.
    fn take<S: Scheme>(&self, from: &[f32], step: usize, phase: [usize; 2], direction: Direction, block: &mut [f32]) {
        for (index, lanes) in block.chunks_exact_mut(LANES).enumerate() {
            let mut tap = [index / S::TAPS, index % S::TAPS];
            if direction == Direction::Transpose {
                tap = tap.map(|tap| S::TAPS - 1 - tap);
            }
            match self.tap(phase, tap) {
                Some(tap) => lanes.iter_mut().enumerate().for_each(|(lane, value)| *value = from[lane * step + tap]),
                None => lanes.fill(0.0),
            }
        }
    }

    /// The gradient of the weight from those of the transformed one, `[shares, places, channels of all phases, filters]`, which are summed.
    pub fn gradient<S: Scheme>(&self, sums: &[f32], weight: &mut [f32]) {
        let area = self.taps * self.taps;
        let step = self.channels * area;
        let size = self.pitch();
        threads::each_of_many(sums.len(), weight.chunks_exact_mut(LANES * step).enumerate(), |(block, weight)| {
            let mut places = vec![0.0; S::TILE * S::TILE * LANES];
            let mut taps = vec![0.0; S::TAPS * S::TAPS * LANES];
            for (first, phase) in self.phases() {
                for channel in 0..self.channels {
                    let start = (first + channel) * self.filters + block * LANES;
                    simd::dispatch(
                        #[inline(always)]
                        || add_shares(sums, start, size, &mut places),
                    );
                    let from = Layout { start: 0, tile: [0; 2], value: [S::TILE * LANES, LANES] };
                    layout::transform::<S::KernelBack>([1, 1], &places, from, &mut taps, in_block::<S>());
                    self.put::<S>(&taps, phase, step, &mut weight[channel * area..]);
                }
            }
        });
    }

    /// The way back of [`Kernels::take`].
    fn put<S: Scheme>(&self, block: &[f32], phase: [usize; 2], step: usize, to: &mut [f32]) {
        for (index, lanes) in block.chunks_exact(LANES).enumerate() {
            if let Some(tap) = self.tap(phase, [index / S::TAPS, index % S::TAPS]) {
                lanes.iter().enumerate().for_each(|(lane, &value)| to[lane * step + tap] = value);
            }
        }
    }
}

fn in_block<S: Scheme>() -> Layout {
    Layout { start: 0, tile: [0; 2], value: [S::TAPS * LANES, LANES] }
}

/// `[places, LANES]`: the sum over `shares` of `[shares, places, size]`, from `start` on.
#[inline(always)]
fn add_shares(shares: &[f32], start: usize, size: usize, places: &mut [f32]) {
    let count = places.len() / LANES;
    places.fill(0.0);
    for share in shares.chunks_exact(count * size) {
        for (sums, from) in places.chunks_exact_mut(LANES).zip(share.chunks_exact(size)) {
            sums.iter_mut().zip(&from[start..start + LANES]).for_each(|(sum, value)| *sum += value);
        }
    }
}
