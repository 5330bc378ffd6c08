//! `ganvas doctor`: what the doctor says of a run that was saved.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use super::console::{self, grouped, number, wrapped};
use super::error::Failure;
use super::train::consultation::typed;
use super::trained::trained_project;
use crate::measure::doctor::{Diagnosis, Evidence, Remedy, Series, diagnose, is_waiting};
use crate::spec::Project;
use crate::train::Checkpoint;

/// Say what happens to the run of a trained project, why, and what may be done about it
#[derive(Debug, Args)]
#[command(
    long_about = "Says what the vital signs in a project file tell of its run, what matters most first: what happens, why, which number \
                  tells it, and what may be done about it, as flags of `ganvas train` where there are some for it.\n\n\
                  A run takes its signs while it trains, at a few of its first steps and then every fifty. Those under other settings \
                  than it was saved with do not count. Of a run that broke the file holds the last good state and the signs up to \
                  there; what was said of its end is in what `ganvas train` printed.",
    after_help = EXAMPLES
)]
pub(super) struct DoctorArguments {
    /// A trained project
    #[arg(value_name = "FILE.ganvas")]
    file: PathBuf,
    /// Print all of it as one line of JSON on standard output
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  ganvas doctor ganvas-out/project.ganvas
  ganvas doctor ganvas-out/project.ganvas --json";

/// What follows the gravity is set in so far.
const INDENT: usize = 9;
/// With fewer signs most rules wait for more.
const FEW: usize = 10;

/// Reads the signs, and prints what they tell.
pub(super) fn run(arguments: &DoctorArguments) -> Result<(), Failure> {
    let (project, checkpoint) = trained_project(&arguments.file)?;
    let checkpoint = with_settings_of(&project, checkpoint);
    if checkpoint.signs.series.is_empty() {
        return Err(Failure::failed(format!(
            "this file has no vital signs of its run, which are taken while it trains: train it on with `ganvas train`, and there will \
             be some: {}",
            arguments.file.display()
        )));
    }
    let found = found(&checkpoint);
    if arguments.json {
        console::print(&json(&checkpoint, &found));
    } else {
        lines(&checkpoint, &found, &arguments.file).iter().for_each(|line| console::print(line));
    }
    Ok(())
}

/// What was learned, with the settings as they were edited last: what signs tell under others does not count, and remedies change these.
fn with_settings_of(project: &Project, checkpoint: Arc<Checkpoint>) -> Checkpoint {
    let mut checkpoint = Arc::unwrap_or_clone(checkpoint);
    checkpoint.project.train = project.train.clone().in_run_of(&checkpoint.project.train);
    checkpoint
}

/// All that there is to say of a run, what matters most first.
fn found(checkpoint: &Checkpoint) -> Vec<Diagnosis> {
    let quality = checkpoint.quality.series.curve();
    diagnose(&checkpoint.project, &checkpoint.signs.series, quality.as_deref())
}

/// The step of the newest signs.
fn newest(series: &Series) -> u64 {
    series.last().map_or(0, |vitals| vitals.step)
}

/// It as text.
fn lines(checkpoint: &Checkpoint, found: &[Diagnosis], file: &Path) -> Vec<String> {
    let (project, series) = (&checkpoint.project, &checkpoint.signs.series);
    let mut lines = vec![format!("{}, by its vital signs up to step {}", project.name, grouped(newest(series)))];
    if found.is_empty() {
        lines.extend(wrapped(&nothing(project, series), 0, 0));
    }
    for diagnosis in found {
        lines.push(String::new());
        lines.extend(diagnosis_lines(project, diagnosis));
    }
    if found.iter().flat_map(|diagnosis| &diagnosis.remedies).any(|remedy| typed(project, remedy).is_some()) {
        lines.push(String::new());
        lines.extend(wrapped(
            &format!(
                "The flags go with `ganvas train {}`, which goes on from where the run is; with --steps where it has come to its end.",
                file.display()
            ),
            0,
            0,
        ));
    }
    lines
}

/// Why nothing is said.
fn nothing(project: &Project, series: &Series) -> String {
    let count = series.len();
    if is_waiting(project, series) {
        "There is nothing to say yet: the settings were changed after the last signs, which tell nothing of the new ones. Train it on for \
         some hundred steps."
            .to_owned()
    } else if count < FEW {
        format!("There is nothing to say yet: signs were taken {count} times, and most needs more. Train it on for some hundred steps.")
    } else {
        format!("Nothing stands out in what signs told {count} times.")
    }
}

fn diagnosis_lines(project: &Project, diagnosis: &Diagnosis) -> Vec<String> {
    let Diagnosis { rule, gravity, place: _, sentence, why, remedies, evidence } = diagnosis;
    let mut lines = wrapped(&format!("{:<8} {sentence} [{rule}]", gravity.name()), 0, INDENT);
    let mut add = |text: &str| lines.extend(wrapped(text, INDENT, INDENT));
    add(why);
    add(&evidence_text(evidence));
    for (index, remedy) in remedies.iter().enumerate() {
        add(&format!("{}: {}", if index == 0 { "to do" } else { "or" }, remedy_text(project, remedy)));
    }
    lines
}

/// The newest value of what it is told by, beside its threshold where it has one.
fn evidence_text(evidence: &Evidence) -> String {
    let Evidence { name, points, threshold, logarithmic: _, since } = evidence;
    let value = points.last().map(|(step, value)| format!(": {} at step {}", number(*value), grouped(*step))).unwrap_or_default();
    let threshold = threshold.map(|threshold| format!(" (threshold {})", number(threshold))).unwrap_or_default();
    format!("{name}{value}{threshold}, so from step {} on", grouped(*since))
}

fn remedy_text(project: &Project, remedy: &Remedy) -> String {
    match typed(project, remedy) {
        Some(flags) => format!("{flags} ({})", remedy.name),
        None => format!("{} (in the window)", remedy.name),
    }
}

#[derive(Serialize)]
struct Report<'a> {
    /// Generator steps of the run.
    steps: u64,
    /// How many signs there are, and the step of the newest.
    signs: usize,
    signs_step: u64,
    /// Were the settings changed since, so that nothing can be said yet?
    waiting: bool,
    /// What matters most first.
    diagnoses: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    /// A name that stays.
    rule: &'a str,
    /// `critical`, `warning` or `note`.
    gravity: &'a str,
    /// Is it bad?
    alarm: bool,
    /// Where; null where it is about the run as a whole.
    place: Option<String>,
    sentence: &'a str,
    why: &'a str,
    evidence: EvidenceLine<'a>,
    remedies: Vec<RemedyLine<'a>>,
}

