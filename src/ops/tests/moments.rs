//! Batch normalisation against Burn's, and against its definition in 64 bits.

use burn::tensor::{Tensor, module};

use super::{BENDS, assert_near, burns_bend, exact_bend, has_kink, stream, tensor, values, widened};
use crate::device;
use crate::ops::{self, Bend};
use crate::random::normals;

const EPSILON: f32 = 1e-5;

/// With one pixel and with more; with one sample; and two that are more than one thread takes.
const SHAPES: [[usize; 4]; 8] =
    [[7, 3, 1, 1], [64, 33, 1, 1], [600, 70, 1, 1], [2, 4, 1, 9], [1, 3, 5, 5], [3, 5, 4, 6], [5, 2, 31, 1], [20, 8, 16, 17]];

/// What every channel's mean is near to.
const OFFSETS: [f32; 2] = [0.0, 1000.0];

/// A batch, what a channel is multiplied with and moved by, and the gradient of the output.
struct Batch {
    dims: [usize; 4],
    x: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    cotangent: Vec<f32>,
}

impl Batch {
    fn draw(case: usize, dims: [usize; 4], offset: f32) -> Self {
        let mut rng = stream(30_000 + case);
        let (count, pixels) = (dims.iter().product(), dims[2] * dims[3]);
        let x = normals(&mut rng, count);
        // Channels of different means and deviations.
        let channel = |index: usize| (index / pixels % dims[1]) as f32;
        let x = x.iter().enumerate().map(|(index, x)| offset + channel(index).sin() + x * (1.5 + channel(index).cos())).collect();
        let weight = normals(&mut rng, dims[1]).iter().map(|w| w + w.signum() * 0.5).collect();
        Self { dims, x, weight, bias: normals(&mut rng, dims[1]), cotangent: normals(&mut rng, count) }
    }

    fn channel(&self, index: usize) -> usize {
        index / (self.dims[2] * self.dims[3]) % self.dims[1]
    }

    /// The sums over each channel of a number for each value.
    fn sums(&self, number: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.dims[1]];
        (0..self.x.len()).for_each(|index| sums[self.channel(index)] += number(index));
        sums
    }

    fn means(&self, number: impl Fn(usize) -> f64) -> Vec<f64> {
        let count = (self.x.len() / self.dims[1]) as f64;
        self.sums(number).into_iter().map(|sum| sum / count).collect()
    }
}

/// What a normalisation gives: values, mean, variance, and the gradients of input, weight and bias.
struct Results<T> {
    y: Vec<T>,
    moments: [Vec<T>; 2],
    gradients: [Vec<T>; 3],
}

/// By the definition. Where a kink is so near that rounding decides, the batch's cotangent is made zero.
fn by_definition(batch: &mut Batch, bend: Option<Bend>, near: f64) -> Results<f64> {
    let x = widened(&batch.x);
    let mean = batch.means(|index| x[index]);
    let variance = batch.means(|index| (x[index] - mean[batch.channel(index)]).powi(2));
    let scale = |index: usize| (variance[batch.channel(index)] + f64::from(EPSILON)).sqrt().recip();
    let normal: Vec<f64> = (0..x.len()).map(|index| (x[index] - mean[batch.channel(index)]) * scale(index)).collect();
    let weight = |index: usize| f64::from(batch.weight[batch.channel(index)]);
    let before: Vec<f64> = (0..x.len()).map(|index| normal[index] * weight(index) + f64::from(batch.bias[batch.channel(index)])).collect();
    let far: Vec<f32> = before.iter().map(|&x| if has_kink(bend) && x.abs() < near { 0.0 } else { 1.0 }).collect();

    let [y, slopes] = [0, 1].map(|which| before.iter().map(|&x| exact_bend(x, bend)[which]).collect::<Vec<f64>>());
    let gradient: Vec<f64> = (0..x.len()).map(|index| f64::from(batch.cotangent[index] * far[index]) * slopes[index]).collect();
    let (of_mean, of_normal) = (batch.means(|index| gradient[index]), batch.means(|index| gradient[index] * normal[index]));
    let of_x = (0..x.len())
        .map(|index| {
            let channel = batch.channel(index);
            weight(index) * scale(index) * (gradient[index] - of_mean[channel] - normal[index] * of_normal[channel])
        })
        .collect();
    let gradients = [of_x, batch.sums(|index| gradient[index] * normal[index]), batch.sums(|index| gradient[index])];
    batch.cotangent.iter_mut().zip(far).for_each(|(cotangent, far)| *cotangent *= far);
    Results { y, moments: [mean, variance], gradients }
}

type Normalise = fn(Tensor<4>, Tensor<1>, Tensor<1>, Option<Bend>) -> (Tensor<4>, [Tensor<1>; 2]);

fn ours(x: Tensor<4>, weight: Tensor<1>, bias: Tensor<1>, bend: Option<Bend>) -> (Tensor<4>, [Tensor<1>; 2]) {
    let normalised = ops::normalise(x, weight, bias, EPSILON, bend);
    (normalised.output, [normalised.mean, normalised.variance])
}

fn burns(x: Tensor<4>, weight: Tensor<1>, bias: Tensor<1>, bend: Option<Bend>) -> (Tensor<4>, [Tensor<1>; 2]) {
    let normalised = module::batch_norm_train(x, weight, bias, f64::from(EPSILON));
    (burns_bend(normalised.output, bend), [normalised.mean, normalised.variance])
}

