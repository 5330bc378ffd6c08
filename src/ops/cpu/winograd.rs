//! Convolutions with 3x3 kernels and steps of one pixel, with a quarter of the multiplications: `F(4x4, 3x3)` of Lavin and Gray, Fast
//! Algorithms for Convolutional Neural Networks, 2016.
//!
//! The image is cut into tiles of 6x6 pixels that overlap, each of which gives 4x4 positions. Tiles, kernels and results are transformed
//! so that a convolution becomes, for each of the 36 places of a tile, a product of a `[filters, channels]` matrix with a
//! `[channels, tiles]` matrix. The gradient of the weight is the transposed computation. The error is about ten times that of the direct
//! sum, a few millionths of the result.

use std::marker::PhantomData;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::convolution::{Convolution, even_parts};
use super::gemm::{Matrix, Put, multiply};
use super::memory::Buffer;
use super::windows::Windows;
use super::{simd, threads};

/// Pixels of a tile, across and down.
const TILE: usize = 6;

/// Places of a tile.
const PLACES: usize = TILE * TILE;

/// Positions that a tile gives, across and down.
const STEP: usize = 4;

/// Taps of the kernel, across and down.
const TAPS: usize = 3;

/// Values that the widest vector may read or write beyond the last.
const SLACK: usize = 16;

/// An array of what an expression gives for each of the first few numbers, written out: a loop would keep its values in memory.
macro_rules! written_out {
    (3, $index:ident => $value:expr) => {
        [written_out!(@ 0, $index, $value), written_out!(@ 1, $index, $value), written_out!(@ 2, $index, $value)]
    };
    (4, $index:ident => $value:expr) => {
        [written_out!(@ 0, $index, $value), written_out!(@ 1, $index, $value), written_out!(@ 2, $index, $value), written_out!(@ 3, $index, $value)]
    };
    (6, $index:ident => $value:expr) => {
        [
            written_out!(@ 0, $index, $value),
            written_out!(@ 1, $index, $value),
            written_out!(@ 2, $index, $value),
            written_out!(@ 3, $index, $value),
            written_out!(@ 4, $index, $value),
            written_out!(@ 5, $index, $value),
        ]
    };
    (@ $number:literal, $index:ident, $value:expr) => {{
        const $index: usize = $number;
        $value
    }};
}

/// `T tile T^T`.
macro_rules! both_ways {
    ($transform:ty, $simd:expr, $from:tt => $to:tt, $tile:expr) => {{
        let tile = $tile;
        let across = written_out!($from, ROW => <$transform>::apply($simd, tile[ROW]));
        let columns = written_out!($to, COLUMN => <$transform>::apply($simd, written_out!($from, ROW => across[ROW][COLUMN])));
        written_out!($to, ROW => written_out!($to, COLUMN => columns[COLUMN][ROW]))
    }};
}

/// A sum of multiples of vectors.
macro_rules! sum {
    ($simd:expr, $first:expr $(, $factor:literal * $value:expr)*) => {{
        let sum = $first;
        $(let sum = $simd.mul_add_e_f32s($simd.splat_f32s($factor), $value, sum);)*
        sum
    }};
}

/// A convolution that can be computed so.
#[derive(Clone, Copy, Debug)]
pub struct Winograd {
    sizes: Convolution,
    /// Tiles of an image, down and across.
    tiles: [usize; 2],
    /// How tiles lie in an image: windows of 6x6 in steps of four.
    windows: Windows,
}

impl Winograd {
    /// `sizes`, where its kernel and steps allow it and it is large enough to gain by it.
    pub fn new(sizes: &Convolution) -> Option<Self> {
        /// Channels and filters for which transforming costs less than is gained, measured.
        const LEAST_CHANNELS: usize = 16;
        /// Tiles side by side that make good use of a vector, measured.
        const LEAST_TILES: usize = 6;
        let windows = sizes.windows;
        let fits = windows.kernel == [TAPS; 2] && windows.stride == [1, 1] && windows.dilation == [1, 1] && sizes.groups == 1;
        let tiles = windows.positions.map(|count| count.div_ceil(STEP));
        let is_large = windows.channels.min(sizes.filters) >= LEAST_CHANNELS && tiles[1] >= LEAST_TILES;
        let windows = Windows { kernel: [TILE; 2], stride: [STEP; 2], positions: tiles, ..windows };
        (fits && is_large).then_some(Self { sizes: *sizes, tiles, windows })
    }

    fn channels(&self) -> usize {
        self.sizes.windows.channels
    }

