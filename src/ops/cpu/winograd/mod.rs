//! Convolutions with a fraction of the multiplications: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016.
//!
//! A picture is cut into tiles that overlap. Tiles, kernels and results are transformed so that a convolution becomes, for each place of a
//! tile, a product of a matrix `[tiles, channels]` with a matrix `[channels, filters]`. The gradient of the weight is the transposed
//! computation. A convolution with a stride of two is one of stride one over the four phases of its image, which are so many more
//! channels; its transpose gives the four phases of an image. The error is about ten times that of the direct sum, a few millionths of the
//! result.

mod kernels;
mod layout;
mod scheme;
mod side;
mod tiles;
mod transforms;

use std::ops::Range;

use super::convolution::{Convolution, even_parts};
use super::gemm::Put;
use super::lanes::LANES;
use super::memory::Buffer;
use super::threads;
use kernels::{Direction, Kernels};
use scheme::{F4x2, F4x3, F5x2, Scheme};
use side::Side;
use tiles::Transformed;

/// A convolution that gains by being computed so, in one of its directions.
#[derive(Clone, Copy, Debug)]
pub struct Winograd {
    sizes: Convolution,
    kind: Kind,
    /// Tiles of a picture, down and across.
    tiles: [usize; 2],
    /// The first of the image's pixels that tiles give, in pixels of a phase.
    first: [usize; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    F4x3,
    F5x2,
    F4x2,
}

impl Kind {
    /// Positions and pixels of a tile, across and down.
    fn sizes(self) -> [usize; 2] {
        match self {
            Self::F4x3 => [F4x3::STEP, F4x3::TILE],
            Self::F5x2 => [F5x2::STEP, F5x2::TILE],
            Self::F4x2 => [F4x2::STEP, F4x2::TILE],
        }
    }
}

/// Calls a method for the scheme of a kind.
macro_rules! by_kind {
    ($self:ident.$method:ident($($argument:expr),*)) => {
        match $self.kind {
            Kind::F4x3 => $self.$method::<F4x3>($($argument),*),
            Kind::F5x2 => $self.$method::<F5x2>($($argument),*),
            Kind::F4x2 => $self.$method::<F4x2>($($argument),*),
        }
    };
}

impl Winograd {
    /// For [`Winograd::convolve`] and [`Winograd::weight_gradient`], where sizes allow it and it gains.
    pub fn convolving(sizes: &Convolution) -> Option<Self> {
        Self::over(sizes, [0; 2], sizes.windows.positions)
    }

    /// For [`Winograd::transpose`], where sizes allow it and it gains.
    pub fn transposing(sizes: &Convolution) -> Option<Self> {
        let windows = &sizes.windows;
        let first = [0, 1].map(|axis| windows.before[axis] / windows.stride[axis]);
        let last = [0, 1].map(|axis| (windows.before[axis] + windows.image[axis] - 1) / windows.stride[axis]);
        Self::over(sizes, first, [0, 1].map(|axis| last[axis] + 1 - first[axis]))
    }

    /// With tiles over so many positions, down and across.
    fn over(sizes: &Convolution, first: [usize; 2], positions: [usize; 2]) -> Option<Self> {
        let windows = &sizes.windows;
        let ([stride, _], [taps, _]) = (windows.stride, windows.kernel);
        let is_square = windows.stride == [stride; 2] && windows.kernel == [taps; 2] && windows.dilation == [1; 2] && sizes.groups == 1;
        let whole_lanes = windows.channels.is_multiple_of(LANES) && sizes.filters.is_multiple_of(LANES);
        let enough_pixels = windows.pixels().min(windows.area()) >= LANES;
        if !(is_square && whole_lanes && enough_pixels && stride <= 2) {
            return None;
        }
        let kinds: &[Kind] = match taps.div_ceil(stride) {
            2 => &[Kind::F4x2, Kind::F5x2],
            3 => &[Kind::F4x3],
            _ => return None,
        };
        let fewest =
            kinds.iter().map(|&kind| Self { sizes: *sizes, kind, tiles: positions.map(|count| count.div_ceil(kind.sizes()[0])), first });
        fewest.min_by_key(Self::products).filter(Self::gains)
    }

    /// Multiplications for a channel and a filter.
    fn products(&self) -> usize {
        self.sizes.batch * self.tiles[0] * self.tiles[1] * self.places()
    }

    /// Places of the tiles of all phases.
    fn places(&self) -> usize {
        (self.kind.sizes()[1] * self.stride()).pow(2)
    }

    /// Is it worth transforming pictures and weight?
    fn gains(&self) -> bool {
        /// Times that multiplications have to be fewer for the transforms of pictures to be worth it, measured.
        const GAIN: f64 = 1.4;
        /// Multiplications that could be done while one value of the weight is transformed, measured.
        const PRODUCTS_OF_WEIGHT: usize = 80;
        let Convolution { batch, windows, .. } = self.sizes;
        let direct = batch * windows.area() * windows.kernel_area();
        direct as f64 > GAIN * (self.products() + PRODUCTS_OF_WEIGHT * self.places()) as f64
    }

