//! What a forward pass carries along: whether it trains, where its random numbers come from, and the running statistics it collects.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use burn::module::{Param, ParamId};
use burn::tensor::Tensor;
use rand_chacha::ChaCha8Rng;

use crate::random::{self, Purpose};

/// One or several forward passes of one network within one training step, or one pass that only asks.
///
/// Running statistics are collected here instead of being written through the module, so that a pass over a shared or frozen copy
/// changes nothing until [`super::Network::absorb`] says so.
#[derive(Debug)]
pub struct Pass {
    training: Option<Stream>,
    running: RefCell<HashMap<ParamId, Tensor<1>>>,
}

#[derive(Debug)]
struct Stream {
    seed: u64,
    counter: u64,
    draws: Cell<u64>,
}

/// Layers of one network that may draw random numbers in one step.
const DRAWS_PER_PASS: u64 = 1 << 16;

impl Pass {
    /// A pass that only asks: dropout and noise do nothing, batch normalisation uses its running statistics.
    pub fn inference() -> Self {
        Self { training: None, running: RefCell::default() }
    }

    /// A pass that trains. `counter` must differ between the passes of a run; equal ones see equal masks and noise.
    pub fn training(seed: u64, counter: u64) -> Self {
        Self { training: Some(Stream { seed, counter, draws: Cell::new(0) }), running: RefCell::default() }
    }

    /// Another one that sees what this one would see next: the same masks, noise and running statistics. What it collects is lost.
    pub fn fork(&self) -> Self {
        let same = |stream: &Stream| Stream { draws: stream.draws.clone(), ..*stream };
        Self { training: self.training.as_ref().map(same), running: self.running.clone() }
    }

    /// Does it train?
    pub fn is_training(&self) -> bool {
        self.training.is_some()
    }

    /// The stream for the next layer that draws random numbers, in a pass that trains.
    pub(super) fn random(&self) -> Option<ChaCha8Rng> {
        let stream = self.training.as_ref()?;
        let draw = stream.draws.get();
        stream.draws.set(draw + 1);
        Some(random::stream(stream.seed, Purpose::Dropout, stream.counter.wrapping_mul(DRAWS_PER_PASS).wrapping_add(draw)))
    }

    /// A running statistic as this pass sees it: with what earlier passes of the same step put into it.
    pub(super) fn running(&self, statistic: &Param<Tensor<1>>) -> Tensor<1> {
        self.running.borrow().get(&statistic.id).cloned().unwrap_or_else(|| statistic.val())
    }

    /// Moves a running statistic a step towards `value`.
    pub(super) fn update_running(&self, statistic: &Param<Tensor<1>>, value: Tensor<1>, momentum: f32) {
        let old = self.running(statistic).inner();
        let new = old * (1.0 - momentum) + value.inner() * momentum;
        self.running.borrow_mut().insert(statistic.id, new);
    }

    /// Gives a running statistic another value.
    pub(super) fn set_running(&self, statistic: &Param<Tensor<1>>, value: Tensor<1>) {
        self.running.borrow_mut().insert(statistic.id, value.inner());
    }

    pub(super) fn take_running(&self) -> HashMap<ParamId, Tensor<1>> {
        self.running.take()
    }
}
