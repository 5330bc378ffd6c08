//! Repairs for what keeps a project from training: searched for, tried on a copy, and the best that work kept.

mod discriminator;
mod generator;
mod layer;
mod settings;
mod size;

use super::{Finding, Fix};
use crate::spec::{Cause, Edit, Fault, Place, Project, Role, Stack};

/// So many repairs are offered at most.
const MAX_OFFERED: usize = 3;
/// A repair may bring another fault to light, which is then repaired as well: so many in a row at most.
const MAX_DEPTH: usize = 10;
/// For each of those so many are tried.
const MAX_TRIED: usize = 3;
/// So many combinations are tried in all for each of the first repairs.
const BUDGET: usize = 60;

/// A repair that may work.
#[derive(Clone, Debug)]
struct Candidate {
    name: String,
    /// How many repairs it is made of.
    steps: usize,
    edits: Vec<Edit>,
    /// How much it changes of what somebody meant: the least is offered first.
    cost: f64,
    is_safe: bool,
}

impl Candidate {
    fn new(name: impl Into<String>, edits: Vec<Edit>, cost: f64) -> Self {
        Self { name: name.into(), steps: 1, edits, cost, is_safe: true }
    }

    /// The same, to be chosen by a person.
    fn left_to_choose(mut self) -> Self {
        self.is_safe = false;
        self
    }

    fn then(self, next: Self) -> Self {
        Self {
            // What comes third and later is only counted.
            name: if self.steps == 1 { format!("{}, then {}", self.name, super::lower(&next.name)) } else { self.name },
            steps: self.steps + next.steps,
            edits: self.edits.into_iter().chain(next.edits).collect(),
            cost: self.cost + next.cost,
            is_safe: self.is_safe && next.is_safe,
        }
    }

    fn applied(&self, project: &Project) -> Option<Project> {
        let mut after = project.clone();
        for edit in &self.edits {
            edit.clone().apply(&mut after).ok()?;
        }
        Some(after)
    }
}

/// The best repairs for an error: after each of them the finding is gone and there are fewer errors than before.
pub fn fixes(project: &Project, finding: &Finding) -> Vec<Fix> {
    let faults = project.faults();
    let Some(fault) = faults.iter().find(|fault| fault.place == finding.place && fault.message == finding.what) else { return Vec::new() };
    let mut found: Vec<Found> = Vec::new();
    for candidate in candidates(project, fault) {
        found.extend(Search { project, faults: &faults, fault, budget: BUDGET }.complete(candidate, MAX_DEPTH));
    }
    // Whatever mends more at once is better, and of those what changes least; one that may be applied without asking leads.
    found.sort_by(|a, b| a.left.cmp(&b.left).then(a.repair.cost.total_cmp(&b.repair.cost)));
    if let Some(safe) = found.iter().position(|found| found.repair.is_safe) {
        found[..=safe].rotate_right(1);
    }
    let mut results: Vec<Project> = Vec::new();
    found.retain(|found| {
        let is_new = !results.contains(&found.result);
        results.push(found.result.clone());
        is_new
    });
    let fix = |Found { repair: Candidate { name, edits, is_safe, steps, .. }, .. }| {
        let name = match steps {
            0..=2 => name,
            3 => format!("{name}, then 1 more change"),
            _ => format!("{name}, then {} more changes", steps - 2),
        };
        let fix = Fix::new(name, edits);
        if is_safe { fix } else { fix.left_to_choose() }
    };
    found.into_iter().take(MAX_OFFERED).map(fix).collect()
}

/// A repair that works.
struct Found {
    repair: Candidate,
    /// Errors that are left.
    left: usize,
    result: Project,
}

/// The search for repairs of one fault.
struct Search<'a> {
    project: &'a Project,
    faults: &'a [Fault],
    fault: &'a Fault,
    /// So many combinations may still be tried.
    budget: usize,
}

impl Search<'_> {
    /// The candidate as it is, where it leaves fewer faults; where it brings another one to light, together with a repair of that.
    fn complete(&mut self, candidate: Candidate, depth: usize) -> Option<Found> {
        self.budget = self.budget.checked_sub(1)?;
        let after = candidate.applied(self.project)?;
        let left = after.faults();
        if left.contains(self.fault) {
            return None;
        }
        if left.len() < self.faults.len() {
            return Some(Found { repair: candidate, left: left.len(), result: after });
        }
        let next = left.iter().find(|other| !self.faults.contains(other))?;
        if depth == 0 || left.len() > self.faults.len() + 1 {
            return None;
        }
        let next = candidates(&after, next);
        next.into_iter().take(MAX_TRIED).find_map(|next| self.complete(candidate.clone().then(next), depth - 1))
    }
}

/// What may mend a fault, likely ones first.
fn candidates(project: &Project, fault: &Fault) -> Vec<Candidate> {
    let mut found = match (fault.cause, fault.place) {
        (Cause::Layer, Place::Layer(role, id)) => layer::candidates(project, role, id),
        (Cause::Generated, _) => generator::candidates(project),
        (Cause::Read, _) => vec![discriminator::read_the_data(project)],
        (Cause::Verdict, _) => discriminator::end_in_one_value(project),
        (Cause::Input, Place::Input(role)) => settings::input(project, role),
        (Cause::NoWeights, Place::Input(role)) => settings::weights(project, role),
        (Cause::TooManyWeights, Place::Input(role)) => settings::narrower(project, role),
        (Cause::Memory, _) => settings::smaller_batch(project),
        (Cause::Setting, place) => settings::within_range(project, place),
        _ => Vec::new(),
    };
    found.sort_by(|a, b| (!a.is_safe).cmp(&!b.is_safe).then(a.cost.total_cmp(&b.cost)));
    found
}

/// What makes one stack of the other, where layers were changed, put in and taken out, but not moved.
fn edits_between(role: Role, old: &Stack, new: &Stack) -> Vec<Edit> {
    let gone = old.layers.iter().filter(|layer| new.find(layer.id).is_none());
    let mut edits: Vec<Edit> = gone.map(|layer| Edit::Remove { role, id: layer.id }).collect();
    for (index, layer) in new.layers.iter().enumerate() {
        match old.find(layer.id) {
            None => edits.push(Edit::Insert { role, index, layer: layer.clone() }),
            Some(before) if before.layer != layer.layer => edits.push(Edit::Replace { role, id: layer.id, layer: layer.layer.clone() }),
            Some(_) => {}
        }
    }
    edits
}
