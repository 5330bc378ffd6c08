//! `ganvas export`: a project as code, with its weights.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::console;
use super::error::Failure;
use super::trained::{Which, trained};
use crate::code::write::Language;
use crate::export::{WeightsFormat, write_code};
use crate::project::ProjectFile;

/// Write a project as code, with its weights
#[derive(Debug, Args)]
#[command(
    long_about = "Writes both networks and what trains them as source that runs by itself, and the weights that the source loads: those of \
                  both networks, and of the averaged generator where the run averages, which is the one to sample from. What is written \
                  is the project as it was trained.",
    after_help = EXAMPLES
)]
pub(super) struct ExportArguments {
    /// A project, trained or not
    #[arg(value_name = "FILE.ganvas")]
    file: PathBuf,
    /// What to write it in
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    code: CodeChoice,
    /// How the weights are written; what the source loads, unless given
    #[arg(long, value_enum, value_name = "FORMAT")]
    weights: Option<WeightsChoice>,
    /// The generator at its best, as it was measured while it trained
    #[arg(long)]
    best: bool,
    /// The folder to write into
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  ganvas export digits.ganvas --code pytorch --out digits-pytorch/
  ganvas export digits.ganvas --code keras --weights npz --out digits-keras/
  ganvas export digits.ganvas --code burn --out digits-burn/
  python digits-pytorch/gan.py --help
  cd digits-burn && cargo run --release -- sample";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CodeChoice {
    /// Python with PyTorch
    Pytorch,
    /// Python with Keras 3
    Keras,
    /// Rust with Burn
    Burn,
}

impl CodeChoice {
    const fn language(self) -> Language {
        match self {
            Self::Pytorch => Language::PyTorch,
            Self::Keras => Language::Keras,
            Self::Burn => Language::Burn,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum WeightsChoice {
    /// For PyTorch and Burn
    Safetensors,
    /// NumPy's arrays, for Keras
    Npz,
}

impl WeightsChoice {
    const fn format(self) -> WeightsFormat {
        match self {
            Self::Safetensors => WeightsFormat::SafeTensors,
            Self::Npz => WeightsFormat::Npz,
        }
    }
}

/// Writes the files and names them.
pub(super) fn run(arguments: &ExportArguments) -> Result<(), Failure> {
    let file = if arguments.best {
        let best = trained(&arguments.file, Which::Best)?;
        ProjectFile::trained(best.project.clone(), best)
    } else {
        ProjectFile::load_newest(&arguments.file)?
    };
    let language = arguments.code.language();
    let format = arguments.weights.map_or(WeightsFormat::of(language), WeightsChoice::format);
    let written = write_code(&file.project, file.checkpoint.as_deref(), language, format, &arguments.out)?;
    for path in written {
        console::print(&path.display().to_string());
    }
    if file.checkpoint.is_none() {
        console::say("this project has not been trained yet, so that there are no weights to write");
    }
    Ok(())
}
