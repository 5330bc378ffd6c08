//! A convolution, its transpose, and the gradient of the weight that both share: three kernels that serve Conv2d and ConvTranspose2d,
//! forwards and backwards.
//!
//! A convolution takes an image to positions, `positions = W * unfold(image)`; its transpose takes positions to an image,
//! `image = fold(W^T * positions)`. Each is the other's gradient. The batch is divided among the threads, and each thread works through
//! its images in tiles whose columns stay in its cache: parts of an image where the image is large, several images where it is small
//! (Chellapilla, Puri, Simard: High Performance Convolutional Neural Networks for Document Processing, 2006, for the unfolding).

use std::ops::Range;

use super::gemm::{Matrix, Put, multiply};
use super::lanes;
use super::memory::Buffer;
use super::simd;
use super::threads;
use super::windows::Windows;

/// The sizes of a convolution. Its weight is `[groups * filters, channels, kernel]`, where `channels` are those of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Images.
    pub batch: usize,
    /// Groups of channels that do not see each other.
    pub groups: usize,
    /// Channels of the positions, in one group.
    pub filters: usize,
    /// What is seen of one group's channels of the image.
    pub windows: Windows,
}

/// Values of a tile's columns that stay in a core's cache.
const CACHED: usize = 256 << 10;

/// Columns of a tile: fewer make thin products, more bring nothing.
const COLUMNS: Range<usize> = 128..1024;

/// Columns worth having where the weight is far larger than the cache, so that it is read less often.
const COLUMNS_OF_LARGE: usize = 512;

/// Some of a thread's columns: whole images, or rows of positions of one.
#[derive(Clone, Debug)]
struct Tile {
    images: Range<usize>,
    rows: Range<usize>,
}

impl Convolution {
    /// Values of one image.
    pub fn image_len(&self) -> usize {
        self.groups * self.windows.channels * self.windows.pixels()
    }

    /// Values of the positions of one image.
    pub fn positions_len(&self) -> usize {
        self.groups * self.filters * self.windows.area()
    }

    /// Values of the weight.
    pub fn weight_len(&self) -> usize {
        self.groups * self.filters * self.windows.taps()
    }

    /// Multiplications of one image.
    pub fn work(&self) -> usize {
        self.weight_len() * self.windows.area()
    }

    /// Images whose weight gradients are summed before those of others are added: a thread's, or half of them where the sums are small, so that
    /// a thread that is held up holds up the others less. It depends on nothing but sizes, so that a run repeats bit for bit.
    fn share(&self) -> usize {
        /// Values of a weight that are soon added.
        const SMALL: usize = 1 << 18;
        let share = threads::share(self.batch, self.work());
        if share < self.batch && self.weight_len() <= SMALL { share.div_ceil(2) } else { share }
    }

    fn tiles(&self, images: usize) -> Vec<Tile> {
        let (area, taps) = (self.windows.area(), self.windows.taps());
        let least = if taps * self.filters > CACHED { COLUMNS_OF_LARGE } else { COLUMNS.start };
        let wanted = (CACHED / taps).clamp(least, COLUMNS.end);
        if area >= wanted {
            let [rows, width] = self.windows.positions;
            let rows_at_once = (wanted / width).max(1);
            let parts = even_parts(rows, rows_at_once);
            return (0..images)
                .flat_map(|image| parts.iter().map(move |rows| Tile { images: image..image + 1, rows: rows.clone() }))
                .collect();
        }
        let all = 0..self.windows.positions[0];
        even_parts(images, wanted / area).into_iter().map(|images| Tile { images, rows: all.clone() }).collect()
    }

