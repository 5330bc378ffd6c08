//! Networks as Burn modules, built from stacks.
//!
//! Every activation is a `Tensor<4>` of the shape `[batch, channels, height, width]`; a vector is `[batch, features, 1, 1]`. Each kind of
//! layer has a file in `layers/` that holds everything about it: building, forward pass, tests.

#[cfg(test)]
mod catalogue_tests;
mod dual;
mod init;
pub mod layers;
mod network;
mod parameters;
mod pass;
#[cfg(test)]
mod reference_tests;
mod switch;
mod weight;

pub use dual::Dual;
pub use network::{BuildError, Network};
pub use parameters::{Named, Names, Reading, TensorValues, replace};
pub use pass::Pass;
