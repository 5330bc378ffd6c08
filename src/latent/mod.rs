//! Moving in latent space.

mod explorer;
mod generator;
mod paths;

pub use explorer::{Explorer, Picture, Request};
pub use generator::{GeneratorError, GeneratorHandle};
pub use paths::{Walk, draw, slerp};
