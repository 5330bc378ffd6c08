//! So that nothing is lost: states to go back to, what is done about a run that breaks, and saving by itself.

mod autosave;
mod recovery;
mod ring;

pub use autosave::{Autosave, SaveTarget};
pub(super) use autosave::{Job, Report, Writer};
pub use recovery::Recovery;
pub(super) use ring::Ring;
pub use ring::{States, states_for_file};
