//! Which loss a script trains with.

use super::Networks;
use super::patterns::Found;
use crate::code::eval::{Machine, Note, Value, last_part};
use crate::spec::{Loss, Regularisation, Role, USUAL_CLIP, USUAL_GRADIENT_PENALTY};

/// Names that scripts give to the bound of clipped weights.
const CLIP: [&str; 9] = [
    "clip_value",
    "weight_clip",
    "weight_cliping_limit",
    "weight_clipping_limit",
    "clip",
    "clip_val",
    "weight_clip_value",
    "c",
    "clip_const",
];

/// Names that scripts give to the weight of the gradient penalty.
const PENALTY: [&str; 15] = [
    "gradient_penalty",
    "lambda_gp",
    "gp_weight",
    "gp_lambda",
    "gp_coeff",
    "gp_coef",
    "lambda_term",
    "gradient_penalty_weight",
    "gradient_penalty_factor",
    "grad_penalty_weight",
    "penalty_weight",
    "lambda_pen",
    "c_lambda",
    "lambda_",
    "lambda",
];

/// Names that scripts give to the weight of R1.
const R1: [&str; 7] = ["r1", "r1_gamma", "gamma_r1", "lambda_r1", "r1_weight", "r1_lambda", "r1_reg_weight"];

/// Weights of penalties that can be meant.
const WEIGHTS: std::ops::RangeInclusive<f64> = 1e-6..=1e4;

/// Bounds that can be meant.
const BOUNDS: std::ops::RangeInclusive<f64> = 1e-6..=10.0;

/// The loss, and what the discriminator is kept in bounds by.
pub fn read(machine: &Machine<'_>, found: &Found, networks: &Networks<'_>, notes: &mut Vec<Note>) -> (Loss, Regularisation) {
    let loss = objective(machine, found, networks, notes);
    let weight = |names: &[&str], usual: f32| number(machine, names, &WEIGHTS).map_or(usual, |weight| weight as f32);
    let mut rules = Regularisation::default();
    if found.penalty.is_some() {
        rules.gradient_penalty = weight(&PENALTY, USUAL_GRADIENT_PENALTY);
    }
    if found.r1.is_some() {
        rules.r1 = weight(&R1, USUAL_GRADIENT_PENALTY);
    }
    // A script that punishes gradients does not clip weights as well, though it may have a name for the bound left over.
    if loss == Loss::Wasserstein && !rules.bounds_slope() {
        let written = found.clip.and_then(|(_, bound)| bound).filter(|bound| BOUNDS.contains(bound));
        rules.clip = written.or_else(|| number(machine, &CLIP, &BOUNDS)).map_or(USUAL_CLIP, |bound| bound as f32);
    }
    (loss, rules)
}

/// The loss, by the surest sign there is.
fn objective(machine: &Machine<'_>, found: &Found, networks: &Networks<'_>, notes: &mut Vec<Note>) -> Loss {
    let mut note = |line: usize, what: &str, why: &str| notes.push(Note { line, what: what.to_owned(), why: why.to_owned() });
    let compiled = compiled_loss(machine, networks);
    if compiled == Some(Loss::Wasserstein) {
        return Loss::Wasserstein;
    }
    // A loss that is written out is meant, even where another one stands in the script.
    if found.hinge.is_some() {
        return Loss::Hinge;
    }
    let library = library_loss(machine);
    if let (Some(_), None) = (found.squares, compiled.or(library)) {
        return Loss::LeastSquares;
    }
    if let (Some(_), None, None) = (found.logistic, compiled.or(library), found.clip) {
        return Loss::NonSaturating;
    }
    if found.clip.is_some() && compiled.is_none() || (found.wasserstein.is_some() && compiled.or(library).is_none()) {
        return Loss::Wasserstein;
    }
    match compiled.or(library) {
        Some(loss) => loss,
        None if found.penalty.is_some() => Loss::Wasserstein,
        // Two classes, real and generated.
        None if machine.made.iter().any(|made| is_of_classes(made.short())) => Loss::NonSaturating,
        None => {
            note(0, "loss", "none was recognised in the script; binary cross-entropy is taken");
            Loss::NonSaturating
        }
    }
}

/// The first number with one of these names that can be meant.
fn number(machine: &Machine<'_>, names: &[&str], range: &std::ops::RangeInclusive<f64>) -> Option<f64> {
    names.iter().find_map(|wanted| {
        let is = |entry: &&(String, Value, usize)| {
            entry.0.to_lowercase() == *wanted && entry.1.as_float().is_some_and(|number| range.contains(&number))
        };
        machine.numbers.iter().find(is).and_then(|entry| entry.1.as_float())
    })
}

/// The loss that the discriminator is compiled with, or else the generator or both together.
fn compiled_loss(machine: &Machine<'_>, networks: &Networks<'_>) -> Option<Loss> {
    let of = |role: Option<Role>| {
        machine.compiled.iter().find_map(|compiled| {
            let own = compiled.id.and_then(|id| networks.role_of(id));
            if role.is_some() && own != role {
                return None;
            }
            let value = compiled.arguments.get(1, &["loss", "loss_fn", "d_loss_fn"])?;
            let first = value.items().and_then(|items| items.first().cloned()).unwrap_or_else(|| value.clone());
            loss_of(&first)
        })
    };
    of(Some(Role::Discriminator)).or_else(|| of(Some(Role::Generator))).or_else(|| of(None))
}

fn loss_of(value: &Value) -> Option<Loss> {
    match value {
        Value::Text(name) => by_name(name),
        Value::Library(name) => by_name(last_part(name)),
        Value::Made(made) => by_name(made.short()),
        Value::Function(function) => by_name(&function.function.name),
        Value::Method(method) => by_name(&method.1.function.name),
        _ => None,
    }
}

/// Cross-entropy over classes, which with two of them is that of a probability.
fn is_of_classes(name: &str) -> bool {
    let name: String = name.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
    matches!(name.trim_end_matches("loss"), "crossentropy" | "categoricalcrossentropy" | "sparsecategoricalcrossentropy" | "nll")
}

/// The loss that a name stands for, in any library.
fn by_name(name: &str) -> Option<Loss> {
    let name: String = name.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
    Some(match name.as_str() {
        "bceloss"
        | "bcewithlogitsloss"
        | "binarycrossentropy"
        | "binarycrossentropywithlogits"
        | "sigmoidcrossentropywithlogits"
        | "sigmoidcrossentropy" => Loss::NonSaturating,
        "mseloss" | "mse" | "meansquarederror" | "leastsquares" => Loss::LeastSquares,
        "hinge" | "hingeloss" => Loss::Hinge,
        name if name.contains("wasserstein") => Loss::Wasserstein,
        _ => return None,
    })
}

/// A loss of a library that is made or called; one that is called adversarial or a criterion counts first.
fn library_loss(machine: &Machine<'_>) -> Option<Loss> {
    let all = || machine.made.iter().filter_map(|made| Some((made, by_name(made.short())?)));
    let is_meant = |name: &String| {
        let name = name.to_lowercase();
        ["adv", "gan", "criterion", "bce", "entropy"].iter().any(|word| name.contains(word))
    };
    all().find(|(made, _)| made.given.borrow().iter().any(is_meant)).or_else(|| all().next()).map(|(_, loss)| loss)
}
