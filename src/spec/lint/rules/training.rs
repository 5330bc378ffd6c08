//! The objective, the optimisers, the batch.

use super::{Finding, Fix, Severity, View};
use crate::numbers::grouped;
use crate::spec::{Edit, Loss, Optimiser, OptimiserSpec, Place, Role, Schedule, Stop, TrainSpec};

/// From here on Adam remembers too much for two networks that keep changing each other's goal.
const HIGH_BETA1: f32 = 0.85;
/// What Radford et al. use.
const USUAL_BETA1: f32 = 0.5;
/// Adam's usual rate for GANs.
const USUAL_RATE: f32 = 2e-4;

fn push(found: &mut Vec<Finding>, rule: &'static str, severity: Severity, what: String, why: &'static str, fix: Option<Fix>) {
    let finding = Finding::new(rule, severity, Place::Training, what, why);
    found.push(fix.into_iter().fold(finding, Finding::with));
}

/// The settings with the optimisers of these networks changed.
fn changed(view: &View<'_>, roles: &[Role], change: impl Fn(&mut OptimiserSpec)) -> TrainSpec {
    let mut train = view.project.train.clone();
    for role in roles {
        change(match role {
            Role::Generator => &mut train.generator,
            Role::Discriminator => &mut train.discriminator,
        });
    }
    train
}

fn names(roles: &[Role]) -> &'static str {
    match roles {
        [Role::Generator] => "for the generator",
        [Role::Discriminator] => "for the discriminator",
        _ => "for both networks",
    }
}

/// Adam as most libraries set it up.
pub fn beta1(view: &View<'_>, found: &mut Vec<Finding>) {
    let beta1 = |role: Role| match view.project.train.optimiser(role).rule {
        Optimiser::Adam { beta1, .. } | Optimiser::AdamW { beta1, .. } => Some(beta1).filter(|beta1| *beta1 >= HIGH_BETA1),
        _ => None,
    };
    let roles: Vec<Role> = Role::BOTH.into_iter().filter(|role| beta1(*role).is_some()).collect();
    let Some((role, beta1)) = roles.first().and_then(|role| Some((*role, beta1(*role)?))) else { return };
    let what = format!("{}'s beta1 is {beta1} {}", view.project.train.optimiser(role).rule.name(), names(&roles));
    let why = "With 0.9, the default of most libraries, training oscillates and becomes unstable: each network keeps moving where the other \
               no longer is. 0.5 helped (Radford et al., 2015, section 4).";
    let train = changed(view, &roles, |optimiser| {
        if let Optimiser::Adam { beta1, .. } | Optimiser::AdamW { beta1, .. } = &mut optimiser.rule {
            *beta1 = USUAL_BETA1;
        }
    });
    // Small networks on points bear it.
    let severity = if view.project.data.is_points() { Severity::Advice } else { Severity::Warning };
    push(found, "beta1", severity, what, why, Some(Fix::new(format!("beta1 {USUAL_BETA1}"), vec![Edit::SetTrain(train)])));
}

/// Arjovsky et al. found momentum to upset a critic with clipped weights.
pub fn momentum_in_a_clipped_critic(view: &View<'_>, found: &mut Vec<Finding>) {
    let optimiser = view.project.train.discriminator;
    let has_momentum = match optimiser.rule {
        Optimiser::Adam { beta1, .. } => beta1 > 0.0,
        Optimiser::Sgd { momentum } => momentum > 0.0,
        // A step of Lion is its momentum's direction, whatever its settings.
        Optimiser::AdamW { beta1, .. } => beta1 > 0.0,
        Optimiser::Lion { .. } => true,
        Optimiser::RmsProp { .. } => false,
    };
    let is_clipped = view.project.train.loss == Loss::Wasserstein && view.project.train.regularisation.clip > 0.0;
    if !(has_momentum && is_clipped) {
        return;
    }
    let what = format!("the critic's weights are clipped, and {} carries momentum", optimiser.rule.name());
    let why = "Training with clipped weights became unstable at times with an optimiser that has momentum; the paper uses RMSprop with a rate \
               of 0.00005 (Arjovsky et al., 2017).";
    let rms = OptimiserSpec { learning_rate: 5e-5, rule: Optimiser::ALL[1] };
    let train = changed(view, &Role::BOTH, |optimiser| *optimiser = rms);
    let fix = Fix::new("RMSprop, 0.00005", vec![Edit::SetTrain(train)]).left_to_choose();
    push(found, "momentum-in-clipped-critic", Severity::Advice, what, why, Some(fix));
}