    fn group_of_weight<'a>(&self, weight: &'a [f32], group: usize) -> Matrix<'a> {
        let (filters, taps) = (self.filters, self.windows.taps());
        Matrix::new(&weight[group * filters * taps..][..filters * taps], filters, taps, taps)
    }

    /// `positions = W * unfold(image)`; `finish` sees each position channel of each tile, with the channel's number.
    pub fn convolve(&self, image: &[f32], weight: &[f32], positions: &mut [f32], finish: impl Fn(usize, &mut [f32]) + Sync) {
        let share = threads::small_share(self.batch, self.work());
        let shares = positions.chunks_mut(share * self.positions_len()).zip(image.chunks(share * self.image_len()));
        threads::each(shares, |(positions, image)| {
            self.unfolded(image, |group, tile, columns| {
                self.convolve_tile(group, tile, columns, weight, positions, &finish);
            });
        });
    }

    fn convolve_tile(
        &self,
        group: usize,
        tile: &Tile,
        columns: Matrix,
        weight: &[f32],
        positions: &mut [f32],
        finish: &impl Fn(usize, &mut [f32]),
    ) {
        let count = self.columns_of(tile);
        let weight = self.group_of_weight(weight, group);
        if tile.images.len() == 1 {
            let (area, start) = (self.windows.area(), self.start_of(group, tile));
            multiply(weight, columns, &mut positions[start..], area, Put::Over);
            for filter in 0..self.filters {
                finish(group * self.filters + filter, &mut positions[start + filter * area..][..count]);
            }
            return;
        }
        let mut product = Buffer::take(self.filters * count);
        multiply(weight, columns, &mut product, count, Put::Over);
        self.each_run(group, tile, |filter, run, at| {
            let to = &mut positions[run];
            to.copy_from_slice(&product[filter * count + at..][..to.len()]);
            finish(group * self.filters + filter, to);
        });
    }

    /// `weight = positions * unfold(image)^T`, summed over the batch.
    pub fn weight_gradient(&self, image: &[f32], positions: &[f32], weight: &mut [f32]) {
        let share = self.share();
        let mut sums = Buffer::take(self.batch.div_ceil(share) * self.weight_len());
        let shares = image.chunks(share * self.image_len()).zip(positions.chunks(share * self.positions_len()));
        threads::each(shares.zip(sums.chunks_mut(self.weight_len())), |((image, positions), sum)| {
            self.unfolded(image, |group, tile, columns| self.add_tile(group, tile, columns, positions, sum));
        });
        self.sum_transposed(&sums, weight);
    }

    /// Both gradients of a transposed convolution, whose output's gradient is `image` and whose input was `positions`.
    pub fn transposed_gradients(&self, image: &[f32], positions: &[f32], weight: &[f32], input: &mut [f32], gradient: &mut [f32]) {
        let share = self.share();
        let size = self.positions_len();
        let mut sums = Buffer::take(self.batch.div_ceil(share) * self.weight_len());
        let shares = input.chunks_mut(share * size).zip(image.chunks(share * self.image_len())).zip(positions.chunks(share * size));
        threads::each(shares.zip(sums.chunks_mut(self.weight_len())), |(((input, image), positions), sum)| {
            self.unfolded(image, |group, tile, columns| {
                self.convolve_tile(group, tile, columns, weight, input, &|_, _| ());
                self.add_tile(group, tile, columns, positions, sum);
            });
        });
        self.sum_transposed(&sums, gradient);
    }

    /// `sum += unfold(image) * positions^T`, `[taps, filters]` for each group: with the columns on the left they are packed as they lie.
    fn add_tile(&self, group: usize, tile: &Tile, columns: Matrix, positions: &[f32], sum: &mut [f32]) {
        let (filters, taps) = (self.filters, self.windows.taps());
        let sum = &mut sum[group * filters * taps..][..filters * taps];
        let mut gathered = Buffer::default();
        let positions = self.gather(group, tile, positions, &mut gathered);
        let is_first = tile.images.start == 0 && tile.rows.start == 0;
        multiply(columns, positions.transposed(), sum, filters, if is_first { Put::Over } else { Put::Onto });
    }

    fn sum_transposed(&self, sums: &[f32], weight: &mut [f32]) {
        let (filters, taps) = (self.filters, self.windows.taps());
        for (group, weight) in weight.chunks_mut(filters * taps).enumerate() {
            let parts: Vec<&[f32]> = sums.chunks(self.weight_len()).map(|sum| &sum[group * filters * taps..][..filters * taps]).collect();
            lanes::sum_transposed(&parts, taps, filters, weight);
        }
    }

    /// `image = fold(W^T * positions)`; `finish` sees each channel of each image, with the channel's number.
    pub fn transpose(&self, positions: &[f32], weight: &[f32], image: &mut [f32], finish: impl Fn(usize, &mut [f32]) + Sync) {
        let share = threads::small_share(self.batch, self.work());
        let weight = self.transposed_weight(weight);
        let shares = image.chunks_mut(share * self.image_len()).zip(positions.chunks(share * self.positions_len()));
        threads::each(shares, |(image, positions)| self.transpose_share(positions, &weight, image, &finish));
    }

    /// The weight as `[groups, taps, filters]`: turned once, rather than each time that a product packs it.
    fn transposed_weight(&self, weight: &[f32]) -> Buffer {
        let (filters, taps) = (self.filters, self.windows.taps());
        let mut transposed = Buffer::take(weight.len());
        for (from, to) in weight.chunks(filters * taps).zip(transposed.chunks_mut(filters * taps)) {
            lanes::sum_transposed(&[from], filters, taps, to);
        }
        transposed
    }

    /// Of a thread's images, with the weight transposed.
    fn transpose_share(&self, positions: &[f32], weight: &[f32], image: &mut [f32], finish: &impl Fn(usize, &mut [f32])) {
        let windows = &self.windows;
        let (area, kernel, taps, filters) = (windows.area(), windows.kernel_area(), windows.taps(), self.filters);
        let images_at_once = even_parts(image.len() / self.image_len(), (2 * COLUMNS.start).div_ceil(area).max(1));
        let widest = images_at_once.iter().map(Range::len).max().unwrap_or(0) * area;
        let channels_at_once = even_parts(windows.channels, (CACHED / (kernel * widest).max(1)).max(1));
        let most = channels_at_once.iter().map(Range::len).max().unwrap_or(0) * kernel;
        let mut columns = Buffer::take(most * widest);
        let mut plane = Buffer::take(windows.plane_len());
        let mut gathered = Buffer::default();
        for images in images_at_once {
            let tile = Tile { images: images.clone(), rows: 0..windows.positions[0] };
            for group in 0..self.groups {
                let positions = self.gather(group, &tile, positions, &mut gathered);
                let weight = Matrix::new(&weight[group * filters * taps..][..filters * taps], taps, filters, filters);
                for channels in &channels_at_once {
                    let rows = channels.start * kernel..channels.end * kernel;
                    multiply(weight.some_rows(rows), positions, &mut columns, images.len() * area, Put::Over);
                    let first = group * windows.channels;
                    let channels = first + channels.start..first + channels.end;
                    self.fold_channels(&columns, images.clone(), channels, &mut plane, image, finish);
                }
            }
        }
    }

    /// Folds the columns of some channels of some images, `[channels, kernel_area, images, area]`, into these images.
    fn fold_channels(
        &self,
        columns: &[f32],
        images: Range<usize>,
        channels: Range<usize>,
        plane: &mut [f32],
        image: &mut [f32],
        finish: &impl Fn(usize, &mut [f32]),
    ) {
        let windows = &self.windows;
        let pitch = images.len() * windows.area();
        for (place, image_index) in images.enumerate() {
            for (row, channel) in channels.clone().enumerate() {
                let start = image_index * self.image_len() + channel * windows.pixels();
                let to = &mut image[start..start + windows.pixels()];
                let columns = &columns[row * windows.kernel_area() * pitch + place * windows.area()..];
                simd::dispatch(
                    #[inline(always)]
                    || {
                        plane.fill(0.0);
                        windows.fold(columns, pitch, plane);
                        windows.unstage(plane, to);
                    },
                );
                finish(channel, to);
            }
        }
    }

    /// Calls `each` with the columns of every tile of every group of a thread's images.
    fn unfolded(&self, images: &[f32], mut each: impl FnMut(usize, &Tile, Matrix)) {
        let windows = &self.windows;
        let tiles = self.tiles(images.len() / self.image_len());
        let widest = tiles.iter().map(|tile| self.columns_of(tile)).max().unwrap_or(0);
        let mut columns = Buffer::take(windows.taps() * widest);
        let mut plane = Buffer::zeroed(windows.plane_len());
        for tile in &tiles {
            let count = self.columns_of(tile);
            for group in 0..self.groups {
                if windows.are_pixels() && tile.images.len() == 1 {
                    let start = self.start_of_channels(group, tile.images.start) + tile.rows.start * windows.image[1];
                    each(group, tile, Matrix::new(&images[start..], windows.taps(), count, windows.pixels()));
                } else {
                    self.unfold_tile(group, tile, images, &mut plane, &mut columns);
                    each(group, tile, Matrix::new(&columns, windows.taps(), count, count));
                }
            }
        }
    }

    /// Unfolds one tile of one group, `[taps, columns]`. The padding in `plane` is zero.
    fn unfold_tile(&self, group: usize, tile: &Tile, images: &[f32], plane: &mut [f32], columns: &mut [f32]) {
        let (windows, pitch) = (&self.windows, self.columns_of(tile));
        let width = tile.rows.len() * windows.positions[1];
        for (place, image) in tile.images.clone().enumerate() {
            let channels = images[self.start_of_channels(group, image)..].chunks_exact(windows.pixels()).take(windows.channels);
            for (channel, columns) in channels.zip(columns.chunks_exact_mut(windows.kernel_area() * pitch)) {
                simd::dispatch(
                    #[inline(always)]
                    || {
                        windows.stage(channel, plane);
                        windows.unfold(plane, tile.rows.clone(), &mut columns[place * width..], pitch);
                    },
                );
            }
        }
    }

    /// Where the channels of a group begin in an image.
    fn start_of_channels(&self, group: usize, image: usize) -> usize {
        image * self.image_len() + group * self.windows.channels * self.windows.pixels()
    }

    fn columns_of(&self, tile: &Tile) -> usize {
        tile.images.len() * tile.rows.len() * self.windows.positions[1]
    }

    /// Where the first of a tile's values lies among the positions.
    fn start_of(&self, group: usize, tile: &Tile) -> usize {
        let before = tile.images.start * self.groups + group;
        before * self.filters * self.windows.area() + tile.rows.start * self.windows.positions[1]
    }

    /// Calls `each` with every filter of a tile: its number, where its values lie among the positions, and at which column they begin.
    fn each_run(&self, group: usize, tile: &Tile, mut each: impl FnMut(usize, Range<usize>, usize)) {
        let (area, width) = (self.windows.area(), self.windows.positions[1]);
        let length = tile.rows.len() * width;
        for filter in 0..self.filters {
            for (index, image) in tile.images.clone().enumerate() {
                let start = image * self.positions_len() + (group * self.filters + filter) * area + tile.rows.start * width;
                each(filter, start..start + length, index * length);
            }
        }
    }

    /// The positions of a tile as a matrix `[filters, columns]`: where they lie, or gathered from several images.
    fn gather<'a>(&self, group: usize, tile: &Tile, positions: &'a [f32], gathered: &'a mut Buffer) -> Matrix<'a> {
        let (area, count) = (self.windows.area(), self.columns_of(tile));
        if tile.images.len() == 1 {
            return Matrix::new(&positions[self.start_of(group, tile)..], self.filters, count, area);
        }
        *gathered = Buffer::take(self.filters * count);
        self.each_run(group, tile, |filter, run, at| {
            let from = &positions[run];
            gathered[filter * count + at..][..from.len()].copy_from_slice(from);
        });
        Matrix::new(gathered, self.filters, count, count)
    }
}

/// `0..count` in parts of nearly equal length, none longer than `most`.
pub fn even_parts(count: usize, most: usize) -> Vec<Range<usize>> {
    let parts = count.div_ceil(most.max(1)).max(1);
    (0..parts).map(|part| part * count / parts..(part + 1) * count / parts).collect()
}
