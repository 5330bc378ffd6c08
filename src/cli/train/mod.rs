//! `ganvas train`: the engine without the window.

pub(super) mod consultation;
mod display;
mod flags;
mod follow;
pub(crate) mod layers;
mod limit;
mod measuring;
pub(crate) mod objective;
mod outcome;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::console;
use super::error::Failure;
use super::interrupt;
use super::start::{self, Wishes};
use crate::device::{self, DeviceChoice};
use crate::spec::PRESETS;
use crate::train::SaveTarget;
use layers::LayerArguments;
use limit::Limit;
use measuring::{Measuring, measuring};
use objective::ObjectiveArguments;

/// Train a project or a preset in the terminal
#[derive(Clone, Debug, Args)]
#[command(
    long_about = "Trains a project or a preset in the terminal and writes into a folder: project.ganvas, from which training goes on \
                  and which the window opens; samples.png; history.csv with the numbers of every step; once measured, quality.csv.\n\n\
                  Training ends after the steps, epochs or seconds asked for, counted from where the run is, and with Ctrl-C, which \
                  saves; a second Ctrl-C ends the program at once. Without any of them it ends where the project says, or else never.\n\n\
                  Where losses stop being numbers, or samples that were diverse become all the same, the run goes back to a good \
                  state by itself and goes on with half the learning rates. Where that does not help, or with --no-recover, a run whose \
                  losses are no numbers stops, the last good weights are written and the program ends with 1; one whose samples are all \
                  the same goes on.",
    after_help = EXAMPLES
)]
pub(super) struct TrainArguments {
    /// A project file; training goes on where it holds trained weights
    #[arg(value_name = "FILE.ganvas")]
    pub file: Option<PathBuf>,
    /// A project to begin with: grey28, unless data or a file says more
    #[arg(long, value_name = "NAME", conflicts_with = "file", value_parser = preset_names())]
    pub preset: Option<String>,
    /// Go on from an earlier state that the file holds: the newest that is not after this step, or the one that was measured to be best
    #[arg(long, value_name = "STEP|best", requires = "file")]
    pub from: Option<start::From>,
    /// What to train on: digits, shapes, ring8, grid25, spiral, moons, or the path of a folder, .zip, IDX file or picture
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// End after so many more steps of the generator
    #[arg(long, value_name = "N", group = "limit", value_parser = clap::value_parser!(u64).range(1..))]
    pub steps: Option<u64>,
    /// End after so many more passes over the data
    #[arg(long, value_name = "N", group = "limit", value_parser = clap::value_parser!(u64).range(1..))]
    pub epochs: Option<u64>,
    /// End after so many more seconds of training
    #[arg(long, value_name = "S", group = "limit", value_parser = seconds)]
    pub seconds: Option<f64>,
    /// Samples in a batch
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub batch: Option<u32>,
    /// The root of everything random: on the same device, the same seed repeats a run number for number
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// The step size of both optimisers
    #[arg(long = "lr", value_name = "RATE", value_parser = learning_rate)]
    pub learning_rate: Option<f32>,
    /// Where to train: auto, cpu, gpu, or a part of a device's name
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: DeviceChoice,
    /// The folder to write into
    #[arg(long, value_name = "DIR", default_value = "ganvas-out")]
    pub out: PathBuf,
    /// Write the project file on the way, too, every so many seconds, so that a crash loses no more; 0 does not
    #[arg(long, value_name = "S", default_value_t = AUTOSAVE_SECS, value_parser = seconds)]
    pub autosave: f64,
    /// Measure how good the samples are at most every so many seconds, beside training, and keep the best; or off, as without it
    #[arg(long, value_name = "SECONDS|off", value_parser = measuring, default_value = "off", hide_default_value = true)]
    pub measure: Measuring,
    /// Print the result as one line of JSON on standard output, of a run that failed as well
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub objective: ObjectiveArguments,
    #[command(flatten)]
    pub layers: LayerArguments,
}

/// A minute of training is what a crash may cost.
const AUTOSAVE_SECS: f64 = 60.0;

const EXAMPLES: &str = "\
Examples:
  ganvas train                                                  the built-in digits, until Ctrl-C
  ganvas train --preset ring8 --steps 2000                      eight clusters
  ganvas train --preset dcgan28 --data mnist/ --epochs 5        five passes over MNIST
  ganvas train --loss wasserstein --gp 10 --steps 5000          a critic whose gradients have length one
  ganvas train --loss rpgan --r1 0.1 --r2 0.1                   as R3GAN has it
  ganvas train --data few/ --augment all --augment-p adaptive   few pictures, not learned by heart
  ganvas train --data photos/ --seconds 600 --out photos-run    a folder of pictures for ten minutes
  ganvas train --preset dcgan28 --measure 30 --seconds 600      say how good samples are, and keep the best
  ganvas train ganvas-out/project.ganvas --steps 500            500 steps more
  ganvas train run.ganvas --from 2000 --lr 1e-4 --out other     the same run from step 2,000 on with another rate";