/// The zero-sum game leaves the generator without a gradient when it needs it most.
pub fn saturating_loss(view: &View<'_>, found: &mut Vec<Finding>) {
    if view.project.train.loss != Loss::Minimax {
        return;
    }
    let why = "As long as the discriminator is sure of itself, as it is in the beginning, the minimax loss is flat for the generator. The \
               non-saturating one has the same goal and a gradient from the start (Goodfellow et al., 2014, section 3).";
    let train = TrainSpec { loss: Loss::NonSaturating, ..view.project.train.clone() };
    let fix = Fix::new("Non-saturating loss", vec![Edit::SetTrain(train)]).left_to_choose();
    push(found, "saturating-loss", Severity::Advice, "the generator's loss saturates".to_owned(), why, Some(fix));
}

/// Rates from which on a network learns nothing or forgets everything, and a rate that does.
const fn sensible_rates(rule: Optimiser) -> (f32, f32, f32) {
    match rule {
        Optimiser::Adam { .. } | Optimiser::AdamW { .. } => (1e-6, 5e-3, USUAL_RATE),
        // Three to ten times smaller than AdamW's (Chen et al., 2023, section 5).
        Optimiser::Lion { .. } => (1e-7, 1e-3, 5e-5),
        Optimiser::RmsProp { .. } => (1e-6, 5e-3, 5e-5),
        Optimiser::Sgd { .. } => (1e-5, 1.0, 1e-2),
    }
}

/// Step sizes far from what works.
pub fn learning_rate(view: &View<'_>, found: &mut Vec<Finding>) {
    for role in Role::BOTH {
        let OptimiserSpec { learning_rate: rate, rule } = *view.project.train.optimiser(role);
        let (low, high, usual) = sensible_rates(rule);
        let (what, why) = if rate == 0.0 {
            ("is 0: it never learns".to_owned(), "A network that stands still gives the other one nothing to play against.")
        } else if (0.0..low).contains(&rate) {
            (
                format!("is {rate}, far too low for {}", rule.name()),
                "Each step moves a weight by about the learning rate: at this one it takes millions of steps to get anywhere.",
            )
        } else if rate > high && rate.is_finite() {
            (
                format!("is {rate}, far too high for {}", rule.name()),
                "Each step throws the weights further than the losses are smooth, so that the networks jump about instead of learning. 0.001 \
                 was already too high for DCGAN, which uses 0.0002 (Radford et al., 2015, section 4).",
            )
        } else {
            continue;
        };
        let train = changed(view, &[role], |optimiser| optimiser.learning_rate = usual);
        let fix = Fix::new(format!("Learning rate {usual}"), vec![Edit::SetTrain(train)]);
        push(found, "learning-rate", Severity::Warning, format!("the {}'s learning rate {what}", role.name()), why, Some(fix));
    }
}

/// A run that goes on long after its learning rates have arrived at nothing.
pub fn schedule_ends_early(view: &View<'_>, found: &mut Vec<Finding>) {
    let train = &view.project.train;
    let Stop::Steps(end) = train.stop else { return };
    let rests = end.saturating_sub(train.schedule.steps);
    // A few steps at the end do no harm.
    if !train.schedule.is_over(end) || rests * 20 < end {
        return;
    }
    let (steps, end_text) = (grouped(train.schedule.steps), grouped(end));
    let what = format!("learning rates arrive at 0 at step {steps}, but the run ends at step {end_text}");
    let why = "At a rate of 0 nothing is learned: the steps after that are for nothing.";
    let schedule = Schedule { steps: end, ..train.schedule };
    let fix = Fix::new(format!("Let them fall until step {end_text}"), vec![Edit::SetTrain(TrainSpec { schedule, ..train.clone() })]);
    push(found, "schedule-ends-early", Severity::Warning, what, why, Some(fix));
}

/// A usual batch.
const USUAL_BATCH: usize = 64;

