//! Expressions, from the loosest operator to the tightest.

use std::rc::Rc;

use super::parser::{Parsed, Parser};
use super::token::TokenKind;
use super::tree::{Binary, Comparison, Constant, Expr, ExprKind, Function, Statement, StatementKind, Unary};

/// Binary operators by how tightly they bind, the loosest first.
const LEVELS: [&[(&str, Binary)]; 6] = [
    &[("|", Binary::Bits)],
    &[("^", Binary::Bits)],
    &[("&", Binary::Bits)],
    &[("<<", Binary::Left), (">>", Binary::Right)],
    &[("+", Binary::Add), ("-", Binary::Subtract)],
    &[("*", Binary::Multiply), ("/", Binary::Divide), ("//", Binary::Floor), ("%", Binary::Remainder), ("@", Binary::Matrix)],
];

const COMPARISONS: [(&str, Comparison); 7] = [
    ("==", Comparison::Equal),
    ("!=", Comparison::Different),
    ("<>", Comparison::Different),
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("<", Comparison::Less),
    (">", Comparison::More),
];

/// Words that no expression begins with.
const KEYWORDS: [&str; 27] = [
    "and", "as", "assert", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if",
    "import", "in", "is", "nonlocal", "or", "pass", "raise", "return", "try", "while", "with",
];

/// The deepest of several children.
pub fn deepest<'a>(children: impl IntoIterator<Item = &'a Expr>) -> usize {
    children.into_iter().map(|child| child.depth).max().unwrap_or(0)
}

