//! Which network is the generator and which the discriminator.

use super::lower::{Lowered, PartKind};
use super::trace::{Traced, trace};
use crate::code::eval::Machine;
use crate::code::layers::Piece;
use crate::spec::{Layer, Resample, Role};

/// A network that was chosen.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Where it comes from.
    pub traced: Traced,
    /// What it is made of.
    pub lowered: Lowered,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Choice {
    /// The generator.
    pub generator: Option<Chosen>,
    /// The discriminator.
    pub discriminator: Option<Chosen>,
    /// The numbers of networks that hold both.
    pub combined: Vec<usize>,
    /// Others that could have been chosen as well: their role, what they are called, their line.
    pub others: Vec<(Role, String, usize)>,
}

struct Candidate {
    chosen: Chosen,
    named: Option<Role>,
    combined: bool,
}

/// Chooses among everything that the script makes.
pub fn choose(machine: &mut Machine<'_>) -> Choice {
    let traced = trace(machine);
    let named: Vec<(usize, Option<Role>)> = traced.iter().map(|traced| (traced.id, role_by_names(traced))).collect();
    let mut candidates = Vec::new();
    let mut choice = Choice::default();
    for traced in traced {
        let lowered = super::lower::lower(machine, &traced.path);
        if !lowered.layers().any(Layer::has_weights) {
            continue;
        }
        let holds = |role: Role| traced.inside.iter().any(|id| named.iter().any(|known| known == &(*id, Some(role))));
        let combined = holds(Role::Generator) && holds(Role::Discriminator);
        if combined {
            choice.combined.push(traced.id);
        }
        let named = role_by_names(&traced);
        candidates.push(Candidate { chosen: Chosen { traced, lowered }, named, combined });
    }
    for role in Role::BOTH {
        let best = best(&candidates, role, &choice);
        let Some(best) = best else { continue };
        let own = &candidates[best].chosen;
        let chosen = own.clone();
        let is_part = |of: &Chosen| candidates.iter().any(|other| other.chosen.traced.inside.contains(&of.traced.id));
        let is_other = |candidate: &&Candidate| {
            score(candidate, role) >= 6 && !same_layers(&candidate.chosen, own) && !is_part(&candidate.chosen) && !candidate.combined
        };
        let others: Vec<(Role, String, usize)> = candidates
            .iter()
            .filter(is_other)
            .map(|candidate| (role, label(&candidate.chosen.traced), candidate.chosen.traced.line))
            .collect();
        choice.others.extend(others);
        match role {
            Role::Generator => choice.generator = Some(chosen),
            Role::Discriminator => choice.discriminator = Some(chosen),
        }
    }
    choice
}

/// The best candidate for a role; the first among equals.
fn best(candidates: &[Candidate], role: Role, choice: &Choice) -> Option<usize> {
    let taken = choice.generator.as_ref().map(|chosen| chosen.traced.id);
    let mut best: Option<(i32, usize, usize)> = None;
    for (at, candidate) in candidates.iter().enumerate() {
        let is_taken = taken == Some(candidate.chosen.traced.id);
        let worth = score(candidate, role);
        // A part of another network of that role is not the whole.
        let is_part = || {
            let id = candidate.chosen.traced.id;
            candidates.iter().any(|other| !other.combined && other.chosen.traced.inside.contains(&id) && score(other, role) >= worth.max(6))
        };
        if candidate.combined || is_taken || worth <= 0 || is_part() {
            continue;
        }
        let gaps = candidate.chosen.lowered.gaps();
        if best.is_none_or(|(known, known_gaps, _)| worth > known || (worth == known && gaps < known_gaps)) {
            best = Some((worth, gaps, at));
        }
    }
    best.map(|(_, _, at)| at)
}

/// How well a candidate suits a role: what it is called counts more than what it looks like.
fn score(candidate: &Candidate, role: Role) -> i32 {
    let traced = &candidate.chosen.traced;
    let says = |name: &str, worth: i32| match role_of(name) {
        Some(said) if said == role => worth,
        Some(_) => -worth,
        None => 0,
    };
    let own = traced.given.iter().map(|name| says(name, 8)).max_by_key(|worth| worth.abs()).unwrap_or(0);
    let class = traced.class.as_deref().map_or(0, |name| says(name, 6));
    let maker = traced.makers.iter().rev().map(|name| says(name, 4)).find(|&worth| worth != 0).unwrap_or(0);
    let looks = match looks_like(&candidate.chosen.lowered) {
        Some(looks) if looks == role => 3,
        Some(_) => -3,
        None => 0,
    };
    let whole = if candidate.named.is_none() && traced.given.iter().chain(&traced.makers).any(|name| is_whole(name)) { -5 } else { 0 };
    own + class + maker + looks + whole
}

