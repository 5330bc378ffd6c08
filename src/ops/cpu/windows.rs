//! What a convolution's windows see: an image unfolded into columns, one for each position of the window, and columns folded back.
//!
//! An image is staged plane by plane: each channel is copied once into a small buffer with its padding around it and, where the stride
//! is larger than one, with the columns of equal remainder side by side. From there every row that a kernel's tap reads is a run of
//! neighbours, so that unfolding is copying runs and folding is adding them. Runs are moved in blocks of a fixed width, which may write
//! beyond their end: what lies there is written later, or is slack.

use std::array;

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

/// Values that a moved run may write beyond its end.
pub const SLACK: usize = 32;

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

    /// Room for the padded columns of one remainder, with slack for a run that begins at the last tap.
    fn phase_pitch(&self) -> usize {
        (self.kernel[1] - 1) * self.dilation[1] / self.stride[1] + self.positions[1].next_multiple_of(SLACK)
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
    pub fn unfold(&self, plane: &[f32], rows: std::ops::Range<usize>, columns: &mut [f32], pitch: usize) {
        match self.positions[1] {
            ..=4 => self.unfold_by::<4>(plane, rows, columns, pitch),
            5..=8 => self.unfold_by::<8>(plane, rows, columns, pitch),
            9..=16 => self.unfold_by::<16>(plane, rows, columns, pitch),
            _ => self.unfold_by::<32>(plane, rows, columns, pitch),
        }
    }

    #[inline(always)]
    fn unfold_by<const LANES: usize>(&self, plane: &[f32], rows: std::ops::Range<usize>, columns: &mut [f32], pitch: usize) {
        let (width, step) = (self.positions[1], self.stride[0] * self.row_pitch());
        for (tap, at) in self.kernel_taps().enumerate() {
            let (first, start) = (tap * pitch, self.run_start(at));
            for (index, row) in rows.clone().enumerate() {
                let (from, to) = (start + row * step, first + index * width);
                for block in (0..width).step_by(LANES) {
                    let run: [f32; LANES] = array_at(plane, from + block);
                    columns[to + block..to + block + LANES].copy_from_slice(&run);
                }
            }
        }
    }

    /// Adds the columns of one channel, `[kernel_area, area]`, `pitch` apart, to a staged channel.
    #[inline(always)]
    pub fn fold(&self, columns: &[f32], pitch: usize, plane: &mut [f32]) {
        match self.positions[1] {
            ..=4 => self.fold_by::<4>(columns, pitch, plane),
            5..=8 => self.fold_by::<8>(columns, pitch, plane),
            9..=16 => self.fold_by::<16>(columns, pitch, plane),
            _ => self.fold_by::<32>(columns, pitch, plane),
        }
    }

    #[inline(always)]
    fn fold_by<const LANES: usize>(&self, columns: &[f32], pitch: usize, plane: &mut [f32]) {
        let (width, step) = (self.positions[1], self.stride[0] * self.row_pitch());
        // What lies beyond a run must not be added: it is the beginning of the next.
        let whole = width / LANES * LANES;
        let kept: [u32; LANES] = array::from_fn(|lane| if whole + lane < width { u32::MAX } else { 0 });
        for (tap, at) in self.kernel_taps().enumerate() {
            let (first, start) = (tap * pitch, self.run_start(at));
            for row in 0..self.positions[0] {
                let (from, to) = (first + row * width, start + row * step);
                for block in (0..whole).step_by(LANES) {
                    let run: [f32; LANES] = array_at(columns, from + block);
                    let sum: &mut [f32; LANES] = array_at_mut(plane, to + block);
                    *sum = array::from_fn(|lane| sum[lane] + run[lane]);
                }
                if whole < width {
                    let run: [f32; LANES] = array_at(columns, from + whole);
                    let sum: &mut [f32; LANES] = array_at_mut(plane, to + whole);
                    *sum = array::from_fn(|lane| sum[lane] + f32::from_bits(run[lane].to_bits() & kept[lane]));
                }
            }
        }
    }
}

#[inline(always)]
fn array_at<const LANES: usize>(values: &[f32], at: usize) -> [f32; LANES] {
    let mut run = [0.0; LANES];
    run.copy_from_slice(&values[at..at + LANES]);
    run
}

#[inline(always)]
fn array_at_mut<const LANES: usize>(values: &mut [f32], at: usize) -> &mut [f32; LANES] {
    values[at..].first_chunk_mut().expect("a staged plane has slack behind each run")
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

/// The reverse of [`split`].
#[inline(always)]
fn interleave(from: &[f32], to: &mut [f32], pitch: usize, before: usize) {
    let (even, odd) = from.split_at(pitch);
    let (first, second) = if before.is_multiple_of(2) { (even, odd) } else { (odd, even) };
    let (first, second) = (&first[before / 2..], &second[before.div_ceil(2)..]);
    let (pairs, rest) = to.as_chunks_mut::<2>();
    let count = pairs.len();
    for (([left, right], &first), &second) in pairs.iter_mut().zip(first).zip(second) {
        (*left, *right) = (first, second);
    }
    if let [last] = rest {
        *last = first[count];
    }
}