    fn stride(&self) -> usize {
        self.sizes.windows.stride[0]
    }

    fn kernels(&self) -> Kernels {
        let Convolution { filters, windows, .. } = self.sizes;
        Kernels { filters, channels: windows.channels, taps: windows.kernel[0], stride: self.stride() }
    }

    /// The image, as windows see it.
    fn image_seen<S: Scheme>(&self) -> Side {
        let windows = &self.sizes.windows;
        let origin = windows.before.map(|before| before as isize);
        Side::new(windows.channels, windows.image, origin, self.stride(), [S::STEP, S::TILE], self.tiles)
    }

    /// The image, as tiles give it.
    fn image_given<S: Scheme>(&self) -> Side {
        let windows = &self.sizes.windows;
        let origin = [0, 1].map(|axis| windows.before[axis] as isize - (self.first[axis] * self.stride()) as isize);
        Side::new(windows.channels, windows.image, origin, self.stride(), [S::STEP; 2], self.tiles)
    }

    /// The positions, as those see them who spread them over an image.
    fn positions_seen<S: Scheme>(&self) -> Side {
        let origin = self.first.map(|first| (S::TAPS - 1) as isize - first as isize);
        Side::new(self.sizes.filters, self.sizes.windows.positions, origin, 1, [S::STEP, S::TILE], self.tiles)
    }

    /// The positions, tile by tile.
    fn positions_given<S: Scheme>(&self) -> Side {
        Side::new(self.sizes.filters, self.sizes.windows.positions, [0; 2], 1, [S::STEP; 2], self.tiles)
    }

    /// Pictures transformed at once: few, so that their tiles stay in the cache, but enough for products that are not thin.
    fn groups(&self, pictures: usize) -> Vec<Range<usize>> {
        const TILES: usize = 64;
        even_parts(pictures, TILES.div_ceil(self.tiles[0] * self.tiles[1]))
    }

    /// `positions = W * unfold(image)`; `finish` sees each position channel of each image, with the channel's number.
    pub fn convolve(&self, image: &[f32], weight: &[f32], positions: &mut [f32], finish: impl Fn(usize, &mut [f32]) + Sync) {
        by_kind!(self.convolve_by(image, weight, positions, finish));
    }

    fn convolve_by<S: Scheme>(&self, image: &[f32], weight: &[f32], positions: &mut [f32], finish: impl Fn(usize, &mut [f32]) + Sync) {
        let kernels = self.kernels().transform::<S>(weight, Direction::Convolve);
        self.map::<S>([&self.image_seen::<S>(), &self.positions_given::<S>()], &kernels, image, positions, finish);
    }

    /// `image = fold(W^T * positions)`; `finish` sees each channel of each image, with the channel's number.
    pub fn transpose(&self, positions: &[f32], weight: &[f32], image: &mut [f32], finish: impl Fn(usize, &mut [f32]) + Sync) {
        by_kind!(self.transpose_by(positions, weight, image, finish));
    }

    fn transpose_by<S: Scheme>(&self, positions: &[f32], weight: &[f32], image: &mut [f32], finish: impl Fn(usize, &mut [f32]) + Sync) {
        let kernels = self.kernels().transform::<S>(weight, Direction::Transpose);
        self.map::<S>([&self.positions_seen::<S>(), &self.image_given::<S>()], &kernels, positions, image, finish);
    }

    fn map<S: Scheme>(
        &self,
        [input, output]: [&Side; 2],
        kernels: &[f32],
        from: &[f32],
        to: &mut [f32],
        finish: impl Fn(usize, &mut [f32]) + Sync,
    ) {
        let share = threads::small_share(self.sizes.batch, self.sizes.work());
        let shares = from.chunks(share * input.values()).zip(to.chunks_mut(share * output.values()));
        threads::each(shares, |(from, to)| {
            let groups = self.groups(from.len() / input.values());
            let most = most_tiles(&groups, input);
            let mut tiles = Transformed::with_room(S::TILE, most, input.depth());
            let mut results = Transformed::with_room(S::TILE, most, output.depth());
            let mut plane = Buffer::zeroed(input.plane_len());
            let mut given = Buffer::take(output.plane_len());
            for pictures in groups {
                tiles.count = pictures.len() * input.tiles_of_picture();
                input.lift::<S::Input>(from, pictures.clone(), &mut plane, &mut tiles);
                results.multiply(&tiles, kernels, self.kernels().pitch());
                output.lower::<S::Result>(&results, pictures, &mut given, to, &finish);
            }
        });
    }

    /// `weight = positions * unfold(image)^T`, summed over the batch.
    pub fn weight_gradient(&self, image: &[f32], positions: &[f32], weight: &mut [f32]) {
        by_kind!(self.gradients_by(image, positions, None, weight));
    }

