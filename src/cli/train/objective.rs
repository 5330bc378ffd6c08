//! What the two networks pursue, as it is typed: the loss, penalties, optimisers, schedules.

use clap::Args;

use crate::spec::{
    Augmentation, Decay, GradientClip, InstanceNoise, LabelSmoothing, Latent, Loss, MAX_BOUND, MAX_EVERY, MAX_NOISE, MAX_PACKING,
    MAX_PENALTY, MAX_RAMP, Optimiser, Regularisation, Schedule, Stop, TrainSpec,
};

/// What is typed of it. What is not stays as the project has it.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Objective")]
pub(crate) struct ObjectiveArguments {
    /// What the two networks minimise: non-saturating, minimax, least-squares, hinge, wasserstein, rpgan or ragan
    #[arg(long, value_name = "NAME", value_parser = loss)]
    pub loss: Option<Loss>,
    /// The step size of the generator's optimiser alone
    #[arg(long = "g-lr", value_name = "RATE", value_parser = super::learning_rate)]
    pub generator_rate: Option<f32>,
    /// The step size of the discriminator's optimiser alone
    #[arg(long = "d-lr", value_name = "RATE", value_parser = super::learning_rate)]
    pub discriminator_rate: Option<f32>,
    /// Steps of the discriminator for each step of the generator
    #[arg(long = "d-steps", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub discriminator_steps: Option<u32>,
    /// Keep every weight of the discriminator within plus or minus this; 0 does not
    #[arg(long, value_name = "BOUND", value_parser = bound)]
    pub clip: Option<f32>,
    /// The weight of the gradient penalty (WGAN-GP); usually 10
    #[arg(long = "gp", value_name = "WEIGHT", value_parser = penalty)]
    pub gradient_penalty: Option<f32>,
    /// The weight of R1, the penalty on gradients at real samples
    #[arg(long, value_name = "WEIGHT", value_parser = penalty)]
    pub r1: Option<f32>,
    /// The weight of R2, the penalty on gradients at generated samples
    #[arg(long, value_name = "WEIGHT", value_parser = penalty)]
    pub r2: Option<f32>,
    /// The weight of LeCam's penalty
    #[arg(long, value_name = "WEIGHT", value_parser = penalty)]
    pub lecam: Option<f32>,
    /// Compute penalties on gradients at every so many steps of the discriminator
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_EVERY as i64))]
    pub every: Option<u32>,
    /// How weights move, for both networks: adam, rmsprop, sgd, adamw or lion, with their usual settings
    #[arg(long, value_name = "NAME", value_parser = optimiser)]
    pub optimiser: Option<Optimiser>,
    /// The same for the generator alone
    #[arg(long = "g-optimiser", value_name = "NAME", value_parser = optimiser)]
    pub generator_optimiser: Option<Optimiser>,
    /// The same for the discriminator alone
    #[arg(long = "d-optimiser", value_name = "NAME", value_parser = optimiser)]
    pub discriminator_optimiser: Option<Optimiser>,
    /// How much of the running mean of gradients survives a step of adam, adamw or lion; as below, one number for both networks, or the
    /// generator's and the discriminator's with a comma between
    #[arg(long, value_name = "SHARE[,SHARE]", value_parser = both(probability))]
    pub beta1: Option<Both>,
    /// The same of squared gradients
    #[arg(long, value_name = "SHARE[,SHARE]", value_parser = both(probability))]
    pub beta2: Option<Both>,
    /// The same of squared gradients in rmsprop
    #[arg(long, value_name = "SHARE[,SHARE]", value_parser = both(probability))]
    pub alpha: Option<Both>,
    /// How much of the last move survives a step of sgd
    #[arg(long, value_name = "SHARE[,SHARE]", value_parser = both(probability))]
    pub momentum: Option<Both>,
    /// What adam, adamw and rmsprop add to the root that they divide by
    #[arg(long, value_name = "NUMBER[,NUMBER]", value_parser = both(probability))]
    pub epsilon: Option<Both>,
    /// The share of each weight that goes at a step of adamw or lion, times the learning rate
    #[arg(long, value_name = "SHARE[,SHARE]", value_parser = both(probability))]
    pub weight_decay: Option<Both>,
    /// Scale gradients down that are longer than this; 0 does not
    #[arg(long, value_name = "LENGTH[,LENGTH]", value_parser = both(bound))]
    pub clip_gradient: Option<Both>,
    /// What becomes of learning rates: constant, or falling as linear or cosine
    #[arg(long, value_name = "NAME", value_parser = decay)]
    pub schedule: Option<Decay>,
    /// The step at which they arrive at their lowest; where --schedule and --steps are given, the last one, unless this says otherwise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub schedule_steps: Option<u64>,
    /// What is left of them there: 0 is nothing, 0.1 a tenth
    #[arg(long, value_name = "SHARE", value_parser = probability)]
    pub schedule_floor: Option<f32>,
    /// Let learning rates rise from zero over so many steps at first
    #[arg(long, value_name = "N")]
    pub warm_up: Option<u64>,
    /// Real samples count as 1 less this
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub smooth_real: Option<f32>,
    /// Generated samples count as this instead of 0
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub smooth_fake: Option<f32>,
    /// The deviation of the noise on what the discriminator sees
    #[arg(long, value_name = "DEVIATION", value_parser = noise)]
    pub noise: Option<f32>,
    /// The step at which that noise is gone; 0 lets it stay
    #[arg(long, value_name = "N")]
    pub noise_steps: Option<u64>,
    /// End a run whose losses are no numbers any more, and let samples collapse, instead of going back and on with half the learning rates
    #[arg(long)]
    pub no_recover: bool,
    /// Go back and on again, in a project that does not
    #[arg(long, conflicts_with = "no_recover")]
    pub recover: bool,
    /// How much of the averaged generator survives a step, such as 0.998; 0 does not average
    #[arg(long, value_name = "DECAY", value_parser = probability)]
    pub ema: Option<f32>,
    /// Let the averaged generator forget its first steps sooner
    #[arg(long, value_name = "on|off", value_parser = switch)]
    pub ema_ramp: Option<bool>,
    /// What latent vectors are drawn from: normal or uniform
    #[arg(long, value_name = "NAME", value_parser = latent)]
    pub latent: Option<Latent>,
    /// Change what the discriminator sees at random: colour, translation and cutout, with commas between; all, or off
    #[arg(long, value_name = "LIST", value_parser = augment)]
    pub augment: Option<Augment>,
    /// The probability of each change to each picture, or adaptive: by how sure the discriminator is of real pictures
    #[arg(long, value_name = "P", value_parser = strength)]
    pub augment_p: Option<Strength>,
    /// The mean sign of what the discriminator says of real pictures that an adaptive probability steers towards; usually 0.6
    #[arg(long, value_name = "SIGN", value_parser = probability)]
    pub augment_target: Option<f32>,
    /// Thousands of real samples that an adaptive probability takes from 0 to 1 at least; 100 by itself
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_RAMP as i64))]
    pub augment_ramp: Option<u32>,
    /// Let the discriminator judge so many samples at once (PacGAN); batches are multiples of it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_PACKING as i64))]
    pub packing: Option<u32>,
}