    fn tiles_of_image(&self) -> usize {
        self.tiles[0] * self.tiles[1]
    }

    /// Images transformed at once: few, so that their tiles stay in the cache, but enough for products that are not thin.
    fn groups(&self, images: usize) -> Vec<Range<usize>> {
        const TILES: usize = 128;
        even_parts(images, TILES.div_ceil(self.tiles_of_image()))
    }

    /// `positions = W * unfold(image)`; `finish` sees each position channel of each image, with the channel's number.
    pub fn convolve(&self, image: &[f32], weight: &[f32], positions: &mut [f32], finish: impl Fn(usize, &mut [f32]) + Sync) {
        let Convolution { batch, filters, .. } = self.sizes;
        let weight = self.transformed_weight(weight);
        let share = threads::small_share(batch, self.sizes.work());
        let shares = positions.chunks_mut(share * self.sizes.positions_len()).zip(image.chunks(share * self.sizes.image_len()));
        threads::each(shares, |(positions, image)| {
            let groups = self.groups(image.len() / self.sizes.image_len());
            let mut tiles = Tiles::for_groups(&groups, self, self.channels());
            let mut results = Tiles::for_groups(&groups, self, filters);
            for images in groups {
                self.transform_image(image, images.clone(), &mut tiles);
                results.count = tiles.count;
                let pitch = results.pitch;
                for (place, weight) in weight.chunks_exact(filters * self.channels()).enumerate() {
                    let weight = Matrix::new(weight, filters, self.channels(), self.channels());
                    multiply(weight, tiles.matrix(place), results.place_mut(place), pitch, Put::Over);
                }
                self.transform_results(&results, positions, images, &finish);
            }
        });
    }

    /// Does the gradient of the weight gain by it, too? Two transforms of images stand against one product, which is fast where there are many
    /// filters; measured.
    pub fn gains_weight_gradient(&self) -> bool {
        self.channels() > self.sizes.filters
    }

    /// `weight = positions * unfold(image)^T`, summed over the batch.
    pub fn weight_gradient(&self, image: &[f32], positions: &[f32], weight: &mut [f32]) {
        let Convolution { batch, filters, .. } = self.sizes;
        let share = threads::share(batch, self.sizes.work());
        let size = PLACES * self.channels() * filters;
        let mut sums = Buffer::take(batch.div_ceil(share) * size);
        let shares = positions.chunks(share * self.sizes.positions_len()).zip(image.chunks(share * self.sizes.image_len()));
        threads::each(shares.zip(sums.chunks_mut(size)), |((positions, image), sums)| {
            let groups = self.groups(image.len() / self.sizes.image_len());
            let mut tiles = Tiles::for_groups(&groups, self, self.channels());
            let mut gradients = Tiles::for_groups(&groups, self, filters);
            for images in groups {
                let put = if images.start == 0 { Put::Over } else { Put::Onto };
                self.transform_image(image, images.clone(), &mut tiles);
                self.transform_gradient(positions, images, &mut gradients);
                for (place, sum) in sums.chunks_exact_mut(self.channels() * filters).enumerate() {
                    multiply(tiles.matrix(place), gradients.matrix(place).transposed(), sum, filters, put);
                }
            }
        });
        self.gradient_of_weight(&sums, weight);
    }

    /// Tiles of `images`, transformed: `B^T d B`.
    fn transform_image(&self, image: &[f32], images: Range<usize>, tiles: &mut Tiles) {
        self.transform::<OfInput>(&self.windows, image, self.sizes.image_len(), images, tiles);
    }

    /// The gradient of the positions of `images`, transformed: `A dY A^T`.
    fn transform_gradient(&self, positions: &[f32], images: Range<usize>, tiles: &mut Tiles) {
        let Convolution { filters, windows, .. } = self.sizes;
        let windows = Windows { channels: filters, image: windows.positions, kernel: [STEP; 2], before: [0; 2], ..self.windows };
        self.transform::<OfGradient>(&windows, positions, self.sizes.positions_len(), images, tiles);
    }

    fn transform<T>(&self, windows: &Windows, image: &[f32], image_len: usize, images: Range<usize>, tiles: &mut Tiles)
    where
        for<'a> Forwards<'a, T>: WithSimd<Output = ()>,
    {
        tiles.count = images.len() * self.tiles_of_image();
        let mut plane = Buffer::zeroed(windows.plane_len() + SLACK);
        for (index, image_index) in images.enumerate() {
            for channel in 0..windows.channels {
                let start = image_index * image_len + channel * windows.pixels();
                let from = &image[start..start + windows.pixels()];
                let at = index * self.tiles_of_image();
                simd::with(Forwards::<T> { windows, from, plane: &mut plane, tiles, channel, at, transform: PhantomData });
            }
        }
    }

