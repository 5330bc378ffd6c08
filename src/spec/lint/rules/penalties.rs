//! What bounds the discriminator, and whether that goes with its layers.

use super::{Finding, Fix, Severity, View};
use crate::spec::{Augmentation, Edit, LabelSmoothing, Loss, Place, Regularisation, TrainSpec, USUAL_CLIP, USUAL_GRADIENT_PENALTY};

/// How often pictures are augmented where nobody adapts it.
const USUAL_PROBABILITY: f32 = 0.5;

/// A Wasserstein critic that may become as steep as it likes.
pub fn unbounded_critic(view: &View<'_>, found: &mut Vec<Finding>) {
    let train = &view.project.train;
    let is_bounded = train.regularisation.bounds_slope() || !view.discriminator.mixers().any(|link| link.layer.stretches());
    if train.loss != Loss::Wasserstein || is_bounded {
        return;
    }
    let why = "The difference of a critic's scores measures a distance only as long as the critic is not steep (1-Lipschitz). Without a bound \
               its scores grow without end. Punish gradients whose length is not 1 (Gulrajani et al., 2017), clip the weights (Arjovsky et \
               al., 2017), or divide every layer by its spectral norm (Miyato et al., 2018).";
    let with = |regularisation| vec![Edit::SetTrain(TrainSpec { regularisation, ..train.clone() })];
    let penalty = Regularisation { gradient_penalty: USUAL_GRADIENT_PENALTY, ..train.regularisation };
    let clip = Regularisation { clip: USUAL_CLIP, ..train.regularisation };
    let finding = Finding::new("unbounded-critic", Severity::Warning, Place::Training, "nothing bounds the Wasserstein critic", why)
        .with(Fix::new(format!("Gradient penalty {USUAL_GRADIENT_PENALTY}"), with(penalty)))
        .with(Fix::new(format!("Clip weights at {USUAL_CLIP}"), with(clip)));
    found.push(finding);
}

/// With batch statistics a sample has no gradient of its own.
pub fn batch_norm_with_a_gradient_penalty(view: &View<'_>, found: &mut Vec<Finding>) {
    if view.project.train.regularisation.gradient_penalty <= 0.0 {
        return;
    }
    let why = "The penalty is on the gradient of each sample by itself. Batch normalisation makes what comes out for one sample depend on all \
               the others, so that there is no such gradient, and the penalty is not what it is meant to be (Gulrajani et al., 2017, section \
               4). Layer normalisation looks at one sample only.";
    for link in &view.discriminator.links {
        let Some(other) = link.layer.without_batch_norm() else { continue };
        let what = format!("{} normalises over the batch, and gradients of single samples are punished", link.layer.name());
        let name = if other.name() == link.layer.name() { format!("{} without norm", other.name()) } else { other.name().to_owned() };
        let fix = Fix::new(name, vec![view.discriminator.replace(link, other)]);
        let place = view.discriminator.place(link);
        found.push(Finding::new("batch-norm-with-gradient-penalty", Severity::Warning, place, what, why).with(fix));
    }
}

/// Labels are smoothed that a loss does not have.
pub fn without_targets(view: &View<'_>, found: &mut Vec<Finding>) {
    let train = &view.project.train;
    if train.smoothing == LabelSmoothing::default() || train.loss.has_targets() {
        return;
    }
    let what = format!("labels are smoothed, which the {} loss does not have", train.loss.name());
    let why = "Smoothing moves the targets 1 and 0 that cross-entropy and least squares pull the discriminator towards. Other losses have no \
               targets, and the setting does nothing.";
    let fix = Fix::new("No smoothing", vec![Edit::SetTrain(TrainSpec { smoothing: LabelSmoothing::default(), ..train.clone() })]);
    found.push(Finding::new("smoothing-without-targets", Severity::Advice, Place::Training, what, why).with(fix));
}

/// Augmentation that follows the sign of scores that have none.
pub fn adaptation_without_a_border(view: &View<'_>, found: &mut Vec<Finding>) {
    let train = &view.project.train;
    if !train.augmentation.adapts() || train.loss.has_border() {
        return;
    }
    let what = format!("augmentation adapts itself to the sign of scores, which says nothing with the {} loss", train.loss.name());
    let why = "The probability rises while the discriminator puts real pictures on the right side of the border between real and generated \
               (Karras et al., 2020). Wasserstein and relativistic losses only compare scores: where zero is means nothing, and the \
               probability may run to 0 or 1. Choose it yourself.";
    let augmentation = Augmentation { adaptive: false, probability: USUAL_PROBABILITY, ..train.augmentation };
    let fix = Fix::new("Fixed probability", vec![Edit::SetTrain(TrainSpec { augmentation, ..train.clone() })]);
    found.push(Finding::new("adaptation-without-border", Severity::Warning, Place::Training, what, why).with(fix));
}

