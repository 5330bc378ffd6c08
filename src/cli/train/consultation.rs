//! What the doctor says of a run, in the terminal.

use std::sync::Arc;

use serde::Serialize;

use super::flags::flags;
use super::start::Beginning;
use crate::cli::console::grouped;
use crate::measure;
use crate::measure::doctor::{Diagnosis, Remedy, Series, Vitals, first};
use crate::spec::{Edit, Layer, Project, Role};

/// What was said of a run so far.
#[derive(Debug, Default)]
pub(super) struct Consultation {
    series: Series,
    /// How far samples were from the data by step, where that is measured.
    quality: Option<Vec<(u64, f64)>>,
    said: Option<Diagnosis>,
}

/// The last diagnosis, as `--json` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Opinion {
    /// A name that stays.
    pub rule: &'static str,
    /// Is it bad?
    pub alarm: bool,
    /// What is happening.
    pub sentence: String,
    /// The flags, or the change, that may help.
    pub to_do: Option<String>,
}

impl Consultation {
    /// Goes on with what was known of the run.
    pub(super) fn after(beginning: &Beginning) -> Self {
        let checkpoint = beginning.checkpoint.as_ref().filter(|checkpoint| checkpoint.is_of_run(&beginning.project));
        let series = checkpoint.map(|checkpoint| checkpoint.signs.series.clone()).unwrap_or_default();
        Self { series, ..Self::default() }
    }

    /// The run went back to this step: what came after was given up.
    pub(super) fn went_back(&mut self, to: u64) {
        self.series = self.series.until(to);
    }

    /// Takes in what was measured.
    pub(super) fn measured(&mut self, series: &measure::Series) {
        self.quality = series.curve();
    }

    /// Takes in the newest signs; a line where there is something new to say of them.
    pub(super) fn hear(&mut self, project: &Project, vitals: &Arc<Vitals>) -> Option<String> {
        self.series.push(Arc::clone(vitals));
        let now = first(project, &self.series, self.quality.as_deref());
        let is_new = now.as_ref().map(|now| now.rule) != self.said.as_ref().map(|said| said.rule);
        self.said = now;
        let said = self.said.as_ref().filter(|_| is_new)?;
        let to_do = to_do(project, said).map(|to_do| format!(" To do: {to_do}")).unwrap_or_default();
        Some(format!("step {}: {}.{to_do}", grouped(vitals.step), said.sentence))
    }

    /// What was said last.
    pub(super) fn opinion(&self, project: &Project) -> Option<Opinion> {
        let said = self.said.as_ref()?;
        let Diagnosis { rule, gravity, ref sentence, .. } = *said;
        Some(Opinion { rule, alarm: gravity.is_alarm(), sentence: sentence.clone(), to_do: to_do(project, said) })
    }
}

/// The best remedy that can be typed, or else the best one in words.
fn to_do(project: &Project, diagnosis: &Diagnosis) -> Option<String> {
    let typed = diagnosis.remedies.iter().find_map(|remedy| typed(project, remedy));
    typed.or_else(|| diagnosis.remedies.first().map(|remedy| remedy.name.clone()))
}

/// The flags of `ganvas train` that do what a remedy does; none where there are none for it.
pub(in crate::cli) fn typed(project: &Project, remedy: &Remedy) -> Option<String> {
    match &remedy.edit {
        Edit::SetTrain(train) => flags(&project.train, train),
        // Packing takes the shape of the discriminator's input along.
        Edit::All { edits, .. } => match edits.as_slice() {
            [Edit::SetTrain(train), Edit::SetInput { .. }] => flags(&project.train, train),
            _ => None,
        },
        Edit::Insert { role: Role::Discriminator, layer, .. } if matches!(layer.layer, Layer::MinibatchStdDev { .. }) => {
            Some("--minibatch-stddev on".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Preset;

    #[test]
    fn signs_of_steps_that_were_given_up_are_not_spoken_of() {
        let project = Preset::from_name("ring8").unwrap().project();
        let settings = Arc::new(project.train.clone());
        let mut consultation = Consultation::default();
        for step in [50, 100, 150] {
            consultation.hear(&project, &Arc::new(Vitals::blank(step, &settings)));
        }
        consultation.went_back(100);
        assert_eq!(consultation.series.iter().map(|vitals| vitals.step).collect::<Vec<_>>(), [50, 100]);
    }
}