    /// The positions of `images` from the transformed results: `A^T M A`.
    fn transform_results(&self, results: &Tiles, positions: &mut [f32], images: Range<usize>, finish: &impl Fn(usize, &mut [f32])) {
        let windows = &self.sizes.windows;
        for (index, image_index) in images.enumerate() {
            for filter in 0..self.sizes.filters {
                let start = image_index * self.sizes.positions_len() + filter * windows.area();
                let to = &mut positions[start..start + windows.area()];
                let at = index * self.tiles_of_image();
                simd::with(Backwards { results, channel: filter, at, tiles: self.tiles, to, width: windows.positions[1] });
                finish(filter, to);
            }
        }
    }

    /// The weight, transformed: `G g G^T`, `[places, filters, channels]`.
    fn transformed_weight(&self, weight: &[f32]) -> Buffer {
        let kernels = self.sizes.filters * self.channels();
        let mut transformed = Buffer::take(PLACES * kernels);
        let parts = weight.chunks(KERNELS * TAPS * TAPS).enumerate();
        for (part, weight) in parts {
            let count = weight.len() / (TAPS * TAPS);
            let mut lanes = [[0.0; KERNELS]; TAPS * TAPS];
            for (index, kernel) in weight.chunks_exact(TAPS * TAPS).enumerate() {
                lanes.iter_mut().zip(kernel).for_each(|(lanes, &tap)| lanes[index] = tap);
            }
            let mut places = [[0.0; KERNELS]; PLACES];
            simd::with(Kernels::<OfKernel> { from: lanes.as_flattened(), to: places.as_flattened_mut(), transform: PhantomData });
            for (to, values) in transformed.chunks_exact_mut(kernels).zip(&places) {
                to[part * KERNELS..][..count].copy_from_slice(&values[..count]);
            }
        }
        transformed
    }

    /// The gradient of the weight from that of the transformed one, `[places, channels, filters]` of several threads: `G^T dU G`.
    fn gradient_of_weight(&self, sums: &[f32], weight: &mut [f32]) {
        let (filters, channels) = (self.sizes.filters, self.channels());
        let kernels = filters * channels;
        for first in (0..kernels).step_by(KERNELS) {
            let count = KERNELS.min(kernels - first);
            let mut places = [[0.0; KERNELS]; PLACES];
            for sums in sums.chunks_exact(PLACES * kernels) {
                for (values, from) in places.iter_mut().zip(sums.chunks_exact(kernels)) {
                    values.iter_mut().zip(&from[first..first + count]).for_each(|(sum, value)| *sum += value);
                }
            }
            let mut taps = [[0.0; KERNELS]; TAPS * TAPS];
            simd::with(Kernels::<ToKernel> { from: places.as_flattened(), to: taps.as_flattened_mut(), transform: PhantomData });
            for index in 0..count {
                let (channel, filter) = ((first + index) / filters, (first + index) % filters);
                let to = &mut weight[(filter * channels + channel) * TAPS * TAPS..][..TAPS * TAPS];
                to.iter_mut().zip(&taps).for_each(|(to, values)| *to = values[index]);
            }
        }
    }
}

/// Transformed tiles, `[places, channels, tiles]`.
#[derive(Debug)]
struct Tiles {
    values: Buffer,
    channels: usize,
    /// From one channel to the next: room for all tiles, and for what a vector writes beyond the last.
    pitch: usize,
    /// Tiles that are there.
    count: usize,
}

impl Tiles {
    /// Room for the largest of `groups` of images.
    fn for_groups(groups: &[Range<usize>], sizes: &Winograd, channels: usize) -> Self {
        let most = groups.iter().map(Range::len).max().unwrap_or(0) * sizes.tiles_of_image();
        let pitch = most + SLACK;
        Self { values: Buffer::take(PLACES * channels * pitch), channels, pitch, count: 0 }
    }

    fn matrix(&self, place: usize) -> Matrix<'_> {
        let size = self.channels * self.pitch;
        Matrix::new(&self.values[place * size..][..size], self.channels, self.count, self.pitch)
    }

    fn place_mut(&mut self, place: usize) -> &mut [f32] {
        let size = self.channels * self.pitch;
        &mut self.values[place * size..][..size]
    }

    /// Where the values of a tile's first place begin, and how far it is from one place to the next.
    #[inline(always)]
    fn at(&self, channel: usize, tile: usize) -> (usize, usize) {
        (channel * self.pitch + tile, self.channels * self.pitch)
    }
}

