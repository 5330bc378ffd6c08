//! As Keras's layers hold them: channels last, and what spectral norm divides already divided.

use super::layout::{permuted, reshaped, row_by_row};
use crate::code::write::{Holder, Transform};
use crate::nn::{Named, TensorValues};

/// Power iterations for the direction that Keras begins with.
const ITERATIONS: usize = 30;

/// The numbers of a layer as Keras has them, by the names of its variables.
pub fn laid_out(holder: &Holder, own: Named) -> Named {
    let mut named = Named::new();
    for (name, values) in &own {
        let (part, last) = name.rsplit_once('.').map_or(("", name.as_str()), |(part, last)| (part, last));
        let stem = if part.is_empty() { String::new() } else { format!("{part}.") };
        match last {
            "weight_u" | "weight_v" => {}
            "weight_orig" => {
                let kernel = kernel(holder, part, &divided(values, &own, &stem, holder.transform));
                named.insert(format!("{stem}vector_u"), direction(&kernel));
                named.insert(format!("{stem}kernel"), kernel);
            }
            "weight" if is_kernel(holder, values) => {
                let name = if holder.transform_is_separable() { format!("{part}_kernel") } else { format!("{stem}kernel") };
                named.insert(name, kernel(holder, part, values));
            }
            "bias" if holder.transform_is_separable() => drop(named.insert("bias".to_owned(), values.clone())),
            _ => drop(named.insert(format!("{stem}{}", plain_name(holder, part, last)), each(holder, values.clone()))),
        }
    }
    named
}

impl Holder {
    fn transform_is_separable(&self) -> bool {
        matches!(self.transform, Transform::Separable(_))
    }
}

/// Does it mix values, and not scale each?
fn is_kernel(holder: &Holder, values: &TensorValues) -> bool {
    values.shape.len() > 1 && !matches!(holder.transform, Transform::Same | Transform::Each(_) | Transform::Slopes { .. })
}

/// What Keras calls one number for each channel or value.
fn plain_name(holder: &Holder, part: &str, last: &str) -> &'static str {
    let is_norm = match holder.transform {
        Transform::Same | Transform::Each(_) => true,
        Transform::Parts => part.starts_with("norm"),
        _ => false,
    };
    match last {
        "weight" if matches!(holder.transform, Transform::Slopes { .. }) => "alpha",
        "running_mean" => "moving_mean",
        "running_var" => "moving_variance",
        "bias" if is_norm => "beta",
        "bias" => "bias",
        _ => "gamma",
    }
}

/// A kernel with rows and columns first.
fn kernel(holder: &Holder, part: &str, values: &TensorValues) -> TensorValues {
    let depthwise = |channels: usize| {
        let [filters, _, height, width] = *values.shape.as_slice() else { return values.clone() };
        let split = reshaped(values.clone(), [channels, filters / channels.max(1), height, width]);
        permuted(&split, &[2, 3, 0, 1])
    };
    match holder.transform {
        Transform::Dense => {
            let rows = holder.input_order.map_or_else(|| values.clone(), |picture| row_by_row(values, 0, picture));
            holder.output_order.map_or_else(|| rows.clone(), |picture| row_by_row(&rows, 1, picture))
        }
        Transform::ConvTranspose => permuted(values, &[2, 3, 1, 0]),
        Transform::Depthwise(channels) => depthwise(channels),
        Transform::Separable(channels) if part == "depthwise" => depthwise(channels),
        _ => permuted(values, &[2, 3, 1, 0]),
    }
}

/// Numbers for each value or channel, in the order of Keras.
fn each(holder: &Holder, values: TensorValues) -> TensorValues {
    let picture = match holder.transform {
        Transform::Dense => holder.output_order,
        _ => holder.input_order.or(holder.output_order),
    };
    let count = values.values.len();
    match holder.transform {
        Transform::Each(shape) if !shape.is_vector() => {
            permuted(&reshaped(values, [shape.channels, shape.height, shape.width]), &[1, 2, 0])
        }
        Transform::Slopes { picture: true } => reshaped(values, [1, 1, count]),
        _ => picture.filter(|picture| picture.values() == count).map_or_else(|| values.clone(), |picture| row_by_row(&values, 0, picture)),
    }
}

/// The weight over its largest singular value, as the directions that were learned give it.
fn divided(weight: &TensorValues, own: &Named, stem: &str, transform: Transform) -> TensorValues {
    let [u, v] = ["u", "v"].map(|end| own.get(&format!("{stem}weight_{end}")).map(|values| values.values.as_slice()).unwrap_or_default());
    let rows_first = match transform {
        Transform::Dense => permuted(weight, &[1, 0]),
        Transform::ConvTranspose => permuted(weight, &[1, 0, 2, 3]),
        _ => weight.clone(),
    };
    let row = |(values, u): (&[f32], &f32)| f64::from(*u) * values.iter().zip(v).map(|(w, v)| f64::from(*w) * f64::from(*v)).sum::<f64>();
    let sigma: f64 = rows_first.values.chunks_exact(v.len().max(1)).zip(u).map(row).sum();
    TensorValues { shape: weight.shape.clone(), values: weight.values.iter().map(|value| (f64::from(*value) / sigma) as f32).collect() }
}

/// The direction over the last axis in which a kernel stretches most, `[1, last]`.
fn direction(kernel: &TensorValues) -> TensorValues {
    let last = kernel.shape.last().copied().unwrap_or(1).max(1);
    let mut u = vec![1.0 / (last as f64).sqrt(); last];
    for _ in 0..ITERATIONS {
        let mut next = vec![0.0; last];
        for row in kernel.values.chunks_exact(last) {
            let product: f64 = row.iter().zip(&u).map(|(w, u)| f64::from(*w) * u).sum();
            next.iter_mut().zip(row).for_each(|(next, w)| *next += product * f64::from(*w));
        }
        let length = next.iter().map(|value| value * value).sum::<f64>().sqrt().max(1e-12);
        u = next.into_iter().map(|value| value / length).collect();
    }
    TensorValues { shape: vec![1, last], values: u.into_iter().map(|value| value as f32).collect() }
}
