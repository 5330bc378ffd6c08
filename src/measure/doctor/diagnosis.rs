//! What the doctor says.

use crate::spec::{Edit, Place};

/// How much a diagnosis matters. The order is that in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gravity {
    /// The run is over, or will be in moments.
    Critical,
    /// It will not learn much like this.
    Warning,
    /// All is as it should be, or nothing is known yet.
    Note,
}

impl Gravity {
    /// All of them, what matters most first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::Warning, Self::Note];

    /// In a word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    /// Is there something to do about it?
    pub fn is_alarm(self) -> bool {
        self != Self::Note
    }
}

/// Something that is happening to a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// Which rule found it: a name that stays, in small letters with hyphens.
    pub rule: &'static str,
    /// How much it matters.
    pub gravity: Gravity,
    /// The layer that it is about, where it is about one.
    pub place: Option<Place>,
    /// What is happening, in one sentence for a learner, without a full stop.
    pub sentence: String,
    /// Why, and by what it is told, with the source of the threshold.
    pub why: &'static str,
    /// What may be done about it, the best first.
    pub remedies: Vec<Remedy>,
    /// What it is told by.
    pub evidence: Evidence,
}

impl Diagnosis {
    /// Was something lost that an earlier state of the run still had?
    pub fn is_a_loss(&self) -> bool {
        ["diverged", "mode-collapse", "missing-modes"].contains(&self.rule)
    }
}

/// A change that may help. It was tried on a copy: it leaves no fault, and nothing more for the linter to warn of.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    /// What it does, as on a button: `D learning rate 5e-4`.
    pub name: String,
    /// How.
    pub edit: Edit,
    /// Does it change a network? Then it takes effect at the next restart; what changes settings does at the next step.
    pub needs_restart: bool,
}

/// A curve that a diagnosis is told by.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// What it shows.
    pub name: &'static str,
    /// Steps and values, oldest first.
    pub points: Vec<(u64, f32)>,
    /// Where trouble begins; none where the curve alone says it.
    pub threshold: Option<f32>,
    /// Does it read better on a logarithmic axis?
    pub logarithmic: bool,
    /// The step from which on it holds.
    pub since: u64,
}
