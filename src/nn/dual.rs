//! Dual numbers: what goes through a network, and how it changes along a direction, side by side.
//!
//! Penalties on a discriminator's gradient `g = dD/dx` need the gradient of that gradient, which Burn does not compute. But where a
//! penalty `P` changes with `g` by `u = dP/dg`, the gradient of `P` for any weight is that of `sum(u * g)`, `u` held fixed, and `u * g`
//! is how much the output changes when the input moves along `u`. So the network computes that change with its output (forward-mode
//! differentiation; Pearlmutter, 1994), and one ordinary step back through it gives all gradients, exactly.

use burn::tensor::Tensor;

use crate::ops::{self, Bend};

/// A value and its change along a direction, `[n, channels, height, width]` each.
#[derive(Clone, Debug)]
pub struct Dual {
    /// The value.
    pub value: Tensor<4>,
    /// How it changes.
    pub change: Tensor<4>,
}

impl Dual {
    /// A value that changes so.
    pub fn new(value: Tensor<4>, change: Tensor<4>) -> Self {
        Self { value, change }
    }

    /// What a linear map without an offset makes of it.
    pub fn linear(self, map: impl Fn(Tensor<4>) -> Tensor<4>) -> Self {
        Self { value: map(self.value), change: map(self.change) }
    }

    /// With a nonlinearity that was applied to the value already, and not yet to the change.
    pub fn bent(self, bend: Option<Bend>) -> Self {
        let Some(bend) = bend else { return self };
        Self { change: ops::bend_change(self.change, self.value.clone(), bend), value: self.value }
    }

    /// The nonlinearity of both.
    pub fn bend(self, bend: Option<Bend>) -> Self {
        let Some(bend) = bend else { return self };
        Self { value: ops::bend(self.value, bend), change: self.change }.bent(Some(bend))
    }

    /// Each channel times a gain, `[channels]`, and moved by an offset.
    pub fn scaled(self, gain: Tensor<1>, offset: Tensor<1>) -> Self {
        let [channels] = gain.dims();
        let (gain, offset) = (gain.reshape([1, channels, 1, 1]), offset.reshape([1, channels, 1, 1]));
        Self { value: self.value * gain.clone() + offset, change: self.change * gain }
    }

    /// Both in another shape.
    pub fn reshape<const D: usize>(self, shape: [usize; D]) -> [Tensor<D>; 2] {
        [self.value.reshape(shape), self.change.reshape(shape)]
    }
}

impl std::ops::Add for Dual {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, change: self.change + other.change }
    }
}

/// What [`normalise`] makes of values.
#[derive(Debug)]
pub struct Normalised {
    /// The normalised values.
    pub value: Tensor<3>,
    /// How they change.
    pub change: Tensor<3>,
    /// The mean that was taken away.
    pub mean: Tensor<3>,
    /// The variance that was divided by.
    pub variance: Tensor<3>,
}

/// Values with mean zero and deviation one, where `mean` says what is averaged, keeping dimensions.
pub fn normalise([x, dx]: [Tensor<3>; 2], epsilon: f32, mean: impl Fn(Tensor<3>) -> Tensor<3>) -> Normalised {
    let middle = mean(x.clone());
    let centred = x - middle.clone();
    let variance = mean(centred.clone().powi_scalar(2));
    let deviation = (variance.clone() + epsilon).sqrt();
    let value = centred / deviation.clone();
    // The deviation changes by the mean of value * dx.
    let along = value.clone() * mean(value.clone() * dx.clone());
    let change = (dx.clone() - mean(dx) - along) / deviation;
    Normalised { value, change, mean: middle, variance }
}
