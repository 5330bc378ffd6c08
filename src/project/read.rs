//! Reading a project file, which may be damaged, made by a newer program, or something else altogether.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;
use std::sync::Arc;

use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;
use zip::ZipArchive;
use zip::result::ZipError;

use super::quality::QualityState;
use super::reel;
use super::signs::SignsState;
use super::states;
use super::upgrade::upgraded;
use super::{BEST, Glance, HISTORY, PROJECT, ProjectFile, QUALITY, REEL, RUN, RunState, SIGNS, STATES, WEIGHTS};
use crate::measure::doctor;
use crate::measure::{LARGEST_ASSESSMENT, MOST_ASSESSMENTS, Quality};
use crate::nn::{Named, TensorValues};
use crate::spec::{FORMAT, Project, VERSION};
use crate::train::{Checkpoint, History, LARGEST_REEL, Reel, Signs, States};

/// What is wrong, in words, without the path.
type Message = String;

type Archive = ZipArchive<BufReader<File>>;

/// No part of a real project is larger, in bytes.
const MAX_TEXT: u64 = 1 << 24;
const MAX_SIGNS: u64 = 1 << 28;
const MAX_HISTORY: u64 = 1 << 32;
const MAX_WEIGHTS: u64 = 1 << 36;
/// Of all that was measured 8,192 assessments of 40 KiB, which are 320 MiB; and two more, the newest and the best, which may have shares of
/// all 65,535 classes that there can be, with names of 255 bytes as file systems allow, which JSON may write as six each, and some 90 bytes of
/// numbers: 102 MiB each. With the best's project that is 539 MiB.
const MAX_QUALITY: u64 = 1 << 30;
const _: () = assert!(MOST_ASSESSMENTS as u64 * LARGEST_ASSESSMENT as u64 + 2 * 65_535 * (6 * 255 + 90) + MAX_TEXT < MAX_QUALITY);
/// The samples of a reel, which are 768 MiB where three frames are pictures of 2^28 values; and beside them for each of 240 frames its step
/// and its seconds, 3,840 bytes, and what the arrays are called.
const MAX_REEL: u64 = LARGEST_REEL as u64 + (1 << 16);

/// All of it.
pub fn load(path: &Path) -> Result<ProjectFile, Message> {
    let mut archive = open(path)?;
    let ProjectFile { project, checkpoint, .. } = newest(&mut archive)?;
    let earlier = checkpoint.as_deref().map(|newest| read_states(&mut archive, newest)).transpose()?.unwrap_or_default();
    Ok(ProjectFile { project, checkpoint, earlier })
}

/// The project and its newest state.
pub fn load_newest(path: &Path) -> Result<ProjectFile, Message> {
    newest(&mut open(path)?)
}

fn open(path: &Path) -> Result<Archive, Message> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => format!("the file cannot be opened ({error})"),
    })?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err("this is a folder, not a project file".to_owned());
    }
    ZipArchive::new(BufReader::new(file)).map_err(|error| not_a_project(path, &error))
}

fn newest(archive: &mut Archive) -> Result<ProjectFile, Message> {
    let project = text(archive, PROJECT)?.ok_or("this is not a Ganvas project: it has no project.json")?;
    let project = parse_project(&project)?;
    let checkpoint = read_checkpoint(archive)?.map(Arc::new);
    Ok(ProjectFile { project, checkpoint, earlier: States::new() })
}

/// Reads no more than it takes to say which project it is and how far it was trained.
pub fn glance(path: &Path) -> Result<Glance, Message> {
    let mut archive = open(path)?;
    let project = text(&mut archive, PROJECT)?.ok_or("this is not a Ganvas project: it has no project.json")?;
    let run = text(&mut archive, RUN)?;
    let run: Option<RunHead> = run.map(|run| serde_json::from_str(&run).map_err(|error| damaged(RUN, error))).transpose()?;
    Ok(Glance { name: parse_project(&project)?.name, step: run.map(|run| run.g_steps) })
}

/// What of a run is told beforehand.
#[derive(Deserialize)]
struct RunHead {
    g_steps: u64,
}

/// A project that was cut short has lost the archive's directory, which stands at its end.
fn not_a_project(path: &Path, error: &ZipError) -> Message {
    let mut magic = [0; 2];
    let begins_as_archive = File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok() && magic == *b"PK";
    if begins_as_archive {
        "the project file is damaged or was cut short; the version before it may be beside it, with .bak behind its name".to_owned()
    } else {
        match error {
            ZipError::Io(error) => format!("the file cannot be read ({error})"),
            _ => "this is not a Ganvas project".to_owned(),
        }
    }
}

fn damaged(part: &str, why: impl std::fmt::Display) -> Message {
    format!("the project file is damaged in {part} ({why}); the version before it may be beside it, with .bak behind its name")
}

