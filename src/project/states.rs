//! The state of a run in its file: counters as text, tensors beside them. The newest one is written with all that happened; of earlier ones
//! only what they do not share with it.

use std::sync::Arc;

use super::RunState;
use crate::measure::Quality;
use crate::measure::doctor::statistics::Points;
use crate::nn::{Named, TensorValues};
use crate::train::{Checkpoint, History, Reel, Signs};

/// The name of the samples that vital signs go on from among the tensors.
const SAMPLES: &str = "signs.samples";

/// The entry that holds the tensors of an earlier state.
pub fn entry(step: u64) -> String {
    format!("states/{step}.safetensors")
}

/// Counters and settings of a state.
pub fn run_state(checkpoint: &Checkpoint) -> RunState {
    // Taken apart, so that a new field has to find its place in the file.
    let Checkpoint {
        project,
        g_steps,
        d_steps,
        g_optimiser_steps,
        d_optimiser_steps,
        samples_seen,
        elapsed_secs,
        passed,
        recovery,
        tensors: _,
        history: _,
        quality: _,
        reel: _,
        signs: _,
    } = checkpoint;
    RunState {
        project: project.clone(),
        g_steps: *g_steps,
        d_steps: *d_steps,
        g_optimiser_steps: *g_optimiser_steps,
        d_optimiser_steps: *d_optimiser_steps,
        samples_seen: *samples_seen,
        elapsed_secs: *elapsed_secs,
        passed: *passed,
        recovery: *recovery,
    }
}

/// All that is written of a state as numbers.
pub fn tensors(checkpoint: &Checkpoint) -> Named {
    let samples = checkpoint.signs.samples.iter().map(|points| {
        let shape = vec![points.count(), points.size()];
        (SAMPLES.to_owned(), TensorValues { shape, values: points.values().to_vec() })
    });
    checkpoint.tensors.iter().map(|(name, tensor)| (name.clone(), tensor.clone())).chain(samples).collect()
}

/// A state as far as it stands by itself in a file: nothing of what happened until then.
pub fn state(run: RunState, mut tensors: Named) -> Checkpoint {
    let samples = samples(&mut tensors);
    let RunState { project, g_steps, d_steps, g_optimiser_steps, d_optimiser_steps, samples_seen, elapsed_secs, passed, recovery } = run;
    Checkpoint {
        project,
        g_steps,
        d_steps,
        g_optimiser_steps,
        d_optimiser_steps,
        samples_seen,
        elapsed_secs,
        passed,
        recovery,
        tensors,
        history: History::default(),
        quality: Quality::default(),
        reel: Reel::default(),
        signs: Signs { samples, ..Signs::default() },
    }
}

/// Takes the samples out of what was read.
fn samples(tensors: &mut Named) -> Option<Arc<Points>> {
    let TensorValues { shape, values } = tensors.remove(SAMPLES)?;
    let size = *shape.get(1)?;
    Some(Arc::new(Points::new(&values, size)))
}

/// An earlier state of the run whose newest state is `newest`: what happened until then is the beginning of what happened since.
pub fn earlier(run: RunState, tensors: Named, newest: &Checkpoint) -> Checkpoint {
    let state = state(run, tensors);
    let step = state.g_steps;
    Checkpoint {
        history: newest.history.until(step),
        quality: newest.quality.until(step),
        reel: newest.reel.until(step),
        signs: Signs { series: newest.signs.series.until(step), ..state.signs },
        ..state
    }
}
