//! Layers that do nothing, too little, or the same again.

use super::{Chain, Finding, Fix, Layer, Link, Severity, View};
use crate::spec::lint::nature::UNBOUNDED;
use crate::spec::{Place, Role};

/// The generator's gradient comes through the discriminator, and nothing comes through where a ReLU is silent.
pub fn relu_in_the_discriminator(view: &View<'_>, found: &mut Vec<Finding>) {
    let chain = &view.discriminator;
    let why = "Where a ReLU is silent it passes no gradient, and all that the generator learns comes through the discriminator. LeakyReLU, \
               which lets a little through, works better there (Radford et al., 2015, section 3).";
    for link in chain.links.iter().filter(|link| link.layer.is_silent_below_zero()) {
        let what = format!("{} in the discriminator, where LeakyReLU is usual", link.layer.name());
        let fix = Fix::new("LeakyReLU", vec![chain.replace(link, Layer::leaky_relu())]);
        found.push(Finding::new("relu-in-discriminator", Severity::Advice, chain.place(link), what, why).with(fix));
    }
}

/// Layers that change nothing, by their parameters or because of what comes before them.
pub fn without_effect(view: &View<'_>, found: &mut Vec<Finding>) {
    for chain in view.chains() {
        let mut range = UNBOUNDED;
        for link in &chain.links {
            let name = link.layer.name();
            let what = if link.layer.does_nothing() {
                Some(format!("{name} does nothing with these parameters"))
            } else if link.layer.keeps_positive() && range.0 >= 0.0 {
                Some(format!("{name} changes nothing: what it gets is never below zero"))
            } else {
                None
            };
            if let Some(what) = what {
                let why = "A layer without effect costs time and memory, and hides what the network really does.";
                let fix = Fix::new(format!("Remove {name}"), vec![chain.remove(link)]);
                found.push(Finding::new("layer-without-effect", Severity::Advice, chain.place(link), what, why).with(fix));
            }
            range = link.layer.range_after(range);
        }
    }
}

/// Two nonlinearities, one right after the other.
pub fn activations_in_a_row(view: &View<'_>, found: &mut Vec<Finding>) {
    for chain in view.chains() {
        for (first, second) in chain.pairs() {
            let both = first.layer.is_activation() && second.layer.is_activation();
            if !both || first.layer.does_nothing() || second.layer.does_nothing() || second.layer.keeps_positive() {
                continue;
            }
            let (before, after) = (first.layer.name(), second.layer.name());
            let what = format!("{before} right before {after}: two activations without weights between them");
            let why = "The second only bends once more what the first bent already, and each takes gradient away. One is enough.";
            let fix = Fix::new(format!("Remove {before}"), vec![chain.remove(first)]);
            found.push(Finding::new("activations-in-a-row", Severity::Advice, chain.place(first), what, why).with(fix));
        }
    }
}

/// A bias that the next layer takes away again.
pub fn useless_bias(view: &View<'_>, found: &mut Vec<Finding>) {
    for chain in view.chains() {
        for (first, second) in chain.pairs() {
            if !(first.layer.mixes() && first.layer.has_bias() && second.layer.removes_bias()) {
                continue;
            }
            let what = format!("the bias of {} is taken away again by the {} after it", first.layer.name(), second.layer.name());
            let why = "Batch normalisation subtracts the mean of each channel, and the bias with it, and adds an offset of its own (Ioffe and \
                       Szegedy, 2015, section 3.2).";
            let fix = Fix::new("Without bias", vec![chain.replace(first, first.layer.clone().without_bias())]);
            found.push(Finding::new("useless-bias", Severity::Advice, chain.place(first), what, why).with(fix));
        }
    }
}

/// A whole network that is one linear map.
pub fn linear_network(view: &View<'_>, found: &mut Vec<Finding>) {
    for chain in view.chains() {
        if chain.mixers().count() < 2 || bends_inside(chain) {
            continue;
        }
        let what = format!("the {} has no activation between its layers", chain.role.name());
        let why =
            "Without a nonlinearity between them any number of layers can do no more than one: a sum of weighted sums is a weighted sum.";
        let fix = Fix::new("Add activations", add_activations(view, chain, &unbent_pairs(chain)));
        found.push(Finding::new("linear-network", Severity::Warning, Place::Input(chain.role), what, why).with(fix));
    }
}

