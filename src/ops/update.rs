//! How a gradient moves a weight.

/// One step of an optimiser, for one parameter. Arithmetic as in PyTorch's `Adam`, `RMSprop` and `SGD`, and in the
/// pseudo-code of Lion's paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Adam (Kingma and Ba, 2015): remembers the means of the gradient and of its square.
    Adam {
        /// The learning rate, divided by how much of the mean has arrived since it began at zero.
        rate: f32,
        /// How much of the mean stays.
        beta1: f32,
        /// How much of the mean square stays.
        beta2: f32,
        /// The root of how much of the mean square has arrived.
        root: f32,
        /// Added to the divisor.
        epsilon: f32,
    },
    /// RMSprop (Hinton, 2012): remembers the mean of the gradient's square, second.
    RmsProp {
        /// The learning rate.
        rate: f32,
        /// How much of the mean square stays.
        alpha: f32,
        /// Added to the divisor.
        epsilon: f32,
    },
    /// Lion (Chen et al., 2023, algorithm 2): remembers the mean of the gradient, first.
    Lion {
        /// The learning rate: how far each weight moves.
        rate: f32,
        /// How much of the mean counts in the direction of a step.
        beta1: f32,
        /// How much of the mean stays.
        beta2: f32,
    },
    /// Gradient descent: remembers the velocity, first.
    Sgd {
        /// The learning rate.
        rate: f32,
        /// How much of the velocity stays.
        momentum: f32,
    },
}
