//! `ganvas bench`: how fast it is here.

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::console;
use super::error::Failure;
use crate::device::DeviceChoice;
use crate::spec::{Edit, Preset, Project, TrainSpec};
use crate::train::{self, BenchReport};

/// Measure how fast a network trains and generates here
#[derive(Debug, Args)]
#[command(long_about = "Measures how fast a network trains and generates here, on noise, and prints a line of JSON: milliseconds of one \
                  training step (the median), real samples trained on a second, milliseconds to generate 1 and 64 samples.")]
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
}

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
}

/// The line of JSON.
#[derive(Debug, Serialize)]
struct Line<'a> {
    engine: &'a str,
    network: &'a str,
    device: &'a str,
    batch: usize,
    threads: usize,
    ms_per_step: f64,
    images_per_s: f64,
    generate_1_ms: f64,
    generate_64_ms: f64,
}

/// Measures and prints.
pub(super) fn run(arguments: &BenchArguments) -> Result<(), Failure> {
    let name = arguments.network.preset();
    let project = project(name, arguments.batch)?;
    let report = train::measure(&project, &arguments.device, arguments.steps as usize).map_err(|error| Failure::failed(error.0))?;
    console::print(&line(name, &report));
    Ok(())
}

fn project(name: &str, batch: Option<u32>) -> Result<Project, Failure> {
    let preset = Preset::from_name(name).ok_or_else(|| Failure::Usage(format!("there is no preset called {name}")))?;
    let mut project = preset.project();
    if let Some(batch) = batch {
        let train = TrainSpec { batch_size: batch as usize, ..project.train.clone() };
        Edit::SetTrain(train).apply(&mut project)?;
    }
    Ok(project)
}

fn line(network: &str, report: &BenchReport) -> String {
    let BenchReport { device, batch, threads, ms_per_step, images_per_s, generate_1_ms, generate_64_ms } = report;
    // To a tenth of a microsecond: a small network generates a point in a few of them.
    let rounded = |millis: f64| (millis * 1e4).round() / 1e4;
    let line = Line {
        engine: concat!("ganvas ", env!("CARGO_PKG_VERSION")),
        network,
        device,
        batch: *batch,
        threads: *threads,
        ms_per_step: rounded(*ms_per_step),
        images_per_s: (images_per_s * 10.0).round() / 10.0,
        generate_1_ms: rounded(*generate_1_ms),
        generate_64_ms: rounded(*generate_64_ms),
    };
    // Numbers and names always become JSON.
    serde_json::to_string(&line).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_is_a_preset_without_faults() {
        for network in BenchNetwork::value_variants() {
            let project = project(network.preset(), Some(2)).unwrap();
            assert_eq!(project.train.batch_size, 2);
            assert_eq!(project.faults(), []);
        }
    }

    #[test]
    fn the_line_has_the_keys_of_its_peer() {
        let report = BenchReport {
            device: "CPU".to_owned(),
            batch: 64,
            threads: 2,
            ms_per_step: 12.345_67,
            images_per_s: 5184.26,
            generate_1_ms: 0.004_3,
            generate_64_ms: 10.0,
        };
        assert_eq!(
            line("mlp", &report),
            concat!(
                r#"{"engine":"ganvas "#,
                env!("CARGO_PKG_VERSION"),
                r#"","network":"mlp","device":"CPU","batch":64,"threads":2,"ms_per_step":12.3457,"images_per_s":5184.3,"#,
                r#""generate_1_ms":0.0043,"generate_64_ms":10.0}"#
            )
        );
    }
}
