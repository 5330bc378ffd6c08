//! Ganvas: a playground for generative adversarial networks.
//!
//! The crate is laid out in rooms, and no room reaches up:
//!
//! - [`spec`] says what to train: plain data and pure functions of it;
//! - [`code`] reads Keras and PyTorch into it;
//! - [`data`] brings pictures and points, [`nn`] builds networks from stacks, of the operations in `ops`;
//! - [`train`] trains them on a worker thread, [`latent`] explores what was learned;
//! - [`project`] keeps it in a file, [`export`] writes pictures and tables;
//! - [`cli`] and, behind the feature `gui`, `gui` are two readers of the same engine.
//!
//! `ARCHITECTURE.md` says why.

pub mod cli;
pub mod code;
pub mod data;
pub mod device;
pub mod export;
pub mod files;
#[cfg(feature = "gui")]
pub mod gui;
pub mod latent;
pub mod logging;
pub mod measure;
pub mod nn;
pub mod numbers;
mod ops;
pub mod project;
pub mod random;
#[cfg(test)]
mod reference;
pub mod spec;
pub mod system;
pub mod train;
