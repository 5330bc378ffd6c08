//! Batch normalisation (Ioffe and Szegedy, 2015) of values `[n, channels, pixels]`: over `n` and `pixels`.
//!
//! The work is divided by samples, since a thread can then write what it computes where it belongs. Sums over the batch are kept in 64
//! bits and added in the order of the threads, so that a run repeats bit for bit.

use super::pointwise::{self, bend};
use super::{simd, threads};
use crate::ops::Bend;

/// Channels, and values of one channel of one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Channels.
    pub channels: usize,
    /// Values of one channel of one sample.
    pub pixels: usize,
}

/// Mean and variance of one channel; the variance is divided by the number of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// The mean.
    pub mean: f32,
    /// The variance.
    pub variance: f32,
}

impl Moments {
    /// What is taken away, the factor, and what is added, to normalise values with these moments, then stretch and move them. Both summands are
    /// kept, since a mean far from zero would drown what their difference says.
    pub fn normalising(self, epsilon: f32, weight: f32, bias: f32) -> [f32; 3] {
        [self.mean, weight / (self.variance + epsilon).sqrt(), bias]
    }
}

/// Two sums over one channel.
type Sums = [f64; 2];

impl Sizes {
    fn sample(self) -> usize {
        self.channels * self.pixels
    }

    /// Values that one thread takes: whole samples.
    fn part(self, len: usize) -> usize {
        threads::part(len).next_multiple_of(self.sample().max(1))
    }

    /// The moments of each channel.
    pub fn moments(self, x: &[f32]) -> Vec<Moments> {
        let totals = threads::map(x.chunks(self.part(x.len())), |x| {
            let mut totals = vec![[0.0; 2]; self.channels];
            simd::dispatch(
                #[inline(always)]
                || {
                    for sample in x.chunks(self.sample()) {
                        for (x, total) in sample.chunks(self.pixels).zip(&mut totals) {
                            *total = add(*total, sum_and_squares(x));
                        }
                    }
                },
            );
            totals
        });
        let count = (x.len() / self.channels.max(1)) as f64;
        let moments = |[sum, squares]: Sums| {
            let mean = sum / count;
            Moments { mean: mean as f32, variance: (squares / count - mean * mean) as f32 }
        };
        add_all(totals).into_iter().map(moments).collect()
    }

    /// `y = function((x - mean) * scale + bias)`, with these three for each channel.
    pub fn scale(self, x: &[f32], affine: &[[f32; 3]], y: &mut [f32], function: Option<Bend>) {
        let part = self.part(x.len());
        threads::each(x.chunks(part).zip(y.chunks_mut(part)), |(x, y)| {
            for (x, y) in x.chunks(self.sample()).zip(y.chunks_mut(self.sample())) {
                simd::dispatch(
                    #[inline(always)]
                    || {
                        for ((x, y), &[mean, scale, bias]) in x.chunks(self.pixels).zip(y.chunks_mut(self.pixels)).zip(affine) {
                            x.iter().zip(y).for_each(|(&x, y)| *y = (x - mean) * scale + bias);
                        }
                    },
                );
                if let Some(function) = function {
                    bend(function, y);
                }
            }
        });
    }