fn run(batch: &Batch, bend: Option<Bend>, normalise: Normalise) -> Results<f32> {
    let device = device::cpu().autodiff();
    let channels = [batch.dims[1]];
    let x = tensor(&batch.x, batch.dims, &device).require_grad();
    let weight = tensor(&batch.weight, channels, &device).require_grad();
    let bias = tensor(&batch.bias, channels, &device).require_grad();
    let (y, moments) = normalise(x.clone(), weight.clone(), bias.clone(), bend);
    let back = (y.clone() * tensor(&batch.cotangent, batch.dims, &device)).sum().backward();
    let gradients = [values(x.grad(&back).unwrap()), values(weight.grad(&back).unwrap()), values(bias.grad(&back).unwrap())];
    Results { y: values(y), moments: moments.map(values), gradients }
}

#[test]
fn a_batch_is_normalised_as_defined_and_as_by_burn() {
    let mut case = 0;
    for (dims, offset) in SHAPES.into_iter().flat_map(|dims| OFFSETS.map(|offset| (dims, offset))) {
        for bend in BENDS {
            case += 1;
            let mut batch = Batch::draw(case, dims, offset);
            let what = format!("{dims:?} near {offset}, {bend:?}");
            let allowed = Allowed::new(&batch, offset);
            let truth = by_definition(&mut batch, bend, 2.0 * allowed.output);
            let got = run(&batch, bend, ours);
            compare(&got, &truth, &allowed, &format!("{what}: by definition"));
            let Results { y, moments, gradients } = run(&batch, bend, burns);
            let truth = Results { y: widened(&y), moments: moments.map(|m| widened(&m)), gradients: gradients.map(|g| widened(&g)) };
            compare(&got, &truth, &allowed.of_burn(), &format!("{what}: Burn"));
        }
    }
}

/// What rounding explains: a value near 1000 is known to 6e-5, and what is computed of it no better.
struct Allowed {
    output: f64,
    mean: f64,
    /// Of one; the variance does not suffer from the offset.
    variance: f64,
    input: f64,
    /// For each channel.
    weight: Vec<f64>,
}

impl Allowed {
    fn new(batch: &Batch, offset: f32) -> Self {
        let rounding = f64::from(f32::EPSILON) * f64::from(offset + 8.0);
        let mean = batch.means(|index| f64::from(batch.x[index]));
        let variance = batch.means(|index| (f64::from(batch.x[index]) - mean[batch.channel(index)]).powi(2));
        let scale = variance.iter().zip(&batch.weight).map(|(v, &w)| f64::from(w).abs() / v.sqrt()).fold(1.0, f64::max);
        let weight = batch.sums(|index| f64::from(batch.cotangent[index]).abs()).iter().map(|sum| 2.0 * rounding * scale * sum).collect();
        Self { output: 3.0 * rounding * scale, mean: 0.5 * rounding, variance: 1e-5, input: 8.0 * rounding * scale * scale, weight }
    }

    /// Burn computes its own sums in 32 bits, less exactly.
    fn of_burn(&self) -> Self {
        const MORE: f64 = 8.0;
        let weight = self.weight.iter().map(|allowed| MORE * allowed).collect();
        let Self { output, mean, variance, input, .. } = *self;
        Self { output: MORE * output, mean: MORE * mean, variance: MORE * variance, input: MORE * input, weight }
    }
}

fn compare(got: &Results<f32>, truth: &Results<f64>, allowed: &Allowed, what: &str) {
    assert_near(&got.y, &truth.y, |_| allowed.output, &format!("{what}: output"));
    let ([mean, variance], [true_mean, true_variance]) = (&got.moments, &truth.moments);
    assert_near(mean, true_mean, |_| allowed.mean, &format!("{what}: mean"));
    assert_near(variance, true_variance, |channel| allowed.variance * true_variance[channel], &format!("{what}: variance"));
    assert_near(&got.gradients[0], &truth.gradients[0], |_| allowed.input, &format!("{what}: gradient of the input"));
    for (index, name) in [(1, "weight"), (2, "bias")] {
        let (got, truth) = (&got.gradients[index], &truth.gradients[index]);
        assert_near(got, truth, |channel| allowed.weight[channel], &format!("{what}: gradient of the {name}"));
    }
}

#[test]
fn given_moments_normalise_as_by_burn() {
    for (case, dims) in SHAPES.into_iter().enumerate() {
        for bend in BENDS {
            let batch = Batch::draw(case, dims, 0.0);
            let what = format!("{dims:?}, {bend:?}");
            // Not the batch's own.
            let moments = [vec![0.3; dims[1]], (0..dims[1]).map(|channel| 0.5 + channel as f32 * 0.1).collect()];
            let run = |device: &burn::tensor::Device, is_ours: bool| {
                let vector = |values: &[f32]| tensor(values, [dims[1]], device);
                let (x, weight, bias) = (tensor(&batch.x, dims, device), vector(&batch.weight), vector(&batch.bias));
                let [mean, variance] = [vector(&moments[0]), vector(&moments[1])];
                if is_ours {
                    return values(ops::rescale(x, weight, bias, [mean, variance], EPSILON, bend));
                }
                values(burns_bend(module::batch_norm(x, weight, bias, mean, variance, f64::from(EPSILON)), bend))
            };
            let wanted = widened(&run(&device::cpu(), false));
            for device in [device::cpu(), device::cpu().autodiff()] {
                assert_near(&run(&device, true), &wanted, |index| 2e-6 * wanted[index].abs().max(4.0), &what);
            }
        }
    }
}