/// A number for each network, the generator's first.
pub(crate) type Both = [f32; 2];

/// Which changes are made: colour, translation, cutout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Augment([bool; 3]);

/// How often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Strength {
    /// With this probability.
    Fixed(f32),
    /// As the discriminator asks for.
    Adaptive,
}

impl ObjectiveArguments {
    /// The settings with what was typed, for a run that is at step `now` and ends at step `end`, where that is known.
    pub(crate) fn applied(&self, train: &TrainSpec, now: u64, end: Option<u64>) -> TrainSpec {
        let mut train = train.clone();
        train.generator.learning_rate = self.generator_rate.unwrap_or(train.generator.learning_rate);
        train.discriminator.learning_rate = self.discriminator_rate.unwrap_or(train.discriminator.learning_rate);
        train.d_steps_per_g_step = self.discriminator_steps.map_or(train.d_steps_per_g_step, |steps| steps as usize);
        let old = train.regularisation;
        train.regularisation = Regularisation {
            clip: self.clip.unwrap_or(old.clip),
            gradient_penalty: self.gradient_penalty.unwrap_or(old.gradient_penalty),
            r1: self.r1.unwrap_or(old.r1),
            r2: self.r2.unwrap_or(old.r2),
            lecam: self.lecam.unwrap_or(old.lecam),
            every: self.every.map_or(old.every, |every| every as usize),
        };
        if let Some(loss) = self.loss.filter(|loss| *loss != train.loss) {
            // What was typed stays, whatever the loss would choose.
            train = train.with_loss(loss);
            train.regularisation.clip = self.clip.unwrap_or(train.regularisation.clip);
        }
        if let Some(rule) = self.optimiser {
            (train.generator.rule, train.discriminator.rule) = (rule, rule);
        }
        train.generator.rule = self.generator_optimiser.unwrap_or(train.generator.rule);
        train.discriminator.rule = self.discriminator_optimiser.unwrap_or(train.discriminator.rule);
        for (network, rule) in [&mut train.generator.rule, &mut train.discriminator.rule].into_iter().enumerate() {
            for (name, number) in rule.numbers() {
                let typed = self.of_the_rule().into_iter().find(|(_, typed, _)| *typed == name);
                *number = typed.and_then(|(_, _, both)| Some(both?[network])).unwrap_or(*number);
            }
        }
        if let Some([generator, discriminator]) = self.clip_gradient {
            train.clip_gradient = GradientClip { generator, discriminator };
        }
        train.schedule = self.schedule(&train, now, end);
        let old = train.smoothing;
        train.smoothing = LabelSmoothing { real: self.smooth_real.unwrap_or(old.real), fake: self.smooth_fake.unwrap_or(old.fake) };
        let noise = self.noise.map_or(train.noise, |deviation| train.noise.with_deviation(deviation, now));
        train.noise = InstanceNoise { steps: self.noise_steps.unwrap_or(noise.steps), ..noise };
        train.augmentation = self.augmentation(train.augmentation);
        train.packing = self.packing.map_or(train.packing, |packing| packing as usize);
        train.recover = self.recover || train.recover && !self.no_recover;
        train.ema_decay = self.ema.unwrap_or(train.ema_decay);
        train.ema_ramp = self.ema_ramp.unwrap_or(train.ema_ramp);
        train.latent = self.latent.unwrap_or(train.latent);
        train
    }