    /// Both gradients of a transposed convolution, whose output's gradient is `image` and whose input was `positions`.
    pub fn transposed_gradients(&self, image: &[f32], positions: &[f32], weight: &[f32], input: &mut [f32], gradient: &mut [f32]) {
        by_kind!(self.gradients_by(image, positions, Some((weight, input)), gradient));
    }

    /// The weight's gradient, and what the weight makes of the image, where that is wanted: both need the image's tiles.
    fn gradients_by<S: Scheme>(&self, image: &[f32], positions: &[f32], convolve: Option<(&[f32], &mut [f32])>, gradient: &mut [f32]) {
        let (seen, given) = (self.image_seen::<S>(), self.positions_given::<S>());
        let kernels = self.kernels();
        let (weight, input) = match convolve {
            Some((weight, input)) => (Some(kernels.transform::<S>(weight, Direction::Convolve)), input),
            None => (None, Default::default()),
        };
        let share = threads::share(self.sizes.batch, self.sizes.work());
        let size = kernels.transformed_len::<S>();
        let mut sums = Buffer::take(self.sizes.batch.div_ceil(share) * size);
        let inputs = input.chunks_mut(share * given.values()).map(Some).chain(std::iter::repeat_with(|| None));
        let shares = image.chunks(share * seen.values()).zip(positions.chunks(share * given.values())).zip(inputs);
        threads::each(shares.zip(sums.chunks_exact_mut(size)), |(((image, positions), mut input), sums)| {
            let groups = self.groups(image.len() / seen.values());
            let most = most_tiles(&groups, &seen);
            let mut tiles = Transformed::with_room(S::TILE, most, seen.depth());
            let mut gradients = Transformed::with_room(S::TILE, most, given.depth());
            let [mut plane, mut of_positions] = [&seen, &given].map(|side| Buffer::zeroed(side.plane_len()));
            let mut results = Buffer::take(given.plane_len());
            for pictures in groups {
                let put = if pictures.start == 0 { Put::Over } else { Put::Onto };
                tiles.count = pictures.len() * seen.tiles_of_picture();
                seen.lift::<S::Input>(image, pictures.clone(), &mut plane, &mut tiles);
                if let (Some(input), Some(weight)) = (&mut input, &weight) {
                    gradients.multiply(&tiles, weight, kernels.pitch());
                    given.lower::<S::Result>(&gradients, pictures.clone(), &mut results, input, &|_, _| ());
                }
                gradients.count = tiles.count;
                given.lift::<S::Gradient>(positions, pictures, &mut of_positions, &mut gradients);
                tiles.add_products(&gradients, sums, kernels.pitch(), put);
            }
        });
        kernels.gradient::<S>(&sums, gradient);
    }
}

/// Tiles of the largest of some groups of pictures.
fn most_tiles(groups: &[Range<usize>], side: &Side) -> usize {
    groups.iter().map(Range::len).max().unwrap_or(0) * side.tiles_of_picture()
}

#[cfg(test)]
mod tests {
    use super::super::windows::Windows;
    use super::*;

    fn sizes(batch: usize, channels: usize, image: usize, filters: usize, [kernel, stride, before]: [usize; 3]) -> Convolution {
        let positions = (image + 2 * before - kernel) / stride + 1;
        let windows = Windows {
            channels,
            image: [image; 2],
            kernel: [kernel; 2],
            stride: [stride; 2],
            dilation: [1; 2],
            before: [before; 2],
            positions: [positions; 2],
        };
        Convolution { batch, groups: 1, filters, windows }
    }

    #[test]
    fn it_is_taken_where_it_saves_more_than_it_costs() {
        let takes = |sizes: &Convolution| [Winograd::convolving(sizes), Winograd::transposing(sizes)].map(|winograd| winograd.is_some());
        assert_eq!(takes(&sizes(64, 32, 28, 64, [3, 1, 1])), [true; 2], "3x3");
        assert_eq!(takes(&sizes(64, 64, 14, 128, [4, 2, 1])), [true; 2], "halving");
        assert_eq!(takes(&sizes(64, 64, 14, 128, [5, 2, 2])), [true; 2], "halving with five taps");
        assert_eq!(takes(&sizes(1, 64, 14, 128, [4, 2, 1])), [false; 2], "one image: the weight costs more");
        assert_eq!(takes(&sizes(64, 256, 8, 512, [4, 2, 1])), [false; 2], "small images: likewise");
        assert_eq!(takes(&sizes(64, 32, 28, 60, [3, 1, 1])), [false; 2], "channels that do not fill vectors");
        assert_eq!(takes(&sizes(64, 32, 14, 64, [3, 2, 1])), [false; 2], "too few taps for the stride");
        assert_eq!(takes(&sizes(64, 64, 14, 128, [1, 1, 0])), [false; 2], "one tap");
    }
}