/// One channel's tiles, transformed.
struct Forwards<'a, T> {
    windows: &'a Windows,
    from: &'a [f32],
    plane: &'a mut [f32],
    tiles: &'a mut Tiles,
    channel: usize,
    /// The number of the first tile.
    at: usize,
    transform: PhantomData<T>,
}

macro_rules! impl_forwards {
    ($transform:ty, $from:tt) => {
        impl WithSimd for Forwards<'_, $transform> {
            type Output = ();

            #[inline(always)]
            fn with_simd<S: Simd>(self, simd: S) {
                let Self { windows, from, plane, tiles, channel, at, .. } = self;
                windows.stage(from, plane);
                let [rows, columns] = windows.positions;
                let places = written_out!($from, DOWN => written_out!($from, ACROSS => windows.place([0, 0], [DOWN, ACROSS])));
                let step = windows.place([1, 0], [0, 0]);
                for row in 0..rows {
                    for first in (0..columns).step_by(S::F32_LANES) {
                        let plane = &plane[row * step + first..];
                        let tile = written_out!($from, DOWN => written_out!($from, ACROSS => load::<S>(plane, places[DOWN][ACROSS])));
                        let tile = both_ways!($transform, simd, $from => 6, tile);
                        let (start, size) = tiles.at(channel, at + row * columns + first);
                        let to = &mut tiles.values[start..];
                        written_out!(6, DOWN => written_out!(6, ACROSS => store::<S>(to, (DOWN * TILE + ACROSS) * size, tile[DOWN][ACROSS])));
                    }
                }
            }
        }
    };
}

impl_forwards!(OfInput, 6);
impl_forwards!(OfGradient, 4);

/// One channel's results, transformed back.
struct Backwards<'a> {
    results: &'a Tiles,
    channel: usize,
    at: usize,
    tiles: [usize; 2],
    to: &'a mut [f32],
    width: usize,
}

impl WithSimd for Backwards<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { results, channel, at, tiles, to, width } = self;
        let mut lanes = [[0.0; SLACK]; STEP];
        for (row, band) in to.chunks_mut(STEP * width).enumerate() {
            for first in (0..tiles[1]).step_by(S::F32_LANES) {
                let (start, size) = results.at(channel, at + row * tiles[1] + first);
                let from = &results.values[start..];
                let tile = written_out!(6, DOWN => written_out!(6, ACROSS => load::<S>(from, (DOWN * TILE + ACROSS) * size)));
                let tile = both_ways!(OfResult, simd, 6 => 4, tile);
                for (values, to) in tile.iter().zip(band.chunks_mut(width)) {
                    written_out!(4, STEP => store::<S>(&mut lanes[STEP], 0, values[STEP]));
                    put_interleaved(&lanes, &mut to[first * STEP..], S::F32_LANES);
                }
            }
        }
    }
}

/// One value of each row after the other, for so many lanes, as far as there is room.
#[inline(always)]
fn put_interleaved(rows: &[[f32; SLACK]; STEP], to: &mut [f32], lanes: usize) {
    let count = to.len().min(lanes * STEP);
    let (whole, rest) = to[..count].as_chunks_mut::<STEP>();
    let [first, second, third, fourth] = rows;
    for (lane, to) in whole.iter_mut().enumerate() {
        *to = [first[lane], second[lane], third[lane], fourth[lane]];
    }
    if let Some(lane) = (!rest.is_empty()).then_some(whole.len()) {
        rest.iter_mut().zip(rows).for_each(|(to, row)| *to = row[lane]);
    }
}

/// Kernels transformed at once.
const KERNELS: usize = 64;

/// Some kernels, tap by tap, transformed place by place, or back.
struct Kernels<'a, T> {
    from: &'a [f32],
    to: &'a mut [f32],
    transform: PhantomData<T>,
}

macro_rules! impl_kernels {
    ($transform:ty, $from:tt => $to:tt) => {
        impl WithSimd for Kernels<'_, $transform> {
            type Output = ();

            #[inline(always)]
            fn with_simd<S: Simd>(self, simd: S) {
                let Self { from, to, .. } = self;
                for first in (0..KERNELS).step_by(S::F32_LANES) {
                    let tile = written_out!($from, DOWN => written_out!($from, ACROSS => load::<S>(from, (DOWN * $from + ACROSS) * KERNELS + first)));
                    let tile = both_ways!($transform, simd, $from => $to, tile);
                    written_out!($to, DOWN => written_out!($to, ACROSS => store::<S>(to, (DOWN * $to + ACROSS) * KERNELS + first, tile[DOWN][ACROSS])));
                }
            }
        }
    };
}

