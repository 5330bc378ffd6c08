//! Everything a run needs to go on exactly where it was, as plain data.

use std::collections::BTreeMap;

use super::history::History;
use crate::nn::TensorValues;
use crate::spec::Project;


/// The state of a run between two steps. Random numbers need no state: they are functions of the seed and these counters.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What was trained.
    pub project: Project,
    /// Generator steps done.
    pub g_steps: u64,
    /// Discriminator steps done.
    pub d_steps: u64,
    /// Steps the generator's optimiser counts; Adam corrects its moments by it.
    pub g_optimiser_steps: u64,
    /// Steps the discriminator's optimiser counts.
    pub d_optimiser_steps: u64,
    /// Real samples drawn.
    pub samples_seen: u64,
    /// Seconds of training, pauses not counted.
    pub elapsed_secs: f64,
    /// Weights, running statistics, averaged weights and optimiser state by name: `generator.<layer id>.weight`,
    /// `average.<layer id>.weight`, `generator.<layer id>.weight/moment1`.
    pub tensors: BTreeMap<String, TensorValues>,
    /// The numbers of every step.
    pub history: History,
}
