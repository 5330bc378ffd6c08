//! Follows a script without running it: values as far as they can be told, networks as paths of layers, and for the rest a reason.
//!
//! What a script says is followed in its order, with functions, classes, loops and conditions. Every step costs fuel and every level
//! has a limit, so that each script comes to an end. Nothing is ever executed, loaded or fetched.

mod arithmetic;
mod attribute;
mod builtins;
mod call;
mod cases;
mod expression;
mod fuel;
mod initialise;
mod known;
mod library;
mod machine;
mod members;
mod modules;
mod operate;
mod run;
mod statement;
mod tensors;
mod value;

pub use call::{first_tensor, is_module};
pub use machine::{Computed, Machine, Note, Site};
pub use modules::identity;
pub use value::{Arguments, Made, Names, Network, NetworkKind, Object, Step, Value, last_part};
