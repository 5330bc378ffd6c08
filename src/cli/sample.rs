//! `ganvas sample`: what a trained generator makes, as files.

use std::path::{Path, PathBuf};

use clap::Args;

use super::console;
use super::error::Failure;
use super::trained::{Which, trained};
use crate::data;
use crate::export::{self, Scatter};
use crate::latent::{self, GeneratorHandle};
use crate::random::Purpose;
use crate::spec::Project;
use crate::train::Pictures;

/// Write samples of a trained project
#[derive(Debug, Args)]
#[command(
    long_about = "Writes samples of a trained project. The ending of the path says how: .png for all of them in one picture (points as \
                  a plot), .npy for an array (pictures as uint8, count x height x width x channels; points as float32, count x 2), \
                  and anything else for a folder with a PNG for each.\n\nThe same seed gives the same samples.",
    after_help = EXAMPLES
)]
pub(super) struct SampleArguments {
    /// A trained project
    #[arg(value_name = "FILE.ganvas")]
    file: PathBuf,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    count: u32,
    /// Samples of the generator at its best, as it was measured while it trained
    #[arg(long)]
    best: bool,
    /// Which samples; the project's own seed, unless given
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Where to: a folder, or a file that ends in .png or .npy
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  ganvas sample ganvas-out/project.ganvas --count 100 --out digits.png
  ganvas sample ganvas-out/project.ganvas --count 5000 --out digits/
  ganvas sample ganvas-out/project.ganvas --best --out best.png
  ganvas sample ganvas-out/project.ganvas --count 5000 --seed 7 --out digits.npy";

/// How samples are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Png,
    Npy,
    Folder,
}

impl Form {
    /// By the ending of the path.
    ///
    /// # Errors
    /// The ending is that of another kind of file.
    fn of(path: &Path) -> Result<Self, Failure> {
        if path.is_dir() {
            return Ok(Self::Folder);
        }
        match path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).as_deref() {
            Some("png") => Ok(Self::Png),
            Some("npy") => Ok(Self::Npy),
            None => Ok(Self::Folder),
            Some(ending) => {
                Err(Failure::Usage(format!("samples are written to a folder or as .png or .npy, not as .{ending}: {}", path.display())))
            }
        }
    }
}

/// Generates and writes.
pub(super) fn run(arguments: &SampleArguments) -> Result<(), Failure> {
    let form = Form::of(&arguments.out)?;
    let checkpoint = trained(&arguments.file, Which::best(arguments.best))?;
    // The weights belong to the networks they were trained in, which may have been edited since.
    let project = &checkpoint.project;
    let generator = GeneratorHandle::from_checkpoint(project, &checkpoint)?;
    let count = arguments.count as usize;
    let seed = arguments.seed.unwrap_or(project.seed);
    let latents = latent::draw(project.train.latent, generator.latent_size(), count, seed, Purpose::Explore, 0);
    let values = generator.generate(&latents)?;
    if project.data.is_points() {
        write_points(values.as_chunks().0, project, form, &arguments.out)?;
    } else {
        write_pictures(&Pictures::from_values(generator.shape(), &values), form, &arguments.out)?;
    }
    console::say(&format!("{} samples written to {}", console::grouped(count as u64), arguments.out.display()));
    Ok(())
}

fn write_pictures(pictures: &Pictures, form: Form, path: &Path) -> Result<(), Failure> {
    match form {
        Form::Png => export::write_grid(pictures, path)?,
        Form::Npy => export::write_pictures_npy(pictures, path)?,
        Form::Folder => drop(export::write_folder(pictures, path)?),
    }
    Ok(())
}

fn write_points(points: &[[f32; 2]], project: &Project, form: Form, path: &Path) -> Result<(), Failure> {
    match form {
        Form::Png => {
            let dataset = data::load(&project.data, project.seed, &mut |_| {}, &std::sync::atomic::AtomicBool::new(false))?;
            export::write_scatter(Scatter { real: &dataset.some_points(points.len()), generated: points }, path)?;
        }
        Form::Npy => export::write_points_npy(points, path)?,
        Form::Folder => {
            return Err(Failure::Usage(format!("points are written as .png or .npy, not into a folder: {}", path.display())));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_the_form() {
        let form = |path: &str| Form::of(Path::new(path)).unwrap();
        assert_eq!(form("digits.png"), Form::Png);
        assert_eq!(form("digits.PNG"), Form::Png);
        assert_eq!(form("a/digits.npy"), Form::Npy);
        assert_eq!(form("digits/"), Form::Folder);
        assert_eq!(form("digits"), Form::Folder);
        let failure = Form::of(Path::new("digits.jpg")).unwrap_err();
        assert_eq!(failure.exit_code(), 2);
        assert_eq!(failure.to_string(), "samples are written to a folder or as .png or .npy, not as .jpg: digits.jpg");
    }

    #[test]
    fn a_folder_with_a_dot_in_its_name_is_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let dotted = folder.path().join("run.1");
        std::fs::create_dir(&dotted).unwrap();
        assert_eq!(Form::of(&dotted).unwrap(), Form::Folder);
    }
}
