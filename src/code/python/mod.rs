//! The part of Python that scripts of networks are written in: tokens, a tree, and places.
//!
//! Nothing here knows of networks. What does not parse is kept in the tree with its line and the reason, and reading goes on after it.

mod expression;
mod parser;
mod pieces;
mod statement;
mod text;
mod token;
mod tree;

pub use parser::{parse, shorten};
pub use tree::{
    Argument, Binary, Block, Case, Class, Clause, Collected, Comparison, Constant, Expr, ExprKind, Function, ParameterKind, Statement,
    StatementKind, Unary, Unpack,
};
