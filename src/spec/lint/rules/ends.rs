//! Where the networks end: what values they can make, and what may not stand there.

use super::{Chain, Edit, Finding, Fix, Layer, Link, Severity, View};
use crate::spec::lint::nature::{Range, UNBOUNDED};
use crate::spec::{Loss, Place, Role};

/// Pictures are in -1..1, and so has to be what the generator makes; points have no bounds, and may have none there either.
pub fn generated_range(view: &View<'_>, found: &mut Vec<Finding>) {
    let chain = &view.generator;
    let (Some(_), Some(last)) = (chain.last_mixer(), chain.links.last()) else { return };
    let (low, high) = chain.range();
    // The layer that decides, or the one that nothing follows.
    let place = chain.place(chain.final_activations().next_back().unwrap_or(last));
    if view.project.data.is_points() {
        if (low, high) != UNBOUNDED {
            found.push(bounded_points(chain, place, (low, high)));
        }
    } else if !(low.is_finite() && high.is_finite()) {
        let what = match (low.is_finite(), high.is_finite()) {
            (false, false) => "nothing bounds what the generator makes, but pictures are from -1 to 1".to_owned(),
            (true, _) => format!("the generator makes values from {low} up without end, but pictures are from -1 to 1"),
            (_, true) => format!("the generator makes values up to {high} and down without end, but pictures are from -1 to 1"),
        };
        found.push(Finding::new("unbounded-output", Severity::Warning, place, what, UNBOUNDED_WHY).with(end_in_tanh(view, chain)));
    } else if (low, high) != (-1.0, 1.0) {
        let what = format!("the generator makes values from {low} to {high}, but pictures are from -1 to 1");
        found.push(Finding::new("output-range", Severity::Warning, place, what, RANGE_WHY).with(end_in_tanh(view, chain)));
    }
}

const UNBOUNDED_WHY: &str = "The discriminator tells samples with impossible values apart at once, and the generator spends its time learning the \
     range instead of pictures. A final Tanh keeps every value within -1 to 1 (Radford et al., 2015, section 3).";
const RANGE_WHY: &str = "What the generator cannot make the discriminator will soon look for. Pictures are scaled to -1 to 1, black to white, \
     which is what a final Tanh makes (Radford et al., 2015, section 3).";

/// Tanh in place of whatever activations stand at the end.
fn end_in_tanh(view: &View<'_>, chain: &Chain<'_>) -> Fix {
    let mut activations: Vec<&Link<'_>> = chain.final_activations().collect();
    let mut edits: Vec<Edit> = match activations.pop() {
        Some(last) => vec![chain.replace(last, Layer::Tanh)],
        None => chain.insert(view, vec![(view.project.stack(chain.role).layers.len(), Layer::Tanh)]),
    };
    edits.extend(activations.into_iter().map(|link| chain.remove(link)));
    Fix::new("End in Tanh", edits)
}

fn bounded_points(chain: &Chain<'_>, place: Place, (low, high): Range) -> Finding {
    let what = match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("the generator makes values from {low} to {high} only, but points may lie anywhere"),
        (true, false) => format!("the generator makes no values below {low}, but points may lie anywhere"),
        _ => format!("the generator makes no values above {high}, but points may lie anywhere"),
    };
    let why = "Pictures are scaled to -1 to 1; points in the plane are taken as they are. What lies beyond the bounds of an activation can \
               never be made, and at its very edge the gradient is nothing.";
    let edits = chain.final_activations().map(|link| chain.remove(link)).collect();
    Finding::new("bounded-points", Severity::Warning, place, what, why).with(Fix::new("End without an activation", edits))
}

/// The losses take the discriminator's answer as it comes: any number, positive for real.
pub fn verdict_range(view: &View<'_>, found: &mut Vec<Finding>) {
    let chain = &view.discriminator;
    let Some(last) = chain.final_activations().next_back() else { return };
    let (low, high) = chain.range();
    if (low, high) == UNBOUNDED {
        return;
    }
    let loss = view.project.train.loss;
    let name = last.layer.name();
    let (rule, what, why) = if !(low.is_finite() && high.is_finite()) {
        ("bounded-verdict", format!("the discriminator ends in {name}, so that it can only ever lean to one side"), HALF_WHY)
    } else if loss.has_probability() {
        ("sigmoid-with-logits", format!("the discriminator ends in {name}, but the loss {} takes logits", loss.name()), LOGITS_WHY)
    } else {
        (
            "bounded-score",
            format!("the discriminator ends in {name}, but the loss {} takes scores without bounds", loss.name()),
            score_why(loss),
        )
    };
    let edits = chain.final_activations().map(|link| chain.remove(link)).collect();
    let fix = Fix::new(format!("Remove {name}"), edits);
    found.push(Finding::new(rule, Severity::Warning, chain.place(last), what, why).with(fix));
}

