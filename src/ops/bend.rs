//! The nonlinearities whose slope is told by their result: they need no memory of their input, and can be part of the operation before.

/// A function applied to each value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bend {
    /// `max(x, 0)`.
    Relu,
    /// `x` or `slope * x`.
    LeakyRelu {
        /// The slope below zero; not negative, so that the result has the sign of the input.
        slope: f32,
    },
    /// Hyperbolic tangent.
    Tanh,
    /// Logistic function.
    Sigmoid,
}
