//! The operations on the GPU, by Burn's kernels.

use burn::backend::ops::{ActivationOps, FloatTensorOps, ModuleOps};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Shape, TensorMetadata as _, get_or_init_device_settings};
use burn::tensor::ops::ConvOptions;
use burn_wgpu::CubeBackend;

use super::backend::{Gradients, Ops, Updates};
use super::bend::Bend;
use super::linear::{Linear, LinearGradients, Wanted};
use super::update::Rule;

type Float = FloatTensor<CubeBackend>;
type B = CubeBackend;

impl Ops for CubeBackend {
    fn weighted(x: Float, weight: Float, map: Linear, bend: Option<Bend>) -> Float {
        bent(mapped(x, weight, None, map), bend)
    }

    fn weighted_and_biased(x: Float, weight: Float, bias: Float, map: Linear, bend: Option<Bend>) -> Float {
        bent(mapped(x, weight, Some(bias), map), bend)
    }

    fn bend(x: Float, bend: Bend) -> Float {
        match bend {
            Bend::Relu => B::relu(x),
            Bend::LeakyRelu { slope } => B::leaky_relu(x, slope.into()),
            Bend::Tanh => B::float_tanh(x),
            Bend::Sigmoid => B::sigmoid(x),
        }
    }

    fn broken_change(change: Float, result: Float, bend: Bend) -> Float {
        B::unbend(change, result, bend)
    }

    fn normalise(x: Float, weight: Float, bias: Float, epsilon: f32, bend: Option<Bend>) -> (Float, Float, Float) {
        let normalised = B::batch_norm_train(x, weight, bias, f64::from(epsilon));
        (bent(normalised.output, bend), normalised.mean, normalised.variance)
    }

    fn rescale(x: Float, weight: Float, bias: Float, mean: Float, variance: Float, epsilon: f32, bend: Option<Bend>) -> Float {
        bent(B::batch_norm(x, weight, bias, mean, variance, f64::from(epsilon)), bend)
    }
}

fn mapped(x: Float, weight: Float, bias: Option<Float>, map: Linear) -> Float {
    match map {
        Linear::Dense => pictures(B::linear(vectors(x), weight, bias)),
        Linear::Conv2d(options) => B::conv2d(x, weight, bias, options),
        Linear::ConvTranspose2d(options) => B::conv_transpose2d(x, weight, bias, options),
    }
}

/// `[n, values, 1, 1]` as `[n, values]`.
fn vectors(x: Float) -> Float {
    let shape = x.shape();
    B::float_reshape(x, Shape::from([shape[0], shape[1]]))
}

/// `[n, values]` as `[n, values, 1, 1]`.
fn pictures(x: Float) -> Float {
    let shape = x.shape();
    B::float_reshape(x, Shape::from([shape[0], shape[1], 1, 1]))
}

fn bent(y: Float, bend: Option<Bend>) -> Float {
    match bend {
        Some(bend) => B::bend(y, bend),
        None => y,
    }
}

impl Updates for CubeBackend {
    fn update(weight: Float, gradient: Float, first: Float, second: Float, rule: Rule) -> (Float, Float, Float) {
        match rule {
            Rule::Adam { rate, beta1, beta2, root, epsilon } => {
                let mean = B::blend(first, gradient.clone(), beta1);
                let square = B::blend(second, B::float_mul(gradient.clone(), gradient), beta2);
                let divisor = B::float_add_scalar(B::float_div_scalar(B::float_sqrt(square.clone()), root.into()), epsilon.into());
                let step = B::float_mul_scalar(B::float_div(mean.clone(), divisor), rate.into());
                (B::float_sub(weight, step), mean, square)
            }
            Rule::RmsProp { rate, alpha, epsilon } => {
                let square = B::blend(second, B::float_mul(gradient.clone(), gradient.clone()), alpha);
                let divisor = B::float_add_scalar(B::float_sqrt(square.clone()), epsilon.into());
                let step = B::float_mul_scalar(B::float_div(gradient, divisor), rate.into());
                (B::float_sub(weight, step), first, square)
            }
            Rule::Lion { rate, beta1, beta2 } => {
                let direction = B::float_sign(B::blend(first.clone(), gradient.clone(), beta1));
                (B::float_sub(weight, B::float_mul_scalar(direction, rate.into())), B::blend(first, gradient, beta2), second)
            }
            Rule::Sgd { rate, momentum } => {
                let velocity = B::float_add(B::float_mul_scalar(first, momentum.into()), gradient);
                (B::float_sub(weight, B::float_mul_scalar(velocity.clone(), rate.into())), velocity, second)
            }
        }
    }

