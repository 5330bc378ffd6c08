//! `ganvas lint`: what is wrong with a project, why, and what would mend it.

mod report;
mod subject;

use std::path::PathBuf;

use clap::Args;

use super::console;
use super::error::Failure;
use crate::spec::{Limits, Severity, fix_all_within, lint_within};
use crate::system;
use subject::Subject;

/// Say what is wrong with a project, why, and what would mend it
#[derive(Debug, Args)]
#[command(
    long_about = "Says what keeps a project from training (errors), what will make it train badly (warnings) and what could be better \
                  (advice), where, why, and what would mend it.\n\nWith --fix it mends what it can and writes the project; the version \
                  before stays beside it as .bak. The program ends with 1 where errors are left, and with 0 otherwise.",
    after_help = EXAMPLES
)]
pub(super) struct LintArguments {
    /// A project file, or the name of a preset
    #[arg(value_name = "FILE.ganvas")]
    file: PathBuf,
    /// Mend what can be mended, and write the project
    #[arg(long)]
    fix: bool,
    /// Print the result as one line of JSON on standard output
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  ganvas lint faces.ganvas
  ganvas lint faces.ganvas --fix
  ganvas lint dcgan28 --json";

/// Looks, mends where asked to, and says what it found.
pub(super) fn run(arguments: &LintArguments) -> Result<(), Failure> {
    let mut subject = Subject::read(&arguments.file)?;
    let limits = Limits { memory_bytes: system::memory() };
    let done = if arguments.fix { fix(&mut subject, arguments, limits)? } else { Vec::new() };
    let found = lint_within(subject.project(), limits);
    if arguments.json {
        console::print(&report::json(&subject, &found, &done));
    } else {
        console::print(&format!("{}: {}", arguments.file.display(), report::count_text(&found)));
        for line in report::text(&subject, &found) {
            console::print(&line);
        }
    }
    match found.iter().filter(|finding| finding.severity == Severity::Error).count() {
        0 => Ok(()),
        errors => {
            let keep = if errors == 1 { "keeps" } else { "keep" };
            let count = Severity::Error.count(errors);
            Err(Failure::failed(format!("{count} {keep} this project from training: {}", arguments.file.display())))
        }
    }
}

/// Mends what can be mended, writes it, and says what was done, one line for each thing.
fn fix(subject: &mut Subject, arguments: &LintArguments, limits: Limits) -> Result<Vec<crate::spec::Mended>, Failure> {
    if !subject.is_writable {
        let file = arguments.file.display();
        return Err(Failure::Usage(format!("only a project file can be mended, for there is nowhere to write to: {file}")));
    }
    let (edit, done) = fix_all_within(subject.project(), limits);
    if done.is_empty() {
        console::say("nothing to mend");
        return Ok(done);
    }
    edit.apply(&mut subject.file.project)?;
    subject.file.save(&arguments.file)?;
    for done in &done {
        console::say(&format!("mended {}", report::mended_text(done)));
    }
    console::say(&format!("written to {}", arguments.file.display()));
    Ok(done)
}
