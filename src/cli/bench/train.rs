//! How fast a network trains and generates.

use serde::Serialize;

use super::{BenchArguments, ENGINE, print, project, rounded};
use crate::cli::error::Failure;
use crate::train::{self, BenchReport};

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
    let network = arguments.network;
    let project = project(network, arguments.batch)?;
    let report = train::measure(&project, &arguments.device, arguments.steps as usize).map_err(|error| Failure::failed(error.0))?;
    print(&line(network.preset(), &report));
    Ok(())
}

fn line<'a>(network: &'a str, report: &'a BenchReport) -> Line<'a> {
    let BenchReport { device, batch, threads, ms_per_step, images_per_s, generate_1_ms, generate_64_ms } = report;
    Line {
        engine: ENGINE,
        network,
        device,
        batch: *batch,
        threads: *threads,
        ms_per_step: rounded(*ms_per_step),
        images_per_s: (images_per_s * 10.0).round() / 10.0,
        generate_1_ms: rounded(*generate_1_ms),
        generate_64_ms: rounded(*generate_64_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            serde_json::to_string(&line("mlp", &report)).unwrap(),
            concat!(
                r#"{"engine":"ganvas "#,
                env!("CARGO_PKG_VERSION"),
                r#"","network":"mlp","device":"CPU","batch":64,"threads":2,"ms_per_step":12.3457,"images_per_s":5184.3,"#,
                r#""generate_1_ms":0.0043,"generate_64_ms":10.0}"#
            )
        );
    }
}