/// Statistics over a batch that is no batch.
pub fn batch_of_one(view: &View<'_>, found: &mut Vec<Finding>) {
    let of_one = view.chains().into_iter().filter(|chain| view.project.judged_at_once(chain.role) == 1);
    let Some(link) = of_one.flat_map(|chain| &chain.links).find(|link| link.layer.normalises_over_batch()) else { return };
    let packing = view.project.train.packing;
    let one = if view.project.train.batch_size == 1 { "sample" } else { "pack" };
    let what = format!("batches of one {one}, which {} cannot normalise over", link.layer.name());
    let why = "Batch normalisation compares the samples of a batch with each other (Ioffe and Szegedy, 2015). With a single one its mean is \
               the sample itself, and what is left says little or nothing.";
    let batch_size = USUAL_BATCH * packing;
    let train = TrainSpec { batch_size, ..view.project.train.clone() };
    let fix = Fix::new(format!("Batch size {batch_size}"), vec![Edit::SetTrain(train)]);
    push(found, "batch-of-one", Severity::Warning, what, why, Some(fix));
}

/// More memory than the machine has.
pub fn memory(view: &View<'_>, found: &mut Vec<Finding>) {
    let Some(limit) = view.limits.memory_bytes else { return };
    let train = &view.project.train;
    let needs = |batch: usize| view.project.training_bytes(batch);
    // Where no machine would do it is an error, which is said elsewhere.
    let is_fault = view.project.faults().iter().any(|fault| fault.place == Place::Training);
    if is_fault || needs(train.batch_size) <= limit {
        return;
    }
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    let what = format!(
        "a batch of {} needs about {:.1} GiB, more than the {:.1} GiB of this machine",
        train.batch_size,
        gib(needs(train.batch_size)),
        gib(limit)
    );
    let why = "What every layer makes of every sample of a batch is kept until the step back has used it. What does not fit into memory is \
               moved to the disk, if it works at all.";
    let smaller = std::iter::successors(Some(train.batch_size / 2), |batch| Some(batch / 2)).take_while(|batch| *batch >= 1);
    let fix = smaller
        .map(|batch| 1 << batch.ilog2())
        .find(|batch| needs(*batch) <= limit)
        .map(|batch_size| Fix::new(format!("Batch size {batch_size}"), vec![Edit::SetTrain(TrainSpec { batch_size, ..train.clone() })]));
    push(found, "memory-of-this-machine", Severity::Warning, what, why, fix);
}

#[cfg(test)]
mod tests {
    use super::super::testing::{found, inserted, mended, preset, silent};
    use super::*;
    use crate::spec::lint::{Limits, lint_within};
    use crate::spec::{Decay, Project};

    fn trained(name: &str, change: impl FnOnce(&mut TrainSpec)) -> Project {
        let mut project = preset(name);
        change(&mut project.train);
        project
    }

    fn adam(beta1: f32) -> Optimiser {
        Optimiser::Adam { beta1, beta2: 0.999, epsilon: 1e-7 }
    }

    #[test]
    fn beta1_is_found_for_one_and_for_both() {
        let both = trained("digits", |train| (train.generator.rule, train.discriminator.rule) = (adam(0.9), adam(0.9)));
        assert_eq!(found(&both, "beta1")[0].what, "Adam's beta1 is 0.9 for both networks");
        let after = mended(&both, "beta1", Severity::Warning);
        assert_eq!((after.train.generator.rule, after.train.discriminator.rule), (adam(0.5), adam(0.5)));
        let one = trained("digits", |train| train.discriminator.rule = adam(0.9));
        assert_eq!(found(&one, "beta1")[0].what, "Adam's beta1 is 0.9 for the discriminator");
        mended(&trained("ring8", |train| train.generator.rule = adam(0.9)), "beta1", Severity::Advice);
        silent(&trained("digits", |train| train.generator.rule = adam(0.0)), "beta1");
        silent(&trained("digits", |train| train.generator.rule = Optimiser::Sgd { momentum: 0.9 }), "beta1");
    }

    #[test]
    fn a_clipped_critic_moves_without_momentum() {
        let rule = "momentum-in-clipped-critic";
        let clipped = |train: &mut TrainSpec| *train = train.with_loss(Loss::Wasserstein);
        mended(&trained("ring8", clipped), rule, Severity::Advice);
        let mut calm = trained("ring8", clipped);
        calm.train.discriminator.rule = Optimiser::ALL[1];
        silent(&calm, rule);
        calm.train.discriminator.rule = Optimiser::ALL[4];
        mended(&calm, rule, Severity::Advice);
        let mut punished = trained("ring8", clipped);
        (punished.train.regularisation.clip, punished.train.regularisation.gradient_penalty) = (0.0, 10.0);
        silent(&punished, rule);
        silent(&preset("ring8"), rule);
    }