impl_kernels!(OfKernel, 3 => 6);
impl_kernels!(ToKernel, 6 => 3);

#[inline(always)]
fn load<S: Simd>(values: &[f32], at: usize) -> S::f32s {
    S::as_simd_f32s(&values[at..at + S::F32_LANES]).0[0]
}

#[inline(always)]
fn store<S: Simd>(values: &mut [f32], at: usize, lanes: S::f32s) {
    S::as_mut_simd_f32s(&mut values[at..at + S::F32_LANES]).0[0] = lanes;
}

/// A linear transform of `N` values to `M`, of several tiles side by side. Written out, since the values must stay in registers.
trait Transform<const N: usize, const M: usize> {
    fn apply<S: Simd>(simd: S, values: [S::f32s; N]) -> [S::f32s; M];
}

/// `B^T`.
struct OfInput;

impl Transform<6, 6> for OfInput {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; 6]) -> [S::f32s; 6] {
        [
            sum!(simd, e, 4.0 * a, -5.0 * c),
            sum!(simd, simd.add_f32s(d, e), -4.0 * b, -4.0 * c),
            sum!(simd, simd.sub_f32s(e, d), 4.0 * b, -4.0 * c),
            sum!(simd, simd.sub_f32s(e, c), -2.0 * b, 2.0 * d),
            sum!(simd, simd.sub_f32s(e, c), 2.0 * b, -2.0 * d),
            sum!(simd, f, 4.0 * b, -5.0 * d),
        ]
    }
}

/// `G`.
struct OfKernel;

impl Transform<3, 6> for OfKernel {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c]: [S::f32s; 3]) -> [S::f32s; 6] {
        let zero = simd.splat_f32s(0.0);
        [
            sum!(simd, zero, 0.25 * a),
            sum!(simd, zero, -0.166_666_67 * a, -0.166_666_67 * b, -0.166_666_67 * c),
            sum!(simd, zero, -0.166_666_67 * a, 0.166_666_67 * b, -0.166_666_67 * c),
            sum!(simd, zero, 0.041_666_668 * a, 0.083_333_336 * b, 0.166_666_67 * c),
            sum!(simd, zero, 0.041_666_668 * a, -0.083_333_336 * b, 0.166_666_67 * c),
            c,
        ]
    }
}

/// `G^T`.
struct ToKernel;

impl Transform<6, 3> for ToKernel {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; 6]) -> [S::f32s; 3] {
        let zero = simd.splat_f32s(0.0);
        [
            sum!(simd, zero, 0.25 * a, -0.166_666_67 * b, -0.166_666_67 * c, 0.041_666_668 * d, 0.041_666_668 * e),
            sum!(simd, zero, -0.166_666_67 * b, 0.166_666_67 * c, 0.083_333_336 * d, -0.083_333_336 * e),
            sum!(simd, f, -0.166_666_67 * b, -0.166_666_67 * c, 0.166_666_67 * d, 0.166_666_67 * e),
        ]
    }
}

/// `A^T`.
struct OfResult;

impl Transform<6, 4> for OfResult {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; 6]) -> [S::f32s; 4] {
        let (near, near_difference) = (simd.add_f32s(b, c), simd.sub_f32s(b, c));
        let (far, far_difference) = (simd.add_f32s(d, e), simd.sub_f32s(d, e));
        [
            simd.add_f32s(a, simd.add_f32s(near, far)),
            sum!(simd, near_difference, 2.0 * far_difference),
            sum!(simd, near, 4.0 * far),
            sum!(simd, simd.add_f32s(near_difference, f), 8.0 * far_difference),
        ]
    }
}

/// `A`.
struct OfGradient;

impl Transform<4, 6> for OfGradient {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; 4]) -> [S::f32s; 6] {
        let (even, odd) = (simd.add_f32s(a, c), simd.add_f32s(b, d));
        let even_far = sum!(simd, a, 4.0 * c);
        [
            a,
            simd.add_f32s(even, odd),
            simd.sub_f32s(even, odd),
            sum!(simd, even_far, 2.0 * b, 8.0 * d),
            sum!(simd, even_far, -2.0 * b, -8.0 * d),
            d,
        ]
    }
}
