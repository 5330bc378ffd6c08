//! The linter: what keeps a project from training, what will make it train badly, and what could be better - each with its place, the
//! reason, and repairs that are edits.
//!
//! Errors are exactly [`Project::faults`]. Warnings and advice come from `rules`, a list of functions that look at a project. Repairs
//! are checked before they are offered: each is applied to a copy, and only what leaves fewer findings behind is kept, so that
//! repairing never makes a project worse and comes to an end.

mod all;
mod fault;
mod nature;
mod repair;
mod rules;
#[cfg(test)]
mod tests;
mod view;

pub use all::{Mended, fix_all, fix_all_within};

use super::catalogue::catalogue;
use super::check::Place;
use super::edit::Edit;
use super::project::Project;
use view::View;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It cannot be trained.
    Error,
    /// It can be trained, and will learn badly.
    Warning,
    /// It could be better.
    Advice,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Advice];

    /// In lower case, as in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
        }
    }

    /// `1 error`, `3 errors`, `2 advice`.
    pub fn count(self, count: usize) -> String {
        let plural = if count == 1 || self == Self::Advice { "" } else { "s" };
        format!("{count} {}{plural}", self.name())
    }
}

/// Something that is wrong with a project, or could be better.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which rule found it: a name that stays, in small letters with hyphens.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is wrong, in one sentence without a full stop.
    pub what: String,
    /// Why it matters, in sentences for a learner, with the source where there is one.
    pub why: &'static str,
    /// What would mend it, the best first. Each leaves fewer findings behind.
    pub fixes: Vec<Fix>,
}

impl Finding {
    fn new(rule: &'static str, severity: Severity, place: Place, what: impl Into<String>, why: &'static str) -> Self {
        Self { rule, severity, place, what: what.into(), why, fixes: Vec::new() }
    }

    fn with(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    /// Is it about the same thing?
    fn is_same(&self, other: &Self) -> bool {
        (self.rule, self.place, &self.what) == (other.rule, other.place, &other.what)
    }
}

/// A repair.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What it does, as on a button: `Dense 2048`.
    pub name: String,
    /// How.
    pub edit: Edit,
    /// May it be applied without asking? A repair that changes what somebody wants, such as the size of the pictures, may not.
    pub is_safe: bool,
}

impl Fix {
    /// A repair of several steps; undo shows them as one, by its name.
    fn new(name: impl Into<String>, edits: Vec<Edit>) -> Self {
        let name = name.into();
        let edit = Edit::All { label: lower(&name), edits };
        Self { name, edit, is_safe: true }
    }

    /// The same, to be chosen by a person.
    fn left_to_choose(mut self) -> Self {
        self.is_safe = false;
        self
    }
}

/// With a small first letter, unless it begins with a name: `Begin with` becomes `begin with`, `ReLU` and `Dense 2` stay.
fn lower(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or_default();
    let is_name = word.chars().skip(1).any(char::is_uppercase) || catalogue().iter().any(|entry| entry.layer.name() == word);
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if !is_name => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// What a project may use, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The memory of the machine, in bytes.
    pub memory_bytes: Option<u64>,
}

/// Everything there is to say about `project`, errors first, each kind in reading order.
pub fn lint(project: &Project) -> Vec<Finding> {
    lint_within(project, Limits::default())
}

/// As [`lint`], where something is known of the machine.
pub fn lint_within(project: &Project, limits: Limits) -> Vec<Finding> {
    let mut found = findings(project, limits);
    let before = Score::of(&found);
    for finding in &mut found {
        finding.fixes = if finding.severity == Severity::Error {
            repair::fixes(project, finding)
        } else {
            let candidates = std::mem::take(&mut finding.fixes);
            candidates.into_iter().filter(|fix| mends(project, limits, fix, finding, before)).collect()
        };
    }
    found
}

/// Does this repair do away with the finding, and leave the project better?
fn mends(project: &Project, limits: Limits, fix: &Fix, finding: &Finding, before: Score) -> bool {
    let mut after = project.clone();
    if fix.edit.clone().apply(&mut after).is_err() {
        return false;
    }
    let left = findings(&after, limits);
    Score::of(&left) < before && !left.iter().any(|other| other.is_same(finding))
}

/// Errors without repairs, warnings and advice with repairs that are not checked yet.
fn findings(project: &Project, limits: Limits) -> Vec<Finding> {
    let view = View::new(project, limits);
    let mut found: Vec<Finding> = project.faults().iter().map(|fault| fault::finding(project, fault)).collect();
    for rule in rules::RULES {
        rule(&view, &mut found);
    }
    found.sort_by_key(|finding| (finding.severity, order(project, finding.place)));
    found
}

/// Reading order: down the generator, to the data, down the discriminator, then the settings.
fn order(project: &Project, place: Place) -> (u8, usize) {
    use super::stack::Role::{Discriminator, Generator};
    let index = |role, id| project.stack(role).position(id).map_or(usize::MAX, |index| index + 1);
    match place {
        Place::Input(Generator) => (0, 0),
        Place::Layer(Generator, id) => (0, index(Generator, id)),
        Place::GeneratorToData => (1, 0),
        Place::Data => (2, 0),
        Place::DataToDiscriminator => (3, 0),
        Place::Input(Discriminator) => (4, 0),
        Place::Layer(Discriminator, id) => (4, index(Discriminator, id)),
        Place::Logit => (5, 0),
        Place::Training => (6, 0),
    }
}

/// How many findings there are of each severity. Less is better, and one error outweighs any number of warnings, one warning any
/// amount of advice: the order of the numbers as they stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Score([usize; 3]);

impl Score {
    fn of(found: &[Finding]) -> Self {
        Self(Severity::ALL.map(|severity| found.iter().filter(|finding| finding.severity == severity).count()))
    }
}
