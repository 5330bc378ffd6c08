//! What may be done about a diagnosis: edits, each tried on a copy of the project first.

use super::diagnosis::Remedy;
use crate::numbers;
use crate::spec::{Augmentation, Edit, Layer, LayerId, Loss, Project, Regularisation, Role, Severity, TrainSpec, lint};

/// Edits that may help, the best first.
pub(super) struct Remedies<'a> {
    project: &'a Project,
    /// What the linter warns of now.
    warnings: usize,
    found: Vec<Remedy>,
}

impl<'a> Remedies<'a> {
    pub fn of(project: &'a Project) -> Self {
        Self { project, warnings: warnings(project), found: Vec::new() }
    }

    pub fn list(self) -> Vec<Remedy> {
        self.found
    }

    /// Other settings.
    pub fn settings(self, name: impl Into<String>, change: impl FnOnce(&mut TrainSpec)) -> Self {
        let mut train = self.project.train.clone();
        change(&mut train);
        if train == self.project.train {
            self
        } else {
            let needs_restart = train.clone().in_run_of(&self.project.train) != train;
            let edit = Edit::settings(self.project, train);
            self.add(name.into(), edit, needs_restart)
        }
    }

    /// Other settings, where `wanted`.
    pub fn settings_if(self, wanted: bool, name: impl Into<String>, change: impl FnOnce(&mut TrainSpec)) -> Self {
        if wanted { self.settings(name, change) } else { self }
    }

    /// A learning rate times so much, rounded to one digit.
    pub fn rate(self, role: Role, factor: f32) -> Self {
        let rate = rounded(self.project.train.optimiser(role).learning_rate * factor);
        let letter = if role == Role::Generator { 'G' } else { 'D' };
        self.settings(format!("{letter} learning rate {}", numbers::rate(rate)), |train| rate_mut(train, role, rate))
    }

    /// Both learning rates times so much.
    pub fn rates(self, factor: f32) -> Self {
        let [g, d] = Role::BOTH.map(|role| rounded(self.project.train.optimiser(role).learning_rate * factor));
        let name = if g == d {
            format!("Learning rates {}", numbers::rate(g))
        } else {
            format!("Learning rates {} and {}", numbers::rate(g), numbers::rate(d))
        };
        self.settings(name, |train| {
            rate_mut(train, Role::Generator, g);
            rate_mut(train, Role::Discriminator, d);
        })
    }

    /// R1 on real samples, where nothing punishes gradients yet.
    pub fn r1(self, weight: f32) -> Self {
        let none = !self.project.train.regularisation.punishes_gradients();
        self.settings_if(none, format!("R1 penalty {weight}"), |train| train.regularisation.r1 = weight)
    }

    /// The relativistic pairing loss with R1 and R2 (R3GAN).
    pub fn relativistic(self, weight: f32) -> Self {
        let other = self.project.train.loss != Loss::RelativisticPaired;
        self.settings_if(other, "Relativistic loss with R1 and R2", |train| {
            *train = train.with_loss(Loss::RelativisticPaired);
            train.regularisation = Regularisation { r1: weight, r2: weight, gradient_penalty: 0.0, clip: 0.0, ..train.regularisation };
        })
    }

    /// Noise on what the discriminator sees, from step `now` on, that fades.
    pub fn noise(self, deviation: f32, now: u64) -> Self {
        let none = self.project.train.noise.deviation_at(now) == 0.0;
        self.settings_if(none, format!("Instance noise {deviation}"), |train| train.noise = train.noise.with_deviation(deviation, now))
    }

    /// Random changes of the pictures that the discriminator sees.
    pub fn augmentation(self) -> Self {
        let is_new = !self.project.data.is_points() && !self.project.train.augmentation.is_on();
        self.settings_if(is_new, "Augment pictures", |train| {
            train.augmentation = Augmentation { colour: true, translation: true, cutout: true, ..train.augmentation };
        })
    }

    /// A discriminator that judges several samples at once.
    pub fn packing(self, packing: usize) -> Self {
        let train = &self.project.train;
        let is_new = train.packing == 1 && train.batch_size.is_multiple_of(packing);
        self.settings_if(is_new, format!("Packs of {packing}"), |train| train.packing = packing)
    }

    /// Another layer in place of one.
    pub fn replace(self, role: Role, id: LayerId, layer: Layer) -> Self {
        let old = self.project.stack(role).find(id).map_or("it", |old| old.layer.name());
        let name = format!("{} instead of {old}", layer.name());
        self.add(name, Edit::Replace { role, id, layer }, true)
    }

    /// A layer before the last one of a network, where there is none of its kind.
    pub fn before_last(self, role: Role, layer: Layer) -> Self {
        let name = format!("{} in the {}", layer.name(), role.name());
        match Edit::insert_before_last(self.project, role, layer) {
            Some(edit) => self.add(name, edit, true),
            None => self,
        }
    }

    /// Only what leaves no fault, and nothing more to warn of.
    fn add(mut self, name: String, edit: Edit, needs_restart: bool) -> Self {
        let mut after = self.project.clone();
        if edit.clone().apply(&mut after).is_ok() && after.faults().is_empty() && warnings(&after) <= self.warnings {
            self.found.push(Remedy { name, edit, needs_restart });
        }
        self
    }
}

fn warnings(project: &Project) -> usize {
    lint(project).iter().filter(|finding| finding.severity <= Severity::Warning).count()
}

fn rate_mut(train: &mut TrainSpec, role: Role, rate: f32) {
    match role {
        Role::Generator => train.generator.learning_rate = rate,
        Role::Discriminator => train.discriminator.learning_rate = rate,
    }
}

/// With one digit, as people choose rates.
fn rounded(rate: f32) -> f32 {
    format!("{rate:.0e}").parse().unwrap_or(rate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Preset;

    #[test]
    fn a_remedy_that_leaves_a_fault_or_a_new_warning_is_not_offered() {
        let project = Preset::from_name("digits").unwrap().project();
        let id = project.generator.layers[0].id;
        let found = Remedies::of(&project)
            .replace(Role::Generator, id, Layer::Relu)
            .settings("A batch of none", |train| train.batch_size = 0)
            .settings("Nothing new", |_| ())
            .rate(Role::Discriminator, 0.26)
            .list();
        assert_eq!(found.iter().map(|remedy| remedy.name.as_str()).collect::<Vec<_>>(), ["D learning rate 5e-4"]);
    }

    #[test]
    fn a_layer_goes_before_the_last_one_with_weights() {
        let project = Preset::from_name("dcgan28").unwrap().project();
        let found = Remedies::of(&project).before_last(Role::Discriminator, Layer::Dropout { rate: 0.3 }).list();
        let mut after = project.clone();
        found[0].edit.clone().apply(&mut after).unwrap();
        let names: Vec<_> = after.discriminator.layers.iter().map(|layer| layer.layer.name()).collect();
        assert_eq!(names[names.len() - 2..], ["Dropout", "Dense"]);
        assert!(found[0].needs_restart);
    }
}
