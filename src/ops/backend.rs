//! What a backend has to offer.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, backend_extension};

use super::bend::Bend;
use super::linear::{Linear, LinearGradients, Wanted};
use super::update::Rule;

/// The operations as a network calls them, with autodiff or without. Shapes as in the functions of [`super`].
#[backend_extension(Flex, Cube, Autodiff)]
pub trait Ops: Backend {
    /// `bend(map(x))`.
    fn weighted(x: FloatTensor<Self>, weight: FloatTensor<Self>, map: Linear, bend: Option<Bend>) -> FloatTensor<Self>;

    /// `bend(map(x) + bias)`.
    fn weighted_and_biased(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        map: Linear,
        bend: Option<Bend>,
    ) -> FloatTensor<Self>;

    /// `bend(x)`.
    fn bend(x: FloatTensor<Self>, bend: Bend) -> FloatTensor<Self>;

    /// `change` times the slope of a function that is made of straight lines, where it has this result.
    fn broken_change(change: FloatTensor<Self>, result: FloatTensor<Self>, bend: Bend) -> FloatTensor<Self>;

    /// Batch normalisation by the batch's own moments; returns the values, the mean and the variance.
    fn normalise(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        epsilon: f32,
        bend: Option<Bend>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// Batch normalisation by given moments.
    fn rescale(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        epsilon: f32,
        bend: Option<Bend>,
    ) -> FloatTensor<Self>;
}

/// The operations that move weights, which have no gradients.
#[backend_extension(Flex, Cube)]
pub trait Updates: Backend {
    /// One step of an optimiser; returns the weight and the two memories.
    fn update(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        rule: Rule,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// `own * keep + other * (1 - keep)`.
    fn blend(own: FloatTensor<Self>, other: FloatTensor<Self>, keep: f32) -> FloatTensor<Self>;
}

/// The ways back, which only the autodiff backend calls.
pub trait Gradients: Ops {
    /// The gradient before a function, from that behind it and the function's result.
    fn unbend(gradient: FloatTensor<Self>, result: FloatTensor<Self>, bend: Bend) -> FloatTensor<Self>;

    /// The gradients of a linear map's input, weight and bias; `bent` is the function that followed, with its result.
    fn linear_gradients(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bent: Option<(Bend, FloatTensor<Self>)>,
        gradient: FloatTensor<Self>,
        map: &Linear,
        wanted: Wanted,
    ) -> LinearGradients<Self>;

    /// The gradients of a normalisation's input, weight and bias; `bent` is the function that followed, with its result.
    fn normalise_gradients(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        moments: [FloatTensor<Self>; 2],
        epsilon: f32,
        bent: Option<(Bend, FloatTensor<Self>)>,
        gradient: FloatTensor<Self>,
    ) -> [FloatTensor<Self>; 3];
}