    /// The numbers of an optimiser's rule: flag, name, value.
    fn of_the_rule(&self) -> [(&'static str, &'static str, Option<Both>); 6] {
        [
            ("--beta1", "beta1", self.beta1),
            ("--beta2", "beta2", self.beta2),
            ("--alpha", "alpha", self.alpha),
            ("--momentum", "momentum", self.momentum),
            ("--epsilon", "epsilon", self.epsilon),
            ("--weight-decay", "decay", self.weight_decay),
        ]
    }

    /// A schedule that is chosen ends with the run, unless another end is typed.
    fn schedule(&self, train: &TrainSpec, now: u64, end: Option<u64>) -> Schedule {
        let old = train.schedule;
        let chosen = self.schedule.map_or(old, |decay| old.with_decay(decay, now, end.map_or(train.stop, Stop::Steps)));
        let told = self.schedule_steps.or(end.filter(|_| self.schedule.is_some()));
        Schedule {
            steps: told.unwrap_or(chosen.steps),
            floor: self.schedule_floor.unwrap_or(old.floor),
            warm_up: self.warm_up.unwrap_or(old.warm_up),
            ..chosen
        }
    }

    /// What was typed and makes no difference under these settings, in sentences without their full stop.
    pub(crate) fn idle(&self, train: &TrainSpec) -> Vec<String> {
        let mut rules = [train.generator.rule, train.discriminator.rule];
        let mut has = |name: &str| rules.iter_mut().any(|rule| rule.numbers().iter().any(|(own, _)| *own == name));
        let mut idle: Vec<String> = Vec::new();
        let without = |flag: &str, what: &str| format!("{flag} makes no difference {what}");
        for (flag, name, _) in self.of_the_rule().into_iter().filter(|(_, _, typed)| typed.is_some()) {
            if !has(name) {
                let names = train.generator.rule.name().to_owned();
                let other = train.discriminator.rule.name();
                idle.push(without(flag, &if names == other { format!("with {names}") } else { format!("with {names} and {other}") }));
            }
        }
        let constant = train.schedule.decay == Decay::Constant;
        let is_on = train.augmentation.is_on();
        let rest = [
            ("--schedule-steps", self.schedule_steps.is_some() && constant, "with constant learning rates: see --schedule"),
            ("--schedule-floor", self.schedule_floor.is_some() && constant, "with constant learning rates: see --schedule"),
            ("--noise-steps", self.noise_steps.is_some() && train.noise.deviation == 0.0, "without --noise"),
            ("--every", self.every.is_some() && !train.regularisation.punishes_gradients(), "without --r1, --r2 or --gp"),
            ("--augment-p", self.augment_p.is_some() && !is_on, "without --augment"),
            ("--augment-target", self.augment_target.is_some() && !(is_on && train.augmentation.adaptive), "without --augment-p adaptive"),
            ("--augment-ramp", self.augment_ramp.is_some() && !(is_on && train.augmentation.adaptive), "without --augment-p adaptive"),
            ("--ema-ramp", self.ema_ramp.is_some() && train.ema_decay == 0.0, "without --ema"),
        ];
        idle.extend(rest.into_iter().filter(|(_, is_idle, _)| *is_idle).map(|(flag, _, what)| without(flag, what)));
        idle
    }