/// Two layers that are like one, in a network that is not linear as a whole.
pub fn linear_pair(view: &View<'_>, found: &mut Vec<Finding>) {
    for chain in view.chains().into_iter().filter(|chain| bends_inside(chain)) {
        for pair in unbent_pairs(chain) {
            let (first, second) = (&pair.0, &pair.1);
            let what = format!("no activation between {} and the {} after it", first.layer.name(), second.layer.name());
            let why = "Without a nonlinearity between them two layers can do no more than one of the right size.";
            let activation = activation_of(chain).name();
            let fix = Fix::new(format!("Add {activation}"), add_activations(view, chain, &[pair]));
            found.push(Finding::new("linear-pair", Severity::Advice, chain.place(first), what, why).with(fix));
        }
    }
}

/// Does anything bend between the first and the last layer that mix values?
fn bends_inside(chain: &Chain<'_>) -> bool {
    let first = chain.links.iter().position(|link| link.layer.mixes()).unwrap_or(0);
    let last = chain.last_mixer().unwrap_or(0);
    chain.links.iter().take(last).skip(first).any(|link| link.layer.bends())
}

/// Layers that mix values, and the next one that does, with nothing between them that bends. Convolutions in groups make separable ones,
/// whose halves belong together.
fn unbent_pairs<'a>(chain: &Chain<'a>) -> Vec<(Link<'a>, Link<'a>)> {
    let mut pairs = Vec::new();
    let mut before: Option<&Link<'a>> = None;
    for link in &chain.links {
        if link.layer.mixes() {
            if let Some(first) = before.filter(|first| !first.layer.sees_groups() && !link.layer.sees_groups()) {
                pairs.push((*first, *link));
            }
            before = Some(link);
        }
        if link.layer.bends() {
            before = None;
        }
    }
    pairs
}

/// After the first of each pair, and after what normalises it.
fn add_activations(view: &View<'_>, chain: &Chain<'_>, pairs: &[(Link<'_>, Link<'_>)]) -> Vec<crate::spec::Edit> {
    let place = |(first, _): &(Link<'_>, Link<'_>)| {
        let normaliser = chain.links.iter().find(|link| link.index > first.index && link.layer.normalises());
        let normaliser = normaliser.filter(|link| !chain.mixers().any(|mixer| (first.index + 1..link.index).contains(&mixer.index)));
        (normaliser.map_or(first.index, |link| link.index) + 1, activation_of(chain))
    };
    chain.insert(view, pairs.iter().map(place).collect())
}

