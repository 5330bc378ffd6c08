//! All repairs at once.

use super::{Limits, lint_within};
use crate::spec::{Edit, Project};

/// One thing that was mended.
#[derive(Clone, Debug, PartialEq)]
pub struct Mended {
    /// The rule that had found it.
    pub rule: &'static str,
    /// Where, in words.
    pub at: String,
    /// What was wrong.
    pub what: String,
    /// The name of the repair.
    pub fix: String,
}

/// No project has more to mend; every repair leaves fewer findings, so that this is never reached by going in circles.
const MAX_ROUNDS: usize = 500;

/// Mends what can be mended without asking: the first safe repair of the first finding that has one, again and again, until none is
/// left. Returns all of it as one edit, and what was done, in order.
pub fn fix_all(project: &Project) -> (Edit, Vec<Mended>) {
    fix_all_within(project, Limits::default())
}

/// As [`fix_all`], where something is known of the machine.
pub fn fix_all_within(project: &Project, limits: Limits) -> (Edit, Vec<Mended>) {
    let mut project = project.clone();
    let (mut edits, mut done) = (Vec::new(), Vec::new());
    for _ in 0..MAX_ROUNDS {
        let next = lint_within(&project, limits).into_iter().find_map(|finding| {
            let fix = finding.fixes.iter().find(|fix| fix.is_safe)?.clone();
            Some((finding, fix))
        });
        let Some((finding, fix)) = next else { break };
        let at = finding.place.describe(&project);
        if fix.edit.clone().apply(&mut project).is_err() {
            break;
        }
        edits.push(fix.edit);
        done.push(Mended { rule: finding.rule, at, what: finding.what, fix: fix.name });
    }
    let label = if done.len() == 1 { "fix 1 finding".to_owned() } else { format!("fix {} findings", done.len()) };
    (Edit::All { label, edits }, done)
}
