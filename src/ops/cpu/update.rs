//! How weights move: optimisers and averages, in one pass over all that a number needs.

use super::{simd, threads};
use crate::ops::Rule;

/// Moves `weight` along `gradient`, and what the rule remembers with it.
pub fn step(rule: Rule, weight: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32]) {
    match rule {
        Rule::Adam { rate, beta1, beta2, root, epsilon } => each(
            weight,
            gradient,
            first,
            second,
            #[inline(always)]
            |weight, gradient, mean, square| {
                *mean = *mean * beta1 + gradient * (1.0 - beta1);
                *square = *square * beta2 + gradient * gradient * (1.0 - beta2);
                *weight -= rate * (*mean / (square.sqrt() / root + epsilon));
            },
        ),
        Rule::RmsProp { rate, alpha, epsilon } => each(
            weight,
            gradient,
            first,
            second,
            #[inline(always)]
            |weight, gradient, _, square| {
                *square = *square * alpha + gradient * gradient * (1.0 - alpha);
                *weight -= rate * (gradient / (square.sqrt() + epsilon));
            },
        ),
        Rule::Lion { rate, beta1, beta2 } => each(
            weight,
            gradient,
            first,
            second,
            #[inline(always)]
            |weight, gradient, mean, _| {
                let direction = *mean * beta1 + gradient * (1.0 - beta1);
                // Where there is no direction there is no step; `signum` of zero would be one.
                *weight -= if direction == 0.0 { 0.0 } else { rate * direction.signum() };
                *mean = *mean * beta2 + gradient * (1.0 - beta2);
            },
        ),
        Rule::Sgd { rate, momentum } => each(
            weight,
            gradient,
            first,
            second,
            #[inline(always)]
            |weight, gradient, velocity, _| {
                *velocity = *velocity * momentum + gradient;
                *weight -= rate * *velocity;
            },
        ),
    }
}

#[inline(always)]
fn each(
    weight: &mut [f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
    step: impl Fn(&mut f32, f32, &mut f32, &mut f32) + Sync + Send,
) {
    let part = threads::part(weight.len());
    let weights = weight.chunks_mut(part).zip(gradient.chunks(part));
    let memories = first.chunks_mut(part).zip(second.chunks_mut(part));
    threads::each(weights.zip(memories), |((weight, gradient), (first, second))| {
        simd::dispatch(
            #[inline(always)]
            || {
                let memories = first.iter_mut().zip(second);
                for ((weight, &gradient), (first, second)) in weight.iter_mut().zip(gradient).zip(memories) {
                    step(weight, gradient, first, second);
                }
            },
        );
    });
}

/// `values = values * keep + others * (1 - keep)`.
pub fn blend(values: &mut [f32], others: &[f32], keep: f32) {
    let part = threads::part(values.len());
    threads::each(values.chunks_mut(part).zip(others.chunks(part)), |(values, others)| {
        simd::dispatch(
            #[inline(always)]
            || values.iter_mut().zip(others).for_each(|(value, &other)| *value = *value * keep + other * (1.0 - keep)),
        );
    });
}
