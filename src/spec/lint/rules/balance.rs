//! How deep, how strong and how rich the networks are.

use super::{Finding, Fix, Layer, Severity, View};
use crate::spec::{Edit, Place, Role, Shape};

/// From so many layers that mix values on a generator of pictures is deep.
const DEEP: usize = 3;

/// A deep generator of pictures without any normalisation.
pub fn no_normalisation(view: &View<'_>, found: &mut Vec<Finding>) {
    let chain = &view.generator;
    let is_deep = chain.mixers().count() >= DEEP && chain.is_spatial();
    if !is_deep || chain.links.iter().any(|link| link.layer.normalises()) {
        return;
    }
    let hidden = chain.links.iter().take(chain.last_mixer().unwrap_or(0));
    let spatial: Vec<_> = hidden.filter(|link| link.layer.mixes() && link.output.is_some_and(|shape| !shape.is_vector())).collect();
    // What is normalised needs no bias.
    let mut edits: Vec<Edit> =
        spatial.iter().filter(|link| link.layer.has_bias()).map(|link| chain.replace(link, link.layer.clone().without_bias())).collect();
    edits.extend(chain.insert(view, spatial.iter().map(|link| (link.index + 1, Layer::batch_norm())).collect()));
    let what = "no layer of the generator normalises";
    let why = "Batch normalisation kept deep generators from collapsing all samples to a single point, and helped gradients through poor \
               starts (Radford et al., 2015, section 3).";
    let fix = Fix::new("Add BatchNorm", edits);
    found.push(Finding::new("no-normalisation", Severity::Advice, Place::Input(Role::Generator), what, why).with(fix));
}

/// One network has so many times the weights of the other. Much of a generator's weights are in its first layer and say little about
/// its strength, so that only what is far apart counts.
const FAR_APART: f64 = 100.0;

/// A discriminator far stronger or far weaker than the generator.
pub fn unequal_networks(view: &View<'_>, found: &mut Vec<Finding>) {
    let [generator, discriminator] = Role::BOTH.map(|role| view.project.stack(role).cost().parameters as f64);
    if generator == 0.0 || discriminator == 0.0 {
        return;
    }
    let is_stronger = discriminator > generator;
    let ratio = if is_stronger { discriminator / generator } else { generator / discriminator };
    if ratio < FAR_APART {
        return;
    }
    let which = if is_stronger {
        "the discriminator has {} times the weights of the generator"
    } else {
        "the generator has {} times the weights of the discriminator"
    };
    let what = which.replace("{}", &format!("{ratio:.0}"));
    let why = "Each network learns from the other. A discriminator somewhat larger than the generator is usual (Goodfellow, 2016, section 4.4), \
               but one that is far stronger is sure of everything at once, and one that is far weaker has nothing to teach.";
    let finding = Finding::new("unequal-networks", Severity::Advice, Place::Input(Role::Discriminator), what, why);
    found.push([2, 4, 8, 16].into_iter().fold(finding, |finding, times| finding.with(scaled(view, is_stronger, times))));
}

/// The discriminator's hidden layers so many times narrower or wider.
fn scaled(view: &View<'_>, narrower: bool, times: usize) -> Fix {
    let chain = &view.discriminator;
    let last = chain.last_mixer().unwrap_or(0);
    let edits: Vec<Edit> = chain
        .links
        .iter()
        .take(last)
        .filter_map(|link| {
            let width = link.layer.width()?;
            let width = if narrower { width.div_ceil(times) } else { width.saturating_mul(times) };
            Some(chain.replace(link, link.layer.clone().with_width(width)))
        })
        .collect();
    let word = if narrower { "narrower" } else { "wider" };
    Fix::new(format!("Discriminator {times} × {word}"), edits).left_to_choose()
}

/// Too few random numbers to make different samples of, or more than can be of use.
pub fn latent_size(view: &View<'_>, found: &mut Vec<Finding>) {
    let Shape { channels: size, .. } = view.project.generator.input;
    let is_points = view.project.data.is_points();
    let (severity, what, why) = if size == 1 {
        (
            Severity::Warning,
            "a latent vector of a single number".to_owned(),
            "One number can only move along a line, so all samples lie on one curve.",
        )
    } else if (2..8).contains(&size) && !is_points {
        (
            Severity::Advice,
            format!("latent vectors of only {size} numbers"),
            "Every way in which samples may differ needs room in the latent vector; 32 to 128 numbers are usual for small pictures. Very few \
             are of use to draw all samples on a plane.",
        )
    } else if size > 1024 {
        (
            Severity::Advice,
            format!("latent vectors of {size} numbers"),
            "Data vary in far fewer ways; the first layer has to learn to ignore the rest. 100 to 512 are usual even for large pictures.",
        )
    } else {
        return;
    };
    let usual = if is_points { 16 } else { 100 };
    let edit = Edit::SetInput { role: Role::Generator, shape: Shape::vector(usual) };
    let fix = Fix::new(format!("Latent size {usual}"), vec![edit]);
    let fix = if severity == Severity::Advice { fix.left_to_choose() } else { fix };
    found.push(Finding::new("latent-size", severity, Place::Input(Role::Generator), what, why).with(fix));
}

#[cfg(test)]
mod tests {
    use super::super::testing::{found, kinds, mended, preset, silent, with};
    use super::*;
    use crate::spec::Project;

    #[test]
    fn a_deep_generator_of_pictures_wants_normalisation() {
        let rule = "no-normalisation";
        let after = mended(&preset("seed28"), rule, Severity::Advice);
        assert_eq!(
            kinds(&after.generator),
            ["Dense", "ReLU", "Reshape", "ConvTranspose2d", "BatchNorm", "ReLU", "ConvTranspose2d", "BatchNorm", "ReLU", "Conv2d", "Tanh"]
        );
        assert_eq!(after.faults(), []);
        silent(&preset("ring8"), rule);
        silent(&preset("dcgan28"), rule);
    }

    #[test]
    fn networks_far_apart_in_strength_are_found() {
        let rule = "unequal-networks";
        let strong = with(
            "ring8",
            Role::Discriminator,
            [Layer::dense(2048), Layer::leaky_relu(), Layer::dense(2048), Layer::leaky_relu(), Layer::dense(1)],
        );
        let after = mended(&strong, rule, Severity::Advice);
        let [generator, discriminator] = Role::BOTH.map(|role| after.stack(role).cost().parameters);
        assert!(discriminator < 100 * generator);
        let weak = with("dcgan28", Role::Discriminator, [Layer::conv(4, 3, 2, 1), Layer::leaky_relu(), Layer::Flatten, Layer::dense(1)]);
        assert!(found(&weak, rule)[0].what.starts_with("the generator has"));
        mended(&weak, rule, Severity::Advice);
        silent(&preset("dcgan28"), rule);
    }

    fn latent(name: &str, size: usize) -> Project {
        let mut project = preset(name);
        Edit::SetInput { role: Role::Generator, shape: Shape::vector(size) }.apply(&mut project).unwrap();
        project
    }

    #[test]
    fn latent_vectors_have_a_sensible_size() {
        let rule = "latent-size";
        for name in ["digits", "ring8"] {
            mended(&latent(name, 1), rule, Severity::Warning);
            silent(&latent(name, 8), rule);
            silent(&latent(name, 512), rule);
            mended(&latent(name, 2000), rule, Severity::Advice);
        }
        silent(&latent("ring8", 2), rule);
        mended(&latent("digits", 2), rule, Severity::Advice);
    }
}
