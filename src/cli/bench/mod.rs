//! `ganvas bench`: how fast it is here.

mod signs;
mod train;
#[cfg(feature = "gui")]
mod window;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::console;
use super::error::Failure;
use crate::device::DeviceChoice;
use crate::spec::{Edit, Preset, Project, TrainSpec};

/// Measure how fast a network trains and generates here
#[derive(Debug, Args)]
#[command(
    long_about = "Measures how fast a network trains and generates here, on noise, and prints a line of JSON: milliseconds of one \
                  training step (the median), real samples trained on a second, milliseconds to generate 1 and 64 samples.",
    after_help = EXAMPLES
)]
pub(super) struct BenchArguments {
    /// Which network
    #[arg(value_enum)]
    network: BenchNetwork,
    /// Samples in a batch; the network's usual number, unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    batch: Option<u32>,
    /// Training steps to measure
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    steps: u32,
    /// What to measure: auto, cpu, gpu, or a part of a device's name
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    device: DeviceChoice,
    /// Measure what a run's vital signs cost, instead
    #[arg(long)]
    signs: bool,
    #[cfg(feature = "gui")]
    #[command(flatten)]
    window: window::WindowArguments,
}

const EXAMPLES: &str = "\
Examples:
  ganvas bench dcgan28                             train and generate
  ganvas bench dcgan28 --device cpu --frames       how long the window takes for a frame, and to answer
  ganvas bench dcgan28 --device cpu --memory       how much memory it takes to train in the window
  ganvas bench dcgan28 --device cpu --signs        what it costs to watch over a run";

/// The presets that speed is measured with.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum BenchNetwork {
    /// 2-D points, two hidden layers of 128
    Mlp,
    /// DCGAN for 28 × 28 grey
    Dcgan28,
    /// The beginner's tutorial, its shapes mended
    Seed28,
    /// DCGAN for 64 × 64 colour
    Dcgan64,
}

impl BenchNetwork {
    const fn preset(self) -> &'static str {
        match self {
            Self::Mlp => "mlp",
            Self::Dcgan28 => "dcgan28",
            Self::Seed28 => "seed28",
            Self::Dcgan64 => "dcgan64",
        }
    }

    /// Samples in a batch, as in the peer's benchmark.
    const fn batch(self) -> usize {
        match self {
            Self::Mlp => 128,
            Self::Dcgan28 | Self::Seed28 | Self::Dcgan64 => 64,
        }
    }
}

/// Measures and prints.
pub(super) fn run(arguments: &BenchArguments) -> Result<(), Failure> {
    #[cfg(feature = "gui")]
    if arguments.window.is_asked_for() {
        return window::run(arguments);
    }
    if arguments.signs { signs::run(arguments) } else { train::run(arguments) }
}

fn project(network: BenchNetwork, batch: Option<u32>) -> Result<Project, Failure> {
    let name = network.preset();
    let preset = Preset::from_name(name).ok_or_else(|| Failure::Usage(format!("there is no preset called {name}")))?;
    let mut project = preset.project();
    let batch_size = batch.map_or(network.batch(), |batch| batch as usize);
    Edit::SetTrain(TrainSpec { batch_size, ..project.train.clone() }).apply(&mut project)?;
    Ok(project)
}

/// What measured.
const ENGINE: &str = concat!("ganvas ", env!("CARGO_PKG_VERSION"));

/// Milliseconds to a tenth of a microsecond: a small network generates a point in a few of them.
fn rounded(millis: f64) -> f64 {
    (millis * 1e4).round() / 1e4
}

fn print(line: &impl Serialize) {
    // Numbers and names always become JSON.
    console::print(&serde_json::to_string(line).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_is_a_preset_without_faults() {
        for network in BenchNetwork::value_variants() {
            let project = project(*network, Some(2)).unwrap();
            assert_eq!(project.train.batch_size, 2);
            assert_eq!(project.faults(), []);
        }
    }
}