    fn blend(own: Float, other: Float, keep: f32) -> Float {
        B::float_add(B::float_mul_scalar(own, keep.into()), B::float_mul_scalar(other, (1.0 - keep).into()))
    }
}

impl Gradients for CubeBackend {
    fn unbend(gradient: Float, result: Float, bend: Bend) -> Float {
        match bend {
            Bend::Relu => B::relu_backward(result, gradient),
            // The result has the sign of the input, which is all that is asked of it.
            Bend::LeakyRelu { slope } => leaky_relu_gradient(gradient, result, slope),
            Bend::Tanh => {
                let slope = B::float_add_scalar(B::float_neg(B::float_mul(result.clone(), result)), 1_f32.into());
                B::float_mul(gradient, slope)
            }
            Bend::Sigmoid => B::sigmoid_backward(result, gradient),
        }
    }

    fn linear_gradients(
        x: Float,
        weight: Float,
        bent: Option<(Bend, Float)>,
        gradient: Float,
        map: &Linear,
        wanted: Wanted,
    ) -> LinearGradients<Self> {
        let gradient = unbent(gradient, bent);
        let bias = wanted.bias.then(|| bias_gradient(gradient.clone()));
        let input = wanted.input.then(|| {
            let (x, weight, gradient) = (x.clone(), weight.clone(), gradient.clone());
            match map {
                Linear::Dense => pictures(B::linear_x_backward(weight, vectors(gradient))),
                Linear::Conv2d(options) => B::conv2d_x_backward(x, weight, gradient, options.clone()),
                Linear::ConvTranspose2d(options) => B::conv_transpose2d_x_backward(weight, gradient, options.clone()),
            }
        });
        let weight = wanted.weight.then(|| match map {
            Linear::Dense => B::linear_weight_backward(vectors(x), vectors(gradient)),
            Linear::Conv2d(options) => B::conv2d_weight_backward(x, weight, gradient, options.clone()),
            // The gradient's unfolding times the input: the weight gradient of the convolution that this one transposes. Burn would
            // convolve with a kernel as large as the feature map.
            Linear::ConvTranspose2d(options) => {
                let options = ConvOptions::new(options.stride, options.padding, options.dilation, options.groups);
                B::conv2d_weight_backward(gradient, weight, x, options)
            }
        });
        LinearGradients { input, weight, bias }
    }

    fn normalise_gradients(
        x: Float,
        weight: Float,
        [mean, variance]: [Float; 2],
        epsilon: f32,
        bent: Option<(Bend, Float)>,
        gradient: Float,
    ) -> [Float; 3] {
        let gradient = unbent(gradient, bent);
        let gradients = B::batch_norm_train_backward(x, weight, mean, variance, f64::from(epsilon), gradient);
        [gradients.x_grad, gradients.gamma_grad, gradients.beta_grad]
    }
}

fn leaky_relu_gradient(gradient: Float, result: Float, slope: f32) -> Float {
    let bool_dtype = get_or_init_device_settings::<B>(&result.device()).bool_dtype;
    let below = B::float_lower_equal_elem(result, 0_f32.into(), bool_dtype);
    let scaled = B::float_mul_scalar(gradient.clone(), slope.into());
    B::float_mask_where(gradient, below, scaled)
}

fn unbent(gradient: Float, bent: Option<(Bend, Float)>) -> Float {
    match bent {
        Some((bend, result)) => B::unbend(gradient, result, bend),
        None => gradient,
    }
}

/// The sum of a gradient `[n, filters, ...]` over all but the filters.
fn bias_gradient(gradient: Float) -> Float {
    let shape = gradient.shape();
    let filters = shape[1];
    let others: Vec<usize> = (0..shape.num_dims()).filter(|&dim| dim != 1).collect();
    B::float_reshape(B::float_sum_dims(gradient, &others), Shape::from([filters]))
}
