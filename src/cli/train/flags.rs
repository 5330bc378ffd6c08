//! A change of the settings as it is typed.

use super::objective::loss_name;
use crate::numbers::rate;
use crate::spec::{Augmentation, GradientClip, Optimiser, Schedule, TrainSpec};

/// The flags that make `after` of `before`; none where there are none for all of it.
pub(super) fn flags(before: &TrainSpec, after: &TrainSpec) -> Option<String> {
    let mut flags = Vec::new();
    let mut made = before.clone();
    if made.loss != after.loss {
        flags.push(format!("--loss {}", loss_name(after.loss)));
        made = made.with_loss(after.loss);
    }
    if made.generator.rule != after.generator.rule && after.generator.rule == after.discriminator.rule {
        flags.push(format!("--optimiser {}", after.generator.rule.name().to_lowercase()));
        let usual = Optimiser::ALL.into_iter().find(|rule| rule.name() == after.generator.rule.name())?;
        (made.generator.rule, made.discriminator.rule) = (usual, usual);
    }
    let mut number = |flag: &str, made: &mut f32, wanted: f32| {
        if *made != wanted {
            flags.push(format!("--{flag} {}", rate(wanted)));
            *made = wanted;
        }
    };
    number("g-lr", &mut made.generator.learning_rate, after.generator.learning_rate);
    number("d-lr", &mut made.discriminator.learning_rate, after.discriminator.learning_rate);
    number("clip", &mut made.regularisation.clip, after.regularisation.clip);
    number("gp", &mut made.regularisation.gradient_penalty, after.regularisation.gradient_penalty);
    number("r1", &mut made.regularisation.r1, after.regularisation.r1);
    number("r2", &mut made.regularisation.r2, after.regularisation.r2);
    number("lecam", &mut made.regularisation.lecam, after.regularisation.lecam);
    number("noise", &mut made.noise.deviation, after.noise.deviation);
    number("smooth-real", &mut made.smoothing.real, after.smoothing.real);
    number("smooth-fake", &mut made.smoothing.fake, after.smoothing.fake);
    number("ema", &mut made.ema_decay, after.ema_decay);
    let mut count = |flag: &str, made: &mut usize, wanted: usize| {
        if *made != wanted {
            flags.push(format!("--{flag} {wanted}"));
            *made = wanted;
        }
    };
    count("d-steps", &mut made.d_steps_per_g_step, after.d_steps_per_g_step);
    count("batch", &mut made.batch_size, after.batch_size);
    count("packing", &mut made.packing, after.packing);
    if made.clip_gradient != after.clip_gradient {
        let GradientClip { generator, discriminator } = after.clip_gradient;
        let lengths = if generator == discriminator { rate(generator) } else { format!("{},{}", rate(generator), rate(discriminator)) };
        flags.push(format!("--clip-gradient {lengths}"));
        made.clip_gradient = after.clip_gradient;
    }
    if made.schedule != after.schedule {
        let Schedule { decay, steps, .. } = after.schedule;
        if made.schedule.decay != decay {
            flags.push(format!("--schedule {}", decay.name()));
        }
        if made.schedule.steps != steps {
            flags.push(format!("--schedule-steps {steps}"));
        }
        made.schedule = Schedule { decay, steps, ..made.schedule };
    }
    if made.noise.steps != after.noise.steps {
        flags.push(format!("--noise-steps {}", after.noise.steps));
        made.noise = after.noise;
    }
    if made.ema_ramp != after.ema_ramp {
        flags.push(format!("--ema-ramp {}", if after.ema_ramp { "on" } else { "off" }));
        made.ema_ramp = after.ema_ramp;
    }
    if made.augmentation != after.augmentation {
        let chosen = after.augmentation.text();
        flags.push(format!("--augment {}", chosen.replace(", ", ",")));
        let Augmentation { colour, translation, cutout, .. } = after.augmentation;
        made.augmentation = Augmentation { colour, translation, cutout, ..made.augmentation };
    }
    (made == *after && !flags.is_empty()).then(|| flags.join(" "))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::train::objective::ObjectiveArguments;
    use crate::spec::{Decay, Loss, Preset};

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        objective: ObjectiveArguments,
    }

    #[test]
    fn what_is_written_makes_the_change_when_it_is_typed() {
        let train = Preset::from_name("ring8").unwrap().project().train;
        let changes: [fn(&mut TrainSpec); 9] = [
            |train| train.discriminator.learning_rate = 5e-4,
            |train| {
                *train = train.with_loss(Loss::RelativisticPaired);
                (train.regularisation.r1, train.regularisation.r2) = (0.1, 0.1);
            },
            |train| (train.clip_gradient.generator, train.clip_gradient.discriminator) = (1.0, 1.0),
            |train| *train = train.with_loss(Loss::Wasserstein),
            |train| (train.augmentation.colour, train.augmentation.cutout, train.packing) = (true, true, 2),
            |train| (train.d_steps_per_g_step, train.noise.deviation) = (2, 0.1),
            |train| (train.noise.deviation, train.noise.steps) = (0.1, 30_000),
            |train| (train.schedule.decay, train.schedule.steps) = (Decay::Cosine, 4_000),
            |train| train.clip_gradient.discriminator = 1.0,
        ];
        for change in changes {
            let mut wanted = train.clone();
            change(&mut wanted);
            let words = flags(&train, &wanted).unwrap();
            let line = Line::try_parse_from(std::iter::once("train").chain(words.split(' '))).unwrap();
            assert_eq!(line.objective.applied(&train, 0, None), wanted, "{words}");
        }
        assert_eq!(flags(&train, &TrainSpec { ema_decay: 0.5, ..train.clone() }).as_deref(), Some("--ema 0.5"));
        assert_eq!(flags(&train, &TrainSpec { ema_ramp: false, ..train.clone() }).as_deref(), Some("--ema-ramp off"));
        assert_eq!(flags(&train, &TrainSpec { recover: false, ..train.clone() }), None, "no remedy asks for it");
        assert_eq!(flags(&train, &train), None);
    }
}