    fn augmentation(&self, old: Augmentation) -> Augmentation {
        let Augment([colour, translation, cutout]) = self.augment.unwrap_or(Augment([old.colour, old.translation, old.cutout]));
        let (adaptive, probability) = match self.augment_p {
            Some(Strength::Fixed(probability)) => (false, probability),
            Some(Strength::Adaptive) => (true, old.probability),
            None => (old.adaptive, old.probability),
        };
        Augmentation {
            colour,
            translation,
            cutout,
            probability,
            adaptive,
            target: self.augment_target.unwrap_or(old.target),
            ramp: self.augment_ramp.map_or(old.ramp, |ramp| ramp as usize),
        }
    }
}

fn augment(text: &str) -> Result<Augment, String> {
    let mut rules = Augmentation::default();
    for word in text.split(',').map(str::trim).filter(|word| *word != "off") {
        let chosen: Vec<&mut bool> =
            rules.groups().into_iter().filter(|(name, _)| *name == word || word == "all").map(|(_, is_on)| is_on).collect();
        if chosen.is_empty() {
            return Err("choose from colour, translation, cutout, or all, or off".to_owned());
        }
        chosen.into_iter().for_each(|is_on| *is_on = true);
    }
    Ok(Augment([rules.colour, rules.translation, rules.cutout]))
}

fn strength(text: &str) -> Result<Strength, String> {
    if text == "adaptive" { Ok(Strength::Adaptive) } else { probability(text).map(Strength::Fixed) }
}

/// One number for both networks, or two with a comma between.
fn both(one: fn(&str) -> Result<f32, String>) -> impl Fn(&str) -> Result<Both, String> + Clone {
    move |text| match text.split_once(',') {
        None => one(text).map(|number| [number; 2]),
        Some((generator, discriminator)) => Ok([one(generator.trim())?, one(discriminator.trim())?]),
    }
}

/// On or off.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("this is on or off".to_owned()),
    }
}

/// A share of one.
fn probability(text: &str) -> Result<f32, String> {
    between_0_and(1.0, text)
}

fn between_0_and(high: f32, text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number: &f32| (0.0..=high).contains(number));
    number.ok_or_else(|| format!("this is a number from 0 to {high}"))
}

fn penalty(text: &str) -> Result<f32, String> {
    between_0_and(MAX_PENALTY, text)
}

fn bound(text: &str) -> Result<f32, String> {
    between_0_and(MAX_BOUND, text)
}

fn share(text: &str) -> Result<f32, String> {
    between_0_and(0.5, text)
}

fn noise(text: &str) -> Result<f32, String> {
    between_0_and(MAX_NOISE, text)
}

/// The one of `all` that is called `text`.
fn by_name<T: Copy>(text: &str, all: &[T], name: impl Fn(T) -> String) -> Result<T, String> {
    let found = all.iter().copied().find(|value| name(*value) == text);
    found.ok_or_else(|| format!("choose one of {}", all.iter().map(|value| name(*value)).collect::<Vec<_>>().join(", ")))
}

fn loss(text: &str) -> Result<Loss, String> {
    by_name(text, &Loss::ALL, |loss| loss_name(loss).to_owned())
}

fn optimiser(text: &str) -> Result<Optimiser, String> {
    by_name(text, &Optimiser::ALL, |rule| rule.name().to_lowercase())
}

fn latent(text: &str) -> Result<Latent, String> {
    by_name(text, &[Latent::Normal, Latent::Uniform], |latent| if latent == Latent::Normal { "normal" } else { "uniform" }.to_owned())
}

