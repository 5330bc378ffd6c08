//! What numbers are of and how far they can be trusted, in the words that window and terminal share.

use super::classifier::Tested;
use super::copies::Search;
use super::parts::Floor;
use super::report::PictureReport;
use crate::numbers::{grouped, percent};

impl Floor {
    /// In a word or two, as the head of a column or before a number.
    pub fn name(self) -> &'static str {
        match self {
            Self::HeldOut => "held out",
            Self::Halves => "other half",
            Self::Unsaid => "real",
        }
    }

    /// In a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::HeldOut => {
                "\"Held out\" are real samples that nothing was trained on, measured in the same way: what a perfect generator would reach."
            }
            Self::Halves => {
                "Too few samples are held out: \"other half\" is one half of the training samples, measured beside the other half. The \
                 generator was trained on both."
            }
            Self::Unsaid => {
                "\"Real\" are held-out samples or, where few are held out, one half of the training samples beside the other: this file is \
                 of an earlier version and does not say which."
            }
        }
    }
}

impl Search {
    /// Among how many of all: `among all 9,000 training pictures`.
    pub fn words(self) -> String {
        let (among, of) = (grouped(self.among as u64), grouped(self.of as u64));
        if self.is_of_all() { format!("among all {of} training pictures") } else { format!("among {among} of {of} training pictures") }
    }

    /// In a sentence.
    pub fn sentence(self) -> String {
        format!("The nearest training picture was looked for {}.", self.words())
    }
}

/// A classifier that comes less than this part of the way from guessing to being always right says little.
const LEAST_SKILL: f64 = 0.5;

impl PictureReport {
    /// What the classifier learned, how often it is right, and what that means for the numbers over its features, in sentences.
    pub fn classifier_sentences(&self) -> String {
        let learned = match self.stand_in {
            Some(builtin) => format!("the built-in {}, since this data has no classes", builtin.name()),
            None if self.floor == Floor::Halves => "the classes of half of the training pictures".to_owned(),
            None => "the classes of the training pictures".to_owned(),
        };
        let mut text = format!("The classifier learned {learned}; {}.", self.right());
        if self.stand_in.is_some() {
            text.push_str(" Of this data it learned nothing: its features may miss what matters here.");
        } else if let Some(tested) = self.tested.filter(|_| self.is_poor()) {
            text.push_str(&poor(tested));
        }
        if (self.stand_in.is_some() || self.is_poor()) && !self.sliced.is_empty() {
            text.push_str(" The sliced Wasserstein distance needs no classifier.");
        }
        text
    }

    /// Does the classifier tell pictures apart so poorly that what is measured over its features says little? Where it was not tested,
    /// or the file does not say how, nothing is known.
    pub fn is_poor(&self) -> bool {
        let skill = |tested: Tested| (self.accuracy - tested.guessed) / (1.0 - tested.guessed).max(1e-9);
        self.tested.is_some_and(|tested| tested.pictures > 0 && skill(tested) < LEAST_SKILL)
    }

    fn right(&self) -> String {
        let of = match self.tested {
            Some(Tested { pictures: 0, .. }) => {
                return "how often it is right is not known, since no picture was left to test it".to_owned();
            }
            Some(Tested { pictures, .. }) => format!("{} that it never saw", grouped(pictures as u64)),
            None => "those that it never saw".to_owned(),
        };
        format!("it is right about {} of {of}", percent(self.accuracy, 1))
    }
}

fn poor(tested: Tested) -> String {
    format!(
        " To name always the commonest class would be right about {}: it tells these pictures apart poorly, and small differences between \
         numbers over its features say little.",
        percent(tested.guessed, 1)
    )
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::pictures;
    use super::*;
    use crate::spec::Builtin;

    fn report(accuracy: f64, pictures_tested: usize, stand_in: Option<Builtin>) -> PictureReport {
        let report = pictures(1.0).pictures().unwrap().clone();
        let tested = Some(Tested { pictures: pictures_tested, guessed: 0.1 });
        PictureReport { floor: Floor::HeldOut, accuracy, tested, stand_in, ..report }
    }

    #[test]
    fn a_good_classifier_is_told_in_a_sentence() {
        let expected = "The classifier learned the classes of the training pictures; it is right about 98.0 % of 1,234 that it never saw.";
        assert_eq!(report(0.98, 1_234, None).classifier_sentences(), expected);
        let half = PictureReport { floor: Floor::Halves, ..report(0.98, 75, None) };
        assert!(half.classifier_sentences().starts_with("The classifier learned the classes of half of the training pictures; it is"));
        let old = PictureReport { tested: None, ..report(0.3, 0, None) };
        assert!(old.classifier_sentences().ends_with("it is right about 30.0 % of those that it never saw."), "nothing more is known");
    }

    #[test]
    fn a_poor_one_is_told_beside_guessing() {
        let poor = report(0.5, 1_000, None);
        assert!(poor.is_poor() && !report(0.6, 1_000, None).is_poor());
        let text = poor.classifier_sentences();
        assert!(text.contains("commonest class would be right about 10.0 %") && text.contains("say little"), "{text}");
        assert!(text.ends_with("The sliced Wasserstein distance needs no classifier."), "{text}");
        let small = PictureReport { sliced: Vec::new(), ..poor };
        assert!(!small.classifier_sentences().contains("sliced"), "where there is none, there is nothing to say of it");
    }

    #[test]
    fn one_of_other_pictures_and_one_without_a_test_are_told() {
        let other = report(0.99, 400, Some(Builtin::Digits)).classifier_sentences();
        assert!(other.contains("the built-in digits, since this data has no classes") && other.contains("Of this data it learned nothing"));
        let untested = report(0.0, 0, None);
        assert!(!untested.is_poor() && untested.classifier_sentences().contains("not known"));
    }

    #[test]
    fn a_search_says_among_how_many_of_how_many() {
        assert_eq!(Search { among: 9_000, of: 9_000 }.words(), "among all 9,000 training pictures");
        assert_eq!(Search { among: 4_096, of: 50_000 }.words(), "among 4,096 of 50,000 training pictures");
    }
}