impl TrainArguments {
    /// As if nothing had been typed but the command.
    pub(super) fn of(file: Option<PathBuf>, data: Option<String>, device: DeviceChoice) -> Self {
        Self {
            file,
            preset: None,
            from: None,
            data,
            steps: None,
            epochs: None,
            seconds: None,
            batch: None,
            seed: None,
            learning_rate: None,
            device,
            out: PathBuf::from("ganvas-out"),
            autosave: AUTOSAVE_SECS,
            measure: Measuring::default(),
            json: false,
            objective: ObjectiveArguments::default(),
            layers: LayerArguments::default(),
        }
    }

    fn wishes(&self) -> Wishes {
        Wishes {
            file: self.file.clone(),
            preset: self.preset.clone(),
            data: self.data.clone(),
            batch: self.batch.map(|batch| batch as usize),
            seed: self.seed,
            learning_rate: self.learning_rate,
            objective: self.objective.clone(),
            layers: self.layers.clone(),
            steps: self.steps,
            from: self.from,
        }
    }

    fn limit(&self) -> Option<Limit> {
        let steps = self.steps.map(Limit::Steps);
        steps.or(self.epochs.map(Limit::Epochs)).or(self.seconds.map(Limit::Seconds))
    }
}

/// The names of the presets, each with its sentence.
pub(super) fn preset_names() -> clap::builder::PossibleValuesParser {
    PRESETS.map(|preset| clap::builder::PossibleValue::new(preset.name).help(preset.sentence)).into()
}

/// Seconds, as typed.
pub(super) fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| (0.0..=1e9).contains(seconds));
    seconds.ok_or_else(|| "seconds are a number from 0 to 1,000,000,000".to_owned())
}

fn learning_rate(text: &str) -> Result<f32, String> {
    let rate = text.parse().ok().filter(|rate: &f32| rate.is_finite() && *rate >= 0.0);
    rate.ok_or_else(|| "a learning rate is a number that is not negative, such as 0.0002".to_owned())
}

/// Trains, writes, and says how it went.
pub(super) fn run(arguments: &TrainArguments) -> Result<(), Failure> {
    let beginning = start::prepare(&arguments.wishes())?;
    let limit = Limit::choose(arguments.limit(), &beginning)?;
    // Found out before anything is loaded.
    device::resolve(&arguments.device)?;
    interrupt::listen();
    let path = outcome::project_path(&arguments.out);
    let saving = (arguments.autosave > 0.0)
        .then(|| follow::Saving { target: SaveTarget::new(path), every: Duration::from_secs_f64(arguments.autosave) });
    let run = follow::follow(&beginning, &arguments.device, limit, arguments.measure, saving)?;
    let failed = failed(run.failure.as_deref(), outcome::write(&run, &arguments.out), &arguments.out);
    // Of a run that failed, too: that is when what the doctor said of it matters most.
    if arguments.json {
        console::print(&outcome::summary(&run, &beginning, failed.as_deref()));
    }
    if let Some(reason) = failed {
        return Err(Failure::failed(reason));
    }
    console::say(&format!("written to {}", arguments.out.display()));
    Ok(())
}

/// What went wrong, in the run or while it was written; nothing where all went well.
fn failed(run: Option<&str>, written: Result<(), Failure>, out: &Path) -> Option<String> {
    match (run, written) {
        (None, Ok(())) => None,
        (None, Err(error)) => Some(error.to_string()),
        (Some(reason), Ok(())) => Some(format!("{reason}; what was learned is in {}", out.display())),
        (Some(reason), Err(error)) => Some(format!("{reason}; {error}")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        train: TrainArguments,
    }

    fn read(words: &[&str]) -> Result<TrainArguments, clap::Error> {
        Line::try_parse_from([&["train"], words].concat()).map(|line| line.train)
    }

    #[test]
    fn limits_exclude_each_other() {
        assert_eq!(read(&["--steps", "5"]).unwrap().limit(), Some(Limit::Steps(5)));
        assert_eq!(read(&["--seconds", "0.5"]).unwrap().limit(), Some(Limit::Seconds(0.5)));
        assert_eq!(read(&[]).unwrap().limit(), None);
        assert!(read(&["--steps", "5", "--epochs", "1"]).is_err());
    }

    #[test]
    fn nonsense_is_refused_before_anything_is_done() {
        for words in [
            ["--batch", "0"],
            ["--batch", "65537"],
            ["--steps", "0"],
            ["--epochs", "-1"],
            ["--seconds", "NaN"],
            ["--lr", "inf"],
            ["--loss", "what"],
            ["--preset", "nothing"],
            ["--seed", "1.5"],
        ] {
            assert!(read(&words).is_err(), "{words:?}");
        }
        assert!(read(&["file.ganvas", "--preset", "mlp"]).is_err());
    }

    #[test]
    fn what_went_wrong_is_told_whether_in_the_run_or_while_it_was_written() {
        let out = Path::new("out");
        let full = || Err(Failure::failed("the disk is full"));
        assert_eq!(failed(None, Ok(()), out), None);
        assert_eq!(failed(None, full(), out).as_deref(), Some("the disk is full"));
        assert_eq!(failed(Some("it diverged"), Ok(()), out).as_deref(), Some("it diverged; what was learned is in out"));
        assert_eq!(failed(Some("it diverged"), full(), out).as_deref(), Some("it diverged; the disk is full"));
    }
}
