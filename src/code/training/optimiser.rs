//! Optimisers, with the settings that each library has where none are given.

use super::Networks;
use crate::code::eval::{Machine, Made, Note, Value, identity};
use crate::code::layers::{self, Family};
use crate::code::networks::role_of;
use crate::spec::{Optimiser, OptimiserSpec, Role};

type Pair = (Option<OptimiserSpec>, Option<OptimiserSpec>);

/// The optimisers of generator and discriminator, as far as the script names them.
pub fn both(machine: &Machine<'_>, networks: &Networks<'_>, notes: &mut Vec<Note>) -> Pair {
    let mut found: Pair = (None, None);
    // What they are given is the surest sign, then what they are called.
    for (role, made) in by_weights(machine, networks) {
        take(&mut found, role, &made, notes);
    }
    for (role, value, line) in by_compile(machine, networks) {
        take_value(&mut found, role, &value, line, notes);
    }
    for made in optimisers(machine) {
        let role = made.given.borrow().iter().find_map(|name| role_of(name));
        if let Some(role) = role {
            take(&mut found, role, made, notes);
        }
    }
    if found == (None, None)
        && let Some(made) = optimisers(machine).next()
    {
        take(&mut found, Role::Generator, made, notes);
    }
    found
}

fn optimisers<'a>(machine: &'a Machine<'_>) -> impl Iterator<Item = &'a Made> {
    machine.made.iter().map(|made| &**made).filter(|made| rule_name(made.short()).is_some() && layers::family(&made.name).is_some())
}

/// The rule that a name stands for, and whether it is the rule itself.
fn rule_name(name: &str) -> Option<(&'static str, bool)> {
    Some(match name.trim_end_matches("Optimizer").to_lowercase().as_str() {
        "adam" => ("adam", true),
        "adamw" => ("adamw", true),
        "lion" => ("lion", true),
        "nadam" | "adamax" | "radam" | "amsgrad" | "adabelief" => ("adam", false),
        "rmsprop" => ("rmsprop", true),
        "sgd" | "gradientdescent" | "momentum" => ("sgd", true),
        _ => return None,
    })
}

/// PyTorch's optimisers are given the weights that they move.
fn by_weights(machine: &Machine<'_>, networks: &Networks<'_>) -> Vec<(Role, Made)> {
    let mut found = Vec::new();
    for made in optimisers(machine) {
        let Some(first) = made.arguments.get(0, &["params"]) else { continue };
        let items = first.items().unwrap_or_else(|| vec![first.clone()]);
        let weights = items.iter().find_map(|value| if let Value::Weights(of) = value { Some(of) } else { None });
        let role = weights.and_then(|of| {
            let of_network = identity(of).and_then(|id| networks.role_of(id));
            of_network.or_else(|| names(of).iter().find_map(|name| role_of(name)))
        });
        if let Some(role) = role {
            found.push((role, copy(made)));
        }
    }
    found
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Network(network) => network.names.given.borrow().clone(),
        Value::Object(object) => object.names.given.borrow().clone(),
        _ => Vec::new(),
    }
}

/// Keras's `compile`, of a network, or of an object that trains both.
fn by_compile(machine: &Machine<'_>, networks: &Networks<'_>) -> Vec<(Role, Value, usize)> {
    let mut found = Vec::new();
    for compiled in &machine.compiled {
        let role = compiled.id.and_then(|id| networks.role_of(id));
        if let (Some(role), Some(value)) = (role, compiled.arguments.get(0, &["optimizer"])) {
            found.push((role, value.clone(), compiled.line));
        }
        for (name, value) in &compiled.arguments.named {
            if let (None, Some(role), true) = (role, role_of(name), name.contains("opt")) {
                found.push((role, value.clone(), compiled.line));
            }
        }
    }
    found
}

fn take_value(found: &mut Pair, role: Role, value: &Value, line: usize, notes: &mut Vec<Note>) {
    match value {
        Value::Made(made) => take(found, role, made, notes),
        Value::Text(name) => {
            let made = Made {
                name: format!("keras.optimizers.{name}").as_str().into(),
                arguments: crate::code::eval::Arguments::default(),
                line,
                source: name.to_string(),
                start: std::cell::RefCell::default(),
                spectral: std::cell::Cell::default(),
                given: std::cell::RefCell::default(),
            };
            take(found, role, &made, notes);
        }
        _ => {}
    }
}

fn copy(made: &Made) -> Made {
    Made {
        name: made.name.clone(),
        arguments: made.arguments.clone(),
        line: made.line,
        source: made.source.clone(),
        start: std::cell::RefCell::default(),
        spectral: std::cell::Cell::default(),
        given: std::cell::RefCell::default(),
    }
}

/// Keeps the first optimiser that is found for a role.
fn take(found: &mut Pair, role: Role, made: &Made, notes: &mut Vec<Note>) {
    let place = match role {
        Role::Generator => &mut found.0,
        Role::Discriminator => &mut found.1,
    };
    if place.is_none() {
        *place = read(made, notes);
    }
}

/// Settings of optimisers that are read, or change nothing.
#[rustfmt::skip]
const READ: [&str; 17] = [
    "params", "learning_rate", "lr", "betas", "beta_1", "beta_2", "beta1", "beta2", "eps", "epsilon", "rho", "alpha", "momentum", "name",
    "foreach", "fused", "capturable",
];