    /// Turns the gradient of a normalisation by the batch's own `moments` into that of its input `x`. Returns the gradients of the
    /// factors and of the summands. `bent` is the function that followed, with its result.
    pub fn gradients(
        self,
        x: &[f32],
        weight: &[f32],
        moments: &[Moments],
        epsilon: f32,
        bent: Option<(Bend, &[f32])>,
        gradient: &mut [f32],
    ) -> [Vec<f32>; 2] {
        let part = self.part(x.len());
        if let Some((function, y)) = bent {
            threads::each(gradient.chunks_mut(part).zip(y.chunks(part)), |(gradient, y)| pointwise::unbend(function, gradient, y));
        }
        let sums = self.gradient_sums(x, moments, gradient);
        let count = (x.len() / self.channels.max(1)) as f64;
        let deviation = |moments: &Moments| f64::from(moments.variance + epsilon).sqrt();
        // dx = scale * (dy - mean(dy) - x^ * mean(dy * x^)), which is a factor of dy, one of x and a summand.
        let terms: Vec<[f32; 3]> = sums
            .iter()
            .zip(moments)
            .zip(weight)
            .map(|((&[sum, product], moments), &weight)| {
                let scale = f64::from(weight) / deviation(moments);
                let of_x = -scale * product / count / deviation(moments).powi(2);
                [scale as f32, of_x as f32, (-scale * sum / count - of_x * f64::from(moments.mean)) as f32]
            })
            .collect();
        threads::each(x.chunks(part).zip(gradient.chunks_mut(part)), |(x, gradient)| {
            simd::dispatch(
                #[inline(always)]
                || {
                    for (x, gradient) in x.chunks(self.sample()).zip(gradient.chunks_mut(self.sample())) {
                        for ((x, gradient), &[scale, of_x, shift]) in
                            x.chunks(self.pixels).zip(gradient.chunks_mut(self.pixels)).zip(&terms)
                        {
                            x.iter().zip(gradient).for_each(|(&x, g)| *g = *g * scale + (x * of_x + shift));
                        }
                    }
                },
            );
        });
        let of_weight = sums.iter().zip(moments).map(|(&[_, product], moments)| (product / deviation(moments)) as f32).collect();
        [of_weight, sums.iter().map(|&[sum, _]| sum as f32).collect()]
    }

    /// For each channel the sum of the gradient, and of its product with the deviation from the mean.
    fn gradient_sums(self, x: &[f32], moments: &[Moments], gradient: &[f32]) -> Vec<Sums> {
        let part = self.part(x.len());
        let totals = threads::map(x.chunks(part).zip(gradient.chunks(part)), |(x, gradient)| {
            let mut totals = vec![[0.0; 2]; self.channels];
            simd::dispatch(
                #[inline(always)]
                || {
                    for (x, gradient) in x.chunks(self.sample()).zip(gradient.chunks(self.sample())) {
                        let channels = x.chunks(self.pixels).zip(gradient.chunks(self.pixels)).zip(moments);
                        for (((x, gradient), moments), total) in channels.zip(&mut totals) {
                            let mean = moments.mean;
                            *total = add(
                                *total,
                                lanes(
                                    x,
                                    gradient,
                                    #[inline(always)]
                                    |x, g| [g, g * (x - mean)],
                                ),
                            );
                        }
                    }
                },
            );
            totals
        });
        add_all(totals)
    }
}

/// The sum of some values and of their squares: in 32 bits only what is near their own mean.
#[inline(always)]
fn sum_and_squares(x: &[f32]) -> Sums {
    let count = x.len() as f64;
    let [sum, _] = lanes(
        x,
        x,
        #[inline(always)]
        |x, _| [x, 0.0],
    );
    let mean = (sum / count) as f32;
    let [rest, squares] = lanes(
        x,
        x,
        #[inline(always)]
        |x, _| [x - mean, (x - mean) * (x - mean)],
    );
    let mean = f64::from(mean);
    [mean * count + rest, squares + mean * (mean * count + 2.0 * rest)]
}

/// Values added side by side.
const LANES: usize = 16;

/// The sums of what `terms` makes of each pair of values.
#[inline(always)]
fn lanes(x: &[f32], y: &[f32], terms: impl Fn(f32, f32) -> [f32; 2]) -> Sums {
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    let mut sums = [[0.0_f32; LANES]; 2];
    for (x, y) in x.iter().zip(y) {
        for lane in 0..LANES {
            let [first, second] = terms(x[lane], y[lane]);
            sums[0][lane] += first;
            sums[1][lane] += second;
        }
    }
    for (&x, &y) in x_rest.iter().zip(y_rest) {
        let [first, second] = terms(x, y);
        sums[0][0] += first;
        sums[1][0] += second;
    }
    sums.map(|lanes| lanes.iter().map(|&sum| f64::from(sum)).sum())
}

#[inline(always)]
fn add(first: Sums, second: Sums) -> Sums {
    [first[0] + second[0], first[1] + second[1]]
}

fn add_all(totals: Vec<Vec<Sums>>) -> Vec<Sums> {
    let join = |first: Vec<Sums>, second: Vec<Sums>| first.into_iter().zip(second).map(|(first, second)| add(first, second)).collect();
    totals.into_iter().reduce(join).unwrap_or_default()
}