#[derive(Serialize)]
struct EvidenceLine<'a> {
    name: &'a str,
    /// The step from which on it holds.
    since: u64,
    threshold: Option<f32>,
    logarithmic: bool,
    /// Steps and values, oldest first.
    points: &'a [(u64, f32)],
}

#[derive(Serialize)]
struct RemedyLine<'a> {
    name: &'a str,
    /// Of `ganvas train`; null where there are none for it.
    flags: Option<String>,
    needs_restart: bool,
}

/// All of it as one line of JSON.
fn json(checkpoint: &Checkpoint, found: &[Diagnosis]) -> String {
    let (project, series) = (&checkpoint.project, &checkpoint.signs.series);
    let report = Report {
        steps: checkpoint.g_steps,
        signs: series.len(),
        signs_step: newest(series),
        waiting: is_waiting(project, series),
        diagnoses: found.iter().map(|diagnosis| line(project, diagnosis)).collect(),
    };
    // Strings and numbers always make JSON.
    serde_json::to_string(&report).unwrap_or_default()
}

fn line<'a>(project: &Project, diagnosis: &'a Diagnosis) -> Line<'a> {
    let Diagnosis { rule, gravity, place, sentence, why, remedies, evidence } = diagnosis;
    let Evidence { name, points, threshold, logarithmic, since } = evidence;
    let remedy = |remedy: &'a Remedy| RemedyLine { name: &remedy.name, flags: typed(project, remedy), needs_restart: remedy.needs_restart };
    Line {
        rule,
        gravity: gravity.name(),
        alarm: gravity.is_alarm(),
        place: place.map(|place| place.describe(project)),
        sentence,
        why,
        evidence: EvidenceLine { name, since: *since, threshold: *threshold, logarithmic: *logarithmic, points },
        remedies: remedies.iter().map(remedy).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::measure::doctor::{Gravity, Vitals};
    use crate::spec::{Edit, Layer, Preset, Role, TrainSpec};

    /// A run of the ring that took so many signs, all of samples that are the same.
    fn collapsed(looks: u64) -> Checkpoint {
        let mut run = Checkpoint::blank(Preset::from_name("ring8").unwrap().project(), 50 * looks);
        let settings = Arc::new(run.project.train.clone());
        run.signs.series = (1..=looks).map(|look| Arc::new(Vitals::blank(50 * look, &settings))).collect();
        run
    }

    fn too_strong(project: &Project) -> Diagnosis {
        let mut train = project.train.clone();
        train.discriminator.learning_rate = 0.0005;
        let id = project.generator.layers[1].id;
        let replace = Edit::Replace { role: Role::Generator, id, layer: Layer::Tanh };
        Diagnosis {
            rule: "discriminator-too-strong",
            gravity: Gravity::Warning,
            place: None,
            sentence: "The discriminator is certain".to_owned(),
            why: "Where it is certain it teaches nothing.",
            remedies: vec![
                Remedy { name: "D learning rate 5e-4".to_owned(), edit: Edit::SetTrain(train), needs_restart: false },
                Remedy { name: "Tanh instead of LeakyReLU".to_owned(), edit: replace, needs_restart: true },
            ],
            evidence: Evidence {
                name: "D's loss",
                points: vec![(1_150, 0.25), (1_200, 0.0625)],
                threshold: Some(0.125),
                logarithmic: true,
                since: 1_150,
            },
        }
    }

    #[test]
    fn a_diagnosis_is_told_with_its_reason_its_number_and_what_may_be_done() {
        let run = collapsed(24);
        let lines = lines(&run, &[too_strong(&run.project)], Path::new("run.ganvas"));
        let expected = [
            "ring8, by its vital signs up to step 1,200",
            "",
            "warning  The discriminator is certain [discriminator-too-strong]",
            "         Where it is certain it teaches nothing.",
            "         D's loss: 0.0625 at step 1,200 (threshold 0.1250), so from step 1,150 on",
            "         to do: --d-lr 5e-4 (D learning rate 5e-4)",
            "         or: Tanh instead of LeakyReLU (in the window)",
            "",
            "The flags go with `ganvas train run.ganvas`, which goes on from where the run is; with --steps where",
            "it has come to its end.",
        ];
        assert_eq!(lines, expected);
        let blank = Evidence { points: Vec::new(), threshold: None, ..too_strong(&run.project).evidence };
        assert_eq!(evidence_text(&blank), "D's loss, so from step 1,150 on");
    }

    #[test]
    fn what_the_signs_of_a_run_tell_is_found_and_fits_the_terminal() {
        let run = collapsed(20);
        let found = found(&run);
        assert!(found.is_sorted_by_key(|diagnosis| diagnosis.gravity), "{found:#?}");
        assert!(found.iter().any(|diagnosis| diagnosis.rule == "mode-collapse"), "{found:#?}");
        let lines = lines(&run, &found, Path::new("run.ganvas"));
        assert!(lines.iter().any(|line| line.starts_with("warning  Mode collapse: ")), "{lines:#?}");
        assert!(lines.iter().all(|line| line.chars().count() <= console::WIDTH), "{lines:#?}");
    }

    #[test]
    fn where_there_is_nothing_to_say_it_says_why() {
        let mut run = collapsed(3);
        assert_eq!(found(&run), []);
        assert!(lines(&run, &[], Path::new("run.ganvas")).join(" ").contains("signs were taken 3 times, and most needs more"));
        run = collapsed(20);
        run.project.train = TrainSpec { batch_size: 32, ..run.project.train };
        assert_eq!(found(&run), [], "what was before says nothing of other settings");
        assert!(nothing(&run.project, &run.signs.series).contains("the settings were changed after the last signs"));
        let value: serde_json::Value = serde_json::from_str(&json(&run, &[])).unwrap();
        assert_eq!((&value["waiting"], &value["diagnoses"]), (&true.into(), &serde_json::Value::Array(Vec::new())));
    }

    #[test]
    fn json_is_one_line_with_everything() {
        let run = collapsed(24);
        let said = json(&run, &[too_strong(&run.project)]);
        assert!(!said.contains('\n'));
        let value: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!((&value["steps"], &value["signs"], &value["signs_step"]), (&1_200.into(), &24.into(), &1_200.into()));
        let first = &value["diagnoses"][0];
        assert_eq!((&first["rule"], &first["gravity"]), (&"discriminator-too-strong".into(), &"warning".into()));
        assert_eq!((&first["alarm"], &first["place"]), (&true.into(), &serde_json::Value::Null));
        assert_eq!(first["evidence"]["points"].to_string(), "[[1150,0.25],[1200,0.0625]]");
        assert_eq!((&first["evidence"]["threshold"], &first["evidence"]["since"]), (&0.125.into(), &1_150.into()));
        assert_eq!((&first["remedies"][0]["flags"], &first["remedies"][1]["flags"]), (&"--d-lr 5e-4".into(), &serde_json::Value::Null));
        assert_eq!(first["remedies"][1]["needs_restart"], true);
    }
}
