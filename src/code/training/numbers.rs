//! Batch size, epochs and the like, by the names that scripts give them.

use super::patterns::{Amount, Found};
use crate::code::eval::{Machine, Note, Value};
use crate::spec::Stop;

const BATCH: &[&str] =
    &["batch_size", "batchsize", "n_batch", "mb_size", "minibatch_size", "batch", "bs", "train_batch_size", "batch_sz", "b_size"];
const EPOCHS: &[&str] = &[
    "train_epoch",
    "train_epochs",
    "training_epochs",
    "epochs",
    "n_epochs",
    "num_epochs",
    "max_epochs",
    "niter",
    "nb_epoch",
    "nb_epochs",
    "n_epoch",
    "num_epoch",
    "epoch_num",
    "total_epochs",
];
const STEPS: &[&str] = &[
    "iterations",
    "n_iter",
    "num_iters",
    "n_iters",
    "total_iters",
    "num_steps",
    "n_steps",
    "num_iterations",
    "train_steps",
    "num_train_steps",
    "max_steps",
    "iters",
];
const CRITIC: &[&str] = &[
    "num_critic",
    "k_steps",
    "n_disc",
    "dis_steps",
    "d_iter",
    "num_d_steps",
    "n_d_steps",
    "critics",
    "crit_repeats",
    "critic_repeats",
    "disc_repeats",
    "n_critics",
    "d_updates",
    "critic_updates",
    "n_critic",
    "critic_iterations",
    "critic_iters",
    "critic_iter",
    "ncritic",
    "diters",
    "d_steps",
    "disc_steps",
    "discriminator_extra_steps",
    "discriminator_steps",
    "critic_steps",
    "n_dis",
    "num_disc_steps",
    "d_iters",
    "n_discriminator",
    "disc_iters",
];

/// Variables of loops over the whole data, and of loops over batches.
const EPOCH_LOOPS: &[&str] = &["for epoch", "for e", "for ep", "for epochs", "for epoch_num", "for n_epoch"];
const STEP_LOOPS: &[&str] = &["for step", "for iteration", "for it", "for iter", "for t", "for i"];

/// More passes than this are no passes over the data, but single batches.
const MOST_EPOCHS: i64 = 1000;

/// The first number with one of these names that is in range, and its line.
fn named(machine: &Machine<'_>, names: &[&str], range: std::ops::RangeInclusive<i64>) -> Option<(i64, usize)> {
    names.iter().find_map(|wanted| {
        let is = |entry: &&(String, Value, usize)| {
            entry.0.to_lowercase() == *wanted && entry.1.as_int().is_some_and(|value| range.contains(&value))
        };
        machine.numbers.iter().find(is).and_then(|(_, value, line)| Some((value.as_int()?, *line)))
    })
}

/// An argument of `fit`, or of what trains or loads data in a library.
fn argument(machine: &Machine<'_>, names: &[&str]) -> Option<(i64, usize)> {
    let of_fit = machine.fitted.iter().map(|fitted| (&fitted.arguments, fitted.line));
    let of_library =
        machine.made.iter().filter(|made| matches!(made.short(), "DataLoader" | "Trainer")).map(|made| (&made.arguments, made.line));
    let mut all = of_fit.chain(of_library);
    all.find_map(|(arguments, line)| Some((arguments.named(names)?.as_int().filter(|value| *value > 0)?, line)))
}

/// `DataLoader(data, 64)`.
fn loaded(machine: &Machine<'_>) -> Option<i64> {
    let mut loaders = machine.made.iter().filter(|made| made.short() == "DataLoader");
    loaders.find_map(|made| made.arguments.places.get(1)?.as_int().filter(|value| *value > 0))
}

/// A number that stands in the code, or has a name there.
fn amount(machine: &Machine<'_>, amount: Option<&Amount>, range: std::ops::RangeInclusive<i64>) -> Option<usize> {
    let number = match amount? {
        Amount::Number(number) => *number,
        Amount::Named(name) => named(machine, &[&name.to_lowercase()], range.clone())?.0,
    };
    usize::try_from(number).ok().filter(|_| range.contains(&number))
}

pub fn batch_size(machine: &Machine<'_>, found: &Found) -> Option<usize> {
    let known = argument(machine, &["batch_size"]).map(|(size, _)| size).or_else(|| loaded(machine));
    let known = known.or_else(|| Some(named(machine, BATCH, 1..=65_536)?.0));
    known.and_then(|size| usize::try_from(size).ok()).or_else(|| amount(machine, found.batch.as_ref(), 1..=65_536))
}

pub fn critic_steps(machine: &Machine<'_>, found: &Found) -> Option<usize> {
    let looped = amount(machine, found.critic_steps.as_ref(), 1..=100);
    looped.or_else(|| named(machine, CRITIC, 1..=100).and_then(|(steps, _)| usize::try_from(steps).ok()))
}

pub fn stop(machine: &Machine<'_>, notes: &mut Vec<Note>) -> Stop {
    let epochs = argument(machine, &["epochs", "nb_epoch", "max_epochs"])
        .or_else(|| named(machine, EPOCHS, 1..=i64::MAX))
        .or_else(|| named(machine, EPOCH_LOOPS, 2..=i64::MAX));
    if let Some((epochs, line)) = epochs {
        let count = epochs.unsigned_abs();
        if epochs <= MOST_EPOCHS {
            return Stop::Epochs(count);
        }
        let why = "so many passes over the data are hardly meant: single batches are; they are read as steps";
        notes.push(Note { line, what: format!("{epochs} epochs"), why: why.to_owned() });
        return Stop::Steps(count);
    }
    let steps = named(machine, STEPS, 1..=i64::MAX).or_else(|| named(machine, STEP_LOOPS, 1000..=i64::MAX));
    steps.map_or(Stop::Never, |(steps, _)| Stop::Steps(steps.unsigned_abs()))
}