fn same_layers(a: &Chosen, b: &Chosen) -> bool {
    a.lowered.layers().eq(b.lowered.layers())
}

fn label(traced: &Traced) -> String {
    traced.given.last().or(traced.class.as_ref()).or(traced.makers.last()).cloned().unwrap_or_else(|| "a network".to_owned())
}

fn role_by_names(traced: &Traced) -> Option<Role> {
    let own = traced.given.iter().find_map(|name| role_of(name));
    own.or_else(|| traced.class.as_deref().and_then(role_of)).or_else(|| traced.makers.iter().rev().find_map(|name| role_of(name)))
}

/// The words of a name, in lower case: `netG` is `net` and `g`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut was_lower = false;
    for letter in name.chars() {
        if !letter.is_alphabetic() {
            words.push(String::new());
            was_lower = false;
            continue;
        }
        if letter.is_uppercase() && was_lower || words.is_empty() {
            words.push(String::new());
        }
        was_lower = letter.is_lowercase();
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The role that a name says.
pub fn role_of(name: &str) -> Option<Role> {
    const GENERATOR: [&str; 7] = ["generator", "gen", "g", "netg", "gnet", "gens", "generater"];
    const DISCRIMINATOR: [&str; 10] =
        ["discriminator", "disc", "d", "netd", "dnet", "critic", "dis", "discrim", "discriminater", "descriminator"];
    // Names of layers end so, and say nothing of a discriminator.
    let name = ["1d", "2d", "3d", "1D", "2D", "3D"].iter().fold(name.to_owned(), |name, size| name.replace(size, " "));
    let words = words(&name);
    let lower = name.to_lowercase();
    let has = |known: &[&str], part: &[&str]| {
        words.iter().any(|word| known.contains(&word.as_str())) || part.iter().any(|part| lower.contains(part))
    };
    match (has(&GENERATOR, &["generator", "netg"]), has(&DISCRIMINATOR, &["discrim", "critic", "netd"])) {
        (true, false) => Some(Role::Generator),
        (false, true) => Some(Role::Discriminator),
        _ => None,
    }
}

/// Is it the name of both networks together?
fn is_whole(name: &str) -> bool {
    words(name).iter().any(|word| matches!(word.as_str(), "gan" | "combined" | "adversarial" | "dcgan" | "wgan" | "lsgan" | "stacked"))
}

/// The role that a network's layers suggest.
fn looks_like(lowered: &Lowered) -> Option<Role> {
    let enlarges = lowered.layers().any(|layer| {
        matches!(
            layer,
            Layer::ConvTranspose2d { .. }
                | Layer::Upsample { .. }
                | Layer::PixelShuffle { .. }
                | Layer::Residual { resample: Resample::Up, .. }
        )
    });
    let last = lowered.layers().rev().find(|layer| layer.has_weights())?;
    let ends_in_picture = lowered.parts.last().is_some_and(|part| match &part.kind {
        PartKind::Piece(Piece::View { dims, .. }) => dims.len() > 1,
        PartKind::Piece(Piece::Layer(Layer::Reshape { .. } | Layer::Tanh)) => true,
        _ => false,
    });
    match last {
        Layer::Dense { units: 1, .. } => Some(Role::Discriminator),
        _ if enlarges || ends_in_picture => Some(Role::Generator),
        Layer::Conv2d { filters: 1, .. } => Some(Role::Discriminator),
        Layer::Dense { units, .. } if *units > 1 => Some(Role::Generator),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_roles() {
        for name in
            ["generator", "netG", "G", "g_model", "define_generator", "make_generator_model", "DCGANGenerator", "gen", "G_net", "modelG"]
        {
            assert_eq!(role_of(name), Some(Role::Generator), "{name}");
        }
        for name in ["discriminator", "netD", "D", "d_model", "build_discriminator", "Critic", "disc", "Discriminator64", "critic_model"] {
            assert_eq!(role_of(name), Some(Role::Discriminator), "{name}");
        }
        for name in [
            "WSConv2d",
            "SNConv2D",
            "norm1d",
            "gan",
            "combined",
            "model",
            "d_on_g",
            "generator_containing_discriminator",
            "adversarial_model",
            "main",
            "block",
        ] {
            assert_eq!(role_of(name), None, "{name}");
        }
    }
}
