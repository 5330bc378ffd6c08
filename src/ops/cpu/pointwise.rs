//! Functions of single values over whole slices.

use super::{simd, threads};
use crate::ops::Bend;

/// `values = bend(values)`.
pub fn bend(bend: Bend, values: &mut [f32]) {
    match bend {
        // Comparisons that let through what is not a number: a run that diverges must be noticed.
        Bend::Relu => map(
            values,
            #[inline(always)]
            |x| if x < 0.0 { 0.0 } else { x },
        ),
        Bend::LeakyRelu { slope } => map(
            values,
            #[inline(always)]
            move |x| if x < 0.0 { x * slope } else { x },
        ),
        Bend::Tanh => map(values, tanh),
        Bend::Sigmoid => map(values, sigmoid),
    }
}

/// `values = bend(values + bias)`.
pub fn add_and_bend(values: &mut [f32], bias: f32, function: Option<Bend>) {
    if bias != 0.0 {
        map(
            values,
            #[inline(always)]
            move |x| x + bias,
        );
    }
    if let Some(function) = function {
        bend(function, values);
    }
}

/// `values = bend(values + bias)`, each value of the bias for so many `pixels`.
pub fn add_each_and_bend(values: &mut [f32], bias: Option<&[f32]>, pixels: usize, function: Option<Bend>) {
    match bias {
        Some(bias) if pixels == 1 => zip(
            values,
            bias,
            #[inline(always)]
            |x, bias| x + bias,
        ),
        Some(bias) => values.chunks_mut(pixels).zip(bias).for_each(|(values, &bias)| add_and_bend(values, bias, None)),
        None => {}
    }
    if let Some(function) = function {
        bend(function, values);
    }
}

/// The sum of each channel of values `[n, channels, pixels]`.
pub fn sum_channels(values: &[f32], channels: usize, pixels: usize) -> Vec<f32> {
    let part = samples_of_part(values.len(), channels * pixels);
    add_up(threads::map(values.chunks(part), |values| {
        let mut sums = vec![0.0; channels];
        values.chunks((channels * pixels).max(1)).for_each(|sample| add_channels(sample, pixels, &mut sums));
        sums
    }))
}

/// [`unbend`] with all threads, and the sum of each channel of what it leaves, `[n, channels, pixels]`.
pub fn unbend_and_sum_channels(bend: Bend, gradient: &mut [f32], result: &[f32], channels: usize, pixels: usize) -> Vec<f32> {
    let sample = (channels * pixels).max(1);
    let part = samples_of_part(gradient.len(), sample);
    add_up(threads::map(gradient.chunks_mut(part).zip(result.chunks(part)), |(gradient, result)| {
        let mut sums = vec![0.0; channels];
        for (gradient, result) in gradient.chunks_mut(sample).zip(result.chunks(sample)) {
            unbend(bend, gradient, result);
            add_channels(gradient, pixels, &mut sums);
        }
        sums
    }))
}

fn samples_of_part(values: usize, sample: usize) -> usize {
    threads::part(values).next_multiple_of(sample.max(1))
}

/// Adds each channel of one sample to its sum.
fn add_channels(sample: &[f32], pixels: usize, sums: &mut [f32]) {
    simd::dispatch(
        #[inline(always)]
        || match pixels {
            1 => sums.iter_mut().zip(sample).for_each(|(sum, value)| *sum += value),
            _ => sums.iter_mut().zip(sample.chunks(pixels)).for_each(|(sum, values)| *sum += simd::sum(values)),
        },
    );
}

/// Adds the sums of several threads, in their order.
fn add_up(sums: Vec<Vec<f32>>) -> Vec<f32> {
    let join = |first: Vec<f32>, second: Vec<f32>| first.into_iter().zip(second).map(|(first, second)| first + second).collect();
    sums.into_iter().reduce(join).unwrap_or_default()
}

/// `gradient *= bend'`, told from the function's result.
pub fn unbend(bend: Bend, gradient: &mut [f32], result: &[f32]) {
    match bend {
        Bend::Relu => zip(
            gradient,
            result,
            #[inline(always)]
            |g, y| if y > 0.0 { g } else { 0.0 },
        ),
        Bend::LeakyRelu { slope } => zip(
            gradient,
            result,
            #[inline(always)]
            move |g, y| if y > 0.0 { g } else { g * slope },
        ),
        Bend::Tanh => zip(
            gradient,
            result,
            #[inline(always)]
            |g, y| g * (1.0 - y * y),
        ),
        Bend::Sigmoid => zip(
            gradient,
            result,
            #[inline(always)]
            |g, y| g * y * (1.0 - y),
        ),
    }
}

/// [`bend`] with all threads.
pub fn bend_all(function: Bend, values: &mut [f32]) {
    let part = threads::part(values.len());
    threads::each(values.chunks_mut(part), |values| bend(function, values));
}

/// [`unbend`] with all threads.
pub fn unbend_all(bend: Bend, gradient: &mut [f32], result: &[f32]) {
    let part = threads::part(gradient.len());
    threads::each(gradient.chunks_mut(part).zip(result.chunks(part)), |(gradient, result)| unbend(bend, gradient, result));
}

#[inline(always)]
fn map(values: &mut [f32], function: impl Fn(f32) -> f32) {
    simd::dispatch(
        #[inline(always)]
        || values.iter_mut().for_each(|value| *value = function(*value)),
    );
}

#[inline(always)]
fn zip(values: &mut [f32], others: &[f32], function: impl Fn(f32, f32) -> f32) {
    simd::dispatch(
        #[inline(always)]
        || values.iter_mut().zip(others).for_each(|(value, &other)| *value = function(*value, other)),
    );
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// A rational function, odd over even, right to a few units in the last place (that of Eigen's `ptanh` and of XLA). It has neither branch
/// nor call, so that a loop over it is compiled to vectors.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    const ODD: [f32; 7] = [4.893_524_6e-3, 6.372_619_3e-4, 1.485_722_4e-5, 5.122_297_1e-8, -8.604_672e-11, 2.000_188e-13, -2.760_768_5e-16];
    const EVEN: [f32; 4] = [4.893_525e-3, 2.268_434_6e-3, 1.185_347_1e-4, 1.198_258_4e-6];
    /// Where the function reaches one in 32 bits.
    const ONE: f32 = 7.905_311;
    let x = x.clamp(-ONE, ONE);
    let square = x * x;
    let odd = ODD.iter().rev().fold(0.0, |sum, &coefficient| sum * square + coefficient);
    let even = EVEN.iter().rev().fold(0.0, |sum, &coefficient| sum * square + coefficient);
    x * odd / even
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tanh_is_right_to_a_few_units_in_the_last_place() {
        for index in -4_000..=4_000 {
            let x = index as f32 * 0.003;
            let wanted = f64::from(x).tanh();
            assert!((f64::from(tanh(x)) - wanted).abs() <= 4e-7 * wanted.abs().max(1e-3), "tanh({x}) = {}, not {wanted}", tanh(x));
        }
        assert!(tanh(f32::NAN).is_nan());
        assert_eq!([tanh(f32::INFINITY), tanh(0.0)].map(|y| (y * 1e6).round()), [1e6, 0.0]);
    }

    #[test]
    fn what_is_no_number_is_let_through() {
        for function in [Bend::Relu, Bend::LeakyRelu { slope: 0.2 }, Bend::Tanh, Bend::Sigmoid] {
            let mut values = [f32::NAN; 3];
            bend(function, &mut values);
            assert!(values.iter().all(|value| value.is_nan()), "{function:?}");
        }
    }
}
