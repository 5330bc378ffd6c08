//! What a convolution's windows see: an image unfolded into columns, one for each position of the window, and columns folded back.
//!
//! An image is staged plane by plane: each channel is copied once into a small buffer with its padding around it and, where the stride
//! is larger than one, with the columns of equal remainder side by side. From there every row that a kernel's tap reads is a run of
//! neighbours, so that unfolding is copying runs and folding is adding them.

use std::ops::Range;

/// The windows over one group of an image's channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Channels of the image.
    pub channels: usize,
    /// Rows and columns of the image.
    pub image: [usize; 2],
    /// Rows and columns of the kernel.
    pub kernel: [usize; 2],
    /// Pixels from one position to the next, down and across.
    pub stride: [usize; 2],
    /// Pixels from one tap of the kernel to the next.
    pub dilation: [usize; 2],
    /// Rows above and columns left of the image.
    pub before: [usize; 2],
    /// Positions of the window, down and across.
    pub positions: [usize; 2],
}

impl Windows {
    /// Taps of the kernel over all channels: rows of the unfolded image.
    pub fn taps(&self) -> usize {
        self.channels * self.kernel_area()
    }

    /// Taps of the kernel in one channel.
    pub fn kernel_area(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Positions in all: columns of the unfolded image.
    pub fn area(&self) -> usize {
        self.positions[0] * self.positions[1]
    }

    /// Pixels of one channel.
    pub fn pixels(&self) -> usize {
        self.image[0] * self.image[1]
    }

    /// Does each window see exactly one pixel, its own? Then an image is its own unfolding.
    pub fn are_pixels(&self) -> bool {
        self.kernel == [1, 1] && self.stride == [1, 1] && self.before == [0, 0] && self.positions == self.image
    }

    /// Is there one window, over the whole image and nothing else?
    pub fn are_whole(&self) -> bool {
        self.kernel == self.image && self.before == [0, 0] && self.positions == [1, 1] && self.dilation == [1, 1]
    }

    /// Padded rows that windows see.
    fn padded_rows(&self) -> usize {
        (self.positions[0] - 1) * self.stride[0] + (self.kernel[0] - 1) * self.dilation[0] + 1
    }

    /// Room for the padded columns of one remainder.
    fn phase_pitch(&self) -> usize {
        (self.kernel[1] - 1) * self.dilation[1] / self.stride[1] + self.positions[1]
    }

    fn row_pitch(&self) -> usize {
        self.stride[1] * self.phase_pitch()
    }

    /// Values of a staged channel.
    pub fn plane_len(&self) -> usize {
        self.padded_rows() * self.row_pitch()
    }

    /// Where the run that a tap sees begins, for the first row of positions.
    fn run_start(&self, [down, across]: [usize; 2]) -> usize {
        let column = across * self.dilation[1];
        down * self.dilation[0] * self.row_pitch() + column % self.stride[1] * self.phase_pitch() + column / self.stride[1]
    }

    fn kernel_taps(&self) -> impl Iterator<Item = [usize; 2]> + use<> {
        let [rows, columns] = self.kernel;
        (0..rows).flat_map(move |down| (0..columns).map(move |across| [down, across]))
    }

    /// The image's rows that windows see, with the place of each among the padded rows.
    fn seen_rows(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (before, padded) = (self.before[0], self.padded_rows());
        (0..self.image[0]).map(move |row| (row, row + before)).take_while(move |&(_, place)| place < padded)
    }

    /// Copies a channel into `plane`, whose padding is zero already.
    #[inline(always)]
    pub fn stage(&self, channel: &[f32], plane: &mut [f32]) {
        let (pitch, columns) = (self.phase_pitch(), self.seen_columns());
        for (row, place) in self.seen_rows() {
            let from = &channel[row * self.image[1]..][..columns];
            let to = &mut plane[place * self.row_pitch()..][..self.row_pitch()];
            match self.stride[1] {
                1 => to[self.before[1]..][..columns].copy_from_slice(from),
                2 => split(from, to, pitch, self.before[1]),
                4 => split_many::<4>(from, to, pitch, self.before[1]),
                stride => {
                    for (column, &value) in from.iter().enumerate() {
                        let place = column + self.before[1];
                        to[place % stride * pitch + place / stride] = value;
                    }
                }
            }
        }
    }

    /// Copies a staged channel back, padding left out. Pixels that no window sees become zero.
    #[inline(always)]
    pub fn unstage(&self, plane: &[f32], channel: &mut [f32]) {
        let (pitch, columns) = (self.phase_pitch(), self.seen_columns());
        if columns < self.image[1] || self.before[0] + self.image[0] > self.padded_rows() {
            channel.fill(0.0);
        }
        for (row, place) in self.seen_rows() {
            let to = &mut channel[row * self.image[1]..][..columns];
            let from = &plane[place * self.row_pitch()..][..self.row_pitch()];
            match self.stride[1] {
                1 => to.copy_from_slice(&from[self.before[1]..][..columns]),
                2 => interleave(from, to, pitch, self.before[1]),
                stride => {
                    for (column, value) in to.iter_mut().enumerate() {
                        let place = column + self.before[1];
                        *value = from[place % stride * pitch + place / stride];
                    }
                }
            }
        }
    }

    /// Columns of the image that windows see.
    fn seen_columns(&self) -> usize {
        let padded = (self.positions[1] - 1) * self.stride[1] + (self.kernel[1] - 1) * self.dilation[1] + 1;
        self.image[1].min(padded.saturating_sub(self.before[1]))
    }

    /// Unfolds a staged channel for the positions of `rows`: `[kernel_area, rows * columns]` into `columns`, `pitch` apart.
    #[inline(always)]
    pub fn unfold(&self, plane: &[f32], rows: Range<usize>, columns: &mut [f32], pitch: usize) {
        match self.positions[1] {
            ..4 => self.unfold_by::<1>(plane, rows, columns, pitch),
            4..8 => self.unfold_by::<4>(plane, rows, columns, pitch),
            8..16 => self.unfold_by::<8>(plane, rows, columns, pitch),
            16.. => self.unfold_by::<16>(plane, rows, columns, pitch),
        }
    }

    #[inline(always)]
    fn unfold_by<const LANES: usize>(&self, plane: &[f32], rows: Range<usize>, columns: &mut [f32], pitch: usize) {
        let (width, step) = (self.positions[1], self.stride[0] * self.row_pitch());
        for (tap, at) in self.kernel_taps().enumerate() {
            let from = &plane[self.run_start(at) + rows.start * step..];
            let to = &mut columns[tap * pitch..][..rows.len() * width];
            for (index, to) in to.chunks_exact_mut(width).enumerate() {
                let from = &from[index * step..][..width];
                for block in (0..width - LANES).step_by(LANES) {
                    *lanes_mut::<LANES>(to, block) = lanes(from, block);
                }
                *lanes_mut::<LANES>(to, width - LANES) = lanes(from, width - LANES);
            }
        }
    }

    /// Adds the columns of one channel, `[kernel_area, area]`, `pitch` apart, to a staged channel.
    #[inline(always)]
    pub fn fold(&self, columns: &[f32], pitch: usize, plane: &mut [f32]) {
        match self.positions[1] {
            ..4 => self.fold_by::<1>(columns, pitch, plane),
            4..8 => self.fold_by::<4>(columns, pitch, plane),
            8..16 => self.fold_by::<8>(columns, pitch, plane),
            16.. => self.fold_by::<16>(columns, pitch, plane),
        }
    }

    #[inline(always)]
    fn fold_by<const LANES: usize>(&self, columns: &[f32], pitch: usize, plane: &mut [f32]) {
        let (width, step) = (self.positions[1], self.stride[0] * self.row_pitch());
        for (tap, at) in self.kernel_taps().enumerate() {
            let from = &columns[tap * pitch..][..self.area()];
            let to = &mut plane[self.run_start(at)..];
            for (index, from) in from.chunks_exact(width).enumerate() {
                let to = &mut to[index * step..][..width];
                // The last block may overlap the one before: it is computed first and written last.
                let last = sum::<LANES>(lanes(to, width - LANES), lanes(from, width - LANES));
                for block in (0..width - LANES).step_by(LANES) {
                    *lanes_mut::<LANES>(to, block) = sum(lanes(to, block), lanes(from, block));
                }
                *lanes_mut::<LANES>(to, width - LANES) = last;
            }
        }
    }
}

#[inline(always)]
fn lanes<const LANES: usize>(values: &[f32], at: usize) -> [f32; LANES] {
    let mut run = [0.0; LANES];
    run.copy_from_slice(&values[at..at + LANES]);
    run
}

#[inline(always)]
fn lanes_mut<const LANES: usize>(values: &mut [f32], at: usize) -> &mut [f32; LANES] {
    let (blocks, _) = values[at..at + LANES].as_chunks_mut();
    &mut blocks[0]
}

#[inline(always)]
fn sum<const LANES: usize>(left: [f32; LANES], right: [f32; LANES]) -> [f32; LANES] {
    std::array::from_fn(|lane| left[lane] + right[lane])
}

/// Even and odd columns apart, `pitch` from one to the other; the first column is that of place `before`.
#[inline(always)]
fn split(from: &[f32], to: &mut [f32], pitch: usize, before: usize) {
    let (even, odd) = to.split_at_mut(pitch);
    let (first, second) = if before.is_multiple_of(2) { (even, odd) } else { (odd, even) };
    let (pairs, rest) = from.as_chunks::<2>();
    let (first, second) = (&mut first[before / 2..], &mut second[before.div_ceil(2)..]);
    for ((&[left, right], first), second) in pairs.iter().zip(first.iter_mut()).zip(second.iter_mut()) {
        (*first, *second) = (left, right);
    }
    if let &[last] = rest {
        first[pairs.len()] = last;
    }
}

/// As [`split`], for more remainders than two.
#[inline(always)]
fn split_many<const STRIDE: usize>(from: &[f32], to: &mut [f32], pitch: usize, before: usize) {
    // Up to the first whole round of remainders one by one, then round by round.
    let head = ((STRIDE - before % STRIDE) % STRIDE).min(from.len());
    for (column, &value) in from[..head].iter().enumerate() {
        let place = column + before;
        to[place % STRIDE * pitch + place / STRIDE] = value;
    }
    let (rounds, rest) = from[head..].as_chunks::<STRIDE>();
    let first = (head + before) / STRIDE;
    for (index, round) in rounds.iter().enumerate() {
        for (remainder, &value) in round.iter().enumerate() {
            to[remainder * pitch + first + index] = value;
        }
    }
    for (remainder, &value) in rest.iter().enumerate() {
        to[remainder * pitch + first + rounds.len()] = value;
    }
}

/// The reverse of [`split`].
#[inline(always)]
fn interleave(from: &[f32], to: &mut [f32], pitch: usize, before: usize) {
    let (even, odd) = from.split_at(pitch);
    let (first, second) = if before.is_multiple_of(2) { (even, odd) } else { (odd, even) };
    let pairs = to.len() / 2;
    let (first, second) = (&first[before / 2..], &second[before.div_ceil(2)..]);
    if to.len() % 2 == 1 {
        to[2 * pairs] = first[pairs];
    }
    let (first, second) = (&first[..pairs], &second[..pairs]);
    match pairs {
        ..4 => interleave_by::<1>(first, second, to),
        4..8 => interleave_by::<4>(first, second, to),
        8.. => interleave_by::<8>(first, second, to),
    }
}

#[inline(always)]
fn interleave_by<const LANES: usize>(first: &[f32], second: &[f32], to: &mut [f32]) {
    for block in blocks::<LANES>(first.len()) {
        let (first, second) = (lanes::<LANES>(first, block), lanes::<LANES>(second, block));
        let pairs = to[2 * block..2 * (block + LANES)].as_chunks_mut::<2>().0;
        for lane in 0..LANES {
            pairs[lane] = [first[lane], second[lane]];
        }
    }
}

/// Where blocks begin that cover `count` values, of which there are `LANES` at least; the last may overlap the one before.
#[inline(always)]
fn blocks<const LANES: usize>(count: usize) -> impl Iterator<Item = usize> {
    let last = count.checked_sub(LANES);
    (0..last.unwrap_or(0)).step_by(LANES).chain(last)
}
