//! What happened at each step, as numbers.

use serde::{Deserialize, Serialize};

/// The numbers of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Generator steps done, this one included.
    pub step: u64,
    /// Seconds of training up to here, pauses not counted.
    pub elapsed_secs: f64,
    /// The discriminator's loss.
    pub d_loss: f32,
    /// The generator's loss.
    pub g_loss: f32,
    /// The discriminator's mean verdict on real samples: a probability where the loss has one, else the score.
    pub d_real: f32,
    /// Its mean verdict on generated samples, likewise.
    pub d_fake: f32,
}

/// The records of a run, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    records: Vec<StepRecord>,
}

impl History {
    /// A history of these records, oldest first.
    pub fn new(records: Vec<StepRecord>) -> Self {
        Self { records }
    }

    /// Adds records at the end.
    pub fn extend(&mut self, records: impl IntoIterator<Item = StepRecord>) {
        self.records.extend(records);
    }

    /// Oldest first.
    pub fn records(&self) -> &[StepRecord] {
        &self.records
    }

    /// The newest record.
    pub fn last(&self) -> Option<&StepRecord> {
        self.records.last()
    }
}