/// An entry's bytes, checked against its checksum; none where there is no such entry.
fn bytes(archive: &mut Archive, name: &str, limit: u64) -> Result<Option<Vec<u8>>, Message> {
    let mut entry = match archive.by_name(name) {
        Ok(entry) => entry,
        Err(ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(damaged(name, error)),
    };
    if entry.size() > limit {
        return Err(damaged(name, "it says it is impossibly large"));
    }
    // Memory grows with what is really there, whatever the entry says.
    let mut bytes = Vec::new();
    io::Read::take(&mut entry, limit).read_to_end(&mut bytes).map_err(|error| damaged(name, error))?;
    Ok(Some(bytes))
}

fn text(archive: &mut Archive, name: &str) -> Result<Option<String>, Message> {
    let Some(bytes) = bytes(archive, name, MAX_TEXT)? else { return Ok(None) };
    String::from_utf8(bytes).map(Some).map_err(|_| damaged(name, "it is not text"))
}

/// What every version of the file begins with.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

fn parse_project(json: &str) -> Result<Project, Message> {
    let head: Head = serde_json::from_str(json).map_err(|error| damaged(PROJECT, error))?;
    if head.format != FORMAT {
        return Err(format!("this is a file of the format {:?}, not a Ganvas project", head.format));
    }
    if head.version > VERSION {
        return Err(format!(
            "the project was saved by a newer Ganvas (version {} of the format, this one reads up to {VERSION})",
            head.version
        ));
    }
    let project = serde_json::from_str(json).map_err(|error| damaged(PROJECT, error))?;
    serde_json::from_value(upgraded(project)).map_err(|error| damaged(PROJECT, error))
}

fn read_checkpoint(archive: &mut Archive) -> Result<Option<Checkpoint>, Message> {
    let Some(run) = text(archive, RUN)? else { return Ok(None) };
    let run = serde_json::from_str(&run).map_err(|error| damaged(RUN, error))?;
    let run = run_state(run).map_err(|error| damaged(RUN, error))?;
    let weights = bytes(archive, WEIGHTS, MAX_WEIGHTS)?.ok_or_else(|| damaged(WEIGHTS, "it is missing"))?;
    let state = states::state(run, from_safetensors(WEIGHTS, &weights)?);
    let signs = Signs { series: read_signs(archive)?, ..state.signs };
    Ok(Some(Checkpoint { history: read_history(archive)?, quality: read_quality(archive)?, reel: read_reel(archive)?, signs, ..state }))
}

/// A state's counters and settings, as an older version may have written them.
fn run_state(mut run: serde_json::Value) -> serde_json::Result<RunState> {
    if let Some(project) = run.get_mut("project") {
        *project = upgraded(project.take());
    }
    serde_json::from_value(run)
}

/// Vital signs; none where the file is of before they were written.
fn read_signs(archive: &mut Archive) -> Result<doctor::Series, Message> {
    let Some(json) = bytes(archive, SIGNS, MAX_SIGNS)? else { return Ok(doctor::Series::default()) };
    let state: SignsState = serde_json::from_slice(&json).map_err(|error| damaged(SIGNS, error))?;
    state.series().ok_or_else(|| damaged(SIGNS, "it names settings that are not there"))
}

/// Earlier states; none where the file is of before they were written, or of a run too large.
fn read_states(archive: &mut Archive, newest: &Checkpoint) -> Result<States, Message> {
    let Some(json) = text(archive, STATES)? else { return Ok(States::new()) };
    let runs: Vec<serde_json::Value> = serde_json::from_str(&json).map_err(|error| damaged(STATES, error))?;
    let read = |run| {
        let run = run_state(run).map_err(|error| damaged(STATES, error))?;
        let name = states::entry(run.g_steps);
        let weights = bytes(archive, &name, MAX_WEIGHTS)?.ok_or_else(|| damaged(&name, "it is missing"))?;
        Ok(Arc::new(states::earlier(run, from_safetensors(&name, &weights)?, newest)))
    };
    runs.into_iter().map(read).collect()
}

/// What was measured; nothing where the file is of before there was measuring, or of a run that never was.
fn read_quality(archive: &mut Archive) -> Result<Quality, Message> {
    let Some(json) = bytes(archive, QUALITY, MAX_QUALITY)? else { return Ok(Quality::default()) };
    let state: QualityState = serde_json::from_slice(&json).map_err(|error| damaged(QUALITY, error))?;
    let weights = bytes(archive, BEST, MAX_WEIGHTS)?.map(|bytes| from_safetensors(BEST, &bytes)).transpose()?;
    Ok(state.with_weights(weights))
}

/// Frames of the run; none where the file is of before there were any.
fn read_reel(archive: &mut Archive) -> Result<Reel, Message> {
    let Some(bytes) = bytes(archive, REEL, MAX_REEL)? else { return Ok(Reel::default()) };
    reel::from_bytes(&bytes).map_err(|why| damaged(REEL, why))
}

/// The table is read as it is unpacked: as text it is several times as large as in memory.
fn read_history(archive: &mut Archive) -> Result<History, Message> {
    let entry = archive.by_name(HISTORY).map_err(|error| match error {
        ZipError::FileNotFound => damaged(HISTORY, "it is missing"),
        error => damaged(HISTORY, error),
    })?;
    if entry.size() > MAX_HISTORY {
        return Err(damaged(HISTORY, "it says it is impossibly large"));
    }
    History::read_csv(&mut BufReader::new(io::Read::take(entry, MAX_HISTORY))).map_err(|error| damaged(HISTORY, error))
}

fn from_safetensors(part: &str, bytes: &[u8]) -> Result<Named, Message> {
    let archive = SafeTensors::deserialize(bytes).map_err(|error| damaged(part, error))?;
    let mut tensors = Named::new();
    for (name, view) in archive.iter() {
        if view.dtype() != Dtype::F32 {
            return Err(damaged(part, format!("{name} does not hold 32-bit floats")));
        }
        let values = view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        tensors.insert(name.to_owned(), TensorValues { shape: view.shape().to_vec(), values });
    }
    Ok(tensors)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::device;
    use crate::measure::{Assessment, Best, Series, largest_assessment};
    use crate::spec::{Preset, Shape};
    use crate::train::{Frame, Pictures, Still, Trainer};

    fn checkpoint() -> Checkpoint {
        let project = Preset::from_name("ring8").unwrap().project();
        Trainer::new(&project, &device::cpu()).unwrap().checkpoint(&project, 1.5, &History::default()).unwrap()
    }

    /// What a file brings back of it.
    fn written_and_read(checkpoint: Checkpoint) -> Checkpoint {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.ganvas");
        ProjectFile::trained(checkpoint.project.clone(), Arc::new(checkpoint)).save(&path).unwrap();
        Checkpoint::clone(&load(&path).unwrap().checkpoint.unwrap())
    }

    #[test]
    fn what_was_measured_of_a_long_run_is_read_again() {
        let checkpoint = checkpoint();
        // More than other texts may take, and every part of it as long as it can be.
        let series: Vec<Assessment> = (0..600).map(largest_assessment).collect();
        assert!(series.len() as u64 * serde_json::to_vec(&series[0]).unwrap().len() as u64 > MAX_TEXT);
        let best = Best { assessment: largest_assessment(7), project: checkpoint.project.clone(), weights: Named::new() };
        let quality = Quality { series: Series::from(series), best: Some(Arc::new(best)) };
        let read = written_and_read(Checkpoint { quality: quality.clone(), ..checkpoint });
        assert_eq!(read.quality, quality);
    }

    #[test]
    fn the_best_of_an_older_version_is_brought_to_this_one() {
        let project = Preset::from_name("ring8").unwrap().project();
        let best = Best { assessment: largest_assessment(7), project: project.clone(), weights: Named::new() };
        let state = QualityState::of(&Quality { series: Series::EMPTY, best: Some(Arc::new(best)) });
        let mut json = serde_json::to_value(state).unwrap();
        json["best"]["project"]["version"] = 2.into();
        json["best"]["project"]["train"]["loss"] = serde_json::json!({ "wasserstein": { "clip": 0.02 } });
        let state: QualityState = serde_json::from_value(json).unwrap();
        let read = state.with_weights(Some(Named::new())).best.unwrap();
        assert_eq!(read.project.train.regularisation.clip, 0.02);
    }

    #[test]
    fn a_reel_of_very_large_pictures_is_read_again() {
        let shape = Shape::new(1, 4096, 4352);
        let picture = |step: u64| Pictures { shape, bytes: vec![step as u8; shape.values()] };
        let frame = |step| Frame { step, elapsed_secs: step as f64 / 3.0, samples: Still::Pictures(picture(step)) };
        let reel = Reel::from_frames((1..=3).map(frame).collect()).unwrap();
        assert!(reel.size() > 48 << 20, "so few are kept, whatever they take");
        assert!(reel::to_bytes(&reel).unwrap().len() as u64 - (reel.size() as u64) < MAX_REEL - LARGEST_REEL as u64);
        let read = written_and_read(Checkpoint { reel: reel.clone(), ..checkpoint() });
        assert!(read.reel == reel, "the frames are others");
    }

    #[test]
    fn what_is_impossibly_large_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.zip");
        let mut archive = ZipWriter::new(File::create(&path).unwrap());
        archive.start_file("part", SimpleFileOptions::default()).unwrap();
        archive.write_all(&[0; 100]).unwrap();
        archive.finish().unwrap();
        let read = |limit| bytes(&mut open(&path).unwrap(), "part", limit);
        assert_eq!(read(100).unwrap().unwrap().len(), 100);
        assert!(read(99).unwrap_err().contains("impossibly large"));
    }
}
