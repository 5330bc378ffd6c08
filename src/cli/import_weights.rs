//! `ganvas import-weights`: weights that PyTorch saved, for a project whose networks they fit.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::console;
use super::error::Failure;
use crate::code::state::{self, Fitted};
use crate::device;
use crate::nn::Named;
use crate::project::ProjectFile;
use crate::spec::Role;
use crate::train::{Checkpoint, History, Trainer};

/// Take over weights that PyTorch saved
#[derive(Debug, Args)]
#[command(
    long_about = "Takes the weights of a .pt, .pth or .safetensors file into a project whose networks they fit, and writes a project that \
                  can be sampled and trained on. Nothing in the file is run. Tensors are matched by the names that `ganvas export` gives \
                  them, or else by order and shape; what does not fit is said, layer by layer, and keeps the numbers it had.",
    after_help = EXAMPLES
)]
pub(super) struct ImportWeightsArguments {
    /// The project
    #[arg(value_name = "FILE.ganvas")]
    file: PathBuf,
    /// The weights: .pt, .pth or .safetensors
    #[arg(value_name = "WEIGHTS")]
    weights: PathBuf,
    /// Whose weights they are; both networks', unless given
    #[arg(long, value_enum, value_name = "NETWORK")]
    network: Option<NetworkChoice>,
    /// The project to write
    #[arg(short = 'o', long, value_name = "OUT.ganvas")]
    out: PathBuf,
    /// Replace the project where there is one; it is kept with .bak behind its name
    #[arg(long)]
    force: bool,
}

const EXAMPLES: &str = "\
Examples:
  ganvas import-weights digits.ganvas weights.safetensors -o digits-2.ganvas
  ganvas import-weights dcgan.ganvas netG.pth --network generator -o faces.ganvas";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum NetworkChoice {
    /// The generator
    Generator,
    /// The discriminator
    Discriminator,
}

/// Reads, matches and writes.
pub(super) fn run(arguments: &ImportWeightsArguments) -> Result<(), Failure> {
    if arguments.out.exists() && !arguments.force {
        return Err(Failure::failed(format!("there is such a file already; --force replaces it: {}", arguments.out.display())));
    }
    let ProjectFile { project, checkpoint, earlier: _ } = ProjectFile::load_newest(&arguments.file)?;
    let saved = state::open(&arguments.weights)?;
    let mut checkpoint = match checkpoint {
        Some(checkpoint) if checkpoint.project == project => Arc::unwrap_or_clone(checkpoint),
        // Before anything was trained, or for networks that were edited since: as training would begin.
        _ => Trainer::new(&project, &device::cpu())?.checkpoint(&project, 0.0, &History::default())?,
    };
    let wants = |choice| arguments.network.is_none_or(|network| network == choice);
    if wants(NetworkChoice::Generator) {
        let trained = state::fit(&project, Role::Generator, &["generator", "netG", "G", "average"], &saved)?;
        let average = state::fit(&project, Role::Generator, &["average", "generator", "netG", "G"], &saved)?;
        report(Role::Generator, &trained);
        take(&mut checkpoint, "generator", trained.numbers);
        take(&mut checkpoint, "average", average.numbers);
    }
    if wants(NetworkChoice::Discriminator) {
        let fitted = state::fit(&project, Role::Discriminator, &["discriminator", "critic", "netD", "D"], &saved)?;
        report(Role::Discriminator, &fitted);
        take(&mut checkpoint, "discriminator", fitted.numbers);
    }
    if !checkpoint.is_finite() {
        return Err(Failure::failed(format!("some of the weights are no numbers: {}", arguments.weights.display())));
    }
    ProjectFile::trained(project, Arc::new(checkpoint)).save(&arguments.out)?;
    console::say(&format!("written to {}", arguments.out.display()));
    Ok(())
}

/// Numbers that are replaced; what the optimiser remembers of the old ones goes with them.
fn take(checkpoint: &mut Checkpoint, part: &str, numbers: Named) {
    for (name, values) in numbers {
        let name = format!("{part}.{name}");
        let of_it = format!("{name}/");
        checkpoint.tensors.retain(|other, _| !other.starts_with(&of_it));
        checkpoint.tensors.insert(name, values);
    }
}

fn report(role: Role, fitted: &Fitted) {
    console::print(&format!("{}: {} tensors taken over", role.name(), fitted.taken));
    for misfit in &fitted.misfits {
        console::print(&format!("  {misfit}"));
    }
}