    #[test]
    fn the_zero_sum_game_saturates() {
        let after = mended(&trained("ring8", |train| train.loss = Loss::Minimax), "saturating-loss", Severity::Advice);
        assert_eq!(after, preset("ring8"));
        for loss in Loss::ALL.into_iter().filter(|loss| *loss != Loss::Minimax) {
            silent(&trained("ring8", |train| train.loss = loss), "saturating-loss");
        }
    }

    #[test]
    fn rates_far_from_what_works_are_found() {
        let rule = "learning-rate";
        for rate in [0.0, 1e-8, 0.05, 1.0] {
            let after = mended(&trained("digits", |train| train.generator.learning_rate = rate), rule, Severity::Warning);
            assert_eq!(after.train.generator.learning_rate, USUAL_RATE);
        }
        for rate in [5e-5, 1e-4, 2e-4, 1e-3, 2e-3] {
            silent(&trained("digits", |train| train.generator.learning_rate = rate), rule);
        }
        let sgd = |learning_rate| OptimiserSpec { learning_rate, rule: Optimiser::Sgd { momentum: 0.0 } };
        silent(&trained("digits", |train| train.discriminator = sgd(0.1)), rule);
        mended(&trained("digits", |train| train.discriminator = sgd(5.0)), rule, Severity::Warning);
    }

    #[test]
    fn a_run_does_not_go_on_at_a_rate_of_nothing() {
        let rule = "schedule-ends-early";
        let cosine = |end: u64, floor: f32| {
            trained("digits", |train| {
                train.schedule = Schedule { decay: Decay::Cosine, steps: 10_000, floor, ..train.schedule };
                train.stop = Stop::Steps(end);
            })
        };
        assert_eq!(mended(&cosine(50_000, 0.0), rule, Severity::Warning).train.schedule.steps, 50_000);
        for (end, floor) in [(10_000, 0.0), (10_200, 0.0), (3_000, 0.0), (50_000, 0.05)] {
            silent(&cosine(end, floor), rule);
        }
        silent(&trained("digits", |train| train.stop = Stop::Steps(50_000)), rule);
    }

    #[test]
    fn a_batch_is_more_than_one_sample() {
        let rule = "batch-of-one";
        mended(&trained("digits", |train| train.batch_size = 1), rule, Severity::Warning);
        silent(&trained("ring8", |train| train.batch_size = 1), rule);
        silent(&trained("digits", |train| train.batch_size = 2), rule);
        let mut packed = inserted("digits", Role::Discriminator, 2, crate::spec::Layer::batch_norm());
        let train = TrainSpec { packing: 2, batch_size: 2, ..packed.train.clone() };
        Edit::settings(&packed, train).apply(&mut packed).unwrap();
        assert_eq!(found(&packed, rule)[0].what, "batches of one pack, which BatchNorm cannot normalise over");
        assert_eq!(mended(&packed, rule, Severity::Warning).train.batch_size, 128);
    }

    #[test]
    fn memory_counts_where_it_is_known() {
        let of = |project: &Project, memory_bytes| {
            let all = lint_within(project, Limits { memory_bytes });
            all.into_iter().find(|finding| finding.rule == "memory-of-this-machine")
        };
        let large = trained("dcgan64", |train| train.batch_size = 4096);
        let needs = large.training_bytes(4096);
        assert_eq!(of(&large, None), None);
        assert_eq!(of(&large, Some(needs)), None);
        let finding = of(&large, Some(needs / 3)).unwrap();
        assert_eq!((finding.severity, finding.place), (Severity::Warning, Place::Training));
        let mut after = large.clone();
        finding.fixes[0].edit.clone().apply(&mut after).unwrap();
        assert!(after.training_bytes(after.train.batch_size) <= needs / 3);
        assert_eq!(after.train.batch_size, 1024, "half of it is still too much");
        assert_eq!(of(&large, Some(1 << 20)).unwrap().fixes, [], "the weights alone need more");
    }
}