const LOGITS_WHY: &str = "The loss makes a probability of the last value by itself, in one step that loses no digits, as PyTorch's \
     BCEWithLogitsLoss and Keras's from_logits=True. With a second squashing before it the discriminator can never be surer than 73 %, \
     and its gradients fade.";
const HALF_WHY: &str = "The sign of the last value says real or generated. An activation that cuts one side off takes that word away, and with \
     it the gradient of every sample on that side.";

fn score_why(loss: Loss) -> &'static str {
    match loss {
        Loss::LeastSquares => {
            "Least squares pull the last value itself towards 1 and 0 (Mao et al., 2016). A sigmoid before it brings back the vanishing \
             gradients that this loss was made to avoid."
        }
        Loss::Hinge => {
            "The hinge asks for scores beyond 1 and -1 and leaves alone what is (Lim and Ye, 2017). An activation that cannot reach them \
             keeps the margin out of reach."
        }
        Loss::RelativisticPaired | Loss::RelativisticAverage => {
            "A relativistic discriminator compares scores, and a probability is made of their difference alone: a score that is squashed \
             before can hardly differ from another (Jolicoeur-Martineau, 2018)."
        }
        _ => {
            "The critic of a Wasserstein GAN measures a distance, which has no bounds: the paper leaves the sigmoid out (Arjovsky et al., \
             2017)."
        }
    }
}

/// Radford et al. found both ends to be the wrong place for batch normalisation.
pub fn batch_norm_at_the_ends(view: &View<'_>, found: &mut Vec<Finding>) {
    let why = "Batch normalisation at the generator's output or at the discriminator's input made samples oscillate and training unstable \
               (Radford et al., 2015, section 3).";
    let mut push = |chain: &Chain<'_>, link: &Link<'_>, what: String| {
        let fix = Fix::new(format!("Remove {}", link.layer.name()), vec![chain.remove(link)]);
        found.push(Finding::new("batch-norm-at-the-ends", Severity::Advice, chain.place(link), what, why).with(fix));
    };
    for link in view.generator.tail().iter().filter(|link| link.layer.normalises_over_batch()) {
        push(&view.generator, link, format!("{} normalises the generator's output", link.layer.name()));
    }
    let head = view.discriminator.links.iter().take_while(|link| !link.layer.mixes());
    for link in head.filter(|link| link.layer.normalises_over_batch()) {
        push(&view.discriminator, link, format!("{} normalises the discriminator's input", link.layer.name()));
    }
}

