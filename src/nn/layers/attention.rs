//! Self-attention as in SAGAN (Zhang et al., 2018, equations 1 to 3).

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, activation};
use rand_chacha::ChaCha8Rng;

use super::Conv2d;
use crate::nn::dual::Dual;
use crate::nn::init;
use crate::nn::pass::Pass;
use crate::spec::{Attention, Shape, ShapeError};

/// Every place asks (`query`) all others what they have (`key`), and takes of what they say (`value`) according to how well it answers.
#[derive(Module, Debug)]
pub struct SelfAttention {
    query: Conv2d,
    key: Conv2d,
    value: Conv2d,
    out: Conv2d,
    /// How much of it is added, `[1]`: nothing at first.
    gamma: Param<Tensor<1>>,
}

impl SelfAttention {
    /// Attention over inputs of the shape `input`.
    ///
    /// # Errors
    /// A part does not fit.
    pub fn new(parts: &Attention, input: Shape, rng: &mut ChaCha8Rng, device: &Device) -> Result<Self, ShapeError> {
        let between = Shape { channels: parts.inner, ..input };
        let mut into = || Conv2d::new(&parts.into, input, rng, device);
        let (query, key, value) = (into()?, into()?, into()?);
        let out = Conv2d::new(&parts.out, between, rng, device)?;
        Ok(Self { query, key, value, out, gamma: init::parameter(vec![0.0], [1], device) })
    }

    /// `[n, channels, height, width]` to the same.
    pub fn forward(&self, x: Tensor<4>, pass: &Pass) -> Tensor<4> {
        let [n, _, height, width] = x.dims();
        let flat = |conv: &Conv2d| {
            let y = conv.forward(x.clone(), pass, None);
            let [n, inner, height, width] = y.dims();
            y.reshape([n, inner, height * width]) // [n, inner, places]
        };
        let (query, key, value) = (flat(&self.query), flat(&self.key), flat(&self.value));
        let scores = query.swap_dims(1, 2).matmul(key); // [n, places that ask, places asked]
        let shares = activation::softmax(scores, 2);
        let inner = value.dims()[1];
        let seen = value.matmul(shares.swap_dims(1, 2)).reshape([n, inner, height, width]);
        let gamma = self.gamma.val().reshape([1, 1, 1, 1]);
        x.clone() + self.out.forward(seen, pass, None) * gamma
    }

    /// The same for a value and its change.
    pub fn jvp(&self, x: Dual, pass: &Pass) -> Dual {
        let [n, _, height, width] = x.value.dims();
        let flat = |conv: &Conv2d| {
            let y = conv.jvp(x.clone(), pass, None);
            let [n, inner, height, width] = y.value.dims();
            y.reshape([n, inner, height * width]) // [n, inner, places] each
        };
        let ([query, d_query], [key, d_key], [value, d_value]) = (flat(&self.query), flat(&self.key), flat(&self.value));
        let [query, d_query] = [query, d_query].map(|x| x.swap_dims(1, 2));
        let d_scores = d_query.matmul(key.clone()) + query.clone().matmul(d_key);
        let shares = activation::softmax(query.matmul(key), 2); // [n, places that ask, places asked]
        let weighed = shares.clone() * d_scores;
        let d_shares = weighed.clone() - shares.clone() * weighed.sum_dim(2);
        let inner = value.dims()[1];
        let [shares, d_shares] = [shares, d_shares].map(|x| x.swap_dims(1, 2));
        let d_seen = d_value.matmul(shares.clone()) + value.clone().matmul(d_shares);
        let [seen, d_seen] = [value.matmul(shares), d_seen].map(|x| x.reshape([n, inner, height, width]));
        let gamma = self.gamma.val().reshape([1, 1, 1, 1]);
        x.clone() + self.out.jvp(Dual::new(seen, d_seen), pass, None).linear(|y| y * gamma.clone())
    }
}
