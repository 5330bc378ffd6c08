//! The command line: the other reader of the engine, one file for each command.
//!
//! Results go to standard output, everything else to standard error. The program ends with 0 when all went well, 1 when something
//! failed and 2 when the command line itself makes no sense.

mod bench;
mod compare;
mod console;
mod devices;
mod doctor;
mod error;
mod export;
mod faults;
mod import;
mod import_weights;
mod interrupt;
mod lint;
mod measure;
mod sample;
#[cfg(feature = "gui")]
mod screenshot;
mod start;
mod step;
mod timelapse;
mod train;
mod trained;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::device::DeviceChoice;
use error::Failure;

/// A playground for generative adversarial networks.
#[derive(Debug, Parser)]
#[command(
    name = "ganvas",
    version = env!("GANVAS_VERSION"),
    about = "A playground for generative adversarial networks",
    long_about = "A playground for generative adversarial networks: build a generator and a discriminator as stacks of layers, train them, \
                  watch what they learn and explore it.\n\nWithout a command the window opens. With one, the same engine works in the terminal.",
    after_help = EXAMPLES,
    override_usage = "ganvas [PATH] [--device DEVICE]\n       ganvas COMMAND ...",
    args_conflicts_with_subcommands = true
)]
struct Arguments {
    /// A project to open, or a folder, archive or picture to take as data
    path: Option<PathBuf>,
    /// Where to train: auto, cpu, gpu, or a part of a device's name
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    device: DeviceChoice,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  ganvas                                           open the window
  ganvas faces.ganvas                              open a project
  ganvas train --preset ring8 --steps 2000         train eight clusters in the terminal
  ganvas train --data photos/ --seconds 600        train on a folder of pictures for ten minutes
  ganvas train ganvas-out/project.ganvas           go on with what was trained
  ganvas sample ganvas-out/project.ganvas --count 100 --out faces.png
  ganvas timelapse ganvas-out/project.ganvas --out run.gif
  ganvas step ganvas-out/project.ganvas            tell its next step in its phases, with the numbers
  ganvas measure ganvas-out/project.ganvas         say how good it is
  ganvas doctor ganvas-out/project.ganvas          say what happens to it, why, and what may be done
  ganvas compare a/project.ganvas b/project.ganvas in what two runs differ
  ganvas lint faces.ganvas --fix                   find and mend what keeps a project from training";

#[derive(Debug, Subcommand)]
enum Command {
    Train(Box<train::TrainArguments>),
    Sample(sample::SampleArguments),
    Timelapse(timelapse::TimelapseArguments),
    Step(step::StepArguments),
    Measure(measure::MeasureArguments),
    Doctor(doctor::DoctorArguments),
    Compare(compare::CompareArguments),
    Import(import::ImportArguments),
    Lint(lint::LintArguments),
    Export(export::ExportArguments),
    ImportWeights(import_weights::ImportWeightsArguments),
    /// List the devices there are to train on, and which is taken by itself
    Devices,
    Bench(bench::BenchArguments),
    #[cfg(feature = "gui")]
    Screenshot(screenshot::ScreenshotArguments),
}

/// Runs the program: reads the arguments, opens the window or carries out a command, and says what went wrong in one sentence.
pub fn run() -> ExitCode {
    faults::install_hook();
    crate::logging::init();
    let arguments = Arguments::parse();
    match carry_out(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console::say(&format!("ganvas: {failure}"));
            ExitCode::from(failure.exit_code())
        }
    }
}

fn carry_out(arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        None => window::open(arguments.path, arguments.device),
        Some(Command::Train(arguments)) => train::run(&arguments),
        Some(Command::Sample(arguments)) => sample::run(&arguments),
        Some(Command::Timelapse(arguments)) => timelapse::run(&arguments),
        Some(Command::Step(arguments)) => step::run(&arguments),
        Some(Command::Measure(arguments)) => measure::run(&arguments),
        Some(Command::Doctor(arguments)) => doctor::run(&arguments),
        Some(Command::Compare(arguments)) => compare::run(&arguments),
        Some(Command::Import(arguments)) => import::run(&arguments),
        Some(Command::Lint(arguments)) => lint::run(&arguments),
        Some(Command::Export(arguments)) => export::run(&arguments),
        Some(Command::ImportWeights(arguments)) => import_weights::run(&arguments),
        Some(Command::Devices) => devices::run(),
        Some(Command::Bench(arguments)) => bench::run(&arguments),
        #[cfg(feature = "gui")]
        Some(Command::Screenshot(arguments)) => screenshot::run(&arguments),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_path_alone_is_opened_and_a_command_is_carried_out() {
        let read = |words: &[&str]| Arguments::try_parse_from(words).unwrap();
        let opened = read(&["ganvas", "faces.ganvas", "--device", "cpu"]);
        assert_eq!((opened.path, opened.device), (Some("faces.ganvas".into()), DeviceChoice::Cpu));
        assert!(matches!(read(&["ganvas", "devices"]).command, Some(Command::Devices)));
        assert!(Arguments::try_parse_from(["ganvas", "faces.ganvas", "devices"]).is_err());
    }
}
