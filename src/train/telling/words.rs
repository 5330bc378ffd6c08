//! What happens in a moment, in one sentence with the numbers of the step.

use super::{MOMENTS, Stage};
use crate::numbers::{grouped, reading};
use crate::spec::{Loss, Project, Role, Shape};
use crate::train::landmarks::Equilibrium;
use crate::train::story::{Lesson, Story};

/// What happens in moment `index` of a step of `project`.
pub fn sentence(project: &Project, story: &Story, index: usize) -> String {
    let Some(moment) = MOMENTS.get(index) else { return String::new() };
    match (moment.stage, moment.role) {
        (Stage::Latents, _) => latents(story),
        (Stage::Making, _) => making(story),
        (Stage::Real, _) => {
            let says = said(story, &story.scores.real[0]);
            format!("D sees {} real {} and says {says}: {}.", grouped(story.batch as u64), things(story), wanted_of_real(story))
        }
        (Stage::Fake, _) => {
            let says = said(story, &story.scores.fake[0]);
            format!("D sees the {} {} that G made and says {says}: {}.", grouped(story.batch as u64), things(story), wanted_of_fake(story))
        }
        (Stage::Losses, Role::Discriminator) => d_loss(story),
        (Stage::Losses, Role::Generator) => g_loss(story),
        (Stage::Gradients, Role::Discriminator) => {
            format!(
                "D's loss changes with D's weights: the gradient is {} long{}.",
                number(story.discriminator.gradient()),
                steepest(project, Role::Discriminator, &story.discriminator)
            )
        }
        (Stage::Gradients, Role::Generator) => {
            let (thing, steepest) = (thing(story), steepest(project, Role::Generator, &story.generator));
            format!(
                "Each {thing} is pushed so that G's loss falls. Through G's weights, the gradient is {} long{steepest}.",
                number(story.generator.gradient())
            )
        }
        (Stage::Updates, Role::Discriminator) => d_update(story),
        (Stage::Updates, Role::Generator) => g_update(story),
    }
}

fn latents(story: &Story) -> String {
    let first: Vec<String> = story.latents.iter().take(story.latent_size.min(3)).map(|value| number(*value)).collect();
    let more = if story.latent_size > 3 { ", …" } else { "" };
    let numbers = if story.latent_size == 1 { "number" } else { "numbers" };
    let count = grouped(story.batch as u64);
    format!("{count} latent vectors of {} random {numbers} are drawn. The first is ({}{more}).", story.latent_size, first.join(", "))
}

fn making(story: &Story) -> String {
    let thing = thing(story);
    match story.points(&story.made).first() {
        Some([x, y]) => format!("G makes a {thing} of each latent vector. The first is at ({}, {}).", number(*x), number(*y)),
        None => format!("G makes a {thing} of each latent vector: {} of them.", grouped(story.batch as u64)),
    }
}

fn d_loss(story: &Story) -> String {
    let lesson = &story.discriminator;
    let parts = match lesson.parts {
        Some([real, fake]) => format!("From real {} comes {}, from generated ones {}: ", things(story), number(real), number(fake)),
        None => "Each pair of a real and a generated sample counts: ".to_owned(),
    };
    let penalty = if lesson.penalty != 0.0 { format!(", and a penalty of {}", number(lesson.penalty)) } else { String::new() };
    let guess = Equilibrium::of(story.loss, story.smoothing).map(|rest| format!(" Who only guesses has {}.", number(rest.guessing)));
    let guess = guess.unwrap_or_default();
    format!("{parts}D's loss is {}{penalty}.{guess}", number(lesson.loss))
}

fn g_loss(story: &Story) -> String {
    let says = said(story, &story.scores.made[0]);
    let wish = match story.loss {
        Loss::NonSaturating | Loss::Minimax | Loss::LeastSquares => "G wants 1",
        _ => "G wants more",
    };
    format!("D as it is now says {says} of what G made. {wish}: G's loss is {}.", number(story.generator.loss))
}

fn d_update(story: &Story) -> String {
    let [real, fake] = [&story.scores.real, &story.scores.fake].map(|scores| change(scores.each_ref().map(|scores| story.mean(scores))));
    let lesson = &story.discriminator;
    let share = percent(lesson.update());
    let loss = change([lesson.loss, lesson.after]);
    format!("D's weights move by {share}. What it says of real ones goes {real}, of generated ones {fake}; its loss {loss}.")
}

fn g_update(story: &Story) -> String {
    let lesson = &story.generator;
    let says = change(story.scores.made.each_ref().map(|scores| story.mean(scores)));
    let share = percent(lesson.update());
    let loss = change([lesson.loss, lesson.after]);
    format!(
        "G's weights move by {share}. Of the same latent vectors it makes other {}: what D says goes {says}, G's loss {loss}.",
        things(story)
    )
}

fn thing(story: &Story) -> &'static str {
    if story.shape == Shape::vector(2) { "point" } else { "picture" }
}

fn things(story: &Story) -> &'static str {
    if story.shape == Shape::vector(2) { "points" } else { "pictures" }
}

fn said(story: &Story, scores: &[f32]) -> String {
    format!("{} on average", number(story.mean(scores)))
}

/// What the discriminator should say of real samples.
fn wanted_of_real(story: &Story) -> String {
    match story.loss {
        Loss::NonSaturating | Loss::Minimax | Loss::LeastSquares => {
            format!("it should say {}", reading_of_target(1.0 - story.smoothing.real))
        }
        Loss::Hinge => "it should say 1 or more".to_owned(),
        Loss::Wasserstein => "the higher, the better".to_owned(),
        Loss::RelativisticPaired | Loss::RelativisticAverage => "it should say more than of generated ones".to_owned(),
    }
}

/// What it should say of generated ones.
fn wanted_of_fake(story: &Story) -> String {
    match story.loss {
        Loss::NonSaturating | Loss::Minimax | Loss::LeastSquares => {
            format!("it should say {}", reading_of_target(story.smoothing.fake))
        }
        Loss::Hinge => "it should say −1 or less".to_owned(),
        Loss::Wasserstein => "the lower, the better".to_owned(),
        Loss::RelativisticPaired | Loss::RelativisticAverage => "it should say less than of real ones".to_owned(),
    }
}

fn reading_of_target(target: f32) -> String {
    format!("{target:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn steepest(project: &Project, role: Role, lesson: &Lesson) -> String {
    let Some(layer) = lesson.steepest().filter(|_| lesson.layers.len() > 1) else { return String::new() };
    let place = project.stack(role).layers.iter().position(|other| other.id == layer.id);
    let Some((index, name)) = place.and_then(|index| Some((index, project.stack(role).layers.get(index)?.layer.name()))) else {
        return String::new();
    };
    format!(", most of it in layer {}, {name} ({})", index + 1, number(layer.gradient))
}

fn change([before, after]: [f32; 2]) -> String {
    format!("from {} to {}", number(before), number(after))
}

fn percent(share: f32) -> String {
    format!("{} %", number(100.0 * share))
}

fn number(value: f32) -> String {
    reading(f64::from(value))
}
