//! The tree of a script. Every node knows its line, and expressions their text.

use std::rc::Rc;

/// Statements in order.
pub type Block = Vec<Statement>;

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// The line it begins on, counted from 1.
    pub line: usize,
}

/// What a statement is.
#[derive(Clone, Debug)]
pub enum StatementKind {
    /// An expression for its effect.
    Expression(Expr),
    /// `a = b = value`, also with a type behind the name.
    Assign(Assignment),
    /// `target += value`.
    Augment { target: Expr, operator: Binary, value: Expr },
    /// A function.
    Function(Rc<Function>),
    /// A class.
    Class(Rc<Class>),
    /// `if` and all `elif`, then `else`.
    If { branches: Vec<(Expr, Block)>, otherwise: Block },
    /// `for target in items`.
    For { target: Expr, items: Expr, body: Block, otherwise: Block },
    /// `while test`.
    While { test: Expr, body: Block },
    /// `match subject`, with its cases in order.
    Match { subject: Expr, cases: Vec<Case> },
    /// `with items as names`.
    With { items: Vec<(Expr, Option<Expr>)>, body: Block },
    /// `try`; what catches errors is left out, since nothing fails here.
    Try { body: Block, otherwise: Block, last: Block },
    /// `import a.b as c`: dotted names and the names they get.
    Import(Vec<(String, Option<String>)>),
    /// `from module import name as other`; a star imports everything.
    From { module: String, names: Vec<(String, Option<String>)> },
    /// `return value`.
    Return(Option<Expr>),
    /// `raise`, which ends what it stands in.
    Raise,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `name: type`, which says only that there is such a name.
    Declare(String),
    /// `pass`, `global`, `del`, `assert` and the like, which change nothing here.
    Nothing,
    /// What did not parse: its first line, and why.
    Broken { source: String, why: String },
}

/// `case pattern if guard`.
#[derive(Clone, Debug)]
pub struct Case {
    /// What the subject has to look like: a value, a name that takes it, `a | b`, or several in brackets.
    pub pattern: Expr,
    /// What has to hold as well.
    pub guard: Option<Expr>,
    /// What is done then.
    pub body: Block,
}

/// The targets of an assignment and what they get.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// From left to right.
    pub targets: Vec<Expr>,
    /// The value.
    pub value: Expr,
}

/// `def` or `lambda`.
#[derive(Debug)]
pub struct Function {
    /// Its name; `lambda` for one without.
    pub name: String,
    /// In order.
    pub parameters: Vec<Parameter>,
    /// What it does.
    pub body: Block,
    /// The names of its decorators, without arguments: `staticmethod`, `tf.function`.
    pub decorators: Vec<String>,
    /// The line of its `def`.
    pub line: usize,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it is where a call does not say.
    pub default: Option<Expr>,
    /// How it takes arguments.
    pub kind: ParameterKind,
}

/// How a parameter takes arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// By its place or its name.
    Plain,
    /// By its name alone.
    Named,
    /// `*args`.
    Rest,
    /// `**kwargs`.
    NamedRest,
}

/// A class.
#[derive(Debug)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// What it extends.
    pub bases: Vec<Expr>,
    /// What stands in it.
    pub body: Block,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The line it begins on, counted from 1.
    pub line: usize,
    /// Its first byte and the byte behind its last.
    pub span: (usize, usize),
    /// The most steps from here down to a leaf. Bounded by the parser, so that walks over the tree may recurse.
    pub depth: usize,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A name.
    Name(String),
    /// A value that stands there.
    Constant(Constant),
    /// A string with expressions in it; the pieces are joined.
    Format(Vec<Expr>),
    /// `a, b`.
    Tuple(Vec<Expr>),
    /// `[a, b]`, also `{a, b}`.
    List(Vec<Expr>),
    /// `{key: value}`; without a key it is `**value`.
    Dict(Vec<(Option<Expr>, Expr)>),
    /// `item for name in items`.
    Comprehension { collected: Collected, item: Box<Expr>, value: Option<Box<Expr>>, clauses: Vec<Clause> },
    /// `value.name`.
    Attribute(Box<Expr>, String),
    /// `value[index]`.
    Index(Box<Expr>, Box<Expr>),
    /// `start:stop:step` within an index.
    Slice(Option<Box<Expr>>, Option<Box<Expr>>, Option<Box<Expr>>),
    /// `callee(arguments)`.
    Call { callee: Box<Expr>, arguments: Vec<Argument> },
    /// `-value`.
    Unary(Unary, Box<Expr>),
    /// `left + right`.
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// `first < second < third`.
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    /// `a and b`.
    And(Vec<Expr>),
    /// `a or b`.
    Or(Vec<Expr>),
    /// `then if test else otherwise`.
    If { test: Box<Expr>, then: Box<Expr>, otherwise: Box<Expr> },
    /// `lambda x: value`.
    Lambda(Rc<Function>),
    /// `*value`.
    Star(Box<Expr>),
    /// `name := value`.
    Named(String, Box<Expr>),
    /// `yield value`; `true` where all items of the value are given: `yield from`.
    Yield(Box<Expr>, bool),
    /// What did not parse within brackets, and why.
    Broken(String),
}

/// A value that stands in the text.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(String),
    /// `...`.
    Ellipsis,
}

/// What a comprehension makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collected {
    /// A list, a set, or a generator, which is read as a list.
    List,
    /// A dictionary.
    Dict,
}

/// `for target in items if conditions`.
#[derive(Clone, Debug)]
pub struct Clause {
    /// What each item is called.
    pub target: Expr,
    /// What it comes from.
    pub items: Expr,
    /// Which are taken.
    pub conditions: Vec<Expr>,
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Is it taken apart?
    pub unpack: Unpack,
    /// The value.
    pub value: Expr,
}

/// How an argument is taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpack {
    /// It is one argument.
    No,
    /// `*list`.
    List,
    /// `**dictionary`.
    Dict,
}

/// An operator before a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unary {
    /// `-`.
    Minus,
    /// `+`.
    Plus,
    /// `not`.
    Not,
    /// `~`.
    Invert,
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `//`.
    Floor,
    /// `%`.
    Remainder,
    /// `**`.
    Power,
    /// `@`.
    Matrix,
    /// `<<`.
    Left,
    /// `>>`.
    Right,
    /// `&`, `|` and `^`.
    Bits,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==` or `is`.
    Equal,
    /// `!=` or `is not`.
    Different,
    /// `<`.
    Less,
    /// `<=`.
    AtMost,
    /// `>`.
    More,
    /// `>=`.
    AtLeast,
    /// `in`.
    In,
    /// `not in`.
    NotIn,
}