/// The activation that is used inside a network already, or else the usual one.
fn activation_of(chain: &Chain<'_>) -> Layer {
    let last = chain.last_mixer().unwrap_or(0);
    let used = chain.links.iter().take(last).find(|link| link.layer.is_activation() && link.layer.bends());
    used.map_or_else(
        || match chain.role {
            Role::Generator => Layer::Relu,
            Role::Discriminator => Layer::leaky_relu(),
        },
        |link| link.layer.clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{found, indices, inserted, kinds, mended, preset, silent, with};
    use super::*;
    use crate::spec::{Padding, Size, UpsampleMode};

    #[test]
    fn relu_is_for_the_generator() {
        let rule = "relu-in-discriminator";
        assert_eq!(indices(&preset("seed28"), Role::Discriminator, rule), [1, 3]);
        assert_eq!(indices(&preset("seed28"), Role::Generator, rule), [0; 0]);
        silent(&preset("dcgan28"), rule);
        let one = with("mlp", Role::Discriminator, [Layer::dense(8), Layer::Relu, Layer::dense(1)]);
        let after = mended(&one, rule, Severity::Advice);
        assert_eq!(kinds(&after.discriminator), ["Dense", "LeakyReLU", "Dense"]);
    }

    #[test]
    fn layers_that_change_nothing_are_found() {
        let rule = "layer-without-effect";
        let one = Size::square(1);
        for layer in [
            Layer::Dropout { rate: 0.0 },
            Layer::LeakyRelu { slope: 1.0 },
            Layer::Upsample { factor: one, mode: UpsampleMode::Nearest },
            Layer::MaxPool { size: one, stride: one, padding: Padding::Valid },
            // After the ReLU before it.
            Layer::Relu,
            Layer::leaky_relu(),
            Layer::Elu { alpha: 1.0 },
        ] {
            let project = inserted("mlp", Role::Generator, 2, layer);
            assert_eq!(indices(&project, Role::Generator, rule), [2]);
            assert_eq!(kinds(&mended(&project, rule, Severity::Advice).generator), kinds(&preset("mlp").generator));
        }
        let after_sigmoid = with("mlp", Role::Generator, [Layer::dense(8), Layer::Sigmoid, Layer::Flatten, Layer::Relu, Layer::dense(2)]);
        assert_eq!(indices(&after_sigmoid, Role::Generator, rule), [3]);
        silent(&inserted("mlp", Role::Generator, 2, Layer::Dropout { rate: 0.1 }), rule);
        silent(&with("mlp", Role::Generator, [Layer::dense(8), Layer::Tanh, Layer::Relu, Layer::dense(2)]), rule);
    }

    #[test]
    fn two_activations_in_a_row_are_one_too_many() {
        let rule = "activations-in-a-row";
        let project = inserted("mlp", Role::Generator, 2, Layer::Tanh);
        assert_eq!(indices(&project, Role::Generator, rule), [1]);
        assert_eq!(kinds(&mended(&project, rule, Severity::Advice).generator), ["Dense", "Tanh", "Dense", "ReLU", "Dense"]);
        silent(&inserted("mlp", Role::Generator, 2, Layer::batch_norm()), rule);
        let again = inserted("mlp", Role::Generator, 2, Layer::Relu);
        silent(&again, rule);
    }

    #[test]
    fn batch_normalisation_needs_no_bias_before_it() {
        let rule = "useless-bias";
        assert_eq!(indices(&preset("shapes"), Role::Generator, rule), [4, 7], "not before Reshape, after which channels are others");
        silent(&preset("dcgan64"), rule);
        let one = with("mlp", Role::Generator, [Layer::dense(8), Layer::batch_norm(), Layer::Relu, Layer::dense(2)]);
        let after = mended(&one, rule, Severity::Advice);
        assert_eq!(after.generator.layers[0].layer, Layer::dense(8).without_bias());
        silent(&with("mlp", Role::Generator, [Layer::dense(8), Layer::LayerNorm { epsilon: 1e-5 }, Layer::Relu, Layer::dense(2)]), rule);
    }

    #[test]
    fn a_network_without_activations_is_one_linear_map() {
        let rule = "linear-network";
        let linear = with("mlp", Role::Generator, [Layer::dense(8), Layer::batch_norm(), Layer::dense(8), Layer::dense(2)]);
        let all = found(&linear, rule);
        assert_eq!((all.len(), all[0].place), (1, Place::Input(Role::Generator)));
        let after = mended(&linear, rule, Severity::Warning);
        assert_eq!(kinds(&after.generator), ["Dense", "BatchNorm", "ReLU", "Dense", "ReLU", "Dense"]);
        silent(&with("mlp", Role::Generator, [Layer::dense(2)]), rule);
        silent(&preset("mlp"), rule);
    }

    #[test]
    fn two_layers_without_an_activation_between_them_are_like_one() {
        let rule = "linear-pair";
        let layers = [Layer::dense(8), Layer::leaky_relu(), Layer::dense(8), Layer::dense(1)];
        let project = with("mlp", Role::Discriminator, layers);
        assert_eq!(indices(&project, Role::Discriminator, rule), [2]);
        let after = mended(&project, rule, Severity::Advice);
        assert_eq!(kinds(&after.discriminator), ["Dense", "LeakyReLU", "Dense", "LeakyReLU", "Dense"]);
        let mut depthwise = Layer::conv(3, 3, 1, 1);
        if let Layer::Conv2d { groups, .. } = &mut depthwise {
            *groups = 3;
        }
        silent(&inserted("shapes", Role::Discriminator, 0, depthwise), rule);
        silent(&preset("shapes"), rule);
    }
}
