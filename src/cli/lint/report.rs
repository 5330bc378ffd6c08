//! Findings as text and as JSON.

use serde::Serialize;

use super::subject::Subject;
use crate::cli::console;
use crate::code::{self, Remark};
use crate::spec::{Finding, Mended, Place, Project, Role, Severity};

/// `2 errors, 3 warnings, 1 advice`, or `nothing found`.
pub(super) fn count_text(found: &[Finding]) -> String {
    let count = |severity: Severity| {
        let count = found.iter().filter(|finding| finding.severity == severity).count();
        (count > 0).then(|| severity.count(count))
    };
    let counts: Vec<String> = Severity::ALL.into_iter().filter_map(count).collect();
    if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") }
}

/// The groups that findings are shown in, in reading order.
const GROUPS: [&str; 4] = ["Generator", "Data", "Discriminator", "Training"];

const fn group(place: Place) -> &'static str {
    match place {
        Place::Layer(Role::Generator, _) | Place::Input(Role::Generator) | Place::GeneratorToData => GROUPS[0],
        Place::Data => GROUPS[1],
        Place::Layer(Role::Discriminator, _) | Place::Input(Role::Discriminator) | Place::DataToDiscriminator | Place::Logit => GROUPS[2],
        Place::Training => GROUPS[3],
    }
}

/// All of it as lines of text, grouped by network.
pub(super) fn text(subject: &Subject, found: &[Finding]) -> Vec<String> {
    let mut lines = Vec::new();
    for name in GROUPS {
        let of_group =
            |severity: Severity| found.iter().filter(move |finding| finding.severity == severity && group(finding.place) == name);
        if Severity::ALL.into_iter().all(|severity| of_group(severity).next().is_none()) {
            continue;
        }
        lines.extend([String::new(), name.to_owned()]);
        for finding in Severity::ALL.into_iter().flat_map(of_group) {
            lines.extend(finding_text(subject, finding));
        }
    }
    if !subject.remarks.is_empty() {
        lines.extend([String::new(), "Source code".to_owned()]);
        for Remark { place, what, why } in &subject.remarks {
            lines.extend(wrapped(&format!("{place}: {what}"), 2));
            lines.extend(wrapped(why, 4));
        }
    }
    lines
}

fn finding_text(subject: &Subject, finding: &Finding) -> Vec<String> {
    let line = origin_of(subject, finding.place).map(|origin| format!(" ({origin})")).unwrap_or_default();
    let head = format!("{}{line}: {} [{}]", place_in_group(subject.project(), finding.place), finding.what, finding.rule);
    let mut lines = wrapped(&format!("{:<8}{head}", finding.severity.name()), 2);
    lines.extend(wrapped(finding.why, 10));
    let fixes = finding.fixes.iter().zip(1..);
    lines.extend(
        fixes.flat_map(|(fix, number)| {
            wrapped(&format!("fix {number}: {}{}", fix.name, if fix.is_safe { "" } else { " (not by --fix)" }), 10)
        }),
    );
    lines
}

/// Where in its group: `layer 3: Reshape`.
fn place_in_group(project: &Project, place: Place) -> String {
    match place {
        Place::Input(_) => "as a whole".to_owned(),
        Place::Training | Place::Data => "settings".to_owned(),
        _ => place.describe(project).split_once(", ").map(|(_, rest)| rest.to_owned()).unwrap_or_default(),
    }
}

/// Where in the source code a finding is.
fn origin_of(subject: &Subject, place: Place) -> Option<code::Place> {
    match place {
        Place::Layer(role, id) => subject.origins.get(&(role, id)).copied(),
        _ => None,
    }
}

/// The text in lines, set in by so many columns, what follows the first by ten at least.
fn wrapped(text: &str, indent: usize) -> Vec<String> {
    console::wrapped(text, indent, indent.max(10))
}

/// One line for something that was mended.
pub(super) fn mended_text(mended: &Mended) -> String {
    format!("{}: {} -> {}", mended.at, mended.what, mended.fix)
}

#[derive(Serialize)]
struct Report<'a> {
    errors: usize,
    warnings: usize,
    advice: usize,
    findings: Vec<Line<'a>>,
    remarks: Vec<RemarkLine<'a>>,
    fixed: Vec<FixedLine<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    rule: &'a str,
    severity: &'a str,
    /// `generator`, `discriminator`, `data` or `training`.
    part: String,
    /// From 1, for a layer.
    layer: Option<usize>,
    /// Of a notebook, from 1.
    cell: Option<usize>,
    /// Of the source code, from 1.
    line: Option<usize>,
    place: String,
    what: &'a str,
    why: &'a str,
    fixes: Vec<&'a str>,
}

