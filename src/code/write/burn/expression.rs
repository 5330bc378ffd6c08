//! Expressions of Rust, laid out as rustfmt does with its own settings.

/// How wide a line may be.
const WIDTH: usize = 100;
/// How wide a chain of calls on one line, and all arguments of a call.
const NARROW: usize = 60;

/// What makes a field of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// `Conv2dConfig::new([3, 8], [4, 4]).with_stride([2, 2]).init(device)`.
    Chain {
        /// What the calls begin with.
        root: String,
        /// Each with its point: `.init(device)`.
        calls: Vec<String>,
    },
    /// A function of one value.
    Call {
        /// The function.
        name: &'static str,
        /// The value.
        argument: Box<Expression>,
    },
    /// A struct with one field replaced.
    Update {
        /// The struct.
        name: &'static str,
        /// `bias: None`.
        field: String,
        /// The rest of it.
        rest: Box<Expression>,
    },
}

impl Expression {
    /// A chain without calls yet.
    pub fn new(root: impl Into<String>) -> Self {
        Self::Chain { root: root.into(), calls: Vec::new() }
    }

    /// One more call behind a chain.
    pub fn call(mut self, name: &str, arguments: impl std::fmt::Display) -> Self {
        if let Self::Chain { calls, .. } = &mut self {
            calls.push(format!(".{name}({arguments})"));
        }
        self
    }

    /// The same where it is not what the library takes by itself.
    pub fn unless<T: PartialEq>(self, usual: &T, value: &T, name: &str, arguments: impl std::fmt::Display) -> Self {
        if usual == value { self } else { self.call(name, arguments) }
    }

    /// The function of this.
    pub fn within(self, name: &'static str) -> Self {
        Self::Call { name, argument: Box::new(self) }
    }

    /// The text; its first line begins behind `before` letters of a line that is indented by so many spaces.
    pub fn laid_out(&self, indent: usize, before: usize) -> String {
        if let Some(line) = self.on_one_line(indent + before) {
            return line;
        }
        let inner = " ".repeat(indent + 4);
        match self {
            Self::Chain { root, calls } => {
                let calls: String = calls.iter().map(|call| format!("\n{inner}{call}")).collect();
                root.clone() + &calls
            }
            // A struct stays beside the bracket; a chain gets lines of its own.
            Self::Call { name, argument } if matches!(**argument, Self::Update { .. }) => {
                format!("{name}({})", argument.laid_out(indent, before + name.len() + 1))
            }
            Self::Call { name, argument } => {
                format!("{name}(\n{inner}{},\n{:indent$})", argument.laid_out(indent + 4, 0), "")
            }
            Self::Update { name, field, rest } => {
                format!("{name} {{\n{inner}{field},\n{inner}..{}\n{:indent$}}}", rest.laid_out(indent + 4, 2), "")
            }
        }
    }

    /// The text on one line that begins at a column, where rustfmt leaves it there.
    fn on_one_line(&self, column: usize) -> Option<String> {
        match self {
            Self::Chain { root, calls } => {
                let line = root.clone() + &calls.concat();
                let limit = if calls.len() > 1 { NARROW } else { WIDTH };
                // A comma follows.
                (line.len() <= limit && column + line.len() < WIDTH).then_some(line)
            }
            Self::Call { name, argument } => {
                let inner = argument.on_one_line(column + name.len() + 1)?;
                (inner.len() <= NARROW && column + name.len() + inner.len() + 2 < WIDTH).then(|| format!("{name}({inner})"))
            }
            Self::Update { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conv() -> Expression {
        Expression::new("Conv2dConfig::new([3, 64], [4, 4])")
    }

    #[test]
    fn a_chain_is_broken_where_it_is_wider_than_sixty() {
        let short = conv().call("init", "device");
        assert_eq!(short.laid_out(12, 7), "Conv2dConfig::new([3, 64], [4, 4]).init(device)");
        let long = conv().call("with_stride", "[2, 2]").call("init", "device");
        let wanted = "Conv2dConfig::new([3, 64], [4, 4])\n                .with_stride([2, 2])\n                .init(device)";
        assert_eq!(long.laid_out(12, 7), wanted);
    }

    #[test]
    fn a_struct_stays_beside_the_bracket_of_a_call() {
        let rest = Box::new(conv().call("init", "device"));
        let update = Expression::Update { name: "Conv2d", field: "bias: None".to_owned(), rest };
        let wanted = "Spectral::new(Conv2d {\n    bias: None,\n    ..Conv2dConfig::new([3, 64], [4, 4]).init(device)\n})";
        assert_eq!(update.within("Spectral::new").laid_out(0, 0), wanted);
    }
}
