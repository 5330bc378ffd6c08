//! What is done to samples before the discriminator sees them: they are augmented, and put together in packs.

use serde::{Deserialize, Serialize};

use super::edit::Edit;
use super::project::{Project, TrainSpec};
use super::shape::Shape;
use super::stack::Role;

/// No pack is larger.
pub const MAX_PACKING: usize = 8;
/// The longest way of the probability from 0 to 1, in thousands of real samples.
pub const MAX_RAMP: usize = 1_000_000;

/// Changes made at random to every picture that the discriminator sees, real or generated, in its own steps and in the generator's
/// (`DiffAugment`, Zhao et al., 2020): it cannot learn few pictures by heart, and the generator learns through them.
///
/// Noise comes first. Penalties on gradients are on those of the pictures before they are augmented, through what augments them, as in
/// `StyleGAN2-ADA` (Karras et al., 2020).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Augmentation {
    /// Brightness, by -0.5 to 0.5; saturation, 0 to 2 times; contrast, 0.5 to 1.5 times. Grey pictures have no saturation.
    pub colour: bool,
    /// Pictures are moved by up to an eighth of their size; what comes in is zero.
    pub translation: bool,
    /// A rectangle of half the size becomes zero.
    pub cutout: bool,
    /// Each of these changes is made to each picture with this probability; 1 is `DiffAugment`. Not used where it adapts.
    pub probability: f32,
    /// Does the probability follow how sure the discriminator is of real pictures (Karras et al., 2020)? Then it begins at 0.
    pub adaptive: bool,
    /// It rises while the discriminator finds more real pictures real than this: the mean of `sign(D(real))`, which is 0 where it guesses
    /// and 1 where it is always right.
    pub target: f32,
    /// Thousands of real samples that it takes from 0 to 1 at least.
    pub ramp: usize,
}

impl Default for Augmentation {
    /// The paper of ADA has a ramp of 500 thousand, for runs of 25 million samples. Runs here are of some hundred thousand, and a fifth of
    /// that lets them get there.
    fn default() -> Self {
        Self { colour: false, translation: false, cutout: false, probability: 1.0, adaptive: false, target: 0.6, ramp: 100 }
    }
}

impl Augmentation {
    /// Is there anything to do?
    pub const fn is_on(&self) -> bool {
        self.colour || self.translation || self.cutout
    }

    /// Is there a probability that moves by itself?
    pub const fn adapts(&self) -> bool {
        self.adaptive && self.is_on()
    }

    /// The groups of changes by their names, each with whether it is on.
    pub fn groups(&mut self) -> [(&'static str, &mut bool); 3] {
        [("colour", &mut self.colour), ("translation", &mut self.translation), ("cutout", &mut self.cutout)]
    }

    /// What is on: `colour, cutout`, or `off`.
    pub fn text(mut self) -> String {
        let on: Vec<&str> = self.groups().into_iter().filter(|(_, is_on)| **is_on).map(|(name, _)| name).collect();
        if on.is_empty() { "off".to_owned() } else { on.join(", ") }
    }
}

impl Shape {
    /// Several samples of this shape at once, one after the other along channels (`PacGAN`, Lin et al., 2018).
    #[must_use]
    pub const fn packed(self, packing: usize) -> Self {
        Self { channels: self.channels.saturating_mul(packing), ..self }
    }
}

impl Project {
    /// What the discriminator has to read: the data, as many samples at once as a pack has.
    pub fn pack_shape(&self) -> Shape {
        self.data.shape().packed(self.train.packing)
    }
}

impl TrainSpec {
    /// Packs in a batch; what the discriminator sees at once.
    pub fn packs(&self) -> usize {
        self.batch_size / self.packing.max(1)
    }
}

impl Edit {
    /// Other settings. With another packing the discriminator reads another shape, in the same step for undo.
    pub fn settings(project: &Project, train: TrainSpec) -> Self {
        if train.packing == project.train.packing {
            return Self::SetTrain(train);
        }
        let shape = project.data.shape().packed(train.packing);
        let set = Self::SetTrain(train);
        Self::All { label: set.describe(project), edits: vec![set, Self::SetInput { role: Role::Discriminator, shape }] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Editor, Preset};

    #[test]
    fn another_packing_is_one_step_that_takes_the_discriminators_input_along() {
        let project = Preset::from_name("grid25").unwrap().project();
        let mut editor = Editor::new(project.clone());
        let train = TrainSpec { packing: 4, ..project.train.clone() };
        editor.apply(Edit::settings(&project, train)).unwrap();
        assert_eq!((editor.project().discriminator.input, editor.project().generator.input), (Shape::vector(8), project.generator.input));
        assert_eq!(editor.project().faults(), []);
        assert_eq!(editor.undo_label(), Some("change packing to 4"));
        assert!(editor.undo());
        assert_eq!(*editor.project(), project);
    }

    #[test]
    fn pictures_are_packed_along_channels() {
        assert_eq!(Shape::new(3, 32, 24).packed(2), Shape::new(6, 32, 24));
        let mut project = Preset::from_name("digits").unwrap().project();
        let train = TrainSpec { packing: 3, batch_size: 63, ..project.train.clone() };
        Edit::settings(&project, train).apply(&mut project).unwrap();
        assert_eq!((project.pack_shape(), project.train.packs()), (Shape::new(3, 28, 28), 21));
        assert_eq!(project.faults(), []);
    }

    #[test]
    fn what_is_on_is_said() {
        let mut rules = Augmentation::default();
        assert_eq!((rules.text(), rules.is_on()), ("off".to_owned(), false));
        (rules.colour, rules.cutout, rules.adaptive) = (true, true, true);
        assert_eq!((rules.text(), rules.adapts()), ("colour, cutout".to_owned(), true));
        assert!(!Augmentation { adaptive: true, ..Augmentation::default() }.adapts());
    }
}
