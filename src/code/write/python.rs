//! Pieces of Python: numbers, pairs and calls as a person writes them.

use crate::spec::{Builtin, Colour, Fit, Project, Size, Source, Stop};

/// The shortest text that is this number.
pub fn number(value: f32) -> String {
    // Debug has an exponent where the number is small, and a point where it is whole, which is what Python writes, too.
    format!("{value:?}")
}

/// Rows and columns: one number where they are equal.
pub fn pair(size: Size) -> String {
    if size.height == size.width { size.height.to_string() } else { format!("({}, {})", size.height, size.width) }
}

/// `True` or `False`.
pub fn flag(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// A call, argument by argument.
#[derive(Clone, Debug)]
pub struct Call {
    name: &'static str,
    arguments: Vec<String>,
}

impl Call {
    /// A call without arguments.
    pub fn new(name: &'static str) -> Self {
        Self { name, arguments: Vec::new() }
    }

    /// An argument at its place.
    pub fn arg(mut self, value: impl ToString) -> Self {
        self.arguments.push(value.to_string());
        self
    }

    /// An argument with its name.
    pub fn named(self, name: &str, value: impl std::fmt::Display) -> Self {
        self.arg(format!("{name}={value}"))
    }

    /// The same where it is not what the library takes by itself.
    pub fn unless<T: PartialEq>(self, usual: &T, name: &str, value: &T, text: impl std::fmt::Display) -> Self {
        if usual == value { self } else { self.named(name, text) }
    }

    /// A pair that is usually one.
    pub fn size(self, name: &str, value: Size) -> Self {
        self.unless(&Size::square(1), name, &value, pair(value))
    }

    /// The text.
    pub fn end(self) -> String {
        format!("{}({})", self.name, self.arguments.join(", "))
    }
}

/// Replaces every `{{name}}` of a text by its value.
pub fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut text = template.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{{{{name}}}}}"), value);
    }
    text
}

/// Source, with a line for each of a list, indented by so many spaces.
pub fn lines(indent: usize, lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().map(|line| format!("{:indent$}{line},\n", "")).collect()
}

/// The functions that bring real samples: 2-D points drawn, or pictures read.
pub fn data(project: &Project) -> String {
    match &project.data.source {
        Source::Builtin(builtin) if builtin.is_points() => points(*builtin).to_owned(),
        _ => pictures(project),
    }
}

fn points(builtin: Builtin) -> &'static str {
    match builtin {
        Builtin::Grid25 => include_str!("data/grid25.py"),
        Builtin::Spiral => include_str!("data/spiral.py"),
        Builtin::Moons => include_str!("data/moons.py"),
        _ => include_str!("data/ring8.py"),
    }
}

fn pictures(project: &Project) -> String {
    let image = project.data.image;
    let mode = if image.colour == Colour::Grey { "L" } else { "RGB" };
    let fit = if image.fit == Fit::Crop { "fit" } else { "pad" };
    let what = if image.fit == Fit::Crop { "the largest part from its middle" } else { "whole, with black bars" };
    let values = [("mode", mode.to_owned()), ("fit", fit.to_owned()), ("what", what.to_owned())];
    fill(include_str!("data/pictures.py"), &values)
}

/// What stands at the top of every script: what it is and how it is run.
pub fn heading(project: &Project, library: &str, weights: &str) -> String {
    let name = one_line(&project.name);
    let is_points = project.data.is_points();
    let (data, what) =
        if is_points { ("", "points drawn in code") } else { ("DATA ", "a folder of pictures, or an IDX file such as MNIST's") };
    let loaded = format!("{data}--weights {weights}");
    let left = 12 + loaded.len();
    format!(
        "\"\"\"{name}: a generative adversarial network in {library}, written by Ganvas.\n\n    \
         python gan.py {:pad$}trains on {what}\n    \
         python gan.py {loaded}  goes on from trained weights; with --steps 0 it only writes samples\n\"\"\"\n",
        data,
        pad = left - 10,
    )
}

/// A text that cannot end a string or a comment.
pub fn one_line(text: &str) -> String {
    let kept: String = text.chars().filter(|letter| !letter.is_control() && !matches!(letter, '"' | '\\')).collect();
    if kept.trim().is_empty() { "GAN".to_owned() } else { kept.trim().to_owned() }
}

/// How long the script trains unless told otherwise: `STEPS` or `EPOCHS`, and how many.
pub fn stop(project: &Project) -> (&'static str, u64) {
    match project.train.stop {
        Stop::Never => ("TRAIN_STEPS", 10_000),
        Stop::Steps(steps) => ("TRAIN_STEPS", steps),
        Stop::Epochs(epochs) => ("EPOCHS", epochs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_python_writes_them() {
        let texts = [0.2, 1e-8, 1e-5, 0.999, 0.0002, 2.0].map(number);
        assert_eq!(texts, ["0.2", "1e-8", "1e-5", "0.999", "0.0002", "2.0"]);
        assert_eq!(pair(Size { height: 2, width: 3 }), "(2, 3)");
    }

    #[test]
    fn names_cannot_end_the_text_they_stand_in() {
        assert_eq!(one_line("a\"\"\"\nimport os\\"), "aimport os");
        assert_eq!(one_line("\"\n"), "GAN");
    }
}
