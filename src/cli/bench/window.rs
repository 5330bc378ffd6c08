//! How fast the window is, and how much memory it takes with a run in it.

use clap::Args;
use serde::Serialize;

use super::{BenchArguments, ENGINE, print, rounded};
use crate::cli::error::Failure;
use crate::cli::screenshot;
use crate::gui::{self, AppOptions, FrameReport, MemoryReport, Trial};

/// What is measured of the window.
#[derive(Debug, Args)]
pub(super) struct WindowArguments {
    /// Measure the window instead: drive it without a display while it trains the network, and print the milliseconds of
    /// processor time for a frame, without drawing its pixels, and how soon it answers
    #[arg(long, conflicts_with_all = ["batch", "steps"])]
    frames: bool,
    /// Measure the window instead: print the memory it takes to train the network in it, without what a graphics driver takes
    #[arg(long, conflicts_with_all = ["batch", "steps", "frames"])]
    memory: bool,
    /// Seconds of training that frames and memory are measured in
    #[arg(long, value_name = "S", default_value_t = 12.0, value_parser = crate::cli::train::seconds)]
    seconds: f64,
    /// Width and height of the window, in points
    #[arg(long, value_name = "WxH", default_value = "1280x800", value_parser = screenshot::size)]
    size: [f32; 2],
}

impl WindowArguments {
    pub(super) const fn is_asked_for(&self) -> bool {
        self.frames || self.memory
    }
}

/// Steps of the made-up run whose charts are measured.
const STEPS: u64 = 1_000_000;

/// The line of JSON about frames. Times are in milliseconds.
#[derive(Debug, Serialize)]
struct FramesLine<'a> {
    engine: &'a str,
    network: &'a str,
    device: &'a str,
    threads: usize,
    size: String,
    clock: &'a str,
    frames: usize,
    frame_median_ms: f64,
    frame_p95_ms: f64,
    frame_worst_ms: f64,
    plots_steps: u64,
    plots_median_ms: f64,
    plots_p95_ms: f64,
    plots_worst_ms: f64,
    slider_to_picture_p95_ms: f64,
    slider_to_picture_training_p95_ms: f64,
    train_to_samples_ms: f64,
    first_frame_ms: Option<f64>,
}

/// The line of JSON about memory, in megabytes of a million bytes.
#[derive(Debug, Serialize)]
struct MemoryLine<'a> {
    engine: &'a str,
    network: &'a str,
    device: &'a str,
    threads: usize,
    peak_mb: f64,
    held_mb: f64,
    history_steps: u64,
    with_history_mb: f64,
}

/// The line of JSON where memory is not known.
#[derive(Debug, Serialize)]
struct UnknownLine<'a> {
    engine: &'a str,
    network: &'a str,
    memory: &'a str,
}

/// Measures and prints.
pub(super) fn run(arguments: &BenchArguments) -> Result<(), Failure> {
    let WindowArguments { frames, memory, seconds, size } = arguments.window;
    let preset = Some(arguments.network.preset().to_owned());
    let options = AppOptions { preset, device: arguments.device.clone(), ..AppOptions::default() };
    let trial = Trial { options, size, seconds, steps: STEPS };
    // One or the other: what frames need would count as a peak of memory.
    if memory {
        let report = gui::measure_memory(&trial).map_err(|error| Failure::failed(error.to_string()))?;
        print_memory(arguments, report);
    }
    if frames {
        let report = gui::measure_frames(&trial).map_err(|error| Failure::failed(error.to_string()))?;
        print(&frames_line(arguments, &trial, &report));
    }
    Ok(())
}

fn frames_line<'a>(arguments: &BenchArguments, trial: &Trial, report: &'a FrameReport) -> FramesLine<'a> {
    let FrameReport { frames, plots, slider_idle, slider_training, .. } = report;
    FramesLine {
        engine: ENGINE,
        network: arguments.network.preset(),
        device: &report.device,
        threads: rayon::current_num_threads(),
        size: format!("{}x{}", trial.size[0], trial.size[1]),
        clock: if report.is_processor_time { "processor" } else { "wall" },
        frames: frames.count(),
        frame_median_ms: rounded(frames.median()),
        frame_p95_ms: rounded(frames.p95()),
        frame_worst_ms: rounded(frames.worst()),
        plots_steps: trial.steps,
        plots_median_ms: rounded(plots.median()),
        plots_p95_ms: rounded(plots.p95()),
        plots_worst_ms: rounded(plots.worst()),
        slider_to_picture_p95_ms: rounded(slider_idle.p95()),
        slider_to_picture_training_p95_ms: rounded(slider_training.p95()),
        train_to_samples_ms: rounded(report.train_to_samples_secs * 1e3),
        first_frame_ms: report.first_frame_secs.map(|secs| rounded(secs * 1e3)),
    }
}

fn print_memory(arguments: &BenchArguments, report: Option<MemoryReport>) {
    let network = arguments.network.preset();
    let Some(MemoryReport { held, peak, with_history, device }) = report else {
        return print(&UnknownLine { engine: ENGINE, network, memory: "this system does not say how much memory a process has" });
    };
    let megabytes = |bytes: u64| (bytes as f64 / 1e5).round() / 10.0;
    print(&MemoryLine {
        engine: ENGINE,
        network,
        device: &device,
        threads: rayon::current_num_threads(),
        peak_mb: megabytes(peak),
        held_mb: megabytes(held),
        history_steps: STEPS,
        with_history_mb: megabytes(with_history),
    });
}
