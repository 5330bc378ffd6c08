//! Which devices there are, and how one is opened.

use std::fmt;
use std::str::FromStr;

/// What a person asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// A real GPU where there is one, else the CPU; never a software adapter.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The best adapter there is, a software one with a word of warning.
    Gpu,
    /// The one with this name, or whose name has this in it.
    Named(String),
}

impl FromStr for DeviceChoice {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.to_lowercase().as_str() {
            "auto" => Self::Auto,
            "cpu" => Self::Cpu,
            "gpu" => Self::Gpu,
            _ => Self::Named(text.to_owned()),
        })
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => write!(f, "auto"),
            Self::Cpu => write!(f, "cpu"),
            Self::Gpu => write!(f, "gpu"),
            Self::Named(name) => write!(f, "{name}"),
        }
    }
}

/// The CPU, always there.
pub fn cpu() -> burn::tensor::Device {
    burn::tensor::Device::flex()
}