/// Nothing comes after the last layer to make up for what was dropped.
pub fn dropout_at_the_end(view: &View<'_>, found: &mut Vec<Finding>) {
    for chain in view.chains() {
        let (what, why) = match chain.role {
            Role::Generator => (
                "drops values of the finished sample",
                "While training, holes are punched into what the generator made, for which it cannot make up; the discriminator learns to \
                 look for them. Dropout belongs between layers.",
            ),
            Role::Discriminator => (
                "drops the discriminator's answer itself",
                "While training, a share of the answers becomes zero whatever the sample, which teaches nothing. Dropout belongs before the \
                 last layer.",
            ),
        };
        for link in chain.tail().iter().filter(|link| link.layer.drops() && !link.layer.does_nothing()) {
            let name = link.layer.name();
            let fix = Fix::new(format!("Remove {name}"), vec![chain.remove(link)]);
            found.push(Finding::new("dropout-at-the-end", Severity::Warning, chain.place(link), format!("{name} {what}"), why).with(fix));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{indices, inserted, kinds, mended, preset, reshape, silent, with};
    use super::*;
    use crate::spec::{Edit, TrainSpec};

    const ANY: [&str; 6] =
        ["unbounded-output", "output-range", "bounded-points", "sigmoid-with-logits", "bounded-score", "bounded-verdict"];

    fn picture_generator(end: impl IntoIterator<Item = Layer>) -> crate::spec::Project {
        with("digits", Role::Generator, [Layer::dense(784), reshape(1, 28, 28)].into_iter().chain(end))
    }

    fn judged_by(loss: Loss, end: impl IntoIterator<Item = Layer>) -> crate::spec::Project {
        let layers = [Layer::Flatten, Layer::dense(1)].into_iter().chain(end);
        let mut project = with("digits", Role::Discriminator, layers);
        Edit::SetTrain(TrainSpec { loss, ..project.train.clone() }).apply(&mut project).unwrap();
        project
    }

    #[test]
    fn pictures_want_a_final_tanh() {
        let bare = picture_generator([]);
        assert_eq!(indices(&bare, Role::Generator, "unbounded-output"), [1]);
        let after = mended(&bare, "unbounded-output", Severity::Warning);
        assert_eq!(kinds(&after.generator), ["Dense", "Reshape", "Tanh"]);

        let half = picture_generator([Layer::Relu]);
        let after = mended(&half, "unbounded-output", Severity::Warning);
        assert_eq!(kinds(&after.generator), ["Dense", "Reshape", "Tanh"]);

        let sigmoid = picture_generator([Layer::Sigmoid]);
        assert_eq!(indices(&sigmoid, Role::Generator, "output-range"), [2]);
        assert_eq!(kinds(&mended(&sigmoid, "output-range", Severity::Warning).generator)[2], "Tanh");

        let dark = picture_generator([Layer::Relu, Layer::Tanh]);
        let after = mended(&dark, "output-range", Severity::Warning);
        assert_eq!(kinds(&after.generator), ["Dense", "Reshape", "Tanh"], "with the ReLU before it Tanh makes nothing below zero");

        for rule in ANY {
            silent(&picture_generator([Layer::Tanh]), rule);
            silent(&with("digits", Role::Generator, [Layer::dense(784), Layer::Tanh, reshape(1, 28, 28)]), rule);
        }
    }

    #[test]
    fn points_want_no_bounds() {
        for end in [Layer::Tanh, Layer::Sigmoid, Layer::Relu] {
            let project = inserted("ring8", Role::Generator, 5, end);
            assert_eq!(indices(&project, Role::Generator, "bounded-points"), [5]);
            assert_eq!(mended(&project, "bounded-points", Severity::Warning), preset("ring8"));
        }
        for rule in ANY {
            silent(&preset("ring8"), rule);
        }
    }

    #[test]
    fn every_loss_takes_the_last_value_as_it_is() {
        for (loss, rule) in [
            (Loss::NonSaturating, "sigmoid-with-logits"),
            (Loss::Minimax, "sigmoid-with-logits"),
            (Loss::LeastSquares, "bounded-score"),
            (Loss::Hinge, "bounded-score"),
            (Loss::Wasserstein, "bounded-score"),
            (Loss::RelativisticPaired, "bounded-score"),
            (Loss::RelativisticAverage, "bounded-score"),
        ] {
            let project = judged_by(loss, [Layer::Sigmoid]);
            assert_eq!(indices(&project, Role::Discriminator, rule), [2], "{}", loss.name());
            let after = mended(&project, rule, Severity::Warning);
            assert_eq!(kinds(&after.discriminator), ["Flatten", "Dense"]);
            for rule in ANY {
                silent(&judged_by(loss, []), rule);
                silent(&judged_by(loss, [Layer::leaky_relu()]), rule);
            }
        }
        assert_eq!(indices(&judged_by(Loss::Hinge, [Layer::Relu]), Role::Discriminator, "bounded-verdict"), [2]);
    }

    #[test]
    fn batch_normalisation_stays_away_from_the_ends() {
        let rule = "batch-norm-at-the-ends";
        let last = picture_generator([Layer::batch_norm(), Layer::Tanh]);
        assert_eq!(indices(&last, Role::Generator, rule), [2]);
        mended(&last, rule, Severity::Advice);
        let first = inserted("dcgan64", Role::Discriminator, 0, Layer::batch_norm());
        assert_eq!(indices(&first, Role::Discriminator, rule), [0]);
        silent(&preset("dcgan64"), rule);
        silent(&picture_generator([Layer::LayerNorm { epsilon: 1e-5 }, Layer::Tanh]), rule);
    }

    #[test]
    fn nothing_is_dropped_at_the_end() {
        let rule = "dropout-at-the-end";
        for (role, index) in [(Role::Generator, 11), (Role::Discriminator, 7)] {
            let project = inserted("digits", role, index, Layer::Dropout { rate: 0.5 });
            assert_eq!(indices(&project, role, rule), [index]);
            mended(&project, rule, Severity::Warning);
        }
        silent(&preset("digits"), rule);
        silent(&inserted("digits", Role::Generator, 3, Layer::Dropout { rate: 0.5 }), rule);
    }
}