fn read(made: &Made, notes: &mut Vec<Note>) -> Option<OptimiserSpec> {
    let is_torch = layers::family(&made.name) == Some(Family::Torch);
    let mut note = |what: &str, why: String| notes.push(Note { line: made.line, what: what.to_owned(), why });
    let Some((rule, exact)) = rule_name(made.short()) else {
        note(made.short(), "there is no such optimiser here; Adam is taken".to_owned());
        return None;
    };
    if !exact {
        note(made.short(), "there is no such optimiser here; the nearest, Adam, is taken".to_owned());
    }
    let left = left_out(made, rule);
    if !left.is_empty() {
        note(&format!("{} of {}", left.join(", "), made.short()), "these settings have no counterpart and are left out".to_owned());
    }
    let rate = made.arguments.get(usize::from(is_torch), &["learning_rate", "lr"]);
    let usual_rate = match (rule, is_torch) {
        ("rmsprop", true) | ("sgd", false) => 1e-2,
        _ => 1e-3,
    };
    let learning_rate = learning_rate(rate, usual_rate, &mut note);
    let settings = Settings(made);
    Some(OptimiserSpec { learning_rate, rule: if is_torch { settings.torch_rule(rule) } else { settings.keras_rule(rule) } })
}

/// Settings that a rule has no counterpart for.
fn left_out<'a>(made: &'a Made, rule: &str) -> Vec<&'a str> {
    let decays = matches!(rule, "adamw" | "lion");
    let is_read = |name: &str| READ.contains(&name) || name == "weight_decay" && decays;
    let others = made.arguments.named.iter().filter(|(name, value)| value.as_float() != Some(0.0) && !is_read(name));
    others.map(|(name, _)| name.as_str()).collect()
}

/// What stands in the call that makes an optimiser; a name stands for itself where it has no place.
struct Settings<'a>(&'a Made);

/// The place of what is only named.
const NAMED: usize = usize::MAX;

impl Settings<'_> {
    fn number(&self, place: usize, names: &[&str], usual: f64) -> f32 {
        self.0.arguments.get(place, names).and_then(Value::as_float).unwrap_or(usual) as f32
    }

    /// PyTorch's pair, which stands after the rate.
    fn betas(&self, usual: [f64; 2]) -> [f32; 2] {
        let betas = self.0.arguments.get(2, &["betas"]).and_then(Value::items).unwrap_or_default();
        [0, 1].map(|at| betas.get(at).and_then(Value::as_float).unwrap_or(usual[at]) as f32)
    }

    /// With PyTorch's places and defaults.
    fn torch_rule(&self, rule: &str) -> Optimiser {
        match rule {
            "rmsprop" => Optimiser::RmsProp { alpha: self.number(2, &["alpha"], 0.99), epsilon: self.number(3, &["eps"], 1e-8) },
            "sgd" => Optimiser::Sgd { momentum: self.number(2, &["momentum"], 0.0) },
            // PyTorch has none; those that there are take a pair, or each by its name.
            "lion" => {
                let named = [(["beta_1", "beta1"], 0.9), (["beta_2", "beta2"], 0.99)];
                let [beta1, beta2] = self.betas(named.map(|(names, usual)| f64::from(self.number(NAMED, &names, usual))));
                Optimiser::Lion { beta1, beta2, decay: self.number(NAMED, &["weight_decay"], 0.0) }
            }
            "adamw" => {
                let [beta1, beta2] = self.betas([0.9, 0.999]);
                let (epsilon, decay) = (self.number(3, &["eps"], 1e-8), self.number(4, &["weight_decay"], 1e-2));
                Optimiser::AdamW { beta1, beta2, epsilon, decay }
            }
            _ => {
                let [beta1, beta2] = self.betas([0.9, 0.999]);
                Optimiser::Adam { beta1, beta2, epsilon: self.number(3, &["eps"], 1e-8) }
            }
        }
    }

    /// With Keras's places and defaults.
    fn keras_rule(&self, rule: &str) -> Optimiser {
        let beta1 = |place, usual| self.number(place, &["beta_1", "beta1"], usual);
        let beta2 = |place, usual| self.number(place, &["beta_2", "beta2"], usual);
        match rule {
            "rmsprop" => Optimiser::RmsProp { alpha: self.number(1, &["rho"], 0.9), epsilon: self.number(NAMED, &["epsilon"], 1e-7) },
            "sgd" => Optimiser::Sgd { momentum: self.number(1, &["momentum"], 0.0) },
            "lion" => Optimiser::Lion { beta1: beta1(1, 0.9), beta2: beta2(2, 0.99), decay: self.number(NAMED, &["weight_decay"], 0.0) },
            "adamw" => Optimiser::AdamW {
                decay: self.number(1, &["weight_decay"], 0.004),
                beta1: beta1(2, 0.9),
                beta2: beta2(3, 0.999),
                epsilon: self.number(4, &["epsilon"], 1e-7),
            },
            _ => Optimiser::Adam { beta1: beta1(1, 0.9), beta2: beta2(2, 0.999), epsilon: self.number(3, &["epsilon"], 1e-7) },
        }
    }
}

fn learning_rate(value: Option<&Value>, usual: f64, note: &mut impl FnMut(&str, String)) -> f32 {
    let rate = match value {
        None | Some(Value::None) => usual,
        // A plan of rates begins with one.
        Some(Value::Made(plan)) => {
            note(plan.short(), "the learning rate stays what it is at the beginning".to_owned());
            plan.arguments.get(0, &["initial_learning_rate"]).and_then(Value::as_float).unwrap_or(usual)
        }
        Some(value) => value.as_float().unwrap_or_else(|| {
            note("learning rate", format!("it cannot be told; the library's default, {usual}, is taken"));
            usual
        }),
    };
    rate as f32
}