impl Parser<'_> {
    /// One expression, or several with commas between as a tuple.
    pub fn expressions(&mut self) -> Parsed<Expr> {
        self.tuple_of(Self::starred)
    }

    /// What a loop gives names to: `a` or `a, (b, c)`.
    pub fn targets(&mut self) -> Parsed<Expr> {
        self.tuple_of(Self::target)
    }

    /// What a case is compared with. It ends before `if`, which begins a condition.
    pub fn pattern(&mut self) -> Parsed<Expr> {
        self.tuple_of(|parser| if parser.is_op("*") { parser.target() } else { parser.deeper(Self::either) })
    }

    fn tuple_of(&mut self, item: fn(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        let place = self.place();
        let first = item(self)?;
        if !self.is_op(",") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.op(",") {
            if matches!(self.kind(), TokenKind::Newline | TokenKind::End | TokenKind::Op("=" | ")" | "]" | "}" | ":")) || self.is_word("in")
            {
                break;
            }
            items.push(item(self)?);
        }
        let depth = deepest(&items);
        self.node(ExprKind::Tuple(items), place, depth)
    }

    /// What can be assigned to. It ends before `in`, which would otherwise be read as a comparison.
    pub fn target(&mut self) -> Parsed<Expr> {
        let place = self.place();
        if self.op("*") {
            let value = self.deeper(Self::target)?;
            let depth = value.depth;
            return self.node(ExprKind::Star(Box::new(value)), place, depth);
        }
        self.deeper(Self::primary)
    }

    /// An expression that may be taken apart: `*items`.
    pub fn starred(&mut self) -> Parsed<Expr> {
        let place = self.place();
        if self.op("*") {
            let value = self.expression()?;
            let depth = value.depth;
            return self.node(ExprKind::Star(Box::new(value)), place, depth);
        }
        self.named_expression()
    }

    /// An expression that may get a name: `name := value`.
    pub fn named_expression(&mut self) -> Parsed<Expr> {
        let place = self.place();
        let expression = self.expression()?;
        if let ExprKind::Name(name) = &expression.kind
            && self.op(":=")
        {
            let (name, value) = (name.clone(), self.expression()?);
            let depth = value.depth;
            return self.node(ExprKind::Named(name, Box::new(value)), place, depth);
        }
        Ok(expression)
    }

    /// One expression.
    pub fn expression(&mut self) -> Parsed<Expr> {
        self.deeper(|parser| {
            let place = parser.place();
            if parser.word("lambda") {
                return parser.lambda(place);
            }
            if parser.is_word("yield") || parser.is_word("await") {
                return parser.suspended(place);
            }
            let then = parser.either()?;
            if !parser.word("if") {
                return Ok(then);
            }
            let test = parser.either()?;
            parser.want_word("else")?;
            let otherwise = parser.expression()?;
            let depth = deepest([&then, &test, &otherwise]);
            let kind = ExprKind::If { test: Box::new(test), then: Box::new(then), otherwise: Box::new(otherwise) };
            parser.node(kind, place, depth)
        })
    }

    /// `await value` is the value.
    fn suspended(&mut self, place: (usize, usize)) -> Parsed<Expr> {
        let waits = self.word("await");
        if waits {
            return self.expression();
        }
        self.take();
        let from = self.word("from");
        if matches!(self.kind(), TokenKind::Newline | TokenKind::End | TokenKind::Op(")")) {
            return self.node(ExprKind::Constant(Constant::None), place, 0);
        }
        let value = self.expressions()?;
        let depth = value.depth;
        self.node(ExprKind::Yield(Box::new(value), from), place, depth)
    }

    fn lambda(&mut self, place: (usize, usize)) -> Parsed<Expr> {
        let parameters = self.parameters(":")?;
        self.want(":")?;
        let value = self.expression()?;
        let (line, depth) = (place.0, value.depth);
        let body = vec![Statement { kind: StatementKind::Return(Some(value)), line }];
        let function = Function { name: "lambda".to_owned(), parameters, body, decorators: Vec::new(), line };
        self.node(ExprKind::Lambda(Rc::new(function)), place, depth)
    }

    pub fn either(&mut self) -> Parsed<Expr> {
        let place = self.place();
        let first = self.both()?;
        if !self.is_word("or") {
            return Ok(first);
        }
        let mut values = vec![first];
        while self.word("or") {
            values.push(self.both()?);
        }
        let depth = deepest(&values);
        self.node(ExprKind::Or(values), place, depth)
    }

    fn both(&mut self) -> Parsed<Expr> {
        let place = self.place();
        let first = self.negation()?;
        if !self.is_word("and") {
            return Ok(first);
        }
        let mut values = vec![first];
        while self.word("and") {
            values.push(self.negation()?);
        }
        let depth = deepest(&values);
        self.node(ExprKind::And(values), place, depth)
    }

    fn negation(&mut self) -> Parsed<Expr> {
        let place = self.place();
        if !self.word("not") {
            return self.comparison();
        }
        let value = self.deeper(Self::negation)?;
        let depth = value.depth;
        self.node(ExprKind::Unary(Unary::Not, Box::new(value)), place, depth)
    }

    fn comparison(&mut self) -> Parsed<Expr> {
        let place = self.place();
        let first = self.level(0)?;
        let mut rest = Vec::new();
        while let Some(comparison) = self.comparison_sign() {
            rest.push((comparison, self.level(0)?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        let depth = deepest(rest.iter().map(|(_, value)| value)).max(first.depth);
        self.node(ExprKind::Compare(Box::new(first), rest), place, depth)
    }

    fn comparison_sign(&mut self) -> Option<Comparison> {
        match self.kind() {
            TokenKind::Op(sign) => {
                let found = COMPARISONS.iter().find(|(text, _)| text == sign)?;
                self.take();
                Some(found.1)
            }
            TokenKind::Name(word) if word == "in" => {
                self.take();
                Some(Comparison::In)
            }
            TokenKind::Name(word) if word == "not" && *self.second() == TokenKind::Name("in".to_owned()) => {
                self.take();
                self.take();
                Some(Comparison::NotIn)
            }
            TokenKind::Name(word) if word == "is" => {
                self.take();
                Some(if self.word("not") { Comparison::Different } else { Comparison::Equal })
            }
            _ => None,
        }
    }

    fn level(&mut self, level: usize) -> Parsed<Expr> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let place = self.place();
        let mut left = self.level(level + 1)?;
        while let TokenKind::Op(sign) = self.kind()
            && let Some(&(_, operator)) = operators.iter().find(|(text, _)| text == sign)
        {
            self.take();
            let right = self.level(level + 1)?;
            let depth = left.depth.max(right.depth);
            left = self.node(ExprKind::Binary(operator, Box::new(left), Box::new(right)), place, depth)?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let place = self.place();
        for (sign, operator) in [("-", Unary::Minus), ("+", Unary::Plus), ("~", Unary::Invert)] {
            if self.op(sign) {
                let value = self.deeper(Self::unary)?;
                let depth = value.depth;
                return self.node(ExprKind::Unary(operator, Box::new(value)), place, depth);
            }
        }
        self.power()
    }

    fn power(&mut self) -> Parsed<Expr> {
        let place = self.place();
        self.word("await");
        let base = self.primary()?;
        if !self.op("**") {
            return Ok(base);
        }
        let exponent = self.deeper(Self::unary)?;
        let depth = base.depth.max(exponent.depth);
        self.node(ExprKind::Binary(Binary::Power, Box::new(base), Box::new(exponent)), place, depth)
    }

    /// A value with what hangs on it: attributes, indices, calls.
    fn primary(&mut self) -> Parsed<Expr> {
        let place = self.place();
        let mut value = self.atom()?;
        loop {
            value = match self.kind() {
                TokenKind::Op(".") => {
                    self.take();
                    let (name, depth) = (self.name()?, value.depth);
                    self.node(ExprKind::Attribute(Box::new(value), name), place, depth)?
                }
                TokenKind::Op("(") => {
                    self.take();
                    let arguments = self.deeper(Self::arguments)?;
                    let depth = deepest(arguments.iter().map(|argument| &argument.value)).max(value.depth);
                    self.node(ExprKind::Call { callee: Box::new(value), arguments }, place, depth)?
                }
                TokenKind::Op("[") => {
                    self.take();
                    let index = self.deeper(Self::subscript)?;
                    let depth = index.depth.max(value.depth);
                    self.node(ExprKind::Index(Box::new(value), Box::new(index)), place, depth)?
                }
                _ => return Ok(value),
            };
        }
    }

    fn atom(&mut self) -> Parsed<Expr> {
        let place = self.place();
        let constant = match self.kind() {
            TokenKind::Name(word) => return self.word_atom(word, place),
            TokenKind::Int(value) => Constant::Int(*value),
            TokenKind::Float(value) => Constant::Float(*value),
            TokenKind::Text(_) | TokenKind::Format(_) => return self.strings(),
            TokenKind::Op("...") => Constant::Ellipsis,
            TokenKind::Op("(") => return self.deeper(Self::parenthesised),
            TokenKind::Op("[") => return self.deeper(Self::list),
            TokenKind::Op("{") => return self.deeper(Self::braces),
            _ => return Err(self.stuck("a value is missing")),
        };
        self.take();
        self.node(ExprKind::Constant(constant), place, 0)
    }

    fn word_atom(&mut self, word: &str, place: (usize, usize)) -> Parsed<Expr> {
        let kind = match word {
            "None" => ExprKind::Constant(Constant::None),
            "True" => ExprKind::Constant(Constant::Bool(true)),
            "False" => ExprKind::Constant(Constant::Bool(false)),
            _ if KEYWORDS.contains(&word) => return Err(self.stuck("a value is missing")),
            _ => ExprKind::Name(word.to_owned()),
        };
        self.take();
        self.node(kind, place, 0)
    }
}
