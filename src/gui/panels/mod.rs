//! What stands around the picture in the middle.

pub mod right;
pub mod stacks;
pub mod status;
pub mod top;
