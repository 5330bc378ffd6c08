//! What a run's vital signs cost.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use serde::Serialize;

use super::{BenchArguments, ENGINE, print, project, rounded};
use crate::cli::error::Failure;
use crate::data;
use crate::device;
use crate::train::{SIGNS_EVERY, Session, Stage};

/// The line of JSON: milliseconds of a step, of one with which signs are taken, and by how much all steps take longer for it.
#[derive(Debug, Serialize)]
struct Line<'a> {
    engine: &'a str,
    network: &'a str,
    device: &'a str,
    ms_per_step: f64,
    with_signs_ms: f64,
    percent: f64,
}

/// Signs are taken at every so manieth step.
const EVERY: usize = SIGNS_EVERY as usize;
/// Steps before anything is measured: signs are taken more often at first, and kernels are made ready.
const FIRST: usize = 30;
/// Looks that are measured, at least.
const LOOKS: usize = 8;

/// Measures and prints.
pub(super) fn run(arguments: &BenchArguments) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::failed(error.to_string());
    let project = project(arguments.network, arguments.batch)?;
    if let Some(fault) = project.faults().first() {
        return Err(Failure::Usage(fault.to_string()));
    }
    let info = device::resolve(&arguments.device).map_err(|error| failed(&error))?;
    let dataset = data::load(&project.data, project.seed, &mut |_| {}, &AtomicBool::new(false))?;
    let stage = Stage::new(project, device::open(&info).map_err(|error| failed(&error))?, None).map_err(|error| failed(&error))?;
    let mut session = Session::new(stage, Arc::new(dataset), None);
    let (mut plain, mut looked) = (Vec::new(), Vec::new());
    for step in 1..=EVERY * LOOKS.max(arguments.steps as usize / EVERY) {
        let begin = Instant::now();
        session.step();
        session.read_back(0).map_err(|error| failed(&error))?;
        let millis = begin.elapsed().as_secs_f64() * 1e3;
        if step > FIRST {
            if step.is_multiple_of(EVERY) { looked.push(millis) } else { plain.push(millis) }
        }
    }
    let (plain, looked) = (median(&mut plain), median(&mut looked));
    print(&Line {
        engine: ENGINE,
        network: arguments.network.preset(),
        device: &info.name,
        ms_per_step: rounded(plain),
        with_signs_ms: rounded(looked),
        percent: (1e4 * (looked - plain) / (EVERY as f64 * plain)).round() / 100.0,
    });
    Ok(())
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
