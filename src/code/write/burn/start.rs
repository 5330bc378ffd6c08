//! How weights start.

use crate::spec::Init;

/// How many values a weight reads and writes, as PyTorch and Keras count them.
#[derive(Clone, Copy, Debug)]
pub struct Fan {
    /// Inputs of one output.
    pub into: usize,
    /// Outputs of one input.
    pub out: usize,
    /// Does Burn count them in the same way?
    pub is_burns: bool,
}

/// The initialiser, and the piece of source that it is, where it is none of Burn's own defaults.
pub fn initializer(init: Init, fan: Fan) -> Option<(String, &'static str)> {
    match init {
        // What Burn does by itself is what PyTorch does.
        Init::PyTorch => None,
        Init::Glorot if fan.is_burns => Some(("GLOROT".to_owned(), "start_glorot")),
        Init::Glorot => Some((format!("glorot({}, {})", fan.into, fan.out), "start_glorot_fan")),
        Init::Dcgan => Some(("DCGAN".to_owned(), "start_dcgan")),
        Init::He => Some(("HE".to_owned(), "start_he")),
        Init::Orthogonal => Some(("ORTHOGONAL".to_owned(), "start_orthogonal")),
        Init::Zeros => Some(("Initializer::Zeros".to_owned(), "start_zeros")),
    }
}