#[derive(Serialize)]
struct RemarkLine<'a> {
    cell: Option<usize>,
    line: usize,
    what: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct FixedLine<'a> {
    rule: &'a str,
    place: &'a str,
    what: &'a str,
    fix: &'a str,
}

/// All of it as one line of JSON.
pub(super) fn json(subject: &Subject, found: &[Finding], done: &[Mended]) -> String {
    let project = subject.project();
    let count = |severity: Severity| found.iter().filter(|finding| finding.severity == severity).count();
    let line = |finding: &'_ Finding| Line {
        rule: finding.rule,
        severity: finding.severity.name(),
        part: group(finding.place).to_lowercase(),
        layer: match finding.place {
            Place::Layer(role, id) => project.stack(role).position(id).map(|index| index + 1),
            _ => None,
        },
        cell: origin_of(subject, finding.place).and_then(|origin| origin.cell),
        line: origin_of(subject, finding.place).map(|origin| origin.line),
        place: finding.place.describe(project),
        what: "",
        why: finding.why,
        fixes: Vec::new(),
    };
    let findings = found.iter().map(|finding| Line {
        what: &finding.what,
        fixes: finding.fixes.iter().map(|fix| fix.name.as_str()).collect(),
        ..line(finding)
    });
    let report = Report {
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        advice: count(Severity::Advice),
        findings: findings.collect(),
        remarks: subject
            .remarks
            .iter()
            .map(|remark| RemarkLine { cell: remark.place.cell, line: remark.place.line, what: &remark.what, why: &remark.why })
            .collect(),
        fixed: done.iter().map(|done| FixedLine { rule: done.rule, place: &done.at, what: &done.what, fix: &done.fix }).collect(),
    };
    // Strings and numbers always make JSON.
    serde_json::to_string(&report).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::spec::{Edit, Layer, lint};

    fn subject() -> Subject {
        let mut subject = Subject::read(Path::new("mlp")).unwrap();
        let edits = [
            Edit::insert(subject.project(), Role::Generator, 5, Layer::Tanh),
            Edit::SetInput { role: Role::Discriminator, shape: crate::spec::Shape::vector(3) },
        ];
        for edit in edits {
            edit.apply(&mut subject.file.project).unwrap();
        }
        let id = subject.project().generator.layers[5].id;
        subject.origins.insert((Role::Generator, id), code::Place { cell: None, line: 27 });
        subject.remarks.push(Remark {
            place: code::Place { cell: None, line: 3 },
            what: "an unknown layer".to_owned(),
            why: "it was left out".to_owned(),
        });
        subject
    }

    #[test]
    fn findings_are_grouped_by_network_and_name_their_lines() {
        let subject = subject();
        let found = lint(subject.project());
        assert_eq!(count_text(&found), "1 error, 1 warning");
        let text = text(&subject, &found);
        let heads: Vec<&String> = text.iter().filter(|line| line.starts_with(|letter: char| letter.is_uppercase())).collect();
        assert_eq!(heads, ["Generator", "Discriminator", "Source code"]);
        assert!(
            text.iter().any(|line| line.starts_with("  warning layer 6: Tanh (line 27): the generator makes values from -1 to 1 only")),
            "{text:#?}"
        );
        assert!(text.contains(&"          fix 1: Read 2".to_owned()), "{text:#?}");
        assert!(text.contains(&"  line 3: an unknown layer".to_owned()), "{text:#?}");
        assert!(text.iter().all(|line| line.chars().count() <= console::WIDTH), "{text:#?}");
    }

    #[test]
    fn json_is_one_line_with_everything() {
        let subject = subject();
        let found = lint(subject.project());
        let line = json(&subject, &found, &[]);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&value["errors"], &value["warnings"], &value["advice"]), (&1.into(), &1.into(), &0.into()));
        assert_eq!(value["findings"][1]["rule"], "bounded-points");
        assert_eq!((&value["findings"][1]["layer"], &value["findings"][1]["line"]), (&6.into(), &27.into()));
        assert_eq!(value["findings"][1]["part"], "generator");
        assert_eq!(value["findings"][0]["fixes"][0], "Read 2");
        assert!(!line.contains('\n'));
    }
}
