//! Small widgets that more than one panel uses.

pub mod button;
pub mod number;
