//! How weights start, in the words of both libraries.

use crate::code::eval::Value;
use crate::spec::Init;

/// The nearest start there is, and a remark where it is another one.
pub fn init(value: &Value, default: Init) -> (Init, Option<String>) {
    let (name, numbers) = match value {
        Value::Text(name) => (name.to_lowercase(), Vec::new()),
        Value::Library(name) => (crate::code::eval::last_part(name).to_lowercase(), Vec::new()),
        Value::Made(made) => {
            let deviation = made.arguments.get(1, &["stddev", "std"]).cloned();
            (made.short().to_lowercase(), [Value::Float(0.0)].into_iter().chain(deviation).collect())
        }
        // What was set from outside: its kind, and numbers.
        Value::Tuple(parts) => match parts.split_first() {
            Some((Value::Text(kind), numbers)) => (kind.to_lowercase(), numbers.to_vec()),
            _ => return (default, Some("how they start is not known here; the library's default is used".to_owned())),
        },
        _ => return (default, Some("how they start is not known here; the library's default is used".to_owned())),
    };
    let name: String = name.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let name = name.trim_end_matches("initializer");
    let near = |init: Init, text: &str| (init, Some(format!("{text}; {} is the nearest there is", init.name())));
    match name {
        "randomnormal" | "normal" | "truncatednormal" | "truncnormal" => {
            // Both libraries' own defaults, where no deviation is given.
            let from_outside = matches!(value, Value::Tuple(_));
            let deviation = numbers.get(1).and_then(Value::as_float).unwrap_or(if from_outside { 1.0 } else { 0.05 });
            if name.contains("trunc") {
                near(Init::Dcgan, &format!("N(0, {deviation}), cut off at two deviations"))
            } else if (deviation - 0.02).abs() < 1e-6 {
                (Init::Dcgan, None)
            } else {
                near(Init::Dcgan, &format!("N(0, {deviation})"))
            }
        }
        "glorotuniform" | "xavieruniform" => (Init::Glorot, None),
        "glorotnormal" | "xaviernormal" => near(Init::Glorot, "Glorot's normal distribution"),
        "henormal" | "kaimingnormal" => (Init::He, None),
        "heuniform" | "kaiminguniform" => near(Init::He, "He's uniform distribution"),
        "orthogonal" => (Init::Orthogonal, None),
        "zeros" | "zero" => (Init::Zeros, None),
        _ => (default, Some(format!("{name} is not offered; the library's default is used"))),
    }
}