fn decay(text: &str) -> Result<Decay, String> {
    by_name(text, &Decay::ALL, |decay| decay.name().to_owned())
}

pub(super) fn loss_name(loss: Loss) -> &'static str {
    match loss {
        Loss::Minimax => "minimax",
        Loss::NonSaturating => "non-saturating",
        Loss::LeastSquares => "least-squares",
        Loss::Hinge => "hinge",
        Loss::Wasserstein => "wasserstein",
        Loss::RelativisticPaired => "rpgan",
        Loss::RelativisticAverage => "ragan",
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::spec::Preset;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        objective: ObjectiveArguments,
    }

    fn train() -> TrainSpec {
        Preset::from_name("ring8").unwrap().project().train
    }

    fn typed(words: &str) -> TrainSpec {
        let line = Line::try_parse_from(std::iter::once("train").chain(words.split_whitespace())).unwrap();
        line.objective.applied(&train(), 0, Some(500))
    }

    #[test]
    fn every_loss_optimiser_and_schedule_can_be_typed() {
        for wanted in Loss::ALL {
            assert_eq!(typed(&format!("--loss {}", loss_name(wanted))).loss, wanted);
        }
        for wanted in Optimiser::ALL {
            let found = typed(&format!("--optimiser {}", wanted.name().to_lowercase()));
            assert_eq!((found.generator.rule, found.discriminator.rule), (wanted, wanted));
        }
        for wanted in Decay::ALL {
            assert_eq!(typed(&format!("--schedule {}", wanted.name())).schedule.decay, wanted);
        }
    }

    #[test]
    fn what_is_not_typed_stays() {
        assert_eq!(typed(""), train());
        assert_eq!(typed("--r1 0.5"), TrainSpec { regularisation: Regularisation { r1: 0.5, ..Regularisation::default() }, ..train() });
    }

    #[test]
    fn a_critic_is_clipped_unless_a_penalty_is_typed() {
        assert_eq!(typed("--loss wasserstein").regularisation.clip, 0.01);
        let punished = typed("--loss wasserstein --gp 10 --every 4").regularisation;
        assert_eq!((punished.clip, punished.gradient_penalty, punished.every), (0.0, 10.0, 4));
        assert_eq!(typed("--loss wasserstein --clip 0.1").regularisation.clip, 0.1);
        assert_eq!(typed("--loss wasserstein --clip 0").regularisation.clip, 0.0);
    }

    #[test]
    fn each_network_has_its_optimiser_and_its_numbers_where_they_are_typed() {
        let found = typed("--g-optimiser sgd --d-optimiser lion --beta1 0.25 --momentum 0.75 --ema 0.5 --latent uniform");
        assert_eq!(found.generator.rule, Optimiser::Sgd { momentum: 0.75 });
        assert_eq!(found.discriminator.rule, Optimiser::Lion { beta1: 0.25, beta2: 0.99, decay: 0.0 });
        assert_eq!((found.ema_decay, found.latent), (0.5, Latent::Uniform));
        let found = typed("--beta2 0.9");
        assert!(matches!(found.generator.rule, Optimiser::Adam { beta1: 0.5, beta2: 0.9, .. }), "{:?}", found.generator);
        assert!(Line::try_parse_from(["train", "--latent", "cauchy"]).is_err());
    }

    #[test]
    fn numbers_of_a_rule_are_one_for_both_networks_or_one_for_each() {
        let found = typed("--optimiser adamw --beta1 0.1,0.9 --epsilon 1e-6 --weight-decay 0.02,0 --clip-gradient 1,5");
        assert_eq!(found.generator.rule, Optimiser::AdamW { beta1: 0.1, beta2: 0.999, epsilon: 1e-6, decay: 0.02 });
        assert_eq!(found.discriminator.rule, Optimiser::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-6, decay: 0.0 });
        assert_eq!((found.clip_gradient.generator, found.clip_gradient.discriminator), (1.0, 5.0));
        let found = typed("--d-optimiser rmsprop --alpha 0.5 --ema-ramp off");
        assert_eq!(found.discriminator.rule, Optimiser::RmsProp { alpha: 0.5, epsilon: 1e-8 });
        assert!(!found.ema_ramp && found.generator == train().generator);
        for words in [["--beta1", "0.5,"], ["--beta1", "0.5,0.5,0.5"], ["--ema-ramp", "yes"]] {
            assert!(Line::try_parse_from([&["train"], &words[..]].concat()).is_err(), "{words:?}");
        }
    }

    #[test]
    fn what_makes_no_difference_is_said() {
        let said = |words: &str| {
            let line = Line::try_parse_from(std::iter::once("train").chain(words.split_whitespace())).unwrap();
            line.objective.idle(&line.objective.applied(&train(), 0, None))
        };
        assert_eq!(said("--momentum 0.9"), ["--momentum makes no difference with Adam"]);
        assert_eq!(said("--d-optimiser sgd --alpha 0.9 --momentum 0.1"), ["--alpha makes no difference with Adam and SGD"]);
        assert_eq!(said("--schedule-steps 50"), ["--schedule-steps makes no difference with constant learning rates: see --schedule"]);
        assert_eq!(said("--augment all --augment-ramp 9"), ["--augment-ramp makes no difference without --augment-p adaptive"]);
        for words in [
            "--beta1 0.9 --noise 0.1 --noise-steps 9",
            "--r1 1 --every 4",
            "--schedule cosine --schedule-steps 50 --ema 0.9 --ema-ramp off",
        ] {
            assert!(said(words).is_empty(), "{words}: {:?}", said(words));
        }
    }

    #[test]
    fn what_is_typed_for_a_run_on_its_way_counts_from_there() {
        let late = |words: &str| {
            let line = Line::try_parse_from(std::iter::once("train").chain(words.split_whitespace())).unwrap();
            line.objective.applied(&train(), 20_000, Some(20_500))
        };
        assert_eq!(late("--schedule cosine").schedule.steps, 20_500);
        assert!(late("--noise 0.1").noise.deviation_at(20_000) > 0.0);
    }

    #[test]
    fn recovery_is_on_unless_it_is_switched_off() {
        assert!(typed("").recover && !typed("--no-recover").recover);
        let line = Line::try_parse_from(["train", "--recover"]).unwrap();
        assert!(line.objective.applied(&TrainSpec { recover: false, ..train() }, 0, None).recover);
    }

    #[test]
    fn a_schedule_ends_with_the_run_unless_another_end_is_typed() {
        let cosine = Schedule { decay: Decay::Cosine, steps: 500, floor: 0.1, warm_up: 20 };
        assert_eq!(typed("--schedule cosine --warm-up 20 --schedule-floor 0.1").schedule, cosine);
        assert_eq!(typed("--schedule linear --schedule-steps 80").schedule.steps, 80);
        assert_eq!(typed("").schedule, Schedule::default());
        let more = typed("--smooth-real 0.1 --noise 0.2 --noise-steps 90 --clip-gradient 1.5 --lecam 0.3 --r2 2");
        assert_eq!(
            (more.smoothing.real, more.noise, more.clip_gradient.generator),
            (0.1, InstanceNoise { deviation: 0.2, steps: 90 }, 1.5)
        );
    }

    #[test]
    fn augmentation_is_typed_as_a_list_with_its_probability() {
        let all = Augmentation { colour: true, translation: true, cutout: true, ..Augmentation::default() };
        assert_eq!(typed("--augment all").augmentation, all);
        assert_eq!(
            typed("--augment colour,cutout --augment-p 0.3").augmentation,
            Augmentation { translation: false, probability: 0.3, ..all }
        );
        assert_eq!(typed("--augment off").augmentation, Augmentation::default());
        let adaptive = typed("--augment all --augment-p adaptive --augment-target 0.5 --augment-ramp 20");
        assert_eq!(adaptive.augmentation, Augmentation { adaptive: true, target: 0.5, ramp: 20, ..all });
        assert_eq!(typed("--packing 4").packing, 4);
        for words in [["--augment", "colours"], ["--augment-p", "2"], ["--augment-ramp", "0"], ["--packing", "9"], ["--packing", "0"]] {
            assert!(Line::try_parse_from([&["train"], &words[..]].concat()).is_err(), "{words:?}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        for words in [
            ["--r1", "-1"],
            ["--gp", "NaN"],
            ["--every", "0"],
            ["--smooth-real", "0.6"],
            ["--schedule", "sine"],
            ["--schedule-floor", "1.1"],
            ["--noise", "11"],
        ] {
            assert!(Line::try_parse_from([&["train"], &words[..]].concat()).is_err(), "{words:?}");
        }
    }
}