#[cfg(test)]
mod tests {
    use super::super::testing::{found, inserted, kinds, mended, preset, silent, with};
    use super::*;
    use crate::spec::{Layer, Project, Resample, Role};

    fn critic(mut project: Project, regularisation: Regularisation) -> Project {
        (project.train.loss, project.train.regularisation) = (Loss::Wasserstein, regularisation);
        project
    }

    const OFF: Regularisation = Regularisation { clip: 0.0, gradient_penalty: 0.0, r1: 0.0, r2: 0.0, lecam: 0.0, every: 1 };
    const PENALTY: Regularisation = Regularisation { gradient_penalty: 10.0, ..OFF };

    #[test]
    fn a_critic_is_bounded_by_a_penalty_by_clipping_or_by_its_layers() {
        let rule = "unbounded-critic";
        let after = mended(&critic(preset("ring8"), OFF), rule, Severity::Warning);
        assert_eq!(after.train.regularisation, PENALTY);
        let names: Vec<String> = found(&critic(preset("ring8"), OFF), rule)[0].fixes.iter().map(|fix| fix.name.clone()).collect();
        assert_eq!(names, ["Gradient penalty 10", "Clip weights at 0.01"]);
        for bounds in [PENALTY, Regularisation { clip: 0.01, ..OFF }, Regularisation { r1: 1.0, ..OFF }, Regularisation { r2: 1.0, ..OFF }]
        {
            silent(&critic(preset("ring8"), bounds), rule);
        }
        assert_eq!(found(&critic(preset("ring8"), Regularisation { lecam: 1.0, ..OFF }), rule).len(), 1, "LeCam bounds no slope");
        let spectral = [Layer::dense(8).with_spectral_norm(), Layer::leaky_relu(), Layer::dense(1).with_spectral_norm()];
        silent(&critic(with("ring8", Role::Discriminator, spectral.clone()), OFF), rule);
        let [first, bend, _] = spectral;
        assert_eq!(found(&critic(with("ring8", Role::Discriminator, [first, bend, Layer::dense(1)]), OFF), rule).len(), 1);
        silent(&preset("ring8"), rule);
    }

    #[test]
    fn batch_normalisation_gives_way_to_layer_normalisation_where_gradients_of_samples_count() {
        let rule = "batch-norm-with-gradient-penalty";
        let project = critic(inserted("digits", Role::Discriminator, 2, Layer::batch_norm()), PENALTY);
        let after = mended(&project, rule, Severity::Warning);
        assert_eq!(kinds(&after.discriminator)[2], "LayerNorm");
        let mut block = Layer::residual(16, Resample::Down);
        if let Layer::Residual { norm, .. } = &mut block {
            *norm = crate::spec::BlockNorm::Batch;
        }
        let project = critic(inserted("digits", Role::Discriminator, 2, block), PENALTY);
        let after = mended(&project, rule, Severity::Warning);
        assert_eq!(after.discriminator.layers[2].layer, Layer::residual(16, Resample::Down));
        silent(&critic(inserted("digits", Role::Discriminator, 2, Layer::batch_norm()), Regularisation { clip: 0.01, ..OFF }), rule);
        silent(&critic(inserted("digits", Role::Generator, 2, Layer::batch_norm()), PENALTY), rule);
    }

    #[test]
    fn augmentation_adapts_itself_where_scores_have_a_border() {
        let rule = "adaptation-without-border";
        let mut project = preset("digits");
        project.train.augmentation = Augmentation { cutout: true, adaptive: true, ..Augmentation::default() };
        for loss in Loss::ALL {
            project.train = project.train.with_loss(loss);
            if loss.has_border() {
                silent(&project, rule);
            } else {
                let after = mended(&project, rule, Severity::Warning);
                assert_eq!((after.train.augmentation.adaptive, after.train.augmentation.cutout), (false, true));
            }
        }
        project.train.augmentation.cutout = false;
        silent(&project, rule);
    }

    #[test]
    fn labels_are_smoothed_where_there_are_labels() {
        let rule = "smoothing-without-targets";
        let mut project = preset("ring8");
        project.train.smoothing.real = 0.1;
        silent(&project, rule);
        project.train.loss = Loss::Hinge;
        let after = mended(&project, rule, Severity::Advice);
        assert_eq!(after.train.smoothing, LabelSmoothing::default());
    }
}
