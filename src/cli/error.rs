//! What went wrong, in one sentence.

use crate::code::state::StateError;
use crate::data::DataError;
use crate::device::DeviceError;
use crate::export::ExportError;
use crate::latent::GeneratorError;
use crate::measure::JudgeError;
use crate::project::FileError;
use crate::spec::EditError;
use crate::train::{SessionError, TrainerError};

/// A command that could not be carried out.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The command line makes no sense.
    #[error("{0}")]
    Usage(String),
    /// It makes sense, but something failed.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    /// What the program ends with; clap's own complaints about the command line end with 2 as well.
    pub(super) const fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
        }
    }

    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }
}

macro_rules! from_sentence {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::Failed(error.to_string())
            }
        })*
    };
}

// Each of them is a sentence for people already.
from_sentence!(
    DataError,
    DeviceError,
    EditError,
    ExportError,
    FileError,
    GeneratorError,
    JudgeError,
    SessionError,
    StateError,
    TrainerError
);
